"""How well tracks tell the truth: GOSPA, identity switches, flights split and merged.

GOSPA (generalised optimal sub-pattern assignment, Rahmathullah, Garcia-Fernandez, Svensson 2017, arXiv 1601.05585) is
one distance between the places that were and the places that were told: in metres, off target and missing and false
together. Its parts add up in the power p: distance**p = localisation + missed + false. Not done: OSPA, the metric over
whole trajectories, and velocities.

The assignment is solved over the pairs that lie nearer than c alone (a pair farther apart costs no less than leaving
both out), so ten thousand scattered places are no matrix of a hundred million.

Compared by hand with Stone Soup 1.9.1 (GOSPAMetric, 500 random pairs of sets, p 1 and 2): distance and parts agree to
1e-15, relatively. Stone Soup is no dependency of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

from airspace.model.detection import Bits, Numbers, Rows

HALVES: Final = 2.0  # the alpha with which GOSPA falls into localisation, missed and false places
NONE: Final = -1  # no aircraft (a false detection), or no track (a row that was not followed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gospa:
    """A GOSPA distance and what it is made of, in metres to the power p."""

    distance: float  # metres
    localisation: float
    missed: float
    false: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Purity:
    """How many flights stayed whole, of those that were followed at all."""

    flights: int
    split: int  # flights of more than one track
    merged: int  # flights of which a track holds another flight too


def gospa(truth_xy: Numbers, estimate_xy: Numbers, c: float, p: float, alpha: float = HALVES) -> Gospa:
    """The distance between places that were, (n, 2) in metres, and places that were told, (m, 2).

    ``c`` is the cut-off in metres, ``p`` the power. With ``alpha`` 2 a place without a partner nearer than c is missed,
    or false, at c**p / 2 each; with another alpha only the surplus of the larger set is, at c**p / alpha, and the other
    pairs count c**p each for localisation.
    """
    if not (c > 0.0 and 1.0 <= p < np.inf and 0.0 < alpha <= HALVES):
        raise ValueError("GOSPA is a metric for c > 0, p >= 1 and 0 < alpha <= 2 only")
    _, columns, apart_m = _pairs(truth_xy, estimate_xy, c, p)
    n, m, paired = len(truth_xy), len(estimate_xy), len(columns)
    localisation, missed, false = float(np.sum(apart_m**p)), float(n - paired), float(m - paired)
    if alpha != HALVES:
        far = min(missed, false)
        localisation, missed, false = localisation + far * c**p, missed - far, false - far
    missed, false = missed * c**p / alpha, false * c**p / alpha
    distance = float((localisation + missed + false) ** (1.0 / p))
    return Gospa(distance=distance, localisation=localisation, missed=missed, false=false)


def match(truth_xy: Numbers, estimate_xy: Numbers, c: float, p: float = 2.0) -> Rows:
    """For each true place the row of the estimate that GOSPA pairs it with, or NONE."""
    rows, columns, _ = _pairs(truth_xy, estimate_xy, c, p)
    of_truth = np.full(len(truth_xy), NONE, dtype=np.intp)
    of_truth[rows] = columns
    return of_truth


def identity_switches(aircraft: Bits, track: Bits) -> dict[int, int]:
    """For each aircraft how often it went over to another track, from rows in the order of time.

    A row says which track told of which aircraft: from ``match`` once a scan, or a detection's own. Rows without an
    aircraft or a track say nothing: a gap is no switch, unless another track follows it (CLEAR MOT's mismatch,
    Bernardin and Stiefelhagen 2008, but for its preference of last scan's pairs).
    """
    aircraft, track = _followed(aircraft, track)
    order = np.argsort(aircraft, kind="stable")
    aircraft, track = aircraft[order], track[order]
    switched = (aircraft[1:] == aircraft[:-1]) & (track[1:] != track[:-1])
    names, first = np.unique(aircraft, return_index=True)
    if not len(names):
        return {}
    counts = np.add.reduceat(np.append(0, switched), first)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def purity(aircraft: Bits, track: Bits, least_rows: int = 1) -> Purity:
    """Flights split and merged, from rows with the true flight and the track that each was given to.

    Fewer than ``least_rows`` rows that a track has of a flight are passed over.
    """
    aircraft, track = _followed(aircraft, track)
    held, rows = np.unique(np.stack((aircraft, track)), axis=1, return_counts=True)
    aircraft, track = held[:, rows >= least_rows]
    names, tracks_of = np.unique(aircraft, return_counts=True)
    _, which, flights_of = np.unique(track, return_inverse=True, return_counts=True)
    merged = np.unique(aircraft[flights_of[which] > 1])
    return Purity(flights=len(names), split=int(np.count_nonzero(tracks_of > 1)), merged=len(merged))


def _followed(aircraft: Bits, track: Bits) -> tuple[Bits, Bits]:
    both = (aircraft != NONE) & (track != NONE)
    return aircraft[both], track[both]


def _pairs(truth_xy: Numbers, estimate_xy: Numbers, c: float, p: float) -> tuple[Rows, Rows, Numbers]:
    """The best one-to-one pairs that are nearer than c, and how far apart they are.

    Every true place may stay alone instead, at c**p: that is a column of its own, so a full matching always exists.
    The solver takes a weight of 0 for no edge, hence the 1 on all.
    """
    n, m = len(truth_xy), len(estimate_xy)
    if not n or not m:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing, np.empty(0)
    near = cKDTree(truth_xy).sparse_distance_matrix(cKDTree(estimate_xy), c, output_type="ndarray")
    near = near[near["v"] < c]
    alone = np.arange(n)
    weight = np.append((near["v"] / c) ** p, np.ones(n)) + 1.0
    edges = (np.append(near["i"], alone), np.append(near["j"], m + alone))
    rows, columns = min_weight_full_bipartite_matching(coo_array((weight, edges), shape=(n, m + n)).tocsr())
    paired = columns < m
    of_truth, of_estimate = rows[paired].astype(np.intp), columns[paired].astype(np.intp)
    return of_truth, of_estimate, np.linalg.norm(truth_xy[of_truth] - estimate_xy[of_estimate], axis=1)
