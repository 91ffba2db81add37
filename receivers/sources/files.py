"""Recordings: captures, JSON and hex files, or standard input, to messages in parts of bounded size.

Captures keep their own times. JSON messages mostly carry theirs. For hex lines and bare payloads the receive time is
what the caller says; without it the file's time of change stands in, and a warning says so: it is a guess, not
evidence. The CSV of the OpenDroneID Android app is refused whole.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage, Reject, RejectReason
from airspace.model.units import rfc3339
from receivers.formats.pcap import is_capture, packets_of
from receivers.sources.documents import array_elements, documents

STDIN: Final = "-"
MAX_MESSAGES: Final = 4096  # in one reading
MAX_READING_BYTES: Final = 1 << 24
MAX_LINE_BYTES: Final = 1 << 26  # glued objects may all stand in one line
MAX_ARRAY_BYTES: Final = 1 << 28  # a JSON array above this is read line by line
_MAGIC_BYTES: Final = 4
_CAPTURE, _JSON, _HEX, _BARE, _CSV = "capture", "json", "hex", "bare", "csv"
_SUFFIXES: Final = {
    ".pcap": _CAPTURE,
    ".pcapng": _CAPTURE,
    ".cap": _CAPTURE,
    ".json": _JSON,
    ".jsonl": _JSON,
    ".ndjson": _JSON,
    ".hex": _HEX,
    ".csv": _CSV,
}
_HEX_LETTERS: Final = b"0123456789abcdefABCDEFxX:,- \t\r\n"
_BLANK: Final = b" \t\r\n\0\xef\xbb\xbf"

Line = tuple[int, bytes]


class MissingReceiverTime(ValueError):  # noqa: N818 - named for what is missing
    """An input without times, on a stream that has no time of change: the caller must say when it was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Part of a recording: messages in order, what could not be cut into messages, and what its reader should know."""

    messages: tuple[RawMessage, ...] = ()
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recording:
    name: str
    sensor: str  # for inputs that name none
    stream: BinaryIO
    first: bytes  # what was read to see what it is, up to the end of a line
    receiver_time_s: float | None  # as the caller says


def read(path: Path | str, *, receiver_time_s: float | None = None) -> Iterator[Reading]:
    """The recording in readings of at most ``MAX_MESSAGES``. OSError if the file cannot be opened.

    Raises ``MissingReceiverTime`` for an input without times whose stream has no time of change either.
    """
    if str(path) == STDIN:
        yield from _read(sys.stdin.buffer, "stdin", receiver_time_s)
        return
    with Path(path).open("rb") as stream:
        yield from _read(stream, Path(path).name, receiver_time_s)


def _read(stream: BinaryIO, name: str, receiver_time_s: float | None) -> Iterator[Reading]:
    first = stream.read(_MAGIC_BYTES)  # that of pcapng begins with a newline
    first += stream.readline(MAX_LINE_BYTES)
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    recording = _Recording(name=name, sensor=stem, stream=stream, first=first, receiver_time_s=receiver_time_s)
    kind = _SUFFIXES.get(suffix.lower()) or _by_content(first)
    readers = {_CAPTURE: _capture, _JSON: _json, _HEX: _hex, _BARE: _bare, _CSV: _csv}
    yield from _readings(readers[kind](recording))


def _by_content(first: bytes) -> str:
    if is_capture(first):
        return _CAPTURE
    if first.lstrip(_BLANK)[:1] in {b"{", b"["}:
        return _JSON
    return _BARE if first.translate(None, _HEX_LETTERS) else _HEX


def _readings(items: Iterable[RawMessage | Reject | str]) -> Iterator[Reading]:
    messages: list[RawMessage] = []
    rejects: list[Reject] = []
    warnings: list[str] = []
    size = 0
    for item in items:
        if isinstance(item, RawMessage):
            messages.append(item)
            size += len(item.payload)
        elif isinstance(item, Reject):
            rejects.append(item)
        else:
            warnings.append(item)
        if max(len(messages), len(rejects)) == MAX_MESSAGES or size >= MAX_READING_BYTES:
            yield Reading(messages=tuple(messages), rejects=tuple(rejects), warnings=tuple(warnings))
            messages, rejects, warnings, size = [], [], [], 0
    if messages or rejects or warnings:
        yield Reading(messages=tuple(messages), rejects=tuple(rejects), warnings=tuple(warnings))


def _capture(recording: _Recording) -> Iterator[RawMessage | Reject]:
    try:
        mapped = mmap.mmap(recording.stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # a pipe, or an empty file
        yield from packets_of(recording.first + recording.stream.read(), recording.name)
        return
    with mapped:
        yield from packets_of(mapped, recording.name)


def _json(recording: _Recording) -> Iterator[RawMessage | Reject]:
    received_s = recording.receiver_time_s
    if received_s is None:
        received_s = _changed_s(recording.stream) or 0.0  # what carries no time of its own is refused by the gate
    lines: Iterator[Line] = _lines(BytesIO(recording.first), recording.stream)
    found = None
    if recording.first.lstrip(_BLANK).startswith(b"["):
        data = recording.first + recording.stream.read(MAX_ARRAY_BYTES)
        found = array_elements(data.strip(_BLANK), 1 + _lines_before(data))
        lines = _lines(BytesIO(data), recording.stream)
    for line, document in found if found is not None else documents(lines):
        place = f"{recording.name}:{line}"
        if document is None or len(document) > MAX_PAYLOAD_BYTES:
            yield _too_large(place, received_s)
        else:
            yield RawMessage(payload=document, received_s=received_s, place=place)


def _lines_before(data: bytes) -> int:
    return data[: len(data) - len(data.lstrip(_BLANK))].count(b"\n")


def _hex(recording: _Recording) -> Iterator[RawMessage | Reject | str]:
    """A line a message; blank lines and those that begin with a number sign are passed over."""
    received_s, warning = _receive_time(recording)
    yield from warning
    for number, line in _lines(BytesIO(recording.first), recording.stream):
        text = line.strip(_BLANK)
        place = f"{recording.name}:{number}"
        if len(text) > MAX_PAYLOAD_BYTES:
            yield _too_large(place, received_s)
        elif text and not text.startswith(b"#"):
            yield RawMessage(payload=text, received_s=received_s, sensor=recording.sensor, place=place)


def _bare(recording: _Recording) -> Iterator[RawMessage | Reject | str]:
    """Neither capture nor text: the whole is one message, or no message at all."""
    received_s, warning = _receive_time(recording)
    yield from warning
    data = recording.first + recording.stream.read(MAX_PAYLOAD_BYTES)
    if len(data) > MAX_PAYLOAD_BYTES:
        yield _too_large(recording.name, received_s)
    else:
        yield RawMessage(payload=data, received_s=received_s, sensor=recording.sensor, place=recording.name)


def _csv(recording: _Recording) -> Iterator[Reject]:
    yield Reject(
        reason=RejectReason.UNKNOWN_FORMAT,
        detail="CSV is not read",
        place=recording.name,
        received_s=recording.receiver_time_s or _changed_s(recording.stream) or 0.0,
    )


def _too_large(place: str, received_s: float) -> Reject:
    detail = f"more than {MAX_PAYLOAD_BYTES} bytes"
    return Reject(reason=RejectReason.TOO_LARGE, detail=detail, place=place, received_s=received_s)


def _receive_time(recording: _Recording) -> tuple[float, tuple[str, ...]]:
    if recording.receiver_time_s is not None:
        return recording.receiver_time_s, ()
    changed_s = _changed_s(recording.stream)
    if changed_s is None:
        raise MissingReceiverTime(f"{recording.name} carries no times: say when it was received (--receiver-time)")
    guess = rfc3339(changed_s)
    return changed_s, (f"{recording.name} carries no times: its time of change, {guess}, stands in (--receiver-time)",)


def _changed_s(stream: BinaryIO) -> float | None:
    """Of a file; for a pipe it is about when it was last written to."""
    try:
        return os.fstat(stream.fileno()).st_mtime
    except (OSError, ValueError):
        return None


def _lines(*streams: BinaryIO) -> Iterator[Line]:
    """Numbered from 1; only a line above ``MAX_LINE_BYTES`` comes in pieces, all of one number."""
    number = 1
    for piece in chain.from_iterable(map(_pieces, streams)):
        yield number, piece
        number += piece.endswith(b"\n")


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.readline(MAX_LINE_BYTES):
        yield piece
