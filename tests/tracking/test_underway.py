"""A drone that says nothing of whether it flies is seen to by its own movement, and one on the ground never is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Status
from airspace.tracking import underway
from airspace.tracking.columns import State
from airspace.tracking.picture import Picture
from tests.airspace.rows import ARENA, START_S, batch

SERIAL = "1ZZZ5AAAAA"
HOUR = 3600
M_PER_DEG = 111_300.0


def silent(
    north_m: Any, *, up_m: Any = 0.0, each_s: float = 1.0, accuracy_m: float = math.nan, **more: Any
) -> list[dict[str, Any]]:
    """Rows with a place and an altitude alone, one each so many seconds."""
    north_m, up_m = np.broadcast_arrays(np.asarray(north_m, dtype=float), up_m)
    return [
        {
            "uas_id": SERIAL,
            "received_s": START_S + second * each_s,
            "status": Status.UNKNOWN,
            "latitude_deg": ARENA[0] + north / M_PER_DEG,
            "longitude_deg": ARENA[1],
            "altitude_wgs84_m": 45.0 + up,
            "horizontal_accuracy_m": accuracy_m,
            **more,
        }
        for second, (north, up) in enumerate(zip(north_m.tolist(), up_m.tolist(), strict=True))
    ]


def flown(log: list[dict[str, Any]], size: int = 10_000) -> list[bool]:
    """Of each row whether its drone flies after it; the rows so many at a time."""
    picture = Picture()
    tracks = [picture.step(batch(*log[start : start + size])).rows for start in range(0, len(log), size)]
    return [each for table in tracks for each in table.airborne.tolist()]


def _second(log: list[dict[str, Any]]) -> float | None:
    """After how many seconds it is seen to fly."""
    found = flown(log)
    return log[found.index(True)]["received_s"] - START_S if True in found else None


def _way(m_s: float, seconds: int) -> Any:
    return np.arange(seconds) * m_s


HOVER = np.zeros(60)


@pytest.mark.parametrize(
    ("log", "by_s"),
    [
        (silent(_way(12.0, 30)), 8.0),
        (silent(_way(6.0, 60)), 20.0),
        (silent(_way(4.0, 61)), 33.0),
        (silent(_way(12.0, 30), each_s=1.0, accuracy_m=3.0), 8.0),  # no surer: what it states may be wrong
        (silent(np.concatenate([HOVER, _way(12.0, 30)])), 68.0),
        (silent(_way(240.0, 10), each_s=20.0), 40.0),  # a feed that tells one fix in twenty seconds
        (silent(0.0 * _way(1, 40), up_m=_way(5.0, 40)), 20.0),  # straight up
        (silent(0.0 * _way(1, 300), up_m=_way(0.5, 300)), 182.0),  # slowly: the lowest is of the whole track
        (silent(_way(12.0, 30), status=Status.REMOTE_ID_FAILURE), 8.0),  # says nothing of flight either
        (silent(_way(12.0, 30), longitude_deg=180.0), 8.0),
    ],
)
def test_movement_shows_flight(log: list[dict[str, Any]], by_s: float) -> None:
    found = _second(log)
    assert found is not None
    assert by_s - 4.0 <= found <= by_s


ONCE = np.zeros(120)
ONCE[50] = 900.0
LATE = np.concatenate([np.full(10, 300.0), np.zeros(110)])


@pytest.mark.parametrize(
    "log",
    [
        silent(np.zeros(120)),  # hovers, or stands: it cannot be told
        silent(_way(2.0, 300)),  # carried by a walker
        silent(ONCE),  # one wrong fix
        silent(0.0 * ONCE, up_m=ONCE),
        silent(0.0 * ONCE, up_m=-ONCE),
        silent(LATE),  # its receiver found its place late
        silent(0.0 * LATE, up_m=LATE),
        silent(0.0 * LATE, up_m=-LATE),
        silent(_way(400.0, 10), each_s=31.0),  # too seldom to say anything
        silent(_way(12.0, 30), status=Status.GROUND),
        silent(_way(12.0, 30), height_m=0.0),  # says how high: the rule of heights and speeds
        silent(_way(12.0, 30), speed_m_s=0.5),
        silent(_way(12.0, 30), accuracy_m=500.0),  # its place may err by more
        silent(0.0 * _way(1, 60), up_m=_way(1.5, 60)),  # within what altitudes err
    ],
)
def test_what_shows_no_flight(log: list[dict[str, Any]]) -> None:
    assert not any(flown(log))


@pytest.mark.parametrize("sigma_m", [5.0, 10.0])
@pytest.mark.parametrize("lasts_s", [0, 30])
@pytest.mark.parametrize("accuracy_m", [math.nan, 3.0])
def test_noise_of_a_drone_on_the_ground_is_no_flight(sigma_m: float, lasts_s: int, accuracy_m: float) -> None:
    """So many metres on each axis, for two hundred drones of an hour each; also noise that wanders, with memory."""
    dice, n = np.random.default_rng(7), 200
    noise = dice.normal(0.0, sigma_m, (HOUR, 3, n))
    if lasts_s:
        kept = math.exp(-1.0 / lasts_s)
        for second in range(1, HOUR):
            noise[second] = kept * noise[second - 1] + math.sqrt(1.0 - kept * kept) * noise[second]
    block, unknown = State.blank(n), np.zeros(n, dtype=np.bool_)
    for second, (east_m, north_m, up_m) in enumerate(noise):
        fixes = underway.Fixes(
            np.full(n, START_S + second),
            ARENA[0] + north_m / M_PER_DEG,
            ARENA[1] + east_m / M_PER_DEG / math.cos(math.radians(ARENA[0])),
            np.full(n, accuracy_m),
            45.0 + up_m,
        )
        assert not underway.observe(block, fixes, unknown, ~unknown).any(), second


def test_it_flies_on_until_it_says_that_it_stands_and_what_it_flew_before_shows_nothing_then() -> None:
    log = silent(np.concatenate([_way(12.0, 20), np.full(20, 228.0)]))
    log[25] |= {"status": Status.GROUND}
    found = flown(log)
    assert found[19:25] == [True] * 6
    assert not any(found[25:])


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.sampled_from([0.0, 3.0, 12.0, 12.0, 80.0]), min_size=10, max_size=60), size=st.integers(1, 20))
def test_any_batching_gives_the_same(steps: list[float], size: int) -> None:
    log = silent(np.cumsum(steps))
    assert flown(log, size) == flown(log)


def test_two_receivers_of_one_message_make_no_step_of_it() -> None:
    """A wrong fix that two receivers hear is one wrong fix."""
    once = silent(0.0 * ONCE, up_m=ONCE)
    again = [row | {"received_s": row["received_s"] + 0.2, "sensor": "south"} for row in once]
    assert not any(flown(sorted(once + again, key=lambda row: row["received_s"])))
