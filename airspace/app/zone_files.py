"""Zone files of a run: what they hold, and what of them is set aside, in words."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from geofences import netherlands
from geofences.formats import archive, detect
from geofences.schedules import validity
from geofences.zone_set import SetAside, ZoneSet

ADDED: Final = "added by us"
DEGRADED: Final = "degraded: "  # before what is wrong with zones of which the rest is in force
_NAMED: Final = 5  # in one line
_NAMED_IN_LOG: Final = 50

log = structlog.get_logger("airspace")


def load_zones(files: Sequence[Path]) -> list[ZoneSet]:
    """Zone sets of files of any known format; ``ZoneFileError`` or OSError name the place."""
    return [detect.read(_bytes(file), file.name) for file in files]


def _bytes(file: Path) -> bytes:
    """The bytes of a zone file; a shapefile is several files, which are packed into one."""
    if file.suffix.lower() != archive.SHP:
        return file.read_bytes()
    return archive.packed({f"layer{each.suffix.lower()}": each.read_bytes() for each in siblings(file)})


def siblings(file: Path) -> list[Path]:
    """The files that make up a zone file: itself, and those of the same name where it is a shapefile."""
    if file.suffix.lower() != archive.SHP:
        return [file]
    found = {each.suffix.lower(): each for each in file.parent.glob(f"{glob.escape(file.stem)}.*")}
    return [file, *(found[ending] for ending in archive.SIBLINGS if ending != archive.SHP and ending in found)]


def zones_in_force(files: Sequence[Path]) -> list[ZoneSet]:
    """The zone sets of the files and what we add for a state; a file that cannot be read is an error."""
    return with_additions(load_zones(files))


def with_additions(zone_sets: list[ZoneSet]) -> list[ZoneSet]:
    """The sets and, behind them, the zones that no file of a state has."""
    added = netherlands.additions([zone for zone_set in zone_sets for zone in zone_set.zones])
    return [*zone_sets, ZoneSet(source=ADDED, version=added[0].version, zones=added)] if added else zone_sets


def set_aside_lines(zone_set: ZoneSet) -> list[str]:
    """A line for each airspace that cannot be read: its name, its id where that is another, and why."""
    return [
        f"set aside: {one.name}{'' if one.name == one.zone_id else f' ({one.zone_id})'}: {one.why}"
        for one in zone_set.set_aside
    ]


class Health:
    """How zone sets do, for ``/readyz``: which are out of date, and which airspaces are set aside and why."""

    def __init__(self, zone_sets: Sequence[ZoneSet]) -> None:
        self._aside = [one for zone_set in zone_sets for one in zone_set.set_aside]
        self._validities = [(each.source, validity.of(each.zones)) for each in zone_sets]

    def at(self, time_s: float) -> str:
        """At a time: ok, or what is wrong."""
        faults = [f"{source}: {fault}" for source, each in self._validities if (fault := each.fault(time_s))]
        faults.extend([in_words(self._aside)] if self._aside else [])
        return f"{DEGRADED}{'; '.join(faults)}" if faults else "ok"


def out_of_date(zone_sets: Sequence[ZoneSet], time_s: float) -> list[str]:
    """Each source of which nothing is in force at a time, because its validity is over or to come, in a sentence."""
    faults = [(each.source, validity.of(each.zones).fault(time_s)) for each in zone_sets]
    return [f"{source}: {fault}" for source, fault in faults if fault]


def in_time(zone_set: ZoneSet, time_s: float) -> list[str]:
    """What is to be told of a set's time, a line each: that all of it is over or to come, else what is over."""
    whole = validity.of(zone_set.zones)
    said = whole.fault(time_s) or whole.coming(time_s)
    return [said] if said else [f"{odd.place}: {odd.what}" for odd in validity.over(zone_set.zones, time_s)]


def in_words(aside: Sequence[SetAside]) -> str:
    """How many airspaces, and the names and reasons of the first of them."""
    named = "; ".join(f"{one.name} ({one.why})" for one in aside[:_NAMED])
    more = f"; and {len(aside) - _NAMED} more" if len(aside) > _NAMED else ""
    return f"{len(aside)} airspace{'' if len(aside) == 1 else 's'} set aside: {named}{more}"


def missing(zone_sets: Sequence[ZoneSet]) -> list[str]:
    """A line for each source that has airspaces set aside."""
    return [f"{each.source}: {in_words(each.set_aside)}" for each in zone_sets if each.set_aside]


def tell(zone_sets: Sequence[ZoneSet]) -> None:
    """Into the log, once for each set that is taken."""
    for each in zone_sets:
        if each.set_aside:
            log.warning(
                "airspaces set aside",
                source=each.source,
                version=each.version,
                count=len(each.set_aside),
                airspaces=[f"{one.name}: {one.why}" for one in each.set_aside[:_NAMED_IN_LOG]],
            )
