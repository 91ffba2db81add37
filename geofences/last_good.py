"""What stays in force when a newer zone file cannot say where an airspace is that an older one said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from airspace.model.zone import Zone
from geofences.zone_set import SetAside, ZoneSet

_Known = dict[tuple[str, str], list[Zone]]  # by source and zone id


def with_last_good(new: Sequence[ZoneSet], last: Sequence[ZoneSet]) -> list[ZoneSet]:
    """The new sets and, behind them, the zones of the last ones that stand in for what the new ones set aside.

    A zone that stands in keeps the version of the file that it is of; what was set aside says so. ``last`` is what
    this gave for the files before, so that a zone stays until its file can be read again or no longer has it.
    """
    known: _Known = {}
    for each in last:
        for zone in each.zones:
            known.setdefault((each.source, zone.zone_id), []).append(zone)
    return [*(_told(each, known) for each in new), *(kept for each in new for kept in _kept(each, known))]


def _stands_in(one: SetAside, zone_set: ZoneSet, known: _Known) -> list[Zone]:
    if any(zone.zone_id == one.zone_id for zone in zone_set.zones):
        return []
    return known.get((zone_set.source, one.zone_id), [])


def _told(zone_set: ZoneSet, known: _Known) -> ZoneSet:
    return replace(zone_set, set_aside=tuple(_of(one, _stands_in(one, zone_set, known)) for one in zone_set.set_aside))


def _of(one: SetAside, zones: Sequence[Zone]) -> SetAside:
    if not zones:
        return one
    return replace(one, why=f"{one.why}; it stays in force as it was in version {zones[0].version}")


def _kept(zone_set: ZoneSet, known: _Known) -> Iterator[ZoneSet]:
    """A set for each version that zones are kept of."""
    by_version: dict[str, dict[str, Zone]] = {}
    for one in zone_set.set_aside:
        for nth, zone in enumerate(_stands_in(one, zone_set, known)):
            by_version.setdefault(zone.version, {})[f"{zone.zone_id} {nth}"] = zone
    for version, zones in by_version.items():
        yield ZoneSet(source=zone_set.source, version=version, zones=tuple(zones.values()))
