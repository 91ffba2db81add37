"""The given cases of OpenAir files: each is right where its expected.txt says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geofences.catalogue import Catalogue
from geofences.formats import detect
from tests.cases import given

PRISON = (52.175, 5.015)
NOON = "2026-06-01T10:00:00Z"


def asked(place: tuple[float, float], time: str = NOON) -> Any:
    return given.airspace(
        "zones", "at", str(place[0]), str(place[1]), "--height-m", "50", "--time", time, "--zones", "input.txt"
    ).json()


def check(zones: int, aside: int = 0) -> str:
    """The check passes, with so many zones; the prohibited area beside them is in force. What was said."""
    told = given.airspace("zones", "check", "input.txt")
    assert told.code == 0
    assert f": {zones} zones{f', {aside} set aside' if aside else ''}, version " in told.out
    answer = asked(PRISON)
    assert answer["open_category"]["answer"] == "not_allowed"
    assert answer["complete"] is (aside == 0)
    return told.out


@given.case("zones/01a-openair-unknown-records")
def test_unknown_records_are_passed_over_with_their_count(folder: Path) -> None:
    said = check(zones=3)
    assert "TRA test: 2 rows of hours not read (TW 2): taken as always" in said
    assert "CTR TEST: in force by its hours (AW 1, AP! 1), local time Europe/Amsterdam" in said


@given.case("zones/01b-openair-hours-ignored-untold")
@pytest.mark.parametrize(
    ("time", "is_active"),
    [(NOON, True), ("2026-06-01T01:00:00Z", False), ("2026-06-07T10:00:00Z", False)],
)
def test_hours_of_a_control_zone_in_local_time(folder: Path, time: str, *, is_active: bool) -> None:
    answer = asked((52.03, 5.08), time)
    assert [zone["active"] for zone in answer["zones"]] == [is_active]
    assert answer["open_category"]["answer"] == ("not_allowed" if is_active else "allowed")


@given.case("zones/02-openair-arc-ends-differ")
def test_an_arc_whose_ends_are_not_equally_far_is_drawn_and_told(folder: Path) -> None:
    assert "P test plant: line 9: the arc's ends lie 2466 m and 2617 m from its centre: drawn" in check(zones=2)
    assert asked((52.0950, 5.0333))["open_category"]["answer"] == "not_allowed"


@given.case("zones/03a-openair-trailing-dot")
def test_a_trailing_point_is_no_fraction(folder: Path) -> None:
    check(zones=2)
    catalogue = Catalogue([detect.read(Path("input.txt").read_bytes(), "input.txt")])
    shape = next(zone for zone in catalogue.zones if zone.name == "Airway test").volumes[0].shape
    assert (shape.latitude_deg, shape.longitude_deg) == pytest.approx((52.141944, 5.021389), abs=1e-6)  # type: ignore[union-attr]
    assert shape.radius_m == 9260.0  # type: ignore[union-attr]


@given.case("zones/03b-openair-floor-equals-ceiling")
def test_an_airspace_of_no_height_is_left_out_and_told(folder: Path) -> None:
    assert "CAE test: no height: floor and ceiling are both 3810 m: left out" in check(zones=1)


@given.case("zones/04-openair-style-blocks")
def test_a_class_that_is_only_given_colours_is_no_airspace(folder: Path) -> None:
    assert "1 class(es) that are only given a style passed over" in check(zones=1)


@given.case("zones/06-openair-semicolon-comments")
def test_a_semicolon_begins_a_remark(folder: Path) -> None:
    check(zones=2)


@given.case("zones/08a-openair-degenerate-outline")
def test_an_outline_of_two_points_is_set_aside_by_name(folder: Path) -> None:
    assert "set aside: Axe 2: outline: coordinates: a ring of fewer than 3 different points" in check(zones=1, aside=1)
    told = given.airspace("zones", "at", "52.175", "5.015", "--time", NOON, "--zones", "input.txt")
    assert "the answer is incomplete: 1 set aside, which may lie here: Axe 2" in told.err
