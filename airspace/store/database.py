"""Connections to the database: one at a time, opened when needed, opened again when lost.

Everything that says "the server is not there" becomes ``StoreUnavailable``: whoever gets it tries the same again later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from airspace.model.ports import StoreUnavailable

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

CONNECT_TIMEOUT_S: Final = 5
LOCAL_ZONE: Final = "Europe/Amsterdam"  # of the statistics' days, definition v1
# Advisory locks, any two numbers. One writer at a time keeps the outbox in the order of its ids as readers see it
# (an id is taken before its commit), and roll-ups free of deadlocks.
MIGRATION_LOCK: Final = 7_303_014_101
WRITER_LOCK: Final = 7_303_014_102


@contextmanager
def unavailability() -> Iterator[None]:
    """Lost and refused connections, full disks and deadlocks as ``StoreUnavailable``."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
        raise StoreUnavailable(str(fault).strip() or type(fault).__name__) from fault


async def connect(url: str) -> Connection:
    """A connection that is not in a transaction until one is opened."""
    return await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)


async def lock_writing(connection: Connection) -> None:
    """Wait to be the one writer until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (WRITER_LOCK,))


class Link:
    """One connection for one user at a time. ``prepare`` is run on each new connection."""

    def __init__(self, url: str, prepare: str = "") -> None:
        self._url = url
        self._prepare = prepare
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Connection]:
        """The connection, alive as far as can be known; one left in mid-transaction is thrown away."""
        async with self._turn:
            with unavailability():
                connection = await self._alive()
                try:
                    yield connection
                finally:
                    if connection.info.transaction_status is not TransactionStatus.IDLE:
                        await connection.close()

    async def _alive(self) -> Connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        connection = await connect(self._url)
        if self._prepare:
            await connection.execute(self._prepare)
        self._connection = connection
        return connection

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
