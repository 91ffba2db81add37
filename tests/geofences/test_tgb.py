from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Datum, Predicate, Restriction, Zone, ZoneKind
from geofences.catalogue import Catalogue
from geofences.formats import tgb
from geofences.schedules import schedule
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.conftest import ROOT

CIRCLE = {"latitude_deg": 52.435, "longitude_deg": 5.765, "radius_m": 3000}
SQUARE = [[[5.7, 52.4], [5.8, 52.4], [5.8, 52.5], [5.7, 52.5], [5.7, 52.4]]]


def area(**changes: Any) -> dict[str, Any]:
    """Hours and heights of Lowlands 2024; number, centre and radius are invented."""
    made = {
        "id": "lowlands-2024",
        "notam": "A9001/24",
        "name_nl": "Lowlands 2024",
        "name_en": "the Lowlands festival",
        "legal_basis": "Staatscourant 2024, 99999",
        "from": "2024-08-15T08:00:00+02:00",
        "to": "2024-08-19T08:00:00+02:00",
        "lower": {"value": 0, "unit": "m", "datum": "agl"},
        "upper": {"value": 450, "unit": "m", "datum": "amsl"},
        "circle": CIRCLE,
        "exempts": ["politie"],
    }
    return {key: value for key, value in (made | changes).items() if value is not None}


def ending(**changes: Any) -> dict[str, Any]:
    """A NOTAM that cancels that of Lowlands on its second day."""
    made = {"notam": "A9002/24", "notam_type": "NOTAMC", "cancels": ["A9001/24"], "issued": "2024-08-16T12:00:00Z"}
    return {key: value for key, value in (made | changes).items() if value is not None}


def read(*areas: dict[str, Any]) -> ZoneSet:
    return tgb.read(json.dumps({"temporaryAreas": list(areas)}).encode(), "tgb.json")


def one(**changes: Any) -> Zone:
    (zone,) = read(area(**changes)).zones
    return zone


def in_force(zone: Zone, time: str) -> bool:
    return schedule.active(zone, epoch_s(time))


def test_lowlands_2024() -> None:
    zone = one()
    assert (zone.kind, zone.restriction, zone.predicate) == (
        ZoneKind.LEGAL,
        Restriction.TEMPORARY,
        Predicate.TEMPORARY,
    )
    assert (zone.group, zone.country, zone.exempts) == ("tgb-lowlands-2024", "NLD", ("politie",))
    assert zone.legal_basis == "Staatscourant 2024, 99999; NOTAM A9001/24"
    assert zone.group_name_nl == "het tijdelijk beperkte gebied Lowlands 2024"
    assert [name.language for name in zone.names] == ["nl-NL", "en-GB"]
    for time, expected in [
        ("2024-08-15T05:59:59Z", False),
        ("2024-08-15T06:00:00Z", True),
        ("2024-08-19T05:59:59Z", True),
        ("2024-08-19T06:00:00Z", False),
    ]:
        assert in_force(zone, time) is expected, time


@pytest.mark.parametrize(
    ("height_m", "datum", "in_band"),
    [(0.0, Datum.AGL, True), (449.0, Datum.AMSL, True), (450.0, Datum.AMSL, False), (451.0, Datum.AMSL, False)],
)
def test_the_band_of_lowlands(height_m: float, datum: Datum, *, in_band: bool) -> None:
    catalogue = Catalogue([read(area())])
    (hit,) = catalogue.at(52.44, 5.76, height_m, datum, epoch_s("2024-08-16T12:00:00Z"))
    assert hit.active
    assert hit.in_band is in_band


def test_the_nato_summit_forbids_all_but_those_it_names() -> None:
    """The total ban of 16 km and the ring of 92 km; the ring holds above 120 m only."""
    hague = {"latitude_deg": 52.0907, "longitude_deg": 4.2856}
    days = {"from": "2025-06-18T00:00:00+02:00", "to": "2025-06-26T00:00:00+02:00"}
    ban = area(id="ban", notam="A9101/25", circle=hague | {"radius_m": 16_000}, exempts=["SEC-1"], **days)
    ring = area(
        id="ring", notam="A9102/25", circle=hague | {"radius_m": 92_000}, exempts=["SEC-1"],
        lower={"value": 120, "datum": "agl"}, upper={"value": 3000, "unit": "ft"}, **days,
    )  # fmt: skip
    catalogue = Catalogue([read(ban, ring)])
    time_s = epoch_s("2025-06-20T12:00:00Z")

    def there(latitude: float, longitude: float, height_m: float) -> set[str]:
        hits = catalogue.at(latitude, longitude, height_m, Datum.AGL, time_s)
        return {hit.zone.zone_id for hit in hits if hit.active and hit.in_band}

    assert there(52.09, 4.30, 50.0) == {"ban"}
    assert there(52.09, 4.30, 200.0) == {"ban", "ring"}
    assert there(52.3144, 4.9419, 50.0) == set()  # the ArenA, 51 km off
    assert there(52.3144, 4.9419, 200.0) == {"ring"}
    assert all(zone.exempts == ("SEC-1",) for zone in catalogue.zones)
    assert {zone.group for zone in catalogue.zones} == {"tgb-ban", "tgb-ring"}


