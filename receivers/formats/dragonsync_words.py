"""The words that DragonSync, DroneID and the DJI receiver use for the codes of the wire, and what they call a drone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from airspace.model.detection import (
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Source,
    Status,
    Transport,
    UaType,
)
from receivers.formats import json_values as values
from receivers.formats.rows import Row

ID_TYPES: Final = {
    "serial number (ansi/cta-2063-a)": IdType.SERIAL,
    "caa assigned registration id": IdType.CAA,
    "utm assigned uuid": IdType.UTM,
    "specific session id": IdType.SESSION,
}
UA_TYPES: Final = {
    "aeroplane": UaType.AEROPLANE,
    "aeroplane/airplane (fixed wing)": UaType.AEROPLANE,
    "helicopter (or multirotor)": UaType.MULTIROTOR,
    "helicopter or multirotor": UaType.MULTIROTOR,
    "gyroplane": UaType.GYROPLANE,
    "hybrid lift": UaType.HYBRID_LIFT,
    "hybrid lift (fixed wing aircraft that can take off vertically)": UaType.HYBRID_LIFT,
    "ornithopter": UaType.ORNITHOPTER,
    "glider": UaType.GLIDER,
    "kite": UaType.KITE,
    "free balloon": UaType.FREE_BALLOON,
    "captive balloon": UaType.CAPTIVE_BALLOON,
    "airship": UaType.AIRSHIP,
    "airship (such as a blimp)": UaType.AIRSHIP,
    "free fall/parachute": UaType.PARACHUTE,
    "free fall/parachute (unpowered)": UaType.PARACHUTE,
    "rocket": UaType.ROCKET,
    "tethered powered aircraft": UaType.TETHERED,
    "ground obstacle": UaType.GROUND_OBSTACLE,
    "other": UaType.OTHER,
    "other type": UaType.OTHER,
}
STATUSES: Final = {
    "ground": Status.GROUND,
    "airborne": Status.AIRBORNE,
    "emergency": Status.EMERGENCY,
    "remote id system failure": Status.REMOTE_ID_FAILURE,
}
HEIGHT_REFERENCES: Final = {
    **dict.fromkeys(("above takeoff", "above take-off", "takeoff", "take-off"), HeightReference.TAKEOFF),
    **dict.fromkeys(("agl", "above ground", "above ground level", "ground"), HeightReference.GROUND),
}
_OPERATOR_LOCATIONS: Final = {
    "takeoff": OperatorLocation.TAKEOFF,
    "dynamic": OperatorLocation.LIVE,
    "live": OperatorLocation.LIVE,
    "fixed": OperatorLocation.FIXED,
}
_CATEGORIES: Final = {
    "open": EuCategory.OPEN,
    "specific": EuCategory.SPECIFIC,
    "certified": EuCategory.CERTIFIED,
}
_CLASSES: Final = {f"class {number}": EuClass(number + 1) for number in range(7)}
_VERSIONS: Final = {"F3411.19": 0.0, "F3411.20": 1.0, "F3411.22": 2.0}
_TRANSPORTS: Final = (  # by what the word begins with, in this order
    ("bt5", Transport.BLE5),
    ("ble5", Transport.BLE5),
    ("bt4", Transport.BLE4),
    ("ble4", Transport.BLE4),
    ("wifi-nan", Transport.WIFI_NAN),
    ("wifi-beacon", Transport.WIFI_BEACON),
    ("ism", Transport.RF),
)
_LOW_TRUST: Final = int(Flag.LOW_TRUST_ALTITUDE)
_ALERT: Final = "drone-alert"  # what the DJI receiver calls a drone whose frames it cannot read, with a hash behind it
_EARLY_ALERT: Final = "drone-9999"  # until August 2025
_BOUND: Final = re.compile(r"<\s?([0-9.]{1,8})\s?(km|m|NM)\b")  # "<18.52 km (10 NM)", "< 10 m", "<3m"
_UNITS_M: Final = {"km": 1000.0, "m": 1.0, "NM": 1852.0}


def operator_location(value: Any) -> OperatorLocation:
    """By name, or by the number on the wire, which begins at take-off."""
    return values.wire_code(OperatorLocation, value, _OPERATOR_LOCATIONS)


def eu_category(value: Any) -> EuCategory:
    """As the drone itself says."""
    return values.code(EuCategory, value, _CATEGORIES)


def eu_class(value: Any) -> EuClass:
    """As the drone itself says; "Class 0" is C0."""
    return values.code(EuClass, value, _CLASSES)


def transport(value: Any) -> Transport:
    """By a word such as WiFi-Beacon, BT5-LR-Extended or ISM-FHSS."""
    if not isinstance(value, str):
        return Transport.UNKNOWN
    word = value.strip().lower()
    return next((kind for begin, kind in _TRANSPORTS if word.startswith(begin)), Transport.UNKNOWN)


def protocol_version(parts: Sequence[dict[str, Any]]) -> float:
    """The version that the parts name, NaN without one."""
    named = [part["protocol_version"] for part in parts if "protocol_version" in part]
    return max((_VERSIONS[name] for name in named if isinstance(name, str) and name in _VERSIONS), default=math.nan)


def accuracy_m(value: Any, *, vertical: bool) -> float:
    """The bound that the words name; ">=18.52 km (10 NM) or Unknown" is none. A number is the code of the wire."""
    if isinstance(value, str):
        match = _BOUND.match(value.strip())
        if match:
            return values.number(match[1]) * _UNITS_M[match[2]]
    return values.accuracy_m(value, vertical=vertical)


def is_alert(name: Any) -> bool:
    """Whether an id stands for a DJI drone that could not be read."""
    return isinstance(name, str) and (name.startswith(_ALERT) or name == _EARLY_ALERT)


def as_dji(row: Row, name: Any, model: str | None, *, placed_by_sensor: bool) -> None:
    """Make a row one of DJI DroneID. What stands at the sensor's place is presence only."""
    row.update(source=Source.DJI, transport=Transport.OCUSYNC, signal_class=model, self_id=None)
    if is_alert(name):
        digest = values.text(name.removeprefix(_ALERT).removeprefix(_EARLY_ALERT).strip("- ")).text
        row["transmitter"] = None if digest is None else f"dji:{digest}"
        row.update(uas_id=None, uas_id_type=IdType.UNKNOWN)
    if placed_by_sensor or is_alert(name):
        for column in _WHERE:
            row.pop(column, None)
    if not math.isnan(row.get("altitude_wgs84_m", math.nan) + row.get("height_m", math.nan)):
        row["flags"] |= _LOW_TRUST
    here = row.get("operator_latitude_deg", math.nan)
    if not math.isnan(here) and row["operator_location_type"] is OperatorLocation.UNKNOWN:
        row["operator_location_type"] = OperatorLocation.LIVE  # the app's own position


