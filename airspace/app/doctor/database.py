"""The database: does it answer, is it new enough, what waits to be migrated, is there room, does its clock agree?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from airspace.app import parts
from airspace.app.doctor.files import room
from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.model.ports import StoreUnavailable
from airspace.model.text import counted
from airspace.service import config
from airspace.service.clock import Clock
from airspace.store.database import connect, unavailability
from airspace.store.inspection import Inspection, inspect, seconds
from airspace.store.readers import MAKE_ROLE, ROLE

OLDEST_MAJOR: Final = 15
SKEW_S: Final = 2.0
WRONG_S: Final = 60.0  # a day's statistics and every receive time would be wrong
_START: Final = "start the server, or mend database.url: host, port, name, user, password"
_EMBEDDED: Final = "let it recover, as the service does; else look into the file log in its folder"


def database(settings: config.Database, clock: Clock) -> list[Finding]:
    """Everything of the database. The embedded one is started for it, if its folder is there."""
    if settings.folder is not None and parts.holds_none(settings):
        folder = Path(settings.folder)
        remedy = f"if it should be there already, look at the path; else: mkdir -p {folder.parent}"
        return [warn("database", f"{folder} holds none yet: the first start makes one", remedy)]
    try:
        with parts.database(settings, make=False) as url:
            found = asyncio.run(_of_server(url, clock))
    except config.ConfigError as error:
        return [fail("database", str(error), "set database.url, url_env or folder")]
    except (StoreUnavailable, OSError) as error:
        remedy = _EMBEDDED if settings.folder is not None and not settings.url else _START
        return [fail("database", " ".join(str(error).split()), remedy, server=True)]
    return found if settings.folder is None or settings.url else [*found, room("disk", Path(settings.folder))]


async def _of_server(url: str, clock: Clock) -> list[Finding]:
    with unavailability():
        connection = await connect(url)
    async with connection:
        found = await inspect(connection)
        before_s = clock()
        theirs_s = await seconds(connection)
        ours_s = (before_s + clock()) / 2
    return [_server(found), *_schema(found), _clock(theirs_s - ours_s)]


def _server(found: Inspection) -> Finding:
    text = f"PostgreSQL {found.version}, {found.size_bytes / (1 << 20):.0f} MiB"
    if found.major < OLDEST_MAJOR:
        return fail("database", text, f"PostgreSQL {OLDEST_MAJOR} or newer is needed")
    if found.read_only:
        return fail("database", f"{text}, a stand-by that cannot be written to", "name the primary in database.url")
    return ok("database", text)


def _schema(found: Inspection) -> Iterator[Finding]:
    waiting = counted(len(found.pending), "migration waits", "migrations wait")
    if found.missing:
        yield _lacking(found.missing)
    elif not found.pending:
        yield ok("schema", "up to date")
    elif not found.may_create:
        yield fail(
            "schema",
            f"{waiting} ({found.pending[0]} ...), and this user may not create",
            "grant create on database and on schema public to the service's user",
        )
    else:
        yield warn(
            "schema",
            waiting,
            "nothing: the next start of the service takes what waits",
        )
    if not found.pending and not found.readers:
        yield warn(
            "statistics",
            f"role {ROLE} is not there or may not read them, and this user may not change that: Grafana has no login",
            f"as administrator: {MAKE_ROLE}; the next start of the service grants the rest",
        )
    if found.timescale is not None:
        edition = "Community" if found.timescale_license == "timescale" else "Apache"
        kept = "detection is a hypertable" if found.hypertable else "detection becomes a hypertable at the next start"
        yield ok("timescaledb", f"{found.timescale}, {edition} edition, {kept}")
    elif found.timescale_offered:
        yield warn(
            "timescaledb", "installed, not in use", "put it into shared_preload_libraries, or leave it: plain serves"
        )
    else:
        yield ok("timescaledb", "not there: plain tables serve, old rows go by delete instead of by chunk")


def _lacking(missing: tuple[str, ...]) -> Finding:
    """Migrations are taken once: a table that was dropped is not made again by a start."""
    what = "table" if len(missing) == 1 else "tables"
    return fail(
        "schema",
        f"{what} {', '.join(missing)} missing, though the migrations that make it were taken",
        "restore a whole backup; or start anew, and all stored data is lost: drop schema public cascade;"
        " create schema public;",
    )


def _clock(skew_s: float) -> Finding:
    text = f"the database's is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} ours"
    if abs(skew_s) < SKEW_S:
        return ok("clock", text)
    remedy = "run a time service (chrony, systemd-timesyncd) on both machines"
    return fail("clock", text, remedy) if abs(skew_s) >= WRONG_S else warn("clock", text, remedy)
