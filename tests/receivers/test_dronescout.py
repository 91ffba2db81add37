"""DroneScout: the real recording, every wrapping it may come in, and what a hostile sender may put into it."""

from __future__ import annotations

import base64
import json
import lzma
import math
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Detections, Flag, IdType, Source, Transport
from airspace.model.message import MAX_PAYLOAD_BYTES, MAX_QUARANTINE_BYTES, Decoded, RawMessage, RejectReason
from receivers.formats.dronescout import decode
from tests.receivers import odid_encoding as encode
from tests.receivers.test_odid_struct import structure

RECEIVED_S = 1_772_366_400.0
SAID_MS = 1_772_366_399_250
PACK = encode.pack(encode.basic_id(), encode.location(tenths=0), encode.system())


def text(uas_data: bytes = PACK, /, **changes: Any) -> bytes:
    data = {
        "sensor ID": "roof-1",
        "RSSI": -72,
        "channel": 6,
        "timestamp": SAID_MS,
        "MAC address": "60:60:1F:00:00:01",
        "type": "WiFi beacon",
        "UASdata": base64.b64encode(uas_data).decode(),
    }
    return json.dumps({"protocol": 1.0, "data": data | changes}).encode()


def raw(payload: bytes, sensor: str | None = "topic", place: str = "here") -> RawMessage:
    return RawMessage(payload=payload, received_s=RECEIVED_S, sensor=sensor, place=place)


def read(*payloads: bytes) -> Decoded:
    return decode([raw(payload) for payload in payloads])


def one(payload: bytes) -> dict[str, Any]:
    decoded = read(payload)
    assert (len(decoded.detections), decoded.rejects, decoded.heartbeats) == (1, (), ())
    return {name: getattr(decoded.detections, name)[0] for name in COLUMNS}


def refusal(payload: bytes) -> tuple[RejectReason, str]:
    decoded = read(payload)
    assert (len(decoded.detections), len(decoded.rejects), decoded.ignored) == (0, 1, 0)
    assert len(decoded.rejects[0].payload) <= MAX_QUARANTINE_BYTES
    return decoded.rejects[0].reason, decoded.rejects[0].detail


def assert_same(first: Detections, second: Detections) -> None:
    for name, kind in COLUMNS.items():
        left, right = getattr(first, name), getattr(second, name)
        if kind == "number":
            np.testing.assert_array_equal(left, right)
        else:
            assert left.tolist() == right.tolist(), name


def test_the_real_recording(real_data: Path) -> None:
    payload = (real_data / "remote-id" / "dronescout-mqtt" / "BLE-legacy.json").read_bytes()
    decoded = read(payload)
    rows = decoded.detections
    assert (len(rows), decoded.rejects, decoded.heartbeats, decoded.ignored) == (19, (), (), 0)
    (serial,) = set(rows.uas_id.tolist())
    assert (serial[:4], len(serial)) == ("1787", 20)
    assert set(rows.uas_id_type.tolist()) == {IdType.SERIAL}
    assert set(rows.transport.tolist()) == {Transport.BLE4}
    assert len(set(rows.content_id.tolist())) == 19
    assert len(set(rows.sensor.tolist())) == len(set(rows.transmitter.tolist())) == 1
    assert set(rows.height_m.tolist()) == {-17.5}  # below the take-off point
    assert np.isnan(rows.altitude_pressure_m).all()
    assert np.isnan(rows.frequency_hz).all()
    assert np.all(rows.flags == 0)
    skew_s = rows.received_s - rows.time_s
    assert ((skew_s > 0) & (skew_s < 5)).all()
    assert rows.received_s[0] == 1_735_677_508.366


def test_the_real_recording_is_the_same_object_by_object(real_data: Path) -> None:
    payload = (real_data / "remote-id" / "dronescout-mqtt" / "BLE-legacy.json").read_bytes()
    objects = [b"{" + part for part in payload.strip().split(b'{"protocol"')[1:]]
    objects = [b'{"protocol"' + part[1:] for part in objects]
    whole, apart = read(payload).detections, read(*objects).detections
    assert_same(whole, apart.replace(content_id=whole.content_id))


def test_the_status_sample_is_a_heartbeat(real_data: Path) -> None:
    decoded = read((real_data / "remote-id" / "dronescout-mqtt" / "sensor_status.json").read_bytes())
    (heartbeat,) = decoded.heartbeats
    assert (len(decoded.detections), decoded.rejects) == (0, ())
    assert heartbeat.sensor == "test_sensor_id_001"
    assert heartbeat.logged_s == 1_735_677_525.0  # as it says
    assert heartbeat.detail == "firmware 20220509-1035, model ds230, status normal"
    assert heartbeat.latitude_deg is None


