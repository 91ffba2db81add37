"""Where receivers are.

A receiver's place is what its rows say (a mobile one), else where it was ``placed`` by registry or heartbeat. One that
was ever known at two places is mobile: it may hear, but its silence proves nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers
from airspace.model.geodesy import metres_per_degree
from airspace.tracking.columns import known

SENSORS: Final = 62  # receivers that have a number of their own (picture.py)
FIXED_WITHIN_M: Final = 200.0  # a receiver whose own fixes wander by less stands still


class Stations:
    """Places by number of the receiver, and the box that holds all places at which each was."""

    def __init__(self) -> None:
        self._latitude_deg, self._longitude_deg = np.full((2, SENSORS), np.nan)
        self._south, self._west = np.full((2, SENSORS), np.inf)
        self._north, self._east = np.full((2, SENSORS), -np.inf)

    def placed(self, sensor: int, latitude_deg: float, longitude_deg: float) -> None:
        """Where a receiver stands."""
        if sensor < SENSORS:
            self._latitude_deg[sensor], self._longitude_deg[sensor] = latitude_deg, longitude_deg
            self._was(np.array([sensor]), np.array([latitude_deg]), np.array([longitude_deg]))

    def places(self, sensor: Bits, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
        """Where the receiver of each row was: what the row says, else what is known of it."""
        said = known(latitude_deg)
        if np.count_nonzero(said):
            self._was(sensor[said], latitude_deg[said], longitude_deg[said])
        return (
            np.where(said, latitude_deg, self._latitude_deg[sensor]),
            np.where(said, longitude_deg, self._longitude_deg[sensor]),
        )

    def nowhere(self) -> bool:
        """Whether the place of no receiver is known."""
        return not np.count_nonzero(self._south <= self._north)

    def fixed(self) -> tuple[Bits, Numbers, Numbers]:
        """Numbers and places of the receivers that have always been where they are."""
        sensors = np.flatnonzero(self._south <= self._north)
        south, north, west, east = (side[sensors] for side in (self._south, self._north, self._west, self._east))
        per_latitude_m, per_longitude_m = metres_per_degree(south)
        within = np.hypot((north - south) * per_latitude_m, (east - west) * per_longitude_m) <= FIXED_WITHIN_M
        return sensors[within], ((south + north) / 2.0)[within], ((west + east) / 2.0)[within]

    def _was(self, sensor: Bits, latitude_deg: Numbers, longitude_deg: Numbers) -> None:
        np.minimum.at(self._south, sensor, latitude_deg)
        np.maximum.at(self._north, sensor, latitude_deg)
        np.minimum.at(self._west, sensor, longitude_deg)
        np.maximum.at(self._east, sensor, longitude_deg)
