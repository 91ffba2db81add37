from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import shapely

from airspace.demo import facts
from airspace.model.geodesy import bearing_and_distance, geodesic_m
from airspace.model.units import epoch_s

FOLDER = Path(facts.__file__).parent


def features() -> dict[str, dict[str, object]]:
    return {feature["identifier"]: feature for feature in msgspec.json.decode(facts.zones())["features"]}


def ctr() -> shapely.Polygon:
    return shapely.Polygon([(place[1], place[0]) for place in facts.ctr_ring()])


def test_the_bundled_files_are_what_the_facts_make() -> None:
    assert (FOLDER / "zones.json").read_bytes() == facts.zones()
    assert (FOLDER / "notices.json").read_bytes() == facts.notices(facts.EVENING_S)


def test_the_arena_lies_in_the_control_zone_as_the_handbook_says() -> None:
    _, distance_m = bearing_and_distance(*facts.CTR_CENTRE, *facts.ARENA)
    assert distance_m == pytest.approx(12_140, abs=5)
    assert facts.CTR_RADIUS_M - distance_m == pytest.approx(2_670, abs=10)


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        (facts.ARENA, True),
        (facts.DAM, True),
        (facts.AMSTEL, True),
        (facts.BROADCASTER, True),
        (facts.IJBURG, False),
        ((52.399, 4.937), False),  # Buikslotermeer, 0.7 km outside
    ],
)
def test_who_is_inside_the_control_zone(place: facts.Place, *, inside: bool) -> None:
    assert ctr().contains(shapely.Point(place[1], place[0])) is inside


def test_the_ring_is_the_published_one() -> None:
    ring = facts.ctr_ring()
    assert ring[:4] == list(facts.CTR_CORNERS)
    assert ring[-1] == ring[0]
    latitudes, longitudes = np.array(ring[3:]).T
    centre_lat, centre_lng = (np.full(len(latitudes), value) for value in facts.CTR_CENTRE)
    assert np.abs(geodesic_m(centre_lat, centre_lng, latitudes, longitudes) - 14816.0).max() < 0.2
    assert list(ctr().bounds) == pytest.approx([4.54694, 52.17490, 4.98139, 52.47255], abs=2e-5)


def test_the_ring_agrees_with_the_reference(real_data: Path) -> None:
    collection = msgspec.json.decode((real_data / "geofences" / "eham_ctr1_reference.geojson").read_bytes())
    reference = shapely.Polygon(collection["features"][0]["geometry"]["coordinates"][0])
    difference_km2 = ctr().symmetric_difference(reference).area * 111.2 * 68.0
    assert difference_km2 < 0.05
    assert reference.area * 111.2 * 68.0 == pytest.approx(733, abs=5)


def test_the_document_has_the_form_of_ed_269() -> None:
    document = msgspec.json.decode(facts.zones())
    assert set(document) == {"title", "description", "features"}
    for feature in document["features"]:
        assert len(feature["identifier"]) <= 7
        assert len(feature["message"]) <= 200
        assert feature["geometry"][0]["lowerVerticalReference"] == "AGL"


def test_the_fences_are_no_law() -> None:
    found = features()
    assert found["RING"]["extendedProperties"] == {
        "airspaceGroup": "arena",
        "groupNameNl": "de ring om de ArenA",
        "groupNameEn": "the ArenA ring",
        "kind": "alert_only",
        "role": "ring",
    }
    assert {found[name]["restriction"] for name in ("RING", "BOWL")} == {"NO_RESTRICTION"}
    assert {found[name]["restriction"] for name in ("CTR1", "DAM4MEI")} == {"CONDITIONAL", "PROHIBITED"}


def test_notices_hold_at_the_start_and_to_the_end_of_the_evening() -> None:
    start_s = epoch_s("2026-11-01T19:00:00Z")
    for notice in msgspec.json.decode(facts.notices(start_s))["notices"]:
        assert notice["state"] == "approved"
        (volume,) = notice["volumes"]
        assert epoch_s(volume["time_start"]["value"]) < start_s
        assert epoch_s(volume["time_end"]["value"]) > start_s + 3600.0
        assert volume["volume"]["altitude_lower"]["value"] < facts.GROUND_WGS84_M
