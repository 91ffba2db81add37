"""One group of named tasks that lives until it is told to stop or a task fails."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import structlog

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

log = structlog.get_logger("airspace")


async def run_until(stop: asyncio.Event, tasks: Mapping[str, Coroutine[Any, Any, None]]) -> None:
    """Run the tasks side by side; when ``stop`` is set, or one of them fails, end them all."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(work, name=name) for name, work in tasks.items()]
        await stop.wait()
        for task in running:
            task.cancel()


async def every(seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do something now and then; its failure is told and it is tried again."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 -- a periodic duty must outlive any one failure
            log.warning("periodic work failed", work=name, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(seconds)


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set, so that everything ends in order; a second signal ends it at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def quiet() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    def first() -> None:
        stop.set()
        quiet()

    for number in _SIGNALS:
        loop.add_signal_handler(number, first)
    try:
        yield stop
    finally:
        quiet()
