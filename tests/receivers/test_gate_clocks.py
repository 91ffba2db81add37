"""A sensor's clock that is wrong, and a backlog: told apart in time, whoever flies and however rows come together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.clocks import put_right
from airspace.model.detection import Detections, Flag, texts
from airspace.model.message import Decoded
from airspace.model.sensor import Sensor
from receivers.gate import Gate
from receivers.gate.clocks import MOST_STRANGERS, WITHIN_S

NOW = 1_750_000_000.0
SENSORS = {"mast": Sensor(sensor_id="mast", name="mast", kind="remote_id")}
STALE, CLOCK = int(Flag.STALE), int(Flag.CLOCK_OF_SENSOR)
FOUND_WITHIN_S = 15.0
Behind = Callable[[float], float]  # how far the clock is behind, after so many seconds

LATE: dict[str, Behind] = {
    "1 h": lambda _: 3600.0,
    "400 s": lambda _: 400.0,
    "just over 300 s": lambda _: 302.0,
    "a day": lambda _: 86_400.0,
    "loses a second a minute": lambda second: 3000.0 + second / 60.0,
    "gains a second a minute": lambda second: 3000.0 - second / 60.0,
    "a jittery way": lambda second: 3600.0 + second * 7.3 % 1.0,
}


def rows(heard: list[tuple[str, float]], sensor: str = "mast", *, with_time: bool = True) -> Detections:
    """(drone, receive time); the message times are right within the hour, folded to the receive time."""
    received_s = np.array([at_s for _, at_s in heard])
    return Detections.build(
        len(heard),
        sensor=texts([sensor] * len(heard)),
        uas_id=texts([name for name, _ in heard]),
        received_s=received_s,
        time_s=received_s - 0.5 if with_time else np.full(len(heard), np.nan),
        latitude_deg=np.full(len(heard), 52.3),
        longitude_deg=np.full(len(heard), 4.9),
    )


def gate(*, accept: bool = False) -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=accept)


def flags(passing: Gate, now_s: float, *heard: tuple[str, float], sensor: str = "mast") -> list[int]:
    marks: list[int] = passing.admit(Decoded(detections=rows(list(heard), sensor)), now_s).detections.flags.tolist()
    return marks


@pytest.mark.parametrize("name", LATE)
@pytest.mark.parametrize("singly", [True, False])
@pytest.mark.parametrize("drones", [1, 3])
def test_a_clock_that_is_late_silences_nobody_for_long(name: str, drones: int, *, singly: bool) -> None:
    passing, last_stale_s = gate(), -1.0
    for second in range(90):
        lots = [[number] for number in range(drones)] if singly else [list(range(drones))]
        for lot in lots:
            now_s = NOW + second + 0.1 * lot[0]
            marks = flags(passing, now_s, *((f"drone {one}", now_s - LATE[name](second)) for one in lot))
            if STALE in marks:
                last_stale_s = second
            assert set(marks) == ({STALE} if STALE in marks else {CLOCK})
    assert last_stale_s <= FOUND_WITHIN_S
    ahead_s = passing.health(NOW + 90)[0].clock_ahead_s
    assert ahead_s == pytest.approx(-LATE[name](90), abs=2.0)


@pytest.mark.parametrize("behind_s", [-3600.0, -200.0, 200.0, 60.0])
def test_a_clock_that_is_wrong_by_less_or_ahead_is_marked_and_never_silences(behind_s: float) -> None:
    passing = gate()
    seen = [flags(passing, NOW + second, ("a", NOW + second - behind_s)) for second in range(40)]
    assert seen[0] == [0]
    assert seen[-1] == [CLOCK]
    assert not any(mark & STALE for marks in seen for mark in marks)


def test_a_drone_every_five_seconds_is_enough() -> None:
    passing = gate()
    seen = [flags(passing, NOW + second, ("a", NOW + second - 3600)) for second in range(0, 60, 5)]
    assert seen[:4] == [[STALE]] * 3 + [[CLOCK]]
    assert seen[4:] == [[CLOCK]] * 8


@pytest.mark.parametrize("every_s", [17.0, 20.0, 61.0, 290.0])
@pytest.mark.parametrize("behind_s", [3600.0, 400.0, 60.0, -600.0])
def test_a_row_now_and_then_is_enough_at_the_fourth(every_s: float, behind_s: float) -> None:
    passing = gate()
    seen = [flags(passing, now_s, ("a", now_s - behind_s)) for now_s in NOW + every_s * np.arange(9.0)]
    assert seen == [[STALE if behind_s > 300 else 0]] * 3 + [[CLOCK]] * 6
    assert passing.health(NOW + 9 * every_s)[0].clock_ahead_s == -behind_s


@pytest.mark.parametrize("every_s", [17.0, 61.0, 290.0])
@pytest.mark.parametrize("pace", [0.0, 0.4, 1.06, 1.5, 20.0])
def test_a_backlog_of_few_rows_is_never_live(every_s: float, pace: float) -> None:
    passing = gate()
    for number in range(20):
        now_s, heard_s = NOW + number * every_s, NOW - 8 * 3600 + pace * number * every_s
        if now_s - heard_s > 300:
            assert flags(passing, now_s, ("a", heard_s)) == [STALE]


def test_rows_too_far_apart_say_nothing_of_a_clock() -> None:
    passing = gate()
    for number in range(20):
        now_s = NOW + number * 400
        assert flags(passing, now_s, ("a", now_s - 3600)) == [STALE]


def hiccup(behind_s: float, for_s: int, drains: int) -> list[tuple[float, int]]:
    """(age of each row when it came, marks): the link holds rows up, then brings them ``drains`` a second."""
    passing, told, held, broken = gate(), [], list[float](), range(30, 30 + for_s)
    for second in range(240):
        now_s = NOW + second
        held.append(now_s)
        lot = [] if second in broken else held[:drains]
        del held[: len(lot)]
        if lot:
            marks = flags(passing, now_s, *(("a", heard_s - behind_s) for heard_s in lot))
            told += [
                (now_s - heard_s, mark) for heard_s, mark in zip(lot, marks, strict=True) if second > FOUND_WITHIN_S
            ]
    return told


@pytest.mark.parametrize("behind_s", [3600.0, 400.0])
@pytest.mark.parametrize("for_s", [40, 200])
@pytest.mark.parametrize("drains", [1000, 10, 3])
def test_what_a_broken_link_holds_up_is_never_taken_for_a_backlog(behind_s: float, for_s: int, drains: int) -> None:
    told = hiccup(behind_s, for_s, drains)
    assert max(age_s for age_s, _ in told) >= for_s - 5
    for age_s, mark in told:
        if abs(age_s - WITHIN_S) > 2:
            assert mark == (CLOCK if age_s < WITHIN_S else CLOCK | STALE)


def test_a_backlog_of_long_before_is_one_whatever_the_clock() -> None:
    passing = gate()
    for second in range(30):
        flags(passing, NOW + second, ("a", NOW + second - 400))
    lags = (-800.0, 100.0, 250.0, 700.0, 8 * 3600.0)
    assert flags(passing, NOW + 30, *(("a", NOW + 30 - lag_s) for lag_s in lags)) == [
        0,
        0,
        CLOCK | STALE,
        CLOCK | STALE,
        STALE,
    ]


def test_what_is_told_again_by_a_sensor_whose_clock_is_wrong_carries_that_too() -> None:
    passing = gate()
    for second in range(60):
        flags(passing, NOW + second, ("a", NOW + second - 3600))
    old = rows([("a", NOW + 60 - 3600)]).replace(time_s=np.array([NOW + 20 - 3600 - 0.5]))
    assert passing.admit(Decoded(detections=old), NOW + 60).detections.flags.tolist() == [CLOCK | STALE]


@pytest.mark.parametrize("jump", [(0.0, 3600.0), (3600.0, 0.0), (3600.0, 1800.0), (-3600.0, 400.0)])
def test_a_clock_that_jumps(jump: tuple[float, float]) -> None:
    passing, stale = gate(), []
    for second in range(120):
        now_s = NOW + second
        marks = flags(passing, now_s, ("a", now_s - jump[second >= 60]))
        stale += [second] if marks[0] & STALE else []
    assert all(second <= FOUND_WITHIN_S or 60 <= second <= 60 + FOUND_WITHIN_S for second in stale)
    ahead_s = passing.health(NOW + 120)[0].clock_ahead_s
    assert (ahead_s is None) if jump[1] == 0 else ahead_s == pytest.approx(-jump[1])


def test_what_was_found_holds_while_nobody_flies() -> None:
    passing = gate()
    for second in range(20):
        flags(passing, NOW + second, ("a", NOW + second - 3600))
    assert flags(passing, NOW + 2000, ("b", NOW + 2000 - 3601)) == [CLOCK]
    assert flags(passing, NOW + 2001, ("b", NOW + 2001 - 1000)) == [STALE]  # as old, by no clock that is known


PACES = [1.1, 1.5, 2.0, 20.0, 1000.0]


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("lag_s", [8 * 3600.0, 3600.0, 2000.0])
@pytest.mark.parametrize("every_s", [1.0, 0.1, 4.0])
def test_a_backlog_is_never_live(lag_s: float, pace: float, every_s: float) -> None:
    """Recordings and queues come faster than they happened, by little or much; those that have drained are live."""
    passing = gate()
    for number in range(int(60 / every_s)):
        now_s = NOW + number * every_s
        heard_s = min(NOW - lag_s + pace * number * every_s, now_s)
        is_old = now_s - heard_s > 300.5
        assert flags(passing, now_s, ("a", heard_s)) == [STALE] if is_old else True


def test_a_backlog_that_comes_in_lots_of_any_order_is_never_live() -> None:
    passing, random = gate(), np.random.default_rng(3)
    for second in range(60):
        heard_s = NOW - random.uniform(600.0, 8 * 3600.0, 200)
        assert set(flags(passing, NOW + second, *(("a", one) for one in heard_s.tolist()))) == {STALE}


def test_a_backlog_beside_what_is_live_is_no_clock() -> None:
    passing = gate()
    for second in range(60):
        now_s = NOW + second
        assert flags(passing, now_s, ("old", now_s - 3600), ("new", now_s - 0.2)) == [STALE, 0]
    assert passing.health(NOW + 60)[0].clock_ahead_s is None


def test_a_document_that_is_told_again_and_again_is_not_live() -> None:
    passing = gate()
    for second in range(60):
        assert flags(passing, NOW + second, ("a", NOW - 600)) == [STALE]


def test_sensors_that_nobody_registered_are_listened_to_as_well_and_take_bounded_memory() -> None:
    passing = gate(accept=True)
    for second in range(20):
        now_s = NOW + second
        last = flags(passing, now_s, ("a", now_s - 3600), sensor="mine")
        for number in range(40):
            flags(passing, now_s, ("b", now_s), sensor=f"{second} {number}")
    assert last == [CLOCK]
    assert len(passing._clocks._strangers) <= MOST_STRANGERS


LATE_S = 8.0
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.2, 1.0, 3.0, 20.0, 61.0]),  # after a pause of
        st.sampled_from("ab"),
        st.sampled_from([0.0, 0.0, LATE_S, 400.0, 3600.0, 3640.0]),  # heard so long before
        st.sampled_from([0.5, 0.5, 40.5, 60.5]),  # and said before that
    ),
    min_size=1,
    max_size=120,
)


def entry(name: str, heard_s: float, skew_s: float) -> Detections:
    return rows([(name, heard_s)]).replace(time_s=np.array([heard_s - skew_s]))


@settings(max_examples=60, deadline=None)
@given(log=ENTRIES, steady=st.booleans(), tight=st.booleans(), cuts=st.sets(st.integers(1, 400)))
def test_any_batching_marks_the_same(
    log: list[tuple[float, str, float, float]], cuts: set[int], *, steady: bool, tight: bool
) -> None:
    """Rows told again, new and known identities, and budgets too, at equal log times."""
    known = [(1.0, name, 0.0, 0.5) for _ in range(5) for name in "ab"] * 8 if steady else []
    now_s, entries = NOW, list[tuple[float, Detections]]()
    for pause_s, name, lag_s, skew_s in known + log:
        now_s += pause_s
        lag_s = 0.0 if tight and lag_s == LATE_S else lag_s  # noqa: PLW2901  late without room is evidence of its time
        entries.append((now_s, entry(name, now_s - lag_s, skew_s).replace(counter=np.array([float(len(entries))]))))
    whole, apart = (
        Gate(SENSORS, accept_unknown_sensors=False, rows_per_second=0.4 if tight else 2000.0, burst_s=5.0)
        for _ in range(2)
    )
    together, singly, start = dict[float, int](), dict[float, int](), 0
    for index, (at_s, row) in enumerate(entries, 1):
        singly |= admitted(apart, row, at_s)
        if index == len(entries) or entries[index][0] != at_s or index in cuts:
            together |= admitted(whole, Detections.concat([one for _, one in entries[start:index]]), at_s)
            start = index
    if tight:  # who goes first is a question of who comes together; how many pass, and how they are marked, is not
        assert len(together) == len(singly)
        both = together.keys() & singly.keys()
        together, singly = ({one: marks[one] for one in both} for marks in (together, singly))
    assert together == singly
    assert [replace(one, rows_per_s=0.0) for one in whole.health(now_s)] == [
        replace(one, rows_per_s=0.0) for one in apart.health(now_s)
    ]


def admitted(passing: Gate, lot: Detections, now_s: float) -> dict[float, int]:
    passed = passing.admit(Decoded(detections=lot), now_s).detections
    return dict(zip(passed.counter.tolist(), passed.flags.tolist(), strict=True))


def test_rows_of_one_moment_are_marked_the_same_in_one_batch_and_in_many() -> None:
    """A drone, and beside it each second what it said a minute before."""
    marks = []
    for singly in (False, True):
        passing, seen = gate(), list[int]()
        for second in range(100):
            now_s = NOW + second
            lots = [entry("a", now_s, 0.5), entry("a", now_s, 60.5)]
            for lot in lots if singly else [Detections.concat(lots)]:
                seen += passing.admit(Decoded(detections=lot), now_s).detections.flags.tolist()
        marks.append(seen)
    assert marks[0] == marks[1]
    assert marks[0][-2:] == [0, STALE]


@pytest.mark.parametrize(
    ("received_s", "said_s", "right_said_s"),
    [
        (NOW - 3600, NOW - 3600.5, NOW - 0.5),  # whole hours, which the message's minutes hide
        (NOW - 600, NOW - 0.5, NOW - 0.5),  # the drone is right
        (NOW - 400, NOW - 400.5, NOW - 0.5),  # its time moves with the receiver's
        (NOW - 3600, NOW - 3600 - 700, NOW - 700),  # what is the drone's own stays
        (NOW + 600, NOW - 700, NOW - 700),
    ],
)
def test_times_are_put_right_by_the_receivers_fault_alone(
    received_s: float, said_s: float, right_said_s: float
) -> None:
    heard_s, right_s = put_right(np.array([received_s]), np.array([said_s]), np.array([NOW]))
    assert (heard_s.tolist(), right_s.tolist()) == ([NOW], [pytest.approx(right_said_s)])


def test_a_time_that_is_not_known_stays_so() -> None:
    assert np.isnan(put_right(np.array([NOW - 600]), np.array([np.nan]), np.array([NOW]))[1]).all()
