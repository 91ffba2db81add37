"""One emitter without identity: who heard it when and how, and how sure it is that there is one.

An emitter that is known by its direction from one sensor alone is kept as this; of those with a place there may be
thousands, and they are columns (``ledger.py``, ``heard.py``) which become one of this where one of them is changed. A
direction is followed as a random walk; its last bearing as measured is what is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from airspace.tracking.unidentified.confirmation import DEFAULT_CONFIDENCE, nameless, steady
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.sightings import Sightings

NOBODY: Final = -1
TURNING_DEG2_S: Final = 4.0  # a drone that crosses the line of sight at 20 m/s, 500 m away, turns 2 degrees in a second
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
    bias_m2: tuple[float, float, float] = (0.0, 0.0, 0.0)  # xx, xy, yy of a place, from what stays in the bearings
    angle_deg: float = math.nan  # of a direction: filtered, at the time it was heard last
    angle_deg2: float = math.nan
    history: int = 0  # a bit a look, 1 where it was heard; the lowest is the last
    looks: int = 0
    doubt: float = 1.0  # that all of its rows are false
    confirmed: bool = False
    updated: bool = False  # heard since the last tick
    witnessed: bool = False  # heard since then as no identified track
    alike: int = NOBODY  # number of the track it has agreed with
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
        self.doubt *= 1.0 - _confidence(said)
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

    def look(self, settings: Settings, tick_s: float) -> None:
        """A sensor that knows it said something since the last tick: of it, or not."""
        self.history = (self.history << 1 | self.updated) & ((1 << settings.of_looks) - 1)
        self.looks += 1
        if self.steady(settings) and nameless(settings, tick_s - self.first_seen_s, self.alike):
            self.confirmed = True

    def steady(self, settings: Settings) -> bool:
        """Whether there is something, be it a drone that names itself."""
        return bool(steady(settings, self.history, self.doubt))

    def hopeless(self, settings: Settings) -> bool:
        """Whether too many looks went by: of a tentative one."""
        left = max(settings.of_looks - self.looks, 0)
        return not self.confirmed and self.history.bit_count() + left < settings.hits_needed

    def absorb(self, other: Emitter) -> None:
        """The other one was this one."""
        self.first_seq, self.first_seen_s = (
            min(self.first_seq, other.first_seq),
            min(self.first_seen_s, other.first_seen_s),
        )
        self.last_seq, self.last_seen_s = max(self.last_seq, other.last_seq), max(self.last_seen_s, other.last_seen_s)
        self.sightings += other.sightings
        self.doubt *= other.doubt
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
                doubt *= 1.0 - _confidence(said)
        return 1.0 - doubt


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


def _confidence(said: Heard) -> float:
    return DEFAULT_CONFIDENCE if math.isnan(said.confidence) else said.confidence


def _filled(said: Heard, before: Heard) -> Heard:
    """What it does not say stands as it was."""
    if math.isnan(said.frequency_hz):
        said = said._replace(frequency_hz=before.frequency_hz, bandwidth_hz=before.bandwidth_hz)
    if math.isnan(said.confidence):
        said = said._replace(confidence=before.confidence)
    return said if said.signal_class is not None else said._replace(signal_class=before.signal_class)
