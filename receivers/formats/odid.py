"""Open Drone ID messages, one at a time: the plain reading that the batch decoder is held against.

Source: ASTM F3411 and EN 4709-002 as read by opendroneid-core-c, and the markers seen in captures of real drones.
Every message has 25 bytes, little endian. Byte 0: message type (high nibble) and protocol version (low nibble)::

    0 Basic ID     |0|ty/ua|id ............................ 20|-- 3 --|
    1 Location     |0|st/fl|dir|spd|vsp|lat i32|lon i32|baro u16|geo u16|height u16|v/h acc|b/s acc|tenths u16|t acc|-|
    2 Auth, page 0 |0|ty/pg|last|len|time u32|data ........ 17|
      Auth, page n |0|ty/pg|data ........................... 23|
    3 Self-ID      |0|type |text ........................... 23|
    4 System       |0|flags|lat i32|lon i32|count u16|radius u8|ceil u16|floor u16|cat/cl|alt u16|time u32|-|
    5 Operator ID  |0|type |id ............................ 20|-- 3 --|
    F Pack         |0|0x19 |n  |n messages of 25 bytes ...

Location byte 1: status (high nibble), height over ground (bit 2), east/west (bit 1), speed multiplier (bit 0).
System byte 1: operator location (bits 0-1), classification (bits 2-4, 1 = EU).

A marker for "unknown" becomes None here and costs nothing else (of a position: zero twice, or 0x7FFFFFFF, which
DJI sends before a fix). A message whose values cannot be (off the globe by any other value, status above 4, a reserved
id type) is damage by the radio and refused whole; in a version newer than those known here, a code beyond the known
ones is unknown. Auth pages are put together in ``odid_auth``. Left out: signatures in them are not checked, the
reserved and accuracy fields for which no column exists are not read.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
from receivers.formats.odid_text import SELF_ID_BYTES, read_operator_id, read_text, read_uas_id

MESSAGE_BYTES: Final = 25
PACK_HEADER_BYTES: Final = 3
MAX_PACK_MESSAGES: Final = 10  # 9 today, 10 in the older text
NEWEST_VERSION: Final = 2  # F3411-22a
EPOCH_2019_S: Final = 1546300800  # 2019-01-01, from which System and Auth messages count seconds

BASIC_ID, LOCATION, AUTH, SELF_ID, SYSTEM, OPERATOR_ID, PACK = 0, 1, 2, 3, 4, 5, 15

MAX_LATITUDE_DEG: Final = 90
MAX_LONGITUDE_DEG: Final = 180
NEAR_ZERO_DEG: Final = 1.05e-6  # what is as close to 0/0 as this is 0/0 but for a rounding
NEAR_ZERO_E7: Final = 10
_NO_STEP_DEG: Final = 1e-9
MAX_LATITUDE_E7: Final = 900_000_000
MAX_LONGITUDE_E7: Final = 1_800_000_000
NO_POSITION: Final = 0x7FFFFFFF  # what DJI's firmware sends in either coordinate until it has a fix
MAX_DIRECTION: Final = 180  # the encoded half circle; 181 with the east/west bit is the marker (361)
NO_SPEED: Final = 255  # with multiplier 1 only: with 0 it is a true 63.75 m/s
MAX_VERTICAL_SPEED_M_S: Final = 62.0  # 63 is the marker
MAX_TENTHS: Final = 36000  # a full hour, inclusive
NO_TENTHS: Final = 0xFFFF
EU_CLASSIFICATION: Final = 1
TEST_POSITION_E7: Final = (10_000, -10_000)  # transmitter-linux and its kin send 0.001, -0.001 as the operator's place

NO_FLAGS: Final = Flag(0)

NAN: Final = math.nan
# 95 % bounds in metres by code; what lies beyond a table is reserved and unknown
HORIZONTAL_ACCURACY_M: Final = (
    (NAN, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0, 1.0, NAN, NAN, NAN)
)  # fmt: skip
VERTICAL_ACCURACY_M: Final = (NAN, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0, *(NAN,) * 9)
SPEED_ACCURACY_M_S: Final = (NAN, 10.0, 3.0, 1.0, 0.3, *(NAN,) * 11)


class DecodeError(ValueError):
    """A message that cannot be read, and why."""

    def __init__(self, reason: RejectReason, detail: str, flags: Flag = NO_FLAGS) -> None:
        super().__init__(detail)
        self.reason = reason
        self.flags = flags


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicId:
    """Who it is."""

    version: int
    id_type: IdType
    ua_type: UaType
    uas_id: str | None
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where it is. ``time_of_hour_s`` counts from the full UTC hour."""

    version: int
    status: Status
    track_deg: float | None
    speed_m_s: float | None
    vertical_speed_m_s: float | None
    latitude_deg: float | None
    longitude_deg: float | None
    altitude_pressure_m: float | None
    altitude_wgs84_m: float | None
    height_m: float | None
    height_reference: HeightReference
    horizontal_accuracy_m: float | None
    vertical_accuracy_m: float | None
    speed_accuracy_m_s: float | None
    time_of_hour_s: float | None
    time_accuracy_s: float | None
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """One page of authentication data; length and time stand on page 0 only."""

    version: int
    auth_type: int
    page: int
    last_page: int | None
    length: int | None
    time_s: int | None
    data: bytes
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfId:
    """What the pilot says in words."""

    version: int
    text_type: int
    text: str | None
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Where the operator is and what the operation is."""

    version: int
    operator_location: OperatorLocation
    operator_latitude_deg: float | None
    operator_longitude_deg: float | None
    operator_altitude_wgs84_m: float | None
    area_count: int
    area_radius_m: int
    area_ceiling_wgs84_m: float | None
    area_floor_wgs84_m: float | None
    eu_category: EuCategory
    eu_class: EuClass
    time_s: int | None
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorId:
    """The operator's registration number, public part."""

    version: int
    operator_id_type: int
    operator_id: str | None
    flags: Flag = NO_FLAGS


