"""Bluetooth advertisements that carry Remote ID, from sniffer captures and from HCI events.

Sources: Bluetooth Core 5.4 vol. 6 part B 2.3 (advertising PDUs, extended header) and vol. 4 part E 7.7.65
(advertising reports); the nRF sniffer header and the coding indicator as in Wireshark's ``packet-nordic_ble.c`` and
``packet-btle.c``; LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR of tcpdump.org; the AD structure of ASTM F3411 (UUID 0xFFFA,
application code 0x0D). Chained extended advertisements are not put together: a pack fits in one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from airspace.model.detection import Transport
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats.framing import (
    CRC_FAILED,
    NOT_REMOTE_ID,
    UNKNOWN,
    Framed,
    Refusal,
    Signal,
    cut_short,
    decode_framed,
    mac_text,
)

LINK_HCI_H4: Final = 187
LINK_HCI_H4_DIRECTION: Final = 201
LINK_LE: Final = 251
LINK_LE_PHDR: Final = 256
LINK_NORDIC: Final = 272
LINKS: Final = frozenset({LINK_HCI_H4, LINK_HCI_H4_DIRECTION, LINK_LE, LINK_LE_PHDR, LINK_NORDIC})

HCI_LE_EVENT: Final = b"\x04\x3e"
SERVICE_DATA: Final = b"\x16\xfa\xff\x0d"  # AD type, UUID as on air, application code
_NORDIC_HEADER_BYTES: Final = 17
_PHDR_BYTES: Final = 10
_CODED_PHY: Final = 2
_PHDR_SIGNAL_VALID, _PHDR_CRC_CHECKED, _PHDR_CRC_VALID = 0x0002, 0x0400, 0x0800
_LEGACY_DATA_PDUS: Final = frozenset({0, 2, 4, 6})  # ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND
_EXTENDED_PDU: Final = 7
_LEGACY_REPORT, _EXTENDED_REPORT = 0x02, 0x0D  # HCI LE sub-events
_LEGACY_EVENT_BIT: Final = 0x0010
_NO_RSSI: Final = 127


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Captured Bluetooth packets to detections."""
    return decode_framed(messages, lambda message: frame(message.payload, message.link_type))


def frame(data: bytes, link_type: int | None) -> Framed:
    """The Remote ID in one captured packet."""
    if link_type == LINK_NORDIC:
        return _nordic(data)
    if link_type == LINK_LE:
        return _link_layer(data, coded=False)
    if link_type == LINK_LE_PHDR:
        return _with_phdr(data)
    if link_type == LINK_HCI_H4:
        return from_hci(data)
    if link_type == LINK_HCI_H4_DIRECTION:
        return from_hci(data[4:])
    return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=f"link type {link_type} is not Bluetooth")


def _nordic(data: bytes) -> Framed:
    """Flags at 8 (bit 0 checksum good, bits 4-6 PHY), channel at 9, signal strength without its sign at 10."""
    if len(data) < _NORDIC_HEADER_BYTES:
        return cut_short("the sniffer header")
    if not data[8] & 1:
        return CRC_FAILED
    framed = _link_layer(data[_NORDIC_HEADER_BYTES:], coded=data[8] >> 4 & 7 == _CODED_PHY)
    return heard(framed, rssi_dbm=-float(data[10]), frequency_hz=_channel_hz(data[9]))


def _with_phdr(data: bytes) -> Framed:
    """Physical channel number (from 2402 MHz, 2 MHz each), signal strength, and at 8 the flags."""
    if len(data) < _PHDR_BYTES:
        return cut_short("the pseudo-header")
    (flags,) = struct.unpack_from("<H", data, 8)
    if flags & _PHDR_CRC_CHECKED and not flags & _PHDR_CRC_VALID:
        return CRC_FAILED
    (signal_dbm,) = struct.unpack_from("<b", data, 1)
    framed = _link_layer(data[_PHDR_BYTES:], coded=flags >> 14 == _CODED_PHY)
    rssi_dbm = float(signal_dbm) if flags & _PHDR_SIGNAL_VALID else UNKNOWN
    return heard(framed, rssi_dbm=rssi_dbm, frequency_hz=(2402 + 2 * data[0]) * 1e6)


def heard(framed: Framed, *, rssi_dbm: float, frequency_hz: float) -> Framed:
    """The signals with level and frequency."""
    if not isinstance(framed, list):
        return framed
    return [replace(signal, rssi_dbm=rssi_dbm, frequency_hz=frequency_hz) for signal in framed]


