"""What the API and the console see: the picture after the last tick, redacted for the privacy mode, JSON-ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import msgspec
import numpy as np

from airspace.model.alert import Alert, Condition, Shelf
from airspace.model.detection import Flag
from airspace.model.health import HealthLevel
from airspace.model.lines import alert_line, number, time_text, track_line
from airspace.model.log import Command, CommandKind
from airspace.model.pilot import pilot_of
from airspace.model.ports import NotStoredYet
from airspace.model.privacy import Privacy
from airspace.model.sensor import Sensor, SensorHealth
from airspace.model.standing import Standing
from airspace.model.text import safe_text
from airspace.model.track import Booleans, Changes, TrackRow, Tracks, TrackState
from airspace.model.units import rfc3339
from airspace.model.verdict import RANK, VerdictValue
from airspace.service.alert_list import AlertList, is_counted, shelf_of
from airspace.service.clock import Clock, steady_clock
from airspace.service.health import Health
from airspace.service.hub import Event, Hub
from airspace.service.line import Outcome
from airspace.service.refusals import is_no_change, refusal
from airspace.service.sight import Sight
from airspace.service.signs import signs_line
from airspace.service.standings import Standings

TRACKS_SHOWN: Final = 500  # more than this on one page helps nobody; suspects go first
NOTE_LETTERS: Final = 280  # as the API takes them: a note is never cut
ANSWER_S: Final = 3.0  # a person waits no longer for an act
NOT_YET: Final = (
    "Not stored yet: the database does not answer. It will be done when it does; look at the alert again then."
)
TROUBLES_TOLD: Final = 8
ZONES_LAST_S: Final = 30.0  # whether a zone is active changes by the minute
STATUS_LASTS_S: Final = 0.1
PRESENT_S: Final = 2.0  # a time this near to the last picture is now: one tick, and one missed

Heights = Callable[[Tracks], tuple[Any, Any]]  # (agl_m, sigma_m) arrays
_Answer = TypeVar("_Answer")
Send = Callable[[Command], "asyncio.Future[Alert | None]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the view is told by others, each a question it may ask at any time."""

    heights: Heights
    state_line: Callable[[list[Standing], list[dict[str, Any]], int, float | None], str]
    sensor_health: Callable[[], tuple[tuple[str, bool, float | None], ...]]
    zones: Callable[[float], dict[str, Any]]
    notices: Callable[[float], list[dict[str, Any]]]
    explain: Callable[[TrackRow, float], dict[str, Any]]
    send: Send
    dropped: Callable[[], None]
    sensor_says: Callable[[], Mapping[str, str]] = dict  # of those that say that they do not hear
    intake: Callable[[float], Sequence[SensorHealth]] = lambda _: ()  # the gate's, at a log time
    silences: Callable[[float], list[dict[str, Any]]] = lambda _: []  # why the zones in force have no answer here
    in_question: Callable[[Tracks], Booleans] = lambda live: np.zeros(len(live), dtype=np.bool_)  # nobody sees it fly
    question: Callable[[], dict[str, Any]] = dict  # and why that is no answer
    health: Health
    stale_s: float = 5.0  # of a picture that is older nothing is ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the page opens with."""

    city: str
    latitude_deg: float
    longitude_deg: float
    zoom: float
    authorised_limit: int


