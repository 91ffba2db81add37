"""The recorder: what the service takes in, into files of our own format, a block a second.

``turn``, ``commands`` and ``tick`` are called from the process loop and only collect; compressing and writing are done
by one thread. It never stops the service: a full disk is a fault with a name, what waits is written when there is room
again, and beyond ``MAX_WAITING_BYTES`` it is given up and the recording says what is missing (``Gap``).

What is promised: each tick hands its block to the operating system (a killed service loses a second), every
``SYNC_EVERY_S`` and at the end of a file it is forced to the disk (a power cut loses that much). Files are only
appended to, readable for their owner alone, and rotated at a tick by size and by time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from airspace.model.log import Command
from airspace.model.message import Decoded, RawMessage
from airspace.model.ports import Format
from airspace.model.units import rfc3339
from receivers.formats import recording
from receivers.formats.recording import Commands, End, Entry, Gap, Opening, Tick, Turn
from receivers.formats.turns import turns

MAX_WAITING_BYTES: Final = 1 << 25
BLOCK_BYTES: Final = 1 << 23  # a block is sent before its tick when it has this much
SYNC_EVERY_S: Final = 10.0
ROTATE_BYTES: Final = 1 << 28
ROTATE_S: Final = 3600.0
SUFFIX: Final = ".log"
_ENTRY_BYTES: Final = 64  # what an entry costs beside its payloads, about


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderSettings:
    """Where, why and until when is recorded; a new file by size and by time."""

    folder: Path
    purpose: str
    until_s: float
    rotate_bytes: int = ROTATE_BYTES
    rotate_s: float = ROTATE_S


class Recorder:
    """Collects entries, sends them on as blocks, and knows what went wrong."""

    def __init__(
        self, settings: RecorderSettings, decode: Format, sealed: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        """``sealed`` is told name and last digest (hex) of each file that was closed, from the writing thread.

        OSError if the folder cannot be made.
        """
        settings.folder.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._decode = decode
        self._writer = _Writer(settings, sealed)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._under_way: Future[None] | None = None
        self._sent: list[Entry] = []
        self._waiting: list[Entry] = []
        self._bytes = 0
        self._gap: Gap | None = None
        self._ended = False
        self.lost = 0  # messages that were accepted and are in no file
        self.fault: str | None = None

    def turn(self, messages: Sequence[RawMessage], decoded: Decoded, admitted: Decoded, logged_s: float) -> None:
        """What was accepted of these messages."""
        if self._ended:
            return
        try:
            for turn in turns(messages, decoded, admitted, logged_s, self._decode):
                self._collect(turn, sum(len(message.payload) for message in turn.messages))
        except Exception as error:  # noqa: BLE001 -- a recording never stops the service it records
            self._give_up(len(messages), logged_s, logged_s, f"{type(error).__name__}: {error}")

    def commands(self, commands: Sequence[Command]) -> None:
        """What people did to alerts."""
        if commands and not self._ended:
            self._collect(Commands(tuple(commands)), 0)

    def tick(self, tick_s: float, clock_offset_s: float | None = None) -> None:
        """A second of the log is over: its entries become a block."""
        if self._ended:
            return
        self._collect(Tick(tick_s, clock_offset_s), 0)
        self._send(tick_s)
        if tick_s >= self._settings.until_s:
            self.fault = f"recording ended at {rfc3339(self._settings.until_s)}, as configured"
            self._finish(tick_s)

    def close(self) -> None:
        """Write what waits and close the file in order. Waits for the disk."""
        if not self._ended:
            error = self._finish(self._writer.latest_s).exception()
            self.fault = None if error is None else f"recording: {error}"
        self._thread.shutdown()

    def _collect(self, entry: Entry, payload_bytes: int) -> None:
        self._waiting.append(entry)
        self._bytes += payload_bytes + _ENTRY_BYTES * (1 + len(getattr(entry, "messages", ())))
        if self._bytes >= BLOCK_BYTES:
            self._send(None)

    def _send(self, tick_s: float | None) -> None:
        """Hand what waits to the thread, unless it is still busy."""
        if self._under_way is not None and not self._under_way.done():
            if self._bytes > MAX_WAITING_BYTES:
                self._drop("the disk does not keep up")
            return
        self._look_back()
        if self._bytes > MAX_WAITING_BYTES:
            self._drop(self.fault or "the disk does not keep up")
        self._sent = ([] if self._gap is None else [self._gap]) + self._waiting
        self._waiting, self._bytes, self._gap = [], 0, None
        self._under_way = self._thread.submit(self._writer.write, self._sent, tick_s)

    def _look_back(self) -> None:
        """What became of the block before; one that could not be written waits again, before what came since."""
        error = None if self._under_way is None else self._under_way.exception()
        if error is None:
            self.fault = None
        else:
            self.fault = f"recording: {error.strerror if isinstance(error, OSError) else type(error).__name__}"
            self._waiting = self._sent + self._waiting
            self._bytes += sum(_size(entry) for entry in self._sent)
        self._sent, self._under_way = [], None

    def _drop(self, cause: str) -> None:
        lost = [entry for entry in self._waiting if isinstance(entry, Turn)]
        gaps = [entry for entry in self._waiting if isinstance(entry, Gap)]
        count = sum(len(turn.messages) for turn in lost)
        self._waiting, self._bytes = [*gaps], 0
        if lost:
            self._give_up(count, lost[0].logged_s, lost[-1].logged_s, cause)

    def _give_up(self, messages: int, from_s: float, to_s: float, cause: str) -> None:
        self.lost += messages
        self.fault = f"recording: {messages} messages lost: {cause}"
        before = self._gap
        self._gap = Gap(
            from_s=from_s if before is None else before.from_s,
            to_s=to_s,
            messages=messages + (0 if before is None else before.messages),
            cause=cause,
        )

    def _finish(self, at_s: float) -> Future[None]:
        """Have the file closed behind the block under way, which is written again first if it could not be."""
        self._ended = True
        rest = ([] if self._gap is None else [self._gap]) + self._waiting
        return self._thread.submit(self._last, self._under_way, self._sent, rest, at_s)

    def _last(self, before: Future[None] | None, sent: list[Entry], rest: list[Entry], at_s: float) -> None:
        failed = before is not None and before.exception() is not None  # the one thread is done with it
        self._writer.finish([*sent, *rest] if failed else rest, at_s)


def _size(entry: Entry) -> int:
    messages = entry.messages if isinstance(entry, Turn) else ()
    return _ENTRY_BYTES * (1 + len(messages)) + sum(len(message.payload) for message in messages)


class _Writer:
    """The file under way; used by the one thread only."""

    def __init__(self, settings: RecorderSettings, sealed: Callable[[str, str], None]) -> None:
        self._settings = settings
        self._sealed = sealed
        self._descriptor: int | None = None
        self._name: str | None = None
        self._digest = b""
        self._size = self._blocks = 0
        self._opened_s = self._synced_s = self.latest_s = 0.0

    def write(self, entries: Sequence[Entry], tick_s: float | None) -> None:
        """One block; OSError leaves the file as it was before."""
        self.latest_s = self.latest_s if tick_s is None else tick_s
        if self._descriptor is None:
            self._open(_time(entries, self.latest_s))
        self._append(entries)
        if tick_s is None:
            return
        if self._size >= self._settings.rotate_bytes or tick_s - self._opened_s >= self._settings.rotate_s:
            self._seal()
        elif tick_s - self._synced_s >= SYNC_EVERY_S:
            self._sync(tick_s)

    def finish(self, entries: Sequence[Entry], at_s: float) -> None:
        """The last block and the end mark."""
        if entries:
            self.write(entries, at_s or None)
        if self._descriptor is not None:
            self._seal()

    def _open(self, started_s: float) -> None:
        opening = Opening(
            started_s=started_s,
            purpose=self._settings.purpose,
            previous=self._name,
            previous_digest=self._digest or None,
        )
        stem = "recording-" + rfc3339(started_s)[:19].replace(":", "")
        number = 1
        while (path := self._settings.folder / f"{stem}Z-{number:03}{SUFFIX}").exists():
            number += 1  # so that names are in the order of time
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        _write_all(self._descriptor, recording.header())
        self._name, self._digest = path.name, recording.first_digest()
        self._size, self._blocks = len(recording.header()), 0
        self._opened_s = self._synced_s = started_s
        self._append([opening])
        _sync_folder(self._settings.folder)

    def _append(self, entries: Sequence[Entry]) -> None:
        data, digest = recording.block(entries, self._digest)
        assert self._descriptor is not None  # noqa: S101 -- for the type checker
        try:
            _write_all(self._descriptor, data)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size, self._digest, self._blocks = self._size + len(data), digest, self._blocks + 1

    def _sync(self, tick_s: float) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)
        self._synced_s = tick_s

    def _seal(self) -> None:
        self._append([End(blocks=self._blocks + 1)])
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and self._name is not None:
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._sealed(self._name, self._digest.hex())


def _time(entries: Sequence[Entry], latest_s: float) -> float:
    """Log time of the first entry that has one."""
    for entry in entries:
        if isinstance(entry, Turn):
            return entry.logged_s
        if isinstance(entry, Tick):
            return entry.tick_s
    return latest_s


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """So that the file's name survives a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
