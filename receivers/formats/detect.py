"""Which format is it? By link type for a captured frame, else by the first bytes. And the formats by name.

Rows keep the order of the messages: neighbours of one family (JSON, or frames and bare payloads) are decoded together.
What each family refuses it names itself; what belongs to none is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec

from airspace.model.detection import Detections, Transport
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, RejectReason
from airspace.model.text import safe_text
from receivers.formats import ble, dronescout, wifi
from receivers.formats.framing import IGNORED, Framed, Refusal, Signal, cut_short, decode_framed, reject
from receivers.formats.hexlines import from_hex, is_odid

if TYPE_CHECKING:
    from airspace.model.ports import Format

MESSAGE_BYTES: Final = 25  # one Open Drone ID message
_LZMA: Final = (b"\x5d\x00\x00", b"\xfd7zXZ\x00")  # .lzma and .xz
_HEX: Final = re.compile(rb"(?:0[xX])?[0-9A-Fa-f][0-9A-Fa-f \t:,-]*\Z")
_BLANK: Final = b" \t\r\n\0\xef\xbb\xbf"  # also the byte order mark, and the NUL that some senders end with
_DRONESCOUT_KEYS: Final = frozenset({"data", "status", "location", "mobile network"})
_MAX_KEYS_NAMED: Final = 12
_DJI_PAYLOAD: Final = b"\x58\x62\x13"  # after the OUI 26-37-12
_MANAGEMENT: Final = frozenset({0x50, 0x80, 0xD0, 0xE0})  # probe response, beacon, action, action without answer
_MAC_HEADER_BYTES: Final = 24


class _Family(Enum):
    DRONESCOUT = 0
    OTHER_JSON = 1
    FRAMED = 2
    TOO_LARGE = 3


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message by the format that its bytes show."""
    if all(message.link_type is None for message in messages):
        usual = dronescout.plain(messages)  # as a broker brings them: nearly every batch of a live service
        if usual is not None:
            return usual
    parts = [_decode_run(family, list(run)) for family, run in groupby(messages, _family)]
    return _joined(parts)


def decode_hex(messages: Sequence[RawMessage]) -> Decoded:
    """Lines of hex, whatever frame or payload they write out."""
    return decode_framed(messages, lambda message: _hex(message.payload))


def decode_capture(messages: Sequence[RawMessage]) -> Decoded:
    """Captured frames by their link type."""
    return decode_framed(messages, _captured)


def _family(message: RawMessage) -> _Family:
    payload = message.payload
    if len(payload) > MAX_PAYLOAD_BYTES:
        return _Family.TOO_LARGE
    if message.link_type is not None:
        return _Family.FRAMED
    if payload.startswith(_LZMA):
        return _Family.DRONESCOUT
    return _json_family(payload) if payload.lstrip(_BLANK)[:1] in {b"{", b"["} else _Family.FRAMED


def _json_family(payload: bytes) -> _Family:
    if b'"data"' in payload:
        return _Family.DRONESCOUT
    keys = _keys(payload)
    return _Family.DRONESCOUT if keys is None or _DRONESCOUT_KEYS & keys else _Family.OTHER_JSON


def _keys(payload: bytes) -> set[str] | None:
    """Top keys of an object, or of the objects of an array; None for JSON that is broken or of another form."""
    try:
        found = msgspec.json.decode(payload.strip(_BLANK), type=dict[str, msgspec.Raw] | list[dict[str, msgspec.Raw]])
    except (msgspec.DecodeError, RecursionError):
        return None
    return set(found) if isinstance(found, dict) else {key for element in found for key in element}


def _decode_run(family: _Family, messages: Sequence[RawMessage]) -> Decoded:
    if family is _Family.DRONESCOUT:
        return dronescout.decode(messages)
    if family is _Family.FRAMED:
        return decode_framed(messages, _framed)
    refuse = _too_large if family is _Family.TOO_LARGE else _other_json
    return Decoded(rejects=tuple(reject(message, refuse(message.payload)) for message in messages))


def _too_large(payload: bytes) -> Refusal:
    return _refuse(payload, RejectReason.TOO_LARGE, f"{len(payload)} bytes")


def _other_json(payload: bytes) -> Refusal:
    keys = sorted(_keys(payload) or ())
    named = safe_text(", ".join(keys[:_MAX_KEYS_NAMED]), 200)
    return _refuse(payload, RejectReason.UNKNOWN_FORMAT, f"JSON with the keys {named}" if named else "JSON of no keys")


def _joined(parts: Sequence[Decoded]) -> Decoded:
    if len(parts) == 1:
        return parts[0]
    return Decoded(
        detections=Detections.concat([part.detections for part in parts]),
        heartbeats=tuple(heartbeat for part in parts for heartbeat in part.heartbeats),
        rejects=tuple(rejected for part in parts for rejected in part.rejects),
        ignored=sum(part.ignored for part in parts),
    )


def _framed(message: RawMessage) -> Framed:
    if message.link_type is not None:
        return _captured(message)
    if len(message.payload) != MESSAGE_BYTES and _HEX.match(message.payload.strip(_BLANK)):
        return _hex(message.payload)
    return _bare(message.payload)


def _captured(message: RawMessage) -> Framed:
    if message.link_type in wifi.LINKS:
        return wifi.frame(message.payload, message.link_type)
    if message.link_type in ble.LINKS:
        return ble.frame(message.payload, message.link_type)
    return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=f"link type {message.link_type} is not read")


def _hex(payload: bytes) -> Framed:
    if not payload.strip(_BLANK) or payload.startswith(b"#"):
        return IGNORED
    data = from_hex(payload.strip(_BLANK).decode("ascii", "replace"))
    if data is None:
        return _refuse(payload, RejectReason.NOT_HEX, "not pairs of hex digits")
    return _bare(data)


def _bare(data: bytes) -> Framed:
    """Bytes without a link type: the structure must tell."""
    for fits, read in _STRUCTURES:
        if fits(data):
            return read(data)
    return _refuse(data, RejectReason.UNKNOWN_FORMAT, f"{len(data)} bytes of no known structure")


def _refuse(payload: bytes, reason: RejectReason, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail, payload=payload)


def _is_radiotap(data: bytes) -> bool:
    """Version 0, pad 0, and a header length that leaves room for a frame."""
    if data[:2] != b"\0\0":
        return False
    return 8 <= int.from_bytes(data[2:4], "little") <= len(data) - _MAC_HEADER_BYTES  # noqa: PLR2004 - shortest header


def _is_management(data: bytes) -> bool:
    return len(data) > _MAC_HEADER_BYTES and data[0] in _MANAGEMENT


def _is_advertisement(data: bytes) -> bool:
    return data[1:5] == ble.SERVICE_DATA


_STRUCTURES: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Framed]], ...]] = (
    (lambda data: not data, lambda _: cut_short("an empty message")),
    (is_odid, lambda data: [Signal(payload=data)]),
    (lambda data: data.startswith(ble.HCI_LE_EVENT), ble.from_hci),
    (_is_advertisement, lambda data: ble.advertisement(data, Transport.UNKNOWN, None)),
    (lambda data: data.startswith(_DJI_PAYLOAD), lambda _: wifi.DJI),
    (_is_radiotap, partial(wifi.frame, link_type=wifi.LINK_RADIOTAP)),
    (_is_management, partial(wifi.frame, link_type=wifi.LINK_80211)),
)

FORMATS: Final[dict[str, Format]] = {
    "auto": decode,
    "dronescout": dronescout.decode,
    "hex": decode_hex,
    "pcap": decode_capture,
}
