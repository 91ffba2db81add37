"""Flights of definition v1, counted row by row and from the whole history; and the series that they make."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Detections, Flag, Status
from airspace.model.log import Batch
from airspace.model.track import Changes, Flight, TrackEventKind
from airspace.tracking import flights
from airspace.tracking.flights import History, flights_of
from airspace.tracking.picture import Picture
from airspace.tracking.series import GROUND_S, Series, Stay, series_of
from tests.airspace.rows import ARENA, START_S, rows

SERIAL = "1ZZZ5AAAAA"
GAPS_S = st.one_of(st.floats(0.0, 5.0), st.floats(295.0, 305.0), st.sampled_from([299.0, 300.0, 301.0, 700.0]))


def _row(at_s: float, word: str) -> dict[str, Any]:
    """One message: in the air, on the ground, its name alone, of a test transmitter, or with signs of a forgery."""
    place = {"latitude_deg": ARENA[0], "longitude_deg": ARENA[1], "height_m": 40.0 + at_s % 7}
    own: dict[str, dict[str, Any]] = {
        "air": place,
        "ground": place | {"status": Status.GROUND, "height_m": 0.0},
        "name": {},
        "test": place | {"flags": int(Flag.TEST_TRANSMITTER)},
        "forged": place | {"time_s": at_s - 60.0, "operator_latitude_deg": 48.9, "operator_longitude_deg": 2.3},
    }
    return {"uas_id": SERIAL, "received_s": at_s, **own[word]}


def _step(picture: Picture, log: list[dict[str, Any]]) -> tuple[list[Changes], Detections]:
    """Rows one by one, each after the ticks that are due, and ticks until all has ended.

    Of the ticks, one a second, only those are made at which a silence of some row comes to its end.
    """
    detections = rows(*log)
    seconds = [math.floor(one) for one in detections.logged_s.tolist()]
    last = seconds[-1] + 302
    due = sorted({min(second + late, last) for second in seconds for late in (0, 1, 11, 30, 31, *range(298, 303))})
    changes = []
    for index, second in enumerate(seconds):
        while due and due[0] <= second:
            changes.append(picture.step(Batch(detections=Detections.empty(), tick_s=float(due.pop(0)))))
        changes.append(picture.step(Batch(detections=detections.take(slice(index, index + 1)))))
    changes.extend(picture.step(Batch(detections=Detections.empty(), tick_s=float(tick))) for tick in due)
    return changes, detections


def _histories(changes: list[Changes], detections: Detections) -> dict[str, History]:
    """What was kept of each track, in log order, out of the rows that the picture gave."""
    kept: dict[str, list[tuple[Any, ...]]] = {}
    tested: dict[str, bool] = {}
    heard = [change for change in changes if len(change.rows)]
    for index, change in enumerate(heard):
        track = change.rows.row(0)
        test = bool(detections.flags[index] & Flag.TEST_TRANSMITTER)
        tested[track.track_id] = test or tested.get(track.track_id, False)
        seen_s = min(detections.received_s[index], detections.logged_s[index])
        known = (track.logged_s, seen_s, track.airborne, detections.height_m[index])
        kept.setdefault(track.track_id, []).append((*known, track.suspect, tested[track.track_id]))
    names = ("logged_s", "seen_s", "airborne", "height_m", "suspect", "test")
    return {
        track_id: History(
            **{name: np.array(column) for name, column in zip(names, zip(*lines, strict=True), strict=True)}
        )
        for track_id, lines in kept.items()
    }


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.tuples(GAPS_S, st.sampled_from(["air", "air", "air", "ground", "name", "test", "forged"])),
        min_size=1,
        max_size=9,
    )
)
def test_any_history_counted_again_gives_the_flights_of_the_picture(steps: list[tuple[float, str]]) -> None:
    times = START_S + np.cumsum([gap for gap, _ in steps])
    changes, detections = _step(
        Picture(), [_row(float(at_s), word) for at_s, (_, word) in zip(times, steps, strict=True)]
    )
    told = [event.flight for change in changes for event in change.events if event.kind is TrackEventKind.FLIGHT_ENDED]
    counted_again = [
        flight
        for track_id, history in _histories(changes, detections).items()
        for flight in flights_of(track_id, history)
    ]
    assert _plain(told) == _plain(counted_again)


def _plain(told: list[Flight | None] | list[Flight]) -> list[Flight]:
    return [
        replace(flight, highest_m=-1.0 if math.isnan(flight.highest_m) else flight.highest_m)
        for flight in told
        if flight
    ]


def _history(*logged_s: float, **columns: Any) -> History:
    n = len(logged_s)
    known = {
        "logged_s": np.array(logged_s),
        "seen_s": np.array(logged_s),
        "airborne": np.ones(n, dtype=np.bool_),
        "height_m": np.full(n, np.nan),
        "suspect": np.zeros(n, dtype=np.bool_),
        "test": np.zeros(n, dtype=np.bool_),
    }
    return History(**(known | {name: np.array(column) for name, column in columns.items()}))


@pytest.mark.parametrize(
    ("history", "counted"),
    [
        (_history(0.0), [False]),
        (_history(0.0, 1.0), [False]),
        (_history(0.0, 1.0, 2.0), [True]),
        (_history(0.0, 9.9), [False]),
        (_history(0.0, 10.0), [True]),
        (_history(0.0, 299.0, 598.0), [True]),
        (_history(0.0, 300.0), [False, False]),
        (_history(0.0, 1.0, 2.0, test=[True] * 3), [False]),
        (_history(0.0, 1.0, 2.0, airborne=[True, False, True]), [False]),
        (_history(0.0, 1.0, 2.0, airborne=[False] * 3), []),
    ],
)
def test_what_counts_as_a_flight(history: History, counted: list[bool]) -> None:
    assert [flight.counted for flight in flights_of("T-a", history)] == counted


def test_a_flight_that_goes_on_has_not_ended() -> None:
    (flight,) = flights_of("T-a", _history(0.0, 1.0, 2.0, height_m=[10.0, 30.0, np.nan]), until_s=301.0)
    assert (flight.flight_id, flight.ended, flight.last_s, flight.highest_m) == ("T-a-1", False, 2.0, 30.0)
    assert flights_of("T-a", _history(0.0, 1.0, 2.0), until_s=302.0)[0].ended
    assert flights.DEFINITION == "v1"


# series


def _stay(name: str, started_s: float, last_s: float, party: str = "p", area: int = 7) -> Stay:
    return Stay(flight_id=name, party=party, area=area, started_s=started_s, last_s=last_s)


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([], []),
        ([_stay("a", 0, 600)], ["a"]),
        ([_stay("a", 0, 600), _stay("b", 600 + GROUND_S, 5000)], ["ab"]),
        ([_stay("a", 0, 600), _stay("b", 601 + GROUND_S, 5000)], ["a", "b"]),
        ([_stay("a", 0, 9000), _stay("b", 100, 200), _stay("c", 9000 + GROUND_S, 20_000)], ["abc"]),  # two at once
        ([_stay("a", 0, 600), _stay("b", 700, 900, party="q")], ["a", "b"]),
        ([_stay("a", 0, 600), _stay("b", 700, 900, area=8)], ["a", "b"]),
        ([_stay("a", 0, 600), _stay("b", 700, 900, party="q"), _stay("c", 1000, 1100)], ["ac", "b"]),
    ],
)
def test_what_makes_a_series(stays: list[Stay], expected: list[str]) -> None:
    assert ["".join(one.flight_ids) for one in series_of(stays)] == expected


STAYS = st.lists(
    st.builds(
        lambda name, start, length, party, area: _stay(name, start * 600.0, (start + length) * 600.0, party, area),
        st.text("abcdefgh", min_size=3, max_size=3),
        st.integers(0, 40),
        st.integers(0, 8),
        st.sampled_from("pq"),
        st.integers(0, 1),
    ),
    unique_by=lambda stay: stay.flight_id,
    max_size=12,
)


@settings(max_examples=60)
@given(stays=STAYS, dice=st.randoms(use_true_random=False))
def test_series_part_the_flights_whatever_their_order(stays: list[Stay], dice: Any) -> None:
    found = series_of(stays)
    assert sorted(name for one in found for name in one.flight_ids) == sorted(stay.flight_id for stay in stays)
    mixed = list(stays)
    dice.shuffle(mixed)
    assert series_of(mixed) == found
    for one in found:
        assert not [other for other in found if other is not one and _joins(one, other)]


def _joins(one: Series, other: Series) -> bool:
    same = (one.party, one.area) == (other.party, other.area)
    return same and one.started_s <= other.started_s <= one.last_s + GROUND_S
