"""The filters of the benchmark of interacting models: one model is a Kalman filter, several are an IMM; over arrays.

Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation (2001), 11.6 and 11.7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking import motion


class Model(NamedTuple):
    """Constant speed, a turn (0: straight) and white acceleration noise."""

    turn_rad_s: float
    noise_m2_s3: float
    stays_s: float = np.inf  # mean time until another model takes over


class Estimate(NamedTuple):
    """Of n aircraft."""

    mean: Numbers  # (n, 4)
    covariance: Numbers  # (n, 4, 4)


class Interacting:
    """n aircraft under K models: a cycle of 11.6.6. One model is a Kalman filter."""

    def __init__(self, n: int, models: tuple[Model, ...], sigma_m: float) -> None:
        k = len(models)
        self._turn, self._noise, stays_s = (np.array(values) for values in zip(*models, strict=True))
        self._leaves_per_s = 1.0 / stays_s
        self._goes_to = (1.0 - np.eye(k)) / max(1, k - 1)
        self.r = np.eye(2) * sigma_m**2
        self._mean, self._covariance = np.zeros((n, k, 4)), np.zeros((n, k, 4, 4))
        self._weight = np.full((n, k), 1.0 / k)

    def start(self, rows: Booleans, xy: Numbers) -> None:
        """Those heard for the first time."""
        self._mean[rows] = np.concatenate((xy[rows], np.zeros_like(xy[rows])), axis=-1)[:, None]
        first2 = motion.FIRST_SPEED_SIGMA_M_S**2
        self._covariance[rows] = np.diag((self.r[0, 0], self.r[0, 0], first2, first2))

    def fix(self, rows: Rows, dt_s: Numbers, xy: Numbers) -> tuple[Estimate, Estimate]:
        """Some are heard again: what was expected of them, and what is thought now."""
        mean, covariance, weight = self._mean[rows], self._covariance[rows], self._weight[rows]
        if weight.shape[1] > 1:
            mean, covariance, weight = self._mixed(dt_s, mean, covariance, weight)
        f = _moves(self._turn, dt_s)
        mean = (f @ mean[..., None])[..., 0]
        covariance = f @ covariance @ f.swapaxes(-1, -2) + _noises(self._noise, dt_s)
        expected = _together(mean, covariance, weight)
        total = covariance[..., :2, :2] + self.r
        gain = covariance[..., :2] @ np.linalg.inv(total)
        off = xy[:, None] - mean[..., :2]
        mean = mean + (gain @ off[..., None])[..., 0]
        covariance = covariance - gain @ covariance[..., :2, :]
        if weight.shape[1] > 1:
            log = np.log(weight) - 0.5 * (distance2(off, total) + np.log(np.linalg.det(total)))
            weight = np.exp(log - log.max(axis=1, keepdims=True)) + 1e-12
            weight /= weight.sum(axis=1, keepdims=True)
        self._mean[rows], self._covariance[rows], self._weight[rows] = mean, covariance, weight
        return expected, _together(mean, covariance, weight)

    def _mixed(
        self, dt_s: Numbers, mean: Numbers, covariance: Numbers, weight: Numbers
    ) -> tuple[Numbers, Numbers, Numbers]:
        stays = np.exp(-dt_s[:, None] * self._leaves_per_s)[..., None]
        joint = weight[..., None] * (stays * np.eye(weight.shape[1]) + (1.0 - stays) * self._goes_to)  # (n, from, to)
        arrived = joint.sum(axis=1)
        share = (joint / arrived[:, None]).swapaxes(1, 2)  # (n, to, from)
        mixed = share @ mean
        both = covariance[:, None] + _outer(mean[:, None] - mixed[:, :, None])  # (n, to, from, 4, 4)
        return mixed, (share[..., None, None] * both).sum(axis=2), arrived


def _together(mean: Numbers, covariance: Numbers, weight: Numbers) -> Estimate:
    """Of all models: the first two moments."""
    if weight.shape[1] == 1:
        return Estimate(mean[:, 0], covariance[:, 0])
    all_of_them = np.einsum("nk,nki->ni", weight, mean)
    both = covariance + _outer(mean - all_of_them[:, None])
    return Estimate(all_of_them, np.einsum("nk,nkij->nij", weight, both))


def _outer(vectors: Numbers) -> Numbers:
    return vectors[..., :, None] * vectors[..., None, :]


def distance2(off: Numbers, covariance: Numbers) -> Numbers:
    """Squared Mahalanobis distances of vectors."""
    found: Numbers = np.einsum("...i,...ij,...j->...", off, np.linalg.inv(covariance), off)
    return found


def _moves(turn_rad_s: Numbers, dt_s: Numbers) -> Numbers:
    """(n, K, 4, 4), 11.7.1: straight where there is no turn."""
    dt = dt_s[:, None]
    angle = turn_rad_s * dt
    along, across = dt * np.sinc(angle / np.pi), dt * np.sin(angle / 2.0) * np.sinc(angle / (2.0 * np.pi))
    f = np.zeros((*angle.shape, 4, 4))
    f[..., 0, 0] = f[..., 1, 1] = 1.0
    f[..., 0, 2] = f[..., 1, 3] = along
    f[..., 0, 3], f[..., 1, 2] = -across, across
    f[..., 2, 2] = f[..., 3, 3] = np.cos(angle)
    f[..., 2, 3], f[..., 3, 2] = -np.sin(angle), np.sin(angle)
    return f


def _noises(noise: Numbers, dt_s: Numbers) -> Numbers:
    """(n, K, 4, 4): as in motion.py."""
    dt = dt_s[:, None]
    q = np.zeros((len(dt_s), len(noise), 4, 4))
    for axis in (0, 1):
        q[..., axis, axis] = noise * dt**3 / 3.0
        q[..., axis, axis + 2] = q[..., axis + 2, axis] = noise * dt**2 / 2.0
        q[..., axis + 2, axis + 2] = noise * dt
    return q
