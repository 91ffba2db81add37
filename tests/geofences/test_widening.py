from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from airspace.model.geodesy import WGS84
from airspace.model.zone import Polygon
from geofences.formats import widening
from tests.geofences import plane

BLOCK = Polygon(rings=(((4.943, 52.3185), (4.9555, 52.3195), (4.9565, 52.325), (4.9465, 52.3262), (4.943, 52.3185)),))
LONG = Polygon(rings=(((4.0, 52.0), (4.6, 52.0), (4.6, 52.2), (4.3, 52.05), (4.0, 52.2), (4.0, 52.0)),))
RINGED = Polygon(
    rings=(
        ((4.9, 52.3), (4.95, 52.3), (4.95, 52.33), (4.9, 52.33), (4.9, 52.3)),
        ((4.92, 52.31), (4.93, 52.31), (4.93, 52.32), (4.92, 52.32), (4.92, 52.31)),
    )
)


def near_m(longitude: float, latitude: float, edge: np.ndarray) -> float:
    """Geodesic distance to the nearest of many points of an edge, if it is within 300 m: the oracle."""
    edge = edge[(np.abs(edge[:, 0] - longitude) < 0.005) & (np.abs(edge[:, 1] - latitude) < 0.003)]
    n = len(edge)
    _, _, distance_m = WGS84.inv(np.full(n, longitude), np.full(n, latitude), edge[:, 0], edge[:, 1])
    return float(np.min(distance_m, initial=np.inf))


def points_of(shape: Polygon, step_deg: float) -> np.ndarray:
    return np.asarray(shapely.get_coordinates(shapely.segmentize(plane.outline(shape).boundary, step_deg)))


@pytest.mark.parametrize("shape", [BLOCK, LONG, RINGED])
def test_the_new_edge_is_as_far_as_asked_and_at_most_a_hundredth_more(shape: Polygon) -> None:
    (wide,) = widening.widened([shape], 150.0)
    edge = points_of(shape, 1e-5 if shape is not LONG else 2e-5)  # at most 2 m apart: errs by 10 mm at 150 m
    new = points_of(wide, 0.001)
    distances = [near_m(x, y, edge) for x, y in new[:: max(1, len(new) // 150)].tolist()]
    assert min(distances) > 149.95
    assert max(distances) < 151.5
    assert len(wide.rings) == len(shape.rings)


@given(st.floats(0, 360), st.floats(0, 1))
@settings(max_examples=100)
def test_whatever_is_within_the_distance_is_held_and_little_more(bearing_deg: float, along: float) -> None:
    (wide,) = widening.widened([BLOCK], 150.0)
    there = plane.outline(wide)
    start = plane.outline(BLOCK).exterior.interpolate(along, normalized=True)
    longitude, latitude, _ = WGS84.fwd(start.x, start.y, bearing_deg, 149.9)
    assert there.covers(shapely.Point(longitude, latitude))
    longitude, latitude, _ = WGS84.fwd(start.x, start.y, bearing_deg, 160.0)
    assume(near_m(longitude, latitude, points_of(BLOCK, 1e-4)) > 151.6)
    assert plane.outline(BLOCK).covers(shapely.Point(longitude, latitude)) == there.covers(
        shapely.Point(longitude, latitude)
    )


def test_a_hole_shrinks_and_a_small_one_is_gone() -> None:
    (wide,) = widening.widened([RINGED], 150.0)
    hole = shapely.Polygon(wide.rings[1])
    assert plane.area_m2(hole) < plane.area_m2(shapely.Polygon(RINGED.rings[1])) - 150 * 2 * 600
    (filled,) = widening.widened([RINGED], 700.0)
    assert len(filled.rings) == 1


def test_parts_that_meet_become_one() -> None:
    east = Polygon(rings=(tuple((x + 0.016, y) for x, y in BLOCK.rings[0]),))
    assert len(widening.widened([BLOCK, east], 50.0)) == 2
    assert len(widening.widened([BLOCK, east], 150.0)) == 1


def test_a_corridor_is_round_at_its_ends() -> None:
    (tube,) = widening.corridor([(5.0, 44.0), (5.1, 44.0)], 1000.0)
    longitude, latitude, _ = WGS84.fwd(5.1, 44.0, 90.0, 999.0)
    assert plane.outline(tube).covers(shapely.Point(longitude, latitude))
    longitude, latitude, _ = WGS84.fwd(5.1, 44.0, 90.0, 1010.0)
    assert not plane.outline(tube).covers(shapely.Point(longitude, latitude))


def test_a_long_corridor_follows_the_parallel_within_a_hundredth() -> None:
    """A straight line in longitude and latitude, 343 km along 52 N: 3 km off the geodesic between its ends."""
    (tube,) = widening.corridor([(3.0, 52.0), (8.0, 52.0)], 10_000.0)
    line = np.column_stack((np.linspace(3.0, 8.0, 20_001), np.full(20_001, 52.0)))
    distances = []
    for x, y in points_of(tube, 0.05).tolist():
        near = line[np.abs(line[:, 0] - x) < 0.2]
        distances.append(np.min(WGS84.inv(np.full(len(near), x), np.full(len(near), y), near[:, 0], near[:, 1])[2]))
    assert min(distances) > 9_999.0
    assert max(distances) < 10_100.0


@pytest.mark.parametrize(
    ("ring", "distance_m", "message"),
    [
        (((179.5, 1.0), (179.9, 1.0), (179.9, 2.0)), 150.0, "antimeridian"),
        (((5.0, 86.0), (6.0, 86.0), (6.0, 87.0)), 150.0, "pole"),
        (((0.0, 0.0), (50.0, 0.0), (50.0, 50.0)), 150.0, "wider than 6 degrees"),
        (((5.0, 52.0), (5.1, 52.0), (5.1, 52.1)), 1e6, "1e.06 m is not between"),
        (((5.0, 52.0), (5.1, 52.0), (5.1, 52.1)), float("nan"), "nan m is not between"),
    ],
)
def test_what_cannot_be_drawn_soundly_is_refused(
    ring: tuple[tuple[float, float], ...], distance_m: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        widening.widened([Polygon(rings=((*ring, ring[0]),))], distance_m)
