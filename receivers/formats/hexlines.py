"""Lines of hex: each message is one line, one Open Drone ID message or pack as it was on the air.

Blanks, colons and a leading ``0x`` are allowed; empty lines and lines that start with ``#`` carry nothing. Radio frames
around the message (Wi-Fi, Bluetooth) are not for here: see ``wifi`` and ``ble``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, RejectReason
from receivers.formats import odid
from receivers.formats.framing import IGNORED, Framed, Refusal, Signal, decode_framed

_DROPPED: Final = str.maketrans("", "", ": \t\r\n\0-")


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every line ends in a row, a reject or ``ignored``."""
    return decode_framed(messages, _framed)


def from_hex(text: str | bytes) -> bytes | None:
    """The bytes that a line of hex means, None when it is no hex or empty."""
    letters = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    try:
        return bytes.fromhex(letters.translate(_DROPPED).removeprefix("0x")) or None
    except ValueError:
        return None


def is_odid(data: bytes) -> bool:
    """Whether the bytes have the size and first byte of one message or of a pack."""
    if not data:
        return False
    kind = data[0] >> 4
    if kind == odid.PACK:
        return len(data) >= odid.PACK_HEADER_BYTES and (
            data[1] == odid.MESSAGE_BYTES or (len(data) - odid.PACK_HEADER_BYTES) % odid.MESSAGE_BYTES == 0
        )
    return len(data) == odid.MESSAGE_BYTES and kind <= odid.OPERATOR_ID


def _framed(message: RawMessage) -> Framed:
    line = message.payload.strip()
    if not line or line.startswith(b"#"):
        return IGNORED
    if len(line) > MAX_PAYLOAD_BYTES:
        return Refusal(reason=RejectReason.TOO_LARGE, detail=f"{len(line)} bytes", payload=line)
    data = from_hex(line)
    if data is None:
        return Refusal(reason=RejectReason.NOT_HEX, detail="not an even number of hex digits", payload=line)
    if not is_odid(data):
        detail = f"{len(data)} bytes that are no Open Drone ID message or pack"
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail=detail, payload=line)
    return [Signal(payload=data)]
