from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.log import Heartbeat
from airspace.model.message import Decoded
from airspace.service.cutter import QUIET_TICKS, Cutter
from tests.airspace.rows import START_S, rows


def log_of(times: list[float], size: int, parts: int = 1) -> list[Any]:
    """(time) of each row and (tick) of each tick, in the order of the log."""
    cutter, seen = Cutter(size), []
    step = max(1, len(times) // parts)
    cuts = [times[first : first + step] for first in range(0, len(times), step)]
    batches = [
        batch for part in cuts for batch in cutter.feed(Decoded(detections=rows(*[{"received_s": t} for t in part])))
    ]
    batches += cutter.finish()
    for batch in batches:
        assert len(batch.detections) <= size
        seen += batch.detections.logged_s.tolist()
        if batch.tick_s is not None:
            seen.append(("tick", batch.tick_s))
    return seen


def test_a_tick_stands_before_the_first_row_of_its_second() -> None:
    seen = log_of([START_S + 0.2, START_S + 0.9, START_S + 1.0, START_S + 2.5], 10)
    assert seen[:7] == [
        ("tick", START_S),
        START_S + 0.2,
        START_S + 0.9,
        ("tick", START_S + 1),
        START_S + 1.0,
        ("tick", START_S + 2),
        START_S + 2.5,
    ]


def test_log_time_never_goes_back() -> None:
    seen = log_of([START_S + 2.0, START_S + 1.0, START_S + 3.0], 10)
    assert [entry for entry in seen if not isinstance(entry, tuple)] == [START_S + 2.0, START_S + 2.0, START_S + 3.0]


def test_a_long_silence_is_not_ticked_through() -> None:
    seen = log_of([START_S, START_S + 86_400.0 * 30], 10)
    assert sum(isinstance(entry, tuple) for entry in seen) <= 2 * QUIET_TICKS + 3


@given(st.lists(st.floats(0, 40), min_size=1, max_size=40).map(sorted), st.integers(1, 5), st.integers(1, 4))
def test_any_size_gives_the_same_log(offsets: list[float], size: int, parts: int) -> None:
    times = [START_S + offset for offset in offsets]
    assert log_of(times, size, parts) == log_of(times, 4096)


@pytest.mark.parametrize("at", [0.5, 1.0, 7.2])
def test_a_heartbeat_comes_with_the_first_tick_after_it(at: float) -> None:
    cutter = Cutter(10)
    beat = Heartbeat(sensor="north", logged_s=START_S + at)
    decoded = Decoded(detections=rows({"received_s": START_S}, {"received_s": START_S + 9}), heartbeats=(beat,))
    batches = [*cutter.feed(decoded), *cutter.finish()]
    told = [batch for batch in batches if batch.heartbeats]
    assert len(told) == 1
    assert told[0].tick_s == START_S + int(at + 0.999)
