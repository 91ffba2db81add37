"""A sign of life is not working order, and silence is not safety: a known sensor that does not hear is an alert.

A sensor is silent when it has not lived, as far as what it says shows (``model/lives.py``), for longer than its
``silent_after_s``; one that did not live since counts from the log's first tick. What is of the past alone makes no
sensor well and ends no silence. It is blind while it says so itself: until it says that it is well, or, where it or its
broker said that it is not there, until it is heard again. It says so too when the number of messages that it counts
stands still for as long, and it brings no row. Nor is it coverage to rely on while the times of its rows are wrong or
old (``timing.py``). Outside its hours, in a pause and after its end a sensor is meant to be silent. Decided at ticks
only.
The alert is told again when it has lasted 1, 5 and 15 minutes and every full hour, so that its sentence does not grow
old, and when the cause is another. Of a sensor that is blind and well in turn it is told again when it has been blind
for a while; its health says it at once.

In a recording of others (``recorded``) silence says less: nobody knows whether the sensor was silent or the recording
left it out. There it counts for sensors that send heartbeats, and no longer than anything at all was heard.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from airspace.model.lives import Lives
from airspace.model.log import Heartbeat, Times, Working
from airspace.model.sensor import Sensor
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason, VerdictValue
from alerting.case import Key
from alerting.facts import Facts
from alerting.lifecycle import Event
from alerting.register import Register
from alerting.timing import Fault, Timing
from alerting.wording import duration

RULE: Final = "coverage"
RULE_VERSION: Final = "1"
_TOLD_AGAIN_S: Final = (60.0, 300.0, 900.0)
_HOUR_S: Final = 3600.0
NOTHING_NEW: Final = "no new message"
_OTHER_WORDS_S: Final = 60.0  # a sensor that says something else each second is told of once a minute
_CALM_S: Final = 300.0  # for so long after a recovery the sensor must have been blind for a while to be told of again
_STEADY_S: Final = 15.0
_UNTOLD: Final = -1  # a stage
_UNTIL_LIVE: Final = frozenset({Reason.SENSOR_SILENT, Reason.SENSOR_OLD})  # what only something live ends


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a sensor is no coverage now."""

    reason: Reason
    says: str | None
    silent_s: float
    since_s: float  # when the silence began
    behind_s: float | None = None  # what its rows say of the time, against ours


@dataclass(frozen=True, slots=True)
class _Told:
    """What was last told of a sensor."""

    trouble: _Trouble
    began_s: float
    told_s: float
    stage: int


