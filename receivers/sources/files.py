"""Recordings: captures, JSON and hex files, our own log, or standard input, to messages in parts of bounded size.

Captures and our own log keep their own times. JSON messages mostly carry theirs. For hex lines and bare payloads the
receive time is what the caller says; without it the file's time of change stands in, and a warning says so: it is a
guess, not evidence. Each of these may be compressed (``.gz``). The suffix says what a file is, but for a capture and
our own log, whose first bytes do; without a known suffix, and on standard input, the first bytes do for all.
"""

from __future__ import annotations

import gzip
import mmap
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage, Reject, RejectReason
from airspace.model.units import rfc3339
from receivers.formats.android_csv import is_android_csv
from receivers.formats.android_csv import rows as android_rows
from receivers.formats.json_objects import BLANK
from receivers.formats.pcap import is_capture, packets_of
from receivers.formats.recording import MAGIC, Entry, Gap, Sealed, Turn, entries_of, gap_text, is_recording
from receivers.sources.documents import array_elements, documents

STDIN: Final = "-"
MAX_MESSAGES: Final = 4096  # in one reading
MAX_READING_BYTES: Final = 1 << 24
MAX_LINE_BYTES: Final = 1 << 26  # glued objects may all stand in one line
MAX_ARRAY_BYTES: Final = 1 << 28  # a JSON array above this is read line by line, a CSV up to here
MAX_WHOLE_BYTES: Final = 1 << 30  # of a capture or a log that cannot be mapped: from a pipe, or compressed
_CAPTURE, _JSON, _HEX, _BARE, _CSV, _LOG = "capture", "json", "hex", "bare", "csv", "log"
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
_GZIP: Final = ".gz"
_HEX_LETTERS: Final = b"0123456789abcdefABCDEFxX:,- \t\r\n"

Line = tuple[int, bytes]
Item = RawMessage | Reject | str | Entry | Sealed


