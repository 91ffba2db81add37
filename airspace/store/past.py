"""Flights of the past: those of a backlog that came too late for the picture, counted on the day on which they flew.

Each row in the air is taken once into a part of the past of its drone (a ``flight`` with ``past``), which stays when
the row is forgotten. A part grows by what comes later; where it adjoins others, or a flight that was followed live, all
are one flight (``parts.py``), and one of them shows the sum and counts. So the figures are the same in whatever order
and parts a backlog came, and whatever was swept since. Nothing of the past is judged: zones and notices of then are not
kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from airspace.model.clocks import AGREES_S
from airspace.model.commit import Commit
from airspace.model.detection import Codes, Flag, Numbers, Source, Status
from airspace.model.lines import code_name
from airspace.model.privacy import Privacy
from airspace.model.track import Booleans, Flight
from airspace.store import statements
from airspace.store.cells import NO_CELL, area_of, centre_of
from airspace.store.database import LOCAL_ZONE, Connection, lock_writing
from airspace.store.parts import Part, merged, wholes
from airspace.store.records import as_json, flight_records
from airspace.tracking import underway
from airspace.tracking.flights import History, enough, flies, flights_of
from airspace.tracking.plausibility import MAX_SKEW_S

_PREFIX: Final = "past-"  # by which the schema knows them

QUIET_S: Final = 60.0  # so long after its last row a drone's past is looked at: by then a wrong clock is known as one
LONGEST_S: Final = 600.0  # and so long after the first in any case

_STORED_S: Final = 0.001  # so exactly are the times of a flight stored

_DUE: Final = """
select pseudonym, seq from past_due
where latest <= now() - %s * interval '1 second' or first <= now() - %s * interval '1 second' order by seq limit %s"""

_DAY: Final = f"at time zone '{LOCAL_ZONE}')::date"

# Rows that looked old until their sensor's clock was known as wrong: heard when they were logged, as those after them.
_NO_PAST: Final = f"""
with wrong as materialized (
    select time, content_id, counted_at from detection as row
    where of_the_past and pseudonym = %(pseudonym)s and flight_id is null and exists (
        select from detection as known
        where known.pseudonym = %(pseudonym)s and known.sensor = row.sensor
            and (known.flags & {int(Flag.CLOCK_OF_SENSOR)}) <> 0
            and known.logged between row.logged and row.logged + interval '1 minute'
            and abs(extract(epoch from (known.logged - known.received) - (row.logged - row.received))) <= {AGREES_S}
    )
),
moved as (
    update detection as row set of_the_past = false, counted_at = row.logged from wrong
    where row.time = wrong.time and row.content_id = wrong.content_id
    returning row.cell, (wrong.counted_at {_DAY} as before, (row.logged {_DAY} as after
),
steps as (
    select cell, before as day, -1 as step from moved union all select cell, after, 1 from moved
),
cells as (
    insert into cell_day as held (day, cell, detections)
    select day, cell, sum(step) from steps where cell is not null group by 1, 2
    on conflict (day, cell) do update set detections = held.detections + excluded.detections
)
insert into daily_statistics as held (day, definitions_version, detections)
select day, '{statements.DEFINITIONS}', sum(step) from steps group by 1
on conflict (day, definitions_version) do update set detections = held.detections + excluded.detections"""

_ROWS: Final = """
select extract(epoch from received)::float8, extract(epoch from time)::float8, status, height_m::float8,
    speed_m_s::float8, cell, flags, source, operator_id, flight_id is null, latitude_deg, longitude_deg,
    altitude_wgs84_m::float8
from detection where of_the_past and pseudonym = %s order by received, content_id"""

_PARTS: Final = f"""
select flight_id, past, extract(epoch from own_started)::float8, extract(epoch from own_last)::float8, own_detections,
    own_highest_m::float8, area, operator_pseudonym, whole, {statements.BARRED}
from flight where pseudonym = %s"""

_ASIDE: Final = "update flight set counted = false where flight_id = any(%s)"
_FORGET: Final = "delete from flight where flight_id = any(%s)"

_JOIN: Final = """
update flight set whole = found.whole
from unnest(%s::text[], %s::text[]) as found (flight_id, whole)
where flight.flight_id = found.flight_id"""

_NAME: Final = """
update detection set flight_id = %(flight)s, track_id = coalesce(track_id, %(track)s)
where of_the_past and pseudonym = %(pseudonym)s and received between %(started)s and %(last)s
    and flight_id is distinct from %(flight)s"""

_DONE: Final = "delete from past_due where pseudonym = %s and seq = %s"


@dataclass(frozen=True, slots=True)
class _Change:
    """What there is to write of one drone."""

    gone: list[str]
    made: list[Part]
    joined: dict[str, str | None]
    named: list[tuple[str, Part]]  # parts of the past of which rows may have another name, and their names

    @property
    def touched(self) -> list[str]:
        return sorted({*self.gone, *(str(part.flight_id) for part in self.made), *self.joined})


async def count(connection: Connection, privacy: Privacy, *, quiet_s: float = QUIET_S, most: int = 100) -> int:
    """Count the flights of some drones of whom more came; of how many. Each in a transaction of its own."""
    due = await (await connection.execute(_DUE, (quiet_s, LONGEST_S, most))).fetchall()
    for pseudonym, seq in due:
        async with connection.transaction():
            await lock_writing(connection)
            await connection.execute(_NO_PAST, {"pseudonym": pseudonym})
            change = _change(pseudonym, await _new(connection, privacy, pseudonym), *await _held(connection, pseudonym))
            if change.touched:
                await _write(connection, pseudonym, change)
            await connection.execute(_DONE, (pseudonym, seq))
    return len(due)


async def _held(connection: Connection, pseudonym: str) -> tuple[list[Part], list[Part], list[Part]]:
    """Of this drone: what was followed live, what its past was so far, and what is no part of any whole."""
    live: list[Part] = []
    past: list[Part] = []
    barred: list[Part] = []
    for *values, bars in await (await connection.execute(_PARTS, (pseudonym,))).fetchall():
        part = Part(**dict(zip(Part.__slots__, values, strict=True)))
        (past if part.past else barred if bars else live).append(part)
    return live, past, barred


def _change(pseudonym: str, new: list[Part], live: list[Part], past: list[Part], barred: list[Part]) -> _Change:
    """From what there is to what there should be."""
    found = merged([*past, *new])
    kept = {part.flight_id for part in found if part.flight_id}
    now = [part if part.flight_id else _named(part, pseudonym) for part in found]
    made = [part for part, before in zip(now, found, strict=True) if not before.flight_id]
    heads = wholes(live, now)
    held = {str(part.flight_id): part for part in (*live, *past, *barred)}
    moved = {flight_id for flight_id, part in held.items() if part.whole != heads.get(flight_id)}
    moved |= {str(part.flight_id) for part in made}
    about = {heads[flight_id] for flight_id in moved if flight_id in heads}
    members = moved | {flight_id for flight_id, head in heads.items() if head in about}
    gone = [str(part.flight_id) for part in past if part.flight_id not in kept]
    there = {str(part.flight_id) for part in (*live, *now, *barred)}
    names = {str(part.flight_id): part for part in now if part.flight_id in members}
    return _Change(
        gone=gone,
        made=made,
        joined={flight_id: heads.get(flight_id) for flight_id in sorted(members & there)},
        named=[(heads.get(flight_id, flight_id), part) for flight_id, part in names.items()],
    )


async def _new(connection: Connection, privacy: Privacy, pseudonym: str) -> list[Part]:
    """The rows in the air that no part has yet, as parts. Those it has say whether it flew before."""
    rows = await (await connection.execute(_ROWS, (pseudonym,))).fetchall()
    if not rows:
        return []
    received, times, status, heights, speeds, cells, flags, sources, operators, free, *place = zip(*rows, strict=True)
    height_m, speed_m_s = (np.array(each, dtype=np.float64) for each in (heights, speeds))
    received_s = np.array([round(at_s, 3) for at_s in received], dtype=np.float64)  # as stored
    located = np.array([any(value is not None for value in row[2:6]) for row in rows])
    codes = _codes(status)
    says = located & underway.says(codes, height_m, speed_m_s)
    shows = underway.over_rows(_fixes(received_s, times, place), says)
    flying = flies(received_s, codes, height_m, speed_m_s, located, shows) & ~_tests(flags, sources)
    none = np.zeros(len(rows), dtype=np.bool_)
    history = History(
        logged_s=received_s,
        seen_s=received_s,
        airborne=flying & np.array(free),
        height_m=height_m,
        suspect=none,
        test=none,
    )
    parts = []
    for flight in flights_of(_PREFIX, history):
        of_it = slice(*np.searchsorted(received_s, [flight.started_s, np.nextafter(flight.last_s, np.inf)]).tolist())
        parts.append(_part(flight, privacy, cells[of_it], operators[of_it]))
    return parts


def _fixes(received_s: Numbers, times: Sequence[float], place: Sequence[Sequence[float | None]]) -> underway.Fixes:
    """Where it was, and when: by the message's own time where that may be right, as ``Turn.of`` has it."""
    time_s, latitude_deg, longitude_deg, altitude_m = (np.array(each, dtype=np.float64) for each in (times, *place))
    fix_time_s = np.where(np.abs(received_s - time_s) <= MAX_SKEW_S, time_s, received_s)
    return underway.Fixes(fix_time_s, latitude_deg, longitude_deg, np.full(len(time_s), np.nan), altitude_m)


def _part(flight: Flight, privacy: Privacy, cells: Sequence[int | None], operators: Sequence[str | None]) -> Part:
    """With whose it was and where, as far as this mode keeps it."""
    cell = next((cell for cell in cells if cell is not None), None)
    area = NO_CELL if cell is None else int(area_of(*centre_of(np.array([cell], dtype=np.int64)))[0])
    operator_id = next((operator_id for operator_id in operators if operator_id is not None), None)
    return Part(
        flight_id=None,
        past=True,
        started_s=flight.started_s,
        last_s=flight.last_s,
        detections=flight.detections,
        highest_m=None if np.isnan(flight.highest_m) else flight.highest_m,
        area=None if area == NO_CELL else area,
        operator_pseudonym=None if operator_id is None else privacy.pseudonym("operator", operator_id),
    )


def _codes(words: Sequence[str | None]) -> Codes:
    numbers = {code_name("status", status): int(status) for status in Status}
    return np.array([numbers.get(word or "", 0) for word in words], dtype=np.int8)


def _tests(flags: Sequence[int], sources: Sequence[str | None]) -> Booleans:
    """Rows of a test transmitter, or of an aircraft with a crew: these are no flight of a drone."""
    crewed = code_name("source", Source.ADSB)
    return np.array(
        [bool(flag & Flag.TEST_TRANSMITTER) or source == crewed for flag, source in zip(flags, sources, strict=True)]
    )


async def _write(connection: Connection, pseudonym: str, change: _Change) -> None:
    """First nothing of all that changes counts, then all of it as it is now: days and series follow each time."""
    await connection.execute(statements.COUNT_FLIGHTS, {"sign": -1, "flights": change.touched})
    await connection.execute(_ASIDE, (change.touched,))
    await connection.execute(statements.COUNT_SERIES, (change.touched,))
    await connection.execute(_FORGET, (change.gone,))
    await _make(connection, pseudonym, change.made)
    await connection.execute(_JOIN, (list(change.joined), list(change.joined.values())))
    await connection.execute(statements.SHOW, {"flights": change.touched})
    for flight_id, part in change.named:
        await _name(connection, pseudonym, flight_id, part)
    await connection.execute(statements.COUNT_FLIGHTS, {"sign": 1, "flights": change.touched})
    await connection.execute(statements.COUNT_SERIES, (change.touched,))


async def _make(connection: Connection, pseudonym: str, parts: Sequence[Part]) -> None:
    flights = tuple(_flight(part, pseudonym) for part in parts)
    identities = [
        {
            "flight_id": part.flight_id,
            "pseudonym": pseudonym,
            "area": part.area,
            "operator_pseudonym": part.operator_pseudonym,
        }
        for part in parts
    ]
    await connection.execute(statements.FLIGHTS, (as_json(flight_records(Commit(flights=flights))),))
    await connection.execute(statements.IDENTITIES, (as_json(identities),))


async def _name(connection: Connection, pseudonym: str, flight_id: str, part: Part) -> None:
    names = {"flight": flight_id, "track": f"{_PREFIX}{pseudonym}", "pseudonym": pseudonym}
    span = {"started": _moment(part.started_s - _STORED_S), "last": _moment(part.last_s + _STORED_S)}
    await connection.execute(_NAME, names | span)


def _named(part: Part, pseudonym: str) -> Part:
    """By whose it is and when it began, so that it has the same name whenever it is made."""
    return replace(part, flight_id=f"{_PREFIX}{pseudonym}-{round(part.started_s * 1000)}")


def _flight(part: Part, pseudonym: str) -> Flight:
    return Flight(
        flight_id=str(part.flight_id),
        track_id=f"{_PREFIX}{pseudonym}",
        started_s=part.started_s,
        last_s=part.last_s,
        ended=True,
        detections=part.detections,
        counted=enough(part.detections, part.last_s - part.started_s),
        suspect=False,
        highest_m=np.nan if part.highest_m is None else part.highest_m,
    )


def _moment(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)
