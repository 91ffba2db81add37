from __future__ import annotations

from itertools import permutations
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers
from airspace.model.track import Booleans
from airspace.tracking.unidentified import neighbourhood
from airspace.tracking.unidentified.association import Pairs, candidates, chosen, gate
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.ellipse import noise_of
from airspace.tracking.unidentified.filter import dense
from airspace.tracking.unidentified.frame import local
from airspace.tracking.unidentified.scan import Scan
from airspace.tracking.unidentified.settings import Settings
from tests.tracking.scenes import PLACES, scan, some_of
from tests.tracking.scenes import covariance as covariance_of


def banked(points_m: Numbers, sigma_m: Numbers, place: tuple[float, float], confirmed: Numbers | Booleans) -> Bank:
    """Tracks just opened at these points, some of them confirmed."""
    bank = Bank()
    noise = np.eye(2) * np.square(sigma_m)[:, np.newaxis, np.newaxis]
    at = scan(0.0, points_m, place, noise_m2=noise)
    bank.open(at.fixes, 0.0)
    bank.confirm(np.flatnonzero(confirmed))
    return bank


def gains(bank: Bank, seen: Scan) -> Numbers:
    """Of every track and fix, with matrices; not above 0 where the pair may not be."""
    rules = bank.settings
    block = bank.ahead(seen.time_s).block
    mean, covariance = block[:4].T, dense(block)
    noise_m2 = np.moveaxis(seen.fixes[[2, 3, 3, 4]], 1, 0).reshape(-1, 2, 2)
    table = np.zeros((len(bank), len(seen)))
    for row, of in np.ndindex(*table.shape):
        x, y = local(bank.frame[:, [row]], *seen.fixes[:2, [of]])
        apart = np.array([x[0], y[0]]) - mean[row, :2]
        total = covariance[row, :2, :2] + noise_m2[of]
        distance2 = apart @ np.linalg.inv(total) @ apart
        first = covariance_of(bank)[row, :2, :2] + noise_m2[of]
        reach = rules.max_speed_m_s * seen.time_s + np.sqrt(gate(rules.gate_probability) * np.linalg.eigvalsh(first)[1])
        false_and_missed = (1.0 - rules.detection_probability) * rules.clutter_per_m2
        odds = rules.detection_probability / (2.0 * np.pi * np.sqrt(np.linalg.det(total)) * false_and_missed)
        if distance2 <= gate(rules.gate_probability) and np.hypot(*apart) <= reach:
            table[row, of] = 2.0 * np.log(odds) - distance2
    return np.maximum(table, 0.0)


def best_sum(table: Numbers) -> float:
    """Of the gains of one-to-one pairs, by trying everything."""
    table = table if table.shape[0] <= table.shape[1] else table.T
    orders = permutations(range(table.shape[1]), table.shape[0])
    return max((sum(table[row, of] for row, of in enumerate(order)) for order in orders), default=0.0)


SEARCHES = st.sampled_from([0, neighbourhood.FEW_PAIRS])  # by the tree, or by latitude


def near(bank: Bank, seen: Scan) -> Pairs:
    """What may be."""
    return candidates(bank, seen, bank.ahead(seen.time_s))


def assign(bank: Bank, seen: Scan) -> Pairs:
    """What is taken."""
    return chosen(bank, near(bank, seen))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Bank, Scan]:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    tracks, fixes = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    place, side = draw(st.sampled_from(PLACES)), draw(st.sampled_from([30.0, 120.0, 1000.0, 20_000.0]))
    confirmed = rng.random(tracks) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    bank = banked(rng.uniform(0, side, (tracks, 2)), rng.uniform(3.0, 30.0, tracks), place, confirmed)
    major = np.exp(rng.uniform(1.0, draw(st.sampled_from([4.0, 8.0])), fixes))
    noise = noise_of(major, major * rng.uniform(0.05, 1.0, fixes), rng.uniform(0, 180, fixes))
    return bank, scan(draw(st.floats(0.0, 3.0)), rng.uniform(0, side, (fixes, 2)), place, noise_m2=noise)


