"""Notices of flights: JSON with volumes in the shape of F3548-21, or a flat CSV.

JSON: a list, or an object with ``notices``; notice_json.py says what an entry holds. CSV: one row a volume, see
notice_csv.py. A broken entry or row is passed over and named with its place and field; the rest is used.

There is no public interface of GoDrone; these two are what an operator can make by hand or export. F3548 states are
read as ours: Accepted is approved; Activated, Nonconforming and Contingent are active.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import msgspec

from airspace.model.notice import Notice
from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.formats import notice_csv, notice_json

MAX_BYTES: Final = 16 << 20
MAX_NOTICES: Final = 100_000
_DETAIL_LETTERS: Final = 200
_BOM: Final = b"\xef\xbb\xbf"

Entry = TypeVar("Entry")


class NoticeFileError(ValueError):
    """A notice file of which nothing can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """The notices of one file, and the entries of it that were passed over."""

    notices: tuple[Notice, ...]
    oddities: tuple[Oddity, ...] = ()


class _Document(msgspec.Struct):
    notices: list[msgspec.Raw]


def read(data: bytes, source: str) -> NoticeFile:
    """The notices of a JSON or CSV file. NoticeFileError when it is neither, or too large."""
    if len(data) > MAX_BYTES:
        raise NoticeFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    data = data.removeprefix(_BOM)
    if data.lstrip()[:1] in {b"[", b"{"}:
        return _read_json(data, source)
    return _read_csv(data, source)


def read_one(document: dict[str, Any], source: str) -> Notice:
    """One notice that a person sent, or that was kept; ValueError names the field at fault, an unknown one too."""
    try:
        return notice_json.from_document(document, source)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def _read_json(data: bytes, source: str) -> NoticeFile:
    try:
        document = msgspec.json.decode(data, type=_Document | list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise NoticeFileError(f"{source}: no list of notices: {error}") from error
    entries = document if isinstance(document, list) else document.notices
    places = ((f"notice {place}", raw) for place, raw in enumerate(entries, 1))
    return _collect(places, notice_json.from_json, _once, source)


def _read_csv(data: bytes, source: str) -> NoticeFile:
    try:
        rows = csv.DictReader(io.StringIO(data.decode()), strict=True, restval="")
        missing = notice_csv.lacking(frozenset(rows.fieldnames or ()))
        lines = [] if missing else [(f"line {rows.line_num}", row) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoticeFileError(f"{source}: neither JSON nor CSV: {error}") from error
    if missing:
        raise NoticeFileError(f"{source}: line 1: no column {', '.join(sorted(missing))}")
    return _collect(lines, notice_csv.from_row, _joined, source)


def _collect(
    entries: Iterable[tuple[str, Entry]],
    convert: Callable[[Entry, str], Notice],
    join: Callable[[Notice, Notice], Notice],
    source: str,
) -> NoticeFile:
    notices: dict[str, Notice] = {}
    oddities: list[Oddity] = []
    for place, entry in entries:
        try:
            notice = convert(entry, source)
            known = notices.get(notice.notice_id)
            notices[notice.notice_id] = notice if known is None else join(known, notice)
        except (ValueError, RecursionError) as error:
            oddities.append(Oddity(place=place, what=f"passed over: {safe_text(str(error), _DETAIL_LETTERS)}"))
    if len(notices) > MAX_NOTICES:
        raise NoticeFileError(f"{source}: {len(notices)} notices, at most {MAX_NOTICES} are read")
    return NoticeFile(notices=tuple(notices.values()), oddities=tuple(oddities))


def _once(known: Notice, _: Notice) -> Notice:
    raise ValueError(f"id: {known.notice_id} stands twice")


def _joined(known: Notice, more: Notice) -> Notice:
    """Another row of a notice adds its volume."""
    if known.state is not more.state:
        raise ValueError(f"state: {more.state} here, {known.state} in an earlier row of {known.notice_id}")
    serials = tuple(dict.fromkeys((*known.uas_serials, *more.uas_serials)))
    return replace(known, volumes=(*known.volumes, *more.volumes), uas_serials=serials)
