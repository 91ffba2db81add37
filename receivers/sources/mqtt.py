"""MQTT: messages of sensors from a broker, acknowledged only when what was made of them is durable.

aiomqtt acknowledges when a message enters its queue. Here paho's manual acknowledgement, which aiomqtt does not offer
by itself (its issue 345), is switched on before the connection is made: set later, one message in three hundred was
lost. The session is persistent and the quality of service 1; with 2, paho confirms receipt on its own. The queue is
longer than the broker's window of unacknowledged messages, which so becomes the back-pressure; only QoS 0 can
overflow, and is counted. Message numbers belong to one connection: acknowledgements for a lost one are thrown away,
and the broker sends those messages again.

MQTT 5 beside 3.1.1: there the broker is told how long the session outlives the connection, and how many messages may
be under way, so that the queue cannot overflow even where the broker's own window is wider.

A shared subscription (``$share/group/topic``) deals the messages of a topic out to all members of the group. Those of
one drone then reach different services, and what one member held when it was lost comes later than its successors:
tracks and alerts of each member rest on a part of what was heard. It is for feeding a cluster that sorts by itself,
never for two services that stand in for each other; the service warns when it is switched on.

Retained messages are of unknown age and would look live: handed on with ``retained`` set where a stage after this one
asks for them, else counted and passed over. Websockets are left out.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from random import SystemRandom
from typing import Final

import aiomqtt
import structlog

from airspace.model.message import RawMessage
from airspace.model.text import safe_text
from receivers.sources.mqtt_lane import Copies, Copy, MqttLane
from receivers.sources.mqtt_link import MqttSettings, Session, away, named_fault, refuses

__all__ = ["MqttDelivery", "MqttSettings", "MqttSource", "sensor_of"]

MAX_MESSAGES: Final = 4096  # in one delivery
LINGER_S: Final = 0.002  # a wait for company, after the first message
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 30.0  # a connection that lived so long was well: the next pause is short again
TAKEN_TWICE: Final = 2  # so many connections in a row that ended sooner: somebody else takes the session
_MAX_TOPIC_LETTERS: Final = 200
_SENSOR_TOPICS: Final = (
    re.compile(r"airspace/v1/[^/]+/sensor/([^/]+)(?:/|\Z)"),  # airspace/v1/<city>/sensor/<id>/...
    re.compile(r"/?sensor/([^/]+)/upload\Z"),  # DroneScout
)

TAKEN_MEANS: Final = "the broker ends our session again and again: another program logs in with our identifier"
FORGOTTEN_MEANS: Final = "the broker no longer knew our session: what was published while we were away is lost"
SHARED_MEANS: Final = (
    "each member of the group gets a part of the messages, in no order between members: its tracks and alerts rest on "
    "that part alone"
)

_log = structlog.get_logger(__name__)


class MqttDelivery:
    """What waited at the broker, and the way to say that it is durable."""

    def __init__(self, messages: Sequence[RawMessage], session: Session, taken: Sequence[aiomqtt.Message]) -> None:
        self.messages = messages
        self._session = session
        self._taken = taken

    async def acknowledge(self) -> None:
        """All messages of the delivery; nothing happens if the link was lost since, they come again then."""
        self._session.acknowledge(self._taken)
        self._taken = ()


class MqttSource:
    """A broker as a live source.

    ``counters`` has received, retained, dropped, connects, lost, failed, and forgotten: connections after a first one
    for which the broker had no session any more, so that what was published between them is lost. ``fresh``: the first
    connection found no session.

    ``keep_retained`` hands retained messages on, marked.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        clock: Callable[[], float],
        first_pause_s: float = FIRST_PAUSE_S,
        keep_retained: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not settings.identifier:
            raise ValueError("an MQTT source needs an identifier: without one the broker keeps nothing for it")
        self._settings = settings
        self._keep_retained = keep_retained
        self._clock = clock
        self._first_pause_s = first_pause_s
        self._monotonic = monotonic
        self._short_lives = 0  # connections in a row that ended soon after they began
        self._counters: Counter[str] = Counter()
        self._session: Session | None = None
        self._connected_s = -STEADY_S
        self._copies = Copies()
        self.fault: str | None = "not connected yet"  # why there is no connection just now, for health pages
        self.refused = False  # whether the broker answers and does not let us in

    @property
    def name(self) -> str:
        """``mqtt:`` and its name, or host and port."""
        return f"mqtt:{self._settings.name or f'{self._settings.host}:{self._settings.port}'}"

    @property
    def lane(self) -> MqttLane | None:
        """The way for what is published now past a queue; a shared subscription has none, as its messages are dealt."""
        if self._settings.share_group is not None:
            return None
        proves = self._settings.sensor_from_topic
        return MqttLane(
            f"{self.name} (live)",
            self._settings,
            self._copies,
            self._counters,
            lambda message: _raw(message, self._clock(), topic_proves=proves),
        )

    @property
    def connected(self) -> bool:
        """Is there a link to the broker just now?"""
        return self._session is not None and self._session.alive

    @property
    def session_taken(self) -> bool:
        """Whether the broker ends our sessions soon after they begin, again and again; until one lasts."""
        if self.connected and self._monotonic() - self._connected_s >= STEADY_S:
            self._short_lives, self.fault = 0, None
        return self._short_lives >= TAKEN_TWICE

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[MqttDelivery, None]:
        """Deliveries over as many connections as it takes."""
        if self._settings.share_group is not None:
            _log.warning("mqtt subscription is shared", source=self.name, means=SHARED_MEANS)
        pause_s = self._first_pause_s
        while True:
            connected = self._counters["connects"]
            try:
                async with aclosing(self._connection()) as connection:
                    async for delivery in connection:
                        yield delivery
            except aiomqtt.MqttError as error:
                self._note(error, lost=self._counters["connects"] > connected)
            if self._counters["connects"] > connected and self._short_lives == 0:
                pause_s = self._first_pause_s
            await asyncio.sleep(pause_s * SystemRandom().uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _note(self, error: aiomqtt.MqttError, *, lost: bool) -> None:
        self.fault, self.refused = named_fault(error), refuses(error)
        if away(error):
            self._short_lives = 0  # who is away takes no session
        if lost:
            lived_s = self._monotonic() - self._connected_s
            self._short_lives = 0 if lived_s >= STEADY_S else self._short_lives + 1
            if self.session_taken:
                self.fault = f"{TAKEN_MEANS} {self._settings.identifier!r}"
        self._counters["lost" if lost else "failed"] += 1
        _log.warning("mqtt link lost" if lost else "mqtt broker not reached", source=self.name, reason=self.fault)

    async def _connection(self) -> AsyncGenerator[MqttDelivery, None]:
        session = Session(self._settings, self._counters)
        try:
            async with session.client:
                await session.subscribe(self._settings.filters)
                self._session, self._connected_s = session, self._monotonic()
                self.fault = f"{TAKEN_MEANS} {self._settings.identifier!r}" if self.session_taken else None
                self._note_session(session)
                self._counters["connects"] += 1
                while True:
                    taken = await self._taken(session)
                    self._copies.note(len(taken), session.inbox.qsize(), asyncio.get_running_loop().time())
                    delivery = self._delivery(session, taken)
                    if delivery.messages:
                        yield delivery
                    else:
                        await delivery.acknowledge()
        finally:
            session.end()

    def _note_session(self, session: Session) -> None:
        """Of a first connection only the service knows whether there should have been a session."""
        if session.was_known or self._settings.share_group is not None:
            return
        first = not self._counters["connects"]
        self._counters["fresh" if first else "forgotten"] += 1
        if not first:
            _log.warning("mqtt session forgotten", source=self.name, means=FORGOTTEN_MEANS)

    @staticmethod
    async def _taken(session: Session) -> list[aiomqtt.Message]:
        """The first message that comes, and what has gathered by the end of the linger."""
        first = await anext(session.client.messages)
        if session.inbox.qsize() < MAX_MESSAGES - 1:
            await asyncio.sleep(LINGER_S)
        return [first, *session.waiting(MAX_MESSAGES - 1)]

    def _delivery(self, session: Session, taken: Sequence[aiomqtt.Message]) -> MqttDelivery:
        retained = [message for message in taken if message.retain]
        self._counters["retained"] += len(retained)
        if retained and not self._keep_retained:
            session.acknowledge(retained)
            taken = [message for message in taken if not message.retain]
        self._counters["received"] += len(taken) - (len(retained) if self._keep_retained else 0)
        now_s = self._clock()
        proves = self._settings.sensor_from_topic
        kinds = [Copy.NEW if message.retain else self._kind(message, session) for message in taken]
        new = [message for message, kind in zip(taken, kinds, strict=True) if kind is Copy.NEW]
        mine = [message for message, kind in zip(taken, kinds, strict=True) if kind is not Copy.OWED]
        return MqttDelivery([_raw(message, now_s, topic_proves=proves) for message in new], session, mine)

    def _kind(self, message: aiomqtt.Message, session: Session) -> Copy:
        acknowledge = partial(session.acknowledge, [message])
        return self._copies.lasting(message, acknowledge, asyncio.get_running_loop().time())


def sensor_of(topic: str) -> str | None:
    """The sensor that a topic names, cleaned; None when it names none."""
    for pattern in _SENSOR_TOPICS:
        match = pattern.match(topic)
        if match:
            return safe_text(match[1])
    return None


def _raw(message: aiomqtt.Message, received_s: float, *, topic_proves: bool) -> RawMessage:
    topic = str(message.topic)
    sensor = sensor_of(topic)
    return RawMessage(
        payload=bytes(message.payload),
        received_s=received_s,
        sensor=sensor,
        place=safe_text(topic, _MAX_TOPIC_LETTERS) or "",
        retained=message.retain,
        proven=topic_proves and sensor is not None,
    )
