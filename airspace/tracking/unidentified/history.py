"""When a track was hit, one bit a slot of time, the lowest that of the newest hit.

Slots are counted from the opening of the track and reach half a slot to either side, so that a sensor's jitter makes
neither a hit nor a miss.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers

_BITS: Final = 62  # so that a history is never negative


def slots(since_opened_s: Numbers, slot_s: float) -> Bits:
    """The slot of a moment."""
    return np.rint(since_opened_s / slot_s).astype(np.int64)


def noted(history: Bits, newest: Bits, slot: Bits) -> tuple[Bits, Bits]:
    """Histories and their newest slots with one more hit each, in whatever slot it was."""
    ahead = slot - newest
    shifted = history << np.clip(ahead, 0, _BITS)
    bit = np.where(-ahead < _BITS, np.left_shift(1, np.clip(-ahead, 0, _BITS)), 0)
    return (shifted | bit) & ((1 << _BITS) - 1), np.maximum(slot, newest)


def hits(history: Bits, of_slots: int) -> Bits:
    """How many of the last slots, the newest hit's included, had a hit."""
    count: Bits = np.bitwise_count(history & ((1 << of_slots) - 1)).astype(np.int64)
    return count
