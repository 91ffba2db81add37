from __future__ import annotations

import json
import re
from collections import Counter
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from airspace.model.zone import (
    Authority,
    Circle,
    Datum,
    Polygon,
    Predicate,
    Restriction,
    Variant,
    Words,
    ZoneKind,
    ZoneRole,
)
from geofences.formats import ed269
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.geofences import made


def test_both_envelopes_a_bom_and_the_version() -> None:
    plain = made.document(made.feature())
    assert len(ed269.read(plain, "a").zones) == 1
    assert len(ed269.read(b"\xef\xbb\xbf" + plain, "a").zones) == 1
    wrapped = json.dumps({"formatVersion": "1.0.0", "UASZoneList": [made.feature()]}).encode()
    assert ed269.read(wrapped, "a").zones[0].zone_id == "1.a"
    assert re.fullmatch("[0-9a-f]{12}", ed269.read(plain, "a").version)
    assert ed269.read(plain, "a").version != ed269.read(wrapped, "a").version


def test_limits_in_feet_as_text_open_and_without_ceiling() -> None:
    shape = made.box(4.9, 52.3, 4.95, 52.33)
    rows = [
        made.geometry(shape, uomDimensions="FT", upperLimit="3000", upperVerticalReference="AMSL"),
        made.geometry(shape, upperLimit=99999),
        made.geometry(shape, upperLimit=None, lowerLimit=None, upperVerticalReference="FL"),
        made.geometry(shape, upperVerticalReference="FL"),
    ]
    zones = made.zone_set(made.feature(geometry=rows))
    volumes = zones.zones[0].volumes
    assert volumes[0].upper_m == pytest.approx(914.4)
    assert volumes[0].upper_datum is Datum.AMSL
    assert volumes[1].upper_m is None
    assert (volumes[2].lower_m, volumes[2].upper_m) == (None, None)
    assert volumes[3].upper_datum is Datum.UNKNOWN
    whats = [oddity.what for oddity in zones.oddities]
    assert sum("missing: taken as open" in what for what in whats) == 2
    assert sum("'FL' is unknown" in what for what in whats) == 1


def test_a_radius_is_in_the_units_of_the_volume() -> None:
    feature = made.feature(geometry=[made.geometry(made.circle(4.9, 52.3, 1000), uomDimensions="FT")])
    shape = made.zone_set(feature).zones[0].volumes[0].shape
    assert isinstance(shape, Circle)
    assert shape.radius_m == pytest.approx(304.8)


def test_an_unclosed_ring_is_closed_and_named() -> None:
    shape = made.polygon([[4.9, 52.3], [4.95, 52.3], [4.95, 52.33]])
    zones = made.zone_set(made.feature(shape=shape))
    ring = zones.zones[0].volumes[0].shape
    assert isinstance(ring, Polygon)
    assert ring.rings[0][0] == ring.rings[0][-1]
    assert [oddity.place for oddity in zones.oddities] == ["1.a"]


def test_a_bow_tie_keeps_both_its_parts() -> None:
    shape = made.polygon([[4.90, 52.30], [4.95, 52.33], [4.95, 52.30], [4.90, 52.33], [4.90, 52.30]])
    zones = made.zone_set(made.feature(shape=shape))
    assert len(zones.zones[0].volumes) == 2
    assert "split into 2 part(s), area" in zones.oddities[0].what


def test_a_hole_stays_a_hole() -> None:
    outer = [[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], [4.90, 52.30]]
    inner = [[4.92, 52.31], [4.93, 52.31], [4.93, 52.32], [4.92, 52.32], [4.92, 52.31]]
    catalogue = made.catalogue(made.feature(shape=made.polygon(outer, inner)))
    assert catalogue.at(52.315, 4.925, None, Datum.AGL, 0.0) == ()
    assert len(catalogue.at(52.315, 4.945, None, Datum.AGL, 0.0)) == 1


@pytest.mark.parametrize(
    ("row", "start", "end"),
    [
        ({"day": ["MON"], "startTime": "06:00:00.00Z", "endTime": "23:59:59Z"}, time(6), time(0)),
        ({"day": [], "startTime": "06:00Z", "endTime": "08:30Z"}, time(6), time(8, 30)),
        ({"day": ["ANY"], "startTime": "22:00:00.00Z", "endTime": "02:00:00.00Z"}, time(22), time(2)),
        ({"day": ["SAT"], "startTime": None, "endTime": None}, time(0), time(0)),
        ({"day": ["SAT"], "startTime": "20:00Z", "endTime": "24:00:00Z"}, time(20), time(0)),
    ],
)
@pytest.mark.parametrize("key", ["schedule", "dailyPeriod"])
def test_hours(row: dict[str, object], start: time, end: time, key: str) -> None:
    zones = made.zone_set(made.feature(applicability=[{"permanent": "YES", key: [row]}]))
    period = zones.zones[0].applicability[0].periods[0]
    assert (period.start, period.end) == (start, end)
    assert "the schedule and dates win" in zones.oddities[0].what


