"""Remote ID messages out of values: the bytes that a drone would send (ASTM F3411 / EN 4709-002).

Layout from opendroneid-core-c (``libopendroneid/opendroneid.h``), as written down in the project's handbook: 25 bytes
a message, little endian; byte 0 is type (high nibble) and protocol version (low nibble). ``None`` becomes the invalid
marker of its field. Written apart from the decoder on purpose: the two check each other.

Left out: authentication pages, and every transport's own framing. Values that a field can hold are not judged here (a
latitude of 168 degrees is encoded as such), so that tests can make damaged messages.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from airspace.model.detection import EuCategory, EuClass, HeightReference, IdType, OperatorLocation, Status, UaType

MESSAGE_BYTES: Final = 25
PACK_MOST: Final = 9
ODID_EPOCH_S: Final = 1546300800  # 2019-01-01 UTC
DEFAULT_VERSION: Final = 2  # F3411-22a

_BASIC_ID: Final = 0
_LOCATION: Final = 1
_SELF_ID: Final = 3
_SYSTEM: Final = 4
_OPERATOR_ID: Final = 5
_PACK: Final = 0xF

_NAUTICAL_MILE_M: Final = 1852.0
_HORIZONTAL_M: Final = (
    *(nm * _NAUTICAL_MILE_M for nm in (10.0, 4.0, 2.0, 1.0, 0.5, 0.3, 0.1, 0.05)),
    30.0,
    10.0,
    3.0,
    1.0,
)
_VERTICAL_M: Final = (150.0, 45.0, 25.0, 10.0, 3.0, 1.0)
_SPEED_M_S: Final = (10.0, 3.0, 1.0, 0.3)

_DIRECTION_INVALID: Final = (181, 1)  # 361 degrees
_SPEED_SLOW_MOST: Final = 63.75  # m/s, above this the multiplier bit is set
_SPEED_INVALID: Final = (255, 1)
_VERTICAL_SPEED_INVALID: Final = 126
_TIME_INVALID: Final = 0xFFFF


def basic_id(
    uas_id: str | bytes,
    *,
    id_type: int = IdType.SERIAL,
    ua_type: int = UaType.MULTIROTOR,
    version: int = DEFAULT_VERSION,
) -> bytes:
    """Who: text for serial and registration, bytes for the binary kinds (UTM, session)."""
    return struct.pack("<BB20s3x", _head(_BASIC_ID, version), id_type << 4 | ua_type, _bytes(uas_id))


def location(
    *,
    latitude_deg: float | None = None,
    longitude_deg: float | None = None,
    status: int = Status.AIRBORNE,
    altitude_wgs84_m: float | None = None,
    altitude_pressure_m: float | None = None,
    height_m: float | None = None,
    height_reference: int = HeightReference.TAKEOFF,
    speed_m_s: float | None = None,
    track_deg: float | None = None,
    vertical_speed_m_s: float | None = None,
    horizontal_accuracy_m: float | None = None,
    vertical_accuracy_m: float | None = None,
    pressure_accuracy_m: float | None = None,
    speed_accuracy_m_s: float | None = None,
    time_s: float | None = None,
    time_accuracy_s: float | None = None,
    version: int = DEFAULT_VERSION,
) -> bytes:
    """Where and how fast. Of ``time_s`` (UTC epoch, or seconds after the hour) only the part after the hour is sent."""
    direction, east_west = _direction(track_deg)
    speed, multiplier = _speed(speed_m_s)
    above_ground = int(height_reference == HeightReference.GROUND)
    return struct.pack(
        "<BBBBBiiHHHBBHBx",
        _head(_LOCATION, version),
        status << 4 | above_ground << 2 | east_west << 1 | multiplier,
        direction,
        speed,
        _vertical_speed(vertical_speed_m_s),
        _angle(latitude_deg),
        _angle(longitude_deg),
        _altitude(altitude_pressure_m),
        _altitude(altitude_wgs84_m),
        _altitude(height_m),
        _accuracy(vertical_accuracy_m, _VERTICAL_M) << 4 | _accuracy(horizontal_accuracy_m, _HORIZONTAL_M),
        _accuracy(pressure_accuracy_m, _VERTICAL_M) << 4 | _accuracy(speed_accuracy_m_s, _SPEED_M_S),
        _TIME_INVALID if time_s is None else int(time_s % 3600.0 * 10.0 + 1e-6),
        0 if time_accuracy_s is None else min(15, max(1, round(time_accuracy_s * 10.0))),
    )


def system(
    *,
    operator_latitude_deg: float | None = None,
    operator_longitude_deg: float | None = None,
    operator_location: int = OperatorLocation.LIVE,
    operator_altitude_wgs84_m: float | None = None,
    area_count: int = 1,
    area_radius_m: float = 0.0,
    area_ceiling_m: float | None = None,
    area_floor_m: float | None = None,
    eu_category: int = EuCategory.UNKNOWN,
    eu_class: int = EuClass.UNKNOWN,
    classification_eu: bool = True,
    time_s: float | None = None,
    version: int = DEFAULT_VERSION,
) -> bytes:
    """Where the operator is, and which category and class the drone claims. ``time_s`` is UTC epoch seconds."""
    kind = max(0, operator_location - OperatorLocation.TAKEOFF)  # the wire counts from 0, take-off
    return struct.pack(
        "<BBiiHBHHBHIx",
        _head(_SYSTEM, version),
        int(classification_eu) << 2 | kind,
        _angle(operator_latitude_deg),
        _angle(operator_longitude_deg),
        area_count,
        round(area_radius_m / 10.0),
        _altitude(area_ceiling_m),
        _altitude(area_floor_m),
        eu_category << 4 | eu_class,
        _altitude(operator_altitude_wgs84_m),
        0 if time_s is None else int(time_s) - ODID_EPOCH_S,
    )


def operator_id(text: str | bytes, *, id_type: int = 0, version: int = DEFAULT_VERSION) -> bytes:
    """The operator's registration number: the public part, unless a test wants otherwise."""
    return struct.pack("<BB20s3x", _head(_OPERATOR_ID, version), id_type, _bytes(text))


