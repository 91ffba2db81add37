"""Covariances of a place and the ellipses drawn of them.

An ellipse is of 95 %: its semi-axes are the standard deviations along its axes times the root of 5.991 (chi-square, two
degrees of freedom); its direction that of the major axis, clockwise from true north, from 0 to 180 degrees.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers

CHI2_95: Final = 5.991464547107979


def axes(xx: Numbers, xy: Numbers, yy: Numbers) -> tuple[Numbers, Numbers]:
    """Variances along the major and the minor axis."""
    middle, half = (xx + yy) / 2.0, np.hypot((xx - yy) / 2.0, xy)
    return middle + half, np.maximum(middle - half, 0.0)


def ellipses(xx: Numbers, xy: Numbers, yy: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Semi-axes in metres and direction in degrees of covariances east and north."""
    major, minor = axes(xx, xy, yy)
    direction_deg = np.degrees(np.arctan2(2.0 * xy, yy - xx) / 2.0) % 180.0
    return np.sqrt(CHI2_95 * major), np.sqrt(CHI2_95 * minor), direction_deg


def noise_of(major_m: Numbers, minor_m: Numbers, direction_deg: Numbers) -> Numbers:
    """Covariances (n, 2, 2) east and north, in square metres, of ellipses."""
    major, minor = np.square(major_m) / CHI2_95, np.square(minor_m) / CHI2_95
    sine, cosine = np.sin(np.radians(direction_deg)), np.cos(np.radians(direction_deg))
    noise = np.empty((*np.shape(major), 2, 2))
    noise[..., 0, 0] = major * sine * sine + minor * cosine * cosine
    noise[..., 0, 1] = noise[..., 1, 0] = (major - minor) * sine * cosine
    noise[..., 1, 1] = major * cosine * cosine + minor * sine * sine
    return noise
