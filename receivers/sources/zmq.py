"""ZeroMQ SUB: what DragonSync, droneid-go and DroneID publish (``tcp://host:4224``), each part of JSON a message.

At most once: a publisher keeps nothing and there is no acknowledgement. What is published while nobody listens is gone,
and so is what was received and not yet committed when the service is killed. Use MQTT where that matters.

libzmq connects again by itself (its own pauses, up to ``LONGEST_PAUSE_MS``) and drops the newest in silence beyond its
high-water mark. So the socket is always read, and what the service cannot take yet waits here: bounded in number and
bytes, the oldest is dropped first, and every drop is counted. Encryption and passwords (CURVE) are left out: subscribe
only over a network where everybody may be believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.text import safe_text

HIGH_WATER_MESSAGES: Final = 10_000
MAX_WAITING_BYTES: Final = 1 << 26
MAX_MESSAGES: Final = 4096  # in one delivery
FIRST_PAUSE_MS: Final = 500
LONGEST_PAUSE_MS: Final = 30_000
HEARTBEAT_MS: Final = 10_000  # asked of the publisher; three missed ones end a dead link
PROBE_TIMEOUT_S: Final = 5.0
_MISSING: Final = "a ZeroMQ source needs pyzmq: pip install 'airspace-monitor[zmq]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZmqSettings:
    """Which publisher, and what of it. ``sensor`` names it where its messages do not."""

    endpoint: str
    name: str | None = None  # else the endpoint
    prefixes: tuple[str, ...] = ("",)  # of the topics; the empty one is everything
    sensor: str | None = None
    high_water_messages: int = HIGH_WATER_MESSAGES


@dataclass(frozen=True, slots=True)
class ZmqDelivery:
    """What waited."""

    messages: Sequence[RawMessage]

    async def acknowledge(self) -> None:
        """A publisher does not hear it."""


class _Waiting:
    """Messages that wait, the oldest dropped beyond the bounds, and a bell."""

    def __init__(self, most: int, counters: Counter[str]) -> None:
        self._messages: deque[RawMessage] = deque()
        self._bytes = 0
        self._most = most
        self._counters = counters
        self.bell = asyncio.Event()

    def put(self, message: RawMessage) -> None:
        self._messages.append(message)
        self._bytes += len(message.payload)
        while len(self._messages) > self._most or self._bytes > MAX_WAITING_BYTES:
            self._take()
            self._counters["dropped"] += 1
        self.bell.set()

    def taken(self) -> list[RawMessage]:
        found = [self._take() for _ in range(min(MAX_MESSAGES, len(self._messages)))]
        if not self._messages:
            self.bell.clear()
        return found

    def _take(self) -> RawMessage:
        message = self._messages.popleft()
        self._bytes -= len(message.payload)
        return message


class ZmqSource:
    """A publisher as a live source. ``counters`` has received, dropped, too_large, connects and lost.

    RuntimeError without pyzmq; ValueError for an endpoint that it does not know.
    """

    def __init__(self, settings: ZmqSettings, *, clock: Callable[[], float]) -> None:
        self._zmq = load()
        check_endpoint(self._zmq, settings.endpoint)
        self._settings = settings
        self._clock = clock
        self._counters: Counter[str] = Counter()
        self.fault: str | None = "not connected yet"  # why there is no connection just now, for health pages

    @property
    def name(self) -> str:
        """``zmq:`` and its name, or the endpoint."""
        return f"zmq:{self._settings.name or self._settings.endpoint}"

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[ZmqDelivery, None]:
        """What arrives, until cancelled."""
        waiting = _Waiting(self._settings.high_water_messages, self._counters)
        context = self._zmq.asyncio.Context()
        socket = subscriber(self._zmq, context, self._settings)
        monitor = socket.get_monitor_socket()
        beside = [asyncio.create_task(self._read(socket, waiting)), asyncio.create_task(self._watch(monitor))]
        try:
            socket.connect(self._settings.endpoint)
            while True:
                await waiting.bell.wait()
                yield ZmqDelivery(waiting.taken())
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            socket.disable_monitor()
            context.destroy(linger=0)

    async def _read(self, socket: Any, waiting: _Waiting) -> None:
        while True:
            topic, payload = parts_of(await socket.recv_multipart())
            self.fault = None  # the monitor may tell of the connection later than it brings something
            if len(payload) > MAX_PAYLOAD_BYTES:
                self._counters["too_large"] += 1
                continue
            self._counters["received"] += 1
            place = safe_text(topic.decode("utf-8", "replace")) or self._settings.endpoint
            sensor = self._settings.sensor
            waiting.put(RawMessage(payload=payload, received_s=self._clock(), sensor=sensor, place=place))

    async def _watch(self, monitor: Any) -> None:
        """What libzmq says of the connection."""
        utils = importlib.import_module("zmq.utils.monitor")
        while True:
            event = (await utils.recv_monitor_message(monitor))["event"]
            if event == self._zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.fault = None
                self._counters["connects"] += 1
            elif event == self._zmq.EVENT_DISCONNECTED:
                self.fault = f"the connection to {self._settings.endpoint} was lost"
                self._counters["lost"] += 1
            elif event == self._zmq.EVENT_CONNECT_RETRIED and self.fault is not None:
                self.fault = f"no publisher answers at {self._settings.endpoint}"


async def probe(settings: ZmqSettings) -> str | None:
    """Is a publisher there? None, or what is wrong. A subscriber takes nothing away from another."""
    source = ZmqSource(settings, clock=lambda: 0.0)
    deliveries = source.deliveries()
    first = asyncio.ensure_future(anext(deliveries))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            while source.fault is not None and not first.done():  # noqa: ASYNC110 -- libzmq's thread tells it in its own time
                await asyncio.sleep(0.02)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await deliveries.aclose()
    return source.fault


def load() -> Any:
    """The library, which is an extra."""
    try:
        zmq = importlib.import_module("zmq")
        importlib.import_module("zmq.asyncio")
    except ModuleNotFoundError as error:
        raise RuntimeError(_MISSING) from error
    return zmq


def check_endpoint(zmq: Any, endpoint: str) -> None:
    """ValueError for what libzmq would not connect to."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.linger = 0
        try:
            socket.connect(endpoint)
        except zmq.ZMQError as error:
            raise ValueError(f"endpoint {endpoint!r}: {error.strerror}") from error


