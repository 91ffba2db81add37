from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Geod

from airspace.model.units import epoch_s
from airspace.model.zone import (
    Authority,
    Circle,
    Datum,
    Oddity,
    Polygon,
    Predicate,
    Restriction,
    Volume,
    Words,
    Zone,
    ZoneKind,
)
from geofences import netherlands
from geofences.catalogue import Catalogue
from geofences.formats import ed269
from geofences.schedules.schedule import active, next_change_s
from geofences.zone_set import ZoneSet
from tests.geofences import made

CTR = "Nabijheid van vliegveld voor bemand luchtverkeer"
SPECIFIC = (
    "OPEN cat. vluchten zijn hier verboden SPEC cat. vluchten vereisen een privilege op de exploitatievergunning / "
    "Flights in the OPEN cat. are not allowed in SPEC cat. a privilege on the OA is required"
)
EHR_3A = "Defensie oefengebied EHR 3A (Oldebroek)"
EHR_65 = "Defensie oefengebied EHR 65 (Witten; Assen)"
MONDAY_TO_THURSDAY = ["MON", "TUE", "WED", "THU"]
PUBLISHED = ((MONDAY_TO_THURSDAY, "06:00Z", "23:00Z"), (["FRI"], "06:00Z", "16:00Z"))
PUBLISHED_65 = (([*MONDAY_TO_THURSDAY, "FRI"], "06:00Z", "16:00Z"),)
INDUSTRY = "Industriegebied met risicos op zware ongevallen"


def zone(name: str, message: str | None = SPECIFIC, **changes: Any) -> Zone:
    """A zone as a reader hands it to the pack."""
    plain = Zone(
        zone_id="9.9",
        name=name,
        country="NLD",
        kind=ZoneKind.LEGAL,
        restriction=Restriction.CONDITIONAL,
        predicate=Predicate.UNKNOWN,
        group="nld-9.9",
        group_name_nl=f"zone {name}",
        group_name_en=f"zone {name}",
        version="0" * 12,
        message=message,
        volumes=(band(Circle(latitude_deg=52.0, longitude_deg=5.0, radius_m=500.0)),),
    )
    return replace(plain, **changes)


def band(shape: Circle | Polygon, lower_m: float = 0.0, upper_m: float = 914.0) -> Volume:
    return Volume(shape=shape, lower_m=lower_m, lower_datum=Datum.AGL, upper_m=upper_m, upper_datum=Datum.AGL)


def scheduled(name: str, *rows: tuple[list[str], str, str]) -> Zone:
    """A zone with hours as the ministry writes them."""
    feature = made.feature(
        name=name,
        message=made.MILITARY,
        country="XXA",  # read, and not interpreted yet
        applicability=[{"schedule": [{"day": days, "startTime": start, "endTime": end} for days, start, end in rows]}],
    )
    return replace(made.zone_set(feature).zones[0], country="NLD")


def read(plain: Zone) -> Zone:
    return netherlands.interpret(plain)[0]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (SPECIFIC, Predicate.OPEN_FORBIDDEN),
        (made.OPEN_FORBIDDEN, Predicate.OPEN_FORBIDDEN),
        (made.OPEN_FORBIDDEN.upper().replace(" / ", "\n"), Predicate.OPEN_FORBIDDEN),
        (made.MILITARY, Predicate.MILITARY_PERMISSION),
        (made.MAX_30, Predicate.OPEN_MAX_30_M),
        (made.FOURTH_OF_MAY, Predicate.FOURTH_OF_MAY),
        (made.ALL_FORBIDDEN, Predicate.ALL_FORBIDDEN),
    ],
)
def test_the_six_texts(message: str, expected: Predicate) -> None:
    read_zone, oddities = netherlands.interpret(zone("Zomaar", message))
    assert read_zone.predicate is expected
    assert oddities == ()


@pytest.mark.parametrize("message", [None, "", "Iets nieuws", made.ALL_FORBIDDEN + " behalve op zondag"])
def test_an_unknown_text_decides_nothing_and_warns(message: str | None) -> None:
    read_zone, oddities = netherlands.interpret(zone(INDUSTRY, message))
    assert read_zone.predicate is Predicate.UNKNOWN
    assert oddities == (Oddity(place="9.9", what=f"unknown rule text {message!r}: nothing is decided here"),)