def test_a_pack_in_uasdata() -> None:
    got = one(text())
    assert got["uas_id"] == "9999F000000000012345"
    assert (got["sensor"], got["transmitter"]) == ("roof-1", "60:60:1F:00:00:01")
    assert (got["transport"], got["rssi_dbm"], got["frequency_hz"]) == (Transport.WIFI_BEACON, -72.0, 2.437e9)
    assert (got["received_s"], got["time_s"]) == (SAID_MS / 1000, RECEIVED_S)
    assert len(got["content_id"]) == 16


def test_a_message_and_a_structure_in_uasdata() -> None:
    assert one(text(encode.location()))["latitude_deg"] == 52.3143
    assert one(text(structure()[:920]))["self_id"] == one(text(structure()))["self_id"] == "roof survey"


@pytest.mark.parametrize(
    ("kind", "transport", "channel", "frequency_hz"),
    [
        ("WiFi beacon", Transport.WIFI_BEACON, 149, 5.745e9),
        ("WiFi NaN", Transport.WIFI_NAN, 14, 2.484e9),
        ("WiFi NaN", Transport.WIFI_NAN, 0, None),
        ("BLE legacy", Transport.BLE4, 37, None),
        ("BLE long range", Transport.BLE5, 6, None),
        ("smoke", Transport.UNKNOWN, 6, None),
        (None, Transport.UNKNOWN, None, None),
    ],
)
def test_transport_and_frequency(
    kind: str | None, transport: Transport, channel: int | None, frequency_hz: float | None
) -> None:
    got = one(text(type=kind, channel=channel))
    assert got["transport"] == transport
    assert got["frequency_hz"] == frequency_hz or (frequency_hz is None and np.isnan(got["frequency_hz"]))


@pytest.mark.parametrize("said", [None, 0, -1, 1_772_366_399, 9e15, 1e300])
def test_an_implausible_sensor_clock_gives_way_to_the_arrival(said: float | None) -> None:
    assert one(text(timestamp=said))["received_s"] == RECEIVED_S


@pytest.mark.parametrize("said", [None, 1e9, -900])
def test_an_implausible_signal_strength_is_unknown(said: float | None) -> None:
    assert np.isnan(one(text(RSSI=said))["rssi_dbm"])


def test_whose_message_it_is() -> None:
    assert one(text(**{"sensor ID": None}))["sensor"] == "topic"
    assert one(text(**{"sensor ID": "\u202eroof\x00"}))["sensor"] == "roof"
    assert len(one(text(**{"sensor ID": "x" * 500}))["sensor"]) == 64
    (nameless,) = decode([raw(text(**{"sensor ID": ""}), sensor=None)]).detections.sensor.tolist()
    assert nameless == "unknown"


@pytest.mark.parametrize("tail", [b"", b"\0", b"\n", b"\r\n\0\0"])
@pytest.mark.parametrize("pack", [bytes, lzma.compress, lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE)])
def test_wrappings(tail: bytes, pack: Any) -> None:
    assert one(pack(text() + tail))["uas_id"] == "9999F000000000012345"


def test_glued_objects_keep_their_order_and_faults_stay_alone() -> None:
    status = b'{"status":{"sensor ID":"roof-2","firmware version":"1"}}'
    decoded = read(b" " + text(channel=1) + text(UASdata=17) + b"\0\n" + status + text(structure(), channel=2) + b"{x")
    assert decoded.detections.frequency_hz.tolist() == [2.412e9, 2.417e9]
    assert [heartbeat.sensor for heartbeat in decoded.heartbeats] == ["roof-2"]
    assert [one.reason for one in decoded.rejects] == [RejectReason.WRONG_TYPE, RejectReason.NOT_JSON]
    assert decoded.rejects[1].payload == b"{x"


def test_structures_and_packs_keep_the_order_of_the_messages() -> None:
    payloads = [text(structure(), channel=1), text(channel=2), text(b"\xf2\x19\x00"), text(structure(), channel=3)]
    decoded = read(*payloads, text(channel=4))
    assert decoded.detections.frequency_hz.tolist() == [2.412e9, 2.417e9, 2.422e9, 2.427e9]
    assert [one.reason for one in decoded.rejects] == [RejectReason.NO_DATA]


