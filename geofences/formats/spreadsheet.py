"""The rows of a CSV, as spreadsheets of any country write it: delimiter, letters and line ends are told, not guessed.

The delimiter is the one with which the needed columns appear in the first line that is not empty. Text is UTF-8, else
UTF-16 where its mark or its zeros say so, else Windows-1252 (Mac Roman where lines end as on an old Mac). Names of
columns count without case, blanks, hyphens and brackets. A row whose quotes are not closed is broken alone.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from airspace.model.text import safe_text

DELIMITERS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MOST_LINES: Final = 50  # of one row, with line breaks in its cells
_FIRST_LINES: Final = 10  # in which the names of the columns must stand
_MOST_NAMED: Final = 12
_NOTHING: Final = " \t;,|\u00a0"
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?[,;\t|]*\s*', re.IGNORECASE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")  # other breaks belong to a cell
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_AS_CSV: Final = 'open it and save it as "CSV UTF-8"'
_NO_TEXT: Final = (
    (b"PK\x03\x04", f"a workbook (.xlsx, .ods) or another archive, not a CSV: {_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"a workbook of old Excel (.xls), not a CSV: {_AS_CSV}"),
    (b"%PDF", "a PDF, not a CSV: ask for the list as CSV"),
    (b"{\\rtf", "a text with lay-out (.rtf), not a CSV: save it as plain text"),
    (b"<", f"a web page or XML, not a CSV: {_AS_CSV}"),
)


class NoSheet(ValueError):  # noqa: N818 -- what it is not
    """Nothing of the file can be read; the message says what it is, or what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: where it begins, and its cells by column; or why it cannot be read, with the words it holds."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None
    words: tuple[str, ...] = ()  # every cell, also of a row that is shifted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a CSV holds, and what was taken of its form."""

    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def decoded(data: bytes) -> tuple[str, str | None]:
    """The text of some bytes, and in which letters it is where that is not UTF-8; ``NoSheet`` for what is no text."""
    for start, what in _NO_TEXT:
        if data.lstrip().startswith(start):
            raise NoSheet(what)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strictly(data.removeprefix(mark), name), None if name == "utf-8" else name
    silent = _silent_utf16(data)
    if silent is not None:
        return _strictly(data, silent), f"{silent}, though no mark says so"
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise NoSheet("neither text nor a workbook") from error
    if b"\r" in data and b"\n" not in data:
        return data.decode("mac-roman", "replace"), "Mac Roman"
    return data.decode("cp1252", "replace"), "Windows-1252"


def read(data: bytes, lacking: Callable[[frozenset[str]], frozenset[str]], names: Mapping[str, str]) -> Sheet:
    """The rows of a CSV. ``lacking`` says what some columns lack; ``names`` are other spellings of columns."""
    text, letters = decoded(data)
    lines = _LINE_END.split(text)
    notes = [] if letters is None else [f"letters taken as {letters}"]
    first, said = 0, None
    while first < len(lines) and (not lines[first].strip(" \t,;|\ufeff") or said is None):
        found = _SEPARATOR.fullmatch(lines[first].lstrip("\ufeff"))
        if found is None and lines[first].strip(" \t,;|\ufeff"):
            break
        said = said if found is None else found[1]
        first += 1
    delimiter, head = _head(lines, first, said, lacking, names)
    columns = _columns(lines[head], delimiter, names, notes)
    if head > first:
        notes.append(f"names of columns taken from line {head + 1}: what stands before them is passed over")
    if said is not None:
        notes.append(f"the line sep={said} taken as the word about what parts cells")
    if "\n" not in text and "\r" in text:
        notes.append("lines taken as ending in CR, as an old Mac writes them")
    if delimiter != ",":
        notes.append(f"cells taken as parted by {_NAMES.get(delimiter, repr(delimiter))}")
    rows = tuple(_rows(lines, head + 1, delimiter, columns))
    return Sheet(delimiter=delimiter, columns=tuple(dict.fromkeys(columns)), rows=rows, notes=tuple(notes))


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise NoSheet(f"damaged {name}: {error.reason}") from error


