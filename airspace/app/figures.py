"""Statistics out of the database, dashboards into Grafana."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from airspace.app import parts
from airspace.service import config
from airspace.store import statistics
from airspace.store.database import connect, unavailability
from dashboards.grafana import provision


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


def push_dashboards(path: Path) -> list[str]:
    """Folder, data source and dashboards into Grafana; what was done."""
    settings = config.read(path)
    if settings.grafana is None:
        raise config.ConfigError(f"{path}: grafana.url is not set")
    channel = parts.grafana(settings.grafana)
    reach = conninfo_to_dict(config.secret(None, settings.grafana.database_url_env) or settings.database.url or "")
    database = provision.Database(
        address=f"{reach.get('host', '127.0.0.1')}:{reach.get('port', 5432)}",
        name=str(reach.get("dbname", "airspace")),
        user=str(reach.get("user", "airspace")),
        password=str(reach.get("password", "")),
        ssl_mode=str(reach.get("sslmode", "prefer")),
    )
    return provision.push(channel.api, database)


def render_dashboards(folder: Path) -> list[Path]:
    """The same as provisioning files."""
    return provision.render(folder)
