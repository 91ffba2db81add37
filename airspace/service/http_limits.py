"""What a stranger's connection may cost: deadlines for a request's head and body and for reading an answer, and places.

uvicorn has a deadline for idle connections only, so a thousand half-sent requests held its console and the files of
the process for ever (slowloris). A connection that has not sent a whole request head waits in one row; when the row is
full the oldest is cut, so that a new one always finds a place. One with a request under way is never cut for another.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from typing import Final

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_S: Final = 10.0
BODY_S: Final = 30.0
UNREAD_S: Final = 30.0  # a reader that takes nothing so long is not there
MOST_WAITING: Final = 128
PATIENCE_S: Final = 1.0
MOST_CONNECTIONS: Final = 768
FILES_KEPT_FREE: Final = 200  # for the database, brokers, recordings and the log
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


class Places:
    """The connections of one server: how many there may be, who waits, and what was cut, by reason."""

    def __init__(self, most: int = MOST_CONNECTIONS, most_waiting: int = MOST_WAITING) -> None:
        self._most = most
        self._most_waiting = most_waiting
        self._open: set[DeadlineProtocol] = set()
        self._waiting: dict[DeadlineProtocol, float] = {}  # since when, in the order in which they began to wait
        self._told_s = -TOLD_EVERY_S
        self.cut: Counter[str] = Counter()

    def enter(self, connection: DeadlineProtocol) -> bool:
        """A new connection; False where there is no place for it."""
        if len(self._open) >= self._most and not self._cut_oldest("no_place"):
            self.count("refused")
            return False
        self._open.add(connection)
        self.wait(connection)
        return True

    def wait(self, connection: DeadlineProtocol) -> None:
        """The connection has no request under way. Pages that all come back at once may wait a second: no attack."""
        now_s = asyncio.get_running_loop().time()
        self._waiting[connection] = now_s
        if len(self._waiting) > self._most_waiting and now_s - next(iter(self._waiting.values())) > PATIENCE_S:
            self._cut_oldest("too_many_waiting")

    def serve(self, connection: DeadlineProtocol) -> None:
        """The connection has a request under way."""
        self._waiting.pop(connection, None)

    def leave(self, connection: DeadlineProtocol) -> None:
        """The connection is gone."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def count(self, reason: str) -> None:
        """Something was cut; told once a minute at most, however many there are."""
        self.cut[reason] += 1
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            log.warning("connections cut", so_far=dict(self.cut), open=len(self._open))

    def _cut_oldest(self, reason: str) -> bool:
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        oldest.cut(reason)
        return True


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with deadlines. ``places`` is set on a subclass for each server."""

    places: Places

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, if there is a place."""
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._refused = not self.places.enter(self)
        super().connection_made(transport)
        if self._refused:
            transport.abort()
        else:
            self._within(HEAD_S, "head_too_slow")

    def handle_events(self) -> None:
        """A request that has begun is no longer waited for; its body has a deadline of its own."""
        before: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        super().handle_events()
        now: RequestResponseCycle | None = self.cycle
        if now is not before:
            self.places.serve(self)
            self._within(BODY_S, "body_too_slow")
        if now is not None and self._is_whole() and not now.response_complete:
            self._within(None, "")

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self.places.wait(self)
            self._within(HEAD_S, "head_too_slow")

    def pause_writing(self) -> None:
        """The peer reads too slowly: for so long it may."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_S, self.cut, "answer_not_read")

    def resume_writing(self) -> None:
        """The peer reads again."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place free."""
        self.places.leave(self)
        self._within(None, "")
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def cut(self, reason: str) -> None:
        """End the connection at once, whatever waits to be sent."""
        self.places.count(reason)
        self.places.leave(self)
        self.transport.abort()

    def _is_whole(self) -> bool:
        return self.conn.their_state is not h11.SEND_BODY

    def _within(self, seconds: float | None, reason: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.cut, reason)


def protocol(places: Places) -> type[DeadlineProtocol]:
    """The protocol of one server."""
    return type("ServerProtocol", (DeadlineProtocol,), {"places": places})
