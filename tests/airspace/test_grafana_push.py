"""``airspace dashboards push`` against a recorder and real databases: what login Grafana may have, and how it ends."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner, Result

from airspace.__main__ import cli
from airspace.app import grafana
from airspace.service import config
from airspace.store import readers
from airspace.store.database import connect
from tests.servers.grafana import EDITOR, Recorder, recording

VARIABLE = "AIRSPACE_GRAFANA_DATABASE_URL"
PASSWORD = "a-secret-of-the-tests"


@contextmanager
def login(url: str, options: str = "", *statements: str) -> Iterator[str]:
    """A login on the server, with what the statements give it; gone afterwards."""
    name = f"reader_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create role {name} login password '{PASSWORD}' {options}".encode())
        try:
            for statement in statements:
                connection.execute(statement.format(name=name).encode())
            yield name
        finally:
            connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


async def faults(url: str, name: str) -> list[str]:
    async with await connect(url) as connection:
        return await readers.faults(connection, name)


async def test_a_member_of_the_role_may_be_grafanas(url: str) -> None:
    with login(url, f"in role {readers.ROLE}") as name:
        assert await faults(url, name) == []
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"set session authorization {name}".encode())
            assert connection.execute("select count(*) from statistics.daily").fetchone() == (0,)


@pytest.mark.parametrize(
    ("options", "statements", "says"),
    [
        ("superuser", [], "is a superuser"),
        ("createrole", [], "may make roles"),
        ("createdb", [], "may make databases"),
        ("replication", [], "may replicate"),
        ("in role pg_read_all_data", [], "may act as pg_read_all_data"),
        ("in role pg_read_all_data", [], "may read"),
        ("noinherit in role pg_execute_server_program", [], "may act as pg_execute_server_program"),
        ("in role pg_write_all_data", [], "may change"),
        ("", ["grant select on detection to {name}"], "may read public.detection"),
        ("", ["grant select (uas_id) on detection to {name}"], "may read public.detection"),
        ("", ["grant select on alert to {name}"], "may read public.alert"),
        ("", ["grant insert on daily_statistics to {name}"], "may change public.daily_statistics"),
        ("", ["grant update (state) on alert to {name}"], "may change public.alert"),
        ("", ["grant truncate on outbox to {name}"], "may change public.outbox"),
        ("", ["grant usage on sequence outbox_id_seq to {name}"], "may change public.outbox_id_seq"),
        ("", ["grant create on schema public to {name}"], "may create in schema public"),
        ("", ["grant create on schema statistics to {name}"], "may create in schema statistics"),
        ("", ["create table theirs (a int)", "alter table theirs owner to {name}"], "may act as owner"),
    ],
)
async def test_a_login_that_may_more_is_refused(url: str, options: str, statements: list[str], says: str) -> None:
    group = f"{options}, {readers.ROLE}" if "in role" in options else f"{options} in role {readers.ROLE}"
    with login(url, group, *statements) as name:
        assert [fault for fault in await faults(url, name) if says in fault], await faults(url, name)


async def test_what_everybody_may_is_what_the_login_may(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection, login(url, f"in role {readers.ROLE}") as name:
        connection.execute("grant create on schema public to public")  # as databases before PostgreSQL 15 have it
        try:
            assert await faults(url, name) == ["may create in schema public"]
        finally:
            connection.execute("revoke create on schema public from public")


async def test_a_login_that_sees_nothing_or_is_not_there_is_refused(url: str, empty_url: str) -> None:
    with login(url) as name:
        assert "may not read the statistics" in (await faults(url, name))[0]
        assert "finds no statistics" in (await faults(empty_url, name))[0]
    assert await faults(url, "no_such_login") == ["is not there"]


async def test_the_role_is_granted_again_where_an_administrator_made_it(url: str) -> None:
    async with await connect(url) as connection:
        assert await readers.admit(connection) is False
        await connection.execute(f"revoke usage on schema statistics from {readers.ROLE}".encode())
        assert await readers.are_admitted(connection) is False
        assert await readers.admit(connection) is True
        assert await readers.are_admitted(connection) is True


async def test_a_user_who_may_make_no_roles_goes_without(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service starts all the same; the doctor tells of it."""
    monkeypatch.setattr(readers, "ROLE", "no_such_role_yet")
    monkeypatch.setattr(readers, "MAKE_ROLE", "create role no_such_role_yet nologin")
    monkeypatch.setattr(readers, "_ADMITTED", "select false")
    with login(url) as name:
        async with await connect(url) as connection:
            await connection.execute(f"set session authorization {name}".encode())
            assert await readers.admit(connection) is False