def test_the_same_delivery_has_the_same_content_id() -> None:
    first, again, other = (one(payload)["content_id"] for payload in (text(), text(), text(timestamp=SAID_MS + 1)))
    assert first == again != other
    twice = read(text() + text()).detections.content_id.tolist()
    assert twice[0] != twice[1]
    assert read(text() + text()).detections.content_id.tolist() == twice


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (b'{"location":{"sensor ID":"r","latitude":52.3,"longitude":4.9,"satellites":9}}', (52.3, 4.9)),
        (b'{"location":{"sensor ID":"r","latitude":0,"longitude":0}}', (None, None)),
        (b'{"location":{"sensor ID":"r","latitude":91,"longitude":4}}', (None, None)),
        (b'{"status":{"sensor ID":"r","status":"normal"}}', (None, None)),
        (b'{"data":{"sensor ID":"r","status":"normal"}}', (None, None)),
    ],
)
def test_heartbeats(payload: bytes, place: tuple[float | None, float | None]) -> None:
    decoded = read(payload)
    (heartbeat,) = decoded.heartbeats
    assert (heartbeat.sensor, heartbeat.latitude_deg, heartbeat.longitude_deg) == ("r", *place)
    assert (decoded.rejects, decoded.ignored) == ((), 0)


def test_what_carries_no_drone_is_counted() -> None:
    assert read(b'{"aircraft":{"hex":"x"}}', b'{"mobile network":{"rssi":1}}').ignored == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"UASdata": 17}, "UASdata"),
        ({"UASdata": None, "RSSI": "loud"}, "RSSI"),
    ],
)
def test_a_wrong_type_that_leaves_nothing_names_its_field(changes: dict[str, Any], field: str) -> None:
    reason, detail = refusal(text(**changes))
    assert reason is RejectReason.WRONG_TYPE
    assert field in detail


@pytest.mark.parametrize(
    ("changes", "column", "value", "flags"),
    [
        ({"RSSI": "-71"}, "rssi_dbm", -71.0, 0),
        ({"RSSI": "loud"}, "rssi_dbm", math.nan, Flag.MESSAGE_INVALID),
        ({"RSSI": True}, "rssi_dbm", math.nan, Flag.MESSAGE_INVALID),
        ({"timestamp": "now"}, "received_s", RECEIVED_S, Flag.MESSAGE_INVALID),
        ({"timestamp": str(SAID_MS)}, "received_s", SAID_MS / 1000, 0),
        ({"sensor ID": 5}, "sensor", "5", 0),
        ({"sensor ID": {}}, "sensor", "topic", Flag.MESSAGE_INVALID),
        ({"MAC address": ["a"]}, "transmitter", None, Flag.MESSAGE_INVALID),
        ({"type": {}}, "transport", Transport.UNKNOWN, Flag.MESSAGE_INVALID),
    ],
)
def test_a_wrong_type_costs_its_own_field(changes: dict[str, Any], column: str, value: Any, flags: int) -> None:
    got = one(text(**changes))
    assert got[column] == (pytest.approx(value, nan_ok=True) if isinstance(value, float) else value)
    assert (got["flags"], got["uas_id"]) == (flags, "9999F000000000012345")


def test_a_sign_of_life_with_a_number_for_a_text_is_one() -> None:
    (beat,) = read(b'{"status":{"sensor ID":7,"firmware version":20260110,"status":"normal"}}').heartbeats
    assert (beat.sensor, beat.detail) == ("7", "firmware 20260110, status normal")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", RejectReason.NOT_JSON),
        (b"\0\0", RejectReason.NOT_JSON),
        (b"{", RejectReason.NOT_JSON),
        (b"\xff\xfe{}", RejectReason.NOT_JSON),
        (b'{"data":{"RSSI":NaN}}', RejectReason.NOT_JSON),
        (b'{"data":' + b"[" * 100_000, RejectReason.NOT_JSON),
        (b'{"x":' + b"1" * 10_000 + b"}", RejectReason.UNKNOWN_FORMAT),
        (b"[1]", RejectReason.WRONG_TYPE),
        (b'{"data":[]}', RejectReason.WRONG_TYPE),
        (b'{"data":{"RSSI":1e999}}', RejectReason.WRONG_TYPE),
        (b"{}", RejectReason.UNKNOWN_FORMAT),
        (b'{"data":null}', RejectReason.UNKNOWN_FORMAT),
        (text(UASdata="no base64 at all"), RejectReason.NOT_BASE64),
        (text(UASdata=""), RejectReason.UNKNOWN_FORMAT),
        (text(bytes(17)), RejectReason.UNKNOWN_FORMAT),
        (text(bytes(919)), RejectReason.UNKNOWN_FORMAT),
        (text(bytes(920)), RejectReason.NO_DATA),
        (text(bytes(25)), RejectReason.NO_DATA),
        (b" " * (MAX_PAYLOAD_BYTES + 1), RejectReason.TOO_LARGE),
        (b"{" + b" " * MAX_PAYLOAD_BYTES, RejectReason.TOO_LARGE),
        (lzma.compress(bytes(MAX_PAYLOAD_BYTES + 1)), RejectReason.TOO_LARGE),
        (lzma.compress(text())[:-9], RejectReason.NOT_LZMA),
        (b"\xfd7zXZ\x00rubbish", RejectReason.NOT_LZMA),
        (b"\x5d\x00\x00rubbish", RejectReason.NOT_LZMA),
    ],
)
def test_hostile_payloads_are_named(payload: bytes, reason: RejectReason) -> None:
    assert refusal(payload)[0] is reason


