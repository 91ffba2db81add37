"""The hours of OpenAir airspaces: read where their form is written down, in local time; else told as taken always."""

from __future__ import annotations

import pytest

from airspace.model.units import epoch_s
from geofences.formats import openair
from geofences.schedules import schedule
from geofences.schedules.clocks import clock_within
from geofences.zone_set import ZoneSet

DUTCH = "DP 52:00:00 N 005:00:00 E\nDP 52:00:00 N 005:10:00 E\nDP 52:05:00 N 005:10:00 E\nDP 52:05:00 N 005:00:00 E\n"
ENGLISH = DUTCH.replace("005:00", "001:00").replace("005:10", "001:10").replace(" E", " W")
FINNISH = DUTCH.replace("005:", "024:").replace("52:", "61:")
ALASKAN = DUTCH.replace("005:", "150:").replace("52:", "61:").replace(" E", " W")
WEEK = "".join(f"AW {day}.08:00L-16:44L\n" for day in ("MON", "TUE", "WED", "THU", "FRI"))


def read(hours: str, outline: str = DUTCH) -> ZoneSet:
    return openair.read(f"AC R\nAN Odd\nAL GND\nAH 2000ft AMSL\n{hours}{outline}".encode(), "test.txt")


def told(zones: ZoneSet) -> str:
    return "\n".join(each.what for each in zones.oddities)


def is_active(zones: ZoneSet, time: str) -> bool:
    return schedule.active(zones.zones[0], epoch_s(time))


@pytest.mark.parametrize(
    ("hours", "active", "not_active"),
    [
        (WEEK, ["2026-06-01T06:00:00Z", "2026-06-05T14:43:59Z", "2026-12-01T15:43:00Z"],
         ["2026-06-01T05:59:59Z", "2026-06-01T14:44:00Z", "2026-06-07T10:00:00Z", "2026-12-01T15:44:00Z"]),
        ("AW MON-FRI.08:00L-16:44L\n", ["2026-06-01T06:00:00Z"], ["2026-06-06T10:00:00Z"]),
        ("AW FRI-MON.08:00L-16:44L\n", ["2026-06-07T10:00:00Z", "2026-06-08T10:00:00Z"], ["2026-06-09T10:00:00Z"]),
        ("AW MON.08:00Z-16:44Z\n", ["2026-06-01T08:00:00Z", "2026-06-01T16:43:00Z"], ["2026-06-01T07:59:00Z"]),
        ("AW FRI.22:00L-06:00L\n", ["2026-06-06T03:59:00Z", "2026-06-05T20:00:00Z"], ["2026-06-05T03:00:00Z"]),
        ("AW SAT.00:00L-23:59L\nAW SUN.00:00L-24:00L\n", ["2026-06-06T21:59:59Z", "2026-06-07T21:59:59Z"],
         ["2026-06-05T21:59:59Z", "2026-06-07T22:00:00Z"]),
        (WEEK + "AP! 27.04.2026.00:00L-27.04.2026.23:59L\n", ["2026-04-28T10:00:00Z", "2026-04-24T10:00:00Z"],
         ["2026-04-27T10:00:00Z"]),
        (WEEK + "AP 05.06.2026.00:00L-07.06.2026.23:59L\n", ["2026-06-07T21:59:59Z", "2026-06-01T10:00:00Z"],
         ["2026-06-07T22:00:00Z", "2026-06-14T10:00:00Z"]),
        ("AP 04.05.2026.16:55Z-04.05.2026.19:30Z\n", ["2026-05-04T16:55:00Z"],
         ["2026-05-04T19:30:00Z", "2027-05-04T17:00:00Z"]),
        ("AP! 27.04.2026.00:00L-27.04.2026.23:59L\n", ["2026-04-26T21:59:00Z", "2026-04-27T22:00:00Z"],
         ["2026-04-26T22:00:00Z", "2026-04-27T21:59:00Z"]),
        ("AP 24.10.2026.02:30L-25.10.2026.02:30L\n", ["2026-10-24T00:30:00Z", "2026-10-25T01:29:59Z"],
         ["2026-10-25T01:30:00Z", "2026-10-24T00:29:59Z"]),
        ("AA 2026-06-01T12:00Z/2026-06-01T13:00Z\nAA 2026-06-02T12:00Z/2026-06-02T13:00Z ; and again\n",
         ["2026-06-01T12:30:00Z", "2026-06-02T12:30:00Z"], ["2026-06-01T13:00:00Z"]),
        ("AA 2026-06-01T12:00+02:00/NONE\n", ["2026-06-01T10:00:00Z", "2036-06-01T10:00:00Z"],
         ["2026-06-01T09:59:59Z"]),
        ("AA NONE/2026-06-01T24:00Z\n", ["2026-06-01T23:59:59Z"], ["2026-06-02T00:00:00Z"]),
        ("AA NONE\n", ["1971-06-01T12:00:00Z", "2026-06-01T12:00:00Z"], []),
    ],
)  # fmt: skip
def test_hours_that_are_read(hours: str, active: list[str], not_active: list[str]) -> None:
    zones = read(hours)
    assert [time for time in active if not is_active(zones, time)] == []
    assert [time for time in not_active if is_active(zones, time)] == []
    assert "not read" not in told(zones)
    assert told(zones)