def _silent_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of its first line is zero."""
    start = data[:200]
    for name, zeros, letters in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if len(start) >= len("id;end") and zeros.count(0) > 0.9 * len(zeros) and 0 not in letters:
            return name
    return None


def _head(
    lines: list[str],
    first: int,
    said: str | None,
    lacking: Callable[[frozenset[str]], frozenset[str]],
    names: Mapping[str, str],
) -> tuple[str, int]:
    """The delimiter, and the line with the names of the columns; ``NoSheet`` names what is lacking."""
    if first >= len(lines):
        raise NoSheet("it is empty")
    tried: list[tuple[int, int, str, frozenset[str]]] = []
    delimiters = DELIMITERS if said is None else (said, *(each for each in DELIMITERS if each != said))
    for at in range(first, min(first + _FIRST_LINES, len(lines))):
        for order, delimiter in enumerate(delimiters):
            missing = lacking(frozenset(_names(lines[at], delimiter, names)))
            if not missing:
                return delimiter, at
            tried.append((len(missing), at * len(delimiters) + order, delimiter, missing))
    _, _, delimiter, missing = min(tried)
    at = min(tried)[1] // len(delimiters)
    parted = "" if delimiter == "," else f" (cells are parted by {_NAMES.get(delimiter, repr(delimiter))})"
    raise NoSheet(f"line {at + 1}: no column {', '.join(sorted(missing))}{parted}")


def _names(line: str, delimiter: str, names: Mapping[str, str]) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    plain = [_OTHER.sub("_", (safe_text(cell, 80) or "").casefold()).strip("_") for cell in cells]
    return [names.get(name, name) for name in plain]


def _columns(line: str, delimiter: str, names: Mapping[str, str], notes: list[str]) -> list[str]:
    columns = _names(line, delimiter, names)
    plain = {cell.strip().strip('"') for cell in line.lstrip("\ufeff").split(delimiter)}
    other = [name for name in columns if name and name not in plain]
    if other:
        notes.append(f"names of columns taken in another spelling: {', '.join(other[:_MOST_NAMED])}")
    twice = dict.fromkeys(name for name in columns if name and columns.count(name) > 1)
    notes.extend(f"column {name} stands {columns.count(name)} times: all of them are read" for name in twice)
    return columns


def _rows(lines: list[str], first: int, delimiter: str, columns: list[str]) -> Iterator[Row]:
    records: list[tuple[int, list[str], str | None]] = []
    at = first
    while at < len(lines):
        cells, after, fault = _record(lines, at, delimiter)
        if any(cell.strip(_NOTHING) for cell in cells):
            records.append((at + 1, cells, fault))
        at = after
    width = len(columns) + _empty_tail([cells for _, cells, fault in records if fault is None], len(columns))
    for line, cells, fault in records:
        more = "more values than columns: is a text with a delimiter not quoted?" if len(cells) > width else None
        yield Row(line=line, cells=_by_column(cells, columns), fault=fault or more, words=tuple(cells))


def _empty_tail(records: list[list[str]], width: int) -> int:
    """How many empty cells every row has behind the last column: one row alone may be shifted by a text in it."""
    tail = min((len(cells) for cells in records), default=width) - width
    if len(records) < 2 or tail <= 0 or any(cell.strip() for cells in records for cell in cells[width : width + tail]):  # noqa: PLR2004
        return 0
    return tail


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int, str | None]:
    """The cells of the row that begins here, and where the next one does; a broken one ends with its line."""
    quotes = 0
    for after in range(at + 1, min(at + _MOST_LINES, len(lines)) + 1):
        quotes += lines[after - 1].count('"')
        if quotes % 2:
            continue
        try:
            return _cells(lines[at:after], delimiter, strict=True), after, None
        except csv.Error as error:
            return _loosely(lines[at], delimiter), at + 1, str(error)
    return _loosely(lines[at], delimiter), at + 1, "a quotation mark is not closed"


def _cells(lines: list[str], delimiter: str, *, strict: bool) -> list[str]:
    return next(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=strict), [])


def _loosely(line: str, delimiter: str) -> list[str]:
    try:
        return _cells([line.replace('"', "")], delimiter, strict=False)
    except csv.Error:
        return [line]


def _by_column(cells: list[str], columns: list[str]) -> dict[str, str]:
    """A column that stands more than once holds all its cells, parted by semicolons; so do those without a name."""
    named: dict[str, str] = dict.fromkeys(columns, "")
    for name, cell in zip(columns, cells, strict=False):
        if cell.strip() and cell != named[name]:
            named[name] = f"{named[name]};{cell}" if named[name] else cell
    return named
