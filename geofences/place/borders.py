"""Cells that a polygon's edge runs through: which of their points the polygon holds, by few edges instead of all.

A point is in a polygon if the ray to the west crosses an odd number of edges. For the points of one cell only the edges
near that cell can make a difference; all others together are one constant, known from one reference point of the cell.
An edge that comes from west of the cell is taken to run on from there north or south without end (whichever way its
western end lies), which is what makes the constant one: the edges that were dropped end at the cell's western side in
pairs. Half-open ranges of latitude count a corner once, so that corners and edges along the ray need no special case.

The doubles settle on which side of an edge a point lies unless it is within a micrometre of the edge's line; then GEOS
is asked, so that the answer is GEOS's in every case (tests/geofences/test_index.py). Cells whose reference point lies
so close to an edge ask GEOS for every point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from geofences.place.shapes import Numbering, expand

Small = npt.NDArray[np.int32]  # tables of row numbers, to be looked up in and never counted with

_NONE: Final[Rows] = np.empty(0, dtype=np.intp)
UNSURE_DEG: Final = 1e-11  # rounding of coordinates up to 180 degrees errs by less than 2e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Borders:
    """Entries (cell, polygon) by number; the edges of entry i are rows first[i] to first[i + 1] of ``edges``.

    An edge is the line x a - y b = c through longitude x and latitude y, with |a| + |b| = 1 and the west where
    the left side is less, and the latitudes [low, high) in which it counts: columns a, b, c, low, high.
    """

    shape: Small
    first: Small
    edges: Numbers
    odd: Booleans  # what to add to the number of crossings

    def hold(self, number: Rows, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Booleans, Rows]:
        """Row by row, whether entry ``number`` holds the point of its cell; and which rows the doubles leave open."""
        odd, unsure = crossings(
            self.edges, self.first.take(number), self.first.take(number + 1), latitude_deg, longitude_deg
        )
        odd ^= self.odd.take(number)
        return odd, unsure


def crossings(
    edges: Numbers, first: Numbering, last: Numbering, latitude_deg: Numbers, longitude_deg: Numbers
) -> tuple[Booleans, Rows]:
    """(row by row, whether an odd number of its edges lies west of the point; rows that are too close to an edge)."""
    which, row, start = expand(first, last)
    edge = edges.take(row, axis=0)
    x, y = longitude_deg.take(which), latitude_deg.take(which)
    x *= edge[:, 0]
    x -= y * edge[:, 1]
    x -= edge[:, 2]
    crossed = x > 0
    crossed &= edge[:, 3] <= y
    crossed &= edge[:, 4] > y
    np.abs(x, out=x)
    sure = x > UNSURE_DEG  # not so for NaN
    odd = np.logical_xor.reduceat(crossed, start)
    if np.count_nonzero(sure) == len(sure):
        return odd, _NONE
    return odd, np.unique(which[~sure])


def clipped(edges: Numbers, west_deg: Numbers) -> Numbers:
    """Edges (lon, lat, lon, lat) as ``Borders`` has them, each for a cell whose western side is ``west_deg``."""
    upward = (edges[:, 3] > edges[:, 1]) | ((edges[:, 3] == edges[:, 1]) & (edges[:, 2] > edges[:, 0]))
    low, high = np.where(upward, edges[:, :2].T, edges[:, 2:].T), np.where(upward, edges[:, 2:].T, edges[:, :2].T)
    wide, tall = high - low
    length = np.abs(wide) + tall
    a, b = tall / length, wide / length
    from_west, to_west = low[0] < west_deg, high[0] < west_deg
    return np.column_stack(
        (
            a,
            b,
            low[0] * a - low[1] * b,
            np.where(from_west & ~to_west, -np.inf, np.where(from_west, np.inf, low[1])),
            np.where(to_west & ~from_west, np.inf, high[1]),
        )
    )


def bordered(
    shape: Rows, first: Rows, edges: Numbers, latitude_deg: Numbers, longitude_deg: Numbers, inside: Booleans
) -> Borders:
    """Entries with their edges, a reference point of each cell, and whether the polygon holds that."""
    if not len(shape):
        return NO_BORDERS
    odd, unsure = crossings(edges, first[:-1], first[1:], latitude_deg, longitude_deg)
    edges[first[unsure], 2] = np.nan
    return Borders(shape=shape.astype(np.int32), first=first.astype(np.int32), edges=edges, odd=odd ^ inside)


NO_BORDERS: Final = Borders(
    shape=np.empty(0, dtype=np.int32),
    first=np.zeros(1, dtype=np.int32),
    edges=np.empty((0, 5)),
    odd=np.empty(0, dtype=np.bool_),
)
