"""Zone and notice files: read, asked, and watched while the service runs."""

from __future__ import annotations

import asyncio
import glob
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from airspace.model.notice import Notice
from airspace.model.track import TrackRow
from airspace.model.units import epoch_s
from airspace.model.zone import Datum, Oddity, Zone
from airspace.service import config
from airspace.service.clock import Clock, wall_clock
from geofences import netherlands
from geofences.catalogue import Catalogue
from geofences.explanation import at_point, explain
from geofences.exports import ed269, ed318
from geofences.exports.document import Export
from geofences.exports.geojson import to_geojson
from geofences.formats import archive, detect
from geofences.formats import notices as notice_files
from geofences.heights.undulation import UndulationError, self_test
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.judging.crowding import Capacity
from geofences.judging.judge import Judge
from geofences.notices import life as notice_life
from geofences.notices.book import Alias, NoticeBook
from geofences.schedules import validity
from geofences.zone_set import ZoneFileError, ZoneSet
from receivers.sources.files import MissingReceiverTime

_Loaded = TypeVar("_Loaded")

INPUT_FAULTS: Final = (
    config.ConfigError,
    ZoneFileError,
    notice_files.NoticeFileError,
    MissingReceiverTime,
    UndulationError,
    OSError,
    ValueError,
)
"""Faults of what the user gave: one line, exit code 1."""

ZONE_EXPORTS: Final[dict[str, Callable[[Sequence[Zone], float], Export]]] = {
    "ed269": ed269.write,
    "ed269-cis": partial(ed269.write, envelope=ed269.Envelope.CIS),
    "ed318": ed318.write,
    "geojson": lambda zones, time_s: Export(document=to_geojson(zones, time_s), oddities=()),
}
"""What ``airspace zones export`` can write: zones and the time of writing to a document."""

ADDED: Final = "added by us"

log = structlog.get_logger("airspace")


def load_zones(files: Sequence[Path]) -> list[ZoneSet]:
    """Zone sets of files of any known format; ``ZoneFileError`` or OSError name the place."""
    return [detect.read(_bytes(file), file.name) for file in files]


def _bytes(file: Path) -> bytes:
    """The bytes of a zone file; a shapefile is several files, which are packed into one."""
    if file.suffix.lower() != archive.SHP:
        return file.read_bytes()
    return archive.packed({each.suffix.lower(): each.read_bytes() for each in _siblings(file)})


def _siblings(file: Path) -> list[Path]:
    """The files that belong to a zone file: itself, and those of the same name where it is a shapefile."""
    if file.suffix.lower() != archive.SHP:
        return [file]
    found = {each.suffix.lower(): each for each in file.parent.glob(f"{glob.escape(file.stem)}.*")}
    return [file, *(found[ending] for ending in archive.SIBLINGS if ending != archive.SHP and ending in found)]


def zones_told(zone_set: ZoneSet, time_s: float) -> tuple[str | None, tuple[Oddity, ...]]:
    """Whether all of a set is over or not yet valid, in a sentence; and what else is odd, zones that are over too."""
    fault = validity.of(zone_set.zones).fault(time_s)
    return fault, (*zone_set.oddities, *validity.over(zone_set.zones, time_s))


def zones_in_force(files: Sequence[Path]) -> list[ZoneSet]:
    """The zone sets of the files, and a last one of the zones that a state has and its file lacks."""
    zone_sets = load_zones(files)
    added = netherlands.additions([zone for zone_set in zone_sets for zone in zone_set.zones])
    return [*zone_sets, ZoneSet(source=ADDED, version=added[0].version, zones=added)] if added else zone_sets


def load_notices(files: Sequence[Path]) -> NoticeBook:
    """All notices of some files; ``NoticeFileError`` or OSError name the place."""
    return NoticeBook([notice for file in files for notice in read_notices(file)[0]])


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
    zone_sets = zones_in_force(files)
    answer = at_point(Catalogue(zone_sets), latitude_deg, longitude_deg, height_m, Datum(datum), time_s)
    return answer | {"warnings": _faults(zone_sets, time_s)}


