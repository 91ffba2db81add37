"""Our own lines: decoded, printed and decoded again they are the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections, EuClass, Flag, Status, Transport
from airspace.model.lines import detection_lines
from airspace.model.message import RejectReason
from receivers.formats import own_lines
from receivers.formats.detect import decode
from receivers.sources.files import read
from tests.receivers.json_examples import EXAMPLES, OWN, raw

NOT_WRITTEN = {"content_id", "logged_s"}
FILES = [
    "dronescout-mqtt/BLE-legacy.json",
    "json/droneid_drone.json",
    "pcap/odid_wifi_bcn_sample.pcap",
    "pcap/parrot_anafi4_real.odid-only.pcap",
    "pcap/mavic_alessa_spoofed.pcapng",
]


def back(detections: Detections) -> Detections:
    lines = [json.dumps(line).encode() for line in detection_lines(detections)]
    decoded = own_lines.decode([raw(line, sensor=None) for line in lines])
    assert decoded.rejects == ()
    return decoded.detections


def assert_round_trip(detections: Detections) -> None:
    again = back(detections)
    assert detection_lines(again) == detection_lines(detections)
    for name, kind in COLUMNS.items():
        if name in NOT_WRITTEN:
            continue
        left, right = getattr(detections, name), getattr(again, name)
        if kind == "number":
            np.testing.assert_allclose(left, right, atol=6e-4, rtol=0, err_msg=name)
        else:
            assert left.tolist() == right.tolist(), name


@pytest.mark.parametrize("name", FILES)
def test_what_was_decoded_of_real_files_comes_back(real_data: Path, name: str) -> None:
    for reading in read(real_data / "remote-id" / name, receiver_time_s=1_767_218_056.0):
        detections = decode(reading.messages).detections
        assert len(detections)
        assert_round_trip(detections)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "own line"])
def test_every_other_family_comes_back(name: str) -> None:
    assert_round_trip(decode([raw(json.dumps(EXAMPLES[name][1]).encode())]).detections)


def test_auto_knows_them() -> None:
    decoded = decode([raw(json.dumps(OWN).encode())])
    assert (decoded.rejects, decoded.detections.flags.tolist()) == ((), [Flag.SKEW])
    assert decoded.detections.sensor.tolist() == ["mast"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"received": "2025-12-31T21:54:16"}, "received"),
        ({"received": 5}, "received"),
        ({"time": None}, "time"),
        ({"latitude_deg": 91}, "latitude_deg"),
        ({"latitude_deg": "52"}, "latitude_deg"),
        ({"rssi_dbm": True}, "rssi_dbm"),
        ({"altitude_wgs84_m": 1e300}, "altitude_wgs84_m"),
        ({"source": "radar"}, "source"),
        ({"status": 2}, "status"),
        ({"flags": "skew"}, "flags"),
        ({"self_id": ["x"]}, "self_id"),
        ({"sensor": ""}, "sensor"),
    ],
)
def test_what_is_not_ours_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    decoded = own_lines.decode([raw(json.dumps(OWN | changes).encode())])
    (reject,) = decoded.rejects
    assert (reject.reason, len(decoded.detections)) == (RejectReason.WRONG_TYPE, 0)
    assert named in reject.detail


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"flags": ["new", "stale"]}, "status", Status.AIRBORNE),
        ({"transport": "laser"}, "transport", Transport.UNKNOWN),
        ({"status": "hovering"}, "status", Status.UNKNOWN),
        ({"eu_class": "C7"}, "eu_class", EuClass.UNKNOWN),
    ],
)
def test_a_word_of_a_newer_version_costs_itself(changes: dict[str, Any], column: str, value: int) -> None:
    decoded = own_lines.decode([raw(json.dumps(OWN | {"status": "airborne"} | changes).encode())])
    assert decoded.rejects == ()
    assert getattr(decoded.detections, column).tolist() == [value]
    assert Flag.MESSAGE_INVALID in Flag(int(decoded.detections.flags[0]))


def test_a_secret_and_a_hostile_text_are_cleaned_again() -> None:
    line = OWN | {"operator_id": "NLDabcdefghijklm-xyz", "self_id": "a\u202eb\n"}
    rows = own_lines.decode([raw(json.dumps(line).encode())]).detections
    assert (rows.operator_id[0], rows.self_id[0]) == ("NLDabcdefghijklm", "ab")


json_values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.text(max_size=4))
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from([*OWN, *COLUMNS]), json_values, max_size=4))
def test_no_line_raises_and_each_is_accounted_for(changes: dict[str, Any]) -> None:
    decoded = own_lines.decode([raw(json.dumps(OWN | changes).encode())])
    assert len(decoded.detections) + len(decoded.rejects) == 1
