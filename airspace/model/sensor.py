"""A sensor that the service knows: the registry's entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Where a receiver stands and when its silence is a fault."""

    sensor_id: str
    name: str
    kind: str  # remote_id, direction_finder, adsb
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    silent_after_s: float = 180.0
    range_m: float = 3000.0  # what it is expected to hear: for the coverage drawn on the map
