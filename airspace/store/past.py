"""Flights of the past: those of a backlog that came too late for the picture, counted on the day on which they flew.

The rows of one drone's past are looked at as a whole, as often as more of them come: what is made of them depends on
what is stored alone, not on how or how often it came, so it may be done again at any time. A flight of the past that
adjoins one that was followed live is part of it. Nothing of the past is judged: zones and notices of then are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from airspace.model.commit import Commit
from airspace.model.detection import Flag, Numbers, Source, Status
from airspace.model.lines import code_name
from airspace.model.privacy import Privacy
from airspace.model.track import Booleans, Flight
from airspace.store import statements
from airspace.store.cells import NO_CELL, area_of, centre_of
from airspace.store.database import LOCAL_ZONE, Connection, lock_writing
from airspace.store.records import as_json, flight_records
from airspace.tracking import underway
from airspace.tracking.flights import GAP_S, History, flies, flights_of
from airspace.tracking.plausibility import MAX_SKEW_S

_PREFIX: Final = "past-"

QUIET_S: Final = 15.0  # so long after its last row a drone's past is looked at: what it flew live is stored by then
LONGEST_S: Final = 600.0  # and so long after the first in any case

_DUE: Final = """
select pseudonym, seq from past_due
where latest <= now() - %s * interval '1 second' or first <= now() - %s * interval '1 second' order by seq limit %s"""

_ROWS: Final = """
select extract(epoch from received)::float8, extract(epoch from time)::float8, status, height_m::float8,
    speed_m_s::float8, cell, flags, source, operator_id, latitude_deg, longitude_deg, altitude_wgs84_m::float8
from detection where of_the_past and pseudonym = %s order by received, content_id"""

_BESIDE: Final = f"""
select flight_id from flight
where pseudonym = %(pseudonym)s and not starts_with(flight_id, '{_PREFIX}')
    and started < %(last)s + %(gap)s * interval '1 second' and last > %(started)s - %(gap)s * interval '1 second'
order by started, flight_id limit 1"""

_LENGTHEN: Final = f"""
update flight set opens_series = false, started = least(started, %(started)s), last = greatest(last, %(last)s),
    day = (least(started, %(started)s) at time zone '{LOCAL_ZONE}')::date
where flight_id = %(flight)s"""

_MADE_BEFORE: Final = f"""
select flight_id from flight where pseudonym = %s and starts_with(flight_id, '{_PREFIX}') and last >= %s"""

_FORGET_SERIES: Final = f"""
update daily_statistics as held set series = series - gone.n
from (select day, count(*) as n from flight where opens_series and flight_id = any(%s) group by day) as gone
where held.day = gone.day and definitions_version = '{statements.DEFINITIONS}'"""

_FORGET: Final = "delete from flight where flight_id = any(%s)"

_NAME: Final = """
update detection set flight_id = %(flight)s, track_id = coalesce(track_id, %(track)s)
where of_the_past and pseudonym = %(pseudonym)s and received between %(started)s and %(last)s
    and flight_id is distinct from %(flight)s"""

_DONE: Final = "delete from past_due where pseudonym = %s and seq = %s"


@dataclass(frozen=True, slots=True)
class _Past:
    """All that is stored of one drone's past, by time."""

    received_s: np.ndarray[Any, np.dtype[np.float64]]
    history: History
    cells: list[int | None]
    operators: list[str | None]


async def count(connection: Connection, privacy: Privacy, *, quiet_s: float = QUIET_S, most: int = 100) -> int:
    """Count the flights of some drones of whom more came; of how many. Each in a transaction of its own."""
    due = await (await connection.execute(_DUE, (quiet_s, LONGEST_S, most))).fetchall()
    for pseudonym, seq in due:
        past = await _read(connection, pseudonym)
        made = flights_of(f"{_PREFIX}{pseudonym}", past.history) if past is not None else []
        async with connection.transaction():
            await lock_writing(connection)
            if past is not None:
                await _write(connection, privacy, pseudonym, past, made)
            await connection.execute(_DONE, (pseudonym, seq))
    return len(due)


async def _read(connection: Connection, pseudonym: str) -> _Past | None:
    rows = await (await connection.execute(_ROWS, (pseudonym,))).fetchall()
    if not rows:  # over their time meanwhile
        return None
    received, times, status, heights, speeds, cells, flags, sources, operators, *place = zip(*rows, strict=True)
    received_s, height_m, speed_m_s = (np.array(each, dtype=np.float64) for each in (received, heights, speeds))
    located = np.array([any(value is not None for value in row[2:6]) for row in rows])
    codes = _codes(status)
    says = located & underway.says(codes, height_m, speed_m_s)
    shows = underway.over_rows(_fixes(received_s, times, place), says)
    history = History(
        logged_s=received_s,
        seen_s=received_s,
        airborne=flies(received_s, codes, height_m, speed_m_s, located, shows),
        height_m=height_m,
        suspect=np.zeros(len(rows), dtype=np.bool_),
        test=_tests(flags, sources),
    )
    return _Past(received_s, history, list(cells), list(operators))


