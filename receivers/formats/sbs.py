"""ADS-B as SBS-1 (BaseStation) lines: 22 fields with commas between, on port 30003 of most decoders.

Source: Kinetic's field list as readsb and dump1090 write it. MSG 1 has a callsign, 2 and 3 a position, 4 a velocity, 5
to 8 altitude, squawk and flags; each line gives a row with what it has. Altitude is Mode C, above 1013.25 hPa, but with
an H behind it (readsb and dump1090 with ``--gnss``) it is above the WGS-84 ellipsoid. Times
stand there without a zone (readsb writes UTC, dump1090 local time): a time within five minutes of the arrival, read as
UTC, is believed, another is unknown. Lines of other types (SEL, ID, AIR, STA, CLK) are ignored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from airspace.model.detection import Flag, Source, Status, Transport
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, Reject, RejectReason
from airspace.model.placeholders import is_no_icao_address
from airspace.model.units import METRES_PER_FOOT
from receivers.formats import adsb
from receivers.formats.content import content_id
from receivers.formats.framing import UNNAMED_SENSOR, Refusal, reject
from receivers.formats.rows import Row, bounded, detections, position, track
from receivers.formats.unread import UNREAD, Notes

FIELDS: Final = 22
MAX_LINE_BYTES: Final = 512
MAX_LINES: Final = 4096  # in one message
MAX_TIME_DIFFERENCE_S: Final = 300.0
TYPES: Final = frozenset("12345678")
OTHER_TYPES: Final = frozenset({"SEL", "ID", "AIR", "STA", "CLK"})
_ADDRESS, _DATE, _TIME, _CALLSIGN, _ALTITUDE, _SPEED, _TRACK = 4, 6, 7, 10, 11, 12, 13
_LATITUDE, _LONGITUDE, _CLIMB, _SQUAWK, _EMERGENCY, _ON_GROUND = 14, 15, 16, 17, 19, 21
_NUMBERS: Final = (_ALTITUDE, _SPEED, _TRACK, _LATITUDE, _LONGITUDE, _CLIMB)
_GEOMETRIC: Final = frozenset("Hh")
_YES: Final = frozenset({"-1", "1"})
_NO: Final = "0"


def is_sbs(payload: bytes) -> bool:
    """Whether it begins as a line of SBS-1 does."""
    kind = payload.lstrip()[:4].partition(b",")[0]
    return kind == b"MSG" or kind.decode("ascii", "replace") in OTHER_TYPES


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """A row for each MSG line, in order; a message may be one line or several."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    notes = Notes()
    ignored = 0
    for message in messages:
        for line in _lines(message):
            found = line if isinstance(line, Refusal) else _read(message, line)
            if found is None:
                ignored += 1
            elif isinstance(found, Refusal):
                rejects.append(reject(message, found))
            else:
                notes.add(found["sensor"], found.pop(UNREAD))
                rows.append(found)
    return Decoded(detections=detections(rows), rejects=tuple(rejects), ignored=ignored, unread=notes.told())


def _lines(message: RawMessage) -> list[bytes] | list[Refusal]:
    """The lines of a message, one of them at least."""
    if len(message.payload) > MAX_PAYLOAD_BYTES or message.payload.count(b"\n") > MAX_LINES:
        return [_refuse(RejectReason.TOO_LARGE, f"{len(message.payload)} bytes", message.payload)]
    return [line for line in message.payload.split(b"\n") if line.strip()] or [b""]


def _read(message: RawMessage, line: bytes) -> Row | Refusal | None:
    """The row of a line; None for one that is well-formed and says nothing of an aircraft."""
    if len(line) > MAX_LINE_BYTES:
        return _refuse(RejectReason.TOO_LARGE, f"a line of {len(line)} bytes", line)
    fields = [field.strip() for field in line.decode("ascii", "replace").split(",")]
    if fields[0] in OTHER_TYPES:
        return None
    if fields[0] != "MSG" or len(fields) > FIELDS:
        return _refuse(RejectReason.UNKNOWN_FORMAT, "not a line of SBS-1", line)
    if len(fields) < FIELDS:  # cut off, the last number with it
        return _refuse(RejectReason.TRUNCATED, f"{len(fields)} of {FIELDS} fields", line)
    address = adsb.address(fields[_ADDRESS])
    if fields[1] not in TYPES or address is None:
        what = "no type 1 to 8" if address is not None else "no 24-bit address"
        return _refuse(RejectReason.VALUE_OUT_OF_RANGE, what, line)
    return _row(message, line, fields, address)


