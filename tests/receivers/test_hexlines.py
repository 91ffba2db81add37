"""Lines of hex."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.message import RawMessage, RejectReason
from receivers.formats import hexlines
from tests.receivers import odid_encoding as encode


def line(payload: bytes, sensor: str | None = "roof") -> RawMessage:
    return RawMessage(payload=payload, received_s=1_772_366_400.4, sensor=sensor, place="a.hex:1")


@pytest.mark.parametrize(
    "text",
    ["0d5d0a", "0D5D0A\n", "0d 5d 0a", "0d:5d:0a", "0x0d5d0a", b"0d5d0a\r\n", "0d-5d-0a"],
)
def test_hex_is_read_in_every_usual_form(text: str | bytes) -> None:
    assert hexlines.from_hex(text) == b"\x0d\x5d\x0a"


@pytest.mark.parametrize("text", ["", "0d5", "zz", "Grüße", b"\xff\xfe", "0x"])
def test_what_is_no_hex(text: str | bytes) -> None:
    assert hexlines.from_hex(text) is None


def test_messages_and_packs_become_rows() -> None:
    pack = encode.pack(encode.basic_id(), encode.location())
    given_ = [line(encode.location().hex(" ").encode()), line(b"# a remark"), line(b"\n"), line(pack.hex().encode())]
    decoded = hexlines.decode(given_)
    assert decoded.ignored == 2
    assert decoded.rejects == ()
    assert decoded.detections.uas_id.tolist() == [None, "9999F000000000012345"]
    assert decoded.detections.sensor.tolist() == ["roof", "roof"]
    assert len(set(decoded.detections.content_id.tolist())) == 2


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"hello", RejectReason.NOT_HEX),
        (b"0d5", RejectReason.NOT_HEX),
        (b"0d5d", RejectReason.UNKNOWN_FORMAT),
        (b"043e390d01" + b"00" * 55, RejectReason.UNKNOWN_FORMAT),
        (b"80000000" + b"00" * 21, RejectReason.UNKNOWN_FORMAT),
        (b"f21900", RejectReason.NO_DATA),
        (b"f21902" + b"00" * 10, RejectReason.TRUNCATED),
        (b"00" * (1 << 20), RejectReason.TOO_LARGE),
    ],
)
def test_other_lines_are_named(payload: bytes, reason: RejectReason) -> None:
    decoded = hexlines.decode([line(payload)])
    assert len(decoded.detections) == 0
    assert [(one.reason, one.place, one.sensor) for one in decoded.rejects] == [(reason, "a.hex:1", "roof")]


@given(st.lists(st.binary(max_size=90), max_size=5))
def test_every_line_is_accounted_for(payloads: list[bytes]) -> None:
    given_ = [line(payload) for payload in payloads] + [line(payload.hex().encode(), None) for payload in payloads]
    decoded = hexlines.decode(given_)
    assert len(decoded.detections) + len(decoded.rejects) + decoded.ignored == len(given_)
