"""The Location and System parts of a DragonSync message to columns, in each of the three ways they are written.

**Words** (lists of one-key objects, droneid-go, DroneID): what is not known is a word or left out, a 0 is true.
**Integers of the wire** (``drone.json``: ``coord``, or a System without "Message" behind it).
**Numbers of a struct** (the ESP32 scanners, ``dragonos_rid_scanner``): opendroneid-core-c's own, for ``height_type`` 0
take-off and 1 ground. The struct is set to zero and filled by the messages heard: a part whose zeros only are there
was not heard, and where only a French beacon or an early scanner filled it (none of ``HEARD`` says anything), each 0 is
unset. So it is with the receiver of DJI's own signal, which writes 0 for what is out of range.

Of an operator the place is under ``operator_lat``. Under ``latitude`` some scanners repeat the aircraft's own: that is
read where the other keys are absent, as in the lists, and never where they are 0.
"""

from __future__ import annotations

import math
from typing import Any, Final

from airspace.model.detection import HeightReference, OperatorLocation, Status
from airspace.model.message import RawMessage
from receivers.formats import json_values as values
from receivers.formats import quantities
from receivers.formats.dragonsync_words import (
    HEIGHT_REFERENCES,
    STATUSES,
    accuracy_m,
    eu_category,
    eu_class,
    operator_location,
)
from receivers.formats.rows import Row
from receivers.formats.unread import UNREAD, says_something, unread, word

HEARD: Final = (  # one of these says something in whatever a Location message filled
    *("status", "op_status", "horiz_acc", "vert_acc", "baro_acc", "speed_acc", "timestamp", "protocol_version"),
    *("horizontal_accuracy", "vertical_accuracy", "baro_accuracy", "speed_accuracy", "timestamp_accuracy"),
)
_LOCATION: Final = frozenset(
    {
        *("latitude", "longitude", "geodetic_altitude", "pressure_altitude", "alt_pressure", "height_agl"),
        *("height_type", "speed", "vert_speed", "direction", "op_status", "status", "timestamp", "coord"),
        *("horizontal_accuracy", "horiz_acc", "vertical_accuracy", "vert_acc"),
        *("ew_dir_segment", "speed_multiplier", "protocol_version", "MAC", "RSSI"),  # of how it was sent
    }
)
_MEASURED: Final = {
    "latitude": quantities.LATITUDE_DEG,
    "longitude": quantities.LONGITUDE_DEG,
    **dict.fromkeys(("geodetic_altitude", "pressure_altitude", "alt_pressure", "height_agl"), quantities.LENGTH_M),
    **dict.fromkeys(("speed", "vert_speed"), quantities.SPEED_M_S),
    "direction": quantities.ANGLE_DEG,
}
_MEASURED_OF_OPERATOR: Final = {
    **dict.fromkeys(("latitude", "operator_lat", "home_lat"), quantities.LATITUDE_DEG),
    **dict.fromkeys(("longitude", "operator_lon", "home_lon"), quantities.LONGITUDE_DEG),
    **dict.fromkeys(("geodetic_altitude", "operator_altitude_geo", "operator_alt_geo"), quantities.LENGTH_M),
}
_SYSTEM: Final = frozenset(
    {
        *("latitude", "longitude", "operator_lat", "operator_lon", "home_lat", "home_lon", "operator_location_type"),
        *("geodetic_altitude", "operator_altitude_geo", "operator_alt_geo", "classification_type", "classification"),
        *("ua_classification_category_type", "ua_classification_category_class", "operator_id"),
        *("timestamp", "timestamp_raw", "protocol_version", "MAC", "RSSI"),  # of how and when it was sent
    }
)
_EU: Final = ("EU", 1, "1")  # tuples: what JSON holds may not be hashable
_WEST: Final = "West"

Part = dict[str, Any]


