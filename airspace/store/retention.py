"""What is forgotten, and when (AVG 5(1)(e)): detections after hours, alerts and notices after weeks, flights later.

A detection is as old as it has been here, whatever the clock of its sensor said. Statistics stay: they name nobody.
Nothing here reads a clock: ``now_s`` comes from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from airspace.store.database import Connection, lock_writing
from airspace.store.migrate import is_hypertable

_CHUNKS: Final = """
select range_start, range_end from timescaledb_information.chunks
where hypertable_schema = current_schema and hypertable_name = 'detection'"""
_HELD: Final = "select 1 from detection where time >= %s and time < %s and logged >= %s limit 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each is kept. The defaults are those of the privacy page (handbook, users 6)."""

    detection_hours: float = 72.0
    alert_days: float = 28.0  # closed alerts and their tellings, refusals
    flight_days: float = 396.0  # 13 months, pseudonymised
    notice_days: float = 28.0  # after the end of a notice's last volume, with its history


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Rows deleted one by one; chunks dropped whole are not counted in rows."""

    detections: int
    alerts: int
    flights: int
    quarantined: int
    notices: int


async def sweep(connection: Connection, now_s: float, settings: Retention) -> Swept:
    """Forget what is over its time, in one transaction."""
    now = datetime.fromtimestamp(now_s, UTC)
    told_before = now - timedelta(days=settings.alert_days)
    async with connection.transaction():
        await lock_writing(connection)
        detections = await _forget_detections(connection, now - timedelta(hours=settings.detection_hours))
        alerts = await _delete(connection, "delete from alert where state = 'closed' and closed < %s", told_before)
        await _delete(
            connection,
            "delete from outbox where created < %s and not exists (select from alert where alert_id = outbox.alert_id)",
            told_before,
        )
        quarantined = await _delete(connection, "delete from quarantine where received < %s", told_before)
        flights = await _forget_flights(connection, now - timedelta(days=settings.flight_days))
        notices = await _delete(
            connection, "delete from notice where ends < %s", now - timedelta(days=settings.notice_days)
        )
    return Swept(detections=detections, alerts=alerts, flights=flights, quarantined=quarantined, notices=notices)


async def _forget_detections(connection: Connection, before: datetime) -> int:
    """Whole chunks first, where there are any: cheap. A chunk holds a week, so the rest goes row by row."""
    if await is_hypertable(connection):
        await _drop_chunks(connection, before)
    return await _delete(connection, "delete from detection where logged < %s", before)


async def _drop_chunks(connection: Connection, before: datetime) -> None:
    """Chunks are by the messages' own time: one goes when nothing in it was logged since, wherever it lies."""
    chunks = await (await connection.execute(_CHUNKS)).fetchall()
    for starts, ends in chunks:
        cursor = await connection.execute(_HELD, (starts, ends, before))
        if await cursor.fetchone() is None:
            await connection.execute(
                "select drop_chunks('detection', older_than => %s::timestamptz, newer_than => %s::timestamptz)",
                (ends, starts),
            )


async def _forget_flights(connection: Connection, before: datetime) -> int:
    await _delete(
        connection,
        "delete from violation where flight_id in (select flight_id from flight where last < %s)",
        before,
    )
    return await _delete(connection, "delete from flight where last < %s", before)


async def _delete(connection: Connection, statement: str, before: datetime) -> int:
    cursor = await connection.execute(statement, (before,))
    return cursor.rowcount
