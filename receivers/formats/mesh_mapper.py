"""ESP32 nodes of drone-mesh-mapper: one flat JSON line a sighting, over serial or HTTP.

Source: the public firmware (``remoteid-mesh-dualcore``, ``node-mode-dualcore``, ``remoteid-c5-5g``)::

    {"mac":..,"rssi":..,"drone_lat":..,"drone_long":..,"drone_altitude":..,"pilot_lat":..,"pilot_long":..,
     "basic_id":..[,"node_id":..][,"band":"5GHz","channel":149]}

The line says neither when nor in which state nor of which type the id is; 0 is unknown; the altitude is that over the
ellipsoid, in whole metres. A buffer of 256 bytes may cut it: such a line is counted, and nothing of it is taken. The
nodes also say that they live, once in a form that is no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from airspace.model.detection import Transport
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from receivers.formats import json_values as values
from receivers.formats import quantities
from receivers.formats.condition import UNSAID, WELL, unclear
from receivers.formats.framing import UNNAMED_SENSOR, Refusal
from receivers.formats.json_objects import BLANK
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.rows import Row
from receivers.formats.unread import UNREAD, level, unread

ALIVE: Final = b'{"   [+] Device is active'  # the firmware prints a key without a value
_ALIVE_AS_JSON: Final = b'{"heartbeat":"active"}'
CUT: Final = b'"drone_l'  # one of these in what cannot be read as JSON
_ACTIVE: Final = re.compile(r"\bactive\b", re.IGNORECASE)
_SIGNS_OF_LIFE: Final = (frozenset({"heartbeat"}), frozenset({"status", "mode", "bands"}))
_LINE: Final = frozenset(
    {
        *("node_id", "mac", "rssi", "band", "channel", "basic_id", "drone_lat", "drone_long", "drone_altitude"),
        *("pilot_lat", "pilot_long"),
    }
)
_NUMBERS: Final = {
    **dict.fromkeys(("drone_lat", "pilot_lat"), quantities.LATITUDE_DEG),
    **dict.fromkeys(("drone_long", "pilot_long"), quantities.LONGITUDE_DEG),
    "drone_altitude": quantities.LENGTH_M,
    "rssi": quantities.LEVEL_DBM,
}
_WIFI_BANDS: Final = ("2.4GHz", "5GHz")
_WRONG_TYPE: Final = Refusal(reason=RejectReason.WRONG_TYPE, detail="no object with drone_lat in it")


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys comes from such a node."""
    return not keys.isdisjoint({"drone_lat", "drone_long"}) or keys in _SIGNS_OF_LIFE


def is_line(payload: bytes) -> bool:
    """Whether what is no JSON comes from such a node: a line cut short, or the sign of life."""
    return CUT in payload or payload.lstrip(BLANK).startswith(ALIVE)


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows, heartbeats or rejects."""
    decoded = decode_rows([_mended(message) for message in messages], _read)
    return replace(decoded, rejects=tuple(map(_as_cut, decoded.rejects)))


def _mended(message: RawMessage) -> RawMessage:
    """The sign of life that is no JSON, as JSON."""
    is_alive = message.payload.lstrip(BLANK).startswith(ALIVE)
    return replace(message, payload=_ALIVE_AS_JSON) if is_alive else message


def _as_cut(found: Reject) -> Reject:
    """A line that broke off inside is told as cut, not as bad JSON."""
    if found.reason is not RejectReason.NOT_JSON or CUT not in found.payload:
        return found
    return replace(found, reason=RejectReason.TRUNCATED, detail="a line that its sender cut short")


def _read(value: Any, message: RawMessage) -> Iterator[Reading]:
    if not isinstance(value, dict):
        yield _WRONG_TYPE
    elif "drone_lat" in value or "drone_long" in value:
        yield _sighting(value)
    elif "heartbeat" in value or {"status", "mode"} <= value.keys():
        yield _alive(message, value.get("heartbeat", value.get("status")))
    else:
        yield _WRONG_TYPE


def _sighting(value: dict[str, Any]) -> Reading:
    drone = values.place(value.get("drone_lat"), value.get("drone_long"))
    pilot = values.person_place(value.get("pilot_lat"), value.get("pilot_long"))
    id_type, words = values.untyped_id(value.get("basic_id"))
    row: Row = {
        "sensor": values.name(value.get("node_id")),
        "transport": Transport.UNKNOWN,
        "transmitter": values.address(value.get("mac")),
        "rssi_dbm": values.rssi_dbm(value.get("rssi")),
        "frequency_hz": (
            values.wifi_channel_hz(value.get("channel")) if value.get("band") in _WIFI_BANDS else values.NAN
        ),
        "uas_id": words.text,
        "uas_id_type": id_type,
        "latitude_deg": drone.latitude_deg,
        "longitude_deg": drone.longitude_deg,
        "altitude_wgs84_m": values.altitude_m(quantities.unless_zero(value.get("drone_altitude"))),
        "operator_latitude_deg": pilot.latitude_deg,
        "operator_longitude_deg": pilot.longitude_deg,
        "flags": words.flags | drone.flags | pilot.flags,
        UNREAD: level("rssi", value.get("rssi")) + unread(value, _LINE),
    }
    quantities.mark(row, value, _NUMBERS)
    return row


def _alive(message: RawMessage, said: Any) -> Heartbeat:
    """Every firmware says that it is active; another word is not known."""
    words = values.text(said).text
    active = words is not None and _ACTIVE.search(words) is not None
    return Heartbeat(
        sensor=message.sensor or UNNAMED_SENSOR,
        logged_s=message.received_s,
        detail=words,
        **(WELL if active else unclear(words) if words else UNSAID)._asdict(),
    )
