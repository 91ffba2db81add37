"""A grid of cells over the bounds of some shapes, and what is too large or too far out for it.

Cells are 500 m, or up to four times that where shapes are so large, or so many, that smaller ones would take too much
memory (Canada, or France with its upper airspace): answers are the same, a little slower. They are equal steps of
latitude and longitude, counted from the south-west corner; one row or column at least lies free all round, so that any
place can be moved on to the grid without landing in a shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import metres_per_degree

CELL_M: Final = 500.0
TIMES: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)  # that, or so many times that
MAX_CELLS_OF_SHAPE: Final = 2_000_000  # of the bounds of one: 8,000,000 km2 with the largest cells
MAX_CELLS: Final = 12_000_000  # of all bounds together
_HALF_WORLD_DEG: Final = 180.0
_FARTHEST_NORTH_DEG: Final = 85.0


class UnfitShapeError(ValueError):
    """A shape that cannot be indexed; ``shape`` is its row."""

    def __init__(self, shape: int, reason: str) -> None:
        super().__init__(reason)
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
        """A grid over (west, south, east, north) of all shapes, a cell and a half to spare all round."""
        west, south = bounds[:, :2].min(axis=0) if len(bounds) else (0.0, 0.0)
        east, north = bounds[:, 2:].max(axis=0) if len(bounds) else (0.0, 0.0)
        north_m, east_m = metres_per_degree(np.array([(south + north) / 2]))
        cell_m = CELL_M * _times(bounds, CELL_M / float(north_m[0]), CELL_M / float(east_m[0]))
        step_latitude, step_longitude = cell_m / float(north_m[0]), cell_m / float(east_m[0])
        return cls(
            west_deg=float(west) - 1.5 * step_longitude,
            south_deg=float(south) - 1.5 * step_latitude,
            step_longitude_deg=step_longitude,
            step_latitude_deg=step_latitude,
            columns=int((east - west) / step_longitude) + 4,
            rows=int((north - south) / step_latitude) + 4,
        )

    def place(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
        """(x, y) in cells; the whole part is the cell."""
        x = longitude_deg - self.west_deg
        x *= 1.0 / self.step_longitude_deg
        y = latitude_deg - self.south_deg
        y *= 1.0 / self.step_latitude_deg
        return x, y

    def degrees(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """(latitude, longitude) of a place in cells."""
        return self.south_deg + y * self.step_latitude_deg, self.west_deg + x * self.step_longitude_deg

    def cells(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Rows, Rows]:
        """(column, row) of each point; off the grid the nearest, for an unknown place the first: both are free."""
        x, y = self.place(latitude_deg, longitude_deg)
        np.fmin(np.fmax(x, 0.0, out=x), self.columns - 1, out=x)  # fmax makes 0 of NaN
        np.fmin(np.fmax(y, 0.0, out=y), self.rows - 1, out=y)
        return x.astype(np.intp), y.astype(np.intp)


def _times(bounds: Numbers, step_latitude: float, step_longitude: float) -> float:
    """How many times as large as the usual ones cells have to be for all to be held; at most the last of TIMES."""
    wide, tall = (bounds[:, 2] - bounds[:, 0]) / step_longitude, (bounds[:, 3] - bounds[:, 1]) / step_latitude
    for times in TIMES[:-1]:
        cells = (wide / times + 2.0) * (tall / times + 2.0)  # no fewer than will be
        if cells.sum() <= MAX_CELLS and cells.max(initial=0.0) <= MAX_CELLS_OF_SHAPE:
            return times
    return TIMES[-1]


def refuse_unfit(bounds: Numbers) -> None:
    """Raise for bounds (west, south, east, north) that no grid can be laid over."""
    west, south, east, north = bounds.T
    faults = (
        (~np.isfinite(bounds).all(axis=1), "has no place: a coordinate is missing or infinite"),
        (
            east - west > _HALF_WORLD_DEG,
            "spans over 180 degrees: a mask of the world is not a zone, one over the antimeridian has to be cut there",
        ),
        (
            (west < -_HALF_WORLD_DEG) | (east > _HALF_WORLD_DEG),
            "reaches over the antimeridian: it has to be cut there",
        ),
        (
            (south < -_FARTHEST_NORTH_DEG) | (north > _FARTHEST_NORTH_DEG),
            f"reaches beyond {_FARTHEST_NORTH_DEG:g} degrees of latitude: the grid ends there",
        ),
    )
    for wrong, reason in faults:
        if wrong.any():
            raise UnfitShapeError(int(wrong.argmax()), reason)


def refuse_too_many(cells: Rows, verb: str) -> None:
    """Raise where one shape, or all together, take more cells than are indexed."""
    if not len(cells):
        return
    largest = int(cells.argmax())
    if cells[largest] > MAX_CELLS_OF_SHAPE:
        reason = f"{verb} {cells[largest]} cells: a mask of the world is not a zone"
        raise UnfitShapeError(largest, reason)
    if cells.sum() > MAX_CELLS:
        reason = f"{verb} {cells[largest]} cells, the most of all that take {cells.sum()} together"
        raise UnfitShapeError(largest, reason)
