"""Notices as the database keeps them: the present version of each, and every step that led there.

A write names the version that it changes; if somebody was faster it is refused, so that nobody overwrites what he has
not seen. What a record means (states, volumes) is not known here: it comes and goes as a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from airspace.model.notice import NoticeConflict, NoticeRevision, NoticeState
from airspace.store.database import Connection

MOST: Final = 100_000  # notices that are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRecord:
    """One notice as it is kept. ``plain``: ``serials`` are serial numbers, not pseudonyms."""

    notice_id: str
    version: int
    state: str
    starts_s: float
    ends_s: float
    plain: bool
    serials: list[str]
    document: dict[str, Any]
    imported: bytes | None = None


_COLUMNS: Final = (
    "notice_id, version, state, plain, serials, document, imported,"
    " extract(epoch from starts)::float8 as starts_s, extract(epoch from ends)::float8 as ends_s"
)
_INSERT: Final = (
    "insert into notice (notice_id, version, state, starts, ends, plain, serials, document, imported)"
    " values (%(notice_id)s, %(version)s, %(state)s, %(starts)s, %(ends)s, %(plain)s, %(serials)s, %(document)s,"
    " %(imported)s) on conflict (notice_id) do nothing"
)
_UPDATE: Final = (
    "update notice set version = %(version)s, state = %(state)s, starts = %(starts)s, ends = %(ends)s,"
    " plain = %(plain)s, serials = %(serials)s, document = %(document)s, imported = coalesce(%(imported)s, imported)"
    " where notice_id = %(notice_id)s and version = %(before)s"
)
_REVISION: Final = (
    "insert into notice_revision (notice_id, version, time, by, step, state, changed, note)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s)"
)


async def insert(connection: Connection, record: NoticeRecord, revision: NoticeRevision) -> None:
    """A new notice with its first step; ``NoticeConflict`` if there is one of this id."""
    async with connection.transaction():
        cursor = await connection.execute(_INSERT, _values(record))
        if cursor.rowcount == 0:
            raise NoticeConflict(f"there is a notice {record.notice_id} already")
        await _append(connection, revision)


async def update(connection: Connection, before: int, record: NoticeRecord, revision: NoticeRevision) -> None:
    """The next version of a notice that is at version ``before``, else ``NoticeConflict``."""
    async with connection.transaction():
        cursor = await connection.execute(_UPDATE, _values(record) | {"before": before})
        if cursor.rowcount == 0:
            raise NoticeConflict(f"notice {record.notice_id} is not at version {before} any more")
        await _append(connection, revision)


async def find(connection: Connection, notice_id: str) -> NoticeRecord | None:
    """One notice."""
    found = await _read(connection, "where notice_id = %s", (notice_id,))
    return found[0] if found else None


async def ending_after(connection: Connection, time_s: float) -> list[NoticeRecord]:
    """Notices of which some volume ends later, the earliest first."""
    return await _read(connection, "where ends > %s order by starts, notice_id limit %s", (_moment(time_s), MOST))


async def revisions(connection: Connection, notice_id: str) -> list[NoticeRevision]:
    """The history of a notice, oldest first."""
    cursor = await connection.execute(
        "select version, extract(epoch from time)::float8, by, step, state, changed, note"
        " from notice_revision where notice_id = %s order by id",
        (notice_id,),
    )
    return [
        NoticeRevision(
            notice_id=notice_id,
            version=version,
            time_s=time_s,
            by=by,
            step=step,
            state=NoticeState(state),
            changed=changed,
            note=note,
        )
        for version, time_s, by, step, state, changed, note in await cursor.fetchall()
    ]


async def mark(connection: Connection) -> tuple[int, int]:
    """Something that changes when any notice does: another process may have imported or forgotten some."""
    cursor = await connection.execute(
        "select (select coalesce(max(id), 0) from notice_revision), (select count(*) from notice)"
    )
    row = await cursor.fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


async def plain_ones(connection: Connection) -> list[NoticeRecord]:
    """Notices that were kept with serial numbers, under another mode than today's."""
    return await _read(connection, "where plain", ())


async def seal(connection: Connection, record: NoticeRecord) -> None:
    """Replace what names a person; the version stays, as nothing of the notice changed."""
    await connection.execute(
        "update notice set plain = false, serials = %s, document = %s where notice_id = %s",
        (record.serials, Jsonb(record.document), record.notice_id),
    )


async def _read(connection: Connection, which: str, values: Sequence[Any]) -> list[NoticeRecord]:
    async with connection.cursor(row_factory=class_row(NoticeRecord)) as cursor:
        await cursor.execute(f"select {_COLUMNS} from notice {which}".encode(), values)
        return await cursor.fetchall()


def _values(record: NoticeRecord) -> dict[str, Any]:
    return {
        "notice_id": record.notice_id,
        "version": record.version,
        "state": record.state,
        "starts": _moment(record.starts_s),
        "ends": _moment(record.ends_s),
        "plain": record.plain,
        "serials": record.serials,
        "document": Jsonb(record.document),
        "imported": record.imported,
    }


async def _append(connection: Connection, revision: NoticeRevision) -> None:
    values = (
        revision.notice_id,
        revision.version,
        _moment(revision.time_s),
        revision.by,
        revision.step,
        revision.state.value,
        Jsonb(revision.changed),
        revision.note,
    )
    await connection.execute(_REVISION, values)


def _moment(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)
