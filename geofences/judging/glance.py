"""One row of a sight, looked at closely: only rows at which something may change get this look."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import TrackRow, Tracks
from airspace.model.zone import Zone
from geofences.catalogue import Catalogue
from geofences.judging.sight import Sight
from geofences.notices.book import sigma_m

POSITION_SIGMAS: Final = (
    1.0  # this much farther than the edge, so that jitter is no entry and no exit (handbook, trap 10)
)


class Glance:
    """One track at one row, against one catalogue."""

    def __init__(self, catalogue: Catalogue, tracks: Tracks, sight: Sight, row: int, margin_m: Numbers) -> None:
        self._catalogue = catalogue
        self._tracks = tracks
        self._sight = sight
        self._row = row
        self._margin_m = margin_m  # of each pair of the sight
        self.airborne = bool(tracks.airborne[row])
        self.logged_s = float(tracks.logged_s[row])
        self.fixes = int(tracks.fixes[row])
        self.agl_m = float(sight.heights.agl_m[row])
        self.height_sigma_m = float(sight.heights.sigma_m[row])
        self.height_source = int(sight.heights.source[row])
        self.position_sigma_m = sigma_m(float(tracks.horizontal_accuracy_m[row]))
        first, last = np.searchsorted(sight.group_row, (row, row + 1)).tolist()
        self.strongest: dict[int, int] = dict(
            zip(sight.group[first:last].tolist(), sight.strongest[first:last].tolist(), strict=True)
        )
        self._pairs = slice(*np.searchsorted(sight.row, (row, row + 1)).tolist())

    def track(self) -> TrackRow:
        """The row as an object."""
        return self._tracks.row(self._row)

    def before(self) -> tuple[float, float, float]:
        """(latitude, longitude, time) of the fix before; NaN where there is none."""
        tracks, row = self._tracks, self._row
        fix_time_s = float(tracks.fix_time_s[row])
        time_s = self.logged_s if np.isnan(fix_time_s) else fix_time_s
        place = float(tracks.previous_latitude_deg[row]), float(tracks.previous_longitude_deg[row])
        return *place, time_s - float(tracks.gap_s[row])

    def exempting(self) -> tuple[Zone, ...]:
        """Zones here, in force, that lift what others ask of some kinds of flight."""
        catalogue = self._catalogue
        if not catalogue.has_exempting:
            return ()
        zones = np.unique(catalogue.index.zone[self._sight.volume[self._pairs][self._sight.inside[self._pairs]]])
        return tuple(catalogue.zones[zone] for zone in zones[catalogue.exempting[zones]].tolist())

    def volumes(self, group: int) -> Rows:
        """The group's volumes that the track is in: in place, height and time."""
        return self._of_group(self._sight.volume[self._pairs][self._sight.inside[self._pairs]], group)

    def waiting(self, group: int) -> bool:
        """In one of the group's volumes by place and height, but it is not in force."""
        return len(self._of_group(self._sight.volume[self._pairs][self._sight.waiting[self._pairs]], group)) > 0

    def cut(self) -> dict[int, Rows]:
        """Group to the volumes that the way from the fix before cut."""
        first, last = np.searchsorted(self._sight.cut_row, (self._row, self._row + 1)).tolist()
        volume = self._sight.cut_volume[first:last]
        groups = self._catalogue.group[self._catalogue.index.zone[volume]]
        return {group: volume[groups == group] for group in np.unique(groups).tolist()}

    def margin_m(self, group: int) -> float | None:
        """How deep inside the group's volumes the place is; None for a group without volumes."""
        sight, pairs = self._sight, self._pairs
        mine = sight.inside[pairs] & (self._catalogue.group[self._catalogue.index.zone[sight.volume[pairs]]] == group)
        return float(self._margin_m[pairs][mine].max()) if mine.any() else None

    def deep(self, group: int) -> bool:
        """Inside by more than the position's standard deviation."""
        margin_m = self.margin_m(group)
        return margin_m is None or margin_m > POSITION_SIGMAS * self.position_sigma_m

    def clear(self, group: int) -> bool:
        """Outside each of the group's volumes by more than the standard deviation, in place or in height."""
        if group >= len(self._catalogue.groups):
            return not np.isnan(self.agl_m)
        if self.waiting(group):
            return False
        volumes = self._catalogue.volumes_of[group]
        zones = self._catalogue.index.zone[volumes]
        volumes = volumes[self._catalogue.schedules.active(zones, np.full(len(zones), self.logged_s))]
        aside = self._margins_m(volumes) < -POSITION_SIGMAS * self.position_sigma_m
        over = self._catalogue.off_band(self._sight.heights, np.full(len(volumes), self._row, dtype=np.intp), volumes)
        return bool((aside | over).all())

    def _margins_m(self, volumes: Rows) -> Numbers:
        latitude = np.full(len(volumes), self._tracks.latitude_deg[self._row])
        longitude = np.full(len(volumes), self._tracks.longitude_deg[self._row])
        return self._catalogue.index.margin_m(latitude, longitude, volumes)

    def _of_group(self, volumes: Rows, group: int) -> Rows:
        kept: Rows = volumes[self._catalogue.group[self._catalogue.index.zone[volumes]] == group]
        return kept
