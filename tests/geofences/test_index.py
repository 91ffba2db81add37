from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Numbers
from airspace.model.geodesy import WGS84, geodesic_m
from airspace.model.zone import Circle, Polygon, Zone
from bench import zone_workload
from geofences.formats import ed269
from geofences.place import grid
from geofences.place import index as index_module
from geofences.place.index import Index
from geofences.zone_set import ZoneFileError
from tests.geofences import made

Pairs = list[tuple[int, int]]
LEAST_M_PER_DEGREE = 110_000.0  # of latitude


def zone_of(shape: Circle | Polygon, zone_id: str = "1.a") -> Zone:
    zone = made.zone(zone_id=zone_id)
    return replace(zone, volumes=(replace(zone.volumes[0], shape=shape),))


def rectangle(west: float, south: float, east: float, north: float) -> Polygon:
    return Polygon(rings=(((west, south), (east, south), (east, north), (west, north), (west, south)),))


def brute_force(index: Index, latitude: Numbers, longitude: Numbers) -> Pairs:
    """Every volume against every point that is not north or south of all of it: no grid, no clipping, no preparation.

    The points are sorted by latitude for that; NaN comes last.
    """
    order = np.argsort(latitude)
    y, x = latitude[order], longitude[order]
    found: Pairs = []
    for number, volume in enumerate(index.volumes):
        shape = volume.shape
        if isinstance(shape, Circle):
            reach = shape.radius_m / LEAST_M_PER_DEGREE
            some = slice(*np.searchsorted(y, (shape.latitude_deg - reach, shape.latitude_deg + reach)))
            centre = np.full_like(y[some], shape.latitude_deg), np.full_like(y[some], shape.longitude_deg)
            held = np.asarray(geodesic_m(*centre, y[some], x[some]) <= shape.radius_m)
        else:
            area = shapely.Polygon(shape.rings[0], shape.rings[1:])
            _, south, _, north = area.bounds
            some = slice(int(np.searchsorted(y, south)), int(np.searchsorted(y, north, side="right")))
            held = np.asarray(shapely.intersects(area, shapely.points(x[some], y[some])))
        found += [(row, number) for row in order[some][held].tolist()]
    return sorted(found)


def found_by(index: Index, latitude: Numbers, longitude: Numbers) -> Pairs:
    row, volume = index.pairs(latitude, longitude)
    return list(zip(row.tolist(), volume.tolist(), strict=True))


def edge_points(index: Index, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """On the edges and within centimetres of them (corners, points in between, on circles), and on cell borders."""
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
    grid = index._grid
    on_lines = grid.degrees(
        rng.integers(0, grid.columns, 500).astype(float), rng.integers(0, 2 * grid.rows, 500).astype(float) / 2
    )
    longitude = np.concatenate((shapes.edges[:, 0], between[:, 0], near[:, 0], on_circle[0], on_lines[1]))
    latitude = np.concatenate((shapes.edges[:, 1], between[:, 1], near[:, 1], on_circle[1], on_lines[0]))
    return latitude, longitude


@pytest.fixture(params=[0, index_module.GEOS_UP_TO], ids=["clipped edges", "as it is"])
def _decided_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "GEOS_UP_TO", request.param)