def _row(message: RawMessage, line: bytes, fields: list[str], address: str) -> Row:
    sensor = message.sensor or UNNAMED_SENSOR
    said_s = _time(fields, message.received_s)
    flags = adsb.address_flags(address)
    latitude_deg, longitude_deg = _number(fields[_LATITUDE]), _number(fields[_LONGITUDE])
    place = position(latitude_deg, longitude_deg)
    if place is None and not math.isnan(latitude_deg + longitude_deg):
        flags |= Flag.POSITION_INVALID
    return {
        "time_s": said_s,
        "received_s": message.received_s if math.isnan(said_s) else said_s,
        "source": Source.ADSB,
        "transport": Transport.ADSB,
        "sensor": sensor,
        "transmitter": None if is_no_icao_address(address) else address,
        "content_id": content_id(sensor, line.strip()),
        **adsb.identity(address),
        "self_id": adsb.callsign(fields[_CALLSIGN]),
        "status": _status(fields),
        "latitude_deg": place[0] if place else math.nan,
        "longitude_deg": place[1] if place else math.nan,
        **_altitude(fields[_ALTITUDE]),
        "speed_m_s": bounded(_number(fields[_SPEED]) * adsb.METRES_PER_SECOND_PER_KNOT, *adsb.SPEED_M_S),
        "track_deg": track(_number(fields[_TRACK])),
        "vertical_speed_m_s": bounded(
            _number(fields[_CLIMB]) * adsb.METRES_PER_SECOND_PER_FOOT_A_MINUTE, *adsb.VERTICAL_SPEED_M_S
        ),
        "flags": flags,
        UNREAD: _unread(fields),
    }


def _altitude(field: str) -> Row:
    is_geometric = field[-1:] in _GEOMETRIC
    altitude_m = bounded(_number(field[:-1] if is_geometric else field) * METRES_PER_FOOT, *adsb.ALTITUDE_M)
    return {"altitude_wgs84_m" if is_geometric else "altitude_pressure_m": altitude_m}


def _unread(fields: list[str]) -> list[str]:
    """Fields that hold something which is no number."""
    return [
        f"SBS field {place + 1}: {fields[place]}"
        for place in _NUMBERS
        if fields[place] and math.isnan(_number(fields[place].rstrip("Hh") if place == _ALTITUDE else fields[place]))
    ]


def _number(field: str) -> float:
    """NaN for an empty field and for what is no number."""
    try:
        return float(field)
    except ValueError:
        return math.nan


def _time(fields: list[str], received_s: float) -> float:
    """When the message was generated, NaN when it is not said or not to be believed."""
    try:
        moment = datetime.strptime(f"{fields[_DATE]} {fields[_TIME]}", "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
        said_s = moment.timestamp()
    except (ValueError, OverflowError):
        return math.nan
    return said_s if abs(said_s - received_s) <= MAX_TIME_DIFFERENCE_S else math.nan


def _status(fields: list[str]) -> Status:
    if fields[_SQUAWK] in adsb.EMERGENCY_SQUAWKS or fields[_EMERGENCY] in _YES:
        return Status.EMERGENCY
    if fields[_ON_GROUND] in _YES:
        return Status.GROUND
    return Status.AIRBORNE if fields[_ON_GROUND] == _NO else Status.UNKNOWN


def _refuse(reason: RejectReason, detail: str, payload: bytes) -> Refusal:
    return Refusal(reason=reason, detail=detail, payload=payload)
