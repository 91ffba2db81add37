"""Metres east and north of a scene's centre, and degrees: the local metric of ``airspace.model.geodesy``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.geodesy import metres_per_degree


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A centre and the metres in one degree there."""

    latitude_deg: float
    longitude_deg: float
    north_m_per_deg: float
    east_m_per_deg: float

    @classmethod
    def at(cls, latitude_deg: float, longitude_deg: float) -> Frame:
        """The frame of a centre."""
        north, east = metres_per_degree(np.array([latitude_deg]))
        return cls(
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            north_m_per_deg=float(north[0]),
            east_m_per_deg=float(east[0]),
        )

    def degrees(self, east_m: Numbers, north_m: Numbers) -> tuple[Numbers, Numbers]:
        """Latitude and longitude."""
        return (
            self.latitude_deg + north_m / self.north_m_per_deg,
            self.longitude_deg + east_m / self.east_m_per_deg,
        )

    def metres(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
        """East and north."""
        return (
            (longitude_deg - self.longitude_deg) * self.east_m_per_deg,
            (latitude_deg - self.latitude_deg) * self.north_m_per_deg,
        )


def on_wire(degrees: Numbers) -> Numbers:
    """Degrees as Remote ID sends them: whole 1e-7."""
    return np.rint(degrees * 1e7) / 1e7
