"""Signs that a signal may not be what it says (handbook remote-id, spoof signs), over arrays, one row a track.

One sign is no suspicion: honest clocks are skewed, honest Parrots repeat each message nine times, honest pilots are far
away. A track is suspect when signs of two independent families agree, or when one identity is at two places at once.
Not here yet: radio range and signal strength against place (signs 5 and 6).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, UaType
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans, Remark
from airspace.tracking.columns import State, keep_latest, known

MAX_SKEW_S: Final = 5.0  # honest skews are 0.3 to 1.8 s, the replayed capture's 1,858 s
FROZEN_AFTER_M: Final = 100.0  # one fix a second at 60 m/s is 60 m: more under one message time is no late clock
FROZEN_COUNTER_S: Final = (
    10.0  # a counter need not change with unchanged content, but content that moves is not unchanged
)
MAX_SPEED_M_S: Final = 60.0  # above any multirotor
MAX_SPEED_WINGED_M_S: Final = 120.0  # small aeroplanes and hybrids
MIN_JUMP_M: Final = 100.0  # below this a jump is position error
MAX_OPERATOR_M: Final = 15_000.0  # beyond any control link without a relay
LEAP_M: Final = 1_000.0
LEAP_M_S: Final = 300.0
LEAPS_FOR_TWO_PLACES: Final = 2
_MAX_SPEED_OF_TYPE_M_S: Final = np.full(16, MAX_SPEED_M_S)  # by UaType
_MAX_SPEED_OF_TYPE_M_S[[UaType.AEROPLANE, UaType.HYBRID_LIFT, UaType.GLIDER]] = MAX_SPEED_WINGED_M_S

_INDEPENDENT_SIGNS: Final = 2
_FAMILIES: Final = (
    Remark.SKEW | Remark.FROZEN_TIME,
    Remark.FROZEN_COUNTER,
    Remark.TOO_FAST,
    Remark.OPERATOR_FAR,
    Remark.SHARED_TRANSMITTER,
)


def remark(
    block: State,
    *,
    said_s: Numbers,
    counter: Numbers,
    sensor: Bits,
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    fixed: Booleans,
) -> None:
    """Add the signs that a row shows, in place; ``block`` still holds the fix before as its latest.

    ``said_s`` is the message's own time, ``fixed`` where the row brings a new position.
    """
    north, east = metres_per_degree(latitude_deg)
    with np.errstate(invalid="ignore"):
        _add(block, Remark.SKEW, known(said_s) & (np.abs(block.skew_s) > MAX_SKEW_S))
        _frozen_time(block, said_s, latitude_deg, longitude_deg, north, east, fixed)
        _frozen_counter(block, counter, latitude_deg, longitude_deg, north, east, fixed)
        _jumps(block, sensor, latitude_deg, longitude_deg, north, east, fixed)
        away = _apart_m(
            block.operator_latitude_deg, block.operator_longitude_deg, latitude_deg, longitude_deg, north, east
        )
        _add(block, Remark.OPERATOR_FAR, away > MAX_OPERATOR_M)


def judge(block: State) -> None:
    """Set ``suspect`` from the signs so far, in place."""
    block.suspect[:] = _SUSPECT[block.remarks]


def _is_suspect(remarks: int) -> bool:
    families = sum(bool(remarks & int(family)) for family in _FAMILIES)
    return families >= _INDEPENDENT_SIGNS or bool(remarks & Remark.TWO_PLACES)


_SUSPECT: Final = np.array([_is_suspect(remarks) for remarks in range(256)], dtype=np.int64)  # by the set of signs


def _frozen_time(
    block: State,
    said_s: Numbers,
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    north: Numbers,
    east: Numbers,
    fixed: Booleans,
) -> None:
    moved = _apart_m(block.said_latitude_deg, block.said_longitude_deg, latitude_deg, longitude_deg, north, east)
    same = said_s == block.said_time_s
    _add(block, Remark.FROZEN_TIME, fixed & same & (moved > FROZEN_AFTER_M))
    changed = fixed & known(said_s) & ~same
    np.copyto(block.said_latitude_deg, latitude_deg, where=changed)
    np.copyto(block.said_longitude_deg, longitude_deg, where=changed)
    np.copyto(block.said_time_s, said_s, where=changed)


def _frozen_counter(
    block: State,
    counter: Numbers,
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    north: Numbers,
    east: Numbers,
    fixed: Booleans,
) -> None:
    moved = _apart_m(block.counter_latitude_deg, block.counter_longitude_deg, latitude_deg, longitude_deg, north, east)
    same = counter == block.counter
    stood_s = block.logged_s - block.counter_since_s
    _add(block, Remark.FROZEN_COUNTER, fixed & same & (moved > FROZEN_AFTER_M) & (stood_s > FROZEN_COUNTER_S))
    changed = fixed & known(counter) & ~same
    np.copyto(block.counter_latitude_deg, latitude_deg, where=changed)
    np.copyto(block.counter_longitude_deg, longitude_deg, where=changed)
    np.copyto(block.counter_since_s, block.logged_s, where=changed)
    keep_latest(block.counter, np.where(changed, counter, np.nan))


def _jumps(
    block: State,
    sensor: Bits,
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    north: Numbers,
    east: Numbers,
    fixed: Booleans,
) -> None:
    way_m = _apart_m(block.latitude_deg, block.longitude_deg, latitude_deg, longitude_deg, north, east)
    speed = way_m / np.maximum(block.gap_s, 0.5)  # half a second: message times come in tenths and lag by a few
    limit = _MAX_SPEED_OF_TYPE_M_S[block.ua_type]
    _add(block, Remark.TOO_FAST, fixed & (way_m > MIN_JUMP_M) & (speed > limit))
    leap = fixed & (way_m > LEAP_M) & (speed > LEAP_M_S) & (sensor != block.last_sensor)
    block.leaps += leap
    _add(block, Remark.TWO_PLACES, block.leaps >= LEAPS_FOR_TWO_PLACES)
    np.copyto(block.last_sensor, sensor, where=fixed)


def _apart_m(
    latitude_a_deg: Numbers,
    longitude_a_deg: Numbers,
    latitude_b_deg: Numbers,
    longitude_b_deg: Numbers,
    north: Numbers,
    east: Numbers,
) -> Numbers:
    """Flat distance at b's scale: signs have thresholds of 100 m and more, a verdict rests on none of this."""
    return np.hypot((latitude_a_deg - latitude_b_deg) * north, (longitude_a_deg - longitude_b_deg) * east)


def _add(block: State, sign: Remark, where: Booleans) -> None:
    block.remarks |= np.where(where, int(sign), 0)
