"""Hours and dates as zone files write them.

ED-269 says hh:mm:ss.ssZ, its text hh:mmZ; both occur. An end of day is written 23:59:59 or 23:59 by many; taken as it
stands it would leave a gap at every midnight, so it is midnight. Hours without an offset are UTC. Those with another
offset are of that offset all the year, as they are written, which is told: a fixed offset is no time zone and is wrong
for half of the year if local time was meant. ED-318 names events of the sun instead of hours; where it gives both, the
event stands and the hour is kept beside it. A date alone is the whole day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Applicability, DailyPeriod, SunEvent
from geofences.formats.report import Report

DAYS: Final = {"MON": 0, "TUE": 1, "WED": 2, "THU": 3, "FRI": 4, "SAT": 5, "SUN": 6}
ALL_DAYS: Final = frozenset(range(7))
MAX_ROWS: Final = 400  # of hours in a zone: a row a day of the year and some
_ANY: Final = "ANY"
UTC_NAME: Final = "UTC"
_LAST_MINUTE: Final = time(23, 59)
_END_OF_DAY: Final = "24:00"
_LONG_DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_EASTERNMOST: Final = timedelta(hours=14)
_WESTERNMOST: Final = timedelta(hours=-12)
_HOUR: Final = timedelta(hours=1)
_DATE_ALONE: Final = len("2026-05-01")


class Hours(msgspec.Struct, rename="camel"):
    """One row of a schedule."""

    day: list[str] | str | None = None  # ES writes a word
    start_time: str | None = None
    end_time: str | None = None
    start_event: str | None = None  # ED-318
    end_event: str | None = None

    def days(self) -> list[str]:
        """The days named."""
        return [self.day] if isinstance(self.day, str) else self.day or []


class Window(msgspec.Struct, rename="camel"):
    """One row of ``applicability`` (ED-269) or ``limitedApplicability`` (ED-318)."""

    permanent: str | bool | None = None  # ED-269
    start_date_time: str | None = None
    end_date_time: str | None = None
    schedule: list[Hours] | Hours | None = None
    daily_period: list[Hours] | Hours | None = None  # an old draft's name of the schedule

    def hours(self) -> list[Hours]:
        """The rows of the schedule that say something."""
        rows = self.schedule or self.daily_period or []
        return [
            each
            for each in ([rows] if isinstance(rows, Hours) else rows)
            if each.day or each.start_time or each.end_time or each.start_event or each.end_event
        ]

    def is_permanent(self) -> bool:
        """Whether it says so."""
        return str(self.permanent).upper() in {"YES", "TRUE"}

    def is_limited(self) -> bool:
        """Whether dates or hours limit it."""
        return bool(self.start_date_time or self.end_date_time or self.hours())


def applicability(rows: Sequence[Window], report: Report) -> tuple[Applicability, ...]:
    """When a zone is in force; empty is always. A row that limits nothing makes it always, whatever others add."""
    if not all(row.is_limited() for row in rows):
        if any(row.permanent is not None and not row.is_permanent() and not row.is_limited() for row in rows):
            report.note("not permanent, but neither dates nor hours are given: taken as always")
        return ()
    if sum(len(row.hours()) + 1 for row in rows) > MAX_ROWS:
        raise report.refusal(f"applicability: more than {MAX_ROWS} rows")
    found = []
    for row in rows:
        if row.is_permanent():
            report.note("permanent beside a schedule or dates: the schedule and dates win")
        try:
            found.extend(_in_force(row, report))
        except (ValueError, OverflowError) as error:
            raise report.refusal(f"applicability: {safe_text(str(error), 200)}") from error
    return tuple(found)


def _in_force(row: Window, report: Report) -> list[Applicability]:
    start_s = moment_s(row.start_date_time) if row.start_date_time else None
    end_s = last_moment_s(row.end_date_time) if row.end_date_time else None
    if start_s is not None and end_s is not None and end_s <= start_s:
        report.note("endDateTime is not after startDateTime: never in force")
    if _lacks_offset(row):
        report.note("times without an offset: taken as UTC, as the standard has it; if they are local, they are wrong")
    for each in row.hours():
        if (each.start_time and each.start_event) or (each.end_time and each.end_event):
            report.note("an hour beside an event of the sun: the event stands")
    if not row.hours():
        return [Applicability(start_s=start_s, end_s=end_s)]
    return [
        Applicability(start_s=start_s, end_s=end_s, periods=tuple(found), time_zone=time_zone)
        for time_zone, found in periods(row.hours(), UTC_NAME, report.note).items()
    ]


def _lacks_offset(row: Window) -> bool:
    moments = (text for text in (row.start_date_time, row.end_date_time) if text)
    clocks = (text for each in row.hours() for text in (each.start_time, each.end_time) if text)
    return any(datetime.fromisoformat(text.strip()).tzinfo is None for text in moments) or any(
        _hour(text)[1] is None for text in clocks
    )


def moment_s(text: str) -> float:
    """Epoch seconds of a date and time; one without an offset is UTC. ValueError for any other text."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def last_moment_s(text: str) -> float:
    """The same of an end: a date alone holds to the end of that day."""
    return moment_s(text) + (timedelta(days=1).total_seconds() if len(text.strip()) == _DATE_ALONE else 0.0)


