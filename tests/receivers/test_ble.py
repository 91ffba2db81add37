"""Bluetooth: the real HCI event, and sniffer packets put together by the specification."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from airspace.model.detection import IdType, Transport
from airspace.model.message import RawMessage, RejectReason
from receivers.formats import ble
from receivers.formats.framing import Framed, Refusal, Signal

ADDRESS = bytes.fromhex("60601f0a0b0c")
MESSAGE = b"\x32\x00" + b"survey".ljust(23, b"\0")
PACK = b"\xf2\x19\x02" + MESSAGE + MESSAGE
ACCESS = bytes.fromhex("d6be898e")
CRC = b"\x01\x02\x03"


def advertisement(content: bytes, counter: int = 5) -> bytes:
    body = b"\x16\xfa\xff\x0d" + bytes([counter]) + content
    return b"\x02\x01\x06" + bytes([len(body)]) + body


def legacy(data: bytes, kind: int = 2) -> bytes:
    pdu = ADDRESS[::-1] + data
    return ACCESS + bytes([kind, len(pdu)]) + pdu + CRC


def extended(data: bytes, *, coded: bool) -> bytes:
    header = b"\x09" + ADDRESS[::-1] + b"\xad\x01"  # address and ADI
    pdu = bytes([len(header)]) + header + data
    return ACCESS + (b"\x00" if coded else b"") + bytes([7, len(pdu)]) + pdu + CRC


def nordic(packet: bytes, flags: int = 0x01, channel: int = 37, rssi: int = 61) -> bytes:
    head = struct.pack("<BHBHBBBBBHI", 0, len(packet) + 10, 3, 1, 6, 10, flags, channel, rssi, 0, 0)
    return head + packet


def phdr(packet: bytes, flags: int, signal_dbm: int = -70) -> bytes:
    return struct.pack("<BbbBIH", 0, signal_dbm, -90, 0, 0x8E89BED6, flags) + packet


def only(framed: Framed) -> Signal:
    assert isinstance(framed, list)
    (signal,) = framed
    return signal


def test_the_real_hci_event(real_data: Path) -> None:
    path = real_data / "remote-id" / "hex" / "bt4_legacy_extended_opendroneid_hci_received.hex"
    signal = only(ble.from_hci(bytes.fromhex(path.read_text())))
    assert (signal.transport, signal.rssi_dbm, signal.counter, len(signal.payload)) == (Transport.BLE4, -36.0, 0.0, 25)
    assert signal.transmitter is not None
    assert len(signal.transmitter) == 17


def test_the_real_hci_event_decodes_to_a_serial(real_data: Path) -> None:
    path = real_data / "remote-id" / "hex" / "bt4_legacy_extended_opendroneid_hci_received.hex"
    message = RawMessage(
        payload=bytes.fromhex(path.read_text()), received_s=1.7e9, sensor="s", link_type=ble.LINK_HCI_H4
    )
    rows = ble.decode([message]).detections
    assert rows.uas_id_type.tolist() == [IdType.SERIAL]
    assert rows.uas_id[0].startswith("1126")
    assert np.isnan(rows.latitude_deg).all()


def test_bluetooth_4_on_an_advertising_channel() -> None:
    signal = only(ble.frame(nordic(legacy(advertisement(MESSAGE)), channel=38), ble.LINK_NORDIC))
    assert (signal.payload, signal.counter, signal.transmitter) == (MESSAGE, 5.0, "60:60:1F:0A:0B:0C")
    assert (signal.transport, signal.rssi_dbm, signal.frequency_hz) == (Transport.BLE4, -61.0, 2426e6)


@pytest.mark.parametrize(("flags", "coded"), [(0x21, True), (0x01, False)])
def test_bluetooth_5_with_and_without_coding(flags: int, coded: bool) -> None:  # noqa: FBT001
    packet = extended(advertisement(PACK), coded=coded)
    signal = only(ble.frame(nordic(packet, flags, channel=11), ble.LINK_NORDIC))
    assert (signal.payload, signal.transport, signal.frequency_hz) == (PACK, Transport.BLE5, 2428e6)
    assert signal.transmitter == "60:60:1F:0A:0B:0C"


def test_the_sniffers_checksum_is_believed() -> None:
    framed = ble.frame(nordic(extended(advertisement(PACK), coded=True), flags=0x20), ble.LINK_NORDIC)
    assert isinstance(framed, Refusal)
    assert framed.reason is RejectReason.CRC_FAILED


def test_bare_link_layer_packets() -> None:
    signal = only(ble.frame(legacy(advertisement(MESSAGE)), ble.LINK_LE))
    assert (signal.payload, np.isnan(signal.rssi_dbm)) == (MESSAGE, True)


def test_the_pseudo_header() -> None:
    packet = phdr(legacy(advertisement(MESSAGE)), flags=0x0C02)
    signal = only(ble.frame(packet, ble.LINK_LE_PHDR))
    assert (signal.rssi_dbm, signal.frequency_hz) == (-70.0, 2402e6)
    coded = only(ble.frame(phdr(extended(advertisement(PACK), coded=True), flags=0x8000), ble.LINK_LE_PHDR))
    assert (coded.payload, np.isnan(coded.rssi_dbm)) == (PACK, True)
    bad = ble.frame(phdr(legacy(advertisement(MESSAGE)), flags=0x0402), ble.LINK_LE_PHDR)
    assert isinstance(bad, Refusal)
    assert bad.reason is RejectReason.CRC_FAILED


def hci(sub_event: int, *reports: bytes) -> bytes:
    body = bytes([sub_event, len(reports)]) + b"".join(reports)
    return b"\x04\x3e" + bytes([len(body)]) + body


def legacy_report(data: bytes, rssi: int = 0xC4) -> bytes:
    return b"\x03\x01" + ADDRESS[::-1] + bytes([len(data)]) + data + bytes([rssi])


def extended_report(data: bytes, event_type: int = 0) -> bytes:
    head = struct.pack("<HB", event_type, 1) + ADDRESS[::-1] + b"\x01\x03\x00\x7f\xb0" + bytes(9)
    return head + bytes([len(data)]) + data


def test_every_report_of_an_event_counts() -> None:
    framed = ble.from_hci(
        hci(
            2,
            legacy_report(b"\x02\x01\x06"),
            legacy_report(advertisement(MESSAGE)),
            legacy_report(advertisement(MESSAGE, 6), 127),
        )
    )
    assert isinstance(framed, list)
    assert [signal.counter for signal in framed] == [5.0, 6.0]
    assert framed[0].rssi_dbm == -60.0
    assert np.isnan(framed[1].rssi_dbm)


def test_extended_reports() -> None:
    signal = only(ble.from_hci(hci(0x0D, extended_report(advertisement(PACK)))))
    assert (signal.payload, signal.transport, signal.rssi_dbm) == (PACK, Transport.BLE5, -80.0)


OTHERS = {
    "other service": (nordic(legacy(b"\x05\x16\x0f\x18\x64\x00")), ble.LINK_NORDIC),
    "other application code": (nordic(legacy(b"\x06\x16\xfa\xff\x0e\x01\x02")), ble.LINK_NORDIC),
    "scan request": (nordic(legacy(advertisement(MESSAGE), kind=3)), ble.LINK_NORDIC),
    "pointer only": (nordic(extended(b"", coded=False)), ble.LINK_NORDIC),
    "other event": (b"\x04\x0e\x04\x01\x03\x0c\x00", ble.LINK_HCI_H4),
    "counter only": (legacy(b"\x05\x16\xfa\xff\x0d\x01"), ble.LINK_LE),
    "empty": (b"", ble.LINK_NORDIC),
}


@pytest.mark.parametrize(("data", "link_type"), OTHERS.values(), ids=OTHERS.keys())
def test_nothing_of_other_devices_is_kept(data: bytes, link_type: int) -> None:
    framed = ble.frame(data, link_type)
    assert isinstance(framed, Refusal)
    assert framed.payload == b""
    assert framed.reason in {RejectReason.NOT_REMOTE_ID, RejectReason.TRUNCATED}


@pytest.mark.parametrize(
    ("data", "link_type"),
    [
        (nordic(extended(advertisement(PACK), coded=True), 0x21), ble.LINK_NORDIC),
        (phdr(legacy(advertisement(MESSAGE)), 0), ble.LINK_LE_PHDR),
        (hci(2, legacy_report(advertisement(MESSAGE))), ble.LINK_HCI_H4),
        (hci(0x0D, extended_report(advertisement(PACK))), ble.LINK_HCI_H4),
    ],
)
def test_cutting_a_packet_anywhere_never_raises_nor_invents(data: bytes, link_type: int) -> None:
    for end in range(len(data)):
        framed = ble.frame(data[:end], link_type)
        if isinstance(framed, list):
            assert all(signal.payload in PACK for signal in framed)
