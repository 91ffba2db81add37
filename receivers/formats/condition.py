"""What a sensor says of its own work, in the words that its maker documents: well, blind, or not understood.

A word that no documentation explains is told as such, and neither believed nor taken for a fault.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from airspace.model.log import Working
from airspace.model.text import safe_text

SAYS_CHARACTERS: Final = 100
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")


class Condition(NamedTuple):
    """As a ``Heartbeat`` has them."""

    working: Working = Working.UNSAID
    says: str | None = None
    unclear: str | None = None


UNSAID: Final = Condition()
WELL: Final = Condition(Working.WELL)


def blind(why: str) -> Condition:
    """It lives and hears nothing, or not as it should."""
    return Condition(Working.BLIND, safe_text(why, SAYS_CHARACTERS) or Working.BLIND.value)


def away(why: str) -> Condition:
    """It is not there."""
    return Condition(Working.AWAY, safe_text(why, SAYS_CHARACTERS) or Working.AWAY.value)


def unclear(what: str) -> Condition:
    """It says something of its work that is not documented."""
    return Condition(unclear=safe_text(what, SAYS_CHARACTERS))


def of_word(word: str | None, *, well: AbstractSet[str], faults: AbstractSet[str]) -> Condition:
    """By a word of a documented list, whose members are folded as ``folded`` does."""
    if word is None or not word.strip():
        return UNSAID
    if folded(word) in faults:
        return blind(word)
    return WELL if folded(word) in well else unclear(word)


def folded(word: str) -> str:
    """Lower case, letters and digits only, one spelling of license."""
    return _NO_LETTER.sub("", word.lower()).replace("licence", "license")
