"""DroneScout sensors (ds230, ds240): JSON objects over MQTT, to rows and heartbeats.

Source: BlueMark's public MQTT subscriber and a real recording. Keys have blanks in them::

    {"protocol":1.0,"data":{"sensor ID":..,"RSSI":..,"channel":..,"timestamp":ms,"MAC address":..,"type":..,
                            "UASdata":..}}
    {"protocol":1.0,"data":{"sensor ID":..,"timestamp":ms,"firmware version":..,"model":..,"status":..}}

``UASdata`` is base64 of the C structure of opendroneid-core-c or of Open Drone ID messages as they were on the air; a
report without it may have the latter in ``raw``. Other top keys: ``status`` (a heartbeat each minute: "normal", or
"invalid license", with which a sensor lives and hears nothing), ``location`` (a heartbeat), ``aircraft``
(lines of SBS-1 in ``SBS``, with semicolons between: see ``sbs``), ``mobile network`` (left out, counted as ignored).
A payload may be compressed (xz or lzma), hold several objects glued together and end in NUL or newline. Left out: the
vendor's ``extra`` block, a guess from the serial that we do not repeat.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from airspace.model.detection import Detections, Flag, Transport, texts
from airspace.model.log import Heartbeat
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, Reject, RejectReason, Unread
from airspace.model.placeholders import is_no_address, is_nothing
from airspace.model.text import safe_text
from receivers.formats import odid, sbs
from receivers.formats.condition import of_word
from receivers.formats.content import content_ids
from receivers.formats.framing import UNNAMED_SENSOR, Refusal, reject
from receivers.formats.json_objects import glued_objects, unpacked
from receivers.formats.json_values import WIFI_CHANNELS_HZ, clock_s
from receivers.formats.lenient import fields_of
from receivers.formats.odid_batch import decode_payloads
from receivers.formats.odid_struct import MAX_LATITUDE_DEG, MAX_LONGITUDE_DEG, STRUCT_SIZES, decode_structs
from receivers.formats.sheet import Payloads

FIRST_TIME_S: Final = float(odid.EPOCH_2019_S)  # no Remote ID before it: an earlier sensor clock was never set
LAST_TIME_S: Final = 4102444800.0  # 2100-01-01
DETAIL_CHARACTERS: Final = 200
WEAKEST_DBM: Final = -150.0  # and nothing from 0 on: that is none, or no dBm

_WELL: Final = frozenset({"normal"})  # the maker's manual, "Status messages"
_FAULTS: Final = frozenset({"invalidlicense"})  # "If the license is invalid, no data will be published"
_TAIL: Final = b"\0 \t\r\n"
_SIZES: Final = STRUCT_SIZES | {
    odid.MESSAGE_BYTES,
    *(odid.PACK_HEADER_BYTES + odid.MESSAGE_BYTES * count for count in range(odid.MAX_PACK_MESSAGES + 1)),
}
_BASE64_FAULT: Final = "base64"  # in the sentence of msgspec's error

_TRANSPORTS: Final[dict[str | None, int]] = {
    "BLE legacy": int(Transport.BLE4),
    "BLE long range": int(Transport.BLE5),
    "WiFi NaN": int(Transport.WIFI_NAN),
    "WiFi beacon": int(Transport.WIFI_BEACON),
}
_UNKNOWN: Final = int(Transport.UNKNOWN)
_WIFI_NAN, _WIFI_BEACON = int(Transport.WIFI_NAN), int(Transport.WIFI_BEACON)
_DATA: Final = attrgetter("uas_data")
_LEFT_OUT: Final = int(Flag.MESSAGE_INVALID)

Name = Annotated[str, msgspec.Meta(max_length=1024)]  # cleaned names are remembered: no name may fill the memory


class _Part(
    msgspec.Struct,
    gc=False,
    rename={
        "sensor_id": "sensor ID",
        "rssi": "RSSI",
        "mac_address": "MAC address",
        "kind": "type",
        "uas_data": "UASdata",
        "firmware": "firmware version",
    },
):
    """What may stand under ``data``, ``status`` and ``location``; other keys are passed over."""

    sensor_id: Name | None = None
    timestamp: float | None = None
    rssi: float | None = None
    channel: float | None = None
    mac_address: Name | None = None
    kind: str | None = None
    uas_data: bytes | None = None
    raw: Any = None
    firmware: str | None = None
    model: str | None = None
    status: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    left_out: bool = False  # a value of a wrong type was


class _Envelope(msgspec.Struct, gc=False, rename={"mobile_network": "mobile network"}):
    data: _Part | None = None
    status: _Part | None = None
    location: _Part | None = None
    aircraft: Any = None
    mobile_network: Any = None


_Found = tuple[_Part, RawMessage, bytes, bytes]  # with the JSON text and, if glued, its number
_envelope: Final = msgspec.json.Decoder(_Envelope).decode


def _by_fields(payload: bytes) -> _Envelope | None:
    """What can be read of an object that has not the types it should; None where that is nothing."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return None
    parts: dict[str, _Part] = {}
    for name in ("data", "status", "location"):
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            parts[name], left_out = fields_of(_Part, found[name])
            parts[name].left_out = bool(left_out)
    if any(part.uas_data or _take_raw(part) or _is_heartbeat(part) for part in parts.values()):
        return _Envelope(**parts)
    return None


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """All messages, rows in the order of the messages."""
    return plain(messages) or _one_by_one(messages)


