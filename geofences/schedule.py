"""When a zone is in force.

Periods are cut into spans of UTC seconds for one UTC day at a time: through ``zoneinfo``, so that a period in local
time moves with daylight saving; those that meet are joined, so that 23:59:59 (read as midnight) leaves no gap. A
period that runs over midnight belongs to the day on which it starts. In the hour that a clock skips or repeats, the
earlier reading counts (PEP 495, fold 0).

Left out: sunrise and sunset, which ED-269 does not know.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.model.zone import Applicability, DailyPeriod, Zone

DAY_S: Final = 86_400
Spans = tuple[tuple[float, float], ...]  # half open, apart, ascending
_WHOLE_DAY: Final = DailyPeriod(days=frozenset(range(7)), start=time(0), end=time(0))


def active(zone: Zone, time_s: float) -> bool:
    """Whether the zone is in force then."""
    return not zone.applicability or _within(spans(zone.applicability, int(time_s // DAY_S)), time_s)


class Schedules:
    """The hours of many zones, for rows of (zone, time)."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._hours = [zone.applicability for zone in zones]
        self._day = 0
        self._spans: dict[int, Spans] = {}  # of the zones that were asked for on this day
        self._always = np.array([not hours for hours in self._hours], dtype=np.bool_)

    def active(self, zone: Rows, time_s: Numbers) -> Booleans:
        """Row by row, whether the zone is in force then."""
        result = self._always[zone]
        rows = np.flatnonzero(~result)
        if len(rows):
            result[rows] = [
                _within(self._spans_of(number, int(now_s // DAY_S)), now_s)
                for number, now_s in zip(zone[rows].tolist(), time_s[rows].tolist(), strict=True)
            ]
        return result

    def _spans_of(self, zone: int, utc_day: int) -> Spans:
        if utc_day != self._day:
            self._day, self._spans = utc_day, {}
        found = self._spans.get(zone)
        if found is None:
            found = self._spans[zone] = spans(self._hours[zone], utc_day)
        return found

    def active_mask(self, time_s: float) -> Booleans:
        """For every zone, whether it is in force at this time."""
        n = len(self._hours)
        return self.active(np.arange(n, dtype=np.intp), np.full(n, time_s))


def spans(applicability: tuple[Applicability, ...], utc_day: int) -> Spans:
    """The spans in force that touch a UTC day (days since 1970), joined where they meet."""
    start_s, end_s = utc_day * DAY_S, (utc_day + 1) * DAY_S
    found = [
        span for each in applicability for span in _spans(each, start_s, end_s) if span[1] > start_s and span[0] < end_s
    ]
    joined: list[tuple[float, float]] = []
    for low, high in sorted(found):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def _within(day_spans: Spans, time_s: float) -> bool:
    place = bisect_right(day_spans, time_s, key=lambda span: span[0])
    return place > 0 and time_s < day_spans[place - 1][1]


def _spans(rule: Applicability, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    low_s = -np.inf if rule.start_s is None else rule.start_s
    high_s = np.inf if rule.end_s is None else rule.end_s
    if not rule.periods and not rule.dates:
        yield low_s, high_s
        return
    zone = ZoneInfo(rule.time_zone)
    day = datetime.fromtimestamp(start_s, zone).date() - timedelta(days=1)  # its period may run into this day
    last = datetime.fromtimestamp(end_s, zone).date()
    while day <= last:
        for low, high in _spans_of_day(rule, day, zone):
            if max(low, low_s) < min(high, high_s):
                yield max(low, low_s), min(high, high_s)
        day += timedelta(days=1)


def _spans_of_day(rule: Applicability, day: date, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
    if rule.dates and (day.month, day.day) not in {(each.month, each.day) for each in rule.dates}:
        return
    for period in rule.periods or (_WHOLE_DAY,):
        if day.weekday() in period.days:
            end_day = day if period.end > period.start else day + timedelta(days=1)
            yield _moment_s(day, period.start, zone), _moment_s(end_day, period.end, zone)


def _moment_s(day: date, hour: time, zone: ZoneInfo) -> float:
    return datetime.combine(day, hour, zone).astimezone(UTC).timestamp()
