"""SAPIENT messages (BSI Flex 335 v2): protobuf bytes or JSON to objects, and the answers of a fusion node to bytes.

Read with ``sapient-msg`` (extra ``sapient``), imported here only and on the first message: a service without SAPIENT
need not have it. Fields that version 2 does not know are passed over.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from airspace.model.message import MAX_PAYLOAD_BYTES, RejectReason
from airspace.model.text import safe_text
from receivers.formats.framing import Refusal
from receivers.formats.json_objects import BLANK

MISSING: Final = "SAPIENT needs sapient-msg: install the extra 'sapient'"
MAX_DETAIL_LETTERS: Final = 200
_NS_PER_S: Final = 1_000_000_000
_NODE: Final = re.compile(rb"\x12\x24[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MAX_TIMESTAMP_BYTES: Final = 20
_CONTENTS: Final = frozenset(
    {
        *("registration", "registrationAck", "statusReport", "detectionReport", "task", "taskAck", "alert", "alertAck"),
        *("error", "registration_ack", "status_report", "detection_report", "task_ack", "alert_ack"),
    }
)
_ENVELOPE: Final = frozenset({"nodeId", "node_id", "timestamp", "destinationId", "destination_id"})


@dataclass(frozen=True, slots=True)
class _Library:
    message_type: Any
    from_json: Callable[..., Any]
    errors: tuple[type[Exception], ...]


@cache
def _library() -> _Library | None:
    try:
        messages = importlib.import_module("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")
        json_format = importlib.import_module("google.protobuf.json_format")
        protobuf = importlib.import_module("google.protobuf.message")
    except ModuleNotFoundError:
        return None
    return _Library(messages.SapientMessage, json_format.Parse, _errors(protobuf, json_format))


def _errors(protobuf: Any, json_format: Any) -> tuple[type[Exception], ...]:
    """What reading can raise; the last four come out of JSON that is deep, or of types that no field has."""
    return protobuf.Error, json_format.Error, ValueError, RecursionError, TypeError, AttributeError


def require() -> None:
    """RuntimeError where the library is missing."""
    if _library() is None:
        raise RuntimeError(MISSING)


def is_sapient(payload: bytes) -> bool:
    """Whether bytes begin as a message does: a timestamp or none, then the UUID of the node."""
    start = 0
    if payload[:1] == b"\x0a" and len(payload) > 1 and payload[1] <= _MAX_TIMESTAMP_BYTES:
        start = 2 + payload[1]
    return _NODE.match(payload, start) is not None


def is_sapient_json(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is a message in JSON form."""
    return bool(keys & _CONTENTS) and (bool(keys & _ENVELOPE) or "registration" in keys)


def parse(payload: bytes) -> Any | Refusal:
    """The protobuf message, with a content."""
    library = _library()
    if library is None:
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=MISSING, payload=payload)
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Refusal(reason=RejectReason.TOO_LARGE, detail=f"{len(payload)} bytes", payload=payload)
    text = payload.strip(BLANK)
    try:
        if text.startswith(b"{"):
            message = library.from_json(text, library.message_type(), ignore_unknown_fields=True)
        else:
            message = library.message_type.FromString(payload)
    except library.errors as error:
        said = safe_text(str(error), MAX_DETAIL_LETTERS) or type(error).__name__
        detail = f"not BSI Flex 335 v2: {said}"
        return Refusal(reason=RejectReason.WRONG_TYPE, detail=detail, payload=payload)
    if message.WhichOneof("content") is None:
        return Refusal(reason=RejectReason.UNKNOWN_MESSAGE, detail="a SAPIENT message of no content", payload=payload)
    return message


def registration_ack(reasons: Sequence[str]) -> Any:
    """An answer to a registration; with reasons it is a refusal."""
    message = _new()
    message.registration_ack.acceptance = not reasons
    message.registration_ack.ack_response_reason.extend(reasons)
    return message


def alert_ack(alert_id: str, reasons: Sequence[str]) -> Any:
    """An answer to an alert: that it has come; with reasons it is a refusal."""
    message = _new()
    ack = message.alert_ack
    ack.alert_id = alert_id
    ack.alert_ack_status = ack.ALERT_ACK_STATUS_REJECTED if reasons else ack.ALERT_ACK_STATUS_ACCEPTED
    ack.reason.extend(reasons)
    return message


def error(packet: bytes, detail: str) -> Any:
    """An answer to bytes that could not be read."""
    message = _new()
    message.error.packet = packet
    message.error.error_message.append(detail)
    return message


def addressed(message: Any, node: str, to: str, time_s: float) -> bytes:
    """The bytes of an answer from our node, to another where it is known."""
    message.node_id = node
    if to:
        message.destination_id = to
    message.timestamp.FromNanoseconds(round(time_s * _NS_PER_S))
    return bytes(message.SerializeToString())


def _new() -> Any:
    library = _library()
    if library is None:
        raise RuntimeError(MISSING)
    return library.message_type()