def _channel_hz(channel: int) -> float:
    """Centre of a link layer channel index: 37, 38, 39 are the advertising channels at 2402, 2426 and 2480 MHz."""
    advertising = {37: 2402, 38: 2426, 39: 2480}
    if channel in advertising:
        return advertising[channel] * 1e6
    if channel > 36:  # noqa: PLR2004 - the last data channel
        return UNKNOWN
    return (2404 + 2 * channel if channel <= 10 else 2406 + 2 * channel) * 1e6  # noqa: PLR2004 - 2426 is taken


def _link_layer(data: bytes, *, coded: bool) -> Framed:
    """Access address, on a coded PHY its indicator, PDU header, PDU, checksum."""
    start = 5 if coded else 4
    if len(data) < start + 2:
        return cut_short("the link layer header")
    kind, size = data[start] & 0x0F, data[start + 1]
    pdu = data[start + 2 : start + 2 + size]
    if kind in _LEGACY_DATA_PDUS:
        return advertisement(pdu[6:], Transport.BLE4, _address(pdu[:6]))
    if kind == _EXTENDED_PDU:
        return _extended(pdu)
    return NOT_REMOTE_ID


def _extended(pdu: bytes) -> Framed:
    """Extended header length, its flags, optional fields (the address is the first), then the data."""
    if not pdu:
        return cut_short("the extended header")
    size = pdu[0] & 0x3F
    header = pdu[1 : 1 + size]
    has_address = bool(header and header[0] & 0x01)
    return advertisement(pdu[1 + size :], Transport.BLE5, _address(header[1:7]) if has_address else None)


def _address(data: bytes) -> str | None:
    """Least significant byte first on the air."""
    return mac_text(data[::-1]) if len(data) == 6 else None  # noqa: PLR2004 - a MAC address


def advertisement(data: bytes, transport: Transport, transmitter: str | None) -> Framed:
    """The Remote ID among the AD structures of one advertisement: counter, then a message or a pack."""
    for content in _structures(data):
        if content.startswith(SERVICE_DATA):
            body = content[len(SERVICE_DATA) :]
            if len(body) < 2:  # noqa: PLR2004 - the counter and something to count
                return cut_short("the service data")
            counter = float(body[0])
            return [Signal(payload=body[1:], transport=transport, transmitter=transmitter, counter=counter)]
    return NOT_REMOTE_ID


def _structures(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data) and data[at]:
        yield data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]


def from_hci(payload: bytes) -> Framed:
    """An HCI event packet with its type byte (04 3e ...): every advertising report in it."""
    if not payload.startswith(HCI_LE_EVENT) or len(payload) < 5:  # noqa: PLR2004 - type, event, length, sub-event, count
        return NOT_REMOTE_ID
    if payload[3] not in {_LEGACY_REPORT, _EXTENDED_REPORT}:
        return NOT_REMOTE_ID
    reports = _legacy_reports if payload[3] == _LEGACY_REPORT else _extended_reports
    signals: list[Signal] = []
    refusal = NOT_REMOTE_ID
    for framed in reports(payload[5 : 3 + payload[2]], payload[4]):
        if isinstance(framed, list):
            signals.extend(framed)
        elif isinstance(framed, Refusal) and framed is not NOT_REMOTE_ID:
            refusal = framed
    return signals or refusal


def _legacy_reports(body: bytes, count: int) -> Iterator[Framed]:
    """Event type, address type, address, data length, data, signal strength."""
    at = 0
    for _ in range(count):
        if at + 9 > len(body) or at + 10 + body[at + 8] > len(body):
            yield cut_short("the advertising report")
            return
        end = at + 9 + body[at + 8]
        framed = advertisement(body[at + 9 : end], Transport.BLE4, _address(body[at + 2 : at + 8]))
        yield heard(framed, rssi_dbm=_hci_rssi(body[end]), frequency_hz=UNKNOWN)
        at = end + 1


def _extended_reports(body: bytes, count: int) -> Iterator[Framed]:
    """24 bytes (event type, address type, address, PHYs, SID, power, signal at 13, ..., data length at 23), data."""
    at = 0
    for _ in range(count):
        if at + 24 > len(body) or at + 24 + body[at + 23] > len(body):
            yield cut_short("the advertising report")
            return
        (event_type,) = struct.unpack_from("<H", body, at)
        end = at + 24 + body[at + 23]
        transport = Transport.BLE4 if event_type & _LEGACY_EVENT_BIT else Transport.BLE5
        framed = advertisement(body[at + 24 : end], transport, _address(body[at + 3 : at + 9]))
        yield heard(framed, rssi_dbm=_hci_rssi(body[at + 13]), frequency_hz=UNKNOWN)
        at = end


def _hci_rssi(byte: int) -> float:
    return UNKNOWN if byte == _NO_RSSI else float(byte - 256 if byte > _NO_RSSI else byte)
