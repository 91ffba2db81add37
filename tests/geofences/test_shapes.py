from __future__ import annotations

import numpy as np
import pytest

from airspace.model.geodesy import WGS84, geodesic_m
from airspace.model.zone import Circle, Polygon
from geofences.place.shapes import Shapes


@pytest.mark.parametrize("latitude_deg", [0.0, 1.0, 30.0, 45.0, 52.0, 60.0, 70.0, 77.0, -45.0, -77.0])
@pytest.mark.parametrize("radius_m", [1.0, 500.0, 9000.0, 60_000.0, 200_000.0])
def test_the_flat_distance_errs_less_than_its_slack_at_the_edge(latitude_deg: float, radius_m: float) -> None:
    shapes = Shapes([Circle(latitude_deg=latitude_deg, longitude_deg=4.9, radius_m=radius_m)])
    azimuth = np.linspace(0, 360, 721)
    n = len(azimuth)
    longitude, latitude, _ = WGS84.fwd(np.full(n, 4.9), np.full(n, latitude_deg), azimuth, np.full(n, radius_m))
    error_m = np.abs(shapes.flat_distance_m(latitude, longitude, np.zeros(n, dtype=np.intp)) - radius_m)
    assert error_m.max() < 0.6 * shapes.bend_m[0]


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "radius_m"),
    [
        (52.0, 5.0, 100.0),
        (52.0, 179.99, 3000.0),
        (84.0, 10.0, 3000.0),
        (88.9, 10.0, 200_000.0),
        (10.0, -70.0, 600_000.0),
    ],
)
def test_circles_hold_by_geodesic_distance_wherever_the_points_are(
    latitude_deg: float, longitude_deg: float, radius_m: float
) -> None:
    shapes = Shapes([Circle(latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m)])
    rng = np.random.default_rng(2)
    n = 2000
    centre = np.full(n, longitude_deg), np.full(n, latitude_deg)
    distance_m = radius_m * 10 ** rng.uniform(-1, 1, n)
    distance_m[: n // 2] = radius_m + rng.normal(scale=1e-3, size=n // 2)
    longitude, latitude, _ = WGS84.fwd(*centre, rng.uniform(0, 360, n), distance_m)
    longitude[-500:], latitude[-500:] = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    held = shapes.hold(latitude, longitude, np.zeros(n, dtype=np.intp))
    assert held.tolist() == (geodesic_m(centre[1], centre[0], latitude, longitude) <= radius_m).tolist()
    assert 0 < held.sum() < n


def test_circles_and_polygons_in_one_table() -> None:
    triangle = Polygon(rings=(((5.0, 52.0), (5.1, 52.0), (5.0, 52.1), (5.0, 52.0)),))
    shapes = Shapes([triangle, Circle(latitude_deg=52.0, longitude_deg=5.0, radius_m=1000.0), triangle])
    rows = np.array([0, 1, 2, 0, 1, 2, 0])
    latitude = np.array([52.0, 52.0, 52.02, 52.2, 52.2, 52.05, np.nan])
    longitude = np.array([5.05, 5.0, 5.02, 5.0, 5.0, 5.05, 5.0])
    assert shapes.hold(latitude, longitude, rows).tolist() == [True, True, True, False, False, True, False]
    assert shapes.first_edge.tolist() == [0, 3, 3, 6]
    assert shapes.bounds()[0].tolist() == [5.0, 52.0, 5.1, 52.1]


def test_no_shapes() -> None:
    shapes = Shapes([])
    nothing = np.empty(0)
    assert len(shapes) == 0
    assert shapes.hold(nothing, nothing, np.empty(0, dtype=np.intp)).tolist() == []
    assert shapes.bounds().shape == (0, 4)
