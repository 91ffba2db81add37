"""Which fix belongs to which track: global nearest neighbour.

Candidates are found among points of a sphere (good anywhere on Earth), by a k-d tree where there are many, tested by
the exact Mahalanobis distance in each track's own frame, and valued by their gain: how much likelier it is that the fix
is of the track than that it is clutter and the track was missed (Blackman, Popoli 1999, 6.4). Of all ways to pair each
track with one fix at most, one with the greatest sum of gains is taken; ``pairing.py`` finds it.

Frequencies take part in the ranking only. A hopping link, or one that changes its channel or its band, is elsewhere
every second, so a difference refutes nothing and closes no gate; but the same channel again is a reason to prefer a fix
to its neighbour on another.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import SEMI_MAJOR_M
from airspace.model.track import Booleans
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.ellipse import axes
from airspace.tracking.unidentified.frame import globe, local
from airspace.tracking.unidentified.pairing import among, paired
from airspace.tracking.unidentified.scan import Scan

SPHERE_MARGIN: Final = 1.05  # sphere, ellipsoid and a frame 20 km from its anchor differ by less up to 85 degrees
FEW_PAIRS: Final = 20_000  # pairs that are quicker compared one and all than looked for in a tree
CHANNEL_SLACK_HZ: Final = 1e6  # how far apart two readings of one centre frequency may be
OTHER_CHANNEL_COST: Final = 4.0  # in units of squared sigmas; see ``_other_channel``
LEAST_GAIN: Final = 1e-9
_NEIGHBOURS: Final = 4  # looked for at first; a track with as many in reach is asked again for more
_CLASS: Final = 4.0  # radii that differ by less are searched for together


class Pairs(NamedTuple):
    """Pairs of a track's row and a detection's row."""

    track: Rows
    detection: Rows


class Candidates(NamedTuple):
    """Pairs that may be, and what each gains."""

    pairs: Pairs
    gain: Numbers


NO_PAIRS: Final = Pairs(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp))


def gate(probability: float) -> float:
    """Squared Mahalanobis distance in two dimensions of the gate (chi-square, closed form)."""
    return float(-2.0 * np.log1p(-probability))


def assign(bank: Bank, scan: Scan) -> Pairs:
    """The best pairs, nothing changed."""
    return chosen(bank, candidates(bank, scan))


def joined(first: Pairs, second: Pairs) -> Pairs:
    """Both."""
    return Pairs(*(np.concatenate(both) for both in zip(first, second, strict=True)))


def candidates(bank: Bank, scan: Scan) -> Candidates:
    """All pairs in the gate that gain, and their gains."""
    if not len(bank) or not len(scan):
        return Candidates(NO_PAIRS, np.empty(0))
    settings = bank.settings
    limit = gate(settings.gate_probability)
    places = bank.places(scan.time_s)
    pairs = _near(bank, scan, places, limit)
    distance2, determinant, way_m = distances2(bank, scan, pairs, places[:, pairs.track])
    missed = (1.0 - settings.detection_probability) * settings.clutter_per_m2
    gain = 2.0 * np.log(settings.detection_probability / (2.0 * np.pi * missed)) - np.log(determinant) - distance2
    good = (distance2 <= limit) & (gain > 0.0)
    good &= _flyable(bank, scan, pairs, way_m, limit)
    pairs, gain = _which(pairs, good), gain[good]
    return Candidates(pairs, np.maximum(gain - _other_channel(bank, scan, pairs), LEAST_GAIN))


def chosen(bank: Bank, all_: Candidates, taken: Pairs = NO_PAIRS) -> Pairs:
    """The best of them, those of tracks or fixes that are taken already left out; confirmed tracks choose first."""
    pairs, gain = all_
    free = ~among(pairs.track, taken.track) & ~among(pairs.detection, taken.detection)
    confirmed = bank.confirmed[pairs.track]
    first = _best(pairs, gain, free & confirmed)
    left = free & ~confirmed & ~among(pairs.detection, first.detection)
    return joined(first, _best(pairs, gain, left))


def distances2(bank: Bank, scan: Scan, pairs: Pairs, places: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Squared Mahalanobis distance, determinant of its covariance, and metres between fix and prediction."""
    rows, of = pairs
    x, y, xx, xy, yy = places
    fix_x, fix_y = local(bank.frame(rows), scan.latitude_deg[of], scan.longitude_deg[of])
    dx, dy = fix_x - x, fix_y - y
    xx = xx + scan.r_xx_m2[of]
    xy = xy + scan.r_xy_m2[of]
    yy = yy + scan.r_yy_m2[of]
    determinant = xx * yy - xy * xy
    distance2 = (dx * dx * yy - 2.0 * dx * dy * xy + dy * dy * xx) / determinant
    return distance2, determinant, np.hypot(dx, dy)