def plain(messages: Sequence[RawMessage]) -> Decoded | None:
    """The usual batch at once: each message one JSON text with one report in it. None if any is anything else."""
    payloads = [message.payload for message in messages]
    if not payloads or max(map(len, payloads)) > MAX_PAYLOAD_BYTES:
        return None
    try:
        envelopes = list(map(_envelope, payloads))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    parts = [envelope.data for envelope in envelopes]
    reports = [part for part in parts if part is not None and part.uas_data]
    if len(reports) < len(parts) or not set(map(len, map(_DATA, reports))) <= _SIZES:
        return None
    detections, rejects = _detections(_payloads(reports, messages, payloads, [b""] * len(payloads)))
    return Decoded(detections=detections, rejects=rejects)


def _one_by_one(messages: Sequence[RawMessage]) -> Decoded:
    reports = _Reports()
    for message in messages:
        payload = message.payload
        if payload[:1] == b"{" and len(payload) <= MAX_PAYLOAD_BYTES:
            reports.read(message, payload)
        else:
            reports.read_other(message)
    return reports.decoded()


class _Reports:
    """What some messages hold, while they are read."""

    def __init__(self) -> None:
        self._found: list[_Found] = []
        self._parts: list[Detections] = []
        self._heartbeats: list[Heartbeat] = []
        self._rejects: list[Reject] = []
        self._unread: list[Unread] = []
        self._ignored = 0

    def read(self, message: RawMessage, payload: bytes) -> None:
        """One JSON text, mostly one object."""
        try:
            envelope = _envelope(payload.rstrip(_TAIL))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self._read_glued(message, payload)
            return
        part = envelope.data
        if part is not None and part.uas_data is not None:
            self._found.append((part, message, payload, b""))
        else:
            self._take_other(envelope, message, payload)

    def read_other(self, message: RawMessage) -> None:
        """What does not open with a brace: compressed, blanks first, or nothing of ours."""
        payload = unpacked(message.payload)
        if isinstance(payload, Refusal):
            self._rejects.append(reject(message, payload))
        else:
            self.read(message, payload)

    def _read_glued(self, message: RawMessage, payload: bytes) -> None:
        objects, refusal = glued_objects(payload)
        for index, one in enumerate(objects):
            try:
                envelope = _envelope(one)
            except msgspec.ValidationError as error:
                reason = RejectReason.NOT_BASE64 if _BASE64_FAULT in str(error) else RejectReason.WRONG_TYPE
                self._read_by_fields(message, one, index, Refusal(reason=reason, detail=str(error), payload=one))
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                refused = Refusal(reason=RejectReason.NOT_JSON, detail=str(error), payload=one)
                self._read_by_fields(message, one, index, refused)
            else:
                self._take(envelope, message, one, index)
        if refusal is not None:
            self._rejects.append(reject(message, refusal))

    def _read_by_fields(self, message: RawMessage, payload: bytes, index: int, refused: Refusal) -> None:
        """An object with a value of a wrong type, or a NaN: without that value, if there is still something in it."""
        envelope = None if refused.reason is RejectReason.NOT_BASE64 else _by_fields(payload)
        if envelope is None:
            self._rejects.append(reject(message, refused))
        else:
            self._take(envelope, message, payload, index)

    def _take(self, envelope: _Envelope, message: RawMessage, payload: bytes, index: int) -> None:
        if envelope.data is not None and envelope.data.uas_data is not None:
            self._found.append((envelope.data, message, payload, b"%d" % index))
        else:
            self._take_other(envelope, message, payload)

    def _take_other(self, envelope: _Envelope, message: RawMessage, payload: bytes) -> None:
        if envelope.data is not None and _take_raw(envelope.data):
            self._found.append((envelope.data, message, payload, b"raw"))
            return
        parts = [part for part in (envelope.data, envelope.status, envelope.location) if part is not None]
        heartbeats = [_heartbeat(part, message) for part in parts if _is_heartbeat(part)]
        self._heartbeats.extend(heartbeats)
        if heartbeats:
            return
        lines = _sbs_lines(envelope.aircraft)
        if lines is not None:
            self._take_aircraft(envelope.aircraft, lines, message)
        elif envelope.aircraft is None and envelope.mobile_network is None:
            self._refuse(message, RejectReason.UNKNOWN_FORMAT, "no data.UASdata, no status, no location", payload)
        else:
            self._ignored += 1

    def _take_aircraft(self, aircraft: dict[str, Any], lines: bytes, message: RawMessage) -> None:
        """Rows stay in the order of the messages: what was found before comes first."""
        self._end_part()
        named, said_s = aircraft.get("sensor ID"), clock_s(aircraft.get("timestamp"))
        decoded = sbs.decode(
            [
                replace(
                    message,
                    payload=lines,
                    sensor=_clean(named if isinstance(named, str) else None) or message.sensor,
                    received_s=message.received_s if math.isnan(said_s) else said_s,
                )
            ]
        )
        self._parts.append(decoded.detections)
        self._rejects.extend(decoded.rejects)
        self._unread.extend(decoded.unread)
        self._ignored += decoded.ignored

    def _end_part(self) -> None:
        detections, refused = self._detections()
        self._parts.append(detections)
        self._rejects.extend(refused)
        self._found = []

    def _refuse(self, message: RawMessage, reason: RejectReason, detail: str, payload: bytes) -> None:
        self._rejects.append(reject(message, Refusal(reason=reason, detail=detail, payload=payload)))

    def decoded(self) -> Decoded:
        """Everything read so far."""
        self._end_part()
        return Decoded(
            detections=Detections.concat([part for part in self._parts if len(part)]),
            heartbeats=tuple(self._heartbeats),
            rejects=tuple(self._rejects),
            ignored=self._ignored,
            unread=tuple(self._unread),
        )

    def _detections(self) -> tuple[Detections, tuple[Reject, ...]]:
        found = [one for one in self._found if len(one[0].uas_data or b"") in _SIZES or _take_raw(one[0])]
        if len(found) < len(self._found):
            self._refuse_sizes()
        return _detections(_payloads(*map(list, zip(*found, strict=True)))) if found else (Detections.empty(), ())

    def _refuse_sizes(self) -> None:
        for part, message, payload, _ in self._found:
            size = len(part.uas_data or b"")
            if size not in _SIZES:
                self._refuse(message, RejectReason.UNKNOWN_FORMAT, f"data.UASdata of {size} bytes", payload)


