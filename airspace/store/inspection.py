"""What a database is like, without changing anything in it: for ``airspace doctor``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from airspace.store.database import Connection, unavailability
from airspace.store.migrate import is_hypertable, newer_steps
from airspace.store.readers import are_admitted
from airspace.store.rights import lacking

_MADE: Final = re.compile(r"^create table (?:if not exists )?(\w+)", re.MULTILINE)
_MIGRATION: Final = "migration"  # the table of the migrations that were taken
_FACTS = """
select current_setting('server_version_num')::int / 10000, current_setting('server_version'),
  pg_database_size(current_database()), to_regclass('migration') is not null,
  has_database_privilege(current_database(), 'create') and
    coalesce(has_schema_privilege(to_regnamespace('public'), 'create'), false),
  exists (select from pg_available_extensions where name = 'timescaledb'),
  (select extversion from pg_extension where extname = 'timescaledb'),
  current_setting('timescaledb.license', true), pg_is_in_recovery(),
  current_setting('transaction_read_only')::boolean
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Facts of one moment."""

    major: int
    version: str
    size_bytes: int
    pending: tuple[str, ...]  # migrations that the next start takes
    newer: tuple[str, ...]  # migrations of a newer version, which this one does not know
    made: tuple[str, ...]  # tables that are there though the migration that makes them waits
    lacking: tuple[str, ...]  # rights that this user needs and does not have
    missing: tuple[str, ...]  # tables that migrations made once, and that are there no more
    empty: bool  # none of ours is there
    may_create: bool
    standby: bool
    read_only: bool  # every transaction is, on a stand-by too
    timescale_offered: bool
    timescale: str | None  # its version, where it is in use
    timescale_license: str | None
    hypertable: bool
    readers: bool  # the role for Grafana is there and sees the statistics


async def inspect(connection: Connection) -> Inspection:
    """``StoreUnavailable`` if it does not answer."""
    with unavailability():
        cursor = await connection.execute(_FACTS)
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 -- for the type checker
        major, version, size, migrated, may_create, offered, timescale, edition, standby, read_only = row
        pending = await _pending(connection, migrated=migrated)
        there = await _tables(connection)
        return Inspection(
            newer=tuple(await newer_steps(connection)) if migrated else (),
            made=tuple(sorted(there & set(_of_steps(pending)))) if migrated else (),
            lacking=await lacking(connection),
            standby=standby,
            missing=_missing(there, pending) if migrated else _without_record(there),
            empty=not there & {*_missing(set(), ()), _MIGRATION},
            major=major,
            version=version,
            size_bytes=size,
            pending=pending,
            may_create=may_create,
            read_only=read_only,
            timescale_offered=offered,
            timescale=timescale,
            timescale_license=edition,
            hypertable=timescale is not None and await is_hypertable(connection),
            readers=await are_admitted(connection),
        )


async def seconds(connection: Connection) -> float:
    """The database's clock, UTC epoch seconds."""
    with unavailability():
        cursor = await connection.execute("select extract(epoch from clock_timestamp())::float8")
        row = await cursor.fetchone()
    return float(row[0]) if row else float("nan")


async def _pending(connection: Connection, *, migrated: bool) -> tuple[str, ...]:
    wanted = sorted(_scripts())
    if not migrated:
        return tuple(wanted)
    cursor = await connection.execute("select name from migration")
    done = {name for (name,) in await cursor.fetchall()}
    return tuple(name for name in wanted if name not in done)


async def _tables(connection: Connection) -> set[str]:
    """Those that a name without a schema finds."""
    cursor = await connection.execute(
        "select relname from pg_class where relkind in ('r', 'p') and pg_table_is_visible(oid)"
    )
    return {name for (name,) in await cursor.fetchall()}


def _missing(there: set[str], pending: tuple[str, ...]) -> tuple[str, ...]:
    """Tables of the migrations that were taken, in their order, without those that are there."""
    made = _of_steps([name for name in sorted(_scripts()) if name not in pending])
    return tuple(table for table in made if table not in there)


def _of_steps(names: Sequence[str]) -> list[str]:
    """The tables that some migrations make."""
    scripts = _scripts()
    return [table for name in names for table in _MADE.findall(scripts[name])]


def _without_record(there: set[str]) -> tuple[str, ...]:
    """Our tables without the record of their migrations: a start would make them again, and could not."""
    return (_MIGRATION,) if there & set(_missing(set(), ())) else ()


def _scripts() -> dict[str, str]:
    folder = files("airspace.store") / "migrations"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}
