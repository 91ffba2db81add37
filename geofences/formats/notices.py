"""Notices of flights: JSON with volumes in the shape of F3548-21, or a flat CSV.

JSON: a list, an object with ``notices``, or what notice_envelopes.py names; notice_json.py says what an entry holds.
CSV: one row a volume, see notice_csv.py. A broken entry or row is passed over and named with its place and field, and
whose it is is kept: its drone has a notice, if one that nobody can read. What was taken of a list's form, and what is
odd in a notice that is used, is said too.

There is no public interface of GoDrone; these two are what an operator can make by hand or export. F3548 states are
read as ours: Accepted is approved; Activated, Nonconforming and Contingent are active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from airspace.model.notice import Notice, UnreadNotice
from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.formats import notice_checks, notice_csv, notice_envelopes, notice_json, spreadsheet
from geofences.formats.notice_numbers import Numbers
from geofences.formats.notice_words import public

MAX_BYTES: Final = 16 << 20
MAX_NOTICES: Final = 100_000
_MAX_REMARKS: Final = 1_000
_DETAIL_LETTERS: Final = 300
_UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)

Entry = TypeVar("Entry")
Note = Callable[[str], None]


class NoticeFileError(ValueError):
    """A notice file of which nothing can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """The notices of one file; the entries of it that were passed over, and whose they are; what else is to be said."""

    notices: tuple[Notice, ...]
    oddities: tuple[Oddity, ...] = ()
    remarks: tuple[Oddity, ...] = ()
    unread: tuple[UnreadNotice, ...] = ()


def read(data: bytes, source: str) -> NoticeFile:
    """The notices of a JSON or CSV file. NoticeFileError when it is neither, or too large."""
    if len(data) > MAX_BYTES:
        raise NoticeFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        text, _ = spreadsheet.decoded(data)
        if text.lstrip()[:1] in {"[", "{"}:
            return _read_json(text, source)
        return _read_csv(data, source)
    except spreadsheet.NoSheet as error:
        raise NoticeFileError(f"{source}: {error}") from error


def read_one(document: dict[str, Any], source: str, note: Note = lambda _: None) -> Notice:
    """One notice that a person sent, or that was kept; ValueError names the field at fault, an unknown one too."""
    try:
        return notice_json.from_document(document, source, note)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def read_entered(document: dict[str, Any], source: str, note: Note) -> Notice:
    """One notice that a person sent: as ``read_one``, and no less is asked of it than of one in a file.

    ``note`` is told what was taken or is doubtful. A serial that cannot be read is an error: he can mend it at once.
    """
    notes: list[str] = []
    before = document.get("unread_serials") or 0
    notice = notice_checks.meant(read_one(document, source, notes.append))
    if notice.unread_serials > before:
        raise ValueError("; ".join(each for each in notes if each.startswith("serial:")))
    for told in (*notes, *(odd.what for odd in notice_checks.of([notice]))):
        note(_told(told))
    return notice


def _read_json(text: str, source: str) -> NoticeFile:
    try:
        document = msgspec.json.decode(text)
    except _UNREADABLE as error:
        document = _lines_of_json(text)
        if document is None:
            raise NoticeFileError(f"{source}: no list of notices: {error}") from error
    entries = _entries(document, source)
    places = [(f"notice {place}", entry) for place, entry in enumerate(entries, 1)]
    return _Reading(source).of(places, _from_json, _names_of_json, _newer)


