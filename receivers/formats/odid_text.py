"""The texts and ids inside Open Drone ID messages: bytes off the air to words that are safe to keep.

Source: ASTM F3411 and EN 4709-002 as read by opendroneid-core-c. Ids of type 1 and 2 are text padded with NUL, ids of
type 3 and 4 are binary and shown as lower-case hex. The readers are cached: an aircraft says the same words again and
again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from airspace.model.detection import Flag, IdType
from airspace.model.identity import is_serial, public_operator_id
from airspace.model.text import safe_text

ID_BYTES: Final = 20
SELF_ID_BYTES: Final = 23
UTM_ID_BYTES: Final = 16  # a UUID may end in zero bytes; what follows its 16 bytes is padding
_CACHED_TEXTS: Final = 16384  # several for each aircraft in reach of a city; a flood of false ids cannot grow it
_BINARY_ID_TYPES: Final = (IdType.UTM, IdType.SESSION)


def read_text(raw: bytes, cap: int) -> tuple[str | None, Flag]:
    """The text in a field padded with NUL; TEXT_CLEANED when anything but padding was taken out."""
    padded = raw.rstrip(b"\0")
    decoded = padded.decode("utf-8", "ignore")
    text = safe_text(decoded, cap)
    whole = len(decoded.encode()) == len(padded) and " ".join(decoded.split()) == (text or "")
    return text, Flag(0) if whole else Flag.TEXT_CLEANED


@lru_cache(maxsize=_CACHED_TEXTS)
def read_uas_id(id_type: int, raw: bytes) -> tuple[str | None, int]:
    """The id of a Basic ID message and its flags, None when it is empty. ``raw`` may lack its trailing zero bytes."""
    stripped = raw[:ID_BYTES].rstrip(b"\0")
    if not stripped:
        return None, 0
    if id_type in _BINARY_ID_TYPES:
        shortest = UTM_ID_BYTES if id_type == IdType.UTM else 0
        return stripped.ljust(shortest, b"\0").hex(), 0
    text, flags = read_text(stripped, ID_BYTES)
    if text is not None and id_type == IdType.UNKNOWN:
        flags |= Flag.ID_TYPE_MISSING
    if id_type == IdType.SERIAL and not is_serial(text):
        flags |= Flag.SERIAL_INVALID
    return text, int(flags)


@lru_cache(maxsize=_CACHED_TEXTS)
def read_operator_id(raw: bytes) -> tuple[str | None, int]:
    """The public part of an operator number and its flags; the secret characters end here."""
    text, flags = read_text(raw[:ID_BYTES], ID_BYTES)
    if text is None:
        return None, int(flags)
    public = public_operator_id(text)
    if public != text:
        flags |= Flag.OPERATOR_ID_LONG
    return public.rstrip() or None, int(flags)


@lru_cache(maxsize=_CACHED_TEXTS)
def read_self_id(raw: bytes) -> tuple[str | None, int]:
    """The pilot's free text and its flags."""
    text, flags = read_text(raw[:SELF_ID_BYTES], SELF_ID_BYTES)
    return text, int(flags)
