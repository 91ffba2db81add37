"""The whole chain over recordings, as ``airspace replay`` runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from airspace import app
from airspace.model.alert import Alert, AlertState
from airspace.model.lines import alert_line
from airspace.model.message import Reject
from airspace.model.privacy import Mode
from airspace.model.track import Flight, TrackEvent, TrackEventKind


@dataclass
class Replayed:
    """Everything a replay told."""

    rows: int = 0
    events: list[TrackEvent] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    lines: bytes = b""

    def of(self, kind: TrackEventKind) -> list[TrackEvent]:
        return [event for event in self.events if event.kind is kind]

    @property
    def aircraft(self) -> int:
        return len(self.of(TrackEventKind.APPEARED)) - len(self.of(TrackEventKind.MERGED))

    @property
    def flights(self) -> list[Flight]:
        return [event.flight for event in self.of(TrackEventKind.FLIGHT_ENDED) if event.flight and event.flight.counted]

    @property
    def opened(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.state is AlertState.OPENED]


def replay(
    *files: Path,
    zones: list[Path] | None = None,
    notices: list[Path] | None = None,
    config: Path | None = None,
    batch: int = 1024,
) -> Replayed:
    """Replay some files in enforcement mode."""
    run = app.replay(
        app.ReplayRequest(
            files=files,
            config=config,
            zones=zones or [],
            notices=notices or [],
            mode=Mode.ENFORCEMENT,
            batch=batch,
            receiver_time="2026-05-01T12:00:00Z",
        )
    )
    told = Replayed()
    lines = []
    for outcome, rejects in run.outcomes:
        told.rows += len(outcome.batch.detections)
        told.events += outcome.changes.events
        told.alerts += outcome.alerts
        told.rejects += rejects
        lines += [msgspec.json.encode(alert_line(alert)) for alert in outcome.alerts]
    told.lines = b"\n".join(lines)
    return told
