"""The file of our own recording: whole, cut, altered, and damaged in every byte."""

from __future__ import annotations

import gzip
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.log import Command, CommandKind
from airspace.model.message import RawMessage, Reject, RejectReason
from receivers.formats import recording
from receivers.formats.recording import Commands, End, Entry, Gap, Message, Opening, Sealed, Tick, Turn, entries_of
from receivers.sources.files import is_own_log, read

T0 = 1_780_000_000.0
RAW = RawMessage(
    payload=bytes(range(256)),
    received_s=T0 + 0.123456,
    sensor="roof",
    place="/sensor/roof/upload",
    link_type=127,
    retained=True,
    proven=True,
)
COMMAND = Command(kind=CommandKind.CLOSE, alert_id="A-1", by="unit 12", logged_s=T0, note="spoke", outcome="warned")
BLOCKS: list[list[Entry]] = [
    [Opening(T0, "match evening", previous="a.log", previous_digest=bytes(32))],
    [Turn(T0 + 0.5, (Message.of(RAW),)), Tick(T0 + 1)],
    [
        Turn(T0 + 1.5, (Message.of(RAW),), rows=(True, False), heartbeats=(False,), changed={"flags": [16384]}),
        Tick(T0 + 2),
    ],
    [Commands((COMMAND,)), Gap(T0 + 2, T0 + 3, 7, "no space left on device"), Tick(T0 + 3)],
    [End(blocks=5)],
]


def written(blocks: list[list[Entry]]) -> list[bytes]:
    """The header and the blocks, each for itself."""
    parts, digest = [recording.header()], recording.first_digest()
    for entries in blocks:
        data, digest = recording.block(entries, digest)
        parts.append(data)
    return parts


PARTS = written(BLOCKS)
WHOLE = b"".join(PARTS)
ENTRIES = [entry for entries in BLOCKS for entry in entries]


def read_back(data: bytes) -> tuple[list[Entry], list[Reject]]:
    found = list(entries_of(data, "r.log"))
    rejects = [item for item in found if isinstance(item, Reject)]
    return [item for item in found if not isinstance(item, Reject | Sealed)], rejects


def test_what_was_written_is_read() -> None:
    assert read_back(WHOLE) == (ENTRIES, [])
    assert Message.of(RAW).raw() == RAW


def test_the_last_digest_is_told_for_a_check_against_one_kept_elsewhere() -> None:
    (sealed,) = [item for item in entries_of(WHOLE, "r.log") if isinstance(item, Sealed)]
    other = written([*BLOCKS[:-1], [Tick(T0 + 4)], [End(blocks=6)]])
    assert sealed != next(item for item in entries_of(b"".join(other), "r.log") if isinstance(item, Sealed))
    assert len(sealed.digest) == 32


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_a_block_taken_out_is_noticed_and_the_rest_is_read(lost: int) -> None:
    entries, (reject,) = read_back(b"".join(PARTS[:lost] + PARTS[lost + 1 :]))
    assert entries == [entry for index, block in enumerate(BLOCKS, 1) if index != lost for entry in block]
    assert (reject.reason, reject.place) == (RejectReason.TRUNCATED, f"r.log: block {lost}")
    assert "missing" in reject.detail


def test_two_blocks_in_the_other_order_are_noticed() -> None:
    _, rejects = read_back(b"".join([*PARTS[:2], PARTS[3], PARTS[2], *PARTS[4:]]))
    assert len(rejects) == 3


@pytest.mark.parametrize("kept", [0, 5, len(PARTS[0]), len(PARTS[0]) + 3, len(WHOLE) - 1, len(WHOLE) - len(PARTS[-1])])
def test_a_cut_file_is_noticed_and_what_stands_before_the_cut_is_read(kept: int) -> None:
    entries, rejects = read_back(WHOLE[:kept])
    assert rejects
    assert all(reject.reason is RejectReason.TRUNCATED for reject in rejects)
    assert entries == ENTRIES[: len(entries)]
    if kept == len(WHOLE) - 1:
        assert entries == ENTRIES[:-1]


def test_one_altered_bit_anywhere_is_noticed_and_costs_one_block_at_most() -> None:
    for at, bit in product(range(len(WHOLE)), range(8)):
        altered = bytearray(WHOLE)
        altered[at] ^= 1 << bit
        entries, rejects = read_back(bytes(altered))
        assert rejects
        if at >= len(PARTS[0]):
            lost = [block for block in BLOCKS if not all(entry in entries for entry in block)]
            assert len(lost) <= 1, (at, bit)
            assert all(entry in ENTRIES for entry in entries)


@settings(max_examples=200)
@given(data=st.binary(max_size=200), inside=st.integers(0, len(WHOLE)))
def test_no_bytes_raise(data: bytes, inside: int) -> None:
    for mess in (data, recording.header() + data, WHOLE[:inside] + data + WHOLE[inside:]):
        read_back(mess)


def test_a_later_version_is_refused_by_name() -> None:
    _, (reject,) = read_back(WHOLE[:8] + b"\2\0\0\0" + WHOLE[12:])
    assert (reject.reason, reject.detail) == (RejectReason.UNKNOWN_FORMAT, "version 2 is not read, only 1")


@pytest.mark.parametrize(("name", "data"), [("a.log", WHOLE), ("odd.name", WHOLE), ("a.log.gz", gzip.compress(WHOLE))])
def test_it_is_known_by_its_first_bytes(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (reading,) = read(path)
    assert is_own_log(path)
    assert reading.messages == (RAW, RAW)
    assert [entry for entry in reading.entries if not isinstance(entry, Sealed)] == ENTRIES
    assert [warning for warning in reading.warnings if "7 messages" in warning and "no space" in warning]
    assert not reading.rejects


def test_a_log_of_another_kind_is_read_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "feed.log"
    path.write_bytes(b'{"a": 1}\n{"b": 2}\n')
    (reading,) = read(path, receiver_time_s=T0)
    assert (len(reading.messages), is_own_log(path), is_own_log(tmp_path / "none.log")) == (2, False, False)