def test_an_empty_schedule_is_none() -> None:
    empty: list[dict[str, object]] = [{"day": [], "startTime": None, "endTime": None}]
    assert (
        made.zone_set(made.feature(applicability=[{"permanent": "YES", "dailyPeriod": empty}])).zones[0].applicability
        == ()
    )


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        (made.feature(restriction="MAYBE"), "zone 1.a: restriction: unknown value 'MAYBE'"),
        (made.feature(geometry=[{"uomDimensions": "M"}]), "horizontalProjection"),
        (made.feature(shape=made.circle(52.3, 104.9, 100)), "longitude must come first"),
        (made.feature(shape=made.circle(4.9, 52.3, 0)), "zone 1.a: radius"),
        (made.feature(shape=made.polygon([[4.9, 52.3], [4.9, 52.3], [5.0, 52.3]])), "fewer than 3 different"),
        (made.feature(shape=made.polygon([[4.9, 52.3]] * 10_001)), "10001 points"),
        (made.feature(shape={"type": "Sphere"}), "unknown type 'Sphere'"),
        (made.feature(applicability=[{"schedule": [{"day": ["XXX"], "startTime": "06:00Z"}]}]), "unknown day 'XXX'"),
        (made.feature(geometry=[made.geometry(made.circle(4.9, 52.3, 9), uomDimensions="NM")]), "uomDimensions"),
        (
            made.feature(geometry=[made.geometry(made.circle(4.9, 52.3, 9), lowerLimit=200)]),
            "lowerLimit: 200 m is above",
        ),
        (made.feature(extendedProperties={"kind": "alert"}), "zone 1.a: extendedProperties.*alert"),
    ],
)
def test_a_zone_that_cannot_be_read_is_set_aside_with_the_field(feature: dict[str, object], message: str) -> None:
    zones = ed269.read(made.document(made.feature("0.ok"), feature), "f")
    assert [zone.zone_id for zone in zones.zones] == ["0.ok"]
    (aside,) = zones.set_aside
    assert re.search(message, f"zone {aside.zone_id}: {aside.why}")
    with pytest.raises(ZoneFileError, match=message.removeprefix("zone 1.a: ")):
        ed269.read(made.document(feature), "f")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"features": 3}'])
def test_what_is_no_zone_file_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError, match="not an ED-269 document"):
        ed269.read(data, "f")


def test_extended_properties_say_what_text_cannot() -> None:
    own = {"airspaceGroup": "arena", "groupNameNl": "het stadion", "groupNameEn": "the stadium", "kind": "alert_only"}
    zone = made.zone_set(made.feature(extendedProperties=own | {"role": "bowl", "predicate": "none"})).zones[0]
    assert (zone.group, zone.group_name_nl, zone.group_name_en) == ("arena", "het stadion", "the stadium")
    assert (zone.kind, zone.role, zone.predicate) == (ZoneKind.ALERT_ONLY, ZoneRole.BOWL, Predicate.NONE)


def test_zones_of_other_states_are_judged_by_their_restriction() -> None:
    words = ["PROHIBITED", "REQ_AUTHORISATION", "CONDITIONAL", "NO_RESTRICTION"]
    zones = made.zone_set(*(made.feature(word, country="LUX", restriction=word) for word in words)).zones
    expected = [Predicate.ALL_FORBIDDEN, Predicate.AUTHORISATION, Predicate.UNKNOWN, Predicate.NONE]
    assert [zone.predicate for zone in zones] == expected


