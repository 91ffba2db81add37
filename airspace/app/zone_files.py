"""Zone files of a run: what they hold, and what of them is set aside, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from geofences import netherlands
from geofences.formats import detect
from geofences.last_good import with_last_good
from geofences.zone_set import SetAside, ZoneSet

ADDED: Final = "added by us"
_NAMED: Final = 5  # in one line
_NAMED_IN_LOG: Final = 50

log = structlog.get_logger("airspace")


def load_zones(files: Sequence[Path]) -> list[ZoneSet]:
    """Zone sets of files of any known format; ``ZoneFileError`` or OSError name the place."""
    return [detect.read(file.read_bytes(), file.name) for file in files]


def zones_in_force(files: Sequence[Path], last: Sequence[ZoneSet] = ()) -> list[ZoneSet]:
    """The zone sets of the files, and behind them those of zones that no file of them has.

    These are what of the last sets stands in for airspaces that cannot be read any more, and what we add for a state.
    """
    zone_sets = with_last_good(load_zones(files), last)
    added = netherlands.additions([zone for zone_set in zone_sets for zone in zone_set.zones])
    return [*zone_sets, ZoneSet(source=ADDED, version=added[0].version, zones=added)] if added else zone_sets


def set_aside_lines(zone_set: ZoneSet) -> list[str]:
    """A line for each airspace that cannot be read: its name, its id where that is another, and why."""
    return [
        f"set aside: {one.name}{'' if one.name == one.zone_id else f' ({one.zone_id})'}: {one.why}"
        for one in zone_set.set_aside
    ]


def health(zone_sets: Sequence[ZoneSet]) -> str:
    """For ``/readyz``: ok, or which airspaces are set aside and why."""
    aside = [one for zone_set in zone_sets for one in zone_set.set_aside]
    return f"degraded: {in_words(aside)}" if aside else "ok"


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
