"""Which format is it? Every known form of input, alone and among others."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Transport
from airspace.model.message import MAX_PAYLOAD_BYTES, MAX_QUARANTINE_BYTES, Decoded, RawMessage, RejectReason
from receivers.formats import ble, wifi
from receivers.formats.content import content_id, content_ids
from receivers.formats.detect import FORMATS, decode
from tests.receivers.odid_encoding import basic_id, location
from tests.receivers.test_ble import advertisement, hci, legacy, legacy_report, nordic
from tests.receivers.test_wifi import FRAME, radiotap

PACK = b"\xf2\x19\x02" + basic_id() + location()
T0 = 1_750_000_000.0


def raw(payload: bytes, link_type: int | None = None, sensor: str | None = "mast") -> RawMessage:
    return RawMessage(payload=payload, received_s=T0, sensor=sensor, place="x", link_type=link_type)


def dronescout(folder: Path) -> bytes:
    text = (folder / "remote-id" / "dronescout-mqtt" / "BLE-legacy.json").read_bytes()
    return text[: text.index(b"}}") + 2]


READ: dict[str, tuple[bytes, int | None, Transport]] = {
    "bare message": (basic_id(), None, Transport.UNKNOWN),
    "bare pack": (PACK, None, Transport.UNKNOWN),
    "hex pack": (PACK.hex().encode(), None, Transport.UNKNOWN),
    "hex with blanks": (basic_id().hex(" ").encode() + b"\r\n", None, Transport.UNKNOWN),
    "hex with colons and prefix": (b"0x" + location().hex(":").upper().encode(), None, Transport.UNKNOWN),
    "hex advertisement": (advertisement(basic_id())[3:].hex().encode(), None, Transport.UNKNOWN),
    "hex event": (hci(2, legacy_report(advertisement(basic_id()))).hex().encode(), None, Transport.BLE4),
    "bare event": (hci(2, legacy_report(advertisement(basic_id()))), None, Transport.BLE4),
    "hex beacon": (FRAME.hex().encode(), None, Transport.WIFI_BEACON),
    "hex beacon with radiotap": (radiotap(0, b"").hex().encode() + FRAME.hex().encode(), None, Transport.WIFI_BEACON),
    "captured beacon": (FRAME, wifi.LINK_80211, Transport.WIFI_BEACON),
    "captured packet": (nordic(legacy(advertisement(basic_id()))), ble.LINK_NORDIC, Transport.BLE4),
}


@pytest.mark.parametrize(("payload", "link_type", "transport"), READ.values(), ids=READ.keys())
def test_each_known_form_gives_a_row(payload: bytes, link_type: int | None, transport: Transport) -> None:
    decoded = decode([raw(payload, link_type)])
    assert decoded.rejects == ()
    assert decoded.detections.transport.tolist() == [transport]
    assert decoded.detections.sensor.tolist() == ["mast"]


REFUSED: dict[str, tuple[bytes, int | None, RejectReason, str]] = {
    "empty": (b"", None, RejectReason.TRUNCATED, "empty"),
    "text": (b"hello", None, RejectReason.UNKNOWN_FORMAT, "5 bytes"),
    "odd hex": (b"123", None, RejectReason.NOT_HEX, "hex"),
    "hex of nothing known": (b"00112233", None, RejectReason.UNKNOWN_FORMAT, "4 bytes"),
    "other link": (b"secret", 1, RejectReason.UNKNOWN_FORMAT, "link type 1"),
    "other object": (b'{"mac": "x", "height": 1}', None, RejectReason.UNKNOWN_FORMAT, "height, mac"),
    "other array": (b'[{"mac": 1, "x": 2}]', None, RejectReason.UNKNOWN_FORMAT, "mac, x"),
    "array of nothing": (b"[]", None, RejectReason.UNKNOWN_FORMAT, "no keys"),
    "broken object": (b'{"mac": ', None, RejectReason.NOT_JSON, ""),
    "line cut short": (b'{"mac":"aa","rssi":-70,"drone_lat":52.1', None, RejectReason.TRUNCATED, "cut short"),
    "too large": (b"{" * (MAX_PAYLOAD_BYTES + 1), None, RejectReason.TOO_LARGE, ""),
}


@pytest.mark.parametrize(("payload", "link_type", "reason", "detail"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_known_is_named(payload: bytes, link_type: int | None, reason: RejectReason, detail: str) -> None:
    decoded = decode([raw(payload, link_type)])
    (reject,) = decoded.rejects
    assert (reject.reason, reject.place, reject.sensor) == (reason, "x", "mast")
    assert detail in reject.detail
    assert len(reject.payload) <= MAX_QUARANTINE_BYTES
    assert link_type is None or reject.payload == b""


@pytest.mark.parametrize("name", ["wifi_frame_nan_real.hex", "bt4_legacy_extended_opendroneid_hci_received.hex"])
def test_the_real_hex_files(real_data: Path, name: str) -> None:
    text = (real_data / "remote-id" / "hex" / name).read_bytes()
    for decoded in (decode([raw(text)]), FORMATS["hex"]([raw(text)])):
        assert decoded.rejects == ()
        assert decoded.detections.transport.tolist() in ([Transport.WIFI_NAN], [Transport.BLE4])


@pytest.mark.parametrize("pack", [bytes, lzma.compress, lambda data: lzma.compress(data, lzma.FORMAT_ALONE)])
def test_dronescout_plain_and_compressed(real_data: Path, pack: Callable[[bytes], bytes]) -> None:
    decoded = decode([raw(pack(dronescout(real_data)), sensor=None)])
    assert decoded.rejects == ()
    assert [sensor[:6] for sensor in decoded.detections.sensor] == ["SNSTAC"]


def test_rows_keep_the_order_of_mixed_messages(real_data: Path) -> None:
    report = dronescout(real_data)
    mixed = [
        raw(PACK),
        raw(report),
        raw(b'{"x": 1}'),
        raw(FRAME, wifi.LINK_80211),
        raw(report),
        raw(PACK.hex().encode()),
    ]
    decoded = decode(mixed)
    transports = [Transport.UNKNOWN, Transport.BLE4, Transport.WIFI_BEACON, Transport.BLE4, Transport.UNKNOWN]
    assert decoded.detections.transport.tolist() == transports
    assert len(decoded.rejects) == 1


def test_a_captured_frame_is_one_event_and_a_live_payload_may_come_twice() -> None:
    def ids(*messages: RawMessage) -> int:
        return len(set(decode(messages).detections.content_id))

    def at(time_s: float, payload: bytes, link_type: int | None, sensor: str = "mast") -> RawMessage:
        return RawMessage(payload=payload, received_s=time_s, sensor=sensor, link_type=link_type)

    assert ids(at(T0, FRAME, wifi.LINK_80211), at(T0 + 0.1, FRAME, wifi.LINK_80211)) == 2
    assert ids(at(T0, FRAME, wifi.LINK_80211), at(T0, FRAME, wifi.LINK_80211)) == 1
    assert ids(at(T0, PACK, None), at(T0 + 5, PACK, None)) == 1
    assert ids(at(T0, PACK, None), at(T0, PACK, None, "roof")) == 2


def outcomes(decoded: Decoded) -> int:
    return len(decoded.detections) + len(decoded.rejects) + len(decoded.heartbeats) + decoded.ignored


PIECES = [payload for payload, _, _ in READ.values()] + [payload for payload, *_ in REFUSED.values()][:-1]
LINKS = [None, *sorted(wifi.LINKS), *sorted(ble.LINKS), 1]


@settings(max_examples=300)
@given(
    st.one_of(st.binary(max_size=120), st.sampled_from(PIECES), st.text(max_size=40).map(str.encode)),
    st.integers(0, 200),
    st.sampled_from(LINKS),
)
def test_no_bytes_raise_and_each_message_is_accounted_for(payload: bytes, cut: int, link_type: int | None) -> None:
    for data in (payload, payload[cut:], payload[:cut]):
        assert outcomes(decode([raw(data, link_type)])) >= 1


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["data", "status", "location", "aircraft", "UASdata", "sensor ID", "timestamp", "x"]),
                inner,
            )
        ),
    )
)
def test_no_json_raises(value: object) -> None:
    assert outcomes(decode([raw(json.dumps(value).encode())])) >= 1


@given(st.lists(st.tuples(st.sampled_from(["a", "ü"]), st.binary(max_size=8), st.sampled_from([b"", b"1", b"22"]))))
def test_many_content_ids_are_those_of_each(messages: list[tuple[str, bytes, bytes]]) -> None:
    sensors, payloads, extras = [one[0] for one in messages], [one[1] for one in messages], [one[2] for one in messages]
    assert content_ids(sensors, payloads, extras) == [content_id(*one) for one in messages]
