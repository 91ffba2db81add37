"""What a known drone said before, told again: a recording of it on the air, or a queue beside what is live.

A repeat is the same content, message time and place to the last digit, heard longer than ``TOLD_AGAIN_S`` after it was
last told, of an identity that has said newer things since. So a drone whose clock is late is no repeat of anything,
whoever else speaks in its name with whatever time: nobody can tell beforehand what it will say.

What is told at one moment of the log is remembered when the moment is over: all of it is held against what was before,
so any way of cutting the rows into batches says the same. Bounded: a table of fingerprints, each of which takes the
place of the one that it falls on.
"""

from __future__ import annotations

from typing import Final, NamedTuple

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


class Told(NamedTuple):
    """What some rows say, by times that were put right."""

    slots: Rows  # of their identities
    prints: Prints
    said_s: Numbers
    heard_s: Numbers


class Sayings:
    """What the known have said lately, by slot (``identities.py``)."""

    def __init__(self, slots: int) -> None:
        self._prints: Prints = np.zeros(1 << _BITS, dtype=np.uint64)
        self._told_s: Numbers = np.zeros(1 << _BITS)  # 0: nothing yet
        self._newest_s: Numbers = np.full(slots, -np.inf)
        self._waiting: list[Told] = []
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

    def again(self, told: Told) -> Booleans:
        """Which rows are told again."""
        at = np.flatnonzero((told.slots >= 0) & (self._newest_s[told.slots] - told.said_s > TOLD_AGAIN_S))
        again = np.zeros(len(told.slots), dtype=np.bool_)
        if len(at):
            prints = told.prints[at]
            places = _places(prints)
            before_s = self._told_s[places]
            again[at] = (self._prints[places] == prints) & (before_s > 0.0)
            again[at] &= told.heard_s[at] - before_s > TOLD_AGAIN_S
        return again

    def remember(self, told: Told, which: Booleans) -> None:
        """What these rows say, once this moment is over."""
        which = which & (told.slots >= 0) & np.isfinite(told.said_s)
        if not which.all():
            told = Told(told.slots[which], told.prints[which], told.said_s[which], told.heard_s[which])
        if not len(told.slots):
            return
        self._waiting.append(told)
        self._rows_waiting += len(told.slots)
        if self._rows_waiting > _MOST_WAITING:
            self.turn()


def fingerprints(rows: Detections, slots: Rows) -> Prints:
    """Who says what: message time as it was told, and place."""
    prints: Prints = slots.astype(np.uint64) * _MIX[0]
    for column, factor in zip((rows.time_s, rows.latitude_deg, rows.longitude_deg), _MIX[1:], strict=True):
        prints ^= column.view(np.uint64) * factor
        prints ^= prints >> np.uint64(29)
        prints *= _MIX[0]
    return prints


def _places(prints: Prints) -> Rows:
    places: Rows = (prints >> np.uint64(64 - _BITS)).astype(np.intp)
    return places
