"""Waiting for what another task or the kernel does; a timeout ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Final, Protocol, TypeVar

_Delivery = TypeVar("_Delivery")
_Brought_co = TypeVar("_Brought_co", covariant=True)

PATIENCE_S: Final = 20.0


class Delivering(Protocol[_Brought_co]):
    """A live source whose deliveries need no acknowledgement."""

    def deliveries(self) -> AsyncGenerator[_Brought_co, None]:
        """What arrives."""


async def until(condition: Callable[[], object]) -> None:
    """Let the others run until it holds."""
    while not condition():  # noqa: ASYNC110 - no event tells of a socket's state
        await asyncio.sleep(0)


@asynccontextmanager
async def arriving(one: Delivering[_Delivery]) -> AsyncIterator[asyncio.Queue[_Delivery]]:
    """A source at work, and what it brings."""
    arrived: asyncio.Queue[_Delivery] = asyncio.Queue()

    async def listen() -> None:
        async with aclosing(one.deliveries()) as deliveries:
            async for delivery in deliveries:
                arrived.put_nowait(delivery)

    async with asyncio.timeout(PATIENCE_S):
        task = asyncio.create_task(listen())
        try:
            yield arrived
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