def days(names: Iterable[str]) -> frozenset[int]:
    """Days of the week, 0 = Monday; none named, or ANY, is all of them. ValueError names an unknown one."""
    words = [name.strip().upper() for name in names if name.strip()]
    if not words or _ANY in words:
        return ALL_DAYS
    short = [word[:3] if word in _LONG_DAYS else word for word in words]
    unknown = [word for word in short if word not in DAYS]
    if unknown:
        raise ValueError(f"unknown day {safe_text(unknown[0])!r}")
    return frozenset(DAYS[word] for word in short)


def periods(
    rows: Iterable[Hours], unsaid: str, note: Callable[[str], None] = lambda _: None
) -> dict[str, list[DailyPeriod]]:
    """The rows of a schedule by the IANA time zone they are of: ``unsaid``, unless their hours name an offset.

    A missing hour is midnight. ValueError for a text that is no hour, no day or no event; ``note`` is told of offsets.
    """
    found: dict[str, list[DailyPeriod]] = {}
    for row in rows:
        time_zone, period = _period(row, unsaid)
        found.setdefault(time_zone, []).append(period)
    for time_zone in found.keys() - {unsaid}:
        note(f"hours with the offset {_told(time_zone)}: of that offset in summer and in winter")
    return found


def _period(row: Hours, unsaid: str) -> tuple[str, DailyPeriod]:
    (start, start_offset), (end, end_offset) = _hour(row.start_time), _hour(row.end_time)
    offset = end_offset if start_offset is None else start_offset
    if offset is not None and end_offset is not None and end_offset != offset:
        end = _moved(end, offset - end_offset)
    period = DailyPeriod(
        days=days(row.days()),
        start=start,
        end=_end(end),
        start_event=_event(row.start_event),
        end_event=_event(row.end_event),
    )
    return unsaid if offset is None else _zone_of(offset), period


def _event(word: str | None) -> SunEvent | None:
    if not word:
        return None
    if word.upper() not in set(SunEvent):
        raise ValueError(f"unknown event {safe_text(word)!r}")
    return SunEvent(word.upper())


def _hour(text: str | None) -> tuple[time, timedelta | None]:
    """An hour and its offset, None where it names none."""
    if not text:
        return time(0), None
    word = text.strip()
    if word.startswith(_END_OF_DAY):
        word = "00:00" + word[len(_END_OF_DAY) :]
    if word[1:2] == ":":
        word = "0" + word
    try:
        hour = time.fromisoformat(word)
    except ValueError as error:
        raise ValueError(f"{safe_text(text)!r} is no hour, hh:mm") from error
    return hour.replace(tzinfo=None), hour.utcoffset()


def _zone_of(offset: timedelta) -> str:
    """The IANA time zone of a fixed offset: there is one for whole hours."""
    if not offset:
        return UTC_NAME
    if offset % _HOUR or not _WESTERNMOST <= offset <= _EASTERNMOST:
        raise ValueError(f"an offset of {offset / _HOUR:g} hours: whole hours only")
    return f"Etc/GMT{-(offset // _HOUR):+d}"  # POSIX: west is positive


def _told(time_zone: str) -> str:
    if time_zone == UTC_NAME:
        return "+00:00"
    return f"{-int(time_zone.removeprefix('Etc/GMT')):+03d}:00"


def _moved(hour: time, by: timedelta) -> time:
    return (datetime.combine(date(2000, 1, 2), hour) + by).time()


def _end(hour: time) -> time:
    return time(0) if hour >= _LAST_MINUTE else hour