def test_what_informs_is_kept() -> None:
    authority = {"name": "CAA", "email": "a@example.org", "purpose": "NOTIFICATION", "intervalBefore": "P2D"}
    changes: dict[str, Any] = {
        "country": "LUX",
        "type": "CUSTOMIZED",
        "restrictionConditions": ["ask", "first"],
        "region": "3",
        "otherReasonInfo": "birds",
        "regulationExemption": "YES",
        "uSpaceClass": "G",
        "zoneAuthority": [authority],
    }
    zone = made.zone_set(made.feature(**changes)).zones[0]
    assert (zone.variant, zone.restriction_conditions, zone.region) == (Variant.CUSTOMIZED, "ask first", 3)
    assert (zone.other_reason, zone.regulation_exemption, zone.uspace_class) == ("birds", "YES", "G")
    assert zone.names == (Words(text="zone 1.a"),)
    assert zone.messages == (Words(text=made.OPEN_FORBIDDEN),)
    assert zone.authorities == (
        Authority(purpose="NOTIFICATION", name=(Words(text="CAA"),), email="a@example.org", interval_before="P2D"),
    )


def test_neither_permanent_nor_limited_is_always_and_named() -> None:
    zones = made.zone_set(made.feature(applicability=[{"permanent": "NO"}]))
    assert zones.zones[0].applicability == ()
    assert "neither dates nor hours" in zones.oddities[0].what


def test_hostile_text_is_cleaned() -> None:
    zone = made.zone_set(made.feature(name="a\x1b[31m\u202eb" + "x" * 500)).zones[0]
    assert "\x1b" not in zone.name
    assert "\u202e" not in zone.name
    assert len(zone.name) <= 200


@pytest.fixture(scope="module")
def dutch(real_data: Path) -> ZoneSet:
    return ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl")


def test_the_dutch_set_loads_with_its_known_oddities(dutch: ZoneSet) -> None:
    assert Counter(zone.restriction for zone in dutch.zones) == {
        Restriction.PROHIBITED: 10,
        Restriction.REQUIRES_AUTHORISATION: 51,
        Restriction.CONDITIONAL: 713,
    }
    places = {
        word: [oddity.place for oddity in dutch.oddities if word in oddity.what]
        for word in ("not closed", "crosses itself", "the schedule and dates win")
    }
    assert places["not closed"] == ["2.a", "7.13"]
    assert places["crosses itself"] == ["2.s", "7.22", "7.46", "7.53", "7.62"]
    assert len(places["the schedule and dates win"]) == 12
    assert len(dutch.oddities) == 19


def test_the_six_dutch_texts_are_mapped(dutch: ZoneSet) -> None:
    assert Counter(zone.predicate for zone in dutch.zones) == {
        Predicate.OPEN_FORBIDDEN: 82,  # of 690 with these texts, 608 are hazards and secured sites by their name
        Predicate.INDUSTRY: 608,
        Predicate.MILITARY_PERMISSION: 51,
        Predicate.OPEN_MAX_30_M: 23,
        Predicate.FOURTH_OF_MAY: 6,
        Predicate.ALL_FORBIDDEN: 4,
    }


def test_dutch_zones_are_named_as_a_sentence_names_them(dutch: ZoneSet) -> None:
    names = {zone.zone_id: (zone.group, zone.group_name_nl) for zone in dutch.zones}
    assert names["7.1"] == names["7.2"] == ("ctr-eham", "de CTR Schiphol")
    assert names["7.6"] == names["7.7"] == ("ctr-ehrd", "de CTR Rotterdam")
    assert names["7.15"] == names["7.14"] == ("ctr-ehdl", "de CTR Deelen")
    assert names["7.25"] == names["7.9"] == ("ctr-eheh", "de CTR Eindhoven")
    assert names["7.82"][0] == names["7.83"][0]
    assert names["7.32"][1] == "het militaire gebied EHR 3A (Oldebroek)"
    assert names["2.b"][1] == "het laagvlieggebied GLV I"
    assert not [name for _, name in names.values() if name.startswith("zone ")]


def test_overrides_are_recorded(dutch: ZoneSet) -> None:
    zones = {zone.zone_id: zone for zone in dutch.zones}
    assert zones["7.2"].volumes[0].upper_datum is Datum.AMSL
    assert any("AMSL" in each for each in zones["7.2"].overrides)
    assert any("4 May" in each for each in zones["7.82"].overrides)
    assert not zones["2.b"].overrides


def test_an_unknown_dutch_text_is_undecidable_and_its_owner_is_warned() -> None:
    zones = made.zone_set(made.feature(message="Iets nieuws"))
    assert zones.zones[0].predicate is Predicate.UNKNOWN
    assert "unknown rule text 'Iets nieuws'" in zones.oddities[0].what


def test_interuss_samples_load(real_data: Path) -> None:
    for name, count in (("interuss_cis_sample_ed269.json", 1), ("interuss_ed269_test.json", 6)):
        assert len(ed269.read((real_data / "geofences" / name).read_bytes(), name).zones) == count
