"""``airspace replay``: the whole chain over recordings, in memory; the same alerts whatever the batch size."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from airspace import app
from airspace.commands.ending import endings
from airspace.commands.output import RejectCounts, lines
from airspace.model.alert import AlertState
from airspace.model.lines import alert_line, number, time_text, track_line
from airspace.model.privacy import Privacy
from airspace.model.track import Flight, TrackEventKind
from airspace.tracking.flights import DEFINITION


def replay(request: app.ReplayRequest, alerts: Path | None, tracks: Path | None, flights: Path | None) -> None:
    """Alerts to standard output or a file; tracks as they ended and flights to files; a summary to standard error."""
    counts, seen, opened = RejectCounts(), Counter[str](), Counter[str]()
    with (
        endings(),
        lines(alerts, default_stdout=True) as alert_out,
        lines(tracks) as track_out,
        lines(flights) as flight_out,
    ):
        run = app.replay(request)
        for outcome, rejects in run.outcomes:
            counts.add(rejects)
            seen["detections"] += len(outcome.batch.detections)
            for alert in outcome.alerts:
                opened[f"{alert.kind.value} {alert.verdict.value}"] += alert.state is AlertState.OPENED
                if alert_out is not None:
                    alert_out.write(alert_line(run.privacy.alert(alert)))
            for event in outcome.changes.events:
                seen[event.kind.value] += 1
                if event.kind is TrackEventKind.ENDED and track_out is not None:
                    sensors = outcome.changes.sensors_of(event.track.sensors)
                    track_out.write(track_line(run.privacy.track(event.track), sensors))
                if event.kind is TrackEventKind.FLIGHT_ENDED and event.flight is not None:
                    seen["flights counted"] += event.flight.counted
                    if flight_out is not None:
                        flight_out.write(flight_line(event.flight, event.track.uas_id, run.privacy))
    for warning in run.warnings:  # they come with the parts they are about
        sys.stderr.write(f"airspace: {warning}\n")
    _summary(seen, opened, counts)


def flight_line(flight: Flight, uas_id: str | None, privacy: Privacy) -> dict[str, object]:
    """The JSON-ready line of one flight."""
    return {
        "flight_id": flight.flight_id,
        "track_id": flight.track_id,
        "uas_id": privacy.uas_id(uas_id),
        "started": time_text(flight.started_s),
        "last": time_text(flight.last_s),
        "detections": flight.detections,
        "counted": flight.counted,
        "suspect": flight.suspect,
        "highest_m": number(flight.highest_m, 1),
        "definition": DEFINITION,
    }


def _summary(seen: Counter[str], opened: Counter[str], counts: RejectCounts) -> None:
    aircraft = seen[TrackEventKind.APPEARED.value] - seen[TrackEventKind.MERGED.value]
    sys.stderr.write(
        f"{seen['detections']} detections, {aircraft} aircraft, {seen[TrackEventKind.CONFIRMED.value]} confirmed, "
        f"{seen['flights counted']} flights counted, {sum(opened.values())} alerts opened\n"
    )
    for what, count in sorted(opened.items()):
        if count:
            sys.stderr.write(f"  {count} x {what}\n")
    for line in counts.summary():
        sys.stderr.write(line + "\n")
