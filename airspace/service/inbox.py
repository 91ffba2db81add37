"""What waits to be taken into the log: deliveries and commands, bounded. A full inbox makes its sources wait."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from airspace.model.alert import Alert
from airspace.model.log import Command
from airspace.model.ports import Delivery

MAX_DELIVERIES: Final = 256
MAX_COMMANDS: Final = 256
DRAIN_ROWS: Final = 4096  # most messages taken at once (adaptive drain: whatever waits, up to this)


@dataclass(frozen=True, slots=True)
class Request:
    """A command and who waits for what it leads to."""

    command: Command
    told: asyncio.Future[Alert | None]


class Inbox:
    """Two bounded queues and one bell."""

    def __init__(self) -> None:
        self._deliveries: asyncio.Queue[Delivery] = asyncio.Queue(maxsize=MAX_DELIVERIES)
        self._requests: asyncio.Queue[Request] = asyncio.Queue(maxsize=MAX_COMMANDS)
        self._bell = asyncio.Event()

    def __len__(self) -> int:
        return self._deliveries.qsize()

    async def deliver(self, delivery: Delivery) -> None:
        """Hand in a delivery; waits while the inbox is full."""
        await self._deliveries.put(delivery)
        self._bell.set()

    def send(self, command: Command) -> asyncio.Future[Alert | None]:
        """Hand in a command; the future holds the alert it led to, None if it changed nothing."""
        told: asyncio.Future[Alert | None] = asyncio.get_running_loop().create_future()
        try:
            self._requests.put_nowait(Request(command, told))
        except asyncio.QueueFull:
            told.set_exception(OverflowError("too many commands wait"))
        self._bell.set()
        return told

    async def wait(self, timeout_s: float) -> None:
        """Until something is there, or the time is over."""
        if self._deliveries.empty() and self._requests.empty():
            self._bell.clear()
            # not wait_for: in Python 3.11 it loses a cancellation that comes together with the bell, and we never stop
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._bell.wait()

    def drain(self) -> tuple[list[Delivery], list[Request]]:
        """Everything that waits, up to one batch."""
        deliveries: list[Delivery] = []
        rows = 0
        while rows < DRAIN_ROWS and not self._deliveries.empty():
            deliveries.append(self._deliveries.get_nowait())
            rows += len(deliveries[-1].messages)
        requests = []
        while not self._requests.empty():
            requests.append(self._requests.get_nowait())
        return deliveries, requests
