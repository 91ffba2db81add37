"""Serial numbers compared: what people type and what drones send, to one spelling.

ANSI/CTA-2063-A knows digits and capitals without O and I. So case, blanks, hyphens and dots say nothing, a typed O is
the digit 0 and a typed I the digit 1, and a letter of another script that looks like one of ours is that one.
"""

from __future__ import annotations

import functools
import unicodedata
from difflib import SequenceMatcher
from typing import Final

from airspace.model.identity import is_serial

LIKENESS: Final = 0.85  # two of 13 characters missing, or one of them another
LEAST_LETTERS: Final = 6  # shorter texts are like too many others
_KEPT: Final = 4096
_LOOK_ALIKES: Final = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0408\u0406\u0417"  # Cyrillic
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",  # Greek
    "ABEKMHOPCTYXSJI3ABEZHIKMNOPTYX",
)
_NEVER_USED: Final = str.maketrans("OI", "01")


@functools.lru_cache(_KEPT)
def key(text: str) -> str:
    """The spelling by which two serials are the same; of a text without any letter of ours, the text in capitals."""
    letters = latin(text).translate(_NEVER_USED)
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum()) or text.upper()


def latin(text: str) -> str:
    """The text in capitals, full-width forms and look-alikes of other scripts as the letters that they look like."""
    return unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)


def may_be(written: str, heard: str) -> bool:
    """Whether a serial in a notice that cannot be one is likely to be that of this drone, mistyped."""
    one, other = key(written), key(heard)
    if is_serial(one) or min(len(one), len(other)) < LEAST_LETTERS:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LIKENESS
