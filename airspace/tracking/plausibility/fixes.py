"""What one row of each track says, and the two things that every sign does with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from airspace.model.detection import Bits, Detections, Numbers
from airspace.model.geodesy import turned
from airspace.model.track import Booleans, Remark
from airspace.tracking.columns import State


@dataclass(frozen=True, slots=True)
class Fixes:
    """What a row of each track says of place and time. ``fixed``: it brings a new position.

    ``rows`` are the whole rows; without them the signs that need them keep silent.
    """

    latitude_deg: Numbers
    longitude_deg: Numbers
    said_s: Numbers  # the message's own time
    counter: Numbers
    sensor: Bits
    fixed: Booleans
    rows: Detections | None = None


def apart_m2(block: State, latitude_deg: Numbers, longitude_deg: Numbers, fixes: Fixes) -> Numbers:
    """Square of the distance from a place to the fix; NaN before the track has a frame.

    Flat, at the scale of the track's own frame (motion.py): signs have thresholds of 100 m and more.
    """
    north_m = (latitude_deg - fixes.latitude_deg) * block.north_m_per_deg
    east_m = turned(longitude_deg - fixes.longitude_deg) * block.east_m_per_deg
    return north_m * north_m + east_m * east_m


def add(block: State, sign: Remark, where: Booleans) -> None:
    """Put a sign on the tracks that show it, in place."""
    if np.count_nonzero(where):
        block.remarks |= np.where(where, int(sign), 0)
