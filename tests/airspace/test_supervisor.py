"""A task that dies of anything is started again, is told of, and takes nobody with it."""

from __future__ import annotations

import asyncio

import pytest

from airspace.model.health import HealthLevel, Trouble
from airspace.service.health import Health
from airspace.service.supervisor import STOPPED_AFTER, Supervisor

FAULTS: dict[str, BaseException | None] = {
    "KeyError": KeyError("x"),
    "RecursionError": RecursionError(),
    "MemoryError": MemoryError(),
    "cancelled from inside": asyncio.CancelledError(),
    "group": ExceptionGroup("several", [ValueError("x")]),
    "ends by itself": None,
}


class Task:
    """Fails so many times, then works until it is stopped."""

    def __init__(self, fault: BaseException | None, times: int) -> None:
        self.fault = fault
        self.left = times
        self.works = asyncio.Event()

    async def run(self) -> None:
        if self.left:
            self.left -= 1
            if self.fault is not None:
                raise self.fault
            return
        self.works.set()
        await asyncio.Event().wait()


class Pauses:
    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0)


async def until(stop: asyncio.Event, *tasks: Task) -> None:
    for task in tasks:
        await asyncio.wait_for(task.works.wait(), 5)
    stop.set()


@pytest.mark.parametrize("name", FAULTS)
async def test_it_is_started_again_and_the_others_never_stopped(name: str) -> None:
    health, pauses, stop = Health(lambda: 0.0), Pauses(), asyncio.Event()
    bad, good = Task(FAULTS[name], 3), Task(None, 0)
    begun = asyncio.create_task(until(stop, good, bad))
    await Supervisor(health, pauses).run(stop, {"bad": bad.run, "good": good.run})
    await begun
    assert pauses.taken == [1.0, 2.0, 4.0]
    assert health.parts()["task:bad"].trouble is Trouble.FAULT_OF_OURS
    assert "task:good" not in health.parts()


async def test_one_that_fails_again_and_again_counts_as_stopped_and_blinds() -> None:
    health, stop = Health(lambda: 0.0), asyncio.Event()
    bad = Task(KeyError("x"), STOPPED_AFTER)
    begun = asyncio.create_task(until(stop, bad))
    await Supervisor(health, Pauses()).run(stop, {"bad": bad.run})
    await begun
    assert health.parts()["task:bad"].level is HealthLevel.DOWN
    assert health.blinding() == ("task:bad",)
    assert not health.ready()


async def test_after_a_while_without_a_fault_it_is_well_again() -> None:
    stop = asyncio.Event()

    class Listening(Health):
        def well(self, part: str) -> None:
            super().well(part)
            stop.set()

    health = Listening(lambda: 0.0)
    bad = Task(KeyError("x"), 1)
    await asyncio.wait_for(Supervisor(health, Pauses(), well_after_s=0.01).run(stop, {"bad": bad.run}), 5)
    assert health.parts()["task:bad"].trouble is None


async def test_being_told_to_stop_stops() -> None:
    health, stop = Health(lambda: 0.0), asyncio.Event()
    task = Task(None, 0)
    begun = asyncio.create_task(until(stop, task))
    await asyncio.wait_for(Supervisor(health).run(stop, {"one": task.run}), 5)
    await begun
    assert health.parts() == {}


async def test_a_task_that_loses_its_cancellation_is_told_to_end_again() -> None:
    stop, lost = asyncio.Event(), 0

    async def deaf() -> None:
        nonlocal lost
        stop.set()
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    await asyncio.wait_for(Supervisor(Health(lambda: 0.0), end_within_s=0.01).run(stop, {"deaf": deaf}), 10)
    assert lost == 3
