"""The desk where notices are entered, revised, approved, cancelled and imported: life, store and the judge's book.

Every write is a step of ``geofences/notices/life.py`` with who and when; then the stored notices are read anew and
given to the judge, whose next tick weighs every flight by them. Notices of files in the configuration can be seen here,
and are changed in their file. Of a stored notice and one in a file with the same id, the stored one counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from airspace.app.notice_records import changes, content_digest, notice_of, record_of, sealed
from airspace.model.commit import Commit
from airspace.model.lines import notice_line
from airspace.model.message import Reject, RejectReason
from airspace.model.notice import Notice, NoticeConflict, NoticeRevision, NoticeState, UnreadNotice
from airspace.model.notice_document import notice_document, revision_line
from airspace.model.privacy import Mode, Privacy
from airspace.model.zone import Oddity
from airspace.service.clock import Clock
from airspace.store import notices as kept
from airspace.store.writer import Store
from geofences.formats import notices as notice_files
from geofences.notices import life
from geofences.notices.life import Step

DAY_S: Final = 86_400.0
BEHIND_S: Final = DAY_S  # a notice that ended longer ago says nothing about a flight of now
ENTERED: Final = "entered"  # the source of what was entered here
NEVER_USED: Final = (0, 0)  # the mark of a store in which no notice is, nor was
PEOPLES_STEPS: Final = frozenset({Step.APPROVE, Step.ACTIVATE, Step.END, Step.CANCEL})
_OURS: Final = frozenset(
    {"version", "created", "approved", "ended", "cancelled", "unread_serials"}
)  # kept by the desk, sent by nobody
_NAMING: Final = frozenset({"uas_serials", "unread_serials"})
_NEVER_REVISED: Final = _OURS | {"id", "state", "source", "reference", "details"}

log = structlog.get_logger("airspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of the entries of a file."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[Oddity, ...] = ()


class Desk:
    """The port ``NoticeDesk`` over a store. ``take`` puts stored notices in force, ``filed`` are those of files."""

    def __init__(
        self,
        store: Store,
        privacy: Privacy,
        clock: Clock,
        take: Callable[[Sequence[Notice]], Awaitable[None]],
        filed: Callable[[], Sequence[Notice]],
    ) -> None:
        self._store = store
        self._privacy = privacy
        self._clock = clock
        self._take = take
        self._filed = filed
        self._stored: dict[str, Notice] = {}
        self._mark = (-1, -1)
        self.unread: tuple[UnreadNotice, ...] = ()  # stored ones that cannot be read, when ``take`` is called
        self.used = False  # whether any notice is, or was, stored

    # what the service calls

    async def open(self) -> None:
        """Read what is stored; in mode ``statistics`` take out first what another mode left there."""
        if self._privacy.mode is Mode.STATISTICS:
            async with self._store.reading() as connection:
                for record in await kept.plain_ones(connection):
                    await kept.seal(connection, record_of(notice_of(record), self._privacy))
        await self.refresh()

    async def refresh(self) -> None:
        """What follows from time, and what others wrote since: for the periodic task."""
        now_s = self._clock()
        for notice in [each for each in self._stored.values() if life.due(each, now_s)]:
            await self._age(notice, now_s)
        async with self._store.reading() as connection:
            mark = await kept.mark(connection)
        if mark != self._mark:
            await self._reload()

    async def _age(self, notice: Notice, now_s: float) -> None:
        step = life.due(notice, now_s)
        if step is None:
            return
        try:
            await self._write(notice, life.advance(notice, step, now_s), step, life.BY_TIME, None, now_s)
        except NoticeConflict:  # somebody was faster: his version is read with the next mark
            log.info("notice changed meanwhile", notice=notice.notice_id)

    async def _reload(self) -> None:
        async with self._store.reading() as connection:
            mark = await kept.mark(connection)
            records = await kept.ending_after(connection, self._clock() - BEHIND_S)
        read = [(record, _readable(record)) for record in records]
        self._stored = {notice.notice_id: notice for _, notice in read if notice is not None}
        self._mark = mark
        self.unread = tuple(_unread(record) for record, notice in read if notice is None)
        self.used = mark != NEVER_USED
        await self._take(tuple(self._stored.values()))

    # the port

    async def list(
        self, states: Sequence[NoticeState], from_s: float | None, to_s: float | None
    ) -> list[dict[str, Any]]:
        """Notices whose time meets [from, to), stored ones and those of files, the earliest first."""
        from_s = self._clock() if from_s is None else from_s
        to_s = from_s + DAY_S if to_s is None else to_s
        async with self._store.reading() as connection:
            records = await kept.ending_after(connection, from_s)
        stored = [notice for notice in map(_readable, records) if notice is not None]
        told = {notice.notice_id for notice in stored}
        both = [*stored, *(notice for notice in self._filed() if notice.notice_id not in told)]
        found = [
            notice
            for notice in both
            if (not states or notice.state in states)
            and any(one.start_s < to_s and one.end_s > from_s for one in notice.volumes)
        ]
        return [notice_line(notice) for notice in sorted(found, key=lambda one: (one.start_s, one.notice_id))]

    async def show(self, notice_id: str) -> dict[str, Any]:
        """One notice whole, with its history."""
        async with self._store.reading() as connection:
            record = await kept.find(connection, notice_id)
            revisions = await kept.revisions(connection, notice_id)
        notice = self._filed_one(notice_id) if record is None else notice_of(record)
        if notice is None:
            raise KeyError(notice_id)
        return notice_line(notice) | {
            "notice": notice_document(sealed(notice, self._privacy)),
            "revisions": [revision_line(revision) for revision in revisions],
        }

    async def create(self, fields: dict[str, Any], by: str, note: str | None) -> dict[str, Any]:
        """A new notice, requested or approved."""
        _refuse(fields, _OURS)
        now_s = self._clock()
        remarks: list[str] = []
        entered = {"id": str(uuid.uuid4()), "state": NoticeState.REQUESTED.value, "source": ENTERED} | fields
        notice = replace(notice_files.read_entered(entered, ENTERED, remarks.append), version=1, created_s=now_s)
        if notice.state not in life.FIRST_STATES:
            raise ValueError(f"state: a notice begins as {' or '.join(sorted(life.FIRST_STATES))}")
        if notice.state is NoticeState.APPROVED:
            notice = replace(notice, approved_s=now_s)
        if self._filed_one(notice.notice_id) is not None:
            raise NoticeConflict(f"there is a notice {notice.notice_id} in a file already")
        await self._insert(notice, Step.CREATE, by, note, now_s)
        return await self._told(notice.notice_id) | {"remarks": remarks}

    async def revise(
        self, notice_id: str, version: int, fields: dict[str, Any], by: str, note: str | None
    ) -> dict[str, Any]:
        """Change the named fields of the notice that is at this version."""
        _refuse(fields, _NEVER_REVISED)
        now_s = self._clock()
        before = await self._stored_one(notice_id, version)
        remarks: list[str] = []
        entered = {name: value for name, value in notice_document(before).items() if name not in _NAMING} | fields
        read = notice_files.read_entered(entered, before.source, remarks.append)
        if "uas_serials" not in fields:
            read = replace(read, uas_serials=before.uas_serials, unread_serials=before.unread_serials)
        moved = life.advance(before, Step.REVISE, now_s)
        after = replace(read, version=moved.version, state=moved.state)
        if changes(before, sealed(after, self._privacy)):
            await self._write(before, after, Step.REVISE, by, note, now_s)
        return await self._told(notice_id) | {"remarks": remarks}

    async def step(
        self, notice_id: str, step: str, by: str, note: str | None, version: int | None = None
    ) -> dict[str, Any]:
        """Approve, activate, end or cancel it."""
        taken = Step(step)
        if taken not in PEOPLES_STEPS:
            raise ValueError(f"step: nobody can {taken} a notice")
        now_s = self._clock()
        before = await self._stored_one(notice_id, version)
        await self._write(before, life.advance(before, taken, now_s), taken, by, note, now_s)
        return await self._told(notice_id)

    # imports

    async def take_in(self, notices: Sequence[Notice], by: str) -> Imported:
        """Store what is new or changed; the same file again changes nothing. Its word counts, but undoes no end."""
        counts = {"new": 0, "changed": 0, "unchanged": 0}
        refused: list[Oddity] = []
        for notice in notices:
            try:
                counts[await self._take_one(notice, by)] += 1
            except ValueError as error:
                refused.append(Oddity(place=f"notice {notice.notice_id}", what=f"passed over: {error}"))
        await self._reload()
        return Imported(**counts, refused=tuple(refused))

    async def _take_one(self, notice: Notice, by: str) -> str:
        now_s, digest = self._clock(), content_digest(notice, self._privacy.key)
        async with self._store.reading() as connection:
            record = await kept.find(connection, notice.notice_id)
        if record is None:
            created_s = now_s if notice.created_s is None else notice.created_s
            await self._insert(replace(notice, created_s=created_s), Step.IMPORT, by, None, now_s, digest)
            return "new"
        if record.imported == digest:
            return "unchanged"
        before = notice_of(record)
        if not life.reachable(before.state, notice.state):
            raise ValueError(f"state: it is {before.state} here, the file says {notice.state}")
        (stamped,) = life.withdrawn([before], [notice], now_s)
        after = replace(
            stamped,
            version=before.version + 1,
            created_s=before.created_s if notice.created_s is None else notice.created_s,
            approved_s=before.approved_s if notice.approved_s is None else notice.approved_s,
        )
        await self._write(before, after, Step.IMPORT, by, None, now_s, digest)
        return "changed"

    async def quarantine(self, file: str, oddities: Sequence[Oddity]) -> None:
        """Count the entries that could not be read and keep what the mode lets be kept of them."""
        now_s = self._clock()
        rejects = tuple(
            Reject(reason=RejectReason.WRONG_TYPE, detail=one.what, place=f"{file} {one.place}", received_s=now_s)
            for one in oddities
        )
        await self._store.commit(Commit(rejects=rejects))

    # inside

    async def _stored_one(self, notice_id: str, version: int | None) -> Notice:
        async with self._store.reading() as connection:
            record = await kept.find(connection, notice_id)
        if record is None:
            if self._filed_one(notice_id) is not None:
                raise NoticeConflict(f"notice {notice_id} stands in a file: change it there")
            raise KeyError(notice_id)
        if version is not None and version != record.version:
            raise NoticeConflict(f"notice {notice_id} is at version {record.version}, not {version}")
        return notice_of(record)

    def _filed_one(self, notice_id: str) -> Notice | None:
        return next((notice for notice in self._filed() if notice.notice_id == notice_id), None)

    async def _insert(
        self, notice: Notice, step: Step, by: str, note: str | None, now_s: float, imported: bytes | None = None
    ) -> None:
        record = record_of(notice, self._privacy, imported)
        async with self._store.reading() as connection:
            await kept.insert(connection, record, _revision(notice, step, by, note, now_s, {}))

    async def _write(
        self,
        before: Notice,
        after: Notice,
        step: Step,
        by: str,
        note: str | None,
        now_s: float,
        imported: bytes | None = None,
    ) -> None:
        record = record_of(after, self._privacy, imported)
        revision = _revision(after, step, by, note, now_s, changes(before, sealed(after, self._privacy)))
        async with self._store.reading() as connection:
            await kept.update(connection, before.version, record, revision)

    async def _told(self, notice_id: str) -> dict[str, Any]:
        """After a write: in force, and as it stands."""
        await self._reload()
        return await self.show(notice_id)


def _readable(record: kept.NoticeRecord) -> Notice | None:
    """A record that cannot be read must not take the others down with it."""
    try:
        return notice_of(record)
    except ValueError as error:
        log.warning("stored notice cannot be read", notice=record.notice_id, error=str(error))
        return None


def _unread(record: kept.NoticeRecord) -> UnreadNotice:
    """Whose it is stands beside the document."""
    serials, notice_id = tuple(record.serials), record.notice_id
    return UnreadNotice(source="store", place=f"notice {notice_id}", notice_id=notice_id, uas_serials=serials)


def _revision(
    notice: Notice, step: Step, by: str, note: str | None, now_s: float, changed: dict[str, Any]
) -> NoticeRevision:
    return NoticeRevision(
        notice_id=notice.notice_id,
        version=notice.version,
        time_s=now_s,
        by=by,
        step=step.value,
        state=notice.state,
        changed=changed,
        note=note,
    )


def _refuse(fields: dict[str, Any], names: frozenset[str]) -> None:
    sent = sorted(names & fields.keys())
    if sent:
        raise ValueError(f"{sent[0]}: cannot be set here")
