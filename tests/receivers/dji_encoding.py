"""Small encoders of DJI DroneID and the French beacon for tests, written from the tables and not from the decoders."""

from __future__ import annotations

import math
import struct

ALL_VALID = 0x0FFF
ELEMENT = bytes.fromhex("263712586213")
FRENCH_ELEMENT = bytes.fromhex("6a5c3501")


def angle(degrees: float) -> int:
    return round(math.radians(degrees) * 1e7)


def flight(
    *,
    version: int = 2,
    sequence: int = 0x064D,
    state: int = ALL_VALID,
    serial: bytes = b"0M6TEST00000001",
    lat: float = 52.3143,
    lon: float = 4.9418,
    altitude: int = 164,
    height: int = 131,
    north: int = 300,
    east: int = -400,
    up: int = -150,
    time_ms: int = 1_772_366_399_900,
    app: tuple[float, float] = (52.3140, 4.9400),
    home: tuple[float, float] = (52.3139, 4.9399),
    product: int = 63,
) -> bytes:
    """The record from its sub-type on; ``app`` and ``home`` are (latitude, longitude)."""
    head = struct.pack("<BBHH16s", 0x10, version, sequence, state, serial)
    moving = struct.pack("<iihhhhh", angle(lon), angle(lat), altitude, height, north, east, up)
    takeoff = struct.pack("<ii", angle(home[1]), angle(home[0]))
    if version == 1:
        return head + moving + struct.pack("<hhh", 10, 20, 30) + takeoff + struct.pack("<BB20s", product, 0, b"")
    person = struct.pack("<hQii", 16900, time_ms, angle(app[0]), angle(app[1]))
    return head + moving + person + takeoff + struct.pack("<BB20s", product, 0, b"")


def purpose(serial: bytes = b"0M6TEST00000001", drone_id: bytes = b"red one", text: bytes = b"roof survey") -> bytes:
    return b"\x11" + struct.pack("<16sB10sB", serial, len(drone_id), drone_id, len(text)) + text.ljust(100, b"\0")


def crc(data: bytes) -> bytes:
    """CRC-16 by division, bit after bit of a message of 0x3692 and the data: polynomial 0x11021, bits reversed."""
    register = 0x3692
    for bit in (byte >> place & 1 for byte in data for place in range(8)):
        low = (register ^ bit) & 1
        register >>= 1
        if low:
            register ^= int(f"{0x1021:016b}"[::-1], 2)
    return struct.pack("<H", register)


def ocusync(record: bytes) -> bytes:
    body = bytes([len(record)]) + record
    return body + crc(body)


def tlv(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def french(
    *,
    version: int | None = 1,
    french_id: bytes | None = None,
    serial: bytes | None = b"9999F000000000012345",
    position: tuple[float, float] | None = (43.94965, -4.81871),
    altitude: int | None = 37,
    height: int | None = 17,
    takeoff: tuple[float, float] | None = (43.9497, -4.8188),
    speed: int | None = 1,
    course: int | None = 331,
) -> bytes:
    """What follows OUI and type."""
    parts: list[tuple[int, bytes | None]] = [
        (1, None if version is None else bytes([version])),
        (2, french_id),
        (3, serial),
        *_place(4, position),
        (6, None if altitude is None else struct.pack(">h", altitude)),
        (7, None if height is None else struct.pack(">h", height)),
        *_place(8, takeoff),
        (10, None if speed is None else bytes([speed])),
        (11, None if course is None else struct.pack(">H", course)),
    ]
    return b"".join(tlv(code, value) for code, value in parts if value is not None)


def _place(code: int, position: tuple[float, float] | None) -> list[tuple[int, bytes | None]]:
    if position is None:
        return []
    return [(code + axis, struct.pack(">i", round(degrees * 1e5))) for axis, degrees in enumerate(position)]