@given(problems(), SEARCHES)
@settings(max_examples=100)
def test_no_other_assignment_in_the_gate_gains_more(problem: tuple[Bank, Scan], few_pairs: int) -> None:
    bank, seen = problem
    table = gains(bank, seen)
    with patch.object(neighbourhood, "FEW_PAIRS", few_pairs):
        pairs = assign(bank, seen)
    first = bank.confirmed[pairs.track]
    assert len(set(pairs.track)) == len(set(pairs.detection)) == len(pairs.track)
    assert np.all(table[pairs.track, pairs.detection] > 0.0)
    assert table[pairs.track[first], pairs.detection[first]].sum() == pytest.approx(best_sum(table[bank.confirmed]))
    left = np.setdiff1d(np.arange(len(seen)), pairs.detection[first])
    rest = table[~bank.confirmed][:, left]
    assert table[pairs.track[~first], pairs.detection[~first]].sum() == pytest.approx(best_sum(rest))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("side_m", [100.0, 2000.0, 20_000.0])
def test_latitudes_and_the_tree_find_the_same(
    monkeypatch: pytest.MonkeyPatch, place: tuple[float, float], side_m: float
) -> None:
    rng = np.random.default_rng(3)
    bank = banked(rng.uniform(0, side_m, (60, 2)), rng.uniform(3.0, 300.0, 60), place, rng.random(60) < 0.5)
    noise = np.eye(2) * np.square(rng.uniform(3.0, 300.0, 50))[:, np.newaxis, np.newaxis]
    seen = scan(1.0, rng.uniform(0, side_m, (50, 2)), place, noise_m2=noise)
    found = []
    for few in (0, neighbourhood.FEW_PAIRS):
        monkeypatch.setattr(neighbourhood, "FEW_PAIRS", few)
        pairs = near(bank, seen)
        found.append(sorted(zip(pairs.track.tolist(), pairs.detection.tolist(), pairs.gain.tolist(), strict=True)))
    assert found[0] == found[1]
    assert len(found[0]) > 10


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_order_of_detections_does_not_matter(problem: tuple[Bank, Scan], random: object) -> None:
    bank, seen = problem
    order = list(range(len(seen)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    plain, shuffled = assign(bank, seen), assign(bank, some_of(seen, np.array(order)))
    found = {(int(row), order[of]) for row, of in zip(shuffled.track, shuffled.detection, strict=True)}
    assert found == set(zip(plain.track.tolist(), plain.detection.tolist(), strict=True))


def test_a_crowd_at_one_place_is_searched_whole() -> None:
    bank = banked(np.zeros((100, 2)), np.full(100, 10.0), PLACES[0], np.ones(100))
    seen = scan(0.0, np.random.default_rng(1).normal(0.0, 3.0, (300, 2)))
    assert len(near(bank, seen).track) == 100 * 300 > neighbourhood.FEW_PAIRS


def test_a_confirmed_track_chooses_before_a_tentative_one() -> None:
    bank = banked(np.array([[0.0, 0.0], [20.0, 0.0]]), np.array([10.0, 10.0]), PLACES[0], np.array([1, 0]))
    assert assign(bank, scan(0.0, [[18.0, 0.0]])).track.tolist() == [0]


def test_the_same_channel_is_preferred_and_another_one_refutes_nothing() -> None:
    bank = banked(np.zeros((1, 2)), np.array([10.0]), PLACES[0], np.ones(1))
    bank.heard_on(np.array([0]), np.array([2.412e9]), np.array([20e6]))
    band: dict[str, Any] = {"bandwidth_hz": np.array([20e6, 20e6])}
    near_other = scan(0.0, [[4.0, 0.0], [9.0, 0.0]], frequency_hz=np.array([5.8e9, 2.415e9]), **band)
    assert assign(bank, near_other).detection.tolist() == [1]
    assert assign(bank, some_of(near_other, np.array([0]))).detection.tolist() == [0]
    unknown = scan(0.0, [[4.0, 0.0], [9.0, 0.0]], frequency_hz=np.array([np.nan, 2.415e9]))
    assert assign(bank, unknown).detection.tolist() == [0]


def test_a_second_fix_farther_than_an_aircraft_flies_is_another_one() -> None:
    bank = Bank(Settings(first_speed_sigma_m_s=40.0))  # the gate alone would reach 150 m/s
    first = scan(0.0, [[0.0, 0.0]], sigma_m=1.0)
    bank.open(first.fixes, 0.0)
    speeds = {speed: len(assign(bank, scan(10.0, [[speed * 10.0, 0.0]], sigma_m=1.0)).track) for speed in (59.0, 62.0)}
    assert speeds == {59.0: 1, 62.0: 0}
