"""DJI DroneID: flight information and purpose, in Wi-Fi beacons (versions 1 and 2) and over OcuSync 2 and 3.

Sources: handbook page remote-id, section 3.2; Kismet's ``dot11_ie_221_dji_droneid`` (version 1, purpose, state bits);
scapy-uas-remoteid (version 2); DroneSecurity (NDSS 2023: the OcuSync frame and its checksum, whose published example
fits this layout). Little endian, LONGITUDE FIRST except for the app's position, angles in radians times 1e7::

    element  26 37 12, 58 62 13, then the record           OcuSync  length, the record, CRC-16 over all before it
    record   0x10 flight information: version u8, sequence u16, state u16, serial 16, lon, lat i32, altitude,
             height i16, speed north, east, up i16 (cm/s), [1: pitch, roll i16,] yaw i16,
             [2: time u64 (ms since 1970), app lat, app lon i32,] home lon, home lat i32, product u8, uuid
             0x11 purpose: serial 16, length u8, drone id 10, length u8, text

Over OcuSync the length is 88 for a flight record and 141 for the one with the serial ("licence", by proto17/dji_droneid
issue 60), which some firmware sends between the others and which is decoded where those are not: that DJI is there, and
which one. What a demodulator writes behind the frame (176 bytes in all) is padding.

The state bits say what is valid; a value without its bit is not taken: real frames without a fix carry zeros, and the
one record known to carry a position without its bit is forged (POSITION_INVALID says that one was left out). The app's
position has no bit: 0, 0 is none, and so is one with 0x7FFFFFFF in it, here and everywhere. The sources dispute the
unit of altitude and height (feet, tenths of a metre or metres): read as feet, which lies between, with
LOW_TRUST_ALTITUDE. They dispute too what the time is the time of (GPS, or the phone's last position). Speed over ground
gives speed and track; the nose's direction (yaw) is no track.
Left out: attitude, the account's uuid, the drone id of a purpose (user text whose layout is disputed). O4 is encrypted.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from airspace.model.detection import (
    Detections,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Rows,
    Source,
    Status,
    Transport,
)
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.placeholders import is_placeholder
from airspace.model.units import METRES_PER_FOOT
from receivers.formats.framing import NOT_REMOTE_ID, Framed, Refusal, Signal, decode_framed
from receivers.formats.odid import EPOCH_2019_S, DecodeError, is_filler, no_position
from receivers.formats.odid_text import read_text
from receivers.formats.rows import Row, read_each
from receivers.formats.sheet import Payloads

OUI: Final = b"\x26\x37\x12"
MARK: Final = b"\x58\x62\x13"
FLIGHT, PURPOSE = 0x10, 0x11
NEWEST_VERSION: Final = 2
OCUSYNC_BYTES: Final = 91  # of a flight record's frame; that of a licence has 144
OCUSYNC_LENGTHS: Final = frozenset({OCUSYNC_BYTES - 3, 141})  # the first byte: what lies between it and the checksum
_HEAD_BYTES: Final = 2
_CRC_BYTES: Final = 2
CRC_POLYNOMIAL: Final = 0x8408  # 0x11021, least significant bit first
CRC_BEGIN: Final = 0x3692

_ANGLE_UNITS_PER_DEG: Final = 1e7 * math.pi / 180.0
_MAX_LATITUDE, _MAX_LONGITUDE = 90.0 * _ANGLE_UNITS_PER_DEG, 180.0 * _ANGLE_UNITS_PER_DEG
_TELLING: Final = (  # one of these, and a record is worth a row; without its serial it is known by its transmitter
    *("uas_id", "latitude_deg", "operator_latitude_deg", "self_id"),
    *("height_m", "altitude_pressure_m", "speed_m_s"),
)
_SERIAL_BYTES: Final = 16
_DRONE_ID_BYTES: Final = 10
_PURPOSE_CHARACTERS: Final = 100
_COUNTER_RANGE: Final = 256  # the column holds the low byte of the sequence
_LAST_TIME_S: Final = 4102444800.0  # 2100-01-01
_FIRST: Final = struct.Struct("<BHH16sii5h")
_REST: Final = {1: struct.Struct("<3hiiB"), NEWEST_VERSION: struct.Struct("<hQiiiiB")}

_SERIAL_VALID, _HOME_SET, _AIRBORNE, _GPS_VALID = 1 << 0, 1 << 2, 1 << 5, 1 << 6
_ALTITUDE_VALID, _HEIGHT_VALID, _SPEED_VALID, _VERTICAL_VALID = 1 << 7, 1 << 8, 1 << 9, 1 << 10


class _Flight(NamedTuple):
    version: int
    sequence: int
    state: int
    serial: bytes
    lon: int
    lat: int
    altitude: int
    height: int
    north: int
    east: int
    up: int


class _Rest(NamedTuple):
    """The end of the record, where the versions differ."""

    home_lon: int
    home_lat: int
    product: int
    time_ms: int = 0
    app_lat: int = 0
    app_lon: int = 0


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Vendor elements (with or without their OUI) and OcuSync frames, without a radio frame around them."""
    return decode_framed(messages, lambda message: frame(message.payload))


