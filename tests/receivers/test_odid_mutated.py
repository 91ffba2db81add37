"""Batch decoder against plain reader on many random and mutated payloads: some thousands here, ``count`` in a bench.

Hypothesis looks for the smallest fault in ``test_odid_batch``; this one goes for numbers. Everything is drawn from a
seed, so a fault that it finds comes again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pytest

from airspace.model.message import RejectReason
from receivers.formats.odid_batch import decode_payloads
from tests.receivers import odid_encoding as encode
from tests.receivers.odid_oracle import RECEIVED_S, expected, payloads, row

BATCH: Final = 1000
RECEIVED: Final = (
    RECEIVED_S + 0.03,
    1_772_409_600.03,
    1_772_409_600.43,
    1_772_411_399.87,
    1_772_411_400.13,
)  # hours and half hours, never just as far from one hour as from the next: there both readers are right
NO_POSITION_DEG: Final = 214.7483647  # 0x7FFFFFFF
SERIALS: Final = (b"9999F000000000012345", b"1581E0TEST0000000AB", b"\x01\xaa\xbb", b"NL-1234", b"caf\xc3\xa9", b"")

Make = Callable[[random.Random], bytes]


def payloads_from(seed: int, count: int) -> Iterator[tuple[bytes, float]]:
    """``count`` payloads with a receive time each."""
    draw = random.Random(seed)
    for _ in range(count):
        yield _payload(draw), draw.choice(RECEIVED)


def check(given: list[tuple[bytes, float]]) -> None:
    """AssertionError where the two decoders differ in any column of any of the payloads."""
    detections, rows, rejects = decode_payloads(payloads([one for one, _ in given], [time_s for _, time_s in given]))
    wanted = [expected(data, received_s) for data, received_s in given]
    assert rows.tolist() == [index for index, one in enumerate(wanted) if isinstance(one, dict)]
    assert [one.reason for one in rejects] == [one for one in wanted if isinstance(one, RejectReason)]
    for at, index in enumerate(rows.tolist()):
        want, got = wanted[index], row(detections, at)
        assert isinstance(want, dict)
        assert {name: got[name] for name in want} == want, given[index][0].hex()


def _payload(draw: random.Random) -> bytes:
    kind = draw.random()
    if kind < 0.1:
        return draw.randbytes(draw.randrange(120))
    if kind < 0.4:
        return _mutated(draw, _message(draw))
    held = [_message(draw) for _ in range(draw.randrange(11))]
    count = draw.choice([None, None, None, 0, draw.randrange(256)])
    return _mutated(draw, encode.pack(*held, count=count, size=draw.choice([25, 25, 25, 89])))


def _mutated(draw: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([0, 0, 1, 1, 2, 8])):
        if changed:
            at = draw.randrange(len(changed))
            changed[at] = draw.choice([changed[at] ^ 1 << draw.randrange(8), draw.randrange(256)])
    if draw.random() < 0.1:
        del changed[draw.randrange(len(changed) + 1) :]
    return bytes(changed) + draw.randbytes(draw.choice([0, 0, 0, 3]))


def _message(draw: random.Random) -> bytes:
    return draw.choice(_MAKERS)(draw)


def _location(draw: random.Random) -> bytes:
    return encode.location(
        lat=draw.choice([0.0, NO_POSITION_DEG, draw.uniform(-91, 91)]),
        lon=draw.choice([0.0, NO_POSITION_DEG, draw.uniform(-181, 181)]),
        status=draw.randrange(6),
        version=draw.choice([2, 2, 2, draw.randrange(16)]),
        direction=draw.randrange(256),
        east_west=draw.randrange(2),
        speed=draw.choice([draw.randrange(256), 255]),
        multiplier=draw.randrange(2),
        vertical=draw.randrange(256),
        height=draw.choice([None, draw.uniform(-900, 900)]),
        over_ground=draw.randrange(2),
        accuracy=draw.randrange(256),
        tenths=draw.choice([draw.randrange(36002), 35999, 36000, 65534, 65535]),
    )


def _system(draw: random.Random) -> bytes:
    return encode.system(
        lat=draw.choice([0.0, 0.001, NO_POSITION_DEG, draw.uniform(-91, 91)]),
        lon=draw.choice([0.0, -0.001, NO_POSITION_DEG, draw.uniform(-181, 181)]),
        operator_location=draw.randrange(4),
        classification=draw.randrange(8),
        category=draw.randrange(16),
        eu_class=draw.randrange(16),
        seconds=draw.randrange(2**32),
    )


def _auth(draw: random.Random) -> bytes:
    return encode.auth(page=draw.randrange(4), auth_type=draw.choice([1, 1, 1, 3]), length=draw.randrange(70))


_MAKERS: Final[tuple[Make, ...]] = (
    lambda draw: encode.basic_id(draw.choice(SERIALS), id_type=draw.randrange(6), ua_type=draw.randrange(16)),
    lambda draw: encode.basic_id(
        draw.randbytes(draw.randrange(21)), id_type=draw.randrange(16), version=draw.randrange(16)
    ),
    _location,
    _location,
    _system,
    _auth,
    _auth,
    lambda draw: encode.self_id(draw.choice([b"roof, survey", b"a\x00b", draw.randbytes(23)])),
    lambda draw: encode.operator_id(draw.choice([b"FIN87astrdge12k8-xyz", b"", draw.randbytes(20)])),
    lambda draw: bytes(25),
    lambda draw: draw.randbytes(25),
)


@pytest.mark.parametrize("seed", range(10))
def test_thousands_agree(seed: int) -> None:
    check(list(payloads_from(seed, BATCH)))


def test_the_check_finds_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receivers.formats.odid_batch._VERTICAL_SPEED_M_S", np.zeros(256))
    with pytest.raises(AssertionError):
        check(list(payloads_from(0, 200)))
