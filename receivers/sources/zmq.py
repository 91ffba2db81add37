"""ZeroMQ SUB: what DragonSync, droneid-go and DroneID publish (``tcp://host:4224``), each part of JSON a message.

At most once: a publisher keeps nothing and there is no acknowledgement. What is published while nobody listens is gone,
and so is what was received and not yet committed when the service is killed. Use MQTT where that matters.

libzmq connects again by itself (its own pauses, up to ``LONGEST_PAUSE_MS``) and drops the newest in silence beyond its
high-water mark. So the socket is always read, and what the service cannot take yet waits here: bounded in number and
bytes, the oldest is dropped first, and every drop is counted.

With CURVE both sides prove themselves and everything is encrypted: the publisher's public key must be known here, ours
there, unless it takes anybody. Without it subscribe only over a network where everybody may be believed. Keys are files
as ``zmq.auth.create_certificates`` and czmq write them.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.text import safe_text
from receivers.sources.streams import Backoff, PlainDelivery
from receivers.sources.waiting import Waiting

HIGH_WATER_MESSAGES: Final = 10_000
FIRST_PAUSE_MS: Final = 500
LONGEST_PAUSE_MS: Final = 30_000
HEARTBEAT_MS: Final = 10_000  # asked of the publisher; three missed ones end a dead link
PROBE_TIMEOUT_S: Final = 5.0
KEY_LETTERS: Final = 40  # 32 bytes in Z85
_MISSING: Final = "a ZeroMQ source needs pyzmq: pip install 'airspace-monitor[zmq]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The publisher's public key, and our own pair, in Z85."""

    server_key: bytes
    public_key: bytes
    secret_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZmqSettings:
    """Which publisher, and what of it. ``sensor`` names it where its messages do not."""

    endpoint: str
    name: str | None = None  # else the endpoint
    prefixes: tuple[str, ...] = ("",)  # of the topics; the empty one is everything
    sensor: str | None = None
    high_water_messages: int = HIGH_WATER_MESSAGES
    curve: Curve | None = None  # none: in the clear


class ZmqSource:
    """A publisher as a live source. ``counters`` has received, dropped, too_large, connects, handshake_failed and lost.

    RuntimeError without pyzmq; ValueError for an endpoint that it does not know.
    """

    def __init__(self, settings: ZmqSettings, *, clock: Callable[[], float]) -> None:
        self._zmq = load()
        check_endpoint(self._zmq, settings.endpoint)
        self._settings = settings
        self._clock = clock
        self._counters: Counter[str] = Counter()
        self.fault: str | None = "not connected yet"  # why there is no connection just now, for health pages
        self.refused = False  # whether the other end answers and does not let us in

    @property
    def name(self) -> str:
        """``zmq:`` and its name, or the endpoint."""
        return f"zmq:{self._settings.name or self._settings.endpoint}"

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """What arrives, until cancelled."""
        waiting = Waiting(self._counters, self._settings.high_water_messages)
        context = self._zmq.asyncio.Context()
        socket = subscriber(self._zmq, context, self._settings)
        monitor = socket.get_monitor_socket()
        beside = [asyncio.create_task(self._read(socket, waiting)), asyncio.create_task(self._watch(monitor, socket))]
        try:
            socket.connect(self._settings.endpoint)
            while True:
                yield PlainDelivery(await waiting.taken())
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            socket.disable_monitor()
            context.destroy(linger=0)

    async def _read(self, socket: Any, waiting: Waiting) -> None:
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

    async def _watch(self, monitor: Any, socket: Any) -> None:
        """What libzmq says of the connection. After some handshakes that fail it does not try again: then we do."""
        utils, zmq = importlib.import_module("zmq.utils.monitor"), self._zmq
        where, backoff = self._settings.endpoint, Backoff(FIRST_PAUSE_MS / 1000)
        final = {zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL}
        reached = False
        while True:
            event = (await utils.recv_monitor_message(monitor))["event"]
            if event == zmq.EVENT_CONNECTED:
                reached = True
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.fault, self.refused = None, False
                self._counters["connects"] += 1
                backoff.reset()
            elif event in final | {zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL}:
                self.refused = True
                self.fault = f"{where} does not let us in: the keys do not fit, or only one side has any"
                self._counters["handshake_failed"] += 1
                if event in final:
                    await backoff.pause()
                    socket.disconnect(where)
                    socket.connect(where)
            elif event == zmq.EVENT_DISCONNECTED and self.fault is None:
                self.fault = f"the connection to {where} was lost"
                self._counters["lost"] += 1
            elif event == zmq.EVENT_CONNECT_RETRIED:
                if not reached:
                    self.fault, self.refused = f"no publisher answers at {where}", False
                reached = False


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


def curve(server_key: Path, own_key: Path | None) -> Curve:
    """The keys out of their files; without a file of our own a pair is made, for a publisher that takes anybody.

    RuntimeError without pyzmq or a libzmq that can encrypt, OSError and ValueError for a file at fault.
    """
    zmq = load()
    if not zmq.has("curve"):
        raise RuntimeError("this build of libzmq has no CURVE")
    public, _ = _keys(server_key)
    ours, secret = zmq.curve_keypair() if own_key is None else _keys(own_key)
    if secret is None:
        raise ValueError(f"{own_key}: no secret-key in it, only a public one")
    return Curve(server_key=public, public_key=ours, secret_key=secret)


def _keys(file: Path) -> tuple[bytes, bytes | None]:
    certificates = importlib.import_module("zmq.auth.certs")
    with file.open("rb"):  # its own error for a missing file has no errno
        pass
    try:
        public, secret = certificates.load_certificate(file)
    except ValueError as error:
        raise ValueError(f"{file}: no key as zmq.auth writes it: {error}") from error
    if any(len(key) != KEY_LETTERS for key in (public, secret) if key is not None):
        raise ValueError(f"{file}: a key has {KEY_LETTERS} letters")
    return public, secret


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
    options: dict[Any, int | bytes] = {
        zmq.LINGER: 0,
        zmq.RCVHWM: settings.high_water_messages,
        zmq.MAXMSGSIZE: 2 * MAX_PAYLOAD_BYTES,  # beyond it libzmq ends the connection
        zmq.RECONNECT_IVL: FIRST_PAUSE_MS,
        zmq.RECONNECT_IVL_MAX: LONGEST_PAUSE_MS,
        zmq.HEARTBEAT_IVL: HEARTBEAT_MS,
        zmq.HEARTBEAT_TIMEOUT: 3 * HEARTBEAT_MS,
    }
    if settings.curve is not None:
        options |= {
            zmq.CURVE_SERVERKEY: settings.curve.server_key,
            zmq.CURVE_PUBLICKEY: settings.curve.public_key,
            zmq.CURVE_SECRETKEY: settings.curve.secret_key,
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
