"""DJI DroneID: round trip over all fields, the state bits, the real files and the published OcuSync example."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Flag, IdType, OperatorLocation, Source, Status, Transport
from airspace.model.message import RawMessage, RejectReason
from receivers.formats import dji, wifi
from receivers.formats.framing import NOT_REMOTE_ID, Refusal
from receivers.formats.pcap import read_packets
from tests.receivers import dji_encoding as encode
from tests.receivers.odid_oracle import RECEIVED_S, row
from tests.receivers.test_wifi import beacon, element

SERIAL = "0M6TEST00000001"
FOOT = 0.3048


def message(payload: bytes, link_type: int | None = None) -> RawMessage:
    return RawMessage(payload=payload, received_s=RECEIVED_S, sensor="mast", place="here", link_type=link_type)


def decoded(record: bytes) -> dict[str, Any]:
    found = dji.decode([message(dji.MARK + record)])
    assert found.rejects == ()
    return row(found.detections, 0)


def refused(payload: bytes) -> RejectReason:
    found = dji.decode([message(payload)])
    assert len(found.detections) == 0
    return found.rejects[0].reason


@pytest.mark.parametrize("version", [1, 2])
def test_every_field(version: int) -> None:
    got = decoded(encode.flight(version=version))
    assert (got["uas_id"], got["uas_id_type"], got["signal_class"]) == (SERIAL, IdType.SERIAL, "DJI product 63")
    assert (got["source"], got["transport"], got["status"]) == (Source.DJI, Transport.WIFI_DJI, Status.AIRBORNE)
    assert (got["latitude_deg"], got["longitude_deg"]) == pytest.approx((52.3143, 4.9418), abs=1e-5)
    assert (got["altitude_pressure_m"], got["height_m"]) == pytest.approx((164 * FOOT, 131 * FOOT))
    assert got["altitude_wgs84_m"] is None
    assert (got["speed_m_s"], got["vertical_speed_m_s"]) == (5.0, -1.5)
    assert got["track_deg"] == pytest.approx(306.8699, abs=1e-4)
    assert (got["counter"], got["protocol_version"]) == (0x4D, version)
    assert got["flags"] == Flag.LOW_TRUST_ALTITUDE
    live = version == 2
    place = (52.3140, 4.9400) if live else (52.3139, 4.9399)
    assert (got["operator_latitude_deg"], got["operator_longitude_deg"]) == pytest.approx(place, abs=1e-5)
    assert got["operator_location_type"] == (OperatorLocation.LIVE if live else OperatorLocation.TAKEOFF)
    assert got["time_s"] == (1_772_366_399.9 if live else None)


STATE = {
    0: {"uas_id": None, "uas_id_type": 0},
    5: {"status": Status.GROUND},
    6: {"latitude_deg": None, "longitude_deg": None},
    7: {"altitude_pressure_m": None},
    8: {"height_m": None, "height_reference": 0},
    9: {"speed_m_s": None, "track_deg": None},
    10: {"vertical_speed_m_s": None},
}


@pytest.mark.parametrize("bit", STATE)
def test_without_its_bit_a_value_is_not_taken(bit: int) -> None:
    whole, got = decoded(encode.flight()), decoded(encode.flight(state=encode.ALL_VALID & ~(1 << bit)))
    own = {"content_id", "flags"}
    changed = {name: value for name, value in got.items() if value != whole[name] and name not in own}
    assert changed == STATE[bit]
    extra = Flag.POSITION_INVALID if bit == 6 else Flag(0)
    assert got["flags"] == Flag.LOW_TRUST_ALTITUDE | extra


def test_the_home_bit_and_zeros() -> None:
    home = decoded(encode.flight(app=(0.0, 0.0)))
    assert home["operator_location_type"] == OperatorLocation.TAKEOFF
    assert home["operator_latitude_deg"] == pytest.approx(52.3139, abs=1e-5)
    none = decoded(encode.flight(app=(0.0, 0.0), state=encode.ALL_VALID & ~4))
    assert (none["operator_latitude_deg"], none["operator_location_type"]) == (None, 0)
    nowhere = decoded(encode.flight(lat=0.0, lon=0.0))
    assert (nowhere["latitude_deg"], nowhere["flags"]) == (None, Flag.LOW_TRUST_ALTITUDE)
    filler = decoded(encode.flight(app=(90.0, 180.0)))
    assert (filler["operator_location_type"], filler["flags"] & Flag.POSITION_INVALID) == (
        OperatorLocation.TAKEOFF,
        Flag.POSITION_INVALID,
    )
    assert decoded(encode.flight(lat=-90.0, lon=-180.0))["latitude_deg"] is None
    meridian = decoded(encode.flight(lat=51.4779, lon=0.0))
    assert (meridian["latitude_deg"], meridian["longitude_deg"]) == (pytest.approx(51.4779, abs=1e-5), 0.0)


def test_standing_still_has_no_track() -> None:
    got = decoded(encode.flight(north=0, east=0))
    assert (got["speed_m_s"], got["track_deg"]) == (0.0, None)


@pytest.mark.parametrize(
    ("time_ms", "time_s", "flags"),
    [
        (0, None, Flag(0)),
        (1_537_227_839, None, Flag.TIME_INVALID),  # seconds where milliseconds belong
        (2**64 - 1, None, Flag.TIME_INVALID),
        (1_606_936_212_357, 1_606_936_212.357, Flag.SKEW),
    ],
)
def test_times(time_ms: int, time_s: float | None, flags: Flag) -> None:
    got = decoded(encode.flight(time_ms=time_ms))
    assert (got["time_s"], got["flags"]) == (time_s, flags | Flag.LOW_TRUST_ALTITUDE)


def test_an_unknown_version_is_read_as_the_newest() -> None:
    assert decoded(encode.flight(version=3))["flags"] == Flag.LOW_TRUST_ALTITUDE | Flag.VERSION_UNKNOWN


def test_a_purpose() -> None:
    got = decoded(encode.purpose())
    assert (got["uas_id"], got["self_id"], got["status"], got["flags"]) == (SERIAL, "roof survey", 0, 0)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (dji.MARK, RejectReason.UNKNOWN_MESSAGE),
        (dji.MARK + b"\x12" + bytes(86), RejectReason.UNKNOWN_MESSAGE),
        (dji.MARK + encode.flight()[:60], RejectReason.TRUNCATED),
        (dji.MARK + encode.purpose()[:20], RejectReason.TRUNCATED),
        (dji.MARK + b"\x10\x02" + bytes(85), RejectReason.NO_DATA),
        (dji.MARK + encode.flight(lat=4.9, lon=52.3, app=(95.0, 4.9)), RejectReason.VALUE_OUT_OF_RANGE),
        (dji.MARK + encode.flight(lat=-168.0), RejectReason.VALUE_OUT_OF_RANGE),
        (b"hello", RejectReason.UNKNOWN_FORMAT),
    ],
)
def test_what_is_refused(payload: bytes, reason: RejectReason) -> None:
    assert refused(payload) is reason


def test_latitude_before_longitude_would_be_told_apart() -> None:
    got = decoded(encode.flight(lat=4.9418, lon=152.3143))
    assert (got["latitude_deg"], got["longitude_deg"]) == pytest.approx((4.9418, 152.3143), abs=1e-5)


def test_in_a_beacon() -> None:
    frame = beacon(element(0xDD, b"\x00\x50\xf2\x02\x01"), element(0xDD, encode.ELEMENT + encode.flight()))
    found = wifi.decode([message(frame, wifi.LINK_80211)])
    got = row(found.detections, 0)
    assert (got["uas_id"], got["transport"]) == (SERIAL, Transport.WIFI_DJI)
    assert got["transmitter"] == "60:60:1F:0A:0B:0C"
    other = beacon(element(0xDD, b"\x26\x37\x12\x01\x02\x03"))
    assert wifi.frame(other, wifi.LINK_80211) is NOT_REMOTE_ID


def test_rows_of_several_kinds_keep_their_order() -> None:
    odid = beacon(element(0xDD, b"\xfa\x0b\xbc\x0d\x05\xf2\x19\x01" + b"\x32\x00" + b"survey".ljust(23, b"\0")))
    flight = beacon(element(0xDD, encode.ELEMENT + encode.flight()))
    french = beacon(element(0xDD, encode.FRENCH_ELEMENT + encode.french()))
    broken = beacon(element(0xDD, encode.ELEMENT + b"\x10"))
    found = wifi.decode([message(one, wifi.LINK_80211) for one in (flight, odid, french, broken, odid, flight)])
    assert found.detections.source.tolist() == [2, 1, 1, 1, 2]
    assert found.detections.self_id.tolist() == [None, "survey", None, "survey", None]
    assert [one.reason for one in found.rejects] == [RejectReason.TRUNCATED]


def test_the_ocusync_frame_and_its_checksum() -> None:
    frame = encode.ocusync(encode.flight())
    assert len(frame) == dji.OCUSYNC_BYTES
    got = row(dji.decode([message(frame + bytes(86))]).detections, 0)
    assert (got["uas_id"], got["transport"]) == (SERIAL, Transport.OCUSYNC)
    broken = bytearray(frame)
    broken[40] ^= 1
    framed = dji.frame(bytes(broken))
    assert isinstance(framed, Refusal)
    assert (framed.reason, framed.payload) == (RejectReason.CRC_FAILED, b"")


def test_the_published_ocusync_example() -> None:
    """DroneSecurity's README prints one frame field by field with its checksum, c935: layout and checksum at once."""
    frame = struct.pack(
        "<BBBHH16siihhhhhhQiiiiBB20s",
        *(88, 16, 2, 878, 8179, b"SecureStorage?"),
        *(round(7.267960786785307 * 174533), round(51.446866781640146 * 174533), 129, 18, 0, -7, 0, 16900),
        *(1650894901980, round(43.26826445428658 * 174533), round(6.640125363111847 * 174533)),
        *(round(7.26794359805882 * 174533), round(51.446883970366635 * 174533), 63, 0, b""),
    )
    assert dji.crc16(frame) == 0xC935
    got = row(dji.decode([message(frame + b"\x35\xc9")]).detections, 0)
    assert (got["uas_id"], got["signal_class"]) == ("SecureStorage?", "DJI product 63")
    assert (got["latitude_deg"], got["longitude_deg"]) == pytest.approx((51.44687, 7.26796), abs=5e-5)
    assert (got["altitude_pressure_m"], got["height_m"]) == pytest.approx((39.32, 5.49), abs=0.01)
    assert (got["speed_m_s"], got["track_deg"], got["time_s"]) == (0.07, 270.0, 1650894901.98)


