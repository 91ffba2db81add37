"""What is published now, past a queue of what was published before.

A broker hands a session its messages in order, so after a night's absence whatever is sent now waits behind the night.
While a source drains such a queue, this second session beside it, which the broker forgets with its connection, gets
what is published from now on, at once. The lasting session gets all of that too: whichever copy comes second is passed
over, once. Where that is the lasting session's, it is acknowledged only when the lane's is durable; if that never is,
the broker sends it again. What fails here costs time and never a message.

Where the present alone is more than it can take, nothing is gained by a second way, and it ends.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Final

import aiomqtt
import structlog

from receivers.sources.mqtt_link import MqttSettings, Session, named_fault

if TYPE_CHECKING:
    from airspace.model.message import RawMessage

BEHIND: Final = 256  # messages taken at once: a queue, no traffic
CAUGHT_UP: Final = 32
AFTERWARDS_S: Final = 10.0
CALM_S: Final = 2.0  # without a lot of more
MOST_WAITING: Final = 2048  # of what is published now
REMEMBERED: Final = 16_384  # copies that came over the lasting session last
LOOKS_EVERY_S: Final = 0.5
PAUSE_S: Final = 30.0  # before a lane that failed, or was too slow, is tried again

_log = structlog.get_logger(__name__)


Acknowledge = Callable[[], None]


class Copy(Enum):
    """What a message of the lasting session is."""

    NEW = "new"  # to be worked
    SECOND = "second"  # a copy of what is stored: to be acknowledged
    OWED = "owed"  # a copy of what the lane has under way: acknowledged when that is stored


class Copies:
    """Which messages came over one of the two sessions and not yet over the other."""

    def __init__(self) -> None:
        self.behind = asyncio.Event()  # the lasting session drains a queue
        self._busy_until_s = 0.0  # by the loop's time
        self._until_s = -math.inf  # copies are looked for: while the lane is open, and a little longer
        self._coming: Counter[int] = Counter()  # taken by the lane, not durable yet
        self._owed: dict[int, deque[Acknowledge]] = {}  # the lasting session's copies of those
        self._ahead: Counter[int] = Counter()  # durable by the lane, still to come over the lasting session
        self._taken: Counter[int] = Counter()  # the other way round, of those that came last
        self._order: deque[int] = deque()

    def begin(self) -> None:
        """A lane is open from now on."""
        self._until_s = math.inf
        self._coming.clear()
        self._owed.clear()
        self._ahead.clear()
        self._taken.clear()
        self._order.clear()

    def note(self, count: int, waiting: int, now_s: float) -> None:
        """So many messages were taken at once, and so many more wait. A queue comes in lots of any size."""
        if count + waiting >= BEHIND or (self.behind.is_set() and count + waiting > CAUGHT_UP):
            self._busy_until_s = now_s + CALM_S
            self.behind.set()

    def is_behind(self, now_s: float) -> bool:
        """Whether the queue still drains."""
        if now_s >= self._busy_until_s:
            self.behind.clear()
        return self.behind.is_set()

    def end(self, now_s: float) -> None:
        """It is closed; what it brought last may still wait for its commit, and its copies are under way.

        After that a copy is worked again rather than that a message like it is taken for one.
        """
        self._until_s = now_s + AFTERWARDS_S

    def lasting(self, message: aiomqtt.Message, acknowledge: Acknowledge, now_s: float) -> Copy:
        """What a message of the lasting session is; ``acknowledge`` is called for one that is owed, once it may be."""
        if now_s >= self._until_s:
            self._ahead.clear()
            return Copy.NEW
        name = _name(message)
        if self._ahead[name] > 0:
            _take(self._ahead, name)
            return Copy.SECOND
        if self._coming[name] > 0:
            _take(self._coming, name)
            self._owed.setdefault(name, deque()).append(acknowledge)
            return Copy.OWED
        self._taken[name] += 1
        self._order.append(name)
        if len(self._order) > REMEMBERED:
            self._drop(self._order.popleft())
        return Copy.NEW

    def lane(self, messages: Sequence[aiomqtt.Message]) -> list[aiomqtt.Message]:
        """Those that the lasting session has not brought already; they are the lane's now."""
        new = []
        for message in messages:
            name = _name(message)
            if self._taken[name] > 0:
                _take(self._taken, name)
            else:
                self._coming[name] += 1
                new.append(message)
        return new

    def durable(self, messages: Sequence[aiomqtt.Message]) -> None:
        """What the lane brought is stored: the lasting session's copies of it are not needed."""
        for name in map(_name, messages):
            if (acknowledge := self._owed_of(name)) is not None:
                acknowledge()
            elif self._coming[name] > 0:
                _take(self._coming, name)
                self._ahead[name] += 1

    def given_up(self, messages: Sequence[aiomqtt.Message]) -> None:
        """What the lane took and nobody will work: copies that were owed to it come again from the broker."""
        for name in map(_name, messages):
            if self._owed_of(name) is None:
                _take(self._coming, name)

    def _owed_of(self, name: int) -> Acknowledge | None:
        waiting = self._owed.get(name)
        if waiting is None:
            return None
        first = waiting.popleft()
        if not waiting:
            del self._owed[name]
        return first

    def _drop(self, name: int) -> None:
        _take(self._taken, name)


