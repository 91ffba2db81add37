"""Zone and notice files: read, asked, and watched while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from airspace.app import notice_lists, zone_files, zone_reading
from airspace.app.notice_lists import ListsAre, NoticeLists
from airspace.app.zone_files import load_zones, zones_in_force
from airspace.model.notice import Notice, UnreadNotice
from airspace.model.track import TrackRow
from airspace.model.units import epoch_s
from airspace.model.zone import Datum, Oddity, Zone
from airspace.service import config
from airspace.service.clock import Clock, wall_clock
from geofences.catalogue import Catalogue
from geofences.explanation import at_point, explain
from geofences.explanation.coverage import Silence, Why, silences
from geofences.exports import ed269, ed318
from geofences.exports.document import Export
from geofences.exports.geojson import to_geojson
from geofences.formats import notice_checks
from geofences.formats import notices as notice_files
from geofences.heights.undulation import UndulationError, self_test
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.judging.crowding import Capacity
from geofences.judging.judge import Judge
from geofences.notices.book import Alias, NoticeBook
from geofences.zone_set import ZoneFileError, ZoneSet
from receivers.sources.files import MissingReceiverTime

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

log = structlog.get_logger("airspace")


def load_notices(files: Sequence[Path]) -> NoticeBook:
    """All notices of some files; ``NoticeFileError`` or OSError name the place."""
    return notice_lists.book_of(files)


def read_notices(file: Path) -> notice_files.NoticeFile:
    """The notices of one file and what is odd in it, also that nothing of it is in force any more."""
    found = notice_lists.read(file)
    over = notice_checks.over(found.notices, wall_clock())
    return found if over is None else replace(found, remarks=(*found.remarks, over))


def zones_at(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float | None,
    datum: str,
    time: str | None,
    files: Sequence[Path],
) -> dict[str, Any]:
    """Every zone at a place and time, the answer for an Open-category flight, and whether anything was set aside."""
    time_s = wall_clock() if time is None else epoch_s(time)
    zone_sets = zones_in_force(files)
    catalogue = Catalogue(zone_sets)
    answer = at_point(catalogue, latitude_deg, longitude_deg, height_m, Datum(datum), time_s)
    swapped = _swapped(catalogue, latitude_deg, longitude_deg, time_s)
    return answer | {"warnings": [*swapped, *zone_files.out_of_date(zone_sets, time_s)]}


def _swapped(catalogue: Catalogue, latitude_deg: float, longitude_deg: float, time_s: float) -> list[str]:
    """A hint where no file covers the place, and one does with latitude and longitude the other way round."""

    def covered(*place: float) -> bool:
        return all(each.why is not Why.NOT_COVERED for each in silences(catalogue, (place[0], place[1]), time_s))

    is_latitude = abs(longitude_deg) <= 90.0  # noqa: PLR2004 the poles
    if covered(latitude_deg, longitude_deg) or not is_latitude or not covered(longitude_deg, latitude_deg):
        return []
    given, other = f"{latitude_deg:g} {longitude_deg:g}", f"{longitude_deg:g} {latitude_deg:g}"
    return [f"LAT and LON may be swapped: no file covers {given}, one covers {other} (latitude first)"]


def exported_zones(files: Sequence[Path], format_name: str) -> Export:
    """Zones in a format of ``ZONE_EXPORTS``, with what it cannot say; GeoJSON says what is in force now."""
    zone_sets = load_zones(files)
    export = ZONE_EXPORTS[format_name]([zone for each in zone_sets for zone in each.zones], wall_clock())
    lost = [
        Oddity(place=one.zone_id, what=f"set aside, not written: {one.why}")
        for each in zone_sets
        for one in each.set_aside
    ]
    return replace(export, oddities=(*lost, *export.oddities))


def zones_in_time(zone_set: ZoneSet) -> list[str]:
    """What is to be told of a set's time today: that it is over or not yet valid, or which zones of it are over."""
    return zone_files.in_time(zone_set, wall_clock())


