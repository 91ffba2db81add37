"""Every stage of the pipeline throws what a stage can throw: nothing is lost, nothing else stops, and it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from airspace.model.health import HealthLevel
from airspace.service import pipeline as module
from tests.airspace.test_pipeline import FakeDelivery, World

FAULTS: dict[str, Callable[[], BaseException]] = {
    "KeyError": lambda: KeyError("x"),
    "RecursionError": RecursionError,
    "MemoryError": MemoryError,
    "cancelled from inside": asyncio.CancelledError,
}


class Thrower:
    """Wraps a callable: its first calls throw."""

    def __init__(self, inner: Callable[..., Any], fault: Callable[[], BaseException], times: int) -> None:
        self.inner, self.fault, self.left = inner, fault, times

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self.left:
            self.left -= 1
            raise self.fault()
        return self.inner(*arguments, **named)


class NoRecorder:
    def __init__(self) -> None:
        self.turns = 0

    def turn(self, *_: Any) -> None:
        self.turns += 1

    def commands(self, *_: Any) -> None:
        pass

    def tick(self, *_: Any) -> None:
        pass


def put(world: World, **stages: Any) -> None:
    world.pipeline._stages = replace(world.pipeline._stages, **stages)


def broken(world: World, stage: str, fault: Callable[[], BaseException], times: int) -> None:
    """Make one stage throw its first calls."""
    stages = world.pipeline._stages
    if stage in {"decode", "admit", "taken"}:
        put(world, **{stage: Thrower(getattr(stages, stage), fault, times)})
    elif stage == "commit":
        world.store.commit = Thrower(world.store.commit, fault, times)  # type: ignore[method-assign]
    else:
        recorder = NoRecorder()
        recorder.turn = Thrower(recorder.turn, fault, times)  # type: ignore[method-assign]
        put(world, recorder=recorder)


STAGES = ("decode", "admit", "recorder", "commit", "taken")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.0)
    monkeypatch.setattr(module, "LAST_RETRY_S", 0.0)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("stage", STAGES)
async def test_a_stage_that_throws_once_loses_nothing_and_goes_on(stage: str, name: str) -> None:
    world = World()
    broken(world, stage, FAULTS[name], 1)
    await world.pipeline.take([world.delivery(b"1ZZZA", b"1ZZZB"), world.delivery(b"1ZZZC", name="e")])
    await world.pipeline.take([world.delivery(b"1ZZZD", name="f")])
    stored = [name for commit in world.store.commits for name in commit.detections.uas_id.tolist()]
    assert stored == ["1ZZZA", "1ZZZB", "1ZZZC", "1ZZZD"]
    assert [what for what in world.journal if what.startswith("acknowledge")] == [
        "acknowledge d", "acknowledge e", "acknowledge f"
    ]  # fmt: skip


@pytest.mark.parametrize("stage", ["decode", "admit"])
async def test_what_a_stage_always_throws_on_is_quarantined_and_acknowledged(stage: str) -> None:
    world = World()
    broken(world, stage, FAULTS["KeyError"], 10_000)
    await world.pipeline.take([world.delivery(b"1ZZZA", b"1ZZZB")])
    refused = [reject for commit in world.store.commits for reject in commit.rejects]
    assert len(refused) == 2
    assert "acknowledge d" in world.journal
    assert world.health.parts()["decode" if stage == "decode" else "gate"].level is HealthLevel.DEGRADED


async def test_an_acknowledgement_that_hangs_holds_up_nobody(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "ACKNOWLEDGE_S", 0.01)
    world = World()

    class Hanging(FakeDelivery):
        async def acknowledge(self) -> None:
            await asyncio.Event().wait()

    hanging = Hanging(world.delivery(b"1ZZZA").messages, world.journal)
    await asyncio.wait_for(world.pipeline.take([hanging, world.delivery(b"1ZZZB", name="e")]), 5)
    assert "acknowledge e" in world.journal


async def test_a_task_that_was_ended_in_the_middle_takes_up_what_it_held() -> None:
    world = World()
    world.pipeline._held = ([world.delivery(b"1ZZZA")], [])
    await world.pipeline._take_again()
    assert world.journal[0] == "commit"
    assert "acknowledge d" in world.journal
