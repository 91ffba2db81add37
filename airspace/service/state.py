"""What a service knows at one moment, kept for the one after it: tracks, verdicts that stand, alerts and their people.

It lies in memory (a tmpfs such as /run or /dev/shm, which is checked), never on a disk: it holds what was heard,
whatever the privacy mode. A restart of the service finds it; a restart of the machine does not. Only a service of the
same program, configuration, zones and notices can go on with it; for any other it is told and left. What nobody can go
on with any more, of this database or another's, is removed at the next start.
"""

from __future__ import annotations

import hashlib
import math
import os
import pickle
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from airspace.service.clock import Clock, wall_clock
from airspace.service.isolation import FAULTS, survive, system_words, where
from airspace.service.snapshot import Snapshot, restore

NAME: Final = "state"
EVERY_S: Final = 2.0
SHARE_AT_ONCE: Final = 4
SHARE: Final = 50  # a save that took a hundredth of a second is made twice a second at most
OLDEST_S: Final = 600.0  # after so long a silence every track has ended; no clock is set back further unnoticed
MOST_BYTES: Final = 1 << 29
_TMPFS: Final = "tmpfs"
_NEW: Final = ".new"
_OF_A_DATABASE: Final = re.compile("[0-9a-f]{16}")  # the name of a folder
_MAGIC: Final = b"airspace state 1\n"

log = structlog.get_logger("airspace")


class NotInMemory(ValueError):  # noqa: N818 -- it says what is the matter
    """The folder is on a disk."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """What the file holds beside the pickle of the stages."""

    program: str  # digest of program and configuration
    time_s: float  # log time
    names: tuple[str, ...]  # of what the pickle refers to
    data: bytes


class StateKeeper:
    """Saves the state of some stages into a folder, and gives it to the next service.

    ``names`` gives every shared object that a stage may refer to by a name that it has in the next process too.
    """

    def __init__(
        self,
        folder: Path,
        stages: Sequence[object],
        shared: Sequence[type],
        names: Callable[[], Mapping[str, object]],
        program: str,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._file = folder / NAME
        self._stages = tuple(stages)
        self._shared = tuple(shared)
        self._names = names
        self._program = program
        self._monotonic = monotonic
        self._due_s = self._soonest_s = 0.0
        self.fault: str | None = None
        self.left: str | None = None  # why what an earlier run knew was not taken up, where it should have been
        self.database = ""  # whose state it is
        check_in_memory(folder)
        remove_old(folder.parent)

    def load(self, now_s: float) -> float | None:
        """Put the stages into the state that was saved; its log time, or None where they stay as they are (told).

        The time may be ahead of ``now_s``, where the machine's clock was set back since: the log goes on from there.
        """
        try:
            saved = self._read()
            if saved is None:
                return None
            age_s = now_s - saved.time_s
            if age_s > OLDEST_S:
                log.info("state left: too old", age_s=round(age_s))
                return None
            if age_s < -OLDEST_S:
                raise ValueError(f"it is of a time {-age_s:.0f} s ahead: the machine's clock was set back")
            names = self._names()
            restore(self._stages, saved.data, [self._named(name, names) for name in saved.names], foreign=True)
        except FAULTS as error:
            survive(error)
            self.left = str(error) if isinstance(error, ValueError) else self._told(error)
            log.warning("state left: it does not fit", reason=self.left)
            return None
        log.info("state taken up", age_s=round(now_s - saved.time_s, 1))
        return saved.time_s

    def save(self, time_s: float, *, at_once: bool = False) -> None:
        """Save if it is due; ``at_once`` if that costs less than a part of the time, which a flood of alerts needs.

        A fault is kept in ``fault``: what is running goes on.
        """
        began_s = self._monotonic()
        if began_s < (self._soonest_s if at_once else self._due_s):
            return
        try:
            self._write(time_s)
            self.fault = None
        except FAULTS as error:
            survive(error)
            self.fault = self._told(error)
        ended_s = self._monotonic()
        self._due_s = ended_s + max(EVERY_S, SHARE * (ended_s - began_s))
        self._soonest_s = ended_s + SHARE_AT_ONCE * (ended_s - began_s)

    def save_last(self, time_s: float) -> None:
        """Save once more before the end, whatever it costs."""
        self._soonest_s = -math.inf
        self.save(time_s, at_once=True)

    def _told(self, error: BaseException) -> str:
        return told(error, self._file.parent)

    def _write(self, time_s: float) -> None:
        by_id = {id(thing): name for name, thing in self._all_names(self._names()).items()}
        snapshot = Snapshot(self._stages, self._shared, by_id)
        saved = _Saved(self._whose, time_s, tuple(by_id[id(thing)] for thing in snapshot.held), snapshot.data)
        fresh = self._file.with_suffix(_NEW)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(_MAGIC)
            pickle.dump((saved.program, saved.time_s, saved.names, saved.data), out)
        fresh.replace(self._file)

    def _read(self) -> _Saved | None:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        if status.st_uid != os.geteuid() or status.st_mode & 0o077 or status.st_size > MOST_BYTES:
            raise ValueError("the file of the state is not ours alone")
        with self._file.open("rb") as data:
            if data.read(len(_MAGIC)) != _MAGIC:
                raise ValueError("of another version")
            saved = _Saved(*pickle.load(data))  # noqa: S301 -- our own file in our own folder, checked above
        if saved.program != self._whose:
            raise ValueError("of another program or configuration")
        return saved

    @property
    def _whose(self) -> str:
        return f"{self._program} {self.database}"

    def _named(self, name: str, names: Mapping[str, object]) -> object:
        return self._all_names(names)[name]

    def _all_names(self, names: Mapping[str, object]) -> dict[str, object]:
        return {**{f"stage {place}": stage for place, stage in enumerate(self._stages)}, **names}


def check_in_memory(folder: Path) -> None:
    """``NotInMemory`` unless the folder, made if it is not there, lies in memory and is its owner's alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (unfit := why_unfit(folder)) is not None:
        raise NotInMemory(unfit)


