"""What the trackers are given: seeded scenes in metres, numpy alone, the same arrays for ours and for every peer.

``chords``: the accuracy scene. Aircraft come in over the rim of a circle of 1 km, one after the other, cross it along
chords through its middle and leave; so tracks must be opened, kept apart and given up. ``city``: the scene for rates,
one aircraft a square kilometre, all there all the time. A fix a second each, Pd 0.9, one standard deviation of 10 m on
each axis; clutter is uniform. ``paths``: aircraft with a name, each to and fro before its own start, every fix heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

SIGMA_M: Final = 10.0
DETECTION_PROBABILITY: Final = 0.9
NOBODY: Final = -1  # the target of clutter
CIRCLE_M: Final = 1000.0
CHORD_CLUTTER_PER_M2: Final = 2e-6
CITY_CLUTTER_PER_M2: Final = 1e-7  # a tenth of the aircraft there are
LAP_S: Final = 60  # to and fro once


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Fixes scan by scan, one scan a second, and where everybody truly was."""

    name: str
    seed: int
    truth_xy: Numbers  # (scans, targets, 2), NaN where not there
    scan: Whole  # (fixes,), ascending
    xy: Numbers  # (fixes, 2)
    target: Whole  # (fixes,), NOBODY for clutter
    clutter_per_m2: float

    @property
    def scans(self) -> int:
        """How many there are."""
        return len(self.truth_xy)

    def fixes(self) -> list[Numbers]:
        """One (k, 2) array a scan."""
        return np.split(self.xy, np.searchsorted(self.scan, np.arange(1, self.scans)))

    def truth(self, scan: int) -> tuple[Whole, Numbers]:
        """Who is there in a scan, and where."""
        there = np.flatnonzero(~np.isnan(self.truth_xy[scan, :, 0]))
        return there, self.truth_xy[scan, there]

    def save(self, file: Path) -> None:
        """What a peer gets to see."""
        np.savez(file, scan=self.scan, xy=self.xy, scans=self.scans)


def chords(seed: int, targets: int = 10, scans: int = 100) -> Scene:
    """Targets that cross a circle on straight chords, in at second 0-20, out 71-100 s later."""
    random = np.random.default_rng(seed)
    enters = random.uniform(0.0, 2.0 * np.pi, targets)
    leaves = enters + np.pi + random.uniform(-0.5, 0.5, targets)
    rim = CIRCLE_M * np.stack((np.sin([enters, leaves]), np.cos([enters, leaves])), axis=-1)
    chord = rim[1] - rim[0]
    length = np.linalg.norm(chord, axis=1)
    speed = random.uniform(20.0, 27.0, targets)
    since = np.arange(scans)[:, None] - random.uniform(0.0, 20.0, targets)
    there = (since >= 0.0) & (since * speed <= length)
    truth = rim[0] + (since * speed / length)[..., None] * chord
    radius = CIRCLE_M * np.sqrt(random.uniform(0.0, 1.0, 100 * scans))
    angle = random.uniform(0.0, 2.0 * np.pi, 100 * scans)
    clutter = np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
    many = random.poisson(CHORD_CLUTTER_PER_M2 * np.pi * CIRCLE_M**2, scans)
    return _seen("chords", seed, np.where(there[..., None], truth, np.nan), clutter, many, CHORD_CLUTTER_PER_M2)


def city(seed: int, targets: int, scans: int) -> Scene:
    """Targets all over a square, straight on at 0-20 m/s."""
    random = np.random.default_rng(seed)
    side_m = 1000.0 * np.sqrt(targets)
    start = random.uniform(-side_m / 2, side_m / 2, (targets, 2))
    heading, speed = random.uniform(0.0, 2.0 * np.pi, targets), random.uniform(0.0, 20.0, targets)
    velocity = speed[:, None] * np.column_stack((np.sin(heading), np.cos(heading)))
    truth = start + np.arange(scans)[:, None, None] * velocity
    many = random.poisson(CITY_CLUTTER_PER_M2 * side_m**2, scans)
    clutter = random.uniform(-side_m / 2, side_m / 2, (int(many.sum()), 2))
    return _seen("city", seed, truth, clutter, many, CITY_CLUTTER_PER_M2)


def _seen(name: str, seed: int, truth: Numbers, clutter: Numbers, many: Whole, per_m2: float) -> Scene:
    """Fixes of whom is there, and clutter, in an order that tells nothing."""
    random = np.random.default_rng([seed, 1])
    scans, targets = truth.shape[:2]
    heard = ~np.isnan(truth[..., 0]) & (random.uniform(size=(scans, targets)) < DETECTION_PROBABILITY)
    scan, target = np.nonzero(heard)
    scan = np.append(scan, np.repeat(np.arange(scans), many))
    xy = np.concatenate((truth[heard] + random.normal(0.0, SIGMA_M, (len(target), 2)), clutter[: many.sum()]))
    target = np.append(target, np.full(int(many.sum()), NOBODY))
    order = np.lexsort((random.uniform(size=len(scan)), scan))
    return Scene(
        name=name,
        seed=seed,
        truth_xy=truth,
        scan=scan[order],
        xy=xy[order],
        target=target[order],
        clutter_per_m2=per_m2,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """One lap of aircraft with a name, in metres from each one's first fix; the next lap is the same."""

    truth_xy: Numbers  # (LAP_S, aircraft, 2)
    xy: Numbers  # the same with noise; (0, 0) at first

    def save(self, file: Path) -> None:
        """What a peer gets to see."""
        np.savez(file, xy=self.xy)


def paths(seed: int, aircraft: int) -> Paths:
    """To and fro, at most 15 m/s."""
    random = np.random.default_rng(seed)
    heading = random.uniform(0.0, 2.0 * np.pi, aircraft)
    reach_m = random.uniform(0.0, 15.0, aircraft) * LAP_S / (2 * np.pi)
    phase = random.uniform(0.0, 2.0 * np.pi, aircraft) + 2 * np.pi / LAP_S * np.arange(LAP_S)[:, None]
    truth = (reach_m * np.sin(phase))[..., None] * np.column_stack((np.sin(heading), np.cos(heading)))
    xy = truth + random.normal(0.0, SIGMA_M, truth.shape)
    return Paths(truth_xy=truth - xy[0], xy=xy - xy[0])


def load(file: Path) -> dict[str, Any]:
    """The arrays that were saved."""
    with np.load(file) as arrays:
        return dict(arrays)
