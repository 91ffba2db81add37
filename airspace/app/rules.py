"""Zone and notice files: read, asked, and watched while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from airspace.model.notice import Notice
from airspace.model.units import epoch_s
from airspace.model.zone import Datum, Oddity
from airspace.service import config
from airspace.service.clock import wall_clock
from geofences.catalogue import Catalogue
from geofences.explain import at_point
from geofences.formats import ed269
from geofences.formats import notices as notice_files
from geofences.geojson import to_geojson
from geofences.judge import Judge
from geofences.notice_book import NoticeBook
from geofences.zone_set import ZoneFileError, ZoneSet
from receivers.sources.files import MissingReceiverTime

_Loaded = TypeVar("_Loaded")

INPUT_FAULTS: Final = (
    config.ConfigError,
    ZoneFileError,
    notice_files.NoticeFileError,
    MissingReceiverTime,
    OSError,
    ValueError,
)
"""Faults of what the user gave: one line, exit code 1."""

log = structlog.get_logger("airspace")


def load_zones(files: Sequence[Path]) -> list[ZoneSet]:
    """Zone sets of ED-269 files, each whole; ``ZoneFileError`` or OSError name the place."""
    return [ed269.read(file.read_bytes(), file.name) for file in files]


def load_notices(files: Sequence[Path]) -> NoticeBook:
    """All notices of some files; ``NoticeFileError`` or OSError name the place."""
    return NoticeBook([notice for file in files for notice in notice_files.read(file.read_bytes(), file.name).notices])


def read_notices(file: Path) -> tuple[tuple[Notice, ...], tuple[Oddity, ...]]:
    """The notices of one file and what is odd in it."""
    read = notice_files.read(file.read_bytes(), file.name)
    return read.notices, read.oddities


def zones_at(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float | None,
    datum: str,
    time: str | None,
    files: Sequence[Path],
) -> dict[str, Any]:
    """Every zone at a place and time, and the answer for an Open-category flight."""
    time_s = wall_clock() if time is None else epoch_s(time)
    return at_point(Catalogue(load_zones(files)), latitude_deg, longitude_deg, height_m, Datum(datum), time_s)


def zones_geojson(files: Sequence[Path]) -> dict[str, Any]:
    """Zones as a GeoJSON FeatureCollection, as they are in force now."""
    return to_geojson(Catalogue(load_zones(files)).zones, wall_clock())


class Rulebook:
    """Zone and notice files behind a judge, read again when they change.

    A file that cannot be used leaves the last good set in force and shows in ``health``.
    """

    def __init__(self, zones: Sequence[Path], notices: Sequence[Path]) -> None:
        self._zone_files = zones
        self._notice_files = notices
        self.catalogue = Catalogue(load_zones(zones))
        self.book = load_notices(notices)
        self.judge = Judge(self.catalogue, self.book)
        self.health: dict[str, str] = {"zones": "ok", "notices": "ok"}
        self._seen = {"zones": _stamps(zones), "notices": _stamps(notices)}

    def use_notices(self, book: NoticeBook) -> None:
        """Other notices are in force from the next tick on."""
        self.book = book
        self.judge.replace_notices(book)

    async def reload(self, zones_changed: Callable[[], None]) -> None:
        """Look for changed files; the index of new zones is built off the event loop and swapped in whole."""
        if self._changed("zones", self._zone_files):
            catalogue = await self._tried("zones", lambda: Catalogue(load_zones(self._zone_files)))
            if catalogue is not None:
                self.catalogue = catalogue
                self.judge.replace_zones(catalogue)
                zones_changed()
        if self._changed("notices", self._notice_files):
            book = await self._tried("notices", lambda: load_notices(self._notice_files))
            if book is not None:
                self.use_notices(book)

    def _changed(self, what: str, files: Sequence[Path]) -> bool:
        stamps = _stamps(files)
        changed = stamps != self._seen[what]
        self._seen[what] = stamps
        return changed

    async def _tried(self, what: str, load: Callable[[], _Loaded]) -> _Loaded | None:
        try:
            loaded = await asyncio.to_thread(load)
        except INPUT_FAULTS as error:
            self.health[what] = f"last good set in force: {error}"
            log.warning("rules not taken", what=what, error=str(error))
            return None
        self.health[what] = "ok"
        log.info("rules taken", what=what)
        return loaded


def _stamps(files: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
