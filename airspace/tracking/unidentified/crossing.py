"""Which directions from different sensors are of one emitter: pairs that cross, and whether anything tells them apart.

Two sensors with two emitters have four crossings, two of them ghosts. A pair of lines is taken only where it is the one
possible pair of these two sensors for both lines (another band or the strength of the signal may make the rest
impossible), or where clearly more speaks for it than for the rest: third sensors' lines that run through the crossing,
the same channel or class. Where two are about as good, neither is taken: ghosts are worse than sectors. A sensor's own
name for an emitter means nothing at another sensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified.association import CHANNEL_SLACK_HZ
from airspace.tracking.unidentified.bearings import Fix, Fixes, fix, fixes, innovation
from airspace.tracking.unidentified.emitter import TURNING_DEG2_S, Emitter

TOGETHER_S: Final = 3.0  # bearings farther apart in time are not of one place
GATE: Final = 3.0**2  # squared sigmas
BAND_HZ: Final = 150e6  # the widest band drones use, 5,725 to 5,875 MHz
LIKENESS: Final = 8.0  # squared sigmas that the same channel or class is worth: nearly a sensor
MARGIN: Final = 4.0  # by which a pair must be better than its rivals; of two pairs together odds of 50 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Directions that are one emitter, by their index, and where it is."""

    members: tuple[int, ...]
    fix: Fix
    time_s: float  # of the newest bearing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """The last bearing of each direction; its sigma grown to the time of the newest."""

    sensor: Bits
    time_s: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    bearing_deg: Numbers
    sigma_deg: Numbers
    range_m: Numbers
    frequency_hz: Numbers
    bandwidth_hz: Numbers
    signal_class: Bits  # the same number for the same folded text, 0 where it is not known


def crossings(directions: Sequence[Emitter]) -> list[Crossing]:
    """The directions that belong together."""
    if len({one.sensor for one in directions}) < 2:  # noqa: PLR2004 - one sensor crosses nothing
        return []
    lines = _lines(directions)
    value = _valued_pairs(lines)
    made = []
    for members in _groups(len(directions), _unrivalled(lines, value)):
        rows = np.array(members)
        if len(set(lines.sensor[rows].tolist())) < len(members):
            continue  # through a third sensor two lines of one sensor came together
        found = fix(lines.latitude_deg[rows], lines.longitude_deg[rows], lines.bearing_deg[rows], lines.sigma_deg[rows])
        if isinstance(found, Fix):
            made.append(Crossing(members=members, fix=found, time_s=float(lines.time_s[rows].max())))
    return made


def _lines(directions: Sequence[Emitter]) -> _Lines:
    last = [one.last for one in directions]
    time_s = np.array([said.time_s for said in last])
    sigma_deg = np.array([said.sigma_deg for said in last])
    return _Lines(
        sensor=np.array([one.sensor for one in directions], dtype=np.int64),
        time_s=time_s,
        latitude_deg=np.array([said.latitude_deg for said in last]),
        longitude_deg=np.array([said.longitude_deg for said in last]),
        bearing_deg=np.array([said.bearing_deg for said in last]),
        sigma_deg=np.sqrt(sigma_deg**2 + TURNING_DEG2_S * (time_s.max() - time_s)),
        range_m=np.array([said.range_m for said in last]),
        frequency_hz=np.array([said.frequency_hz for said in last]),
        bandwidth_hz=np.nan_to_num(np.array([said.bandwidth_hz for said in last])),
        signal_class=np.array(_numbered([said.signal_class for said in last]), dtype=np.int64),
    )


