from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import HeightReference, OperatorLocation
from airspace.model.track import Tracks
from airspace.model.zone import Datum
from geofences.heights.terrain import Terrain
from geofences.heights.undulation import Undulation, UndulationError
from geofences.heights.vertical import (
    HeightSource,
    Level,
    ellipsoid_to_sea,
    ground_of,
    ground_to_sea,
    height_above_ground,
    pressure_to_sea,
    readings,
    sea_to_ellipsoid,
    sea_to_ground,
    self_test,
    takeoff_to_ground,
    undulation_m,
)
from tests.geofences import made

# a hill of 100 m under the ArenA, sea level all round: 0.02 degree cells
HILL = Terrain(np.pad(np.full((5, 5), 100.0), 3), 4.83, 52.43, (0.02, 0.02))
UNKNOWN_QNH_M = 250.0


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected_m"),
    [(52.3144, 4.9419, 43.01), (51.9244, 4.4777, 43.54), (53.1197, 6.5794, 40.96), (50.9117, 5.7700, 45.86)],
)
def test_undulation(latitude: float, longitude: float, expected_m: float) -> None:
    assert undulation_m(np.array([latitude]), np.array([longitude]))[0] == pytest.approx(expected_m, abs=0.15)


def test_undulation_is_unknown_outside_the_table_and_known_on_its_edge() -> None:
    found = undulation_m(np.array([50.5, 54.0, 54.01, 52.0, np.nan]), np.array([3.0, 8.0, 5.0, 2.9, 5.0]))
    assert np.isnan(found).tolist() == [False, False, True, True, True]
    corners = undulation_m(np.array([50.5, 50.5, 54.0]), np.array([3.0, 3.25, 8.0]))
    assert corners[:2] == pytest.approx([44.63, 44.70], abs=1e-9)


def test_the_undulation_does_not_jump_between_cells() -> None:
    at = np.arange(50.75, 54.0, 0.25)
    east = np.full(len(at), 5.1)
    assert undulation_m(at - 1e-9, east) == pytest.approx(undulation_m(at + 1e-9, east), abs=1e-6)


def damaged(*changes: tuple[str, str]) -> bytes:
    data = files("geofences.heights").joinpath("undulation.json").read_text(encoding="utf-8")
    for pattern, text in changes:
        data, n = re.subn(pattern, text, data, count=1)
        assert n == 1
    return data.encode()


def test_the_self_test_is_silent_on_the_table_as_it_was_made() -> None:
    self_test()


@pytest.mark.parametrize(
    ("pattern", "text", "told"),
    [
        ("44.63", "44.64", "digest"),
        ('"west_deg": 3.0', '"west_deg": 3.25', "it should be"),
        ('"south_deg": 50.5', '"south_deg": 5.5', "is nan m"),
        ("44.63", "0.0", "goes from 0.0"),
    ],
)
def test_the_self_test_names_what_is_damaged(pattern: str, text: str, told: str) -> None:
    with pytest.raises(UndulationError, match=re.escape(told)):
        Undulation(damaged((pattern, text))).check()


@pytest.mark.parametrize("data", [b"", b"{}", b'{"undulation_m": [[1]]}', damaged()[:500]])
def test_a_table_that_cannot_be_read_is_told(data: bytes) -> None:
    with pytest.raises(UndulationError):
        Undulation(data)


def one_of_each() -> Tracks:
    return made.tracks(
        [made.ARENA] * 7,
        height_m=[50.0, 60.0, np.nan, np.nan, 70.0, np.nan, np.nan],
        height_reference=[HeightReference.GROUND, HeightReference.TAKEOFF, 0, 0, 0, 0, 0],
        altitude_wgs84_m=[99.0, np.nan, 143.01, np.nan, np.nan, np.nan, 143.01],
        altitude_pressure_m=[10.0, np.nan, 30.0, np.nan, np.nan, 200.0, np.nan],
        vertical_accuracy_m=[6.0, np.nan, 6.0, 6.0, 6.0, 6.0, np.nan],
    )


def test_the_best_known_height_is_taken() -> None:
    heights = height_above_ground(one_of_each())
    assert [HeightSource(each).name for each in heights.source] == [
        "GROUND", "TAKEOFF", "ELLIPSOID", "UNKNOWN", "UNKNOWN", "PRESSURE", "ELLIPSOID",
    ]  # fmt: skip
    known = [0, 1, 2, 5, 6]
    assert heights.agl_m[known] == pytest.approx([50.0, 60.0, 100.0, 200.0, 100.0], abs=0.2)
    sigma_m = [3.0, np.hypot(10, 10), np.hypot(3, np.hypot(1, 10)), np.hypot(3, np.hypot(UNKNOWN_QNH_M, 10)), None]
    assert heights.sigma_m[known[:4]] == pytest.approx(sigma_m[:4])
    assert np.isnan(heights.agl_m[3:5]).all()
    assert np.isnan(heights.sigma_m[3:5]).all()


