"""What a database is like, without changing anything in it: for ``airspace doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from airspace.store.database import Connection, unavailability
from airspace.store.migrate import is_hypertable
from airspace.store.readers import are_admitted

_FACTS = """
select current_setting('server_version_num')::int / 10000, current_setting('server_version'),
  pg_database_size(current_database()), to_regclass('migration') is not null,
  has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create'),
  exists (select from pg_available_extensions where name = 'timescaledb'),
  (select extversion from pg_extension where extname = 'timescaledb'),
  current_setting('timescaledb.license', true), pg_is_in_recovery()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Facts of one moment."""

    major: int
    version: str
    size_bytes: int
    pending: tuple[str, ...]  # migrations that the next start takes
    may_create: bool
    read_only: bool
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
        major, version, size, migrated, may_create, offered, timescale, edition, read_only = row
        return Inspection(
            major=major,
            version=version,
            size_bytes=size,
            pending=await _pending(connection, migrated=migrated),
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
    wanted = sorted(
        file.name for file in (files("airspace.store") / "migrations").iterdir() if file.name.endswith(".sql")
    )
    if not migrated:
        return tuple(wanted)
    cursor = await connection.execute("select name from migration")
    done = {name for (name,) in await cursor.fetchall()}
    return tuple(name for name in wanted if name not in done)
