r"""Our own recording: the log of a run, as bytes that can be proved whole.

    file   = b"\x89ASLOG\r\n", u32 version (1), block*                                     little endian
    block  = b"\xa1BLK", u32 bytes of the body, u32 bytes unpacked, 32 bytes previous, 32 bytes digest, body
    body   = zlib (msgpack array of entries)
    previous = digest of the block before; of the first: SHA-256 of the file header
    digest = SHA-256 (previous, the eight length bytes, body)

An entry is an array that begins with its tag: ``opening`` (first in each file; names the file before it and its last
digest), ``turn`` (messages that were taken at one log time), ``tick``, ``commands``, ``gap`` (what could not be
written) and ``end`` (last in a file that was closed in order). So a changed byte, a block taken out, a missing file
and a file that was cut are each noticed and named, and every block that is sound is still read. The chain has no key:
who may write the folder can write a new chain. It proves something when the last digest of a file is kept elsewhere;
the recorder tells it when it closes one.

A turn holds what was accepted and no more: messages that gave nothing, or only what the gate refused, are left out
(third-party frames, closed shutters), and where a message was taken in part the turn says which of its rows were.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import Any, Final, NamedTuple

import msgspec

from airspace.model.log import Command
from airspace.model.message import RawMessage, Reject, RejectReason
from airspace.model.units import rfc3339

MAGIC: Final = b"\x89ASLOG\r\n"
VERSION: Final = 1
MAX_BLOCK_BYTES: Final = 1 << 27  # unpacked; the recorder stays far below it

_FILE: Final = struct.Struct("<8sI")
_BLOCK: Final = struct.Struct("<4sII32s32s")
_MARK: Final = b"\xa1BLK"
_LEVEL: Final = 6  # of zlib: its usual one

Data = bytes | mmap


class Message(msgspec.Struct, frozen=True, array_like=True):
    """A message with all that its transport knew: the formats may look at topic and link type."""

    payload: bytes
    received_s: float
    sensor: str | None
    place: str
    link_type: int | None
    retained: bool = False
    proven: bool = False

    @classmethod
    def of(cls, raw: RawMessage) -> Message:
        """As it is written."""
        return cls(raw.payload, raw.received_s, raw.sensor, raw.place, raw.link_type, raw.retained, raw.proven)

    def raw(self) -> RawMessage:
        """As a format reads it."""
        return RawMessage(
            payload=self.payload,
            received_s=self.received_s,
            sensor=self.sensor,
            place=self.place,
            link_type=self.link_type,
            retained=self.retained,
            proven=self.proven,
        )


class Opening(msgspec.Struct, frozen=True, array_like=True, tag="opening"):
    """Why and when the file was begun. Without ``previous`` a run of the service begins here, with an empty picture."""

    started_s: float
    purpose: str
    previous: str | None = None
    previous_digest: bytes | None = None


class Turn(msgspec.Struct, frozen=True, array_like=True, tag="turn"):
    """Messages that entered the log at one time; what of them did, where that is not all; what the gate changed."""

    logged_s: float
    messages: tuple[Message, ...]
    rows: tuple[bool, ...] | None = None
    heartbeats: tuple[bool, ...] | None = None
    changed: dict[str, list[Any]] = {}


class Tick(msgspec.Struct, frozen=True, array_like=True, tag="tick"):
    """A second of the log; how far the machine's clock was from its time, where it was found set just then."""

    tick_s: float
    clock_offset_s: float | None = None


class Commands(msgspec.Struct, frozen=True, array_like=True, tag="commands"):
    """What people did to alerts."""

    commands: tuple[Command, ...]


class Gap(msgspec.Struct, frozen=True, array_like=True, tag="gap"):
    """Messages that were accepted here but could not be written."""

    from_s: float
    to_s: float
    messages: int
    cause: str


class End(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """Nothing comes after it in this file."""

    blocks: int


Entry = Opening | Turn | Tick | Commands | Gap | End


def gap_text(gap: Gap) -> str:
    """For the person who reads the recording."""
    return f"{gap.messages} messages from {rfc3339(gap.from_s)} to {rfc3339(gap.to_s)} were not recorded: {gap.cause}"


def clock_text(tick: Tick) -> str:
    """For the person who reads the recording."""
    offset_s = tick.clock_offset_s or 0.0
    if offset_s == 0:
        return f"at {rfc3339(tick.tick_s)} the times of the recording were set by the machine's clock"
    return f"at {rfc3339(tick.tick_s)} the machine's clock was {offset_s:+.1f} s from the times of the recording"


class Sealed(msgspec.Struct, frozen=True):
    """What a reader knows at the end of a file: the digest of its last block."""

    digest: bytes


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[Entry])