def test_every_datum_is_filled_in_where_one_is_known() -> None:
    heights = height_above_ground(one_of_each())
    assert heights.amsl_m[[0, 1, 2]] == pytest.approx([56.0, 60.0, 100.0], abs=0.2)  # the first told its altitude too
    assert heights.wgs84_m[[0, 1, 2]] == pytest.approx([99.0, 103.0, 143.0], abs=0.2)


def test_120_m_above_ground_is_not_120_m_above_the_ellipsoid() -> None:
    """The trap of 43 m: at Schiphol 120 m above ground is about 163 m above the ellipsoid."""
    rows = made.tracks([(52.308, 4.764)] * 2, height_m=np.nan, altitude_wgs84_m=[130.0, 170.0], vertical_accuracy_m=1.0)
    assert (height_above_ground(rows).agl_m > 120).tolist() == [False, True]


def test_outside_the_table_an_ellipsoid_height_says_nothing_of_the_ground() -> None:
    rows = made.tracks([(48.0, 2.0)] * 2, height_m=np.nan, altitude_wgs84_m=[200.0, np.nan], altitude_pressure_m=300.0)
    heights = height_above_ground(rows)
    assert np.isnan(heights.agl_m).all()
    assert heights.source.tolist() == [HeightSource.UNKNOWN] * 2


@pytest.mark.parametrize("pressure_m", [121.0, 200.0, 400.0, 600.0])
def test_a_pressure_altitude_without_its_qnh_never_decides_120_m(pressure_m: float) -> None:
    rows = made.tracks([made.ARENA], height_m=np.nan, altitude_pressure_m=pressure_m, vertical_accuracy_m=1.0)
    heights = height_above_ground(rows)
    assert heights.agl_m[0] - 2 * heights.sigma_m[0] < 120


def test_a_pressure_altitude_with_its_qnh() -> None:
    rows = made.tracks([made.ARENA], height_m=np.nan, altitude_pressure_m=200.0, vertical_accuracy_m=6.0)
    heights = height_above_ground(rows, qnh_hpa=993.25)  # a low: the drone is lower than its barometer says
    assert heights.agl_m[0] == pytest.approx(200.0 - 20 * 8.23)
    assert heights.sigma_m[0] == pytest.approx(np.sqrt(9 + 400 + 100))


def test_a_raster_moves_the_ground_and_narrows_the_doubt() -> None:
    rows = made.tracks([made.ARENA] * 3, height_m=[np.nan, 40.0, 40.0], altitude_wgs84_m=[193.01, np.nan, np.nan],
                       height_reference=[0, HeightReference.GROUND, HeightReference.TAKEOFF],
                       vertical_accuracy_m=6.0)  # fmt: skip
    flat, hilly = height_above_ground(rows), height_above_ground(rows, HILL)
    assert flat.agl_m == pytest.approx([150.0, 40.0, 40.0], abs=0.2)
    assert hilly.agl_m == pytest.approx([50.0, 40.0, 40.0], abs=0.2)
    assert hilly.amsl_m == pytest.approx([150.0, 140.0, 140.0], abs=0.2)
    assert hilly.sigma_m[0] == pytest.approx(np.sqrt(9 + 1 + 9))
    assert hilly.sigma_m[0] < flat.sigma_m[0]


def test_a_take_off_from_the_hill_counts_from_the_ground_below() -> None:
    """40 m above the top of the hill, over the plain beside it: 140 m above the ground."""
    plain = (52.40, 4.85)
    rows = made.tracks([plain] * 2, height_m=40.0, height_reference=HeightReference.TAKEOFF,
                       operator_latitude_deg=made.ARENA[0], operator_longitude_deg=made.ARENA[1],
                       operator_location_type=[OperatorLocation.TAKEOFF, OperatorLocation.LIVE])  # fmt: skip
    assert height_above_ground(rows, HILL).agl_m == pytest.approx([140.0, 40.0])
    assert rows.height_m.tolist() == [40.0, 40.0]  # the rows themselves are not touched


def test_beyond_the_raster_the_ground_is_the_sea_again() -> None:
    rows = made.tracks([(51.0, 5.0)], height_m=np.nan, altitude_wgs84_m=145.0)
    assert height_above_ground(rows, HILL).agl_m[0] == height_above_ground(rows).agl_m[0]
    assert height_above_ground(rows, HILL).sigma_m[0] == height_above_ground(rows).sigma_m[0]


heights = st.one_of(st.floats(-500, 12_000), st.just(np.nan))
sigmas = st.one_of(st.floats(0, 500), st.just(np.nan))
places = st.tuples(st.floats(50.5, 54.0), st.floats(3.0, 8.0))


