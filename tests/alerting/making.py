"""Verdicts, live tables and a log of them, for the tests of the alert book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from airspace.model.alert import Alert
from airspace.model.log import Command, CommandKind, Heartbeat
from airspace.model.track import Changes, Remark, TrackRow, Tracks, TrackState, unknown_tracks
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneKind, ZoneRole
from alerting.book import AlertBook

SENSOR_NAMES = ("noord", "zuid", "oost")
ARENA = (52.3144, 4.9419)
SPOOF = int(Remark.SHARED_TRANSMITTER | Remark.FROZEN_TIME)


def row(number: int = 1, **values: Any) -> TrackRow:
    track = unknown_tracks(1).row(0)
    place = {"latitude_deg": ARENA[0], "longitude_deg": ARENA[1], "state": int(TrackState.CONFIRMED), "sensors": 1}
    named = {"number": number, "track_id": f"T-{number}", "flight_id": f"F-{number}", "uas_id": f"9ZZZ2A{number}"}
    times = {"first_seen_s": 0.0, "last_seen_s": 0.0}
    return track._replace(**{**place, **named, **times, **values})


def table(rows: Sequence[TrackRow]) -> Tracks:
    empty = unknown_tracks(len(rows))
    columns: dict[str, Any] = {}
    for name in TrackRow._fields:
        column = getattr(empty, name)
        for index, track in enumerate(rows):
            column[index] = getattr(track, name)
        columns[name] = column
    return Tracks(**columns)


def changes(live: Sequence[TrackRow] | None = None, tick_s: float | None = None) -> Changes:
    return Changes(
        rows=unknown_tracks(0),
        detection=np.empty(0, dtype=np.intp),
        live=None if live is None else table(live),
        tick_s=tick_s,
        sensor_names=SENSOR_NAMES,
    )


def verdict(
    at: float,
    reason: Reason = Reason.NO_NOTICE,
    value: VerdictValue = VerdictValue.VIOLATION,
    track: TrackRow | None = None,
    **values: Any,
) -> Verdict:
    defaults: dict[str, Any] = {
        "kind": Kind.ZONE,
        "rule": "ctr_open",
        "rule_version": "1",
        "group": "ctr",
        "group_name_nl": "de CTR Schiphol",
        "group_name_en": "the Schiphol CTR",
        "zone_id": "CTR1",
    }
    return Verdict(seq=int(at), logged_s=at, track=track or row(), value=value, reason=reason, **{**defaults, **values})


def fence(at: float, role: ZoneRole, track: TrackRow | None = None, *, inside: bool = True) -> Verdict:
    name = ("boven het publiek in de ArenA", "above the crowd in the ArenA")
    if role is ZoneRole.RING:
        name = ("de ring om de ArenA", "the ArenA ring")
    return verdict(
        at,
        Reason.INSIDE_FENCE if inside else Reason.LEFT_ZONE,
        VerdictValue.SITUATION if inside else VerdictValue.ALLOWED,
        track,
        group=f"arena-{role.value}",
        group_name_nl=name[0],
        group_name_en=name[1],
        zone_kind=ZoneKind.ALERT_ONLY,
        zone_role=role,
    )


def side(
    at: float,
    reason: Reason = Reason.BEYOND_SIGHT,
    value: VerdictValue = VerdictValue.SUSPECTED,
    kind: Kind = Kind.SIGHT,
    track: TrackRow | None = None,
    **values: Any,
) -> Verdict:
    """About how it flies."""
    return verdict(at, reason, value, track, kind=kind, group=kind.value, zone_id=None, rule="vlos", **values)


def allowed(at: float, reason: Reason, track: TrackRow | None = None, **values: Any) -> Verdict:
    return verdict(at, reason, VerdictValue.ALLOWED, track, **values)


@dataclass
class Evening:
    """A book with the tracks that are live, driven entry by entry."""

    book: AlertBook
    live: list[TrackRow]

    @classmethod
    def start(cls, *live: TrackRow, sensors: Sequence[Any] = ()) -> Evening:
        return cls(AlertBook(sensors), list(live) or [row()])

    def say(self, *verdicts: Verdict) -> tuple[Alert, ...]:
        return self.book.step(verdicts, changes(), (), ())

    def tick(self, at: float) -> tuple[Alert, ...]:
        return self.book.step((), changes(self.live, at), (), ())

    def ticks(self, first: int, last: int) -> list[Alert]:
        return [alert for at in range(first, last + 1) for alert in self.tick(float(at))]

    def hear(self, at: float, *sensors: str) -> tuple[Alert, ...]:
        return self.book.step((), changes(), [Heartbeat(sensor=name, logged_s=at) for name in sensors], ())

    def order(self, kind: CommandKind, alert_id: str, at: float, **values: Any) -> tuple[Alert, ...]:
        command = Command(kind=kind, alert_id=alert_id, by="eenheid 12", logged_s=at, **values)
        return self.book.step((), changes(), (), [command])
