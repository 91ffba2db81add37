"""dronecot's JSON: lines that drone detection nodes send over UDP (port 9999), and Remote ID as dronecot decodes it.

Sources: dronecot's public ``udp_rid`` and its test data. A line is one Remote ID message, already decoded::

    {"t":1745000000.0,"mac":..,"radio":"wifi_beacon","rssi":-68,"type":"Location/Vector","lat":..,"lon":..,"alt":..,
     "speed":..,"hdg":..,"id":..}

``t`` is when the node heard it; ``alt`` is over the ellipsoid. dronecot drops lines without a position: here a line
that only identifies counts too. The other shape is flat, with the names of Open Drone ID, DroneScout's envelope under
``data`` and ``TimeStamp`` as minutes, seconds and hundredths after the hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import Transport
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import json_values as values
from receivers.formats import odid_names
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.rows import Row

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
_NO_DATA: Final = Refusal(reason=RejectReason.NO_DATA, detail="neither a position nor an id")

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
    id_type, words = values.untyped_id(value.get("id"))
    if words.text is None and math.isnan(where.latitude_deg):
        return _NO_DATA
    return {
        "received_s": values.clock_s(value.get("t")),
        "transport": _RADIOS.get(radio.lower(), Transport.UNKNOWN) if isinstance(radio, str) else Transport.UNKNOWN,
        "transmitter": values.address(value.get("mac")),
        "rssi_dbm": values.rssi_dbm(value.get("rssi")),
        "frequency_hz": values.wifi_channel_hz(value.get("channel")) if str(radio).startswith("wifi") else math.nan,
        "uas_id": words.text,
        "uas_id_type": id_type,
        "latitude_deg": where.latitude_deg,
        "longitude_deg": where.longitude_deg,
        "altitude_wgs84_m": values.altitude_m(value.get("alt")),
        "speed_m_s": values.speed_m_s(value.get("speed")),
        "track_deg": values.angle_deg(value.get("hdg")),
        "flags": words.flags | where.flags,
    }


def _flat(value: Fields, message: RawMessage) -> Reading:
    data = value.get("data")
    envelope: Fields = data if isinstance(data, dict) else {}
    received_s = values.clock_s(envelope.get("timestamp"))
    kind = envelope.get("type")
    said, operator = values.text(value.get("Desc", value.get("SelfID"))), values.operator_id(value.get("OperatorID"))
    row: Row = {
        "sensor": values.text(envelope.get("sensor ID")).text,
        "received_s": received_s,
        "transport": _TYPES.get(kind, Transport.UNKNOWN) if isinstance(kind, str) else Transport.UNKNOWN,
        "transmitter": values.address(envelope.get("MAC address")),
        "rssi_dbm": values.rssi_dbm(envelope.get("RSSI")),
        "self_id": said.text,
        "operator_id": operator.text,
        "flags": said.flags | operator.flags,
    }
    if row["transport"] in _WIFI:
        row["frequency_hz"] = values.wifi_channel_hz(envelope.get("channel"))
    odid_names.location(row, value)
    odid_names.system(row, value)
    second = {"IDType": value.get("IDType_1"), "UASID": value.get("BasicID_1")}
    odid_names.basic_ids(row, [value | {"UASID": value.get("BasicID", value.get("BasicID_0"))}, second])
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
