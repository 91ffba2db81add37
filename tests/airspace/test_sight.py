"""What no track follows is counted by cause, told for a minute, and never counted twice or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace import app
from airspace.app import rules, watch
from airspace.model.detection import Detections, Source
from airspace.model.health import HealthLevel, PartState, Trouble
from airspace.model.log import Batch
from airspace.model.privacy import Mode, Privacy
from airspace.model.unfollowed import Unfollowed
from airspace.service import config
from airspace.service import fence as fencing
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.metrics import Metrics
from airspace.service.notify import Manager
from airspace.service.places import Places
from airspace.service.sight import TOLD_FOR_S, Sight
from airspace.service.view import LiveView
from airspace.tracking.picture import Picture
from airspace.tracking.unidentified.settings import Settings
from dashboards.api.attempts import Attempts
from tests.airspace.rows import ARENA, START_S, rows
from tests.airspace.test_fence import POISON, FailingTracker, fence
from tests.airspace.test_view import START_S as EVENING_S
from tests.airspace.test_view import ZONES, evening

FINDER = (ARENA[0] - 0.01, ARENA[1])


def bearing(second: float, degrees: float, **more: Any) -> dict[str, Any]:
    """A direction from a finder whose place is known."""
    said = {
        "source": Source.RF,
        "sensor": "finder",
        "received_s": START_S + second,
        "time_s": START_S + second,
        "bearing_deg": degrees,
        "bearing_accuracy_deg": 2.0,
    }
    return said | more


def named(second: float, serial: str) -> dict[str, Any]:
    return {"uas_id": serial, "received_s": START_S + second, "transmitter": serial}


def swarm() -> list[dict[str, Any]]:
    """More than a small picture takes, for 12 s: ten drones and eight directions a second, and one of no use."""
    log = []
    for second in range(12):
        log += [named(second + 0.01 * number, f"9ZZZ80000{number:04d}") for number in range(10)]
        log += [bearing(second + 0.2 + 0.05 * number, 40.0 * number) for number in range(8)]
        log.append(bearing(second + 0.7, 5.0, sensor="nobody-knows-where"))
    return log


def batches(log: list[dict[str, Any]], size: int) -> list[Batch]:
    """A log cut into batches, a tick after each second."""
    cut = []
    for second in range(12):
        of_second = [row for row in log if int(row["received_s"] - START_S) == second]
        cut += [Batch(detections=rows(*of_second[at : at + size])) for at in range(0, len(of_second), size)]
        cut.append(Batch(detections=Detections.empty(), tick_s=START_S + second + 1))
    return cut


def picture(kind: type[Picture] = Picture) -> Picture:
    return kind(max_tracks=4, places={"finder": FINDER}, nameless=Settings(max_waiting=7, max_emitters=3))


def totals(tracker: Picture, log: list[Batch]) -> Unfollowed:
    for batch in log:
        tracker.step(batch)
    return tracker.unfollowed


def test_every_cause_is_counted_however_the_log_is_cut() -> None:
    found = totals(picture(), batches(swarm(), 1))
    assert found.tracks_full == 12 * 6
    assert found.waiting_full == 12
    assert found.emitters_full > 0
    assert found.unplaced == 12
    assert found.no_room == found.tracks_full + found.waiting_full + found.emitters_full
    for size in (7, 256):
        assert totals(picture(), batches(swarm(), size)) == found


def test_a_row_that_comes_too_late_is_counted() -> None:
    late = [Batch(detections=rows(bearing(-30.0, 5.0, logged_s=START_S + 0.8)), tick_s=START_S + 1)]
    assert totals(picture(), late) == Unfollowed(too_late=1)


def exposed(metrics: Metrics) -> dict[str, float]:
    """Cause -> what a scraper reads."""
    lines = [line for line in metrics.page().decode().splitlines() if line.startswith("airspace_detections_unfollowed")]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in lines if "_total{" in line}


def scraped(guard: Fence, log: list[Batch]) -> list[dict[str, float]]:
    """What a scraper reads after each outcome."""
    metrics, seen = Metrics(), []
    for batch in log:
        for outcome in guard.apply(batch).outcomes:
            metrics.count_unfollowed(outcome.unfollowed)
            seen.append(exposed(metrics))
    return seen


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("least_rows", [5, 20_000])
def test_a_fault_neither_doubles_a_count_nor_takes_it_back(
    size: int, least_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fence goes back and plays the log again: what was counted before is counted by the picture once more."""
    monkeypatch.setattr(fencing, "LEAST_ROWS", least_rows)
    monkeypatch.setattr(fencing, "BYTES_A_ROW", 10**9)
    poisoned = swarm()
    for place in (200, 101, 100, 17, 0):
        poisoned.insert(place, named(poisoned[place]["received_s"] - START_S, POISON))
    guard = fence(picture(FailingTracker))
    seen = scraped(guard, batches(poisoned, size))
    assert guard.left_out == 5
    for before, after in pairwise(seen):
        assert all(after[cause] >= before[cause] for cause in before)
    assert seen[-1] == totals(picture(), batches(swarm(), size)).by_cause()


def test_counters_stand_at_nought_from_the_start_and_never_fall() -> None:
    metrics = Metrics()
    assert exposed(metrics) == dict.fromkeys(Unfollowed().by_cause(), 0.0)
    for total, told in ((5, 5), (2, 5), (5, 5), (6, 6)):
        metrics.count_unfollowed(Unfollowed(tracks_full=total))
        assert exposed(metrics)["tracks_full"] == told