def _valued_pairs(lines: _Lines) -> dict[tuple[int, int], float]:
    """The pairs that cross, and what speaks for each: other sensors' lines through the crossing, and likeness."""
    first, second = np.triu_indices(len(lines.sensor), 1)
    kept = (lines.sensor[first] != lines.sensor[second]) & _possible(lines, first, second)
    both = np.stack((first[kept], second[kept]), axis=1)
    found = fixes(lines.latitude_deg[both], lines.longitude_deg[both], lines.bearing_deg[both], lines.sigma_deg[both])
    good = found.refused == 0
    both, reached, inside = both[good], *_seen(lines, found, good)
    near = np.take_along_axis(reached, both, axis=1).all(axis=1)
    likeness = _likeness(lines, both[:, 0], both[:, 1])
    value = {}
    for row, like in zip(np.flatnonzero(near).tolist(), likeness[near].tolist(), strict=True):
        a, b = both[row].tolist()
        others = np.flatnonzero(inside[row] > 0.0)
        others = others[_possible(lines, np.full(len(others), a), others)]
        support: dict[int, float] = {}
        for other in others[~np.isin(lines.sensor[others], lines.sensor[both[row]])].tolist():
            sensor = int(lines.sensor[other])
            support[sensor] = max(support.get(sensor, 0.0), float(inside[row, other]))
        value[a, b] = LIKENESS * like + sum(support.values())
    return value


def _seen(lines: _Lines, found: Fixes, good: Booleans) -> tuple[Booleans, Numbers]:
    """(pairs, lines): where a line reaches a crossing by its strength, and how far inside the gate it runs by."""
    seen = innovation(
        found.latitude_deg[good, np.newaxis],
        found.longitude_deg[good, np.newaxis],
        found.covariance_m2[good, np.newaxis],
        lines.latitude_deg,
        lines.longitude_deg,
        lines.bearing_deg,
        lines.sigma_deg,
    )
    reached = ~(seen.distance_m > lines.range_m)
    return reached, np.where(reached, GATE - (seen.residual_deg / seen.sigma_deg) ** 2, 0.0)


def _possible(lines: _Lines, first: Rows, second: Rows) -> Booleans:
    """Where two lines may be of one emitter: of one time, and not of two bands."""
    apart_hz = np.abs(lines.frequency_hz[first] - lines.frequency_hz[second])
    return (np.abs(lines.time_s[first] - lines.time_s[second]) <= TOGETHER_S) & ~(apart_hz > BAND_HZ)


def _likeness(lines: _Lines, first: Rows, second: Rows) -> Bits:
    """1 for the same channel and 1 for the same class, -1 for another; 0 where it is not known.

    Links hop, and makers name classes as they like: another channel of the band or another class refutes nothing.
    """
    apart_hz = np.abs(lines.frequency_hz[first] - lines.frequency_hz[second])
    width_hz = (lines.bandwidth_hz[first] + lines.bandwidth_hz[second]) / 2.0
    channel = np.where(apart_hz <= width_hz + CHANNEL_SLACK_HZ, 1, -1)
    a, b = lines.signal_class[first], lines.signal_class[second]
    named = np.where((a == 0) | (b == 0), 0, np.where(a == b, 1, -1))
    return np.asarray(np.where(np.isnan(apart_hz), 0, channel) + named)


def _numbered(names: Sequence[str | None]) -> list[int]:
    numbers: dict[str, int] = {}
    return [0 if name is None else numbers.setdefault(name.casefold(), len(numbers) + 1) for name in names]


def _unrivalled(lines: _Lines, value: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The pairs for which more speaks than for any other pair of the same two sensors with one of their lines."""
    rivals: dict[tuple[int, int], list[float]] = {}  # (line, other sensor) -> values
    ends = {pair: ((pair[0], int(lines.sensor[pair[1]])), (pair[1], int(lines.sensor[pair[0]]))) for pair in value}
    for pair, worth in value.items():
        for end in ends[pair]:
            rivals.setdefault(end, []).append(worth)
    return [
        pair
        for pair, worth in value.items()
        if all(sum(other > worth - MARGIN for other in rivals[end]) == 1 for end in ends[pair])
    ]


def _groups(n: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Lines that pairs connect, in order."""
    of = list(range(n))
    for a, b in pairs:
        low, high = sorted((of[a], of[b]))
        of = [low if one == high else one for one in of]
    groups: dict[int, list[int]] = {}
    for line, group in enumerate(of):
        groups.setdefault(group, []).append(line)
    return [tuple(members) for members in groups.values() if len(members) > 1]
