"""One emitter without identity: who heard it when and how, and how sure it is that there is one.

It is known by its place (then a track of the bank, ``place`` its number there) or by its direction from one sensor
alone. A direction is followed as a random walk; its last bearing as measured is what is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers
from airspace.tracking.unidentified.bearings import direction
from airspace.tracking.unidentified.sightings import Sightings

HITS_NEEDED: Final = 2  # M of N: one detection never makes an emitter (handbook remote-id 9.10)
OF_LOOKS: Final = 3
DEFAULT_CONFIDENCE: Final = 0.5  # of a sensor that states none: as likely as not
TURNING_DEG2_S: Final = 4.0  # a drone that crosses the line of sight at 20 m/s, 500 m away, turns 2 degrees in a second
BIAS_SHARE: Final = 0.35  # of a bearing's variance that stays (mounting, site): see roster.py
LEAST_CROSSING: Final = 0.03  # squared sine of ten degrees: below it two lines bound nothing
MAX_HEARD: Final = 16  # sensors remembered of one emitter


class Heard(NamedTuple):
    """What a sensor said of it last; NaN bearing: it gave a place."""

    time_s: float
    source: int
    latitude_deg: float
    longitude_deg: float
    bearing_deg: float
    sigma_deg: float
    range_m: float
    frequency_hz: float
    bandwidth_hz: float
    confidence: float
    signal_class: str | None
    key: str | None


@dataclass(slots=True, kw_only=True)
class Emitter:
    """What is kept of one."""

    number: int
    first_seq: int
    first_seen_s: float
    last_seq: int = -1
    last_seen_s: float = -math.inf
    sightings: int = 0
    sensors: int = 0  # bit mask
    heard: dict[int, Heard] = field(default_factory=dict)  # by sensor, the newest last
    witness_s: dict[int, float] = field(default_factory=dict)  # when a sensor last heard it as no identified track
    altitude_wgs84_m: float = math.nan
    place: int | None = None  # in the bank
    bias_m2: tuple[float, float, float] = (0.0, 0.0, 0.0)  # xx, xy, yy of the place, from what stays in the bearings
    angle_deg: float = math.nan  # of a direction: filtered, at the time it was heard last
    angle_deg2: float = math.nan
    history: int = 0  # a bit a look, 1 where it was heard; the lowest is the last
    looks: int = 0
    confirmed: bool = False
    updated: bool = False  # heard since the last tick
    witnessed: bool = False  # heard since then as no identified track
    near: frozenset[int] | None = None  # tracks that have never been clearly elsewhere; None: not yet compared
    alike: int = -1  # number of the track it has agreed with
    alike_ticks: int = 0

    @property
    def last(self) -> Heard:
        """What was said of it last."""
        return next(reversed(self.heard.values()))

    @property
    def sensor(self) -> int:
        """Who said it; of a direction, the only one."""
        return next(reversed(self.heard))

    def hear(self, rows: Sightings, row: int, said: Heard, *, witness: bool) -> None:
        """A row is of this emitter, ``said`` what it says. ``witness``: no identified track explains it."""
        time_s, sensor = said.time_s, int(rows.sensor[row])
        self.last_seq = max(self.last_seq, int(rows.seq[row]))
        self.first_seen_s = min(self.first_seen_s, time_s)
        self.last_seen_s = max(self.last_seen_s, time_s)
        self.sightings += 1
        self.sensors |= 1 << int(rows.bit[row])
        self.updated = True
        before = self.heard.pop(sensor, None)
        self.heard[sensor] = said if before is None else _filled(said, before)
        if len(self.heard) > MAX_HEARD:
            del self.heard[next(iter(self.heard))]
        self.witnessed |= witness
        if witness:
            self.witness_s[sensor] = time_s
            if len(self.witness_s) > MAX_HEARD:
                del self.witness_s[min(self.witness_s, key=lambda one: self.witness_s[one])]
        if not math.isnan(rows.altitude_wgs84_m[row]):
            self.altitude_wgs84_m = float(rows.altitude_wgs84_m[row])

    def turn(self, time_s: float, bearing_deg: float, sigma_deg: float, since_s: float) -> None:
        """Follow the direction by one bearing; ``since_s`` is when it was heard before."""
        if math.isnan(self.angle_deg):
            self.angle_deg, self.angle_deg2 = bearing_deg, sigma_deg * sigma_deg
            return
        spread = self.angle_deg2 + TURNING_DEG2_S * abs(time_s - since_s)
        gain = spread / (spread + sigma_deg * sigma_deg)
        self.angle_deg = (self.angle_deg + gain * math.remainder(bearing_deg - self.angle_deg, 360.0)) % 360.0
        self.angle_deg2 = (1.0 - gain) * spread

    def look(self) -> None:
        """A sensor that knows it said something since the last tick: of it, or not."""
        self.history = (self.history << 1 | self.updated) & ((1 << OF_LOOKS) - 1)
        self.looks += 1
        if self.history.bit_count() >= HITS_NEEDED:
            self.confirmed = True

    @property
    def hopeless(self) -> bool:
        """Whether too many looks went by: of a tentative one."""
        left = max(OF_LOOKS - self.looks, 0)
        return not self.confirmed and self.history.bit_count() + left < HITS_NEEDED

    def absorb(self, other: Emitter) -> None:
        """The other one was this one."""
        self.first_seq, self.first_seen_s = (
            min(self.first_seq, other.first_seq),
            min(self.first_seen_s, other.first_seen_s),
        )
        self.last_seq, self.last_seen_s = max(self.last_seq, other.last_seq), max(self.last_seen_s, other.last_seen_s)
        self.sightings += other.sightings
        self.sensors |= other.sensors
        both = sorted((*self.heard.items(), *other.heard.items()), key=lambda one: (one[1].time_s, one[0]))
        self.heard = dict(both[-MAX_HEARD:])
        for sensor, time_s in other.witness_s.items():
            self.witness_s[sensor] = max(time_s, self.witness_s.get(sensor, -math.inf))
        self.history |= other.history
        self.looks = max(self.looks, other.looks)
        self.confirmed |= other.confirmed
        self.updated |= other.updated
        if math.isnan(self.altitude_wgs84_m):
            self.altitude_wgs84_m = other.altitude_wgs84_m

    def confidence(self, since_s: float) -> float:
        """That there is something: 1 less the product of the doubts of the sensors that heard it since then.

        Takes the sensors as independent of each other, and a sensor's own statements as one.
        """
        doubt = 1.0
        for said in self.heard.values():
            if said.time_s >= since_s:
                doubt *= 1.0 - (DEFAULT_CONFIDENCE if math.isnan(said.confidence) else said.confidence)
        return 1.0 - doubt

    def bias(self, latitude_deg: float, longitude_deg: float, since_s: float) -> None:
        """What stays in the bearings, as covariance of the place: of all sensors that gave one since then."""
        lines = [one for one in self.heard.values() if one.time_s >= since_s and not math.isnan(one.bearing_deg)]
        if len(lines) < 2:  # noqa: PLR2004 - one line bounds nothing: what was known before stands
            return
        towards_deg, distance_m = direction(
            np.array([one.latitude_deg for one in lines]),
            np.array([one.longitude_deg for one in lines]),
            np.array(latitude_deg),
            np.array(longitude_deg),
        )
        sigma_m = np.radians([one.sigma_deg for one in lines]) * np.maximum(distance_m, 1.0)
        across: Numbers = np.stack((np.cos(np.radians(towards_deg)), -np.sin(np.radians(towards_deg)))) / sigma_m
        xx, xy, yy = (float(np.sum(across[i] * across[j])) for i, j in ((0, 0), (0, 1), (1, 1)))
        determinant = xx * yy - xy * xy
        if determinant > LEAST_CROSSING * xx * yy:
            self.bias_m2 = (
                BIAS_SHARE * yy / determinant,
                -BIAS_SHARE * xy / determinant,
                BIAS_SHARE * xx / determinant,
            )


def said_by(rows: Sightings) -> list[Heard]:
    """What each row says, as Python's own values."""
    columns = (
        rows.time_s,
        rows.source,
        rows.from_latitude_deg,
        rows.from_longitude_deg,
        rows.bearing_deg,
        rows.sigma_deg,
        rows.range_m,
        rows.frequency_hz,
        rows.bandwidth_hz,
        rows.confidence,
        rows.signal_class,
        rows.key,
    )
    return list(map(Heard._make, zip(*(column.tolist() for column in columns), strict=True)))


def _filled(said: Heard, before: Heard) -> Heard:
    """What it does not say stands as it was."""
    if math.isnan(said.frequency_hz):
        said = said._replace(frequency_hz=before.frequency_hz, bandwidth_hz=before.bandwidth_hz)
    if math.isnan(said.confidence):
        said = said._replace(confidence=before.confidence)
    return said if said.signal_class is not None else said._replace(signal_class=before.signal_class)