def _detections(payloads: Payloads) -> tuple[Detections, tuple[Reject, ...]]:
    """By the form of each report, in the order of the reports."""
    sizes = set(map(len, payloads.data))
    if sizes <= STRUCT_SIZES or not sizes & STRUCT_SIZES:
        detections, _, refused = (decode_structs if sizes & STRUCT_SIZES else decode_payloads)(payloads)
        return detections, refused
    is_struct = np.array([len(data) in STRUCT_SIZES for data in payloads.data])
    structs, messages = np.flatnonzero(is_struct), np.flatnonzero(~is_struct)
    first, first_rows, first_refused = decode_structs(payloads.take(structs))
    second, second_rows, second_refused = decode_payloads(payloads.take(messages))
    order = np.argsort(np.concatenate([structs[first_rows], messages[second_rows]]))
    return Detections.concat([first, second]).take(order), (*first_refused, *second_refused)


def _payloads(
    parts: Sequence[_Part], messages: Sequence[RawMessage], texts_of: Sequence[bytes], glued: Sequence[bytes]
) -> Payloads:
    """Columns of all reports at once; each step runs over a whole column without a Python frame a report.

    ``texts_of`` is the JSON text of each report, ``glued`` its number where several stood in one message.
    """
    said_s = np.array([part.timestamp for part in parts], dtype=np.float64) / 1000.0
    received_s = np.array([message.received_s for message in messages], dtype=np.float64)
    sensors = _sensors([_clean(part.sensor_id) for part in parts], messages)
    rssi_dbm = np.array([part.rssi for part in parts], dtype=np.float64)
    transport = np.array([_TRANSPORTS.get(part.kind, _UNKNOWN) for part in parts], dtype=np.int8)
    frequency_hz = np.array([WIFI_CHANNELS_HZ.get(part.channel) for part in parts], dtype=np.float64)
    return Payloads(
        data=[part.uas_data or b"" for part in parts],
        received_s=np.where((said_s >= FIRST_TIME_S) & (said_s <= LAST_TIME_S), said_s, received_s),
        sensor=texts(sensors),
        transmitter=texts([_transmitter(part.mac_address) for part in parts]),
        transport=transport,
        rssi_dbm=np.where((rssi_dbm >= WEAKEST_DBM) & (rssi_dbm < 0.0), rssi_dbm, np.nan),
        frequency_hz=np.where((transport == _WIFI_NAN) | (transport == _WIFI_BEACON), frequency_hz, np.nan),
        counter=np.full(len(parts), np.nan),
        content_id=texts(content_ids(sensors, texts_of, glued)),
        place=[message.place for message in messages],
        flags=np.array([_LEFT_OUT if part.left_out else 0 for part in parts], dtype=np.int64),
    )


