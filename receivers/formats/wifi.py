"""Wi-Fi frames that carry Remote ID: beacons with the ASD-STAN vendor element and NAN service discovery.

Sources: IEEE 802.11 (management frames, elements), radiotap.org (header fields), ASTM F3411 / EN 4709-002 as in
opendroneid-core-c ``wifi.c`` and handbook page remote-id, section 3. The real Parrot capture of 2023 uses the common
OUI FA-0B-BC; older Parrots are known to use 90-3A-E6 with the same content. Only radiotap fields up to the antenna
signal are read. A frame that is not Remote ID is counted and nothing of it is kept. The vendor elements of the French
beacon and of DJI DroneID are found here and read in ``french`` and ``dji``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from airspace.model.detection import Transport
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import dji, french
from receivers.formats.framing import (
    CRC_FAILED,
    IGNORED,
    NOT_REMOTE_ID,
    UNKNOWN,
    Framed,
    Refusal,
    Signal,
    cut_short,
    decode_framed,
    mac_text,
)

LINK_80211: Final = 105
LINK_RADIOTAP: Final = 127
LINKS: Final = frozenset({LINK_80211, LINK_RADIOTAP})

_ODID_ELEMENTS: Final = (b"\xfa\x0b\xbc\x0d", b"\x90\x3a\xe6\x0d")
_NAN_ELEMENT: Final = b"\x50\x6f\x9a\x13"
_NAN_ACTION: Final = b"\x04\x09" + _NAN_ELEMENT  # public action, vendor specific
_NAN_SERVICE: Final = bytes.fromhex("8869199d9209")  # hash of org.opendroneid.remoteid

_VENDOR_ELEMENT: Final = 0xDD
_SERVICE_LIST, _SERVICE_DESCRIPTOR = 2, 3  # NAN attributes
_MAC_HEADER_BYTES: Final = 24
_HT_CONTROL_BYTES: Final = 4
_FIXED_BEACON_BYTES: Final = 12  # timestamp, interval, capabilities
_FCS_BYTES: Final = 4
_BEACON, _PROBE_RESPONSE, _ACTION, _ACTION_NO_ACK = 8, 5, 13, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Radio:
    header_bytes: int
    fcs_present: bool = False
    fcs_bad: bool = False
    frequency_hz: float = UNKNOWN
    rssi_dbm: float = UNKNOWN


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Captured Wi-Fi frames (link types 105 and 127) to detections."""
    return decode_framed(messages, lambda message: frame(message.payload, message.link_type))


def frame(data: bytes, link_type: int | None) -> Framed:
    """The Remote ID in one frame, bare (105) or with a radiotap header (127)."""
    if link_type == LINK_80211:
        return _management(data)
    if link_type != LINK_RADIOTAP:
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=f"link type {link_type} is not Wi-Fi")
    radio = _radiotap(data)
    if radio is None:
        return cut_short("the radiotap header")
    if radio.fcs_bad:
        return CRC_FAILED
    end = len(data) - (_FCS_BYTES if radio.fcs_present else 0)
    framed = _management(data[radio.header_bytes : max(end, 0)])
    if not isinstance(framed, list):
        return framed
    return [replace(signal, rssi_dbm=radio.rssi_dbm, frequency_hz=radio.frequency_hz) for signal in framed]


def _radiotap(data: bytes) -> _Radio | None:
    """Fields stand in the order of their bits, each aligned to its own size from the start of the header."""
    if len(data) < 8:  # noqa: PLR2004 - version, pad, length, first bitmap
        return None
    size, present = struct.unpack_from("<HI", data, 2)
    at, word = 8, present
    while word & 1 << 31:  # further bitmaps: other antennas, of which only the first is read
        if at + 4 > min(size, len(data)):
            return None
        (word,) = struct.unpack_from("<I", data, at)
        at += 4
    if not at <= size <= len(data):
        return None
    values: dict[int, int] = {}
    for bit, code in enumerate(("Q", "B", "B", "HH", "H", "b")):  # TSFT, flags, rate, channel, hopping, signal
        if present & 1 << bit:
            unit = struct.calcsize(code[0])
            at += -at % unit
            if at + struct.calcsize(code) > size:
                return None
            values[bit] = struct.unpack_from("<" + code, data, at)[0]
            at += struct.calcsize(code)
    flags = values.get(1, 0)
    return _Radio(
        header_bytes=size,
        fcs_present=bool(flags & 0x10),
        fcs_bad=bool(flags & 0x40),
        frequency_hz=values[3] * 1e6 if 3 in values else UNKNOWN,  # noqa: PLR2004 - bit 3: channel, MHz
        rssi_dbm=float(values.get(5, UNKNOWN)),
    )


