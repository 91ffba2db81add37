from __future__ import annotations

import json
from dataclasses import replace

import pytest

from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Datum, Polygon
from geofences.catalogue import Catalogue, difference
from geofences.explanation import at_point
from geofences.exports.geojson import to_geojson
from tests.geofences import made

CTR = made.feature(
    "7.2",
    name=made.CTR_NAME,
    geometry=[made.geometry(made.circle(4.7641667, 52.3080556, 14816), upperLimit=914)],
)
DAM = made.feature(
    "7.82",
    name="Verboden gebied tijdens Dodenherdenking 4 mei EHTSA 16 (Amsterdam/Dam)",
    restriction="PROHIBITED",
    message=made.FOURTH_OF_MAY,
    geometry=[made.geometry(made.circle(4.8936, 52.3731, 3704), upperLimit=1676)],
)
DAM_PLACE = (52.3731, 4.8936)


@pytest.mark.parametrize(
    ("height_m", "datum", "answer", "reason"),
    [
        (50.0, Datum.AGL, "not_allowed", "no_notice"),
        (None, Datum.UNKNOWN, "not_allowed", "no_notice"),
        (940.0, Datum.WGS84, "not_allowed", "no_notice"),  # 897 m above the sea
        (940.0, Datum.UNKNOWN, "not_allowed", "above_limit"),  # 940 or 897 m: in the zone, or over it
        (960.0, Datum.WGS84, "not_allowed", "above_limit"),
    ],
)
def test_the_answer_for_an_open_flight(height_m: float | None, datum: Datum, answer: str, reason: str) -> None:
    told = at_point(made.catalogue(CTR), *made.ARENA, height_m, datum, made.NOON_S)
    assert told["open_category"]["answer"] == answer
    assert reason in {each["reason"] for each in told["open_category"]["reasons"]}
    json.dumps(told)


def test_both_readings_of_an_unknown_datum_must_agree() -> None:
    told = at_point(made.catalogue(CTR), *made.ARENA, 940.0, Datum.UNKNOWN, made.NOON_S)
    assert told["zones"][0]["in_band"] is None
    assert {each["reason"] for each in told["open_category"]["reasons"]} == {"height_unknown", "above_limit"}
    assert at_point(made.catalogue(CTR), *made.ARENA, 130.0, Datum.UNKNOWN, 0.0)["zones"][0]["in_band"] is True
    assert at_point(made.catalogue(CTR), *made.ARENA, 1000.0, Datum.UNKNOWN, 0.0)["zones"][0]["in_band"] is False


def test_a_point_outside_every_zone_is_allowed() -> None:
    told = at_point(made.catalogue(CTR), 52.352, 5.003, 50.0, Datum.AGL, made.NOON_S)
    assert told["zones"] == []
    assert told["open_category"] == {"answer": "allowed", "reasons": []}


def test_the_dam_is_forbidden_on_the_fourth_of_may_only() -> None:
    catalogue = made.catalogue(CTR, DAM)
    for moment, rules in (
        ("2026-05-04T12:00:00Z", ["zone_prohibited", "ctr_open"]),
        ("2026-05-05T12:00:00Z", ["ctr_open"]),
    ):
        told = at_point(catalogue, *DAM_PLACE, 50.0, Datum.AGL, epoch_s(moment))
        assert [zone["zone_id"] for zone in told["zones"]] == ["7.82", "7.2"]  # the stronger first
        assert [each["rule"] for each in told["open_category"]["reasons"]] == rules


def test_difference_names_added_removed_and_changed() -> None:
    old = Catalogue([made.zone_set(made.feature("a"), made.feature("b"), made.feature("c"))])
    new = Catalogue([made.zone_set(made.feature("b"), made.feature("c", name="other"), made.feature("d"))])
    found = difference(old, new)
    assert (found.added, found.removed, found.changed) == (("d",), ("a",), ("c",))


def test_geojson_for_the_map() -> None:
    zones = made.zone_set(CTR, DAM).zones
    features = to_geojson(zones, made.NOON_S)["features"]
    ctr, dam = (each["properties"] for each in features[:2])
    assert (ctr["zone_id"], ctr["lower"], ctr["upper"], ctr["active"]) == ("7.2", "GND", "914 m AMSL", True)
    assert dam["active"] is False
    ring = features[0]["geometry"]["coordinates"][0]
    assert 340 < len(ring) <= 361
    assert ring[0] == ring[-1]
    small = replace(zones[0], volumes=(replace(zones[0].volumes[0], shape=_small_circle()),))
    assert len(to_geojson([small], 0.0)["features"][0]["geometry"]["coordinates"][0]) < 100


def _small_circle() -> Circle | Polygon:
    return made.zone_set(made.feature(shape=made.circle(4.9, 52.3, 500))).zones[0].volumes[0].shape
