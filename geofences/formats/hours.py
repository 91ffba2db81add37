"""Hours and dates as zone files write them.

ED-269 says hh:mm:ss.ssZ, its text hh:mmZ; both occur. An end of day is written 23:59:59 or 23:59 by many; taken as it
stands it would leave a gap at every midnight, so it is midnight. Hours are UTC: another offset is refused, because a
fixed offset is no time zone and would be wrong for half of the year. ED-318 names events of the sun instead of hours;
where it gives both, the event stands and the hour is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Applicability, DailyPeriod, SunEvent
from geofences.formats.report import Report

DAYS: Final = {"MON": 0, "TUE": 1, "WED": 2, "THU": 3, "FRI": 4, "SAT": 5, "SUN": 6}
ALL_DAYS: Final = frozenset(range(7))
MAX_ROWS: Final = 400  # of hours in a zone: a row a day of the year and some
_LAST_MINUTE: Final = time(23, 59)
_END_OF_DAY: Final = "24:00"


class Hours(msgspec.Struct, rename="camel"):
    """One row of a schedule."""

    day: list[str] | None = None
    start_time: str | None = None
    end_time: str | None = None
    start_event: str | None = None  # ED-318
    end_event: str | None = None


class Window(msgspec.Struct, rename="camel"):
    """One row of ``applicability`` (ED-269) or ``limitedApplicability`` (ED-318)."""

    permanent: str | bool | None = None  # ED-269
    start_date_time: str | None = None
    end_date_time: str | None = None
    schedule: list[Hours] | None = None
    daily_period: list[Hours] | None = None  # an old draft's name of the schedule

    def hours(self) -> list[Hours]:
        """The rows of the schedule that say something."""
        rows = self.schedule or self.daily_period or []
        return [
            each for each in rows if each.day or each.start_time or each.end_time or each.start_event or each.end_event
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
            found.append(_in_force(row, report))
        except ValueError as error:
            raise report.refusal(f"applicability: {safe_text(str(error), 200)}") from error
    return tuple(found)


def _in_force(row: Window, report: Report) -> Applicability:
    start_s = moment_s(row.start_date_time) if row.start_date_time else None
    end_s = moment_s(row.end_date_time) if row.end_date_time else None
    if start_s is not None and end_s is not None and end_s <= start_s:
        report.note("endDateTime is not after startDateTime: never in force")
    for each in row.hours():
        if (each.start_time and each.start_event) or (each.end_time and each.end_event):
            report.note("an hour beside an event of the sun: the event stands")
    return Applicability(
        start_s=start_s,
        end_s=end_s,
        periods=tuple(
            period(each.day or [], each.start_time, each.end_time, each.start_event, each.end_event)
            for each in row.hours()
        ),
    )


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


def period(
    names: list[str], start: str | None, end: str | None, start_event: str | None = None, end_event: str | None = None
) -> DailyPeriod:
    """One row of a schedule; a missing hour is midnight. ValueError for a text that is no hour, or no event."""
    return DailyPeriod(
        days=days(names),
        start=_hour(start),
        end=_end(_hour(end)),
        start_event=_event(start_event),
        end_event=_event(end_event),
    )


def _event(word: str | None) -> SunEvent | None:
    if not word:
        return None
    if word not in set(SunEvent):
        raise ValueError(f"unknown event {word!r}")
    return SunEvent(word)


def _hour(text: str | None) -> time:
    if not text:
        return time(0)
    if text.startswith(_END_OF_DAY):
        return time(0)
    hour = time.fromisoformat(text)
    if hour.utcoffset() not in {None, timedelta(0)}:
        raise ValueError(f"{text!r} is not UTC")
    return hour.replace(tzinfo=None)


def _end(hour: time) -> time:
    return time(0) if hour >= _LAST_MINUTE else hour
