"""Live events to everybody who watches. A slow watcher loses his oldest events and is given a full picture again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

Event = tuple[str, Any]
QUEUE_EVENTS: Final = 64
MAX_WATCHERS: Final = 200


class Hub:
    """The watchers, each with a bounded queue."""

    def __init__(self, picture: Callable[[], list[Event]], on_drop: Callable[[], None]) -> None:
        self._picture = picture
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

    async def watch(self) -> AsyncIterator[Event]:
        """A full picture, then events as they happen. Ends only with its reader."""
        if len(self._queues) >= MAX_WATCHERS:
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=QUEUE_EVENTS)
        self._queues.add(queue)
        try:
            queue.put_nowait(None)
            while True:
                event = await queue.get()
                for one in self._picture() if event is None else [event]:
                    yield one
        finally:
            self._queues.discard(queue)
