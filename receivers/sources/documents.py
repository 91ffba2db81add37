"""Cuts recorded JSON into messages: an object a line, objects glued, printed over many lines, or in an array.

Nothing is parsed that a format would parse again: brackets are counted outside strings (which cannot span lines). A
broken document is one message, named by its line, and the next line that begins an object is sound again. An array
holds a message an element, except a list of one-key objects, which is how DragonSync and droneid-go write one
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from airspace.model.message import MAX_PAYLOAD_BYTES
from receivers.formats.json_rows import is_message

MAX_ARRAY_DEPTH: Final = 3  # arrays of arrays of messages; deeper ones are left whole
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_BETWEEN: Final = b" \t\r\n\0,]}\xef\xbb\xbf"  # what may stand between documents, and what a broken array leaves behind
_OPENERS: Final = b"{["

Document = tuple[int, bytes | None]  # line, bytes; None when there were more than a message may have


@dataclass(slots=True)
class _Open:
    """The document that is being put together."""

    line: int = 0
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    brackets: bytearray = field(default_factory=bytearray)

    def close(self) -> Document:
        document = (self.line, b"".join(self.parts) if self.size <= MAX_PAYLOAD_BYTES else None)
        self.parts, self.size = [], 0
        self.brackets.clear()
        return document

    def add(self, part: bytes) -> None:
        """Keep the part; of a document that is too long already, only the length."""
        self.size += len(part)
        if self.size <= MAX_PAYLOAD_BYTES:
            self.parts.append(part)


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


def _whole(lines: Iterable[tuple[int, bytes]]) -> Iterator[Document]:
    pending = _Open()
    for number, line in lines:
        if pending.brackets and line.startswith(b"{") and ord("{") in pending.brackets:
            yield pending.close()  # an object cannot begin a line inside another one: that one broke off
        if not pending.brackets and _is_whole(line):
            yield number, line.strip()
        elif pending.brackets or line.strip() != b"[":  # a lone bracket opens the array that a whole file is
            yield from _cut(line, number, pending)
    if pending.brackets:
        yield pending.close()


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
                yield pending.close()
    if pending.brackets:
        pending.add(line[start:])
    else:
        yield from _debris(line[start:], number)


def _debris(text: bytes, number: int) -> Iterator[Document]:
    kept = text.strip(_BETWEEN)
    if kept:
        yield number, kept if len(kept) <= MAX_PAYLOAD_BYTES else None
