"""Hours as exchange formats can say them: in UTC, by day of the week, for ED-269 without the sun.

Where a rule says more than that, what is written is the union of all that it means within a year, never less: a reader
is warned an hour too long rather than once too little, at any season. So Amsterdam 08-17 is written 06-16 UTC, and for
ED-269 sunrise to sunset runs from the earliest to the latest of the year. Dates that come back every year are written
out for the years ahead, which ends one day. Each of this is noted. An end at midnight is written 23:59:59, as
publishers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Final

from airspace.model.units import rfc3339
from airspace.model.zone import Applicability, DailyPeriod, Zone
from geofences.formats.hours import ALL_DAYS, DAYS
from geofences.formats.report import Report
from geofences.schedules.spans import hours_of, spans

YEARS: Final = 5  # ahead, for dates of every year
_DAY_S: Final = 86_400
_WEEK_S: Final = 7 * _DAY_S
_YEAR_S: Final = 366 * _DAY_S
_MONDAY_S: Final = 4 * _DAY_S  # 5 January 1970
_GRAIN_S: Final = 300  # the sun of another year keeps within minutes of this year's
_UTC: Final = frozenset({"UTC", "Etc/UTC"})
_MIDNIGHT: Final = time(0)
_LAST_SECOND: Final = "23:59:59"
_NAMES: Final = {number: name for name, number in DAYS.items()}

Span = tuple[float, float]


def in_utc(
    zone: Zone, time_s: float, report: Report, *, sun: bool, validity: bool
) -> tuple[tuple[Applicability, ...], bool]:
    """When the zone is in force, as rules in UTC without dates of every year (none: always); and whether that is exact.

    ``sun``: the format has events of the sun. ``validity``: the zone's own validity is to be said here too.
    """
    rules = tuple(each for rule in zone.applicability for each in _rules(zone, rule, time_s, report, sun=sun))
    exact = rules == zone.applicability
    if not validity or (zone.valid_from_s is None and zone.valid_to_s is None):
        return rules, exact
    report.note("the validity of this version is written as dates of the zone")
    return tuple(_within(rule, zone.valid_from_s, zone.valid_to_s) for rule in rules or (Applicability(),)), False


def row(rule: Applicability) -> dict[str, Any]:
    """The fields that both formats share: dates and schedule."""
    fields: dict[str, Any] = {}
    if rule.start_s is not None:
        fields["startDateTime"] = rfc3339(rule.start_s)
    if rule.end_s is not None:
        fields["endDateTime"] = rfc3339(rule.end_s)
    if rule.periods:
        fields["schedule"] = [_schedule_row(each) for each in rule.periods]
    return fields


def _schedule_row(period: DailyPeriod) -> dict[str, Any]:
    days = ["ANY"] if period.days == ALL_DAYS else [_NAMES[day] for day in sorted(period.days)]
    fields: dict[str, Any] = {"day": days}
    if period.start_event is None:
        fields["startTime"] = f"{period.start:%H:%M:%S}.00Z"
    else:
        fields["startEvent"] = period.start_event.value
    if period.end_event is None:
        fields["endTime"] = f"{_LAST_SECOND if period.end == _MIDNIGHT else f'{period.end:%H:%M:%S}'}.00Z"
    else:
        fields["endEvent"] = period.end_event.value
    return fields


def _within(rule: Applicability, start_s: float | None, end_s: float | None) -> Applicability:
    starts = [each for each in (rule.start_s, start_s) if each is not None]
    ends = [each for each in (rule.end_s, end_s) if each is not None]
    return replace(rule, start_s=max(starts, default=None), end_s=min(ends, default=None))


def _rules(zone: Zone, rule: Applicability, time_s: float, report: Report, *, sun: bool) -> Iterator[Applicability]:
    if rule.dates:
        yield from _written_out(zone, rule, time_s, report)
        return
    turned = tuple(each for each in rule.periods if not _sayable(each, rule, sun=sun))
    kept = tuple(each for each in rule.periods if each not in turned)
    if not turned:
        yield replace(rule, time_zone="UTC")
        return
    if rule.time_zone not in _UTC:
        report.note(f"hours of {rule.time_zone} are written in UTC, as their union over the year")
    if any(_of_the_sun(each) for each in turned):
        report.note("an event of the sun is written as the widest hours of the year")
    low_s = time_s // _DAY_S * _DAY_S
    found = _spans(zone, replace(rule, periods=turned, start_s=None, end_s=None), low_s, low_s + _YEAR_S)
    week = _of_week(found) if found else (DailyPeriod(days=ALL_DAYS, start=_MIDNIGHT, end=_MIDNIGHT),)
    yield Applicability(start_s=rule.start_s, end_s=rule.end_s, periods=(*kept, *week))


def _sayable(period: DailyPeriod, rule: Applicability, *, sun: bool) -> bool:
    """Whether a period can be written as it is."""
    if rule.time_zone in _UTC:
        return sun or not _of_the_sun(period)
    both = period.start_event is not None and period.end_event is not None
    return sun and both and period.days == ALL_DAYS  # from one event to the other, no clock counts


def _of_the_sun(period: DailyPeriod) -> bool:
    return period.start_event is not None or period.end_event is not None


def _spans(zone: Zone, rule: Applicability, low_s: float, high_s: float) -> tuple[Span, ...]:
    hours = hours_of(replace(zone, applicability=(rule,), valid_from_s=None, valid_to_s=None))
    return spans(hours, low_s, high_s) if hours else ()


def _written_out(zone: Zone, rule: Applicability, time_s: float, report: Report) -> Iterator[Applicability]:
    first = datetime.fromtimestamp(time_s, UTC).year
    low_s, high_s = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (first, first + YEARS))
    dates = ", ".join(f"{each:%d %B}" for each in rule.dates)
    report.note(f"every year on {dates}: written for {first} to {first + YEARS - 1} only")
    for start_s, end_s in _spans(zone, rule, low_s, high_s):
        yield Applicability(start_s=start_s, end_s=end_s)


def _of_week(found: Iterable[Span]) -> tuple[DailyPeriod, ...]:
    """Spans folded into one UTC week, joined and cut at every midnight; days of the same hours share a row."""
    pieces = sorted(piece for span in found for piece in _pieces(span))
    days_of: dict[tuple[int, int], set[int]] = {}
    for day in range(7):
        joined: list[list[int]] = []
        for low, high in (piece[1:] for piece in pieces if piece[0] == day):
            if joined and low <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], high)
            else:
                joined.append([low, high])
        for low, high in joined:
            days_of.setdefault((low, high), set()).add(day)
    return tuple(
        DailyPeriod(days=frozenset(days), start=_hour(low), end=_hour(high)) for (low, high), days in days_of.items()
    )


def _pieces(span: Span) -> Iterator[tuple[int, int, int]]:
    """(day of the week, start, end) of a span, a piece a day, in seconds of that day, widened to the grain."""
    low = int(span[0] // _GRAIN_S * _GRAIN_S) - _MONDAY_S
    high = int(-(-span[1] // _GRAIN_S) * _GRAIN_S) - _MONDAY_S
    high = min(high, low + _WEEK_S)
    while low < high:
        day = low // _DAY_S
        end = min(high, (day + 1) * _DAY_S)
        yield day % 7, low - day * _DAY_S, end - day * _DAY_S
        low = end


def _hour(seconds: int) -> time:
    return time(seconds // 3600 % 24, seconds // 60 % 60)
