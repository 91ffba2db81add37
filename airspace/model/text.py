"""Text from outside is hostile in every sink: cleaned once, at the edge.

NFC, without control, bidi, private-use and surrogate characters, capped. Each sink still encodes for itself.
"""

from __future__ import annotations

import unicodedata
from typing import Final

DEFAULT_CAP: Final = 64
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_text(text: str, cap: int = DEFAULT_CAP) -> str | None:
    """The text without what could steer a terminal, a page or a reader; None when nothing is left.

    ``cap`` is the most characters kept. Runs of white space become one blank.
    """
    if text.isascii() and text.isprintable() and len(text) <= cap:
        return " ".join(text.split()) or None
    normal = unicodedata.normalize("NFC", text[: 4 * cap])
    spaced = "".join(" " if letter in "\t\r\n" else letter for letter in normal)
    kept = "".join(letter for letter in spaced if unicodedata.category(letter) not in _DROPPED_CATEGORIES)
    return " ".join(kept.split())[:cap].rstrip() or None


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: "1 entry", "2 entries"."""
    return f"{number} {one if number == 1 else many}"
