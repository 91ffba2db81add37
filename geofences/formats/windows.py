"""When a user's own fence or a temporary area is in force: from, to, and hours in local time.

``from`` and ``to`` are RFC 3339 with an offset: "local time" without one would be wrong by an hour or two. A row of
``schedule`` has days, start, end, time_zone and dates. A date with its year (an event) makes one span of that day's
hours; a date without (``05-04``) recurs every year; without dates the hours recur weekly. An end not after its start is
of the next day. An hour with an offset (``18:00+02:00``) is of that offset in summer and winter, whatever the time
zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from airspace.model.local_time import span_s
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from airspace.model.zone import Applicability, DailyPeriod
from geofences.formats import hours

HOME: Final = "Europe/Amsterdam"
MAX_ROWS: Final = 400  # a season's matches, each a date
_LEAP_YEAR: Final = "2000-"  # so that 02-29 is a date
_MONTH_AND_DAY: Final = len("05-04")


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A row of a schedule as files write it."""

    days: list[str] = []
    start: str | None = None
    end: str | None = None
    time_zone: str = HOME
    dates: list[str] = []


def span(start: str | None, end: str | None) -> tuple[float | None, float | None]:
    """Epoch seconds of ``from`` and ``to``; ValueError names the one that is wrong."""
    start_s, end_s = _moment_s("from", start), _moment_s("to", end)
    if start_s is not None and end_s is not None and end_s <= start_s:
        raise ValueError(f"to: {safe_text(end or '')} is not after {safe_text(start or '')}")
    return start_s, end_s


def applicability(
    start: str | None, end: str | None, schedule: Sequence[Row], note: Callable[[str], None]
) -> tuple[Applicability, ...]:
    """All spans and hours in force; none at all is always.

    ValueError names the property; ``note`` is told what is odd.
    """
    if len(schedule) > MAX_ROWS:
        raise ValueError(f"schedule: {len(schedule)} rows, at most {MAX_ROWS} are read")
    start_s, end_s = span(start, end)
    if not schedule:
        return () if start_s is None and end_s is None else (Applicability(start_s=start_s, end_s=end_s),)
    found = [each for row in schedule for each in _row(row, start_s, end_s, note)]
    if not found:
        raise ValueError("schedule: none of its dates is between from and to")
    return tuple(found)


def _moment_s(field: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return epoch_s(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{field}: {safe_text(text)!r} is no date and time with an offset") from error


def _row(row: Row, start_s: float | None, end_s: float | None, note: Callable[[str], None]) -> list[Applicability]:
    period, time_zone = _period(row, note)
    zone = _zone(time_zone)
    if len(row.dates) > MAX_ROWS:
        raise ValueError(f"schedule: {len(row.dates)} dates, at most {MAX_ROWS} are read")
    dates = [(_date(text), len(text) > _MONTH_AND_DAY) for text in row.dates]
    yearly = tuple(day for day, has_year in dates if not has_year)
    events = [_event(day, period, zone, start_s, end_s) for day, has_year in dates if has_year]
    found = [each for each in events if each is not None]
    if yearly or not row.dates:
        whole = not yearly and row.start is None and row.end is None and not row.days
        periods = () if whole else (period,)
        found.append(Applicability(start_s=start_s, end_s=end_s, periods=periods, dates=yearly, time_zone=time_zone))
    return found


def _period(row: Row, note: Callable[[str], None]) -> tuple[DailyPeriod, str]:
    """The hours of a row and the time zone they are of: the row's own, unless they name an offset."""
    try:
        said = hours.periods([hours.Hours(row.days, row.start, row.end)], row.time_zone, note)
    except ValueError as error:
        raise ValueError(f"schedule: {error}") from error
    ((time_zone, periods),) = said.items()
    return periods[0], time_zone


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, absolute, or the name of a folder
        raise ValueError(f"schedule: time_zone: {safe_text(name)!r} is not known") from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(_LEAP_YEAR + text if len(text) == _MONTH_AND_DAY else text)
    except ValueError as error:
        raise ValueError(f"schedule: dates: {safe_text(text)!r} is neither YYYY-MM-DD nor MM-DD") from error


def _event(
    day: date, period: DailyPeriod, zone: ZoneInfo, start_s: float | None, end_s: float | None
) -> Applicability | None:
    """One evening; None where nothing of it is within from and to. Days of the week choose among dates."""
    if day.weekday() not in period.days or not 1 < day.year < 9999:  # noqa: PLR2004 (the calendar's ends)
        return None
    low_s, high_s = span_s(day, period.start, period.end, zone)
    low_s = low_s if start_s is None else max(low_s, start_s)
    high_s = high_s if end_s is None else min(high_s, end_s)
    return Applicability(start_s=low_s, end_s=high_s) if low_s < high_s else None
