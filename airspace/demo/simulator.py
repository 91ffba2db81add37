"""Drones, radio and receivers, simulated: from paths to the MQTT messages of DroneScout receivers.

A drone flies straight lines between waypoints and sends what a real one sends: single Bluetooth messages, packs over
Wi-Fi beacons and long range Bluetooth. Which receiver hears a message, and how loud, follows from distance: a path loss
as in built-up areas, a few decibels of chance, more loss low behind the houses (``airspace.simulation.radio``, which
the simulator of whole scenes shares). All chance comes from one seeded generator in a fixed order, so the same evening
is the same bytes.

Receivers report in the JSON form of DroneScout (BlueMark), with the messages as they were on the air.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np

from airspace.demo.facts import GROUND_WGS84_M, Place
from airspace.model.detection import EuCategory, EuClass, OperatorLocation, Status
from airspace.model.geodesy import WGS84, bearing_and_distance
from airspace.model.sensor import Sensor
from airspace.simulation import encoder
from airspace.simulation import radio as radio_waves
from airspace.simulation.radio import DELAY_S, FADING_DB, Radio, chance_to_hear

HEARTBEAT_S: Final = 5.0
WANDER_M: Final = 1.0  # a hovering drone's fixes
_STEP_S: Final = 0.5
_MODELS: Final = {"remote_id": "ds230"}

Entry = tuple[float, str, bytes]  # offset in seconds, topic, payload
Fix = tuple[float, float, float]  # latitude, longitude, height above take-off


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """Where a drone is at a time of the story."""

    at_s: float
    place: Place
    height_m: float  # above its take-off


@dataclass(frozen=True, slots=True, kw_only=True)
class Drone:
    """A drone and what it says of itself. ``clock`` makes its message time from the true time."""

    serial: str
    macs: dict[Radio, str]
    path: tuple[Waypoint, ...]
    operator_id: str | None = None
    operator: Place | None = None
    operator_location: OperatorLocation = OperatorLocation.LIVE
    category: EuCategory = EuCategory.OPEN
    eu_class: EuClass = EuClass.UNKNOWN
    self_id: str | None = None
    clock: Callable[[float], float] = field(default=lambda time_s: time_s)
    rssi_dbm: float | None = None  # the same at every receiver

    def state(self, at_s: float) -> Fix:
        """Where it is."""
        return fix_at(self.path, at_s)


def fix_at(path: Sequence[Waypoint], at_s: float) -> Fix:
    """Latitude, longitude, height above take-off, held before the first and after the last waypoint."""
    times = [point.at_s for point in path]
    columns = zip(*((*point.place, point.height_m) for point in path), strict=True)
    latitude_deg, longitude_deg, height_m = (float(np.interp(at_s, times, column)) for column in columns)
    return latitude_deg, longitude_deg, height_m


def motion_at(path: Sequence[Waypoint], at_s: float) -> tuple[float, float, float]:
    """Speed and climb in metres a second, and the direction, over the second round a time."""
    before, after = fix_at(path, at_s - _STEP_S), fix_at(path, at_s + _STEP_S)
    track_deg, distance_m = bearing_and_distance(*before[:2], *after[:2])
    return distance_m / (2.0 * _STEP_S), (after[2] - before[2]) / (2.0 * _STEP_S), track_deg


def hear(
    drones: Sequence[Drone],
    sensors: Sequence[Sensor],
    start_s: float,
    rng: np.random.Generator,
    silent: Callable[[str, float], bool],
) -> Iterator[Entry]:
    """What the receivers report of the drones' messages, drone by drone (not in the order of time)."""
    for drone in drones:
        for radio, mac in drone.macs.items():
            first_s, last_s = drone.path[0].at_s, drone.path[-1].at_s
            for turn in range(math.ceil(last_s - first_s)):
                at_s = first_s + turn + radio.offset_s
                fix = _wander(drone.state(at_s), rng)
                for index, message in enumerate(_messages(drone, radio, at_s, fix, start_s + at_s, turn)):
                    sent_s = at_s + 0.05 * index
                    for sensor in sensors:
                        yield from _report(drone, radio, mac, sensor, fix, message, start_s, sent_s, rng, silent)


def heartbeats(
    sensors: Sequence[Sensor], start_s: float, length_s: float, silent: Callable[[str, float], bool]
) -> Iterator[Entry]:
    """Each receiver says every five seconds that it lives."""
    for index, sensor in enumerate(sensors):
        for turn in range(int(length_s / HEARTBEAT_S)):
            at_s = turn * HEARTBEAT_S + 0.5 + 0.25 * index
            if at_s < length_s and not silent(sensor.sensor_id, at_s):
                data = {"firmware version": "demo", "model": _MODELS.get(sensor.kind, sensor.kind), "status": "normal"}
                yield _entry(sensor.sensor_id, start_s, at_s, data)


