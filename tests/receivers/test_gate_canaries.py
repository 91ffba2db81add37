"""Secret characters, third-party frames and hostile texts, planted on the air and looked for in what is stored."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest

from airspace.model.commit import Commit
from airspace.model.message import Decoded, RawMessage, RejectReason
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.store.records import as_json, reject_records
from airspace.store.rows import RowShape, pseudonyms
from receivers.formats import wifi
from receivers.formats.detect import decode
from receivers.gate import Gate
from tests.receivers import odid_encoding as made

NOW = 1_750_000_000.0
OPERATOR, SECRET = b"FIN87astrdge12k8", b"-xyz"
HOSTILE = "roof\x1b[2J\u202egpj\x00".encode()
NETWORK = b"my home network"
MAC = bytes.fromhex("60601f0a0b0c")


def dronescout(uas_data: bytes) -> RawMessage:
    data = {
        "sensor ID": "mast\u202e\u0007",
        "RSSI": -60,
        "channel": 6,
        "timestamp": int(NOW * 1000),
        "MAC address": "60:60:1F:0A:0B:0C",
        "type": "WiFi beacon",
        "UASdata": base64.b64encode(uas_data).decode(),
    }
    return RawMessage(payload=json.dumps({"protocol": 1.0, "data": data}).encode(), received_s=NOW)


def third_party_beacon() -> RawMessage:
    body = bytes(12) + bytes([0, len(NETWORK)]) + NETWORK + bytes([221, 6]) + b"\x00\x50\xf2\x02\x01\x01"
    frame = bytes([0x80, 0, 0, 0]) + b"\xff" * 6 + MAC + MAC + b"\0\0" + body
    return RawMessage(payload=frame, received_s=NOW, sensor="mast", link_type=wifi.LINK_80211)


def stored(decoded: Decoded, mode: Mode) -> bytes:
    """Everything that the store would be given of it, as bytes."""
    privacy = Privacy(mode=mode, key=b"k")
    rows = decoded.detections
    nobody = np.full(len(rows), None, dtype=object)
    commit = Commit(detections=rows.replace(logged_s=rows.received_s), track_id=nobody, flight_id=nobody)
    written = list(RowShape(mode).rows(commit, pseudonyms(rows, privacy)))
    return (repr(written) + as_json(reject_records(decoded.rejects, privacy))).encode()


@pytest.mark.parametrize("mode", list(Mode))
def test_what_must_not_be_stored_is_not(mode: Mode) -> None:
    pack = made.pack(made.basic_id(), made.location(), made.operator_id(OPERATOR + SECRET), made.self_id(HOSTILE))
    gate = Gate({"mast": Sensor(sensor_id="mast", name="mast", kind="remote_id")}, accept_unknown_sensors=False)
    admitted = gate.admit(decode([dronescout(pack), third_party_beacon()]), NOW)
    assert admitted.detections.sensor.tolist() == ["mast"]
    assert admitted.detections.operator_id.tolist() == [OPERATOR.decode()]
    assert admitted.detections.self_id.tolist() == ["roof[2Jgpj"]
    assert [reject.reason for reject in admitted.rejects] == [RejectReason.NOT_REMOTE_ID]
    held = stored(admitted, mode)
    assert (OPERATOR in held) is (mode is Mode.ENFORCEMENT)  # or the scan would prove nothing
    secrets = [SECRET, NETWORK, MAC, b"60:60:1F:0A:0B:0C", b"\x1b", "\u202e".encode(), b"\\x1b", b"\\u202e"]
    for canary in secrets:
        assert canary not in held
        assert canary.hex().encode() not in held
        assert base64.b64encode(canary).rstrip(b"=")[:-1] not in held


def test_frames_of_others_are_counted_and_never_kept() -> None:
    decoded = decode([third_party_beacon()] * 3)
    (record, *_) = reject_records(decoded.rejects, Privacy(mode=Mode.ENFORCEMENT, key=b"k"))
    assert (len(decoded.rejects), record["kept"], record["payload"]) == (3, False, "")
    assert struct.pack(">6s", MAC) not in as_json([record]).encode()
