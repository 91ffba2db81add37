from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers, texts
from airspace.tracking.unidentified.scan import Scan
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.tracker import Unidentified
from tests.tracking.scenes import PLACES, SIGMA_M, flown, points, run, scan, work

NOWHERE = np.empty((0, 2))


def straight(steps: int, speed_m_s: float = 15.0) -> list[Numbers]:
    return [np.array([[speed_m_s * step, 0.0]]) for step in range(steps)]


@given(st.integers(0, 10**6), st.sampled_from(PLACES))
@settings(max_examples=15)
def test_the_place_on_earth_does_not_matter(seed: int, place: tuple[float, float]) -> None:
    scene = flown(seed, 8)
    here, there = run(scene.points), run(scene.points, place)
    assert [one.track.tolist() for one in here[1]] == [one.track.tolist() for one in there[1]]
    assert np.allclose(points(here[0]), points(there[0], place), atol=2.0)


@given(st.integers(0, 10**6), st.floats(0.0, 360.0))
@settings(max_examples=15)
def test_turning_the_scene_turns_the_tracks(seed: int, deg: float) -> None:
    scene = flown(seed, 8)
    cosine, sine = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    plain, turned = run(scene.points), run([each @ turn for each in scene.points])
    assert points(plain[0]).shape == points(turned[0]).shape
    there = points(turned[0])
    nearest = [np.hypot(*(there - point).T).min() for point in points(plain[0]) @ turn]
    assert max(nearest, default=0.0) < 2.0


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_the_order_of_detections_in_a_scan_does_not_matter(seed: int) -> None:
    scene, rng = flown(seed, 8, clutter=10), np.random.default_rng(seed)
    orders = [rng.permutation(len(each)) for each in scene.points]
    plain, shuffled = (
        run(scene.points),
        run([each[order] for each, order in zip(scene.points, orders, strict=True)]),
    )
    for one, other, order in zip(plain[1], shuffled[1], orders, strict=True):
        assert one.track[order].tolist() == other.track.tolist()
    assert pickle.dumps(plain[0].bank) == pickle.dumps(shuffled[0].bank)


def test_scenes_far_apart_do_not_touch_each_other() -> None:
    scenes = [flown(seed, 5).points for seed in range(len(PLACES))]
    alone = [run(scene, place)[0] for scene, place in zip(scenes, PLACES, strict=True)]
    together = Unidentified()
    for step in range(20):
        parts = [scan(float(step), scene[step], place) for scene, place in zip(scenes, PLACES, strict=True)]
        together.scan(_joined(parts))
    found = sorted(zip(*(column.tolist() for column in together.bank.positions()), strict=True))
    expected = sorted(pair for one in alone for pair in zip(*(c.tolist() for c in one.bank.positions()), strict=True))
    assert found == expected


def test_errors_are_as_large_as_the_filter_says() -> None:
    """NEES and NIS over 300 flights that fly as the filter thinks, inside 99.9 % of chi-square for their mean."""
    rng, targets, steps = np.random.default_rng(7), 300, 25
    q, grid = Settings().acceleration_noise_m2_s3, np.arange(targets)[:, np.newaxis] * np.array([[5000.0, 0.0]])
    state = np.concatenate((grid, rng.normal(0.0, 15.0, (targets, 2))), axis=1)
    root = np.kron(np.linalg.cholesky(np.array([[1 / 3, 1 / 2], [1 / 2, 1]]) * q), np.eye(2))
    move = np.eye(4) + np.eye(4, k=2)
    tracker, place = Unidentified(Settings(gate_probability=1.0 - 1e-9)), (0.0, 0.0)
    for step in range(steps):
        state = state @ move.T + rng.normal(size=state.shape) @ root.T if step else state
        tracker.scan(scan(float(step), state[:, :2] + rng.normal(0.0, SIGMA_M, (targets, 2)), place))
    bank = tracker.bank
    assert len(bank) == targets
    mean, covariance = bank.mean.copy(), bank.covariance
    order = np.argsort(points(tracker, place)[:, 0])
    error = np.concatenate((points(tracker, place), mean[:, 2:]), axis=1)[order] - state
    nees = np.einsum("ni,nij,nj->n", error, np.linalg.inv(covariance[order]), error)
    assert nees.mean() == pytest.approx(4.0, abs=3.3 * np.sqrt(2 * 4 / targets))
    ahead, doubt = bank.predicted(float(steps))
    state = state @ move.T + rng.normal(size=state.shape) @ root.T
    seen = state[:, :2] + rng.normal(0.0, SIGMA_M, (targets, 2))
    innovation = seen - points(tracker, place, float(steps))[order]
    total = doubt[order][:, :2, :2] + np.eye(2) * SIGMA_M**2
    nis = np.einsum("ni,nij,nj->n", innovation, np.linalg.inv(total), innovation)
    assert ahead.shape == (targets, 4)
    assert nis.mean() == pytest.approx(2.0, abs=3.3 * np.sqrt(2 * 2 / targets))


