"""A grid of 500 m cells over the bounds of some shapes, and which cells each shape fills or only touches.

Cells are equal steps of latitude and longitude, counted from the south-west corner. They lie in tiles of 32 x 32, and
only tiles that hold something have cells, so that far-apart zones cost nothing in between. What only touches a cell is
found on the safe side: an edge counts for every cell it comes within a tenth of a millimetre of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans
from geofences.shapes import Shapes, expand

CELL_M: Final = 500.0
MAX_CELLS_OF_SHAPE: Final = 2_000_000  # 500,000 km2: a country, not a mask of the world
MAX_CELLS: Final = 12_000_000  # of all bounds together
_TOUCH_DEG: Final = 1e-9
_CHUNK_CELLS: Final = 500_000


class AreaTooLargeError(ValueError):
    """A shape that covers more cells than are indexed; ``shape`` is its row."""

    def __init__(self, shape: int, cells: int) -> None:
        super().__init__(f"shape {shape} covers {cells} cells of {CELL_M:g} m: a mask of the world is not a zone")
        self.shape = shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the cells are."""

    west_deg: float
    south_deg: float
    step_longitude_deg: float
    step_latitude_deg: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Numbers) -> Grid:
        """A grid over (west, south, east, north) of all shapes, one spare cell all round."""
        west, south = bounds[:, :2].min(axis=0) if len(bounds) else (0.0, 0.0)
        east, north = bounds[:, 2:].max(axis=0) if len(bounds) else (0.0, 0.0)
        north_m, east_m = metres_per_degree(np.array([(south + north) / 2]))
        step_latitude, step_longitude = CELL_M / float(north_m[0]), CELL_M / float(east_m[0])
        return cls(
            west_deg=float(west) - step_longitude,
            south_deg=float(south) - step_latitude,
            step_longitude_deg=step_longitude,
            step_latitude_deg=step_latitude,
            columns=int((east - west) / step_longitude) + 3,
            rows=int((north - south) / step_latitude) + 3,
        )

    def place(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
        """(x, y) in cells; the whole part is the cell."""
        x = (longitude_deg - self.west_deg) * (1.0 / self.step_longitude_deg)
        y = (latitude_deg - self.south_deg) * (1.0 / self.step_latitude_deg)
        return x, y

    def cells(self, latitude_deg: Numbers, longitude_deg: Numbers) -> Rows:
        """The number of the cell of each point; -1 outside and for an unknown place."""
        x, y = self.place(latitude_deg, longitude_deg)
        inside = (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
        column, row = np.where(inside, x, 0.0).astype(np.intp), np.where(inside, y, 0.0).astype(np.intp)
        return np.where(inside, row * self.columns + column, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Entries (cell, shape), sorted by cell and shape. ``full``: the shape holds the whole cell."""

    cell: Rows
    shape: Rows
    full: Booleans


def cover(grid: Grid, shapes: Shapes) -> Cover:
    """Every cell that a shape fills or may touch."""
    bounds = shapes.bounds()
    x0, y0 = grid.place(bounds[:, 1], bounds[:, 0])
    x1, y1 = grid.place(bounds[:, 3], bounds[:, 2])
    low = np.column_stack((x0, y0)).astype(np.intp)
    size = np.column_stack((x1, y1)).astype(np.intp) - low + 1
    count = size.prod(axis=1)
    if len(count) and (count.max() > MAX_CELLS_OF_SHAPE or count.sum() > MAX_CELLS):
        raise AreaTooLargeError(int(count.argmax()), int(count.max()))
    edge_keys = _edge_keys(grid, shapes)
    parts = [_part(grid, shapes, low, size, part, edge_keys) for part in _chunks(count)]
    cell, shape, full = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((shape, cell))
    return Cover(cell=cell[order], shape=shape[order], full=full[order])


def _chunks(count: Rows) -> list[Rows]:
    """Rows of shapes, so many together that their bounds hold about as many cells as a chunk."""
    chunk = np.cumsum(count) // _CHUNK_CELLS
    return np.split(np.arange(len(count), dtype=np.intp), np.flatnonzero(np.diff(chunk)) + 1)


def _part(
    grid: Grid, shapes: Shapes, low: Rows, size: Rows, part: Rows, edge_keys: Rows
) -> tuple[Rows, Rows, Booleans]:
    which, nth, _ = expand(np.zeros(len(part), dtype=np.intp), size[part].prod(axis=1))
    shape = part[which]
    column = low[shape, 0] + nth % size[shape, 0]
    row = low[shape, 1] + nth // size[shape, 0]
    cell = row * grid.columns + column
    latitude = grid.south_deg + (row + 0.5) * grid.step_latitude_deg
    longitude = grid.west_deg + (column + 0.5) * grid.step_longitude_deg
    touched = np.zeros(len(cell), dtype=np.bool_)
    full = np.zeros(len(cell), dtype=np.bool_)
    rounded = np.flatnonzero(shapes.is_circle[shape])
    spare_m = shapes.radius_m[shape[rounded]] - shapes.centre_distance_m(
        latitude[rounded], longitude[rounded], shape[rounded]
    )
    reach_m = _half_diagonal_m(grid, latitude[rounded])
    touched[rounded] = np.abs(spare_m) <= reach_m
    full[rounded] = spare_m > reach_m
    angular = np.flatnonzero(~shapes.is_circle[shape])
    touched[angular] = _among(cell[angular] * len(shapes) + shape[angular], edge_keys)
    clear = angular[~touched[angular]]
    full[clear] = shapely.contains_xy(shapes.areas[shape[clear]], longitude[clear], latitude[clear])
    kept = np.flatnonzero(touched | full)
    return cell[kept], shape[kept], full[kept]


def _half_diagonal_m(grid: Grid, latitude_deg: Numbers) -> Numbers:
    """From a cell's centre to its farthest corner (the one nearer to the equator), and a metre more."""
    nearer = np.maximum(np.abs(latitude_deg) - grid.step_latitude_deg, 0.0)
    _, east_m = metres_per_degree(nearer)
    north_m, _ = metres_per_degree(np.abs(latitude_deg) + grid.step_latitude_deg)
    return np.hypot(east_m * grid.step_longitude_deg, north_m * grid.step_latitude_deg) / 2 + 1.0


def _among(keys: Rows, ascending: Rows) -> Booleans:
    if not len(ascending):
        return np.zeros(len(keys), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    return np.asarray(ascending[place] == keys)


def _edge_keys(grid: Grid, shapes: Shapes) -> Rows:
    """cell * shapes + shape of every cell that an edge comes near, ascending."""
    if not len(shapes.edges):
        return np.empty(0, dtype=np.intp)
    x0, y0 = grid.place(shapes.edges[:, 1], shapes.edges[:, 0])
    x1, y1 = grid.place(shapes.edges[:, 3], shapes.edges[:, 2])
    edge, part = _stops(x0, y0, x1, y1)
    x = x0[edge] + part * (x1 - x0)[edge]
    y = y0[edge] + part * (y1 - y0)[edge]
    near_x, near_y = _TOUCH_DEG / grid.step_longitude_deg, _TOUCH_DEG / grid.step_latitude_deg
    keys = [
        ((y + up).astype(np.intp) * grid.columns + (x + right).astype(np.intp)) * len(shapes) + shapes.edge_shape[edge]
        for up in (-near_y, near_y)
        for right in (-near_x, near_x)
    ]
    return np.unique(np.concatenate(keys))


def _stops(x0: Numbers, y0: Numbers, x1: Numbers, y1: Numbers) -> tuple[Rows, Numbers]:
    """(edge, part of the way) of points on each edge: both ends and one between every two crossings of grid lines."""
    edges = np.arange(len(x0), dtype=np.intp)
    owners, parts = [edges, edges], [np.zeros(len(x0)), np.ones(len(x0))]
    for a, b in ((x0, x1), (y0, y1)):
        first, last = np.ceil(np.minimum(a, b)).astype(np.intp), np.floor(np.maximum(a, b)).astype(np.intp) + 1
        owner, line, _ = expand(first, np.maximum(first, last))
        way = (b - a)[owner]
        owners.append(owner)
        parts.append(np.clip((line - a[owner]) / np.where(way == 0, 1.0, way), 0.0, 1.0))
    owner, part = np.concatenate(owners), np.concatenate(parts)
    order = np.lexsort((part, owner))
    owner, part = owner[order], part[order]
    same = np.flatnonzero(owner[1:] == owner[:-1])
    between = (part[same] + part[same + 1]) / 2
    return np.concatenate((owner, owner[same])), np.concatenate((part, between))
