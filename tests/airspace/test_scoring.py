from __future__ import annotations

from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Bits, Numbers
from airspace.simulation.scoring import NONE, Purity, gospa, identity_switches, match, purity

NOWHERE = np.empty((0, 2))
C, P = 50.0, 2.0


def xy(*each: tuple[float, float]) -> Numbers:
    return np.array(each, dtype=float).reshape(-1, 2)


def numbers(*each: int) -> Bits:
    return np.array(each, dtype=np.int64)


places = st.lists(st.tuples(*[st.floats(-80, 80, width=16)] * 2), max_size=5).map(lambda each: xy(*each))
parameters = st.tuples(st.sampled_from([10.0, 50.0]), st.sampled_from([1.0, 2.0]), st.sampled_from([0.5, 1.0, 2.0]))


@pytest.mark.parametrize(
    ("truth", "estimate", "localisation", "missed", "false"),
    [
        (NOWHERE, NOWHERE, 0.0, 0.0, 0.0),
        (xy((0, 0)), xy((0, 0)), 0.0, 0.0, 0.0),
        (xy((0, 0)), xy((3, 4)), 25.0, 0.0, 0.0),
        (xy((0, 0)), NOWHERE, 0.0, 1250.0, 0.0),
        (NOWHERE, xy((0, 0), (1, 1)), 0.0, 0.0, 2500.0),
        (xy((0, 0)), xy((200, 0)), 0.0, 1250.0, 1250.0),  # too far apart: one missed, one false
        (xy((0, 0)), xy((50, 0)), 0.0, 1250.0, 1250.0),  # at the cut-off: the same
        (xy((0, 0), (100, 0)), xy((106, 8), (0, 5), (500, 0)), 125.0, 0.0, 1250.0),
        # the nearest pair first (0 m) would leave 40 m for the other: 20 and 20 are better
        (xy((0, 0), (20, 0)), xy((20, 0), (40, 0)), 800.0, 0.0, 0.0),
    ],
)
def test_gospa_by_hand(truth: Numbers, estimate: Numbers, localisation: float, missed: float, false: float) -> None:
    told = gospa(truth, estimate, C, P)
    assert (told.localisation, told.missed, told.false) == pytest.approx((localisation, missed, false))
    assert told.distance == pytest.approx(sqrt(localisation + missed + false))


def test_with_another_alpha_only_the_surplus_is_missed_or_false() -> None:
    """The paper's definition 1: cut-off distances of min(n, m) pairs, and c**p / alpha for each place left over."""
    told = gospa(xy((0, 0), (200, 0), (900, 0)), xy((3, 4), (400, 0)), 50.0, 1.0, alpha=1.0)
    assert (told.localisation, told.missed, told.false) == pytest.approx((5.0 + 50.0, 50.0, 0.0))
    assert told.distance == pytest.approx(105.0)


@pytest.mark.parametrize(("c", "p", "alpha"), [(0.0, 2.0, 2.0), (1.0, 0.5, 2.0), (1.0, 2.0, 2.5), (1.0, np.inf, 2.0)])
def test_what_is_no_metric_is_refused(c: float, p: float, alpha: float) -> None:
    with pytest.raises(ValueError, match="metric"):
        gospa(NOWHERE, NOWHERE, c, p, alpha)


def by_definition(truth: Numbers, estimate: Numbers, c: float, p: float, alpha: float) -> float:
    """Every assignment there is, by definition 1 of the paper."""
    few, many = sorted((truth, estimate), key=len)
    costs = [
        sum(min(c, float(np.hypot(*(few[row] - many[column])))) ** p for row, column in enumerate(chosen))
        for chosen in permutations(range(len(many)), len(few))
    ]
    return float((min(costs) + c**p / alpha * (len(many) - len(few))) ** (1 / p))


@given(places, places, parameters)
@settings(max_examples=150)
def test_gospa_is_the_best_of_all_assignments(
    truth: Numbers, estimate: Numbers, cp_alpha: tuple[float, float, float]
) -> None:
    told = gospa(truth, estimate, *cp_alpha)
    assert told.distance == pytest.approx(by_definition(truth, estimate, *cp_alpha))
    assert told.distance ** cp_alpha[1] == pytest.approx(told.localisation + told.missed + told.false)


@given(places, places, places, parameters)
@settings(max_examples=150)
def test_gospa_is_a_metric(
    first: Numbers, second: Numbers, third: Numbers, cp_alpha: tuple[float, float, float]
) -> None:
    there = gospa(first, second, *cp_alpha)
    back = gospa(second, first, *cp_alpha)
    assert there.distance == pytest.approx(back.distance)
    assert (there.missed, there.false) == pytest.approx((back.false, back.missed))
    by_way_of = gospa(first, third, *cp_alpha).distance + gospa(third, second, *cp_alpha).distance
    assert there.distance <= by_way_of + 1e-9
    assert gospa(first, first, *cp_alpha).distance == 0.0


@given(places, places)
def test_the_order_of_places_says_nothing(truth: Numbers, estimate: Numbers) -> None:
    assert gospa(truth, estimate, C, P).distance == pytest.approx(gospa(truth, estimate[::-1], C, P).distance)


def test_match_names_the_estimate_of_each_true_place() -> None:
    truth = xy((0, 0), (100, 0), (500, 0))
    assert match(truth, xy((103, 0), (300, 0), (1, 1)), C).tolist() == [2, 0, NONE]
    assert match(truth, NOWHERE, C).tolist() == [NONE] * 3


def test_a_switch_is_another_track_and_a_gap_is_none() -> None:
    aircraft = numbers(1, 2, 1, 2, NONE, 1, 1, 2, 2, 3)
    track = numbers(7, 8, 7, NONE, 9, 8, 7, 8, 7, 5)
    assert identity_switches(aircraft, track) == {1: 2, 2: 1, 3: 0}
    assert identity_switches(numbers(NONE, 1), numbers(4, NONE)) == {}


def test_flights_split_and_merged() -> None:
    aircraft = numbers(1, 1, 2, 2, 3, 3, 4, 4, NONE, 5)
    track = numbers(10, 10, 20, 21, 30, 30, 30, 30, 10, NONE)
    assert purity(aircraft, track) == Purity(flights=4, split=1, merged=2)
    assert purity(aircraft[:0], track[:0]) == Purity(flights=0, split=0, merged=0)


def test_a_stray_row_may_be_passed_over() -> None:
    aircraft, track = numbers(1, 1, 1, 2, 2), numbers(10, 10, 20, 20, 20)
    assert purity(aircraft, track) == Purity(flights=2, split=1, merged=2)
    assert purity(aircraft, track, least_rows=2) == Purity(flights=2, split=0, merged=0)