def _lines_of_json(text: str) -> list[Any] | None:
    """One object a line."""
    try:
        return [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
    except _UNREADABLE:
        return None


def _entries(document: Any, source: str) -> list[Any]:
    if isinstance(document, list):
        return document
    listed = notice_envelopes.listed(document) if isinstance(document, dict) else None
    if listed is not None:
        return listed
    if isinstance(document, dict) and notice_envelopes.is_entry(document):
        return [document]
    raise NoticeFileError(f"{source}: no list of notices: none of {', '.join(notice_envelopes.LISTS)} stands in it")


def _from_json(entry: Any, source: str, note: Note) -> Notice:
    if not isinstance(entry, dict):
        raise ValueError("it is no object")  # noqa: TRY004 -- a fault of the file
    return notice_json.from_json(entry, source, note)


def _names_of_json(entry: Any) -> tuple[str | None, tuple[str, ...]]:
    return notice_json.names(entry) if isinstance(entry, dict) else (None, ())


def _read_csv(data: bytes, source: str) -> NoticeFile:
    sheet = spreadsheet.read(data, notice_csv.lacking, notice_csv.SPELLINGS)
    numbers = Numbers(commas_part=sheet.delimiter == ",", rows=[row.cells for row in sheet.rows])
    notes = [*sheet.notes, *(["numbers taken as having decimal commas"] if numbers.with_commas else [])]
    rows = [(f"line {row.line}", row) for row in sheet.rows]
    reading = _Reading(source, [Oddity(place=source, what=note) for note in notes])
    return reading.of(rows, partial(_from_row, numbers=numbers), lambda row: notice_csv.names(row.cells), _joined)


def _from_row(row: spreadsheet.Row, source: str, note: Note, *, numbers: Numbers) -> Notice:
    if row.fault is not None:
        raise ValueError(row.fault)
    return notice_csv.from_row(row.cells, source, numbers, note)


@dataclass(slots=True)
class _Reading:
    """One file on its way to notices."""

    source: str
    remarks: list[Oddity] = field(default_factory=list)
    notices: dict[str, Notice] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)
    unread: list[UnreadNotice] = field(default_factory=list)

    def of(
        self,
        entries: Iterable[tuple[str, Entry]],
        convert: Callable[[Entry, str, Note], Notice],
        names: Callable[[Entry], tuple[str | None, tuple[str, ...]]],
        join: Callable[[Notice, Notice, Note], Notice],
    ) -> NoticeFile:
        """Take each entry; what cannot be read stops no other."""
        for place, entry in entries:
            notes: list[str] = []
            try:
                notice = notice_checks.meant(convert(entry, self.source, notes.append))
                known = self.notices.get(notice.notice_id)
                self.notices[notice.notice_id] = notice if known is None else join(known, notice, notes.append)
                self.remarks.extend(Oddity(place=place, what=_told(note)) for note in notes)
            except (ValueError, RecursionError) as error:
                self._pass_over(place, names(entry), str(error))
        if len(self.notices) > MAX_NOTICES:
            raise NoticeFileError(f"{self.source}: {len(self.notices)} notices, at most {MAX_NOTICES} are read")
        notices = tuple(self.notices.values())
        self.remarks.extend(notice_checks.of(notices))
        return NoticeFile(
            notices=notices,
            oddities=tuple(self.oddities),
            remarks=_no_more_than(_MAX_REMARKS, self.remarks, self.source),
            unread=tuple(self.unread),
        )

    def _pass_over(self, place: str, names: tuple[str | None, tuple[str, ...]], why: str) -> None:
        notice_id, serials = names
        self.oddities.append(Oddity(place=place, what=f"passed over: {_told(why)}"))
        self.unread.append(UnreadNotice(source=self.source, place=place, notice_id=notice_id, uas_serials=serials))


def _told(what: str) -> str:
    return safe_text(public(what), _DETAIL_LETTERS) or ""


def _no_more_than(most: int, remarks: list[Oddity], source: str) -> tuple[Oddity, ...]:
    if len(remarks) <= most:
        return tuple(remarks)
    return (*remarks[:most], Oddity(place=source, what=f"and {len(remarks) - most} more remarks"))


def _newer(known: Notice, more: Notice, note: Note) -> Notice:
    """The same notice twice: the later version counts."""
    if known.version == more.version:
        raise ValueError(f"id: {known.notice_id} stands twice")
    newest = max(known, more, key=lambda each: each.version)
    note(f"id: {known.notice_id} stands twice: version {newest.version} counts")
    return newest


def _joined(known: Notice, more: Notice, _: Note) -> Notice:
    """Another row of a notice adds its volume."""
    if known.state is not more.state:
        raise ValueError(f"state: {more.state} here, {known.state} in an earlier row of {known.notice_id}")
    serials = tuple(dict.fromkeys((*known.uas_serials, *more.uas_serials)))
    unread = known.unread_serials + more.unread_serials
    exemptions = tuple(dict.fromkeys((*known.exemptions, *more.exemptions)))
    volumes = (*known.volumes, *more.volumes)
    return replace(known, volumes=volumes, uas_serials=serials, exemptions=exemptions, unread_serials=unread)