def test_one_detection_never_makes_a_track() -> None:
    tracker, told = run([np.zeros((1, 2)), *[NOWHERE] * 10])
    assert [len(one.opened) for one in told] == [1, *[0] * 10]
    assert sum(len(one.confirmed) for one in told) == 0
    assert [one.deleted.tolist() for one in told if len(one.deleted)] == [[1]]
    assert len(tracker.bank) == 0


def test_many_readings_of_one_moment_make_no_track_either() -> None:
    tracker = Unidentified()
    told = work(tracker, [scan(0.0, [[0.0, 0.0]]) for _ in range(10)])
    assert sum(len(one.confirmed) for one in told) == 0
    assert [one.track.tolist() for one in told] == [[1]] * 10


@pytest.mark.parametrize(
    ("seen", "confirmed_at"),
    [("111", 2), ("1011", 3), ("10011", 4), ("11001", 4), ("100011", None), ("10101", 4), ("1001001", None)],
)
def test_three_hits_of_five_slots_confirm(seen: str, confirmed_at: int | None) -> None:
    _, told = run([np.array([[2.0 * at, 0.0]]) if bit == "1" else NOWHERE for at, bit in enumerate(seen)])
    when = [at for at, one in enumerate(told) if len(one.confirmed)]
    assert when == ([] if confirmed_at is None else [confirmed_at])


@pytest.mark.parametrize(("seen", "dropped_at"), [("1", 4), ("11", 5), ("1001", 5), ("10001", 4)])
def test_a_tentative_track_is_dropped_once_too_few_slots_are_left(seen: str, dropped_at: int) -> None:
    _, told = run([np.array([[2.0 * at, 0.0]]) if bit == "1" else NOWHERE for at, bit in enumerate(seen.ljust(8, "0"))])
    assert [at for at, one in enumerate(told) if 1 in one.deleted] == [dropped_at]


def test_a_target_that_is_lost_is_deleted_after_the_silence_allowed() -> None:
    tracker, told = run([*straight(10), *[NOWHERE] * 20])
    deleted = [at for at, one in enumerate(told) if len(one.deleted)]
    assert deleted == [9 + int(tracker.bank.settings.silent_s) + 1]
    assert len(tracker.bank) == 0


def test_a_track_too_vague_to_be_of_use_is_deleted_before() -> None:
    tracker = Unidentified(Settings(widest_sigma_m=60.0, silent_s=1000.0))
    told = work(tracker, [scan(float(step), at) for step, at in enumerate([*straight(10), *[NOWHERE] * 30])])
    (deleted,) = (at for at, one in enumerate(told) if len(one.deleted))
    assert 14 < deleted < 25


def test_clutter_alone_makes_hardly_a_track() -> None:
    rng = np.random.default_rng(3)
    _, told = run([rng.uniform(0.0, 10_000.0, (20, 2)) for _ in range(100)])
    assert sum(len(one.opened) for one in told) > 1800
    assert sum(len(one.confirmed) for one in told) <= 2


def test_crossing_flights_keep_their_numbers() -> None:
    rng = np.random.default_rng(5)
    kept = 0
    for _ in range(20):
        steps = [np.array([[15.0 * at, 10.0 * at], [15.0 * at, 400.0 - 10.0 * at]]) for at in range(40)]
        _, told = run([each + rng.normal(0.0, 5.0, (2, 2)) for each in steps])
        kept += told[5].track.tolist() == told[-1].track.tolist()
    assert kept >= 18


def test_two_readings_of_one_flight_make_one_track() -> None:
    rng = np.random.default_rng(9)
    _, told = run([np.repeat(each, 2, axis=0) + rng.normal(0.0, SIGMA_M, (2, 2)) for each in straight(60)])
    assert sum(len(one.confirmed) for one in told) == 1


def test_a_pair_that_parts_becomes_two_tracks() -> None:
    rng = np.random.default_rng(9)
    apart = np.array([[0.0, -1.0], [0.0, 1.0]])
    steps = [np.array([10.0 * at, 0.0]) + apart * max(0, at - 20) * 5.0 for at in range(60)]
    _, told = run([each + rng.normal(0.0, SIGMA_M, (2, 2)) for each in steps])
    assert [sum(len(one.confirmed) for one in part) for part in (told[:20], told)] == [1, 2]


