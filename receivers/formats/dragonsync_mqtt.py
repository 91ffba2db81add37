"""What DragonSync publishes over MQTT (``wardragon/...``): flat objects of drones, signals, aircraft and the kit.

Source: DragonSync's ``docs/mqtt-schema.md``. The fields of a drone are always there, 0 or empty where the kit knows
nothing: so a 0 here is unknown, a true one too, and so is the time "0". ``id`` is the serial behind ``drone-``, or a
MAC address where none was heard: twelve hex digits are one, unless ``id_type`` says that they are a serial number.
Remote ID that was decoded before keeps no counter. Not read and told: the altitude of aircraft (the feed does not say
whether it is geometric or of pressure), lookups, what else is there. Left out: ``home`` where the pilot is known, and
what stands in two fields.

Beside the objects there are single words, which only their topic explains. ``wardragon/system/<kit>/availability`` says
``online`` with each report of the kit, ``wardragon/service/<kit>/availability`` when the service comes; the broker says
``offline`` there for a service that it lost. Before version 2 there was no kit in them: then the source must name the
sensor. The same words for trackers of drones, pilots and signals (``home`` and ``not_home`` too) carry nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import (
    IdType,
    OperatorLocation,
    Source,
    Status,
    Transport,
    UaType,
)
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import adsb, quantities
from receivers.formats import json_values as values
from receivers.formats.condition import UNSAID, away
from receivers.formats.dragonsync_parts import height_reference
from receivers.formats.dragonsync_words import (
    ID_TYPES,
    STATUSES,
    UA_TYPES,
    accuracy_m,
    as_dji,
    is_alert,
    share,
    signal_row,
    transport,
)
from receivers.formats.framing import UNNAMED_SENSOR, Refusal
from receivers.formats.json_rows import Reading
from receivers.formats.rows import Row, bounded
from receivers.formats.unread import UNREAD, level, unread, word

_PREFIX: Final = "drone-"
_PLACE_OF_A_PERSON: Final = frozenset({"latitude", "longitude", "gps_accuracy"})  # the trackers of Home Assistant
_NO_ADDRESS: Final = Refusal(reason=RejectReason.NO_DATA, detail="an aircraft without an address")
_NO_FREQUENCY: Final = Refusal(reason=RejectReason.NO_DATA, detail="a signal without a frequency")

_HEARD: Final = frozenset({"seen_by", "observed_at", "track_type", "latitude", "longitude", "gps_accuracy"})
_DRONE: Final = _HEARD | {
    *("id", "id_type", "description", "mac", "caa_id", "lat", "lon", "alt", "height", "pressure_altitude"),
    *("height_type", "speed", "vspeed", "direction", "pilot_lat", "pilot_lon", "home_lat", "home_lon", "ua_type"),
    *("ua_type_name", "op_status", "operator_id", "horizontal_accuracy", "vertical_accuracy", "timestamp"),
    *("rid_timestamp", "rssi", "freq", "freq_mhz", "transport"),
    *("speed_multiplier", "ew_dir", "index", "runtime", "last_update_time"),  # of how it was sent, and the kit's own
    *("rid_lookup_attempted", "rid_lookup_success"),
}
_SIGNAL: Final = _HEARD | {
    *("signal_type", "center_hz", "rssi", "uid", "bandwidth_hz", "pal", "ntsc", "lat", "lon", "radius_m"),
    *("sensor_lat", "sensor_lon", "sensor_alt", "alt", "source", "callsign", "description"),  # of the kit, and names
}
_AIRCRAFT: Final = _HEARD | {
    *("icao", "callsign", "on_ground", "lat", "lon", "speed", "speed_kt", "track", "heading", "vertical_rate"),
    *("squawk", "category"),
}

_MEASURED: Final = {
    **dict.fromkeys(("lat", "latitude", "pilot_lat", "home_lat"), quantities.LATITUDE_DEG),
    **dict.fromkeys(("lon", "longitude", "pilot_lon", "home_lon"), quantities.LONGITUDE_DEG),
    **dict.fromkeys(("alt", "pressure_altitude", "height"), quantities.LENGTH_M),
    **dict.fromkeys(("speed", "vspeed"), quantities.SPEED_M_S),
    "direction": quantities.ANGLE_DEG,
    "rssi": quantities.LEVEL_DBM,
}
_MEASURED_OF_AIRCRAFT: Final = {
    "lat": quantities.LATITUDE_DEG,
    "lon": quantities.LONGITUDE_DEG,
    "speed": quantities.SPEED_KT,
    "vertical_rate": quantities.CLIMB_FT_MIN,
    "track": quantities.ANGLE_DEG,
}
_ONLINE: Final = b"online"
_OFFLINE: Final = b"offline"
_STATES: Final = frozenset({_ONLINE, _OFFLINE, b"home", b"not_home"})
_OF_KIT: Final = re.compile(r"wardragon/(?:system|service)/(?:([^/]+)/)?availability")

Flat = dict[str, Any]


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is one that DragonSync publishes over MQTT."""
    return _reader(keys) is not None


