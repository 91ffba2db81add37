"""One-to-one pairs with the greatest sum of gains, for sparse candidates.

Nearly all candidates stand in small trees: a track and its fix, or a track with its fix and some clutter. There the
best pair can be read off: where one end of a pair has no other choice and the other end has none better, some best
solution holds the pair (whatever else that end took could be exchanged for it at no loss). Such pairs are taken for all
at once, which frees others, until none is left. What remains, the knots, goes component by component to an assignment
solver.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans

FEW: Final = 16  # candidates that are quicker looked at one by one


def paired(left: Rows, right: Rows, gain: Numbers, first: Booleans) -> Rows:
    """The indices of the candidates (left, right, gain above 0) that are taken, ascending.

    Those of ``first`` choose first: what they gain together is as great as it can be, and then what the rest gains.
    A left end has candidates of one kind only.
    """
    alone = lone(left)
    alone &= lone(right)
    if np.count_nonzero(alone) == len(alone):
        return np.arange(len(alone))
    open_ = (~alone).nonzero()[0]
    if len(open_) <= FEW:
        chosen, open_ = _few(left, right, gain, first, open_)
    else:
        chosen, open_ = _many(left, right, gain, first, open_)
    alone[chosen] = True
    if len(open_):
        knots = _knots(left, right, gain, open_[first[open_]])
        rest = open_[~first[open_]]
        rest = rest[~among(right[rest], right[knots])]
        alone[knots] = alone[_knots(left, right, gain, rest)] = True
    return alone.nonzero()[0]


def among(values: Rows, some: Rows) -> Booleans:
    """Where a value is one of some; all are small numbers, not negative."""
    marked = np.zeros(max(values.max(initial=-1), some.max(initial=-1)) + 1, dtype=np.bool_)
    marked[some] = True
    return marked[values]


def lone(end: Rows) -> Booleans:
    """Where an end is of one candidate only."""
    return np.equal(np.bincount(end).take(end), 1)


def _many(left: Rows, right: Rows, gain: Numbers, first: Booleans, open_: Rows) -> tuple[Rows, Rows]:
    """What can be read off of some candidates, and what is left: knots."""
    open_ = open_[np.lexsort((gain[open_], first[open_]))]  # the last is the best
    taken = []
    while len(open_):
        ends = left[open_], right[open_]
        leaves = lone(ends[1]) & _is_best(ends[0]) | lone(ends[0]) & _is_best(ends[1])
        chosen = open_[leaves]
        if not len(chosen):
            break
        taken.append(chosen)
        gone = among(ends[0], left[chosen])
        gone |= among(ends[1], right[chosen])
        open_ = open_[~gone]
    return np.concatenate([open_[:0], *taken]), np.sort(open_)


def _is_best(end: Rows) -> Booleans:
    """Where a candidate is the best of its end; they go by rising gain."""
    best = np.empty(end.max() + 1, dtype=np.intp)
    best[end] = order = np.arange(len(end))  # the last that is written stays
    return np.equal(best[end], order)


def _few(left: Rows, right: Rows, gain: Numbers, first: Booleans, open_: Rows) -> tuple[Rows, Rows]:
    """As ``_many``, one by one."""
    columns = (column[open_].tolist() for column in (first, gain, left, right))
    some = sorted(zip(*columns, open_.tolist(), strict=True), key=lambda one: one[:2])
    taken: list[int] = []
    while some:
        lefts, rights = [one[2] for one in some], [one[3] for one in some]
        best_left, best_right = ({end: at for at, end in enumerate(ends)} for ends in (lefts, rights))
        chosen = [
            at
            for at, (one, other) in enumerate(zip(lefts, rights, strict=True))
            if (best_left[one] == at and rights.count(other) == 1)
            or (best_right[other] == at and lefts.count(one) == 1)
        ]
        if not chosen:
            break
        taken += [some[at][4] for at in chosen]
        gone_left, gone_right = {lefts[at] for at in chosen}, {rights[at] for at in chosen}
        some = [one for one in some if one[2] not in gone_left and one[3] not in gone_right]
    return np.array(taken, dtype=np.intp), np.array(sorted(one[4] for one in some), dtype=np.intp)


def _knots(left: Rows, right: Rows, gain: Numbers, which: Rows) -> Rows:
    """The best of what has cycles, one assignment a connected component."""
    if not len(which):
        return which
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
