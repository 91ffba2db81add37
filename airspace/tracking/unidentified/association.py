"""Which fix belongs to which track: global nearest neighbour.

Pairs that may be (``neighbourhood.py``) are tested by the exact Mahalanobis distance in each track's own frame, and
valued by their gain: how much likelier it is that the fix is of the track than that it is clutter and the track was
missed (Blackman, Popoli 1999, 6.4). Of all ways to pair each track with one fix at most, one with the greatest sum of
gains is taken; ``pairing.py`` finds it.

Frequencies take part in the ranking only. A hopping link, or one that changes its channel or its band, is elsewhere
every second, so a difference refutes nothing and closes no gate; but the same channel again is a reason to prefer a fix
to its neighbour on another.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import turned
from airspace.tracking.unidentified.bank import Ahead, Bank
from airspace.tracking.unidentified.ellipse import axes
from airspace.tracking.unidentified.neighbourhood import near
from airspace.tracking.unidentified.pairing import paired
from airspace.tracking.unidentified.scan import Scan

CHANNEL_SLACK_HZ: Final = 1e6  # how far apart two readings of one centre frequency may be
OTHER_CHANNEL_COST: Final = 4.0  # in units of squared sigmas; see ``other_channel``
LEAST_GAIN: Final = 1e-9
_X, _XX, _YY, _DISTANCE2, _GAIN = 0, 2, 4, 5, 6


class Pairs(NamedTuple):
    """Pairs of a track's row and a fix's, and what was worked out of them."""

    track: Rows
    detection: Rows
    numbers: Numbers  # fix less prediction x, y; the sum of both covariances xx, xy, yy; squared sigmas; gain: (7, p)

    @property
    def apart_m(self) -> Numbers:
        """Fix less prediction, east and north (2, p)."""
        return self.numbers[:_XX]

    @property
    def total_m2(self) -> Numbers:
        """The sum of both covariances, xx, xy, yy (3, p)."""
        return self.numbers[_XX:_DISTANCE2]

    @property
    def distance2(self) -> Numbers:
        """Squared Mahalanobis distance."""
        return self.numbers[_DISTANCE2, :]

    @property
    def gain(self) -> Numbers:
        """What the pair gains, above 0."""
        return self.numbers[_GAIN, :]

    def take(self, which: Rows) -> Pairs:
        """Some of them."""
        return Pairs(self.track.take(which), self.detection.take(which), self.numbers.take(which, axis=1))


NO_PAIRS: Final = Pairs(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty((7, 0)))


@lru_cache(maxsize=8)
def gate(probability: float) -> float:
    """Squared Mahalanobis distance in two dimensions of the gate (chi-square, closed form)."""
    return float(-2.0 * np.log1p(-probability))


@lru_cache(maxsize=8)
def highest_gain(detection_probability: float, clutter_per_m2: float) -> float:
    """Of a pair without distance and doubt."""
    missed = (1.0 - detection_probability) * clutter_per_m2
    return 2.0 * math.log(detection_probability / (2.0 * math.pi * missed))


def candidates(bank: Bank, scan: Scan, ahead: Ahead) -> Pairs:
    """All pairs in the gate that gain; ``ahead``: the bank's tracks at the time of the scan."""
    if not len(bank) or not len(scan):
        return NO_PAIRS
    settings = bank.settings
    limit = gate(settings.gate_probability)
    pairs = _measured(bank, scan, ahead, limit)
    highest = highest_gain(settings.detection_probability, settings.clutter_per_m2)
    gain = pairs.gain  # the determinant so far
    np.log(gain, out=gain)
    gain += pairs.distance2
    np.subtract(highest, gain, out=gain)
    good = pairs.distance2 <= limit
    good &= gain > 0.0
    pairs = pairs.take(good.nonzero()[0])
    pairs = _flyable(bank, scan, pairs, limit)
    if scan.frequency_hz is not None:
        gain = pairs.gain
        np.maximum(gain - _other_channel(bank, scan, pairs), LEAST_GAIN, out=gain)
    return pairs