class LiveView:
    """The port ``View`` over the running service. ``take`` is called after each commit, never before."""

    def __init__(
        self,
        *,
        place: Place,
        privacy: Privacy,
        sensors: tuple[Sensor, ...],
        clock: Clock,
        parts: Parts,
        steady: Clock = steady_clock,
        speed: float = 1.0,
    ) -> None:
        """``speed`` is how many seconds of both clocks pass in one of the world's: a demonstration's may be more."""
        self._place = place
        self._privacy = privacy
        self._sensors = sensors
        self._clock = clock
        self._parts = parts
        self._steady = steady
        self._speed = speed
        self._hub = Hub(self._events, parts.dropped, self.status)
        self._standings = Standings()
        self._drones: list[Standing] = []  # behind the state line, at the last tick
        self._question: list[dict[str, Any]] = []
        self._tracks: list[dict[str, Any]] = []
        self._alerts = AlertList()
        self._seq = 0
        self._ticked: tuple[float, float] | None = None  # the last tick, and when it was committed on the steady clock
        self._heard_s: float | None = None
        self._live: Tracks | None = None  # of the last tick, as it is: it never leaves without its redaction
        self._answers: dict[str, tuple[float, Any]] = {}
        self.day: dict[str, Any] = {}
        self.sight = Sight()

    # what changes

    def take(self, outcome: Outcome) -> None:
        """Show what a batch led to."""
        self._answers.pop(f"status {self._seq}", None)
        self._standings.take(outcome.verdicts)
        self.sight.take(outcome.unfollowed, self._clock())
        for alert in outcome.alerts:
            self._hub.tell(("alert", self._alerts.keep(self._privacy.alert(alert))))
        rows = outcome.batch.detections
        live_s = rows.logged_s[(rows.flags & int(Flag.STALE)) == 0]  # what was told again or kept is nothing heard now
        if len(live_s):
            self._heard_s = float(live_s[-1])
        if outcome.changes.live is not None:
            self._tick(outcome.changes.live, outcome.changes)

    def restore(self, lines: Sequence[dict[str, Any]]) -> None:
        """Records of an earlier run, as they were stored. Whoever came before they were read is told all again."""
        self._alerts.restore(lines)
        self._hub.renew()

    @property
    def stages(self) -> tuple[object, ...]:
        """What of the view outlives a restart with the core."""
        return self._standings, self._alerts

    def zones_changed(self) -> None:
        """Other zones are in force."""
        self._answers.clear()
        self._hub.tell(("zones", self._encoded_zones()))

    def _encoded_zones(self) -> msgspec.Raw:
        """The zones as they go over the wire: a national set is more than a megabyte."""
        return self._kept("zones on the wire", ZONES_LAST_S, lambda: msgspec.Raw(msgspec.json.encode(self.zones())))

    def _tick(self, live: Tracks, changes: Changes) -> None:
        self._live = live
        self._answers.pop(f"status {self._seq}", None)
        self._seq += 1
        self._ticked = (self._clock() if changes.tick_s is None else changes.tick_s, self._steady())
        self._standings.keep(live)
        self._drones = self._behind_the_state(live)
        shown = [index for index, state in enumerate(live.state.tolist()) if state != TrackState.TENTATIVE]
        shown = sorted(shown, key=lambda index: self._rank(int(live.number[index])))[:TRACKS_SHOWN]
        agl_m, sigma_m = self._parts.heights(live)
        self._tracks = [self._track(live.row(index), changes, agl_m[index], sigma_m[index]) for index in shown]
        self._alerts.forget(self._clock())
        self._hub.tell(("tracks", self._tracks))
        self._hub.tell(("sensors", self.sensors()))
        self._hub.tell(("status", self.status()))

    def _behind_the_state(self, live: Tracks) -> list[Standing]:
        """What stands against live drones, those in a zone that nobody can see fly, and those whose alert lingers.

        The last are the same drones on the same page.
        """
        drones = self._standings.against(live)
        spoken_of, present = {drone.track_id for drone in drones}, set(live.track_id.tolist())
        unseen = set(live.track_id[self._parts.in_question(live)].tolist()) - spoken_of
        self._question = [self._parts.question()] if unseen else []
        drones += [Standing(track_id, VerdictValue.NOT_DECIDABLE) for track_id in sorted(unseen)]
        spoken_of |= unseen
        for line in self._alerts.present():
            track_id = line["track_id"]
            if line["condition"] == Condition.THERE.value and track_id in present and track_id not in spoken_of:
                spoken_of.add(track_id)
                drones.append(Standing(track_id, VerdictValue(line["verdict"])))
        return drones

    def _rank(self, track_number: int) -> int:
        strongest = self._standings.strongest(track_number)
        return 0 if strongest is None else -RANK[strongest]

    def _track(self, row: TrackRow, changes: Changes, agl_m: float, sigma_m: float) -> dict[str, Any]:
        strongest = self._standings.strongest(row.number)
        pilot = None if not self._shows_pilots else pilot_of(row)
        return track_line(self._privacy.track(row), changes.sensors_of(row.sensors)) | {
            "verdict": None if strongest is None else strongest.value,
            "notice_id": self._standings.notice(row.number),
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

    # the port

    def tracks(self) -> list[dict[str, Any]]:
        """Live tracks, those that matter most first."""
        return self._tracks

    def alerts(self) -> list[dict[str, Any]]:
        """The latest telling of each record: open ones by priority, handled ones, what is over."""
        return self._alerts.lines()

    def zones(self) -> dict[str, Any]:
        """GeoJSON of the zones in force, and why they have no answer here, where they have none."""
        return self._kept("zones", ZONES_LAST_S, self._zones)

    def _zones(self) -> dict[str, Any]:
        return self._parts.zones(self._clock()) | {"cannot_say": self._silences()}

    def _silences(self) -> list[dict[str, Any]]:
        return self._kept("silences", ZONES_LAST_S, lambda: self._parts.silences(self._clock()))

    def _kept(self, what: str, lasts_s: float, make: Callable[[], _Answer]) -> _Answer:
        """An answer that costs too much to be made for each of some hundred watchers: made anew now and then."""
        now_s = self._steady() + self._clock()  # whichever of the two moves
        held = self._answers.get(what)
        if held is None or abs(now_s - held[0]) > lasts_s:
            self._answers[what] = held = (now_s, make())
        return cast("_Answer", held[1])

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
        """State line, clock, counts of the day; of the same tenth of a second the same for everybody."""
        return self._kept(f"status {self._seq}", STATUS_LASTS_S, self._status)

    def _status(self) -> dict[str, Any]:
        now, sensors = self._clock(), self.sensors()
        no_room, age_s, health = self.sight.lately(now).no_room, self.tick_age_s(), self._parts.health
        present, silent = self._alerts.present(), [*self._silences(), *self._question]
        believed_s = None if health.blinding() else age_s
        return {
            "time": rfc3339(now),
            "mode": self._privacy.mode.value,
            "state": _unless_deaf(
                self._parts.state_line(self._drones, sensors, no_room, believed_s), [*silent, *health.deafening()]
            ),
            "cannot_say": silent,
            "troubles": _troubles(health),
            "seq": self._seq,
            "tick_age_s": age_s,
            "drones": len(self._drones),
            "handled": len(self._handled(present)),
            "waiting_outcome": sum(line["condition"] == Condition.GONE.value for line in present),
            "open_alerts": sum(map(is_counted, present)),
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

    def tick_age_s(self) -> float | None:
        """How old the last committed tick is in seconds of the world; None before the first.

        By whichever clock says more: one may have been set back, the other may have slept with the machine.
        """
        if self._ticked is None:
            return None
        tick_s, steady_s = self._ticked
        return round(max(0.0, self._clock() - tick_s, self._steady() - steady_s) / self._speed, 1)

    def _handled(self, present: Sequence[dict[str, Any]]) -> set[str]:
        """Drones behind the state of which somebody has dealt with every alert that is there."""
        there = [line for line in present if line["condition"] == Condition.THERE.value]
        dealt = {line["track_id"] for line in there if shelf_of(line) is Shelf.HANDLED}
        dealt -= {line["track_id"] for line in there if shelf_of(line) is Shelf.OPEN}
        return dealt & {drone.track_id for drone in self._drones}

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

    async def command(
        self,
        kind: str,
        alert_id: str,
        by: str,
        note: str | None,
        outcome: str | None,
        *,
        instead_of: str | None = None,
        to: str | None = None,
    ) -> dict[str, Any]:
        """Put a person's act into the log; the alert line after it. KeyError: no such alert. AlertConflict: not now.

        ``NotStoredYet`` where the database takes longer than people wait.
        """
        self._alerts.named(alert_id)
        command = Command(
            kind=CommandKind(kind),
            alert_id=alert_id,
            by=safe_text(by) or "unknown",
            logged_s=self._clock(),
            note=None if note is None else safe_text(note, NOTE_LETTERS),
            outcome=None if outcome is None else safe_text(outcome),
            instead_of=None if instead_of is None else safe_text(instead_of),
            to=None if to is None else safe_text(to),
        )
        sent = self._parts.send(command)
        await asyncio.wait({sent}, timeout=ANSWER_S)
        if not sent.done():
            raise NotStoredYet(NOT_YET)
        told = sent.result()
        if told is not None:
            return alert_line(self._privacy.alert(told))
        line = self._alerts.named(alert_id)
        if is_no_change(command, line):
            return line
        raise refusal(command, line)

    def subscribe(self) -> AsyncIterator[Event]:
        """A full picture, then what changes."""
        return self._hub.watch()

    def ready(self) -> dict[str, Any]:
        """Whether all that must work does, and how each part does."""
        parts = {
            name: {
                "state": part.level.value,
                "since": time_text(part.since_s),
                "word": None if part.trouble is None else part.trouble.value,
                "what": part.what,
                "do": part.do,
            }
            for name, part in sorted(self._parts.health.parts().items())
        }
        age_s = self.tick_age_s()
        live = age_s is not None and age_s <= self._parts.stale_s
        return {"ready": live and self._parts.health.ready(), "parts": parts}

    def _events(self) -> list[Event]:
        return [
            ("status", self.status()),
            ("zones", self._encoded_zones()),
            ("sensors", self.sensors()),
            ("tracks", self.tracks()),
            ("alerts", self.alerts()),
        ]


def _troubles(health: Health) -> list[dict[str, Any]]:
    """The parts that are not well, the worst first, for the page's own line."""
    unwell = [(name, part) for name, part in health.parts().items() if part.trouble is not None]
    unwell.sort(key=lambda one: (not one[1].blinds, one[1].level is not HealthLevel.DOWN, one[0]))
    return [
        {"part": name, "word": part.trouble, "since": time_text(part.since_s), "what": part.what, "do": part.do}
        for name, part in unwell[:TROUBLES_TOLD]
    ]


def _unless_deaf(state: str, why: Sequence[object]) -> str:
    """Calm is said by nobody who could not judge a flight, or hears a part of the sensors alone."""
    return "coverage_reduced" if why and state == "clear" else state


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
        "unread": health.unread,
    }