Message = BasicId | Location | Auth | SelfId | System | OperatorId


def decode_message(data: bytes) -> Message:
    """One message of 25 bytes (what follows is ignored), or DecodeError."""
    if len(data) < MESSAGE_BYTES:
        raise DecodeError(RejectReason.TRUNCATED, f"{len(data)} bytes where a message has {MESSAGE_BYTES}")
    body = bytes(data[:MESSAGE_BYTES])
    if not any(body):
        raise DecodeError(RejectReason.NO_DATA, "a slot of zeros")
    kind, version = body[0] >> 4, body[0] & 15
    readers: dict[int, Callable[[bytes, int, Flag], Message]] = {
        BASIC_ID: _basic_id,
        LOCATION: _location,
        AUTH: _auth,
        SELF_ID: _self_id,
        SYSTEM: _system,
        OPERATOR_ID: _operator_id,
    }
    if kind not in readers:
        raise DecodeError(RejectReason.UNKNOWN_MESSAGE, f"message type {kind}", Flag.MESSAGE_INVALID)
    return readers[kind](body, version, Flag.VERSION_UNKNOWN if version > NEWEST_VERSION else NO_FLAGS)


def auth_page(body: bytes) -> Auth:
    """One Auth message of 25 bytes, of which any bytes make a page."""
    version = body[0] & 15
    return _auth(body, version, Flag.VERSION_UNKNOWN if version > NEWEST_VERSION else NO_FLAGS)


def split_pack(data: bytes) -> tuple[list[bytes], Flag]:
    """The slots of a pack; where count, size and length do not agree, the length decides and PACK_COUNT says so."""
    available = (len(data) - PACK_HEADER_BYTES) // MESSAGE_BYTES
    if len(data) < PACK_HEADER_BYTES:
        raise DecodeError(RejectReason.TRUNCATED, "a pack without its header")
    size, count = data[1], data[2]
    if count == 0:
        raise DecodeError(RejectReason.NO_DATA, "a pack of no messages")
    if available == 0:
        raise DecodeError(RejectReason.TRUNCATED, "a pack shorter than one message")
    used = min(count, available, MAX_PACK_MESSAGES)
    starts = range(PACK_HEADER_BYTES, PACK_HEADER_BYTES + used * MESSAGE_BYTES, MESSAGE_BYTES)
    agrees = count == used and size == MESSAGE_BYTES
    return [bytes(data[start : start + MESSAGE_BYTES]) for start in starts], Flag(0) if agrees else Flag.PACK_COUNT