class Coverage:
    """When each known sensor was last heard, and what it said of its work."""

    def __init__(self, sensors: Sequence[Sensor], *, recorded: bool = False) -> None:
        self._sensors = {sensor.sensor_id: sensor for sensor in sensors}
        self._recorded = recorded
        self._lives = Lives()
        self._heard_s: dict[str, float] = {}  # when each lived last
        self._live_s: dict[str, float] = {}  # when each was last heard live
        self._words: dict[str, Heartbeat] = {}  # the last that said something of its sensor's work
        self._beating: set[str] = set()  # sensors that send heartbeats
        self._counts: dict[str, float] = {}  # messages that a sensor says it has heard
        self._news_s: dict[str, float] = {}  # when that number last changed, or a row came
        self._timing = Timing()
        self._latest_s = -math.inf  # when anybody was heard, known or not
        self._told: dict[str, _Told] = {}  # sensors that are no coverage
        self._over_s: dict[str, float] = {}  # when each was last coverage again
        self._closed_s: dict[str, float] = {}  # when each was last outside its hours: silence counts from then on
        self._began_s: float | None = None

    def hear(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Heartbeats in the order of the log."""
        for beat in heartbeats:
            self._latest_s = max(self._latest_s, beat.logged_s)
            if beat.sensor in self._sensors:
                self._take(beat)

    def _take(self, beat: Heartbeat) -> None:
        if not beat.of_rows:
            self._beating.add(beat.sensor)
        self._timing.hear(beat)
        lived_s = self._lived_s(beat)
        if lived_s is None:
            return
        is_live, beat = lived_s == beat.logged_s, replace(beat, logged_s=lived_s)
        if is_live:
            self._count(beat)
        if beat.working is not Working.AWAY:
            self._heard_s[beat.sensor] = max(lived_s, self._heard_s.get(beat.sensor, lived_s))
            if is_live:
                self._live_s[beat.sensor] = max(lived_s, self._live_s.get(beat.sensor, lived_s))
        self._listen(beat)

    def _lived_s(self, beat: Heartbeat) -> float | None:
        """In a recording of others the log's time is made of theirs: there all is of now."""
        return beat.logged_s if self._recorded else self._lives.lived_s(beat, self._timing.behind_s(beat.sensor))

    def _listen(self, beat: Heartbeat) -> None:
        """What it says of its work, at the time of which it says it."""
        last = self._words.get(beat.sensor)
        is_back = last is not None and last.working is Working.AWAY and not beat.of_rows
        if (beat.working is not Working.UNSAID or is_back) and (last is None or beat.logged_s >= last.logged_s):
            self._words[beat.sensor] = beat

    def _count(self, beat: Heartbeat) -> None:
        is_news = beat.of_rows or (beat.messages is not None and beat.messages != self._counts.get(beat.sensor))
        if is_news:
            self._news_s[beat.sensor] = max(beat.logged_s, self._news_s.get(beat.sensor, beat.logged_s))
        if beat.messages is not None:
            self._counts[beat.sensor] = beat.messages

    def health(self) -> tuple[tuple[str, bool, float | None], ...]:
        """(sensor id, heard live, lately and not blind, when it lived last) of every known sensor at the last tick."""
        return tuple(
            (sensor_id, sensor_id in self._live_s and sensor_id not in self._told, self._heard_s.get(sensor_id))
            for sensor_id in self._sensors
        )

    def says(self) -> dict[str, str]:
        """Why it is no coverage, of each sensor that says so itself, as of the last tick."""
        return {name: told.trouble.says for name, told in self._told.items() if told.trouble.says is not None}

    def tick(self, register: Register, now_s: float, drones: int) -> None:
        """Open, tell again and close the alerts of sensors that do not hear; ``drones`` are live now."""
        if self._began_s is None:
            self._began_s = now_s
        for sensor in self._sensors.values():
            closed = sensor.has_ended(now_s) or not sensor.listens(now_s)
            if closed:
                self._closed_s[sensor.sensor_id] = now_s
            fault = self._timing.tick(sensor.sensor_id, now_s)
            trouble = None if closed else self._of_now(sensor, fault, now_s, self._began_s)
            if trouble is not None:
                self._tell(register, sensor, trouble, now_s, drones)
                continue
            told = self._told.pop(sensor.sensor_id, None)
            if told is not None:
                self._over(register, sensor, told, now_s, closed=closed)

    def _of_now(self, sensor: Sensor, fault: Fault | None, now_s: float, began_s: float) -> _Trouble | None:
        """What is the matter with it. One that brings old news is not silent yet."""
        trouble, late = self._trouble(sensor, now_s, began_s), self._late(sensor, fault, now_s)
        if trouble is None or late is None:
            return trouble or late
        return late if trouble.reason is Reason.SENSOR_SILENT and late.reason is Reason.SENSOR_OLD else trouble

    def _over(self, register: Register, sensor: Sensor, told: _Told, now_s: float, *, closed: bool) -> None:
        """It hears again, or is not meant to: the alert ends, and says what it was and for how long in all."""
        self._over_s[sensor.sensor_id] = now_s
        case = register.of_subject(_key(sensor))
        if case is None or not case.is_there:
            return
        began_s, until_s = told.began_s, now_s
        if case.facts.reason is Reason.SENSOR_SILENT:  # from when it was last heard to when it was heard again
            began_s = told.trouble.since_s
            until_s = now_s if closed else self._heard_s.get(sensor.sensor_id, now_s)
        past = {"was": case.facts.reason, "lasted_s": round(max(0.0, until_s - began_s), 1)}
        case.facts = replace(case.facts, evidence={**case.facts.evidence, **past})
        register.end(case, now_s, reason=Reason.SENSOR_CLOSED if closed else Reason.SENSOR_BACK)

    def _trouble(self, sensor: Sensor, now_s: float, began_s: float) -> _Trouble | None:
        name, closed_s = sensor.sensor_id, self._closed_s.get(sensor.sensor_id, -math.inf)
        until_s = min(now_s, self._latest_s) if self._recorded else now_s
        since_s = max(self._heard_s.get(name, began_s), closed_s)
        silent_s = until_s - since_s
        word = self._word(name)
        if word is not None and word.working is Working.AWAY:
            return _Trouble(Reason.SENSOR_BLIND, word.says, silent_s, since_s)
        if self._is_silent(sensor, until_s - (since_s if name in self._live_s else max(since_s, began_s))):
            return _Trouble(Reason.SENSOR_SILENT, None if word is None else word.says, silent_s, since_s)
        if word is not None:
            return _Trouble(Reason.SENSOR_BLIND, word.says, silent_s, since_s)
        nothing_s = until_s - max(self._news_s.get(name, math.inf), closed_s)
        is_deaf = name in self._counts and nothing_s > sensor.silent_after_s
        return _Trouble(Reason.SENSOR_BLIND, NOTHING_NEW, silent_s, since_s) if is_deaf else None

    def _is_silent(self, sensor: Sensor, quiet_s: float) -> bool:
        """Whether it has not lived for too long, or was told of so and nothing live came since."""
        name = sensor.sensor_id
        if self._recorded:
            return quiet_s > sensor.silent_after_s and name in self._beating
        told = self._told.get(name)
        was_told = told is not None and told.trouble.reason in _UNTIL_LIVE
        waits = told is not None and was_told and self._live_s.get(name, -math.inf) < told.began_s
        return waits or quiet_s > sensor.silent_after_s

    def _late(self, sensor: Sensor, fault: Fault | None, now_s: float) -> _Trouble | None:
        """What it brings is not of now, or says so. In a recording of others the log's time is made of theirs."""
        if fault is None or self._recorded:
            return None
        reason = Reason.SENSOR_CLOCK if fault.times is Times.CLOCK else Reason.SENSOR_OLD
        heard_s = self._heard_s.get(sensor.sensor_id, now_s)
        return _Trouble(reason, _says(fault), now_s - heard_s, heard_s, fault.behind_s)

    def _word(self, name: str) -> Heartbeat | None:
        """What it last said of its work, if that is that it does not hear and still holds."""
        word = self._words.get(name)
        if word is None or not word.gone:
            return None
        is_back = word.working is Working.AWAY and self._heard_s.get(name, -math.inf) > word.logged_s
        return None if is_back else word

    def _tell(self, register: Register, sensor: Sensor, trouble: _Trouble, now_s: float, drones: int) -> None:
        told = self._told.get(sensor.sensor_id)
        began_s = told.began_s if told is not None and told.trouble.reason is trouble.reason else now_s
        lasted_s = trouble.silent_s if trouble.reason is Reason.SENSOR_SILENT else now_s - began_s
        stage = sum(lasted_s >= limit for limit in _TOLD_AGAIN_S) + int(lasted_s // _HOUR_S)
        if told is not None and not _is_news(told, trouble, stage, now_s):
            return
        is_calm = now_s - self._over_s.get(sensor.sensor_id, -math.inf) >= _CALM_S
        flickers = trouble.reason is Reason.SENSOR_BLIND and not is_calm and lasted_s < _STEADY_S
        if flickers and (told is None or told.stage == _UNTOLD):
            self._told[sensor.sensor_id] = _Told(trouble, began_s, -math.inf, _UNTOLD)
            return
        self._told[sensor.sensor_id] = _Told(trouble, began_s, now_s, stage)
        facts = self._facts(sensor, trouble, drones)
        case = register.of_subject(_key(sensor))
        if case is None or not case.is_there:
            register.begin(facts, now_s, subject=sensor.sensor_id, dated=True)
            return
        case.facts = facts
        if case.is_open:
            register.tell(case, Event.UPDATE, now_s)

    def _facts(self, sensor: Sensor, trouble: _Trouble, drones: int) -> Facts:
        heard_s = self._heard_s.get(sensor.sensor_id)
        evidence: dict[str, object] = {"sensor": sensor.sensor_id, "drones": drones, "last_heard": None}
        if heard_s is not None:
            evidence |= {"last_heard": rfc3339(heard_s), "silent_s": round(trouble.silent_s, 1)}
        if trouble.says is not None:
            evidence |= {"says": trouble.says}
        if trouble.behind_s is not None:
            evidence |= {"behind_s": round(trouble.behind_s)}
        return Facts(
            kind=Kind.COVERAGE,
            value=VerdictValue.SITUATION,
            reason=trouble.reason,
            rule=RULE,
            rule_version=RULE_VERSION,
            group=_key(sensor)[1],
            name_nl=sensor.name or sensor.sensor_id,
            name_en=sensor.name or sensor.sensor_id,
            latitude_deg=sensor.latitude_deg,
            longitude_deg=sensor.longitude_deg,
            sensors=(sensor.sensor_id,),
            evidence=evidence,
        )


def _says(fault: Fault) -> str:
    _, long = duration(abs(fault.behind_s))
    if fault.times is Times.OLD:
        return f"brings only what is {long} old"
    return f"clock {long} {'behind' if fault.behind_s > 0 else 'ahead'}, corrected"


def _is_news(told: _Told, trouble: _Trouble, stage: int, now_s: float) -> bool:
    """Another cause at once, other words of the same cause after a while."""
    if told.trouble.reason is not trouble.reason or told.stage != stage:
        return True
    return told.trouble.says != trouble.says and now_s - told.told_s >= _OTHER_WORDS_S


def _key(sensor: Sensor) -> Key:
    return sensor.sensor_id, f"sensor-{sensor.sensor_id}", Kind.COVERAGE
