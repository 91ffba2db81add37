"""When zones are in force: one zone at one time, many rows of (zone, time) at once, and until when.

``geofences.schedules.spans`` says what the hours mean. Here they are kept by UTC day, once for all zones that have the
same hours: a row is then one look-up in arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.model.zone import Zone
from geofences.schedules.spans import DAY_S, Hours, hours_of, spans

LOOK_AHEAD_S: Final = 8 * DAY_S  # a weekly schedule shows its next change within it
_KEPT_DAYS: Final = 4  # today, late fixes of yesterday, and a replay that crosses midnight
_ALWAYS: Final = -1  # instead of the number of the hours
_NEVER: Final = ((np.inf, np.inf),)


def active(zone: Zone, time_s: float) -> bool:
    """Whether the zone is in force then."""
    hours = hours_of(zone)
    return hours is None or any(start_s <= time_s < end_s for start_s, end_s in spans(hours, time_s, time_s + 1))


def next_change_s(zone: Zone, time_s: float) -> float | None:
    """When the zone next goes in or out of force; None where it does neither within eight days."""
    hours = hours_of(zone)
    if hours is None:
        return None
    last_s = time_s + LOOK_AHEAD_S
    edges = chain.from_iterable(spans(hours, time_s, last_s + DAY_S))  # beyond it, for what joins the last span
    return next((edge_s for edge_s in edges if time_s < edge_s <= last_s), None)


class Schedules:
    """The hours of many zones, for rows of (zone, time)."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        numbers: dict[Hours, int] = {}
        each = [hours_of(zone) for zone in zones]
        self._number: Rows = np.array(
            [_ALWAYS if hours is None else numbers.setdefault(hours, len(numbers)) for hours in each], dtype=np.intp
        )
        self._hours = tuple(numbers)
        self._days: dict[int, _Day] = {}

    def active(self, zone: Rows, time_s: Numbers) -> Booleans:
        """Row by row, whether the zone is in force then."""
        number = self._number[zone]
        result: Booleans = number == _ALWAYS
        rows = np.flatnonzero(~result)
        if len(rows):
            result[rows] = self._within(number[rows], time_s[rows])
        return result

    def active_mask(self, time_s: float) -> Booleans:
        """For every zone, whether it is in force at this time."""
        n = len(self._number)
        return self.active(np.arange(n, dtype=np.intp), np.full(n, time_s))

    def _within(self, number: Rows, time_s: Numbers) -> Booleans:
        first, last = int(time_s.min() // DAY_S), int(time_s.max() // DAY_S)
        if first == last:
            return self._day(first).within(number, time_s)
        result = np.zeros(len(number), dtype=np.bool_)
        days = time_s // DAY_S
        for day in np.unique(days).tolist():
            rows = np.flatnonzero(days == day)
            result[rows] = self._day(int(day)).within(number[rows], time_s[rows])
        return result

    def _day(self, utc_day: int) -> _Day:
        found = self._days.get(utc_day)
        if found is None:
            while len(self._days) >= _KEPT_DAYS:
                del self._days[next(iter(self._days))]
            found = self._days[utc_day] = _Day(self._hours, utc_day)
        return found


class _Day:
    """One UTC day of many hours: the spans of those that were asked for, in one table."""

    def __init__(self, hours: tuple[Hours, ...], utc_day: int) -> None:
        self._hours = hours
        self._low_s = utc_day * DAY_S
        self._first: Rows = np.full(len(hours), -1, dtype=np.intp)  # row of the first span; -1: not asked for yet
        self._last: Rows = np.full(len(hours), -1, dtype=np.intp)
        self._spans: Numbers = np.empty((0, 2))

    def within(self, number: Rows, time_s: Numbers) -> Booleans:
        """Row by row, whether the time is within the spans of these hours. Every time is of this day."""
        unknown = number[self._first[number] < 0]
        if len(unknown):
            self._learn(np.unique(unknown).tolist())
        first, last = self._first[number], self._last[number]
        result = np.zeros(len(number), dtype=np.bool_)
        for step in range(int((last - first).max()) + 1):  # as many as the fullest day of these hours has; mostly one
            span = self._spans[np.minimum(first + step, last)]
            result |= (span[:, 0] <= time_s) & (time_s < span[:, 1])
        return result

    def _learn(self, numbers: list[int]) -> None:
        found = [spans(self._hours[number], self._low_s, self._low_s + DAY_S) or _NEVER for number in numbers]
        ends = len(self._spans) + np.cumsum([len(each) for each in found])
        self._last[numbers] = ends - 1
        self._first[numbers] = ends - [len(each) for each in found]
        self._spans = np.concatenate((self._spans, [span for each in found for span in each]))
