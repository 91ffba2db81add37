"""Brings a database to the present schema: ``migrations/*.sql`` in order, each in a transaction, once.

Where TimescaleDB is installed, ``detection`` becomes a hypertable; nothing else of the schema knows. That step stands
apart and is looked at on every start, so that a database which gets the extension later is converted then.
The role that may read statistics is looked at likewise.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import psycopg

from airspace.store import readers
from airspace.store.database import MIGRATION_LOCK, Connection

HYPERTABLE: Final = "hypertable"
READERS: Final = "readers"
CHUNK: Final = "7 days"


async def migrate(connection: Connection) -> list[str]:
    """The names of the steps that were taken now. Several starting at once wait for each other."""
    folder = files("airspace.store") / "migrations"
    scripts = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    done = [file.name for file in scripts if await _apply(connection, file.name, file.read_bytes())]
    if await _make_hypertable(connection):
        done.append(HYPERTABLE)
    if await readers.admit(connection):
        done.append(READERS)
    return done


async def take_step(connection: Connection, name: str) -> bool:
    """One step by its name; False where it was taken before."""
    return await _apply(connection, name, (files("airspace.store") / "migrations" / name).read_bytes())


async def newer_steps(connection: Connection) -> list[str]:
    """Steps that were taken by a newer version of this program, and that this one does not know."""
    folder = files("airspace.store") / "migrations"
    known = {file.name for file in folder.iterdir()}
    cursor = await connection.execute("select name from migration order by name")
    return [name for (name,) in await cursor.fetchall() if name not in known]


async def _apply(connection: Connection, name: str, script: bytes) -> bool:
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        await connection.execute(
            "create table if not exists migration (name text primary key, applied timestamptz not null default now())"
        )
        cursor = await connection.execute("select 1 from migration where name = %s", (name,))
        if await cursor.fetchone():
            return False
        await connection.execute(script)
        await connection.execute("insert into migration (name) values (%s)", (name,))
        return True


async def _make_hypertable(connection: Connection) -> bool:
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        if not await _has_timescale(connection) or await is_hypertable(connection):
            return False
        await connection.execute(
            "select create_hypertable('detection', by_range('time', %s::interval), create_default_indexes => false,"
            " migrate_data => true)",
            (CHUNK,),
        )
        return True


async def _has_timescale(connection: Connection) -> bool:
    """Whether the extension is there, or could be created now. Unless it is preloaded, trying ends the connection."""
    cursor = await connection.execute(
        "select 1 from pg_available_extensions where name = 'timescaledb'"
        " and current_setting('timescaledb.max_background_workers', true) is not null"
    )
    if await cursor.fetchone() is None:
        return False
    try:
        async with connection.transaction():
            await connection.execute("create extension if not exists timescaledb")
    except psycopg.DatabaseError:  # not allowed to this user: plain tables serve
        return False
    return True


async def is_hypertable(connection: Connection) -> bool:
    """Whether ``detection`` is kept in chunks by TimescaleDB."""
    cursor = await connection.execute("select to_regclass('timescaledb_information.hypertables') is not null")
    known = await cursor.fetchone()
    if known is None or not known[0]:
        return False
    cursor = await connection.execute(
        "select 1 from timescaledb_information.hypertables where hypertable_name = 'detection'"
    )
    return await cursor.fetchone() is not None
