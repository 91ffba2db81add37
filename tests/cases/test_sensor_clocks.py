"""A live drone in a prohibited zone, and a sensor whose clock is wrong: the drone is told of, and so is the sensor."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.flood import CENTRE, SERIAL, Air, zone_file
from tests.cases.said import T0
from tests.cases.test_blind_in_service import Service

WITHIN_S = 30
Behind = Callable[[float], float]

WRONG: dict[str, tuple[Behind, str | None]] = {
    "1 h behind": (lambda _: 3600.0, "clock 60 minutes behind, corrected"),
    "400 s behind": (lambda _: 400.0, "clock 7 minutes behind, corrected"),
    "300 s behind": (lambda _: 300.0, "clock 5 minutes behind, corrected"),
    "200 s behind": (lambda _: 200.0, "clock 3 minutes behind, corrected"),
    "1 h ahead": (lambda _: -3600.0, "clock 60 minutes ahead, corrected"),
    "200 s ahead": (lambda _: -200.0, "clock 3 minutes ahead, corrected"),
    "11 h behind": (lambda _: 39_600.0, "clock 11 hours behind, corrected"),
    "in 1970": (lambda _: T0 - 1000.0, None),  # no time at all: when it came counts
    "drifting": (lambda second: 3600.0 + second / 60.0, "clock 60 minutes behind, corrected"),
    "right": (lambda _: 0.0, None),
}


@pytest.fixture(name="zones")
def a_zone(tmp_path: Path) -> tuple[Path, ...]:
    return (zone_file(tmp_path),)


def heard(second: float, now_s: float, behind_s: float, serial: str = SERIAL, *, drone_is_right: bool = False) -> bytes:
    """A drone in the zone, with its sensor's time, and its own: its sensor's or the right one."""
    clock_s = now_s - behind_s
    made = Air(0.0).message(serial, CENTRE[0] + second * 1e-5, CENTRE[1], now_s if drone_is_right else clock_s)
    stamp = b'"timestamp":%d' % int(clock_s * 1000)
    return re.sub(rb'"timestamp":-?\d+', stamp, made.payload.replace(b'"mast"', b'"roof"'))


def alerted(service: Service) -> list[str]:
    return [alert.kind.value for alert in service.told if alert.kind.value == "zone"]


@pytest.mark.parametrize("drone_is_right", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_the_drone_is_told_of_and_so_is_the_sensor(name: str, zones: tuple[Path, ...], *, drone_is_right: bool) -> None:
    behind, says = WRONG[name]
    service = Service(zones=zones)
    for second in range(WITHIN_S):
        line = service.take(heard(second, service.now_s + 1, behind(second), drone_is_right=drone_is_right))
    assert alerted(service)
    assert (line["ok"], line["says"]) == (says is None, says)
    reasons = [reason for reason in service.opened() if reason.startswith("sensor")]
    assert reasons == ([] if says is None else ["sensor_clock"])


@pytest.mark.parametrize(("before_s", "after_s"), [(0.0, 3600.0), (3600.0, 0.0), (400.0, 7200.0)])
def test_a_clock_that_is_set_while_the_drone_flies(before_s: float, after_s: float, zones: tuple[Path, ...]) -> None:
    service = Service(zones=zones)
    for second in range(30):
        service.take(heard(second, service.now_s + 1, before_s, "9ZZZ8FIRST0001"))
    for second in range(30):
        line = service.take(heard(second, service.now_s + 1, after_s))
    told = {alert.uas_id for alert in service.told if alert.kind.value == "zone"}
    assert told == {"9ZZZ8FIRST0001", SERIAL}
    assert line["ok"] is (after_s == 0.0)


def test_a_clock_days_ahead_is_shown_though_its_rows_are_refused(zones: tuple[Path, ...]) -> None:
    service = Service(zones=zones)
    line = service.take(heard(0, service.now_s + 1, -3 * 86_400.0))
    assert (line["ok"], line["says"]) == (False, "clock not set: its rows are refused")
    assert service.state == "coverage_reduced"
    service.now_s += 60
    line = service.take(heard(1, service.now_s + 1, 0.0))
    assert (line["ok"], line["says"]) == (True, None)


@pytest.mark.parametrize("pace", [1.2, 5.0])
def test_an_old_recording_that_comes_in_is_no_alert_and_the_sensor_is_said_to_bring_old_news(
    pace: float, zones: tuple[Path, ...]
) -> None:
    service = Service(zones=zones)
    for second in range(60):
        line = service.take(heard(second, service.now_s + 1, 7200.0 - (pace - 1.0) * second))
    assert not alerted(service)
    assert service.opened() == ["sensor_old"]
    assert line["ok"] is False
    assert line["says"].startswith("brings only what is ")
    assert service.state == "coverage_reduced"
    for _ in range(61):
        line = service.take(None)
    assert (line["ok"], line["says"]) == (False, None)
    assert [alert.reason for alert in service.told if alert.kind.value == "coverage"][-1] == "sensor_silent"


def test_a_short_backlog_before_the_live_is_not_told_of(zones: tuple[Path, ...]) -> None:
    service = Service(zones=zones)
    for second in range(5):
        service.take(heard(second, service.now_s + 1, 7200.0 - 1000.0 * second, "9ZZZ8OLD000001"))
    for second in range(20):
        line = service.take(heard(second, service.now_s + 1, 0.0))
    assert line["ok"] is True
    assert [reason for reason in service.opened() if reason.startswith("sensor")] == []


def test_what_is_wrong_is_said_in_sentences(zones: tuple[Path, ...]) -> None:
    service = Service(zones=zones)
    for second in range(20):
        service.take(heard(second, service.now_s + 1, 3600.0))
    (alert,) = [one for one in service.told if one.reason == "sensor_clock"]
    assert alert.sentence_en == "The clock of sensor Roof is 60 minutes behind and is corrected for: coverage reduced."
    assert alert.sentence_nl == "De klok van sensor Roof loopt 60 minuten achter en wordt gecorrigeerd: zicht beperkt."
    assert alert.evidence["behind_s"] == 3600
