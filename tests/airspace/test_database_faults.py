"""What is not the data's fault is waited out: each as ``StoreUnavailable``, and the same commit works afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from airspace.model.commit import Commit
from airspace.model.ports import StoreUnavailable
from airspace.store import database
from airspace.store.embedded import embedded, revive
from airspace.store.writer import Store
from tests.airspace.store_examples import START_S, STATISTICS, detections, heard
from tests.servers.postgres import rows, scalar

ROWS = heard(detections(3), tick_s=START_S)


async def committed(store: Store) -> bool:
    """Whether the commit works at last: a server needs a moment to see that a connection ended."""
    for _ in range(1000):
        with suppress(StoreUnavailable):
            await store.commit(ROWS)
            return True
    return False


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def stored(url: str) -> object:
    return scalar(url, "select count(*) from detection")


def name_of(url: str) -> str:
    return str(scalar(url, "select current_database()"))


BREAKS: dict[str, tuple[str, str, bool]] = {
    # what breaks it, what mends it, whether the server says no (else it is away)
    "read-only": (
        "alter database {name} set default_transaction_read_only = on",
        "alter database {name} reset default_transaction_read_only",
        True,
    ),
    "no connections allowed": (
        "update pg_database set datallowconn = false where datname = '{name}'",
        "update pg_database set datallowconn = true where datname = '{name}'",
        True,
    ),
    "renamed away": (
        "alter database {name} rename to {name}_away",
        "alter database {name}_away rename to {name}",
        True,
    ),
}


@pytest.mark.parametrize("what", BREAKS)
async def test_a_broken_database_is_waited_out(empty_url: str, server_url: str, what: str) -> None:
    breaking, mending, refuses = BREAKS[what]
    name = name_of(empty_url)
    cut = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
    async with Store.open(empty_url, STATISTICS) as store:
        run(server_url, cut, *breaking.format(name=name).split("; "))
        for _ in range(2):
            with pytest.raises(StoreUnavailable) as told:
                await store.commit(ROWS)
        assert told.value.refuses is refuses
        assert "\n" not in str(told.value)
        run(server_url, f"{cut}", *mending.format(name=name).split("; "))
        for _ in range(2):  # the first may still find the old connection
            with suppress(StoreUnavailable):
                await store.commit(ROWS)
    assert stored(empty_url) == 3


async def test_a_database_restored_empty_gets_its_tables_again(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store:
        await store.commit(ROWS)
        run(empty_url, "drop schema public cascade; create schema public")
        with pytest.raises(StoreUnavailable) as told:
            await store.commit(ROWS)
        assert told.value.refuses
        assert await committed(store)
    assert stored(empty_url) == 3


async def test_a_right_that_is_revoked_is_waited_out(empty_url: str, server_url: str) -> None:
    run(server_url, "drop role if exists storing", "create role storing login")
    name = name_of(empty_url)
    async with Store.open(empty_url, STATISTICS) as store:
        await store.ready()
    run(empty_url, f"grant all on database {name} to storing", "grant all on schema public to storing")
    run(
        empty_url,
        "grant all on all tables in schema public to storing",
        "grant all on all sequences in schema public to storing",
    )
    url = psycopg.conninfo.make_conninfo(empty_url, user="storing")
    store = Store(url, STATISTICS)
    try:
        run(empty_url, "revoke insert on detection from storing")
        with pytest.raises(StoreUnavailable, match="permission denied") as told:
            await store.commit(ROWS)
        assert told.value.refuses
        run(empty_url, "grant insert on detection to storing")
        assert (await store.commit(ROWS)).detections == 3
    finally:
        await store._link.close()
        run(empty_url, "drop owned by storing", "drop role storing")


async def test_a_lock_that_is_never_given_free_is_given_up(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LIMITS", "set lock_timeout = '100ms'")
    async with Store.open(empty_url, STATISTICS) as store:
        with psycopg.connect(empty_url) as other:
            other.execute("lock table detection in access exclusive mode")
            with pytest.raises(StoreUnavailable, match="lock timeout") as told:
                await store.commit(ROWS)
            assert (told.value.slow, told.value.refuses) == (True, False)
        assert (await store.commit(ROWS)).detections == 3


async def test_the_second_service_on_a_database_is_refused_by_name_and_takes_over_when_the_first_is_gone(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store.waiting(empty_url, STATISTICS) as one:
        await one.ready()
        monkeypatch.setattr(os, "getpid", lambda: 4711)  # as another process would be
        async with Store.waiting(empty_url, STATISTICS) as two:
            with pytest.raises(StoreUnavailable, match=r"another service writes to this database .*pid \d+") as told:
                await two.ready()
            assert told.value.taken
            with pytest.raises(StoreUnavailable):
                await two.commit(ROWS)
            assert (await one.commit(ROWS)).detections == 3
            await one._link.close()
            assert await committed(two)
            with pytest.raises(StoreUnavailable):
                await one.commit(ROWS)


async def test_a_session_of_our_own_that_a_cut_cable_left_behind_is_ended(empty_url: str) -> None:
    """The server still holds it, and its lock, while we have a new connection."""
    async with Store.waiting(empty_url, STATISTICS) as left_behind, Store.waiting(empty_url, STATISTICS) as again:
        await left_behind.ready()
        with pytest.raises(StoreUnavailable, match="our own former connection") as told:
            await again.ready()
        assert not told.value.taken
        assert await committed(again)


async def test_the_last_second_is_stored_and_never_goes_back(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store:
        await store.commit(Commit(tick_s=START_S + 10))
        await store.commit(Commit(tick_s=START_S + 9))
    assert scalar(empty_url, "select extract(epoch from time)::float8 from service_tick") == START_S + 10


async def test_a_clock_that_was_set_is_stored_once(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store:
        for _ in range(2):
            await store.commit(Commit(tick_s=START_S + 10, clock_offset_s=-3600.0))
        await store.commit(Commit(tick_s=START_S + 11))
    told = rows(empty_url, "select extract(epoch from time)::float8, offset_s from clock_offset")
    assert told == [(START_S + 10, -3600.0)]


async def test_a_reader_that_is_still_at_the_old_server_is_made_anew_once_the_writer_writes(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store:
        async with store.reading() as connection:
            old = connection.info.backend_pid
            await connection.execute("set default_transaction_read_only = on")  # as a server that was demoted
        async with store.reading() as connection:
            assert connection.info.backend_pid == old, "while nothing is written it is all there is"
        await store.commit(Commit(tick_s=START_S + 10))
        async with store.reading() as connection:
            assert connection.info.backend_pid != old


@pytest.fixture
def own_server() -> Iterator[Path]:
    """A folder for a server of this test alone, where another user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="airspace-test-"))
    yield folder / "pg"
    shutil.rmtree(folder)


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))


