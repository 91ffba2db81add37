"""All zones in force together: where they are, when they are, of which versions. Immutable; swapped as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.model.zone import Datum, Restriction, Variant, Volume, Zone
from geofences.heights.vertical import VAGUE_SIGMAS, Heights, candidates
from geofences.place.index import Index
from geofences.schedules.schedule import Schedules, active
from geofences.zone_set import SetAside, ZoneSet

# rows of the table of readings: AGL, AMSL, WGS-84, and for an unknown datum the lowest and the highest of them
_ROW_OF: dict[Datum, int] = {Datum.AGL: 0, Datum.AMSL: 1, Datum.WGS84: 2}
_LOWEST, _HIGHEST = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A zone over or under a point. ``in_band`` is None where the height or its datum leaves it open."""

    zone: Zone
    volume: Volume
    active: bool
    in_band: bool | None
    margin_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Zone ids that one catalogue has more, fewer, or otherwise than another."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


class Catalogue:
    """The zones of some zone sets with their index. Zones are counted through, set after set."""

    def __init__(self, zone_sets: Sequence[ZoneSet]) -> None:
        self.sets: tuple[ZoneSet, ...] = tuple(zone_sets)
        self.zones: tuple[Zone, ...] = tuple(zone for each in zone_sets for zone in each.zones)
        self.versions: tuple[tuple[str, str], ...] = tuple((each.source, each.version) for each in zone_sets)
        self.set_aside: tuple[tuple[str, SetAside], ...] = tuple(
            (each.source, one) for each in zone_sets for one in each.set_aside
        )
        self.index = Index(self.zones)
        self.schedules = Schedules(self.zones)
        self.groups: tuple[str, ...] = tuple(dict.fromkeys(zone.group for zone in self.zones))
        number = {group: row for row, group in enumerate(self.groups)}
        self.group: Rows = np.array([number[zone.group] for zone in self.zones], dtype=np.intp)
        order = sorted(range(len(self.zones)), key=lambda row: (-self.zones[row].restriction, self.zones[row].zone_id))
        self.rank: Rows = np.empty(len(order), dtype=np.intp)  # 0 is the strongest zone of all
        self.rank[order] = np.arange(len(order))
        self.by_rank: Rows = np.array(order, dtype=np.intp)
        self.exempting = np.array([_exempts(zone) for zone in self.zones], dtype=np.bool_)
        self.has_exempting = bool(self.exempting.any())
        self._set_bands(self.index.volumes)
        self._set_group_volumes()

    def _set_bands(self, volumes: Sequence[Volume]) -> None:
        """A lower limit at the ground is open: a height of -2 m is noise, or a polder."""
        self.lower_m: Numbers = np.array(
            [v.lower_m if (v.lower_m or 0.0) > 0 else -np.inf for v in volumes], dtype=float
        )
        self.upper_m: Numbers = np.array([np.inf if v.upper_m is None else v.upper_m for v in volumes], dtype=float)
        self._lower_row = np.array([_ROW_OF.get(v.lower_datum, _LOWEST) for v in volumes], dtype=np.intp)
        self._upper_row = np.array([_ROW_OF.get(v.upper_datum, _HIGHEST) for v in volumes], dtype=np.intp)
        self._rows_used = 1 + max((*self._lower_row.tolist(), *self._upper_row.tolist()), default=0)

    def _set_group_volumes(self) -> None:
        group = self.group[self.index.zone] if self.zones else np.empty(0, dtype=np.intp)
        order = np.argsort(group, kind="stable")
        cuts = np.searchsorted(group[order], np.arange(1, len(self.groups)))
        self.volumes_of: tuple[Rows, ...] = tuple(np.split(order, cuts)) if self.groups else ()

    def in_band(self, heights: Heights, row: Rows, volume: Rows) -> Booleans:
        """Pair by pair, whether the height is in the band; an unknown one is where the band starts at the ground."""
        lower, upper = self._limits_less_height(heights, row, volume)
        lower_m = self.lower_m[volume]
        return np.where(np.isnan(lower), np.isneginf(lower_m), lower <= 0) & ~(upper <= 0)

    def off_band(self, heights: Heights, row: Rows, volume: Rows) -> Booleans:
        """Pair by pair, whether the height is outside the band by more than its standard deviation."""
        lower, upper = self._limits_less_height(heights, row, volume)
        sigma_m = heights.sigma_m[row]
        return (lower > sigma_m) | (upper < -sigma_m)

    def _limits_less_height(self, heights: Heights, row: Rows, volume: Rows) -> tuple[Numbers, Numbers]:
        n = len(heights.agl_m)
        read = np.concatenate(_columns(heights, self._rows_used))
        lower = self.lower_m[volume] - read[self._lower_row[volume] * n + row]
        upper = self.upper_m[volume] - read[self._upper_row[volume] * n + row]
        if heights.vague is not None:
            near = np.isin(row, heights.vague)
            room_m = VAGUE_SIGMAS * heights.sigma_m[row]
            lower[near & (np.abs(lower) < room_m)] = np.nan
            upper[near & (np.abs(upper) < room_m)] = np.nan
        return lower, upper

    def at(
        self, latitude_deg: float, longitude_deg: float, height_m: float | None, datum: Datum, time_s: float
    ) -> tuple[Hit, ...]:
        """Every zone over this point, strongest first, whether in force or not."""
        here = (np.array([latitude_deg]), np.array([longitude_deg]))
        _, volumes = self.index.pairs(*here)
        found = candidates(height_m, datum, latitude_deg, longitude_deg)
        margin_m = self.index.margin_m(here[0][[0] * len(volumes)], here[1][[0] * len(volumes)], volumes)
        hits = [
            (int(self.rank[zone]), volume, Hit(
                zone=self.zones[zone],
                volume=self.index.volumes[volume],
                active=active(self.zones[zone], time_s),
                in_band=in_band(self.index.volumes[volume], found),
                margin_m=float(margin),
            ))
            for volume, zone, margin in zip(
                volumes.tolist(), self.index.zone[volumes].tolist(), margin_m.tolist(), strict=True
            )
        ]  # fmt: skip
        return tuple(hit for _, _, hit in sorted(hits, key=lambda each: each[:2]))


