"""Every task of the service by name: whatever it throws, it is started again and no other stops.

A new task is in this walk by being started: the walk asks the service for its tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app import rules
from airspace.app import service as assembling
from airspace.demo import facts
from airspace.model.health import Trouble
from airspace.model.ports import ChannelError, Delivery
from airspace.model.privacy import Mode, Privacy
from airspace.service import config, publish
from airspace.service.health import Health
from airspace.service.metrics import Metrics
from airspace.service.publish import Publisher
from airspace.service.supervisor import Supervisor
from airspace.service.tasks import every
from tests.airspace.test_supervisor import FAULTS, Pauses, Task, until

ZONES = Path(facts.__file__).with_name("zones.json")


class Source:
    name = "fake:1"
    fault = None

    async def deliveries(self) -> AsyncIterator[Delivery]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]


class Channel:
    """Says no, hangs or fails as told, then takes everything."""

    name = "fake"

    def __init__(self, *faults: BaseException | None) -> None:
        self.faults = list(faults)
        self.told: list[str] = []
        self.hangs = 0

    async def send(self, alerts: Sequence[dict[str, Any]]) -> None:
        if self.hangs:
            self.hangs -= 1
            await asyncio.Event().wait()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.told += [alert["alert_id"] for alert in alerts]


def assembly() -> app.Assembly:
    return app.Assembly(
        url="postgresql://postgres@127.0.0.1:1/nowhere",
        privacy=Privacy(mode=Mode.STATISTICS, key=b"k"),
        rulebook=rules.Rulebook([ZONES], []),
        sensors=(),
        sources=[Source()],
        channels=[Channel()],
        settings=config.Settings(console=config.Console(port=0)),
        revive=lambda: False,
    )


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    captured: dict[str, Any] = {}

    class Capturing(Supervisor):
        async def run(self, stop: asyncio.Event, tasks: Any) -> None:
            captured.update(tasks)

    monkeypatch.setattr(assembling, "Supervisor", Capturing)
    asyncio.run(assembling.serve(assembly(), asyncio.Event()))
    return captured


def test_the_walk_knows_every_arrow_of_the_service(tasks: dict[str, Any]) -> None:
    duties = {"health", "day", "sources", "past", "sweep", "rules", "notices", "embedded"}
    assert set(tasks) == {"process", "api", "receive:fake:1", "publish:fake", *(f"duty:{name}" for name in duties)}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_task_throws_it_is_started_again_and_the_others_go_on(tasks: dict[str, Any], fault: str) -> None:
    async def walk(name: str) -> None:
        health, stop = Health(lambda: 0.0), asyncio.Event()
        kept = {each: Task(FAULTS[fault], 2 if each == name else 0) for each in tasks}
        begun = asyncio.create_task(until(stop, *kept.values()))
        await Supervisor(health, Pauses()).run(stop, {each: task.run for each, task in kept.items()})
        await begun
        assert set(health.parts()) == {f"task:{name}"}
        assert health.parts()[f"task:{name}"].trouble is Trouble.FAULT_OF_OURS

    for name in tasks:
        asyncio.run(walk(name))


class Outbox:
    """Three lines; ``emptied`` when all are told."""

    def __init__(self) -> None:
        self.place, self.emptied = 0, asyncio.Event()

    async def read(self, channel: str, limit: int) -> list[tuple[int, dict[str, Any]]]:
        return [(number, {"alert_id": name}) for number, name in enumerate("abc", 1) if number > self.place]

    async def done(self, channel: str, last_id: int) -> None:
        self.place = last_id

    async def standing(self) -> list[dict[str, Any]]:
        return []

    async def wait(self, timeout_s: float) -> None:
        self.emptied.set()
        await asyncio.Event().wait()


async def told_by(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Health:
    monkeypatch.setattr(publish, "FIRST_RETRY_S", 0.0)
    monkeypatch.setattr(publish, "LAST_RETRY_S", 0.0)
    outbox, health = Outbox(), Health(lambda: 0.0)
    task = asyncio.create_task(Publisher(channel, outbox, Metrics(), health).run())
    await asyncio.wait_for(outbox.emptied.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return health


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name] is not None])
async def test_a_channel_that_throws_once_tells_every_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(FAULTS[name])
    health = await told_by(channel, monkeypatch)
    assert channel.told == ["a", "b", "c"]
    assert health.parts()["channel:fake"].trouble is None


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name] is not None])
async def test_a_line_that_a_channel_throws_on_again_is_passed_over_and_told(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Channel(None, FAULTS[name], FAULTS[name])
    said: list[tuple[Trouble, str]] = []
    monkeypatch.setattr(Health, "trouble", lambda _, part, word, detail="": said.append((word, f"{part} {detail}")))
    await told_by(channel, monkeypatch)
    assert channel.told == ["a", "c"]
    assert [word for word, _ in said] == [Trouble.FAULT_OF_OURS, Trouble.LINE_PASSED_OVER]
    assert said[1][1].startswith("channel:fake:lines b: ")


async def test_a_channel_that_hangs_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SEND_S", 0.01)
    channel = Channel()
    channel.hangs = 2
    await told_by(channel, monkeypatch)
    assert channel.told == ["a", "b", "c"]


async def test_a_channel_whose_other_end_says_no_for_now_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(*(ChannelError("away") for _ in range(20)))
    await told_by(channel, monkeypatch)
    assert channel.told == ["a", "b", "c"]


@pytest.mark.parametrize("name", [*(name for name in FAULTS if FAULTS[name] is not None), "hangs"])
async def test_a_duty_comes_round_again_whatever_happens_to_it(name: str) -> None:
    health, done = Health(lambda: 0.0), asyncio.Event()
    rounds = 0

    async def duty() -> None:
        nonlocal rounds
        rounds += 1
        if rounds > 2:
            done.set()
        elif name == "hangs":
            await asyncio.Event().wait()
        else:
            raise FAULTS[name]  # type: ignore[misc]

    task = asyncio.create_task(every(0.0, "x", duty, health, limit_s=0.01))
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0)
    task.cancel()
    assert health.parts()["duty:x"].trouble is None
