"""Constant-velocity Kalman filter with a full 4x4 covariance, over arrays, one column a track.

A block is a matrix of 14 rows: the mean x, y, u, v (metres east and north of the track's anchor, metres a second) and
the ten different entries of the symmetric covariance, those of place, of place with speed, and of speed. Rows of one
quantity are contiguous, and what is done alike to several is done to all of them at once: with a hundred tracks the
number of calls is the cost. What is stored once cannot lose its symmetry.

    predict   F P F' + Q,  Q = q [[dt^3/3, dt^2/2], [dt^2/2, dt]] on each axis   (white acceleration noise)
    update    K = P H' S^-1,  P - K H P

Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation (2001), 6.2.2 and 5.2.3.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers

ROWS: Final = 14
PLACE: Final = slice(4, 7)  # xx, xy, yy
SPEED: Final = slice(11, 14)  # uu, uv, vv
_XX, _XY, _YY, _XU, _XV, _YV, _YU, _UU, _UV, _VV = range(4, 14)
_CROSS: Final = slice(7, 10)  # xu, xv, yv; then yu
_OF_PLACES: Final = slice(4, 7, 2)  # xx, yy
_OF_BOTH: Final = slice(7, 10, 2)  # xu, yv
_OF_SPEEDS: Final = slice(11, 14, 2)  # uu, vv
_WITH: Final = np.array([[_XX, _XY, _XU, _XV], [_XY, _YY, _YU, _YV]])  # with x, with y: of x, y, u, v
_FIRST: Final = np.array([0, 0, 1, 0, 0, 1, 1, 2, 2, 3])  # of the ten entries, in their order
_SECOND: Final = np.array([0, 1, 1, 2, 3, 3, 2, 2, 3, 3])
_DENSE: Final = np.array([[0, 1, 3, 4], [1, 2, 6, 5], [3, 6, 7, 8], [4, 5, 8, 9]])


def started(noise_m2: Numbers, speed_sigma_m_s: float) -> Numbers:
    """Tracks at their anchors with the uncertainty of a first fix (xx, xy, yy: shape (3, n)), speed unknown."""
    block = np.zeros((ROWS, noise_m2.shape[1]))
    block[PLACE] = noise_m2
    block[_OF_SPEEDS] = speed_sigma_m_s * speed_sigma_m_s
    return block


def shift(block: Numbers, dt: Numbers) -> None:
    """Move along the present velocity, in place, without any noise: ``shift`` by -dt takes it back."""
    where, place, cross, cross_yu = block[:2], block[PLACE], block[_CROSS], block[_YU]
    where += dt * block[2:4]
    more = dt * block[SPEED]
    both = cross.copy()
    cross += more
    both += cross
    np.add(cross[1], cross_yu, out=both[1])  # xv and yu, one after and one before
    both *= dt
    place += both
    cross_yu += more[1]


def predict(block: Numbers, dt: Numbers, q_m2_s3: float) -> None:
    """The same with the noise of the time between, in place; where dt is negative there is none."""
    shift(block, dt)
    of_places, of_both, of_speeds = block[_OF_PLACES], block[_OF_BOTH], block[_OF_SPEEDS]
    speed = q_m2_s3 * np.maximum(dt, 0.0)
    of_speeds += speed
    speed *= dt
    speed /= 2.0
    of_both += speed
    speed *= dt
    speed *= 2.0 / 3.0
    of_places += speed


def update(block: Numbers, apart_m: Numbers, total_m2: Numbers) -> None:
    """Take a fix of the place in, in place: fix less prediction (2, n), and its covariance (xx, xy, yy: (3, n))."""
    s_xx, s_xy, s_yy = total_m2
    determinant = s_xx * s_yy
    determinant -= s_xy * s_xy
    with_ = block.take(_WITH, axis=0)
    gain = with_ * total_m2[::-2, np.newaxis]
    gain -= with_[::-1] * s_xy
    gain /= determinant
    mean, covariance = block[:4], block[4:]
    by_x, by_y = gain * apart_m[:, np.newaxis]
    mean += by_x
    mean += by_y
    less = gain.take(_FIRST, axis=1)
    less *= with_.take(_SECOND, axis=1)
    covariance -= less[0]
    covariance -= less[1]


def update_along(block: Numbers, h_x: Numbers, h_y: Numbers, innovation: Numbers, variance: Numbers) -> None:
    """Take one number in that depends on the place by h, in place (a bearing, made linear)."""
    with_x, with_y = block[_WITH]
    with_h = with_x * h_x + with_y * h_y
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
