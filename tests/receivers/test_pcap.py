"""Capture files: both forms, both byte orders, and every way of breaking off."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.message import RejectReason
from receivers.formats.pcap import MAX_PACKET_BYTES, read_packets

PACKETS = ((1_680_000_000.25, b"first"), (1_680_000_001.5, b""), (1_680_000_002.75, b"third packet"))
MAGIC = {1e-6: 0xA1B2C3D4, 1e-9: 0xA1B23C4D}


def classic(order: str = "<", fraction_s: float = 1e-6, link_type: int = 127) -> bytes:
    data = struct.pack(order + "IHHiIII", MAGIC[fraction_s], 2, 4, 0, 0, 65535, link_type)
    for time_s, payload in PACKETS:
        fraction = round((time_s % 1) / fraction_s)
        data += struct.pack(order + "IIII", int(time_s), fraction, len(payload), len(payload)) + payload
    return data


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link_type: int, resolution: int | None = None, snap_bytes: int = 0) -> bytes:
    options = b"" if resolution is None else option(order, 9, bytes([resolution])) + option(order, 0, b"")
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, snap_bytes) + options)


def enhanced(order: str, ticks: int, payload: bytes, index: int = 0) -> bytes:
    head = struct.pack(order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(payload), len(payload))
    return block(order, 6, head + payload)


def pcapng(order: str = "<", resolution: int | None = None, ticks_per_s: float = 1e6) -> bytes:
    blocks = [enhanced(order, round(time_s * ticks_per_s), payload) for time_s, payload in PACKETS]
    return section(order) + interface(order, 272, resolution) + b"".join(blocks)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("fraction_s", [1e-6, 1e-9])
def test_classic_captures_of_either_order_and_resolution(order: str, fraction_s: float) -> None:
    packets, rejects = read_packets(classic(order, fraction_s), "walk.pcap")
    assert rejects == []
    assert [(packet.received_s, packet.payload) for packet in packets] == list(PACKETS)
    assert {packet.link_type for packet in packets} == {127}
    assert [packet.place for packet in packets] == [f"walk.pcap: packet {number}" for number in (1, 2, 3)]
    assert {packet.sensor for packet in packets} == {"walk"}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("resolution", "ticks_per_s"), [(None, 1e6), (6, 1e6), (9, 1e9), (3, 1e3), (0x80 | 10, 1024.0)]
)
def test_pcapng_of_either_order_and_any_resolution(order: str, resolution: int | None, ticks_per_s: float) -> None:
    packets, rejects = read_packets(pcapng(order, resolution, ticks_per_s), "x.pcapng")
    assert rejects == []
    assert [packet.payload for packet in packets] == [payload for _, payload in PACKETS]
    assert [packet.received_s for packet in packets] == pytest.approx([time_s for time_s, _ in PACKETS], abs=1e-6)
    assert {packet.link_type for packet in packets} == {272}


def test_pcapng_section_may_change_the_byte_order_and_forgets_its_interfaces() -> None:
    data = pcapng("<") + pcapng(">") + section("<") + enhanced("<", 1, b"whose?")
    packets, rejects = read_packets(data, "x")
    assert len(packets) == 6
    assert [reject.reason for reject in rejects] == [RejectReason.UNKNOWN_FORMAT]


def test_pcapng_passes_over_other_blocks_and_reads_simple_packets() -> None:
    simple = block("<", 3, struct.pack("<I", 90) + b"snapped")
    data = section("<") + interface("<", 105, snap_bytes=7) + block("<", 0xBAD, b"custom") + simple
    packets, rejects = read_packets(data, "x")
    assert rejects == []
    assert [(packet.payload, packet.received_s, packet.link_type) for packet in packets] == [(b"snapped", 0.0, 105)]


@pytest.mark.parametrize("data", [classic(), pcapng()], ids=["pcap", "pcapng"])
def test_a_capture_that_breaks_off_keeps_what_was_read(data: bytes) -> None:
    whole, _ = read_packets(data, "x")
    for end in range(24, len(data)):
        packets, rejects = read_packets(data[:end], "x")
        assert packets == whole[: len(packets)]
        assert len(rejects) <= 1
        assert all(reject.reason is RejectReason.TRUNCATED for reject in rejects)


def test_a_record_too_large_is_named_with_its_number() -> None:
    data = classic() + struct.pack("<IIII", 1, 0, MAX_PACKET_BYTES + 1, 0)
    packets, rejects = read_packets(data, "x.pcap")
    assert len(packets) == 3
    assert [(reject.reason, reject.place) for reject in rejects] == [(RejectReason.TOO_LARGE, "x.pcap: packet 4")]


@settings(max_examples=150)
@given(st.sampled_from([classic(), pcapng()]), st.data())
def test_damage_never_raises(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        damaged[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    packets, rejects = read_packets(bytes(damaged), "x")
    assert all(len(packet.payload) <= len(data) for packet in packets)
    assert all(reject.payload == b"" for reject in rejects)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    packets, rejects = read_packets(data, "x")
    assert packets or rejects or data.startswith(b"\x0a\x0d\x0d\x0a")
