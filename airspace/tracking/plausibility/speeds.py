"""How a claim moves: TOO_FAST, SPEED_MISMATCH and GROUND_MOVING, row by row (handbook remote-id, section 6, 2 and 9).

The last two look at a stretch of flight: successive fixes of one track, at most a minute, without a jump and without a
gap, in time as the messages say it. Over a stretch they compare

    off     the straight way from its first fix to its last: position noise is in it twice, however many fixes
    most    the way that the speed field allows, taking the higher speed of each two successive fixes
    way     the way from fix to fix: position noise makes it longer, never shorter
    least   the way that the speed field demands, taking the lower speed of each two

so that a drone that brakes, turns, circles or hovers in noise agrees with itself, and tenths of a second in a message
time cancel out. A margin of more than two jumps' worth of way keeps one bad fix, or two, from deciding.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Source, Status
from airspace.model.track import Booleans, Remark
from airspace.tracking.columns import State
from airspace.tracking.motion import LEAST_GAP_S, LEAST_JUMP_M, most_speed_m_s
from airspace.tracking.plausibility.clocks import MAX_SKEW_S
from airspace.tracking.plausibility.fixes import Fixes, add, apart_m2

STRETCH_S: Final = 60.0
STRETCH_GAP_S: Final = 5.0  # Location comes once a second; every second one may be lost for a while
CHORD_GAP_S: Final = 2.0  # longer and the straight way between two fixes cuts the corners of a tight circle
LEAST_FIXES: Final = 5
MISMATCH_FACTOR: Final = 2.0  # km/h or knots told as m/s are no rounding
MISMATCH_M: Final = 250.0  # two of the longest steps that are no jump (100 m), and 50 m of noise at the ends
GROUND_M: Final = 150.0  # a first fix after power-up settles by tens of metres
GROUND_S: Final = 10.0
_ADSB: Final = int(Source.ADSB)
_GROUND: Final = int(Status.GROUND)


def too_fast(block: State, fixes: Fixes, way_m2: Numbers) -> None:
    """The way between two fixes needs more than its kind of aircraft can fly. ``way_m2``: square of that way."""
    jumped = fixes.fixed & (way_m2 > LEAST_JUMP_M**2)
    if np.count_nonzero(jumped):
        jumped &= block.source != _ADSB  # aeroplanes with a crew fly as fast as they like
        gap_s = np.maximum(block.gap_s, LEAST_GAP_S)
        speed2 = way_m2 / (gap_s * gap_s)
        add(block, Remark.TOO_FAST, jumped & (speed2 > most_speed_m_s(block.ua_type) ** 2))


def stretch(block: State, fixes: Fixes, way_m2: Numbers) -> None:
    """Go on with the stretch of each track that has a new fix, or begin another, and look at it."""
    if fixes.rows is None:
        return
    speed_m_s, fixed = fixes.rows.speed_m_s, fixes.fixed
    ground = fixes.rows.status == _GROUND
    goes_on = fixed & (way_m2 <= LEAST_JUMP_M**2) & (block.gap_s <= STRETCH_GAP_S) & (block.stretch_s < STRETCH_S)
    goes_on &= np.abs(block.skew_s) <= MAX_SKEW_S  # a gap between times of two kinds is not of the flight
    if np.count_nonzero(goes_on):
        _lengthen(block, speed_m_s, way_m2, ground, goes_on)
        _compare(block, fixes, goes_on)
    begins = fixed & ~goes_on
    if np.count_nonzero(begins):
        _begin(block, fixes, ground, begins)
    np.copyto(block.stretch_speed_m_s, speed_m_s, where=fixed)


def _lengthen(block: State, speed_m_s: Numbers, way_m2: Numbers, ground: Booleans, where: Booleans) -> None:
    before, gap_s = block.stretch_speed_m_s, block.gap_s
    most = np.maximum(speed_m_s, before) * gap_s
    short = np.minimum(speed_m_s, before) * gap_s - np.sqrt(way_m2) * MISMATCH_FACTOR
    np.add(block.stretch_s, gap_s, out=block.stretch_s, where=where)
    np.add(block.stretch_most_m, most, out=block.stretch_most_m, where=where)
    np.add(block.stretch_short_m, short, out=block.stretch_short_m, where=where & (gap_s <= CHORD_GAP_S))
    block.stretch_fixes += where
    if np.count_nonzero(block.stretch_ground):
        block.stretch_ground &= ground | ~where


def _begin(block: State, fixes: Fixes, ground: Booleans, where: Booleans) -> None:
    np.copyto(block.stretch_latitude_deg, fixes.latitude_deg, where=where)
    np.copyto(block.stretch_longitude_deg, fixes.longitude_deg, where=where)
    for column in (block.stretch_s, block.stretch_most_m, block.stretch_short_m, block.stretch_fixes):
        column[where] = 0
    np.copyto(block.stretch_ground, ground, where=where)


def _compare(block: State, fixes: Fixes, where: Booleans) -> None:
    off_m2 = apart_m2(block, block.stretch_latitude_deg, block.stretch_longitude_deg, fixes)
    short = block.stretch_short_m > MISMATCH_M
    away = off_m2 > GROUND_M**2
    if not (np.count_nonzero(short) or np.count_nonzero(away)):
        return
    where = where & (block.stretch_fixes >= LEAST_FIXES) & (block.source != _ADSB)
    far = np.sqrt(off_m2) > MISMATCH_FACTOR * block.stretch_most_m + MISMATCH_M
    add(block, Remark.SPEED_MISMATCH, where & (short | far))
    if np.count_nonzero(block.stretch_ground):
        rolls = (block.stretch_ground != 0) & (block.stretch_s >= GROUND_S)
        add(block, Remark.GROUND_MOVING, where & away & rolls)
