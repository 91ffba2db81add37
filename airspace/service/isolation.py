"""Which faults a stage may have without ending the service, and what is set aside when it has one."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from pathlib import Path
from traceback import extract_tb
from typing import Final

import msgspec

from airspace.model.detection import Detections
from airspace.model.lines import detection_lines
from airspace.model.message import MAX_QUARANTINE_BYTES, RawMessage, Reject, RejectReason

FAULTS: Final = (Exception, asyncio.CancelledError)
"""What a stage may raise: all but what ends the interpreter. Ask ``stopping`` before surviving one."""


def stopping(error: BaseException) -> bool:
    """Whether this is our own cancellation. A cancellation out of a library is a fault like any other."""
    if not isinstance(error, asyncio.CancelledError):
        return False
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def survive(error: BaseException) -> None:
    """Raise the error again if it is our own cancellation."""
    if stopping(error):
        raise error


def system_words(error: BaseException) -> str | None:
    """The operating system's own words for a fault of its own; None where it has none.

    Of an ``OSError`` that a library made only the number is taken: its text may hold anything. A number of TLS is none.
    """
    if isinstance(error, socket.gaierror):
        return error.strerror
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return None
    number = error.errno
    return os.strerror(number) if number is not None and number in errno.errorcode else None


def where(error: BaseException) -> str:
    """What went wrong in the system's words, or in which line of ours; without a value of the message."""
    if (words := system_words(error)) is not None:
        return words
    frames = extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def rows_not_taken(rows: Detections, detail: str) -> list[Reject]:
    """Rows that a stage failed on, as quarantine keeps them."""
    return [
        Reject(
            reason=RejectReason.NOT_TAKEN,
            detail=detail,
            place=f"content {rows.content_id[row].hex() if rows.content_id[row] else 'unknown'}",
            received_s=float(rows.received_s[row]),
            sensor=rows.sensor[row],
            payload=msgspec.json.encode(line)[:MAX_QUARANTINE_BYTES],
        )
        for row, line in enumerate(detection_lines(rows))
    ]


def message_not_taken(message: RawMessage, reason: RejectReason, detail: str) -> Reject:
    """A message that a stage failed on. Its bytes are not kept: what they are is not known."""
    return Reject(
        reason=reason, detail=detail, place=message.place, received_s=message.received_s, sensor=message.sensor
    )
