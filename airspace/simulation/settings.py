"""What a simulated scene holds, and settings ready made: from one drone to two hundred, sparse to dense."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from airspace.model.units import epoch_s

CENTRE: Final = (52.3144, 4.9419)  # latitude, longitude: over the city that the demo plays in
START_S: Final = epoch_s("2026-05-01T18:30:00Z")  # a whole second
GROUND_WGS84_M: Final = 41.0  # about 2 m below sea level; the geoid lies 43 m above the ellipsoid here
SWARM: Final = 15  # ghosts: as many as were once seen with one sequence number


class Kind(IntEnum):
    """What stands behind the signals of an aircraft."""

    REAL = 1  # it is there and sends Remote ID
    SILENT = 2  # it is there and sends none: only its control link is heard
    GHOST = 3  # it is not there


class Spoof(IntEnum):
    """How a ghost is made; a real or silent aircraft has none."""

    NONE = 0
    STATIC = 1  # message time and counter stand still while the place moves
    REPLAYED = 2  # a capture of some minutes ago, sent again from a roof
    SWARM = 3  # many serials, many addresses, one counter for all, a clock that was never set
    ONE_ADDRESS = 4  # many serials out of one address, a clock that was never set
    RELAYED = 5  # the serial of a real drone at a second place


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How many of what, how good, where and when. Sigmas are one standard deviation, shares 0 to 1."""

    aircraft: int = 10  # with Remote ID
    silent: int = 0  # without
    static: int = 0  # ghosts, by how they are made
    replayed: int = 0
    swarm: int = 0
    one_address: int = 0
    relayed: int = 0  # at most as many as aircraft

    length_s: int = 120
    start_s: float = START_S  # a whole second
    latitude_deg: float = CENTRE[0]
    longitude_deg: float = CENTRE[1]
    radius_m: float = 2500.0  # in which they fly
    winged_share: float = 0.15
    flying_share: float = 0.5  # in the air when the scene begins; the others take off in it
    landing_share: float = 0.4  # land in it

    receivers: int = 4
    finders: int = 0  # direction finders
    locators: int = 0  # RF sensors that give a place
    loss_share: float = 0.1  # of the messages that are loud enough
    repeat_share: float = 0.1  # of the messages: sent once more, unchanged
    late_share: float = 0.02  # of the reports: delivered late
    late_s: float = 6.0  # at most
    rotating_share: float = 0.2  # of the drones: take new addresses from time to time
    rotation_s: float = 45.0
    drone_skew_s: float = 0.8  # how far a drone's clock is behind, at most
    receiver_skew_s: float = 0.1  # sigma of a receiver's clock

    bearing_sigma_deg: float = 2.0
    bearing_bias_deg: float = 0.5  # sigma of each finder's own error
    position_sigma_m: float = 30.0  # of a locator at 1 km, across; half of it along
    miss_share: float = 0.1  # of what an RF sensor could measure
    clutter_per_scan: float = 0.05  # false measurements of each RF sensor a second


PRESETS: Final[dict[str, Settings]] = {
    "one": Settings(aircraft=1, receivers=2),
    "few": Settings(aircraft=5),
    "city": Settings(aircraft=50, radius_m=3500.0, receivers=6),
    "dense": Settings(aircraft=200, radius_m=2000.0),
    "sparse": Settings(aircraft=20, radius_m=6000.0, receivers=8),
    "swarm": Settings(aircraft=5, swarm=SWARM),
    "spoofers": Settings(aircraft=8, static=1, replayed=1, relayed=1, one_address=SWARM),
    "unidentified": Settings(aircraft=5, silent=5, finders=3, locators=1),
}

SEEDS: Final = 100  # the spread of ``settings_for`` repeats itself after so many
MOST_AIRCRAFT: Final = 200
_DENSITIES_PER_KM2: Final = (0.5, 2.0, 10.0)
_RADII_M: Final = (800.0, 6000.0)
_RECEIVER_KM2: Final = 6.0  # one receiver for so much area
_RECEIVERS: Final = (3, 12)


def settings_for(seed: int) -> Settings:
    """A spread over a hundred seeds: one aircraft to two hundred, sparse to dense, Remote ID alone.

    Others are had from it: ``dataclasses.replace(settings_for(seed), silent=5, finders=3)``.
    """
    step = seed % SEEDS
    aircraft = round(MOST_AIRCRAFT ** (step / (SEEDS - 1)))
    density = _DENSITIES_PER_KM2[step % len(_DENSITIES_PER_KM2)]
    radius_m = min(_RADII_M[1], max(_RADII_M[0], 1000.0 * math.sqrt(aircraft / density / math.pi)))
    area_km2 = math.pi * (radius_m / 1000.0) ** 2
    receivers = min(_RECEIVERS[1], max(_RECEIVERS[0], round(area_km2 / _RECEIVER_KM2)))
    return replace(PRESETS["few"], aircraft=aircraft, radius_m=radius_m, receivers=receivers)
