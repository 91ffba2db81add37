"""Dronetag Scout: Remote ID (and ADS-B, with that module) as JSON over HTTP or MQTT, and its heartbeats.

Sources: Dronetag's public demonstration map, and messages and field descriptions that an open client of the Scout
(Honzeak/SmasKunovice) carries; Dronetag's own description was not read::

    {"sn":..,"mac":..,"counter":0,"rssi":-92,"tech":"B5","msg_type":15,"odid":{"BasicID":[{"UAType":..,"IDType":..,
     "UASID":..}],"Location":{..,"Timestamp":"2025-04-06T06:22:58"},"SelfID":{..},"System":{..},"OperatorID":{..}}}
    {"sn":..,"timestamp":s,"gnss_position":[lat, lon],"gnss_satellites":..,"receivers":..}

``receivers`` is how many of its receivers are active, as the map shows it: with none a Scout lives and hears nothing.
A body may hold several documents (one a line, glued, or an array); compression is undone by the transport. Times are
UTC without saying so; one that the Scout estimated is not the drone's and stays out. The Scout names no receive time:
the arrival stands in. Left out: module numbers, swarm areas, time accuracies; ``noise_floor`` is not a row's matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import Source, Transport, UaType
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import adsb, odid_names, quantities
from receivers.formats import json_values as values
from receivers.formats.condition import UNSAID, WELL, Condition, blind
from receivers.formats.framing import UNNAMED_SENSOR, Refusal
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.rows import Row
from receivers.formats.unread import UNREAD, level, unread

HEARTBEAT_KEYS: Final = frozenset({"gnss_position", "gnss_satellites", "receivers"})
_TRANSPORTS: Final = {
    "B4": Transport.BLE4,
    "B5": Transport.BLE5,
    "WN": Transport.WIFI_NAN,
    "WB": Transport.WIFI_BEACON,
    "AB": Transport.ADSB,
}
_MAX_COUNTER: Final = 255
_LEVELS: Final = {"rssi": quantities.LEVEL_DBM}
_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="no object with odid or a heartbeat in it")
_NO_MESSAGE: Final = Refusal(reason=RejectReason.NO_DATA, detail="odid: no message in it")
_NO_ADDRESS: Final = Refusal(reason=RejectReason.NO_DATA, detail="an aircraft without an address")

Fields = dict[str, Any]


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys comes from a Scout."""
    return "odid" in keys or ("sn" in keys and not HEARTBEAT_KEYS.isdisjoint(keys))


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows, heartbeats or rejects."""
    return decode_rows(messages, _read)


def _read(value: Any, message: RawMessage) -> Iterator[Reading]:
    if isinstance(value, dict) and isinstance(value.get("odid"), dict):
        yield _report(value, {name.strip(): part for name, part in value["odid"].items()}, message)
    elif isinstance(value, dict) and "sn" in value and HEARTBEAT_KEYS & value.keys():
        yield _heartbeat(value, message)
    else:
        yield _WRONG_TYPE


def _report(value: Fields, parts: Fields, message: RawMessage) -> Reading:
    ids = parts.get("BasicID")
    basic_ids = [one for one in (ids if isinstance(ids, list) else [ids]) if isinstance(one, dict)]
    location, system, self_id, operator = (_fields(parts, name) for name in _PARTS)
    if not basic_ids and not any((location, system, self_id, operator)):
        return _NO_MESSAGE
    said = values.self_id(self_id.get("Desc"))
    registered = values.operator_id(operator.get("OperatorId"))
    row: Row = {
        "sensor": values.name(value.get("sn")),
        "transport": _transport(value.get("tech")),
        "transmitter": values.address(value.get("mac")),
        "rssi_dbm": values.rssi_dbm(value.get("rssi")),
        "counter": values.within(value.get("counter"), 0, _MAX_COUNTER),
        "self_id": said.text,
        "operator_id": registered.text,
        "flags": said.flags | registered.flags,
        UNREAD: _unread(value, parts, location, system),
    }
    quantities.mark(row, value, _LEVELS)
    if location:
        odid_names.location(row, location)
        row["time_s"], flags = _time(location, message)
        row["flags"] |= flags
    if row["transport"] is Transport.ADSB:
        return _aircraft(row, basic_ids, location)
    odid_names.basic_ids(row, basic_ids)
    odid_names.system(row, system)
    return row


def _unread(value: Fields, parts: Fields, location: Fields, system: Fields) -> list[str]:
    return [
        *level("rssi", value.get("rssi")),
        *unread(value, _REPORT),
        *unread(parts, {"BasicID", *_PARTS}, "odid."),
        *unread(location, _LOCATION, "Location."),
        *unread(system, odid_names.SYSTEM, "System."),
    ]


_REPORT: Final = frozenset({"sn", "mac", "counter", "rssi", "tech", "msg_type", "odid", "noise_floor", "module"})
_LOCATION: Final = odid_names.LOCATION | {"Timestamp", "TimestampEstimated"}
_PARTS: Final = ("Location", "System", "SelfID", "OperatorID")


def _fields(parts: Fields, name: str) -> Fields:
    found = parts.get(name)
    return found if isinstance(found, dict) else {}


def _transport(tech: Any) -> Transport:
    """The radio; where several are named it is the first."""
    first = tech[0] if isinstance(tech, list) and tech else tech
    return _TRANSPORTS.get(first, Transport.UNKNOWN) if isinstance(first, str) else Transport.UNKNOWN


def _time(location: Fields, message: RawMessage) -> tuple[float, int]:
    if location.get("TimestampEstimated") is True:
        return math.nan, 0
    return values.message_time(location.get("Timestamp"), message.received_s)


def _aircraft(row: Row, basic_ids: list[Fields], location: Fields) -> Reading:
    """Out of the 1090 MHz module: the id is an address, the transmitter is made of it, a height there is none."""
    name = basic_ids[0].get("UASID") if basic_ids else None
    address = adsb.address(name if isinstance(name, str) else None)
    if address is None:
        return _NO_ADDRESS
    for column in ("height_m", "height_reference", "counter", "transmitter"):
        row.pop(column, None)
    row.update(
        source=Source.ADSB,
        ua_type=UaType.UNKNOWN,
        speed_m_s=values.within(location.get("SpeedHorizontal"), *adsb.SPEED_M_S, quantities.SPEED_M_S),
        vertical_speed_m_s=values.within(location.get("SpeedVertical"), *adsb.VERTICAL_SPEED_M_S, quantities.SPEED_M_S),
    )
    row["flags"] |= adsb.address_flags(address)
    return row | adsb.identity(address)


def _heartbeat(value: Fields, message: RawMessage) -> Heartbeat:
    position = value.get("gnss_position")
    known = isinstance(position, list) and len(position) == len(("lat", "lon"))
    where = values.place(*position) if isinstance(position, list) and known else values.NOWHERE
    has_fix = not math.isnan(where.latitude_deg)
    said_s = values.clock_s(value.get("timestamp"))
    satellites = values.number(value.get("gnss_satellites"))
    return Heartbeat(
        sensor=values.name(value.get("sn")) or message.sensor or UNNAMED_SENSOR,
        logged_s=message.received_s if math.isnan(said_s) else said_s,
        said_s=None if math.isnan(said_s) else said_s,
        latitude_deg=where.latitude_deg if has_fix else None,
        longitude_deg=where.longitude_deg if has_fix else None,
        detail=None if math.isnan(satellites) else f"{satellites:.0f} satellites",
        **_condition(value.get("receivers"))._asdict(),
    )


def _condition(receivers: Any) -> Condition:
    """By how many receivers are active (a number, or a list of them); a Scout with none hears nothing."""
    if isinstance(receivers, list | dict):
        names = receivers if isinstance(receivers, list) else [name for name, active in receivers.items() if active]
        count: float = len(names)
    else:
        count = values.number(receivers)
    if math.isnan(count):
        return UNSAID
    return WELL if count > 0 else blind("no active receiver")