# the last minute


def test_what_was_not_followed_is_told_for_a_minute() -> None:
    sight = Sight()
    assert sight.health(START_S) == "ok"
    sight.take(Unfollowed(tracks_full=3, too_late=9), START_S)
    sight.take(Unfollowed(tracks_full=3, waiting_full=2, unplaced=4, too_late=9), START_S + 30)
    assert sight.lately(START_S + 59).no_room == 5
    assert sight.health(START_S + 59) == (
        "detections not followed in the last minute: 3 no room for another track, "
        "2 too many without identity between two ticks, 4 from a sensor whose place is not known; 9 since the start"
    )
    assert sight.lately(START_S + 62) == Unfollowed(waiting_full=2, unplaced=4)
    assert sight.health(START_S + 92) == "ok"
    sight.take(Unfollowed(tracks_full=4, waiting_full=2, unplaced=4, too_late=9), START_S + 200)
    assert sight.lately(START_S + 200) == Unfollowed(tracks_full=1)


def test_a_late_row_says_nothing_of_how_well_we_see_now() -> None:
    sight = Sight()
    sight.take(Unfollowed(too_late=9), START_S)
    assert sight.health(START_S) == "ok"
    assert sight.lately(START_S).no_room == 0


@given(st.lists(st.tuples(st.floats(0.0, 40.0), st.integers(0, 5)), max_size=40))
def test_the_last_minute_is_that_and_a_second_at_most(rises: list[tuple[float, int]]) -> None:
    sight, now_s, total, log = Sight(), START_S, 0, []
    for wait_s, rise in rises:
        now_s, total = now_s + wait_s, total + rise
        log.append((now_s, rise))
        sight.take(Unfollowed(tracks_full=total), now_s)
        least = sum(rise for at_s, rise in log if at_s > now_s - TOLD_FOR_S)
        most = sum(rise for at_s, rise in log if at_s > now_s - TOLD_FOR_S - 2.0)
        assert least <= sight.lately(now_s).no_room <= most
        assert len(sight._marks) <= TOLD_FOR_S + 2


def test_a_crowd_within_one_second_is_one_mark() -> None:
    sight = Sight()
    for count in range(1, 1000):
        sight.take(Unfollowed(tracks_full=count), START_S + count / 1000)
    assert len(sight._marks) == 1
    assert sight.lately(START_S + 1).no_room == 999


# people


def looks(view: LiveView, now_s: list[float]) -> Callable[[], dict[str, PartState]]:
    """What the watch says of each part, each time it is asked."""
    rulebook = rules.Rulebook([ZONES], [])
    assembly = app.Assembly(
        url="",
        privacy=Privacy(mode=Mode.STATISTICS, key=b"k"),
        rulebook=rulebook,
        sensors=(),
        sources=[],
        channels=[],
        settings=config.Settings(),
        clock=lambda: now_s[0],
    )
    health = Health(assembly.clock)
    watched = watch.Watched(
        assembly=assembly,
        health=health,
        view=view,
        core=fence(picture()),
        committing_for_s=lambda: 0.0,
        metrics=Metrics(),
        manager=Manager({}),
        places=Places(),
        attempts=Attempts(lambda: 0.0),
    )

    def told() -> dict[str, PartState]:
        asyncio.run(watch.look(watched))
        return dict(health.parts())

    return told


def test_readyz_names_the_tracker_while_it_has_no_room_and_for_a_minute_more() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    now_s = [EVENING_S]
    told = looks(view, now_s)
    assert told()["tracking"].level is HealthLevel.OK
    view.sight.take(Unfollowed(waiting_full=12), now_s[0])
    assert told()["tracking"].detail.startswith("detections not followed in the last minute: 12 too many without")
    assert told()["core"].level is HealthLevel.OK
    now_s[0] += TOLD_FOR_S + 2
    assert told()["tracking"].level is HealthLevel.OK


def test_where_no_sensor_is_known_a_part_says_why_coverage_is_reduced() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    told = looks(view, [EVENING_S])
    assert told()["sensors"].level is HealthLevel.OK
    view._parts = replace(view._parts, sensor_health=tuple)
    view._drones.clear()
    view._answers.clear()
    assert view.status()["state"] == "coverage_reduced"
    said = told()["sensors"]
    assert (said.level, said.trouble) == (HealthLevel.DEGRADED, Trouble.NO_SENSORS)
    assert said.detail == "None is registered: every message is refused."


def test_the_status_says_it_and_is_never_clear_meanwhile() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    view._drones.clear()  # nothing flies
    view._answers.clear()
    assert (view.status()["state"], view.status()["no_room"]) == ("clear", 0)
    (outcome,) = fence(picture()).apply(Batch(detections=Detections.empty())).outcomes
    view.take(replace(outcome, unfollowed=Unfollowed(unplaced=3, too_late=3)))
    assert (view.status()["state"], view.status()["no_room"]) == ("clear", 0)
    view.take(replace(outcome, unfollowed=Unfollowed(emitters_full=7, unplaced=3, too_late=3)))
    assert (view.status()["state"], view.status()["no_room"]) == ("coverage_reduced", 7)
