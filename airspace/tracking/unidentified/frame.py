"""The flat frame of a track: metres east and north of its anchor.

A frame is latitude and longitude of the anchor and the metres in a degree to the north and to the east there: a column
of a (4, n) array. It is a chart, not a measurement: places go in and come out exactly, distances err by 0.4 % where the
anchor is 20 km away at 52 degrees.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.geodesy import metres_per_degree, turned

_LEAST_EAST_M: Final = 1000.0  # metres in a degree of longitude: within half a degree of a pole east is stretched


def frames(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Frames with their anchors there."""
    north, east = metres_per_degree(latitude_deg)
    return np.array((latitude_deg, turned(longitude_deg), north, np.maximum(east, _LEAST_EAST_M)))


def local(frame: Numbers, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
    """Metres east and north of each anchor, one place a frame."""
    latitude, longitude, north, east = frame
    return turned(longitude_deg - longitude) * east, (latitude_deg - latitude) * north


def globe(frame: Numbers, x_m: Numbers, y_m: Numbers) -> tuple[Numbers, Numbers]:
    """Latitude and longitude of a place in each frame."""
    latitude, longitude, north, east = frame
    return np.minimum(np.maximum(latitude + y_m / north, -90.0), 90.0), turned(longitude + x_m / east)