def chosen(bank: Bank, pairs: Pairs) -> Pairs:
    """The best of them; confirmed tracks choose first."""
    taken = paired(pairs.track, pairs.detection, pairs.gain, bank.confirmed.take(pairs.track))
    return pairs if len(taken) == len(pairs.track) else pairs.take(taken)


def _measured(bank: Bank, scan: Scan, ahead: Ahead, limit: float) -> Pairs:
    """Pairs that may be in the gate; in place of the gain stands the determinant of the sum of covariances."""
    frame, xy, place_m2 = bank.frame, ahead.block[:2], ahead.place_m2
    track, of = near(frame, xy, place_m2, scan.fixes, limit)
    fixes = scan.fixes.take(of, axis=1)
    numbers = np.empty((7, len(track)))
    metres, total = numbers[:2], numbers[_XX:_DISTANCE2]
    degrees = fixes[:2]
    degrees -= frame[:2].take(track, axis=1)
    degrees[1] = turned(degrees[1])
    degrees *= frame[2:].take(track, axis=1)
    np.subtract(degrees[::-1], xy.take(track, axis=1), out=metres)
    np.add(fixes[2:], place_m2.take(track, axis=1), out=total)
    inside = (metres[_X] * metres[_X] <= limit * total[0]).nonzero()[0]  # as ``near`` has it for the north
    if len(inside) < len(track):
        numbers, track, of = numbers.take(inside, axis=1), track.take(inside), of.take(inside)
    dx, dy, xx, xy, yy, distance2, determinant = numbers
    np.multiply(xx, yy, out=determinant)
    determinant -= xy * xy
    np.multiply(dx * dx, yy, out=distance2)
    distance2 -= (dx + dx) * dy * xy
    distance2 += dy * dy * xx
    distance2 /= determinant
    return Pairs(track, of, numbers)


def _flyable(bank: Bank, scan: Scan, pairs: Pairs, limit: float) -> Pairs:
    """Without those where a second fix is farther from the first than an aircraft flies, the doubt of both added."""
    once = (bank.hits.take(pairs.track) == 1).nonzero()[0]
    if not len(once):
        return pairs
    flown_m = bank.settings.max_speed_m_s * np.abs(scan.time_s - bank.time_s.take(pairs.track.take(once)))
    way_m = np.hypot(*pairs.apart_m.take(once, axis=1))
    far = (way_m > flown_m).nonzero()[0]
    if not len(far):
        return pairs
    once = once.take(far)
    doubt_m2 = bank.place_m2(pairs.track.take(once))
    doubt_m2 += scan.fixes[2:].take(pairs.detection.take(once), axis=1)
    too_far = way_m.take(far) > flown_m.take(far) + np.sqrt(limit * axes(*doubt_m2)[0])
    if not np.count_nonzero(too_far):
        return pairs
    stay = np.ones(len(pairs.track), dtype=np.bool_)
    stay[once[too_far]] = False
    return pairs.take(stay.nonzero()[0])


def _other_channel(bank: Bank, scan: Scan, pairs: Pairs) -> Numbers:
    """As ``other_channel``, of the last channel that each track was heard on."""
    frequency_hz = unknown = np.full(len(scan), np.nan)
    if scan.frequency_hz is not None:
        frequency_hz = scan.frequency_hz
    bandwidth_hz = unknown if scan.bandwidth_hz is None else scan.bandwidth_hz
    width_hz = np.nan_to_num(bank.bandwidth_hz[pairs.track]) + np.nan_to_num(bandwidth_hz[pairs.detection])
    return other_channel(frequency_hz[pairs.detection] - bank.frequency_hz[pairs.track], width_hz)


def other_channel(apart_hz: Numbers, widths_hz: Numbers) -> Numbers:
    """What it costs that two were heard so far apart (NaN: not known), where channels of these widths do not touch.

    Twice the logarithm of how much likelier a touching channel is for the same emitter (about one in two, with those
    that hop) than for another one (one in ten): 2 ln((0.5 / 0.1) / (0.5 / 0.9)) = 4.4.
    """
    return np.where(np.abs(apart_hz) > widths_hz / 2.0 + CHANNEL_SLACK_HZ, OTHER_CHANNEL_COST, 0.0)
