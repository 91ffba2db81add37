"""What stands in an id's place and names nobody is no identity, in any format; what tells nobody apart keys nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from airspace.model.detection import Flag, IdType
from airspace.model.message import Decoded
from airspace.model.placeholders import is_doubtful_id, is_placeholder
from airspace.tracking.aliases import RowKeys
from airspace.tracking.doubtful import without_doubtful
from receivers.formats import french
from receivers.gate.gate import Gate
from tests.cases import given
from tests.cases.feeds import MAC, SERIAL, T0, basic_id, esp32, flat_drone, node_line, raw, read, row, scout
from tests.receivers import dji_encoding

_SENTENCES = {
    "esp32": lambda name: esp32(name=name),
    "a list": lambda name: [{"Basic ID": {"id": name, "id_type": "Serial Number (ANSI/CTA-2063-A)", "MAC": MAC}}],
    "a list, CAA": lambda name: [{"Basic ID": {"id": name, "id_type": "CAA Assigned Registration ID", "MAC": MAC}}],
    "the other key": lambda name: {"Basic ID Message": {"uas_id": name, "MAC": MAC}},
    "mqtt": lambda name: flat_drone(id=f"drone-{name}", mac=MAC, lat=52.3, lon=4.9),
    "mesh-mapper": lambda name: {"mac": MAC, "rssi": -60, "drone_lat": 52.3, "drone_long": 4.9, "basic_id": name},
    "node": lambda name: node_line(id=name, lat=52.3, lon=4.9),
    "Dronetag": lambda name: scout(ids=[{"UAType": 2, "IDType": 1, "UASID": name}]),
    "dronecot": lambda name: {"UAType": 2, "BasicID": name, "IDType": 1, "Latitude": 52.3, "Longitude": 4.9},
    "Open Drone ID": lambda name: basic_id(1, name.encode()),
    "Open Drone ID, CAA": lambda name: basic_id(2, name.encode()),
    "Open Drone ID, session": lambda name: basic_id(4, name.encode()),
    "own lines": lambda name: {
        "time": "2026-09-21T14:13:20.000Z",
        "received": "2026-09-21T14:13:20.000Z",
        "source": "remote_id",
        "sensor": "roof",
        "transmitter": MAC,
        "uas_id": name,
        "uas_id_type": "serial",
        "flags": [],
    },
}
_WORDS = (
    "NONE",
    "unknown",
    "Unknown",
    "N/A",
    "null",
    "-",
    "undefined",
    "0" * 14,
    "F" * 20,
    "(null)",
    "Unknown-BasicID_0",
    "not set",
    "drone",
)


@pytest.mark.parametrize("name", _WORDS)
@pytest.mark.parametrize("say", _SENTENCES.values(), ids=_SENTENCES)
def test_a_placeholder_is_no_id(say: Any, name: str) -> None:
    found = row(say(name))
    assert (found["uas_id"], found["uas_id_type"], found["alias_id"]) == (None, None, None)
    assert "id_placeholder" in found["flags"]
    assert "serial_invalid" not in found["flags"]


@pytest.mark.parametrize("say", _SENTENCES.values(), ids=_SENTENCES)
def test_an_id_is_one(say: Any) -> None:
    assert row(say("1581F7FV1ZZ0000AAAA1"))["uas_id"] in {SERIAL, SERIAL.encode().hex()}


@pytest.mark.parametrize("name", ["000000000000", "FFFFFFFFFFFFFFFF", "no serial", "UNKNOWN"])
def test_a_serial_of_djis_own_signal(name: str) -> None:
    frame = dji_encoding.ocusync(dji_encoding.flight(serial=name.encode()))
    assert row(frame)["uas_id"] is None


@pytest.mark.parametrize("name", ["drone-9999", "drone-alert", "unknown"])
def test_a_drone_that_djis_receiver_could_not_name(name: str) -> None:
    said = {"id_type": "Serial Number (ANSI/CTA-2063-A)", "id": name, "description": "DJI Encrypted (O4)", "RSSI": -70}
    found = row([{"Basic ID": said}, {"Frequency Message": {"frequency": 5.7565e9}}])
    assert (found["source"], found["uas_id"], found["transmitter"]) == ("dji", None, None)


def test_a_french_id_of_zeros() -> None:
    element = french.ELEMENT + bytes([1, 1, 1, 2, 30]) + b"0" * 30 + bytes([4, 4]) + (5231440).to_bytes(4, "big")
    found = row(element + bytes([5, 4]) + (494190).to_bytes(4, "big"))
    assert (found["uas_id"], found["latitude_deg"]) == (None, 52.3144)


@pytest.mark.parametrize(
    "payload",
    [
        scout(ids=[{"IDType": 3, "UASID": "00000000-0000-0000-0000-000000000000"}]),
        scout(ids=[{"IDType": 4, "UASID": "ffffffffffffffffffffffff"}]),
        [{"Basic ID": {"id": "NONE", "id_type": "Specific Session ID", "MAC": MAC}}],
        basic_id(3, b"\xff" * 16),
        basic_id(4, b"unknown"),
    ],
)
def test_a_binary_placeholder(payload: Any) -> None:
    assert row(payload)["uas_id"] is None


@pytest.mark.parametrize("name", ["8C:17:59:00:00:65", "8c-17-59-00-00-65"])  # of a scanner that has no id
def test_a_mac_address_is_a_transmitter_and_no_serial(name: str) -> None:
    early = {"Basic ID": {"id": name, "id_type": "Serial Number (ANSI/CTA-2063-A)"}}
    found = row(early | {"Location/Vector Message": {"latitude": 52.3, "longitude": 4.9}})
    assert (found["uas_id"], found["transmitter"]) == (None, MAC)
    assert row(node_line(id=name, lat=52.3, lon=4.9))["uas_id"] is None
    assert row(flat_drone(id=f"drone-{name}"))["transmitter"] == MAC


@pytest.mark.parametrize("text", ["UAV 8c:17:59:00:00:65 operational", f"UAV {SERIAL} operational", "None", "N/A", "-"])
def test_a_filler_is_no_text_of_the_pilot(text: str) -> None:
    assert row([{"Basic ID": {"id": SERIAL, "MAC": MAC}}, {"Self-ID Message": {"text": text}}])["self_id"] is None
    assert row(flat_drone(description=text, mac=MAC))["self_id"] is None


@pytest.mark.parametrize("text", ["Recreational", "test", "UAV Operational Survey", "Drone ID test flight---"])
def test_a_text_of_the_pilot_stays(text: str) -> None:
    assert row([{"Basic ID": {"id": SERIAL, "MAC": MAC}}, {"Self-ID Message": {"text": text}}])["self_id"] == text


@pytest.mark.parametrize("address", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:00"])
def test_an_address_that_is_nobodys_own(address: str) -> None:
    assert row(esp32(mac=address))["transmitter"] is None
    scouted = {
        "protocol": 1.0,
        "data": {"sensor ID": "roof", "MAC address": address, "UASdata": basic_id(1, b"AB12CD")},
    }
    assert row(msgspec.json.encode(scouted))["transmitter"] is None


@pytest.mark.parametrize("address", ["000000", "ffffff"])
def test_an_aircraft_address_that_is_nobodys_own(address: str) -> None:
    polled = {"now": T0, "hex": address, "lat": 52.3, "lon": 4.9, "seen_pos": 0, "flight": "@@@@@@@@"}
    line = f"MSG,3,1,1,{address.upper()},1,2026/09/21,14:13:20.000,2026/09/21,14:13:20.000,,900,,,52.3,4.9,,,,,,0"
    for found in (row(polled), row(line.encode())):
        assert (found["uas_id"], found["transmitter"], found["self_id"]) == (None, None, None)
        assert "address_invented" in found["flags"]


@pytest.mark.parametrize(("emitter", "key"), [("unknown", None), ("none", None), ("0000", None), ("7", "rf:7")])
def test_an_emitter_without_a_name(emitter: str, key: str | None) -> None:
    measured = {"format": "airspace-rf-1", "kind": "presence", "sensor": "df-1", "time": "2026-09-21T14:13:20Z"}
    assert row(measured | {"frequency_hz": 2.44e9, "emitter": emitter})["transmitter"] == key


@pytest.mark.parametrize("operator", ["NONE", "unknown", "N/A", "0000000000000000"])
def test_an_operator_without_a_number(operator: str) -> None:
    assert row(node_line(operator_id=operator, id=SERIAL))["operator_id"] is None
    assert row(bytes([0x52, 0]) + operator.encode().ljust(23, b"\0"))["operator_id"] is None


@pytest.mark.parametrize(
    ("kind", "name", "is_doubtful"),
    [
        (IdType.SESSION, "01ab2c", True),  # three bytes
        (IdType.SESSION, "010203000000000000000000000000000000", True),
        (IdType.SESSION, "01" + "a1b2c3d4e5f60718", False),
        (IdType.UTM, "01020304" + "0" * 24, True),
        (IdType.SERIAL, "112624150A90E3AE1EC0", True),  # the factory setting of a public transmitter
        (IdType.SERIAL, "1234567890", True),
        (IdType.CAA, "DJI", True),
        (IdType.CAA, "FIN-87astrdge12k8", False),
        (IdType.SERIAL, SERIAL, False),
        (IdType.UNKNOWN, "PHABC", False),
    ],
)
def test_what_tells_two_aircraft_apart(kind: IdType, name: str, is_doubtful: bool) -> None:  # noqa: FBT001 - a column
    assert is_doubtful_id(int(kind), name) is is_doubtful
    assert not is_placeholder(name)


def test_a_doubtful_id_is_the_key_of_nothing() -> None:
    session, serial = int(IdType.SESSION), int(IdType.SERIAL)
    keys = RowKeys(
        uas_id=["01ab2c", "01ab2c", "01ab2c", SERIAL],
        uas_id_type=[session, session, session, serial],
        alias_id=[None, SERIAL, None, "01ab2c"],
        alias_id_type=[0, serial, 0, session],
        transmitter=["a", "b", None, "c"],
        has_alias=True,
    )
    found = without_doubtful(keys)
    assert found.uas_id == [None, SERIAL, "01ab2c", SERIAL]  # with nothing else it goes by it: one track, not none
    assert found.uas_id_type[1:] == [serial, session, serial]
    assert found.alias_id == [None, None, None, None]


def _flight(mac: str, name: str, latitude: float, id_type: str) -> list[dict[str, Any]]:
    said = {"id_type": id_type, "id": name, "MAC": mac, "ua_type": 2}
    return [
        esp32(mac=mac, location={"latitude": latitude + second * 2e-5, "timestamp": 800 + second})
        | {"Basic ID": said, "runtime": 83 + second}
        for second in range(40)
    ]


@pytest.mark.parametrize(
    ("name", "id_type"),
    [
        ("NONE", "Serial Number (ANSI/CTA-2063-A)"),
        ("unknown", "CAA Assigned Registration ID"),
        ("0000000000000000", "Serial Number (ANSI/CTA-2063-A)"),
        ("01ab2c", "Specific Session ID"),
        ("MFG1A0123456789", "Serial Number (ANSI/CTA-2063-A)"),
    ],
)
def test_two_honest_drones_are_two_tracks_and_no_suspects(tmp_path: Path, name: str, id_type: str) -> None:
    one = _flight("8C:17:59:00:00:65", name, 52.3144, id_type)
    other = _flight("60:60:1F:00:00:77", name, 52.3380, id_type)
    for second, messages in enumerate(zip(one, other, strict=True)):
        for message in messages:  # in step, as one clock says it
            message["Location/Vector Message"]["timestamp"] = 800 + second
    recording, tracks = tmp_path / "two.jsonl", tmp_path / "tracks.jsonl"
    recording.write_bytes(
        b"\n".join(msgspec.json.encode(said) for pair in zip(one, other, strict=True) for said in pair)
    )
    answer = given.airspace(
        "replay", "--mode", "enforcement", "--tracks", tracks, "--receiver-time", "2026-09-21T14:13:20Z", recording
    )
    assert answer.code == 0
    assert "2 aircraft" in answer.err
    assert [line for line in answer.lines() if line["kind"] == "spoofing"] == []
    assert '"suspect":true' not in tracks.read_text()


def test_two_drones_without_id_and_address_are_followed_by_their_place(tmp_path: Path) -> None:
    said = [
        flat_drone(id="drone-unknown", lat=latitude + second * 1e-4, lon=4.9419, alt=100.0, observed_at=T0 + second)
        for second in range(40)
        for latitude in (52.3144, 52.3380)
    ]
    recording = tmp_path / "two.jsonl"
    recording.write_bytes(b"\n".join(map(msgspec.json.encode, said)))
    answer = given.airspace("replay", "--mode", "enforcement", recording)
    assert "2 aircraft" in answer.err
    assert [line for line in answer.lines() if line["kind"] in {"spoofing", "remote_id"}] == []


def test_the_gate_knows_two_senders_of_one_doubtful_id() -> None:
    gate = Gate({}, accept_unknown_sensors=True)

    def heard(mac: str, latitude: float) -> Decoded:
        said = [
            {"Basic ID": {"id": "01ab2c", "id_type": "Specific Session ID", "MAC": mac}},
            {"Location/Vector Message": {"latitude": latitude, "longitude": 4.9, "op_status": "Airborne"}},
        ]
        return read(said)

    for second in range(8):
        for mac, latitude in (("8C:17:59:00:00:65", 52.3), ("60:60:1F:00:00:77", 53.3)):
            gate.admit(heard(mac, latitude), T0 + second)
    assert len(gate._identities) == 2  # by one id they would jump, and never be known


def test_the_mark_of_a_placeholder_is_printed_and_read_again() -> None:
    line = row(esp32(name="NONE"))
    assert line["flags"] == ["id_placeholder"]
    again = read(line).detections
    assert again.flags.tolist() == [int(Flag.ID_PLACEHOLDER)]
    assert np.count_nonzero(again.uas_id == None) == 1  # noqa: E711 - an array of objects
    assert raw(line).sensor is None
