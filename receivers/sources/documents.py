"""Cuts recorded JSON into messages: an object a line, objects glued, printed over many lines, or in an array.

Nothing is parsed that a format would parse again: brackets are counted outside strings (which cannot span lines). A
broken document is one message, named by its line, and the next line that begins an object is sound again. Brackets come
before lines: where an object may stand, one that begins a line is part of the document (readsb writes its aircraft so).
A document put together like that which then is no JSON is cut again, by its lines. An array holds a message an element,
except a list of one-key objects, which is how DragonSync and droneid-go write one message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from airspace.model.message import MAX_PAYLOAD_BYTES
from receivers.formats.json_rows import is_message

MAX_ARRAY_DEPTH: Final = 3  # arrays of arrays of messages; deeper ones are left whole
MAX_DOUBTED_BYTES: Final = 1 << 23  # kept of a document that may have to be cut by its lines
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_BETWEEN: Final = b" \t\r\n\0,]}\xef\xbb\xbf"  # what may stand between documents, and what a broken array leaves behind
_OPENERS: Final = b"{["
_BEFORE_A_VALUE: Final = (b"[", b",", b":")

Document = tuple[int, bytes | None]  # line, bytes; None when there were more than a message may have


@dataclass(slots=True)
class _Open:
    """The document that is being put together."""

    line: int = 0
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    brackets: bytearray = field(default_factory=bytearray)
    is_doubted: bool = False  # an object in it began a line: it may be another document

    def close(self) -> list[Document]:
        """The document, or those that its lines make, where it is none."""
        text, line, is_doubted = b"".join(self.parts), self.line, self.is_doubted
        fits, is_open = self.size <= MAX_PAYLOAD_BYTES, bool(self.brackets)
        self.parts, self.size, self.is_doubted = [], 0, False
        self.brackets.clear()
        if is_doubted and (is_open or not _is_json(text)):
            numbered = enumerate(text.splitlines(keepends=True), line)
            return list(_whole(numbered, lines_first=True))
        return [(line, text if fits else None)]

    def add(self, part: bytes) -> None:
        """Keep the part; of a document that is too long already, only the length."""
        self.size += len(part)
        if self.size <= (MAX_DOUBTED_BYTES if self.is_doubted else MAX_PAYLOAD_BYTES):
            self.parts.append(part)

    def may_hold(self, line: bytes) -> bool:
        """Whether an object may stand where this line begins, by what stands before it."""
        if not line.startswith(b"{") or ord("{") not in self.brackets:
            return True
        before = next((part.rstrip() for part in reversed(self.parts) if part.strip()), b"")
        return before.endswith(_BEFORE_A_VALUE) and self.size <= MAX_DOUBTED_BYTES


def documents(lines: Iterable[tuple[int, bytes]]) -> Iterator[Document]:
    """Numbered lines to documents, arrays already taken apart."""
    for line, document in _whole(lines):
        if document is not None and document.startswith(b"["):
            yield from array_elements(document, line) or [(line, document)]
        else:
            yield line, document


def array_elements(data: bytes, line: int = 1, depth: int = MAX_ARRAY_DEPTH) -> list[Document] | None:
    """The messages of one array with their lines; None when the data is not one array."""
    try:
        elements = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return None
    if depth == 0 or _is_one_message(elements):
        return [(line + data[: data.find(b"[")].count(b"\n"), data.strip())]
    found: list[Document] = []
    at = 0
    for element in map(bytes, elements):
        start = data.find(element, at)
        line += data.count(b"\n", at, start)
        inner = array_elements(element, line, depth - 1) if element.startswith(b"[") else None
        found.extend(inner or [(line, element)])
        line += element.count(b"\n")
        at = start + len(element)
    return found


def _is_one_message(elements: Sequence[msgspec.Raw]) -> bool:
    """Objects of one key each, a part of a Remote ID message among them."""
    try:
        return is_message([msgspec.json.decode(element) for element in elements])
    except (msgspec.DecodeError, RecursionError):
        return False


def _whole(lines: Iterable[tuple[int, bytes]], *, lines_first: bool = False) -> Iterator[Document]:
    pending = _Open()
    for number, line in lines:
        if pending.brackets and line.startswith(b"{") and ord("{") in pending.brackets:
            if lines_first or not pending.may_hold(line):
                yield from pending.close()  # an object cannot begin here inside another one: that one broke off
            else:
                pending.is_doubted = True
        if not pending.brackets and _is_whole(line):
            yield number, line.strip()
        elif pending.brackets or line.strip() != b"[":  # a lone bracket opens the array that a whole file is
            yield from _cut(line, number, pending)
    if pending.brackets:
        yield from pending.close()


def _is_json(text: bytes) -> bool:
    for decode in (partial(msgspec.json.decode, type=msgspec.Raw), json.loads):  # the second for NaN, which some write
        try:
            decode(text)
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _is_whole(line: bytes) -> bool:
    """The plain case without a look at every bracket: the line is one object."""
    text = line.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")) or b"}{" in text or len(text) > MAX_PAYLOAD_BYTES:
        return False
    return text.count(b"{") == text.count(b"}")


def _cut(line: bytes, number: int, pending: _Open) -> Iterator[Document]:
    start = 0
    for token in _TOKEN.finditer(line):
        bracket = token.group()[0]
        if bracket in _OPENERS:
            if not pending.brackets:
                yield from _debris(line[start : token.start()], number)
                start, pending.line = token.start(), number
            pending.brackets.append(bracket)
        elif bracket != ord('"') and pending.brackets:
            pending.brackets.pop()
            if not pending.brackets:
                pending.add(line[start : token.end()])
                start = token.end()
                yield from pending.close()
    if pending.brackets:
        pending.add(line[start:])
    else:
        yield from _debris(line[start:], number)


def _debris(text: bytes, number: int) -> Iterator[Document]:
    kept = text.strip(_BETWEEN)
    if kept:
        yield number, kept if len(kept) <= MAX_PAYLOAD_BYTES else None