@pytest.fixture(scope="module")
def dutch(real_data: Path) -> Index:
    return Index(ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl").zones)


def test_coarser_cells_where_shapes_are_many_or_large_give_the_same_answers(
    dutch: Index, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "MAX_CELLS", 50_000)
    zones = ed269.read((real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json").read_bytes(), "nl").zones
    coarse = Index(zones)
    assert coarse._grid.step_latitude_deg / dutch._grid.step_latitude_deg == pytest.approx(3.0)
    here = edge_points(dutch, np.random.default_rng(11))
    assert found_by(coarse, *here) == found_by(dutch, *here)


@pytest.mark.usefixtures("_decided_by")
def test_the_index_is_brute_force_over_all_dutch_zones(dutch: Index) -> None:
    rng = np.random.default_rng(7)
    latitude, longitude = edge_points(dutch, rng)
    latitude = np.concatenate((latitude, rng.uniform(50.6, 55.8, 2500)))
    longitude = np.concatenate((longitude, rng.uniform(2.4, 7.4, 2500)))
    assert len(dutch.zone) >= 774
    assert found_by(dutch, latitude, longitude) == brute_force(dutch, latitude, longitude)


@pytest.mark.usefixtures("_decided_by")
@pytest.mark.parametrize("seed", [11, 12])
def test_the_index_is_brute_force_over_5000_zones(seed: int) -> None:
    is_brute_force_over_made_up_zones(5000, seed)


def test_the_index_is_brute_force_over_50000_zones() -> None:
    is_brute_force_over_made_up_zones(50_000, 13)


def is_brute_force_over_made_up_zones(count: int, seed: int) -> None:
    zones = zone_workload.dutch_like(count, seed)
    index = Index(zones)
    rng = np.random.default_rng(seed)
    on_edges, anywhere = edge_points(index, rng), zone_workload.points(zones, 3000, seed)
    some = rng.choice(len(on_edges[0]), 5000, replace=False)
    latitude = np.concatenate((on_edges[0][some], anywhere[0], [np.nan, 52.0]))
    longitude = np.concatenate((on_edges[1][some], anywhere[1], [4.0, np.nan]))
    found = found_by(index, latitude, longitude)
    assert len(found) > count / 10
    assert found == brute_force(index, latitude, longitude)


corner = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda xy: [4.8 + xy[0] * 0.001, 52.2 + xy[1] * 0.001])


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        longitude, latitude = draw(corner)
        return made.circle(longitude, latitude, draw(st.sampled_from([1.0, 60.0, 499.0, 2500.0])))
    points = draw(st.lists(corner, min_size=3, max_size=8, unique_by=tuple))
    hull = shapely.MultiPoint(points).convex_hull
    return made.polygon([*points, points[0]] if hull.area > 0 else [[4.8, 52.2], [4.81, 52.2], [4.8, 52.21]])


@settings(max_examples=60, deadline=None)
@given(st.lists(shapes(), min_size=1, max_size=6), st.integers(0, 2**32), st.sampled_from([0, 128]))
def test_the_index_is_brute_force_over_any_zones(drawn: list[dict[str, Any]], seed: int, geos_up_to: int) -> None:
    features = [made.feature(str(number), shape) for number, shape in enumerate(drawn)]
    index = Index(made.zone_set(*features).zones)
    rng = np.random.default_rng(seed)
    latitude, longitude = edge_points(index, rng)
    latitude = np.concatenate((latitude, rng.uniform(52.19, 52.26, 200), [np.nan, 89.0]))
    longitude = np.concatenate((longitude, rng.uniform(4.79, 4.86, 200), [4.8, np.nan]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "GEOS_UP_TO", geos_up_to)
        assert found_by(index, latitude, longitude) == brute_force(index, latitude, longitude)


@pytest.mark.usefixtures("_decided_by")
def test_edges_on_the_lines_of_the_grid_and_through_reference_points() -> None:
    frame = [
        zone_of(Circle(latitude_deg=52 + up, longitude_deg=4 + right, radius_m=100.0))
        for up, right in ((0.0, 0.0), (0.3, 0.4))
    ]
    grid = Index(frame)._grid

    def polygon(*places: tuple[float, float]) -> Polygon:
        latitude, longitude = grid.degrees(*np.array([*places, places[0]]).T)
        return Polygon(rings=(tuple(zip(longitude.tolist(), latitude.tolist(), strict=True)),))

    inner = [
        polygon((10, 10), (14, 10), (14, 13), (10, 13)),  # on the lines
        polygon((20.4142, 10.618), (24.4142, 10.618), (24.4142, 13.618), (20.4142, 13.618)),  # through the points
        polygon((30, 10), (34, 14), (30, 14), (34, 10)),  # a bow tie through the corners of cells
        polygon((10, 30), (12, 33), (12, 33), (14, 30), (13, 32), (12, 30), (11, 32)),  # a corner twice
    ]
    index = Index([*frame, *map(zone_of, inner)])
    assert index._grid == grid
    x, y = (each.ravel() for each in np.meshgrid(np.arange(8, 36, 0.25), np.arange(8, 36, 0.25)))
    latitude, longitude = grid.degrees(x, y)
    more = edge_points(index, np.random.default_rng(1))
    latitude, longitude = np.concatenate((latitude, more[0])), np.concatenate((longitude, more[1]))
    valid = [number for number, volume in enumerate(index.volumes) if number != 4]
    expected = [pair for pair in brute_force(index, latitude, longitude) if pair[1] in valid]
    assert [pair for pair in found_by(index, latitude, longitude) if pair[1] in valid] == expected


@pytest.mark.usefixtures("_decided_by")
def test_a_coast_of_thousands_of_corners_with_a_hole() -> None:
    angle = np.linspace(0, 2 * np.pi, 6001)
    reach = 0.2 + 0.05 * np.sin(37 * angle) + 0.01 * np.sin(800 * angle)
    outside = list(zip((5 + reach * np.sin(angle)).tolist(), (52 + reach * np.cos(angle)).tolist(), strict=True))
    hole = [(5 + 0.3 * (x - 5), 52 + 0.3 * (y - 52)) for x, y in outside]
    outside[-1], hole[-1] = outside[0], hole[0]
    index = Index([zone_of(Polygon(rings=(tuple(outside), tuple(hole))))])
    rng = np.random.default_rng(5)
    some = rng.choice(24_000, 3000, replace=False)
    latitude, longitude = (each[some] for each in edge_points(index, rng))
    latitude = np.concatenate((latitude, rng.uniform(51.7, 52.3, 3000)))
    longitude = np.concatenate((longitude, rng.uniform(4.7, 5.3, 3000)))
    assert found_by(index, latitude, longitude) == brute_force(index, latitude, longitude)


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "radius_m"),
    [(0.0, 0.0, 9000), (-34.0, 151.0, 40_000), (52.0, 5.0, 150_000), (52.0, 5.0, 250_000), (79.5, 15.0, 60_000)],
)
def test_circles_anywhere_and_of_any_size(latitude_deg: float, longitude_deg: float, radius_m: float) -> None:
    index = Index([zone_of(Circle(latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m))])
    rng = np.random.default_rng(3)
    n = 6000
    distance_m = radius_m + rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(-5, 3.5, n)
    centre = np.full(n, longitude_deg), np.full(n, latitude_deg)
    longitude, latitude, _ = WGS84.fwd(*centre, rng.uniform(0, 360, n), distance_m)
    inside = np.flatnonzero(geodesic_m(centre[1], centre[0], latitude, longitude) <= radius_m)
    assert found_by(index, latitude, longitude) == [(row, 0) for row in inside.tolist()]


def test_no_zones_and_no_points() -> None:
    assert found_by(Index(()), np.array([52.0]), np.array([4.0])) == []
    assert found_by(Index([made.zone()]), np.array([]), np.array([])) == []


def test_zones_an_ocean_apart_cost_nothing_in_between() -> None:
    bonaire = Circle(latitude_deg=12.13, longitude_deg=-68.27, radius_m=5000.0)
    index = Index([made.zone(), zone_of(bonaire)])
    assert found_by(index, np.array([12.13, 52.31, 30.0]), np.array([-68.27, 4.92, -30.0])) == [(0, 1), (1, 0)]
    assert len(index._first) + len(index._strip) < 50_000  # of some 100 million cells


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


SAW = tuple((4.0 + nth * 2e-5, 52.0 + nth % 2 * 2.5) for nth in range(4000))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (rectangle(-179, -80, 179, 80), "a mask of the world is not a zone, one over the antimeridian has to be cut"),
        (rectangle(-60, 0, 60, 70), "a mask of the world is not a zone"),
        (rectangle(179.9, 10, 180.1, 11), "reaches over the antimeridian: it has to be cut there"),
        (Circle(latitude_deg=10, longitude_deg=-179.99, radius_m=5000), "reaches over the antimeridian"),
        (Circle(latitude_deg=84.99, longitude_deg=10, radius_m=5000), "reaches beyond 85 degrees of latitude"),
        (Circle(latitude_deg=52, longitude_deg=float("nan"), radius_m=5000), "has no place"),
        (Circle(latitude_deg=52, longitude_deg=5, radius_m=float("inf")), "has no place"),
        (Polygon(rings=((*SAW, (4.0, 51.9), SAW[0]),)), "has edges through .* cells"),
    ],
)
def test_what_no_grid_can_hold_is_refused_by_name(shape: Circle | Polygon, reason: str) -> None:
    with pytest.raises(ZoneFileError, match=f"zone odd: .*{reason}"):
        Index([made.zone(), zone_of(shape, "odd")])