def subscriber(zmq: Any, context: Any, settings: ZmqSettings) -> Any:
    """A SUB socket with everything set but its connection."""
    socket = context.socket(zmq.SUB)
    options = {
        zmq.LINGER: 0,
        zmq.RCVHWM: settings.high_water_messages,
        zmq.MAXMSGSIZE: 2 * MAX_PAYLOAD_BYTES,  # beyond it libzmq ends the connection
        zmq.RECONNECT_IVL: FIRST_PAUSE_MS,
        zmq.RECONNECT_IVL_MAX: LONGEST_PAUSE_MS,
        zmq.HEARTBEAT_IVL: HEARTBEAT_MS,
        zmq.HEARTBEAT_TIMEOUT: 3 * HEARTBEAT_MS,
    }
    for option, value in options.items():
        socket.setsockopt(option, value)
    for prefix in settings.prefixes:
        socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
    return socket


def parts_of(frames: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Topic and payload: the last frame is the payload; in a single one the topic may stand before the JSON."""
    if len(frames) > 1:
        return frames[0], frames[-1]
    (only,) = frames
    starts = [at for at in (only.find(b"{"), only.find(b"[")) if at > 0]
    at = min(starts, default=0)
    head = only[:at]
    return (head.strip(), only[at:]) if at and head.strip().isascii() and head.endswith(b" ") else (b"", only)
