"""Shapes of zones in a plane of metres, to measure them against references."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Proj

from airspace.model.geodesy import WGS84
from airspace.model.zone import Circle, Polygon, Zone

_PIECE_DEG = 0.002  # some 200 m: a straight edge bends by less than a millimetre


def outline(shape: Circle | Polygon) -> shapely.Polygon:
    """A shape in degrees; a circle as a polygon of 1,440 corners on the geodesic circle."""
    if isinstance(shape, Polygon):
        return shapely.Polygon(shape.rings[0], shape.rings[1:])
    n = 1440
    longitude, latitude, _ = WGS84.fwd(
        np.full(n, shape.longitude_deg),
        np.full(n, shape.latitude_deg),
        np.linspace(0.0, 360.0, n, endpoint=False),
        np.full(n, shape.radius_m),
    )
    return shapely.Polygon(np.column_stack((longitude, latitude)))


def whole(zone: Zone) -> Any:
    """All volumes of a zone together, in degrees."""
    return shapely.union_all([outline(volume.shape) for volume in zone.volumes])


def area_m2(shape: Any) -> float:
    """Area on the ellipsoid."""
    return sum(abs(WGS84.geometry_area_perimeter(part)[0]) for part in shapely.get_parts([shape]).tolist())


def edges_apart_m(one: Any, other: Any) -> float:
    """Hausdorff distance of the edges of two shapes, both densified, in metres."""
    middle = other.centroid
    proj = Proj(proj="aeqd", lat_0=middle.y, lon_0=middle.x, ellps="WGS84")

    def flat(shape: Any) -> Any:
        edge = shapely.segmentize(shape.boundary, _PIECE_DEG)
        return shapely.transform(edge, lambda xy: np.column_stack(proj(xy[:, 0], xy[:, 1])))

    return float(shapely.hausdorff_distance(flat(one), flat(other)))
