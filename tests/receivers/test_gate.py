"""What may pass into the log."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import Detections, texts
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, Reject, RejectReason
from airspace.model.sensor import Sensor
from receivers.gate import EARLIEST_S, LATEST_AHEAD_S, Gate
from receivers.gate.tally import MOST_UNKNOWN_NAMES

NOW = 1_750_000_000.0
SENSORS = {name: Sensor(sensor_id=name, name=name, kind="remote_id") for name in ("mast", "roof")}


def rows(*sensors: str, received_s: float | list[float] = NOW) -> Decoded:
    times = np.broadcast_to(np.asarray(received_s, dtype=np.float64), (len(sensors),)).copy()
    counter = np.arange(len(sensors), dtype=np.float64)
    detections = Detections.build(len(sensors), sensor=texts(sensors), received_s=times, counter=counter)
    return Decoded(detections=detections)


def reasons(decoded: Decoded) -> list[RejectReason]:
    return [reject.reason for reject in decoded.rejects]


def gate(*, accept: bool = False, rate: float = 1000.0, burst_s: float = 1.0) -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=accept, rows_per_second=rate, burst_s=burst_s)


def test_known_sensors_pass_untouched() -> None:
    decoded = rows("mast", "roof", "mast")
    assert gate().admit(decoded, NOW) is decoded


def test_unknown_sensors_are_refused_and_the_others_stay_in_order() -> None:
    passing = gate()
    admitted = passing.admit(rows("mast", "ghost", "roof", "ghost"), NOW)
    assert admitted.detections.counter.tolist() == [0.0, 2.0]
    told = [(reject.reason, reject.sensor, reject.payload, reject.count) for reject in admitted.rejects]
    assert told == [(RejectReason.SENSOR_UNKNOWN, "ghost", b"", 2)]
    assert passing.refused == {RejectReason.SENSOR_UNKNOWN: 2}


def test_unknown_sensors_pass_where_they_are_accepted() -> None:
    decoded = rows("ghost", "mast")
    assert gate(accept=True).admit(decoded, NOW) is decoded


def test_heartbeats_of_unknown_sensors_are_refused_too() -> None:
    beats = (Heartbeat(sensor="mast", logged_s=NOW), Heartbeat(sensor="ghost", logged_s=NOW))
    admitted = gate().admit(Decoded(heartbeats=beats), NOW)
    assert admitted.heartbeats == beats[:1]
    assert reasons(admitted) == [RejectReason.SENSOR_UNKNOWN]


def test_what_was_refused_before_stays() -> None:
    before = Reject(reason=RejectReason.NOT_JSON, detail="x", place="y", received_s=NOW)
    decoded = Decoded(detections=rows("ghost").detections, rejects=(before,), ignored=3)
    admitted = gate().admit(decoded, NOW)
    assert (admitted.rejects[0], admitted.ignored, len(admitted.rejects)) == (before, 3, 2)


def test_a_flood_of_invented_names_is_a_few_lines() -> None:
    admitted = gate().admit(rows(*[f"ghost {number}" for number in range(1000)]), NOW)
    assert sum(reject.count for reject in admitted.rejects) == 1000
    assert len(admitted.rejects) == MOST_UNKNOWN_NAMES + 1
    assert admitted.rejects[-1].sensor is None


def test_a_sensor_after_its_end_date_is_refused_by_a_reason_of_its_own() -> None:
    sensors = {"mast": replace(SENSORS["mast"], until_s=NOW), "roof": SENSORS["roof"]}
    passing = Gate(sensors, accept_unknown_sensors=True)
    assert reasons(passing.admit(rows("mast", "roof", received_s=NOW - 0.1), NOW - 0.1)) == []
    admitted = passing.admit(rows("mast", "roof", "mast"), NOW)
    assert [(one.reason, one.sensor, one.count) for one in admitted.rejects] == [(RejectReason.SENSOR_ENDED, "mast", 2)]
    assert admitted.detections.sensor.tolist() == ["roof"]


def test_a_reject_is_told_at_log_time_whatever_the_row_says() -> None:
    admitted = gate().admit(rows("mast", received_s=float("nan")), NOW)
    assert [reject.received_s for reject in admitted.rejects] == [NOW]


@pytest.mark.parametrize(
    ("received_s", "passes"),
    [
        (NOW, True),
        (EARLIEST_S, True),
        (EARLIEST_S - 1, False),
        (0.0, False),
        (NOW + LATEST_AHEAD_S, True),
        (NOW + LATEST_AHEAD_S + 1, False),
        (float("nan"), False),
        (float("inf"), False),
    ],
)
def test_absurd_receive_times_are_refused(received_s: float, passes: bool) -> None:  # noqa: FBT001
    admitted = gate().admit(rows("mast", received_s=received_s), NOW)
    assert reasons(admitted) == ([] if passes else [RejectReason.CLOCK_IMPLAUSIBLE])


def test_the_budget_refills_with_log_time() -> None:
    passing = gate(rate=10.0, burst_s=2.0)
    assert len(passing.admit(rows(*["mast"] * 25), NOW).detections) == 20
    assert len(passing.admit(rows(*["mast"] * 25), NOW).detections) == 0
    assert len(passing.admit(rows(*["mast"] * 25), NOW + 0.5).detections) == 5
    assert len(passing.admit(rows(*["mast"] * 25), NOW - 100).detections) == 0
    assert len(passing.admit(rows(*["mast"] * 25), NOW + 1000).detections) == 20
    assert passing.refused[RejectReason.OVER_BUDGET] == 5 + 25 + 20 + 25 + 5


def test_a_time_before_takes_no_budget_away() -> None:
    passing = gate(rate=10.0, burst_s=2.0)
    assert len(passing.admit(rows(*["mast"] * 5), NOW).detections) == 5
    assert len(passing.admit(rows(*["mast"] * 25, received_s=NOW - 100), NOW - 100).detections) == 15


def test_one_sensor_over_its_budget_takes_nothing_from_another() -> None:
    passing = gate(rate=5.0)
    admitted = passing.admit(rows(*["mast"] * 50, *["roof"] * 3), NOW)
    assert Counter(admitted.detections.sensor) == {"mast": 5, "roof": 3}


def test_invented_names_share_one_budget_and_take_no_memory() -> None:
    passing = gate(accept=True, rate=5.0)
    admitted = passing.admit(rows(*[f"ghost {number}" for number in range(1000)], "mast"), NOW)
    assert Counter(name[:5] for name in admitted.detections.sensor) == {"ghost": 5, "mast": 1}
    assert len(passing._budget._of_sensor.tokens) == 1 + len(SENSORS)
    assert [(one.reason, one.sensor, one.count) for one in admitted.rejects] == [(RejectReason.OVER_BUDGET, None, 995)]


@given(st.lists(st.sampled_from(["mast", "roof", "ghost"]), max_size=30), st.floats(0, 3), st.booleans())
def test_every_row_passes_or_is_refused(sensors: list[str], rate: float, accept: bool) -> None:  # noqa: FBT001
    admitted = gate(accept=accept, rate=rate).admit(rows(*sensors), NOW)
    assert len(admitted.detections) + sum(reject.count for reject in admitted.rejects) == len(sensors)
    assert admitted.detections.counter.tolist() == sorted(admitted.detections.counter.tolist())
