"""The tables: whose version they are of, and whether the next start can take what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.model.health import TROUBLES, Trouble
from airspace.model.text import counted
from airspace.store.inspection import Inspection
from airspace.store.readers import MAKE_ROLE, ROLE
from airspace.store.trial import Trial

_CREATE: Final = "grant create on database and on schema public to the service's user"
_AGAIN: Final = "nothing: the next start of the service takes what waits"
_RECORD: Final = (
    "restore a whole backup; or, if all that this step makes is there, write the record that is missing:"
    " insert into migration (name) values ('{}');"
)


def schema(found: Inspection, tried: Trial) -> Iterator[Finding]:
    """Tables and views, the role that reads statistics, and how detections are kept."""
    if found.missing:
        yield _lacking(found.missing)
    elif found.newer:
        meaning = TROUBLES[Trouble.DATABASE_NEWER]
        yield warn("schema", f"of a newer version: {', '.join(found.newer)}", meaning.do)
    if found.pending and not found.missing:
        yield _waiting(found, tried)
    elif not found.missing and not found.newer:
        yield ok("schema", "up to date")
    yield from _statistics(found)
    yield _timescale(found)


def _waiting(found: Inspection, tried: Trial) -> Finding:
    """Migrations that wait: as the trial of them ended."""
    waiting = counted(len(found.pending), "migration waits", "migrations wait")
    if not found.may_create:
        text = f"{waiting} ({found.pending[0]} ...), and this user may not create"
        return fail("schema", text, _CREATE)
    refused = tried.refused
    if refused is not None and refused.step is not None:
        text = f"{waiting}, and the next start cannot take {refused.step}: {refused.why}"
        remedy = _RECORD.format(refused.step) if refused.exists else TROUBLES[Trouble.DATABASE_REFUSES].do
        return fail("schema", text, remedy)
    if found.made:
        text = f"{waiting}, though {', '.join(found.made)} of them is there already: the next start cannot take them"
        return fail("schema", text, _RECORD.format(found.pending[0]))
    if tried.untried is not None:
        text = f"{waiting}; not tried: {tried.untried}"
        return warn("schema", text, "restart the service while somebody watches: it takes what waits, or says why not")
    return warn("schema", waiting, _AGAIN)


def _statistics(found: Inspection) -> Iterator[Finding]:
    if not found.pending and not found.readers:
        yield warn(
            "statistics",
            f"role {ROLE} is not there or may not read them, and this user may not change that: Grafana has no login",
            f"as administrator: {MAKE_ROLE}; the next start of the service grants the rest",
        )


def _timescale(found: Inspection) -> Finding:
    if found.timescale is not None:
        edition = "Community" if found.timescale_license == "timescale" else "Apache"
        kept = "detection is a hypertable" if found.hypertable else "detection becomes a hypertable at the next start"
        return ok("timescaledb", f"{found.timescale}, {edition} edition, {kept}")
    if found.timescale_offered:
        remedy = "put it into shared_preload_libraries, or leave it: plain serves"
        return warn("timescaledb", "installed, not in use", remedy)
    return ok("timescaledb", "not there: plain tables serve, old rows go by delete instead of by chunk")


def _lacking(missing: tuple[str, ...]) -> Finding:
    """Migrations are taken once: a table that was dropped is not made again by a start."""
    what = "table" if len(missing) == 1 else "tables"
    return fail(
        "schema",
        f"{what} {', '.join(missing)} missing, though the migrations that make it were taken",
        "restore a whole backup; or start anew, and all stored data is lost: drop schema public cascade;"
        " create schema public;",
    )
