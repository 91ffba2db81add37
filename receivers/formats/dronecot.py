"""dronecot's JSON: lines that drone detection nodes send over UDP (port 9999), and Remote ID as dronecot decodes it.

Sources: dronecot's public ``udp_rid`` and its test data. A line is one Remote ID message, already decoded::

    {"t":1745000000.0,"mac":..,"radio":"wifi_beacon","rssi":-68,"type":"Location/Vector","lat":..,"lon":..,"alt":..,
     "speed":..,"hdg":..,"id":..}

A System line has the pilot (``operator_lat``, ``op_location_type``) and an Operator ID line the registration, neither a
position; dronecot drops both, here whatever a line says counts. ``t`` is when the node heard it; ``alt`` is over the
ellipsoid. The node (DroneAware's feeders) reads the wire in its own way: ``height_type`` has its two words swapped, so
of what the height is is unknown; ``op_location_type`` is four bits, of which two are the classification;
``vertical_speed`` reads a signed byte as unsigned, ``alt_takeoff_geo`` is cut from the wrong bytes: neither is read,
both are told. A binary id comes as text with its bytes lost.

The other shape is flat, with the names of Open Drone ID, DroneScout's envelope under ``data`` and ``TimeStamp`` as
minutes, seconds and hundredths after the hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import IdType, OperatorLocation, Transport, UaType
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import json_values as values
from receivers.formats import odid_names, quantities
from receivers.formats.dragonsync_words import UA_TYPES
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.rows import Row
from receivers.formats.unread import UNREAD, level, unread

_RADIOS: Final = {
    "wifi_beacon": Transport.WIFI_BEACON,
    "wifi_nan": Transport.WIFI_NAN,
    "wifi_action": Transport.WIFI_NAN,
    "ble_legacy": Transport.BLE4,
    "ble_long_range": Transport.BLE5,
    "ble_coded": Transport.BLE5,  # plain "ble" may be either
}
_TYPES: Final = {
    "BLE legacy": Transport.BLE4,
    "BLE long range": Transport.BLE5,
    "WiFi NaN": Transport.WIFI_NAN,
    "WiFi beacon": Transport.WIFI_BEACON,
}
_WIFI: Final = (Transport.WIFI_NAN, Transport.WIFI_BEACON)
_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="neither a line of a node nor decoded Remote ID")
_NO_DATA: Final = Refusal(reason=RejectReason.NO_DATA, detail="neither a position nor an id nor a pilot")
_ID_TYPES: Final = {
    "serial number (ansi/cta-2063-a)": IdType.SERIAL,
    "caa assigned": IdType.CAA,
    "caa assigned registration id": IdType.CAA,
    "utm assigned": IdType.UTM,
    "utm assigned uuid": IdType.UTM,
    "specific session id": IdType.SESSION,
}
_UA_TYPES: Final = UA_TYPES | {"helicopter/multirotor": UaType.MULTIROTOR}
_LOCATION_TYPE_BITS: Final = 0b11
_LINE: Final = frozenset(
    {
        *("t", "mac", "radio", "rssi", "channel", "type", "lat", "lon", "alt", "speed", "hdg", "id", "id_type"),
        *("ua_type", "height_agl", "height_type", "op_location_type", "operator_lat", "operator_lon"),
        *("operator_id", "operator_id_type", "raw_hex"),
    }
)
_FLAT: Final = (odid_names.LOCATION | odid_names.SYSTEM) | {
    *("data", "BasicID", "BasicID_0", "BasicID_1", "IDType", "IDType_0", "IDType_1", "UAType", "UAType_0", "UAType_1"),
    *("Desc", "SelfID", "DescType", "OperatorID", "OperatorIdType", "TimeStamp", "topic"),
}
_NUMBERS: Final = {
    **dict.fromkeys(("lat", "operator_lat"), quantities.LATITUDE_DEG),
    **dict.fromkeys(("lon", "operator_lon"), quantities.LONGITUDE_DEG),
    **dict.fromkeys(("alt", "height_agl"), quantities.LENGTH_M),
    "speed": quantities.SPEED_M_S,
    "hdg": quantities.ANGLE_DEG,
    "rssi": quantities.LEVEL_DBM,
}
_ENVELOPE: Final = frozenset(
    {"sensor ID", "sensor_id", "timestamp", "type", "MAC address", "RSSI", "channel", "UASdata", "raw", "extra"}
)
_SAYS: Final = ("latitude_deg", "operator_latitude_deg", "height_m", "speed_m_s")

Fields = dict[str, Any]


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is a line of a node, or Remote ID as dronecot decodes it."""
    return {"mac", "radio"} <= keys or ("UAType" in keys and not keys.isdisjoint({"BasicID", "BasicID_0", "Latitude"}))


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows or rejects."""
    return decode_rows(messages, _read)


def _read(value: Any, message: RawMessage) -> Iterator[Reading]:
    if isinstance(value, dict) and "radio" in value:
        yield _line(value)
    elif isinstance(value, dict) and ("BasicID" in value or "Latitude" in value):
        yield _flat(value, message)
    else:
        yield _WRONG_TYPE


def _line(value: Fields) -> Reading:
    radio, where = value.get("radio"), values.place(value.get("lat"), value.get("lon"))
    pilot = values.operator_place(value.get("operator_lat"), value.get("operator_lon"))
    id_type, words = _id(value)
    operator = values.operator_id(value.get("operator_id"))
    row: Row = {
        "received_s": values.clock_s(value.get("t")),
        "transport": _RADIOS.get(radio.lower(), Transport.UNKNOWN) if isinstance(radio, str) else Transport.UNKNOWN,
        "transmitter": values.address(value.get("mac")),
        "rssi_dbm": values.rssi_dbm(value.get("rssi")),
        "frequency_hz": values.wifi_channel_hz(value.get("channel")) if str(radio).startswith("wifi") else math.nan,
        "uas_id": words.text,
        "uas_id_type": id_type,
        "ua_type": values.code(UaType, value.get("ua_type"), _UA_TYPES),
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "altitude_wgs84_m": values.altitude_m(value.get("alt")),
        "height_m": values.altitude_m(value.get("height_agl")),
        "speed_m_s": values.speed_m_s(value.get("speed")),
        "track_deg": values.angle_deg(value.get("hdg")),
        "operator_latitude_deg": pilot.latitude_deg,
        "operator_longitude_deg": pilot.longitude_deg,
        "operator_location_type": _location_type(value.get("op_location_type")),
        "operator_id": operator.text,
        "flags": words.flags | where.flags | pilot.flags | operator.flags,
        UNREAD: level("rssi", value.get("rssi")) + unread(value, _LINE),
    }
    quantities.mark(row, value, _NUMBERS)
    says = words.text or operator.text or row["ua_type"] or any(not math.isnan(row[name]) for name in _SAYS)
    return row if says or words.flags else _NO_DATA


def _id(value: Fields) -> tuple[IdType, values.Words]:
    """By the type that the node names; an id of no named type is a serial if it has the form of one."""
    kind = values.code(IdType, value.get("id_type"), _ID_TYPES)
    if kind in {IdType.UNKNOWN, IdType.ICAO}:
        return values.untyped_id(value.get("id"))
    words = values.uas_id(kind, value.get("id"))
    return (kind if words.text is not None else IdType.UNKNOWN), words


def _location_type(value: Any) -> OperatorLocation:
    number = values.number(value)
    return values.wire_code(OperatorLocation, int(number) & _LOCATION_TYPE_BITS if number >= 0 else None)


def _flat(value: Fields, message: RawMessage) -> Reading:
    data = value.get("data")
    envelope: Fields = data if isinstance(data, dict) else {}
    received_s = values.clock_s(envelope.get("timestamp"))
    kind = envelope.get("type")
    texts = [one for one in (value.get("Desc"), value.get("SelfID")) if one]
    said, operator = values.self_id(texts[0] if texts else None), values.operator_id(value.get("OperatorID"))
    row: Row = {
        "sensor": values.name(envelope.get("sensor ID")),
        "received_s": received_s,
        "transport": _TYPES.get(kind, Transport.UNKNOWN) if isinstance(kind, str) else Transport.UNKNOWN,
        "transmitter": values.address(envelope.get("MAC address")),
        "rssi_dbm": values.rssi_dbm(envelope.get("RSSI")),
        "self_id": said.text,
        "operator_id": operator.text,
        "flags": said.flags | operator.flags,
        UNREAD: level("RSSI", envelope.get("RSSI")) + unread(value, _FLAT) + unread(envelope, _ENVELOPE, "data."),
    }
    if row["transport"] in _WIFI:
        row["frequency_hz"] = values.wifi_channel_hz(envelope.get("channel"))
    odid_names.location(row, value)
    odid_names.system(row, value)
    second = {"IDType": value.get("IDType_1"), "UASID": value.get("BasicID_1")}
    odid_names.basic_ids(row, [value | {"UASID": value.get("BasicID") or value.get("BasicID_0")}, second])
    after_hour_s = _after_hour_s(value.get("TimeStamp"))
    if not math.isnan(after_hour_s):
        row["time_s"] = values.fold_hour(after_hour_s, message.received_s if math.isnan(received_s) else received_s)
    if row.get("uas_id") is None and math.isnan(row["latitude_deg"]):
        return _NO_DATA
    return row


def _after_hour_s(value: Any) -> float:
    if not isinstance(value, list) or len(value) != len(("minutes", "seconds", "hundredths")):
        return math.nan
    minutes, seconds, hundredths = map(values.number, value)
    return values.within(minutes * 60.0 + seconds + hundredths / 100.0, 0.0, values.HOUR_S)
