"""The texts and ids inside Open Drone ID messages: bytes off the air to words that are safe to keep.

Source: ASTM F3411 and EN 4709-002 as read by opendroneid-core-c. Ids of type 1 and 2 are text padded with NUL, ids of
type 3 and 4 are binary and shown as lower-case hex. An aircraft says the same words again and again: the readers are
cached, and ``KnownTexts`` remembers whole batches' texts by their bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from airspace.model.detection import Flag, IdType, Texts
from airspace.model.identity import is_serial, public_operator_id
from airspace.model.placeholders import is_binary_placeholder, is_placeholder
from airspace.model.text import safe_text

ID_BYTES: Final = 20
SELF_ID_BYTES: Final = 23
UTM_ID_BYTES: Final = 16  # a UUID may end in zero bytes; what follows its 16 bytes is padding
KNOWN_TEXTS: Final = 16384  # several for each aircraft in reach of a city; a flood of false ids cannot grow it
_BINARY_ID_TYPES: Final = (IdType.UTM, IdType.SESSION)
_NOBODY: Final = (None, int(Flag.ID_PLACEHOLDER))


def read_text(raw: bytes, cap: int) -> tuple[str | None, Flag]:
    """The text in a field padded with NUL; TEXT_CLEANED when anything but padding was taken out."""
    padded = raw.rstrip(b"\0")
    decoded = padded.decode("utf-8", "ignore")
    text = safe_text(decoded, cap)
    whole = len(decoded.encode()) == len(padded) and " ".join(decoded.split()) == (text or "")
    return text, Flag(0) if whole else Flag.TEXT_CLEANED


@lru_cache(maxsize=KNOWN_TEXTS)
def read_uas_id(id_type: int, raw: bytes) -> tuple[str | None, int]:
    """The id of a Basic ID message and its flags, None when it is empty or a placeholder.

    ``raw`` may lack its trailing zero bytes.
    """
    stripped = raw[:ID_BYTES].rstrip(b"\0")
    if not stripped:
        return None, 0
    if id_type in _BINARY_ID_TYPES:
        if is_binary_placeholder(stripped):
            return _NOBODY
        shortest = UTM_ID_BYTES if id_type == IdType.UTM else 0
        return stripped.ljust(shortest, b"\0").hex(), 0
    text, flags = read_text(stripped, ID_BYTES)
    if text is not None and is_placeholder(text):
        return _NOBODY
    if text is not None and id_type == IdType.UNKNOWN:
        flags |= Flag.ID_TYPE_MISSING
    if id_type == IdType.SERIAL and not is_serial(text):
        flags |= Flag.SERIAL_INVALID
    return text, int(flags)


@lru_cache(maxsize=KNOWN_TEXTS)
def read_operator_id(raw: bytes) -> tuple[str | None, int]:
    """The public part of an operator number and its flags; the secret characters end here."""
    text, flags = read_text(raw[:ID_BYTES], ID_BYTES)
    if text is None:
        return None, int(flags)
    if is_placeholder(text):
        return None, int(flags | Flag.ID_PLACEHOLDER)
    public = public_operator_id(text)
    if public != text:
        flags |= Flag.OPERATOR_ID_LONG
    return public.rstrip() or None, int(flags)


@lru_cache(maxsize=KNOWN_TEXTS)
def read_self_id(raw: bytes) -> tuple[str | None, int]:
    """The pilot's free text and its flags."""
    text, flags = read_text(raw[:SELF_ID_BYTES], SELF_ID_BYTES)
    return text, int(flags)


class KnownTexts:
    """Texts by their bytes, of those that were read before without a remark; bounded, and only quicker than reading."""

    def __init__(self, read: Callable[[bytes], tuple[str | None, int]]) -> None:
        self._read = read
        self._plain: dict[bytes, str] = {}

    def __len__(self) -> int:
        return len(self._plain)

    def column(self, raw: list[bytes]) -> tuple[Texts, list[int], list[int]]:
        """A text for each of the bytes, None where there is none; the indices of those with a remark, and their flags.

        No text is empty.
        """
        found: Texts = np.fromiter(map(self._plain.get, raw), dtype=object, count=len(raw))
        remarked: list[int] = []
        flags: list[int] = []
        if np.count_nonzero(found) == len(found):
            return found, remarked, flags
        for index in [index for index, text in enumerate(found.tolist()) if text is None]:
            text, bits = self._read(raw[index])
            found[index] = text
            if bits:
                remarked.append(index)
                flags.append(bits)
            elif text is not None:
                self._remember(raw[index], text)
        return found, remarked, flags

    def _remember(self, raw: bytes, text: str) -> None:
        if len(self._plain) >= KNOWN_TEXTS:  # a flood of false ids: begin anew
            self._plain.clear()
        self._plain[raw] = text


def _uas_id_of(message: bytes) -> tuple[str | None, int]:
    id_type = (message[0] if message else 0) >> 4
    return read_uas_id(id_type, message[1:]) if id_type <= IdType.SESSION else (None, 0)  # of a kind not known here


UAS_IDS: Final = KnownTexts(_uas_id_of)  # by a Basic ID message from its second byte on, trailing zero bytes may lack
OPERATOR_IDS: Final = KnownTexts(read_operator_id)
SELF_IDS: Final = KnownTexts(read_self_id)
