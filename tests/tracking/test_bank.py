from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers
from airspace.model.geodesy import WGS84, geodesic_m
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.ellipse import ellipses, noise_of
from airspace.tracking.unidentified.settings import Settings
from tests.tracking.scenes import AMSTERDAM, PLACES, columns, positions, take_fix
from tests.tracking.scenes import covariance as covariance_of
from tests.tracking.scenes import mean as mean_of

RULES = Settings()
Q = RULES.acceleration_noise_m2_s3
ALL = np.array([0])


def noise(sigma_m: float = 10.0, count: int = 1) -> Numbers:
    return np.tile(np.eye(2) * sigma_m**2, (count, 1, 1))


def opened(place: tuple[float, float] = AMSTERDAM, sigma_m: float = 10.0, rules: Settings = RULES) -> Bank:
    bank = Bank(rules)
    bank.open(columns(np.array([place[0]]), np.array([place[1]]), noise(sigma_m)), 0.0)
    return bank


def fix(bank: Bank, x_m: float, y_m: float, time_s: float, noise_m2: Numbers | None = None) -> None:
    """A fix at metres of the first track's frame."""
    latitude, longitude, north, east = bank.frame[:, 0]
    place = np.array([latitude + y_m / north]), np.array([longitude + x_m / east])
    take_fix(bank, ALL, *place, noise() if noise_m2 is None else noise_m2, time_s)


def textbook(mean: Numbers, covariance: Numbers, dt: float, z: Numbers, r: Numbers) -> tuple[Numbers, Numbers]:
    """The same filter with matrices."""
    f, h = np.eye(4), np.eye(2, 4)
    f[0, 2] = f[1, 3] = dt
    one = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) * Q
    mean, covariance = f @ mean, f @ covariance @ f.T + np.kron(one, np.eye(2))
    gain = covariance @ h.T @ np.linalg.inv(h @ covariance @ h.T + r)
    return mean + gain @ (z - h @ mean), covariance - gain @ h @ covariance


COVARIANCES = st.builds(
    lambda major, share, deg: noise_of(np.array([major]), np.array([major * share]), np.array([deg])),
    st.floats(2.0, 2000.0),
    st.floats(0.02, 1.0),
    st.floats(0.0, 180.0),
)
FIXES = st.lists(
    st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(0.0, 30.0), COVARIANCES), max_size=12
)


@given(FIXES)
@settings(max_examples=50)
def test_filter_is_the_textbooks(fixes: list[tuple[float, float, float, Numbers]]) -> None:
    bank = opened(rules=Settings(frame_m=np.inf))
    mean, covariance, now = mean_of(bank)[0].copy(), covariance_of(bank)[0], 0.0
    for x, y, dt, r in fixes:
        now += dt
        mean, covariance = textbook(mean, covariance, dt, np.array([x, y]), r[0])
        fix(bank, x, y, now, r)
    assert mean_of(bank)[0] == pytest.approx(mean, rel=1e-6, abs=1e-4)
    assert covariance_of(bank)[0] == pytest.approx(covariance, rel=1e-6, abs=1e-4 * np.trace(covariance))


LATE_FIXES = st.lists(
    st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(-5.0, 10.0), COVARIANCES), max_size=40
)


@given(LATE_FIXES)
@settings(max_examples=30)
def test_covariance_stays_symmetric_and_positive(fixes: list[tuple[float, float, float, Numbers]]) -> None:
    bank = opened()
    for x, y, dt, r in fixes:
        fix(bank, x, y, bank.time_s[0] + dt, r)
        covariance = covariance_of(bank)[0]
        assert np.array_equal(covariance, covariance.T)
        assert np.linalg.eigvalsh(covariance)[0] > 0.0


def test_a_late_fix_helps_and_never_moves_time_back() -> None:
    bank, without = opened(), opened()
    for time in (1.0, 2.0, 6.0):
        for each in (bank, without):
            fix(each, 10.0 * time, 0.0, time)
    fix(bank, 40.0, 0.0, 4.0)
    assert bank.time_s[0] == 6.0
    assert covariance_of(bank)[0, 0, 0] < covariance_of(without)[0, 0, 0]
    assert mean_of(bank)[0, 0] == pytest.approx(mean_of(without)[0, 0], abs=2.0)


