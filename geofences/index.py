"""Which zones hold a point: a grid that answers for whole batches.

A cell that a shape fills answers at once; only where a shape's edge runs through the cell is the point itself looked
at. Points on an edge belong to the zone. Heights and hours are not looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.zone import Volume, Zone
from geofences.grid import AreaTooLargeError, Grid, cover
from geofences.shapes import Shapes, expand
from geofences.zone_set import ZoneFileError

TILE: Final = 32  # cells along one side
_CELLS_OF_TILE: Final = TILE * TILE
_NONE: Final[Rows] = np.empty(0, dtype=np.intp)


class Index:
    """All volumes of some zones, by place. Volumes are counted through, zone after zone."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.volumes: tuple[Volume, ...] = tuple(volume for zone in zones for volume in zone.volumes)
        self.zone: Rows = np.repeat(np.arange(len(zones), dtype=np.intp), [len(zone.volumes) for zone in zones])
        self.shapes = Shapes([volume.shape for volume in self.volumes])
        self._grid = Grid.over(self.shapes.bounds())
        try:
            covered = cover(self._grid, self.shapes) if self.volumes else None
        except AreaTooLargeError as error:
            raise ZoneFileError(f"zone {zones[self.zone[error.shape]].zone_id}: {error}") from error
        self._volume: Rows = covered.shape if covered else _NONE
        self._full = covered.full if covered else np.empty(0, dtype=np.bool_)
        self._set_cells(covered.cell if covered else _NONE)

    def _set_cells(self, cell: Rows) -> None:
        """Two steps to a cell's entries: its tile's number (0: an empty tile), then its slot in the tile."""
        across = self._grid.columns // TILE + 1
        up = self._grid.rows // TILE + 1
        row, column = np.divmod(cell, self._grid.columns)
        tile = (row // TILE) * across + column // TILE
        used = np.unique(tile)
        self._tile: Rows = np.zeros(across * up, dtype=np.intp)
        self._tile[used] = np.arange(1, len(used) + 1)
        self._across = across
        slot = self._slot(row, column)
        order = np.argsort(slot, kind="stable")
        self._volume, self._full = self._volume[order], self._full[order]
        held = np.bincount(slot, minlength=(len(used) + 1) * _CELLS_OF_TILE)
        self._bordered = np.zeros(len(held), dtype=np.bool_)  # cells that an edge runs through
        self._bordered[slot[order][~self._full]] = True
        self._first: Rows = np.concatenate(([0], np.cumsum(held))).astype(np.intp)

    def _slot(self, row: Rows, column: Rows) -> Rows:
        tile = self._tile[(row // TILE) * self._across + column // TILE]
        slot: Rows = tile * _CELLS_OF_TILE + (row % TILE) * TILE + column % TILE
        return slot

    def _slots(self, latitude_deg: Numbers, longitude_deg: Numbers) -> Rows:
        """The slot of each point; 0, which is empty, off the grid and for an unknown place."""
        x, y = self._grid.place(latitude_deg, longitude_deg)
        on_grid = (x >= 0) & (x < self._grid.columns) & (y >= 0) & (y < self._grid.rows)
        slot = self._slot(np.where(on_grid, y, 0.0).astype(np.intp), np.where(on_grid, x, 0.0).astype(np.intp))
        return np.where(on_grid, slot, 0)

    def pairs(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Rows, Rows]:
        """(row of the point, volume) for every volume that holds a point, sorted by row and volume."""
        slot = self._slots(latitude_deg, longitude_deg)
        first, last = self._first[slot], self._first[slot + 1]
        some = np.flatnonzero(last > first)
        which, entry, _ = expand(first[some], last[some])
        row, volume, held = some[which], self._volume[entry], self._full[entry]
        border = np.flatnonzero(~held)
        if len(border):
            at = row[border]
            held[border] = self.shapes.hold(latitude_deg[at], longitude_deg[at], volume[border])
        return row[held], volume[held]

    def margin_m(self, latitude_deg: Numbers, longitude_deg: Numbers, volume: Rows) -> Numbers:
        """Row by row, signed distance in metres to the volume's edge; inside is positive."""
        return self.shapes.margin_m(latitude_deg, longitude_deg, volume)

    def crossings(self, ends: Numbers) -> tuple[Rows, Rows]:
        """(row of the way, volume) where a way (lon, lat, lon, lat; a kilometre at most) cuts a volume.

        Both ends lie outside the volume, so some edge of it runs through a cell on the way: ways that stay in one
        cell without an edge, nearly all, cost two look-ups.
        """
        a, b = self._slots(ends[:, 1], ends[:, 0]), self._slots(ends[:, 3], ends[:, 2])
        way = np.flatnonzero(((a != b) | self._bordered[a]) & ~np.isnan(ends).any(axis=1))
        if not len(way):
            return _NONE, _NONE
        row, slot = self._slots_along(ends[way])
        which, entry, _ = expand(self._first[slot], self._first[slot + 1])
        edged = np.flatnonzero(~self._full[entry])
        which, entry = which[edged], entry[edged]
        if not len(which):
            return _NONE, _NONE
        row, volume = np.divmod(
            np.unique(way[row[which]] * len(self.volumes) + self._volume[entry]), max(1, len(self.volumes))
        )
        cut = self.shapes.cut(ends[row], volume)
        row, volume = row[cut], volume[cut]
        held = self.shapes.hold(ends[row, 1], ends[row, 0], volume) | self.shapes.hold(
            ends[row, 3], ends[row, 2], volume
        )
        return row[~held], volume[~held]

    def _slots_along(self, ends: Numbers) -> tuple[Rows, Rows]:
        """(row, slot) of the cells in the box round each way, as far as they are on the grid."""
        xa, ya = self._grid.place(ends[:, 1], ends[:, 0])
        xb, yb = self._grid.place(ends[:, 3], ends[:, 2])
        limit = (self._grid.columns - 1, self._grid.rows - 1)
        low = [
            np.clip(np.minimum(a, b), 0, most).astype(np.intp)
            for a, b, most in zip((xa, ya), (xb, yb), limit, strict=True)
        ]
        high = [
            np.clip(np.maximum(a, b), 0, most).astype(np.intp)
            for a, b, most in zip((xa, ya), (xb, yb), limit, strict=True)
        ]
        wide, tall = high[0] - low[0] + 1, high[1] - low[1] + 1
        row, nth, _ = expand(np.zeros(len(wide), dtype=np.intp), wide * tall)
        return row, self._slot(low[1][row] + nth // wide[row], low[0][row] + nth % wide[row])