def decode_pack(data: bytes) -> list[Message | DecodeError]:
    """What each slot of a pack holds: a message, or why it is none. DecodeError when it has no slots."""
    slots, _ = split_pack(data)
    return [_message_or_error(slot) for slot in slots]


def _message_or_error(slot: bytes) -> Message | DecodeError:
    try:
        return decode_message(slot)
    except DecodeError as error:
        return error


def _basic_id(body: bytes, version: int, flags: Flag) -> BasicId:
    id_type = body[1] >> 4
    if id_type > IdType.SESSION and version <= NEWEST_VERSION:
        raise DecodeError(RejectReason.VALUE_OUT_OF_RANGE, f"id type {id_type}", Flag.MESSAGE_INVALID)
    uas_id, id_flags = read_uas_id(id_type, body[2:22]) if id_type <= IdType.SESSION else (None, 0)
    return BasicId(
        version=version,
        id_type=IdType(id_type) if uas_id is not None else IdType.UNKNOWN,
        ua_type=UaType(body[1] & 15),
        uas_id=uas_id,
        flags=flags | Flag(id_flags),
    )


def _location(body: bytes, version: int, flags: Flag) -> Location:
    bits, direction, speed, vertical, lat, lon, pressure, geodetic, height, accuracy, accuracy_2, tenths, accuracy_3 = (
        struct.unpack_from("<BBBbiiHHHBBHB", body, 1)
    )
    latitude_deg, longitude_deg, place_flags = _position(lat, lon)
    flags |= place_flags
    status = bits >> 4
    if status > max(Status):
        if version <= NEWEST_VERSION:
            raise DecodeError(RejectReason.VALUE_OUT_OF_RANGE, f"status {status}", Flag.MESSAGE_INVALID)
        status = Status.UNKNOWN
    if MAX_TENTHS < tenths < NO_TENTHS:
        flags |= Flag.TIME_INVALID
    height_m = _altitude_m(height)
    over = HeightReference.GROUND if bits & 4 else HeightReference.TAKEOFF
    return Location(
        version=version,
        status=Status(status),
        track_deg=None if direction > MAX_DIRECTION else float((direction + 180 * (bits >> 1 & 1)) % 360),
        speed_m_s=_speed_m_s(speed, bits & 1),
        vertical_speed_m_s=vertical / 2 if abs(vertical / 2) <= MAX_VERTICAL_SPEED_M_S else None,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        altitude_pressure_m=_altitude_m(pressure),
        altitude_wgs84_m=_altitude_m(geodetic),
        height_m=height_m,
        height_reference=HeightReference.UNKNOWN if height_m is None else over,
        horizontal_accuracy_m=_known(HORIZONTAL_ACCURACY_M[accuracy & 15]),
        vertical_accuracy_m=_known(VERTICAL_ACCURACY_M[accuracy >> 4]),
        speed_accuracy_m_s=_known(SPEED_ACCURACY_M_S[accuracy_2 & 15]),
        time_of_hour_s=tenths / 10 if tenths <= MAX_TENTHS else None,
        time_accuracy_s=(accuracy_3 & 15) / 10 or None,
        flags=flags,
    )


def _auth(body: bytes, version: int, flags: Flag) -> Auth:
    auth_type, page = body[1] >> 4, body[1] & 15
    first = page == 0
    return Auth(
        version=version,
        auth_type=auth_type,
        page=page,
        last_page=body[2] if first else None,
        length=body[3] if first else None,
        time_s=_since_2019(body[4:8]) if first else None,
        data=body[8:] if first else body[2:],
        flags=flags,
    )


def _self_id(body: bytes, version: int, flags: Flag) -> SelfId:
    text, text_flags = read_text(body[2:], SELF_ID_BYTES)
    return SelfId(version=version, text_type=body[1], text=text, flags=flags | text_flags)


