"""``airspace stats``: counts by the stated definition, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from airspace import app
from airspace.commands.ending import endings, fail

_FORMATS = ("table", "csv", "json")


def show(period: str, path: Path, first: str, last: str, zone: str | None, format_name: str) -> None:
    """Print the rows of a period; days are local (Europe/Amsterdam), by the start of a flight."""
    if format_name not in _FORMATS:
        raise fail(f"--format {format_name!r} is none of {', '.join(_FORMATS)}", 2)
    with endings():
        rows = app.statistics_rows(period, path, date.fromisoformat(first), date.fromisoformat(last), zone)
    _PRINTERS[format_name](rows)


def _table(rows: list[dict[str, Any]]) -> None:
    table = Table()
    for name in rows[0] if rows else ("nothing was counted in this time",):
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


def _csv(rows: list[dict[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)


def _json(rows: list[dict[str, Any]]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(rows) + b"\n")


_PRINTERS = {"table": _table, "csv": _csv, "json": _json}
