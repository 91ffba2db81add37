from __future__ import annotations

import numpy as np
import pytest

from airspace.model.detection import HeightReference
from airspace.model.zone import Datum
from geofences.vertical import HeightSource, height_above_ground, readings, undulation_m
from tests.geofences import made


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected_m"),
    [(52.3144, 4.9419, 43.01), (51.9244, 4.4777, 43.54), (53.1197, 6.5794, 40.96), (50.9117, 5.7700, 45.86)],
)
def test_undulation(latitude: float, longitude: float, expected_m: float) -> None:
    assert undulation_m(np.array([latitude]), np.array([longitude]))[0] == pytest.approx(expected_m, abs=0.15)


def test_undulation_is_unknown_outside_the_table_and_known_on_its_edge() -> None:
    found = undulation_m(np.array([50.5, 54.0, 54.01, 52.0, np.nan]), np.array([3.0, 8.0, 5.0, 2.9, 5.0]))
    assert np.isnan(found).tolist() == [False, False, True, True, True]


def test_the_best_known_height_is_taken() -> None:
    rows = made.tracks(
        [made.ARENA] * 5,
        height_m=[50.0, 60.0, np.nan, np.nan, 70.0],
        height_reference=[HeightReference.GROUND, HeightReference.TAKEOFF, 0, 0, 0],
        altitude_wgs84_m=[99.0, np.nan, 143.01, np.nan, np.nan],
        vertical_accuracy_m=[6.0, np.nan, 6.0, 6.0, 6.0],
    )
    heights = height_above_ground(rows)
    assert heights.source.tolist() == [
        HeightSource.GROUND,
        HeightSource.TAKEOFF,
        HeightSource.ELLIPSOID,
        HeightSource.UNKNOWN,
        HeightSource.UNKNOWN,
    ]
    assert heights.agl_m[:3] == pytest.approx([50.0, 60.0, 100.0], abs=0.2)
    assert heights.sigma_m[:3] == pytest.approx([3.0, np.hypot(10, 10), np.hypot(3, 10)])
    assert np.isnan(heights.agl_m[3:]).all()
    assert np.isnan(heights.sigma_m[3:]).all()


def test_outside_the_table_an_ellipsoid_height_says_nothing_of_the_ground() -> None:
    rows = made.tracks([(48.0, 2.0)], height_m=np.nan, altitude_wgs84_m=200.0)
    assert np.isnan(height_above_ground(rows).agl_m[0])


def test_an_unknown_datum_gives_both_readings() -> None:
    read = readings(100.0, Datum.UNKNOWN, *made.ARENA)
    assert read[Datum.AGL] == pytest.approx((100.0, 57.0), abs=0.1)
    assert readings(100.0, Datum.WGS84, *made.ARENA)[Datum.AMSL] == pytest.approx((57.0,), abs=0.1)
    assert readings(None, Datum.AGL, *made.ARENA) == {}
