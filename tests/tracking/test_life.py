"""Emitters that a radar places, from the first fix to the last: what the service runs and the benchmark measures."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers, texts
from airspace.tracking.emitters import News
from airspace.tracking.unidentified.settings import Settings
from tests.tracking.finders import same
from tests.tracking.scenes import PLACES, SIGMA_M, Radar, flown, local_points, run

NOWHERE = np.empty((0, 2))
STRICT = Settings(hits_needed=3, of_looks=5)  # as the benchmark has it
FAR = np.array([[50_000.0, 0.0]])  # keeps the radar talking


def straight(steps: int, speed_m_s: float = 15.0) -> list[Numbers]:
    return [np.array([[speed_m_s * step, 0.0]]) for step in range(steps)]


def confirmed(told: list[News]) -> int:
    return sum(len(one.confirmed) for one in told)


@given(st.integers(0, 10**6), st.sampled_from(PLACES))
@settings(max_examples=15)
def test_the_place_on_earth_does_not_matter(seed: int, place: tuple[float, float]) -> None:
    scene = flown(seed, 8)
    here, there = run(scene.points)[1], run(scene.points, place)[1]
    assert [one.owner.tolist() for one in here] == [one.owner.tolist() for one in there]
    assert np.allclose(local_points(here[-1].table), local_points(there[-1].table, place), atol=2.0)


@given(st.integers(0, 10**6), st.floats(0.0, 360.0))
@settings(max_examples=15)
def test_turning_the_scene_turns_the_tracks(seed: int, deg: float) -> None:
    scene = flown(seed, 8)
    cosine, sine = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    plain, turned = (
        local_points(run(each)[1][-1].table) for each in (scene.points, [at @ turn for at in scene.points])
    )
    assert plain.shape == turned.shape
    nearest = [np.hypot(*(turned - point).T).min() for point in plain @ turn]
    assert max(nearest, default=0.0) < 2.0


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_the_order_of_detections_in_a_scan_does_not_matter(seed: int) -> None:
    scene, rng = flown(seed, 8, clutter=10), np.random.default_rng(seed)
    orders = [rng.permutation(len(each)) for each in scene.points]
    plain = run(scene.points)[1]
    shuffled = run([each[order] for each, order in zip(scene.points, orders, strict=True)])[1]
    for one, other, order in zip(plain, shuffled, orders, strict=True):
        assert one.owner[order].tolist() == other.owner.tolist()
    assert local_points(plain[-1].table).tobytes() == local_points(shuffled[-1].table).tobytes()


@given(st.integers(0, 10**6), st.data())
@settings(max_examples=15)
def test_any_split_of_a_scan_gives_the_same_tracks(seed: int, data: st.DataObject) -> None:
    scene = flown(seed, 6, clutter=6)
    whole, split = Radar(), Radar()
    for points in scene.points:
        for part in np.split(points, sorted(data.draw(st.sets(st.integers(1, 11), max_size=4)))):
            split.hear(part)
        one, other = whole.look(points), split.tick()
        assert same(one, other)


def test_scenes_far_apart_do_not_touch_each_other() -> None:
    scenes = [flown(seed, 5).points for seed in range(len(PLACES))]
    alone = [run(scene, place)[1][-1].table for scene, place in zip(scenes, PLACES, strict=True)]
    together = Radar()
    for step in range(20):
        for scene, place in zip(scenes, PLACES, strict=True):
            together.hear(scene[step], place)
        table = together.tick().table
    expected = sorted(pair for one in alone for pair in zip(one.latitude_deg, one.longitude_deg, strict=True))
    assert sorted(zip(table.latitude_deg, table.longitude_deg, strict=True)) == expected


def test_errors_are_as_large_as_the_filter_says() -> None:
    """Errors of the place over 300 flights that fly as the filter thinks, within 99.9 % of chi-square for the mean."""
    rng, targets, steps = np.random.default_rng(7), 300, 25
    q, grid = Settings().acceleration_noise_m2_s3, np.arange(targets)[:, np.newaxis] * np.array([[5000.0, 0.0]])
    state = np.concatenate((grid, rng.normal(0.0, 15.0, (targets, 2))), axis=1)
    root = np.kron(np.linalg.cholesky(np.array([[1 / 3, 1 / 2], [1 / 2, 1]]) * q), np.eye(2))
    move = np.eye(4) + np.eye(4, k=2)
    radar, place = Radar(Settings(gate_probability=1.0 - 1e-9)), (0.0, 0.0)
    for step in range(steps):
        state = state @ move.T + rng.normal(size=state.shape) @ root.T if step else state
        seen = state[:, :2] + rng.normal(0.0, SIGMA_M, (targets, 2))
        table = radar.look(seen, place, at_s=1.0).table  # at the time of the tick: nothing is predicted
    assert len(table) == targets
    order = np.argsort(local_points(table, place)[:, 0])
    error = local_points(table, place)[order] - state[:, :2]
    nees = np.sum(error**2, axis=1) / table.position_sigma_m[order] ** 2
    assert nees.mean() == pytest.approx(2.0, abs=3.3 * np.sqrt(2 * 2 / targets))


def test_one_detection_never_makes_a_track() -> None:
    radar, told = run([np.zeros((1, 2)), *[NOWHERE] * 12])
    assert [len(one.opened) for one in told] == [1, *[0] * 12]
    assert confirmed(told) == 0
    assert [one.ended for one in told if one.ended] == [(1,)]
    assert len(radar.emitters) == 0


def test_many_readings_of_one_moment_make_no_track_either() -> None:
    radar = Radar()
    for _ in range(10):
        radar.hear([[0.0, 0.0]])
    news = radar.tick()
    assert news.confirmed == ()
    assert len(news.opened) == 10  # of one moment of one sensor: ten emitters until it looks again
    assert confirmed([radar.look(NOWHERE) for _ in range(10)]) == 0


@pytest.mark.parametrize(
    ("seen", "confirmed_at"),
    [("111", 2), ("1011", 3), ("10011", 4), ("11001", 4), ("100011", None), ("10101", 4), ("1001001", None)],
)
def test_three_hits_of_five_looks_confirm(seen: str, confirmed_at: int | None) -> None:
    hits = [np.array([[2.0 * at, 0.0]]) if bit == "1" else NOWHERE for at, bit in enumerate(seen)]
    _, told = run([np.concatenate((FAR * (1 + at), each)) for at, each in enumerate(hits)], rules=STRICT)
    when = [at for at, one in enumerate(told) if one.confirmed]
    assert when == ([] if confirmed_at is None else [confirmed_at])


@pytest.mark.parametrize(("seen", "dropped_at"), [("1", 3), ("11", 4), ("1001", 4), ("10001", 3)])
def test_a_tentative_track_is_dropped_once_too_few_looks_are_left(seen: str, dropped_at: int) -> None:
    hits = [np.array([[2.0 * at, 0.0]]) if bit == "1" else NOWHERE for at, bit in enumerate(seen.ljust(8, "0"))]
    _, told = run([np.concatenate((each, FAR * (1 + at))) for at, each in enumerate(hits)], rules=STRICT)
    assert [at for at, one in enumerate(told) if 1 in one.ended] == [dropped_at]


@pytest.mark.parametrize("silent_s", [6.0, 30.0])
def test_a_target_that_is_lost_ends_after_the_silence_allowed(silent_s: float) -> None:
    radar, told = run([*straight(10), *[NOWHERE] * 40], rules=Settings(silent_s=silent_s))
    ended = [at for at, one in enumerate(told) if one.ended]
    assert ended == [9 + int(silent_s)]  # each is heard half a second before its tick
    assert len(radar.emitters) == 0


def test_a_track_too_vague_to_be_of_use_ends_before() -> None:
    rules = Settings(widest_m=150.0, silent_s=1000.0)
    told = run([*straight(10), *[NOWHERE] * 30], rules=rules)[1]
    (ended,) = (at for at, one in enumerate(told) if one.ended)
    assert 14 < ended < 25


def test_clutter_alone_makes_hardly_a_track() -> None:
    rng = np.random.default_rng(3)
    _, told = run([rng.uniform(0.0, 10_000.0, (20, 2)) for _ in range(100)], rules=STRICT)
    assert sum(len(one.opened) for one in told) > 1800
    assert confirmed(told) <= 2


def test_crossing_flights_keep_their_numbers() -> None:
    rng = np.random.default_rng(5)
    kept = 0
    for _ in range(20):
        steps = [np.array([[15.0 * at, 10.0 * at], [15.0 * at, 400.0 - 10.0 * at]]) for at in range(40)]
        _, told = run([each + rng.normal(0.0, 5.0, (2, 2)) for each in steps])
        kept += told[5].owner.tolist() == told[-1].owner.tolist()
    assert kept >= 17


def test_two_readings_of_one_flight_make_one_track() -> None:
    rng = np.random.default_rng(9)
    _, told = run([np.repeat(each, 2, axis=0) + rng.normal(0.0, SIGMA_M, (2, 2)) for each in straight(60)])
    assert confirmed(told) == 1


def test_a_pair_that_parts_becomes_two_tracks() -> None:
    rng = np.random.default_rng(9)
    apart = np.array([[0.0, -1.0], [0.0, 1.0]])
    steps = [np.array([10.0 * at, 0.0]) + apart * max(0, at - 20) * 5.0 for at in range(60)]
    _, told = run([each + rng.normal(0.0, SIGMA_M, (2, 2)) for each in steps])
    assert [confirmed(part) for part in (told[:20], told)] == [1, 2]


def test_a_late_fix_joins_and_moves_no_time_back() -> None:
    radar, told = run(straight(10))
    before_s = told[-1].table.fix_time_s.tolist()
    news = radar.look([[15.0 * 6.5, 3.0]], at_s=-3.0)
    assert news.owner.tolist() == [1]
    assert news.table.fix_time_s.tolist() == before_s
    assert news.table.sightings.tolist() == [11]


def test_a_fix_that_is_too_late_is_counted_and_moves_nothing() -> None:
    radar, told = run(straight(10))
    news = radar.look([[15.0 * 3.9, 3.0], [0.0, 0.0]], at_s=-9.5)
    assert news.owner.tolist() == [-1, -1]
    assert radar.emitters.too_late == 2
    assert news.table.sightings.tolist() == told[-1].table.sightings.tolist()


def test_what_has_no_proper_covariance_is_counted_and_the_rest_is_worked() -> None:
    radar = Radar()
    radar.hear([[500.0 * at, 0.0] for at in range(3)], horizontal_accuracy_m=np.array([20.0, np.inf, 20.0]))
    assert len(radar.tick().opened) == 2
    assert radar.emitters.unplaced == 1


def test_a_sensor_that_changes_its_names_for_them_changes_nothing() -> None:
    """A radar's own name is kept and shown; its fixes are told apart by where they are."""
    radar = Radar()
    for at, each in enumerate(straight(30)):
        news = radar.look(each, transmitter=texts([f"track-{at}"]))
    assert news.table.number.tolist() == [1]
    assert news.table.key.tolist() == ["track-29"]


