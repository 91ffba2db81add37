"""The French beacon (SGDSN, order of 27 December 2019): type, length, value; big endian; in Wi-Fi beacons.

Source: handbook page remote-id, section 3.1, which agrees with ``frdid_build`` of opendroneid-core-c (``wifi.c``) and a
real DJI beacon. The vendor element begins with the OUI 6A-5C-35 and type 1; then::

    1 version (1)          4, 5 latitude, longitude  i32, 1e-5 deg    8, 9 the same of the take-off point
    2 French id, 30 text   6 altitude                i16, m           10   ground speed  u8, m/s
    3 serial, 6-20 text    7 height over take-off    i16, m           11   true course   u16, deg

There is no time, no operator and no state. What a drone does not know it leaves out; a position of 0, 0 is none, and so
is one with 0x7FFFFFFF in it, which DJI sends elsewhere before a fix. The
altitude is above the sea, for which no column exists: that of the real beacon (37 m, height 17 m, ground at about
20 m) cannot be above the ellipsoid, which lies 50 m lower there. It goes where the judge doubts most, into the pressure
altitude, with LOW_TRUST_ALTITUDE.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from airspace.model.detection import (
    Detections,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Rows,
    Source,
    Transport,
)
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.placeholders import is_placeholder
from receivers.formats.framing import NOT_REMOTE_ID, Framed, Refusal, Signal, decode_framed
from receivers.formats.odid import DecodeError, is_filler, no_position
from receivers.formats.odid_text import read_text, read_uas_id
from receivers.formats.rows import Row, read_each
from receivers.formats.sheet import Payloads

ELEMENT: Final = b"\x6a\x5c\x35\x01"  # OUI and type
OUI: Final = ELEMENT[:3]
VERSION: Final = 1

_FRENCH_ID_BYTES: Final = 30
_MAX_LATITUDE_E5: Final = 9_000_000
_MAX_LONGITUDE_E5: Final = 18_000_000
_PLACES: Final = (("lat", "lon"), ("takeoff_lat", "takeoff_lon"))
_FULL_CIRCLE_DEG: Final = 360
_NUMBERS: Final = {  # type -> name here, layout
    1: ("version", ">B"),
    4: ("lat", ">i"),
    5: ("lon", ">i"),
    6: ("altitude", ">h"),
    7: ("height", ">h"),
    8: ("takeoff_lat", ">i"),
    9: ("takeoff_lon", ">i"),
    10: ("speed", ">B"),
    11: ("course", ">H"),
}
_FRENCH_ID, _SERIAL = 2, 3


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Vendor elements without a frame around them, from their OUI on."""
    return decode_framed(messages, lambda message: element(message.payload, None))


def element(content: bytes, transmitter: str | None) -> Framed:
    """The signal in one vendor element."""
    if content.startswith(ELEMENT):
        signal = Signal(
            payload=content[len(ELEMENT) :],
            transport=Transport.WIFI_BEACON,
            transmitter=transmitter,
            read=read_payloads,
        )
        return [signal]
    if content.startswith(OUI):
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail="French beacon of another type")
    return NOT_REMOTE_ID


def is_french(data: bytes) -> bool:
    """Whether the bytes are such an element without a frame."""
    return data.startswith(ELEMENT)


def frame(data: bytes) -> Framed:
    """The same as ``element``, of bytes that nothing is known of."""
    return element(data, None)


def read_payloads(payloads: Payloads) -> tuple[Detections, Rows, tuple[Reject, ...]]:
    """What follows OUI and type, a row a payload."""
    return read_each(payloads, read, Source.REMOTE_ID)


def read(data: bytes) -> Row:
    """The columns of one element."""
    values: dict[str, int] = {}
    ids: dict[int, bytes] = {}
    flags = Flag(0)
    for code, value in _values(data):
        if code in {_FRENCH_ID, _SERIAL}:
            ids[code] = value
        elif code in _NUMBERS:
            name, layout = _NUMBERS[code]
            if len(value) == struct.calcsize(layout):
                (values[name],) = struct.unpack(layout, value)
            else:
                flags |= Flag.MESSAGE_INVALID  # cut short, or not of this standard
    named, told = _ids(ids), _numbers(values)
    if any(_is_filler(values.get(lat), values.get(lon)) for lat, lon in _PLACES):
        flags |= Flag.POSITION_INVALID
    if "uas_id" not in named and not told:
        raise DecodeError(RejectReason.NO_DATA, "a French beacon that says nothing of an aircraft")
    flags |= named["flags"]
    if "altitude_pressure_m" in told:
        flags |= Flag.LOW_TRUST_ALTITUDE
    if values.get("version", VERSION) != VERSION:
        flags |= Flag.VERSION_UNKNOWN
    return named | told | {"flags": flags, "protocol_version": values.get("version")}


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value; the last may be cut short and is given as far as it goes."""
    at = 0
    while at + 2 <= len(data):
        size = data[at + 1]
        yield data[at], data[at + 2 : at + 2 + size]
        at += 2 + size


def _ids(raw: dict[int, bytes]) -> Row:
    """A serial wins and the French id is the alias."""
    serial, serial_flags = read_uas_id(int(IdType.SERIAL), raw.get(_SERIAL, b""))
    french, french_flags = read_text(raw.get(_FRENCH_ID, b"")[:_FRENCH_ID_BYTES], _FRENCH_ID_BYTES)
    flags = Flag(serial_flags) | french_flags
    if french is not None and is_placeholder(french):
        french, flags = None, flags | Flag.ID_PLACEHOLDER
    named = [(serial, IdType.SERIAL), (french, IdType.CAA)]
    known = [one for one in named if one[0] is not None]
    row: Row = {"flags": flags}
    for column, (name, id_type) in zip(("uas_id", "alias_id"), known, strict=False):
        row |= {column: name, f"{column}_type": id_type}
    return row


def _numbers(values: dict[str, int]) -> Row:
    row: Row = {}
    row |= _position(values, *_PLACES[0], "")
    takeoff = _position(values, *_PLACES[1], "operator_")
    if takeoff:
        row |= takeoff | {"operator_location_type": OperatorLocation.TAKEOFF}
    if "altitude" in values:
        row["altitude_pressure_m"] = float(values["altitude"])
    if "height" in values:
        row |= {"height_m": float(values["height"]), "height_reference": HeightReference.TAKEOFF}
    if "speed" in values:
        row["speed_m_s"] = float(values["speed"])
    if values.get("course", _FULL_CIRCLE_DEG + 1) <= _FULL_CIRCLE_DEG:
        row["track_deg"] = float(values["course"] % _FULL_CIRCLE_DEG)
    return row


def _is_filler(lat: int | None, lon: int | None) -> bool:
    return lat is not None and lon is not None and is_filler(lat, lon, 1e5, 1)


def _position(values: dict[str, int], lat_name: str, lon_name: str, prefix: str) -> Row:
    lat, lon = values.get(lat_name), values.get(lon_name)
    if lat is None or lon is None or no_position(lat, lon, _MAX_LATITUDE_E5, _MAX_LONGITUDE_E5):
        return {}
    if _is_filler(lat, lon):
        return {}
    if abs(lat) > _MAX_LATITUDE_E5 or abs(lon) > _MAX_LONGITUDE_E5:
        raise DecodeError(RejectReason.VALUE_OUT_OF_RANGE, "a position off the globe")
    return {f"{prefix}latitude_deg": lat / 1e5, f"{prefix}longitude_deg": lon / 1e5}
