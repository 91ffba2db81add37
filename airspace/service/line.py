"""The line of boxes that a live service, a replay and a worker run alike: batch -> changes -> verdicts -> alerts.

Nothing here reads a clock or touches the world; the order of the log is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.alert import Alert
from airspace.model.commit import Commit
from airspace.model.detection import Detections, Flag
from airspace.model.log import Batch, Heartbeat, Times
from airspace.model.message import Reject
from airspace.model.ports import Alerter, Judge, Tracker
from airspace.model.privacy import Privacy
from airspace.model.track import Changes
from airspace.model.unfollowed import Unfollowed
from airspace.model.verdict import Verdict

_ODD_TIMES: Final = int(Flag.STALE | Flag.CLOCK_OF_SENSOR)
_OLD_S: Final = 60.0  # what is stale and younger was told again, and is its sensor's news
_TIMES: Final = (Times.LIVE, Times.CLOCK, Times.OLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one batch led to."""

    batch: Batch
    changes: Changes
    verdicts: tuple[Verdict, ...]
    alerts: tuple[Alert, ...]
    unfollowed: Unfollowed  # rows that no track follows: of the whole log, this batch the last

    def commit(self, privacy: Privacy, rejects: tuple[Reject, ...] = ()) -> Commit:
        """What of it is made durable, alerts as the privacy mode lets them be."""
        track_id = np.full(len(self.batch.detections), None, dtype=object)
        flight_id = track_id.copy()
        heard = self.changes.detection >= 0  # the rest moved at a tick
        at = self.changes.detection[heard]
        track_id[at] = self.changes.rows.track_id[heard]
        flight_id[at] = self.changes.rows.flight_id[heard]
        return Commit(
            detections=self.batch.detections,
            track_id=track_id,
            flight_id=flight_id,
            flights=tuple(event.flight for event in self.changes.events if event.flight is not None),
            verdicts=self.verdicts,
            alerts=tuple(privacy.alert(alert) for alert in self.alerts),
            rejects=rejects,
            heartbeats=self.batch.heartbeats,
            joined=self.changes.joined,
            tick_s=self.batch.tick_s,
            clock_offset_s=self.batch.clock_offset_s,
        )


class Line:
    """The stages in their order, each with its own state."""

    def __init__(self, tracker: Tracker, judge: Judge, alerter: Alerter) -> None:
        self._tracker = tracker
        self._judge = judge
        self._alerter = alerter
        self.stages: tuple[object, ...] = (tracker, judge, alerter)

    def apply(self, batch: Batch) -> Outcome:
        """Take one batch of the log through all stages."""
        changes = self._tracker.step(batch)
        verdicts = self._judge.judge(changes)
        heard = (*batch.heartbeats, *_heard(batch.detections))
        alerts = self._alerter.step(verdicts, changes, heard, batch.commands)
        return Outcome(
            batch=batch, changes=changes, verdicts=verdicts, alerts=alerts, unfollowed=self._tracker.unfollowed
        )


def _heard(detections: Detections) -> list[Heartbeat]:
    """Whoever brings a detection lives: one heartbeat a sensor and kind of times, at its last row."""
    sensors, logged_s = detections.sensor.tolist(), detections.logged_s.tolist()
    odd = (detections.flags & _ODD_TIMES) != 0
    if not odd.any():
        last = dict(zip(sensors, logged_s, strict=True))
        return [Heartbeat(sensor=sensor, logged_s=at_s, of_rows=True) for sensor, at_s in last.items()]
    behind_s = detections.logged_s - detections.received_s
    kinds = np.where((detections.flags & int(Flag.CLOCK_OF_SENSOR)) != 0, 1, np.where(odd & (behind_s > _OLD_S), 2, 0))
    rows = zip(sensors, kinds.tolist(), logged_s, behind_s.tolist(), strict=True)
    told = {(sensor, kind): (at_s, late_s) for sensor, kind, at_s, late_s in rows}
    return [
        Heartbeat(
            sensor=sensor, logged_s=at_s, of_rows=True, times=_TIMES[kind], behind_s=None if kind == 0 else late_s
        )
        for (sensor, kind), (at_s, late_s) in told.items()
    ]