def _fixes(received_s: Numbers, times: Sequence[float], place: Sequence[Sequence[float | None]]) -> underway.Fixes:
    """Where it was, and when: by the message's own time where that may be right, as ``Turn.of`` has it."""
    time_s, latitude_deg, longitude_deg, altitude_m = (np.array(each, dtype=np.float64) for each in (times, *place))
    fix_time_s = np.where(np.abs(received_s - time_s) <= MAX_SKEW_S, time_s, received_s)
    return underway.Fixes(fix_time_s, latitude_deg, longitude_deg, np.full(len(time_s), np.nan), altitude_m)


def _codes(words: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.int8]]:
    numbers = {code_name("status", status): int(status) for status in Status}
    return np.array([numbers.get(word, 0) for word in words], dtype=np.int8)


def _tests(flags: Sequence[int], sources: Sequence[str | None]) -> Booleans:
    """A test transmitter, or an aircraft with a crew, up to each row."""
    crewed = code_name("source", Source.ADSB)
    tests = np.array(
        [bool(flag & Flag.TEST_TRANSMITTER) or source == crewed for flag, source in zip(flags, sources, strict=True)]
    )
    found: Booleans = np.logical_or.accumulate(tests)
    return found


async def _write(connection: Connection, privacy: Privacy, pseudonym: str, past: _Past, made: Sequence[Flight]) -> None:
    """All flights of this past anew: those made before that are none any more go, those followed live grow."""
    beside = [(await _beside(connection, pseudonym, flight), flight) for flight in made]
    mine = [_named(flight, pseudonym) for live, flight in beside if live is None]
    followed = [(live, flight) for live, flight in beside if live is not None]
    cursor = await connection.execute(_MADE_BEFORE, (pseudonym, _moment(float(past.received_s[0]))))
    before = {flight_id for (flight_id,) in await cursor.fetchall()}
    gone = sorted(before - {flight.flight_id for flight in mine})
    grown = sorted({live for live, _ in followed})  # perhaps into another day
    touched = sorted({*before, *grown, *(flight.flight_id for flight in mine)})
    await connection.execute(statements.COUNT_FLIGHTS, {"sign": -1, "flights": touched})
    await connection.execute(_FORGET_SERIES, (gone + grown,))
    await connection.execute(_FORGET, (gone,))
    await _keep(connection, mine, [_identity(flight, privacy, pseudonym, past) for flight in mine])
    for live, flight in followed:
        await connection.execute(_LENGTHEN, {"flight": live} | _span(flight))
    for flight_id, flight in [*((flight.flight_id, flight) for flight in mine), *followed]:
        await _name(connection, pseudonym, flight_id, flight)
    await connection.execute(statements.COUNT_FLIGHTS, {"sign": 1, "flights": touched})
    await connection.execute(statements.COUNT_SERIES, (touched,))


async def _keep(connection: Connection, flights: Sequence[Flight], identities: Sequence[dict[str, Any]]) -> None:
    await connection.execute(statements.FLIGHTS, (as_json(flight_records(Commit(flights=tuple(flights)))),))
    await connection.execute(statements.IDENTITIES, (as_json(identities),))


async def _beside(connection: Connection, pseudonym: str, flight: Flight) -> str | None:
    """The flight that was followed live, of which this one is a part."""
    cursor = await connection.execute(_BESIDE, {"pseudonym": pseudonym, "gap": GAP_S} | _span(flight))
    found = await cursor.fetchone()
    return None if found is None else str(found[0])


async def _name(connection: Connection, pseudonym: str, flight_id: str, flight: Flight) -> None:
    track_id = f"{_PREFIX}{pseudonym}"
    names = {"flight": flight_id, "track": track_id, "pseudonym": pseudonym}
    await connection.execute(_NAME, names | _span(flight))


def _named(flight: Flight, pseudonym: str) -> Flight:
    """By whose it is and when it began, so that it has the same name whenever it is made."""
    return Flight(
        flight_id=f"{_PREFIX}{pseudonym}-{round(flight.started_s * 1000)}",
        track_id=flight.track_id,
        started_s=flight.started_s,
        last_s=flight.last_s,
        ended=True,
        detections=flight.detections,
        counted=flight.counted,
        suspect=flight.suspect,
        highest_m=flight.highest_m,
    )


def _identity(flight: Flight, privacy: Privacy, pseudonym: str, past: _Past) -> dict[str, Any]:
    """Whose it was and where, as far as this mode keeps it."""
    of_it = np.flatnonzero((past.received_s >= flight.started_s) & (past.received_s <= flight.last_s)).tolist()
    cell = next((past.cells[row] for row in of_it if past.cells[row] is not None), None)
    operator_id = next((past.operators[row] for row in of_it if past.operators[row] is not None), None)
    record: dict[str, Any] = {"flight_id": flight.flight_id, "pseudonym": pseudonym}
    if cell is not None:
        area = int(area_of(*centre_of(np.array([cell], dtype=np.int64)))[0])
        record |= {} if area == NO_CELL else {"area": area}
    if operator_id is not None:
        record["operator_pseudonym"] = privacy.pseudonym("operator", operator_id)
    return record


def _span(flight: Flight) -> dict[str, datetime]:
    return {"started": _moment(flight.started_s), "last": _moment(flight.last_s)}


def _moment(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)
