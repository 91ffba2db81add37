"""The folder of what a restart goes on with: in memory, ours alone, with room. Looked at, never made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from airspace.app import parts
from airspace.app.doctor.finding import Finding, fail, ok, warn
from airspace.service import config
from airspace.service.state import NAME, told, why_unfit

TOO_LITTLE_BYTES: Final = 1 << 20  # the new one is written beside the one before it
LITTLE_BYTES: Final = 1 << 26
_ELSE: Final = "else a restart counts drones in the air anew"
_REMEDY: Final = f"give [state] folder in a tmpfs (/run, /dev/shm) to the service's user, {_ELSE}"


def state(settings: config.Settings) -> Finding:
    """Whether the service could save there, as its own start asks."""
    folder = parts.state_folder(settings)
    if folder is None:
        return ok("state", "not kept, as configured")
    try:
        fault = why_unfit(folder) or _barred(folder)
        return _room(folder) if fault is None else fail("state", fault, _REMEDY)
    except OSError as error:
        return fail("state", told(error, folder), f"{_REMEDY}; run the doctor as that user")


def _barred(folder: Path) -> str | None:
    """Why it can neither be used nor be made."""
    there = _there(folder)
    if not there.is_dir():
        return f"{there} is no folder"
    wanted = os.R_OK | os.W_OK | os.X_OK
    at_fault = [place for place in {there, folder.parent} if place.exists() and not os.access(place, wanted)]
    return f"{at_fault[0]} cannot be written to by this user" if at_fault else None


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(_there(folder)).free
    saved = folder / NAME
    held = saved.stat().st_size if saved.exists() else 0
    text = f"{folder}: {free / (1 << 20):.1f} MiB free"
    if free < max(TOO_LITTLE_BYTES, held):
        return fail("state", text, f"make room in this memory, or give it more, {_ELSE}")
    if free < max(LITTLE_BYTES, 2 * held):
        return warn("state", text, "make room in this memory: on a busy evening a state takes tens of MiB")
    return ok("state", text)
