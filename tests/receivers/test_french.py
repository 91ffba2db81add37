"""The French beacon: round trip over all fields, the real beacon, and damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Flag, HeightReference, IdType, OperatorLocation, Source, Transport
from airspace.model.message import RawMessage, RejectReason
from receivers.formats import french, wifi
from receivers.formats.framing import Refusal
from tests.receivers import dji_encoding as encode
from tests.receivers.odid_oracle import RECEIVED_S, row

SERIAL = "9999F000000000012345"
FRENCH_ID = b"ABCXYZ" + b"000000000000000000000042"


def message(payload: bytes, link_type: int | None = None) -> RawMessage:
    return RawMessage(payload=payload, received_s=RECEIVED_S, sensor="mast", place="here", link_type=link_type)


def decoded(content: bytes) -> dict[str, Any]:
    found = french.decode([message(french.ELEMENT + content)])
    assert found.rejects == ()
    return row(found.detections, 0)


def refused(content: bytes) -> RejectReason:
    found = french.decode([message(french.ELEMENT + content)])
    assert len(found.detections) == 0
    return found.rejects[0].reason


def test_every_field() -> None:
    got = decoded(encode.french(french_id=FRENCH_ID))
    assert (got["uas_id"], got["uas_id_type"]) == (SERIAL, IdType.SERIAL)
    assert (got["alias_id"], got["alias_id_type"]) == (FRENCH_ID.decode(), IdType.CAA)
    assert (got["latitude_deg"], got["longitude_deg"]) == (43.94965, -4.81871)
    assert (got["altitude_pressure_m"], got["altitude_wgs84_m"]) == (37.0, None)
    assert (got["height_m"], got["height_reference"]) == (17.0, HeightReference.TAKEOFF)
    assert (got["speed_m_s"], got["track_deg"]) == (1.0, 331.0)
    assert (got["operator_latitude_deg"], got["operator_longitude_deg"]) == (43.9497, -4.8188)
    assert got["operator_location_type"] == OperatorLocation.TAKEOFF
    assert (got["source"], got["transport"]) == (Source.REMOTE_ID, Transport.WIFI_BEACON)
    assert (got["time_s"], got["counter"], got["protocol_version"]) == (None, None, 1.0)
    assert got["flags"] == Flag.LOW_TRUST_ALTITUDE


@pytest.mark.parametrize(
    ("fields", "column", "value"),
    [
        ({"position": (0.0, 0.0)}, "latitude_deg", None),
        ({"position": (0.0, 4.0)}, "latitude_deg", 0.0),
        ({"position": None}, "longitude_deg", None),
        ({"takeoff": None}, "operator_location_type", 0),
        ({"takeoff": (0.0, 0.0)}, "operator_latitude_deg", None),
        ({"takeoff": (90.0, 180.0)}, "operator_latitude_deg", None),
        ({"altitude": -5}, "altitude_pressure_m", -5.0),
        ({"altitude": None}, "flags", 0),
        ({"height": None}, "height_reference", 0),
        ({"course": 360}, "track_deg", 0.0),
        ({"course": 361}, "track_deg", None),
        ({"speed": None}, "speed_m_s", None),
        ({"serial": None, "french_id": FRENCH_ID}, "uas_id", FRENCH_ID.decode()),
        ({"serial": None, "french_id": FRENCH_ID}, "uas_id_type", IdType.CAA),
        ({"serial": b"short"}, "flags", Flag.SERIAL_INVALID | Flag.LOW_TRUST_ALTITUDE),
        ({"version": 2}, "flags", Flag.VERSION_UNKNOWN | Flag.LOW_TRUST_ALTITUDE),
    ],
)
def test_what_is_left_out_is_unknown(fields: dict[str, Any], column: str, value: Any) -> None:
    assert decoded(encode.french(**fields))[column] == value


def test_a_value_of_the_wrong_length_is_passed_over() -> None:
    got = decoded(encode.french(height=None) + encode.tlv(7, b"\x01"))
    assert (got["height_m"], got["flags"]) == (None, Flag.MESSAGE_INVALID | Flag.LOW_TRUST_ALTITUDE)
    cut = decoded(encode.french()[:-1])
    assert (cut["track_deg"], Flag.MESSAGE_INVALID in Flag(cut["flags"])) == (None, True)
    assert decoded(encode.tlv(99, b"new") + encode.french())["flags"] == Flag.LOW_TRUST_ALTITUDE


def test_what_is_refused() -> None:
    assert refused(b"") is RejectReason.NO_DATA
    assert refused(encode.tlv(1, b"\x01")) is RejectReason.NO_DATA
    assert refused(encode.french(position=(-168.0, 4.0))) is RejectReason.VALUE_OUT_OF_RANGE
    other = french.frame(b"\x6a\x5c\x35\x02\x01")
    assert isinstance(other, Refusal)
    assert other.reason is RejectReason.UNKNOWN_FORMAT


def test_the_real_beacon(real_data: Path) -> None:
    data = bytes.fromhex((real_data / "remote-id" / "hex" / "fr_dri_beacon_dji_real.hex").read_text())
    found = wifi.decode([message(data, wifi.LINK_80211)])
    got = row(found.detections, 0)
    assert (got["uas_id"][:5], len(got["uas_id"]), got["uas_id_type"]) == ("1581E", 19, IdType.SERIAL)
    assert (got["latitude_deg"], got["longitude_deg"]) == (43.94965, 4.81871)
    assert (got["altitude_pressure_m"], got["height_m"], got["speed_m_s"], got["track_deg"]) == (37, 17, 1, 331)
    assert got["operator_location_type"] == OperatorLocation.TAKEOFF
    assert got["transmitter"][:8] == "60:60:1F"
    assert got["flags"] == Flag.LOW_TRUST_ALTITUDE


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 12), st.binary(max_size=32)), max_size=12), st.integers(0, 3))
def test_no_bytes_raise(values: list[tuple[int, bytes]], cut: int) -> None:
    content = b"".join(encode.tlv(code, value) for code, value in values)
    found = french.decode([message(french.ELEMENT + content[: len(content) - cut])])
    assert len(found.detections) + len(found.rejects) == 1