@given(st.floats(-5.0, 0.0), COVARIANCES)
@settings(max_examples=30)
def test_a_late_fix_is_one_of_where_the_track_was(dt: float, r: Numbers) -> None:
    bank = opened()
    fix(bank, 30.0, 10.0, 6.0)
    mean, covariance = mean_of(bank)[0].copy(), covariance_of(bank)[0]
    h = np.eye(2, 4) + dt * np.eye(2, 4, k=2)
    total = h @ covariance @ h.T + r[0] + np.eye(2) * Q * abs(dt) ** 3 / 3
    gain = covariance @ h.T @ np.linalg.inv(total)
    fix(bank, 20.0, -5.0, 6.0 + dt, r)
    assert mean_of(bank)[0] == pytest.approx(mean + gain @ (np.array([20.0, -5.0]) - h @ mean), abs=1e-6)
    assert covariance_of(bank)[0] == pytest.approx(covariance - gain @ h @ covariance, abs=1e-6)


def test_a_late_fix_counts_less_than_one_in_time() -> None:
    late, timely = opened(), opened()
    for bank, time in ((late, 3.0), (timely, 6.0)):
        fix(bank, 0.0, 0.0, 6.0)
        fix(bank, 0.0, 0.0, time)
    assert covariance_of(timely)[0, 0, 0] < covariance_of(late)[0, 0, 0]


@pytest.mark.parametrize("place", PLACES)
def test_a_track_that_wanders_gets_a_new_frame_and_goes_on(place: tuple[float, float]) -> None:
    bank = opened(place, 5.0)
    anchor = bank.frame[:2, 0].copy()
    latitude, longitude = place
    for step in range(1, 1001):  # 30 m/s to the north-east for 1000 s
        longitude, latitude, _ = WGS84.fwd(longitude, latitude, 45.0, 30.0)
        take_fix(bank, ALL, np.array([latitude]), np.array([longitude]), noise(5.0), float(step))
    moved_m = geodesic_m(anchor[:1], anchor[1:], *bank.frame[:2])
    assert moved_m > 20_000.0
    assert geodesic_m(*positions(bank), np.array([latitude]), np.array([longitude])) < 3.0
    assert np.hypot(*mean_of(bank)[0, 2:]) == pytest.approx(30.0, rel=0.01)


def test_a_new_frame_changes_no_place_and_no_doubt() -> None:
    near, far = Bank(), Bank(Settings(frame_m=1.0))
    for bank in (near, far):
        bank.open(columns(np.array([60.0]), np.array([-179.9999]), noise()), 0.0)
        for time in range(1, 30):
            place = np.array([60.0 - time * 1e-4]), np.array([180.0 - time * 3e-4])
            take_fix(bank, ALL, *place, noise(), float(time))
    assert np.allclose(positions(near), positions(far), rtol=0.0, atol=1e-9)
    assert np.allclose(positions(near, 60.0), positions(far, 60.0), rtol=0.0, atol=1e-6)
    assert near.place_m2(ALL) == pytest.approx(far.place_m2(ALL), rel=1e-3)


def test_in_a_new_frame_the_same_degrees_are_as_doubtful() -> None:
    banks = Bank(), Bank(Settings(frame_m=np.inf))
    for bank in banks:
        bank.open(columns(np.array([78.0]), np.array([15.0]), noise(8000.0)), 0.0)
        take_fix(bank, ALL, np.array([78.3]), np.array([16.0]), noise(4000.0), 60.0)
    degrees = [np.tile(bank.frame[[3, 2], 0], 2) for bank in banks]
    assert degrees[0] != pytest.approx(degrees[1], rel=0.01)
    moved, still = (covariance_of(bank)[0] / np.outer(per, per) for bank, per in zip(banks, degrees, strict=True))
    assert moved == pytest.approx(still)
    assert mean_of(banks[0])[0, 2:] / degrees[0][2:] == pytest.approx(mean_of(banks[1])[0, 2:] / degrees[1][2:])


