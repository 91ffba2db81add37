"""DragonSync, droneid-go, DroneID and the DJI receiver beside them: Remote ID, DJI DroneID and signals as JSON.

Sources: the public code and schema of DragonSync, DroneID and antsdr_dji_droneid. Four shapes:

- a list of one-key objects (ZMQ port 4224): ``Basic ID``, ``Location/Vector Message``, ``System Message``, ...; there
  ``System Message.latitude`` is the operator's;
- the same keys in one object (ESP32), with ``AUX_ADV_IND.rssi`` and ``aext.AdvA``; there it is ``operator_lat``;
- ``drone.json`` with shorter names (``Location Vector``, ``System``) and the integers of the wire;
- flat objects out of DragonSync over MQTT (``wardragon/...``): see ``dragonsync_mqtt``.

A position that the receiver made up stays out: an O4 alert stands at the sensor. A latitude of 0 is no fix. Left out:
authentication, area, take-off place where the operator's own is known, and what a lookup added.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import (
    HeightReference,
    IdType,
    OperatorLocation,
    Status,
    UaType,
)
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import dragonsync_mqtt
from receivers.formats import json_values as values
from receivers.formats.dragonsync_words import (
    HEIGHT_REFERENCES,
    ID_TYPES,
    STATUSES,
    UA_TYPES,
    accuracy_m,
    as_dji,
    eu_category,
    eu_class,
    is_alert,
    operator_location,
    protocol_version,
    share,
    signal_row,
    transport,
)
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import MESSAGE_PARTS, Reading, decode_rows
from receivers.formats.rows import Row

_EU: Final = ("EU", 1)  # tuples: what JSON holds may not be hashable
_WEST: Final = "West"
_NO_SPEED_RAW: Final = 255
_SCENARIO: Final = Refusal(reason=RejectReason.NO_DATA, detail="a scenario for the DragonSync generator: nothing heard")
_NO_PARTS: Final = Refusal(reason=RejectReason.NO_DATA, detail="no part of a Remote ID message in it")
_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="neither an object nor a list of objects")
_GPS_SOURCES: Final = ("sik_reasm", "sik_gps_repaired")  # the drone's own position out of its telemetry
_NOT_CONFIRMED: Final = ("energy",)  # a rise of level: DragonSync's own ingest passes over it

_OWN_PARTS: Final = MESSAGE_PARTS - {"Location", "System"} | {"AUX_ADV_IND"}  # two names that others have too

Part = dict[str, Any]


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is a message of this family, or part of one."""
    return not _OWN_PARTS.isdisjoint(keys) or "scenarios" in keys or dragonsync_mqtt.recognises(keys)


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows, heartbeats, rejects or ``ignored``."""
    return decode_rows(messages, _read)


def _read(value: Any, message: RawMessage) -> Iterator[Reading]:
    if isinstance(value, list):
        yield _signal_or_drone(_Parts([part for part in value if isinstance(part, dict)]), message, listed=True)
    elif not isinstance(value, dict):
        yield _WRONG_TYPE
    elif "scenarios" in value:
        yield _SCENARIO
    elif dragonsync_mqtt.recognises(value.keys()):
        yield dragonsync_mqtt.read(value, message)
    else:
        yield _signal_or_drone(_Parts([{name: part} for name, part in value.items()]), message, listed=False)


class _Parts:
    """The parts of a message by name: sent as a list of objects, mostly of one key, or as one object."""

    def __init__(self, parts: list[Part]) -> None:
        self.objects: list[Part] = []
        self.basic_ids: list[Part] = []
        self._last: dict[str, tuple[int, Part]] = {}
        self._first: dict[str, Any] = {}
        for index, name, value in [(index, *pair) for index, part in enumerate(parts) for pair in part.items()]:
            if isinstance(value, dict):
                self._last[name] = index, value
                self.objects.append(value)
                if name == "Basic ID":
                    self.basic_ids.append(value)
            if value is not None:
                self._first.setdefault(name, value)

    def last(self, *names: str) -> Part | None:
        """The last object of one of these names."""
        place, found = -1, None
        for name in names:
            held = self._last.get(name)
            if held is not None and held[0] >= place:
                place, found = held
        return found

    def first(self, name: str) -> Any:
        """What is said first under a name, None where there is nothing."""
        return self._first.get(name)


def _signal_or_drone(parts: _Parts, message: RawMessage, *, listed: bool) -> Reading:
    signal = parts.last("Signal Info")
    if signal is not None:
        return _signal(parts, signal, message)
    return _drone(parts, message, listed=listed)


def _drone(parts: _Parts, message: RawMessage, *, listed: bool) -> Reading:
    location = parts.last("Location/Vector Message", "Location Vector", "Location")
    system = parts.last("System Message", "System", "System ID")
    self_id = parts.last("Self-ID Message", "Self ID")
    operator = parts.last("Operator ID Message", "Operator ID")
    if not parts.basic_ids and location is system is self_id is operator is None:
        return _NO_PARTS
    row: Row = {"flags": 0}
    _add_radio(row, parts)
    _add_ids(row, parts.basic_ids)
    if location is not None:
        _add_location(row, location, message)
    if system is not None:
        _add_system(row, system, listed=listed, raw=parts.last("System Message") is None)
    if operator is not None:
        words = values.operator_id(operator.get("operator_id", operator.get("id")))
        row["operator_id"], row["flags"] = words.text, row["flags"] | words.flags
    said = values.text((self_id or {}).get("text"))
    row["self_id"], row["flags"] = said.text, row["flags"] | said.flags
    if _is_dji(parts, location):
        _as_dji(row, parts.basic_ids)
    return row


def _any(parts: list[Part], name: str) -> Any:
    for part in parts:
        value = part.get(name)
        if value is not None:
            return value
    return None


def _add_radio(row: Row, parts: _Parts) -> None:
    basic_ids = parts.basic_ids
    advertised, extended = parts.last("AUX_ADV_IND") or {}, parts.last("aext") or {}
    frequency = parts.last("Frequency Message") or {}
    addresses = (_any(basic_ids, "MAC"), parts.first("MAC"), extended.get("AdvA"))
    row["transmitter"] = next((found for found in map(values.address, addresses) if found), None)
    levels = map(values.rssi_dbm, (_any(basic_ids, "RSSI"), parts.first("RSSI"), advertised.get("rssi")))
    row["rssi_dbm"] = next((level for level in levels if not math.isnan(level)), math.nan)
    row["frequency_hz"] = values.frequency_hz(_any(basic_ids, "frequency_mhz") or frequency.get("frequency"))
    row["transport"] = transport(_any(basic_ids, "transport"))
    row["protocol_version"] = protocol_version(parts.objects)


def _add_ids(row: Row, basic_ids: list[Part]) -> None:
    """The serial is the id and another the alias, as in a pack."""
    found: list[tuple[IdType, str]] = []
    for basic_id in basic_ids:
        id_type = values.code(IdType, basic_id.get("id_type"), ID_TYPES)
        id_type = IdType.UNKNOWN if id_type is IdType.ICAO else id_type
        row["ua_type"] = values.code(UaType, basic_id.get("ua_type"), UA_TYPES) or row.get("ua_type", UaType.UNKNOWN)
        name = basic_id.get("id")
        if is_alert(name):
            continue
        words = values.uas_id(id_type, name)
        row["flags"] |= words.flags
        if words.text is not None:
            found.append((id_type, words.text))
    found.sort(key=lambda one: one[0] is not IdType.SERIAL)
    for columns, one in zip((("uas_id_type", "uas_id"), ("alias_id_type", "alias_id")), found, strict=False):
        row.update(zip(columns, one, strict=True))


def _add_location(row: Row, location: Part, message: RawMessage) -> None:
    coordinates = location.get("coord")
    row.update(_raw_motion(location, coordinates) if isinstance(coordinates, dict) else _motion(location))
    row["flags"] |= row.pop("place_flags")
    said = coordinates if isinstance(coordinates, dict) else location
    raw = isinstance(coordinates, dict)
    after_hour = values.number(said.get("timestamp")) / 10.0 if raw else said.get("timestamp")
    row["time_s"], flags = values.message_time(after_hour, message.received_s)
    row["flags"] |= flags
    row["status"] = values.code(Status, location.get("op_status"), STATUSES)
    if not math.isnan(row["height_m"]):
        row["height_reference"] = values.code(HeightReference, location.get("height_type"), HEIGHT_REFERENCES)
    row["horizontal_accuracy_m"] = accuracy_m(said.get("horizontal_accuracy"), vertical=False)
    row["vertical_accuracy_m"] = accuracy_m(said.get("vertical_accuracy"), vertical=True)


def _motion(location: Part) -> Row:
    where = fix(location.get("latitude"), location.get("longitude"))
    return {
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "place_flags": where.flags,
        "altitude_wgs84_m": values.altitude_m(location.get("geodetic_altitude")),
        "altitude_pressure_m": values.altitude_m(location.get("pressure_altitude")),
        "height_m": values.altitude_m(location.get("height_agl")),
        "speed_m_s": values.speed_m_s(location.get("speed")),
        "vertical_speed_m_s": values.vertical_speed_m_s(location.get("vert_speed")),
        "track_deg": values.angle_deg(location.get("direction")),
    }


def fix(latitude: Any, longitude: Any) -> values.Place:
    """A position of this family: a latitude of 0 is no fix, whatever the longitude says."""
    return values.NOWHERE if values.number(latitude) == 0 else values.place(latitude, longitude)


def operator_fix(latitude: Any, longitude: Any) -> values.Place:
    """The same for an operator."""
    return values.NOWHERE if values.number(latitude) == 0 else values.operator_place(latitude, longitude)


def _raw_motion(location: Part, raw: Part) -> Row:
    """The integers of the wire. Without a fix there is no motion either: such a sample says 255, 180 and 120."""
    where = _raw_place(raw.get("latitude"), raw.get("longitude"))
    row: Row = {
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "place_flags": where.flags,
        "altitude_wgs84_m": _raw_altitude_m(raw.get("geodetic_altitude")),
        "altitude_pressure_m": _raw_altitude_m(raw.get("pressure_altitude")),
        "height_m": _raw_altitude_m(raw.get("height_agl")),
    }
    if math.isnan(where.latitude_deg):
        return row
    west = location.get("ew_dir_segment") == _WEST
    direction, speed = values.within(raw.get("direction"), 0, 180), values.within(raw.get("speed"), 0, 254)
    fast = values.number(location.get("speed_multiplier")) == 0.75  # noqa: PLR2004 - the wire's other multiplier
    return row | {
        "track_deg": (direction + 180.0 * west) % 360.0,
        "speed_m_s": speed * 0.75 + 63.75 if fast else speed * 0.25,
        "vertical_speed_m_s": values.vertical_speed_m_s(values.number(raw.get("vert_speed")) * 0.5),
    }


def _raw_place(latitude: Any, longitude: Any) -> values.Place:
    return values.place(values.number(latitude) / 1e7, values.number(longitude) / 1e7)


def _raw_altitude_m(value: Any) -> float:
    return values.altitude_m(values.number(value) * 0.5 - 1000.0)


def _add_system(row: Row, system: Part, *, listed: bool, raw: bool) -> None:
    own = [("latitude", "longitude"), ("operator_lat", "operator_lon")]
    names = own if listed else own[::-1]
    read = _raw_place if raw and isinstance(system.get("latitude"), int) else operator_fix
    places = [read(system.get(lat), system.get(lon)) for lat, lon in names]
    where = next((one for one in places if not math.isnan(one.latitude_deg)), places[0])
    kind = operator_location(system.get("operator_location_type"))
    home = fix(system.get("home_lat"), system.get("home_lon"))
    if math.isnan(where.latitude_deg) and not math.isnan(home.latitude_deg):
        where, kind = home, OperatorLocation.TAKEOFF
    row["operator_latitude_deg"], row["operator_longitude_deg"] = where.latitude_deg, where.longitude_deg
    row["operator_location_type"], row["flags"] = kind, row["flags"] | where.flags
    altitude = system.get("geodetic_altitude", system.get("operator_altitude_geo"))
    row["operator_altitude_wgs84_m"] = _raw_altitude_m(altitude) if raw else values.altitude_m(altitude)
    if system.get("classification_type") in _EU:
        row["eu_category"] = eu_category(system.get("ua_classification_category_type"))
        row["eu_class"] = eu_class(system.get("ua_classification_category_class"))


def _is_dji(parts: _Parts, location: Part | None) -> bool:
    """Out of the DJI receiver: a frequency beside the id, and none of the words that only Remote ID has."""
    basic_ids = parts.basic_ids
    if any(is_alert(basic_id.get("id")) for basic_id in basic_ids):
        return True
    if parts.last("Frequency Message") is None or _any(basic_ids, "transport") is not None:
        return False
    return not any("protocol_version" in part for part in (*basic_ids, location or {}))


def _as_dji(row: Row, basic_ids: list[Part]) -> None:
    """DJI DroneID: the words are the receiver's, the operator's place is the pilot's, an alert is presence only."""
    name, model = _any(basic_ids, "id"), values.text(_any(basic_ids, "description")).text
    placed_by_sensor = is_alert(name) or str(row["self_id"] or "").endswith("(alert)")
    as_dji(row, name, model or row["self_id"], placed_by_sensor=placed_by_sensor)


def _signal(parts: _Parts, signal: Part, message: RawMessage) -> Reading:
    if signal.get("source") in _NOT_CONFIRMED:
        return None
    frequency = parts.last("Frequency Message") or {}
    row = signal_row(
        kind=signal.get("signal_type") or "fpv",
        frequency=signal.get("center_hz") or frequency.get("frequency"),
        level=signal.get("rssi"),
        sensor=message.sensor,
        net_id=signal.get("net_id"),
    )
    if row is None:
        return Refusal(reason=RejectReason.NO_DATA, detail="a signal without a frequency")
    row["bandwidth_hz"] = values.known(signal.get("bandwidth_hz"))
    row["confidence"] = share([signal.get("pal_conf"), signal.get("ntsc_conf")])
    location = parts.last("Location/Vector Message")
    if location is not None and signal.get("source") in _GPS_SOURCES:
        row |= _motion(location)
        row["flags"] = row.pop("place_flags")
    return row
