"""``airspace notices``: what files hold, files into the store, and what is in force."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from airspace import app
from airspace.commands.ending import endings, fail
from airspace.model.zone import Oddity

_FORMATS = ("table", "json")


def check(files: list[Path]) -> None:
    """Counts and oddities of each file; one that cannot be used is named and makes the exit code 1."""
    unusable = 0
    for file in files:
        try:
            found = app.read_notices(file)
        except app.INPUT_FAULTS as error:
            unusable += 1
            sys.stdout.write(f"{file}: cannot be used: {error}\n")
            continue
        sys.stdout.write(f"{file}: {len(found.notices)} notices, {len(found.oddities)} entries passed over\n")
        _tell(found.oddities)
        _tell(found.remarks)
    _end(unusable, len(files))


def take(files: list[Path], config: Path) -> None:
    """Store what is new or changed; entries that cannot be read are named, counted and never stop the others."""
    with endings():
        runs = app.import_notices(files, config)
    for run in runs:
        if run.fault is not None:
            sys.stdout.write(f"{run.file}: cannot be used: {run.fault}\n")
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
    if format_name not in _FORMATS:
        raise fail(f"--format {format_name!r} is none of {', '.join(_FORMATS)}", 2)
    with endings():
        lines = app.list_notices(config, states, first, last)
    if format_name == "json":
        sys.stdout.buffer.write(msgspec.json.encode(lines) + b"\n")
        return
    table = Table()
    for name in lines[0] if lines else ("no notices in this time",):
        table.add_column(name.replace("_", " "), overflow="fold")
    for line in lines:
        table.add_row(*("" if value is None else str(value) for value in line.values()))
    Console().print(table)


def _tell(oddities: tuple[Oddity, ...]) -> None:
    for oddity in oddities:
        sys.stdout.write(f"  {oddity.place}: {oddity.what}\n")


def _end(unusable: int, files: int) -> None:
    if unusable:
        raise fail(f"{unusable} of {files} files cannot be used")
