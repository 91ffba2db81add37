"""The plain reader against the tables of the standard and the edge cases seen in the field."""

from __future__ import annotations

from typing import Any

import pytest

from airspace.model.detection import (
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Status,
    UaType,
)
from airspace.model.message import RejectReason
from receivers.formats import odid
from receivers.formats.odid_text import read_operator_id, read_text, read_uas_id
from tests.receivers import odid_encoding as encode

SERIAL = b"9999F000000000012345"


def location(**fields: Any) -> odid.Location:
    message = odid.decode_message(encode.location(**fields))
    assert isinstance(message, odid.Location)
    return message


def system(**fields: Any) -> odid.System:
    message = odid.decode_message(encode.system(**fields))
    assert isinstance(message, odid.System)
    return message


def basic_id(*args: Any, **fields: Any) -> odid.BasicId:
    message = odid.decode_message(encode.basic_id(*args, **fields))
    assert isinstance(message, odid.BasicId)
    return message


def test_a_whole_location() -> None:
    assert location(version=1) == odid.Location(
        version=1,
        status=Status.AIRBORNE,
        track_deg=90.0,
        speed_m_s=10.0,
        vertical_speed_m_s=1.0,
        latitude_deg=52.3143,
        longitude_deg=4.9418,
        altitude_pressure_m=None,
        altitude_wgs84_m=80.0,
        height_m=60.0,
        height_reference=HeightReference.TAKEOFF,
        horizontal_accuracy_m=10.0,
        vertical_accuracy_m=25.0,
        speed_accuracy_m_s=1.0,
        time_of_hour_s=1800.0,
        time_accuracy_s=0.1,
    )


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (0.0, 0.0, (None, None)),
        (0.0, 6.7, (0.0, 6.7)),
        (51.4779, 0.0, (51.4779, 0.0)),
        (-90.0, 179.9999999, (-90.0, 179.9999999)),
        (-90.0, 180.0, (None, None)),  # the corner of the globe is a filler
    ],
)
def test_a_position_is_unknown_only_when_both_are_zero(lat: float, lon: float, expected: tuple[Any, Any]) -> None:
    message = location(lat=lat, lon=lon)
    assert (message.latitude_deg, message.longitude_deg) == expected


@pytest.mark.parametrize(
    ("direction", "east_west", "expected"),
    [
        (0, 0, 0.0),
        (179, 0, 179.0),
        (180, 0, 180.0),
        (0, 1, 180.0),
        (179, 1, 359.0),
        (180, 1, 0.0),
        (181, 1, None),
        (181, 0, None),
        (255, 0, None),
        (255, 1, None),
    ],
)
def test_direction(direction: int, east_west: int, expected: float | None) -> None:
    assert location(direction=direction, east_west=east_west).track_deg == expected


@pytest.mark.parametrize(
    ("speed", "multiplier", "expected"),
    [(0, 0, 0.0), (255, 0, 63.75), (0, 1, 63.75), (254, 1, 254.25), (255, 1, None)],
)
def test_speed_255_is_a_marker_with_the_multiplier_only(speed: int, multiplier: int, expected: float | None) -> None:
    assert location(speed=speed, multiplier=multiplier).speed_m_s == expected


@pytest.mark.parametrize(
    ("vertical", "expected"),
    [(0, 0.0), (124, 62.0), (125, None), (126, None), (127, None), (132, -62.0), (131, None), (255, -0.5)],
)
def test_vertical_speed(vertical: int, expected: float | None) -> None:
    assert location(vertical=vertical).vertical_speed_m_s == expected


def test_altitudes_of_a_parrot_are_unknown_but_its_height() -> None:
    message = location(pressure=None, geodetic=None, height=-17.5, over_ground=1)
    assert (message.altitude_pressure_m, message.altitude_wgs84_m) == (None, None)
    assert (message.height_m, message.height_reference) == (-17.5, HeightReference.GROUND)


def test_no_height_has_no_reference() -> None:
    assert location(height=None, over_ground=1).height_reference is HeightReference.UNKNOWN


@pytest.mark.parametrize(
    ("tenths", "expected", "flags"),
    [
        (0, 0.0, Flag(0)),
        (599, 59.9, Flag(0)),
        (35999, 3599.9, Flag(0)),
        (36000, 3600.0, Flag(0)),
        (36001, None, Flag.TIME_INVALID),
        (65534, None, Flag.TIME_INVALID),
        (65535, None, Flag(0)),
    ],
)
def test_time_after_the_hour(tenths: int, expected: float | None, flags: Flag) -> None:
    message = location(tenths=tenths)
    assert (message.time_of_hour_s, message.flags) == (expected, flags)


