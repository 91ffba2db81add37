"""What can only be known by doing it: room for rows, and migrations that wait. All of it is rolled back.

A running service is not disturbed: rows go into a temporary table, and migrations, which lock tables, are tried only
while nobody has the writer's lease, which is held meanwhile. A service that starts just then waits for some seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from airspace.store.database import Connection, answering, is_slow, told
from airspace.store.lease import LEASE_LOCK
from airspace.store.migrate import take_step

WITHIN_S: Final = 20.0
_LIMITS: Final = "set local lock_timeout = '1s'; set local statement_timeout = '5s'; set local temp_tablespaces = ''"
_MEBIBYTE: Final = (
    "create temporary table airspace_room on commit drop as"
    " select repeat(md5(number::text), 32) from generate_series(1, 1024) as number"
)
_EXISTS: Final = frozenset({"42P07", "42701", "42710", "42723", "42P06"})  # relation, column, object, function, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A step that the next start could not take, or a row (None). ``exists``: what it makes is there already."""

    step: str | None
    why: str
    exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it. ``untried``: why the migrations were not tried, where they were not."""

    refused: Refused | None = None
    untried: str | None = None


async def attempt(connection: Connection, pending: Sequence[str]) -> Trial:
    """Write a mebibyte, and take what waits. The connection may be closed afterwards: time is limited."""
    with answering(connection, WITHIN_S):
        refused = await _room(connection)
        if refused is not None or not pending:
            return Trial(refused=refused)
        return await _steps(connection, pending)


async def _room(connection: Connection) -> Refused | None:
    try:
        async with _undone(connection):
            await connection.execute(_MEBIBYTE)
    except psycopg.Error as fault:
        return Refused(step=None, why=told(fault))
    return None


async def _steps(connection: Connection, pending: Sequence[str]) -> Trial:
    step = pending[0]
    try:
        async with _undone(connection):
            cursor = await connection.execute("select pg_try_advisory_xact_lock(%s)", (LEASE_LOCK,))
            if await cursor.fetchone() != (True,):
                return Trial(untried="a service writes to this database now")
            for step in pending:
                await take_step(connection, step)
    except psycopg.Error as fault:
        if connection.closed or is_slow(fault):
            return Trial(untried=f"{step} takes longer than a trial may")
        return Trial(refused=Refused(step=step, why=told(fault), exists=fault.sqlstate in _EXISTS))
    return Trial()


@asynccontextmanager
async def _undone(connection: Connection) -> AsyncIterator[None]:
    async with connection.transaction(force_rollback=True):
        await connection.execute(_LIMITS)
        yield
