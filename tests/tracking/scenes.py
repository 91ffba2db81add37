"""Scenes without names for tracker tests: truth in metres about a place, scans of it, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from airspace.model.detection import Detections, Numbers, Rows, Source, texts
from airspace.model.track import unknown_tracks
from airspace.tracking.emitters import Emitters, News
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.filter import dense
from airspace.tracking.unidentified.frame import frames, globe, local
from airspace.tracking.unidentified.scan import Scan
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.table import Table
from tests.tracking.finders import START_S

AMSTERDAM = (52.3144, 4.9419)
PLACES = (AMSTERDAM, (-33.8568, 151.2153), (0.0, 0.0), (-16.8, 179.999), (64.15, -180.0), (78.22, 15.65))
SIGMA_M = 10.0
NOBODY = unknown_tracks(0)  # with an identity


def columns(latitude_deg: Numbers, longitude_deg: Numbers, noise_m2: Numbers) -> Numbers:
    """Fixes as a bank and a scan have them (5, k), of covariances (k, 2, 2)."""
    return np.stack((latitude_deg, longitude_deg, noise_m2[:, 0, 0], noise_m2[:, 0, 1], noise_m2[:, 1, 1]))


def scan(time_s: float, points_m: Any, place: tuple[float, float] = AMSTERDAM, **more: Any) -> Scan:
    """One scan of points east and north of a place; ``sigma_m`` a number, or ``noise_m2`` of shape (n, 2, 2)."""
    points = np.asarray(points_m, dtype=float).reshape(-1, 2)
    noise = more.pop("noise_m2", np.tile(np.eye(2) * more.pop("sigma_m", SIGMA_M) ** 2, (len(points), 1, 1)))
    return Scan(time_s=time_s, fixes=columns(*globe(_frame(place), points[:, 0], points[:, 1]), noise), **more)


def take_fix(
    bank: Bank, rows: Rows, latitude_deg: Numbers, longitude_deg: Numbers, noise_m2: Numbers, at_s: float
) -> None:
    """One fix a track, whether it is in the gate or not."""
    ahead = bank.ahead(at_s)
    x, y = local(bank.frame[:, rows], latitude_deg, longitude_deg)
    apart_m = np.stack((x, y)) - ahead.block[:2, rows]
    total_m2 = columns(latitude_deg, longitude_deg, noise_m2)[2:] + ahead.place_m2[:, rows]
    bank.update_position(rows, ahead, apart_m, total_m2, at_s)


def some_of(seen: Scan, rows: Rows) -> Scan:
    """Some of the fixes of a scan."""
    columns = (seen.frequency_hz, seen.bandwidth_hz)
    frequency_hz, bandwidth_hz = (None if column is None else column[rows] for column in columns)
    return Scan(time_s=seen.time_s, fixes=seen.fixes[:, rows], frequency_hz=frequency_hz, bandwidth_hz=bandwidth_hz)


def mean(bank: Bank) -> Numbers:
    """x, y, vx, vy of every track at its own time (n, 4)."""
    return bank.ahead(bank.time_s).block[:4].T


def covariance(bank: Bank) -> Numbers:
    """The same of the covariance (n, 4, 4)."""
    return dense(bank.ahead(bank.time_s).block)


def positions(bank: Bank, time_s: float | None = None) -> tuple[Numbers, Numbers]:
    """Latitude and longitude of all, at their own times or another."""
    return globe(bank.frame, *bank.ahead(bank.time_s if time_s is None else time_s).block[:2])


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


def _frame(place: tuple[float, float]) -> Numbers:
    return frames(np.array([place[0]]), np.array([place[1]]))


def local_points(table: Table, place: tuple[float, float] = AMSTERDAM) -> Numbers:
    """Where the confirmed emitters are, metres east and north of a place, by number."""
    return np.stack(local(_frame(place), table.latitude_deg, table.longitude_deg), axis=1)[table.confirmed]


class Radar:
    """Emitters that hear one radar: a scan a second and then the tick."""

    def __init__(self, rules: Settings | None = None, sensor: str = "radar") -> None:
        self.emitters = Emitters(settings=rules or Settings())
        self.sensor = sensor
        self.seq = 0
        self.now_s = START_S

    def hear(
        self, points_m: Any, place: tuple[float, float] = AMSTERDAM, sigma_m: float = SIGMA_M, **more: Any
    ) -> None:
        """Fixes arrive, half a second before the next tick."""
        points = np.asarray(points_m, dtype=float).reshape(-1, 2)
        latitude, longitude = globe(_frame(place), points[:, 0], points[:, 1])
        self.offer(latitude, longitude, np.full(len(points), sigma_m), **more)

    def offer(self, latitude_deg: Numbers, longitude_deg: Numbers, sigma_m: Numbers, **more: Any) -> None:
        n = len(latitude_deg)
        received_s = np.full(n, self.now_s + more.pop("at_s", 0.5))
        columns: dict[str, Any] = {
            "received_s": received_s,
            "logged_s": received_s,
            "source": np.full(n, Source.SAPIENT, dtype=np.int8),
            "sensor": texts([self.sensor] * n),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "horizontal_accuracy_m": 2.0 * sigma_m,
        }
        rows = Detections.build(n, **columns | more)
        each = np.arange(n)
        self.emitters.take(rows, each, self.seq + each, np.zeros(n, dtype=np.int64))
        self.seq += n

    def tick(self) -> News:
        """The second ends."""
        self.now_s += 1.0
        return self.emitters.tick(self.now_s, NOBODY)

    def look(self, points_m: Any, place: tuple[float, float] = AMSTERDAM, **more: Any) -> News:
        """A scan and the tick."""
        self.hear(points_m, place, **more)
        return self.tick()


def run(
    all_points: Sequence[Numbers], place: tuple[float, float] = AMSTERDAM, rules: Settings | None = None
) -> tuple[Radar, list[News]]:
    """One scan a second."""
    radar = Radar(rules)
    return radar, [radar.look(each, place) for each in all_points]
