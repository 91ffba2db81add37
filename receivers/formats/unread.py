"""What a message says beside what its format reads: named, so that no field of a feed is lost without a word.

A format hands up names, in its row under ``UNREAD``; they are counted by sensor and go with what was decoded. What
says nothing (null, an empty text, zero, an empty list) is not told, nor what a format knows to be said twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from airspace.model.message import Unread
from airspace.model.text import safe_text

UNREAD: Final = "unread"  # in a row: taken out of it before it becomes columns
MAX_NAMES: Final = 64  # in one decoding; a flood of invented keys is counted as one
MAX_CHARACTERS: Final = 64
FIRST: Final = 16
OTHERS: Final = "other fields"
_NO_DBM: Final = "no dBm"
_NUMBERS: Final = (int, float)
_NOTHING: Final = (None, "", 0, False)


def unread(said: Mapping[Any, Any], known: AbstractSet[str], within: str = "") -> list[str]:
    """The keys that are not known and say something, with the name of the part they stand in."""
    if said.keys() <= known:
        return []
    return [f"{within}{key}" for key, value in said.items() if key not in known and says_something(value)]


def says_something(value: Any) -> bool:
    """Whether a value is more than the unset state of its field."""
    if type(value) in _NUMBERS:  # nearly always
        return bool(value != 0)
    if isinstance(value, list | dict):
        return any(map(says_something, value.values() if isinstance(value, dict) else value))
    return value not in _NOTHING and not (isinstance(value, str) and value.strip().casefold() in _WORDS)


_WORDS: Final = frozenset({"", "none", "null", "unknown", "undefined", "undeclared", "n/a"})


def level(name: str, value: Any) -> list[str]:
    """A received level above 0 is in no dBm; its field is named once, whatever the number."""
    if isinstance(value, str):
        value = _number_of(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [f"{name}: {_NO_DBM}"] if is_number and value > 0 else []


def _number_of(text: str) -> float:
    match = _LEVEL.match(text)
    return float(match[1]) if match else 0.0


_LEVEL: Final = re.compile(r"\s*\+?([0-9]{1,12}(?:\.[0-9]{0,12})?)\s*(?:dBm?)?\s*\Z", re.IGNORECASE)


def word(name: str, value: Any, code: int) -> list[str]:
    """A word for which there is no code."""
    return [f"{name} {value}"] if not code and isinstance(value, str) and says_something(value) else []


class Notes:
    """The names of one decoding, counted; bounded."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._seen: Counter[str] = Counter()

    def is_due(self, sensor: str) -> bool:
        """Whether to look through one more of a sensor's: the first ``FIRST``, then one of ``FIRST``.

        For formats in which the look costs another reading of the text.
        """
        seen = self._seen[sensor]
        self._seen[sensor] = seen + 1
        return seen < FIRST or seen % FIRST == 0

    def add(self, sensor: str, names: Iterable[str]) -> None:
        """Those of one message."""
        for name in names:
            key = (sensor, safe_text(name, MAX_CHARACTERS) or OTHERS)
            self._counts[key if key in self._counts or len(self._counts) < MAX_NAMES else (sensor, OTHERS)] += 1

    def told(self) -> tuple[Unread, ...]:
        """One for each sensor and name, in the order in which they came."""
        return tuple(Unread(sensor=sensor, what=what, count=count) for (sensor, what), count in self._counts.items())
