"""JSON payloads as sensors send them: compressed, several objects glued together, a NUL or newline at the end.

Nothing is decoded here but the envelope: what comes out is the bytes of one object after the other, for the format to
read with its own types. Everything is bounded: a compressed bomb, an endless row of objects and deep nesting end here.
"""

from __future__ import annotations

import json
import lzma
import re
from typing import Final

from airspace.model.message import MAX_PAYLOAD_BYTES, RejectReason
from receivers.formats.framing import Refusal

BLANK: Final = b" \t\r\n\0\xef\xbb\xbf"  # also the byte order mark, and the NUL that some senders end with
MAX_OBJECTS: Final = 4096  # in one payload
MAX_LZMA_MEMORY_BYTES: Final = 1 << 26  # the dictionary of the highest preset
XZ_MAGIC: Final = b"\xfd7zXZ\x00"
LZMA_MAGIC: Final = b"\x5d\x00\x00"  # default properties, dictionary of 64 KiB or more

_BETWEEN: Final = re.compile(r"[\0 \t\r\n]*")
_COMMA: Final = re.compile(r"[\0 \t\r\n]*(?:,[\0 \t\r\n]*)?")  # a Dronetag Scout batches documents so, without brackets
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)  # asked only where an object ends


def unpacked(payload: bytes) -> bytes | Refusal:
    """The payload, decompressed where it is xz or lzma."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Refusal(reason=RejectReason.TOO_LARGE, detail=f"{len(payload)} bytes", payload=payload)
    if not payload.startswith((XZ_MAGIC, LZMA_MAGIC)):
        return payload
    try:
        decompressor = lzma.LZMADecompressor(memlimit=MAX_LZMA_MEMORY_BYTES)
        plain = decompressor.decompress(payload, max_length=MAX_PAYLOAD_BYTES + 1)
    except lzma.LZMAError as error:
        return Refusal(reason=RejectReason.NOT_LZMA, detail=str(error), payload=payload)
    if len(plain) > MAX_PAYLOAD_BYTES:
        detail = f"more than {MAX_PAYLOAD_BYTES} bytes when decompressed"
        return Refusal(reason=RejectReason.TOO_LARGE, detail=detail, payload=payload)
    if not decompressor.eof:
        return Refusal(reason=RejectReason.NOT_LZMA, detail="compressed data ends early", payload=payload)
    return plain


def glued_objects(payload: bytes) -> tuple[list[bytes], Refusal | None]:
    """The JSON values that stand one after the other, and why the reading ended before the end."""
    text = payload.decode("utf-8", "replace")
    found: list[bytes] = []
    position = _past(_BETWEEN, text, 0)
    while position < len(text) or not found:
        start = position
        if len(found) == MAX_OBJECTS:
            return found, _refusal(RejectReason.TOO_LARGE, f"more than {MAX_OBJECTS} objects", text[start:])
        try:
            _, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            return found, _refusal(RejectReason.NOT_JSON, str(error), text[start:])
        found.append(text[start:end].encode("utf-8"))
        position = _past(_COMMA, text, end)
    return found, None


def _past(between: re.Pattern[str], text: str, position: int) -> int:
    match = between.match(text, position)
    return match.end() if match else position


def _refusal(reason: RejectReason, detail: str, rest: str) -> Refusal:
    return Refusal(reason=reason, detail=detail, payload=rest.encode("utf-8"))
