"""A small Open Drone ID encoder for tests, written from the tables of the standard and not from the decoder."""

from __future__ import annotations

import struct


def head(kind: int, version: int = 2) -> bytes:
    return bytes([kind << 4 | version])


def basic_id(uas_id: bytes = b"9999F000000000012345", *, id_type: int = 1, ua_type: int = 2, version: int = 2) -> bytes:
    return (head(0, version) + bytes([id_type << 4 | ua_type]) + uas_id.ljust(20, b"\0")).ljust(25, b"\0")


def altitude(metres: float | None) -> int:
    return 0 if metres is None else round((metres + 1000) * 2)


def location(
    *,
    lat: float = 52.3143,
    lon: float = 4.9418,
    status: int = 2,
    direction: int = 90,
    east_west: int = 0,
    speed: int = 40,
    multiplier: int = 0,
    vertical: int = 2,
    pressure: float | None = None,
    geodetic: float | None = 80.0,
    height: float | None = 60.0,
    over_ground: int = 0,
    accuracy: int = 0x3A,
    tenths: int = 18000,
    version: int = 2,
) -> bytes:
    bits = status << 4 | over_ground << 2 | east_west << 1 | multiplier
    body = struct.pack(
        "<BBBBiiHHHBBHBB",
        bits,
        direction,
        speed,
        vertical,
        round(lat * 1e7),
        round(lon * 1e7),
        altitude(pressure),
        altitude(geodetic),
        altitude(height),
        accuracy,
        0x03,
        tenths,
        1,
        0,
    )
    return head(1, version) + body


def auth(*, page: int = 0, auth_type: int = 1, last: int = 2, length: int = 63, seconds: int = 10) -> bytes:
    if page:
        return head(2) + bytes([auth_type << 4 | page]) + bytes(range(23))
    return head(2) + bytes([auth_type << 4, last, length]) + struct.pack("<I", seconds) + bytes(range(17))


def self_id(text: bytes = b"roof survey", *, text_type: int = 0) -> bytes:
    return head(3) + bytes([text_type]) + text.ljust(23, b"\0")


def system(
    *,
    lat: float = 52.3140,
    lon: float = 4.9400,
    operator_location: int = 1,
    classification: int = 1,
    category: int = 1,
    eu_class: int = 2,
    operator_altitude: float | None = 3.0,
    seconds: int = 0,
    version: int = 2,
) -> bytes:
    bits = classification << 2 | operator_location
    body = struct.pack(
        "<BiiHBHHBHIB",
        bits,
        round(lat * 1e7),
        round(lon * 1e7),
        1,
        5,
        0,
        0,
        category << 4 | eu_class,
        altitude(operator_altitude),
        seconds,
        0,
    )
    return head(4, version) + body


def operator_id(text: bytes = b"FIN87astrdge12k8", *, id_type: int = 0) -> bytes:
    return (head(5) + bytes([id_type]) + text.ljust(20, b"\0")).ljust(25, b"\0")


def pack(*messages: bytes, count: int | None = None, size: int = 25, version: int = 2) -> bytes:
    return head(15, version) + bytes([size, len(messages) if count is None else count]) + b"".join(messages)