@pytest.mark.parametrize(
    ("hours", "count"),
    [
        ("TW MON.08:00L-23:59L\nTW FRI.08:00L-16:59L\n", "2 rows of hours not read (TW 2)"),
        (WEEK + "TW MON.08:00L-23:59L\n", "6 rows of hours not read (AW 5, TW 1)"),
        (WEEK + "AW HOL.08:00L-16:44L\n", "6 rows of hours not read (AW 6)"),
        ("AW MON.08:00-16:44\n", "1 rows of hours not read (AW 1)"),
        ("AW MON.08:00L-16:44Z\n", "1 rows"),
        ("AW MON.SR-SS\n", "1 rows"),
        ("AW MON.25:00L-26:00L\n", "1 rows"),
        ("AP 15.08.2026.10:00Z-04.05.2026.14:00Z\n", "1 rows of hours not read (AP 1)"),
        ("AP 31.02.2026.10:00Z-04.05.2026.14:00Z\n", "1 rows"),
        ("AP 01.01.2026.00:00Z-31.12.2026.23:5\n", "1 rows"),
        ("AP! Christmas\n" + WEEK, "6 rows of hours not read (AP! 1, AW 5)"),
        ("AA MON-FRI 0600-1800\n", "1 rows of hours not read (AA 1)"),
        ("AA 2026-06-01T12:00/2026-06-01T13:00\n", "1 rows"),
        ("AA NONE\nAA 2026-06-01T12:00Z/NONE\n", "2 rows"),
        ("AA 2026-06-01T12:00Z/2026-06-01T11:00Z\n", "1 rows"),
        (WEEK * 100, "500 rows of hours not read (AW 500)"),
    ],
)
def test_hours_that_are_not_read_are_told_and_taken_as_always(hours: str, count: str) -> None:
    zones = read(hours)
    assert zones.set_aside == ()
    assert zones.zones[0].applicability == ()
    assert f"{count}" in told(zones)
    assert ": taken as always (" in told(zones)


def test_a_whole_year_is_the_files_own_time_and_taken_as_always() -> None:
    zones = read("AP 01.01.2022.00:00Z-31.12.2022.23:59Z\n")
    assert is_active(zones, "2026-06-01T12:00:00Z")
    assert "is a whole year: taken as always" in told(zones)
    season = read("AP 01.04.2022.00:00Z-31.10.2022.23:59Z\n")
    assert not is_active(season, "2026-06-01T12:00:00Z")
    assert "for the last time until 2022-11-01T00:00:00.000Z" in told(season)


@pytest.mark.parametrize(
    ("outline", "start", "before"),
    [
        (DUTCH, "2026-06-01T06:00:00Z", "2026-06-01T05:59:59Z"),
        (ENGLISH, "2026-06-01T07:00:00Z", "2026-06-01T06:59:59Z"),
        (FINNISH, "2026-06-01T05:00:00Z", "2026-06-01T04:59:59Z"),
    ],
)
def test_local_time_is_that_of_the_place(outline: str, start: str, before: str) -> None:
    zones = read("AW MON.08:00L-16:44L\n", outline)
    assert is_active(zones, start)
    assert not is_active(zones, before)


def test_where_the_clock_is_not_known_local_hours_are_not_read() -> None:
    zones = read(WEEK, ALASKAN)
    assert zones.zones[0].applicability == ()
    assert "5 rows of hours not read (AW 5): taken as always (which local time is meant is not known)" in told(zones)
    assert read("AW MON.08:00Z-09:00Z\n", ALASKAN).zones[0].applicability != ()


@pytest.mark.parametrize(
    ("place", "clock"),
    [
        ((52.37, 4.89), "Europe/Amsterdam"),
        ((50.85, 4.35), "Europe/Amsterdam"),
        ((48.39, -4.49), "Europe/Amsterdam"),
        ((40.42, -3.70), "Europe/Amsterdam"),
        ((59.91, 10.75), "Europe/Amsterdam"),
        ((51.51, -0.13), "Europe/London"),
        ((60.17, 24.94), "Europe/Helsinki"),
        ((37.98, 23.73), "Europe/Athens"),
        ((49.19, -2.11), None),  # Jersey
        ((38.72, -9.14), None),  # Lisbon
        ((54.71, 20.51), None),  # Kaliningrad
        ((36.81, 10.18), None),  # Tunis
        ((41.12, 21.8), None),  # the south of North Macedonia
        ((40.15, 25.85), None),  # Imbros
        ((64.75, 21.4), None),  # the coast of Sweden
        ((64.84, -147.72), None),
    ],
)  # fmt: skip
def test_clocks_of_places(place: tuple[float, float], clock: str | None) -> None:
    y, x = place
    assert clock_within((x - 0.05, y - 0.05, x + 0.05, y + 0.05)) == clock


def test_a_zone_across_two_clocks_has_none() -> None:
    assert clock_within((-3.0, 50.0, 4.0, 52.0)) is None