def _best(pairs: Pairs, gain: Numbers, which: Booleans) -> Pairs:
    some = _which(pairs, which)
    return _which(some, paired(*some, gain[which]))


def _which(pairs: Pairs, which: Booleans | Rows) -> Pairs:
    return Pairs(pairs.track[which], pairs.detection[which])


def _flyable(bank: Bank, scan: Scan, pairs: Pairs, way_m: Numbers, limit: float) -> Booleans:
    """Whether a second fix is no farther from the first than an aircraft flies, the doubt of both added."""
    once = np.flatnonzero(bank.hits[pairs.track] == 1)
    flyable = np.ones(len(way_m), dtype=np.bool_)
    if len(once):
        rows, of = pairs.track[once], pairs.detection[once]
        time_s = bank.time_s[rows]
        _, _, xx, xy, yy = bank.places(time_s, rows)
        doubt2, _ = axes(xx + scan.r_xx_m2[of], xy + scan.r_xy_m2[of], yy + scan.r_yy_m2[of])
        flown_m = bank.settings.max_speed_m_s * np.abs(scan.time_s - time_s)
        flyable[once] = way_m[once] <= flown_m + np.sqrt(limit * doubt2)
    return flyable


def _other_channel(bank: Bank, scan: Scan, pairs: Pairs) -> Numbers | float:
    """What it costs that track and fix were heard on channels that do not touch.

    Twice the logarithm of how much likelier a touching channel is for the same emitter (about one in two, with those
    that hop) than for another one (one in ten): 2 ln((0.5 / 0.1) / (0.5 / 0.9)) = 4.4.
    """
    if scan.frequency_hz is None:
        return 0.0
    apart_hz = np.abs(scan.frequency_hz[pairs.detection] - bank.frequency_hz[pairs.track])
    width_hz = np.nan_to_num(bank.bandwidth_hz[pairs.track])
    if scan.bandwidth_hz is not None:
        width_hz = width_hz + np.nan_to_num(scan.bandwidth_hz[pairs.detection])
    return np.where(apart_hz > width_hz / 2.0 + CHANNEL_SLACK_HZ, OTHER_CHANNEL_COST, 0.0)


def _near(bank: Bank, scan: Scan, places: Numbers, limit: float) -> Pairs:
    """Pairs that may be in the gate, by way of circles around the predicted places."""
    x, y, xx, xy, yy = places
    of_track = limit * axes(xx, xy, yy)[0]
    of_fix = limit * axes(scan.r_xx_m2, scan.r_xy_m2, scan.r_yy_m2)[0]
    tracks, fixes = _on_sphere(*globe(bank.frame(), x, y)), _on_sphere(scan.latitude_deg, scan.longitude_deg)
    if len(tracks) * len(fixes) <= FEW_PAIRS:
        return _among_all(tracks, fixes, of_track[:, np.newaxis] + of_fix)
    found = []
    for some_fixes in _classes(of_fix):
        tree = cKDTree(fixes[some_fixes])
        radius2 = of_track + of_fix[some_fixes].max()
        for some_tracks in _classes(radius2):
            reach_m = SPHERE_MARGIN * float(np.sqrt(radius2[some_tracks].max()))
            rows, of = _within(tree, tracks[some_tracks], reach_m)
            found.append((some_tracks[rows], some_fixes[of]))
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _among_all(tracks: Numbers, fixes: Numbers, radius2: Numbers) -> Pairs:
    apart2 = np.zeros(radius2.shape)
    for of_tracks, of_fixes in zip(tracks.T, fixes.T, strict=True):
        apart2 += np.square(of_tracks[:, np.newaxis] - of_fixes)
    return Pairs(*np.nonzero(apart2 <= SPHERE_MARGIN**2 * radius2))


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
        near = (neighbour < tree.n) & ~full[:, np.newaxis]
        rows.append(asked[np.nonzero(near)[0]])
        of.append(neighbour[near])
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
