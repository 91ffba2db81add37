"""What a stranger's connection may cost: deadlines for a request's head and body and for reading an answer.

uvicorn has a deadline for idle connections only, so a thousand half-sent requests held its console and the files of
the process for ever (slowloris). Here each step that is the peer's has a deadline, and its place is given to a new
connection when it is needed (``places.py``). A body is small and comes at once, unless the application says, once it
has checked the head, that somebody with a right to it sends a long one (``airspace.model.body``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from airspace.model.body import AWAIT
from airspace.model.network import Named, network_of
from airspace.service.places import Places, Step

HEAD_S: Final = 10.0
BODY_S: Final = 10.0
UNREAD_S: Final = 30.0  # a reader that takes nothing so long is not there


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whose step is next, how long it may take, under which name it is cut, and of which request it is."""

    step: Step
    within_s: float | None = None
    reason: str = ""
    cycle: RequestResponseCycle | None = None


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with deadlines. ``places`` and ``proxies`` are set on a subclass for each server."""

    places: Places
    proxies: Container[str] = ()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, if there is a place."""
        self._deadline: asyncio.TimerHandle | None = None
        self._was: _Turn | None = None
        self._ended = False
        self._sender: tuple[RequestResponseCycle, float] | None = None
        super().connection_made(transport)
        self.network = network_of(self.client[0] if self.client else "unknown")
        if self.places.enter(self, self.proxies):
            self._settle()
        else:
            transport.abort()

    def handle_events(self) -> None:
        """What came may end a step, or begin a request."""
        before: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        super().handle_events()
        if self.cycle is not before:  # the application has not run yet: it begins in a later step of the loop
            self.cycle.scope["state"][AWAIT] = partial(self._await_body, self.cycle)
        self._settle()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it is not here already."""
        super().on_response_complete()
        self._settle()

    def pause_writing(self) -> None:
        """The peer reads too slowly: for so long it may."""
        super().pause_writing()
        self._settle()

    def resume_writing(self) -> None:
        """The peer reads again."""
        super().resume_writing()
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place free."""
        super().connection_lost(exc)
        self._ended = True
        self._within(None, "")
        self.places.leave(self)

    def cut(self, reason: str) -> None:
        """End the connection at once, whatever waits to be sent."""
        self._ended = True
        self.places.count(reason)
        self.places.leave(self)
        self.transport.abort()

    def _await_body(self, cycle: RequestResponseCycle, within_s: float) -> None:
        self._sender = (cycle, within_s)
        self._settle()

    def _settle(self) -> None:
        turn = self._turn()
        if turn != self._was and not self._ended:
            self._was = turn
            self.places.turn(self, turn.step)
            self._within(turn.within_s, turn.reason)

    def _turn(self) -> _Turn:
        cycle: RequestResponseCycle | None = self.cycle
        if self.flow.write_paused or self.transport.is_closing():
            return _Turn(Step.STRANGERS, UNREAD_S, "answer_not_read", cycle)
        if cycle is None or cycle.response_complete:
            return _Turn(Step.STRANGERS, HEAD_S, "head_too_slow", cycle)
        if self.conn.their_state is not h11.SEND_BODY:
            return _Turn(Step.OURS, cycle=cycle)
        if self._sender is not None and self._sender[0] is cycle:
            return _Turn(Step.SENDERS, self._sender[1], "body_too_slow", cycle)
        return _Turn(Step.STRANGERS, BODY_S, "body_too_slow", cycle)

    def _within(self, seconds: float | None, reason: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.cut, reason)


def protocol(places: Places, proxies: Iterable[str] = ()) -> type[DeadlineProtocol]:
    """The protocol of one server."""
    return type("ServerProtocol", (DeadlineProtocol,), {"places": places, "proxies": Named(proxies)})
