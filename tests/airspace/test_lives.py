"""When a sensor lived: tables of what proves it, and that no cutting into batches changes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.commit import Commit
from airspace.model.detection import Detections, Flag, texts
from airspace.model.lives import Lives
from airspace.model.log import Heartbeat
from airspace.model.sensor import Sensor
from airspace.model.units import rfc3339
from airspace.service.line import _heard
from airspace.store.records import heartbeat_records
from alerting.book import AlertBook
from tests.alerting.making import changes

T0 = 1_791_245_160.0
HOUR_S = 3600.0
ROOF = Sensor(sensor_id="roof", name="Roof", kind="remote_id", silent_after_s=30.0)
NOW = "now"

# (seconds since the start, by how much its own time is behind or None, lived: now, how long before, or None)
Said = tuple[float, float | None, str | float | None]
TOLD: dict[str, list[Said]] = {
    "no time of its own": [(0, None, NOW), (60, None, NOW)],
    "a clock that is nearly right": [(0, 14, NOW), (5, -14, NOW)],
    "a clock that was never set": [(0, T0 - 1000, NOW)],
    "a queue": [(0, 3600, 3600.0), (0, 3540, 3540.0), (1, 3400, 3400.0), (12, 3000, 3000.0)],
    "a queue that comes slowly": [(60 * n, 3600 - 10 * n, 3600.0 - 10 * n) for n in range(10)],
    "an hour behind": [(0, 3600, 3600.0), (60, 3601, 3601.0), (120, 3600, NOW), (180, 3602, NOW), (200, 3000, 3000.0)],
    "an hour behind, a beat a second": [(n, 3600, NOW if n >= 10 else 3600.0) for n in range(20)],
    "stands still": [(n, 3600 + n, 3600.0 + n) for n in range(40)],
    "an hour behind, then stands still": [
        *((n, 3600, NOW if n >= 10 else 3600.0) for n in range(20)),
        *((n, 3581 + n, NOW if n <= 35 else 3581.0 + n) for n in range(20, 60)),
    ],
    "ahead": [(0, -600, NOW), (1, -600, NOW), (2, -599, None), (60, -541, None), (61, -600, NOW)],
}


@pytest.mark.parametrize("name", TOLD)
def test_when_it_lived(name: str) -> None:
    lives = Lives()
    for after_s, behind_s, lived in TOLD[name]:
        at_s = T0 + after_s
        beat = Heartbeat(sensor="roof", logged_s=at_s, said_s=None if behind_s is None else at_s - behind_s)
        wanted = at_s if isinstance(lived, str) else None if lived is None else at_s - lived
        assert lives.lived_s(beat, None) == wanted, after_s


def test_a_clock_that_its_rows_show_to_be_wrong_counts_for_its_heartbeats() -> None:
    old = Heartbeat(sensor="roof", logged_s=T0, said_s=T0 - HOUR_S)
    assert Lives().lived_s(old, HOUR_S + 10.0) == T0
    assert Lives().lived_s(old, 2 * HOUR_S) == T0 - HOUR_S


def test_the_table_of_signs_of_life_holds_when_it_lived() -> None:
    said = (T0 - HOUR_S, T0 - 2 * HOUR_S)
    commit = Commit(heartbeats=tuple(Heartbeat(sensor="roof", logged_s=T0, said_s=one) for one in said))
    (record,) = heartbeat_records(commit)
    assert record["last"] == rfc3339(T0 - HOUR_S)


BEHIND_S = (0.0, 10.0, 14.9, 15.0, 20.0, 61.0, 400.0, -5.0, -20.0, -600.0)
FLAGS = (0, int(Flag.STALE), int(Flag.CLOCK_OF_SENSOR), int(Flag.STALE | Flag.CLOCK_OF_SENSOR))
ROW = st.tuples(st.integers(0, 9), st.sampled_from(BEHIND_S), st.sampled_from(FLAGS))


def rows(second: int, found: list[tuple[int, float, int]]) -> Detections:
    found = sorted(found, key=lambda one: one[0])
    logged_s = np.array([T0 + second + tenth / 10 for tenth, _, _ in found])
    return Detections.build(
        len(found),
        sensor=texts(["roof"] * len(found)),
        logged_s=logged_s,
        received_s=logged_s - np.array([behind_s for _, behind_s, _ in found]),
        flags=np.array([flags for _, _, flags in found], dtype=np.uint32),
    )


def told(seconds: list[list[tuple[int, float, int]]], every: int) -> list[object]:
    """Alerts and health, with so many rows a batch."""
    book, found = AlertBook((ROOF,)), list[object]()
    for second, some in enumerate(seconds):
        detections = rows(10 * second, some) if some else Detections.empty()
        for first in range(0, len(detections), every):
            book.step((), changes(), _heard(detections.take(slice(first, first + every))), ())
        for tick in range(10):
            found += book.step((), changes([], T0 + 10 * second + 1 + tick), (), ())
            found.append(book.sensor_health())
    return found


@given(st.lists(st.lists(ROW, max_size=5), max_size=12))
def test_any_cutting_of_rows_says_the_same(seconds: list[list[tuple[int, float, int]]]) -> None:
    assert told(seconds, 1) == told(seconds, 2) == told(seconds, 100)
