"""Scenes without names for tracker tests: truth in metres about a place, scans of it, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from airspace.model.detection import Numbers
from airspace.tracking.unidentified.frame import frames, globe, local
from airspace.tracking.unidentified.scan import Assigned, Scan
from airspace.tracking.unidentified.tracker import Unidentified

AMSTERDAM = (52.3144, 4.9419)
PLACES = (AMSTERDAM, (-33.8568, 151.2153), (0.0, 0.0), (-16.8, 179.999), (64.15, -180.0), (78.22, 15.65))
SIGMA_M = 10.0


def scan(time_s: float, points_m: Any, place: tuple[float, float] = AMSTERDAM, **more: Any) -> Scan:
    """One scan of points east and north of a place; ``sigma_m`` a number, or ``noise_m2`` of shape (n, 2, 2)."""
    points = np.asarray(points_m, dtype=float).reshape(-1, 2)
    noise = more.pop("noise_m2", np.tile(np.eye(2) * more.pop("sigma_m", SIGMA_M) ** 2, (len(points), 1, 1)))
    latitude, longitude = globe(_frame(place), points[:, 0], points[:, 1])
    return Scan(
        time_s=time_s,
        latitude_deg=latitude,
        longitude_deg=longitude,
        r_xx_m2=noise[:, 0, 0],
        r_xy_m2=noise[:, 0, 1],
        r_yy_m2=noise[:, 1, 1],
        **more,
    )


def points(tracker: Unidentified, place: tuple[float, float] = AMSTERDAM, time_s: float | None = None) -> Numbers:
    """Where the confirmed tracks are, metres east and north of a place, by number."""
    bank = tracker.bank
    latitude, longitude = bank.positions(time_s=time_s)
    return np.stack(local(_frame(place), latitude, longitude), axis=1)[bank.confirmed]


@dataclass
class Flown:
    """Straight flights: truth and noisy points of each scan."""

    truth: list[Numbers]
    points: list[Numbers]


def flown(
    seed: int, targets: int, steps: int = 20, *, detected: float = 0.9, clutter: int = 2, side_m: float = 2000.0
) -> Flown:
    """Targets at 5 to 20 m/s in a square, one scan a second."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.0, side_m, (targets, 2))
    course, speed = rng.uniform(0.0, 2.0 * np.pi, targets), rng.uniform(5.0, 20.0, targets)
    velocity = np.stack((speed * np.sin(course), speed * np.cos(course)), axis=1)
    truth = [start + velocity * step for step in range(steps)]
    seen = []
    for now in truth:
        fixes = (now + rng.normal(0.0, SIGMA_M, now.shape))[rng.random(targets) < detected]
        fixes = np.concatenate((fixes, rng.uniform(0.0, side_m, (clutter, 2))))
        seen.append(fixes[rng.permutation(len(fixes))])
    return Flown(truth, seen)


def work(tracker: Unidentified, scans: Iterable[Scan]) -> list[Assigned]:
    """What came of each."""
    return [tracker.scan(each) for each in scans]


def run(all_points: Sequence[Numbers], place: tuple[float, float] = AMSTERDAM) -> tuple[Unidentified, list[Assigned]]:
    """A tracker after one scan a second."""
    tracker = Unidentified()
    return tracker, work(tracker, [scan(float(step), each, place) for step, each in enumerate(all_points)])


def _frame(place: tuple[float, float]) -> Numbers:
    return frames(np.array([place[0]]), np.array([place[1]]))