# the whole command


@pytest.fixture(name="served")
def a_database_over_tcp(server_url: str, url: str) -> str:
    if str(conninfo_to_dict(server_url).get("host", "/")).startswith("/"):
        pytest.skip("the embedded server has no port: Grafana cannot reach it, which the test below says")
    return url


def push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorder: Recorder, database: str, reach: str | None
) -> Result:
    if reach is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, reach)
    monkeypatch.setenv("AIRSPACE_GRAFANA_TOKEN", "token-of-the-tests")
    monkeypatch.setenv("AIRSPACE_TEST_SERVICE_URL", database)
    path = tmp_path / "airspace.toml"
    text = '[database]\nurl_env = "AIRSPACE_TEST_SERVICE_URL"\n[grafana]\nurl = "{}"\n'
    path.write_text(text.format(recorder.url or "http://127.0.0.1:9"))
    done = CliRunner().invoke(cli, ["dashboards", "push", "--config", str(path)])
    assert PASSWORD not in done.output
    assert "token-of-the-tests" not in done.output
    assert "Traceback" not in done.output
    return done


def reach(url: str, name: str, more: str = "") -> str:
    parts = conninfo_to_dict(url)
    return f"postgresql://{name}:{PASSWORD}@{parts['host']}:{parts['port']}/{parts['dbname']}{more}"


def test_without_a_login_of_its_own_nothing_is_pushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with recording() as recorder:
        done = push(tmp_path, monkeypatch, recorder, url, None)
        assert (done.exit_code, recorder.requests) == (1, [])
    (told,) = done.stderr.splitlines()
    assert VARIABLE in told
    assert readers.ROLE in told


def test_a_push_with_the_right_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: str) -> None:
    with recording() as recorder, login(served, f"in role {readers.ROLE}") as name:
        done = push(tmp_path, monkeypatch, recorder, served, reach(served, name))
        again = push(tmp_path, monkeypatch, recorder, served, reach(served, name))
    assert (done.exit_code, again.exit_code) == (0, 0), done.output
    assert done.stdout.splitlines()[:2] == ["folder airspace made", "data source air-postgres made"]
    assert again.stdout.splitlines()[:2] == ["folder airspace is there", "data source air-postgres renewed"]
    assert done.stdout.splitlines()[-1] == "data source air-postgres answers"
    source = recorder.kept["/datasources/uid/air-postgres"]
    assert (source["user"], source["jsonData"]["sslmode"]) == (name, "disable")  # as its connection was found to be
    assert "/dashboards/uid/air-daily" in recorder.kept


def test_the_services_own_login_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: str) -> None:
    with recording() as recorder:
        done = push(tmp_path, monkeypatch, recorder, served, served)
        assert (done.exit_code, recorder.requests) == (1, [])
    assert "superuser" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_wrong_password_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: str) -> None:
    with recording() as recorder:
        done = push(tmp_path, monkeypatch, recorder, served, reach(served, "nobody_at_all"))
        assert (done.exit_code, recorder.requests) == (1, [])
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_only_grafana_reaches_is_looked_at_as_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with recording() as recorder, login(url, f"in role {readers.ROLE}") as name:
        away = f"postgresql://{name}:{PASSWORD}@[::1]:1/airspace?connect_timeout=2"
        done = push(tmp_path, monkeypatch, recorder, url, away)
        assert done.exit_code == 0, done.output
        source = recorder.kept["/datasources/uid/air-postgres"]
        assert (source["url"], source["jsonData"]["sslmode"]) == ("[::1]:1", "require")
        with login(url, "superuser") as other:
            assert push(tmp_path, monkeypatch, recorder, url, away.replace(name, other)).exit_code == 1


