"""Wi-Fi frames: the real captures, and what must never be kept."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from airspace.model.detection import IdType, Transport
from airspace.model.message import RawMessage, RejectReason
from receivers.formats import wifi
from receivers.formats.framing import IGNORED, Refusal
from receivers.formats.pcap import read_packets

MAC = bytes.fromhex("60601f0a0b0c")
PACK = b"\xf2\x19\x01" + b"\x32\x00" + b"survey".ljust(23, b"\0")
ODID = b"\xfa\x0b\xbc\x0d"
NAN_SERVICE = bytes.fromhex("8869199d9209")


def management(subtype: int, body: bytes, flags: int = 0) -> bytes:
    return bytes([subtype << 4, flags, 0, 0]) + b"\xff" * 6 + MAC + MAC + b"\0\0" + body


def element(code: int, content: bytes) -> bytes:
    return bytes([code, len(content)]) + content


def beacon(*elements: bytes, subtype: int = 8) -> bytes:
    return management(subtype, bytes(12) + element(0, b"my network") + b"".join(elements))


def attribute(code: int, content: bytes) -> bytes:
    return struct.pack("<BH", code, len(content)) + content


def nan_action(info: bytes, control: int = 0x10, optional: bytes = b"") -> bytes:
    descriptor = NAN_SERVICE + bytes([1, 0, control]) + optional + bytes([len(info)]) + info
    return management(13, b"\x04\x09\x50\x6f\x9a\x13" + attribute(3, descriptor) + attribute(0xE, bytes(4)))


def messages(folder: Path, name: str) -> list[RawMessage]:
    path = folder / "remote-id" / "pcap" / name
    packets, rejects = read_packets(path.read_bytes(), name)
    assert rejects == []
    return packets


def test_the_parrot_flight(real_data: Path) -> None:
    packets = messages(real_data, "parrot_anafi4_real.odid-only.pcap")
    framed = [wifi.frame(packet.payload, packet.link_type) for packet in packets]
    sizes = Counter(len(signal.payload) for signals in framed if isinstance(signals, list) for signal in signals)
    assert sizes == {3 + 25: 755, 3 + 4 * 25: 385}

    decoded = wifi.decode(packets)
    rows = decoded.detections
    assert (len(rows), decoded.rejects, decoded.ignored) == (1140, (), 0)
    assert len(set(rows.transmitter)) == 1
    serials = {serial for serial in rows.uas_id if serial is not None}
    assert [(serial[:4], len(serial)) for serial in serials] == [("1588", 19)]
    assert set(rows.uas_id_type.tolist()) == {IdType.UNKNOWN, IdType.SERIAL}
    assert np.isnan(rows.altitude_wgs84_m).all()
    assert np.isnan(rows.altitude_pressure_m).all()
    assert (np.nanmin(rows.height_m), np.nanmax(rows.height_m)) == (0.0, 11.0)
    assert set(rows.operator_id) == {None}
    assert set(rows.transport.tolist()) == {Transport.WIFI_BEACON}
    assert len(set(rows.content_id)) == 1140
    assert set(rows.frequency_hz.tolist()) == {2412e6}
    assert (rows.rssi_dbm > -90).all()
    assert (rows.rssi_dbm < -20).all()


def test_the_forged_replay_of_that_flight(real_data: Path) -> None:
    rows = wifi.decode(messages(real_data, "parrot_anafi4_spoofed.odid-only.pcap")).detections
    assert len(rows) == 26
    assert set(rows.counter.tolist()) == {93.0}
    assert np.unique(np.round(rows.time_s % 3600, 3)).tolist() == [931.1]
    skew_s = np.abs(rows.received_s - rows.time_s)
    assert skew_s.min() > 1500


def test_the_five_message_beacons(real_data: Path) -> None:
    decoded = wifi.decode(messages(real_data, "odid_wifi_bcn_sample.pcap"))
    assert (len(decoded.detections), decoded.rejects) == (21, ())
    assert np.isfinite(decoded.detections.latitude_deg).all()
    assert set(decoded.detections.frequency_hz.tolist()) == {2437e6}


def test_beacons_and_nan_actions_give_rows_and_sync_beacons_are_ignored(real_data: Path) -> None:
    decoded = wifi.decode(messages(real_data, "odid_wifi_sample.pcap"))
    transports = Counter(decoded.detections.transport.tolist())
    assert transports == {Transport.WIFI_BEACON: 21, Transport.WIFI_NAN: 21}
    assert (decoded.ignored, decoded.rejects) == (21, ())


@pytest.mark.parametrize("subtype", [8, 5], ids=["beacon", "probe response"])
@pytest.mark.parametrize("oui", [b"\xfa\x0b\xbc\x0d", b"\x90\x3a\xe6\x0d"], ids=["common", "old Parrot"])
def test_an_element_gives_counter_pack_and_source(subtype: int, oui: bytes) -> None:
    framed = wifi.frame(beacon(element(0xDD, oui + b"\x5b" + PACK), subtype=subtype), wifi.LINK_80211)
    assert isinstance(framed, list)
    (signal,) = framed
    assert (signal.payload, signal.counter, signal.transmitter) == (PACK, 91.0, "60:60:1F:0A:0B:0C")
    assert signal.transport is Transport.WIFI_BEACON


@pytest.mark.parametrize(
    ("control", "optional"),
    [(0x10, b""), (0x50, b"\x01\x02"), (0x14, b"\x02ab"), (0x18, b"\x01c"), (0x5C, b"\x01\x02\x02ab\x01c")],
)
def test_nan_service_info_stands_after_the_optional_fields(control: int, optional: bytes) -> None:
    framed = wifi.frame(nan_action(b"\x07" + PACK, control, optional), wifi.LINK_80211)
    assert isinstance(framed, list)
    assert (framed[0].payload, framed[0].counter, framed[0].transport) == (PACK, 7.0, Transport.WIFI_NAN)


def test_nan_without_data_is_ignored() -> None:
    sync = beacon(element(0xDD, b"\x50\x6f\x9a\x13" + attribute(2, b"123456" + NAN_SERVICE)))
    assert wifi.frame(sync, wifi.LINK_80211) is IGNORED
    assert wifi.frame(nan_action(b"", control=0), wifi.LINK_80211) is IGNORED


THIRD_PARTY = {
    "plain beacon": beacon(element(0xDD, b"\x00\x50\xf2\x01rest")),
    "other NAN": beacon(element(0xDD, b"\x50\x6f\x9a\x13" + attribute(2, b"123456"))),
    "probe request": management(4, element(0, b"my home")),
    "data frame": b"\x08" + management(8, b"secrets")[1:],
    "other action": management(13, b"\x03\x00\x01"),
    "nothing but a counter": beacon(element(0xDD, ODID + b"\x01")),
    "cut header": management(8, b"")[:20],
}


@pytest.mark.parametrize("frame", THIRD_PARTY.values(), ids=THIRD_PARTY.keys())
def test_nothing_of_other_frames_is_kept(frame: bytes) -> None:
    message = RawMessage(payload=frame, received_s=1.0, link_type=wifi.LINK_80211, place="x")
    decoded = wifi.decode([message])
    (reject,) = decoded.rejects
    assert (reject.payload, len(decoded.detections)) == (b"", 0)
    assert "my" not in reject.detail
    assert reject.reason in {RejectReason.NOT_REMOTE_ID, RejectReason.TRUNCATED}


def radiotap(present: int, fields: bytes) -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields


FRAME = beacon(element(0xDD, ODID + b"\x01" + PACK))


@pytest.mark.parametrize(
    ("header", "tail", "expected"),
    [
        (radiotap(0, b""), b"", (None, None)),
        # clock, flags, rate, channel, signal: the channel is aligned to two bytes
        (radiotap(0x2F, bytes(8) + b"\x00\x02" + struct.pack("<HHb", 2437, 0xA0, -40)), b"", (2437e6, -40.0)),
        # flags, channel: a pad byte between them; the frame ends with its checksum
        (radiotap(0x2A, b"\x10\x00" + struct.pack("<HHb", 5745, 0, -61)), b"\xde\xad\xbe\xef", (5745e6, -61.0)),
        # a second bitmap stands before the fields
        (radiotap(1 << 31 | 0x20, struct.pack("<Ib", 0x20, -77)), b"", (None, -77.0)),
    ],
    ids=["empty", "aligned clock", "checksum", "two bitmaps"],
)
def test_radiotap_fields(header: bytes, tail: bytes, expected: tuple[float | None, float | None]) -> None:
    framed = wifi.frame(header + FRAME + tail, wifi.LINK_RADIOTAP)
    assert isinstance(framed, list)
    found = [None if np.isnan(value) else value for value in (framed[0].frequency_hz, framed[0].rssi_dbm)]
    assert tuple(found) == expected


def test_the_checksum_never_fills_up_an_element_that_is_cut_short() -> None:
    cut = beacon(element(0xDD, ODID + b"\x01" + PACK)[:-4])
    framed = wifi.frame(radiotap(0x02, b"\x10") + cut + b"\xde\xad\xbe\xef", wifi.LINK_RADIOTAP)
    assert isinstance(framed, list)
    assert framed[0].payload == PACK[:-4]


def test_a_bad_checksum_is_refused() -> None:
    framed = wifi.frame(radiotap(0x02, b"\x50") + FRAME, wifi.LINK_RADIOTAP)
    assert isinstance(framed, Refusal)
    assert framed.reason is RejectReason.CRC_FAILED


def test_cutting_a_frame_anywhere_never_raises_nor_invents() -> None:
    whole = radiotap(0x2F, bytes(8) + b"\x00\x02" + struct.pack("<HHb", 2437, 0xA0, -40)) + FRAME
    for end in range(len(whole)):
        framed = wifi.frame(whole[:end], wifi.LINK_RADIOTAP)
        if isinstance(framed, list):
            assert all(PACK.startswith(signal.payload) for signal in framed)
        else:
            assert isinstance(framed, Refusal)