def test_a_late_scan_joins_and_moves_no_time_back() -> None:
    tracker, _ = run(straight(10))
    told = tracker.scan(scan(6.5, [[15.0 * 6.5, 3.0]]))
    assert told.track.tolist() == [1]
    assert tracker.bank.time_s.tolist() == [9.0]
    assert tracker.bank.hits.tolist() == [11]


def test_a_scan_that_is_too_late_is_counted_and_changes_nothing() -> None:
    tracker, _ = run(straight(10))
    before = pickle.dumps(tracker.bank)
    assert tracker.scan(scan(3.9, [[15.0 * 3.9, 3.0], [0.0, 0.0]])).track.tolist() == [-1, -1]
    assert tracker.too_late == 2
    assert pickle.dumps(tracker.bank) == before


def test_what_has_no_place_or_covariance_is_counted_and_the_rest_is_worked() -> None:
    good = scan(0.0, [[500.0 * at, 0.0] for at in range(7)])
    bad = replace(
        good,
        latitude_deg=np.where(np.arange(7) == 1, np.nan, good.latitude_deg),
        longitude_deg=np.where(np.arange(7) == 2, 999.0, good.longitude_deg),
        r_xx_m2=np.where(np.arange(7) == 3, 0.0, good.r_xx_m2),
        r_yy_m2=np.where(np.arange(7) == 4, np.inf, good.r_yy_m2),
        r_xy_m2=np.where(np.arange(7) == 5, 101.0, good.r_xy_m2),
    )
    tracker = Unidentified()
    told = tracker.scan(bad)
    assert (told.track >= 0).tolist() == [True, False, False, False, False, False, True]
    assert tracker.unusable == 5
    assert np.all(np.isfinite(tracker.bank.positions()))


def test_a_name_of_the_sensor_holds_two_close_flights_apart() -> None:
    rng = np.random.default_rng(2)
    tracker, keys = Unidentified(), texts(["df1|a", "df1|b"])
    numbers = set()
    for at in range(40):
        where = np.array([[10.0 * at, 0.0], [10.0 * at, abs(20.0 - at)]]) + rng.normal(0.0, 5.0, (2, 2))
        told = tracker.scan(scan(float(at), where, key=keys, sigma_m=5.0))
        assert sorted(told.track) == [1, 2]
        numbers.add(tuple(told.track))
    assert len(numbers) == 1


def test_a_name_far_from_its_track_is_of_another_emitter() -> None:
    tracker, key = Unidentified(), texts(["df1|a"])
    work(tracker, [scan(float(at), each, key=key) for at, each in enumerate(straight(10))])
    assert tracker.scan(scan(10.0, [[5000.0, 0.0]], key=key)).track.tolist() == [2]
    assert tracker.scan(scan(11.0, [[5000.0, 0.0]], key=key)).track.tolist() == [2]
    assert len(tracker.keys) == 1


def test_names_go_with_their_tracks_and_are_few() -> None:
    tracker = Unidentified()
    for at, each in enumerate(straight(100)):
        tracker.scan(scan(float(at), each, key=texts([f"df1|{at}"])))
    assert len(tracker.keys) == 8
    tracker.scan(Scan.empty(1000.0))
    assert (len(tracker.keys), len(tracker.bank)) == (0, 0)


def test_ten_thousand_tracks_are_small_and_more_are_counted() -> None:
    rng = np.random.default_rng(1)
    tracker = Unidentified(Settings(max_tracks=10_000))
    for at in range(4):
        told = tracker.scan(scan(float(at), rng.uniform(0.0, 500_000.0, (12_000, 2)), (0.0, 0.0)))
        assert len(tracker.bank) <= 10_000
    assert tracker.bank.overflow > 2000
    assert np.count_nonzero(told.track < 0) > 0
    assert len(pickle.dumps(tracker)) < 5_000_000


def test_a_copy_by_pickle_goes_on_the_same() -> None:
    scene = flown(4, 10, 40)
    tracker, _ = run(scene.points[:20])
    copy: Unidentified = pickle.loads(pickle.dumps(tracker))
    for each in (tracker, copy):
        work(each, [scan(float(at), scene.points[at]) for at in range(20, 40)])
    assert pickle.dumps(tracker) == pickle.dumps(copy)


def _joined(parts: list[Scan]) -> Scan:
    columns = ("latitude_deg", "longitude_deg", "r_xx_m2", "r_xy_m2", "r_yy_m2")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return replace(parts[0], **whole)  # type: ignore[arg-type]  # the columns are arrays, time_s is not among them
