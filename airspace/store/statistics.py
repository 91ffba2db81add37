"""Statistics by definition v1 (docs: what is a flight, what is unauthorised), from the roll-ups.

A day is a day in Amsterdam, a flight belongs to the day it started on; months are therefore sums of days. A day on
which nothing was stored has no row: that nothing flew and that nothing listened cannot be told apart here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row

from airspace.store.database import LOCAL_ZONE, Connection
from airspace.store.statements import DEFINITIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One day, or one month by its first day. None is what cannot be said of one zone alone."""

    starts: date
    definitions_version: str
    flights: int | None  # counted flights that are no spoof suspects
    series: int | None  # that these make as air traffic control counts: of one party, in one area, no hour between two
    unauthorised: int  # of these, with a broken authorisation
    suspected: int
    not_decidable: int
    spoof_suspect: int | None
    detections: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The console's figures."""

    flights: int
    unauthorised: int
    suspected: int
    detections: int
    open_alerts: int


_CITY = """
select {starts} as starts, definitions_version,
    sum(flights)::bigint as flights, sum(series)::bigint as series, sum(unauthorised)::bigint as unauthorised,
    sum(suspected)::bigint as suspected, sum(not_decidable)::bigint as not_decidable,
    sum(spoof_suspect)::bigint as spoof_suspect, sum(detections)::bigint as detections
from daily_statistics where day between %(first)s and %(last)s and definitions_version = %(definitions)s
group by 1, 2 order by 1"""

_ZONE = """
with worst as (
    select coalesce(whole, flight_id) as flight_id, max(strength) as strength
    from violation join flight using (flight_id)
    where zone_id = %(zone)s and kind = 'zone' group by 1
)
select {starts} as starts, %(definitions)s as definitions_version, null as flights, null as series,
    count(*) filter (where strength = 3) as unauthorised, count(*) filter (where strength = 2) as suspected,
    count(*) filter (where strength = 1) as not_decidable, null as spoof_suspect, null as detections
from worst join flight using (flight_id)
where day between %(first)s and %(last)s and counted and not suspect
group by 1 order by 1"""

_DAY = "day"
_MONTH = "date_trunc('month', day)::date"

_RECOMPUTE = f"""
select %(day)s::date as starts, %(definitions)s as definitions_version, coalesce(sum(flights), 0)::bigint as flights,
    (select count(*) from series_start where day = %(day)s and opens) as series,
    coalesce(sum(unauthorised), 0)::bigint as unauthorised, coalesce(sum(suspected), 0)::bigint as suspected,
    coalesce(sum(not_decidable), 0)::bigint as not_decidable, coalesce(sum(spoof_suspect), 0)::bigint as spoof_suspect,
    (select count(*) from detection where counted_at >= %(day)s::date::timestamp at time zone '{LOCAL_ZONE}'
        and counted_at < (%(day)s::date + 1)::timestamp at time zone '{LOCAL_ZONE}') as detections
from flight_count where day = %(day)s"""

_TODAY = """
select coalesce(sum(flights), 0)::bigint as flights, coalesce(sum(unauthorised), 0)::bigint as unauthorised,
    coalesce(sum(suspected), 0)::bigint as suspected, coalesce(sum(detections), 0)::bigint as detections,
    (select count(*) from alert where state <> 'closed') as open_alerts
from daily_statistics where day = %(day)s and definitions_version = %(definitions)s"""


async def daily(connection: Connection, first: date, last: date, zone: str | None = None) -> list[Counts]:
    """One row for each day from ``first`` to ``last`` (both included) that has any; of one zone, if it is named."""
    return await _counts(connection, (_ZONE if zone else _CITY).format(starts=_DAY), first, last, zone)


async def monthly(connection: Connection, first: date, last: date, zone: str | None = None) -> list[Counts]:
    """One row for each month, of the days from ``first`` to ``last`` only."""
    return await _counts(connection, (_ZONE if zone else _CITY).format(starts=_MONTH), first, last, zone)


async def zones(connection: Connection) -> list[str]:
    """The ids of zones in which a flight broke a rule, of as long as these are kept."""
    async with connection.cursor() as cursor:
        await cursor.execute("select distinct zone_id from violation where kind = 'zone' and zone_id is not null")
        return [str(zone_id) for (zone_id,) in await cursor.fetchall()]


async def recompute(connection: Connection, day: date) -> Counts:
    """The day's figures from flights, verdicts and raw detections, as long as retention has left them."""
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(_RECOMPUTE, {"day": day, "definitions": DEFINITIONS})
        return (await cursor.fetchall())[0]


async def today(connection: Connection, day: date) -> Today:
    """The figures of a day so far, and the alerts that are open."""
    async with connection.cursor(row_factory=class_row(Today)) as cursor:
        await cursor.execute(_TODAY, {"day": day, "definitions": DEFINITIONS})
        return (await cursor.fetchall())[0]


async def _counts(connection: Connection, query: str, first: date, last: date, zone: str | None) -> list[Counts]:
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(query, {"first": first, "last": last, "zone": zone, "definitions": DEFINITIONS})
        return await cursor.fetchall()
