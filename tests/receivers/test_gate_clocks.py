"""A sensor's clock that is wrong, and a backlog: told apart in time, whoever flies and however rows come together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.clocks import put_right
from airspace.model.detection import Detections, Flag, texts
from airspace.model.message import Decoded
from airspace.model.sensor import Sensor
from receivers.gate import Gate
from receivers.gate.clocks import MOST_STRANGERS

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
    assert len(passing._strangers._of) <= MOST_STRANGERS


@settings(max_examples=60, deadline=None)
@given(
    log=st.lists(
        st.tuples(st.sampled_from([0.0, 0.2, 1.0, 3.0]), st.sampled_from("ab"), st.sampled_from([0.0, 400.0, 3600.0])),
        min_size=1,
        max_size=120,
    ),
    cuts=st.sets(st.integers(1, 119)),
)
def test_any_batching_marks_the_same(log: list[tuple[float, str, float]], cuts: set[int]) -> None:
    now_s, entries = NOW, []
    for pause_s, name, lag_s in log:
        now_s += pause_s
        entries.append((now_s, name, now_s - lag_s))
    whole, apart = gate(), gate()
    together: list[int] = []
    singly: list[int] = []
    start = 0
    for index in range(1, len(entries) + 1):
        at_s = entries[index - 1][0]
        singly += flags(apart, at_s, entries[index - 1][1:])
        if index == len(entries) or entries[index][0] != at_s or index in cuts:
            together += flags(whole, at_s, *(entry[1:] for entry in entries[start:index]))
            start = index
    assert together == singly
    assert whole.health(now_s) == apart.health(now_s) or whole.health(now_s)[0].rows_per_s == pytest.approx(
        apart.health(now_s)[0].rows_per_s
    )


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