class Rulebook:
    """Zone and notice files behind a judge, read again when they change, and the notices that are stored.

    A file that cannot be used leaves the last good set in force, an airspace that cannot be read its last good self;
    both show in ``health``. ``alias`` makes the pseudonym by which a stored notice may name a drone.
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
        self._alias = alias
        self._clock = clock
        self._reading = zone_reading.first(zones)
        zone_sets = zone_reading.sets(self._reading)
        self.catalogue = Catalogue(zone_sets)
        self._lists = NoticeLists(notices)
        self._lists.taken(None)
        self._stored: tuple[Notice, ...] = ()
        self._unread: tuple[UnreadNotice, ...] = ()
        self._entered = False  # people enter notices here, or another has given them
        self.book = self._lists.book((), (), alias, connected=False)
        self.judge = Judge(self.catalogue, self.book, capacity=capacity, uspace=uspace, levels=levels)
        self._zones_health = zone_files.Health(zone_sets)
        self._zones_fault: str | None = None
        self._notices_health = self._lists.health(clock())
        zone_files.tell(zone_sets)
        self._seen = _stamps(notices)

    @property
    def filed(self) -> tuple[Notice, ...]:
        """The notices of the files."""
        return self._lists.notices

    @property
    def health(self) -> dict[str, str]:
        """Zones and notices: ok, or what is wrong. A set of zones ends by itself, so it is asked anew each time."""
        return {"zones": self._zones_told(), "notices": self._notices_health}

    def _zones_told(self) -> str:
        told = self._zones_health.at(self._clock())
        kept = [said for each in self._reading.values() if each.was_read and (said := each.told())]
        wrong = [self._zones_fault] if self._zones_fault else kept
        return "; ".join([*wrong, *([told] if told != "ok" else [])]) or "ok"

    @property
    def lists_are(self) -> ListsAre:
        """How far the lists of notices can be relied on now."""
        return self._lists.are(self._clock())

    def explain(self, track: TrackRow, time_s: float) -> dict[str, Any]:
        """Every condition that the flight meets or does not, by what is in force now."""
        return explain(self.catalogue, self.book, track, time_s, uspace=self._uspace, levels=self.levels)

    def silences(self, place: tuple[float, float], time_s: float) -> tuple[Silence, ...]:
        """What keeps the zones in force from answering for a city; who has fences alone watches fences alone.

        An airspace that is set aside does not: it is named in ``health``, and one line of a national file must not keep
        a stadium's wall from ever being calm. A whole file that was never read does.
        """
        unread = zone_reading.unread(self._reading)
        told = silences(self.catalogue, place, time_s, fences_suffice=True)
        return tuple(silence for silence in told if silence.why is not Why.SET_ASIDE or silence.source in unread)

    def use_notices(self, book: NoticeBook) -> None:
        """Others than the files' are in force from the next tick on, beside the stored ones."""
        self._lists.use(book.notices)
        self._entered = True
        self._put(self._book())

    async def use_stored(
        self, notices: Sequence[Notice], unread: Sequence[UnreadNotice] = (), *, used: bool = True
    ) -> None:
        """These stored notices are in force from the next tick on, beside the files'; ``used``: some were ever stored.

        ``unread`` are stored ones that cannot be read.
        """
        self._stored, self._unread, self._entered = tuple(notices), tuple(unread), self._entered or used
        await self._merge()

    async def _merge(self) -> None:
        """Build the book off the event loop; again, if anything changed meanwhile."""
        while True:
            filed, stored = self.filed, self._stored
            book = await asyncio.to_thread(self._book)
            if filed is self.filed and stored is self._stored:
                self._put(book)
                return

    def _book(self) -> NoticeBook:
        return self._lists.book(self._stored, self._unread, self._alias, connected=self._entered)

    def _put(self, book: NoticeBook) -> None:
        self.book = book
        self.judge.replace_notices(book)

    async def reload(self, zones_changed: Callable[[], None]) -> None:
        """Look for changed files; the index of new zones is built off the event loop and swapped in whole."""
        if await self._look_at_zones():
            zones_changed()
        stamps = _stamps(self._lists.files)
        if stamps != self._seen:
            await asyncio.to_thread(self._lists.taken, self._clock())
            self._seen = stamps
            await self._merge()
        self._tell_notices()

    async def _look_at_zones(self) -> bool:
        """Read what changed; whether other zones are in force. What was read is kept only if it could be taken."""
        try:
            reading = await asyncio.to_thread(zone_reading.again, self._zone_files, self._reading)
            if reading is self._reading:
                return False
            is_new = [each.sets for each in reading.values()] != [each.sets for each in self._reading.values()]
            taken = await asyncio.to_thread(_indexed, reading) if is_new else None
        except Exception as error:  # noqa: BLE001 (tried again at the next look; the rules go on)
            self._tell_zones_fault(f"last good set in force: {type(error).__name__}: {' '.join(str(error).split())}")
            return False
        self._reading = reading
        self._tell_zones_fault(None)
        for fault in zone_reading.faults(reading):
            log.warning("rules not taken", what="zones", error=fault)
        if taken is not None:
            self._take_zones(*taken)
            log.info("rules taken", what="zones")
        return taken is not None

    def _tell_zones_fault(self, fault: str | None) -> None:
        if fault is not None and fault != self._zones_fault:
            log.warning("rules not taken", what="zones", error=fault)
        self._zones_fault = fault

    def _tell_notices(self) -> None:
        health = self._lists.health(self._clock())
        if self._unread:
            which = ", ".join(one.place for one in self._unread[:3])
            health = f"{'' if health == 'ok' else f'{health}; '}{len(self._unread)} stored cannot be read: {which}"
        if health != self._notices_health:
            log.info("notices", health=health)
        self._notices_health = health

    def _take_zones(self, zone_sets: list[ZoneSet], catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.judge.replace_zones(catalogue)
        self._zones_health = zone_files.Health(zone_sets)
        zone_files.tell(zone_sets)


def _indexed(reading: zone_reading.Reading) -> tuple[list[ZoneSet], Catalogue]:
    zone_sets = zone_reading.sets(reading)
    return zone_sets, Catalogue(zone_sets)


def _stamps(files: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