@given(heights, sigmas, places, st.sampled_from([None, HILL]))
def test_there_and_back_between_datums_is_the_same_height(
    height_m: float, sigma_m: float, place: tuple[float, float], raster: Terrain | None
) -> None:
    at = (np.array([place[0]]), np.array([place[1]]))
    level, ground = Level(np.array([height_m]), np.array([sigma_m])), ground_of(*at, raster)
    there_and_back = (
        sea_to_ellipsoid(ellipsoid_to_sea(level, *at), *at),
        ground_to_sea(sea_to_ground(level, ground), ground),
        sea_to_ground(ellipsoid_to_sea(sea_to_ellipsoid(ground_to_sea(level, ground), *at), *at), ground),
        takeoff_to_ground(level, ground, ground),
        pressure_to_sea(level, 1013.25),
    )
    for each in there_and_back:
        assert each.height_m == pytest.approx(level.height_m, abs=1e-3, nan_ok=True)
        assert np.isnan(each.sigma_m[0]) == np.isnan(sigma_m)
        assert np.isnan(sigma_m) or each.sigma_m[0] > sigma_m >= 0  # every step adds a doubt


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(heights, heights, heights, st.sampled_from(HeightReference), sigmas, places), min_size=1, max_size=8
    ),
    st.sampled_from([None, HILL]),
    st.sampled_from([None, 990.0]),
)
def test_all_rows_at_once_are_the_steps_one_by_one(
    rows: list[tuple[float, float, float, HeightReference, float, tuple[float, float]]],
    raster: Terrain | None,
    qnh_hpa: float | None,
) -> None:
    said, told, pressed, reference, bound, where = map(list, zip(*rows, strict=True))
    tracks = made.tracks(
        where,
        height_m=said,
        altitude_wgs84_m=told,
        altitude_pressure_m=pressed,
        height_reference=reference,
        vertical_accuracy_m=bound,
    )
    found = height_above_ground(tracks, raster, qnh_hpa)
    for row, (height_m, wgs84_m, pressure_m, what, bound_m, place) in enumerate(rows):
        at = (np.array([place[0]]), np.array([place[1]]))
        own = np.array([10.0 if np.isnan(bound_m) else bound_m / 2])
        ground = ground_of(*at, raster)
        if what and not np.isnan(height_m):
            level = Level(np.array([height_m]), own)
            level = takeoff_to_ground(level, ground, ground) if what == HeightReference.TAKEOFF else level
        elif not np.isnan(wgs84_m):
            level = sea_to_ground(ellipsoid_to_sea(Level(np.array([wgs84_m]), own), *at), ground)
        else:
            level = sea_to_ground(pressure_to_sea(Level(np.array([pressure_m]), own), qnh_hpa), ground)
        assert found.agl_m[row] == pytest.approx(level.height_m[0], abs=1e-3, nan_ok=True)
        assert np.isnan(found.sigma_m[row]) == np.isnan(found.agl_m[row]) == (found.source[row] == 0)
        if found.source[row]:
            assert found.sigma_m[row] == pytest.approx(level.sigma_m[0], abs=1e-3)
            assert found.sigma_m[row] >= 0


def test_an_unknown_datum_gives_both_readings() -> None:
    read = readings(100.0, Datum.UNKNOWN, *made.ARENA)
    assert read[Datum.AGL] == pytest.approx((100.0, 57.0), abs=0.1)
    assert readings(100.0, Datum.WGS84, *made.ARENA)[Datum.AMSL] == pytest.approx((57.0,), abs=0.1)
    assert readings(None, Datum.AGL, *made.ARENA) == {}
    assert readings(float("nan"), Datum.AGL, *made.ARENA) == {}


def test_over_a_hill_there_are_three_readings() -> None:
    read = readings(150.0, Datum.UNKNOWN, *made.ARENA, ground_m=100.0)
    assert read[Datum.AGL] == pytest.approx((150.0, 50.0, 7.0), abs=0.1)
    assert read[Datum.AMSL] == pytest.approx((250.0, 150.0, 107.0), abs=0.1)


def test_outside_the_table_a_height_is_known_in_its_own_datum_alone() -> None:
    assert readings(100.0, Datum.WGS84, 48.0, 2.0) == {Datum.AGL: (), Datum.AMSL: (), Datum.WGS84: (100.0,)}
    assert readings(100.0, Datum.UNKNOWN, 48.0, 2.0)[Datum.WGS84] == (100.0,)


@pytest.mark.parametrize(("said", "asked"), list(product((Datum.AGL, Datum.AMSL, Datum.WGS84), repeat=2)))
@given(height_m=st.floats(-500, 12_000), ground_m=st.floats(-7, 322), place=places)
def test_readings_there_and_back(
    said: Datum, asked: Datum, height_m: float, ground_m: float, place: tuple[float, float]
) -> None:
    (there_m,) = readings(height_m, said, *place, ground_m)[asked]
    (back_m,) = readings(there_m, asked, *place, ground_m)[said]
    assert back_m == pytest.approx(height_m, abs=1e-3)
