"""The database: does it answer, may it be written to, is there room, does its clock agree?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from airspace.app import parts
from airspace.app.doctor.files import room
from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.app.doctor.schema import schema
from airspace.model.health import TROUBLES, Trouble
from airspace.model.ports import StoreUnavailable
from airspace.service import config
from airspace.service.clock import Clock
from airspace.store.database import ANSWER_TIMEOUT_S, answering, connect, unavailability
from airspace.store.inspection import Inspection, inspect, seconds
from airspace.store.trial import Trial, attempt

OLDEST_MAJOR: Final = 15
SKEW_S: Final = 2.0
WRONG_S: Final = 60.0  # a day's statistics and every receive time would be wrong
_BARRED: Final = "the database cannot be written to now"
NAMED: Final = 5  # rights that are missing
_REFUSES: Final = TROUBLES[Trouble.DATABASE_REFUSES].do
_ROOM: Final = "make room where this database's files lie; the service goes on by itself"
_WRITABLE: Final = (
    "find who set it (a host does so when its disk is full), then: alter system (or database, or role) reset"
    " default_transaction_read_only; select pg_reload_conf()"
)
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
        embedded = settings.folder is not None and not settings.url
        refuses = isinstance(error, StoreUnavailable) and error.refuses
        remedy = _EMBEDDED if embedded else _REFUSES if refuses else _START
        return [fail("database", " ".join(str(error).split()), remedy, server=True)]
    return found if settings.folder is None or settings.url else [*found, room("disk", Path(settings.folder))]


async def _of_server(url: str, clock: Clock) -> list[Finding]:
    with unavailability():
        connection = await connect(url)
        async with connection:
            with answering(connection, ANSWER_TIMEOUT_S):
                found = await inspect(connection)
                before_s = clock()
                theirs_s = await seconds(connection)
                ours_s = (before_s + clock()) / 2
            barred = found.read_only or found.lacking
            tried = Trial(untried=_BARRED) if barred else await attempt(connection, found.pending)
    return [_server(found, tried), *schema(found, tried), _clock(theirs_s - ours_s)]


def _server(found: Inspection, tried: Trial) -> Finding:
    text = f"PostgreSQL {found.version}, {found.size_bytes / (1 << 20):.0f} MiB"
    if found.major < OLDEST_MAJOR:
        return fail("database", text, f"PostgreSQL {OLDEST_MAJOR} or newer is needed")
    if found.standby:
        return fail("database", f"{text}, a stand-by that cannot be written to", "name the primary in database.url")
    if found.read_only:
        return fail("database", f"{text}, read-only: nothing can be stored (default_transaction_read_only)", _WRITABLE)
    if found.lacking:
        return fail("database", f"{text}, {_named(found.lacking)}", "as the tables' owner: grant what is missing")
    if tried.refused is not None and tried.refused.step is None:
        return fail("database", f"{text}, takes no more: {tried.refused.why}", _ROOM)
    return ok("database", text)


def _named(rights: tuple[str, ...]) -> str:
    more = len(rights) - NAMED
    return f"this user lacks {', '.join(rights[:NAMED])}" + (f" and {more} more rights" if more > 0 else "")


def _clock(skew_s: float) -> Finding:
    text = f"the database's is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} ours"
    if abs(skew_s) < SKEW_S:
        return ok("clock", text)
    remedy = "run a time service (chrony, systemd-timesyncd) on both machines"
    return fail("clock", text, remedy) if abs(skew_s) >= WRONG_S else warn("clock", text, remedy)