@pytest.mark.parametrize("name", ["sensor ID", "MAC address"])
def test_no_name_fills_the_memory(name: str) -> None:
    """Cleaned names are remembered: one of a megabyte would be one of thousands."""
    got = one(text(**{name: "x" * 1025}))
    assert (got["sensor"], got["transmitter"]).count("x" * 1025) == 0
    assert got["flags"] == Flag.MESSAGE_INVALID
    assert len(read(text(**{name: "x" * 1024})).detections) == 1


def test_a_bomb_is_not_unpacked() -> None:
    bomb = lzma.compress(bytes(1 << 25), preset=0)
    tracemalloc.start()
    assert refusal(bomb)[0] is RejectReason.TOO_LARGE
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 4 * MAX_PAYLOAD_BYTES


def test_an_endless_row_of_objects_ends() -> None:
    decoded = read(b"{}" * 5000)
    assert len(decoded.rejects) == 4097
    assert decoded.rejects[-1].reason is RejectReason.TOO_LARGE


fragments = st.sampled_from(
    [text(), text(structure()), text(RSSI="x"), b'{"status":{}}', b'{"aircraft":1}', b"\0", b"{"]
)
hostile = st.one_of(
    st.binary(max_size=60),
    st.lists(fragments, max_size=4).map(b"".join),
    st.builds(
        lambda data, at, byte: data[:at] + bytes([byte]) + data[at + 1 :],
        fragments,
        st.integers(0, 400),
        st.integers(0, 255),
    ),
    st.binary(max_size=80).map(text),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(hostile, max_size=6))
def test_every_message_is_accounted_for_in_any_batching(payloads: list[bytes]) -> None:
    whole = read(*payloads)
    apart = [read(payload) for payload in payloads]
    for part in apart:
        assert len(part.detections) + len(part.heartbeats) + len(part.rejects) + part.ignored >= 1
    assert_same(whole.detections, Detections.concat([part.detections for part in apart]))
    assert whole.heartbeats == tuple(heartbeat for part in apart for heartbeat in part.heartbeats)
    assert sorted(map(repr, whole.rejects)) == sorted(repr(reject) for part in apart for reject in part.rejects)


SBS = "MSG,3,1,1,484ABC,1,2026/03/01,11:59:59.000,2026/03/01,11:59:59.100,,1500,,,52.31,4.76,,,0,,0,0"


def aircraft(lines: str) -> bytes:
    return json.dumps(
        {"protocol": 1.0, "aircraft": {"sensor ID": "roof-1", "timestamp": SAID_MS, "SBS": lines}}
    ).encode()


def test_lines_of_aircraft_are_read_in_their_place() -> None:
    decoded = read(text(), aircraft(SBS + ";" + SBS.replace("484ABC", "484ABD") + ";\0"), text())
    assert decoded.rejects == ()
    assert decoded.detections.source.tolist() == [Source.REMOTE_ID, Source.ADSB, Source.ADSB, Source.REMOTE_ID]
    assert decoded.detections.uas_id[1:3].tolist() == ["484abc", "484abd"]
    assert set(decoded.detections.sensor.tolist()) == {"roof-1"}
    (reject,) = read(aircraft("MSG,3;")).rejects
    assert reject.reason is RejectReason.TRUNCATED


def test_a_report_without_uasdata_is_read_out_of_raw() -> None:
    data = {"sensor ID": "roof-1", "timestamp": SAID_MS, "raw": base64.b64encode(PACK + b"\0").decode()}
    assert one(json.dumps({"data": data}).encode())["uas_id"] == "9999F000000000012345"
    assert refusal(b'{"data":{"raw":"AAAAAAA="}}')[0] is RejectReason.UNKNOWN_FORMAT
    assert refusal(b'{"data":{"raw":"?"}}')[0] is RejectReason.UNKNOWN_FORMAT
