"""Payloads that all have the same messages in the same places are read where they lie: with the same result."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import Flag
from receivers.formats import odid, odid_batch, odid_text
from receivers.formats.odid_batch import decode_payloads
from receivers.formats.odid_text import KnownTexts, read_operator_id
from tests.receivers import odid_encoding as encode
from tests.receivers.odid_oracle import expected, payloads, row
from tests.receivers.test_odid_batch import assert_same

KINDS = (odid.BASIC_ID, odid.LOCATION, odid.AUTH, odid.SELF_ID, odid.SYSTEM, odid.OPERATOR_ID)
FLOOD = 40_000
layouts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 15)), min_size=1, max_size=6, unique_by=lambda m: m[0]
)
good = {
    odid.BASIC_ID: encode.basic_id(),
    odid.LOCATION: encode.location(),
    odid.AUTH: encode.auth(),
    odid.SELF_ID: encode.self_id(),
    odid.SYSTEM: encode.system(),
    odid.OPERATOR_ID: encode.operator_id(),
}


def message(kind: int, version: int, random_: random.Random) -> bytes:
    """Of a type and version; every third one damaged, every ninth nothing but noise or zeros."""
    body = bytearray(good[kind])
    case = random_.randrange(9)
    if case < 3:
        body[random_.randrange(1, 25)] = random_.randrange(256)
    elif case == 3:
        body[1:] = random_.choice((random_.randbytes(24), bytes(24)))
    body[0] = kind << 4 | version
    return bytes(body)


@settings(max_examples=150, deadline=None)
@given(
    layouts,
    st.integers(1, 9),
    st.integers(0, 2**32),
    st.sampled_from(["pack", "alone"]),
    st.sampled_from([b"", b"\0\xff"]),
)
def test_equal_to_the_plain_reader_and_to_gathering(
    layout: list[tuple[int, int]], count: int, seed: int, form: str, tail: bytes
) -> None:
    random_ = random.Random(seed)
    drawn = [[message(*one, random_) for one in layout] for _ in range(count)]
    data = [(one[0] if form == "alone" else encode.pack(*one)) + tail for one in drawn]
    batch = payloads([*data, encode.pack(*drawn[0], *drawn[0])])  # the last one fits in no layout
    detections, rows, rejects = decode_payloads(batch.take(np.arange(count)))
    wanted = [expected(one, batch.received_s[0]) for one in data]
    assert rows.tolist() == [index for index, one in enumerate(wanted) if isinstance(one, dict)]
    for at, index in enumerate(rows.tolist()):
        got, want = row(detections, at), wanted[index]
        assert isinstance(want, dict)
        assert {name: got[name] for name in want} == want
    gathered, gathered_rows, gathered_rejects = decode_payloads(batch)
    kept = gathered_rows < count
    assert_same(detections, gathered.take(kept))
    assert rows.tolist() == gathered_rows[kept].tolist()
    assert rejects == gathered_rejects[: count - len(rows)]


def test_one_layout_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        pytest.fail("gathered")

    monkeypatch.setattr(odid_batch, "_gathered", refuse)
    pack = encode.pack(encode.basic_id(), encode.location(), encode.system())
    detections, _, _ = decode_payloads(payloads([pack] * 3))
    assert detections.uas_id.tolist() == ["9999F000000000012345"] * 3
    detections, _, _ = decode_payloads(payloads([encode.location(version=9)] * 2))
    assert detections.flags.tolist() == [int(Flag.VERSION_UNKNOWN | Flag.SKEW)] * 2


@pytest.mark.parametrize(
    "pack",
    [
        encode.pack(encode.location(), encode.location()),
        encode.pack(encode.location(), count=2),
        encode.pack(encode.location(), encode.system(), count=1),
        encode.pack(encode.location(), size=24),
        encode.pack(encode.location(), b"\x92" + bytes(24)),
        encode.pack(),
        b"\xf2\x19\x01" + bytes(7),
    ],
)
def test_what_is_not_whole_is_gathered(pack: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        pytest.fail("read in place")

    monkeypatch.setattr(odid_batch, "_in_place", refuse)
    decode_payloads(payloads([pack] * 2))


def test_a_flood_of_texts_is_forgotten_and_read_alike() -> None:
    known = KnownTexts(read_operator_id)
    raw = [b"NLD%08d" % number for number in range(FLOOD)] + [b"", b"a\x01b", b"NLDaaaaaaaaaaaaaaaa-xyz"]
    for _ in range(2):
        found, remarked, flags = known.column(raw)
        wanted = [read_operator_id(one) for one in raw]
        assert found.tolist() == [text for text, _ in wanted]
        assert dict(zip(remarked, flags, strict=True)) == {at: bits for at, (_, bits) in enumerate(wanted) if bits}
        assert len(known) <= odid_text.KNOWN_TEXTS < FLOOD