@pytest.mark.parametrize(
    ("message", "expected"),
    [(None, Predicate.ALL_FORBIDDEN), (" ", Predicate.ALL_FORBIDDEN), ("op 5 mei", Predicate.UNKNOWN)],
)
def test_a_prohibition_stands_where_no_text_says_less(message: str | None, expected: Predicate) -> None:
    plain = zone(INDUSTRY, message, restriction=Restriction.PROHIBITED, predicate=Predicate.ALL_FORBIDDEN)
    assert netherlands.interpret(plain)[0].predicate is expected


@pytest.mark.parametrize(
    ("name", "message", "expected"),
    [
        (INDUSTRY, SPECIFIC, Predicate.INDUSTRY),
        ("Moerdijk Havengebied met risico's op zware ongevallen", SPECIFIC, Predicate.INDUSTRY),
        ("6.Gebied met verbod vanuit beveiligingsoverwegingen", SPECIFIC, Predicate.INDUSTRY),
        (
            "geografische zone van een beveiligd gebied of een locatie\nmet vitale processen",
            SPECIFIC,
            Predicate.INDUSTRY,
        ),
        ("EHHV nabijheid van vliegveld", made.OPEN_FORBIDDEN, Predicate.OPEN_FORBIDDEN),
        (INDUSTRY, made.MAX_30, Predicate.OPEN_MAX_30_M),  # the text comes first
    ],
)
def test_sites_by_their_name(name: str, message: str, expected: Predicate) -> None:
    read_zone = read(zone(name, message))
    assert read_zone.predicate is expected
    assert any("industry" in why for why in read_zone.overrides) is (expected is Predicate.INDUSTRY)


@pytest.mark.parametrize(
    "changes",
    [{"predicate": Predicate.USPACE}, {"predicate": Predicate.USPACE, "message": "Iets nieuws"}],
)
def test_u_space_stays_u_space_and_says_that_there_is_none(changes: dict[str, Any]) -> None:
    read_zone, oddities = netherlands.interpret(zone("Maasvlakte", **changes))
    assert read_zone.predicate is Predicate.USPACE
    assert "none is designated in the Netherlands" in read_zone.overrides[0]
    assert oddities == ()


@pytest.mark.parametrize(
    ("authorities", "expected"),
    [
        ((), "Regulation (EU) 2019/947, Article 15"),
        (("Seveso locatie 1 okt2023", "Defensie"), "Regulation (EU) 2019/947, Article 15"),
        (
            ("Regeling zonering onbemande luchtvaartuigen ", "Regeling zonering onbemande luchtvaartuigen"),
            "Regulation (EU) 2019/947, Article 15; Regeling zonering onbemande luchtvaartuigen",
        ),
    ],
)
def test_the_law_is_what_the_file_names(authorities: tuple[str, ...], expected: str) -> None:
    named = tuple(Authority(purpose="INFORMATION", name=(Words(text=text),)) for text in authorities)
    assert read(zone("Zomaar", authorities=named)).legal_basis == expected


def test_the_fourth_of_may_is_one_day_of_the_year() -> None:
    read_zone = read(zone("Verboden gebied tijdens Dodenherdenking 4 mei EHTSA 16 (Dam)", made.FOURTH_OF_MAY))
    assert read_zone.group == "4-may-dam"
    assert [active(read_zone, epoch_s(f"2026-05-0{day}T18:00:00Z")) for day in (3, 4, 5)] == [False, True, False]
    assert "as its text says" in read_zone.overrides[0]


