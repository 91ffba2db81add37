"""The places for connections on one server, and who must give one up when they are all taken.

A connection on which the next step is the peer's (a head or a body that is not whole, an answer that is not read,
nothing at all) may be cut for a new one: the oldest of the network that has most of them, so that somebody with
hundreds of connections cuts his own. One on which the step is ours is never cut. One on which somebody with a right to
it sends a body is cut only where its network holds more than its share of all places. The connections of a named proxy
belong to many people: its share is all.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Container
from enum import Enum, auto
from typing import Final, Protocol

import structlog

MOST_CONNECTIONS: Final = 768
FILES_KEPT_FREE: Final = 200  # for the database, brokers, recordings and the log
SHARE: Final = 0.5
TOLD_EVERY_S: Final = 60.0

log = structlog.get_logger("airspace")


def room_for_connections() -> int:
    """As many as the process may have open files, less what the rest of it needs; the soft limit is raised first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + FILES_KEPT_FREE
    if soft < wanted and (hard == resource.RLIM_INFINITY or hard > soft):
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, min(MOST_CONNECTIONS, soft - FILES_KEPT_FREE))


class Step(Enum):
    """Whose step is next on a connection."""

    STRANGERS = auto()
    SENDERS = auto()  # a stranger's no more: the head showed a right to send the body
    OURS = auto()


class Connection(Protocol):
    """What holds a place."""

    network: str

    def cut(self, reason: str) -> None:
        """End at once, and leave."""


class Places:
    """The connections of one server: how many there may be, whose step is next, and what was cut, by reason."""

    def __init__(self, most: int = MOST_CONNECTIONS) -> None:
        self._most = most
        self._open: dict[Connection, Step] = {}
        self._held: Counter[str] = Counter()  # by network
        self._rows = {step: _Row() for step in (Step.STRANGERS, Step.SENDERS)}
        self._told_s = -TOLD_EVERY_S
        self.cut: Counter[str] = Counter()

    def enter(self, connection: Connection, proxies: Container[str] = ()) -> bool:
        """A new connection, on which the peer has to send something; False where there is no place for it."""
        if len(self._open) >= self._most and not self._make_room(connection.network, proxies):
            self.count("refused")
            return False
        self._held[connection.network] += 1
        self._open[connection] = Step.OURS
        self.turn(connection, Step.STRANGERS)
        return True

    def turn(self, connection: Connection, step: Step) -> None:
        """Whose step is next now. Who had it before keeps his age in the row."""
        before = self._open.get(connection)
        if before is None or before is step:
            return
        self._open[connection] = step
        if before in self._rows:
            self._rows[before].discard(connection)
        if step in self._rows:
            self._rows[step].add(connection)

    def leave(self, connection: Connection) -> None:
        """The connection is gone."""
        self.turn(connection, Step.OURS)
        if self._open.pop(connection, None) is not None:
            self._held[connection.network] -= 1
            if not self._held[connection.network]:
                del self._held[connection.network]

    def count(self, reason: str) -> None:
        """Something was cut; told once a minute at most, however many there are."""
        self.cut[reason] += 1
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            log.warning("connections cut", so_far=dict(self.cut), open=len(self._open))

    def _make_room(self, newcomer: str, proxies: Container[str]) -> bool:
        oldest = self._rows[Step.STRANGERS].oldest_of_the_most() or self._above_its_share(newcomer, proxies)
        if oldest is None:
            return False
        oldest.cut("no_place")
        return True

    def _above_its_share(self, newcomer: str, proxies: Container[str]) -> Connection | None:
        """Of a network that fills the house with bodies: one of those, for somebody else."""
        others = [network for network in self._held if network != newcomer and network not in proxies]
        most = max(others, key=self._held.__getitem__, default=newcomer)
        if most == newcomer or self._held[most] <= SHARE * self._most:
            return None
        return self._rows[Step.SENDERS].oldest_of(most)


class _Row:
    """Connections as they came, by network."""

    def __init__(self) -> None:
        self._by_network: dict[str, dict[Connection, None]] = {}

    def add(self, connection: Connection) -> None:
        self._by_network.setdefault(connection.network, {})[connection] = None

    def discard(self, connection: Connection) -> None:
        there = self._by_network[connection.network]
        del there[connection]
        if not there:
            del self._by_network[connection.network]

    def oldest_of(self, network: str) -> Connection | None:
        return next(iter(self._by_network.get(network, ())), None)

    def oldest_of_the_most(self) -> Connection | None:
        most = max(self._by_network.values(), key=len, default=None)
        return None if most is None else next(iter(most))
