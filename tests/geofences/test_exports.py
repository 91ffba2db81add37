"""What is written reads back, and what a format cannot say is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from airspace.model.units import METRES_PER_FOOT, epoch_s
from airspace.model.zone import (
    Applicability,
    Authority,
    Circle,
    DailyPeriod,
    Datum,
    Predicate,
    Restriction,
    SunEvent,
    Variant,
    Volume,
    Words,
    Zone,
    ZoneKind,
    ZoneRole,
)
from geofences.exports import ed269 as to_ed269
from geofences.exports import ed318 as to_ed318
from geofences.exports.document import Export
from geofences.formats import detect, ed269, ed318
from geofences.schedules.schedule import active
from tests.geofences import made

NOW_S = epoch_s("2026-09-01T12:00:00Z")
ALL_DAYS = frozenset(range(7))


def back(export: Export) -> tuple[Zone, ...]:
    zones = detect.read(msgspec.json.encode(export.document), "x").zones
    return tuple(replace(zone, version="") for zone in zones)


def named(zone: Zone) -> Zone:
    """Without its version; a name without words is published as words."""
    return replace(zone, version="", names=zone.names or (Words(text=zone.name),))


def told(export: Export) -> str:
    return " | ".join(oddity.what for oddity in export.oddities)


def rich(**changes: Any) -> Zone:
    """A zone of which ED-318 can say everything."""
    volumes = (
        Volume(
            shape=Circle(latitude_deg=52.31, longitude_deg=4.94, radius_m=250.5),
            lower_m=0.0,
            lower_datum=Datum.AGL,
            upper_m=914.5,
            upper_datum=Datum.AMSL,
        ),
        replace(made.zone().volumes[0], lower_m=120.0, upper_m=None),
    )
    values: dict[str, Any] = {
        "zone_id": "Z-1",
        "country": "LUX",
        "predicate": Predicate.AUTHORISATION,
        "restriction": Restriction.REQUIRES_AUTHORISATION,
        "variant": Variant.CUSTOMIZED,
        "volumes": volumes,
        "names": (Words(text="Zone een", language="nl-NL"), Words(text="zone 1", language="en-GB")),
        "name": "Zone een",
        "messages": (Words(text="Vraag eerst", language="nl-NL"), Words(text="Ask first", language="en-GB")),
        "message": "Vraag eerst",
        "authorities": (
            Authority(
                purpose="AUTHORIZATION",
                name=(Words(text="CAA", language="en-GB"),),
                email="a@example.org",
                interval_before="P2D",
            ),
        ),
        "reasons": ("NATURE", "OTHER"),
        "other_reason": "birds",
        "restriction_conditions": "none above 250 g",
        "regulation_exemption": "YES",
        "region": 3,
        "valid_from_s": epoch_s("2026-01-01T00:00:00Z"),
        "applicability": (
            Applicability(
                start_s=epoch_s("2026-05-01T00:00:00Z"),
                end_s=epoch_s("2026-10-01T00:00:00Z"),
                periods=(
                    DailyPeriod(days=frozenset({0, 4}), start=time(22), end=time(2)),
                    DailyPeriod(days=ALL_DAYS, start=time(6), end=time(0)),
                ),
            ),
        ),
    }
    return replace(made.zone(), **values | changes)


@pytest.fixture(scope="module")
def dutch(real_data: Path) -> tuple[Zone, ...]:
    return ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl").zones


@pytest.mark.parametrize("write", [to_ed269.write, to_ed318.write])
def test_all_dutch_zones_come_back_as_they_were(dutch: tuple[Zone, ...], write: Any) -> None:
    export = write(dutch, NOW_S)
    assert len(dutch) == 774
    assert back(export) == tuple(named(zone) for zone in dutch)
    changed = {oddity.place for oddity in export.oddities}
    assert {"7.82", "7.87"} <= changed  # 4 May
    assert len(changed) < 25


def test_ed318_loses_nothing_of_a_rich_zone() -> None:
    export = to_ed318.write([rich()], NOW_S)
    assert export.oddities == ()
    assert back(export) == (named(rich()),)


@pytest.mark.parametrize("write", [to_ed269.write, to_ed318.write])
def test_what_we_wrote_is_not_interpreted_again(write: Any) -> None:
    volumes = made.zone().volumes  # of a control zone whose top the Dutch pack would put above mean sea level
    zone = rich(country="NLD", name=made.CTR_NAME, names=(Words(text=made.CTR_NAME),), volumes=volumes)
    (again,) = (each for each in back(write([zone], NOW_S)) if each.zone_id == zone.zone_id)
    assert again.volumes == zone.volumes
    assert again.overrides == ()


def test_ed269_names_what_it_loses_of_a_rich_zone() -> None:
    export = to_ed269.write([rich()], NOW_S)
    (zone,) = back(export)
    for what in ("more than one language", "validity", "rounded outward"):
        assert what in told(export)
    lost = {"names", "messages", "authorities", "volumes"}
    different = {name for name in Zone.__dataclass_fields__ if getattr(zone, name) != getattr(named(rich()), name)}
    assert different == lost
    assert (zone.name, zone.message) == ("Zone een", "Vraag eerst")
    assert zone.volumes[0].upper_m == 915.0


def test_whole_feet_stay_feet() -> None:
    volume = replace(rich().volumes[0], upper_m=3000 * METRES_PER_FOOT)
    (feature,) = to_ed269.write([rich(volumes=(volume,))], NOW_S).document["features"]
    geometry = feature["geometry"][0]
    assert (geometry["uomDimensions"], geometry["lowerLimit"], geometry["upperLimit"]) == ("FT", 0, 3000)
    assert geometry["horizontalProjection"]["radius"] * METRES_PER_FOOT == pytest.approx(250.5)


def test_a_limit_whose_datum_ed269_cannot_say_is_left_open() -> None:
    volume = replace(rich().volumes[0], lower_m=50.0, lower_datum=Datum.UNKNOWN, upper_datum=Datum.WGS84)
    export = to_ed269.write([rich(volumes=(volume,))], NOW_S)
    assert "lowerLimit" not in export.document["features"][0]["geometry"][0]
    assert "upperLimit" not in export.document["features"][0]["geometry"][0]
    assert "upper limit of 914.5 m, datum wgs84: cannot be said, left open" in told(export)


@pytest.mark.parametrize(
    ("changes", "said_269", "said_318", "note_269", "note_318"),
    [
        ({"predicate": Predicate.USPACE}, "REQ_AUTHORISATION", "USPACE", "U-space airspace is written", ""),
        (
            {"restriction": Restriction.TEMPORARY, "predicate": Predicate.TEMPORARY},
            "PROHIBITED",
            "PROHIBITED",
            "a temporary area",
            "a temporary area",
        ),
        (
            {"kind": ZoneKind.ALERT_ONLY, "role": ZoneRole.BOWL, "restriction": Restriction.NO_RESTRICTION},
            "NO_RESTRICTION",
            "NO_RESTRICTION",
            "no law",
            "no law",
        ),
        ({"reasons": ("DAR",)}, "REQ_AUTHORISATION", "REQ_AUTHORIZATION", "reason DAR", ""),
        ({"reasons": ("FOREIGN_TERRITORY",)}, "REQ_AUTHORISATION", "REQ_AUTHORIZATION", "", "reason FOREIGN"),
        ({"uspace_class": "G"}, "REQ_AUTHORISATION", "REQ_AUTHORIZATION", "", "uSpaceClass"),
    ],
)
def test_words_of_each_format(
    changes: dict[str, Any], said_269: str, said_318: str, note_269: str, note_318: str
) -> None:
    zone = rich(**changes)
    old, new = to_ed269.write([zone], NOW_S), to_ed318.write([zone], NOW_S)
    assert old.document["features"][0]["restriction"] == said_269
    assert new.document["features"][0]["properties"]["type"] == said_318
    assert note_269 in told(old)
    assert note_318 in told(new)
    assert bool(new.oddities) == bool(note_318)
    for name in ("predicate", "restriction", "kind", "role", "uspace_class"):
        assert {getattr(each, name) for each in (*back(old), *back(new))} == {getattr(zone, name)}


def test_a_long_identifier_and_a_strange_country_become_what_ed318_allows() -> None:
    zones = [rich(zone_id="stadium-ring"), rich(zone_id="stadium-bowl"), rich(zone_id="Z", country="")]
    export = to_ed318.write(zones, NOW_S)
    rows = [feature["properties"] for feature in export.document["features"]]
    assert all(len(row["identifier"]) <= 7 for row in rows)
    assert len({row["identifier"] for row in rows}) == 3
    assert rows[2]["country"] == "XXA"
    assert [zone.zone_id for zone in back(export)] == ["stadium-ring", "stadium-bowl", "Z"]


def test_zones_of_different_validity_say_it_themselves() -> None:
    zones = [rich(), rich(zone_id="Z-2", valid_from_s=None, applicability=())]
    export = to_ed318.write(zones, NOW_S)
    assert "validFrom" not in export.document["metadata"]
    assert back(export) == tuple(named(zone) for zone in zones)


def weekly(*periods: DailyPeriod, time_zone: str = "Europe/Amsterdam") -> Zone:
    return rich(applicability=(Applicability(periods=periods, time_zone=time_zone),), valid_from_s=None)


def schedule(export: Export) -> list[tuple[Any, ...]]:
    row = export.document["features"][0]["applicability"][0]
    return [(each["day"], each["startTime"][:8], each["endTime"][:8]) for each in row["schedule"]]


def test_local_hours_are_written_as_their_union_over_the_year() -> None:
    office = weekly(DailyPeriod(days=frozenset(range(5)), start=time(8), end=time(17)))
    export = to_ed269.write([office], NOW_S)
    assert schedule(export) == [(["MON", "TUE", "WED", "THU", "FRI"], "06:00:00", "16:00:00")]
    assert "hours of Europe/Amsterdam are written in UTC" in told(export)
    assert back(export)[0].applicability == office.applicability  # by our own keys


def test_local_hours_round_midnight_belong_to_the_day_before_in_utc() -> None:
    export = to_ed269.write([weekly(DailyPeriod(days=frozenset({0}), start=time(0), end=time(6)))], NOW_S)
    assert schedule(export) == [(["MON"], "00:00:00", "05:00:00"), (["SUN"], "22:00:00", "23:59:59")]


def test_events_of_the_sun_become_their_widest_hours_in_ed269_and_stay_in_ed318() -> None:
    day = DailyPeriod(days=frozenset({2}), start=time(0), end=time(0), start_event=SunEvent.SR, end_event=SunEvent.SS)
    evening = replace(day, start=time(12), start_event=None)
    for period, expected in (
        (day, [(["WED"], "03:15:00", "20:10:00")]),  # 17 June, Amsterdam: 03:18 and 20:06 UTC
        (evening, [(["WED"], "12:00:00", "20:10:00")]),
    ):
        zone = weekly(period, time_zone="UTC")
        export = to_ed269.write([zone], NOW_S)
        assert schedule(export) == expected
        assert "an event of the sun" in told(export)
        assert back(export)[0].applicability == zone.applicability
        newer = to_ed318.write([zone], NOW_S)
        assert newer.oddities == ()
        assert back(newer)[0].applicability == zone.applicability


def test_dates_of_every_year_are_written_out() -> None:
    rule = Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam")
    export = to_ed318.write([rich(applicability=(rule,), valid_from_s=None)], NOW_S)
    rows = export.document["features"][0]["properties"]["limitedApplicability"]
    assert len(rows) == 5
    assert rows[1] == {"startDateTime": "2027-05-03T22:00:00.000Z", "endDateTime": "2027-05-04T22:00:00.000Z"}
    assert "every year on 04 May: written for 2026 to 2030 only" in told(export)


@pytest.mark.parametrize(
    "zone",
    [
        weekly(DailyPeriod(days=frozenset({0, 3}), start=time(23), end=time(1))),
        weekly(DailyPeriod(days=frozenset({6}), start=time(0), end=time(0))),
        weekly(DailyPeriod(days=frozenset({1}), start=time(8), end=time(8, 30)), time_zone="Pacific/Auckland"),
        weekly(DailyPeriod(days=frozenset({5}), start=time(8), end=time(20)), time_zone="America/St_Johns"),
        weekly(DailyPeriod(days=frozenset({2}), start=time(0), end=time(9), start_event=SunEvent.SR, end_event=None)),
        rich(applicability=(Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam"),)),
    ],
)
@pytest.mark.parametrize("write", [to_ed269.write, to_ed318.write])
def test_another_reader_is_never_told_less_than_the_zone_asks(zone: Zone, write: Any) -> None:
    export = write([zone], NOW_S)
    feature = export.document["features"][0]
    for keys in (feature, feature.get("properties", {})):
        keys.pop("extendedProperties", None)
    (stranger,) = back(export)
    for hour in range(0, 24 * 400, 3):
        for second in (-1, 0, 1799):
            at_s = NOW_S + hour * 3600 + second
            if active(replace(zone, valid_from_s=None), at_s):
                assert active(stranger, at_s), hour


def test_the_envelope_of_the_checks_has_standard_fields_only() -> None:
    export = to_ed269.write([rich()], NOW_S, envelope=to_ed269.Envelope.CIS)
    assert list(export.document) == ["formatVersion", "createdAt", "UASZoneList"]
    assert "extendedProperties" not in export.document["UASZoneList"][0]
    assert "without extendedProperties" in told(export)
    assert len(ed269.read(msgspec.json.encode(export.document), "x").zones) == 1


@pytest.mark.parametrize(
    "block",
    [
        {"applicability": [{"timeZone": "Mars/Olympus"}]},
        {"applicability": [{"timeZone": "../../etc/passwd"}]},
        {"applicability": [{"dates": ["02-31"]}]},
        {"applicability": [{"periods": [{"days": [7], "start": "08:00", "end": "09:00"}]}]},
        {"applicability": [{"periods": [{"days": [1], "start": "08:00Z", "end": "09:00"}]}]},
        {"overrides": 3},
    ],
)
def test_wrong_keys_of_our_own_refuse_the_file(block: dict[str, Any]) -> None:
    document = to_ed318.write([rich()], NOW_S).document
    document["features"][0]["properties"]["extendedProperties"]["airspaceMonitor"] = block
    with pytest.raises(ValueError, match="zone Z-1: extendedProperties"):
        ed318.read(msgspec.json.encode(document), "x")
