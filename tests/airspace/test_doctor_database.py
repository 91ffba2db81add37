"""What keeps a database from being written to or migrated: the service waits for it, and the doctor names it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from airspace.app import Finding, State
from airspace.app.doctor import database
from airspace.model.ports import StoreUnavailable
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.store import trial
from airspace.store.database import connect
from airspace.store.inspection import inspect
from airspace.store.lease import LEASE_LOCK
from airspace.store.migrate import migrate
from airspace.store.rights import RIGHTS
from airspace.store.writer import Store
from tests.airspace.store_examples import START_S, STATISTICS, detections, heard
from tests.servers.postgres import dump, scalar

LAST = max(file.name for file in (files("airspace.store") / "migrations").iterdir())
SERVICE = "doctor_service"


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def migrated(url: str) -> None:
    async def make() -> None:
        async with await connect(url) as connection:
            await migrate(connection)

    asyncio.run(make())


def looked(url: str) -> dict[str, Finding]:
    found = database.database(config.Database(url=url), wall_clock)
    assert len({finding.part for finding in found}) == len(found)
    return {finding.part: finding for finding in found}


def works(url: str) -> bool:
    """What the service does: connect, take what waits, commit."""

    async def commit() -> None:
        async with Store.open(url, STATISTICS) as store:
            await store.commit(heard(detections(3), tick_s=START_S))

    try:
        asyncio.run(commit())
    except StoreUnavailable:
        return False
    return True


@pytest.fixture
def served(empty_url: str) -> Iterator[str]:
    """A migrated database as a user sees it who has each right that the service needs, and no more."""
    migrated(empty_url)
    run(
        empty_url,
        f"drop role if exists {SERVICE}",
        f"create role {SERVICE} login",
        f"grant create on schema public to {SERVICE}",
        *(f"grant {', '.join(sorted(rights))} on {table} to {SERVICE}" for table, rights in RIGHTS.items()),
    )
    try:
        yield f"{empty_url} options='-c role={SERVICE}'"
    finally:
        run(empty_url, f"drop owned by {SERVICE}", f"drop role {SERVICE}")


def test_the_rights_named_are_enough_and_the_doctor_is_content(served: str, empty_url: str) -> None:
    before = dump(empty_url)
    assert looked(served)["database"].state is State.OK
    assert looked(served)["schema"].state is State.OK
    assert dump(empty_url) == before, "nothing is changed"
    assert works(served)


@pytest.mark.parametrize("right", ["insert on detection", "update on daily_statistics", "update on service_tick"])
def test_a_right_that_was_revoked_is_named(served: str, empty_url: str, right: str) -> None:
    run(empty_url, f"revoke {right} from {SERVICE}")
    found = looked(served)["database"]
    assert (found.state, found.text.endswith(f"this user lacks {right}")) == (State.FAIL, True), found
    assert not works(served)


@pytest.mark.parametrize(
    ("revoke", "says"),
    [
        (f"revoke create on schema public from {SERVICE}", "create on schema public"),
        ("revoke temporary on database {name} from public", "temporary on the database"),
        (f"revoke select on flight_count from {SERVICE}", "select on flight_count"),
        (f"revoke select, insert on alert, outbox from {SERVICE}", "insert on outbox"),
        (f"revoke all on all tables in schema public from {SERVICE}; grant select on migration to {SERVICE}", "more"),
    ],
)
def test_other_rights_that_are_missing(served: str, empty_url: str, revoke: str, says: str) -> None:
    run(empty_url, revoke.format(name=scalar(empty_url, "select current_database()")))
    found = looked(served)["database"]
    assert (found.state, says in found.text) == (State.FAIL, True), found
    assert not works(served) or "on alert" in revoke or "flight_count" in revoke, "no alert or flight is committed here"


def test_the_rights_are_those_of_the_statements() -> None:
    written: dict[str, set[str]] = {}
    for path in sorted((Path(database.__file__).parents[2] / "store").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for table in re.findall(r"\bdelete from (\w+)", text):
            written.setdefault(table, set()).add("delete")
        for table in re.findall(r"\bupdate (\w+)(?: as \w+)? set", text):
            written.setdefault(table, set()).add("update")
        for table, rest in re.findall(r"\binsert into (\w+)((?:(?!insert into).)*)", text, re.DOTALL):
            written.setdefault(table, set()).add("insert")
            if re.match(r"(?:(?!do nothing|\n\n|\"\"\").)*do update", rest, re.DOTALL):
                written[table].add("update")
    written.pop("migration")  # tried by the trial of what waits
    assert {table: rights - {"select"} for table, rights in RIGHTS.items() if rights != {"select"}} == written


@pytest.mark.parametrize("whom", ["database {name}", "role all"])
def test_a_database_that_is_read_only(empty_url: str, whom: str) -> None:
    migrated(empty_url)
    named = whom.format(name=scalar(empty_url, "select current_database()"))
    run(empty_url, f"alter {named} set default_transaction_read_only = on")
    try:
        found = looked(empty_url)["database"]
        assert (found.state, "read-only" in found.text) == (State.FAIL, True)
        assert "reset default_transaction_read_only" in str(found.remedy)
        assert not works(empty_url)
    finally:
        run(empty_url, "set default_transaction_read_only = off", f"alter {named} reset default_transaction_read_only")


def test_a_database_without_room(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrated(empty_url)
    full = (
        "do $$ begin raise exception 'could not extend file \"base/1/2\": No space left on device'"
        " using errcode = 'disk_full'; end $$"
    )
    monkeypatch.setattr(trial, "_MEBIBYTE", full)
    found = looked(empty_url)["database"]
    assert (found.state, "No space left on device" in found.text) == (State.FAIL, True)


def test_steps_of_a_newer_version(empty_url: str) -> None:
    migrated(empty_url)
    run(empty_url, "insert into migration (name) values ('9999_future.sql')")
    found = looked(empty_url)["schema"]
    assert (found.state, found.text) == (State.WARN, "of a newer version: 9999_future.sql")
    assert "Run that version again" in str(found.remedy)


@contextmanager
def _lease_taken(url: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (LEASE_LOCK,))
        yield


@pytest.mark.parametrize("beside", [None, _lease_taken])
def test_a_step_whose_record_is_missing_though_its_tables_are_there(
    empty_url: str, beside: Callable[[str], AbstractContextManager[None]] | None
) -> None:
    migrated(empty_url)
    run(empty_url, f"delete from migration where name = '{LAST}'")
    with ExitStack() as stack:
        if beside is not None:
            stack.enter_context(beside(empty_url))
        found = looked(empty_url)["schema"]
    assert found.state is State.FAIL
    assert "clock_offset" in found.text
    assert f"insert into migration (name) values ('{LAST}')" in str(found.remedy)
    assert not works(empty_url)
    run(empty_url, f"insert into migration (name) values ('{LAST}')")
    assert looked(empty_url)["schema"].state is State.OK
    assert works(empty_url)


def test_a_step_whose_columns_are_there_already(empty_url: str) -> None:
    migrated(empty_url)
    run(empty_url, "delete from migration where name = '0007_directions.sql'")
    found = looked(empty_url)["schema"]
    assert (found.state, "sensor_latitude_deg" in found.text) == (State.FAIL, True)


def test_what_waits_can_be_taken_and_was_not(empty_url: str) -> None:
    migrated(empty_url)
    run(empty_url, f"delete from migration where name = '{LAST}'", "drop table clock_offset")
    found = looked(empty_url)["schema"]
    assert (found.state, found.text) == (State.WARN, "1 migration waits")
    assert scalar(empty_url, "select to_regclass('clock_offset')") is None, "tried, and rolled back"
    with _lease_taken(empty_url):
        found = looked(empty_url)["schema"]
    assert (found.state, "not tried: a service writes" in found.text) == (State.WARN, True)


def test_a_table_that_is_locked_is_not_waited_for_and_no_fault(empty_url: str) -> None:
    migrated(empty_url)
    run(empty_url, "delete from migration where name = '0007_directions.sql'")
    run(empty_url, "alter table detection drop column bearing_deg")
    with psycopg.connect(empty_url) as other:
        other.execute("lock table detection in access share mode")
        found = looked(empty_url)["schema"]
    assert (found.state, "takes longer than a trial may" in found.text) == (State.WARN, True)


async def test_a_trial_keeps_no_writer_waiting(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store, await connect(empty_url) as connection:
        async with trial._undone(connection):
            await connection.execute(trial._MEBIBYTE.encode())
            stored = await store.commit(heard(detections(3), tick_s=START_S))
        assert stored.detections == 3
        assert not (await inspect(connection)).pending
