"""The message counter: FROZEN_COUNTER row by row, SHARED_COUNTER at ticks (handbook remote-id, section 6, 4 and 7).

A counter need not change while the content does not, and a real Parrot repeats each value about nine times within a
second; but content that moves is not unchanged. Seen in the wild: fifteen ghosts with fifteen addresses, all under one
sequence number. A value of nought is no sign of one transmitter behind many: firmware that does not count sends it.
Only a value that is heard again within seconds stands still: after a silence it may have gone round.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits
from airspace.model.track import Remark, TrackState
from airspace.tracking.columns import State, known
from airspace.tracking.plausibility.clocks import FROZEN_AFTER_M
from airspace.tracking.plausibility.fixes import Fixes, add, apart_m2

FROZEN_COUNTER_S: Final = 10.0
MAX_SILENCE_S: Final = 10.0  # at 10 messages a second a counter goes round in 25 s
SHARED_STOOD_S: Final = 3.0  # three times what a Parrot repeats one value for
SHARED_SIGHTINGS: Final = 3
SHARED_BY: Final = 4  # identities: as many as make a transmitter shared (aliases.py)
_VALUES: Final = 256
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_SHARED_COUNTER: Final = int(Remark.SHARED_COUNTER)


def frozen_counter(block: State, fixes: Fixes) -> None:
    """The counter stands still while the position moves."""
    counts = known(fixes.counter)
    if not np.count_nonzero(counts):  # most receivers pass no counter on
        return
    same = (fixes.counter == block.counter) & ~(block.logged_s - block.counter_seen_s > MAX_SILENCE_S)
    stood = fixes.fixed & same & (block.logged_s - block.counter_since_s > FROZEN_COUNTER_S)
    if np.count_nonzero(stood):
        moved_m2 = apart_m2(block, block.counter_latitude_deg, block.counter_longitude_deg, fixes)
        add(block, Remark.FROZEN_COUNTER, stood & (moved_m2 > FROZEN_AFTER_M**2))
    changed = fixes.fixed & counts & ~same
    np.copyto(block.counter_latitude_deg, fixes.latitude_deg, where=changed)
    np.copyto(block.counter_longitude_deg, fixes.longitude_deg, where=changed)
    np.copyto(block.counter_since_s, block.logged_s, where=changed)
    np.copyto(block.counter, fixes.counter, where=changed)
    block.counter_sightings[changed] = 0
    again = changed | (same & known(fixes.latitude_deg))
    block.counter_sightings += again
    np.copyto(block.counter_seen_s, block.logged_s, where=again)


def shared_counter(state: State, tick_s: float, found: Bits) -> None:
    """Many live identities stand at one counter value; adds the sign to ``found``, in place."""
    with np.errstate(invalid="ignore"):
        stands = (
            (state.state == _CONFIRMED)
            & (state.counter > 0.0)
            & (state.counter_sightings >= SHARED_SIGHTINGS)
            & (state.counter_seen_s - state.counter_since_s >= SHARED_STOOD_S)
            & (tick_s - state.counter_seen_s <= MAX_SILENCE_S)
        )
    slots = np.flatnonzero(stands)
    if len(slots) < SHARED_BY:
        return
    value = state.counter[slots].astype(np.int64) % _VALUES
    many = np.bincount(value, minlength=_VALUES) >= SHARED_BY
    found[slots[many[value]]] |= _SHARED_COUNTER
