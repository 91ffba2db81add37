"""``airspace notices``: what files hold, files into the store, and what is in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import msgspec

from airspace import app
from airspace.commands import tables, values
from airspace.commands.ending import endings, fail, one_line, reason
from airspace.commands.progress import progress
from airspace.model.text import counted
from airspace.model.units import epoch_s
from airspace.model.zone import Oddity

FORMATS: Final = ("table", "json")


def check(files: list[Path]) -> None:
    """Counts and oddities of each file; one that cannot be used is named and makes the exit code 1."""
    unusable = refusing = 0
    for file in files:
        try:
            with progress(f"reading {file.name}"):
                found = app.read_notices(file)
        except app.INPUT_FAULTS as error:
            unusable += 1
            sys.stdout.write(one_line(f"{file}: cannot be used: {reason(error, file)}") + "\n")
            continue
        refusing += bool(found.oddities and not found.notices)
        sys.stdout.write(
            f"{file}: {counted(len(found.notices), 'notice', 'notices')},"
            f" {counted(len(found.oddities), 'entry', 'entries')} passed over\n"
        )
        _tell(found.oddities)
        _tell(found.remarks)
    _end(unusable, len(files))
    if refusing:
        raise fail(f"{refusing} of {counted(len(files), 'file', 'files')} hold no notice that can be used")


def take(files: list[Path], config: Path) -> None:
    """Store what is new or changed; entries that cannot be read are named, counted and never stop the others."""
    with endings(), progress(f"storing the notices of {len(files)} files"):
        runs = app.import_notices(files, config)
    for run in runs:
        if run.fault is not None:
            sys.stdout.write(one_line(f"{run.file}: cannot be used: {run.fault}") + "\n")
            continue
        made = run.imported
        passed = (*run.unread, *made.refused)
        sys.stdout.write(
            f"{run.file}: {made.new} new, {made.changed} changed, {made.unchanged} unchanged,"
            f" {len(passed)} passed over\n"
        )
        _tell(passed)
        _tell(run.remarks)
    _end(sum(run.fault is not None for run in runs), len(files))


def show(config: Path, states: list[str], first: str | None, last: str | None, format_name: str) -> None:
    """Notices of now and the next day, or of the time asked for."""
    if first is not None and last is not None:
        values.in_order(epoch_s(first), epoch_s(last), first, last)
    with endings(), progress("asking the database"):
        lines = app.list_notices(config, states, first, last)
    if format_name == "json":
        sys.stdout.buffer.write(msgspec.json.encode(lines) + b"\n")
        return
    tables.show(lines, "no notices in this time")


def _tell(oddities: tuple[Oddity, ...]) -> None:
    for oddity in oddities:
        sys.stdout.write(f"  {oddity.place}: {oddity.what}\n")


def _end(unusable: int, files: int) -> None:
    if unusable:
        raise fail(f"{unusable} of {counted(files, 'file', 'files')} cannot be used")
