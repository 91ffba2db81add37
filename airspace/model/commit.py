"""What one batch makes durable, in one transaction, before anything is acknowledged or told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from airspace.model.alert import Alert
from airspace.model.detection import Detections, Texts
from airspace.model.log import Heartbeat
from airspace.model.message import Reject
from airspace.model.track import Flight, Joined
from airspace.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The durable outcome of one batch. Alerts are already redacted for the privacy mode, the rest is not.

    ``track_id`` and ``flight_id`` have one entry for each detection, None where it made no track or flew no flight.
    """

    detections: Detections = field(default_factory=Detections.empty)
    track_id: Texts = field(default_factory=lambda: np.empty(0, dtype=object))
    flight_id: Texts = field(default_factory=lambda: np.empty(0, dtype=object))
    flights: tuple[Flight, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    alerts: tuple[Alert, ...] = ()
    rejects: tuple[Reject, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    joined: tuple[Joined, ...] = ()  # detections stored before, of which it is known by now whose they are
    clock_offset_s: float | None = None  # the machine's clock less the log's time, at the tick that found it set
    tick_s: float | None = None  # this second of the log is over: its commit proves that what was seen is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a commit changed: rows that were new, and rows that had been stored before (redelivery)."""

    detections: int
    repeated: int
    alerts: int
    rejects: int
