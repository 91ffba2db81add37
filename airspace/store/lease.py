"""Who writes to a database: one service at a time, as long as its writing connection lives.

A lock of the session, so that a killed service leaves nothing behind. The server looks every few seconds whether the
other end still lives, so that a host which lost its power blocks nobody either; a session of our own that a cut cable
left behind is ended. It does not hold through a pooler that deals out connections by transaction: give the service its
own.
"""

from __future__ import annotations

import os
import socket
from typing import Final

from airspace.model.ports import StoreUnavailable
from airspace.store.database import Connection

LEASE_LOCK: Final = 7_303_014_103
_NAME_LETTERS: Final = 60  # of the 63 bytes that the server keeps
_HOLDER: Final = (
    "select application_name, client_addr::text, backend_start, pid from pg_locks join pg_stat_activity using (pid)"
    " where locktype = 'advisory' and granted and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = %s"
    " and pg_locks.database = (select oid from pg_database where datname = current_database())"
)


def name() -> str:
    """What this service is listed as, so that another one can name it."""
    return f"airspace writer {socket.gethostname()} pid {os.getpid()}"[:_NAME_LETTERS]


async def take(connection: Connection) -> None:
    """Take the lease for this connection. ``StoreUnavailable`` names who has it."""
    cursor = await connection.execute("select pg_try_advisory_lock(%s)", (LEASE_LOCK,))
    row = await cursor.fetchone()
    if row is not None and row[0]:
        return
    held = await (await connection.execute(_HOLDER, (LEASE_LOCK,))).fetchone()
    if held is not None and held[0] == name():
        await connection.execute("select pg_terminate_backend(%s)", (held[3],))
        raise StoreUnavailable("our own former connection to the database has not ended yet")
    who = "" if held is None else f" ({held[0]}, since {held[2]:%Y-%m-%d %H:%M:%S%z}, server process {held[3]})"
    raise StoreUnavailable(f"another service writes to this database{who}", taken=True)