def header() -> bytes:
    """What a file begins with."""
    return _FILE.pack(MAGIC, VERSION)


def first_digest() -> bytes:
    """What the first block is chained to."""
    return hashlib.sha256(header()).digest()


def block(entries: Sequence[Entry], previous: bytes) -> tuple[bytes, bytes]:
    """The entries as one block, and its digest."""
    plain = _ENCODER.encode(entries)
    body = zlib.compress(plain, _LEVEL)
    digest = _digest(previous, len(body), len(plain), body)
    return _BLOCK.pack(_MARK, len(body), len(plain), previous, digest) + body, digest


def is_recording(data: bytes) -> bool:
    """Do the first bytes say so?"""
    return data[: len(MAGIC)] == MAGIC


def entries_of(data: Data, place: str) -> Iterator[Entry | Sealed | Reject]:
    """The entries of every sound block, a reject for each damage, last the digest for a check against one kept apart.

    After damage the blocks that follow are read on: each says itself to what it is chained.
    """
    if len(data) < _FILE.size or not is_recording(data[: len(MAGIC)]):
        yield _damage(place, 0, RejectReason.TRUNCATED, "the file header is cut short or damaged")
        return
    version = _FILE.unpack_from(data)[1]
    if version != VERSION:
        yield _damage(place, 0, RejectReason.UNKNOWN_FORMAT, f"version {version} is not read, only {VERSION}")
        return
    previous: bytes | None = first_digest()
    at, number, closed = _FILE.size, 0, False
    while at < len(data):
        number += 1
        head = _head(data, at)
        if head is None:
            yield _damage(place, number, RejectReason.TRUNCATED, f"damaged or cut short at byte {at}")
            at, previous = _next_mark(data, at + 1), None
            continue
        if previous not in {None, head.previous}:
            yield _damage(place, number, RejectReason.TRUNCATED, f"what stood before byte {at} is missing or altered")
        found = _entries(data[at + _BLOCK.size : at + head.size], head)
        if isinstance(found, str):
            yield _damage(place, number, RejectReason.CRC_FAILED, f"{found} (byte {at})")
            if not _is_border(data, at + head.size):  # its length may be what was altered
                at, previous = _next_mark(data, at + 1), None
                continue
        else:
            yield from found
            closed = bool(found) and isinstance(found[-1], End)
        at, previous = at + head.size, head.digest
    if not closed:
        detail = "no end mark: the file was cut, or its writer was stopped hard"
        yield _damage(place, number, RejectReason.TRUNCATED, detail)
    yield Sealed(previous or b"")


class _Head(NamedTuple):
    size: int  # with the head itself
    body_bytes: int
    plain_bytes: int
    previous: bytes
    digest: bytes


def _head(data: Data, at: int) -> _Head | None:
    """The head of the block here, None if there can be none."""
    if len(data) - at < _BLOCK.size or data[at : at + 4] != _MARK:
        return None
    _, body_bytes, plain_bytes, previous, digest = _BLOCK.unpack_from(data, at)
    size = _BLOCK.size + int(body_bytes)
    if size > len(data) - at or plain_bytes > MAX_BLOCK_BYTES:
        return None
    return _Head(size, body_bytes, plain_bytes, previous, digest)


def _entries(body: bytes, head: _Head) -> list[Entry] | str:
    """What a block holds, or what is wrong with it."""
    if _digest(head.previous, head.body_bytes, head.plain_bytes, body) != head.digest:
        return "altered: the digest does not fit"
    try:
        return _DECODER.decode(zlib.decompressobj().decompress(body, head.plain_bytes))
    except (zlib.error, msgspec.DecodeError, ValueError) as error:
        return f"cannot be unpacked: {error}"


def _digest(previous: bytes, body_bytes: int, plain_bytes: int, body: bytes) -> bytes:
    return hashlib.sha256(previous + struct.pack("<II", body_bytes, plain_bytes) + body).digest()


def _is_border(data: Data, at: int) -> bool:
    return at == len(data) or data[at : at + len(_MARK)] == _MARK


def _next_mark(data: Data, at: int) -> int:
    found = data.find(_MARK, at)
    return len(data) if found < 0 else found


def _damage(place: str, number: int, reason: RejectReason, detail: str) -> Reject:
    where = f"{place}: block {number}" if number else place
    return Reject(reason=reason, detail=detail, place=where, received_s=0.0)