def test_a_notam_that_cancels_ends_it_from_when_it_is_issued() -> None:
    zones = read(area(), ending())
    (zone,) = zones.zones
    assert in_force(zone, "2024-08-16T11:59:59Z")
    assert not in_force(zone, "2024-08-16T12:00:00Z")
    assert zone.overrides == ("A9002/24 cancels it from 2024-08-16T12:00:00.000Z",)
    assert zones.oddities == ()


def test_a_notam_that_replaces_takes_over() -> None:
    smaller = area(
        id="smaller", notam="A9003/24", notam_type="NOTAMR", replaces=["A9001/24"], circle=CIRCLE | {"radius_m": 1000},
        **{"from": "2024-08-17T10:00:00Z"},
    )  # fmt: skip
    old, new = read(area(), smaller).zones
    for time, expected in [("2024-08-17T09:59:59Z", (True, False)), ("2024-08-17T10:00:00Z", (False, True))]:
        assert (in_force(old, time), in_force(new, time)) == expected
    at_once, _ = read(area(), smaller | {"issued": "2024-08-16T00:00:00Z"}).zones
    assert not in_force(at_once, "2024-08-16T00:00:00Z")
    order = read(smaller, area()).zones
    assert order[1].applicability == old.applicability


def test_one_that_is_ended_before_it_begins_is_left_out_and_told() -> None:
    zones = read(area(), ending(issued="2024-08-01T00:00:00Z"))
    assert zones.zones == ()
    assert "before it began" in zones.oddities[0].what


def test_all_areas_of_a_notam_end_together_and_the_first_end_counts() -> None:
    later = ending(notam="A9009/24", issued="2024-08-18T00:00:00Z")
    zones = read(area(), area(id="b", polygon=SQUARE, circle=None), ending(), later)
    assert [in_force(zone, "2024-08-16T12:00:00Z") for zone in zones.zones] == [False, False]
    assert [in_force(zone, "2024-08-16T11:00:00Z") for zone in zones.zones] == [True, True]


def test_a_daily_schedule_ends_as_well() -> None:
    hours = {"start": "12:00", "end": "02:00"}
    zone = one(schedule=hours)
    assert in_force(zone, "2024-08-15T10:00:00Z")
    assert not in_force(zone, "2024-08-16T09:00:00Z")
    assert in_force(zone, "2024-08-16T23:59:00Z")  # 01:59 local time
    (cancelled,) = read(area(schedule=hours), ending()).zones
    assert not in_force(cancelled, "2024-08-16T13:00:00Z")


def test_units_shapes_and_open_limits() -> None:
    zones = read(area(
        upper={"value": 3000, "unit": "ft", "datum": "amsl"}, lower=None, polygon=SQUARE, circle=None
    ))  # fmt: skip
    volume = zones.zones[0].volumes[0]
    assert (volume.lower_m, volume.lower_datum, volume.upper_datum) == (0.0, Datum.AGL, Datum.AMSL)
    assert volume.upper_m == pytest.approx(914.4)
    circle = one(circle={"latitude_deg": 52.0, "longitude_deg": 5.0, "radius_nm": 2}).volumes[0].shape
    assert circle == Circle(latitude_deg=52.0, longitude_deg=5.0, radius_m=3704.0)
    odd = read(area(upper=None, to=None), area(id="b", upper={"value": 95, "unit": "FL"}))
    assert [oddity.what for oddity in odd.oddities] == [
        "to is missing: a temporary area without an end",
        "upper is missing: taken as without a ceiling",
        "upper: FL 95 is a pressure height: taken as 2896 m above mean sea level",
    ]


