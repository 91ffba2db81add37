"""ADS-B as readsb and dump1090 tell it: ``aircraft.json``, ``data.json``, and the lines of readsb's ``--json-port``.

Source: readsb's README-json.md and DO-260B. The time of a position is ``now - seen_pos``. ``alt_baro`` is a pressure
altitude in feet or the word "ground", ``alt_geom`` feet above the WGS-84 ellipsoid. ``rssi`` is in dBFS, below the
receiver's own full scale and no level in dBm: left out. A position is one row however often the document is fetched:
the content id is made from address, time and place.

Older programs have other names, read where the new ones are not there: ``altitude``, ``speed`` and ``vert_rate`` of
dump1090 until 2018 and of its mutability fork. The first dump1090 serves ``data.json``, an array of aircraft without a
clock, with ``validposition`` and ``validtrack``: what these say is not valid is 0 and is not taken; there, and wherever
``seen_pos`` is not said, the position is as old as the last message at least.

Counted as ignored: aircraft without a position, or with one older than ``MAX_POSITION_AGE_S``. Left out: the rough
``rr_lat``, ``lastPosition``, and ``nic`` without ``rc`` (readsb works out one from the other). Told as not
read: what is in neither list below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from airspace.model.detection import Flag, IdType, Source, Status, Transport, UaType
from airspace.model.log import Heartbeat
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, Reject, RejectReason
from airspace.model.placeholders import is_no_icao_address, is_nothing
from airspace.model.units import METRES_PER_FOOT
from receivers.formats import adsb, quantities
from receivers.formats.condition import UNSAID, WELL, Condition, blind
from receivers.formats.content import content_id
from receivers.formats.dronescout import FIRST_TIME_S, LAST_TIME_S
from receivers.formats.framing import UNNAMED_SENSOR, Refusal, reject
from receivers.formats.json_objects import BLANK
from receivers.formats.lenient import fields_of, without_numbers_that_are_none
from receivers.formats.rows import Row, bounded, detections, position, track
from receivers.formats.unread import Notes, says_something, unread

MAX_POSITION_AGE_S: Final = 15.0  # a helicopter is a kilometre further on
MAX_AIRCRAFT: Final = 4096  # in one document
NAC_P_M: Final = {  # DO-260B, table 2-71: estimated position uncertainty, 95 %
    1: 18_520.0, 2: 7408.0, 3: 3704.0, 4: 1852.0, 5: 926.0, 6: 555.6, 7: 185.2, 8: 92.6, 9: 30.0, 10: 10.0, 11: 3.0,
}  # fmt: skip
GVA_M: Final = {1: 150.0, 2: 45.0}  # DO-260B, 2.2.3.2.7.2.8: geometric vertical accuracy, 95 %
MAX_ACCURACY_M: Final = 50_000.0
UNMANNED: Final = "B6"
CATEGORIES: Final = {  # DO-260B, 2.2.3.2.5.2; what has no word of its own is OTHER
    **dict.fromkeys(("A1", "A2", "A3", "A4", "A5", "A6"), UaType.AEROPLANE),
    "A7": UaType.OTHER,  # rotorcraft: F3411's one word for these is told as multirotor, and a manned helicopter is none
    "B1": UaType.GLIDER,
    "B3": UaType.PARACHUTE,
    **dict.fromkeys(("C3", "C4", "C5"), UaType.GROUND_OBSTACLE),
    **dict.fromkeys(("B2", "B4", UNMANNED, "B7", "C1", "C2"), UaType.OTHER),
}
_CALM: Final = frozenset({None, "none", "lifeguard", "minfuel", "reserved"})  # values of ``emergency`` that are none
_GROUND: Final = "ground"
_PRIVACY_ADDRESS: Final = 4  # in dbFlags
_LEFT_OUT: Final = frozenset(  # of the reception, of a data base, said twice, or of the quality of what is read
    {
        *("messages", "seen", "rssi", "mlat", "tisb", "type", "version", "lastPosition", "rr_lat", "rr_lon", "r_dst"),
        *("r_dir", "r", "t", "desc", "ownOp", "year", "alert", "spi", "sil", "sil_type", "nac_v", "nic", "nic_baro"),
        *("gva", "sda", "uat_version", "now", "gpsOkBefore", "gpsOkLat", "gpsOkLon"),
    }
)


class _Document(msgspec.Struct, gc=False):
    now: float = math.nan
    messages: float | None = None  # that the receiver has taken in since its start
    aircraft: list[msgspec.Raw] | None = None
    hex: str | None = None


class _Aircraft(msgspec.Struct, gc=False, rename={"db_flags": "dbFlags"}):
    hex: str | None = None
    flight: str | None = None
    alt_baro: float | str | None = None
    alt_geom: float | None = None
    gs: float | None = None
    track: float | None = None
    baro_rate: float | None = None
    geom_rate: float | None = None
    category: str | None = None
    lat: float | None = None
    lon: float | None = None
    seen_pos: float | None = None
    rc: float | None = None
    nac_p: int | None = None
    gva: int | None = None
    squawk: str | None = None
    emergency: str | None = None
    db_flags: int = 0
    altitude: float | str | None = None
    speed: float | None = None
    vert_rate: float | None = None
    seen: float | None = None
    validposition: float = 1
    validtrack: float = 1
    left_out: tuple[str, ...] = ()  # fields whose values are of a wrong type


_QUANTITIES: Final = {
    "lat": quantities.LATITUDE_DEG,
    "lon": quantities.LONGITUDE_DEG,
    **dict.fromkeys(("alt_baro", "alt_geom", "altitude"), quantities.LENGTH_FT),
    **dict.fromkeys(("gs", "speed"), quantities.SPEED_KT),
    **dict.fromkeys(("baro_rate", "geom_rate", "vert_rate"), quantities.CLIMB_FT_MIN),
    "track": quantities.ANGLE_DEG,
}
_KNOWN: Final = _LEFT_OUT | {field.encode_name for field in msgspec.structs.fields(_Aircraft)}
_values: Final = msgspec.json.Decoder(dict[str, Any]).decode
_document: Final = msgspec.json.Decoder(_Document).decode
_aircraft: Final = msgspec.json.Decoder(_Aircraft).decode


def _read_document(payload: bytes) -> tuple[_Document, bytes]:
    """The document and its text; NaN in it, which is no JSON, is null."""
    try:
        return _document(payload.strip(BLANK)), payload
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = without_numbers_that_are_none(payload.strip(BLANK))
        if mended is None:
            raise
        return _document(mended), mended


def _read_aircraft(entry: bytes) -> _Aircraft:
    """An aircraft without the fields that are of a wrong type; MsgspecError for what is no object."""
    try:
        return _aircraft(entry)
    except msgspec.ValidationError:
        found = msgspec.json.decode(entry, type=dict[str, Any])
        aircraft, left_out = fields_of(_Aircraft, found | _measured(found))
        aircraft.left_out = tuple(name for name in left_out if says_something(found[name]))
        return aircraft


def _measured(found: dict[str, Any]) -> dict[str, float]:
    """The numbers that stand as text, in the units of readsb."""
    texts = {name: found[name] for name in _QUANTITIES if isinstance(found.get(name), str)}
    numbers = {name: quantities.measured(text, _QUANTITIES[name]) for name, text in texts.items()}
    return {name: number for name, number in numbers.items() if not math.isnan(number)}


def is_readsb(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is a document, or a line, of readsb or of the first dump1090's array."""
    return ("now" in keys and ("aircraft" in keys or "hex" in keys)) or {"hex", "flight", "lat", "lon", "speed"} <= keys


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """All aircraft with a fresh position, in the order of the messages."""
    reading = _Reading()
    for message in messages:
        reading.read(message)
    return Decoded(
        detections=detections(reading.rows),
        heartbeats=tuple(reading.heartbeats),
        rejects=tuple(reading.rejects),
        ignored=reading.ignored,
        unread=reading.notes.told(),
    )


