"""Statistics out of the database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from airspace.app import parts, rules, zone_files
from airspace.service import config
from airspace.store import statistics
from airspace.store.database import Connection, connect, unavailability
from airspace.store.inspection import inspect

STATISTICS_COLUMNS: Final = tuple(column.name for column in fields(statistics.Counts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of days or months as plain rows, and the ids of the zones that could be asked about."""

    rows: list[dict[str, Any]]
    zones: tuple[str, ...]


def statistics_rows(period: str, path: Path, first: date, last: date, zone: str | None) -> Figures:
    """Counts of days or months; of one zone, if it is named."""
    settings = config.read(path)
    read = {"daily": statistics.daily, "monthly": statistics.monthly}[period]

    async def ask(url: str) -> tuple[list[statistics.Counts], list[str]]:
        with unavailability():
            async with await connect(url) as connection:
                await _has_tables(connection)
                rows = await read(connection, first, last, zone)
                return rows, [] if zone is None or rows else await statistics.zones(connection)

    with parts.database(settings.database, make=False) as url:
        rows, counted = asyncio.run(ask(url))
    filed = [] if zone is None or rows else _filed_zones(settings)
    return Figures(rows=[asdict(row) for row in rows], zones=tuple(sorted({*counted, *filed})))


async def _has_tables(connection: Connection) -> None:
    """``ConfigError`` for a database that no service has started on, or that has lost tables."""
    found = await inspect(connection)
    if found.empty:
        raise config.ConfigError("the database has no tables yet: start the service once")
    if found.missing:
        named = ", ".join(found.missing)
        raise config.ConfigError(f"the database has lost tables ({named}): airspace doctor says the way out")


def _filed_zones(settings: config.Settings) -> list[str]:
    """Of the files that can be read: what is wrong with the others is not asked here."""
    found: list[str] = []
    for path in parts.paths(settings.zones):
        with suppress(*rules.INPUT_FAULTS):
            found += [zone.zone_id for zone_set in zone_files.load_zones([path]) for zone in zone_set.zones]
    return found