_WHERE: Final = (
    *("latitude_deg", "longitude_deg", "altitude_wgs84_m", "altitude_pressure_m", "height_m", "height_reference"),
    *("speed_m_s", "track_deg", "vertical_speed_m_s", "operator_latitude_deg", "operator_longitude_deg"),
    *("operator_altitude_wgs84_m", "operator_location_type", "horizontal_accuracy_m", "vertical_accuracy_m"),
)


def signal_row(*, kind: Any, frequency: Any, level: Any, sensor: str | None, net_id: Any) -> Row | None:
    """A signal that is no Remote ID: known by the address of its network, else by its channel at this sensor."""
    frequency_hz = values.frequency_hz(frequency)
    if math.isnan(frequency_hz):
        return None
    network = values.number(net_id)
    named = values.text(kind)
    channel = f"{sensor or ''}:{named.text}:{frequency_hz / 1e6:.0f}"
    return {
        "source": Source.RF,
        "transport": Transport.RF,
        "transmitter": f"rf:{channel}" if math.isnan(network) else f"rf:net:{network:.0f}",
        "signal_class": named.text,
        "frequency_hz": frequency_hz,
        "rssi_dbm": values.rssi_dbm(level),
        "flags": named.flags,
    }


def share(confidences: Sequence[Any]) -> float:
    """The greatest of some confidences, 0 to 1 or in per cent."""
    found = [one for one in (values.within(value, 0.0, 100.0) for value in confidences) if not math.isnan(one)]
    best = max(found, default=math.nan)
    return best / 100.0 if best > 1.0 else best