def test_an_unknown_notam_that_is_ended_is_told() -> None:
    zones = read(area(), ending(cancels=["B0001/24"]))
    assert [(each.place, each.what) for each in zones.oddities] == [
        ("A9002/24", "cancels B0001/24, which is not in this file")
    ]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (area(id=None), "A9001/24: id: none given"),
        (area(id="good"), "good: id: stands twice"),
        (area(notam="1234"), "notam: '1234' is no NOTAM number"),
        (area(replaces=["x"]), "replaces: 'x' is no NOTAM number"),
        (area(replaces=["A9001/24"]), "notam: one that ends another needs a number of its own"),
        (area(notam=None, replaces=["A9001/24"]), "a number of its own"),
        (area(notam_type="NOTAMR"), "notam_type: 'NOTAMR' beside what makes it a NOTAMN"),
        (area(cancels=["A9000/24"]), "cancels: one that cancels neither replaces nor has a shape"),
        (ending(issued=None), "issued: one that ends another must say when"),
        (ending(issued="2024-08-16"), "from: '2024-08-16' is no date and time with an offset"),
        (area(notam=None, legal_basis=None), "legal_basis: neither it nor a NOTAM is named"),
        (area(to="2024-08-15T06:00:00Z"), "to: .* is not after"),
        (area(circle=None), "exactly one of circle and polygon"),
        (area(polygon=SQUARE), "exactly one of circle and polygon"),
        (area(circle=CIRCLE | {"radius_nm": 1}), "exactly one of radius_m and radius_nm"),
        (area(circle=CIRCLE | {"radius_m": 0}), "a radius of 0 m"),
        (area(circle=CIRCLE | {"radius_m": 300_000}), "a radius of 300000 m"),
        (area(circle=CIRCLE | {"latitude_deg": 99}), "latitude 99.* is off the globe"),
        (area(polygon=[[[5.0, 52.0]]], circle=None), "fewer than 3"),
        (area(upper={"value": 450, "unit": "miles"}), "upper: unit: 'miles'"),
        (area(upper={"value": 450, "datum": "qnh"}), r"\$.upper.datum"),
        (area(lower={"value": 500, "datum": "amsl"}), "upper: 450 m is not above lower, 500 m"),
        (area(schedule={"start": "noon"}), "schedule: 'noon'"),
        (area(nme="x"), "unknown field `nme`"),
    ],
)
def test_errors_name_the_area_and_the_field(broken: dict[str, Any], message: str) -> None:
    zones = read(area(id="good", notam="A0001/24"), broken)
    assert [zone.zone_id for zone in zones.zones] == ["good"]
    (aside,) = zones.set_aside
    assert re.search(message, f"{aside.zone_id}: {aside.why}")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"temporaryAreas": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_list_of_areas_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError, match="no list of temporary areas"):
        tgb.read(data, "f")


def test_caps_and_hostile_text(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = one(name_nl="\u202eLow\x1b[0mlands" + "x" * 400, exempts=["\u202e", "a\x07b"])
    assert zone.name.isprintable()
    assert len(zone.name) <= tgb.MAX_TEXT
    assert zone.exempts == ("ab",)
    for name, most in (("MAX_BYTES", 100), ("MAX_AREAS", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(tgb, name, most)
            with pytest.raises(ZoneFileError):
                read(area(), area(id="b"))


def test_the_example_file() -> None:
    zones = tgb.read((ROOT / "deploy" / "examples" / "tgb.json").read_bytes(), "tgb.json")
    assert zones.oddities == ()
    assert [zone.zone_id for zone in zones.zones] == ["lowlands-2024", "nato-2025-the-hague", "nato-2025-ring"]
    assert in_force(zones.zones[0], "2024-08-15T06:00:00Z")
    Catalogue([zones])


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6) | st.sampled_from(["A9001/24", "fl"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "unit", "start"]), inner),
    max_leaves=5,
)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError):
        tgb.read(data, "f")


@given(st.dictionaries(st.sampled_from([*area(), "replaces", "cancels", "issued", "schedule", "polygon"]), VALUES))
@settings(max_examples=200)
def test_spoilt_areas_are_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        zones = tgb.read(json.dumps({"temporaryAreas": [area(id="a"), {**area(), **changes}]}).encode(), "f")
    except ZoneFileError:
        return
    assert len(zones.zones) <= 2


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
@settings(max_examples=150)
def test_a_file_with_spoilt_bytes_is_read_or_refused(at: int, spoilt: bytes) -> None:
    data = (ROOT / "deploy" / "examples" / "tgb.json").read_bytes()
    at %= len(data)
    with suppress(ZoneFileError):  # and nothing else
        tgb.read(data[:at] + spoilt + data[at + len(spoilt) :], "f")