def _sensors(named: list[str | None], messages: Sequence[RawMessage]) -> list[str]:
    """What each report calls its sensor, else what its message came by."""
    names = [name for name in named if name]
    if len(names) == len(named):
        return names
    return [name or message.sensor or UNNAMED_SENSOR for name, message in zip(named, messages, strict=True)]


@lru_cache(maxsize=4096)
def _clean(text: str | None) -> str | None:
    return None if text is None else safe_text(text)


@lru_cache(maxsize=4096)
def _transmitter(address: str | None) -> str | None:
    cleaned = None if address is None else safe_text(address)
    return None if cleaned is None or is_no_address(cleaned.upper()) or is_nothing(cleaned) else cleaned


def _take_raw(part: _Part) -> bool:
    """Whether a report without UASdata that can be read has the messages themselves, which then stand for it."""
    if not isinstance(part.raw, str):
        return False
    try:
        data = b64decode(part.raw, validate=True)
    except ValueError:
        return False
    data = data if len(data) in _SIZES else data[:-1]  # a NUL or newline behind it
    if len(data) not in _SIZES - STRUCT_SIZES:
        return False
    part.uas_data = data
    return True


def _sbs_lines(aircraft: Any) -> bytes | None:
    """A line each, None where there are none."""
    text = aircraft.get("SBS") if isinstance(aircraft, dict) else None
    if not isinstance(text, str) or not text.strip(" \t\r\n\0;"):
        return None
    return text.strip(" \t\r\n\0;").replace(";", "\n").encode("utf-8", "replace")


def _is_heartbeat(part: _Part) -> bool:
    said = (part.firmware, part.status, part.latitude, part.longitude)
    return any(value is not None for value in said)


def _heartbeat(part: _Part, message: RawMessage) -> Heartbeat:
    named = (("firmware", part.firmware), ("model", part.model), ("status", part.status))
    said = [f"{name} {text}" for name, text in named if text]
    latitude_deg, longitude_deg = _place(part.latitude, part.longitude)
    said_s = math.nan if part.timestamp is None else part.timestamp / 1000.0
    has_clock = FIRST_TIME_S <= said_s <= LAST_TIME_S
    return Heartbeat(
        sensor=_clean(part.sensor_id) or message.sensor or UNNAMED_SENSOR,
        logged_s=said_s if has_clock else message.received_s,
        said_s=said_s if has_clock else None,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        detail=safe_text(", ".join(said), DETAIL_CHARACTERS),
        **of_word(part.status, well=_WELL, faults=_FAULTS)._asdict(),
    )


def _place(latitude_deg: float | None, longitude_deg: float | None) -> tuple[float | None, float | None]:
    """Where the sensor says that it stands; nowhere without a fix (0/0) or off the globe."""
    if latitude_deg is None or longitude_deg is None or latitude_deg == longitude_deg == 0:
        return None, None
    on_globe = abs(latitude_deg) <= MAX_LATITUDE_DEG and abs(longitude_deg) <= MAX_LONGITUDE_DEG  # NaN is not
    return (latitude_deg, longitude_deg) if on_globe else (None, None)
