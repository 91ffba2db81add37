"""DragonSync, droneid-go, DroneID and the DJI receiver beside them: Remote ID, DJI DroneID and signals as JSON.

Sources: the public code and schema of DragonSync, DroneID and antsdr_dji_droneid. Four shapes:

- a list of one-key objects (ZMQ port 4224): ``Basic ID``, ``Location/Vector Message``, ``System Message``, ...; there
  ``System Message.latitude`` is the operator's;
- the same keys in one object (ESP32), with ``AUX_ADV_IND.rssi`` and ``aext.AdvA``; there it is ``operator_lat``, and
  what no message has filled is 0 (``dragonsync_parts``). A scanner without an id writes "NONE", an early one the MAC
  address, and all of them "UAV <mac> operational" as text: the pilot's own words are under ``description``;
- ``drone.json`` with shorter names (``Location Vector``, ``System``) and the integers of the wire;
- flat objects out of DragonSync over MQTT (``wardragon/...``): see ``dragonsync_mqtt``.

A position that the receiver made up stays out: an O4 alert stands at the sensor. A latitude of 0 is no fix. Not read
and told: authentication, area, what else a part says. Left out: the take-off place where the operator's own is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.detection import IdType, UaType
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import dragonsync_mqtt, quantities
from receivers.formats import json_values as values
from receivers.formats.dragonsync_parts import add_location, add_system, motion
from receivers.formats.dragonsync_words import (
    ID_TYPES,
    UA_TYPES,
    as_dji,
    is_alert,
    protocol_version,
    share,
    signal_row,
    transport,
)
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import MESSAGE_PARTS, Reading, decode_rows
from receivers.formats.rows import Row
from receivers.formats.unread import UNREAD, level, says_something, unread, word

_SCENARIO: Final = Refusal(reason=RejectReason.NO_DATA, detail="a scenario for the DragonSync generator: nothing heard")
_NO_PARTS: Final = Refusal(reason=RejectReason.NO_DATA, detail="no part of a Remote ID message in it")
_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="neither an object nor a list of objects")
_GPS_SOURCES: Final = ("sik_reasm", "sik_gps_repaired")  # the drone's own position out of its telemetry
_NOT_CONFIRMED: Final = ("energy",)  # a rise of level: DragonSync's own ingest passes over it

_BASIC_IDS: Final = ("Basic ID", "Basic ID Message")
_BASIC_ID: Final = frozenset(
    {
        *("id", "uas_id", "id_type", "ua_type", "MAC", "RSSI", "transport", "frequency_mhz", "description"),
        "protocol_version",
    }
)
_LEVELS: Final = {"RSSI": quantities.LEVEL_DBM}
_SIGNAL: Final = frozenset(
    {"source", "signal_type", "center_hz", "rssi", "net_id", "bandwidth_hz", "pal_conf", "ntsc_conf"}
)
_READ: Final = MESSAGE_PARTS | {
    *("MAC", "RSSI", "AUX_ADV_IND", "aext", "System ID"),
    *("index", "runtime", "timestamp", "node_uptime", "node_temperature", "node_packet_count"),  # the scanner's own
}
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
        yield _signal_or_drone(_Parts([part for part in value if isinstance(part, dict)]), message)
    elif not isinstance(value, dict):
        yield _WRONG_TYPE
    elif "scenarios" in value:
        yield _SCENARIO
    elif dragonsync_mqtt.recognises(value.keys()):
        yield dragonsync_mqtt.read(value, message)
    else:
        yield _signal_or_drone(_Parts([{name: part} for name, part in value.items()]), message)


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
                if name in _BASIC_IDS:
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

    def unread(self) -> list[str]:
        """Parts that are not read, and what of the Basic IDs is not."""
        names = unread(self._first, _READ)
        return names + [name for part in self.basic_ids for name in unread(part, _BASIC_ID, "Basic ID.")]


def _signal_or_drone(parts: _Parts, message: RawMessage) -> Reading:
    signal = parts.last("Signal Info")
    if signal is not None:
        return _signal(parts, signal, message)
    return _drone(parts, message)


def _drone(parts: _Parts, message: RawMessage) -> Reading:
    location = parts.last("Location/Vector Message", "Location Vector", "Location")
    system = parts.last("System Message", "System", "System ID")
    self_id = parts.last("Self-ID Message", "Self ID")
    operator = parts.last("Operator ID Message", "Operator ID")
    if not parts.basic_ids and location is system is self_id is operator is None:
        return _NO_PARTS
    row: Row = {"flags": 0, UNREAD: parts.unread()}
    _add_radio(row, parts)
    _add_ids(row, parts.basic_ids)
    if location is not None:
        add_location(row, location, message)
    if system is not None:
        add_system(row, system, raw=parts.last("System Message") is None)
    _add_texts(row, self_id or {}, operator or {}, system or {})
    if _is_dji(parts, location):
        _as_dji(row, parts.basic_ids)
    return row


def _add_texts(row: Row, self_id: Part, operator: Part, system: Part) -> None:
    registered = [operator.get("operator_id"), operator.get("id"), system.get("operator_id")]
    words = values.operator_id(next(filter(says_something, registered), None))
    said = [values.self_id(self_id.get(name)) for name in ("text", "description")]
    text = next((one for one in said if one.text is not None), said[0])
    row["operator_id"], row["self_id"] = words.text, text.text
    row["flags"] |= words.flags | text.flags


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
    ids = [basic_id.get("id") for basic_id in basic_ids]
    named = [name for name in ids if values.is_written_address(name)]  # where a scanner has no id
    addresses = (_any(basic_ids, "MAC"), parts.first("MAC"), extended.get("AdvA"), *named)
    row["transmitter"] = next((found for found in map(values.address, addresses) if found), None)
    levels = map(values.rssi_dbm, (_any(basic_ids, "RSSI"), parts.first("RSSI"), advertised.get("rssi")))
    row["rssi_dbm"] = next((dbm for dbm in levels if not math.isnan(dbm)), math.nan)
    row[UNREAD] += level("RSSI", _any(basic_ids, "RSSI") or parts.first("RSSI"))
    for part in (*basic_ids, {"RSSI": parts.first("RSSI")}):
        quantities.mark(row, part, _LEVELS)
    row["frequency_hz"] = values.frequency_hz(_any(basic_ids, "frequency_mhz") or frequency.get("frequency"))
    row["transport"] = transport(_any(basic_ids, "transport"))
    row["protocol_version"] = protocol_version(parts.objects)


def _add_ids(row: Row, basic_ids: list[Part]) -> None:
    """The serial is the id and another the alias, as in a pack."""
    found: list[tuple[IdType, str]] = []
    for basic_id in basic_ids:
        id_type = values.code(IdType, basic_id.get("id_type"), ID_TYPES)
        id_type = IdType.UNKNOWN if id_type is IdType.ICAO else id_type
        row[UNREAD] += word("Basic ID.id_type", basic_id.get("id_type"), id_type)
        row["ua_type"] = values.code(UaType, basic_id.get("ua_type"), UA_TYPES) or row.get("ua_type", UaType.UNKNOWN)
        name = basic_id.get("id", basic_id.get("uas_id"))
        if is_alert(name):
            continue
        words = values.uas_id(id_type, name)
        row["flags"] |= words.flags
        if words.text is not None:
            found.append((id_type, words.text))
    found.sort(key=lambda one: one[0] is not IdType.SERIAL)
    for columns, one in zip((("uas_id_type", "uas_id"), ("alias_id_type", "alias_id")), found, strict=False):
        row.update(zip(columns, one, strict=True))


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
    row[UNREAD] = level("Signal Info.rssi", signal.get("rssi")) + unread(signal, _SIGNAL, "Signal Info.")
    row["bandwidth_hz"] = values.known(signal.get("bandwidth_hz"))
    row["confidence"] = share([signal.get("pal_conf"), signal.get("ntsc_conf")])
    location = parts.last("Location/Vector Message")
    if location is not None and signal.get("source") in _GPS_SOURCES:
        row |= motion(location)
        row["flags"] |= row.pop("place_flags")
    return row
