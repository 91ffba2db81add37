"""The fuzz bench itself: seeds hold, some mutations hold, and a decoder that fails is found."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from airspace.model.message import Decoded, RawMessage
from bench import fuzz
from receivers.formats.detect import FORMATS


def test_seeds_and_some_mutations_hold() -> None:
    rng, corpus = random.Random(3), fuzz.seeds()
    assert {fuzz.decoder_of(data) for data in corpus} >= {"auto", "dronescout", "dragonsync", "sbs", "reference"}
    for data in corpus:
        fuzz.check(data)
    for _ in range(1500):
        fuzz.check(fuzz._mutated(rng, rng.choice(corpus), corpus))


def test_a_decoder_that_raises_or_loses_a_message_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(messages: Sequence[RawMessage]) -> Decoded:
        if any(b"boom" in message.payload for message in messages):
            raise ZeroDivisionError
        return Decoded()

    monkeypatch.setitem(FORMATS, "auto", raising)
    faults = fuzz.Faults()
    target = bytes([fuzz.NAMES.index("auto"), 0])
    for data in (b"boom", b"boom again", b"quiet", b""):
        faults.run(target + data)
    kinds = sorted(kind.split(" ", 1)[0] for kind in faults.kinds)
    assert kinds == ["BrokenError", "ZeroDivisionError"]
    assert {fault["decoder"] for fault in faults.kinds.values()} == {"auto"}