def is_state(message: RawMessage) -> bool:
    """Whether a message is a single word on a topic of states."""
    return message.payload in _STATES and message.place.endswith(("availability", "state"))


def decode_states(messages: Sequence[RawMessage]) -> Decoded:
    """Words of kits to heartbeats; those of trackers, and of a kit that nobody names, are ignored."""
    found = [_state(message) for message in messages]
    beats = tuple(beat for beat in found if beat is not None)
    return Decoded(heartbeats=beats, ignored=len(found) - len(beats))


def _state(message: RawMessage) -> Heartbeat | None:
    topic = _OF_KIT.fullmatch(message.place)
    if topic is None or message.payload not in {_ONLINE, _OFFLINE}:
        return None
    sensor = values.name(topic[1]) or message.sensor
    if sensor is None:
        return None
    word = message.payload.decode()
    said = away(word) if message.payload == _OFFLINE else UNSAID  # online: it is there, and says no more
    return Heartbeat(sensor=sensor, logged_s=message.received_s, detail=word, **said._asdict())


def read(value: Flat, message: RawMessage) -> Reading:
    """What a flat object means."""
    reader = _reader(value.keys())
    return None if reader is None else reader(value, message)


def _reader(keys: AbstractSet[str]) -> Callable[[Flat, RawMessage], Reading] | None:
    if "pilot_lat" in keys and "drone_lat" not in keys and "icao" not in keys:
        return _drone
    if {"icao", "lat"} <= keys:
        return _aircraft
    if "signal_type" in keys and ("uid" in keys or "center_hz" in keys):
        return _signal
    if {"cpu_usage", "gps_fix"} <= keys:
        return _kit
    return _person if keys == _PLACE_OF_A_PERSON else None


def _person(_value: Flat, _message: RawMessage) -> Reading:
    return None  # stands in the drone's own object too


def _heard(value: Flat) -> Row:
    """Who heard it and when."""
    return {"sensor": values.name(value.get("seen_by")), "received_s": values.clock_s(value.get("observed_at"))}