def self_id(text: str | bytes, *, text_type: int = 0, version: int = DEFAULT_VERSION) -> bytes:
    """Free text: 0 a description, 1 an emergency, 2 an extended status."""
    return struct.pack("<BB23s", _head(_SELF_ID, version), text_type, _bytes(text))


def pack(messages: Sequence[bytes], *, version: int = DEFAULT_VERSION) -> bytes:
    """Several messages in one: 3 + 25 n bytes."""
    if len(messages) > PACK_MOST or any(len(message) != MESSAGE_BYTES for message in messages):
        raise ValueError(f"a pack holds at most {PACK_MOST} messages of {MESSAGE_BYTES} bytes")
    return bytes((_head(_PACK, version), MESSAGE_BYTES, len(messages))) + b"".join(messages)


def _head(message_type: int, version: int) -> int:
    return message_type << 4 | version


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _angle(angle_deg: float | None) -> int:
    return 0 if angle_deg is None else round(angle_deg * 1e7)


def _altitude(metres: float | None) -> int:
    """Half metres above -1000 m; raw 0 is unknown."""
    return 0 if metres is None else min(0xFFFF, max(0, round((metres + 1000.0) * 2.0)))


def _direction(track_deg: float | None) -> tuple[int, int]:
    """(byte, E/W bit): the bit adds 180 degrees."""
    if track_deg is None:
        return _DIRECTION_INVALID
    east_west, direction = divmod(round(track_deg) % 360, 180)
    return direction, east_west


def _speed(speed_m_s: float | None) -> tuple[int, int]:
    """(byte, multiplier bit): quarter metres a second, above 63.75 three quarters."""
    if speed_m_s is None:
        return _SPEED_INVALID
    if speed_m_s <= _SPEED_SLOW_MOST:
        return round(speed_m_s * 4.0), 0
    return min(254, round((speed_m_s - _SPEED_SLOW_MOST) / 0.75)), 1


def _vertical_speed(speed_m_s: float | None) -> int:
    """Half metres a second as a two's complement byte; the field ends at 62 m/s."""
    if speed_m_s is None:
        return _VERTICAL_SPEED_INVALID
    return min(124, max(-124, round(speed_m_s * 2.0))) & 0xFF


def _accuracy(bound: float | None, bounds: Sequence[float]) -> int:
    """The best code that does not promise more than ``bound``; 0 is unknown."""
    if bound is None:
        return 0
    return sum(1 for promised in bounds if promised >= bound)
