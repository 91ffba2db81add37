"""What a known drone said before, told again: a recording of it on the air, or a queue beside what is live.

A repeat is the same content, message time and place to the last digit, heard longer than ``TOLD_AGAIN_S`` after it was
last told, of an identity that has said newer things since. So a drone whose clock is late is no repeat of anything,
whoever else speaks in its name with whatever time: nobody can tell beforehand what it will say.

What is told at one moment of the log is remembered when the moment is over: all of it is held against what was before,
so any way of cutting the rows into batches says the same. Bounded: a table of fingerprints, each of which takes the
place of the one that it falls on.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Detections, Numbers, Rows
from airspace.model.track import Booleans

TOLD_AGAIN_S: Final = 30.0  # receivers differ by seconds, and a message is sent again within a second or two
_BITS: Final = 19  # half a million: four minutes of a sensor at its full budget
_MOST_WAITING: Final = 65_536  # rows of one moment, should log time stand still
_MIX: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64
)

Prints = npt.NDArray[np.uint64]


class Sayings:
    """What the known have said lately, by slot (``identities.py``)."""

    def __init__(self, slots: int) -> None:
        self._prints: Prints = np.zeros(1 << _BITS, dtype=np.uint64)
        self._told_s: Numbers = np.zeros(1 << _BITS)  # 0: nothing yet
        self._newest_s: Numbers = np.full(slots, -np.inf)
        self._waiting: list[tuple[Rows, Prints, Numbers, Numbers]] = []
        self._rows_waiting = 0

    def turn(self) -> None:
        """A moment is over: what was said in it counts from now on."""
        if not self._waiting:
            return
        slots, prints, said_s, heard_s = (np.concatenate(column) for column in zip(*self._waiting, strict=True))
        at = _places(prints)
        before_s = np.where(self._prints[at] == prints, self._told_s[at], -np.inf)
        self._prints[at], self._told_s[at] = prints, np.maximum(heard_s, before_s)
        np.maximum.at(self._newest_s, slots, said_s)
        self._waiting, self._rows_waiting = [], 0

    def forget(self, slot: int) -> None:
        """Another identity has this slot now."""
        self._newest_s[slot] = -np.inf

    def again(self, rows: Detections, slots: Rows, said_s: Numbers, heard_s: Numbers) -> Booleans:
        """Which rows are told again; their times are those that were put right."""
        prints = fingerprints(rows, slots)
        at = _places(prints)
        again: Booleans = (slots >= 0) & (self._prints[at] == prints) & (self._told_s[at] > 0.0)
        again &= heard_s - self._told_s[at] > TOLD_AGAIN_S
        again &= self._newest_s[slots] - said_s > TOLD_AGAIN_S
        return again

    def remember(self, rows: Detections, slots: Rows, said_s: Numbers, heard_s: Numbers, which: Booleans) -> None:
        """What these rows say, once this moment is over."""
        at = np.flatnonzero(which & (slots >= 0) & np.isfinite(said_s))
        if not len(at):
            return
        self._waiting.append((slots[at], fingerprints(rows, slots)[at], said_s[at], heard_s[at]))
        self._rows_waiting += len(at)
        if self._rows_waiting > _MOST_WAITING:
            self.turn()


def fingerprints(rows: Detections, slots: Rows) -> Prints:
    """Who says what: message time as it was told, and place."""
    prints: Prints = slots.astype(np.uint64) * _MIX[0]
    for column, factor in zip((rows.time_s, rows.latitude_deg, rows.longitude_deg), _MIX[1:], strict=True):
        prints ^= np.nan_to_num(column).view(np.uint64) * factor
        prints ^= prints >> np.uint64(29)
        prints *= _MIX[0]
    return prints


def _places(prints: Prints) -> Rows:
    places: Rows = (prints >> np.uint64(64 - _BITS)).astype(np.intp)
    return places
