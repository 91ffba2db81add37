"""A sensor that the service knows: the registry's entry, when it may be listened to, and how it does.

The shutter (handbook, users: "ingest only in declared windows, else dropped before storage"): hours are of the clock at
the sensor's place, pauses are acts of people with a name and an end. A sensor without hours is always listened to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from airspace.model import local_time

ALL_DAYS: Final = frozenset(range(7))
_MIDNIGHT: Final = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Days and times of a clock; an ``end`` that is not after ``start`` is the next day's."""

    days: frozenset[int] = ALL_DAYS  # on which they start, 0 = Monday
    start: time = _MIDNIGHT
    end: time = _MIDNIGHT  # exclusive
    zone: str = "Europe/Amsterdam"  # IANA name

    def holds(self, time_s: float) -> bool:
        """Whether they hold then."""
        return local_time.holds(time_s, self.days, self.start, self.end, ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A logged pause: it ends by itself."""

    start_s: float
    end_s: float  # exclusive
    by: str  # who asked for it, cleaned text
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Where a receiver stands, whose it is, what for and until when, and when its silence is a fault."""

    sensor_id: str
    name: str
    kind: str  # remote_id, direction_finder, adsb
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    silent_after_s: float = 180.0
    range_m: float = 3000.0  # what it is expected to hear: for the coverage drawn on the map
    owner: str | None = None
    purpose: str | None = None
    until_s: float | None = None  # its end date, exclusive: after it the sensor is as good as unknown
    hours: tuple[Hours, ...] = ()  # any of them; none: always
    pauses: tuple[Pause, ...] = ()

    def has_ended(self, time_s: float) -> bool:
        """Whether its time is over."""
        return self.until_s is not None and time_s >= self.until_s

    def listens(self, time_s: float) -> bool:
        """Whether its shutter is open: within its hours, in no pause. Its silence is no fault while it is not."""
        if any(pause.start_s <= time_s < pause.end_s for pause in self.pauses):
            return False
        return self.within_hours(time_s)

    def within_hours(self, time_s: float) -> bool:
        """Whether its declared hours hold then, pauses aside."""
        return not self.hours or any(hours.holds(time_s) for hours in self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorHealth:
    """How a sensor does, as the gate sees it. Log times; None is not known."""

    sensor_id: str
    heard_s: float | None = None  # its last row
    heartbeat_s: float | None = None
    rows_per_s: float = 0.0  # offered, over the last minute or so
    noise_floor_dbm: float | None = None  # where the sensor says it
    says_gone: bool = False  # its last word, or its broker's for it, was that it is not there, or hears nothing
    says: str | None = None  # why, in its words, cleaned text
    detail: str | None = None  # what it last said of itself, cleaned text
    not_understood: str | None = None  # what it last said of its work that its documentation does not explain
    skew_s: float | None = None  # receive time less message time, median over at least three drones
    clock_ahead_s: float | None = None  # its clock against ours; None: no fault is seen
    clock_absurd: bool = False  # lately it said times that cannot be, and those rows were refused
    listens: bool = True  # the shutter is open
    has_ended: bool = False
    refused: dict[str, int] = field(default_factory=dict)  # rows by reason, since the start
    unread: dict[str, int] = field(default_factory=dict)  # fields that it sends and that are not read, since the start