@pytest.mark.parametrize(
    ("name", "rows", "moment", "expected"),
    [
        # Tuesday in summer and in winter: 08:00 to 24:00 local, an hour less than published
        (EHR_3A, PUBLISHED, "2026-07-07T05:59:59Z", False),
        (EHR_3A, PUBLISHED, "2026-07-07T06:00:00Z", True),
        (EHR_3A, PUBLISHED, "2026-07-07T21:59:59Z", True),
        (EHR_3A, PUBLISHED, "2026-07-07T22:00:00Z", False),
        (EHR_3A, PUBLISHED, "2026-01-06T06:59:59Z", False),
        (EHR_3A, PUBLISHED, "2026-01-06T07:00:00Z", True),
        (EHR_3A, PUBLISHED, "2026-01-06T22:59:59Z", True),
        (EHR_3A, PUBLISHED, "2026-01-06T23:00:00Z", False),
        # Friday until five
        (EHR_3A, PUBLISHED, "2026-07-10T14:59:59Z", True),
        (EHR_3A, PUBLISHED, "2026-07-10T15:00:00Z", False),
        (EHR_3A, PUBLISHED, "2026-07-11T12:00:00Z", False),
        (EHR_65, PUBLISHED_65, "2026-07-07T15:00:00Z", False),
        (EHR_65, PUBLISHED_65, "2026-01-06T15:59:59Z", True),
    ],
)
def test_local_hours(name: str, rows: tuple[tuple[list[str], str, str], ...], moment: str, *, expected: bool) -> None:
    read_zone, oddities = netherlands.interpret(scheduled(name, *rows))
    assert active(read_zone, epoch_s(moment)) is expected
    assert "an hour too long in either" in read_zone.overrides[-1]
    assert "AIRAC 2204" in read_zone.overrides[-1]
    assert oddities == ()


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (EHR_3A, ((MONDAY_TO_THURSDAY, "06:00Z", "22:00Z"), (["FRI"], "06:00Z", "16:00Z"))),  # law and file parted
        (EHR_3A, ((MONDAY_TO_THURSDAY, "06:00Z", "23:00Z"), (["FRI", "SAT"], "06:00Z", "16:00Z"))),
        (EHR_3A, ((MONDAY_TO_THURSDAY, "06:30Z", "23:00Z"), (["FRI"], "06:00Z", "16:00Z"))),
        (EHR_3A, (*PUBLISHED, (["FRI"], "18:00Z", "20:00Z"))),
        (EHR_65, PUBLISHED),
        ("Defensie oefengebied EHR 99 (Nieuw)", PUBLISHED),  # nothing known of it
    ],
)
def test_hours_that_nothing_explains_are_kept(name: str, rows: tuple[tuple[list[str], str, str], ...]) -> None:
    plain = scheduled(name, *rows)
    read_zone, oddities = netherlands.interpret(plain)
    assert read_zone.applicability == plain.applicability
    assert ["no local rule is known: kept" in oddity.what for oddity in oddities] == [True]


def test_hours_are_never_cut_where_a_zone_is_always_in_force() -> None:
    read_zone, oddities = netherlands.interpret(zone(EHR_3A, made.MILITARY))
    assert read_zone.applicability == ()
    assert oddities == ()


@pytest.mark.parametrize(
    ("name", "lower_m", "upper_m", "lower", "upper"),
    [
        ("Verboden gebied EHP26 (paleizen)", 0, 610, Datum.AGL, Datum.AMSL),
        ("Verboden gebied EHP26A (Scheveningen)", 0, 610, Datum.AGL, Datum.AMSL),
        ("Defensie oefengebied EHR 4C (Vliehors)", 305, 610, Datum.AMSL, Datum.AMSL),
        (EHR_3A, 914, 5639, Datum.AMSL, Datum.AGL),  # its top is a flight level
        ("Defensie oefengebied EHR 8 (Den Helder)", 0, 1981, Datum.AGL, Datum.AGL),
        ("Defensie oefengebied EHR 9 (Harskamp)", 0, 1900, Datum.AGL, Datum.AGL),  # not what the law has
        ("Defensie oefengebied EHTSA 9 (Elders)", 0, 1798, Datum.AGL, Datum.AGL),
    ],
)
def test_limits_above_mean_sea_level(name: str, lower_m: float, upper_m: float, lower: Datum, upper: Datum) -> None:
    shape = Circle(latitude_deg=52.0, longitude_deg=5.0, radius_m=500.0)
    volume = read(zone(name, made.MILITARY, volumes=(band(shape, lower_m, upper_m),))).volumes[0]
    assert (volume.lower_m, volume.upper_m) == (lower_m, upper_m)
    assert (volume.lower_datum, volume.upper_datum) == (lower, upper)


