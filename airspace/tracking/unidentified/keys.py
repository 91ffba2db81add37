"""The names that sensors give to emitters, each with the track it went to last.

A name lives as long as its track, and a track holds the newest few only, so they are bounded by the tracks.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Texts

MAX_KEYS: Final = 8  # of one track: a few sensors, each of which renames it now and then


class Keys:
    """Name to track number."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._keys: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._number)

    def numbers(self, keys: Texts) -> Bits:
        """The track of each name, -1 where it has none."""
        number = self._number
        return np.fromiter((number.get(key, -1) for key in keys), dtype=np.int64, count=len(keys))

    def note(self, keys: Texts, track: Bits) -> None:
        """Each name goes with that track from now on (-1: with none that is new)."""
        for key, number in zip(keys, track.tolist(), strict=True):
            if key is None or number < 0:
                continue
            before = self._number.get(key)
            if before == number:
                continue
            if before is not None:
                self._keys[before].remove(key)
            self._number[key] = number
            held = self._keys.setdefault(number, [])
            held.append(key)
            if len(held) > MAX_KEYS:
                del self._number[held.pop(0)]

    def forget(self, numbers: Bits) -> None:
        """Tracks that are gone take their names with them."""
        if not self._keys:
            return
        for number in numbers.tolist():
            for key in self._keys.pop(number, ()):
                del self._number[key]
