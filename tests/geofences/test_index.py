from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers
from airspace.model.geodesy import WGS84, geodesic_m
from airspace.model.zone import Circle
from geofences.formats import ed269
from geofences.index import Index
from geofences.zone_set import ZoneFileError
from tests.geofences import made

Pairs = set[tuple[int, int]]


def brute_force(index: Index, latitude: Numbers, longitude: Numbers) -> Pairs:
    """Every point against every volume, without grid, chord or preparation."""
    found: Pairs = set()
    for number, volume in enumerate(index.volumes):
        shape = volume.shape
        if isinstance(shape, Circle):
            centre = np.full(len(latitude), shape.latitude_deg), np.full(len(latitude), shape.longitude_deg)
            held = np.asarray(geodesic_m(*centre, latitude, longitude) <= shape.radius_m)
        else:
            area = shapely.Polygon(shape.rings[0], shape.rings[1:])
            held = np.asarray(shapely.intersects(area, shapely.points(longitude, latitude)))
        found |= {(row, number) for row in np.flatnonzero(held).tolist()}
    return found


def found_by(index: Index, latitude: Numbers, longitude: Numbers) -> Pairs:
    row, volume = index.pairs(latitude, longitude)
    return set(zip(row.tolist(), volume.tolist(), strict=True))


def edge_points(index: Index, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """On the edges and within centimetres of them: vertices, points between them, points on circles."""
    shapes = index.shapes
    part = rng.uniform(size=len(shapes.edges))[:, None]
    between = shapes.edges[:, :2] * (1 - part) + shapes.edges[:, 2:] * part
    rounded = np.flatnonzero(shapes.is_circle)
    offset_m = rng.choice([-1.0, -1e-2, -1e-5, 0.0, 1e-5, 1e-2, 1.0], size=len(rounded))
    on_circle = WGS84.fwd(
        shapes.longitude_deg[rounded],
        shapes.latitude_deg[rounded],
        rng.uniform(0, 360, len(rounded)),
        shapes.radius_m[rounded] + offset_m,
    )
    near = between + rng.normal(scale=1e-8, size=between.shape)
    longitude = np.concatenate((shapes.edges[:, 0], between[:, 0], near[:, 0], on_circle[0]))
    latitude = np.concatenate((shapes.edges[:, 1], between[:, 1], near[:, 1], on_circle[1]))
    return latitude, longitude


@pytest.fixture(scope="module")
def dutch(real_data: Path) -> Index:
    return Index(ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl").zones)


def test_the_index_is_brute_force_over_all_dutch_zones(dutch: Index) -> None:
    rng = np.random.default_rng(7)
    latitude, longitude = edge_points(dutch, rng)
    some = rng.choice(len(latitude), 2500, replace=False)
    latitude = np.concatenate((latitude[some], rng.uniform(50.6, 55.8, 2500)))
    longitude = np.concatenate((longitude[some], rng.uniform(2.4, 7.4, 2500)))
    assert found_by(dutch, latitude, longitude) == brute_force(dutch, latitude, longitude)


corner = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda xy: [4.8 + xy[0] * 0.001, 52.2 + xy[1] * 0.001])


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, object]:
    if draw(st.booleans()):
        longitude, latitude = draw(corner)
        return made.circle(longitude, latitude, draw(st.sampled_from([1.0, 60.0, 499.0, 2500.0])))
    points = draw(st.lists(corner, min_size=3, max_size=8, unique_by=tuple))
    hull = shapely.MultiPoint(points).convex_hull
    return made.polygon([*points, points[0]] if hull.area > 0 else [[4.8, 52.2], [4.81, 52.2], [4.8, 52.21]])


@settings(max_examples=60, deadline=None)
@given(st.lists(shapes(), min_size=1, max_size=6), st.integers(0, 2**32))
def test_the_index_is_brute_force_over_any_zones(drawn: list[dict[str, object]], seed: int) -> None:
    features = [made.feature(str(number), shape) for number, shape in enumerate(drawn)]
    index = Index(made.zone_set(*features).zones)
    rng = np.random.default_rng(seed)
    latitude, longitude = edge_points(index, rng)
    latitude = np.concatenate((latitude, rng.uniform(52.19, 52.26, 200), [np.nan, 89.0]))
    longitude = np.concatenate((longitude, rng.uniform(4.79, 4.86, 200), [4.8, np.nan]))
    assert found_by(index, latitude, longitude) == brute_force(index, latitude, longitude)


def test_no_zones_and_no_points() -> None:
    assert found_by(Index(()), np.array([52.0]), np.array([4.0])) == set()
    assert found_by(Index([made.zone()]), np.array([]), np.array([])) == set()


def test_margins_are_metres_to_the_edge(dutch: Index) -> None:
    schiphol = next(
        number for number, zone in enumerate(dutch.zone) if dutch.volumes[number].shape == _schiphol_circle()
    )
    margin = dutch.margin_m(np.array([made.ARENA[0]]), np.array([made.ARENA[1]]), np.array([schiphol]))
    assert margin[0] == pytest.approx(2674, abs=5)
    index = Index(made.zone_set(made.feature(shape=made.box(4.90, 52.30, 4.95, 52.33))).zones)
    east = index.margin_m(np.array([52.315, 52.315, 52.315]), np.array([4.95, 4.949, 4.951]), np.zeros(3, dtype=int))
    assert east == pytest.approx([0.0, 68.2, -68.2], abs=0.3)


def _schiphol_circle() -> Circle:
    return Circle(latitude_deg=52.3080555555556, longitude_deg=4.76416666666667, radius_m=14816)


def test_known_places_in_the_schiphol_control_zone(dutch: Index, real_data: Path) -> None:
    zones = ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl").zones
    places = {
        "arena": made.ARENA,
        "ijburg": (52.352, 5.003),
        "buikslotermeer": (52.399, 4.937),
        "de kuip": (51.8939, 4.5231),
    }
    row, volume = dutch.pairs(*(np.array(each) for each in zip(*places.values(), strict=True)))
    groups = {(list(places)[r], zones[dutch.zone[v]].group) for r, v in zip(row, volume, strict=True)}
    assert {each for each in groups if each[1].startswith("ctr-")} == {("arena", "ctr-eham"), ("de kuip", "ctr-ehrd")}


def test_a_mask_of_the_world_is_refused_by_name() -> None:
    features = made.feature(), made.feature("mask", made.box(-179, -80, 179, 80))
    with pytest.raises(ZoneFileError, match=r"zone mask: .* a mask of the world is not a zone"):
        Index(made.zone_set(*features).zones)


def test_crossings_are_the_ways_that_cut_with_both_ends_outside() -> None:
    thin = made.box(4.9200, 52.30, 4.9202, 52.33)
    index = Index(made.zone_set(made.feature("thin", thin), made.feature("far", made.circle(4.95, 52.35, 50))).zones)
    ends = np.array(
        [
            [4.9190, 52.31, 4.9210, 52.31],  # right through
            [4.9190, 52.31, 4.9195, 52.31],  # stops before it
            [4.9190, 52.31, 4.9201, 52.31],  # ends inside
            [4.9490, 52.35, 4.9510, 52.35],  # through the circle
            [4.9490, 52.351, 4.9510, 52.351],  # past it
            [np.nan, np.nan, 4.9510, 52.351],
        ]
    )
    row, volume = index.crossings(ends)
    assert list(zip(row.tolist(), volume.tolist(), strict=True)) == [(0, 0), (3, 1)]
