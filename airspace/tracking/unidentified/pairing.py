"""One-to-one pairs with the greatest sum of gains, for sparse candidates.

Nearly all candidates stand in small trees: a track and its fix, or a track with its fix and some clutter. There the
best pair can be read off: where one end of a pair has no other choice and the other end has none better, some best
solution holds the pair (whatever else that end took could be exchanged for it at no loss). Such pairs are taken for all
at once, which frees others, until none is left. What remains, the knots, goes component by component to an assignment
solver.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans


def paired(left: Rows, right: Rows, gain: Numbers) -> Rows:
    """The indices of the candidates (left, right, gain above 0) that are taken, ascending."""
    open_ = np.arange(len(left))
    taken = []
    while len(open_):
        chosen = open_[_leaves(left[open_], right[open_], gain[open_])]
        if not len(chosen):
            taken.append(_knots(left, right, gain, open_))
            break
        taken.append(chosen)
        open_ = open_[~among(left[open_], left[chosen]) & ~among(right[open_], right[chosen])]
    return np.sort(np.concatenate(taken)) if taken else np.empty(0, dtype=np.intp)


def among(values: Rows, some: Rows) -> Booleans:
    """Where a value is one of some; all are small numbers, not negative."""
    marked = np.zeros(max(values.max(initial=-1), some.max(initial=-1)) + 1, dtype=np.bool_)
    marked[some] = True
    return marked[values]


def _leaves(left: Rows, right: Rows, gain: Numbers) -> Booleans:
    """Where one end has no other candidate and the other end no better one."""
    lone_left = _alone(left)
    lone_right = _alone(right)
    if np.all(lone_left & lone_right):
        return lone_left
    order = np.argsort(gain, kind="stable")
    return (lone_right & _is_best(left, order)) | (lone_left & _is_best(right, order))


def _alone(end: Rows) -> Booleans:
    return np.equal(np.bincount(end)[end], 1)


def _is_best(end: Rows, order: Rows) -> Booleans:
    """Where a candidate is the best of its end; ``order`` has the candidates by rising gain."""
    best = np.empty(end.max() + 1, dtype=np.intp)
    best[end[order]] = order  # the last that is written stays
    is_best = np.zeros(len(end), dtype=np.bool_)
    is_best[best[end]] = True
    return is_best


def _knots(left: Rows, right: Rows, gain: Numbers, which: Rows) -> Rows:
    """The best of what has cycles, one assignment a connected component."""
    lefts, row = np.unique(left[which], return_inverse=True)
    rights, column = np.unique(right[which], return_inverse=True)
    size = len(lefts) + len(rights)
    graph = coo_array((np.ones(len(which)), (row, len(lefts) + column)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    of = label[row]
    order = np.argsort(of, kind="stable")
    return np.concatenate(
        [
            _solved(row[part], column[part], gain[which[part]], which[part])
            for part in np.split(order, np.flatnonzero(np.diff(of[order])) + 1)
        ]
    )


def _solved(row: Rows, column: Rows, gain: Numbers, index: Rows) -> Rows:
    rows, row = np.unique(row, return_inverse=True)
    columns, column = np.unique(column, return_inverse=True)
    value = np.zeros((len(rows), len(columns)))
    which = np.full(value.shape, -1)
    value[row, column], which[row, column] = gain, index
    chosen = which[linear_sum_assignment(value, maximize=True)]
    return chosen[chosen >= 0]
