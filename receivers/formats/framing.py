"""From radio frames to detections: what every framing (Wi-Fi, Bluetooth, bare bytes) has in common.

A framing is a function from bytes to ``Signals`` (the payloads in them: Open Drone ID, or what their ``read`` reads),
``Refusal`` (why there are none) or ``IGNORED`` (well-formed, and without a detection by design). It never keeps a byte
of a frame that is not Remote ID.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

import numpy as np

from airspace.model.detection import Detections, Rows, Transport, texts
from airspace.model.message import MAX_QUARANTINE_BYTES, Decoded, RawMessage, Reject, RejectReason
from airspace.model.placeholders import is_no_address
from receivers.formats.content import capture_time, content_id
from receivers.formats.odid_batch import decode_payloads
from receivers.formats.sheet import Payloads

UNNAMED_SENSOR: Final = "unknown"  # a live source that names no sensor: the gate knows none of this name
UNKNOWN: Final = float("nan")


class _Ignored(Enum):
    IGNORED = 0


IGNORED: Final = _Ignored.IGNORED
Reader = Callable[[Payloads], tuple[Detections, Rows, tuple[Reject, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One payload (mostly a 25-byte message or a pack of Open Drone ID) with what its frame says of it."""

    payload: bytes
    transport: Transport = Transport.UNKNOWN
    transmitter: str | None = None  # MAC address, upper case with colons
    counter: float = UNKNOWN
    rssi_dbm: float = UNKNOWN
    frequency_hz: float = UNKNOWN
    read: Reader = decode_payloads


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a frame gave no signal. ``payload`` stays empty for everything that others sent."""

    reason: RejectReason
    detail: str
    payload: bytes = b""


Framed = list[Signal] | Refusal | Literal[_Ignored.IGNORED]
Framing = Callable[[bytes], Framed]

NOT_REMOTE_ID: Final = Refusal(reason=RejectReason.NOT_REMOTE_ID, detail="not a Remote ID frame")
CRC_FAILED: Final = Refusal(reason=RejectReason.CRC_FAILED, detail="the capture says that the checksum failed")


def cut_short(what: str) -> Refusal:
    """A frame whose own lengths run past its end."""
    return Refusal(reason=RejectReason.TRUNCATED, detail=f"{what} is cut short")


def mac_text(address: bytes) -> str:
    """``60:60:1F:00:00:01``."""
    return address.hex(":").upper()


def reject(message: RawMessage, refusal: Refusal) -> Reject:
    """The refusal with the place and time of its message."""
    return Reject(
        reason=refusal.reason,
        detail=refusal.detail,
        place=message.place,
        received_s=message.received_s,
        sensor=message.sensor,
        payload=refusal.payload[:MAX_QUARANTINE_BYTES],
    )


def decode_framed(messages: Sequence[RawMessage], framing_of: Callable[[RawMessage], Framed]) -> Decoded:
    """Take every message out of its framing and decode what was found, all of it in one batch."""
    found: list[tuple[RawMessage, int, Signal]] = []
    rejects: list[Reject] = []
    ignored = 0
    for message in messages:
        framed = framing_of(message)
        if isinstance(framed, Refusal):
            rejects.append(reject(message, framed))
        elif isinstance(framed, _Ignored):
            ignored += 1
        else:
            found.extend((message, index, signal) for index, signal in enumerate(framed))
    if not found:
        return Decoded(rejects=tuple(rejects), ignored=ignored)
    detections, refused = _read([signal.read for _, _, signal in found], _payloads(found))
    return Decoded(detections=detections, rejects=(*rejects, *refused), ignored=ignored)


def _read(readers: Sequence[Reader], payloads: Payloads) -> tuple[Detections, tuple[Reject, ...]]:
    """Each payload by its reader, the rows in the order of the payloads."""
    kinds = dict.fromkeys(readers)
    if len(kinds) == 1:
        detections, _, refused = readers[0](payloads)
        return detections, refused
    parts: list[Detections] = []
    rows: list[Rows] = []
    rejects: list[Reject] = []
    for kind in kinds:
        chosen: Rows = np.array([index for index, read in enumerate(readers) if read is kind], dtype=np.intp)
        detections, held, refused = kind(payloads.take(chosen))
        parts.append(detections)
        rows.append(chosen[held])
        rejects.extend(refused)
    order = np.argsort(np.concatenate(rows))
    return Detections.concat(parts).take(order), tuple(rejects)


def _payloads(found: Sequence[tuple[RawMessage, int, Signal]]) -> Payloads:
    messages = [message for message, _, _ in found]
    signals = [signal for _, _, signal in found]
    return Payloads(
        data=[signal.payload for signal in signals],
        received_s=np.array([message.received_s for message in messages], dtype=np.float64),
        sensor=texts([message.sensor or UNNAMED_SENSOR for message in messages]),
        transmitter=texts([_known(signal.transmitter) for signal in signals]),
        transport=np.array([signal.transport for signal in signals], dtype=np.int8),
        rssi_dbm=np.array([signal.rssi_dbm for signal in signals], dtype=np.float64),
        frequency_hz=np.array([signal.frequency_hz for signal in signals], dtype=np.float64),
        counter=np.array([signal.counter for signal in signals], dtype=np.float64),
        content_id=texts([_content(message, index) for message, index, _ in found]),
        place=[message.place for message in messages],
        flags=np.zeros(len(found), dtype=np.int64),
    )


def _known(address: str | None) -> str | None:
    """A capture whose addresses were wiped has zeros; by those all its drones would be one."""
    return None if address is None or is_no_address(address) else address


def _content(message: RawMessage, index: int) -> bytes:
    """The whole frame counts: its sequence number and clock tell two equal payloads apart."""
    captured = b"" if message.link_type is None else capture_time(message.received_s)
    return content_id(message.sensor or UNNAMED_SENSOR, message.payload, captured + bytes([index & 0xFF]))
