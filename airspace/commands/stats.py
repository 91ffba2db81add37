"""``airspace stats``: counts by the stated definition, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import msgspec

from airspace import app
from airspace.commands import tables, values
from airspace.commands.ending import endings, fail
from airspace.commands.progress import progress

FORMATS: Final = ("table", "csv", "json")
_NAMED: Final = 8  # zones in a line that says which there are


def show(period: str, path: Path, first: date, last: date, zone: str | None, format_name: str) -> None:
    """Print the rows of a period; days are local (Europe/Amsterdam), by the start of a flight."""
    values.in_order(first, last, first, last)
    with endings(), progress("asking the database"):
        found = app.statistics_rows(period, path, first, last, zone)
    if zone is not None and not found.rows and zone not in found.zones:
        raise fail(f"--zone {zone!r}: {_which(zone, found.zones)}")
    with endings():
        _PRINTERS[format_name](found.rows, f"nothing was counted from {first} to {last}")


def _which(zone: str, known: tuple[str, ...]) -> str:
    if not known:
        return "no zone is known: [zones] names no file, and no flight broke a rule in one yet"
    near = get_close_matches(zone, known, _NAMED, 0.5) or list(known[:_NAMED])
    more = len(known) - len(near)
    rest = f" and {more} more (airspace zones export lists them)" if more else ""
    return f"no such zone; there are {', '.join(near)}{rest}; for example: --zone {near[0]}"


def _table(rows: list[dict[str, Any]], empty: str) -> None:
    tables.show(rows, empty)


def _csv(rows: list[dict[str, Any]], _empty: str) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=app.STATISTICS_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)


def _json(rows: list[dict[str, Any]], _empty: str) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(rows) + b"\n")


_PRINTERS: Final[dict[str, Callable[[list[dict[str, Any]], str], None]]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
}