def element(content: bytes, transmitter: str | None) -> Framed:
    """The signal in one vendor element of DJI's."""
    if not content.startswith(OUI + MARK):
        return NOT_REMOTE_ID
    return _signal(content[len(OUI + MARK) :], Transport.WIFI_DJI, transmitter)


def is_dji(data: bytes) -> bool:
    """Whether the bytes begin as such an element or OcuSync frame without a radio frame does."""
    return _is_ocusync(data) or data.startswith((MARK, OUI + MARK))


def _is_ocusync(data: bytes) -> bool:
    """By length and sub-type; a length that was not seen before must have the right checksum."""
    if len(data) < _HEAD_BYTES or data[1] not in {FLIGHT, PURPOSE} or len(data) < data[0] + 1 + _CRC_BYTES:
        return False
    return data[0] in OCUSYNC_LENGTHS or _has_sound_checksum(data)


def _has_sound_checksum(data: bytes) -> bool:
    end = data[0] + 1
    return data[end : end + _CRC_BYTES] == crc16(data[:end]).to_bytes(_CRC_BYTES, "little")


def frame(data: bytes) -> Framed:
    """The signal in bytes for which ``is_dji`` holds."""
    bare = data.removeprefix(OUI)
    if bare.startswith(MARK):
        return _signal(bare[len(MARK) :], Transport.WIFI_DJI, None)
    if not is_dji(data):
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail="not DJI DroneID", payload=data)
    if not _has_sound_checksum(data):
        return Refusal(reason=RejectReason.CRC_FAILED, detail="the checksum of the OcuSync frame is wrong")
    return _signal(data[1 : data[0] + 1], Transport.OCUSYNC, None)


def crc16(data: bytes) -> int:
    """The checksum of an OcuSync frame."""
    crc = CRC_BEGIN
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CRC_POLYNOMIAL if crc & 1 else 0)
    return crc


def _signal(record: bytes, transport: Transport, transmitter: str | None) -> Framed:
    return [Signal(payload=record, transport=transport, transmitter=transmitter, read=read_payloads)]


def read_payloads(payloads: Payloads) -> tuple[Detections, Rows, tuple[Reject, ...]]:
    """Records, from their sub-type on, a row a payload."""
    return read_each(payloads, read, Source.DJI)


def read(data: bytes) -> Row:
    """The columns of one record."""
    if not data or data[0] not in {FLIGHT, PURPOSE}:
        kind = f"sub-type {data[0]:#x}" if data else "no sub-type"
        raise DecodeError(RejectReason.UNKNOWN_MESSAGE, f"DJI DroneID: {kind}")
    row = _purpose(data[1:]) if data[0] == PURPOSE else _flight(data[1:])
    if all(row.get(name) is None for name in _TELLING):
        raise DecodeError(RejectReason.NO_DATA, "DJI DroneID: neither an aircraft nor where or how it flies")
    return row


def _flight(data: bytes) -> Row:
    rest_layout = _REST[1 if data[:1] == b"\x01" else NEWEST_VERSION]
    if len(data) < _FIRST.size + rest_layout.size:
        raise DecodeError(RejectReason.TRUNCATED, "DJI DroneID: the flight information is cut short")
    flight = _Flight(*_FIRST.unpack_from(data))
    rest = _rest(rest_layout.unpack_from(data, _FIRST.size), flight.version)
    flags = Flag(0) if flight.version in _REST else Flag.VERSION_UNKNOWN
    row: Row = {
        "protocol_version": flight.version,
        "counter": flight.sequence % _COUNTER_RANGE,
        "status": Status.AIRBORNE if flight.state & _AIRBORNE else Status.GROUND,
        "signal_class": f"DJI product {rest.product}",
    }
    if flight.state & _SERIAL_VALID:
        text, text_flags = _read_serial(flight.serial)
        row |= {"uas_id": text, "uas_id_type": IdType.SERIAL if text else IdType.UNKNOWN}
        flags |= text_flags
    row |= _motion(flight) | _operator(flight, rest)
    if _is_filler(rest.app_lat, rest.app_lon):
        flags |= Flag.POSITION_INVALID
    if flight.state & _GPS_VALID:
        row["latitude_deg"], row["longitude_deg"] = _position(flight.lat, flight.lon)
        flags |= Flag.POSITION_INVALID if _is_filler(flight.lat, flight.lon) else Flag(0)
    elif flight.lat or flight.lon:
        flags |= Flag.POSITION_INVALID
    if "altitude_pressure_m" in row or "height_m" in row:
        flags |= Flag.LOW_TRUST_ALTITUDE
    row["time_s"] = _time_s(rest.time_ms)
    if rest.time_ms and row["time_s"] is None:
        flags |= Flag.TIME_INVALID
    return row | {"flags": flags}


