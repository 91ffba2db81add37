"""Silence is not safety: a known sensor that is not heard is an alert of its own.

A sensor is silent when it was not heard for longer than its ``silent_after_s``; one that was never heard counts from
the log's first tick. Outside its hours, in a pause and after its end a sensor is meant to be silent. Decided at ticks
only. The alert is told again when the silence reaches 1, 5 and 15 minutes and every full hour, so that its sentence
does not grow old.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from airspace.model.log import Heartbeat
from airspace.model.sensor import Sensor
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason, VerdictValue
from alerting.case import Key
from alerting.facts import Facts
from alerting.lifecycle import Event
from alerting.register import Register

RULE: Final = "coverage"
RULE_VERSION: Final = "1"
_TOLD_AGAIN_S: Final = (60.0, 300.0, 900.0)
_HOUR_S: Final = 3600.0


class Coverage:
    """When each known sensor was last heard."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = {sensor.sensor_id: sensor for sensor in sensors}
        self._heard_s: dict[str, float] = {}
        self._silent: dict[str, int] = {}  # silent sensor -> how often it was told
        self._closed_s: dict[str, float] = {}  # when each was last outside its hours: silence counts from then on
        self._began_s: float | None = None

    def hear(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Heartbeats in any order and number: only the latest of each sensor counts."""
        for beat in heartbeats:
            if beat.sensor in self._sensors:
                self._heard_s[beat.sensor] = max(beat.logged_s, self._heard_s.get(beat.sensor, beat.logged_s))

    def health(self) -> tuple[tuple[str, bool, float | None], ...]:
        """(sensor id, heard lately, last heard) of every known sensor, as of the last tick."""
        return tuple(
            (sensor_id, sensor_id in self._heard_s and sensor_id not in self._silent, self._heard_s.get(sensor_id))
            for sensor_id in self._sensors
        )

    def tick(self, register: Register, now_s: float, drones: int) -> None:
        """Open, tell again and close the alerts of silent sensors; ``drones`` are live now."""
        if self._began_s is None:
            self._began_s = now_s
        for sensor in self._sensors.values():
            closed = sensor.has_ended(now_s) or not sensor.listens(now_s)
            if closed:
                self._closed_s[sensor.sensor_id] = now_s
            closed_s = self._closed_s.get(sensor.sensor_id, -math.inf)
            silent_s = now_s - max(self._heard_s.get(sensor.sensor_id, self._began_s), closed_s)
            if silent_s > sensor.silent_after_s:
                self._tell_silent(register, sensor, silent_s, now_s, drones)
            elif self._silent.pop(sensor.sensor_id, None) is not None:
                case = register.of_subject(_key(sensor))
                if case is not None and case.is_there:
                    register.end(case, now_s, reason=Reason.SENSOR_CLOSED if closed else Reason.SENSOR_BACK)

    def _tell_silent(self, register: Register, sensor: Sensor, silent_s: float, now_s: float, drones: int) -> None:
        stage = sum(silent_s >= limit for limit in _TOLD_AGAIN_S) + int(silent_s // _HOUR_S)
        if self._silent.get(sensor.sensor_id) == stage:
            return
        self._silent[sensor.sensor_id] = stage
        facts = self._facts(sensor, silent_s, drones)
        case = register.of_subject(_key(sensor))
        if case is None or not case.is_there:
            register.begin(facts, now_s, subject=sensor.sensor_id, dated=True)
            return
        case.facts = facts
        if case.is_open:
            register.tell(case, Event.UPDATE, now_s)

    def _facts(self, sensor: Sensor, silent_s: float, drones: int) -> Facts:
        heard_s = self._heard_s.get(sensor.sensor_id)
        evidence: dict[str, object] = {"sensor": sensor.sensor_id, "drones": drones, "last_heard": None}
        if heard_s is not None:
            evidence |= {"last_heard": rfc3339(heard_s), "silent_s": round(silent_s, 1)}
        return Facts(
            kind=Kind.COVERAGE,
            value=VerdictValue.SITUATION,
            reason=Reason.SENSOR_SILENT,
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


def _key(sensor: Sensor) -> Key:
    return sensor.sensor_id, f"sensor-{sensor.sensor_id}", Kind.COVERAGE
