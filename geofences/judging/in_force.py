"""What tracks are judged by at one moment: zones, notices, settings. Swapped as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from airspace.model.zone import Zone
from geofences.catalogue import Catalogue
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.notices.book import NoticeBook
from geofences.rules import height_120


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """``generation`` counts swaps. ``appeared``: zones that the catalogue before did not have, since ``since_s``."""

    catalogue: Catalogue
    book: NoticeBook
    uspace: bool = False
    levels: Levels = MESSAGES_ALONE
    generation: int = 0
    appeared: frozenset[int] = frozenset()
    since_s: float = math.nan
    groups: tuple[str, ...] = field(init=False)  # those of the zones, then the height that holds everywhere
    number: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number the groups."""
        groups = (*self.catalogue.groups, height_120.GROUP)
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "number", {group: number for number, group in enumerate(groups)})

    def with_zones(self, catalogue: Catalogue) -> InForce:
        """The same with other zones, from the next entry of the log on."""
        before = {(zone.zone_id, zone.group) for zone in self.catalogue.zones}
        new = (row for row, zone in enumerate(catalogue.zones) if (zone.zone_id, zone.group) not in before)
        return replace(
            self,
            catalogue=catalogue,
            generation=self.generation + 1,
            appeared=frozenset(new),
            since_s=math.nan,
        )

    def with_notices(self, book: NoticeBook) -> InForce:
        """The same with other notices."""
        return replace(self, book=book, generation=self.generation + 1)

    def from_time(self, now_s: float) -> InForce:
        """The same, once it is known at which time of the log its zones came into force."""
        return replace(self, since_s=now_s) if self.appeared and math.isnan(self.since_s) else self

    def zone(self, number: int) -> Zone | None:
        """A zone by number; negative is none."""
        return self.catalogue.zones[number] if number >= 0 else None

    def opened_over(self, zone: int, latitude_deg: float, longitude_deg: float, before_s: float) -> bool:
        """Whether a place where a drone was at a time lies in the zone, which was not in force then."""
        if zone < 0 or math.isnan(latitude_deg) or math.isnan(before_s) or self._was_in_force(zone, before_s):
            return False
        volumes = np.flatnonzero(self.catalogue.index.zone == zone)
        here = np.full(len(volumes), latitude_deg), np.full(len(volumes), longitude_deg)
        return bool((self.catalogue.index.margin_m(*here, volumes) >= 0).any())

    def _was_in_force(self, zone: int, time_s: float) -> bool:
        if zone in self.appeared and not time_s >= self.since_s:
            return False
        return bool(self.catalogue.schedules.active(np.array([zone]), np.array([time_s]))[0])
