"""Connections to the database: one at a time, opened when needed, opened again when lost.

Everything that says "the server is not there" becomes ``StoreUnavailable``: whoever gets it tries the same again later.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

from airspace.model.ports import StoreUnavailable

CONNECT_TIMEOUT_S: Final = 5
PREPARE_TIMEOUT_S: Final = 600  # a migration of a large table takes minutes
CANCEL_WITHIN_S: Final = 2.0  # a server that lives ends a statement at once
ANSWER_TIMEOUT_S: Final = 15  # a transaction that takes longer is given up and tried again
_LIMITS: Final = (
    f"set statement_timeout = '{ANSWER_TIMEOUT_S - 3}s'; set lock_timeout = '10s';"
    " set idle_in_transaction_session_timeout = '60s';"
    # what the server itself watches of this link: else it keeps the session of a host that lost its power for two hours
    " set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
    f" set tcp_user_timeout = '{ANSWER_TIMEOUT_S}s'"
)
LOCAL_ZONE: Final = "Europe/Amsterdam"  # of the statistics' days, definition v1
# Advisory locks, any two numbers. One writer at a time keeps the outbox in the order of its ids as readers see it
# (an id is taken before its commit), and roll-ups free of deadlocks.
MIGRATION_LOCK: Final = 7_303_014_101
WRITER_LOCK: Final = 7_303_014_102


DATA_FAULTS: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    ValueError,
    TypeError,
    OverflowError,
)
"""What says that a value is at fault, not the server: refused by it, or not even fit to be sent."""
_SLOW: Final = frozenset({"55P03", "57014", "40P01", "40001"})  # a lock or a time limit, a deadlock, a conflict
SCHEMA_FAULTS: Final = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
    psycopg.InternalError,  # what this connection remembers of the tables is no longer true
)
"""What says that the tables are not ours any more: a database restored empty, or from an older state."""


@contextmanager
def unavailability() -> Iterator[None]:
    """Everything that is not the fault of the data as ``StoreUnavailable``: it is told, waited out and tried again.

    Lost, refused and silent connections, too many of them, wrong passwords, full disks, deadlocks and time limits, a
    server that became read-only, a right that was revoked, tables that are gone.
    """
    try:
        yield
    except DATA_FAULTS:
        raise
    except (psycopg.Error, OSError, TimeoutError) as fault:
        slow = is_slow(fault)
        raise StoreUnavailable(told(fault), refuses=not slow and _refuses(fault), slow=slow) from fault


def is_slow(fault: BaseException) -> bool:
    """Whether it was a lock, a time limit or a conflict: the same may work the next time."""
    return isinstance(fault, psycopg.Error) and fault.sqlstate in _SLOW


def _refuses(fault: BaseException) -> bool:
    """Whether a server answered and said no; connection exceptions (class 08), shutdown and start (57P) do not.

    A refused login comes without a state, only with the server's own line.
    """
    if not isinstance(fault, psycopg.Error):
        return False
    if fault.sqlstate is not None:
        return not fault.sqlstate.startswith(("08", "57P"))
    text = str(fault)
    return "FATAL:" in text and not any(words in text for words in ("starting up", "shutting down", "recovery mode"))


def told(fault: BaseException) -> str:
    """One line; of several only the first, since the others may quote a statement."""
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    lines = str(fault).strip().splitlines()
    return lines[0] if lines else type(fault).__name__


class Connection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """One that a cancellation ends soon, whatever the server does.

    Whoever is told to end while a statement runs has the library ask the server to give it up: five seconds for the
    asking, five for the statement, and only then does the cancellation go on. A server that hangs takes them all.
    """

    _given_up: asyncio.TimerHandle | None = None

    async def cancel_safe(self, *, timeout: float = CANCEL_WITHIN_S) -> None:  # noqa: ASYNC109 -- the library's
        """Ask; the link is cut when asking and giving up take longer than ``CANCEL_WITHIN_S``."""
        self._given_up = asyncio.get_running_loop().call_later(CANCEL_WITHIN_S, _cut, self)
        await super().cancel_safe(timeout=min(timeout, CANCEL_WITHIN_S))

    async def wait(self, gen: PQGen[RV], *limits: Any, **named_limits: Any) -> RV:
        """As the library does; what was in time is not cut."""
        try:
            return await super().wait(gen, *limits, **named_limits)
        finally:
            if self._given_up is not None:
                self._given_up.cancel()
                self._given_up = None


async def connect(url: str, name: str = "airspace") -> Connection:
    """A connection that is not in a transaction until one is opened. ``name`` is how the server lists it.

    ``tcp_user_timeout`` ends what a cut cable leaves behind.
    """
    return await Connection.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name=name,
        tcp_user_timeout=ANSWER_TIMEOUT_S * 1000,
        keepalives_idle=ANSWER_TIMEOUT_S,
        keepalives_interval=2,
        keepalives_count=3,
    )


async def limit(connection: Connection) -> None:
    """From here on no statement and no lock of this connection waits for ever."""
    await connection.execute(_LIMITS)


@contextmanager
def answering(connection: Connection, limit_s: float) -> Iterator[None]:
    """Cut the connection's socket when the body takes longer than ``limit_s``: its statement then fails as lost.

    A frozen server answers neither its time limits nor a cancellation, which the library would wait for.
    """
    timer = asyncio.get_running_loop().call_later(limit_s, _cut, connection)
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: Connection) -> None:
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as link:
        link.shutdown(socket.SHUT_RDWR)


async def lock_writing(connection: Connection) -> None:
    """Wait to be the one writer until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (WRITER_LOCK,))


class Link:
    """One connection for one user at a time. ``prepare`` is done on each new connection."""

    def __init__(self, url: str, prepare: Callable[[Connection], Awaitable[None]], name: str = "airspace") -> None:
        self._url = url
        self._prepare = prepare
        self._name = name
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def use(self, limit_s: float = ANSWER_TIMEOUT_S) -> AsyncIterator[Connection]:
        """The connection, alive as far as can be known, for at most ``limit_s`` seconds.

        One that is left in mid-transaction, or that finds other tables than ours, is thrown away: the next user gets a
        new one, prepared anew.
        """
        async with self._turn:
            with unavailability():
                connection = await self._alive()
                try:
                    with answering(connection, limit_s):
                        yield connection
                except SCHEMA_FAULTS:
                    await connection.close()
                    raise
                finally:
                    if connection.info.transaction_status is not TransactionStatus.IDLE:
                        await connection.close()

    async def _alive(self) -> Connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        connection = await connect(self._url, self._name)
        try:
            with answering(connection, PREPARE_TIMEOUT_S):
                await self._prepare(connection)
                await limit(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return connection

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