def _wander(fix: Fix, rng: np.random.Generator) -> Fix:
    latitude_deg, longitude_deg, height_m = fix
    if height_m > 0.0:
        north_m, east_m, up_m = rng.normal(0.0, WANDER_M, 3).tolist()
        distance_m = math.hypot(north_m, east_m)
        bearing_deg = math.degrees(math.atan2(east_m, north_m))
        longitude_deg, latitude_deg, _ = WGS84.fwd(longitude_deg, latitude_deg, bearing_deg, distance_m)
        height_m = max(0.5, height_m + 0.3 * up_m)
    return float(latitude_deg), float(longitude_deg), height_m


def _messages(drone: Drone, radio: Radio, at_s: float, fix: Fix, now_s: float, turn: int) -> list[bytes]:
    """What goes out in one second: all in one pack, or the position and one of the static ones in turn."""
    position = _location(drone, at_s, fix, drone.clock(now_s))
    static = [encoder.basic_id(drone.serial), _system(drone, now_s)]
    if drone.operator_id is not None:
        static.append(encoder.operator_id(drone.operator_id))
    if drone.self_id is not None:
        static.append(encoder.self_id(drone.self_id))
    if radio is not Radio.BLE4:
        return [encoder.pack([static[0], position, *static[1:]])]
    return [static[turn % len(static)], position]


def _location(drone: Drone, at_s: float, fix: Fix, said_s: float) -> bytes:
    latitude_deg, longitude_deg, height_m = fix
    speed_m_s, climb_m_s, track_deg = motion_at(drone.path, at_s)
    return encoder.location(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        status=Status.AIRBORNE if height_m > 0.0 else Status.GROUND,
        altitude_wgs84_m=GROUND_WGS84_M + height_m,
        height_m=height_m,
        speed_m_s=speed_m_s,
        track_deg=track_deg if speed_m_s > 0.5 else None,  # noqa: PLR2004 a hovering drone gives none
        vertical_speed_m_s=climb_m_s,
        horizontal_accuracy_m=3.0,
        vertical_accuracy_m=10.0,
        speed_accuracy_m_s=1.0,
        time_s=said_s,
        time_accuracy_s=0.1,
    )


def _system(drone: Drone, now_s: float) -> bytes:
    latitude_deg, longitude_deg = drone.operator or (None, None)
    return encoder.system(
        operator_latitude_deg=latitude_deg,
        operator_longitude_deg=longitude_deg,
        operator_location=drone.operator_location,
        operator_altitude_wgs84_m=None if drone.operator is None else GROUND_WGS84_M,
        eu_category=drone.category,
        eu_class=drone.eu_class,
        time_s=drone.clock(now_s),
    )


def _report(
    drone: Drone,
    radio: Radio,
    mac: str,
    sensor: Sensor,
    fix: Fix,
    message: bytes,
    start_s: float,
    sent_s: float,
    rng: np.random.Generator,
    silent: Callable[[str, float], bool],
) -> Iterator[Entry]:
    """One report, or none. The draws are the same whether or not anybody hears."""
    fading_db, chance, wait = rng.normal(0.0, FADING_DB), rng.random(), rng.random()
    power_dbm = received_dbm(fix, sensor) + fading_db
    heard = float(chance_to_hear(power_dbm, radio.sensitivity_dbm))
    at_s = sent_s + DELAY_S[0] + (DELAY_S[1] - DELAY_S[0]) * wait
    if chance >= heard or silent(sensor.sensor_id, at_s):
        return
    data = {
        "RSSI": round(power_dbm if drone.rssi_dbm is None else drone.rssi_dbm),
        "channel": radio.channel,
        "MAC address": mac,
        "type": radio.word,
        "UASdata": base64.b64encode(message).decode(),
    }
    yield _entry(sensor.sensor_id, start_s, at_s, data)


def received_dbm(fix: Fix, sensor: Sensor) -> float:
    """Received power without fading."""
    latitude_deg, longitude_deg, height_m = fix
    if sensor.latitude_deg is None or sensor.longitude_deg is None:
        return -math.inf
    _, distance_m = bearing_and_distance(latitude_deg, longitude_deg, sensor.latitude_deg, sensor.longitude_deg)
    return float(radio_waves.received_dbm(distance_m, height_m))


def topic(sensor_id: str) -> str:
    """Under which a sensor publishes."""
    return f"/sensor/{sensor_id}/upload"


def _entry(sensor_id: str, start_s: float, at_s: float, data: dict[str, Any]) -> Entry:
    whole = {"sensor ID": sensor_id, "timestamp": round((start_s + at_s) * 1000.0), **data}
    return at_s, topic(sensor_id), msgspec.json.encode({"protocol": 1.0, "data": whole})
