"""What travels from a transport to a format, and what a format makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from airspace.model.detection import Detections
from airspace.model.log import Heartbeat

MAX_PAYLOAD_BYTES: Final = 1 << 20  # a message above this is refused unread
MAX_QUARANTINE_BYTES: Final = 2048  # what is kept of a refused payload


class RejectReason(StrEnum):
    """Why a message, or a part of one, was not taken in."""

    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    NOT_JSON = "not_json"
    WRONG_TYPE = "wrong_type"
    NOT_BASE64 = "not_base64"
    NOT_HEX = "not_hex"
    NOT_LZMA = "not_lzma"
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_MESSAGE = "unknown_message"
    PACK_MALFORMED = "pack_malformed"
    VALUE_OUT_OF_RANGE = "value_out_of_range"
    CRC_FAILED = "crc_failed"
    NOT_REMOTE_ID = "not_remote_id"  # counted, never kept: third-party frames are none of our business
    NO_DATA = "no_data"
    SENSOR_UNKNOWN = "sensor_unknown"
    SENSOR_ENDED = "sensor_ended"  # its end date is over
    SHUTTERED = "shuttered"  # outside its declared hours, or paused: counted, nothing of it is kept
    OVER_BUDGET = "over_budget"
    CELL_OVER_BUDGET = "cell_over_budget"  # above the rows a second of its place, from all sensors
    CLOCK_IMPLAUSIBLE = "clock_implausible"
    NOT_TAKEN = "not_taken"  # decoded, but the core failed on it: our fault, and worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """Bytes as a transport delivered them, with what only the transport knows.

    ``received_s`` is the capture's time for a file and the arrival for a live source; ``sensor`` is None where only the
    payload can tell; ``link_type`` is the pcap link type of a captured frame.
    """

    payload: bytes
    received_s: float
    sensor: str | None = None
    place: str = ""  # file and line, packet number or topic: for error messages
    link_type: int | None = None
    retained: bool = False  # the broker had it from before: of unknown age
    proven: bool = False  # a secret proved the sensor: what the payload calls itself does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A refused message: reason, place and the start of its bytes (empty where they must not be kept)."""

    reason: RejectReason
    detail: str
    place: str
    received_s: float
    sensor: str | None = None
    payload: bytes = b""
    count: int = 1  # how many it stands for: the gate tells of many rows at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that a sensor said in messages that were taken, and that is not read: told once, and counted."""

    sensor: str
    what: str  # the feed's own name of the field, or field and value; cleaned text
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a format read out of some messages. Rows are in the order of their messages."""

    detections: Detections = field(default_factory=Detections.empty)
    heartbeats: tuple[Heartbeat, ...] = ()
    rejects: tuple[Reject, ...] = ()
    ignored: int = 0  # well-formed messages that carry no detection by design (NAN sync beacons)
    unread: tuple[Unread, ...] = ()

    @classmethod
    def concat(cls, parts: Sequence[Decoded]) -> Decoded:
        """What several decodings gave, one after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            detections=Detections.concat([part.detections for part in parts if len(part.detections)]),
            heartbeats=tuple(beat for part in parts for beat in part.heartbeats),
            rejects=tuple(reject for part in parts for reject in part.rejects),
            ignored=sum(part.ignored for part in parts),
            unread=tuple(one for part in parts for one in part.unread),
        )
