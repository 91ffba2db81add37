"""The process of an embedded server: found by what it says of itself, and ended within a bound, whatever it does.

``postmaster.pid`` outlives a power cut, and the number in it may be somebody else's by now: only a process that calls
itself a postgres of this folder is the server. It leads a session of its own, and so does each of its children.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT, Signals
from typing import Final

import psutil

FAST_S: Final = 12.0  # the last checkpoint
IMMEDIATE_S: Final = 6.0  # the server itself kills its children after five
KILL_S: Final = 2.0
_LOOK_S: Final = 0.05
_SOCKET_LINE: Final = 4
_MEMORY_LINE: Final = 6
_STATUS_LINE: Final = 7
_SHARED_MEMORY: Final = Path("/proc/sysvipc/shm")
_ID_COLUMN: Final = 1
_ATTACHED_COLUMN: Final = 6


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A server that lives. ``socket_folder`` is where it listens, empty until it does."""

    process: psutil.Process
    socket_folder: str
    ready: bool


def find(folder: Path) -> Postmaster | None:
    """The server of a folder; None where its process is gone, or where the number is another process's."""
    lines = _lines(folder)
    process = None if not lines else _process(lines[0], folder)
    if process is None:
        return None
    known = [*lines, *[""] * (_STATUS_LINE + 1 - len(lines))]  # it is written line by line
    return Postmaster(process, known[_SOCKET_LINE].strip(), known[_STATUS_LINE].strip() == "ready")


def forget_stranger(folder: Path) -> None:
    """Remove what names another living process as the server: PostgreSQL would wait for that one's end for ever.

    Never while something is still attached to the old server's memory. A number that nobody has PostgreSQL clears up.
    """
    lines = _lines(folder)
    if not lines or find(folder) is not None or not lines[0].strip().isdecimal():
        return
    if psutil.pid_exists(int(lines[0])) and not _attached(lines):
        (folder / "postmaster.pid").unlink(missing_ok=True)


def alive(process: psutil.Process) -> bool:
    """Whether this very process still runs; one that nobody has reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(folder: Path, steps: tuple[tuple[Signals, float], ...] = ((SIGINT, FAST_S), (SIGQUIT, IMMEDIATE_S))) -> bool:
    """End the server: fast, then at once, then by force. Blocks for 20 s at most; whether it ended in order."""
    found = find(folder)
    if found is None:
        return True
    family = _family(found.process)
    for number, within_s in steps:
        if _tell(found.process, number) and _ends(family, within_s):
            return number is SIGINT
    _kill({*family, *_family(found.process)})
    return False


def _family(process: psutil.Process) -> list[psutil.Process]:
    """With its children, which outlive it while they are stopped, and keep its memory: asked for while it lives."""
    with suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return [process]


def _kill(family: Collection[psutil.Process]) -> None:
    for each in family:
        _tell(each, SIGKILL)
    _ends(family, KILL_S)


def _tell(process: psutil.Process, number: Signals) -> bool:
    """Whether it could be told, or is gone; psutil refuses where the number went to another process."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
    return True


def _ends(processes: Collection[psutil.Process], within_s: float, now_s: Callable[[], float] = time.monotonic) -> bool:
    deadline_s = now_s() + within_s
    while any(alive(each) for each in processes):
        if now_s() > deadline_s:
            return False
        time.sleep(_LOOK_S)
    return True


def _lines(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _process(number: str, folder: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(number))
        words = process.cmdline()
    except (psutil.Error, ValueError, OverflowError):
        return None
    ours = bool(words) and Path(words[0]).name == "postgres" and str(folder) in words
    return process if ours and alive(process) else None


def _attached(lines: list[str]) -> bool:
    """Whether a process still uses the memory of the server that wrote these lines; yes where nobody can tell."""
    words = lines[_MEMORY_LINE].split() if len(lines) > _MEMORY_LINE else []
    try:
        rows = [row.split() for row in _SHARED_MEMORY.read_text().splitlines()[1:]]
    except OSError:
        return True
    return any(row[_ID_COLUMN] == words[-1] and int(row[_ATTACHED_COLUMN]) > 0 for row in rows) if words else False