def add_location(row: Row, location: Part, message: RawMessage) -> None:
    """Where it is and how it moves."""
    raw = location.get("coord")
    said = raw if isinstance(raw, dict) else location
    is_raw = said is raw
    zero_is_unset = not is_raw and not any(says_something(location.get(name)) for name in HEARD)
    row.update(_raw_motion(location, said) if is_raw else _motion(location, zero_is_unset=zero_is_unset))
    after_hour = values.number(said.get("timestamp")) / 10.0 if is_raw else said.get("timestamp")
    if zero_is_unset and values.number(after_hour) == 0:
        after_hour = None
    row["time_s"], flags = values.message_time(after_hour, message.received_s)
    row["flags"] |= flags | row.pop("place_flags")
    row["status"] = values.code(Status, _said(location, "op_status", "status"), STATUSES)
    row[UNREAD] += word("Location.op_status", location.get("op_status"), row["status"])
    if not math.isnan(row["height_m"]):
        row["height_reference"] = height_reference(location.get("height_type"))
        row[UNREAD] += word("Location.height_type", location.get("height_type"), row["height_reference"])
    row["horizontal_accuracy_m"] = accuracy_m(_said(said, "horizontal_accuracy", "horiz_acc"), vertical=False)
    row["vertical_accuracy_m"] = accuracy_m(_said(said, "vertical_accuracy", "vert_acc"), vertical=True)
    row[UNREAD] += unread(location, _LOCATION, "Location.")
    quantities.mark(row, location, _MEASURED, "Location.")


def height_reference(value: Any) -> HeightReference:
    """By name, or by the number on the wire: 0 is take-off, 1 is ground."""
    return values.wire_code(HeightReference, value, HEIGHT_REFERENCES)


def motion(location: Part) -> Row:
    """The plain numbers of a Location in words."""
    return _motion(location, zero_is_unset=False)


def _said(part: Part, *names: str) -> Any:
    """What stands under the first of these names that is there."""
    for name in names:
        if name in part:
            return part[name]
    return None


def _motion(location: Part, *, zero_is_unset: bool) -> Row:
    where = fix(location.get("latitude"), location.get("longitude"))
    read = quantities.unless_zero if zero_is_unset else _as_it_is
    return {
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "place_flags": where.flags,
        "altitude_wgs84_m": values.altitude_m(read(location.get("geodetic_altitude"))),
        "altitude_pressure_m": values.altitude_m(read(_said(location, "pressure_altitude", "alt_pressure"))),
        "height_m": values.altitude_m(read(location.get("height_agl"))),
        "speed_m_s": values.speed_m_s(read(location.get("speed"))),
        "vertical_speed_m_s": values.vertical_speed_m_s(read(location.get("vert_speed"))),
        "track_deg": values.angle_deg(read(location.get("direction"))),
    }


def _as_it_is(value: Any) -> Any:
    return value


def fix(latitude: Any, longitude: Any) -> values.Place:
    """A position of this family: a latitude of 0 is no fix, whatever the longitude says."""
    return values.NOWHERE if quantities.unless_zero(latitude) is None else values.place(latitude, longitude)


def _operator_fix(latitude: Any, longitude: Any) -> values.Place:
    return values.NOWHERE if quantities.unless_zero(latitude) is None else values.operator_place(latitude, longitude)


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


def add_system(row: Row, system: Part, *, raw: bool) -> None:
    """Where the operator is, else where it took off, and what the drone says of its operation."""
    is_struct = "operator_lat" in system or "operator_lon" in system
    names = ("operator_lat", "operator_lon") if is_struct else ("latitude", "longitude")
    read = _raw_place if raw and isinstance(system.get("latitude"), int) else _operator_fix
    where = read(*map(system.get, names))
    kind = operator_location(system.get("operator_location_type"))
    home = fix(system.get("home_lat"), system.get("home_lon"))
    if math.isnan(where.latitude_deg) and not math.isnan(home.latitude_deg):
        where, kind = home, OperatorLocation.TAKEOFF
    row["operator_latitude_deg"], row["operator_longitude_deg"] = where.latitude_deg, where.longitude_deg
    row["operator_location_type"], row["flags"] = kind, row["flags"] | where.flags
    altitude = _said(system, "geodetic_altitude", "operator_altitude_geo", "operator_alt_geo")
    heard = not is_struct or not math.isnan(where.latitude_deg)
    height = altitude if heard else quantities.unless_zero(altitude)
    row["operator_altitude_wgs84_m"] = _raw_altitude_m(altitude) if raw else values.altitude_m(height)
    if _said(system, "classification_type", "classification") in _EU:
        row["eu_category"] = eu_category(system.get("ua_classification_category_type"))
        row["eu_class"] = eu_class(system.get("ua_classification_category_class"))
    row[UNREAD] += unread(system, _SYSTEM, "System.")
    quantities.mark(row, system, _MEASURED_OF_OPERATOR, "System.")
