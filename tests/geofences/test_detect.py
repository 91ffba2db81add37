from __future__ import annotations

import json
from pathlib import Path

import pytest

from airspace.model.zone import ZoneKind
from geofences.formats import detect
from geofences.zone_set import ZoneFileError
from tests.geofences import made, made_ed318

FENCE = {
    "type": "Feature",
    "properties": {"name": "the ring"},
    "geometry": {"type": "Polygon", "coordinates": made_ed318.BOX},
}
OPENAIR = b"AC R\nAN EHR 1\nAL GND\nAH 1000 MSL\nV X=52:00:00 N 005:00:00 E\nDC 1\n"
AREA = {
    "id": "TGB-1",
    "name": "an event",
    "notam": "M0001/26",
    "from": "2026-05-01T10:00:00Z",
    "to": "2026-05-01T20:00:00Z",
}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("data", "zone_id"),
    [
        (made.document(made.feature()), "1.a"),
        (json.dumps({"formatVersion": "1", "UASZoneList": [made.feature()]}).encode(), "1.a"),
        (made_ed318.document(made_ed318.feature()), "A1"),
    ],
)
def test_the_eurocae_formats_are_told_by_their_envelope(data: bytes, zone_id: str, bom: bytes) -> None:
    assert [zone.zone_id for zone in detect.read(bom + data, "any.name").zones] == [zone_id]


@pytest.mark.parametrize("wrapped", [FENCE, {"type": "FeatureCollection", "features": [FENCE]}])
def test_plain_geojson_is_a_drawn_fence(wrapped: dict[str, object]) -> None:
    (zone,) = detect.read(json.dumps(wrapped).encode(), "f").zones
    assert zone.kind is ZoneKind.ALERT_ONLY


def test_openair_is_told_by_its_records() -> None:
    assert len(detect.read(b"* a comment\n" + OPENAIR, "f").zones) == 1


def test_temporary_areas_are_told_by_their_envelope() -> None:
    with pytest.raises(ZoneFileError, match=r"^area 1"):  # known as such, and found wanting
        detect.read(json.dumps({"temporaryAreas": [AREA]}).encode(), "f")


@pytest.mark.parametrize("data", [b"", b"hello", b"[]", b"{}", b'{"type": "Topology"}', b"\xff\xfe", b"PK\x03\x04"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError, match="f: not a zone file"):
        detect.read(data, "f")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nl_uas-zones_ed269_rebuilt.json", 774),
        ("lu_ed269_converted.geojson", 47),
        ("interuss_ed269_test.json", 6),
        ("interuss_cis_sample_ed269.json", 1),
        ("interuss_cis_sample_ed318.json", 3),
        ("eham_ctr1_reference.geojson", 1),
        ("openair_openaip/arc-cw-ccw.txt", 1),
    ],
)
def test_real_files(real_data: Path, name: str, count: int) -> None:
    assert len(detect.read((real_data / "geofences" / name).read_bytes(), name).zones) == count