def _drone(value: Flat, message: RawMessage) -> Reading:
    heard = _heard(value)
    received_s = message.received_s if math.isnan(heard["received_s"]) else heard["received_s"]
    where = values.place(
        *_or_nothing(value.get("lat", value.get("latitude")), value.get("lon", value.get("longitude")))
    )
    time_s, time_flags = values.message_time(_said_time(value), received_s)
    words = values.self_id(value.get("description"))
    operator = values.operator_id(value.get("operator_id"))
    row: Row = heard | {
        "flags": where.flags | time_flags | words.flags | operator.flags,
        "time_s": time_s,
        "transport": transport(value.get("transport")),
        "transmitter": values.address(value.get("mac")),
        "ua_type": _ua_type(value),
        "status": values.code(Status, value.get("op_status"), STATUSES),
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "altitude_wgs84_m": values.altitude_m(quantities.unless_zero(value.get("alt"))),
        "altitude_pressure_m": values.altitude_m(quantities.unless_zero(value.get("pressure_altitude"))),
        "height_m": values.altitude_m(quantities.unless_zero(value.get("height"))),
        "speed_m_s": values.speed_m_s(quantities.unless_zero(value.get("speed"))),
        "vertical_speed_m_s": values.vertical_speed_m_s(quantities.unless_zero(value.get("vspeed"))),
        "track_deg": values.angle_deg(quantities.unless_zero(value.get("direction"))),
        "horizontal_accuracy_m": accuracy_m(value.get("horizontal_accuracy"), vertical=False),
        "vertical_accuracy_m": accuracy_m(value.get("vertical_accuracy"), vertical=True),
        "operator_id": operator.text,
        "self_id": words.text,
        "rssi_dbm": values.rssi_dbm(value.get("rssi")),
        "frequency_hz": values.frequency_hz(value.get("freq_mhz") or value.get("freq")),
    }
    if not math.isnan(row["height_m"]):
        row["height_reference"] = height_reference(value.get("height_type"))
    operator_row = _operator(value)
    row |= operator_row | {"flags": row["flags"] | operator_row["flags"]}
    _add_ids(row, value)
    if _is_dji(value, words.text):
        as_dji(row, value.get("id"), words.text, placed_by_sensor=str(words.text or "").endswith("(alert)"))
    told = level("rssi", value.get("rssi")) + word("op_status", value.get("op_status"), row["status"])
    row[UNREAD] = told + unread(value, _DRONE)
    quantities.mark(row, value, _MEASURED)
    return row


def _ua_type(value: Flat) -> UaType:
    """By its number, else by its name."""
    return values.code(UaType, value.get("ua_type")) or values.code(UaType, value.get("ua_type_name"), UA_TYPES)


def _said_time(value: Flat) -> Any:
    """The first that says something: an early kit has one field, and "0" is as unset as 0."""
    found = (value.get("timestamp"), value.get("rid_timestamp"))
    return next((one for one in found if one and values.number(one) != 0), None)


def _or_nothing(latitude: Any, longitude: Any) -> tuple[Any, Any]:
    """A latitude of 0 is no fix."""
    return (None, None) if quantities.unless_zero(latitude) is None else (latitude, longitude)


def _operator(value: Flat) -> Row:
    """The pilot, else where the drone took off."""
    flags = 0
    for prefix, kind in (("pilot", OperatorLocation.UNKNOWN), ("home", OperatorLocation.TAKEOFF)):
        where = values.person_place(value.get(f"{prefix}_lat"), value.get(f"{prefix}_lon"))
        flags |= where.flags
        if not math.isnan(where.latitude_deg):
            return {
                "operator_latitude_deg": where.latitude_deg,
                "operator_longitude_deg": where.longitude_deg,
                "operator_location_type": kind,
                "flags": flags,
            }
    return {"operator_location_type": OperatorLocation.UNKNOWN, "flags": flags}


def _add_ids(row: Row, value: Flat) -> None:
    name = value.get("id")
    serial = name.removeprefix(_PREFIX) if isinstance(name, str) else None
    id_type = values.code(IdType, value.get("id_type"), ID_TYPES)
    registered = values.uas_id(IdType.CAA, value.get("caa_id"))
    row["flags"] |= registered.flags
    if serial is not None and _is_address(serial, id_type, row["transmitter"]):
        row["transmitter"] = row["transmitter"] or values.address(serial)
        serial = None
    if serial is None or is_alert(name):
        row["uas_id"], row["uas_id_type"] = registered.text, IdType.CAA if registered.text else IdType.UNKNOWN
        return
    if registered.text == serial or id_type is not IdType.CAA:
        id_type = IdType.CAA if registered.text == serial else id_type
    words = values.uas_id(id_type, serial)
    row["flags"] |= words.flags
    named = [(words.text, id_type), (registered.text, IdType.CAA)]
    known = [one for one in dict(named).items() if one[0] is not None]
    for column, (text, kind) in zip(("uas_id", "alias_id"), known, strict=False):
        row |= {column: text, f"{column}_type": kind}


def _is_address(serial: str, id_type: IdType, transmitter: str | None) -> bool:
    """Whether the kit wrote an address in place of an id: by its form, else where nobody says that it is a serial."""
    address = values.address(serial)
    if address is None:
        return False
    return values.is_written_address(serial) or address == transmitter or id_type is not IdType.SERIAL


