"""``replay --tracks``: a track that ended says how it was heard last, and what it flew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from airspace.model.detection import Status
from airspace.model.lines import detection_lines
from airspace.model.track import Phase, phase, unknown_tracks
from airspace.tracking.columns import State
from airspace.tracking.merging import merge
from tests.airspace.rows import START_S, flight, rows
from tests.cases import given

SERIAL = "1ZZZ5AAAAA"
PILOT: dict[str, Any] = {"operator_latitude_deg": 52.31, "operator_longitude_deg": 4.93}
GROUND: dict[str, Any] = {"status": Status.GROUND, "height_m": 0.0, "speed_m_s": 0.0}


def told(folder: Path, *log: dict[str, Any]) -> dict[str, Any]:
    """The line of the one track that these rows make."""
    heard, out = folder / "heard.jsonl", folder / "tracks.jsonl"
    heard.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in detection_lines(rows(*log))))
    answer = given.airspace("replay", heard, "--mode", "enforcement", "--alerts", folder / "alerts", "--tracks", out)
    assert answer.code == 0, answer.err
    (line,) = [msgspec.json.decode(each) for each in out.read_bytes().splitlines()]
    return dict(line)


def at(second: float, **columns: Any) -> list[dict[str, Any]]:
    """One row."""
    return flight(SERIAL, 1, start_s=START_S + second, **PILOT, **columns)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(flight(SERIAL, 20, **PILOT), ("airborne", True, [20]), id="lost in the air"),
        pytest.param(
            [*flight(SERIAL, 20, **PILOT), *at(20, **GROUND), *at(21, **GROUND)],
            ("landed", False, [20]),
            id="landed and switched off",
        ),
        pytest.param(
            [*flight(SERIAL, 20, **PILOT), *(row for s in range(20, 420, 20) for row in at(s, **GROUND))],
            ("landed", False, [20]),
            id="landed, and heard on the ground until long after its flight was over",
        ),
        pytest.param(
            [*flight(SERIAL, 20, **PILOT), *flight(SERIAL, 10, start_s=START_S + 250, **PILOT)],
            ("airborne", True, [30]),
            id="a gap of less than five minutes is no second flight",
        ),
        pytest.param([*at(0, **GROUND), *at(1, **GROUND)], ("controller_on", False, []), id="never flew"),
    ],
)
def test_the_last_state_is_that_of_the_last_row(
    tmp_path: Path, log: list[dict[str, Any]], expected: tuple[str, bool, list[int]]
) -> None:
    line = told(tmp_path, *log)
    assert line["state"] == "ended"
    assert (line["phase"], line["airborne"], [each["detections"] for each in line["flights"]]) == expected
    assert line["flight_id"] == (line["flights"][-1]["flight_id"] if line["flights"] else None)


def test_what_it_flew_has_its_times_and_its_height(tmp_path: Path) -> None:
    line = told(tmp_path, *flight(SERIAL, 20, **PILOT))
    (flown,) = line["flights"]
    assert flown["started"] == line["first_seen"]
    assert flown["last"] == line["last_seen"]
    assert (flown["highest_m"], flown["counted"]) == (60.0, True)


def test_two_flights_of_one_track_are_both_told(tmp_path: Path) -> None:
    ground = [row for second in range(20, 420, 20) for row in at(second, **GROUND)]
    line = told(tmp_path, *flight(SERIAL, 20, **PILOT), *ground, *flight(SERIAL, 10, start_s=START_S + 430, **PILOT))
    assert [each["detections"] for each in line["flights"]] == [20, 10]
    assert len({each["flight_id"] for each in line["flights"]}) == 2
    assert line["flight_id"] == line["flights"][1]["flight_id"]


@pytest.mark.parametrize(("flights", "expected"), [(0, Phase.CONTROLLER_ON), (1, Phase.LANDED), (3, Phase.LANDED)])
def test_who_flew_before_is_not_before_its_flight(flights: int, expected: Phase) -> None:
    column = unknown_tracks(1).number * 0 + flights
    row = unknown_tracks(1, flight_number=column).row(0)._replace(operator_latitude_deg=52.0)
    assert phase(row) is expected


@pytest.mark.parametrize(("gone", "into", "expected"), [(1, 3, 3), (3, 1, 3), (0, 2, 2), (2, 0, 2)])
def test_a_track_that_takes_another_in_names_no_flight_twice(gone: int, into: int, expected: int) -> None:
    state = State.store(2)
    state.flight_number[:] = (gone, into)
    state.flight_open[0] = gone > 0
    merge(state, 0, 1)
    assert state.flight_number[1] == expected
