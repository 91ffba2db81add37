"""Direction finders and locators: errors as they state them, bias, misses, clutter."""

from __future__ import annotations

import numpy as np
import pytest

from airspace.model.detection import Source
from airspace.model.geodesy import WGS84, metres_per_degree
from airspace.simulation import Scene, Settings, scene
from tests.airspace.test_simulation import interpolated

START = Settings(
    aircraft=6,
    silent=6,
    flying_share=1.0,
    landing_share=0.0,
    finders=3,
    locators=2,
    receiver_skew_s=0.0,
    radius_m=1500.0,
    clutter_per_scan=0.2,
    miss_share=0.2,
    bearing_bias_deg=2.0,
)


@pytest.fixture(scope="module")
def made() -> Scene:
    return scene(START, 8)


def truth_at(made: Scene, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True latitude and longitude of the owner of each row, at its receive time."""
    latitude_deg, longitude_deg = np.empty(len(rows)), np.empty(len(rows))
    for aircraft in set(made.owner[rows].tolist()):
        mine = made.owner[rows] == aircraft
        places = interpolated(made, aircraft, made.detections.received_s[rows][mine])
        latitude_deg[mine], longitude_deg[mine] = places
    return latitude_deg, longitude_deg


def test_a_bearing_is_true_but_for_its_noise_and_the_finders_own_bias(made: Scene) -> None:
    found = made.detections
    biases = []
    for sensor in ("df-1", "df-2", "df-3"):
        rows = np.flatnonzero((found.sensor == sensor) & (made.owner >= 0))
        latitude_deg, longitude_deg = truth_at(made, rows)
        here = found.sensor_longitude_deg[rows], found.sensor_latitude_deg[rows]
        true_deg, _, _ = WGS84.inv(*here, longitude_deg, latitude_deg)
        off_deg = np.mod(found.bearing_deg[rows] - true_deg + 180.0, 360.0) - 180.0
        biases.append(off_deg.mean())
        assert off_deg.std() == pytest.approx(START.bearing_sigma_deg, rel=0.1)
    assert 0.5 < np.std(biases) < 4.0
    rows = np.flatnonzero(~np.isnan(found.bearing_deg))
    assert np.all((found.bearing_deg[rows] >= 0.0) & (found.bearing_deg[rows] < 360.0))
    assert set(found.bearing_accuracy_deg[rows].tolist()) == {round(np.hypot(2.0, 2.0), 2)}
    assert np.all(np.isnan(found.latitude_deg[rows]))


def test_nineteen_of_twenty_places_lie_in_their_ellipse(made: Scene) -> None:
    found = made.detections
    rows = np.flatnonzero(~np.isnan(found.ellipse_major_m) & (made.owner >= 0))
    latitude_deg, longitude_deg = truth_at(made, rows)
    north, east = metres_per_degree(latitude_deg)
    off_north_m = (found.latitude_deg[rows] - latitude_deg) * north
    off_east_m = (found.longitude_deg[rows] - longitude_deg) * east
    turned = np.radians(found.ellipse_deg[rows])
    along_m = off_north_m * np.cos(turned) + off_east_m * np.sin(turned)
    aside_m = -off_north_m * np.sin(turned) + off_east_m * np.cos(turned)
    major_m, minor_m = found.ellipse_major_m[rows], found.ellipse_minor_m[rows]
    assert np.all(major_m >= minor_m)
    inside = (along_m / major_m) ** 2 + (aside_m / minor_m) ** 2 <= 1.0
    assert inside.mean() == pytest.approx(0.95, abs=0.02)


def test_some_is_missed_and_some_is_clutter_all_over(made: Scene) -> None:
    found, scans = made.detections, START.length_s
    for sensor, own in (("df-1", "bearing_deg"), ("rf-1", "latitude_deg")):
        mine = found.sensor == sensor
        assert not np.isnan(getattr(found, own)[mine]).any()
        false = mine & (made.owner < 0)
        assert np.count_nonzero(false) == pytest.approx(0.2 * scans, rel=0.6)
        near = mine & (made.owner >= 0)
        assert 0.6 < np.count_nonzero(near) / (12 * scans) < 0.85
    clutter_deg = found.bearing_deg[(made.owner < 0) & ~np.isnan(found.bearing_deg)]
    assert np.histogram(clutter_deg, bins=4, range=(0, 360))[0].min() > 5
    assert found.confidence[made.owner < 0].mean() < found.confidence[(made.owner >= 0) & (found.source == 3)].mean()


def test_rf_rows_have_no_identity_and_no_message_time(made: Scene) -> None:
    rows = made.detections.take(made.detections.source == Source.RF)
    for column in (rows.uas_id, rows.transmitter, rows.operator_id):
        assert set(column.tolist()) == {None}
    assert np.isnan(rows.time_s).all()
    assert not np.isnan(rows.sensor_latitude_deg).any()
    assert {row for row in made.owner[made.detections.source == Source.RF].tolist() if row >= 0} == set(range(12))
