"""What is heard beside Remote ID: an emitter by direction finders, a helicopter by its ADS-B.

Finders report in our own form (``airspace-rf-1``) and say where they stand; the ADS-B receiver in that of readsb's
``--json-port``, with the category of a rotorcraft.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from airspace.demo.facts import GROUND_AMSL_M, GROUND_WGS84_M
from airspace.demo.simulator import Entry, Waypoint, fix_at, motion_at, topic
from airspace.model.geodesy import bearing_and_distance
from airspace.model.sensor import Sensor
from airspace.model.units import METRES_PER_FOOT, rfc3339

BEARING_SIGMA_DEG: Final = 2.0
VIDEO_HZ: Final = 5_800_000_000.0
VIDEO_CLASS: Final = "FPV video link"
VIDEO_BANDWIDTH_HZ: Final = 20_000_000.0
ROTORCRAFT: Final = "A7"  # DO-260B
_KNOT_M_S: Final = 1852 / 3600
_AGE_S: Final = 0.2  # of a position when readsb tells it
_NAC_P: Final = 9  # 30 m


def bearings(
    path: Sequence[Waypoint], finder: Sensor, from_s: float, start_s: float, rng: np.random.Generator
) -> Iterator[Entry]:
    """What one finder measures of an emitter each second, from a time of the story to the end of the path."""
    if finder.latitude_deg is None or finder.longitude_deg is None:
        return
    here = (finder.latitude_deg, finder.longitude_deg)
    for turn in range(math.ceil(path[-1].at_s - from_s)):
        at_s = from_s + turn + 0.5
        true_deg, distance_m = bearing_and_distance(*here, *fix_at(path, at_s)[:2])
        bearing_deg = round(true_deg + rng.normal(0.0, BEARING_SIGMA_DEG), 1) % 360.0
        measured = {
            "format": "airspace-rf-1",
            "kind": "bearing",
            "sensor": finder.sensor_id,
            "time": rfc3339(start_s + at_s),
            "bearing_deg": bearing_deg,
            "bearing_sigma_deg": BEARING_SIGMA_DEG,
            "bearing_reference": "true_north",
            "frequency_hz": VIDEO_HZ,
            "bandwidth_hz": VIDEO_BANDWIDTH_HZ,
            "rssi_dbm": round(-70.0 - 20.0 * math.log10(distance_m / 1000.0), 1),
            "class": VIDEO_CLASS,
            "confidence": 0.9,
            "platform": {"latitude_deg": here[0], "longitude_deg": here[1]},
        }
        yield _entry(finder.sensor_id, at_s, measured)


def helicopter(
    path: Sequence[Waypoint], sensor: Sensor, address: str, callsign: str, start_s: float
) -> Iterator[Entry]:
    """What an ADS-B receiver tells of a helicopter each second."""
    for turn in range(math.ceil(path[-1].at_s - path[0].at_s)):
        at_s = path[0].at_s + turn + 0.25
        latitude_deg, longitude_deg, height_m = fix_at(path, at_s - _AGE_S)
        speed_m_s, climb_m_s, track_deg = motion_at(path, at_s - _AGE_S)
        told = {
            "now": round(start_s + at_s, 3),
            "hex": address,
            "flight": callsign,
            "category": ROTORCRAFT,
            "lat": round(latitude_deg, 6),
            "lon": round(longitude_deg, 6),
            "alt_geom": round((GROUND_WGS84_M + height_m) / METRES_PER_FOOT),
            "alt_baro": round((GROUND_AMSL_M + height_m) / METRES_PER_FOOT),  # of a day at 1013.25 hPa
            "gs": round(speed_m_s / _KNOT_M_S, 1),
            "track": round(track_deg, 1) % 360.0,
            "geom_rate": round(climb_m_s / METRES_PER_FOOT * 60.0),
            "nac_p": _NAC_P,
            "seen_pos": _AGE_S,
        }
        yield _entry(sensor.sensor_id, at_s, told)


def _entry(sensor_id: str, at_s: float, told: dict[str, Any]) -> Entry:
    return at_s, topic(sensor_id), msgspec.json.encode(told)
