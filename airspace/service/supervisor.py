"""The tasks of the service, each with its own end: a fault in one never ends another, and is never silent.

A task that fails is started again after a pause that grows; one that ends by itself counts as failed, since no task of
the service has an end of its own. Only being told to stop, or a fault that no program may outlive (the interpreter's
exit), ends them all.

A library may lose a cancellation: ``asyncio.wait_for`` of Python 3.11, which psycopg_pool waits with, returns the
result of what was done in the same turn of the loop (https://github.com/python/cpython/issues/86296). So a task that
goes on is told to end again, by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from airspace.model.health import Trouble
from airspace.service.backoff import Backoff
from airspace.service.health import Health
from airspace.service.isolation import FAULTS, survive, system_words

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
WELL_AFTER_S: Final = 60.0  # a task that ran so long is well again
END_WITHIN_S: Final = 5.0  # a task that goes on for so long after it was told to end is told again
STOPPED_AFTER: Final = 5  # failures in a row after which the part counts as stopped

log = structlog.get_logger("airspace")

Work = Callable[[], Awaitable[None]]


class Supervisor:
    """Keeps tasks running. ``pause`` waits so many seconds; after ``well_after_s`` without a fault a task is well.

    What is told to end and still goes on after ``end_within_s`` is told again.
    """

    def __init__(
        self,
        health: Health,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        well_after_s: float = WELL_AFTER_S,
        end_within_s: float = END_WITHIN_S,
    ) -> None:
        self._health = health
        self._pause = pause
        self._well_after_s = well_after_s
        self._end_within_s = end_within_s

    async def run(self, stop: asyncio.Event, tasks: Mapping[str, Work]) -> None:
        """Run the tasks side by side until ``stop`` is set."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self.keep(name, work), name=name) for name, work in tasks.items()]
            await stop.wait()
            await self._end(running)

    async def _end(self, running: Collection[asyncio.Task[None]]) -> None:
        """Tell the tasks to end until all have."""
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=self._end_within_s)
            if running:
                log.warning("told to end again", tasks=sorted(task.get_name() for task in running))

    async def keep(self, name: str, work: Work) -> None:
        """One task, for ever: started again whatever it dies of."""
        part, record = f"task:{name}", _Record()
        while True:
            settled = asyncio.get_running_loop().call_later(self._well_after_s, self._settle, part, record)
            try:
                fault = await _fault_of(name, work)
            finally:
                settled.cancel()
            self._health.trouble(part, record.fail(), fault)
            await self._pause(record.backoff.pause_s())

    def _settle(self, part: str, record: _Record) -> None:
        if record.failures:
            record.settle()
            self._health.well(part)


@dataclass(slots=True)
class _Record:
    """How a task did of late."""

    failures: int = 0
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S))

    def fail(self) -> Trouble:
        self.failures += 1
        return Trouble.STOPPED if self.failures >= STOPPED_AFTER else Trouble.FAULT_OF_OURS

    def settle(self) -> None:
        self.failures = 0
        self.backoff.well()


async def _fault_of(name: str, work: Work) -> str:
    """What the task died of; returns only when it did."""
    try:
        await work()
    except FAULTS as error:
        survive(error)
        log.exception("task failed", task=name)
        return system_words(error) or type(error).__name__
    return "it ended by itself"
