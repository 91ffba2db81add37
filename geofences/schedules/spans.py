"""The spans of UTC seconds in which a zone is in force.

Periods are written in local time, so they are cut through ``zoneinfo``, local day by local day: a period moves with
daylight saving. A period belongs to the day on which it starts.

- An end not after its start is of the next day; an end at 00:00 is the end of the day.
- Of an hour beside a sun event, the half of the day decides: dawn and sunrise are of the first, sunset and dusk of the
  second. ``SS`` to 02:00 runs over midnight; ``SS`` to 21:00 does not, and is void where the sun sets later.
- Where a clock repeats an hour, a period lasts from the first time that the clock shows its start to the last time that
  it shows its end; where a clock skips an hour, a start or an end in it is the instant of the skip.
- A sun event that does not come about that day makes its period void.
- Spans are half open, and those that meet are joined.

Left out: hours with sun events on a clock that is far from the sun's (UTC hours in the Americas or the Far East), where
the half of the day means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import shapely

from airspace.model.local_time import first_s, last_s
from airspace.model.zone import Applicability, Circle, DailyPeriod, SunEvent, Zone
from geofences.schedules import sun

DAY_S: Final = 86_400
Spans = tuple[tuple[float, float], ...]  # half open, apart, ascending
_DAY: Final = timedelta(days=1)
_WHOLE_DAY: Final = DailyPeriod(days=frozenset(range(7)), start=time(0), end=time(0))
_NOON: Final = time(12)
_EVENTS: Final = tuple(SunEvent)  # in the order of the day
_FOREVER: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """All that decides when a zone is in force. ``place`` (latitude, longitude) is there where the sun decides."""

    applicability: tuple[Applicability, ...]
    from_s: float
    to_s: float
    place: tuple[float, float] | None


def hours_of(zone: Zone) -> Hours | None:
    """The hours of a zone; None where it is always in force."""
    if not zone.applicability and zone.valid_from_s is None and zone.valid_to_s is None:
        return None
    return Hours(
        applicability=zone.applicability,
        from_s=-_FOREVER if zone.valid_from_s is None else zone.valid_from_s,
        to_s=_FOREVER if zone.valid_to_s is None else zone.valid_to_s,
        place=_place(zone) if any(_of_the_sun(each) for each in zone.applicability) else None,
    )


def spans(hours: Hours, low_s: float, high_s: float) -> Spans:
    """The spans in force that touch [low, high), whole within a day of it, joined where they meet."""
    rules = hours.applicability or (Applicability(),)
    found = [
        (max(start_s, hours.from_s), min(end_s, hours.to_s))
        for rule in rules
        for start_s, end_s in _of_rule(rule, hours.place, low_s, high_s)
    ]
    joined: list[tuple[float, float]] = []
    for start_s, end_s in sorted(found):
        if start_s >= end_s or end_s <= low_s or start_s >= high_s:
            continue
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end_s, joined[-1][1]))
        else:
            joined.append((start_s, end_s))
    return tuple(joined)


def _place(zone: Zone) -> tuple[float, float]:
    """Where the sun is reckoned: the middle of the zone's first volume. A zone is small beside what the sun moves."""
    shape = zone.volumes[0].shape
    if isinstance(shape, Circle):
        return shape.latitude_deg, shape.longitude_deg
    middle = shapely.Polygon(shape.rings[0]).centroid
    return middle.y, middle.x


def _of_the_sun(rule: Applicability) -> bool:
    return any(period.start_event or period.end_event for period in rule.periods)


def _of_rule(
    rule: Applicability, place: tuple[float, float] | None, low_s: float, high_s: float
) -> Iterator[tuple[float, float]]:
    from_s = -_FOREVER if rule.start_s is None else rule.start_s
    to_s = _FOREVER if rule.end_s is None else rule.end_s
    if not rule.periods and not rule.dates:
        yield from_s, to_s
        return
    if from_s >= high_s or to_s <= low_s:
        return
    clock = ZoneInfo(rule.time_zone)
    reach = _DAY if place is None else 2 * _DAY  # a period runs into the next day; a dusk after midnight, one further
    day = datetime.fromtimestamp(low_s, clock).date() - reach
    last = datetime.fromtimestamp(high_s, clock).date() + (reach - _DAY)
    dates = {(each.month, each.day) for each in rule.dates}
    while day <= last:
        if not dates or (day.month, day.day) in dates:
            for period in rule.periods or (_WHOLE_DAY,):
                if day.weekday() in period.days:
                    start_s, end_s = _of_period(period, day, clock, place)
                    yield max(start_s, from_s), min(end_s, to_s)
        day += _DAY


def _of_period(period: DailyPeriod, day: date, clock: tzinfo, place: tuple[float, float] | None) -> tuple[float, float]:
    """Start and end; where there is none of them, an end before the start: void."""
    end_day = day + _DAY if _runs_over(period) else day
    if period.start_event is None:
        start_s: float | None = first_s(day, period.start, clock)
    else:
        start_s = sun.moment_s(period.start_event, day, clock, place) if place else None
    if period.end_event is None:
        end_s: float | None = last_s(end_day, period.end, clock)
    else:
        end_s = sun.moment_s(period.end_event, end_day, clock, place) if place else None
    return (_FOREVER, -_FOREVER) if start_s is None or end_s is None else (start_s, end_s)


def _runs_over(period: DailyPeriod) -> bool:
    """Whether the end is of the next day."""
    start, end = period.start_event, period.end_event
    if start is None and end is None:
        return period.end <= period.start
    if start is not None and end is not None:
        return _EVENTS.index(end) <= _EVENTS.index(start)
    if end is None and period.end == time(0):
        return True
    return _in_second_half(end, period.end) < _in_second_half(start, period.start)


def _in_second_half(event: SunEvent | None, hour: time) -> bool:
    return hour >= _NOON if event is None else event in {SunEvent.SS, SunEvent.EECT}
