"""A question without an answer: where zone files cannot say, nothing is allowed, in no place where it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app.doctor import files
from airspace.model.units import epoch_s
from airspace.model.zone import Datum
from airspace.service import config
from geofences.catalogue import Catalogue
from geofences.explanation import at_point, explain
from geofences.explanation.coverage import silences
from geofences.formats import detect
from geofences.notices.book import NoticeBook
from geofences.zone_set import SetAside, ZoneSet
from tests.cases import given
from tests.geofences import made, made_ed318

TIME = "2026-05-01T12:00:00Z"
ARENA = (52.3144, 4.9419)
KOLN, BERLIN, ANTWERP = (50.94, 6.96), (52.5, 13.4), (51.22, 4.40)
CTR = made.document(made.feature())
OPENAIR = b"AC P\nAN EHP 99\nAL GND\nAH 1500ft MSL\nV X=52:18:52 N 004:56:31 E\nDC 2\n"


def fence() -> bytes:
    """A ring round the stadium."""
    properties = {"id": "ring", "name": "ring", "role": "ring", "radius_m": 3000}
    shape = {"type": "Point", "coordinates": [ARENA[1], ARENA[0]]}
    return json.dumps({"type": "Feature", "properties": properties, "geometry": shape}).encode()


def asked(tmp_path: Path, place: tuple[float, float], *data: bytes, time: str = TIME) -> tuple[given.Answer, Any]:
    """``airspace zones at``, and its answer for an Open flight."""
    named: list[str | Path] = []
    for number, each in enumerate(data):
        path = tmp_path / f"zones{number}.txt"
        path.write_bytes(each)
        named += ["--zones", path]
    told = given.airspace("zones", "at", *map(str, place), "--time", time, *named)
    return told, told.json()["open_category"]


@pytest.mark.parametrize(
    ("place", "data", "reason"),
    [
        pytest.param(ARENA, (), "no_zones", id="no file, in the control zone of Schiphol"),
        pytest.param(BERLIN, (), "no_zones", id="no file, elsewhere"),
        pytest.param(ARENA, (fence(),), "only_fences", id="a fence is no law"),
        pytest.param(BERLIN, (CTR,), "place_not_covered", id="a Dutch file, asked in Germany"),
        pytest.param(KOLN, (OPENAIR, CTR), "place_not_covered", id="two files, neither of that place"),
        pytest.param((-52.3144, 4.9419), (CTR,), "place_not_covered", id="the wrong half of the world"),
        pytest.param(ARENA[::-1], (CTR,), "place_not_covered", id="latitude and longitude the wrong way round"),
        pytest.param(BERLIN, (CTR, fence()), "place_not_covered", id="with a fence"),
    ],
)
def test_no_answer_is_said_to_be_none(
    tmp_path: Path, place: tuple[float, float], data: tuple[bytes, ...], reason: str
) -> None:
    told, answer = asked(tmp_path, place, *data)
    assert answer["answer"] == "cannot_say"
    assert [each["reason"] for each in answer["reasons"]] == [reason]
    assert answer["reasons"][0]["text_en"] in told.err
    assert told.code == (0 if data else 1)
    assert len(told.err.splitlines()) == (2 if place == ARENA[::-1] else 1), "the other way round it is covered: a hint"


@pytest.mark.parametrize(
    ("place", "data", "expected"),
    [
        pytest.param(ARENA, (CTR,), "not_allowed", id="inside"),
        pytest.param(ARENA, (OPENAIR,), "not_allowed", id="inside, OpenAir"),
        pytest.param((52.340, 4.925), (CTR,), "allowed", id="a kilometre outside"),
        pytest.param((52.340, 4.925), (CTR, fence()), "allowed", id="a kilometre outside, with a fence"),
    ],
)
def test_where_there_is_an_answer_it_is_given(
    tmp_path: Path, place: tuple[float, float], data: tuple[bytes, ...], expected: str
) -> None:
    told, answer = asked(tmp_path, place, *data)
    assert (told.code, answer["answer"], told.err) == (0, expected, "")


def test_what_is_forbidden_everywhere_needs_no_zone_file() -> None:
    told = at_point(Catalogue([]), *ARENA, 200.0, Datum.AGL, epoch_s(TIME))
    assert told["open_category"]["answer"] == "not_allowed"


def valid(first: str | None, last: str | None) -> ZoneSet:
    """An ED-269 set whose zones hold for a time, as an ED-318 set's metadata say."""
    zone_set = detect.read(CTR, "dated.json")
    start, end = (None if each is None else epoch_s(each) for each in (first, last))
    return replace(zone_set, zones=tuple(replace(z, valid_from_s=start, valid_to_s=end) for z in zone_set.zones))


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (None, "2026-03-30T11:57:15Z", "zones_over"),
        ("2026-01-01T00:00:00Z", "2026-05-01T12:00:00Z", "zones_over"),  # its end is exclusive
        ("2026-05-01T12:00:01Z", None, "zones_not_yet_valid"),
        ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "zones_not_yet_valid"),
        ("2026-05-01T12:00:00Z", "2026-05-01T12:00:01Z", None),
        (None, None, None),
    ],
)
def test_a_set_that_is_not_valid_answers_nothing(first: str | None, last: str | None, reason: str | None) -> None:
    told = at_point(Catalogue([valid(first, last)]), 52.340, 4.925, None, Datum.AGL, epoch_s(TIME))["open_category"]
    assert told["answer"] == ("allowed" if reason is None else "cannot_say")
    assert [each["reason"] for each in told["reasons"]] == ([] if reason is None else [reason])


