"""``airspace replay``: the whole chain over recordings, in memory; the same alerts whatever the batch size."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from airspace import app
from airspace.commands import values
from airspace.commands.ending import endings
from airspace.commands.output import RejectCounts, lines
from airspace.commands.paths import Paths
from airspace.commands.progress import progress
from airspace.commands.said import SaidBySensors
from airspace.commands.track_files import Line, track_file
from airspace.model.alert import AlertState
from airspace.model.lines import alert_line, number, time_text, track_line
from airspace.model.privacy import Privacy
from airspace.model.track import Changes, Flight, TrackEvent, TrackEventKind, TrackRow
from airspace.tracking.flights import DEFINITION


def replay(request: app.ReplayRequest, alerts: Path | None, tracks: Path | None, flights: Path | None) -> None:
    """Alerts to standard output or a file; tracks with their ways and flights to files; a summary to standard error."""
    counts, seen, opened, heard = RejectCounts(), Counter[str](), Counter[str](), Heard()
    read = [("FILES", file) for file in request.files]
    read += [("--zones", file) for file in request.zones] + [("--notices", file) for file in request.notices]
    read += [] if request.config is None else [("--config", request.config)]
    values.apart(read, [("--alerts", alerts), ("--tracks", tracks), ("--flights", flights)])
    with endings(), progress("reading zones and notices"):
        run = app.replay(request)  # before the first file is written: what is wrong here costs nobody his last one
    said = SaidBySensors()
    with (
        endings(),
        progress("replaying", data_on_stdout=alerts is None) as advance,
        lines(alerts, default_stdout=True) as alert_out,
        track_file(tracks) as write_track,
        lines(flights) as flight_out,
    ):
        followed = None if write_track is None else Followed(write_track, run.privacy)
        for outcome, rejects in run.outcomes:
            counts.add(rejects)
            said.add(outcome.batch.heartbeats)
            seen["detections"] += len(outcome.batch.detections)
            advance(0.0, f"{seen['detections']:,} detections, {sum(opened.values())} alerts")
            for alert in outcome.alerts:
                opened[f"{alert.kind.value} {alert.verdict.value}"] += alert.state is AlertState.OPENED
                if alert_out is not None:
                    alert_out.write(alert_line(run.privacy.alert(alert)))
            if followed is not None:
                followed.take(outcome.changes)
            for event in outcome.changes.events:
                heard.take(event)
                if event.kind is TrackEventKind.FLIGHT_ENDED and event.flight is not None:
                    seen["flights counted"] += event.flight.counted
                    if flight_out is not None:
                        flight_out.write(flight_line(event.flight, event.track.uas_id, run.privacy))
        if followed is not None:
            followed.finish()
    for warning in run.warnings:  # they come with the parts they are about
        sys.stderr.write(f"airspace: {warning}\n")
    _summary(seen, heard, opened, [*said.summary(), *counts.summary()])


class Heard:
    """How many aircraft there were: tracks that were confirmed, what turned out to be one of them counted once."""

    def __init__(self) -> None:
        self._confirmed: set[int] = set()  # of live tracks
        self._ended = 0
        self._tracks = 0

    def take(self, event: TrackEvent) -> None:
        """What happened to a track."""
        number = event.track.number
        if event.kind is TrackEventKind.APPEARED:
            self._tracks += 1
        elif event.kind is TrackEventKind.CONFIRMED:
            self._confirmed.add(number)
        elif event.kind is TrackEventKind.MERGED and event.into is not None:
            self._tracks -= 1
            if number in self._confirmed:
                self._confirmed.remove(number)
                self._confirmed.add(event.into)
        elif event.kind is TrackEventKind.ENDED and number in self._confirmed:
            self._confirmed.remove(number)
            self._ended += 1

    @property
    def aircraft(self) -> int:
        """Confirmed ones."""
        return self._ended + len(self._confirmed)

    @property
    def unsure(self) -> int:
        """What was never confirmed: heard once, or no more than noise."""
        return self._tracks - self.aircraft


class Followed:
    """Tracks for a file: written as they end, or at the end of a log that breaks off before they did."""

    def __init__(self, write: Callable[[Line], object], privacy: Privacy) -> None:
        self._write = write
        self._privacy = privacy
        self._paths = Paths()
        self._last: Changes | None = None
        self._gone: set[int] = set()  # merged since the last tick
        self._confirmed: set[int] = set()
        self._flights: defaultdict[int, list[Flight]] = defaultdict(list)  # of live tracks, those that are over

    def take(self, changes: Changes) -> None:
        """What a batch changed."""
        self._paths.add(changes.rows)
        for event in changes.events:
            if event.kind is TrackEventKind.MERGED and event.into is not None:
                self._paths.merge(event.track.number, event.into)
                self._flights[event.into] += self._flights.pop(event.track.number, [])
                self._gone.add(event.track.number)
            elif event.kind is TrackEventKind.CONFIRMED:
                self._confirmed.add(event.track.number)
            elif event.kind is TrackEventKind.FLIGHT_ENDED and event.flight is not None:
                self._flights[event.track.number].append(event.flight)
            elif event.kind is TrackEventKind.ENDED:
                self._tell(event.track, changes)
        if changes.live is not None:
            self._last = changes
            self._gone.clear()

    def finish(self) -> None:
        """The tracks of the last tick."""
        if self._last is not None and self._last.live is not None:
            for track in self._last.live.objects(range(len(self._last.live))):
                if track.number not in self._gone:
                    self._tell(track, self._last)

    def _tell(self, track: TrackRow, changes: Changes) -> None:
        line = track_line(self._privacy.track(track), changes.sensors_of(track.sensors))
        flown = sorted(self._flights.pop(track.number, []), key=lambda flight: flight.started_s)
        if flown and line["flight_id"] is None:
            line["flight_id"] = flown[-1].flight_id
        line["flights"] = [_flown(flight) for flight in flown]
        line["confirmed"] = track.number in self._confirmed
        line["path"] = self._paths.take(track.number)
        self._confirmed.discard(track.number)
        self._write(line)


def _flown(flight: Flight) -> dict[str, object]:
    """A flight in the line of its track, which says whose it is."""
    return {
        "flight_id": flight.flight_id,
        "started": time_text(flight.started_s),
        "last": time_text(flight.last_s),
        "detections": flight.detections,
        "counted": flight.counted,
        "highest_m": number(flight.highest_m, 1),
    }


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


def _summary(seen: Counter[str], heard: Heard, opened: Counter[str], others: list[str]) -> None:
    sys.stderr.write(
        f"{seen['detections']} detections, {heard.aircraft} aircraft, {heard.unsure} more never confirmed, "
        f"{seen['flights counted']} flights counted, {sum(opened.values())} alerts opened\n"
    )
    for what, count in sorted(opened.items()):
        if count:
            sys.stderr.write(f"  {count} x {what}\n")
    for line in others:
        sys.stderr.write(line + "\n")
