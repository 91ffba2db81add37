"""Which zones hold a point: a grid that answers for whole batches.

A cell that a shape fills answers at once; only where a shape's edge runs through the cell is the point itself looked
at: by geodesic distance for circles, for polygons by the few edges near the cell, or by GEOS where few points are
asked about. Measured on border cells, a point at a time of a batch (numpy 2.4, GEOS 3.14, prepared polygons): 128
points 0.09 us with GEOS and 0.13 to 0.18 us with the clipped edges, 1,000 points 0.07 to 0.15 us and 0.04 to 0.08 us;
whole batches of 4,096 points 184, 303, 2,219 us with GEOS alone for 774, 5,000, 50,000 zones, 140, 213, 823 us so.
Points on an edge belong to the zone. Heights and hours are not looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.model.zone import Volume, Zone
from geofences.place.borders import Small
from geofences.place.cover import Cover, cover
from geofences.place.grid import Grid, UnfitShapeError, refuse_unfit
from geofences.place.shapes import Numbering, Shapes, expand
from geofences.zone_set import ZoneFileError

GEOS_UP_TO: Final = 128  # so few points at polygons' edges are sooner asked of GEOS than of the clipped edges
_STRIP_BITS: Final = range(5, 12)  # a strip is 32 cells of a row, or more
_NONE: Final[Rows] = np.empty(0, dtype=np.intp)


class Index:
    """All volumes of some zones, by place. Volumes are counted through, zone after zone.

    Cells lie in strips, pieces of a row, and only strips that hold something have cells, so that far-apart zones cost
    little in between. The entries of slot s are codes first[s] to first[s + 1]: a volume that fills the cell, or
    ~number of one whose edge runs through it: a circle's own row, a polygon's row in ``Borders`` after all volumes.
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.volumes: tuple[Volume, ...] = tuple(volume for zone in zones for volume in zone.volumes)
        self.zone: Rows = np.repeat(np.arange(len(zones), dtype=np.intp), [len(zone.volumes) for zone in zones])
        self.shapes = Shapes([volume.shape for volume in self.volumes])
        bounds = self.shapes.bounds()
        try:
            refuse_unfit(bounds)
            self._grid = Grid.over(bounds)
            covered = cover(self._grid, self.shapes, bounds)
        except UnfitShapeError as error:
            raise ZoneFileError(f"zone {zones[self.zone[error.shape]].zone_id}: {error}") from error
        self._borders = covered.borders
        self._volume: Small = np.concatenate((np.arange(len(self.volumes)), covered.borders.shape)).astype(np.int32)
        self._set_slots(covered)

    def _set_slots(self, covered: Cover) -> None:
        """Two steps to a cell's entries: its strip's first slot (less its first column), then the slot in the strip."""
        used = np.unique(covered.row)
        bits = _strip_bits(covered.column, covered.row, self._grid.columns, len(used))
        strips = (self._grid.columns >> bits) + 1
        self._bits = bits
        self._line: Rows = np.zeros(self._grid.rows, dtype=np.intp)  # rows that hold nothing are all row 0
        self._line[used] = np.arange(1, len(used) + 1) * strips
        self._strip: Small = np.tile(-(np.arange(strips, dtype=np.int32) << bits), len(used) + 1)
        held = np.unique(self._line[covered.row] + (covered.column >> bits))
        self._strip[held] += (np.arange(1, len(held) + 1) << bits).astype(np.int32)
        slots = (len(held) + 1) << bits
        slot = self._slot(covered.column.astype(np.intp), covered.row)
        self._bordered: Booleans = np.zeros(slots, dtype=np.bool_)  # cells that an edge runs through
        self._bordered[slot[covered.code < 0]] = True
        first = np.zeros(slots + 1, dtype=np.int32)
        np.cumsum(np.bincount(slot, minlength=slots), out=first[1:])
        self._first, self._last = first[:-1], first[1:]
        slot *= len(self.volumes)
        slot += np.where(covered.code < 0, self._volume.take(~covered.code, mode="clip"), covered.code)
        self._code: Small = covered.code[np.argsort(slot)]

    def _slot(self, column: Rows, row: Numbering) -> Rows:
        strip = self._line.take(row)
        strip += column >> self._bits
        slot: Rows = column + self._strip.take(strip)
        return slot

    def pairs(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Rows, Rows]:
        """(row of the point, volume) for every volume that holds a point, sorted by row and volume."""
        slot = self._slot(*self._grid.cells(latitude_deg, longitude_deg))
        row, entry, _ = expand(self._first.take(slot), self._last.take(slot))
        volume = self._code.take(entry).astype(np.intp)
        border = (volume < 0).nonzero()[0]
        if not len(border):
            return row, volume
        at = row.take(border)
        number = ~volume.take(border)
        volume[border] = self._volume.take(number)
        held_there = self._hold(number, latitude_deg.take(at), longitude_deg.take(at))
        if np.count_nonzero(held_there) == len(border):
            return row, volume
        held = np.ones(len(row), dtype=np.bool_)
        held[border] = held_there
        kept = held.nonzero()[0]
        return row.take(kept), volume.take(kept)

    def _hold(self, number: Rows, latitude_deg: Numbers, longitude_deg: Numbers) -> Booleans:
        """Row by row, whether an entry at whose edge a point lies holds it."""
        shape = self._volume.take(number)
        held = self.shapes.circles_hold(latitude_deg, longitude_deg, shape)
        angular = (number >= len(self.volumes)).nonzero()[0]
        if len(angular):
            y, x, number = latitude_deg.take(angular), longitude_deg.take(angular), number.take(angular)
            if len(angular) <= GEOS_UP_TO:
                held[angular] = self.shapes.polygons_hold(y, x, shape.take(angular))
            else:
                inside, unsure = self._borders.hold(number - len(self.volumes), y, x)
                if len(unsure):
                    inside[unsure] = self.shapes.polygons_hold(y[unsure], x[unsure], shape[angular[unsure]])
                held[angular] = inside
        return held

    def margin_m(self, latitude_deg: Numbers, longitude_deg: Numbers, volume: Rows) -> Numbers:
        """Row by row, signed distance in metres to the volume's edge; inside is positive."""
        return self.shapes.margin_m(latitude_deg, longitude_deg, volume)

    def crossings(self, ends: Numbers) -> tuple[Rows, Rows]:
        """(row of the way, volume) where a way (lon, lat, lon, lat; a kilometre at most) cuts a volume.

        Both ends lie outside the volume, so some edge of it runs through a cell on the way: ways that stay in one
        cell without an edge, nearly all, cost two look-ups.
        """
        a = self._slot(*self._grid.cells(ends[:, 1], ends[:, 0]))
        b = self._slot(*self._grid.cells(ends[:, 3], ends[:, 2]))
        way = np.flatnonzero(((a != b) | self._bordered[a]) & ~np.isnan(ends).any(axis=1))
        if not len(way):
            return _NONE, _NONE
        row, slot = self._slots_along(ends[way])
        which, entry, _ = expand(self._first[slot], self._last[slot])
        code = self._code[entry]
        edged = np.flatnonzero(code < 0)
        if not len(edged):
            return _NONE, _NONE
        passed = self._volume[~code[edged]]
        row, volume = np.divmod(np.unique(way[row[which[edged]]] * len(self.volumes) + passed), len(self.volumes))
        cut = self.shapes.cut(ends[row], volume)
        row, volume = row[cut], volume[cut]
        held = self.shapes.hold(ends[row, 1], ends[row, 0], volume) | self.shapes.hold(
            ends[row, 3], ends[row, 2], volume
        )
        return row[~held], volume[~held]

    def _slots_along(self, ends: Numbers) -> tuple[Rows, Rows]:
        """(row, slot) of the cells in the box round each way, as far as they are on the grid."""
        xa, ya = self._grid.cells(ends[:, 1], ends[:, 0])
        xb, yb = self._grid.cells(ends[:, 3], ends[:, 2])
        west, south = np.minimum(xa, xb), np.minimum(ya, yb)
        wide, tall = np.abs(xa - xb) + 1, np.abs(ya - yb) + 1
        row, nth, _ = expand(np.zeros(len(wide), dtype=np.intp), wide * tall)
        up, right = np.divmod(nth, wide[row])
        return row, self._slot(west[row] + right, south[row] + up)


def _strip_bits(column: Small, row: Small, columns: int, rows: int) -> int:
    """How long strips are, as a power of two, so that the table of strips and that of cells are smallest together."""
    least = _STRIP_BITS[0]
    strips = (columns >> least) + 1
    line, strip = np.divmod(np.unique(row * np.int64(strips) + (column >> least)), strips)

    def size(bits: int) -> int:
        across = (columns >> bits) + 1
        return rows * across + (len(np.unique(line * across + (strip >> (bits - least)))) << bits)

    return min(_STRIP_BITS, key=size)
