"""A row that the core fails on is left out, and nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from airspace.model.alert import Alert
from airspace.model.detection import Detections
from airspace.model.log import Batch, Command, CommandKind, Heartbeat
from airspace.model.message import RejectReason
from airspace.model.track import Changes
from airspace.model.verdict import Verdict
from airspace.model.zone import Zone
from airspace.service import fence as module
from airspace.service.fence import Fence
from airspace.service.line import Line
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from geofences.catalogue import Catalogue
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from tests.airspace.rows import START_S, flight, rows
from tests.geofences.made import feature, zone_set

POISON = "POISON0001"


class FailingTracker(Picture):
    """Fails on one drone after half of its state has changed, as a fault of ours would."""

    def step(self, batch: Batch) -> Changes:
        changes = super().step(batch)
        if POISON in batch.detections.uas_id.tolist():
            raise ZeroDivisionError("value of a message that must not be told")
        return changes


class FailingJudge(Judge):
    """The same, one stage later."""

    def judge(self, changes: Changes) -> tuple[Verdict, ...]:
        verdicts = super().judge(changes)
        if POISON in changes.rows.uas_id.tolist():
            raise KeyError(POISON)
        return verdicts


@dataclass
class FailingAlerts:
    """Fails on a command and, while it is told to, on ticks."""

    ticks_fail: bool = False
    acts: list[str] = field(default_factory=list)
    silent: ClassVar[tuple[Alert, ...]] = ()

    def step(
        self,
        verdicts: Sequence[Verdict],
        changes: Changes,
        heartbeats: Sequence[Heartbeat],
        commands: Sequence[Command],
    ) -> tuple[Alert, ...]:
        self.acts += [command.alert_id for command in commands]
        if "bad" in self.acts or (self.ticks_fail and changes.tick_s is not None):
            raise RuntimeError("a person's act, or time")
        return self.silent


def fence(tracker: Picture, kind: type[Judge] = Judge) -> Fence:
    catalogue, book = Catalogue([zone_set(feature())]), NoticeBook()
    line = Line(tracker, kind(catalogue, book), AlertBook([]))
    return Fence(line, shared=(Catalogue, NoticeBook, Zone))


def log(*, poisoned: bool) -> list[dict[str, Any]]:
    """Three drones over the ArenA for 20 s, and now and then a row that the core cannot take."""
    drones = [flight(f"1ZZZ80000000{number}", 20, transmitter=f"t{number}") for number in range(3)]
    found = [row for second in zip(*drones, strict=True) for row in second]
    if poisoned:
        for place in (50, 31, 30, 7, 0):
            found.insert(place, {**flight(POISON, 1)[0], "received_s": found[place]["received_s"], "transmitter": "p"})
    return found


def told(guard: Fence, entries: list[dict[str, Any]], size: int) -> tuple[list[tuple[Any, ...]], int]:
    """(what was told, rows left out) of a log cut into batches, with a tick at the end."""
    alerts: list[Alert] = []
    left_out = 0
    for first in range(0, len(entries), size):
        taken = guard.apply(Batch(detections=rows(*entries[first : first + size])))
        alerts += [alert for outcome in taken.outcomes for alert in outcome.alerts]
        left_out += len(taken.rejects)
    taken = guard.apply(Batch(detections=Detections.empty(), tick_s=START_S + 30))
    alerts += [alert for outcome in taken.outcomes for alert in outcome.alerts]
    return [(alert.alert_id, alert.state, alert.reason, alert.uas_id, alert.time_s) for alert in alerts], left_out


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("stage", ["tracker", "judge"])
def test_a_row_that_fails_is_left_out_and_every_alert_is_as_without_it(size: int, stage: str) -> None:
    sound, _ = told(fence(Picture()), log(poisoned=False), size)
    guard = fence(FailingTracker()) if stage == "tracker" else fence(Picture(), FailingJudge)
    found, left_out = told(guard, log(poisoned=True), size)
    assert [each[1:] for each in found] == [each[1:] for each in sound]
    assert len(sound) >= 2
    assert left_out == guard.left_out == 5


def test_the_reject_names_the_fault_and_the_row_but_no_value_of_the_fault() -> None:
    guard = fence(FailingTracker())
    taken = guard.apply(Batch(detections=rows(*flight(POISON, 1), *flight("1ZZZ800000001", 1))))
    (reject,) = taken.rejects
    assert reject.reason is RejectReason.NOT_TAKEN
    assert reject.detail.startswith("ZeroDivisionError in test_fence.py:")
    assert "must not be told" not in reject.detail
    assert reject.sensor == "north"
    assert POISON.encode() in reject.payload
    assert guard.health() == f"1 entries left out, the last: {reject.detail}"
    assert sum(len(outcome.batch.detections) for outcome in taken.outcomes) == 1


def test_a_command_or_a_tick_that_fails_is_left_out_alone() -> None:
    alerts = FailingAlerts(ticks_fail=True)
    guard = Fence(Line(Picture(), fence(Picture())._line.stages[1], alerts))  # type: ignore[arg-type]
    acts = tuple(
        Command(kind=CommandKind.ACKNOWLEDGE, alert_id=name, by="team", logged_s=START_S) for name in ("a", "bad", "b")
    )
    taken = guard.apply(Batch(detections=rows(*flight("1ZZZ800000001", 2)), commands=acts, tick_s=START_S + 1))
    assert alerts.acts == ["a", "b"]
    assert sum(len(outcome.batch.detections) for outcome in taken.outcomes) == 2
    assert guard.left_out == 2
    alerts.ticks_fail = False
    assert guard.apply(Batch(detections=Detections.empty(), tick_s=START_S + 2)).outcomes[0].changes.live is not None


def test_rules_that_change_are_not_taken_back_by_a_fault() -> None:
    catalogue, book = Catalogue([zone_set(feature())]), NoticeBook()
    judge = Judge(catalogue, book)
    in_force: list[object] = [catalogue]
    line = Line(FailingTracker(), judge, AlertBook([]))
    guard = Fence(line, shared=(Catalogue, NoticeBook, Zone), rules=lambda: tuple(in_force))
    guard.apply(Batch(detections=rows(*flight("1ZZZ800000001", 5))))
    other = Catalogue([])
    judge.replace_zones(other)
    in_force[:] = [other]
    guard.apply(Batch(detections=rows(*flight(POISON, 1, start_s=START_S + 6))))
    assert guard.left_out == 1
    alerts = told(guard, flight("1ZZZ800000002", 20, start_s=START_S + 7), 4)[0]
    assert [reason for _, _, reason, _, _ in alerts] == ["zone_ended"]  # of the first drone; none is opened


def test_the_memory_of_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BATCHES", 10)
    guard = fence(Picture())
    for second in range(25):
        guard.apply(Batch(detections=Detections.empty(), tick_s=START_S + second))
        assert len(guard._since) < 10


def test_the_log_since_a_snapshot_is_bounded_however_large_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_ROWS", 4)
    monkeypatch.setattr(module, "MOST_ROWS", 6)
    monkeypatch.setattr(module, "BYTES_A_ROW", 1)  # by its size alone, a snapshot would allow thousands
    guard, held = fence(Picture()), []
    for row in flight("1ZZZ800000001", 20):
        guard.apply(Batch(detections=rows(row)))
        held.append(guard._rows)
    assert max(held) == 5