def each(process: psutil.Process, number: signal.Signals) -> None:
    for one in (process, *process.children(recursive=True)):
        one.send_signal(number)


async def test_a_killed_embedded_server_is_started_again_at_the_same_address(own_server: Path) -> None:
    with embedded(own_server) as url:
        async with Store.open(url, STATISTICS) as store:
            await store.commit(ROWS)
            assert not revive(own_server)
            killed = postmaster(own_server)
            killed.kill()
            psutil.wait_procs([killed], timeout=10)
            with pytest.raises(StoreUnavailable) as told:
                await store.commit(ROWS)
            assert not told.value.refuses
            _until(lambda: revive(own_server))
            assert await committed(store)
            assert stored(url) == 3


async def test_a_frozen_server_is_given_up_in_time(own_server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_TIMEOUT_S", 2)
    with embedded(own_server) as url:
        async with Store.open(url, STATISTICS) as store:
            each(postmaster(own_server), signal.SIGSTOP)
            try:
                with pytest.raises(StoreUnavailable):
                    async with store._link.use(0.3) as connection:
                        await connection.execute("select 1")
                with pytest.raises(StoreUnavailable):
                    await store.commit(ROWS)
            finally:
                each(postmaster(own_server), signal.SIGCONT)
            assert (await store.commit(ROWS)).detections == 3


@pytest.mark.parametrize("frozen", ["server", "session"])
@pytest.mark.parametrize("busy", ["commit", "reading", "idle reader"])
async def test_whoever_is_told_to_end_waits_for_no_frozen_server(
    own_server: Path, monkeypatch: pytest.MonkeyPatch, frozen: str, busy: str
) -> None:
    monkeypatch.setattr(database, "CANCEL_WITHIN_S", 0.2)
    with embedded(own_server) as url:
        async with Store.open(url, STATISTICS) as store:

            async def read() -> None:
                async with store.reading() as connection:
                    await connection.execute("select pg_backend_pid()" if busy == "idle reader" else "select 1")

            await read()
            server = postmaster(own_server)
            family = server.children(recursive=True)
            halted = [server, *family] if frozen == "server" else [one for one in family if "client" in one.name()]
            halted = halted or [one for one in family if "postgres" in " ".join(one.cmdline())]
            for one in halted:
                one.suspend()
            try:
                task = asyncio.create_task(store.commit(ROWS) if busy == "commit" else read())
                await asyncio.wait([task], timeout=0.3)
                task.cancel()
                await asyncio.wait([task], timeout=3.0)  # the library alone takes five or ten
                assert task.cancelled()
            finally:
                for one in halted:
                    one.resume()
            assert await committed(store)


def _until(works: Callable[[], bool]) -> None:
    """The children of a killed server take a moment to end: the service tries every two seconds, so does this."""
    for _ in range(20):
        try:
            if works():
                return
        except StoreUnavailable:
            continue
    pytest.fail("the server does not come back")
