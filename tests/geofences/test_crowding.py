"""More announced flights than a control zone takes: a situation of the zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from airspace.model.track import Changes, TrackState
from airspace.model.verdict import NOBODY, Kind, Reason, Verdict, VerdictValue
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from geofences.notices.capacity import Capacity, CapacityEntry
from geofences.rules import capacity
from tests.geofences import made
from tests.geofences.test_catalogue import CTR

MISSIONS = {"A": "inspection", "B": "broadcast", "C": "police", "D": "fire", "U": None}


def room(commercial: int, emergency: int) -> Capacity:
    return Capacity(entries=(CapacityEntry(group="ctr-eham", commercial=commercial, emergency=emergency),))


def judge(setting: Capacity) -> Judge:
    notices = [
        made.notice(notice_id=f"N-{name}", uas_serials=(f"TEST1{name}",), mission_type=mission)
        for name, mission in MISSIONS.items()
        if mission
    ]
    return Judge(made.catalogue(CTR), NoticeBook(notices), capacity=setting.of)


def part(second: int, drones: str, **columns: Any) -> Changes:
    """Two rows of each drone, and a tick."""
    n = len(drones)
    number = np.repeat([ord(name) for name in drones], 2)
    values = {
        "number": number,
        "track_id": [f"T{each}" for each in number],
        "flight_id": [f"F{each}" for each in number],
        "uas_id": [f"TEST1{chr(each)}" for each in number],
        "logged_s": made.NOON_S + second + np.tile([0.0, 0.5], n),
        "fixes": 2 * second + np.tile([1, 2], n),
    } | columns
    rows = made.tracks([made.ARENA] * 2 * n, **values)
    live = rows.take(np.arange(1, 2 * n, 2))
    return made.changes(rows, live=live, tick_s=made.NOON_S + second + 1)


def group_of(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    return [each for each in verdicts if each.kind is Kind.CAPACITY]


@pytest.mark.parametrize(
    ("drones", "setting", "crowded"),
    [
        ("AB", room(2, 1), False),
        ("AB", room(1, 1), True),
        ("ABU", room(2, 0), False),  # an unknown drone is no breach by the announced ones
        ("AC", room(1, 1), False),
        ("ACD", room(1, 1), True),
        ("CD", room(0, 2), False),
        ("AB", Capacity(), False),
    ],
)
def test_how_many_there_is_room_for(drones: str, setting: Capacity, crowded: bool) -> None:  # noqa: FBT001 a table's column
    told = group_of(judge(setting).judge(part(0, drones)))
    assert [each.reason for each in told] == [Reason.CTR_CONCURRENCY] * crowded


def test_it_names_the_zone_and_nobody() -> None:
    a_judge = judge(room(1, 1))
    (one,) = group_of(a_judge.judge(part(0, "ABCU")))
    assert (one.value, one.group, one.group_name_nl) == (VerdictValue.SITUATION, "ctr-eham", "de CTR Schiphol")
    assert one.track.number == NOBODY.number
    assert (one.track.track_id, one.track.uas_id, one.notice_id) == ("", None, None)
    counts = {"commercial": 2, "commercial_room": 1, "emergency": 1, "emergency_room": 1, "unknown": 1}
    assert {name: one.evidence[name] for name in counts} == counts
    assert group_of(a_judge.judge(part(1, "ABCU"))) == []
    (over,) = group_of(a_judge.judge(part(2, "A")))
    assert (over.value, over.reason) == (VerdictValue.ALLOWED, Reason.BACK_WITHIN_LIMIT)
    assert group_of(a_judge.judge(part(3, "A"))) == []


def test_a_drone_that_has_not_quite_entered_is_not_counted() -> None:
    states = [*[TrackState.CONFIRMED] * 4, TrackState.TENTATIVE, TrackState.CONFIRMED]  # one row of the third
    (one,) = group_of(judge(room(1, 1)).judge(part(0, "ABU", state=states)))
    assert (one.evidence["commercial"], one.evidence["unknown"]) == (2, 0)


@pytest.mark.parametrize(
    ("mission", "emergency"),
    [
        ("police", True), ("Police", True), ("fire fighting", True), ("search-and-rescue", True), ("SAR", True),
        ("state security", True), ("medical", True), ("inspection", False), ("broadcast", False), (None, False),
        ("firework show", False), ("caesar", False),
    ],
)  # fmt: skip
def test_which_missions_are_emergency_services(mission: str | None, emergency: bool) -> None:  # noqa: FBT001 a table's column
    assert capacity.is_emergency(mission) is emergency
