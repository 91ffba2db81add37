"""The given cases about notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import given


def replayed(notices: str) -> list[dict[str, object]]:
    """Alert lines of the case's recording with its notices."""
    command = ("replay", "heard.jsonl", "--zones", "zones.geojson", "--notices", notices, "--mode", "enforcement")
    answer = given.airspace(*command)
    assert answer.code == 0, answer.err
    return answer.lines()


@given.case("zones/27a-serials-comma")
def test_two_serials_in_one_cell(folder: Path) -> None:
    checked = given.airspace("notices", "check", "notices.csv")
    assert checked.out.splitlines()[0] == "notices.csv: 1 notice, 0 entries passed over"
    assert replayed("notices.csv") == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("semicolon", ["parted by semicolons", "decimal commas"]),
        ("semicolon_dot", ["parted by semicolons"]),
        ("cp1252", ["Windows-1252"]),
        ("sep_line", ["sep=,"]),
        ("header_case", ["names of columns"]),
        ("mac_line_ends", ["CR"]),
    ],
)
@given.case("zones/29-dutch-excel-csv")
def test_lists_from_a_dutch_spreadsheet(folder: Path, name: str, told: list[str]) -> None:
    assert {file.stem for file in folder.glob("*.csv")} == {
        *("semicolon", "semicolon_dot", "cp1252", "sep_line", "header_case", "mac_line_ends")
    }
    answer = given.airspace("notices", "check", f"{name}.csv")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == f"{name}.csv: 1 notice, 0 entries passed over"
    for words in told:
        assert words in answer.out


@given.case("zones/31a-f3548-nonconforming")
def test_a_flight_in_trouble_is_where_its_off_nominal_volumes_say(folder: Path) -> None:
    checked = given.airspace("notices", "check", "notices.json")
    assert checked.out.splitlines()[0] == "notices.json: 1 notice, 0 entries passed over"
    assert "off_nominal_volumes: 1 taken" in checked.out
    for line in replayed("notices.json"):
        assert line["notice_id"] == "2f8343be-6482-4d1b-a474-16847e01af1e"


@pytest.mark.parametrize("name", ["single", "list"])
@given.case("zones/32-f3548-response-envelope")
def test_what_a_service_answers_is_one_notice(folder: Path, name: str) -> None:
    answer = given.airspace("notices", "check", f"{name}.json")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == f"{name}.json: 1 notice, 0 entries passed over"
