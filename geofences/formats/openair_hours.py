"""When an OpenAir airspace is in force. Its rows of hours are read all or not at all; else it is taken as always.

- ``AA`` (naviter/seeyou_file_formats 2.1): ISO 8601 intervals with an offset, ``NONE`` for an open end; ``AA NONE``
  alone is an airspace that only a NOTAM activates: nobody reads NOTAMs here, so it is taken as always in force.
- ``AW MON.08:00L-16:44L`` (the Dutch file of the gliders, which says that L is local time and Z is UTC): weekly hours.
  ``AP 04.05.2022.16:55Z-04.05.2022.19:30Z``: in force then, too. ``AP! ...``: not in force then, whatever else is said.
  A year from end to end is the file's own time, not the airspace's: taken as always, and told.
- ``TW`` and whatever else has been seen says nothing that is written down anywhere: not read.

An end of 23:59 is midnight, as in other formats. Local time is that of the place (schedules/clocks.py), or not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from airspace.model.local_time import first_s, last_s
from airspace.model.text import safe_text
from airspace.model.units import rfc3339
from airspace.model.zone import Applicability, DailyPeriod
from geofences.formats.hours import ALL_DAYS, DAYS

CODES: Final = frozenset({"AA", "AW", "AP", "AP!", "TW"})
MAX_ROWS: Final = 400  # of an airspace
_NONE: Final = "NONE"
_NEVER: Final = Applicability(start_s=0.0, end_s=0.0)
_DAY: Final = timedelta(days=1)
_LAST_MINUTE: Final = time(23, 59)
_HOUR: Final = r"(\d\d):(\d\d)([LZ])"
_WEEKLY: Final = re.compile(rf"([A-Z]{{3}})(?:-([A-Z]{{3}}))?\.{_HOUR} ?- ?{_HOUR}")
_MOMENT: Final = rf"(\d\d)\.(\d\d)\.(\d{{4}})\.{_HOUR}"
_PERIOD: Final = re.compile(rf"{_MOMENT} ?- ?{_MOMENT}")
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_OPEN: Final = float("inf")

Row = tuple[str, str]  # code, rest
Span = tuple[float, float]


@dataclass(slots=True)
class _Rows:
    """The rows of an airspace, read. ``weekly`` is by letter: L or Z."""

    clock: str | None
    weekly: dict[str, list[DailyPeriod]]
    spans: list[Span]
    but: list[Span]
    remarks: list[str]
    by_notam: bool = False
    is_local: bool = False

    def zone_of(self, letter: str) -> str:
        """The time zone that a letter means."""
        if letter == "Z":
            return "UTC"
        if self.clock is None:
            raise ValueError("which local time is meant is not known")
        self.is_local = True
        return self.clock


def applicability(rows: Sequence[Row], clock: str | None) -> tuple[tuple[Applicability, ...], list[str]]:
    """When an airspace with these rows is in force (empty is always), and what to tell of it."""
    if not rows:
        return (), []
    counts = ", ".join(f"{code} {n}" for code, n in Counter(code for code, _ in rows).items())
    read = _Rows(clock=clock, weekly={}, spans=[], but=[], remarks=[])
    try:
        _take_all(read, rows)
    except ValueError as error:
        return (), [f"{len(rows)} rows of hours not read ({counts}): taken as always ({safe_text(str(error), 100)})"]
    if read.by_notam:
        return (), ["active by NOTAM only (AA NONE), and no NOTAM is read here: taken as always in force"]
    return _in_force(read), [*_told(read, counts), *read.remarks]


def _take_all(read: _Rows, rows: Sequence[Row]) -> None:
    if len(rows) > MAX_ROWS:
        raise ValueError(f"more than {MAX_ROWS}")
    for code, rest in rows:
        _READERS[code](read, rest.strip().upper())
    if read.by_notam and len(rows) > 1:
        raise ValueError("NONE stands beside other times")


def _told(read: _Rows, counts: str) -> list[str]:
    """What an owner should compare with the source: the clock was found by the place, and dated hours run out."""
    local = f", local time {read.clock}" if read.is_local else ""
    last_s = max((end_s for _, end_s in read.spans), default=_OPEN)
    dated = "" if last_s == _OPEN or read.weekly else f", for the last time until {rfc3339(last_s)}"
    return [f"in force by its hours ({counts}){local}{dated}"]


def _in_force(read: _Rows) -> tuple[Applicability, ...]:
    found = [
        Applicability(periods=tuple(periods), time_zone=read.zone_of(letter)) for letter, periods in read.weekly.items()
    ]
    found += [Applicability(start_s=_finite(start_s), end_s=_finite(end_s)) for start_s, end_s in read.spans]
    if (-_OPEN, _OPEN) in read.spans or not found:
        found = [Applicability()]
    if not read.but:
        return () if found == [Applicability()] else tuple(found)
    return tuple(piece for each in found for piece in _less(each, read.but))


def _less(rule: Applicability, but: Sequence[Span]) -> list[Applicability]:
    """What is left of a rule without some spans."""
    start_s = -_OPEN if rule.start_s is None else rule.start_s
    end_s = _OPEN if rule.end_s is None else rule.end_s
    pieces: list[Applicability] = []
    for from_s, to_s in sorted(but):
        if from_s > start_s and start_s < end_s:
            pieces.append(replace(rule, start_s=_finite(start_s), end_s=_finite(min(from_s, end_s))))
        start_s = max(start_s, to_s)
    if start_s < end_s:
        pieces.append(replace(rule, start_s=_finite(start_s), end_s=_finite(end_s)))
    return pieces or [_NEVER]


def _finite(time_s: float) -> float | None:
    return None if time_s in {-_OPEN, _OPEN} else time_s


def _take_interval(read: _Rows, words: str) -> None:
    if words == _NONE:
        read.by_notam = True
        return
    start, slash, end = words.partition("/")
    if not slash or (start == _NONE and end == _NONE):
        raise ValueError(f"no activation time: {words[:60]!r}")
    span = -_OPEN if start == _NONE else _iso_s(start), _OPEN if end == _NONE else _iso_s(end)
    _take_span(read.spans, span, words)


def _iso_s(text: str) -> float:
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"no time with an offset: {text[:40]!r}")
    day, hour, minute, second, offset = match.groups()
    if hour == "24" and {minute, second or "00"} == {"00"}:
        return (datetime.fromisoformat(f"{day}T00:00:00{offset}") + _DAY).timestamp()
    return datetime.fromisoformat(f"{day}T{hour}:{minute}:{second or '00'}{offset}").timestamp()


def _take_span(spans: list[Span], span: Span, words: str) -> None:
    if span[1] <= span[0]:
        raise ValueError(f"{words[:60]} ends before it starts")
    spans.append(span)


def _take_weekly(read: _Rows, words: str) -> None:
    match = _WEEKLY.fullmatch(words)
    if match is None or match[5] != match[8]:
        raise ValueError(f"no weekly hours: {words[:40]!r}")
    period = DailyPeriod(days=_days(match[1], match[2]), start=_hour(match[3], match[4]), end=_end(match[6], match[7]))
    read.zone_of(match[5])
    read.weekly.setdefault(match[5], []).append(period)


def _days(first: str, last: str | None) -> frozenset[int]:
    if first not in DAYS or (last is not None and last not in DAYS):
        raise ValueError(f"no day of the week: {first}{'' if last is None else f'-{last}'}")
    if last is None:
        return frozenset({DAYS[first]})
    return frozenset((DAYS[first] + nth) % len(ALL_DAYS) for nth in range((DAYS[last] - DAYS[first]) % 7 + 1))


def _hour(hour: str, minute: str) -> time:
    return time(int(hour), int(minute))


def _end(hour: str, minute: str) -> time:
    """An end of 23:59 or 24:00 is midnight."""
    if (hour, minute) == ("24", "00"):
        return time(0)
    end = _hour(hour, minute)
    return time(0) if end >= _LAST_MINUTE else end


def _take_period(read: _Rows, words: str) -> None:
    start, end, span = _period(read, words)
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year and _is_whole(words):
        read.remarks.append(f"AP {words[:60]} is a whole year: taken as always")
        span = (-_OPEN, _OPEN)
    _take_span(read.spans, span, words)


def _is_whole(words: str) -> bool:
    return re.search(r"\.00:00[LZ] ?-.*\.(?:23:59|24:00)[LZ]$", words) is not None


def _take_exception(read: _Rows, words: str) -> None:
    _, _, span = _period(read, words)
    _take_span(read.but, span, words)


def _period(read: _Rows, words: str) -> tuple[date, date, Span]:
    match = _PERIOD.fullmatch(words)
    if match is None:
        raise ValueError(f"no period: {words[:60]!r}")
    a, b = match.groups()[:6], match.groups()[6:]
    start, end = (date(int(each[2]), int(each[1]), int(each[0])) for each in (a, b))
    till = _end(b[3], b[4])
    last_day = end + _DAY if till == time(0) and b[3] != "00" else end
    start_s = first_s(start, _hour(a[3], a[4]), ZoneInfo(read.zone_of(a[5])))
    return start, end, (start_s, last_s(last_day, till, ZoneInfo(read.zone_of(b[5]))))


def _take_unknown(_: _Rows, words: str) -> None:
    raise ValueError(f"what {words[:40]!r} means is not written down")


_READERS: Final = {
    "AA": _take_interval,
    "AW": _take_weekly,
    "AP": _take_period,
    "AP!": _take_exception,
    "TW": _take_unknown,
}
