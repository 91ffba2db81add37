"""Signs that a signal may not be what it says (handbook remote-id, spoof signs), over arrays, one row a track.

One sign is no suspicion: honest clocks are skewed, honest Parrots repeat each message nine times, honest pilots are far
away. A track is suspect when signs of two independent families agree, or when one identity is at two places at once.
Distances are flat, at the scale of the track's own frame (motion.py): signs have thresholds of 100 m and more, and a
verdict rests on none of this. A track's first fix makes its frame, so it shows no sign that needs one.

Not here yet: radio range and signal strength against place (signs 5 and 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Source, UaType
from airspace.model.track import Booleans, Remark
from airspace.tracking.columns import State, known

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
LEAPS_FOR_CONFLICT: Final = 2
_MAX_SPEED_OF_TYPE_M_S: Final = np.full(16, MAX_SPEED_M_S)  # by UaType
_MAX_SPEED_OF_TYPE_M_S[[UaType.AEROPLANE, UaType.HYBRID_LIFT, UaType.GLIDER]] = MAX_SPEED_WINGED_M_S

_ADSB: Final = int(Source.ADSB)
_INDEPENDENT_SIGNS: Final = 2
_FAMILIES: Final = (
    Remark.SKEW | Remark.FROZEN_TIME,
    Remark.FROZEN_COUNTER,
    Remark.TOO_FAST,
    Remark.OPERATOR_FAR,
    Remark.SHARED_TRANSMITTER,
)


@dataclass(frozen=True, slots=True)
class Fixes:
    """What a row of each track says of place and time. ``fixed``: it brings a new position."""

    latitude_deg: Numbers
    longitude_deg: Numbers
    said_s: Numbers  # the message's own time
    counter: Numbers
    sensor: Bits
    fixed: Booleans


def remark(block: State, fixes: Fixes) -> None:
    """Add the signs that a row shows, in place; ``block`` still holds the fix before as its latest."""
    _add(block, Remark.SKEW, known(fixes.said_s) & (np.abs(block.skew_s) > MAX_SKEW_S))
    _frozen_time(block, fixes)
    _frozen_counter(block, fixes)
    _jumps(block, fixes)
    away_m2 = _apart_m2(block, block.operator_latitude_deg, block.operator_longitude_deg, fixes)
    _add(block, Remark.OPERATOR_FAR, away_m2 > MAX_OPERATOR_M**2)


def judge(block: State) -> None:
    """Set ``suspect`` from the signs so far, in place."""
    np.take(_SUSPECT, block.remarks, out=block.suspect)


def _is_suspect(remarks: int) -> bool:
    families = sum(bool(remarks & int(family)) for family in _FAMILIES)
    return families >= _INDEPENDENT_SIGNS or bool(remarks & Remark.IDENTITY_CONFLICT)


_SUSPECT: Final = np.array(
    [_is_suspect(remarks) for remarks in range(2 * max(Remark))], dtype=np.int64
)  # by the set of signs


def _frozen_time(block: State, fixes: Fixes) -> None:
    same = fixes.said_s == block.said_time_s
    stood = fixes.fixed & same
    if np.count_nonzero(stood):
        moved_m2 = _apart_m2(block, block.said_latitude_deg, block.said_longitude_deg, fixes)
        _add(block, Remark.FROZEN_TIME, stood & (moved_m2 > FROZEN_AFTER_M**2))
    changed = fixes.fixed & known(fixes.said_s) & ~same
    np.copyto(block.said_latitude_deg, fixes.latitude_deg, where=changed)
    np.copyto(block.said_longitude_deg, fixes.longitude_deg, where=changed)
    np.copyto(block.said_time_s, fixes.said_s, where=changed)


def _frozen_counter(block: State, fixes: Fixes) -> None:
    counted = fixes.fixed & known(fixes.counter)
    if not np.count_nonzero(counted):  # most receivers pass no counter on
        return
    same = fixes.counter == block.counter
    stood = fixes.fixed & same & (block.logged_s - block.counter_since_s > FROZEN_COUNTER_S)
    if np.count_nonzero(stood):
        moved_m2 = _apart_m2(block, block.counter_latitude_deg, block.counter_longitude_deg, fixes)
        _add(block, Remark.FROZEN_COUNTER, stood & (moved_m2 > FROZEN_AFTER_M**2))
    changed = counted & ~same
    np.copyto(block.counter_latitude_deg, fixes.latitude_deg, where=changed)
    np.copyto(block.counter_longitude_deg, fixes.longitude_deg, where=changed)
    np.copyto(block.counter_since_s, block.logged_s, where=changed)
    np.copyto(block.counter, fixes.counter, where=changed)


def _jumps(block: State, fixes: Fixes) -> None:
    way_m2 = _apart_m2(block, block.latitude_deg, block.longitude_deg, fixes)
    jumped = fixes.fixed & (way_m2 > MIN_JUMP_M**2)
    if np.count_nonzero(jumped):
        jumped &= block.source != _ADSB  # aeroplanes with a crew fly as fast as they like
        gap_s = np.maximum(block.gap_s, 0.5)  # half a second: message times come in tenths and lag by a few
        speed2 = way_m2 / (gap_s * gap_s)
        _add(block, Remark.TOO_FAST, jumped & (speed2 > _MAX_SPEED_OF_TYPE_M_S[block.ua_type] ** 2))
        block.leaps += jumped & (way_m2 > LEAP_M**2) & (speed2 > LEAP_M_S**2) & (fixes.sensor != block.last_sensor)
        _add(block, Remark.IDENTITY_CONFLICT, block.leaps >= LEAPS_FOR_CONFLICT)
    np.copyto(block.last_sensor, fixes.sensor, where=fixes.fixed)


def _apart_m2(block: State, latitude_deg: Numbers, longitude_deg: Numbers, fixes: Fixes) -> Numbers:
    """Square of the distance from a place to the fix; NaN before the track has a frame."""
    north_m = (latitude_deg - fixes.latitude_deg) * block.north_m_per_deg
    east_m = (longitude_deg - fixes.longitude_deg) * block.east_m_per_deg
    return north_m * north_m + east_m * east_m


def _add(block: State, sign: Remark, where: Booleans) -> None:
    if np.count_nonzero(where):
        block.remarks |= np.where(where, int(sign), 0)