class MissingReceiverTime(ValueError):  # noqa: N818 - named for what is missing
    """An input without times, on a stream that has no time of change: the caller must say when it was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Part of a recording: messages in order, what could not be cut into messages, and what its reader should know.

    Of our own log there are the entries too, and the messages are those of its turns.
    """

    messages: tuple[RawMessage, ...] = ()
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()
    entries: tuple[Entry | Sealed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recording:
    name: str
    sensor: str  # for inputs that name none
    stream: BinaryIO
    first: bytes  # what was read to see what it is, up to the end of a line
    receiver_time_s: float | None  # as the caller says
    compressed: bool


def read(path: Path | str, *, receiver_time_s: float | None = None) -> Iterator[Reading]:
    """The recording in readings of at most ``MAX_MESSAGES``, but for a turn of our own log, which is not cut.

    OSError if the file cannot be opened; ``MissingReceiverTime`` for an input without times whose stream has no time of
    change either.
    """
    if str(path) == STDIN:
        yield from _readings(_items(sys.stdin.buffer, "stdin", receiver_time_s))
        return
    with Path(path).open("rb") as stream:
        yield from _readings(_items(stream, Path(path).name, receiver_time_s))


def is_own_log(path: Path) -> bool:
    """Is it a recording of this service? By its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        unpacked = gzip.GzipFile(fileobj=stream) if path.suffix.lower() == _GZIP else stream
        try:
            return is_recording(unpacked.read(len(MAGIC)))
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return False


def _items(stream: BinaryIO, name: str, receiver_time_s: float | None) -> Iterator[Item]:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    compressed = suffix.lower() == _GZIP
    if compressed:
        stem, suffix = os.path.splitext(stem)  # noqa: PTH122 - likewise
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    try:
        first = stream.read(len(MAGIC))  # that of pcapng begins with a newline
        first += stream.readline(MAX_LINE_BYTES)
        recording = _Recording(
            name=name,
            sensor=stem,
            stream=stream,
            first=first,
            receiver_time_s=receiver_time_s,
            compressed=compressed,
        )
        yield from _READERS[_kind(first, suffix)](recording)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        detail = f"the compressed data is damaged or cut short: {error}"
        yield Reject(reason=RejectReason.TRUNCATED, detail=detail, place=name, received_s=receiver_time_s or 0.0)


def _kind(first: bytes, suffix: str) -> str:
    if is_recording(first):
        return _LOG
    known = _SUFFIXES.get(suffix.lower())
    if known is not None:
        return known
    if is_capture(first):
        return _CAPTURE
    if first.lstrip(BLANK)[:1] in {b"{", b"["}:
        return _JSON
    if is_android_csv(first):
        return _CSV
    return _BARE if first.translate(None, _HEX_LETTERS) else _HEX


def _readings(items: Iterable[Item]) -> Iterator[Reading]:
    messages: list[RawMessage] = []
    rejects: list[Reject] = []
    warnings: list[str] = []
    entries: list[Entry | Sealed] = []
    size = 0
    for item in items:
        if isinstance(item, RawMessage):
            messages.append(item)
            size += len(item.payload)
        elif isinstance(item, Reject):
            rejects.append(item)
        elif isinstance(item, str):
            warnings.append(item)
        else:
            entries.append(item)
            added = [message.raw() for message in item.messages] if isinstance(item, Turn) else []
            messages += added
            size += sum(len(message.payload) for message in added)
        if max(len(messages), len(rejects), len(entries)) >= MAX_MESSAGES or size >= MAX_READING_BYTES:
            yield Reading(
                messages=tuple(messages), rejects=tuple(rejects), warnings=tuple(warnings), entries=tuple(entries)
            )
            messages, rejects, warnings, entries, size = [], [], [], [], 0
    if messages or rejects or warnings or entries:
        yield Reading(
            messages=tuple(messages), rejects=tuple(rejects), warnings=tuple(warnings), entries=tuple(entries)
        )


def _capture(recording: _Recording) -> Iterator[Item]:
    with _whole(recording) as data:
        yield from packets_of(data, recording.name)


def _log(recording: _Recording) -> Iterator[Item]:
    with _whole(recording) as data:
        for entry in entries_of(data, recording.name):
            if isinstance(entry, Gap):
                yield f"{recording.name}: {gap_text(entry)}"
            yield entry


@contextmanager
def _whole(recording: _Recording) -> Iterator[bytes | mmap.mmap]:
    """All bytes: mapped, so that only slices are copied; read where there is no file to map."""
    mapped = None
    if not recording.compressed:
        try:
            mapped = mmap.mmap(recording.stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):  # a pipe, or an empty file
            mapped = None
    if mapped is None:
        yield recording.first + recording.stream.read(MAX_WHOLE_BYTES)
        return
    with mapped:
        yield mapped


def _json(recording: _Recording) -> Iterator[Item]:
    received_s = recording.receiver_time_s
    if received_s is None:
        received_s = _changed_s(recording.stream) or 0.0  # what carries no time of its own is refused by the gate
    lines: Iterator[Line] = _lines(BytesIO(recording.first), recording.stream)
    found = None
    if recording.first.lstrip(BLANK).startswith(b"["):
        data = recording.first + recording.stream.read(MAX_ARRAY_BYTES)
        found = array_elements(data.strip(BLANK), 1 + _lines_before(data))
        lines = _lines(BytesIO(data), recording.stream)
    for line, document in found if found is not None else documents(lines):
        place = f"{recording.name}:{line}"
        if document is None or len(document) > MAX_PAYLOAD_BYTES:
            yield _too_large(place, received_s)
        else:
            yield RawMessage(payload=document, received_s=received_s, place=place)


def _lines_before(data: bytes) -> int:
    return data[: len(data) - len(data.lstrip(BLANK))].count(b"\n")


def _hex(recording: _Recording) -> Iterator[Item]:
    """A line a message; blank lines and those that begin with a number sign are passed over."""
    received_s, warning = _receive_time(recording)
    yield from warning
    for number, line in _lines(BytesIO(recording.first), recording.stream):
        text = line.strip(BLANK)
        place = f"{recording.name}:{number}"
        if len(text) > MAX_PAYLOAD_BYTES:
            yield _too_large(place, received_s)
        elif text and not text.startswith(b"#"):
            yield RawMessage(payload=text, received_s=received_s, sensor=recording.sensor, place=place)


def _bare(recording: _Recording) -> Iterator[Item]:
    """Neither capture nor text: the whole is one message, or no message at all."""
    received_s, warning = _receive_time(recording)
    yield from warning
    data = recording.first + recording.stream.read(MAX_PAYLOAD_BYTES)
    if len(data) > MAX_PAYLOAD_BYTES:
        yield _too_large(recording.name, received_s)
    else:
        yield RawMessage(payload=data, received_s=received_s, sensor=recording.sensor, place=recording.name)


def _csv(recording: _Recording) -> Iterator[Item]:
    """Of the OpenDroneID Android app; its times count from the start of the phone, ours is that of its first row."""
    start = recording.first + recording.stream.readline(MAX_LINE_BYTES)  # a spreadsheet may put a line before
    if not is_android_csv(start):
        received_s = recording.receiver_time_s or _changed_s(recording.stream) or 0.0
        detail = "not the CSV of the OpenDroneID Android app, the only one that is read"
        yield Reject(reason=RejectReason.UNKNOWN_FORMAT, detail=detail, place=recording.name, received_s=received_s)
        return
    received_s, warning = _receive_time(recording)
    yield from warning
    yield from android_rows(start + recording.stream.read(MAX_ARRAY_BYTES), recording.name, received_s)


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


_READERS: Final = {_CAPTURE: _capture, _JSON: _json, _HEX: _hex, _BARE: _bare, _CSV: _csv, _LOG: _log}