def test_what_one_sensor_said_outlasts_the_word_of_another() -> None:
    """Confidence and altitude of the first, then a second that says neither: both count, each for itself."""
    radar = Radar()
    for at, each in enumerate(straight(4)):
        radar.hear(each, confidence=np.array([0.9]), altitude_wgs84_m=np.array([80.0]), at_s=0.2)
        radar.sensor = "second"
        table = radar.look(each, at_s=0.6).table
        radar.sensor = "radar"
        assert len(table) == 1, at
    assert table.confidence[0] == pytest.approx(1.0 - 0.1 * 0.5)
    assert table.altitude_wgs84_m.tolist() == [80.0]


def test_an_emitter_remembers_the_sixteen_sensors_that_spoke_last() -> None:
    radar = Radar()
    for at in range(40):
        radar.sensor = f"radar-{at % 20}"
        table = radar.look([[0.0, 0.0]], confidence=np.array([0.01])).table
    assert table.number.tolist() == [1]
    assert table.confidence[0] == pytest.approx(1.0 - 0.99**16)


def test_ten_thousand_emitters_are_small_and_more_are_counted() -> None:
    rng = np.random.default_rng(1)
    radar = Radar(Settings(max_waiting=20_000))
    for _ in range(4):
        news = radar.look(rng.uniform(0.0, 500_000.0, (12_000, 2)), (0.0, 0.0))
        assert len(news.table) <= 10_000
    assert radar.emitters.refused > 2000
    assert np.count_nonzero(news.owner < 0) > 0
    assert len(pickle.dumps(radar.emitters)) < 6_000_000


def test_a_copy_by_pickle_goes_on_the_same() -> None:
    scene = flown(4, 10, 40)
    radar, _ = run(scene.points[:20])
    copy: Radar = pickle.loads(pickle.dumps(radar))
    for points in scene.points[20:]:
        assert same(radar.look(points), copy.look(points))
