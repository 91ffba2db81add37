"""Live events to everybody who watches. A slow watcher loses his oldest events and is given a full picture again.

The status comes each second whatever happens: of a pipeline that stands still nothing else would tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

Event = tuple[str, Any]
QUEUE_EVENTS: Final = 64
MAX_WATCHERS: Final = 256  # more than there are streams: who has a stream is always told
STATUS: Final = "status"
STATUS_EVERY_S: Final = 1.0


class Hub:
    """The watchers, each with a bounded queue."""

    def __init__(
        self,
        picture: Callable[[], list[Event]],
        on_drop: Callable[[], None],
        status: Callable[[], Any] | None = None,
        *,
        status_every_s: float = STATUS_EVERY_S,
    ) -> None:
        self._picture = picture
        self._status = status
        self._status_every_s = status_every_s
        self._on_drop = on_drop
        self._queues: set[asyncio.Queue[Event | None]] = set()

    def tell(self, event: Event) -> None:
        """Give an event to every watcher; never waits."""
        for queue in self._queues:
            if queue.full():
                self._on_drop()
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)  # what was lost is made good by a full picture
            else:
                queue.put_nowait(event)

    def renew(self) -> None:
        """Give every watcher a full picture: what was told before it is not to be built on."""
        for queue in self._queues:
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    async def watch(self) -> AsyncIterator[Event]:
        """A full picture, then events as they happen. Ends only with its reader."""
        if len(self._queues) >= MAX_WATCHERS:
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=QUEUE_EVENTS)
        self._queues.add(queue)
        now_s = asyncio.get_running_loop().time
        try:
            queue.put_nowait(None)
            due_s = now_s() + self._status_every_s
            while True:
                event = await self._next(queue, due_s)
                for one in self._picture() if event is None else [event]:
                    if one[0] == STATUS:
                        due_s = now_s() + self._status_every_s
                    yield one
        finally:
            self._queues.discard(queue)

    async def _next(self, queue: asyncio.Queue[Event | None], due_s: float) -> Event | None:
        """What happens next, or the status when it is due."""
        try:
            async with asyncio.timeout_at(None if self._status is None else due_s):
                return await queue.get()
        except TimeoutError:
            return None if self._status is None else (STATUS, self._status())