def _system(body: bytes, version: int, flags: Flag) -> System:
    bits, lat, lon, count, radius, ceiling, floor, category, altitude = struct.unpack_from("<BiiHBHHBH", body, 1)
    latitude_deg, longitude_deg, place_flags = _position(lat, lon)
    flags |= place_flags
    is_eu = bits >> 2 & 7 == EU_CLASSIFICATION
    if abs(lat - TEST_POSITION_E7[0]) <= 1 and abs(lon - TEST_POSITION_E7[1]) <= 1:
        flags |= Flag.TEST_TRANSMITTER
    return System(
        version=version,
        operator_location=OperatorLocation((bits + 1) & 3),  # 3 is reserved and becomes 0, unknown
        operator_latitude_deg=latitude_deg,
        operator_longitude_deg=longitude_deg,
        operator_altitude_wgs84_m=_altitude_m(altitude),
        area_count=count,
        area_radius_m=radius * 10,
        area_ceiling_wgs84_m=_altitude_m(ceiling),
        area_floor_wgs84_m=_altitude_m(floor),
        eu_category=EuCategory(category >> 4) if is_eu and category >> 4 <= max(EuCategory) else EuCategory.UNKNOWN,
        eu_class=EuClass(category & 15) if is_eu and category & 15 <= max(EuClass) else EuClass.UNKNOWN,
        time_s=_since_2019(body[20:24]),
        flags=flags,
    )


def _operator_id(body: bytes, version: int, flags: Flag) -> OperatorId:
    operator_id, id_flags = read_operator_id(body[2:22])
    return OperatorId(version=version, operator_id_type=body[1], operator_id=operator_id, flags=flags | Flag(id_flags))


def is_filler(lat: float, lon: float, units_per_deg: float = 1.0, near_zero: float = NEAR_ZERO_DEG) -> bool:
    """Whether a place on the globe is one where no drone and no pilot is: its outermost corner, or 0/0 but for a step.

    Senders fill their fields so where they know nothing. 0/0 itself, which Open Drone ID knows as none, is no filler.
    ``near_zero`` and both coordinates are in the unit of the wire, whose integers may not hold the corner itself.
    """
    if abs(lat) <= near_zero:
        return abs(lon) <= near_zero and not lat == lon == 0
    step = 1.0 if units_per_deg > 1.0 else _NO_STEP_DEG
    off = abs(lat) - MAX_LATITUDE_DEG * units_per_deg, abs(lon) - MAX_LONGITUDE_DEG * units_per_deg
    return all(abs(one) < step for one in off)


def no_position(lat: int, lon: int, max_latitude: float, max_longitude: float) -> bool:
    """Whether two numbers of the wire are a marker for none; the limits are the globe's in their unit.

    Zero twice (one of them alone may be 0: the meridian runs through Greenwich and Bordeaux), or ``NO_POSITION`` in
    either where the other is it too, or on the globe.
    """
    if lat == lon == 0:
        return True
    limits = (lat, max_latitude), (lon, max_longitude)
    return NO_POSITION in {lat, lon} and all(one == NO_POSITION or abs(one) <= limit for one, limit in limits)


def _position(lat_e7: int, lon_e7: int) -> tuple[float | None, float | None, Flag]:
    if no_position(lat_e7, lon_e7, MAX_LATITUDE_E7, MAX_LONGITUDE_E7):
        return None, None, NO_FLAGS
    if is_filler(lat_e7, lon_e7, 1e7, NEAR_ZERO_E7):
        return None, None, Flag.POSITION_INVALID
    if abs(lat_e7) > MAX_LATITUDE_E7 or abs(lon_e7) > MAX_LONGITUDE_E7:
        flags = Flag.MESSAGE_INVALID | Flag.POSITION_INVALID
        raise DecodeError(RejectReason.VALUE_OUT_OF_RANGE, "a position off the globe", flags)
    return lat_e7 / 1e7, lon_e7 / 1e7, NO_FLAGS


def _speed_m_s(speed: int, multiplier: int) -> float | None:
    if not multiplier:
        return speed * 0.25
    return None if speed == NO_SPEED else speed * 0.75 + 63.75


def _altitude_m(raw: int) -> float | None:
    return raw / 2 - 1000 if raw else None


def _since_2019(raw: bytes) -> int | None:
    seconds = int.from_bytes(raw, "little")
    return EPOCH_2019_S + seconds if seconds else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