def test_an_ed318_set_that_is_over_is_named(tmp_path: Path) -> None:
    data = made_ed318.document(made_ed318.feature(), metadata={"validTo": "2026-03-30T11:57:15Z"})
    told, answer = asked(tmp_path, ARENA, data)
    assert (told.code, answer["answer"]) == (0, "cannot_say")
    assert "zones0.txt was valid until 2026-03-30" in told.err


def test_one_set_in_force_does_not_make_up_for_one_that_is_over() -> None:
    sets = [valid(None, None), valid(None, "2026-03-30T00:00:00Z")]
    told = at_point(Catalogue(sets), 52.340, 4.925, None, Datum.AGL, epoch_s(TIME))["open_category"]
    assert told["answer"] == "cannot_say"
    inside = at_point(Catalogue(sets), *ARENA, None, Datum.AGL, epoch_s(TIME))["open_category"]
    assert inside["answer"] == "not_allowed"  # that much is known


@pytest.mark.parametrize("count", [1, 3, 5])
def test_an_airspace_that_cannot_be_read_may_be_here(count: int) -> None:
    aside = tuple(SetAside(zone_id=f"x{n}", name=f"CTR {n}", why="no outline") for n in range(count))
    catalogue = Catalogue([replace(detect.read(CTR, "part.txt"), set_aside=aside)])
    told = at_point(catalogue, 52.340, 4.925, None, Datum.AGL, epoch_s(TIME))["open_category"]
    assert told["answer"] == "cannot_say"
    assert "CTR 0" in told["reasons"][0]["text_en"]
    assert ("and 2 more" in told["reasons"][0]["text_en"]) is (count == 5)


@pytest.mark.parametrize(
    ("place", "covered"),
    [
        ((52.37, 4.90), True),  # Amsterdam
        ((50.85, 5.69), True),  # Maastricht
        ((53.40, 5.30), True),  # Terschelling
        ((52.80, 5.30), True),  # the IJsselmeer: between zones
        ((51.28, 4.05), True),  # Hulst, south of the Scheldt
        (ANTWERP, False),
        (KOLN, False),
        (BERLIN, False),
        ((51.96, 7.63), False),  # Muenster
        ((50.85, 4.35), False),  # Brussels
        ((52.30, 3.40), False),  # the North Sea
    ],
)
def test_what_the_dutch_set_covers(place: tuple[float, float], *, covered: bool, netherlands: Catalogue) -> None:
    told = [each.why for each in silences(netherlands, place, epoch_s(TIME))]
    assert told == ([] if covered else ["place_not_covered"])


@pytest.fixture(scope="module")
def netherlands(real_data: Path) -> Catalogue:
    return Catalogue(app.load_zones([real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json"]))


# the other places where it is asked


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (list, "no airspace zones are loaded"),
        (lambda: [detect.read(fence(), "f.json")], "only fences"),
        (lambda: [valid(None, "2026-03-30T00:00:00Z")], "dated.json was valid until 2026-03-30"),
    ],
)
def test_why_says_so_of_a_flight(sets: Callable[[], list[ZoneSet]], words: str) -> None:
    track = made.track_row(latitude_deg=52.340, longitude_deg=4.925)
    line = explain(Catalogue(sets()), NoticeBook(), track, track.logged_s)
    assert words in line["sentence_en"]
    assert line["sentence_nl"].startswith("Niet te zeggen")
    assert [each["text_en"] for each in line["cannot_say"]]


@pytest.mark.parametrize(
    ("zones", "latitude_deg", "reason"),
    [
        (None, 52.3144, "no_zones"),
        (CTR, 50.94, "place_not_covered"),
        (CTR, 52.3144, None),
        (fence(), 52.3144, None),  # who watches a fence alone sees all that he asked for
    ],
)
def test_the_service_does_not_call_calm_what_it_cannot_judge(
    tmp_path: Path, zones: bytes | None, latitude_deg: float, reason: str | None
) -> None:
    path = tmp_path / "zones.json"
    path.write_bytes(zones or b"")
    rulebook = app.Rulebook([] if zones is None else [path], [])
    told = rulebook.silences((latitude_deg, 4.9419), epoch_s(TIME))
    assert [each.why for each in told] == ([] if reason is None else [reason])


@pytest.mark.parametrize(("latitude_deg", "told"), [(50.94, ["no zone file covers this place"]), (52.3144, [])])
def test_the_doctor_says_that_the_city_is_not_covered(tmp_path: Path, latitude_deg: float, told: list[str]) -> None:
    path = tmp_path / "zones.json"
    path.write_bytes(CTR)
    settings = config.Settings(
        zones=config.Zones(files=(str(path),)), console=config.Console(latitude_deg=latitude_deg)
    )
    found = [each.text for each in files.zones(settings, epoch_s(TIME)) if each.state is app.State.WARN]
    assert [each.partition(" (")[0] for each in found if "cannot be judged" in each] == told
