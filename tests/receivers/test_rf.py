"""RF detections: the published schema and the decoder accept the same, and what each kind gives."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Flag, Source, Transport
from airspace.model.message import RejectReason
from airspace.model.sensor import Sensor
from receivers.formats import rf
from receivers.formats.detect import FORMATS
from receivers.gate import Gate
from tests.conftest import ROOT
from tests.receivers.json_examples import RF, raw

SCHEMA = json.loads((ROOT / "docs" / "rf-detection.schema.json").read_text())
COMMON = {key: value for key, value in RF.items() if not key.startswith(("bearing", "kind"))}
POSITION = COMMON | {"kind": "position", "latitude_deg": 52.31, "longitude_deg": 4.94, "accuracy_m": 80.0}
ELLIPSE = COMMON | {
    "kind": "ellipse",
    "latitude_deg": 52.31,
    "longitude_deg": 4.94,
    "major_m": 120.0,
    "minor_m": 30.0,
    "orientation_deg": 45.0,
    "altitude_wgs84_m": 100.0,
}
PRESENCE = {
    "format": "airspace-rf-1",
    "kind": "presence",
    "sensor": "van-1",
    "time": "2025-12-31T22:54:15+01:00",
    "frequency_hz": 5.8e9,
    "platform": {"latitude_deg": 52.3, "longitude_deg": 4.9, "heading_deg": 90.0},
}
ALIVE = {
    "format": "airspace-rf-1",
    "kind": "heartbeat",
    "sensor": "df-roof-1",
    "time": "2025-12-31T21:54:15Z",
    "noise_floor_dbm": -97.5,
    "detail": "42 °C",
}
EXAMPLES = [RF, POSITION, ELLIPSE, PRESENCE, ALIVE]

formats = jsonschema.FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_time(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=formats)


def accepts(value: Any) -> bool:
    decoded = rf.decode([raw(json.dumps(value).encode())])
    alive = len(decoded.heartbeats) if not len(decoded.detections) else 0  # else it is a mobile sensor's place
    assert len(decoded.detections) + alive + len(decoded.rejects) == 1
    return not decoded.rejects


def one(value: Any) -> dict[str, Any]:
    decoded = rf.decode([raw(json.dumps(value).encode())])
    assert (len(decoded.detections), decoded.rejects) == (1, ())
    return {name: getattr(decoded.detections, name)[0] for name in COLUMNS}


def test_the_published_schema_is_that_of_the_types() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert rf.schema() == SCHEMA  # else write json.dumps(rf.schema(), indent=2) to docs/rf-detection.schema.json


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["kind"])
def test_the_examples_are_valid(example: dict[str, Any]) -> None:
    VALIDATOR.validate(example)
    assert accepts(example)


def test_a_bearing() -> None:
    got = one(RF)
    assert (got["source"], got["transport"], got["sensor"]) == (Source.RF, Transport.RF, "df-roof-1")
    assert (got["bearing_deg"], got["bearing_accuracy_deg"]) == (271.5, 3.5)
    assert (got["frequency_hz"], got["bandwidth_hz"], got["rssi_dbm"], got["confidence"]) == (2.4e9, 1e7, -81.5, 0.8)
    assert (got["signal_class"], got["transmitter"], got["uas_id"]) == ("DJI OcuSync video", "rf:e-17", None)
    assert (got["received_s"], math.isnan(got["time_s"])) == (1_767_218_055.25, True)
    assert math.isnan(got["latitude_deg"])


def test_a_position_and_an_ellipse() -> None:
    got = one(POSITION)
    assert (got["latitude_deg"], got["longitude_deg"], got["horizontal_accuracy_m"]) == (52.31, 4.94, 80)
    got = one(ELLIPSE)
    shape = (got["ellipse_major_m"], got["ellipse_minor_m"], got["ellipse_deg"])
    assert (shape, got["horizontal_accuracy_m"], got["altitude_wgs84_m"]) == ((120, 30, 45), 120, 100)
    turned = one(ELLIPSE | {"major_m": 30.0, "minor_m": 120.0, "orientation_deg": 135.0})
    assert (turned["ellipse_major_m"], turned["ellipse_minor_m"], turned["ellipse_deg"]) == shape


def test_a_mobile_sensor_says_where_it_is() -> None:
    decoded = rf.decode([raw(json.dumps(PRESENCE).encode())])
    (beat,) = decoded.heartbeats
    assert (beat.sensor, beat.latitude_deg, beat.longitude_deg) == ("van-1", 52.3, 4.9)
    assert (beat.logged_s, decoded.detections.transmitter[0]) == (1_767_218_055.0, None)


def test_a_heartbeat_has_a_noise_floor() -> None:
    place = {"latitude_deg": 52.3, "longitude_deg": 4.9}
    decoded = rf.decode([raw(json.dumps(one).encode()) for one in (ALIVE, ALIVE | {"platform": place})])
    beat, moved = decoded.heartbeats
    assert (beat.sensor, beat.logged_s, beat.noise_floor_dbm, beat.detail) == ("df-roof-1", 1767218055, -97.5, "42 °C")
    assert (beat.latitude_deg, moved.latitude_deg, moved.noise_floor_dbm) == (None, 52.3, -97.5)
    assert (len(decoded.detections), decoded.rejects) == (0, ())
    bare = {key: ALIVE[key] for key in ("format", "kind", "sensor", "time")}
    (beat,) = rf.decode([raw(json.dumps(bare).encode())]).heartbeats
    assert (beat.noise_floor_dbm, beat.detail) == (None, None)


def test_the_noise_floor_shows_in_the_health_of_the_sensor() -> None:
    gate = Gate(
        {"df-roof-1": Sensor(sensor_id="df-roof-1", name="", kind="direction_finder")}, accept_unknown_sensors=False
    )
    gate.admit(FORMATS["auto"]([raw(json.dumps(ALIVE).encode())]), 1_767_218_055.0)
    quieter = {key: value for key, value in ALIVE.items() if key != "noise_floor_dbm"}
    gate.admit(FORMATS["auto"]([raw(json.dumps(quieter).encode())]), 1_767_218_060.0)
    (health,) = gate.health(1_767_218_060.0)
    assert (health.noise_floor_dbm, health.heartbeat_s) == (-97.5, 1_767_218_060.0)


@pytest.mark.parametrize(
    "value",
    [
        ALIVE | {"noise_floor_dbm": -300},
        ALIVE | {"frequency_hz": 5.8e9},
        RF | {"noise_floor_dbm": -97.5},
        RF | {"bearing_reference": "magnetic"},
        RF | {"bearing_reference": None},
        RF | {"bearing_deg": 360},
        RF | {"bearing_deg": -90},
        RF | {"bearing_sigma_deg": 0},
        RF | {"bearing": 5},
        RF | {"kind": "position"},
        RF | {"kind": "track"},
        RF | {"format": "airspace-rf-2"},
        RF | {"sensor": ""},
        RF | {"sensor": "a\nb"},
        RF | {"time": "2025-12-31T21:54:15"},
        RF | {"time": "2025-02-30T21:54:15Z"},
        RF | {"confidence": 80},
        RF | {"rssi_dbm": "-80"},
        RF | {"frequency_hz": 0},
        RF | {"platform": {"latitude_deg": 1}},
        POSITION | {"accuracy_m": None},
        {key: value for key, value in PRESENCE.items() if key != "frequency_hz"},
        [],
        5,
        {},
    ],
)
def test_what_both_refuse(value: Any) -> None:
    assert not VALIDATOR.is_valid(value)
    assert not accepts([value]) if value else not accepts(value)


def test_a_refusal_names_the_field() -> None:
    (reject,) = rf.decode([raw(json.dumps(RF | {"bearing_deg": 400}).encode())]).rejects
    assert reject.reason is RejectReason.WRONG_TYPE
    assert "bearing_deg" in reject.detail


def test_hostile_text_in_a_class_is_cleaned() -> None:
    got = one(RF | {"class": "a\u202eb\x1b[2J"})
    assert (got["signal_class"], got["flags"]) == ("ab[2J", Flag.TEXT_CLEANED)


numbers = (
    st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.sampled_from([0, 90, 180, 360, -180, 1e12])
)
times = st.sampled_from(
    ["2025-02-29T00:00:00Z", "2024-02-29T23:59:60Z", "2024-02-29T24:00:00Z", "0001-01-01T00:00:00Z"]
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | times
    | st.text(max_size=70)
    | st.sampled_from(["bearing", "position", "van-1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["latitude_deg", "longitude_deg", "heading_deg", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)
keys = st.sampled_from(sorted({key for example in EXAMPLES for key in example} | {"altitude_wgs84_m", "other"}))


@settings(max_examples=400)
@given(st.sampled_from(EXAMPLES), st.dictionaries(keys, anything, max_size=2), st.sets(keys, max_size=2))
def test_the_decoder_accepts_what_the_schema_accepts(
    example: dict[str, Any], changes: dict[str, Any], without: set[str]
) -> None:
    value = {key: item for key, item in (example | changes).items() if key not in without}
    assert accepts(value) == VALIDATOR.is_valid(value), value