@pytest.mark.parametrize(
    ("name", "centre", "group", "dutch", "english"),
    [
        (f"{CTR} EHAM SCHIPHOL CTR 1", (52.3, 4.8), "ctr-eham", "de CTR Schiphol", "the Schiphol CTR"),
        (f"{CTR} De PEEL CTR", (51.5, 5.9), "ctr-de-peel", "de CTR De Peel", "the De Peel CTR"),
        (f"{CTR} De PEEL CTR", (51.45, 5.37444), "ctr-eheh", "de CTR Eindhoven", "the Eindhoven CTR"),
        (CTR, (52.05972, 5.87194), "ctr-ehdl", "de CTR Deelen", "the Deelen CTR"),
        (CTR, (50.0, 5.0), "nld-9.9", f"zone {CTR}", f"zone {CTR}"),  # nobody knows which
    ],
)
def test_control_zones(name: str, centre: tuple[float, float], group: str, dutch: str, english: str) -> None:
    shape = Circle(latitude_deg=centre[0], longitude_deg=centre[1], radius_m=14_816.0)
    read_zone = read(zone(name, volumes=(band(shape),)))
    assert read_zone.group == group
    if group.startswith("ctr-"):
        assert (read_zone.group_name_nl, read_zone.group_name_en) == (dutch, english)
        assert read_zone.volumes[0].upper_datum is Datum.AMSL
        assert "AMSL" in read_zone.overrides[-1]


@pytest.mark.parametrize(
    ("name", "dutch", "english"),
    [
        ("GLV I (Noord-Drenthe) laagvlieggebied voor bemand luchtverkeer", "het laagvlieggebied GLV I",
         "the low-flying area GLV I"),
        ("Verboden gebied voor al het luchtverkeer EHP25 (Drakensteijn Castle)",
         "het verboden gebied EHP25 (Drakensteijn Castle)", "the prohibited area EHP25 (Drakensteijn Castle)"),
        (EHR_3A, "het militaire gebied EHR 3A (Oldebroek)", "the military area EHR 3A (Oldebroek)"),
        ("EHHV nabijheid van vliegveld voor bemand luchtverkeer", "de omgeving van vliegveld EHHV",
         "the surroundings of aerodrome EHHV"),
        ("Moerdijk Havengebied met risicos op zware ongevallen", "het havengebied Moerdijk", "the port area Moerdijk"),
        (INDUSTRY, "een industriegebied met risico's (9.9)", "an industrial area with hazards (9.9)"),
    ],
)  # fmt: skip
def test_names_for_sentences(name: str, dutch: str, english: str) -> None:
    read_zone = read(zone(name))
    assert (read_zone.group_name_nl, read_zone.group_name_en) == (dutch, english)


SCHIPHOL = zone(
    f"{CTR} EHAM SCHIPHOL CTR 1",
    volumes=(band(Circle(latitude_deg=52.3080556, longitude_deg=4.7641667, radius_m=14_816.0)),),
)


def test_schiphol_ctr_2_and_3_are_added_once() -> None:
    part_1 = read(SCHIPHOL)
    part_2, part_3 = added = netherlands.additions([part_1])
    assert [each.zone_id for each in added] == ["EHAM-2", "EHAM-3"]
    for each in added:
        assert (each.group, each.predicate, each.version) == (part_1.group, part_1.predicate, part_1.version)
        assert "AD 2 EHAM 2.17" in each.overrides[0]
        assert (each.volumes[0].lower_m, each.volumes[0].upper_m) == pytest.approx((365.76, 914.4))
        assert each.volumes[0].lower_datum is each.volumes[0].upper_datum is Datum.AMSL
    assert netherlands.additions([part_1, part_2, part_3]) == ()
    assert netherlands.additions([]) == ()
    assert netherlands.additions([read(zone("Zomaar"))]) == ()


