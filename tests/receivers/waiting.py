"""Waiting for what another task or the kernel does; the test's own timeout ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Let the others run until it holds."""
    while not condition():  # noqa: ASYNC110 - no event tells of a socket's state
        await asyncio.sleep(0)
