"""An airspace that cannot be read: set aside by name, told everywhere, its last good self in force; the rest too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from airspace.app import zone_files
from airspace.app.doctor import files as doctor
from airspace.app.rules import Rulebook
from airspace.service import config
from geofences.catalogue import Catalogue
from geofences.formats import openair
from geofences.last_good import with_last_good
from geofences.zone_set import SetAside, ZoneFileError, ZoneSet
from tests.cases import given

SQUARE = "DP 52:00:00 N 005:00:00 E\nDP 52:00:00 N 005:10:00 E\nDP 52:05:00 N 005:10:00 E\nDP 52:05:00 N 005:00:00 E\n"
LINE = "DP 52:00:00 N 005:00:00 E\nDP 52:00:00 N 005:10:00 E\n"
INSIDE = ("52.03", "5.05")


def airspace(name: str, geometry: str = SQUARE, ceiling: str = "1500ft AMSL") -> str:
    return f"AC P\nAN {name}\nAL GND\nAH {ceiling}\n{geometry}"


GOOD = airspace("Prison") + airspace("Palace")
SPOILT = {
    "outline": airspace("Prison") + airspace("Palace", LINE),
    "arc": airspace("Prison") + airspace("Palace", "V X=52:00:00 N 005:00:00 E\nDB 1,2\n" + SQUARE),
    "ceiling": airspace("Prison") + airspace("Palace", ceiling="NOTAM"),
    "corner": airspace("Prison") + airspace("Palace", "DP 52:00:0O N 005:00:00 E\n" + SQUARE),
}


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.txt"
    path.write_text(GOOD)
    return path


def names(book: Rulebook) -> list[str]:
    return [zone.name for zone in book.catalogue.zones]


async def reloaded(book: Rulebook) -> int:
    """Look for changed files; how often zones were taken."""
    taken: list[int] = []
    await book.reload(lambda: taken.append(1))
    return len(taken)


# at the start


@pytest.mark.parametrize("kind", SPOILT)
def test_the_rest_is_in_force_and_health_says_degraded_with_name_and_reason(zones: Path, kind: str) -> None:
    zones.write_text(SPOILT[kind])
    with capture_logs() as logs:
        book = Rulebook([zones], [])
    assert names(book) == ["Prison"]
    assert book.health["zones"].startswith("degraded: 1 airspace set aside: Palace (")
    (line,) = [line for line in logs if line["event"] == "airspaces set aside"]
    assert (line["source"], line["count"]) == ("zones.txt", 1)
    assert line["airspaces"][0].startswith("Palace: ")


def test_health_names_the_first_few_and_counts_the_rest(zones: Path) -> None:
    zones.write_text(GOOD + "".join(airspace(f"A{nth}", LINE) for nth in range(9)))
    health = Rulebook([zones], []).health["zones"]
    assert health.startswith("degraded: 9 airspaces set aside: A0 (")
    assert health.endswith("; and 4 more")


def test_a_file_of_which_nothing_can_be_read_is_refused_at_the_start(zones: Path) -> None:
    zones.write_text(airspace("Palace", LINE))
    with pytest.raises(ZoneFileError, match=r"zones\.txt: none of its airspaces can be read: Palace: "):
        Rulebook([zones], [])


# on a reload


@pytest.mark.parametrize("kind", SPOILT)
async def test_an_airspace_that_cannot_be_read_any_more_stays_as_it_last_was(zones: Path, kind: str) -> None:
    book = Rulebook([zones], [])
    before = next(zone for zone in book.catalogue.zones if zone.name == "Palace")
    zones.write_text(SPOILT[kind])
    assert await reloaded(book) == 1
    assert next(zone for zone in book.catalogue.zones if zone.name == "Palace") == before
    assert f"it stays in force as it was in version {before.version}" in book.health["zones"]
    assert book.health["zones"].startswith("degraded: 1 airspace set aside: Palace (")
    again = SPOILT[kind].replace("Prison", "Gaol")
    zones.write_text(again)
    assert await reloaded(book) == 1
    assert sorted(names(book)) == ["Gaol", "Palace"]
    assert next(zone for zone in book.catalogue.zones if zone.name == "Palace") == before
    zones.write_text(GOOD)
    await reloaded(book)
    assert book.health["zones"] == "ok"
    assert sorted(names(book)) == ["Palace", "Prison"]


async def test_one_that_the_new_file_no_longer_has_goes(zones: Path) -> None:
    book = Rulebook([zones], [])
    zones.write_text(airspace("Prison", LINE) + airspace("Farm"))
    await reloaded(book)
    assert sorted(names(book)) == ["Farm", "Prison"]


async def test_one_that_was_never_read_stays_out(zones: Path) -> None:
    book = Rulebook([zones], [])
    zones.write_text(GOOD + airspace("New", LINE))
    await reloaded(book)
    assert names(book) == ["Prison", "Palace"]
    assert "stays in force" not in book.health["zones"]
    assert "New (" in book.health["zones"]


async def test_a_file_that_cannot_be_used_leaves_the_whole_last_good_set(zones: Path) -> None:
    book = Rulebook([zones], [])
    before = book.catalogue
    zones.write_text(airspace("Palace", LINE))
    assert await reloaded(book) == 0
    assert book.catalogue is before
    assert book.health["zones"].startswith("last good set in force: ")


def test_what_stands_in_is_of_the_same_file_and_once() -> None:
    def read(text: str, source: str) -> ZoneSet:
        return openair.read(text.encode(), source)

    last = [read(GOOD, "a"), read(airspace("Palace") + airspace("Other"), "b")]
    new = [read(SPOILT["outline"], "a"), read(airspace("Other"), "b")]
    both = with_last_good(new, last)
    assert [(each.source, each.version, [zone.name for zone in each.zones]) for each in both] == [
        ("a", new[0].version, ["Prison"]),
        ("b", new[1].version, ["Other"]),
        ("a", last[0].version, ["Palace"]),
    ]
    assert with_last_good(new, both)[2] == both[2]
    assert with_last_good(last, both) == last
    doubled = replace(new[0], zones=last[0].zones)  # set aside, but its id is in force: nothing stands in
    assert with_last_good([doubled], last) == [doubled]


# the command line


@pytest.mark.parametrize("kind", SPOILT)
def test_check_names_and_counts_it_and_passes(zones: Path, kind: str) -> None:
    zones.write_text(SPOILT[kind])
    told = given.airspace("zones", "check", zones)
    assert told.code == 0
    assert ": 1 zones, 1 set aside, version " in told.out
    assert "  set aside: Palace: " in told.out


def test_check_fails_where_no_zone_is_usable(zones: Path) -> None:
    zones.write_text(airspace("Palace", LINE))
    assert given.airspace("zones", "check", zones).code == 1


def test_check_says_nothing_of_it_where_all_is_well(zones: Path) -> None:
    told = given.airspace("zones", "check", zones)
    assert "set aside" not in told.out
    assert ": 2 zones, version " in told.out


@pytest.mark.parametrize("kind", SPOILT)
def test_an_answer_for_a_place_says_that_it_is_incomplete(zones: Path, kind: str) -> None:
    zones.write_text(SPOILT[kind])
    told = given.airspace("zones", "at", *INSIDE, "--height-m", "50", "--zones", zones)
    answer = told.json()
    assert answer["complete"] is False
    (one,) = answer["set_aside"]
    assert (one["source"], one["zone_id"], one["name"]) == ("zones.txt", "Palace", "Palace")
    assert "the answer is incomplete: 1 set aside, which may lie here: Palace" in told.err


def test_an_answer_from_a_sound_file_is_complete(zones: Path) -> None:
    told = given.airspace("zones", "at", *INSIDE, "--height-m", "50", "--zones", zones)
    assert told.json()["complete"] is True
    assert told.json()["set_aside"] == []
    assert told.err == ""


def test_an_export_names_what_it_lacks(zones: Path) -> None:
    zones.write_text(SPOILT["outline"])
    told = given.airspace("zones", "export", "--zones", zones, "--format", "geojson")
    assert [feature["properties"]["name"] for feature in json.loads(told.out)["features"]] == ["Prison"]
    assert "Palace: set aside, not written: " in told.err


def test_a_replay_says_what_it_was_judged_without(zones: Path, tmp_path: Path) -> None:
    zones.write_text(SPOILT["outline"])
    recording = tmp_path / "empty.jsonl"
    recording.write_text("")
    told = given.airspace("replay", recording, "--zones", zones)
    assert "zones.txt: 1 airspace set aside: Palace (" in told.err


def test_the_doctor_names_it_and_says_what_to_do(zones: Path) -> None:
    zones.write_text(SPOILT["ceiling"])
    settings = config.Settings(zones=config.Zones(files=(str(zones),)))
    findings = list(doctor.zones(settings, zones.stat().st_mtime))
    assert any("1 airspace set aside: Palace (" in each.text for each in findings)
    assert any("airspace zones check" in (each.remedy or "") for each in findings)


# in words


def test_words_are_those_of_one_or_many() -> None:
    def aside(count: int) -> list[SetAside]:
        return [SetAside(zone_id=f"{nth}", name=f"N{nth}", why="no corner") for nth in range(count)]

    assert zone_files.in_words(aside(1)) == "1 airspace set aside: N0 (no corner)"
    assert zone_files.in_words(aside(2)) == "2 airspaces set aside: N0 (no corner); N1 (no corner)"


def test_a_catalogue_knows_what_is_missing() -> None:
    zone_set = openair.read(SPOILT["outline"].encode(), "s")
    found: Any = Catalogue([zone_set]).set_aside
    assert [(source, one.name) for source, one in found] == [("s", "Palace")]
