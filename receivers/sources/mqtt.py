"""MQTT: messages of sensors from a broker, acknowledged only when what was made of them is durable.

aiomqtt acknowledges when a message enters its queue. Here paho's manual acknowledgement, which aiomqtt does not offer
by itself (its issue 345), is switched on before the connection is made: set later, one message in three hundred was
lost. The session is persistent and the quality of service 1; with 2, paho confirms receipt on its own. The queue is
longer than the broker's window of unacknowledged messages, which so becomes the back-pressure; only QoS 0 can
overflow, and is counted. Message numbers belong to one connection: acknowledgements for a lost one are thrown away,
and the broker sends those messages again.

Retained messages are of unknown age and would look live: counted and passed over. MQTT 5 and websockets are left out.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from random import SystemRandom
from typing import Final, cast

import aiomqtt
import structlog
from paho.mqtt.reasoncodes import ReasonCode

from airspace.model.message import RawMessage
from airspace.model.text import safe_text

MAX_MESSAGES: Final = 4096  # in one delivery
LINGER_S: Final = 0.002  # a wait for company, after the first message
QUEUE_MESSAGES: Final = 16_384  # above any in-flight window that a broker of ours has (1000)
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
_REFUSED: Final = 0x80  # in the answer to a subscription
_MAX_TOPIC_LETTERS: Final = 200
_SENSOR_TOPICS: Final = (
    re.compile(r"airspace/v1/[^/]+/sensor/([^/]+)(?:/|\Z)"),  # airspace/v1/<city>/sensor/<id>/...
    re.compile(r"/?sensor/([^/]+)/upload\Z"),  # DroneScout
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """Where the broker is and what is taken from it. The identifier names the session that survives a restart."""

    host: str
    identifier: str
    topics: tuple[str, ...]
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 30


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """A bounded queue that counts what does not fit instead of logging each."""

    def __init__(self, maxsize: int, counters: Counter[str]) -> None:
        super().__init__(maxsize)
        self._counters = counters

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if self.full():
            self._counters["dropped"] += 1
        else:
            super().put_nowait(item)


class _Session:
    """One connection: the only place that reaches through aiomqtt to paho."""

    def __init__(self, settings: MqttSettings, counters: Counter[str]) -> None:
        self.inbox = _Inbox(QUEUE_MESSAGES, counters)
        self.alive = True
        self.client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username,
            password=settings.password,
            identifier=settings.identifier,
            clean_session=False,
            tls_context=settings.tls,
            keepalive=settings.keepalive_s,
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda maxsize: self.inbox),  # noqa: ARG005
            max_queued_incoming_messages=QUEUE_MESSAGES,
        )
        self._paho = self.client._client  # noqa: SLF001 - aiomqtt has no public manual acknowledgement
        self._paho.manual_ack_set(True)

    async def subscribe(self, topics: Sequence[str]) -> None:
        """With QoS 1; a topic that the broker refuses is an error and not a silence."""
        granted = await self.client.subscribe([(topic, 1) for topic in topics])
        for topic, code in zip(topics, granted, strict=True):
            if _is_refusal(code):
                raise aiomqtt.MqttError(f"the broker refuses a subscription to {topic}")

    def end(self) -> None:
        """From here on nothing is acknowledged; what ended the connection has been told already."""
        self.alive = False
        ended = self.client._disconnected  # noqa: SLF001 - else asyncio reports its error as never seen
        if ended.done() and not ended.cancelled():
            ended.exception()

    def acknowledge(self, messages: Sequence[aiomqtt.Message]) -> None:
        """Of a lost connection nothing: its message numbers may mean others by now."""
        if self.alive:
            for message in messages:
                self._paho.ack(message.mid, message.qos)

    def waiting(self, most: int) -> list[aiomqtt.Message]:
        return [self.inbox.get_nowait() for _ in range(min(most, self.inbox.qsize()))]


class MqttDelivery:
    """What waited at the broker, and the way to say that it is durable."""

    def __init__(self, messages: Sequence[RawMessage], session: _Session, taken: Sequence[aiomqtt.Message]) -> None:
        self.messages = messages
        self._session = session
        self._taken = taken

    async def acknowledge(self) -> None:
        """All messages of the delivery; nothing happens if the link was lost since, they come again then."""
        self._session.acknowledge(self._taken)
        self._taken = ()


class MqttSource:
    """A broker as a live source. ``counters`` has received, retained, dropped, connects, lost and failed."""

    def __init__(
        self, settings: MqttSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        if not settings.identifier:
            raise ValueError("an MQTT source needs an identifier: without one the broker keeps nothing for it")
        self._settings = settings
        self._clock = clock
        self._first_pause_s = first_pause_s
        self._counters: Counter[str] = Counter()
        self._session: _Session | None = None
        self.fault: str | None = "not connected yet"  # why there is no connection just now, for health pages

    @property
    def name(self) -> str:
        """``mqtt:host:port``."""
        return f"mqtt:{self._settings.host}:{self._settings.port}"

    @property
    def connected(self) -> bool:
        """Is there a link to the broker just now?"""
        return self._session is not None and self._session.alive

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[MqttDelivery, None]:
        """Deliveries over as many connections as it takes."""
        pause_s = self._first_pause_s
        while True:
            connected = self._counters["connects"]
            try:
                async with aclosing(self._connection()) as connection:
                    async for delivery in connection:
                        yield delivery
            except aiomqtt.MqttError as error:
                self._note(error, lost=self._counters["connects"] > connected)
            if self._counters["connects"] > connected:
                pause_s = self._first_pause_s
            await asyncio.sleep(pause_s * SystemRandom().uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _note(self, error: aiomqtt.MqttError, *, lost: bool) -> None:
        self.fault = safe_text(str(error), 200) or type(error).__name__
        self._counters["lost" if lost else "failed"] += 1
        _log.warning("mqtt link lost" if lost else "mqtt broker not reached", source=self.name, reason=self.fault)

    async def _connection(self) -> AsyncGenerator[MqttDelivery, None]:
        session = _Session(self._settings, self._counters)
        try:
            async with session.client:
                await session.subscribe(self._settings.topics)
                self._session, self.fault = session, None
                self._counters["connects"] += 1
                while True:
                    delivery = self._delivery(session, await self._taken(session))
                    if delivery.messages:
                        yield delivery
        finally:
            session.end()

    @staticmethod
    async def _taken(session: _Session) -> list[aiomqtt.Message]:
        """The first message that comes, and what has gathered by the end of the linger."""
        first = await anext(session.client.messages)
        if session.inbox.qsize() < MAX_MESSAGES - 1:
            await asyncio.sleep(LINGER_S)
        return [first, *session.waiting(MAX_MESSAGES - 1)]

    def _delivery(self, session: _Session, taken: Sequence[aiomqtt.Message]) -> MqttDelivery:
        session.acknowledge([message for message in taken if message.retain])
        fresh = [message for message in taken if not message.retain]
        self._counters["received"] += len(fresh)
        self._counters["retained"] += len(taken) - len(fresh)
        now_s = self._clock()
        return MqttDelivery([_raw(message, now_s) for message in fresh], session, fresh)


def _is_refusal(code: object) -> bool:
    """The answer to a subscription is a number or, by protocol version, an object."""
    return bool(code.is_failure) if isinstance(code, ReasonCode) else isinstance(code, int) and code >= _REFUSED


def sensor_of(topic: str) -> str | None:
    """The sensor that a topic names, cleaned; None when it names none."""
    for pattern in _SENSOR_TOPICS:
        match = pattern.match(topic)
        if match:
            return safe_text(match[1])
    return None


def _raw(message: aiomqtt.Message, received_s: float) -> RawMessage:
    topic = str(message.topic)
    return RawMessage(
        payload=bytes(message.payload),
        received_s=received_s,
        sensor=sensor_of(topic),
        place=safe_text(topic, _MAX_TOPIC_LETTERS) or "",
    )