@pytest.mark.parametrize(
    ("recorder", "code", "says"),
    [
        (Recorder(rights=EDITOR), 1, "needs role Admin"),
        (Recorder(rights=[]), 1, "needs role Admin"),
        (Recorder(version="9.5.2"), 1, "10.0.2 or newer is needed"),
        (Recorder(version="10.0.1-123pre"), 1, "10.0.2 or newer is needed"),
        (Recorder(faults={"*": "401"}), 1, "is its token right"),
        (Recorder(faults={"*": "sign-in page"}), 1, "is grafana.url right?"),
        (Recorder(faults={"*": "302"}), 1, "a redirect to /login"),
        (Recorder(faults={"*": "404 of a proxy"}), 1, "a proxy?"),
        (Recorder(faults={"*": "502"}), 3, "answered 502"),
        (Recorder(faults={"*": "half"}), 3, "Grafana"),
        (Recorder(faults={"POST /api/dashboards/db": "500, locked"}), 3, "database is locked"),
        (Recorder(source_health=(400, {"status": "ERROR", "message": "pq: no route"})), 3, "the panels are dead"),
        (Recorder(source_health=(200, {"status": "ERROR", "message": "refused"})), 3, "the panels are dead"),
        (None, 3, "cannot be reached"),
    ],
)
def test_how_a_push_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, recorder: Recorder | None, code: int, says: str
) -> None:
    with login(url, f"in role {readers.ROLE}") as name:
        away = f"postgresql://{name}:{PASSWORD}@127.0.0.1:1/airspace"
        if recorder is None:
            done = push(tmp_path, monkeypatch, Recorder(), url, away)
        else:
            with recording(recorder):
                done = push(tmp_path, monkeypatch, recorder, url, away)
    assert done.exit_code == code, done.output
    (told,) = done.stderr.splitlines()
    assert says in told


# how Grafana reaches it


def grafana_database(monkeypatch: pytest.MonkeyPatch, reach: str) -> None:
    monkeypatch.setenv(VARIABLE, reach)
    grafana.grafana_database(config.Settings(grafana=config.Grafana(url="http://127.0.0.1:9")))


@pytest.mark.parametrize(
    ("reach", "says"),
    [
        ("postgresql://u@h:99999/db", "port is not a number"),
        ("nonsense with a-secret-of-the-tests", "not a URL of a PostgreSQL database"),
        ("postgresql://u:a-secret-of-the-tests@h:port:port/db", "not a URL|port is not a number"),
        ("postgresql:///airspace?host=/run/postgresql&user=u", "Unix socket"),
        ("postgresql://u@/airspace", "host is missing"),
        ("postgresql://h/airspace", "user is missing"),
        ("postgresql://u@h", "dbname is missing"),
        ("postgresql://u@a,b/airspace", "several hosts"),
        ("postgresql://u@h/airspace?sslmode=sometimes", "sslmode 'sometimes'"),
        ("postgresql://u@h/airspace?sslrootcert=/no/such.pem", "/no/such.pem"),
        ("postgresql://u@127.0.0.1:1/airspace", "embedded"),
    ],
)
def test_what_grafana_cannot_use_is_refused(monkeypatch: pytest.MonkeyPatch, reach: str, says: str) -> None:
    with pytest.raises(config.ConfigError, match=says) as caught:
        grafana_database(monkeypatch, reach)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)
