"""The given cases of zone files in JSON: what was read wrong, refused or passed over in silence once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import given

ARENA = (52.314, 4.942)
EVENING = "2026-05-01T19:00:00Z"


def at(file: str, latitude: float, longitude: float, time: str, *more: str) -> Any:
    ran = given.airspace("zones", "at", str(latitude), str(longitude), "--time", time, "--zones", file, *more)
    assert ran.code == 0, ran.err
    return ran.json()


def ids(answer: Any, *, active: bool | None = None) -> list[str]:
    return [zone["zone_id"] for zone in answer["zones"] if active is None or zone["active"] is active]


def open_answer(answer: Any) -> str:
    return str(answer["open_category"]["answer"])


@given.case("zones/14-estonia-ed269-in-geojson")
def test_estonia_is_read_as_ed269(folder: Path) -> None:
    ran = given.airspace("zones", "check", "input.json")
    assert (ran.code, "2 zones" in ran.out, "read as ED-269" in ran.out) == (0, True, True)
    first = at("input.json", 58.82, 25.05, "2026-06-01T12:00:00Z", "--height-m", "50")
    assert (ids(first), open_answer(first)) == (["EE901"], "not_allowed")
    assert ids(at("input.json", 58.82, 25.05, "2026-06-01T12:00:00Z", "--height-m", "130"), active=True) == ["EE901"]
    second = at("input.json", 58.55, 26.1, "2026-08-19T12:00:00Z", "--height-m", "100")
    assert (ids(second, active=True), open_answer(second)) == (["EE902"], "not_allowed")
    assert ids(at("input.json", 58.55, 26.1, "2026-08-21T12:00:00Z", "--height-m", "100"), active=True) == []
    (zone,) = second["zones"]
    assert zone["upper"].startswith("670.56 m") or zone["upper"].startswith("671 m")


@given.case("zones/15-geojson-without-id-or-name")
def test_names_under_other_keys_are_taken_and_told(folder: Path) -> None:
    ran = given.airspace("zones", "check", "denmark.geojson", "kml_import.geojson")
    assert ran.code == 0
    assert "the name is taken from 'title'" in ran.out
    assert "the name is taken from 'Name'" in ran.out
    assert ids(at("denmark.geojson", 55.62, 12.53, EVENING)) == ["Testlufthavn"]
    assert ids(at("kml_import.geojson", 52.3125, 4.945, EVENING)) == ["Stadion"]


@given.case("zones/17-ed318-dataset-expired-untold")
def test_a_set_that_is_over_is_told_everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "valid until 2026-03-30T11:57:15.692Z: past; nothing in it is in force"
    (folder / "input.json").touch()
    assert said in given.airspace("zones", "check", "input.json").out
    monkeypatch.setenv("AIRSPACE_PSEUDONYM_KEY", "01234567890123456789012345678901")
    told = given.airspace("doctor", "--config", "doctor.toml").out
    assert any("warn" in line and said in line for line in told.splitlines())
    answer = at("input.json", 60.4019, 5.3238, "2026-11-30T12:00:00Z", "--height-m", "110")
    assert answer["warnings"] == [f"input.json: {said}"]
    assert ids(answer, active=True) == []


@given.case("zones/19-null-geometry")
def test_a_feature_without_a_place_is_passed_over(folder: Path) -> None:
    for file, passed in (("fences.geojson", "1"), ("ed318.json", "NOR002")):
        ran = given.airspace("zones", "check", file)
        assert (ran.code, "1 zones" in ran.out) == (0, True)
        assert f"{passed}: it has no geometry, so no place: passed over" in ran.out
    assert ids(at("fences.geojson", *ARENA, EVENING)) == ["2"]


@given.case("zones/20-geojson-crs-rd-new")
def test_rd_new_is_turned_into_wgs84(folder: Path) -> None:
    ran = given.airspace("zones", "check", "input.geojson")
    assert ran.code == 0
    assert "EPSG:28992 (Amersfoort / RD New) are turned into WGS 84 to within 1 m" in ran.out
    assert ids(at("input.geojson", *ARENA, EVENING)) == ["a"]
    for outside in ((52.31195, 4.942), (52.31655, 4.942), (52.314, 4.93795), (52.314, 4.94605)):
        assert ids(at("input.geojson", *outside, EVENING)) == []


@given.case("zones/21a-geojson-crs-ed50-silent")
def test_ed50_is_turned_into_wgs84(folder: Path) -> None:
    assert "EPSG:4230 (ED50) are turned into WGS 84" in given.airspace("zones", "check", "input.geojson").out
    assert ids(at("input.geojson", 52.31205, 4.9420, EVENING)) == ["a"]
    assert ids(at("input.geojson", 52.31690, 4.9420, EVENING)) == []


@given.case("zones/24-geojson-foreign-limits-and-times")
def test_what_follows_of_foreign_bounds_is_told(folder: Path) -> None:
    told = given.airspace("zones", "check", "input.geojson").out.splitlines()
    for name, follows in (
        ("timeBegin", "in force always"),
        ("timeEnd", "in force always"),
        ("upper_limit", "from the ground"),
        ("lower_limit", "from the ground"),
    ):
        assert any(repr(name) in line and follows in line for line in told)
    assert ids(at("input.geojson", 61.137, 21.485, "2026-06-01T12:00:00Z"), active=True) == ["EFR445"]


@given.case("zones/26a-dated-fence-clock-back")
def test_dated_hours_last_through_the_hour_that_comes_twice(folder: Path) -> None:
    for time, expected in (
        ("2026-10-25T00:29:00Z", ["dated", "weekly"]),
        ("2026-10-25T00:45:00Z", ["dated", "weekly"]),
        ("2026-10-25T01:29:00Z", ["dated", "weekly"]),
        ("2026-10-25T01:30:00Z", []),
    ):
        assert sorted(ids(at("input.geojson", 52.3144, 4.9419, time), active=True)) == expected
