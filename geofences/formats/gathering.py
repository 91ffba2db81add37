"""The zones of a file as its features are read one after another: what cannot be read is set aside by name.

One feature that cannot be read takes nothing else with it. A file in which nothing can be read is refused with the
first reason: it is of another form, or broken, and the last good set is better than nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shapely.errors import ShapelyError

from airspace.model.zone import Oddity, Zone
from geofences.formats import limits
from geofences.zone_set import SetAside, ZoneFileError, ZoneSet


class NoPlace(Exception):  # noqa: N818 (no fault: RFC 7946 has features without a place)
    """A feature says that it has no place; it is passed over, which is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How a feature is called in what is told of it."""

    place: str  # as messages begin with it: "feature 3 (fence 'ring')"
    zone_id: str
    name: str


@dataclass(slots=True)
class Gathering:
    """The zones of one file so far."""

    source: str
    version: str
    zones: list[Zone] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    corners: int = 0  # of what was taken, counted by who caps them
    _first: str = ""
    _nowhere: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes, source: str) -> Gathering:
        """An empty one of a file with these bytes."""
        return cls(source, version_of(data))

    def take(self, named: Callable[[], Named], read: Callable[[], tuple[Iterable[Zone], Iterable[Oddity]]]) -> None:
        """A feature's zones and oddities, or the reason why it has none. ``named`` is asked only where it has not."""
        try:
            zones, oddities = read()
        except ZoneFileError as error:
            self._leave(named(), str(error))
        except ShapelyError as error:  # what GEOS cannot do with a shape is the fault of that shape
            self._leave(named(), f"geometry: {error}")
        except NoPlace:
            self._nowhere.append(named().zone_id)
        else:
            self.zones.extend(zones)
            self.oddities.extend(oddities)

    def _leave(self, named: Named, whole: str) -> None:
        """Set a feature aside with the reason alone; the first reason is kept with its place."""
        why = whole.removeprefix(f"{named.place}: ").removeprefix(f"zone {named.zone_id}: ")
        self._first = self._first or (f"{named.place}: {whole}" if why == whole else whole)
        self.set_aside.append(SetAside(zone_id=named.zone_id, name=named.name, why=why))

    def zone_set(self) -> ZoneSet:
        """All that was gathered; ``ZoneFileError`` where nothing could be read."""
        if self._nowhere and not self.zones and not self.set_aside:
            raise ZoneFileError(f"{self.source}: none of its {len(self._nowhere)} features has a geometry")
        self.oddities.extend(
            Oddity(place=zone_id, what="it has no geometry, so no place: passed over") for zone_id in self._nowhere
        )
        found = ZoneSet(
            source=self.source,
            version=self.version,
            zones=tuple(self.zones),
            oddities=tuple(self.oddities),
            set_aside=tuple(self.set_aside),
        )
        return guarded(found, self._first)


def version_of(data: bytes) -> str:
    """The first 12 hex digits of the SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()[:12]


def guarded(zone_set: ZoneSet, first: str = "") -> ZoneSet:
    """The set within the limits of ``limits``; ``ZoneFileError`` where nothing of it can be used, with a reason."""
    kept, oddities, aside = limits.guarded(zone_set.zones, zone_set.source)
    set_aside = (*zone_set.set_aside, *aside)
    if set_aside and not kept:
        rest = f" (and {len(set_aside) - 1} more that cannot be read)" if len(set_aside) > 1 else ""
        reason = first or f"zone {set_aside[0].zone_id}: {set_aside[0].why}"
        raise ZoneFileError(reason + rest)
    return ZoneSet(
        source=zone_set.source,
        version=zone_set.version,
        zones=kept,
        oddities=(*zone_set.oddities, *oddities),
        set_aside=set_aside,
    )


def repeats(zones: Iterable[Zone], what: str) -> list[Oddity]:
    """Identifiers that stand more than once in a file."""
    count = Counter((zone.country, zone.zone_id) for zone in zones)
    return [Oddity(place=zone_id, what=f"{n} {what}") for (_, zone_id), n in count.items() if n > 1]
