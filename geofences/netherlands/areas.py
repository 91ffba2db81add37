"""Prohibited and military areas: hours in local time, limits above mean sea level.

The law says local hours and feet above mean sea level; the file says UTC and metres above ground. Its hours are the
union of summer and winter, so one too long in every season: Monday to Thursday 08:00-24:00 local is 06:00-22:00Z in
summer, 07:00-23:00Z in winter, and 06:00-23:00Z in the file.

Sources: articles 2.1 and 2.2 of the Regeling beperking of verbod uitoefening burgerluchtverkeer in bepaalde gebieden
2014 (BWBR0034883, text of December 2014), which the file of 2024 names as the authority of these very zones; AIP NL ENR
5.1 as the OpenAir file of AIRAC 2204 has it (21 April 2022), which says the same and adds EHR 65 and 66. Nothing is
changed where the published figure is not exactly what these make of it: then law and file have parted since.

Left out: flight levels (tops of EHR 3A, 4, 8), which stay as published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Applicability, DailyPeriod, Datum, Oddity, Volume, Zone
from geofences.netherlands.overrides import TIME_ZONE

_NAME: Final = re.compile(r"\b(EH[PR]) ?(\d+[A-Z]?)\b")
_MIDNIGHT: Final = time(0)
_LAW: Final = "Regeling beperking of verbod uitoefening burgerluchtverkeer 2014"
_AIP: Final = "AIP NL ENR 5.1 (AIRAC 2204)"


def _local(first: int, last: int, end: int) -> DailyPeriod:
    return DailyPeriod(days=frozenset(range(first, last + 1)), start=time(8), end=time(end % 24))


_EVENINGS: Final = (_local(0, 3, 24), _local(4, 4, 17))  # Monday to Thursday until midnight, Friday until five
_OFFICE: Final = (_local(0, 4, 17),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    """What the law says of an area; a limit of None is the ground or a flight level."""

    source: str
    lower_ft: int | None = None
    upper_ft: int | None = None
    periods: tuple[DailyPeriod, ...] = ()


_AREAS: Final = {
    "EHP 25": _Area(source=f"{_LAW}, art. 2.1.a", upper_ft=2000),
    "EHP 26": _Area(source=f"{_LAW}, art. 2.1.b", upper_ft=2000),
    "EHP 26A": _Area(source=f"{_LAW}, art. 2.1.c", upper_ft=2000),
    "EHR 3": _Area(source=f"{_LAW}, art. 2.1.d", upper_ft=3000),
    "EHR 3A": _Area(source=f"{_LAW}, art. 2.2.a", lower_ft=3000, periods=_EVENINGS),
    "EHR 4": _Area(source=f"{_LAW}, art. 2.2.b", periods=_EVENINGS),
    "EHR 4B": _Area(source=f"{_LAW}, art. 2.2.c", upper_ft=4000, periods=_EVENINGS),
    "EHR 4C": _Area(source=f"{_LAW}, art. 2.2.d", lower_ft=1000, upper_ft=2000, periods=_EVENINGS),
    "EHR 4D": _Area(source=f"{_LAW}, art. 2.2.e", upper_ft=1500, periods=_EVENINGS),
    "EHR 4F": _Area(source=f"{_LAW}, art. 2.2.f", upper_ft=5000, periods=_EVENINGS),
    "EHR 8": _Area(source=f"{_LAW}, art. 2.2.g", periods=_EVENINGS),
    "EHR 9": _Area(source=f"{_LAW}, art. 2.2.h", upper_ft=5900, periods=_EVENINGS),
    "EHR 61": _Area(source=f"{_LAW}, art. 2.2.i", upper_ft=1000, periods=_EVENINGS),
    "EHR 62": _Area(source=f"{_LAW}, art. 2.2.j", upper_ft=1000, periods=_EVENINGS),
    "EHR 63": _Area(source=f"{_LAW}, art. 2.2.k", upper_ft=1000, periods=_EVENINGS),
    "EHR 65": _Area(source=_AIP, upper_ft=2500, periods=_OFFICE),
    "EHR 66": _Area(source=_AIP, upper_ft=1500),
}


def interpret(zone: Zone) -> tuple[Zone, tuple[Oddity, ...]]:
    """The zone with the law's hours and limits; an oddity where it has hours in UTC that nothing explains."""
    match = _NAME.search(zone.name)
    area = _AREAS.get(f"{match[1]} {match[2]}") if match else None
    if area:
        zone = _with_limits(zone, area)
        if area.periods and _by_day(zone) == _union(area.periods):
            return _with_hours(zone, area), ()
    if any(rule.periods for rule in zone.applicability):
        what = "hours are published in UTC for all seasons and no local rule is known: kept, maybe an hour too long"
        return zone, (Oddity(place=zone.zone_id, what=what),)
    return zone, ()


def _with_hours(zone: Zone, area: _Area) -> Zone:
    rule = replace(zone.applicability[0], periods=area.periods, time_zone=TIME_ZONE)
    why = (
        "hours in local time, Monday to Friday from 08:00; the file has the union of summer and winter in UTC, an hour"
        f" too long in either ({area.source}; {_AIP})"
    )
    return replace(zone, applicability=(rule,), overrides=(*zone.overrides, why.replace(f"{_AIP}; {_AIP}", _AIP)))


def _with_limits(zone: Zone, area: _Area) -> Zone:
    volumes = tuple(_above_sea(volume, area) for volume in zone.volumes)
    if volumes == zone.volumes:
        return zone
    why = f"limits above mean sea level, in feet as the law has them; the file says above ground ({area.source})"
    return replace(zone, volumes=volumes, overrides=(*zone.overrides, why))


def _above_sea(volume: Volume, area: _Area) -> Volume:
    if area.lower_ft and _is_that(volume.lower_m, area.lower_ft):
        volume = replace(volume, lower_datum=Datum.AMSL)
    if area.upper_ft and _is_that(volume.upper_m, area.upper_ft):
        volume = replace(volume, upper_datum=Datum.AMSL)
    return volume


def _is_that(published_m: float | None, feet: int) -> bool:
    """Whether a published limit is this one: the file has whole metres."""
    return published_m is not None and abs(published_m - feet * METRES_PER_FOOT) <= 1.0


def _by_day(zone: Zone) -> dict[int, tuple[int, int]] | None:
    """(first, last) hour of each day as published; None where it is anything but whole hours of one rule in UTC."""
    if len(zone.applicability) != 1:
        return None
    rule: Applicability = zone.applicability[0]
    days = {day: (period.start, period.end) for period in rule.periods for day in period.days}
    plain = rule.time_zone == "UTC" and sum(len(period.days) for period in rule.periods) == len(days)
    whole = all(hour == time(hour.hour) for hours in days.values() for hour in hours)
    return {day: (start.hour, end.hour or 24) for day, (start, end) in days.items()} if plain and whole else None


def _union(periods: tuple[DailyPeriod, ...]) -> dict[int, tuple[int, int]]:
    """What local hours become in UTC when both seasons are joined: two hours earlier, and one."""
    return {day: (each.start.hour - 2, (each.end.hour or 24) - 1) for each in periods for day in each.days}
