"""Which zones are near a point, whatever their heights and hours."""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import metres_per_degree
from geofences.catalogue import Catalogue


def near(catalogue: Catalogue, latitude_deg: float, longitude_deg: float, within_m: float) -> tuple[Rows, Numbers]:
    """Volumes within so many metres of a point, and how far inside (outside: negative) the point is."""
    west, south, east, north = catalogue.index.shapes.bounds().reshape(-1, 4).T
    north_m, east_m = (float(each[0]) for each in metres_per_degree(np.array([latitude_deg])))
    up, aside = within_m / north_m, within_m / east_m
    close = (south - up <= latitude_deg) & (latitude_deg <= north + up)
    close &= (west - aside <= longitude_deg) & (longitude_deg <= east + aside)
    volumes: Rows = np.flatnonzero(close)
    margin_m = catalogue.index.margin_m(
        np.full(len(volumes), latitude_deg), np.full(len(volumes), longitude_deg), volumes
    )
    kept = margin_m >= -within_m
    return volumes[kept], margin_m[kept]
