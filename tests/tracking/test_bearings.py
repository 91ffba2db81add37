"""Bearings to places: fixes against the geodesic, what is refused and why, covariance against many draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.geodesy import WGS84, geodesic_m, metres_per_degree
from airspace.tracking.unidentified import bearings
from airspace.tracking.unidentified.bearings import Fix, Reason, Refused, direction, fix, fixes, greatest_range_m

Place = tuple[float, float]

ARENA: Place = (52.3144, 4.9419)
INSIDE_95 = 5.991  # chi-square, two degrees of freedom


def off(place: Place, azimuth_deg: float, distance_m: float) -> Place:
    longitude_deg, latitude_deg, _ = WGS84.fwd(place[1], place[0], azimuth_deg, distance_m)
    return float(latitude_deg), float(longitude_deg)


def azimuth(place: Place, to: Place) -> float:
    return float(WGS84.inv(place[1], place[0], to[1], to[0])[0]) % 360.0


WEST, EAST = off(ARENA, 270, 2000), off(ARENA, 90, 2000)


def fixed(sensors: list[Place], bearing_deg: list[float], sigma_deg: float = 3.0) -> Fix | Refused:
    latitude, longitude = np.array(sensors).T
    return fix(latitude, longitude, np.array(bearing_deg), np.full(len(sensors), sigma_deg))


def seen(sensors: list[Place], truth: Place) -> Fix | Refused:
    return fixed(sensors, [azimuth(sensor, truth) for sensor in sensors])


@pytest.mark.parametrize("latitude_deg", [0.0, -33.0, 52.0, 70.0])
@pytest.mark.parametrize("distance_m", [50.0, 3_000.0, 30_000.0])
def test_direction_is_that_of_the_geodesic(latitude_deg: float, distance_m: float) -> None:
    azimuths = np.arange(0.0, 360.0, 7.0)
    start = np.full(len(azimuths), latitude_deg), np.full(len(azimuths), 179.999)  # across the antimeridian
    longitude, latitude, _ = WGS84.fwd(start[1], start[0], azimuths, np.full(len(azimuths), distance_m))
    towards_deg, away_m = direction(*start, latitude, longitude)
    assert np.abs(np.mod(towards_deg - azimuths + 180.0, 360.0) - 180.0).max() < 3.1e-4
    assert away_m == pytest.approx(distance_m, rel=1e-5)


@settings(max_examples=60)
@given(
    st.floats(-65, 65),
    st.floats(-180, 180),
    st.floats(0, 360),
    st.floats(500, 6_000),
    st.floats(25, 155),
)
def test_exact_bearings_meet_at_the_emitter(
    latitude_deg: float, longitude_deg: float, azimuth_deg: float, distance_m: float, crossing_deg: float
) -> None:
    truth = (latitude_deg, longitude_deg)
    sensors = [off(truth, azimuth_deg, distance_m), off(truth, azimuth_deg + crossing_deg, 2_000.0)]
    found = seen(sensors, truth)
    assert isinstance(found, Fix)
    away_m = geodesic_m(*(np.array([value]) for value in (*truth, found.latitude_deg, found.longitude_deg)))
    assert away_m[0] < 0.02
    assert found.chi2 == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=40)
@given(st.floats(-150, 150), st.floats(-40, 40))
def test_a_scene_moved_over_the_globe_gives_the_same_covariance(longitude_deg: float, latitude_deg: float) -> None:
    """Sigma 3 degrees at 1,500 m and a right angle: 78.5 m on each axis, wherever it stands."""
    truth = (latitude_deg, longitude_deg)
    found = seen([off(truth, 0, 1_500), off(truth, 90, 1_500)], truth)
    assert isinstance(found, Fix)
    assert np.allclose(found.covariance_m2, np.eye(2) * (1_500 * np.radians(3.0)) ** 2, rtol=5e-3, atol=30.0)


NORTH_OF_BOTH = off(ARENA, 0, 2_000)


@pytest.mark.parametrize(
    ("sensors", "bearing_deg", "sigma_deg", "reason"),
    [
        ([WEST], [45.0], 3.0, Reason.TOO_FEW),
        ([WEST, EAST], [45.0, np.nan], 3.0, Reason.TOO_FEW),
        ([WEST, EAST], [45.0, 315.0], 15.1, Reason.SIGMA_TOO_LARGE),
        ([WEST, EAST], [45.0, 315.0], 0.0, Reason.SIGMA_TOO_LARGE),
        ([WEST, off(WEST, 0, 99.0)], [45.0, 135.0], 3.0, Reason.ONE_PLACE),
        ([WEST, EAST], [10.0, 351.0], 3.0, Reason.NEAR_PARALLEL),  # they meet at 19 degrees, 11 km away
        ([WEST, EAST], [85.0, 275.0], 3.0, Reason.NEAR_PARALLEL),  # towards each other: 170 degrees
        ([WEST, EAST], [315.0, 45.0], 3.0, Reason.BEHIND),
        ([WEST, EAST], [135.0, 45.0], 3.0, Reason.BEHIND),
        ([off(ARENA, 270, 10_000), off(ARENA, 90, 10_000)], [70.0, 45.0], 1.0, Reason.TOO_FAR),
        ([off(ARENA, 270, 9_000), off(ARENA, 90, 9_000)], [45.0, 315.0], 7.0, Reason.TOO_WIDE),
        ([WEST, EAST, off(ARENA, 0, 4_000)], [45.0, 315.0, 225.0], 3.0, Reason.INCONSISTENT),
    ],
)
def test_what_is_no_fix_says_why(
    sensors: list[Place], bearing_deg: list[float], sigma_deg: float, reason: Reason
) -> None:
    assert fixed(sensors, bearing_deg, sigma_deg) == Refused(reason=reason)


@pytest.mark.parametrize(("crossing_deg", "is_fix"), [(19.0, False), (21.0, True), (159.0, True), (161.0, False)])
def test_the_crossing_angle_has_limits(crossing_deg: float, is_fix: bool) -> None:  # noqa: FBT001 - a table's column
    sensors = [off(ARENA, 30, 1_500), off(ARENA, 30 + crossing_deg, 1_500)]
    assert isinstance(seen(sensors, ARENA), Fix) == is_fix


def test_a_third_bearing_makes_it_better_and_an_unknown_one_nothing() -> None:
    truth = off(ARENA, 20, 1_500)
    two, three = seen([WEST, EAST], truth), seen([WEST, EAST, NORTH_OF_BOTH], truth)
    with_unknown = fixed([WEST, (np.nan, np.nan), EAST], [azimuth(WEST, truth), 10.0, azimuth(EAST, truth)])
    assert isinstance(two, Fix)
    assert isinstance(three, Fix)
    assert isinstance(with_unknown, Fix)
    assert np.linalg.det(three.covariance_m2) < np.linalg.det(two.covariance_m2)
    assert np.allclose(with_unknown.covariance_m2, two.covariance_m2)


def test_the_covariance_is_the_spread_of_many_draws() -> None:
    truth, n = off(ARENA, 20, 1_500), 4_000
    sensors = np.array([WEST, EAST, off(ARENA, 200, 1_800)])
    exact = np.array([azimuth((place[0], place[1]), truth) for place in sensors])
    drawn = exact + np.random.default_rng(5).normal(0.0, 3.0, (n, 3))
    latitude, longitude = (np.tile(column, (n, 1)) for column in sensors.T)
    found = fixes(latitude, longitude, drawn, np.full((n, 3), 3.0))
    good = found.refused == 0
    assert good.mean() > 0.99
    north, east = metres_per_degree(np.array(truth[0]))
    error = np.stack(((found.longitude_deg - truth[1]) * east, (found.latitude_deg - truth[0]) * north), axis=1)[good]
    weighed = np.einsum("ni,nij,nj->n", error, np.linalg.inv(found.covariance_m2[good]), error)
    assert np.mean(weighed < INSIDE_95) == pytest.approx(0.95, abs=0.015)
    assert np.abs(error.mean(axis=0)).max() < 10.0


def test_pairs_are_worked_as_if_each_were_alone() -> None:
    rng = np.random.default_rng(3)
    sensors = np.array([WEST, EAST, NORTH_OF_BOTH])
    pick = np.array([rng.permutation(3)[:2] for _ in range(200)])
    drawn, sigma = rng.uniform(0, 360, (200, 2)), rng.uniform(1, 16, (200, 2))
    together = fixes(sensors[pick, 0], sensors[pick, 1], drawn, sigma)
    assert len(set(together.refused.tolist())) > 4
    for row in range(200):
        alone = fix(sensors[pick[row], 0], sensors[pick[row], 1], drawn[row], sigma[row])
        if isinstance(alone, Refused):
            assert bearings.REASONS[together.refused[row] - 1] == alone.reason
            assert np.isnan(together.latitude_deg[row])
        else:
            assert together.refused[row] == 0
            assert together.latitude_deg[row] == pytest.approx(alone.latitude_deg, abs=1e-9)


def test_the_order_of_the_bearings_changes_nothing() -> None:
    truth = off(ARENA, 330, 1_200)
    sensors = [WEST, EAST, NORTH_OF_BOTH]
    noisy = [azimuth(sensor, truth) + error for sensor, error in zip(sensors, (2.0, -1.0, 1.5), strict=True)]
    first, last = fixed(sensors, noisy), fixed(sensors[::-1], noisy[::-1])
    assert isinstance(first, Fix)
    assert isinstance(last, Fix)
    assert last.latitude_deg == pytest.approx(first.latitude_deg, abs=1e-6)
    assert np.allclose(first.covariance_m2, last.covariance_m2, rtol=2e-3)


def test_an_innovation_is_residual_and_sigma_of_both() -> None:
    place = off(ARENA, 0, 1_000)
    spread = np.diag([50.0**2, 300.0**2])  # along the line of sight it does not matter
    latitude, longitude, from_latitude, from_longitude, bearing, sigma = map(np.array, (*place, *ARENA, 358.0, 3.0))
    found = bearings.innovation(latitude, longitude, spread, from_latitude, from_longitude, bearing, sigma)
    assert found.residual_deg == pytest.approx(-2.0, abs=1e-3)
    assert found.sigma_deg == pytest.approx(np.hypot(3.0, np.degrees(50.0 / 1_000.0)), rel=1e-3)
    assert found.distance_m == pytest.approx(1_000.0, rel=1e-4)


def test_signal_strength_bounds_the_range_from_above() -> None:
    """36 dBm and 15 dB of margin, -60 dBm received at 2.4 GHz: 111 dB, 3.5 km of free space (1 km is 100.05 dB)."""
    rssi, frequency = np.array([-60.0, -60.0, -80.0, np.nan]), np.array([2.4e9, np.nan, 2.4e9, 2.4e9])
    range_m = greatest_range_m(rssi, frequency)
    assert range_m[0] == pytest.approx(3_527.0, rel=0.01)
    assert range_m[1] == pytest.approx(6 * range_m[0])  # of a frequency not known the lowest is taken
    assert range_m[2] == pytest.approx(10 * range_m[0])
    assert np.isnan(range_m[3])
