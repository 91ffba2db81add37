"""What the API and the console see: the picture after the last tick, redacted for the privacy mode, JSON-ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from airspace.model.alert import Alert, AlertState
from airspace.model.lines import alert_line, number, time_text, track_line
from airspace.model.log import Command, CommandKind
from airspace.model.pilot import pilot_of
from airspace.model.privacy import Privacy
from airspace.model.sensor import Sensor, SensorHealth
from airspace.model.text import safe_text
from airspace.model.track import Changes, TrackRow, Tracks, TrackState
from airspace.model.units import rfc3339
from airspace.model.verdict import NOTHING_STANDS, Verdict, VerdictValue
from airspace.service.clock import Clock
from airspace.service.hub import Event, Hub
from airspace.service.line import Outcome
from airspace.service.sight import Sight
from airspace.service.signs import signs_line

CLOSED_SHOWN_S: Final = 600.0
CLOSED_SHOWN: Final = 50
TRACKS_SHOWN: Final = 500  # more than this on one page helps nobody; suspects go first
_STRENGTH: Final = {
    VerdictValue.ALLOWED: 0,
    VerdictValue.SITUATION: 1,
    VerdictValue.NOT_DECIDABLE: 2,
    VerdictValue.SUSPECTED: 3,
    VerdictValue.VIOLATION: 4,
}

PRESENT_S: Final = 2.0  # a time this near to the last picture is now: one tick, and one missed

Heights = Callable[[Tracks], tuple[Any, Any]]  # (agl_m, sigma_m) arrays
Send = Callable[[Command], "asyncio.Future[Alert | None]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the view is told by others, each a question it may ask at any time."""

    heights: Heights
    state_line: Callable[[list[dict[str, Any]], list[dict[str, Any]], int], str]
    sensor_health: Callable[[], tuple[tuple[str, bool, float | None], ...]]
    zones: Callable[[float], dict[str, Any]]
    notices: Callable[[float], list[dict[str, Any]]]
    explain: Callable[[TrackRow, float], dict[str, Any]]
    send: Send
    dropped: Callable[[], None]
    sensor_says: Callable[[], Mapping[str, str]] = dict  # of those that say that they do not hear
    intake: Callable[[float], Sequence[SensorHealth]] = lambda _: ()  # the gate's, at a log time


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the page opens with."""

    city: str
    latitude_deg: float
    longitude_deg: float
    zoom: float
    authorised_limit: int


@dataclass(slots=True)
class _Standing:
    """How a track stands in each airspace group."""

    values: dict[str, tuple[VerdictValue, str | None]] = field(default_factory=dict)

    def strongest(self) -> VerdictValue | None:
        return max((value for value, _ in self.values.values()), key=_STRENGTH.__getitem__, default=None)

    def notice(self) -> str | None:
        return next((notice for _, notice in self.values.values() if notice is not None), None)


class LiveView:
    """The port ``View`` over the running service. ``take`` is called after each commit, never before."""

    def __init__(
        self, *, place: Place, privacy: Privacy, sensors: tuple[Sensor, ...], clock: Clock, parts: Parts
    ) -> None:
        self._place = place
        self._privacy = privacy
        self._sensors = sensors
        self._clock = clock
        self._parts = parts
        self._hub = Hub(self._events, parts.dropped)
        self._standing: dict[int, _Standing] = {}
        self._tracks: list[dict[str, Any]] = []
        self._alerts: dict[str, dict[str, Any]] = {}
        self._open: set[str] = set()
        self._closed_at: dict[str, float] = {}
        self._heard_s: float | None = None
        self._live: Tracks | None = None  # of the last tick, as it is: it never leaves without its redaction
        self.day: dict[str, Any] = {}
        self.health: dict[str, str] = {}
        self.sight = Sight()

    # what changes

    def take(self, outcome: Outcome) -> None:
        """Show what a batch led to."""
        self._judge(outcome.verdicts)
        self.sight.take(outcome.unfollowed, self._clock())
        for alert in outcome.alerts:
            self._hub.tell(("alert", self._keep(self._privacy.alert(alert))))
        if len(outcome.batch.detections):
            self._heard_s = float(outcome.batch.detections.logged_s[-1])
        if outcome.changes.live is not None:
            self._tick(outcome.changes.live, outcome.changes)

    def zones_changed(self) -> None:
        """Other zones are in force."""
        self._hub.tell(("zones", self.zones()))

    def _judge(self, verdicts: tuple[Verdict, ...]) -> None:
        for verdict in verdicts:
            standing = self._standing.setdefault(verdict.track.number, _Standing())
            if verdict.reason in NOTHING_STANDS:
                standing.values.pop(verdict.group, None)
            else:
                standing.values[verdict.group] = (verdict.value, verdict.notice_id)

    def _keep(self, alert: Alert) -> dict[str, Any]:
        line = alert_line(alert)
        self._alerts[alert.alert_id] = line
        if alert.state is AlertState.CLOSED:
            self._open.discard(alert.alert_id)
            self._closed_at[alert.alert_id] = alert.time_s
        else:
            self._open.add(alert.alert_id)
            self._closed_at.pop(alert.alert_id, None)
        return line

    def _tick(self, live: Tracks, changes: Changes) -> None:
        self._live = live
        self._standing = {number: self._standing[number] for number in live.number.tolist() if number in self._standing}
        shown = [index for index, state in enumerate(live.state.tolist()) if state != TrackState.TENTATIVE]
        shown = sorted(shown, key=lambda index: self._rank(int(live.number[index])))[:TRACKS_SHOWN]
        agl_m, sigma_m = self._parts.heights(live)
        self._tracks = [self._track(live.row(index), changes, agl_m[index], sigma_m[index]) for index in shown]
        self._forget_closed()
        self._hub.tell(("tracks", self._tracks))
        self._hub.tell(("sensors", self.sensors()))
        self._hub.tell(("status", self.status()))

    def _rank(self, track_number: int) -> int:
        standing = self._standing.get(track_number)
        strongest = None if standing is None else standing.strongest()
        return 0 if strongest is None else -_STRENGTH[strongest]

    def _track(self, row: TrackRow, changes: Changes, agl_m: float, sigma_m: float) -> dict[str, Any]:
        standing = self._standing.get(row.number, _Standing())
        strongest = standing.strongest()
        pilot = None if not self._shows_pilots else pilot_of(row)
        return track_line(self._privacy.track(row), changes.sensors_of(row.sensors)) | {
            "verdict": None if strongest is None else strongest.value,
            "notice_id": standing.notice(),
            "height_agl_m": number(float(agl_m), 1),
            "height_sigma_m": number(float(sigma_m), 1),
            "pilot": None
            if pilot is None
            else {
                "latitude_deg": number(pilot.latitude_deg, 7),
                "longitude_deg": number(pilot.longitude_deg, 7),
                "kind": pilot.kind.value,
                "accuracy_m": number(pilot.accuracy_m, 1),
            },
        }

    @property
    def _shows_pilots(self) -> bool:
        return self._privacy.mode == "enforcement"

    def _forget_closed(self) -> None:
        now = self._clock()
        latest = sorted(self._closed_at, key=self._closed_at.__getitem__, reverse=True)
        for rank, alert_id in enumerate(latest):
            if rank >= CLOSED_SHOWN or now - self._closed_at[alert_id] > CLOSED_SHOWN_S:
                del self._closed_at[alert_id]
                del self._alerts[alert_id]

    # the port

    def tracks(self) -> list[dict[str, Any]]:
        """Live tracks, those that matter most first."""
        return self._tracks

    def alerts(self) -> list[dict[str, Any]]:
        """Open alerts and those just closed, highest priority first."""
        return sorted(
            self._alerts.values(), key=lambda line: (line["state"] == "closed", -line["priority"], line["opened"])
        )

    def zones(self) -> dict[str, Any]:
        """GeoJSON of the zones in force."""
        return self._parts.zones(self._clock())

    def sensors(self) -> list[dict[str, Any]]:
        """Sensors with their health, registered ones first."""
        now, known = self._clock(), {sensor.sensor_id: sensor for sensor in self._sensors}
        intake = {health.sensor_id: health for health in self._parts.intake(now)}
        says = self._parts.sensor_says()
        return [
            self._sensor(name, known.get(name), ok=ok, heard_s=heard_s, now=now)
            | {"says": says.get(name)}
            | _intake(intake.get(name))
            | _absurd(intake.get(name))
            for name, ok, heard_s in self._parts.sensor_health()
        ]

    @staticmethod
    def _sensor(name: str, sensor: Sensor | None, *, ok: bool, heard_s: float | None, now: float) -> dict[str, Any]:
        return {
            "sensor_id": name,
            "name": name if sensor is None else sensor.name,
            "kind": None if sensor is None else sensor.kind,
            "latitude_deg": None if sensor is None else sensor.latitude_deg,
            "longitude_deg": None if sensor is None else sensor.longitude_deg,
            "range_m": None if sensor is None else sensor.range_m,
            "ok": ok,
            "last_seen": time_text(heard_s),
            "silent_s": None if heard_s is None else max(0, round(now - heard_s)),
            "owner": None if sensor is None else sensor.owner,
            "purpose": None if sensor is None else sensor.purpose,
            "until": None if sensor is None else time_text(sensor.until_s),
            "listens": sensor is None or sensor.listens(now),
        }

    def notices(self) -> list[dict[str, Any]]:
        """Notices of now and the next day."""
        return self._parts.notices(self._clock())

    def status(self) -> dict[str, Any]:
        """State line, clock, counts of the day."""
        now, sensors = self._clock(), self.sensors()
        no_room = self.sight.lately(now).no_room
        open_alerts = [self._alerts[alert_id] for alert_id in self._open if alert_id in self._alerts]
        return {
            "time": rfc3339(now),
            "mode": self._privacy.mode.value,
            "state": self._parts.state_line(open_alerts, sensors, no_room),
            "open_alerts": sum(line["kind"] != "coverage" for line in open_alerts),
            "authorised_now": sum(
                track["airborne"] and track["verdict"] == "allowed" and track["notice_id"] is not None
                for track in self._tracks
            ),
            "authorised_limit": self._place.authorised_limit,
            "sensors_ok": sum(bool(sensor["ok"]) for sensor in sensors),
            "sensors": len(sensors),
            "no_room": no_room,
            "data_age_s": None if self._heard_s is None else round(max(0.0, now - self._heard_s), 1),
            "day": self.day,
            "city": self._place.city,
            "centre": [self._place.longitude_deg, self._place.latitude_deg],
            "zoom": self._place.zoom,
        }

    def explain(self, track_id: str, time_s: float | None) -> dict[str, Any]:
        """Why a live track is judged as it is, from the last picture: no other is kept here.

        Matching notices needs the serial that was heard, so it is asked with the track as it is; in the quiet mode
        without the pilot's place, so that no distance to him is told either.
        """
        row = self._live_row(track_id)
        if time_s is not None and abs(time_s - row.logged_s) > PRESENT_S:
            raise ValueError(f"only the last picture is kept, of {rfc3339(row.logged_s)}: ask without a time")
        shown = self._privacy.track(row)
        asked = row if self._shows_pilots else shown._replace(uas_id=row.uas_id, operator_id=row.operator_id)
        told = self._parts.explain(asked, row.logged_s)
        return told | {"uas_id": shown.uas_id, "signs": signs_line(row.remarks, suspect=row.suspect)}

    def _live_row(self, track_id: str) -> TrackRow:
        """KeyError for a track that is not live, or that nobody is told of yet."""
        live = self._live
        numbers = [] if live is None else [n for n, each in enumerate(live.track_id.tolist()) if each == track_id]
        if live is None or not numbers or live.state[numbers[0]] == TrackState.TENTATIVE:
            raise KeyError(track_id)
        return live.row(numbers[0])

    async def command(self, kind: str, alert_id: str, by: str, note: str | None, outcome: str | None) -> dict[str, Any]:
        """Put a person's act into the log; the alert line after it. KeyError: not open. ValueError: not now."""
        if alert_id not in self._open:
            raise KeyError(alert_id)
        command = Command(
            kind=CommandKind(kind),
            alert_id=alert_id,
            by=safe_text(by) or "unknown",
            logged_s=self._clock(),
            note=None if note is None else safe_text(note, 200),
            outcome=None if outcome is None else safe_text(outcome),
        )
        told = await self._parts.send(command)
        if told is None:
            raise ValueError(f"{kind} is not possible in this state")
        return alert_line(self._privacy.alert(told))

    def subscribe(self) -> AsyncIterator[Event]:
        """A full picture, then what changes."""
        return self._hub.watch()

    def ready(self) -> dict[str, str]:
        """Part -> ``ok`` or what is wrong."""
        return dict(self.health)

    def _events(self) -> list[Event]:
        return [
            ("status", self.status()),
            ("zones", self.zones()),
            ("sensors", self.sensors()),
            ("tracks", self.tracks()),
            ("alerts", self.alerts()),
        ]


def _absurd(health: SensorHealth | None) -> dict[str, Any]:
    """What a sensor heard and no part after the gate knows of, as its times cannot be."""
    if health is None or not health.clock_absurd:
        return {}
    return {"ok": False, "says": "clock not set: its rows are refused"}


def _intake(health: SensorHealth | None) -> dict[str, Any]:
    """How a sensor does at the gate; a closed or ended sensor's messages are counted there and nowhere else."""
    if health is None:
        return {}
    return {
        "heartbeat": time_text(health.heartbeat_s),
        "rows_per_s": round(health.rows_per_s, 2),
        "noise_floor_dbm": health.noise_floor_dbm,
        "says_gone": health.says_gone,
        "detail": health.detail,
        "not_understood": health.not_understood,
        "skew_s": None if health.skew_s is None else round(health.skew_s, 1),
        "clock_ahead_s": None if health.clock_ahead_s is None else round(health.clock_ahead_s, 1),
        "has_ended": health.has_ended,
        "refused": health.refused,
    }