@pytest.mark.parametrize(("code", "metres"), [(0, None), (1, 18520.0), (8, 92.6), (9, 30.0), (12, 1.0), (13, None)])
def test_horizontal_accuracy(code: int, metres: float | None) -> None:
    assert location(accuracy=code).horizontal_accuracy_m == metres


@pytest.mark.parametrize(("code", "metres"), [(0, None), (1, 150.0), (2, 45.0), (6, 1.0), (7, None), (15, None)])
def test_vertical_accuracy(code: int, metres: float | None) -> None:
    assert location(accuracy=code << 4).vertical_accuracy_m == metres


@pytest.mark.parametrize(
    "fields", [{"lat": -168.0}, {"lon": -214.0}, {"lat": 90.0000001}, {"status": 9}, {"status": 5}]
)
def test_a_damaged_location_is_refused_whole(fields: dict[str, Any]) -> None:
    with pytest.raises(odid.DecodeError) as caught:
        location(**fields)
    assert caught.value.reason is RejectReason.VALUE_OUT_OF_RANGE
    assert Flag.MESSAGE_INVALID in caught.value.flags
    assert (Flag.POSITION_INVALID in caught.value.flags) == ("status" not in fields)


@pytest.mark.parametrize(
    ("id_type", "raw", "uas_id", "flags"),
    [
        (1, SERIAL, SERIAL.decode(), Flag(0)),
        (1, b"9999F04B", "9999F04B", Flag.SERIAL_INVALID),
        (1, b"9999\xb0\xe5F04BM2401001", "9999F04BM2401001", Flag.SERIAL_INVALID | Flag.TEXT_CLEANED),
        (2, b"NL-1234", "NL-1234", Flag(0)),
        (2, b"NL\x00\x1b[31m", "NL[31m", Flag.TEXT_CLEANED),
        (2, b"\x01\x02", None, Flag.TEXT_CLEANED),
        (0, b"112624150A90", "112624150A90", Flag.ID_TYPE_MISSING),
        (0, b"", None, Flag(0)),
        (1, b"", None, Flag(0)),
        (3, bytes(range(1, 17)), bytes(range(1, 17)).hex(), Flag(0)),
        (3, b"\x41\x42", "4142" + 28 * "0", Flag(0)),
        (4, b"\x01" + bytes(range(1, 17)), "01" + bytes(range(1, 17)).hex(), Flag(0)),
        (4, b"\x01\x41", "0141", Flag(0)),
    ],
)
def test_ids(id_type: int, raw: bytes, uas_id: str | None, flags: Flag) -> None:
    message = basic_id(raw, id_type=id_type)
    assert (message.uas_id, message.flags) == (uas_id, flags)
    assert message.id_type == (id_type if uas_id else IdType.UNKNOWN)
    assert message.ua_type is UaType.MULTIROTOR


def test_a_reserved_id_type_is_damage() -> None:
    with pytest.raises(odid.DecodeError):
        basic_id(SERIAL, id_type=5)


@pytest.mark.parametrize(
    ("raw", "public", "flags"),
    [
        (b"FIN87astrdge12k8", "FIN87astrdge12k8", Flag(0)),
        (b"FIN87astrdge12k8-xyz", "FIN87astrdge12k8", Flag.OPERATOR_ID_LONG),
        (b"FIN87astrdge12kxyz8", "FIN87astrdge12kx", Flag.OPERATOR_ID_LONG),
        (b"\0" * 20, None, Flag(0)),
        (b"-xyz", None, Flag.OPERATOR_ID_LONG),
    ],
)
def test_the_secret_part_of_an_operator_number_is_dropped(raw: bytes, public: str | None, flags: Flag) -> None:
    message = odid.decode_message(encode.operator_id(raw))
    assert isinstance(message, odid.OperatorId)
    assert (message.operator_id, message.flags) == (public, flags)


def test_system() -> None:
    message = system()
    assert (message.operator_latitude_deg, message.operator_longitude_deg) == (52.3140, 4.9400)
    assert message.operator_altitude_wgs84_m == 3.0
    assert message.operator_location is OperatorLocation.LIVE
    assert (message.eu_category, message.eu_class) == (EuCategory.OPEN, EuClass.C1)
    assert (message.area_count, message.area_radius_m, message.time_s) == (1, 50, None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, OperatorLocation.TAKEOFF),
        (1, OperatorLocation.LIVE),
        (2, OperatorLocation.FIXED),
        (3, OperatorLocation.UNKNOWN),
    ],
)
def test_operator_location(code: int, kind: OperatorLocation) -> None:
    assert system(operator_location=code).operator_location is kind


def test_category_and_class_count_in_the_eu_only() -> None:
    message = system(classification=0)
    assert (message.eu_category, message.eu_class) == (EuCategory.UNKNOWN, EuClass.UNKNOWN)
    message = system(category=4, eu_class=8)
    assert (message.eu_category, message.eu_class) == (EuCategory.UNKNOWN, EuClass.UNKNOWN)