def _faults(zone_sets: Sequence[ZoneSet], time_s: float) -> list[str]:
    """Each file of which nothing can be in force at a time, in a sentence."""
    faults = [(each.source, validity.of(each.zones).fault(time_s)) for each in zone_sets]
    return [f"{source}: {fault}" for source, fault in faults if fault]


def exported_zones(files: Sequence[Path], format_name: str) -> Export:
    """Zones in a format of ``ZONE_EXPORTS``, with what it cannot say; GeoJSON says what is in force now."""
    zones = [zone for zone_set in load_zones(files) for zone in zone_set.zones]
    return ZONE_EXPORTS[format_name](zones, wall_clock())


class Rulebook:
    """Zone and notice files behind a judge, read again when they change, and the notices that are stored.

    A file that cannot be used leaves the last good set in force and shows in ``health``. ``alias`` makes the pseudonym
    by which a stored notice may name a drone.
    """

    def __init__(
        self,
        zones: Sequence[Path],
        notices: Sequence[Path],
        *,
        alias: Alias | None = None,
        capacity: Capacity | None = None,
        uspace: bool = False,
        levels: Levels = MESSAGES_ALONE,
        clock: Clock = wall_clock,
    ) -> None:
        self_test()
        self._uspace = uspace
        self.levels = levels
        self._zone_files = zones
        self._notice_files = notices
        self._alias = alias
        self._clock = clock
        self.catalogue = Catalogue(zones_in_force(zones))
        self.filed = load_notices(notices).notices
        self._stored: tuple[Notice, ...] = ()
        self.book = NoticeBook(self.filed, alias)
        self.judge = Judge(self.catalogue, self.book, capacity=capacity, uspace=uspace, levels=levels)
        self.health: dict[str, str] = {"zones": "ok", "notices": "ok"}
        self._seen = {"zones": _stamps(zones), "notices": _stamps(notices)}

    def explain(self, track: TrackRow, time_s: float) -> dict[str, Any]:
        """Every condition that the flight meets or does not, by what is in force now."""
        return explain(self.catalogue, self.book, track, time_s, uspace=self._uspace, levels=self.levels)

    def use_notices(self, book: NoticeBook) -> None:
        """Others than the files' are in force from the next tick on, beside the stored ones."""
        self.filed = book.notices
        self._put(NoticeBook(_both(self.filed, self._stored), self._alias))

    async def use_stored(self, notices: Sequence[Notice]) -> None:
        """These stored notices are in force from the next tick on, beside the files'."""
        self._stored = tuple(notices)
        await self._merge()

    async def _merge(self) -> None:
        """Build the book off the event loop; again, if anything changed meanwhile."""
        while True:
            filed, stored = self.filed, self._stored
            book = await asyncio.to_thread(NoticeBook, _both(filed, stored), self._alias)
            if filed is self.filed and stored is self._stored:
                self._put(book)
                return

    def _put(self, book: NoticeBook) -> None:
        self.book = book
        self.judge.replace_notices(book)

    async def reload(self, zones_changed: Callable[[], None]) -> None:
        """Look for changed files; the index of new zones is built off the event loop and swapped in whole."""
        if self._changed("zones", self._zone_files):
            catalogue = await self._tried("zones", lambda: Catalogue(zones_in_force(self._zone_files)))
            if catalogue is not None:
                self.catalogue = catalogue
                self.judge.replace_zones(catalogue)
                zones_changed()
        if self._changed("notices", self._notice_files):
            book = await self._tried("notices", lambda: load_notices(self._notice_files))
            if book is not None:
                self.filed = notice_life.withdrawn(self.filed, book.notices, self._clock())
                await self._merge()

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


def _both(filed: Sequence[Notice], stored: Sequence[Notice]) -> list[Notice]:
    """A stored notice counts for one of the same id in a file: it is younger."""
    ids = {notice.notice_id for notice in stored}
    return [*stored, *(notice for notice in filed if notice.notice_id not in ids)]


def _stamps(files: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    return {each: _stamp(each) for file in files for each in _siblings(file)}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
