"""SBS-1 lines: each gives what it has, and half a line gives nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from airspace.model.detection import Detections, Flag, IdType, Source, Status, Transport
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import sbs

RECEIVED_S = 1_700_000_000.0  # 2023-11-14T22:13:20Z
WHEN = "2023/11/14,22:13:19.500,2023/11/14,22:13:19.700"
IDENTITY = f"MSG,1,1,1,484B20,1,{WHEN},LIFELN1 ,,,,,,,,,,,0"
SURFACE = f"MSG,2,1,1,484B20,1,{WHEN},,0,12,90.0,52.308,4.764,,,,,,-1"
POSITION = f"MSG,3,1,1,484B20,1,{WHEN},,1200,,,52.371,4.895,,,0,0,0,0"
VELOCITY = f"MSG,4,1,1,484B20,1,{WHEN},,,120.5,271.3,,,-640,,,,,0"
SQUAWK = f"MSG,6,1,1,484B20,1,{WHEN},,1225,,,,,,7700,0,-1,0,0"
ALL_CALL = f"MSG,8,1,1,484B20,1,{WHEN},,,,,,,,,,,,0"


def decode(*lines: str | bytes, received_s: float = RECEIVED_S) -> Decoded:
    payloads = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return sbs.decode([RawMessage(payload=one, received_s=received_s, sensor="roof", place="here") for one in payloads])


def row(line: str) -> Detections:
    decoded = decode(line)
    assert not decoded.rejects, decoded.rejects
    assert len(decoded.detections) == 1
    return decoded.detections


def test_each_type_gives_what_it_has() -> None:
    found = decode(IDENTITY, SURFACE, POSITION, VELOCITY, SQUAWK, ALL_CALL).detections
    assert found.self_id.tolist() == ["LIFELN1", None, None, None, None, None]
    assert [math.isnan(one) for one in found.latitude_deg] == [True, False, False, True, True, True]
    assert (found.latitude_deg[2], found.longitude_deg[2]) == (52.371, 4.895)
    assert found.altitude_pressure_m[2] == pytest.approx(365.76)
    assert math.isnan(found.altitude_wgs84_m[2])
    assert found.speed_m_s[3] == pytest.approx(61.99, abs=0.01)
    assert found.track_deg[3] == 271.3
    assert found.vertical_speed_m_s[3] == pytest.approx(-3.2512)
    assert found.status.tolist() == [
        Status.AIRBORNE,
        Status.GROUND,
        Status.AIRBORNE,
        Status.AIRBORNE,
        Status.EMERGENCY,
        Status.AIRBORNE,
    ]
    assert set(found.uas_id) == set(found.transmitter) == {"484b20"}
    assert set(found.uas_id_type) == {IdType.ICAO}
    assert (found.source[0], found.transport[0], found.sensor[0]) == (Source.ADSB, Transport.ADSB, "roof")
    assert set(found.time_s) == set(found.received_s) == {RECEIVED_S - 0.5}
    assert len(set(found.content_id)) == 6


@pytest.mark.parametrize("difference_s", [3600.0, -3600.0, 301.0])
def test_a_time_in_another_zone_is_unknown(difference_s: float) -> None:
    found = decode(POSITION, received_s=RECEIVED_S - 0.5 + difference_s).detections
    assert math.isnan(found.time_s[0])
    assert found.received_s[0] == RECEIVED_S - 0.5 + difference_s


@pytest.mark.parametrize("address", ["FF1234", "ff0000", "000000", "~484B20"])
def test_an_invented_address_is_marked(address: str) -> None:
    """DroneScout's export makes FFxxxx of the hash of a serial: not an aircraft."""
    assert row(POSITION.replace("484B20", address)).flags[0] == Flag.ADDRESS_INVENTED
    assert row(POSITION).flags[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "column", "value"),
    [
        ("52.371", "95.1", "flags", Flag.POSITION_INVALID),
        ("52.371", "95.1", "latitude_deg", math.nan),
        ("52.371", "", "flags", 0),
        ("1200", "high", "altitude_pressure_m", math.nan),
        ("1200", "inf", "altitude_pressure_m", math.nan),
        ("1200", "nan", "altitude_pressure_m", math.nan),
        ("4.895", "0", "longitude_deg", 0.0),
        ("22:13:19.500", "99:99", "time_s", math.nan),
    ],
)
def test_a_value(old: str, new: str, column: str, value: Any) -> None:
    found = getattr(row(POSITION.replace(old, new)), column)[0]
    assert found == (pytest.approx(value, nan_ok=True) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", RejectReason.UNKNOWN_FORMAT),
        ("hello", RejectReason.UNKNOWN_FORMAT),
        (POSITION + ",7", RejectReason.UNKNOWN_FORMAT),
        (POSITION[:-4], RejectReason.TRUNCATED),
        (POSITION[:60], RejectReason.TRUNCATED),
        (POSITION.replace("MSG,3", "MSG,9"), RejectReason.VALUE_OUT_OF_RANGE),
        (POSITION.replace("484B20", "484B2"), RejectReason.VALUE_OUT_OF_RANGE),
        (POSITION.replace("484B20", "484B2\N{FULLWIDTH DIGIT ZERO}"), RejectReason.VALUE_OUT_OF_RANGE),
        (POSITION + " " * 600, RejectReason.TOO_LARGE),
        ("\n" * 5000, RejectReason.TOO_LARGE),
    ],
)
def test_refused(line: str, reason: RejectReason) -> None:
    decoded = decode(line)
    assert len(decoded.detections) == 0
    assert [one.reason for one in decoded.rejects] == [reason]


def test_other_lines_are_ignored() -> None:
    decoded = decode("AIR,,1,1,484B20,1,,,,", "STA,,1,1,484B20,1,,,,,RM", "CLK,,1,,,,,,,")
    assert (decoded.ignored, decoded.rejects) == (3, ())


def test_a_message_of_several_lines() -> None:
    decoded = decode(f"{POSITION}\r\n\r\n{VELOCITY}\r\nhalf a li")
    assert len(decoded.detections) == 2
    assert len(decoded.rejects) == 1


def test_the_start_tells_the_format() -> None:
    assert sbs.is_sbs(POSITION.encode())
    assert sbs.is_sbs(b"STA,,1")
    assert sbs.is_sbs(b"ID,,1")
    assert not sbs.is_sbs(b"MSGPACK")
    assert not sbs.is_sbs(b"dji_O,2")
    assert not sbs.is_sbs(b"")
