"""Server-sent events: what the view tells, as it happens.

Bounded: at most ``MAX_STREAMS`` readers, half of them from one address; the view drops a slow reader's oldest events,
and one event at a time waits here. A comment every ten seconds keeps the link open through proxies and finds readers
that have gone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractContextManager, aclosing, contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from starlette.responses import StreamingResponse

from airspace.model.network import network_of
from dashboards.api.problem import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from starlette.types import Receive, Scope, Send

    from airspace.model.ports import View

HEARTBEAT_S: Final = 10.0
RETRY_MS: Final = 2000  # how long a browser waits before it comes back
MAX_STREAMS: Final = 200
SHARE: Final = 0.5  # of them, that one address may hold


class LiveResponse(StreamingResponse):
    """A stream whose generator is closed with the connection, not when the collector comes by.

    ``place`` is held from the first step of the answer: taken later, many who come at once would all find it free.
    """

    def __init__(
        self, content: AsyncIterator[bytes], place: AbstractContextManager[None], headers: dict[str, str]
    ) -> None:
        super().__init__(content, media_type="text/event-stream", headers=headers)
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; when the server shuts down under it, end the answer in order instead of failing it."""
        with self._place:
            try:
                await super().__call__(scope, receive, send)
            except asyncio.CancelledError:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def stream_response(self, send: Send) -> None:
        """Send until either side ends it."""
        async with aclosing(cast("AsyncGenerator[bytes, None]", self.body_iterator)):
            await super().stream_response(send)


class Streams:
    """The open streams of one application, counted."""

    def __init__(self, view: View, *, limit: int = MAX_STREAMS, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._view = view
        self._limit = limit
        self._heartbeat_s = heartbeat_s
        self._by_address: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many there are."""
        return self._by_address.total()

    def response(self, client: str) -> LiveResponse:
        """A new stream for this address, or 503 when there are too many."""
        address = network_of(client)
        if self.open >= self._limit:
            raise refusal(503, f"All {self._limit} live streams are in use: close a page elsewhere, then try again.")
        if self._by_address[address] >= max(1.0, SHARE * self._limit):
            raise refusal(503, "Half of all live streams are in use from this address: close a page, then try again.")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return LiveResponse(events(self._view, heartbeat_s=self._heartbeat_s), self._place(address), headers)

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        self._by_address[address] += 1
        try:
            yield
        finally:
            self._by_address[address] -= 1
            self._by_address += Counter()  # keeps what is above nought


async def events(view: View, *, heartbeat_s: float = HEARTBEAT_S) -> AsyncGenerator[bytes, None]:
    """The view's feed as the bytes of an event stream; ends with the feed."""
    feed = view.subscribe()
    pending = asyncio.ensure_future(_next(feed))
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        while True:
            done, _ = await asyncio.wait({pending}, timeout=heartbeat_s)
            if not done:
                yield b": heartbeat\n\n"
                continue
            told = pending.result()
            if told is None:
                return
            pending = asyncio.ensure_future(_next(feed))
            yield event(*told)
    finally:
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)
        if hasattr(feed, "aclose"):
            await feed.aclose()


def event(name: str, data: Any) -> bytes:
    """One event. JSON has no raw line breaks, so the data is one line whatever it holds."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))


async def _next(feed: AsyncIterator[tuple[str, Any]]) -> tuple[str, Any] | None:
    return await anext(feed, None)
