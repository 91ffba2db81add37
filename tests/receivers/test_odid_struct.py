"""DroneScout's C structure: its layout, its markers, and bytes that no C program wrote."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airspace.model.detection import (
    COLUMNS,
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
from receivers.formats.odid_struct import STRUCT_BYTES, decode_structs
from tests.receivers.odid_oracle import payloads, row

RECEIVED_S = 1_772_366_400.4  # 2026-03-01T12:00:00.4Z
SERIAL = b"9999F000000000012345"
VALID = {"basic_id": 892, "alias": 893, "location": 894, "auth": 895, "self_id": 911, "system": 912, "operator_id": 913}
ALL = tuple(VALID)


def structure(held: tuple[str, ...] = ALL, /, **changes: Any) -> bytes:
    """A structure with the named messages valid; ``changes`` are (format, value) at an offset named ``at_N``."""
    data = bytearray(STRUCT_BYTES + 1)
    struct.pack_into("<II21s", data, 0, 2, 1, SERIAL)
    struct.pack_into("<II21s", data, 32, 0, 4, b"\x01\xaa\xbb")
    struct.pack_into("<Ifffddff", data, 64, 2, 90.0, 10.0, 1.0, 52.3143, 4.9418, -1000.0, 80.0)
    struct.pack_into("<If5If", data, 104, 1, -17.5, 10, 3, 0, 3, 1, 0.1)
    struct.pack_into("<I23s", data, 776, 0, b"roof survey")
    struct.pack_into("<IIddHHff", data, 808, 1, 1, 52.314, 4.94, 1, 0, -1000.0, -1000.0)
    struct.pack_into("<IIfI", data, 844, 1, 2, 3.0, 0)
    struct.pack_into("<I20s", data, 864, 0, b"FIN87astrdge12k8-xyz")
    for name in held:
        data[VALID[name]] = 1
    for place, (layout, *values) in changes.items():
        struct.pack_into(layout, data, int(place.removeprefix("at_")), *values)
    return bytes(data)


def decoded(data: bytes) -> dict[str, Any]:
    detections, rows, rejects = decode_structs(payloads([data], RECEIVED_S))
    assert (rows.tolist(), rejects) == ([0], ())
    return row(detections, 0)


@pytest.mark.parametrize("size", [920, 921])
def test_a_whole_structure(size: int) -> None:
    got = decoded(structure()[:size])
    wanted = {
        "uas_id": SERIAL.decode(),
        "uas_id_type": IdType.SERIAL,
        "alias_id": "01aabb",
        "alias_id_type": IdType.SESSION,
        "ua_type": UaType.MULTIROTOR,
        "status": Status.AIRBORNE,
        "track_deg": 90.0,
        "speed_m_s": 10.0,
        "vertical_speed_m_s": 1.0,
        "latitude_deg": 52.3143,
        "longitude_deg": 4.9418,
        "altitude_pressure_m": None,
        "altitude_wgs84_m": 80.0,
        "height_m": -17.5,
        "height_reference": HeightReference.GROUND,
        "horizontal_accuracy_m": 10.0,
        "vertical_accuracy_m": 25.0,
        "time_s": pytest.approx(1_772_366_400.1),
        "self_id": "roof survey",
        "operator_location_type": OperatorLocation.LIVE,
        "operator_latitude_deg": 52.314,
        "operator_longitude_deg": 4.94,
        "operator_altitude_wgs84_m": 3.0,
        "eu_category": EuCategory.OPEN,
        "eu_class": EuClass.C1,
        "operator_id": "FIN87astrdge12k8",
        "protocol_version": None,
        "flags": Flag.OPERATOR_ID_LONG,
    }
    assert {name: got[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("held", "filled"),
    [
        (("basic_id",), "uas_id"),
        (("alias",), "uas_id"),
        (("location",), "latitude_deg"),
        (("self_id",), "self_id"),
        (("system",), "operator_latitude_deg"),
        (("operator_id",), "operator_id"),
        (("auth",), None),
    ],
)
def test_only_valid_messages_count(held: tuple[str, ...], filled: str | None) -> None:
    got = decoded(structure(held))
    texts = ("uas_id", "latitude_deg", "self_id", "operator_latitude_deg", "operator_id")
    assert [name for name in texts if got[name] is not None] == ([filled] if filled else [])


@pytest.mark.parametrize(
    ("column", "offset", "layout", "value", "expected"),
    [
        ("track_deg", 68, "<f", 361.0, None),
        ("track_deg", 68, "<f", 360.0, 0.0),
        ("track_deg", 68, "<f", -1.0, None),
        ("speed_m_s", 72, "<f", 255.0, None),
        ("speed_m_s", 72, "<f", 254.25, 254.25),
        ("speed_m_s", 72, "<f", math.inf, None),
        ("vertical_speed_m_s", 76, "<f", 63.0, None),
        ("vertical_speed_m_s", 76, "<f", -62.0, -62.0),
        ("altitude_wgs84_m", 100, "<f", -1000.0, None),
        ("altitude_wgs84_m", 100, "<f", math.nan, None),
        ("altitude_wgs84_m", 100, "<f", 31767.5, 31767.5),
        ("altitude_wgs84_m", 100, "<f", 65531.0, None),
        ("height_reference", 104, "<I", 2, HeightReference.UNKNOWN),
        ("height_reference", 108, "<f", -1000.0, HeightReference.UNKNOWN),
        ("horizontal_accuracy_m", 112, "<I", 13, None),
        ("horizontal_accuracy_m", 112, "<I", 0xFFFFFFFF, None),
        ("vertical_accuracy_m", 116, "<I", 7, None),
        ("time_s", 132, "<f", 65535.0, None),
        ("time_s", 132, "<f", 3600.0, 1_772_366_400.0),
        ("time_s", 132, "<f", 3599.9, pytest.approx(1_772_366_399.9, abs=1e-6)),
        ("ua_type", 0, "<I", 16, 0),
        ("operator_location_type", 808, "<I", 3, 0),
        ("operator_location_type", 808, "<I", 0xFFFFFFFF, 0),
        ("eu_category", 812, "<I", 0, 0),
        ("eu_category", 844, "<I", 4, 0),
        ("eu_class", 848, "<I", 8, 0),
        ("operator_altitude_wgs84_m", 852, "<f", -1000.0, None),
    ],
)
def test_markers_and_reserved_codes(column: str, offset: int, layout: str, value: float, expected: Any) -> None:
    assert decoded(structure(**{f"at_{offset}": (layout, value)}))[column] == expected


def auth(
    page: int, *, auth_type: int = 1, last: int = 2, length: int = 63, own_number: int | None = None
) -> dict[str, Any]:
    """Changes that put one valid Auth page into a structure."""
    at = 136 + 40 * page
    data = bytes(range(17)).ljust(23, b"\0") if page == 0 else bytes(range(23))
    return {
        f"at_{at}": ("<B", page if own_number is None else own_number),
        f"at_{at + 4}": ("<IBBxxI23s", auth_type, last if page == 0 else 0, length if page == 0 else 0, 10, data),
        f"at_{895 + page}": ("<B", 1),
    }


def authentication(*pages: dict[str, Any]) -> tuple[Any, Any]:
    got = decoded(structure(("location",), **{place: value for page in pages for place, value in page.items()}))
    assert got["latitude_deg"] == 52.3143
    return got["authentication"], got["flags"]


def test_auth_pages_are_put_together() -> None:
    data = bytes(range(17)) + bytes(range(23)) * 2
    whole = f"type=1 time=1546300810 length=63 data={data.hex()}"
    assert authentication(auth(0), auth(1), auth(2)) == (whole, 0)
    assert authentication(auth(0), auth(2)) == (None, 0)  # not yet merged
    assert authentication(auth(0, last=1), auth(1), auth(2)) == (None, Flag.MESSAGE_INVALID)
    assert authentication(auth(0), auth(1, auth_type=2), auth(2)) == (None, Flag.MESSAGE_INVALID)
    assert authentication(auth(0), auth(1, own_number=2), auth(2)) == (None, Flag.MESSAGE_INVALID)
    assert authentication(auth(0, length=5, auth_type=99), auth(15)) == (None, Flag.MESSAGE_INVALID)
    assert authentication(auth(0, length=5, auth_type=99)) == (None, Flag.MESSAGE_INVALID)
    assert authentication(auth(1)) == (f"page=1 type=1 data={bytes(range(23)).hex()}", 0)


def test_auth_alone_is_heard() -> None:
    assert decoded(structure(("auth",)))["authentication"] == "type=0 time=- length=0 data="


def test_zero_zero_is_no_position_but_the_meridian_is() -> None:
    both = {"at_80": ("<d", 0.0), "at_88": ("<d", 0.0)}
    assert decoded(structure(**both))["latitude_deg"] is None
    for corner in ((90.0, 180.0), (-90.0, -180.0), (1e-7, 1e-7)):
        filler = decoded(structure(at_80=("<d", corner[0]), at_88=("<d", corner[1])))
        assert (filler["latitude_deg"], filler["flags"] & Flag.POSITION_INVALID) == (None, Flag.POSITION_INVALID)
    got = decoded(structure(at_88=("<d", 0.0)))
    assert (got["latitude_deg"], got["longitude_deg"]) == (52.3143, 0.0)


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({"at_80": ("<d", -168.0)}, Flag.MESSAGE_INVALID | Flag.POSITION_INVALID),
        ({"at_88": ("<d", math.nan)}, Flag.MESSAGE_INVALID | Flag.POSITION_INVALID),
        ({"at_64": ("<I", 9)}, Flag.MESSAGE_INVALID),
    ],
)
def test_a_damaged_location_leaves_the_rest(change: dict[str, Any], flags: Flag) -> None:
    got = decoded(structure(("basic_id", "location"), **change))
    assert (got["uas_id"], got["latitude_deg"], got["speed_m_s"], got["flags"]) == (SERIAL.decode(), None, None, flags)


def test_a_damaged_system_and_id() -> None:
    got = decoded(structure(("system", "location"), at_816=("<d", 91.0)))
    assert (got["operator_latitude_deg"], got["eu_class"]) == (None, 0)
    assert got["flags"] == Flag.MESSAGE_INVALID | Flag.POSITION_INVALID
    got = decoded(structure(("basic_id", "location"), at_4=("<I", 77)))
    assert (got["uas_id"], got["flags"]) == (None, Flag.MESSAGE_INVALID)


def test_a_wrong_time_is_told() -> None:
    got = decoded(structure(("location",), at_132=("<f", 3601.0)))
    assert (got["time_s"], got["flags"]) == (None, Flag.TIME_INVALID)
    got = decoded(structure(("location",), at_132=("<f", 65535.0)))
    assert (got["time_s"], got["flags"]) == (None, 0)


def test_a_test_transmitter() -> None:
    assert (
        decoded(structure(("system",), at_816=("<d", 0.001), at_824=("<d", -0.001)))["flags"] == Flag.TEST_TRANSMITTER
    )


def test_what_holds_nothing_is_refused_in_its_place() -> None:
    data = [structure(()), structure(("location",)), b"", structure()[:919], structure(("location",), at_64=("<I", 9))]
    detections, rows, rejects = decode_structs(payloads(data, RECEIVED_S))
    assert (rows.tolist(), detections.sensor.tolist()) == ([1], ["sensor-1"])
    assert [(one.place, one.reason) for one in rejects] == [
        ("line 1", RejectReason.NO_DATA),
        ("line 3", RejectReason.TRUNCATED),
        ("line 4", RejectReason.TRUNCATED),
        ("line 5", RejectReason.VALUE_OUT_OF_RANGE),
    ]


def test_no_structures() -> None:
    assert len(decode_structs(payloads([]))[0]) == 0


LIMITS = {
    "latitude_deg": (-90, 90),
    "longitude_deg": (-180, 180),
    "operator_latitude_deg": (-90, 90),
    "operator_longitude_deg": (-180, 180),
    "track_deg": (0, 359.9999999),
    "speed_m_s": (0, 254.25),
    "vertical_speed_m_s": (-62, 62),
    "altitude_wgs84_m": (-1000, 31767.5),
    "height_m": (-1000, 31767.5),
    "time_s": (RECEIVED_S - 1800.1, RECEIVED_S + 1800.1),
    "status": (0, 4),
    "ua_type": (0, 15),
    "eu_class": (0, 7),
}


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=914, max_size=921), st.sampled_from([b"", b"\1" * 22]))
@example(b"\xff" * 921, b"")
def test_no_bytes_raise_or_leave_the_limits(noise: bytes, valid: bytes) -> None:
    data = noise.ljust(921, b"\0")
    if valid:
        data = data[:892] + valid + data[914:]
    detections, rows, rejects = decode_structs(payloads([data, structure()], RECEIVED_S))
    assert len(rows) + len(rejects) == 2
    for name, (low, high) in LIMITS.items():
        values = getattr(detections, name).astype(np.float64)
        known = values[~np.isnan(values)]
        assert ((known >= low) & (known <= high)).all(), name
    assert row(detections, len(rows) - 1)["uas_id"] == SERIAL.decode()
    alone = decode_structs(payloads([structure()], RECEIVED_S))[0]
    columns = [name for name in COLUMNS if name not in {"sensor", "content_id", "counter"}]
    assert [row(detections, len(rows) - 1)[name] for name in columns] == [row(alone, 0)[name] for name in columns]
