"""Constant-velocity Kalman filter with a full 4x4 covariance, over arrays, one column a track.

A block is a matrix of 14 rows: the mean x, y, u, v (metres east and north of the track's anchor, metres a second) and
the ten different entries of the symmetric covariance. Rows of one quantity are contiguous, so every line is element by
element; products of (n, 4, 4) arrays take several times as long, and what is stored once cannot lose its symmetry.

    predict   F P F' + Q,  Q = q [[dt^3/3, dt^2/2], [dt^2/2, dt]] on each axis   (white acceleration noise)
    update    K = P H' S^-1,  P - K H P

Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation (2001), 6.2.2 and 5.2.3.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers

ROWS: Final = 14
_XX, _XY, _XU, _XV, _YY, _YU, _YV, _UU, _UV, _VV = range(4, 14)
_WITH_X: Final = np.array([_XX, _XY, _XU, _XV])
_WITH_Y: Final = np.array([_XY, _YY, _YU, _YV])
_FIRST: Final = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3])  # of the ten entries, in their order
_SECOND: Final = np.array([0, 1, 2, 3, 1, 2, 3, 2, 3, 3])
_DENSE: Final = np.array([[0, 1, 2, 3], [1, 4, 5, 6], [2, 5, 7, 8], [3, 6, 8, 9]])


def started(noise_m2: Numbers, speed_sigma_m_s: float) -> Numbers:
    """Tracks at their anchors with the uncertainty of a first fix, ``noise_m2`` of shape (n, 2, 2), speed unknown."""
    block = np.zeros((ROWS, len(noise_m2)))
    block[_XX] = noise_m2[:, 0, 0]
    block[_XY] = noise_m2[:, 0, 1]
    block[_YY] = noise_m2[:, 1, 1]
    block[_UU] = block[_VV] = speed_sigma_m_s * speed_sigma_m_s
    return block


def shift(block: Numbers, dt: Numbers) -> None:
    """Move along the present velocity, in place, without any noise: ``shift`` by -dt takes it back."""
    x, y, u, v, xx, xy, xu, xv, yy, yu, yv, uu, uv, vv = block
    x += dt * u
    y += dt * v
    xx += dt * (2.0 * xu + dt * uu)
    xy += dt * (xv + yu + dt * uv)
    yy += dt * (2.0 * yv + dt * vv)
    xu += dt * uu
    xv += dt * uv
    yu += dt * uv
    yv += dt * vv


def predict(block: Numbers, dt: Numbers, q_m2_s3: float) -> None:
    """The same with the noise of the time between, in place; dt is not negative."""
    shift(block, dt)
    speed = q_m2_s3 * dt
    both = speed * dt / 2.0
    place = both * dt * (2.0 / 3.0)
    block[_XX] += place
    block[_YY] += place
    block[_XU] += both
    block[_YV] += both
    block[_UU] += speed
    block[_VV] += speed


def place(block: Numbers, dt: Numbers, q_m2_s3: float) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """x, y, xx, xy, yy after dt, or before: the doubt grows with the time between either way."""
    x, y, u, v, xx, xy, xu, xv, yy, yu, yv, uu, uv, vv = block
    noise = (q_m2_s3 / 3.0) * np.abs(dt) * dt * dt
    return (
        x + dt * u,
        y + dt * v,
        xx + dt * (2.0 * xu + dt * uu) + noise,
        xy + dt * (xv + yu + dt * uv),
        yy + dt * (2.0 * yv + dt * vv) + noise,
    )


def update(block: Numbers, dx: Numbers, dy: Numbers, r_xx: Numbers, r_xy: Numbers, r_yy: Numbers) -> None:
    """Take a fix of the place in, in place; dx, dy is fix less prediction, r its covariance."""
    s_xx, s_xy, s_yy = block[_XX] + r_xx, block[_XY] + r_xy, block[_YY] + r_yy
    scale = 1.0 / (s_xx * s_yy - s_xy * s_xy)
    with_x, with_y = block[_WITH_X], block[_WITH_Y]
    gain_x = (with_x * s_yy - with_y * s_xy) * scale
    gain_y = (with_y * s_xx - with_x * s_xy) * scale
    block[:4] += gain_x * dx + gain_y * dy
    block[4:] -= gain_x[_FIRST] * with_x[_SECOND] + gain_y[_FIRST] * with_y[_SECOND]


def update_along(block: Numbers, h_x: Numbers, h_y: Numbers, innovation: Numbers, variance: Numbers) -> None:
    """Take one number in that depends on the place by h, in place (a bearing, made linear)."""
    with_h = block[_WITH_X] * h_x + block[_WITH_Y] * h_y
    gain = with_h / (h_x * with_h[0] + h_y * with_h[1] + variance)
    block[:4] += gain * innovation
    block[4:] -= gain[_FIRST] * with_h[_SECOND]


def rescale(block: Numbers, east: Numbers, north: Numbers) -> None:
    """The same tracks in a frame whose metres are longer or shorter by these factors, in place."""
    factors = np.stack((east, north, east, north))
    block[:4] *= factors
    block[4:] *= factors[_FIRST] * factors[_SECOND]


def dense(block: Numbers) -> Numbers:
    """The covariances as (n, 4, 4)."""
    return np.ascontiguousarray(np.moveaxis(block[4:][_DENSE], 2, 0))
