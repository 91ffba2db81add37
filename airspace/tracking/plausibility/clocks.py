"""The clock of a message: SKEW and FROZEN_TIME, row by row (handbook remote-id, section 6, signs 3 and 4).

Honest clocks lag by 0.3 to 1.8 s (DJI Air 3, Parrot); a clock that is wrong at one receiver is that receiver's and was
put right before (``Flag.CLOCK_OF_SENSOR``). A message time may stand for as long as a message is repeated: a Parrot
sends each about nine times within a second.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.track import Remark
from airspace.tracking.columns import State, known
from airspace.tracking.plausibility.fixes import Fixes, add, apart_m2

MAX_SKEW_S: Final = 5.0  # honest skews are 0.3 to 1.8 s, the replayed capture's 1,858 s
FROZEN_AFTER_M: Final = 100.0  # one fix a second at 60 m/s is 60 m: more under one message time is no late clock


def skew(block: State, fixes: Fixes) -> None:
    """Message time and receive time disagree; ``block.skew_s`` is this row's where it says a time."""
    add(block, Remark.SKEW, known(fixes.said_s) & (np.abs(block.skew_s) > MAX_SKEW_S))


def frozen_time(block: State, fixes: Fixes) -> None:
    """The message time stands still while the position moves."""
    same = fixes.said_s == block.said_time_s
    stood = fixes.fixed & same
    if np.count_nonzero(stood):
        moved_m2 = apart_m2(block, block.said_latitude_deg, block.said_longitude_deg, fixes)
        add(block, Remark.FROZEN_TIME, stood & (moved_m2 > FROZEN_AFTER_M**2))
    changed = fixes.fixed & known(fixes.said_s) & ~same
    np.copyto(block.said_latitude_deg, fixes.latitude_deg, where=changed)
    np.copyto(block.said_longitude_deg, fixes.longitude_deg, where=changed)
    np.copyto(block.said_time_s, fixes.said_s, where=changed)
