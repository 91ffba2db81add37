"""Signs of rows, each by itself: what shows it, and what stays just short of it. And what signs come to together."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import Flag, IdType, Source, Status, UaType
from airspace.model.track import Remark
from airspace.simulation.scenes import scene
from airspace.simulation.settings import Kind, Settings
from airspace.tracking import plausibility
from airspace.tracking.columns import State
from airspace.tracking.plausibility import SIGNS, Family, counters
from tests.airspace.rows import START_S
from tests.conftest import ROOT
from tests.tracking.sky import Sky, message

NAME = "9ZZZ1A"
Row = dict[str, Any]


def said(*log: Row) -> Remark:
    return Sky().hear(*log).remarks(NAME)


# the table


def test_every_sign_is_in_the_table_once() -> None:
    assert sorted(sign.remark for sign in SIGNS) == sorted(Remark)


def test_every_family_has_a_sign_and_every_score_is_a_doubt() -> None:
    assert {sign.family for sign in SIGNS} == set(Family)
    assert all(0.0 < sign.score < 1.0 for sign in SIGNS)


def test_the_manual_says_what_the_code_does() -> None:
    lines = [line for line in (ROOT / "docs" / "signs.md").read_text().splitlines() if line.startswith("| `")]
    assert lines == [
        f"| `{str(sign.remark.name).lower()}` | {sign.family} | {sign.score:g} | {sign.threshold} | {sign.source} | "
        f"{sign.honest} |"
        for sign in SIGNS
    ]


# what signs come to


def suspects(remarks: int) -> bool:
    block = State.blank(1)
    block.remarks[:] = remarks
    plausibility.judge(block)
    return bool(block.suspect[0])


def test_one_sign_is_no_suspicion_but_one_identity_at_two_places_is() -> None:
    assert [sign.remark for sign in SIGNS if suspects(sign.remark)] == [Remark.IDENTITY_CONFLICT]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SIGNS, 2)))
def test_two_signs_are_a_suspicion_when_they_are_of_two_families(
    one: plausibility.Sign, other: plausibility.Sign
) -> None:
    alone = Remark.IDENTITY_CONFLICT in {one.remark, other.remark}
    assert suspects(one.remark | other.remark) == (alone or one.family is not other.family)


def test_scores_of_families_are_combined_as_independent_doubts() -> None:
    weight = {sign.remark: sign.score for sign in SIGNS}
    clock = Remark.SKEW | Remark.FROZEN_TIME
    wanted = 1.0 - (1.0 - weight[Remark.FROZEN_TIME]) * (1.0 - weight[Remark.OPERATOR_FAR])
    found = plausibility.score(np.array([0, Remark.SKEW, clock, clock | Remark.OPERATOR_FAR]))
    assert found.tolist() == pytest.approx([0.0, weight[Remark.SKEW], weight[Remark.FROZEN_TIME], wanted])


@given(st.integers(0, 2 * max(Remark) - 1), st.sampled_from(list(Remark)))
def test_another_sign_never_makes_a_signal_more_trustworthy(remarks: int, more: Remark) -> None:
    before, after = plausibility.score(np.array([remarks, remarks | more]))
    assert 0.0 <= before <= after < 1.0
    assert suspects(remarks) <= suspects(remarks | more)


# clocks and counters


def test_a_message_time_off_by_more_than_five_seconds() -> None:
    assert said(message(0, time_s=START_S - 5.0)) == 0
    assert said(message(0, time_s=START_S - 5.1)) == Remark.SKEW
    assert said(message(0, time_s=START_S + 5.1)) == Remark.SKEW


def test_a_time_that_stands_while_the_drone_moves() -> None:
    still = [message(second, 9.0 * second, time_s=START_S - 600.0) for second in range(13)]
    assert said(*still[:12]) == Remark.SKEW
    assert said(*still) == Remark.SKEW | Remark.FROZEN_TIME


def test_a_counter_that_stands_while_the_drone_moves() -> None:
    still = [message(second, 9.0 * second, counter=93) for second in range(13)]
    assert said(*still[:12]) == 0
    assert said(*still) == Remark.FROZEN_COUNTER


def test_a_counter_that_comes_round_after_a_silence_has_not_stood() -> None:
    gone_round = [message(turn * 11.0, 90.0 * turn, counter=7) for turn in range(9)]
    assert said(*gone_round) == 0
    nearly = [message(turn * 9.9, 90.0 * turn, counter=7) for turn in range(9)]
    assert said(*nearly) == Remark.FROZEN_COUNTER


def test_a_position_that_stands_may_repeat_its_counter() -> None:
    assert said(*(message(second, 0.0, counter=93) for second in range(300))) == 0


# identity


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({}, Remark.SERIAL_INVALID),
        ({"flags": 0}, Remark(0)),
        ({"flags": int(Flag.OPERATOR_ID_LONG)}, Remark(0)),
        ({"uas_id_type": IdType.UNKNOWN}, Remark(0)),
        ({"uas_id_type": IdType.CAA}, Remark(0)),
        ({"source": Source.DJI}, Remark(0)),
    ],
)
def test_a_serial_number_that_is_none(row: Row, wanted: Remark) -> None:
    assert said(message(0, flags=int(Flag.SERIAL_INVALID)) | row) == wanted


# speeds


@pytest.mark.parametrize(
    ("speed_m_s", "ua_type", "wanted"),
    [
        (59.0, UaType.MULTIROTOR, Remark(0)),
        (62.0, UaType.MULTIROTOR, Remark.TOO_FAST),
        (62.0, UaType.AEROPLANE, Remark(0)),
        (125.0, UaType.HYBRID_LIFT, Remark.TOO_FAST),
    ],
)
def test_faster_than_its_kind_flies(speed_m_s: float, ua_type: UaType, wanted: Remark) -> None:
    assert said(*(message(2.0 * turn, 2.0 * turn * speed_m_s, ua_type=ua_type) for turn in range(5))) == wanted


def flown(claimed_m_s: float, flown_m_s: float, seconds: int, **more: Any) -> list[Row]:
    return [
        message(second, second * flown_m_s, speed_m_s=claimed_m_s, time_s=round(START_S + second - 0.7, 1), **more)
        for second in range(seconds)
    ]


@pytest.mark.parametrize(
    ("claimed_m_s", "flown_m_s", "mismatch"),
    [
        (10.0, 10.0, False),
        (10.0, 19.0, False),
        (10.0, 5.5, False),
        (0.0, 10.0, True),
        (3.0, 18.0, True),
        (18.0, 3.0, True),
        (20.0, 0.0, True),
        (0.0, 3.0, False),  # 180 m in a minute are below what a minute's stretch must show
    ],
)
def test_a_speed_that_is_not_the_one_flown(claimed_m_s: float, flown_m_s: float, *, mismatch: bool) -> None:
    assert said(*flown(claimed_m_s, flown_m_s, 200)) == (Remark.SPEED_MISMATCH if mismatch else 0)


def test_a_mismatch_needs_its_way() -> None:
    assert said(*flown(0.0, 10.0, 25)) == 0  # 240 m
    assert said(*flown(0.0, 10.0, 27)) == Remark.SPEED_MISMATCH


def test_no_pair_of_fixes_decides_about_speed() -> None:
    """Two jumps of 95 m in a hover: a satellite receiver loses its place and finds it."""
    steps = [0.0] * 20 + [95.0] * 5 + [190.0] * 20
    assert said(*(message(second, north, speed_m_s=0.0) for second, north in enumerate(steps))) == 0


def test_a_jump_begins_another_stretch() -> None:
    steps = [second * 10.0 + (0.0 if second % 20 else 5_000.0) for second in range(200)]
    assert not said(*(message(second, north, speed_m_s=0.0) for second, north in enumerate(steps))) & (
        Remark.SPEED_MISMATCH
    )


def test_an_unknown_speed_is_not_wrong() -> None:
    assert said(*flown(float("nan"), 10.0, 200)) == 0


def test_circling_is_no_mismatch() -> None:
    turn = [2.0 * np.pi * second / 12.0 for second in range(300)]  # radius 20 m at 10.5 m/s
    assert (
        said(
            *(
                message(second, 20.0 * np.cos(one), 20.0 * np.sin(one), speed_m_s=10.5)
                for second, one in enumerate(turn)
            )
        )
        == 0
    )


def test_seldom_fixes_of_a_tight_circle_are_no_mismatch() -> None:
    """Radius 10 m at 10 m/s, a fix every 4.9 s: the straight way between two fixes is a quarter of the one flown."""
    turn = [4.9 * fix for fix in range(60)]
    seldom = [message(one, 10.0 * np.cos(one), 10.0 * np.sin(one), speed_m_s=10.0) for one in turn]
    assert said(*seldom) == 0


def test_a_stretch_takes_the_speed_that_speaks_for_the_drone() -> None:
    sky = Sky().hear(message(0, 0.0, speed_m_s=0.0), message(1, 8.0, speed_m_s=10.0), message(2, 14.0, speed_m_s=4.0))
    assert sky.state.stretch_most_m[0] == pytest.approx(10.0 + 10.0)
    assert sky.state.stretch_short_m[0] == pytest.approx((0.0 - 2 * 8.0) + (4.0 - 2 * 6.0), abs=0.1)


@pytest.mark.parametrize(
    ("status", "flown_m_s", "wanted"),
    [
        (Status.GROUND, 5.0, Remark.GROUND_MOVING),
        (Status.AIRBORNE, 5.0, Remark(0)),
        (Status.UNKNOWN, 5.0, Remark(0)),
        (Status.GROUND, 2.0, Remark(0)),  # 120 m in a minute: pushed, or settling
        (Status.GROUND, 0.0, Remark(0)),
    ],
)
def test_on_the_ground_and_moving(status: Status, flown_m_s: float, wanted: Remark) -> None:
    assert said(*flown(flown_m_s, flown_m_s, 120, status=status)) == wanted


def test_one_message_in_the_air_makes_the_stretch_a_flight() -> None:
    log = flown(5.0, 5.0, 56, status=Status.GROUND)
    log[10]["status"] = Status.AIRBORNE
    assert said(*log) == 0


# places


def test_an_operator_beyond_any_link() -> None:
    near = message(0, operator_latitude_deg=52.3144 + 14_900 / 111_270, operator_longitude_deg=4.9419)
    far = near | {"operator_latitude_deg": 52.3144 + 15_100 / 111_270}
    again = {"received_s": START_S + 1.0}
    assert said(near, near | again) == 0
    assert said(far, far | again) == Remark.OPERATOR_FAR


# many under one counter: at ticks


def ghosts(count: int, seconds: int, counter: Any = lambda _ghost, _second: 93) -> list[Row]:
    return [
        message(
            second, 100.0 * ghost, uas_id=f"9ZZZ2G{ghost}", transmitter=f"mac {ghost}", counter=counter(ghost, second)
        )
        for second in range(seconds)
        for ghost in range(count)
    ]


def shared(*log: Row, tick: float) -> int:
    sky = Sky().hear(*log, tick_s=START_S + tick)
    assert set(sky.all_remarks) <= {0, int(Remark.SHARED_COUNTER)}
    return sum(map(bool, sky.all_remarks))


def test_fifteen_ghosts_under_one_counter() -> None:
    assert shared(*ghosts(15, 4), tick=4.0) == 15


@pytest.mark.parametrize(
    ("count", "seconds", "tick", "value"),
    [
        (counters.SHARED_BY - 1, 10, 10.0, 93),
        (15, 3, 3.0, 93),  # for two seconds only
        (15, 10, 30.0, 93),  # no longer heard
        (15, 10, 10.0, 0),  # firmware that does not count
    ],
)
def test_not_enough_of_them_or_for_long_enough(count: int, seconds: int, tick: float, value: int) -> None:
    assert shared(*ghosts(count, seconds, lambda *_: value), tick=tick) == 0


def test_counters_that_agree_and_go_on_are_no_sign() -> None:
    assert shared(*ghosts(15, 30, lambda _, second: second), tick=30.0) == 0


def test_counters_that_stand_at_values_of_their_own_are_no_shared_one() -> None:
    assert shared(*ghosts(15, 30, lambda ghost, _: ghost + 1), tick=30.0) == 0


def test_the_honest_one_among_ghosts_is_left_alone() -> None:
    honest = [message(second, counter=(90 + second) % 256) for second in range(6)]  # passes 93 on its way
    sky = Sky().hear(*ghosts(15, 6), *honest, tick_s=START_S + 6.0)
    assert sky.remarks(NAME) == 0
    assert sky.remarks("9ZZZ2G3") == Remark.SHARED_COUNTER


def test_what_is_known_already_is_not_found_again() -> None:
    sky = Sky().hear(*ghosts(5, 6), tick_s=START_S + 6.0)
    assert not plausibility.at_tick(sky.state, START_S + 7.0).any()


def test_a_swarm_of_the_simulator_is_suspect_and_the_real_ones_in_it_are_not() -> None:
    """As it was seen: fifteen serials, fifteen addresses, one number."""
    made = scene(Settings(aircraft=5, swarm=15, length_s=90), seed=4)
    sky, start = Sky({one.sensor_id: (one.latitude_deg or 0.0, one.longitude_deg or 0.0) for one in made.sensors}), 0
    for batch in made.batches(4096):
        owner = made.owner[start : start + len(batch.detections)]
        sky.take(batch.detections, owner.tolist(), tick_s=batch.tick_s)
        start += len(owner)
    ghosts = set(np.flatnonzero(made.kind == Kind.GHOST).tolist())
    assert len(ghosts) == 15
    for aircraft in sorted(set(made.owner.tolist())):
        assert sky.suspect(aircraft) == (aircraft in ghosts)
        assert bool(sky.remarks(aircraft) & Remark.SHARED_COUNTER) == (aircraft in ghosts)