class _Reading:
    """What some messages hold, while they are read."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.heartbeats: list[Heartbeat] = []
        self.rejects: list[Reject] = []
        self.notes = Notes()
        self.ignored = 0

    def read(self, message: RawMessage) -> None:
        payload = message.payload
        if len(payload) > MAX_PAYLOAD_BYTES:
            self._refuse(message, RejectReason.TOO_LARGE, f"{len(payload)} bytes", payload)
            return
        try:
            document, payload = _read_document(payload)
        except msgspec.ValidationError as error:
            self._refuse(message, RejectReason.WRONG_TYPE, str(error), payload)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._refuse(message, RejectReason.NOT_JSON, str(error), payload)
        else:
            self._take(message, document, payload)

    def _take(self, message: RawMessage, document: _Document, payload: bytes) -> None:
        if document.aircraft is None and document.hex is None:
            self._refuse(message, RejectReason.UNKNOWN_FORMAT, "neither aircraft nor hex", payload)
            return
        if document.aircraft is not None and math.isnan(document.now):
            self._refuse(message, RejectReason.WRONG_TYPE, "a list of aircraft without `now`", payload)
            return
        listed = [payload.strip(BLANK)] if document.aircraft is None else document.aircraft
        if len(listed) > MAX_AIRCRAFT:
            self._refuse(message, RejectReason.TOO_LARGE, f"{len(listed)} aircraft", payload)
            return
        before = len(self.rows)
        for one in listed:
            self._one(message, document.now, bytes(one))
        silent = len(self.rows) == before
        if document.aircraft is not None and (silent or document.messages is not None):
            self._heartbeat(message, document, len(listed) if silent else None)

    def _one(self, message: RawMessage, now_s: float, entry: bytes) -> None:
        try:
            aircraft = _read_aircraft(entry)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._refuse(message, RejectReason.WRONG_TYPE, str(error), entry)
            return
        is_placed = aircraft.lat is not None and aircraft.lon is not None and bool(aircraft.validposition)
        if not is_placed or not 0 <= _age_s(aircraft) <= MAX_POSITION_AGE_S:
            self.ignored += 1
            return
        place = position(aircraft.lat, aircraft.lon)
        address = adsb.address(aircraft.hex)
        if place is None or address is None:
            what = "no position on the globe" if place is None else "hex is no 24-bit address"
            self._refuse(message, RejectReason.VALUE_OUT_OF_RANGE, what, entry)
            return
        sensor = message.sensor or UNNAMED_SENSOR
        told = [f"{name}: no number" for name in (*aircraft.left_out, *_no_altitude(aircraft))]
        if self.notes.is_due(sensor):
            told += unread(_values(entry), _KNOWN)
        self.notes.add(sensor, told)
        self.rows.append(_row(message, aircraft, address, place, now_s))

    def _heartbeat(self, message: RawMessage, document: _Document, listed: int | None) -> None:
        """A document without a row says that the receiver lives; one with a count of messages, whether it hears."""
        now_s = document.now
        has_clock = FIRST_TIME_S <= now_s <= LAST_TIME_S
        beat = Heartbeat(
            sensor=message.sensor or UNNAMED_SENSOR,
            logged_s=now_s if has_clock else message.received_s,
            said_s=now_s if has_clock else None,
            detail=None if listed is None else f"{listed} aircraft, none with a fresh position",
            messages=document.messages,
            **_condition(document.messages, any_aircraft=bool(document.aircraft))._asdict(),
        )
        self.heartbeats.append(beat)

    def _refuse(self, message: RawMessage, reason: RejectReason, detail: str, payload: bytes) -> None:
        self.rejects.append(reject(message, Refusal(reason=reason, detail=detail, payload=payload)))


def _condition(messages: float | None, *, any_aircraft: bool) -> Condition:
    """A receiver that has taken in nothing since its start lives and hears nothing."""
    if messages is None:
        return UNSAID
    return WELL if messages > 0 or any_aircraft else blind("0 messages since its start")


def _row(message: RawMessage, aircraft: _Aircraft, address: str, place: tuple[float, float], now_s: float) -> Row:
    sensor = message.sensor or UNNAMED_SENSOR
    age_s = _age_s(aircraft)
    has_clock = FIRST_TIME_S <= now_s <= LAST_TIME_S
    heard_s = (now_s if has_clock else message.received_s) - age_s
    fix = f"{address} {heard_s:.0f} {place[0]!r} {place[1]!r}".encode()
    category = (aircraft.category or "").upper()
    return {
        "time_s": heard_s if has_clock else math.nan,
        "received_s": heard_s,
        "source": Source.ADSB,
        "transport": Transport.ADSB,
        "sensor": sensor,
        "transmitter": None if is_no_icao_address(address) else address,
        "content_id": content_id(sensor, fix),
        **adsb.identity(address, IdType.UNKNOWN if category == UNMANNED else IdType.ICAO),
        "ua_type": CATEGORIES.get(category, UaType.UNKNOWN),
        "status": _status(aircraft),
        "latitude_deg": place[0],
        "longitude_deg": place[1],
        "self_id": adsb.callsign(aircraft.flight),
        "flags": adsb.address_flags(address) | _remarks(aircraft),
        **_motion(aircraft),
        **_accuracies(aircraft),
    }


def _age_s(aircraft: _Aircraft) -> float:
    """Of the position: as it is said, else that of the last message, since which it has got no younger."""
    said = aircraft.seen if aircraft.seen_pos is None else aircraft.seen_pos
    return 0.0 if said is None else said


def _barometric(aircraft: _Aircraft) -> float | str | None:
    """Feet, or the word for the ground; what is neither as it stands, None for a word that says nothing."""
    said = aircraft.altitude if aircraft.alt_baro is None else aircraft.alt_baro
    if not isinstance(said, str):
        return said
    if said.strip().lower() == _GROUND:
        return _GROUND
    feet = quantities.measured(said, quantities.LENGTH_FT)
    if math.isnan(feet):
        return said if says_something(said) and not is_nothing(said) else None
    return feet


def _no_altitude(aircraft: _Aircraft) -> tuple[str, ...]:
    """The name of an altitude that is a word, and not that for the ground."""
    said = _barometric(aircraft)
    if not isinstance(said, str) or said == _GROUND:
        return ()
    return ("altitude",) if aircraft.alt_baro is None else ("alt_baro",)


def _motion(aircraft: _Aircraft) -> Row:
    barometric = _barometric(aircraft)
    pressure_ft = barometric if isinstance(barometric, float) else math.nan
    geometric_ft = math.nan if aircraft.alt_geom is None else aircraft.alt_geom
    rates = (aircraft.geom_rate, aircraft.baro_rate, aircraft.vert_rate)
    rate = next((one for one in rates if one is not None), None)
    speed = aircraft.speed if aircraft.gs is None else aircraft.gs
    knots = math.nan if speed is None else speed
    climb_m_s = math.nan if rate is None else rate * adsb.METRES_PER_SECOND_PER_FOOT_A_MINUTE
    return {
        "altitude_pressure_m": bounded(pressure_ft * METRES_PER_FOOT, *adsb.ALTITUDE_M),
        "altitude_wgs84_m": bounded(geometric_ft * METRES_PER_FOOT, *adsb.ALTITUDE_M),
        "speed_m_s": bounded(knots * adsb.METRES_PER_SECOND_PER_KNOT, *adsb.SPEED_M_S),
        "track_deg": track(aircraft.track if aircraft.validtrack else None),
        "vertical_speed_m_s": bounded(climb_m_s, *adsb.VERTICAL_SPEED_M_S),
    }


def _accuracies(aircraft: _Aircraft) -> Row:
    """NACp says 95 %; without it the radius of containment, which is wider, stands in (readsb: 0 is unknown)."""
    radius_m = aircraft.rc or None
    said_m = NAC_P_M.get(aircraft.nac_p or 0, radius_m)
    return {
        "horizontal_accuracy_m": bounded(said_m, 0.0, MAX_ACCURACY_M),
        "vertical_accuracy_m": GVA_M.get(aircraft.gva or 0, math.nan),
    }


def _status(aircraft: _Aircraft) -> Status:
    if aircraft.squawk in adsb.EMERGENCY_SQUAWKS or aircraft.emergency not in _CALM:
        return Status.EMERGENCY
    barometric = _barometric(aircraft)
    if barometric == _GROUND:
        return Status.GROUND
    return Status.AIRBORNE if isinstance(barometric, float) else Status.UNKNOWN


def _remarks(aircraft: _Aircraft) -> Flag:
    invented = Flag.ADDRESS_INVENTED if aircraft.db_flags & _PRIVACY_ADDRESS else Flag(0)
    return invented | (Flag.MESSAGE_INVALID if aircraft.left_out or _no_altitude(aircraft) else Flag(0))
