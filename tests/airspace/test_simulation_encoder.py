"""The encoder against the table of the handbook, byte by byte; the decoder is not asked."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.detection import EuCategory, EuClass, HeightReference, OperatorLocation, Status
from airspace.simulation import encoder


def test_a_basic_id_is_type_and_padded_text() -> None:
    message = encoder.basic_id("9ZZZ2AB", ua_type=1, version=1)
    assert message == b"\x01\x11" + b"9ZZZ2AB" + bytes(13) + bytes(3)


def test_a_binary_id_goes_out_as_it_is() -> None:
    session = bytes(range(1, 21))
    assert encoder.basic_id(session, id_type=4)[2:22] == session


@pytest.mark.parametrize("version", [0, 1, 2, 15])
def test_the_version_is_the_low_nibble_and_the_type_the_high_one(version: int) -> None:
    messages = (
        encoder.basic_id("x", version=version),
        encoder.location(version=version),
        encoder.self_id("x", version=version),
        encoder.system(version=version),
        encoder.operator_id("x", version=version),
        encoder.pack([], version=version),
    )
    assert [message[0] for message in messages] == [kind << 4 | version for kind in (0, 1, 3, 4, 5, 15)]


def test_unknown_is_the_invalid_marker_of_each_field() -> None:
    message = encoder.location(status=Status.UNKNOWN)
    assert message[1] == 0b11  # E/W of 361 degrees, multiplier of the invalid speed
    assert message[2:5] == bytes([181, 255, 126])
    assert message[5:19] == bytes(14)  # 0/0 and three times -1000 m
    assert message[19:21] == bytes(2)
    assert message[21:25] == b"\xff\xff\0\0"
    system = encoder.system(operator_location=OperatorLocation.UNKNOWN, classification_eu=False)
    assert system[1:10] == bytes(9)
    assert system[10:12] == b"\x01\0"
    assert system[12:25] == bytes(13)


LOCATION: list[tuple[dict[str, Any], int, bytes]] = [  # field, first byte, bytes
    ({"status": Status.EMERGENCY}, 1, bytes([0b0011_0011])),
    ({"height_reference": HeightReference.GROUND}, 1, bytes([0b0010_0111])),
    ({"track_deg": 0.0}, 1, bytes([0b0010_0001, 0])),
    ({"track_deg": 179.4}, 1, bytes([0b0010_0001, 179])),
    ({"track_deg": 180.0}, 1, bytes([0b0010_0011, 0])),
    ({"track_deg": 359.2}, 1, bytes([0b0010_0011, 179])),
    ({"track_deg": 359.8}, 1, bytes([0b0010_0001, 0])),
    ({"speed_m_s": 63.75}, 3, bytes([255])),
    ({"speed_m_s": 64.5}, 3, bytes([1])),
    ({"speed_m_s": 254.25}, 3, bytes([254])),
    ({"speed_m_s": 400.0}, 3, bytes([254])),
    ({"vertical_speed_m_s": -4.0}, 4, bytes([248])),
    ({"vertical_speed_m_s": 99.0}, 4, bytes([124])),
    ({"latitude_deg": 52.3144}, 5, struct.pack("<i", 523144000)),
    ({"longitude_deg": -0.5}, 9, struct.pack("<i", -5000000)),
    ({"altitude_pressure_m": 0.0}, 13, struct.pack("<H", 2000)),
    ({"altitude_wgs84_m": 101.5}, 15, struct.pack("<H", 2203)),
    ({"height_m": -17.5}, 17, struct.pack("<H", 1965)),
    ({"horizontal_accuracy_m": 3.0}, 19, bytes([0x0B])),
    ({"horizontal_accuracy_m": 4.0}, 19, bytes([0x0A])),
    ({"horizontal_accuracy_m": 18520.0}, 19, bytes([0x01])),
    ({"vertical_accuracy_m": 10.0}, 19, bytes([0x40])),
    ({"pressure_accuracy_m": 1.0}, 20, bytes([0x60])),
    ({"speed_accuracy_m_s": 0.3}, 20, bytes([0x04])),
    ({"time_s": 3600.0 * 17 + 931.1}, 21, struct.pack("<H", 9311)),
    ({"time_accuracy_s": 1.5}, 23, bytes([15])),
]


@pytest.mark.parametrize(("fields", "first", "wire"), LOCATION)
def test_a_location_field_stands_where_the_table_says(fields: dict[str, Any], first: int, wire: bytes) -> None:
    message = encoder.location(**fields)
    assert message[first : first + len(wire)] == wire


def test_the_multiplier_bit_follows_the_speed() -> None:
    assert [encoder.location(speed_m_s=speed)[1] & 1 for speed in (0.0, 63.75, 64.5)] == [0, 0, 1]


def test_a_system_message_has_operator_class_area_and_time() -> None:
    message = encoder.system(
        operator_latitude_deg=52.3,
        operator_longitude_deg=4.95,
        operator_location=OperatorLocation.LIVE,
        operator_altitude_wgs84_m=41.0,
        area_count=3,
        area_radius_m=120.0,
        area_ceiling_m=100.0,
        area_floor_m=0.0,
        eu_category=EuCategory.OPEN,
        eu_class=EuClass.C1,
        time_s=1546300800 + 7.9,
    )
    expected = struct.pack("<BBiiHBHHBHIx", 0x42, 0b101, 523000000, 49500000, 3, 12, 2200, 2000, 0x12, 2082, 7)
    assert message == expected


@pytest.mark.parametrize(("kind", "wire"), [(0, 0), (1, 0), (2, 1), (3, 2)])
def test_the_operator_s_place_is_take_off_live_or_fixed(kind: int, wire: int) -> None:
    assert encoder.system(operator_location=kind)[1] & 3 == wire


def test_texts_are_cut_to_their_field() -> None:
    assert encoder.operator_id("N" * 30) == b"\x52\0" + b"N" * 20 + bytes(3)
    assert encoder.self_id("tëst" * 9, text_type=1)[:2] == b"\x32\x01"
    assert len(encoder.self_id("tëst" * 9)) == 25


def test_a_pack_is_a_head_and_its_messages() -> None:
    messages = [encoder.basic_id("a"), encoder.location()]
    assert encoder.pack(messages) == b"\xf2\x19\x02" + b"".join(messages)


@pytest.mark.parametrize("messages", [[encoder.location()] * 10, [b"short"]])
def test_a_pack_that_cannot_be_is_refused(messages: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at most 9 messages of 25 bytes"):
        encoder.pack(messages)


ANY = {
    "latitude_deg": st.none() | st.floats(-90, 90),
    "longitude_deg": st.none() | st.floats(-180, 180),
    "altitude_wgs84_m": st.none() | st.floats(-1e6, 1e6),
    "speed_m_s": st.none() | st.floats(0, 1e4),
    "track_deg": st.none() | st.floats(-720, 720),
    "vertical_speed_m_s": st.none() | st.floats(-1e4, 1e4),
    "horizontal_accuracy_m": st.none() | st.floats(0, 1e6),
    "time_s": st.none() | st.floats(0, 4e9),
    "time_accuracy_s": st.none() | st.floats(0, 1e4),
}


@given(st.fixed_dictionaries(ANY))
def test_any_location_is_twenty_five_bytes(fields: dict[str, Any]) -> None:
    assert len(encoder.location(**fields)) == 25
