"""Constant-velocity Kalman filter over arrays, one row a track.

State (x, y, vx, vy) in metres east and north of the track's anchor. Position noise is the same on both axes, so both
share one 2x2 covariance (pxx, pxv, pvv) and every line below is element by element:

    predict   x += v dt         P = F P F' + Q,   Q = q [[dt^3/3, dt^2/2], [dt^2/2, dt]]   (white acceleration noise)
    update    K = [pxx, pxv] / (pxx + r)          x += K0 (z - x)   v += K1 (z - x)        P = (I - K H) P

Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation (2001), 6.2.2. Heights have a
filter of their own: vertical.py.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, UaType
from airspace.model.geodesy import metres_per_degree, turned
from airspace.model.track import Booleans
from airspace.tracking.columns import known
from airspace.tracking.kinematics import Kinematics

ACCELERATION_NOISE_M2_S3: Final = 4.0  # a multirotor turning or braking at 2 m/s2 for about a second
UNKNOWN_ACCURACY_M: Final = 30.0  # 95 % bound taken for a position that states none (handbook rules, trap 10)
FIRST_SPEED_SIGMA_M_S: Final = 15.0  # before the second fix any speed up to about 30 m/s is likely
MAX_GAP_S: Final = 60.0  # after a longer silence the velocity says nothing any more
GATE_SIGMAS: Final = 10.0  # an innovation beyond this is a jump, not motion: the filter starts again
MAX_FRAME_M: Final = 50_000.0  # how far the flat frame reaches from its anchor
KNOWN_SPEED_SIGMA_M_S: Final = 10.0  # a velocity less sure than this is not told: one fix says nothing of it
MAX_SPEED_M_S: Final = 60.0  # above any multirotor
MAX_SPEED_WINGED_M_S: Final = 120.0  # small aeroplanes and hybrids
LEAST_JUMP_M: Final = 100.0  # below this a jump is position error
LEAST_GAP_S: Final = 0.5  # message times come in tenths and lag by a few
_MAX_SPEED_OF_TYPE_M_S: Final = np.full(16, MAX_SPEED_M_S)  # by UaType
_MAX_SPEED_OF_TYPE_M_S[[UaType.AEROPLANE, UaType.HYBRID_LIFT, UaType.GLIDER]] = MAX_SPEED_WINGED_M_S


def observe(
    block: Kinematics, latitude_deg: Numbers, longitude_deg: Numbers, sigma_m: Numbers, fixed: Booleans
) -> None:
    """Move the filter of the tracks that have a new fix, in place.

    ``block.gap_s`` is the time since the fix before. A first fix, a jump or a long silence starts the filter anew.
    """
    dt = block.gap_s
    x, y = _local(block, latitude_deg, longitude_deg)
    predicted = _predict(block, dt)
    dx, dy, total = x - predicted[0], y - predicted[1], predicted[4] + sigma_m * sigma_m
    follows = (dt <= MAX_GAP_S) & (dx * dx + dy * dy <= GATE_SIGMAS**2 * total)
    follows &= np.maximum(np.abs(x), np.abs(y)) < MAX_FRAME_M
    _update(block, predicted, dx, dy, total, fixed & follows)
    _start(block, latitude_deg, longitude_deg, sigma_m, fixed & ~follows)
    np.sqrt(block.pxx_m2, out=block.position_sigma_m)
    np.sqrt(block.pvv_m2_s2, out=block.speed_sigma_m_s)


def predicted(
    block: Kinematics, time_s: Numbers, latitude_deg: Numbers, longitude_deg: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """(metres north, metres east, variance on an axis in m2) of places from where the tracks would be at a time."""
    dt = time_s - block.fix_time_s
    x, y = _local(block, latitude_deg, longitude_deg)
    px, py, _, _, pxx, _, _ = _predict(block, dt)
    return y - py, x - px, pxx


def sigma_m(horizontal_accuracy_m: Numbers) -> Numbers:
    """One standard deviation on an axis from the 95 % bound that a message states (half of it)."""
    return np.where(known(horizontal_accuracy_m), horizontal_accuracy_m, UNKNOWN_ACCURACY_M) / 2.0


def speed_and_track(block: Kinematics) -> tuple[Numbers, Numbers]:
    """Filtered speed (m/s) and course over ground (degrees from north); NaN while they are not known."""
    speed = np.where(block.speed_sigma_m_s < KNOWN_SPEED_SIGMA_M_S, np.hypot(block.vx_m_s, block.vy_m_s), np.nan)
    return speed, np.where(known(speed), np.degrees(np.arctan2(block.vx_m_s, block.vy_m_s)) % 360.0, np.nan)


def most_speed_m_s(ua_type: Bits) -> Numbers:
    """What no aircraft of a kind exceeds."""
    return _MAX_SPEED_OF_TYPE_M_S[ua_type]


def _local(block: Kinematics, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
    x = turned(longitude_deg - block.anchor_longitude_deg) * block.east_m_per_deg
    y = (latitude_deg - block.anchor_latitude_deg) * block.north_m_per_deg
    return x, y


def _predict(block: Kinematics, dt: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers]:
    q = ACCELERATION_NOISE_M2_S3
    noise = q * dt
    moved = noise * dt
    spread = dt * block.pvv_m2_s2
    pxx = block.pxx_m2 + dt * (2.0 * block.pxv_m2_s + spread + moved / 3.0)
    pxv = block.pxv_m2_s + spread + moved / 2.0
    pvv = block.pvv_m2_s2 + noise
    x = block.x_m + dt * block.vx_m_s
    y = block.y_m + dt * block.vy_m_s
    return x, y, block.vx_m_s, block.vy_m_s, pxx, pxv, pvv


def _update(
    block: Kinematics, predicted: tuple[Numbers, ...], dx: Numbers, dy: Numbers, total: Numbers, where: Booleans
) -> None:
    px, py, vx, vy, pxx, pxv, pvv = predicted
    gain_x, gain_v = pxx / total, pxv / total
    kept = 1.0 - gain_x
    for column, value in (
        (block.x_m, px + gain_x * dx),
        (block.y_m, py + gain_x * dy),
        (block.vx_m_s, vx + gain_v * dx),
        (block.vy_m_s, vy + gain_v * dy),
        (block.pxx_m2, kept * pxx),
        (block.pxv_m2_s, kept * pxv),
        (block.pvv_m2_s2, pvv - gain_v * pxv),
    ):
        np.copyto(column, value, where=where)


def _start(block: Kinematics, latitude_deg: Numbers, longitude_deg: Numbers, sigma: Numbers, where: Booleans) -> None:
    if not np.count_nonzero(where):
        return
    north, east = metres_per_degree(latitude_deg)
    for column, value in (
        (block.anchor_latitude_deg, latitude_deg),
        (block.anchor_longitude_deg, longitude_deg),
        (block.north_m_per_deg, north),
        (block.east_m_per_deg, east),
        (block.pxx_m2, sigma * sigma),
    ):
        np.copyto(column, value, where=where)
    for column in (block.x_m, block.y_m, block.vx_m_s, block.vy_m_s, block.pxv_m2_s):
        column[where] = 0.0
    block.pvv_m2_s2[where] = FIRST_SPEED_SIGMA_M_S**2