def test_too_many_cells_together_are_refused() -> None:
    many = [zone_of(rectangle(4 + 0.001 * nth, 48, 9, 52), str(nth)) for nth in range(400)]
    with pytest.raises(ZoneFileError, match=r"zone 0: .* the most of all that take \d+ together"):
        Index(many)


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


def test_crossings_are_brute_force(dutch: Index) -> None:
    """Ways of a few hundred metres near zones: what GEOS says of polygons, with both ends outside."""
    rng = np.random.default_rng(9)
    edges = dutch.shapes.edges
    start = edges[rng.integers(0, len(edges), 8000), :2] + rng.normal(scale=0.002, size=(8000, 2))
    ends = np.column_stack((start, start + rng.normal(scale=0.002, size=(8000, 2))))
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    expected = set()
    for number in np.flatnonzero(~dutch.shapes.is_circle).tolist():
        area = dutch.shapes.areas[number]
        held = shapely.intersects_xy(area, ends[:, 0], ends[:, 1]) | shapely.intersects_xy(area, ends[:, 2], ends[:, 3])
        expected |= {(row, number) for row in np.flatnonzero(shapely.intersects(area, lines) & ~held).tolist()}
    row, volume = dutch.crossings(ends)
    angular = ~dutch.shapes.is_circle[volume]
    assert len(expected) > 30
    assert set(zip(row[angular].tolist(), volume[angular].tolist(), strict=True)) == expected
