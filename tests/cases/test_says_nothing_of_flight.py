"""A receiver that gives a drone's place and no status, height or speed, end to end: drone-mesh-mapper in a zone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from airspace.model.alert import AlertState
from airspace.model.verdict import VerdictValue
from tests.cases.test_blind_in_service import Service

CENTRE = (52.3144, 4.9419)
SERIAL = "1581F5FKD229400ABCDF"
M_PER_DEG = 111_300.0
FAR_M = 9_000.0


def _zone(folder: Path) -> Path:
    height = {"lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 500.0, "upperVerticalReference": "AGL"}
    circle = {"type": "Circle", "center": [CENTRE[1], CENTRE[0]], "radius": 3000.0}
    feature = {
        "identifier": "CASE1",
        "country": "NLD",
        "name": "case",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "reason": ["SENSITIVE"],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "case", "purpose": "INFORMATION"}],
        "geometry": [{"uomDimensions": "M", **height, "horizontalProjection": circle}],
    }
    path = folder / "zone.json"
    path.write_text(json.dumps({"title": "case", "description": "", "features": [feature]}))
    return path


def _line(north_m: float, **said: Any) -> bytes:
    """One line of the mapper."""
    place = {"drone_lat": CENTRE[0] + north_m / M_PER_DEG, "drone_long": CENTRE[1], "drone_altitude": 120}
    pilot = {"pilot_lat": CENTRE[0] + 0.002, "pilot_long": CENTRE[1] + 0.002}
    return json.dumps({"mac": "60:60:1f:aa:bb:cd", "rssi": -61, **place, **pilot, "basic_id": SERIAL, **said}).encode()


def _heard(service: Service, north_m: Iterable[float], **said: Any) -> dict[str, Any]:
    """One line a second; the track after the last."""
    for each in north_m:
        service.take(_line(float(each), **said))
    (track,) = service.view.tracks()
    return track


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(zones=(_zone(tmp_path),))


def test_a_drone_that_moves_in_a_prohibited_zone_is_judged(service: Service) -> None:
    slow_m, fast_m = np.arange(10) * 2.0, 20.0 + np.arange(16) * 12.0
    track = _heard(service, slow_m)
    assert (track["airborne"], track["phase"], service.state) == (False, "flight_unknown", "watch")
    track = _heard(service, fast_m)
    assert (track["airborne"], track["phase"]) == (True, "airborne")
    assert track["verdict"] == VerdictValue.SUSPECTED  # where it is above ground is not said
    assert service.state == "watch"
    (opened,) = [alert for alert in service.told if alert.state is AlertState.OPENED]
    assert (opened.kind, opened.reason) == ("zone", "all_flights_forbidden")
    assert service.view.status()["cannot_say"] == []


def test_what_hovers_or_stands_in_a_zone_is_not_clear(service: Service) -> None:
    dice = np.random.default_rng(3)
    track = _heard(service, dice.normal(0.0, 5.0, 40))
    assert (track["airborne"], track["phase"], track["verdict"]) == (False, "flight_unknown", None)
    assert service.told == []
    status = service.view.status()
    (why,) = status["cannot_say"]
    assert (status["state"], status["drones"], why["reason"]) == ("watch", 1, "flight_unknown")
    assert "vliegt" in why["text_nl"]
    assert "flies" in why["text_en"]
    signal = {each["name"]: each for each in service.view.explain(track["track_id"], None)["signal"]}
    assert signal["airborne"]["text_en"] == "not known whether it flies"


def test_what_hovers_over_the_crowd_is_not_clear() -> None:
    service = Service()  # with the zones of the demonstration
    _heard(service, [0.0] * 8)
    assert (service.state, service.told) == ("watch", [])
    assert "flight_unknown" in {each["reason"] for each in service.view.status()["cannot_say"]}


def test_outside_every_zone_it_is_shown_and_nothing_is_in_question(service: Service) -> None:
    track = _heard(service, [FAR_M] * 10)
    assert track["phase"] == "flight_unknown"
    assert [each["reason"] for each in service.view.status()["cannot_say"]] != ["flight_unknown"]
    assert service.view.status()["drones"] == 0


def test_once_heard_twice_it_is_in_question_until_it_is_gone(service: Service) -> None:
    _heard(service, [0.0] * 3)
    assert service.state == "watch"
    for _ in range(301):
        service.take(None)
    assert service.view.tracks() == []
    assert service.view.status()["drones"] == 0
