"""Fields of notices, as files and people write them, to our words. Every error begins with the field's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from airspace.model.notice import NoticeState
from geofences.formats.notice_words import quoted, text

MAX_VERSION: Final = 2**31 - 1
CONDITIONS_LETTERS: Final = 500
_STATES: Final = {state.value: state for state in NoticeState} | {
    "accepted": NoticeState.APPROVED,
    "activated": NoticeState.ACTIVE,
    "nonconforming": NoticeState.ACTIVE,
    "contingent": NoticeState.ACTIVE,
    "canceled": NoticeState.CANCELLED,
    "aangevraagd": NoticeState.REQUESTED,
    "goedgekeurd": NoticeState.APPROVED,
    "actief": NoticeState.ACTIVE,
    "geactiveerd": NoticeState.ACTIVE,
    "beeindigd": NoticeState.ENDED,
    "beëindigd": NoticeState.ENDED,
    "geannuleerd": NoticeState.CANCELLED,
    "ingetrokken": NoticeState.CANCELLED,
    "verlopen": NoticeState.EXPIRED,
}
OFF_NOMINAL: Final = frozenset({"nonconforming", "contingent"})
_CATEGORIES: Final = frozenset({"open", "specific", "certified"})
_CLASSES: Final = frozenset({f"C{number}" for number in range(7)})
_PARTED: Final = re.compile(r"[;,|\r\n\t\v\f]")


def required(word: str, field: str) -> str:
    """Clean text that must not be empty."""
    clean = text(word)
    if clean is None:
        raise ValueError(f"{field}: empty")
    return clean


def letters_of(word: str) -> str:
    """The letters of a word alone, small: ``Non-conforming`` is ``nonconforming``."""
    return "".join(letter for letter in word.lower() if letter.isalpha())


def state(word: str) -> NoticeState:
    """Our word, F3548's, or a Dutch one."""
    found = _STATES.get(letters_of(word))
    if found is None:
        raise ValueError(f"state: unknown value {quoted(word)}")
    return found


def maybe_state(word: object) -> NoticeState | None:
    """The same, None where it is no such word."""
    return _STATES.get(letters_of(word)) if isinstance(word, str) else None


def version(value: int) -> int:
    """A version is counted from 1."""
    if not 1 <= value <= MAX_VERSION:
        raise ValueError(f"version: {value} is not between 1 and {MAX_VERSION}")
    return value


def exemptions(words: Sequence[str]) -> tuple[str, ...]:
    """Ids of zones and TGBs, each once; several may stand in one text, parted by anything but a blank or a slash."""
    each = (text(part) for word in words for part in _PARTED.split(word))
    return tuple(dict.fromkeys(clean for clean in each if clean))


def category(word: str | None) -> str | None:
    """Open, specific or certified."""
    clean = (word or "").strip().lower()
    if clean and clean not in _CATEGORIES:
        raise ValueError(f"category: {quoted(clean)} is none of {', '.join(sorted(_CATEGORIES))}")
    return clean or None


def uas_class(word: str | None) -> str | None:
    """C0 to C6."""
    clean = (word or "").strip().upper()
    if clean and clean not in _CLASSES:
        raise ValueError(f"class: {quoted(clean)} is not C0 to C6")
    return clean or None