def _management(data: bytes) -> Framed:
    if len(data) < _MAC_HEADER_BYTES:
        return cut_short("the 802.11 header")
    if data[0] & 0x0F:  # protocol version 0, type 0: management
        return NOT_REMOTE_ID
    subtype = data[0] >> 4
    body = data[_MAC_HEADER_BYTES + (_HT_CONTROL_BYTES if data[1] & 0x80 else 0) :]
    transmitter = mac_text(data[10:16])
    if subtype in {_BEACON, _PROBE_RESPONSE}:
        return _beacon(body[_FIXED_BEACON_BYTES:], transmitter)
    if subtype in {_ACTION, _ACTION_NO_ACK} and body.startswith(_NAN_ACTION):
        return _nan_action(body[len(_NAN_ACTION) :], transmitter)
    return NOT_REMOTE_ID


def _beacon(body: bytes, transmitter: str) -> Framed:
    elements = [content for code, content in _elements(body) if code == _VENDOR_ELEMENT]
    for content in elements:
        if content.startswith(_ODID_ELEMENTS):
            return _counted(content[4:], Transport.WIFI_BEACON, transmitter)
    for content in elements:
        if content.startswith(french.OUI):
            return french.element(content, transmitter)
        if content.startswith(dji.OUI + dji.MARK):
            return dji.element(content, transmitter)
        if content.startswith(_NAN_ELEMENT) and _announces(content[4:]):
            return IGNORED
    return NOT_REMOTE_ID


def _elements(body: bytes) -> Iterator[tuple[int, bytes]]:
    """802.11 elements; the last may be cut short and is given as far as it goes."""
    at = 0
    while at + 2 <= len(body):
        size = body[at + 1]
        yield body[at], body[at + 2 : at + 2 + size]
        at += 2 + size


def _attributes(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(body):
        size = int.from_bytes(body[at + 1 : at + 3], "little")
        yield body[at], body[at + 3 : at + 3 + size]
        at += 3 + size


def _announces(body: bytes) -> bool:
    """A NAN sync beacon lists the services that are offered, six bytes each."""
    for code, content in _attributes(body):
        services = (content[at : at + 6] for at in range(0, len(content), 6))
        if code == _SERVICE_LIST and _NAN_SERVICE in services:
            return True
    return False


def _nan_action(body: bytes, transmitter: str) -> Framed:
    for code, content in _attributes(body):
        if code == _SERVICE_DESCRIPTOR and content.startswith(_NAN_SERVICE):
            info = _service_info(content[len(_NAN_SERVICE) :])
            return IGNORED if info is None else _counted(info, Transport.WIFI_NAN, transmitter)
    return NOT_REMOTE_ID


def _service_info(content: bytes) -> bytes | None:
    """What follows instance, requestor and control: optional fields by the control bits, then length and info."""
    if len(content) < 3:  # noqa: PLR2004 - instance, requestor, control
        return b""
    control = content[2]
    if not control & 0x10:
        return None
    at = 3 + (2 if control & 0x40 else 0)  # binding bitmap
    for bit in (0x04, 0x08):  # matching filter, response filter: each with its length before it
        if control & bit and at < len(content):
            at += 1 + content[at]
    return content[at + 1 : at + 1 + content[at]] if at < len(content) else b""


def _counted(content: bytes, transport: Transport, transmitter: str) -> Framed:
    """A message counter, then the pack."""
    if len(content) < 2:  # noqa: PLR2004 - the counter and something to count
        return cut_short("the Remote ID element")
    return [Signal(payload=content[1:], transport=transport, transmitter=transmitter, counter=float(content[0]))]
