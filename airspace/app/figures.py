"""Statistics out of the database."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from airspace.app import parts
from airspace.service import config
from airspace.store import statistics
from airspace.store.database import connect, unavailability


def statistics_rows(period: str, path: Path, first: date, last: date, zone: str | None) -> list[dict[str, Any]]:
    """Counts of days or months as plain rows."""
    settings = config.read(path)
    read = {"daily": statistics.daily, "monthly": statistics.monthly}[period]

    async def ask(url: str) -> list[statistics.Counts]:
        with unavailability():
            async with await connect(url) as connection:
                return await read(connection, first, last, zone)

    with parts.database(settings.database) as url:
        return [asdict(row) for row in asyncio.run(ask(url))]
