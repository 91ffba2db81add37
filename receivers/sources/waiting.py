"""What waits for the service where nobody can be held back: messages bounded in number and bytes, and a bell.

A publisher, a datagram and a serial line do not stop when they are not read; the kernel or a library would drop in
silence. So these sources always read, and beyond the bounds the oldest message is dropped here and counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Final

from airspace.model.message import RawMessage

MAX_WAITING_MESSAGES: Final = 10_000
MAX_WAITING_BYTES: Final = 1 << 26
MAX_MESSAGES: Final = 4096  # in one delivery


class Waiting:
    """A queue whose oldest goes first, when there are too many too. Drops are counted as ``dropped``."""

    def __init__(
        self, counters: Counter[str], most: int = MAX_WAITING_MESSAGES, most_bytes: int = MAX_WAITING_BYTES
    ) -> None:
        self._messages: deque[RawMessage] = deque()
        self._bytes = 0
        self._most = most
        self._most_bytes = most_bytes
        self._counters = counters
        self.bell = asyncio.Event()

    def put(self, message: RawMessage) -> None:
        """One more."""
        self._messages.append(message)
        self._bytes += len(message.payload)
        while len(self._messages) > self._most or self._bytes > self._most_bytes:
            self._take()
            self._counters["dropped"] += 1
        self.bell.set()

    async def taken(self) -> list[RawMessage]:
        """What waits, a delivery of it at most, once there is something."""
        await self.bell.wait()
        found = [self._take() for _ in range(min(MAX_MESSAGES, len(self._messages)))]
        if not self._messages:
            self.bell.clear()
        return found

    def _take(self) -> RawMessage:
        message = self._messages.popleft()
        self._bytes -= len(message.payload)
        return message
