"""Which programs use an embedded server: the last one to leave stops it.

A program is its process number, when that began after the machine's start, and which start that was: after a power cut
the number alone is soon another program's, and the server would never be stopped again.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

NAME: Final = ".airspace-users.json"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_START_FIELD: Final = 19  # of what stands behind the name, in clock ticks since the machine's start
_GONE: Final = ("Z", "X")


class Users:
    """The list beside the data. Read and written by one program at a time: see the lock of ``embedded``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def enter(self) -> None:
        """This program uses the server."""
        self._write({*self.living(), _identity(os.getpid()) or ""})

    def leave(self) -> bool:
        """This program does not any more; whether nobody else does either."""
        left = self.living() - {_identity(os.getpid()) or ""}
        self._write(left)
        return not left

    def living(self) -> set[str]:
        """Who is on the list and still runs; a killed program never left it."""
        try:
            found = json.loads(self._path.read_text())
        except (OSError, ValueError):  # not there yet, or cut short by a power cut
            return set()
        return {name for name in found if isinstance(name, str) and _runs(name)}

    def _write(self, names: set[str]) -> None:
        """A full disk keeps no service from its start: at worst another program that leaves stops the server."""
        with suppress(OSError):
            self._path.write_text(json.dumps(sorted(names)))


def _runs(name: str) -> bool:
    number = name.partition(":")[0]
    return number.isdecimal() and _identity(int(number)) == name


def _identity(pid: int) -> str | None:
    """None where no such process runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = _BOOT.read_text().strip()
    except OSError:
        return None
    return None if fields[0] in _GONE else f"{pid}:{fields[_START_FIELD]}:{boot}"
