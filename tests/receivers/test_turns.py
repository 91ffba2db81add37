"""What a recording keeps of a turn gives again exactly the rows and heartbeats that the gate let pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import COLUMNS, Flag
from airspace.model.message import Decoded, RawMessage
from bench.workload import START_S, City
from receivers.attribution import attributed
from receivers.formats import turns as module
from receivers.formats.detect import FORMATS
from receivers.formats.turns import Unmatched, taken, turns

DECODE = attributed(FORMATS["auto"])
CITY = City(6)
BEAT = b'{"protocol":1.0,"data":{"sensor ID":"s%d","timestamp":1780000000000,"status":"normal"}}'
PIECES = [
    *(CITY.message(drone, 1.0) for drone in range(6)),
    BEAT % 1,
    CITY.message(0, 2.0) + BEAT % 2 + CITY.message(1, 2.0),  # glued: two rows and a heartbeat
    b"\0garbage",
    b'{"protocol":1.0,"data":{"UASdata":"!"}}',
]


def raw(piece: int, proven: str | None) -> RawMessage:
    return RawMessage(payload=PIECES[piece], received_s=START_S, sensor=proven, place="t", proven=proven is not None)


MESSAGES = st.lists(
    st.builds(raw, st.integers(0, len(PIECES) - 1), st.sampled_from([None, None, "p", "q"])), max_size=9
)


@settings(max_examples=150)
@given(messages=MESSAGES, data=st.data())
def test_taken_again_is_what_was_taken(messages: list[RawMessage], data: st.DataObject) -> None:
    decoded = DECODE(messages)
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=(n := len(decoded.detections)), max_size=n)), dtype=bool)
    beats = data.draw(st.lists(st.booleans(), min_size=(n := len(decoded.heartbeats)), max_size=n))
    stale = np.where(np.arange(rows.sum()) % 3 == 0, int(Flag.STALE), 0)
    passed = decoded.detections.take(rows)
    admitted = replace(
        decoded,
        detections=passed.replace(flags=passed.flags | stale),
        heartbeats=tuple(beat for beat, keep in zip(decoded.heartbeats, beats, strict=True) if keep),
    )
    again = [taken(turn, DECODE) for turn in turns(messages, decoded, admitted, START_S + 3, DECODE)]
    found = [part.detections for part in again]
    for column in COLUMNS:
        expected = np.full(len(passed), START_S + 3) if column == "logged_s" else getattr(admitted.detections, column)
        joined = np.concatenate([getattr(part, column) for part in found]) if found else expected[:0]
        if column not in {"content_id", "flags"} or rows.all():  # of two equal messages the first is taken
            np.testing.assert_array_equal(joined, expected, err_msg=column)
    assert [beat.sensor for part in again for beat in part.heartbeats] == [beat.sensor for beat in admitted.heartbeats]
    assert all(beat.logged_s == START_S + 3 for part in again for beat in part.heartbeats)


def test_what_gave_nothing_or_was_refused_is_not_kept() -> None:
    messages = [raw(piece, None) for piece in (8, 0, 1, 9, 6, 2)]
    decoded = DECODE(messages)
    admitted = replace(decoded, detections=decoded.detections.take(np.array([True, False, True])))
    kept = [message for turn in turns(messages, decoded, admitted, START_S, DECODE) for message in turn.messages]
    assert [message.payload for message in kept] == [PIECES[0], PIECES[6], PIECES[2]]


def test_an_ordinary_turn_is_kept_without_decoding_it_again() -> None:
    messages = [raw(piece, None) for piece in range(6)]
    decoded = DECODE(messages)
    (turn,) = turns(messages, decoded, decoded, START_S, _never)
    assert (len(turn.messages), turn.rows, turn.heartbeats, turn.changed) == (6, None, None, {})


def test_a_flood_that_the_gate_cuts_is_kept_without_decoding_it_again() -> None:
    messages = [raw(piece % 6, None) for piece in range(60)]
    decoded = DECODE(messages)
    admitted = replace(decoded, detections=decoded.detections.take(np.arange(60) % 7 == 0))
    (turn,) = turns(messages, decoded, admitted, START_S, _never)
    assert (len(turn.messages), turn.rows) == (9, None)


def test_a_large_turn_becomes_several_of_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TURN_BYTES", 700)
    messages = [raw(piece, None) for piece in range(6)]
    decoded = DECODE(messages)
    made = list(turns(messages, decoded, decoded, START_S, DECODE))
    assert len(made) > 1
    assert {turn.logged_s for turn in made} == {START_S}
    assert [message.payload for turn in made for message in turn.messages] == PIECES[:6]


def test_a_gate_that_makes_rows_is_told() -> None:
    decoded = DECODE([raw(0, None)])
    other = DECODE([raw(1, None), raw(2, None)])
    with pytest.raises(Unmatched):
        list(turns([raw(0, None)], decoded, other, START_S, DECODE))


def _never(_: object) -> Decoded:
    raise AssertionError("decoded again")