def test_bearings_from_two_sides_find_the_place() -> None:
    bank = opened(sigma_m=200.0)
    truth = np.array([52.3154]), np.array([4.9429])
    for time in range(1, 30):
        for sensor in ((52.30, 4.94), (52.315, 4.96)):
            azimuth, _, _ = WGS84.inv(sensor[1], sensor[0], truth[1], truth[0])
            place = np.array([sensor[0]]), np.array([sensor[1]])
            bank.update_bearing(ALL, *place, azimuth, np.array([1.0]), float(time))
    assert geodesic_m(*positions(bank), *truth) < 10.0
    assert ellipses(*bank.place_m2(ALL))[0] < 60.0
    assert bank.hits[0] == 1
    assert bank.time_s[0] == 29.0


def test_a_bearing_across_north_is_near_and_pulls_across_the_line_of_sight() -> None:
    bank = opened((52.0, 5.0))
    sensor = np.array([51.99]), np.array([5.0001])
    azimuth, _, range_m = WGS84.inv(5.0001, 51.99, 5.0, 52.0)
    assert -1.0 < azimuth < 0.0
    bank.update_bearing(ALL, *sensor, np.array([1.0]), np.degrees(np.array([10.0 / range_m])), 0.0)
    assert mean_of(bank)[0, 0] == pytest.approx(range_m * np.radians(1.0 - azimuth) / 2.0, rel=0.01)
    assert abs(mean_of(bank)[0, 1]) < 0.2
    assert covariance_of(bank)[0, :2, :2] == pytest.approx(np.diag([50.0, 100.0]), abs=1.0)


@given(st.floats(1.0, 5000.0), st.floats(0.01, 0.99), st.floats(0.0, 179.99))
def test_ellipse_and_covariance_are_each_others_inverse(major: float, share: float, deg: float) -> None:
    r = noise_of(np.array([major]), np.array([major * share]), np.array([deg]))
    back = ellipses(r[:, 0, 0], r[:, 0, 1], r[:, 1, 1])
    assert back[0] == pytest.approx(major)
    assert back[1] == pytest.approx(major * share, rel=1e-4)
    assert (back[2] - deg + 90.0) % 180.0 == pytest.approx(90.0, abs=1e-3)


def test_an_ellipse_to_the_north_east_has_its_axis_there() -> None:
    r = noise_of(np.array([100.0]), np.array([10.0]), np.array([45.0]))[0]
    assert r[0, 0] == pytest.approx(r[1, 1])
    assert r[0, 1] > 0.0


def test_numbers_are_never_given_twice_and_rows_keep_their_order() -> None:
    bank = Bank()
    some = columns(np.linspace(50.0, 51.0, 5), np.full(5, 5.0), noise(count=5))
    assert bank.open(some, 0.0).tolist() == [0, 1, 2, 3, 4]
    bank.keep(np.array([0, 2, 3]))
    assert bank.open(some, 0.0).tolist() == [3, 4, 5, 6, 7]
    assert list(bank.number) == [1, 3, 4, 6, 7, 8, 9, 10]
    assert list(bank.rows(np.array([10, 1, 2, 5, 6, 11, 0, -1]))) == [7, 0, -1, -1, 3, -1, -1, -1]
    assert positions(bank)[0] == pytest.approx([50.0, 50.5, 50.75, 50.0, 50.25, 50.5, 50.75, 51.0])


def test_a_copy_by_pickle_is_small_and_goes_on_the_same() -> None:
    bank = Bank()
    bank.open(columns(np.linspace(50.0, 60.0, 1000), np.full(1000, 5.0), noise(count=1000)), 0.0)
    data = pickle.dumps(bank)
    copy: Bank = pickle.loads(data)
    assert len(data) < 300_000
    for each in (bank, copy):
        each.open(columns(np.array([1.0]), np.array([1.0]), noise()), 1.0)
        take_fix(each, np.array([1000]), np.array([1.001]), np.array([1.0]), noise(), 2.0)
    assert pickle.dumps(bank) == pickle.dumps(copy)
