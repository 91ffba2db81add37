"""What the console is told of a sensor: the registry's words and how it does at the gate."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from airspace.demo import scenario
from airspace.model.privacy import Mode
from airspace.model.sensor import Pause, SensorHealth
from tests.airspace.test_view import START_S, UNTIL_S, evening


def test_a_line_has_the_registry_and_the_gates_health() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    first = scenario.SENSORS[0]
    now_s = START_S + UNTIL_S
    paused = replace(
        first, owner="city", purpose="events", until_s=now_s + 60, pauses=(Pause(start_s=0, end_s=9e9, by="x"),)
    )
    health = SensorHealth(
        sensor_id=first.sensor_id,
        heartbeat_s=now_s,
        rows_per_s=3.14159,
        noise_floor_dbm=-95.0,
        refused={"shuttered": 4},
    )
    view._sensors = (paused, *scenario.SENSORS[1:])
    view._parts = replace(view._parts, intake=lambda at_s: (health,) if at_s == now_s else ())
    lines = {line["sensor_id"]: line for line in view.sensors()}
    line = lines[first.sensor_id]
    assert (line["owner"], line["purpose"], line["listens"], line["has_ended"]) == ("city", "events", False, False)
    assert (line["rows_per_s"], line["noise_floor_dbm"], line["refused"]) == (3.14, -95.0, {"shuttered": 4})
    assert line["until"] > line["heartbeat"]
    assert (line["skew_s"], line["clock_ahead_s"]) == (None, None)
    other = lines[scenario.SENSORS[1].sensor_id]
    assert other["listens"] is True
    assert "rows_per_s" not in other
    json.dumps(line)


@pytest.mark.parametrize("mode", list(Mode))
def test_without_a_gate_the_lines_are_as_before(mode: Mode) -> None:
    view, _, _ = evening(mode)
    assert all({"sensor_id", "ok", "last_seen", "silent_s"} <= set(line) for line in view.sensors())