def test_system_time_counts_from_2019_and_zero_is_none() -> None:
    assert system(seconds=189372656).time_s == 1735673456
    assert system(seconds=0).time_s is None


def test_the_test_pattern_is_told() -> None:
    assert system(lat=0.001, lon=-0.001).flags == Flag.TEST_TRANSMITTER
    assert system(lat=0.001, lon=0.001).flags == Flag(0)
    assert system(lat=0.0, lon=0.0).operator_latitude_deg is None


def test_self_id() -> None:
    message = odid.decode_message(encode.self_id("café".encode(), text_type=1))
    assert message == odid.SelfId(version=2, text_type=1, text="café")


def test_auth_pages() -> None:
    first = odid.decode_message(encode.auth())
    assert isinstance(first, odid.Auth)
    assert (first.auth_type, first.page, first.last_page, first.length, first.time_s) == (1, 0, 2, 63, 1546300810)
    assert first.data == bytes(range(17))
    second = odid.decode_message(encode.auth(page=2))
    assert isinstance(second, odid.Auth)
    assert (second.page, second.length, second.data) == (2, None, bytes(range(23)))


@pytest.mark.parametrize(("version", "flags"), [(0, Flag(0)), (2, Flag(0)), (3, Flag.VERSION_UNKNOWN)])
def test_no_version_is_refused(version: int, flags: Flag) -> None:
    message = basic_id(SERIAL, version=version)
    assert (message.uas_id, message.version, message.flags) == (SERIAL.decode(), version, flags)
    assert basic_id(SERIAL, version=15).flags == Flag.VERSION_UNKNOWN


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", RejectReason.TRUNCATED),
        (encode.basic_id()[:24], RejectReason.TRUNCATED),
        (bytes(25), RejectReason.NO_DATA),
        (b"\x82" + bytes(24), RejectReason.UNKNOWN_MESSAGE),
        (b"\xd2" + bytes(24), RejectReason.UNKNOWN_MESSAGE),
        (encode.pack(encode.basic_id()), RejectReason.UNKNOWN_MESSAGE),
    ],
)
def test_what_is_no_message(data: bytes, reason: RejectReason) -> None:
    with pytest.raises(odid.DecodeError) as caught:
        odid.decode_message(data)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("count", "size", "slots", "flags"),
    [
        (3, 25, 3, Flag(0)),
        (2, 25, 2, Flag(0)),
        (70, 25, 3, Flag.PACK_COUNT),
        (3, 89, 3, Flag.PACK_COUNT),
        (4, 25, 3, Flag.PACK_COUNT),
    ],
)
def test_the_length_of_a_pack_wins(count: int, size: int, slots: int, flags: Flag) -> None:
    data = encode.pack(encode.basic_id(), encode.location(), encode.system(), count=count, size=size)
    found, said = odid.split_pack(data + b"\0\0\0")
    assert (len(found), said) == (slots, flags)


def test_a_pack_never_holds_more_than_ten() -> None:
    found, flags = odid.split_pack(encode.pack(*[encode.location()] * 12))
    assert (len(found), flags) == (10, Flag.PACK_COUNT)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xf2", RejectReason.TRUNCATED),
        (b"\xf2\x19\x01", RejectReason.TRUNCATED),
        (b"\xf2\x19\x00", RejectReason.NO_DATA),
        (encode.pack(bytes(25), count=0), RejectReason.NO_DATA),
    ],
)
def test_a_pack_of_nothing(data: bytes, reason: RejectReason) -> None:
    with pytest.raises(odid.DecodeError) as caught:
        odid.decode_pack(data)
    assert caught.value.reason is reason


def test_a_pack_keeps_what_is_sound() -> None:
    data = encode.pack(encode.basic_id(), bytes(25), b"\x92" + bytes(24), encode.location(lat=-168.0), encode.self_id())
    kinds = [slot.reason if isinstance(slot, odid.DecodeError) else type(slot) for slot in odid.decode_pack(data)]
    assert kinds == [
        odid.BasicId,
        RejectReason.NO_DATA,
        RejectReason.UNKNOWN_MESSAGE,
        RejectReason.VALUE_OUT_OF_RANGE,
        odid.SelfId,
    ]


def test_text_readers_take_what_numpy_has_stripped() -> None:
    assert read_uas_id(3, b"\x41") == read_uas_id(3, b"\x41".ljust(20, b"\0"))
    assert read_operator_id(b"") == (None, 0)
    assert read_text(b"two  blanks\0\0", 23) == ("two blanks", Flag(0))
    assert read_text("a\u202eb".encode(), 23) == ("ab", Flag.TEXT_CLEANED)