def _take(counter: Counter[int], name: int) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]


class LaneDelivery:
    """Messages of the lane."""

    def __init__(
        self, messages: Sequence[RawMessage], session: Session, taken: Sequence[aiomqtt.Message], copies: Copies
    ) -> None:
        self.messages = messages
        self._session = session
        self._taken = taken
        self._copies = copies

    async def acknowledge(self) -> None:
        """They are durable."""
        self._session.acknowledge(self._taken)
        self._copies.durable(self._taken)
        self._taken = ()


class MqttLane:
    """The lane as a live source of its own, idle but for the time that its source is behind."""

    def __init__(
        self,
        name: str,
        settings: MqttSettings,
        copies: Copies,
        counters: Counter[str],
        raw: Callable[[aiomqtt.Message], RawMessage],
    ) -> None:
        self.name = name
        self._settings = settings
        self._copies = copies
        self._counters = counters
        self._raw = raw

    async def deliveries(self) -> AsyncGenerator[LaneDelivery, None]:
        """For ever; most of the time there are none."""
        while True:
            await self._copies.behind.wait()
            try:
                async with aclosing(self._connection()) as connection:
                    async for delivery in connection:
                        yield delivery
            except aiomqtt.MqttError as error:
                _log.info("mqtt lane past the queue not open", source=self.name, reason=named_fault(error))
            await asyncio.sleep(PAUSE_S)

    async def _connection(self) -> AsyncGenerator[LaneDelivery, None]:
        session = Session(self._settings, Counter(), lasting=False)
        try:
            async with session.client:
                self._copies.begin()
                await session.subscribe(self._settings.filters)
                _log.info("mqtt queue drains, what is published now goes past it", source=self.name)
                while self._copies.is_behind(_now_s()) and session.inbox.qsize() < MOST_WAITING:
                    came = await _taken(session)
                    taken = self._copies.lane([one for one in came if not one.retain])
                    lane = set(map(id, taken))
                    session.acknowledge([one for one in came if id(one) not in lane])
                    if taken:
                        self._counters["past_the_queue"] += len(taken)
                        with self._given_up(taken):
                            yield LaneDelivery([self._raw(one) for one in taken], session, taken, self._copies)
        finally:
            session.end()
            self._copies.end(_now_s())

    @contextmanager
    def _given_up(self, taken: Sequence[aiomqtt.Message]) -> Iterator[None]:
        """A delivery that nobody took, as the service ends, is nobody's."""
        try:
            yield
        except BaseException:
            self._copies.given_up(taken)
            raise


async def _taken(session: Session) -> list[aiomqtt.Message]:
    """What has come, or nothing after a while."""
    try:
        async with asyncio.timeout(LOOKS_EVERY_S):
            first = await anext(session.client.messages)
    except TimeoutError:
        return []
    return [first, *session.waiting(MOST_WAITING)]


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _name(message: aiomqtt.Message) -> int:
    return hash((str(message.topic), bytes(message.payload)))
