"""The given cases of feeds and files that are no raw Open Drone ID; each asserts what its expected text calls right."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cases import given

RECEIVED = "2026-10-06T00:06:00.5Z"


def decoded(name: str) -> tuple[list[dict[str, Any]], given.Answer]:
    answer = given.airspace("decode", "--receiver-time", RECEIVED, name)
    assert answer.code == 0
    return answer.lines(), answer


def test_the_commands_are_those_that_are_run_here() -> None:
    if not given.ROOT.is_dir():
        pytest.skip(f"given cases not found at {given.ROOT}: set AIRSPACE_TEST_CASES")
    for case in ("01-ocusync-licence", "05-node-pilot-lines", "19-readsb-file-layout"):
        assert shlex.split((given.ROOT / "receivers" / case / "cmd").read_text())[:2] == ["airspace", "decode"]


@given.case("receivers/01-ocusync-licence")
def test_a_licence_packet_is_the_presence_of_a_dji_drone(folder: Path) -> None:
    (row,), _ = decoded("licence.hex")
    assert (row["source"], row["transport"]) == ("dji", "ocusync")
    assert (row["uas_id"], row["uas_id_type"]) == ("1ZZZB7K00100AB", "serial")
    assert row["latitude_deg"] is row["longitude_deg"] is row["operator_latitude_deg"] is None


@given.case("receivers/02-dict-with-units")
def test_values_with_units_are_read(folder: Path) -> None:
    (row,), _ = decoded("location.json")
    assert (row["latitude_deg"], row["longitude_deg"]) == (52.1, 4.9)
    assert (row["speed_m_s"], row["vertical_speed_m_s"], row["track_deg"]) == (0.0, 0.0, None)
    assert (row["altitude_wgs84_m"], row["altitude_pressure_m"], row["height_m"]) == (588.0, 555.0, 0.0)
    assert (row["status"], row["height_reference"]) == ("ground", "takeoff")


@given.case("receivers/03-second-basic-id-empty")
def test_a_second_empty_basic_id_wipes_nothing(folder: Path) -> None:
    (row,), _ = decoded("list.json")
    assert (row["uas_id"], row["uas_id_type"]) == ("1787F04BM24010099999", "serial")
    assert row["transmitter"] == "C2:00:00:00:65:01"
    unknown = ("track_deg", "speed_m_s", "vertical_speed_m_s", "latitude_deg", "altitude_wgs84_m", "height_m")
    assert [row[name] for name in unknown] == [None] * len(unknown)
    assert row["operator_latitude_deg"] is row["horizontal_accuracy_m"] is None


@given.case("receivers/04-esp32-names")
def test_the_esp32_prints_the_numbers_of_core_c(folder: Path) -> None:
    (row,), answer = decoded("esp32.json")
    assert (row["height_reference"], row["status"]) == ("ground", "airborne")
    assert (row["altitude_pressure_m"], row["operator_altitude_wgs84_m"]) == (121.0, 43.0)
    assert (row["horizontal_accuracy_m"], row["vertical_accuracy_m"]) == (10.0, 10.0)
    assert row["self_id"] == "Drone ID test flight---"
    assert (row["operator_latitude_deg"], row["operator_longitude_deg"]) == (52.3101, 4.9502)
    assert "Auth Message" in answer.err


@given.case("receivers/04-esp32-names")
def test_two_drones_without_an_id_are_two(folder: Path) -> None:
    rows, _ = decoded("two_without_id.jsonl")
    assert {(row["uas_id"], row["uas_id_type"]) for row in rows} == {(None, None)}
    assert {row["self_id"] for row in rows} == {None}
    answer = given.airspace("replay", "--tracks", "tracks.jsonl", "two_without_id.jsonl")
    assert (answer.code, answer.lines()) == (0, [])
    assert "2 aircraft" in answer.err
    assert "0 alerts opened" in answer.err
    assert '"suspect":true' not in Path("tracks.jsonl").read_text()


@given.case("receivers/05-node-pilot-lines")
def test_the_lines_of_a_node_without_a_position_are_read(folder: Path) -> None:
    rows, answer = decoded("lines.jsonl")
    assert len(rows) == 6
    assert "0 refused" in answer.err
    assert (rows[0]["ua_type"], rows[0]["uas_id_type"]) == ("multirotor", "serial")
    for row in (rows[1], rows[4]):
        assert (row["height_m"], row["height_reference"], row["altitude_wgs84_m"]) == (131.5, None, None)
        assert row["vertical_speed_m_s"] is None
    for row in (rows[2], rows[5]):
        assert (row["operator_latitude_deg"], row["operator_longitude_deg"]) == (52.3101, 4.9502)
        assert row["operator_location_type"] == "live"
    assert rows[3]["operator_id"] == "NLD87astrdge12k8"
    assert "vertical_speed (2 x)" in answer.err


@given.case("receivers/08-dump1090-old-names")
def test_the_older_names_of_dump1090_are_read(folder: Path) -> None:
    (helicopter, standing), _ = decoded("aircraft.json")
    assert helicopter["altitude_pressure_m"] == pytest.approx(381.0)
    assert helicopter["speed_m_s"] == pytest.approx(52.473, abs=0.001)
    assert helicopter["vertical_speed_m_s"] == pytest.approx(-3.251, abs=0.001)
    assert (helicopter["status"], standing["status"]) == ("airborne", "ground")
    assert standing["altitude_pressure_m"] is None


@given.case("receivers/15-beacon-flags")
def test_beacons_with_other_flags_are_read_the_same(folder: Path) -> None:
    rows, _ = decoded("flags.pcap")
    same = ("uas_id", "latitude_deg", "longitude_deg", "height_m", "operator_latitude_deg", "status", "eu_class")
    assert len(rows) >= 5
    assert len({tuple(row[name] for name in same) for row in rows}) == 1
    (cut,), _ = decoded("cut.pcap")
    assert "pack_count" in cut["flags"]
    assert (cut["uas_id"], cut["height_m"], cut["operator_latitude_deg"]) == ("1581F7FV1ZZ0000AAAA1", 44.0, None)


@given.case("receivers/18-pilot-at-the-drone")
def test_an_operator_at_zero_is_no_operator(folder: Path) -> None:
    (row,), _ = decoded("esp32.json")
    assert row["latitude_deg"] == 52.3144
    assert row["operator_latitude_deg"] is row["operator_longitude_deg"] is row["operator_altitude_wgs84_m"] is None


@given.case("receivers/19-readsb-file-layout")
def test_readsb_begins_each_aircraft_on_a_line(folder: Path) -> None:
    rows, answer = decoded("aircraft.json")
    assert "3 detections, 1 heartbeats, 1 without data, 0 refused" in answer.err
    assert [(row["uas_id"].strip("~").upper(), row["status"]) for row in rows] == [
        ("4005BF", "airborne"),
        ("A19D59", "ground"),
        ("2B1234", "airborne"),
    ]
    assert ["address_invented" in row["flags"] for row in rows] == [False, False, True]
