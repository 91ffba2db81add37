"""The match evening at the ArenA: 230 seconds, seeded, the same bytes for a seed.

| at | what happens |
|---|---|
| 0:00 | the broadcaster hovers beside the bowl, the inspection works at the Amstel, both on a notice |
| 0:08 | a controller is switched on in Bijlmer-Oost, 1.2 km south-east of the bowl: the drone still stands there |
| 0:13 | the hobby drone takes off there and makes for the bowl with the wind behind it |
| 0:56 | it is over the crowd, and hovers over the pitch from 1:01 |
| 1:10 | a drone over IJburg at 80 m, outside the control zone |
| 1:25 | a trauma helicopter comes low from the west and lands at the hospital at 3:46, told by ADS-B |
| 1:55 | a video link without Remote ID, north-east of the bowl: ``df-west`` hears it, from 2:05 ``df-oost`` too |
| 2:15 | the inspection leaves its volume, by 150 m at most, and comes back |
| 2:30 | fifteen ghosts over the pitch out of one transmitter; the hobby drone turns home |
| 2:50 | the receiver ``arena-noord`` falls silent until 3:40 |
| 3:20 | the hobby drone lands where it took off |

It takes off some seconds before the story's 0:20, so that it is over the crowd within the first minute at a speed that
such a drone has. Left out: the acknowledgement, which is a person's.

The caller plays loop after loop, each with a later ``start_s``; with the loop's number the hobby drone, the IJburg
drone and the ghosts are others each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from airspace.demo.facts import (
    AMSTEL,
    ARENA,
    BROADCASTER,
    BROADCASTER_SERIAL,
    HELIPAD,
    IJBURG,
    INSPECTION_SERIAL,
    Place,
    offset,
)
from airspace.demo.others import bearings, helicopter
from airspace.demo.simulator import Drone, Entry, Waypoint, hear, heartbeats
from airspace.model.detection import EuCategory, EuClass, OperatorLocation
from airspace.model.sensor import Sensor
from airspace.simulation.radio import Radio

LENGTH_S: Final = 230.0
SEED: Final = 20260501
SILENT_AFTER_S: Final = 15.0
GHOSTS: Final = 15
GHOST_SKEW_S: Final = 600.0  # how old the replayed message time is when the ghosts appear
HOBBY_HEIGHT_M: Final = 60.0
HOBBY_START: Final[Place] = offset(ARENA, 135.0, 1200.0)
SILENT: Final = ("arena-noord", 170.0, 220.0)
_GHOSTS_AT_S: Final = 150.0
_LOOPS: Final = 900  # then serials come again, two days of loops later

RECEIVERS: Final = tuple(
    Sensor(
        sensor_id=sensor_id,
        name=name,
        kind="remote_id",
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        silent_after_s=SILENT_AFTER_S,
        range_m=3000.0,
    )
    for sensor_id, name, latitude_deg, longitude_deg in (
        ("arena-noord", "Noord", 52.3260, 4.9450),
        ("duivendrecht", "Duivendrecht", 52.3235, 4.9290),
        ("bijlmer", "Bijlmer", 52.3085, 4.9600),
        ("amstel", "Amstel", 52.3205, 4.9110),
    )
)


def _listening(sensor_id: str, name: str, kind: str, place: Place, range_m: float) -> Sensor:
    return Sensor(
        sensor_id=sensor_id,
        name=name,
        kind=kind,
        latitude_deg=round(place[0], 6),
        longitude_deg=round(place[1], 6),
        silent_after_s=SILENT_AFTER_S,
        range_m=range_m,
    )


FINDERS: Final = (  # four kilometres apart
    _listening("df-west", "Peiler west", "direction_finder", offset(ARENA, 270.0, 2000.0), 4000.0),
    _listening("df-oost", "Peiler oost", "direction_finder", offset(ARENA, 90.0, 2000.0), 4000.0),
)
ADSB: Final = _listening("adsb-1", "ADS-B", "adsb", offset(ARENA, 200.0, 600.0), 40_000.0)
SENSORS: Final = (*RECEIVERS, *FINDERS, ADSB)
HELICOPTER: Final = "487fff"  # the last address of the Dutch block
EMITTER: Final = (
    Waypoint(at_s=115.0, place=offset(offset(ARENA, 0.0, 1000.0), 90.0, 1100.0), height_m=50.0),
    Waypoint(at_s=175.0, place=offset(offset(ARENA, 0.0, 1000.0), 90.0, 740.0), height_m=50.0),
)
HEARD_FROM_S: Final = (115.0, 125.0)  # by the one finder, then by the other too
LANDING: Final = tuple(
    Waypoint(at_s=at_s, place=offset(HELIPAD, 270.0, away_m), height_m=height_m)
    for at_s, away_m, height_m in (
        (85.0, 6400.0, 250.0),
        (165.0, 2000.0, 180.0),
        (190.0, 850.0, 120.0),
        (205.0, 350.0, 60.0),
        (218.0, 70.0, 15.0),
        (226.0, 0.0, 0.0),
    )
)


def scenario(start_s: float, *, loop: int = 0, seed: int = SEED) -> Iterator[Entry]:
    """(offset in seconds, topic, payload) in the order of time; ``start_s`` is UTC epoch."""
    rng = np.random.default_rng([seed, loop])
    entries = [*hear(drones(start_s, loop), RECEIVERS, start_s, rng, _is_silent)]
    for finder, from_s in zip(FINDERS, HEARD_FROM_S, strict=True):
        entries += bearings(EMITTER, finder, from_s, start_s, rng)
    entries += helicopter(LANDING, ADSB, HELICOPTER, "LIFELN9", start_s)
    entries += heartbeats(SENSORS, start_s, LENGTH_S, _is_silent)
    yield from sorted(entry for entry in entries if entry[0] < LENGTH_S)


def recording(start_s: float, *, loop: int = 0, seed: int = SEED) -> bytes:
    """The same evening as JSON lines."""
    return b"".join(payload + b"\n" for _, _, payload in scenario(start_s, loop=loop, seed=seed))


def drones(start_s: float, loop: int = 0) -> tuple[Drone, ...]:
    """Everybody in the air this evening."""
    return (_broadcaster(), _inspection(), _hobby(loop), _ijburg(loop), *_ghosts(start_s, loop))


def _is_silent(sensor_id: str, at_s: float) -> bool:
    silent_id, from_s, until_s = SILENT
    return sensor_id == silent_id and from_s <= at_s < until_s


def _serial(kind: str, number: int) -> str:
    """CTA-2063-A form: maker 9ZZZ, which does not exist, length 8, three letters and five digits."""
    return f"9ZZZ8{kind}{number % 100_000:05d}"


def _mac(kind: int, loop: int, radio: int = 0) -> str:
    """A random static address by its form, another one each loop."""
    return f"DE:D0:{kind:02X}:{loop >> 8 & 0xFF:02X}:{loop & 0xFF:02X}:{radio:02X}"


def _broadcaster() -> Drone:
    return Drone(
        serial=BROADCASTER_SERIAL,
        macs={Radio.BLE5: _mac(1, 0)},
        path=(
            Waypoint(at_s=0.0, place=BROADCASTER, height_m=50.0),
            Waypoint(at_s=230.0, place=BROADCASTER, height_m=50.0),
        ),
        operator=offset(BROADCASTER, 60.0, 90.0),
        operator_location=OperatorLocation.TAKEOFF,
        category=EuCategory.SPECIFIC,
        operator_id="NLDdemo000000tv1",
        self_id="TV wedstrijd",
    )


def _inspection() -> Drone:
    """To and fro over the river, then 150 m too far and back."""
    turns = (
        (0, 60),
        (40, 150),
        (80, 0),
        (123, 150),
        (135, 300),
        (147, 450),
        (152, 450),
        (164, 300),
        (176, 150),
        (230, 0),
    )
    return Drone(
        serial=INSPECTION_SERIAL,
        macs={Radio.BLE5: _mac(2, 0)},
        path=tuple(Waypoint(at_s=at, place=offset(AMSTEL, 200.0, far), height_m=40.0) for at, far in turns),
        operator=offset(AMSTEL, 20.0, 40.0),
        category=EuCategory.SPECIFIC,
        operator_id="NLDdemo000000nsp",
        self_id="Inspectie oever",
    )


def _hobby(loop: int) -> Drone:
    flown = (
        *((8, 1200, 0), (13, 1200, 0), (14, 1195, 4), (25, 930, 60), (61, 20, 60)),
        *((150, 20, 60), (188, 960, 60), (199, 1200, 2)),
    )
    path = [Waypoint(at_s=at, place=offset(ARENA, 135.0, far), height_m=high) for at, far, high in flown]
    landed = [Waypoint(at_s=at, place=HOBBY_START, height_m=0.0) for at in (200.0, 212.0)]
    return Drone(
        serial=_serial("HBY", loop % _LOOPS + 1),
        macs={radio: _mac(3, loop, index) for index, radio in enumerate((Radio.BLE4, Radio.BLE5, Radio.WIFI))},
        path=(*path, *landed),
        operator=HOBBY_START,
        eu_class=EuClass.C1,
        operator_id="NLDdemo000000hby",
    )


def _ijburg(loop: int) -> Drone:
    """A round at 80 m, where the Open category may fly."""
    start = offset(IJBURG, 90.0, 100.0)
    path = [Waypoint(at_s=70.0, place=start, height_m=0.0)]
    path += [
        Waypoint(at_s=90.0 + 15.0 * turn, place=offset(IJBURG, 90.0 + 60.0 * turn, 100.0), height_m=80.0)
        for turn in range(9)
    ]
    return Drone(
        serial=_serial("JBR", loop % _LOOPS + 1),
        macs={Radio.BLE5: _mac(4, loop), Radio.WIFI: _mac(4, loop, 1)},
        path=tuple(path),
        operator=start,
        eu_class=EuClass.C0,
        operator_id="NLDdemo000000jbr",
    )


def _ghosts(start_s: float, loop: int) -> tuple[Drone, ...]:
    """Fifteen identities of one transmitter on a roof: one address, counter and loudness, a time that stands still."""
    said_s = start_s + _GHOSTS_AT_S - GHOST_SKEW_S
    return tuple(
        Drone(
            serial=_serial("GHT", (loop % _LOOPS) * GHOSTS + ghost + 1),
            macs={Radio.WIFI: _mac(5, loop)},
            path=(
                Waypoint(at_s=_GHOSTS_AT_S, place=offset(ARENA, 24.0 * ghost, 40.0), height_m=30.0 + ghost),
                Waypoint(
                    at_s=_GHOSTS_AT_S + 25.0, place=offset(ARENA, 24.0 * ghost + 180.0, 100.0), height_m=30.0 + ghost
                ),
            ),
            operator=offset(ARENA, 300.0, 400.0),
            clock=lambda _: said_s,
            rssi_dbm=-71.0,
        )
        for ghost in range(GHOSTS)
    )