def _exempts(zone: Zone) -> bool:
    """Whether the zone lifts what others ask of some kinds of flight; what a temporary area names is its own matter."""
    made_for_some = zone.variant is Variant.CUSTOMIZED or zone.restriction is Restriction.NO_RESTRICTION
    return bool(zone.exempts) and made_for_some and zone.restriction is not Restriction.TEMPORARY


def in_band(volume: Volume, found: Sequence[dict[Datum, float]]) -> bool | None:
    """Whether a height is in the band by all that it may be, or by none of it; else None.

    ``found`` are its candidates (heights/vertical.py), none for an unknown height: that is in a band without limits
    only. A limit of unknown datum is read both ways. The ground as a lower limit is always met: -2 m is noise, or a
    polder.
    """
    answers = {
        _holds(volume, height_m, unknown_as)
        for height_m in found or (dict.fromkeys(Datum, math.nan),)
        for unknown_as in (Datum.AGL, Datum.WGS84)
    }
    return answers.pop() if len(answers) == 1 else None


def _holds(volume: Volume, height_m: dict[Datum, float], unknown_as: Datum) -> bool | None:
    sides = set()
    for limit_m, datum, least_m in (
        (volume.lower_m, volume.lower_datum, 0.0),
        (volume.upper_m, volume.upper_datum, -math.inf),
    ):
        if limit_m is None or limit_m <= least_m:
            continue
        own_m = height_m[unknown_as if datum is Datum.UNKNOWN else datum]
        above = own_m >= limit_m
        sides.add(None if math.isnan(own_m) else above == (least_m == 0.0))
    return False if False in sides else None if None in sides else True


def _columns(heights: Heights, used: int) -> list[Numbers]:
    """The rows of the table of readings, as many as are used: the ellipsoid costs an undulation, and few zones ask."""
    table = [heights.agl_m, heights.amsl_m][:used]
    if used > _ROW_OF[Datum.WGS84]:
        table.append(heights.wgs84_m)
    if used > _LOWEST:
        table.append(np.fmin(heights.agl_m, heights.wgs84_m))
        table.append(np.fmax(heights.agl_m, heights.wgs84_m))
    return table


def difference(old: Catalogue, new: Catalogue) -> Difference:
    """What changed from one catalogue to the next; a zone's version alone is no change."""
    before, after = _contents(old), _contents(new)
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(key for key in after.keys() & before.keys() if after[key] != before[key])),
    )


def _contents(catalogue: Catalogue) -> dict[str, list[Zone]]:
    contents: dict[str, list[Zone]] = {}
    for zone in catalogue.zones:
        contents.setdefault(zone.zone_id, []).append(_unversioned(zone))
    return contents


def _unversioned(zone: Zone) -> Zone:
    return replace(zone, version="")
