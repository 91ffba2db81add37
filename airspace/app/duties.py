"""What the live service does now and then, beside its messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from airspace.app.assembly import Assembly
from airspace.model.ports import StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.service.metrics import Metrics
from airspace.service.view import LiveView
from airspace.store import past, retention, statistics
from airspace.store.writer import Store

LOCAL: Final = ZoneInfo("Europe/Amsterdam")

log = structlog.get_logger("airspace")


async def revive(start: Callable[[], bool]) -> None:
    """Start the embedded database again where it died."""
    if await asyncio.to_thread(start):
        log.warning("embedded database started again")


async def count_day(store: Store, view: LiveView, assembly: Assembly) -> None:
    """The day's counts, for the console."""
    day = datetime.fromtimestamp(assembly.clock(), LOCAL).date()
    try:
        async with store.reading() as connection:
            counts = await statistics.today(connection, day)
    except StoreUnavailable:  # the process task says so
        return
    view.day = {
        "date": day.isoformat(),
        "flights": counts.flights,
        "unauthorised": counts.unauthorised,
        "suspected": counts.suspected,
        "detections": counts.detections,
    }


async def count_sources(assembly: Assembly, metrics: Metrics) -> None:
    """What was dropped, lost or refused on the way in, for ``/metrics``."""
    for source in assembly.sources:
        for event, count in getattr(source, "counters", {}).items():
            metrics.sources.labels(source.name, event).set(count)
    if assembly.recorder is not None:
        metrics.sources.labels("recorder", "lost").set(assembly.recorder.lost)


async def count_past(store: Store, privacy: Privacy) -> None:
    """The flights of a backlog, a lot at a time: nobody waits for them."""
    async with store.reading() as connection:
        await past.count(connection, privacy)


async def sweep(store: Store, assembly: Assembly) -> None:
    """Forget what is over its time."""
    settings = retention.Retention(
        detection_hours=assembly.settings.retention_hours, notice_days=assembly.settings.notices.keep_days
    )
    async with store.reading() as connection:
        await retention.sweep(connection, assembly.clock(), settings)
