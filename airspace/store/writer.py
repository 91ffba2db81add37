"""The one writer: a batch's outcome becomes durable in one transaction, or not at all.

A commit may come again (a lost connection says nothing about what was done): every part of it is stored once. What the
server will not take is found by halving the batch and put into quarantine, so that it holds up nobody else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Self

import numpy as np
import psycopg
from psycopg_pool import AsyncConnectionPool

from airspace.model.commit import Commit, Stored
from airspace.model.ports import StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.store import lease, statements
from airspace.store.database import (
    CONNECT_TIMEOUT_S,
    DATA_FAULTS,
    PREPARE_TIMEOUT_S,
    Connection,
    Link,
    answering,
    limit,
    lock_writing,
    unavailability,
)
from airspace.store.halves import halves, size, total
from airspace.store.migrate import migrate
from airspace.store.records import (
    alert_records,
    as_json,
    digest,
    flight_records,
    heartbeat_records,
    identity_records,
    joined_records,
    refusal,
    reject_records,
    violation_records,
)
from airspace.store.rows import RowShape, of_the_past, pseudonyms
from airspace.tracking.flights import GAP_S

READERS: Final = 4
READERS_LAST_S: Final = 300.0  # then a connection is made anew, wherever the address leads by then
READING_TIMEOUT_S: Final = 15.0
POOL_ENDS_S: Final = 1.0  # for connections that are being made, which are of no use any more
_NEAR: Final = timedelta(seconds=GAP_S + 2.0)  # the gap in whole seconds, at most
_NOTHING: Final = Stored(detections=0, repeated=0, alerts=0, rejects=0)


class Store:
    """A database of the present schema: ``commit`` writes, ``reading`` lends connections to functions that read."""

    def __init__(self, url: str, privacy: Privacy, *, leased: bool = False) -> None:
        self._privacy = privacy
        self._leased = leased
        self._shape = RowShape(privacy.mode)
        self._link = Link(url, self._prepare, lease.name() if leased else "airspace")
        self._insert = statements.store_detections(self._shape.insert)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            open=False,
            min_size=0,
            max_size=READERS,
            timeout=CONNECT_TIMEOUT_S,
            reconnect_timeout=CONNECT_TIMEOUT_S,
            kwargs={"autocommit": True, "connect_timeout": CONNECT_TIMEOUT_S, "application_name": "airspace reader"},
            max_lifetime=READERS_LAST_S,
            configure=limit,
            check=self._check_reader,
            connection_class=Connection,
        )
        self._writes = False  # whether the last commit was taken

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, privacy: Privacy) -> AsyncIterator[Self]:
        """A store of the present schema. Raises ``StoreUnavailable`` if the database does not answer."""
        async with cls.waiting(url, privacy, leased=False) as store:
            await store.ready()
            yield store

    @classmethod
    @asynccontextmanager
    async def waiting(cls, url: str, privacy: Privacy, *, leased: bool = True) -> AsyncIterator[Self]:
        """A store that connects when it is first used, and brings the schema up to date then.

        ``leased``: one such store writes to a database at a time; the others get ``StoreUnavailable``, ``taken``.
        """
        store = cls(url, privacy, leased=leased)
        await store._pool.open()
        try:
            yield store
        finally:
            await store._link.close()
            await store._pool.close(POOL_ENDS_S)

    async def ready(self) -> None:
        """Connect, take the lease and migrate now. ``StoreUnavailable`` if that cannot be done."""
        async with self._link.use(PREPARE_TIMEOUT_S):
            pass

    async def _prepare(self, connection: Connection) -> None:
        if self._leased:
            await lease.take(connection)
        await migrate(connection)
        await connection.execute(self._shape.create)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection that is not in a transaction, for statistics, reads and retention."""
        with unavailability():
            async with self._pool.connection() as connection:
                with answering(connection, READING_TIMEOUT_S):
                    yield connection

    async def _check_reader(self, connection: Connection) -> None:
        """Whether a connection still leads where the writer writes: after a failover it may be at the old server."""
        with answering(connection, CONNECT_TIMEOUT_S):
            cursor = await connection.execute("select current_setting('transaction_read_only')::boolean")
            found = await cursor.fetchone()
        if self._writes and found is not None and found[0]:
            await connection.close()
            raise psycopg.OperationalError("a server that takes nothing, while another one does")

    async def commit(self, commit: Commit) -> Stored:
        """Make it durable. On ``StoreUnavailable`` commit the same again."""
        if not size(commit) and commit.tick_s is None:
            return _NOTHING
        self._writes = False
        stored = await self._commit(commit)
        self._writes = True
        return stored

    async def _commit(self, commit: Commit) -> Stored:
        async with self._link.use() as connection:
            try:
                async with connection.transaction():
                    await lock_writing(connection)
                    return await self._write(connection, commit)
            except Exception as fault:
                if not _is_of_the_data(fault):
                    raise
            async with connection.transaction():
                await lock_writing(connection)
                return await self._sift(connection, commit)

    async def _sift(self, connection: Connection, commit: Commit) -> Stored:
        """Store what can be stored; each item that cannot becomes a refusal."""
        try:
            async with connection.transaction():  # a savepoint
                await connection.execute("truncate incoming")  # of the halves before, stored by now
                return await self._write(connection, commit)
        except Exception as fault:
            if not _is_of_the_data(fault) or not size(commit):
                raise
            if size(commit) == 1:
                return await self._write(connection, Commit(rejects=(refusal(commit, fault),)))
        first, second = halves(commit)
        return total(await self._sift(connection, first), await self._sift(connection, second))

    async def _write(self, connection: Connection, commit: Commit) -> Stored:
        pseudonym = pseudonyms(commit.detections, self._privacy)
        new = await self._detections(connection, commit, pseudonym)
        if commit.joined:
            await connection.execute(statements.JOINED, (as_json(joined_records(commit)),))
        await self._flights(connection, commit, pseudonym)
        if commit.tick_s is not None:
            await connection.execute(statements.TICK, (commit.tick_s,))
            if commit.clock_offset_s is not None:
                await connection.execute(statements.CLOCK_OFFSET, (commit.tick_s, commit.clock_offset_s))
        return Stored(
            detections=new,
            repeated=len(commit.detections) - new,
            alerts=await self._alerts(connection, commit),
            rejects=await self._intake(connection, commit),
        )

    async def _detections(self, connection: Connection, commit: Commit, pseudonym: list[str | None]) -> int:
        if not len(commit.detections):
            return 0
        async with connection.cursor() as cursor:
            rows = self._shape.rows(commit, pseudonym)
            async with cursor.copy(self._shape.copy) as copy:
                copy.set_types(self._shape.types)
                for row in rows:
                    await copy.write_row(row)
            new = await _count(await cursor.execute(self._insert))
        past = {pseudonym[row] for row in np.flatnonzero(of_the_past(commit.detections)).tolist()} - {None}
        if past:
            await connection.execute(statements.PAST_DUE, (sorted(past, key=str),))
        return new

    async def _flights(self, connection: Connection, commit: Commit, pseudonym: list[str | None]) -> None:
        told = await self._counted(connection, commit)
        heard = identity_records(commit, pseudonym, self._privacy)
        if heard:
            cursor = await connection.execute(statements.IDENTITIES, (as_json(heard),))
            told |= {flight_id for (flight_id,) in await cursor.fetchall()}
        if told:
            await connection.execute(statements.COUNT_SERIES, (sorted(told),))
            await connection.execute(statements.PAST_BESIDE, {"flights": sorted(told), "near": _NEAR})

    async def _counted(self, connection: Connection, commit: Commit) -> set[str]:
        """Flights and what they broke, and the day's figures with them; which flights there was news of."""
        flights, violations = flight_records(commit), violation_records(commit)
        news = {record["flight_id"] for record in flights + violations}
        wholes = await self._of_wholes(connection, news) if news else set()
        touched = sorted(news | wholes)
        if touched:
            await connection.execute(statements.COUNT_FLIGHTS, {"sign": -1, "flights": touched})
            if flights:
                await connection.execute(statements.FLIGHTS, (as_json(flights),))
            if violations:
                await connection.execute(statements.VIOLATIONS, (as_json(violations),))
            if wholes:
                await connection.execute(statements.SHOW, {"flights": sorted(wholes)})
            await connection.execute(statements.COUNT_FLIGHTS, {"sign": 1, "flights": touched})
        return {record["flight_id"] for record in flights} | wholes

    async def _of_wholes(self, connection: Connection, flights: set[str]) -> set[str]:
        cursor = await connection.execute(statements.OF_WHOLES, (sorted(flights),))
        return {flight_id for (flight_id,) in await cursor.fetchall()}

    async def _alerts(self, connection: Connection, commit: Commit) -> int:
        if not commit.alerts:
            return 0
        return await _count(await connection.execute(statements.ALERTS, (as_json(alert_records(commit)),)))

    async def _intake(self, connection: Connection, commit: Commit) -> int:
        if commit.heartbeats:
            await connection.execute(statements.HEARTBEATS, (as_json(heartbeat_records(commit)),))
        if not commit.rejects:
            return 0
        lot = (digest(commit.rejects, self._privacy.key),)
        first = await (await connection.execute(statements.NEW_LOT, lot)).fetchone()
        if first is None:  # this very commit, tried again
            return 0
        await connection.execute(statements.TRIM_LOTS, (first[0] - statements.REJECT_LOTS,))
        await connection.execute(statements.REJECTS, (as_json(reject_records(commit.rejects, self._privacy)),))
        await connection.execute(statements.TRIM_QUARANTINE)
        return len(commit.rejects)


def _is_of_the_data(fault: Exception) -> bool:
    """Whether the item is at fault: the server refuses it, or our own code cannot make a record of it."""
    return isinstance(fault, DATA_FAULTS) or not isinstance(fault, (psycopg.Error, OSError, StoreUnavailable))


async def _count(cursor: psycopg.AsyncCursor[tuple[int, ...]]) -> int:
    row = await cursor.fetchone()
    return row[0] if row else 0