def why_unfit(folder: Path) -> str | None:
    """Why no state may be kept in a folder, which may still have to be made; None where it may."""
    if kind_of(folder) != _TMPFS:
        return f"{folder} is on a disk: name a folder under /run or /dev/shm"
    if folder.exists() and (folder.stat().st_uid != os.geteuid() or folder.stat().st_mode & 0o077):
        return f"{folder} can be entered by others: chmod 700, and own it"
    return None


def told(error: BaseException, folder: Path) -> str:
    """What went wrong with the folder: in the system's words with its name, else in which line of ours."""
    words = system_words(error)
    return where(error) if words is None else f"{words}: {folder}"


def remove_old(root: Path) -> None:
    """Remove the states under a folder that no service can go on with any more: they hold what was heard."""
    for folder in root.iterdir():
        if _OF_A_DATABASE.fullmatch(folder.name):
            for file in (folder / NAME, (folder / NAME).with_suffix(_NEW)):
                with suppress(OSError):
                    if wall_clock() - file.stat().st_mtime > OLDEST_S and _is_ours(file):
                        file.unlink()


def _is_ours(file: Path) -> bool:
    with file.open("rb") as data:
        return data.read(len(_MAGIC)) == _MAGIC


def kind_of(folder: Path, mounts: str | None = None) -> str:
    """The kind of file system that a folder is on, from the list of mounts of this process."""
    text = Path("/proc/self/mounts").read_text(encoding="utf-8") if mounts is None else mounts
    best, kind = "", ""
    for line in text.splitlines():
        _, point, file_system, *_ = line.split()
        point = point.replace("\\040", " ")
        inside = point == "/" or str(folder.resolve()) == point or str(folder.resolve()).startswith(f"{point}/")
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    return kind


def program_digest(*settings: object) -> str:
    """A digest of every module of ours, and of the settings: another of either cannot go on with a state."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[2]
    for package in ("airspace", "alerting", "geofences", "receivers"):
        for file in sorted((root / package).rglob("*.py")):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    for one in settings:
        digest.update(repr(one).encode())
    return digest.hexdigest()
