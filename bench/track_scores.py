"""What is said of a tracker at work on a scene: its rate, and how well it told the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from airspace.simulation.scoring import gospa, identity_switches, match
from bench.track_scenario import Numbers, Scene, Whole

CUT_OFF_M: Final = 50.0
POWER: Final = 2.0
WARM_UP: Final = 5  # scans until the tracks of a city are confirmed

Scores = dict[str, float | None]


def rate(scene: Scene, spent_s: Numbers) -> float:
    """Fixes per CPU second of the median scan once the tracks stand."""
    fixes = np.bincount(scene.scan, minlength=scene.scans)
    return float(np.median((fixes / spent_s)[WARM_UP:]))


def scores(scene: Scene, told: Numbers, first: int = 0) -> dict[str, float]:
    """Means over the scans from the first, of (scan, number, x, y) told; GOSPA's parts are in square metres."""
    each, aircraft, track = [], [], []
    for scan in range(first, scene.scans):
        who, where = scene.truth(scan)
        number, there = _told(told, scan)
        each.append(gospa(where, there, CUT_OFF_M, POWER))
        partner = match(where, there, CUT_OFF_M, POWER)
        aircraft.append(who[partner >= 0])
        track.append(number[partner[partner >= 0]])
    switches = identity_switches(np.concatenate(aircraft), np.concatenate(track))
    return {
        "gospa_m": float(np.mean([one.distance for one in each])),
        "localisation_m2": float(np.mean([one.localisation for one in each])),
        "missed_m2": float(np.mean([one.missed for one in each])),
        "false_m2": float(np.mean([one.false for one in each])),
        "identity_switches": float(sum(switches.values())),
    }


def means(each: Sequence[dict[str, float]]) -> Scores:
    """Of many seeds."""
    return {what: float(np.mean([score[what] for score in each])) for what in each[0]}


def beside(ours: Sequence[dict[str, float]], theirs: Sequence[dict[str, float]]) -> Scores:
    """Both means, and GOSPA's difference, seed by seed, with its standard error."""
    apart = np.array([mine["gospa_m"] - other["gospa_m"] for mine, other in zip(ours, theirs, strict=True)])
    error = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else None
    return {
        **means(ours),
        **{f"peer_{what}": value for what, value in means(theirs).items()},
        "gospa_difference_m": float(apart.mean()),
        "standard_error_m": error,
    }


def _told(told: Numbers, scan: int) -> tuple[Whole, Numbers]:
    here = told[told[:, 0] == scan]
    return here[:, 1].astype(np.int64), here[:, 2:]
