"""Capture files: classic pcap and pcapng, to packets with their capture time and link type.

Layouts: IETF draft-ietf-opsawg-pcap (magic a1b2c3d4 microseconds, a1b23c4d nanoseconds) and draft-ietf-opsawg-pcapng
(SHB, IDB with if_tsresol and if_tsoffset, EPB, SPB). Both byte orders. Name resolution, statistics and custom blocks
are passed over. A capture that breaks off keeps what was read before the break and says where it broke.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import PurePath
from typing import Final

from airspace.model.message import RawMessage, Reject, RejectReason

MAX_PACKET_BYTES: Final = 1 << 18  # the largest snapshot length that libpcap accepts
MAX_BLOCK_BYTES: Final = 1 << 24  # a pcapng block above this is taken for damage

_CLASSIC: Final = {  # magic -> byte order, fraction of a second
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
_ORDERS: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_FILE_HEADER_BYTES: Final = 24
_MIN_BLOCK_BYTES: Final = 12  # type, length, and the length again
_LINK_TYPE_MASK: Final = 0xFFFF  # above it stand FCS length bits
_INTERFACE, _SIMPLE, _ENHANCED = 1, 3, 6
_IF_TSRESOL, _IF_TSOFFSET = 9, 14


@dataclass(slots=True)
class _Interface:
    link_type: int
    snap_bytes: int
    ticks_per_s: int = 1_000_000
    offset_s: int = 0


@dataclass(slots=True)
class _Section:
    order: str
    interfaces: list[_Interface] = field(default_factory=list)


def is_capture(data: bytes) -> bool:
    """Do the first four bytes say pcap or pcapng?"""
    return data[:4] in _CLASSIC or data[:4] == _SECTION


def read_packets(data: bytes, place: str) -> tuple[list[RawMessage], list[Reject]]:
    """All packets of a capture and what could not be read; ``place`` names the file."""
    packets: list[RawMessage] = []
    rejects: list[Reject] = []
    for item in packets_of(data, place):
        if isinstance(item, RawMessage):
            packets.append(item)
        else:
            rejects.append(item)
    return packets, rejects


def packets_of(data: bytes | mmap, place: str) -> Iterator[RawMessage | Reject]:
    """The packets one after the other: the data may be a mapped file, of which only slices are copied."""
    if data[:4] in _CLASSIC:
        yield from _classic(data, place)
    elif data[:4] == _SECTION:
        yield from _blocks(data, place)
    else:
        yield _broken(place, 0, RejectReason.UNKNOWN_FORMAT, "neither pcap nor pcapng")


def _broken(place: str, number: int, reason: RejectReason, detail: str, received_s: float = 0.0) -> Reject:
    where = f"{place}: packet {number}" if number else place
    return Reject(reason=reason, detail=detail, place=where, received_s=received_s, sensor=PurePath(place).stem or None)


def _packet(data: bytes, received_s: float, link_type: int, place: str, number: int) -> RawMessage:
    return RawMessage(
        payload=data,
        received_s=received_s,
        sensor=PurePath(place).stem or None,
        place=f"{place}: packet {number}",
        link_type=link_type,
    )


def _classic(data: bytes | mmap, place: str) -> Iterator[RawMessage | Reject]:
    order, fraction_s = _CLASSIC[data[:4]]
    if len(data) < _FILE_HEADER_BYTES:
        yield _broken(place, 0, RejectReason.TRUNCATED, "the file header is cut short")
        return
    link_type = struct.unpack_from(order + "I", data, 20)[0] & _LINK_TYPE_MASK
    record = struct.Struct(order + "IIII")
    at, number, end = _FILE_HEADER_BYTES, 0, len(data)
    while at < end:
        number += 1
        if end - at < record.size:
            yield _broken(place, number, RejectReason.TRUNCATED, "the record header is cut short")
            return
        seconds, fraction, captured, _ = record.unpack_from(data, at)
        at += record.size
        received_s = seconds + fraction * fraction_s
        if captured > MAX_PACKET_BYTES:
            yield _broken(place, number, RejectReason.TOO_LARGE, f"{captured} bytes: the rest is not read", received_s)
            return
        if captured > end - at:
            yield _broken(place, number, RejectReason.TRUNCATED, f"{end - at} of {captured} bytes", received_s)
            return
        yield _packet(data[at : at + captured], received_s, link_type, place, number)
        at += captured


def _blocks(data: bytes | mmap, place: str) -> Iterator[RawMessage | Reject]:
    section = _Section(order="<")
    at, number, end = 0, 0, len(data)
    while at < end:
        size = _block_size(data, at, section)
        if size is None:
            yield _broken(place, number + 1, RejectReason.TRUNCATED, f"the block at byte {at} is damaged or cut short")
            return
        kind = struct.unpack_from(section.order + "I", data, at)[0]
        body = data[at + 8 : at + size - 4]
        at += size
        if kind == _INTERFACE:
            section.interfaces.append(_interface(body, section.order))
        elif kind in {_ENHANCED, _SIMPLE}:
            number += 1
            read = _enhanced if kind == _ENHANCED else _simple
            yield read(body, section, place, number)


def _block_size(data: bytes | mmap, at: int, section: _Section) -> int | None:
    """Length of the block, None when it cannot be one. A section header sets the byte order from here on."""
    if data[at : at + 4] == _SECTION:
        order = _ORDERS.get(data[at + 8 : at + 12])
        if order is None:
            return None
        section.order = order
        section.interfaces = []
    if len(data) - at < _MIN_BLOCK_BYTES:
        return None
    size: int = struct.unpack_from(section.order + "I", data, at + 4)[0]
    fits = _MIN_BLOCK_BYTES <= size <= min(MAX_BLOCK_BYTES, len(data) - at) and size % 4 == 0
    return size if fits else None


def _interface(body: bytes, order: str) -> _Interface:
    if len(body) < 8:  # noqa: PLR2004 - link type, reserved, snapshot length
        return _Interface(link_type=-1, snap_bytes=0)
    link_type, _, snap_bytes = struct.unpack_from(order + "HHI", body)
    interface = _Interface(link_type=link_type, snap_bytes=snap_bytes)
    for code, value in _options(body[8:], order):
        if code == _IF_TSRESOL and len(value) == 1:
            base, power = (2, value[0] & 0x7F) if value[0] & 0x80 else (10, value[0])
            interface.ticks_per_s = base**power
        elif code == _IF_TSOFFSET and len(value) == 8:  # noqa: PLR2004 - a 64-bit number
            interface.offset_s = struct.unpack(order + "q", value)[0]
    return interface


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4


def _enhanced(body: bytes, section: _Section, place: str, number: int) -> RawMessage | Reject:
    if len(body) < 20:  # noqa: PLR2004 - interface, time high and low, captured and original length
        return _broken(place, number, RejectReason.TRUNCATED, "the packet block is cut short")
    index, high, low, captured, _ = struct.unpack_from(section.order + "IIIII", body)
    if index >= len(section.interfaces):
        return _broken(place, number, RejectReason.UNKNOWN_FORMAT, f"interface {index} was not described")
    interface = section.interfaces[index]
    received_s = (high << 32 | low) / interface.ticks_per_s + interface.offset_s
    if captured > len(body) - 20:
        return _broken(place, number, RejectReason.TRUNCATED, f"{len(body) - 20} of {captured} bytes", received_s)
    return _packet(body[20 : 20 + captured], received_s, interface.link_type, place, number)


def _simple(body: bytes, section: _Section, place: str, number: int) -> RawMessage | Reject:
    """A block without a time: received at 0, which the gate refuses; a capture of these alone is no evidence."""
    if len(body) < 4 or not section.interfaces:  # noqa: PLR2004 - the original length
        return _broken(place, number, RejectReason.TRUNCATED, "the simple packet block is cut short")
    interface = section.interfaces[0]
    original = struct.unpack_from(section.order + "I", body)[0]
    captured = min(original, interface.snap_bytes or original)
    if captured > len(body) - 4:
        return _broken(place, number, RejectReason.TRUNCATED, f"{len(body) - 4} of {captured} bytes")
    return _packet(body[4 : 4 + captured], 0.0, interface.link_type, place, number)
