"""Hours and dates as zone files write them.

ED-269 says hh:mm:ss.ssZ, its text hh:mmZ; both occur. An end of day is written 23:59:59 or 23:59 by many; taken as it
stands it would leave a gap at every midnight, so it is midnight. Hours are UTC: another offset is refused, because a
fixed offset is no time zone and would be wrong for half of the year.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from airspace.model.zone import DailyPeriod

DAYS: Final = {"MON": 0, "TUE": 1, "WED": 2, "THU": 3, "FRI": 4, "SAT": 5, "SUN": 6}
ALL_DAYS: Final = frozenset(range(7))
_LAST_MINUTE: Final = time(23, 59)


def moment_s(text: str) -> float:
    """Epoch seconds of a date and time; one without an offset is UTC. ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def days(names: list[str]) -> frozenset[int]:
    """Days of the week, 0 = Monday; none named, or ANY, is all of them. ValueError names an unknown one."""
    if not names or "ANY" in names:
        return ALL_DAYS
    unknown = [name for name in names if name not in DAYS]
    if unknown:
        raise ValueError(f"unknown day {unknown[0]!r}")
    return frozenset(DAYS[name] for name in names)


def period(names: list[str], start: str | None, end: str | None) -> DailyPeriod:
    """One row of a schedule; a missing hour is midnight. ValueError for a text that is no hour."""
    return DailyPeriod(days=days(names), start=_hour(start), end=_end(_hour(end)))


def _hour(text: str | None) -> time:
    if not text:
        return time(0)
    hour = time.fromisoformat(text)
    if hour.utcoffset() not in {None, timedelta(0)}:
        raise ValueError(f"{text!r} is not UTC")
    return hour.replace(tzinfo=None)


def _end(hour: time) -> time:
    return time(0) if hour >= _LAST_MINUTE else hour
