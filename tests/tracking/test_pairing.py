from __future__ import annotations

from itertools import combinations
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified import pairing
from airspace.tracking.unidentified.pairing import paired

Graph = dict[tuple[int, int], float]
GRAPHS = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    st.one_of(st.floats(0.001, 30.0), st.sampled_from([1.0, 2.0, 3.0])),
    max_size=11,
)


def columns(graph: Graph, first: frozenset[int] = frozenset()) -> tuple[Rows, Rows, Numbers, Booleans]:
    left, right = (np.array([pair[end] for pair in graph], dtype=np.intp) for end in (0, 1))
    return left, right, np.array(list(graph.values())), np.isin(left, list(first))


def best_sum(graph: Graph) -> float:
    """By trying everything."""
    best = 0.0
    for size in range(1, min(len(graph), 5) + 1):
        for some in combinations(graph, size):
            if len({left for left, _ in some}) == len({right for _, right in some}) == size:
                best = max(best, sum(graph[pair] for pair in some))
    return best


@given(GRAPHS, st.frozensets(st.integers(0, 4)))
def test_one_by_one_is_all_at_once(graph: Graph, first: frozenset[int]) -> None:
    each = columns(graph, first)
    taken = paired(*each).tolist()
    with patch.object(pairing, "FEW", -1):
        assert paired(*each).tolist() == taken


@given(GRAPHS)
def test_no_other_pairs_gain_more(graph: Graph) -> None:
    left, right, gain, first = columns(graph)
    taken = paired(left, right, gain, first)
    assert len(set(left[taken])) == len(set(right[taken])) == len(taken)
    assert np.isclose(gain[taken].sum(), best_sum(graph))


@given(GRAPHS, st.frozensets(st.integers(0, 4)))
def test_some_choose_first_and_the_rest_of_what_is_left(graph: Graph, first: frozenset[int]) -> None:
    left, right, gain, chooses = columns(graph, first)
    taken = paired(left, right, gain, chooses)
    early = taken[chooses[taken]]
    assert np.isclose(gain[early].sum(), best_sum({pair: value for pair, value in graph.items() if pair[0] in first}))
    gone = set(right[early].tolist())
    rest = {pair: value for pair, value in graph.items() if pair[0] not in first and pair[1] not in gone}
    assert np.isclose(gain[taken].sum() - gain[early].sum(), best_sum(rest))


@given(GRAPHS, st.randoms(use_true_random=False))
def test_order_of_candidates_does_not_matter_to_the_sum(graph: Graph, random: object) -> None:
    shuffled = list(graph.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    gains = [each[2][paired(*each)].sum() for each in (columns(graph), columns(dict(shuffled)))]
    assert np.isclose(*gains)


def test_a_knot_is_untied_where_the_greedy_choice_is_wrong() -> None:
    graph = {(0, 0): 10.0, (0, 1): 9.0, (1, 0): 9.0, (1, 1): 1.0}
    left, right, gain, first = columns(graph)
    assert [(left[at], right[at]) for at in paired(left, right, gain, first)] == [(0, 1), (1, 0)]


def test_far_knots_are_solved_apart() -> None:
    graph = {
        (base + i, base + j): value
        for base in range(0, 3000, 3)
        for (i, j), value in {(0, 0): 10.0, (0, 1): 9.0, (1, 0): 9.0, (1, 1): 1.0, (2, 2): 5.0}.items()
    }
    left, right, gain, first = columns(graph)
    taken = paired(left, right, gain, first)
    assert gain[taken].sum() == 23.0 * 1000


def test_nothing_is_paired_with_nothing() -> None:
    assert not len(paired(*columns({})))