@pytest.mark.parametrize(
    ("place", "latitude_deg", "longitude_deg", "zones"),
    [
        ("Castricum, inland", 52.55, 4.70, {"EHAM-2"}),
        ("Velsen", 52.45, 4.60, {"EHAM-2"}),
        ("Leiden", 52.16, 4.58, {"EHAM-3"}),
        ("Alphen aan den Rijn", 52.13, 4.66, {"EHAM-3"}),
        ("Hoofddorp", 52.30, 4.69, {"9.9"}),
        ("Zandvoort, at sea", 52.37, 4.50, set()),
        ("IJburg", 52.352, 5.003, set()),
    ],
)
def test_where_the_parts_of_the_schiphol_ctr_lie(
    place: str, latitude_deg: float, longitude_deg: float, zones: set[str]
) -> None:
    part_1 = read(SCHIPHOL)
    catalogue = Catalogue([ZoneSet(source="t", version="0", zones=(part_1, *netherlands.additions([part_1])))])
    low = catalogue.at(latitude_deg, longitude_deg, 300.0, Datum.AMSL, made.NOON_S)
    assert {hit.zone.zone_id for hit in low} == zones, place
    assert {hit.zone.zone_id for hit in low if hit.in_band} == zones & {"9.9"}
    high = catalogue.at(latitude_deg, longitude_deg, 400.0, Datum.AMSL, made.NOON_S)
    assert {hit.zone.zone_id for hit in high if hit.in_band} == zones


@pytest.mark.parametrize(("part", "points"), [(0, 100), (1, 174)])  # 50.4 and 87.3 degrees by half degrees
def test_the_arcs_run_along_the_circle_of_part_1(part: int, points: int) -> None:
    shape = netherlands.additions([read(SCHIPHOL)])[part].volumes[0].shape
    assert isinstance(shape, Polygon)
    ring = shape.rings[0]
    assert shapely.Polygon(ring).is_valid
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(ring)]
    geod = Geod(ellps="WGS84")
    for places in (ring, middles):
        metres = [geod.inv(4.7641667, 52.3080556, *place)[2] for place in places]
        assert sum(abs(each - 14_816.0) < 0.25 for each in metres) >= points


@pytest.fixture(scope="module")
def dutch(real_data: Path) -> ZoneSet:
    return ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl")


def test_the_overrides_of_the_real_file(dutch: ZoneSet) -> None:
    words = ("rule industry", "4 May only", "hours in local time", "limits above mean sea level", "upper limit AMSL",
             "that aerodrome's geometry", "added, for the file lacks it")  # fmt: skip
    count = Counter(next(word for word in words if word in why) for zone in dutch.zones for why in zone.overrides)
    assert count == {
        "rule industry": 13 + 257 + 125 + 213,
        "4 May only": 6,
        "hours in local time": 12,
        "limits above mean sea level": 15,
        "upper limit AMSL": 27,
        "that aerodrome's geometry": 4,
    }
    assert len(dutch.zones) == 774


def test_local_hours_are_within_the_published_ones(dutch: ZoneSet, real_data: Path) -> None:
    """Hour by hour of a year: never in force beyond what the ministry publishes, an hour less on every day of it."""
    zones = {zone.zone_id: zone for zone in dutch.zones}
    year_s = epoch_s("2026-01-01T00:30:00Z")
    for zone_id, rows in (("7.32", PUBLISHED), ("7.43", PUBLISHED_65)):
        published = replace(
            zones[zone_id],
            applicability=tuple(replace(scheduled(EHR_3A, row).applicability[0]) for row in rows),
        )
        less = 0
        for hour in range(365 * 24):
            now_s = year_s + hour * 3600
            assert active(published, now_s) or not active(zones[zone_id], now_s)
            less += active(published, now_s) and not active(zones[zone_id], now_s)
        weekdays = 261  # of 2026
        assert less == weekdays


def test_until_when_as_an_officer_is_told(dutch: ZoneSet) -> None:
    zones = {zone.zone_id: zone for zone in dutch.zones}
    assert next_change_s(zones["7.32"], epoch_s("2026-10-22T12:00:00Z")) == epoch_s("2026-10-23T00:00:00+02:00")
    assert next_change_s(zones["7.32"], epoch_s("2026-10-24T12:00:00Z")) == epoch_s("2026-10-26T08:00:00+01:00")
    assert next_change_s(zones["7.2"], made.NOON_S) is None


def test_the_law_of_the_real_file(dutch: ZoneSet) -> None:
    tails = Counter((zone.legal_basis or "").partition("; ")[2] for zone in dutch.zones)
    assert tails == {
        "Regeling zonering onbemande luchtvaartuigen": 413,
        "": 273,
        "Regeling beperking of verbod uitoefening burgerluchtverkeer in bepaalde gebieden 2014": 60,
        "Regeling onbemande luchtvaartuigen": 27,
        "Besluit Beperkingen Burgerluchtverkeer Waddenzee": 1,
    }