def _read_serial(raw: bytes) -> tuple[str | None, Flag]:
    """DJI's older serials are not of CTA-2063-A: only a placeholder is told."""
    text, flags = read_text(raw, _SERIAL_BYTES)
    return (None, flags | Flag.ID_PLACEHOLDER) if text is not None and is_placeholder(text) else (text, flags)


def _rest(values: tuple[int, ...], version: int) -> _Rest:
    if version == 1:
        _, _, _, home_lon, home_lat, product = values
        return _Rest(home_lon=home_lon, home_lat=home_lat, product=product)
    _, time_ms, app_lat, app_lon, home_lon, home_lat, product = values
    return _Rest(home_lon, home_lat, product, time_ms, app_lat, app_lon)


def _motion(flight: _Flight) -> Row:
    row: Row = {}
    if flight.state & _ALTITUDE_VALID:
        row["altitude_pressure_m"] = flight.altitude * METRES_PER_FOOT  # from the barometer, as far as is known
    if flight.state & _HEIGHT_VALID:
        row |= {"height_m": flight.height * METRES_PER_FOOT, "height_reference": HeightReference.TAKEOFF}
    if flight.state & _SPEED_VALID:
        row["speed_m_s"] = math.hypot(flight.north, flight.east) / 100.0
        if flight.north or flight.east:
            row["track_deg"] = math.degrees(math.atan2(flight.east, flight.north)) % 360.0
    if flight.state & _VERTICAL_VALID:
        row["vertical_speed_m_s"] = flight.up / 100.0
    return row


def _operator(flight: _Flight, rest: _Rest) -> Row:
    """Where the app is; else where it took off."""
    latitude_deg, longitude_deg = _position(rest.app_lat, rest.app_lon)
    kind = OperatorLocation.LIVE
    if latitude_deg is None and flight.state & _HOME_SET:
        latitude_deg, longitude_deg = _position(rest.home_lat, rest.home_lon)
        kind = OperatorLocation.TAKEOFF
    if latitude_deg is None:
        return {}
    return {
        "operator_latitude_deg": latitude_deg,
        "operator_longitude_deg": longitude_deg,
        "operator_location_type": kind,
    }


def _position(lat: int, lon: int) -> tuple[float | None, float | None]:
    if no_position(lat, lon, _MAX_LATITUDE, _MAX_LONGITUDE) or _is_filler(lat, lon):
        return None, None
    latitude_deg, longitude_deg = lat / _ANGLE_UNITS_PER_DEG, lon / _ANGLE_UNITS_PER_DEG
    if abs(lat) > _MAX_LATITUDE or abs(lon) > _MAX_LONGITUDE:
        raise DecodeError(RejectReason.VALUE_OUT_OF_RANGE, "DJI DroneID: a position off the globe")
    return latitude_deg, longitude_deg


def _is_filler(lat: int, lon: int) -> bool:
    return is_filler(lat, lon, _ANGLE_UNITS_PER_DEG, 1)


def _time_s(time_ms: int) -> float | None:
    return time_ms / 1000.0 if EPOCH_2019_S <= time_ms / 1000.0 <= _LAST_TIME_S else None


def _purpose(data: bytes) -> Row:
    text_at = _SERIAL_BYTES + 1 + _DRONE_ID_BYTES
    if len(data) <= text_at:
        raise DecodeError(RejectReason.TRUNCATED, "DJI DroneID: the purpose is cut short")
    serial, flags = _read_serial(data[:_SERIAL_BYTES])
    text, text_flags = read_text(data[text_at + 1 : text_at + 1 + data[text_at]], _PURPOSE_CHARACTERS)
    return {
        "uas_id": serial,
        "uas_id_type": IdType.SERIAL if serial else IdType.UNKNOWN,
        "self_id": text,
        "flags": flags | text_flags,
    }
