"""Which format is it? By link type for a captured frame, else by the first bytes. And the formats by name.

Rows keep the order of the messages: neighbours of one family are decoded together. What each family refuses it names
itself; what belongs to none is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from airspace.model.detection import Transport
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, RejectReason
from receivers.formats import (
    android_csv,
    ble,
    dji,
    dragonsync,
    dragonsync_mqtt,
    dronecot,
    dronescout,
    dronetag,
    french,
    mesh_mapper,
    own_lines,
    readsb,
    rf,
    sapient,
    sbs,
    wifi,
)
from receivers.formats.framing import IGNORED, Framed, Refusal, Signal, cut_short, decode_framed, reject
from receivers.formats.hexlines import from_hex, is_odid
from receivers.formats.json_families import by_family, is_json
from receivers.formats.json_objects import BLANK
from receivers.formats.sapient_messages import is_sapient

if TYPE_CHECKING:
    from airspace.model.ports import Format

MESSAGE_BYTES: Final = 25  # one Open Drone ID message
_HEX: Final = re.compile(rb"(?:0[xX])?[0-9A-Fa-f][0-9A-Fa-f \t:,-]*\Z")
_MANAGEMENT: Final = frozenset({0x50, 0x80, 0xD0, 0xE0})  # probe response, beacon, action, action without answer
_MAC_HEADER_BYTES: Final = 24


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message by the format that its bytes show."""
    if all(message.link_type is None for message in messages):
        usual = dronescout.plain(messages)  # as a broker brings them: nearly every batch of a live service
        if usual is not None:
            return usual
    runs = groupby(_by_family(messages), itemgetter(0))
    return Decoded.concat([family([message for _, message in run]) for family, run in runs])


def decode_hex(messages: Sequence[RawMessage]) -> Decoded:
    """Lines of hex, whatever frame or payload they write out."""
    return decode_framed(messages, lambda message: _hex(message.payload))


def decode_capture(messages: Sequence[RawMessage]) -> Decoded:
    """Captured frames by their link type."""
    return decode_framed(messages, _captured)


def _by_family(messages: Sequence[RawMessage]) -> Iterator[tuple[Format, RawMessage]]:
    for message in messages:
        payload = message.payload
        if len(payload) > MAX_PAYLOAD_BYTES:
            yield _too_large, message
        elif message.link_type is not None:
            yield _framed, message
        elif is_json(payload):
            yield from by_family(message)
        elif dragonsync_mqtt.is_state(message):
            yield dragonsync_mqtt.decode_states, message
        elif sbs.is_sbs(payload) and len(payload) != MESSAGE_BYTES:
            yield sbs.decode, message
        elif is_sapient(payload):
            yield sapient.decode, message
        else:
            yield _framed, message


def _too_large(messages: Sequence[RawMessage]) -> Decoded:
    rejects = [
        reject(message, _refuse(message.payload, RejectReason.TOO_LARGE, f"{len(message.payload)} bytes"))
        for message in messages
    ]
    return Decoded(rejects=tuple(rejects))


def _framed(messages: Sequence[RawMessage]) -> Decoded:
    return decode_framed(messages, _frame)


def _frame(message: RawMessage) -> Framed:
    if message.link_type is not None:
        return _captured(message)
    if len(message.payload) != MESSAGE_BYTES and _HEX.match(message.payload.strip(BLANK)):
        return _hex(message.payload)
    return _bare(message.payload)


def _captured(message: RawMessage) -> Framed:
    if message.link_type in wifi.LINKS:
        return wifi.frame(message.payload, message.link_type)
    if message.link_type in ble.LINKS:
        return ble.frame(message.payload, message.link_type)
    return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=f"link type {message.link_type} is not read")


def _hex(payload: bytes) -> Framed:
    if not payload.strip(BLANK) or payload.startswith(b"#"):
        return IGNORED
    data = from_hex(payload.strip(BLANK).decode("ascii", "replace"))
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
    (french.is_french, french.frame),
    (dji.is_dji, dji.frame),
    (android_csv.is_row, android_csv.frame),
    (_is_radiotap, partial(wifi.frame, link_type=wifi.LINK_RADIOTAP)),
    (_is_management, partial(wifi.frame, link_type=wifi.LINK_80211)),
)

FORMATS: Final[dict[str, Format]] = {
    "auto": decode,
    "csv": android_csv.decode,
    "dragonsync": dragonsync.decode,
    "dronecot": dronecot.decode,
    "dronescout": dronescout.decode,
    "dronetag": dronetag.decode,
    "hex": decode_hex,
    "mesh_mapper": mesh_mapper.decode,
    "own": own_lines.decode,
    "pcap": decode_capture,
    "readsb": readsb.decode,
    "recording": decode,  # of our own: what it holds has the forms in which it came
    "rf": rf.decode,
    "sapient": sapient.decode,
    "sbs": sbs.decode,
}