def test_the_real_payload_has_no_fix(real_data: Path) -> None:
    data = bytes.fromhex((real_data / "remote-id" / "hex" / "dji_wifi_droneid_flightreg_payload.hex").read_text())
    assert (len(data), dji.is_dji(data)) == (91, True)
    got = row(dji.decode([message(data)]).detections, 0)
    assert (got["uas_id"][:2], len(got["uas_id"]), got["uas_id_type"]) == ("0K", 14, IdType.SERIAL)
    assert (got["latitude_deg"], got["altitude_pressure_m"]) == (None, None)
    assert got["height_m"] == pytest.approx(12 * FOOT)
    assert (got["operator_latitude_deg"], got["operator_longitude_deg"]) == pytest.approx((46.763, 7.601), abs=1e-3)
    assert (got["operator_location_type"], got["signal_class"]) == (OperatorLocation.LIVE, "DJI product 24")
    assert got["time_s"] == 1606999389.061
    assert got["flags"] == Flag.SKEW | Flag.LOW_TRUST_ALTITUDE


def test_the_forged_mavic(real_data: Path) -> None:
    path = real_data / "remote-id" / "pcap" / "mavic_alessa_spoofed.pcapng"
    packets, _ = read_packets(path.read_bytes(), path.name)
    found = wifi.decode(packets)
    rows = found.detections
    assert (len(rows), found.rejects) == (10, ())
    (serial,) = set(rows.uas_id)
    assert (serial[:2], len(serial)) == ("K6", 16)
    assert set(rows.source) == {Source.DJI}
    assert set(rows.transport) == {Transport.WIFI_DJI}
    assert set(rows.counter) == {0x4D}
    wanted = Flag.LOW_TRUST_ALTITUDE | Flag.POSITION_INVALID | Flag.TIME_INVALID
    assert set(rows.flags) == {wanted}  # it says 12 N 13 E, and that it has no fix; its time is seconds, not ms
    assert set(rows.operator_latitude_deg.round()) == {56.0}
    assert set(rows.operator_longitude_deg.round()) == {43.0}


@settings(max_examples=200)
@given(st.binary(max_size=120), st.sampled_from([b"", dji.MARK + b"\x10\x02", dji.MARK + b"\x10\x01", b"\x58\x10\x02"]))
def test_no_bytes_raise(noise: bytes, head: bytes) -> None:
    found = dji.decode([message(head + noise)])
    assert len(found.detections) + len(found.rejects) == 1
    for name, limit in {
        "latitude_deg": 90,
        "longitude_deg": 180,
        "operator_latitude_deg": 90,
        "track_deg": 360,
    }.items():
        values = [value for value in getattr(found.detections, name) if value == value]  # noqa: PLR0124 - not NaN
        assert all(abs(value) <= limit for value in values)


@given(st.binary(max_size=100))
def test_the_checksum_is_the_division(data: bytes) -> None:
    assert dji.crc16(data).to_bytes(2, "little") == encode.crc(data)
