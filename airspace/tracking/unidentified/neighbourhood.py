"""Which pairs of a track and a fix are looked at at all: a few too many, and none too few.

Where the fixes, ordered by latitude, leave each track a window with few of them, the windows are it: a latitude has no
seam and no pole, and no fix in the gate is farther to the north than the gate allows there. Where the windows are full,
a k-d tree over points of a sphere finds circles around the tracks.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import SEMI_MAJOR_M
from airspace.tracking.unidentified.ellipse import axes
from airspace.tracking.unidentified.frame import globe

FEW_PAIRS: Final = 20_000  # pairs that are quicker compared one and all than looked for in a tree
SPHERE_MARGIN: Final = 1.05  # sphere, ellipsoid and a frame 20 km from its anchor differ by less up to 85 degrees
_ROUNDING_DEG: Final = 1e-9
_NEIGHBOURS: Final = 4  # looked for at first; a track with as many in reach is asked again for more
_CLASS: Final = 4.0  # radii that differ by less are searched for together


def near(frame: Numbers, xy: Numbers, place_m2: Numbers, fixes: Numbers, limit: float) -> tuple[Rows, Rows]:
    """Pairs of a track and a fix that may be in the gate.

    The tracks' frames (4, n), places in them (2, n), covariances (3, n); fixes (5, k) as in a ``Scan``; squared sigmas.
    """
    order = fixes[0].argsort(kind="stable")
    ordered_deg = fixes[0].take(order)
    reach_deg = place_m2[2] + fixes[4].max()
    reach_deg *= limit
    np.sqrt(reach_deg, out=reach_deg)
    reach_deg /= frame[2]
    reach_deg += _ROUNDING_DEG
    latitude_deg = frame[0] + xy[1] / frame[2]
    first = ordered_deg.searchsorted(latitude_deg - reach_deg)
    count = ordered_deg.searchsorted(latitude_deg + reach_deg, side="right") - first
    ends = np.add.accumulate(count)
    total = int(ends[-1])
    if total > FEW_PAIRS:
        return _in_circles(frame, xy, place_m2, fixes, limit)
    rows = np.arange(len(count)).repeat(count)
    first -= ends
    first += count
    return rows, order.take(np.arange(total) + first.take(rows))


def _in_circles(frame: Numbers, xy: Numbers, place_m2: Numbers, fixes: Numbers, limit: float) -> tuple[Rows, Rows]:
    of_track, of_fix = limit * axes(*place_m2)[0], limit * axes(*fixes[2:])[0]
    tracks, points = _on_sphere(*globe(frame, xy[0], xy[1])), _on_sphere(fixes[0], fixes[1])
    found = []
    for some_fixes in _classes(of_fix):
        tree = cKDTree(points[some_fixes])
        radius2 = of_track + of_fix[some_fixes].max()
        for some_tracks in _classes(radius2):
            reach_m = SPHERE_MARGIN * float(np.sqrt(radius2[some_tracks].max()))
            rows, of = _within(tree, tracks[some_tracks], reach_m)
            found.append((some_tracks[rows], some_fixes[of]))
    rows, of = (np.concatenate(column) for column in zip(*found, strict=True))
    return rows, of


def _classes(radius2: Numbers) -> list[Rows]:
    """Row numbers by the size of the radius, so that one wide ellipse does not widen the search of all."""
    least = radius2.min()
    if radius2.max() < least * _CLASS**2:
        return [np.arange(len(radius2))]
    size = np.floor(np.log(radius2 / least) / (2.0 * np.log(_CLASS)))
    return [np.flatnonzero(size == each) for each in np.unique(size)]


def _within(tree: cKDTree, points: Numbers, reach_m: float) -> tuple[Rows, Rows]:
    """Pairs of a point and a leaf of the tree no farther apart, ordered by point."""
    rows, of, asked = [], [], np.arange(len(points))
    count = _NEIGHBOURS
    while len(asked):
        neighbour = np.asarray(tree.query(points[asked], k=count, distance_upper_bound=reach_m)[1])
        full = neighbour[:, -1] < tree.n
        full &= count < tree.n
        close = (neighbour < tree.n) & ~full[:, np.newaxis]
        rows.append(asked[np.nonzero(close)[0]])
        of.append(neighbour[close])
        asked, count = asked[full], count * 4
    return np.concatenate(rows), np.concatenate(of)


def _on_sphere(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    round_axis = np.cos(latitude)
    points = np.empty((len(latitude), 3))
    points[:, 0] = round_axis * np.cos(longitude)
    points[:, 1] = round_axis * np.sin(longitude)
    points[:, 2] = np.sin(latitude)
    points *= SEMI_MAJOR_M
    return points
