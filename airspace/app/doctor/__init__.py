"""``airspace doctor``: every configured part looked at, one after the other; nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from airspace.app.doctor import certificates, database, files, links, memory
from airspace.app.doctor.finding import Finding, State, fail, ok
from airspace.service import config
from airspace.service.clock import Clock, wall_clock

__all__ = ["Finding", "State", "examine"]


def examine(path: Path, clock: Clock = wall_clock) -> Iterator[Finding]:
    """A finding for each part, as it is known; a configuration that cannot be read is the only one then."""
    try:
        settings = config.read(path)
    except config.ConfigError as error:
        yield fail("config", str(error), "mend the key that is named; docs/configuration.md lists them all")
        return
    yield ok("config", str(path))
    yield from files.secrets(settings)
    yield from certificates.of_files(settings, clock())
    yield files.privacy(settings.privacy)
    yield from files.sensors(settings)
    yield from database.database(settings.database, clock)
    yield memory.state(settings)
    yield from asyncio.run(links.links(settings, clock))
    yield from files.zones(settings, clock())
    yield from files.notices(settings, clock())
    yield from files.heights(settings.heights)
    yield from links.grafana(settings.grafana)
    yield from links.grafana_login(settings)
    yield from files.recording(settings.record)
    yield files.port(settings.console)
