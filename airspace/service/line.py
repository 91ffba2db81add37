"""The line of boxes that a live service, a replay and a worker run alike: batch -> changes -> verdicts -> alerts.

Nothing here reads a clock or touches the world; the order of the log is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from airspace.model.alert import Alert
from airspace.model.commit import Commit
from airspace.model.detection import Detections, Flag, Numbers, Rows
from airspace.model.lives import PRESENT_S
from airspace.model.log import Batch, Heartbeat, Times
from airspace.model.message import Reject
from airspace.model.ports import Alerter, Judge, Tracker
from airspace.model.privacy import Privacy
from airspace.model.track import Changes
from airspace.model.unfollowed import Unfollowed
from airspace.model.verdict import Verdict

_OLD_S: Final = 60.0  # what is stale and younger was told again or kept by a broker


class _Kind(IntEnum):
    """What a row says of when its sensor lived."""

    NOW = 0
    CLOCK = 1  # now: its clock is known to be wrong
    OLD = 2  # of before the present picture
    LATE = 3  # then, a moment ago
    AHEAD = 4  # now, if it is news
    NO_NEWS = 5


class _Heard(NamedTuple):
    """Some rows of one sensor and kind."""

    logged_s: float  # of the last
    said_s: float  # of the newest
    behind_s: float  # of the last


_TIMES: Final = {_Kind.CLOCK: Times.CLOCK, _Kind.OLD: Times.OLD}


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
    """Whoever brings a detection lives, or did: one heartbeat a sensor and kind of times.

    Of rows that are not of now the newest counts. What is told again, or was kept by a broker, tells of no time.
    """
    sensors, logged_s, received_s = detections.sensor.tolist(), detections.logged_s, detections.received_s
    behind_s = logged_s - received_s
    kinds = _kinds(detections.flags, behind_s)
    if not kinds.any():
        last = dict(zip(sensors, logged_s.tolist(), strict=True))
        return [Heartbeat(sensor=sensor, logged_s=at_s, of_rows=True) for sensor, at_s in last.items()]
    found: dict[tuple[str, int], _Heard] = {}
    for sensor, kind, at_s, said_s in zip(sensors, kinds.tolist(), logged_s.tolist(), received_s.tolist(), strict=True):
        before = found.get((sensor, kind))
        goes_further = before is None or said_s > before.said_s
        if before is not None and kind == _Kind.AHEAD and not goes_further:
            continue  # what is ahead of us is dated by the row that went furthest
        newest_s = said_s if before is None or goes_further else before.said_s
        found[sensor, kind] = _Heard(at_s, newest_s, at_s - said_s)
    return [_beat(sensor, _Kind(kind), heard) for (sensor, kind), heard in found.items() if kind != _Kind.NO_NEWS]


def _kinds(flags: Rows, behind_s: Numbers) -> Rows:
    """What each row says of when its sensor lived."""
    clock, stale = (flags & int(Flag.CLOCK_OF_SENSOR)) != 0, (flags & int(Flag.STALE)) != 0
    old, late, ahead = stale & ~clock & (behind_s > _OLD_S), behind_s > PRESENT_S, behind_s < -PRESENT_S
    kinds = (_Kind.OLD, _Kind.NO_NEWS, _Kind.CLOCK, _Kind.LATE, _Kind.AHEAD)
    found: Rows = np.select((old, stale, clock, late, ahead), [int(kind) for kind in kinds], int(_Kind.NOW))
    return found


def _beat(sensor: str, kind: _Kind, heard: _Heard) -> Heartbeat:
    return Heartbeat(
        sensor=sensor,
        logged_s=heard.logged_s,
        said_s=None if kind == _Kind.NOW else heard.said_s,
        of_rows=True,
        times=_TIMES.get(kind, Times.LIVE),
        behind_s=heard.behind_s if kind in _TIMES else None,
    )
