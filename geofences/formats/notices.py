"""Notices of flights: JSON with volumes in the shape of F3548-21, or a flat CSV.

JSON: a list, an object with ``notices``, or what notice_envelopes.py names; notice_json.py says what an entry holds.
CSV: one row a volume, see notice_csv.py. A broken entry or row is passed over and named with its place and field, and
whose it is is kept: its drone has a notice, if one that nobody can read. What was taken of a list's form, and what is
odd in a notice that is used, is said too.

There is no public interface of GoDrone; these two are what an operator can make by hand or export. F3548 states are
read as ours: Accepted is approved; Activated, Nonconforming and Contingent are active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from airspace.model.notice import Notice, UnreadNotice
from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.formats import notice_checks, notice_csv, notice_envelopes, notice_json, spreadsheet
from geofences.formats.notice_gathering import Broken, Gathered, Named, Read, gather
from geofences.formats.notice_numbers import Numbers
from geofences.formats.notice_words import public, quoted
from geofences.notices.whose import spelled

MAX_BYTES: Final = 16 << 20
MAX_NOTICES: Final = 100_000
_MAX_REMARKS: Final = 1_000
_DETAIL_LETTERS: Final = 300
_MOST_NAMED: Final = 12
_UNREADABLE: Final = (ValueError, RecursionError)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How entries of a form are read. ``beside``: serials that stand where none is looked for."""

    convert: Callable[[Any, str, Note], Notice]
    names: Callable[[Any], Named]
    versioned: Callable[[Any], bool]
    beside: Callable[[Any], tuple[str, ...]]
    unite: bool


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
        document = notice_json.decoded(text)
    except _UNREADABLE as error:
        document = _lines_of_json(text)
        if document is None:
            raise NoticeFileError(f"{source}: no list of notices: {error}") from error
    entries = _entries(document, source)
    places = [(f"notice {place}", entry) for place, entry in enumerate(entries, 1)]
    return _gathered(places, source, _JSON)


def _lines_of_json(text: str) -> list[Any] | None:
    """One object a line."""
    try:
        return [notice_json.decoded(line) for line in text.splitlines() if line.strip()]
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


def _names_of_json(entry: Any) -> Named:
    return notice_json.names(entry) if isinstance(entry, dict) else Named()


_JSON: Final = _Form(
    convert=_from_json,
    names=_names_of_json,
    versioned=notice_json.versioned,
    beside=notice_json.beside,
    unite=False,
)


def _read_csv(data: bytes, source: str) -> NoticeFile:
    sheet = spreadsheet.read(data, notice_csv.lacking, notice_csv.SPELLINGS)
    numbers = Numbers(commas_part=sheet.delimiter == ",", rows=[row.cells for row in sheet.rows])
    notes = [*sheet.notes, *(["numbers taken as having decimal commas"] if numbers.with_commas else [])]
    rows = [(f"line {row.line}", row) for row in sheet.rows]
    unknown = [name for name in sheet.columns if name and name not in notice_csv.KNOWN]
    if unknown:
        notes.append(f"columns that are not known: {', '.join(unknown[:_MOST_NAMED])}: not read")
    form = _Form(
        convert=partial(_from_row, numbers=numbers),
        names=notice_csv.names,
        versioned=lambda row: bool(row.cells.get("version", "").strip()),
        beside=lambda row: notice_csv.beside(row.cells),
        unite=True,
    )
    return _gathered(rows, source, form, [Oddity(place=source, what=_told(note)) for note in notes])


def _from_row(row: spreadsheet.Row, source: str, note: Note, *, numbers: Numbers) -> Notice:
    if row.fault is not None:
        raise ValueError(row.fault)
    return notice_csv.from_row(row.cells, source, numbers, note)


def _gathered(
    entries: Iterable[tuple[str, Any]], source: str, form: _Form, remarks: Sequence[Oddity] = ()
) -> NoticeFile:
    """Take each entry; what cannot be read stops no other."""
    into = Gathered(source=source, remarks=list(remarks), told=_told)
    read: list[Read] = []
    broken: list[Broken] = []
    for place, entry in entries:
        try:
            read.append(_one(place, entry, form, into))
        except (ValueError, RecursionError) as error:
            into.oddities.append(Oddity(place=place, what=f"passed over: {_told(str(error))}"))
            broken.append(Broken(place=place, named=form.names(entry)))
    gather(read, broken, into, unite=form.unite)
    if len(into.notices) > MAX_NOTICES:
        raise NoticeFileError(f"{source}: {len(into.notices)} notices, at most {MAX_NOTICES} are read")
    into.remarks.extend(notice_checks.of(into.notices))
    return NoticeFile(
        notices=tuple(into.notices),
        oddities=tuple(into.oddities),
        remarks=_no_more_than(_MAX_REMARKS, into.remarks, source),
        unread=tuple(into.unread),
    )


def _one(place: str, entry: Any, form: _Form, into: Gathered) -> Read:
    notes: list[str] = []
    notice = notice_checks.meant(form.convert(entry, into.source, notes.append))
    for note in notes:
        into.remark(place, note)
    known = {spelled(each) for each in notice.uas_serials}
    beside = tuple(each for each in form.beside(entry) if spelled(each) not in known)
    if beside:
        into.remark(place, f"serial: {quoted(', '.join(beside))} stands where no serial is read: it may be its drone")
    return Read(place=place, notice=notice, versioned=form.versioned(entry), beside=beside)


def _told(what: str) -> str:
    return safe_text(public(what), _DETAIL_LETTERS) or ""


def _no_more_than(most: int, remarks: list[Oddity], source: str) -> tuple[Oddity, ...]:
    if len(remarks) <= most:
        return tuple(remarks)
    return (*remarks[:most], Oddity(place=source, what=f"and {len(remarks) - most} more remarks"))
