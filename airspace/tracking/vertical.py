"""Vertical channel: a constant-velocity filter of its own over arrays, one row a track.

State (z, w): height and climb rate with covariance (pzz, pzw, pww); predict and update as in motion.py with one axis
(Bar-Shalom, Li, Kirubarajan 2001, 6.2.2). Apart from the plane because heights have other sensors, other errors and
often another datum: the filter follows one of the heights that a message may state (``ZKind``), in the order in which
they are good for climb rates, and starts anew when that one changes. The reported heights stand as they are: the filter
is there for the climb rate of drones whose messages give none, and works for these alone.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Numbers
from airspace.model.track import Booleans
from airspace.tracking.columns import State, known
from airspace.tracking.motion import MAX_GAP_S

CLIMB_NOISE_M2_S3: Final = 1.0  # a multirotor starting or ending a climb at 1 m/s2 for about a second
UNKNOWN_ACCURACY_M: Final = (
    20.0  # 95 % bound taken for a height that states none: twice what a barometer drifts in an hour
)
FIRST_CLIMB_SIGMA_M_S: Final = 5.0
KNOWN_CLIMB_SIGMA_M_S: Final = 3.0  # a climb rate less sure than this is not told
GATE_SIGMAS: Final = 10.0


class ZKind(IntEnum):
    """Which of the heights is followed."""

    NONE = 0
    TAKEOFF = 1  # over take-off or ground: the one that EU drones must state
    WGS84 = 2
    PRESSURE = 3


_KIND_WGS84: Final = int(ZKind.WGS84)
_KIND_PRESSURE: Final = int(ZKind.PRESSURE)


def observe(block: State, rows: Detections, time_s: Numbers, fixed: Booleans) -> None:
    """Move the filter of the tracks whose new fix states a height and no climb rate, in place."""
    silent = fixed & ~known(rows.vertical_speed_m_s)
    if not np.count_nonzero(silent):
        return
    z, kind = _height(rows)
    seen = silent & (kind != 0)
    sigma = np.where(known(rows.vertical_accuracy_m), rows.vertical_accuracy_m, UNKNOWN_ACCURACY_M) / 2.0
    r = sigma * sigma
    dt = time_s - block.z_time_s
    noise = CLIMB_NOISE_M2_S3 * dt
    spread = dt * block.pww_m2_s2
    pzz = block.pzz_m2 + dt * (2.0 * block.pzw_m2_s + spread + noise * dt / 3.0)
    pzw = block.pzw_m2_s + spread + noise * dt / 2.0
    innovation = z - block.z_m - dt * block.vz_m_s
    total = pzz + r
    follows = seen & (kind == block.z_kind) & (dt <= MAX_GAP_S) & (innovation**2 <= GATE_SIGMAS**2 * total)
    gain, gain_w = pzz / total, pzw / total
    for column, value in (
        (block.z_m, z - (1.0 - gain) * innovation),
        (block.vz_m_s, block.vz_m_s + gain_w * innovation),
        (block.pww_m2_s2, block.pww_m2_s2 + noise - gain_w * pzw),
        (block.pzz_m2, (1.0 - gain) * pzz),
        (block.pzw_m2_s, (1.0 - gain) * pzw),
    ):
        np.copyto(column, value, where=follows)
    np.copyto(block.z_time_s, time_s, where=seen)
    starts = seen & ~follows
    if np.count_nonzero(starts):
        _start(block, z, r, kind, starts)


def climb(block: State, located: Booleans) -> None:
    """Fill in the climb rate where a Location message gives none and the filter knows it, in place."""
    unsaid = located & ~known(block.vertical_speed_m_s)
    if np.count_nonzero(unsaid):
        unsaid &= block.pww_m2_s2 < KNOWN_CLIMB_SIGMA_M_S**2
        np.copyto(block.vertical_speed_m_s, block.vz_m_s, where=unsaid)


def _height(rows: Detections) -> tuple[Numbers, Bits]:
    """The height to follow and its kind."""
    z = rows.height_m
    kind = known(z).astype(np.int64)
    if np.count_nonzero(kind) < len(kind):
        for other, code in ((rows.altitude_wgs84_m, _KIND_WGS84), (rows.altitude_pressure_m, _KIND_PRESSURE)):
            instead = (kind == 0) & known(other)
            z, kind = np.where(instead, other, z), np.where(instead, code, kind)
    return z, kind


def _start(block: State, z: Numbers, r: Numbers, kind: Bits, where: Booleans) -> None:
    np.copyto(block.z_m, z, where=where)
    np.copyto(block.pzz_m2, r, where=where)
    np.copyto(block.z_kind, kind, where=where)
    block.vz_m_s[where] = 0.0
    block.pzw_m2_s[where] = 0.0
    block.pww_m2_s2[where] = FIRST_CLIMB_SIGMA_M_S**2
