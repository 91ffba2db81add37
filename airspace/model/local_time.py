"""Local time to UTC, in one place: what a clock on the wall shows, and when that was.

Where a clock repeats an hour, a span lasts from the first time that it shows its start to the last time that it shows
its end: people who wrote "until 02:30" meant at least that. Where it skips an hour, a start or an end in it is the
instant of the skip. Everything that has hours (zones, fences, temporary areas, shutters, capacity) reckons here.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

_DAY: Final = timedelta(days=1)


def first_s(day: date, hour: time, clock: tzinfo) -> float:
    """Epoch seconds of the first instant at which a clock shows this hour, or has skipped it."""
    once_s, again_s = _readings_s(day, hour, clock)
    return once_s if once_s <= again_s else _skip_s(again_s, once_s, clock)


def last_s(day: date, hour: time, clock: tzinfo) -> float:
    """Epoch seconds of the last instant at which a clock shows this hour, or has skipped it."""
    once_s, again_s = _readings_s(day, hour, clock)
    return again_s if once_s <= again_s else _skip_s(again_s, once_s, clock)


def span_s(day: date, start: time, end: time, clock: tzinfo) -> tuple[float, float]:
    """Epoch seconds of a day's hours, half open; an end not after its start is of the next day."""
    end_day = day if end > start else day + _DAY
    return first_s(day, start, clock), last_s(end_day, end, clock)


def holds(time_s: float, days: Container[int], start: time, end: time, clock: tzinfo) -> bool:
    """Whether hours that start on these days of the week (0 = Monday) hold at an instant."""
    today = datetime.fromtimestamp(time_s, clock).date()
    for day in (today, today - _DAY):
        if day.weekday() in days:
            start_s, end_s = span_s(day, start, end, clock)
            if start_s <= time_s < end_s:
                return True
    return False


def _readings_s(day: date, hour: time, clock: tzinfo) -> tuple[float, float]:
    """Before and after a change of the clock; the same where there is none, the later first in a skipped hour."""
    wall = datetime.combine(day, hour, clock)
    return wall.timestamp(), wall.replace(fold=1).timestamp()


def _skip_s(before_s: float, after_s: float, clock: tzinfo) -> float:
    """The whole second between the two at which a clock skips forward."""
    low, high = int(before_s), int(after_s)
    offset = datetime.fromtimestamp(low, clock).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, clock).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return float(high)
