"""All zones in force together: where they are, when they are, of which versions. Immutable; swapped as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.model.zone import Datum, Volume, Zone
from geofences.index import Index
from geofences.schedule import Schedules, active
from geofences.vertical import Heights, readings
from geofences.zone_set import ZoneSet

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
        self.zones: tuple[Zone, ...] = tuple(zone for each in zone_sets for zone in each.zones)
        self.versions: tuple[tuple[str, str], ...] = tuple((each.source, each.version) for each in zone_sets)
        self.index = Index(self.zones)
        self.schedules = Schedules(self.zones)
        self.groups: tuple[str, ...] = tuple(dict.fromkeys(zone.group for zone in self.zones))
        number = {group: row for row, group in enumerate(self.groups)}
        self.group: Rows = np.array([number[zone.group] for zone in self.zones], dtype=np.intp)
        order = sorted(range(len(self.zones)), key=lambda row: (-self.zones[row].restriction, self.zones[row].zone_id))
        self.rank: Rows = np.empty(len(order), dtype=np.intp)  # 0 is the strongest zone of all
        self.rank[order] = np.arange(len(order))
        self.by_rank: Rows = np.array(order, dtype=np.intp)
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
        table = np.stack(
            (
                heights.agl_m[row],
                heights.amsl_m[row],
                heights.wgs84_m[row],
                np.fmin(heights.agl_m[row], heights.wgs84_m[row]),
                np.fmax(heights.agl_m[row], heights.wgs84_m[row]),
            )
        )
        at = np.arange(len(row))
        lower_m, upper_m = self.lower_m[volume], self.upper_m[volume]
        return lower_m - table[self._lower_row[volume], at], upper_m - table[self._upper_row[volume], at]

    def at(
        self, latitude_deg: float, longitude_deg: float, height_m: float | None, datum: Datum, time_s: float
    ) -> tuple[Hit, ...]:
        """Every zone over this point, strongest first, whether in force or not."""
        here = (np.array([latitude_deg]), np.array([longitude_deg]))
        _, volumes = self.index.pairs(*here)
        read = readings(height_m, datum, latitude_deg, longitude_deg)
        margin_m = self.index.margin_m(here[0][[0] * len(volumes)], here[1][[0] * len(volumes)], volumes)
        hits = [
            (int(self.rank[zone]), volume, Hit(
                zone=self.zones[zone],
                volume=self.index.volumes[volume],
                active=active(self.zones[zone], time_s),
                in_band=_in_band(self.index.volumes[volume], read),
                margin_m=float(margin),
            ))
            for volume, zone, margin in zip(
                volumes.tolist(), self.index.zone[volumes].tolist(), margin_m.tolist(), strict=True
            )
        ]  # fmt: skip
        return tuple(hit for _, _, hit in sorted(hits, key=lambda each: each[:2]))


def _in_band(volume: Volume, read: dict[Datum, tuple[float, ...]]) -> bool | None:
    """Whether all readings of a height agree that it is in the band, or not; None where they do not."""
    above = _sides(volume.lower_m, volume.lower_datum, read, ground=True)
    below = _sides(volume.upper_m, volume.upper_datum, read, ground=False)
    answers = {one and not other for one in above for other in below}
    return answers.pop() if len(answers) == 1 else None


def _sides(limit_m: float | None, datum: Datum, read: dict[Datum, tuple[float, ...]], *, ground: bool) -> set[bool]:
    """The readings' answers to: at or above the limit? An open limit, or the ground, is always met."""
    if limit_m is None or (ground and limit_m <= 0):
        return {ground}
    heights = [*read.get(Datum.AGL, ()), *read.get(Datum.WGS84, ())] if datum is Datum.UNKNOWN else read.get(datum, ())
    return {height >= limit_m for height in heights} or {True, False}


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
