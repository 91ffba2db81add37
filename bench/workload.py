"""The made-up city that the benchmarks run on: drones that fly to and fro, sensors that tell of them, zones.

Seeded; message content is as DroneScout's MQTT JSON with a three-message pack (Basic ID, Location, System) in it.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import numpy as np

from airspace.model.zone import Circle, Datum, Polygon, Predicate, Restriction, Volume, Zone, ZoneKind
from airspace.simulation import encoder

START_S = 1_780_000_000.0
CENTRE = (52.35, 4.9)

TURN_S: Final = 120.0  # to and fro once


class City:
    """n drones over a city, each with a serial, a sensor and a transmitter, to and fro before its pilot."""

    def __init__(self, drones: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.drones = drones
        self._latitude = CENTRE[0] + random.uniform(-0.2, 0.2, drones)
        self._longitude = CENTRE[1] + random.uniform(-0.3, 0.3, drones)
        heading = random.uniform(0, 2 * np.pi, drones)
        speed = random.uniform(0, 15, drones)
        reach_m = speed * TURN_S / (2 * np.pi)  # at most 290 m: within sight of the pilot
        self._north = reach_m * np.cos(heading) / 111_300
        self._east = reach_m * np.sin(heading) / 68_000
        self._speed = speed
        self._track = np.degrees(heading)
        self._phase = random.uniform(0, 2 * np.pi, drones)

    def pack(self, drone: int, second: float) -> bytes:
        """What one drone sends at a second."""
        phase = self._phase[drone] + 2 * np.pi * second / TURN_S
        latitude = float(self._latitude[drone] + self._north[drone] * np.sin(phase))
        longitude = float(self._longitude[drone] + self._east[drone] * np.sin(phase))
        ahead = float(np.cos(phase))
        return encoder.pack(
            [
                encoder.basic_id(f"9ZZZ8{drone:08d}", id_type=1, ua_type=2),
                encoder.location(
                    status=2,
                    track_deg=(float(self._track[drone]) + (0.0 if ahead >= 0 else 180.0)) % 360.0,
                    speed_m_s=abs(ahead) * float(self._speed[drone]),
                    vertical_speed_m_s=0.0,
                    latitude_deg=latitude,
                    longitude_deg=longitude,
                    height_m=60.0,
                    horizontal_accuracy_m=10.0,
                    vertical_accuracy_m=10.0,
                    time_s=START_S + second,
                ),
                encoder.system(
                    operator_latitude_deg=float(self._latitude[drone]),
                    operator_longitude_deg=float(self._longitude[drone]),
                ),
            ]
        )

    def message(self, drone: int, second: float, sensor: str = "north") -> bytes:
        """One MQTT payload."""
        data = {
            "sensor ID": sensor,
            "RSSI": -60 - drone % 30,
            "channel": 6,
            "timestamp": int((START_S + second) * 1000),
            "MAC address": f"02:00:00:{drone >> 16 & 255:02X}:{drone >> 8 & 255:02X}:{drone & 255:02X}",
            "type": "WiFi beacon",
            "UASdata": base64.b64encode(self.pack(drone, second)).decode(),
        }
        return json.dumps({"protocol": 1.0, "data": data}, separators=(",", ":")).encode()

    def log(self, seconds: int) -> list[tuple[float, bytes]]:
        """(receive time, payload) of every drone once a second."""
        return [
            (START_S + second + drone / self.drones, self.message(drone, second + drone / self.drones))
            for second in range(seconds)
            for drone in range(self.drones)
        ]


def zones(count: int, seed: int = 2) -> list[Zone]:
    """Zones of 0.3 to 3 km over the Netherlands, one in five a circle, the rest with 30 corners."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        latitude, longitude = random.uniform(50.7, 53.6), random.uniform(3.3, 7.2)
        radius_m = float(np.exp(random.uniform(np.log(300), np.log(3000))))
        shape: Circle | Polygon
        if number % 5 == 0:
            shape = Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m)
        else:
            shape = _polygon(latitude, longitude, radius_m, random)
        made.append(_zone(number, shape))
    return made


def _polygon(latitude: float, longitude: float, radius_m: float, random: np.random.Generator) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 31)[:-1]
    reach = radius_m * random.uniform(0.7, 1.3, 30)
    x = longitude + reach * np.sin(angle) / 68_000
    y = latitude + reach * np.cos(angle) / 111_300
    ring = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    return Polygon(rings=((*ring, ring[0]),))


def _zone(number: int, shape: Circle | Polygon) -> Zone:
    volume: dict[str, Any] = {"lower_m": 0.0, "lower_datum": Datum.AGL, "upper_m": 120.0, "upper_datum": Datum.AGL}
    return Zone(
        zone_id=f"B{number}",
        name=f"bench {number}",
        country="NLD",
        kind=ZoneKind.LEGAL,
        restriction=Restriction.CONDITIONAL,
        predicate=Predicate.OPEN_FORBIDDEN,
        group=f"bench-{number}",
        group_name_nl=f"zone {number}",
        group_name_en=f"zone {number}",
        version="bench",
        volumes=(Volume(shape=shape, **volume),),
    )