def _is_dji(value: Flat, description: str | None) -> bool:
    """OcuSync has no link layer here and no address; the description is the receiver's."""
    if is_alert(value.get("id")):
        return True
    return not value.get("transport") and not value.get("mac") and str(description or "").startswith("DJI")


def _signal(value: Flat, message: RawMessage) -> Reading:
    heard = _heard(value)
    row = signal_row(
        kind=value.get("signal_type"),
        frequency=value.get("center_hz"),
        level=value.get("rssi"),
        sensor=heard["sensor"] or message.sensor,
        net_id=None,
    )
    if row is None:
        return _NO_FREQUENCY
    name = values.name(value.get("uid"))
    if name is not None:
        row["transmitter"] = f"rf:{name}"
    row["bandwidth_hz"] = values.known(value.get("bandwidth_hz"))
    row["confidence"] = share([value.get("pal"), value.get("ntsc")])
    where = values.place(*_or_nothing(value.get("lat"), value.get("lon")))
    sensor = values.place(value.get("sensor_lat"), value.get("sensor_lon"))
    if not math.isnan(sensor.latitude_deg) and sensor[:2] != where[:2]:  # else it is the kit's own place
        row["latitude_deg"], row["longitude_deg"] = where.latitude_deg, where.longitude_deg
        row["horizontal_accuracy_m"] = values.known(value.get("radius_m"))
    return heard | row | {UNREAD: level("rssi", value.get("rssi")) + unread(value, _SIGNAL)}


def _aircraft(value: Flat, _message: RawMessage) -> Reading:
    name = value.get("icao")
    address = adsb.address(name if isinstance(name, str) else None)
    if address is None:
        return _NO_ADDRESS
    where = values.place(*_or_nothing(value.get("lat"), value.get("lon")))
    words = values.self_id(value.get("callsign"))
    row: Row = _heard(value) | {
        **adsb.identity(address),
        "source": Source.ADSB,
        "transport": Transport.ADSB,
        "self_id": words.text,
        "status": _aircraft_status(value),
        UNREAD: unread(value, _AIRCRAFT),
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "speed_m_s": bounded(
            values.known(value.get("speed"), quantities.SPEED_KT) * adsb.METRES_PER_SECOND_PER_KNOT, *adsb.SPEED_M_S
        ),
        "track_deg": values.angle_deg(quantities.unless_zero(value.get("track"))),
        "vertical_speed_m_s": bounded(
            values.number(value.get("vertical_rate"), quantities.CLIMB_FT_MIN)
            * adsb.METRES_PER_SECOND_PER_FOOT_A_MINUTE,
            *adsb.VERTICAL_SPEED_M_S,
        ),
        "flags": where.flags | words.flags | adsb.address_flags(address),
    }
    quantities.mark(row, value, _MEASURED_OF_AIRCRAFT)
    return row


def _aircraft_status(value: Flat) -> Status:
    """``on_ground`` is false too where nobody said so; then the altitude is 0, for "ground" and for none."""
    if value.get("squawk") in adsb.EMERGENCY_SQUAWKS:
        return Status.EMERGENCY
    if value.get("on_ground") is True:
        return Status.GROUND
    return Status.UNKNOWN if math.isnan(values.known(value.get("alt"))) else Status.AIRBORNE


def _kit(value: Flat, message: RawMessage) -> Reading:
    where = values.place(value.get("latitude"), value.get("longitude"))
    has_fix = value.get("gps_fix") is True and not math.isnan(where.latitude_deg)
    said_s = values.clock_s(value.get("updated"))
    load = values.number(value.get("cpu_usage"))
    return Heartbeat(
        sensor=values.name(value.get("id")) or message.sensor or UNNAMED_SENSOR,
        logged_s=message.received_s if math.isnan(said_s) else said_s,
        said_s=None if math.isnan(said_s) else said_s,
        latitude_deg=where.latitude_deg if has_fix else None,
        longitude_deg=where.longitude_deg if has_fix else None,
        detail=None if math.isnan(load) else f"cpu {load:.0f} %",
    )
