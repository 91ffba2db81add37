"""The times of some rows by the clock of the log: when each was heard, what it says, how old it is.

The sensor's time alone decides: a drone's own clock makes no backlog new. Where the sensor's clock is wrong, its error
is taken from it; what is later still by more than links gather was held up on the way. Whoever is told of such a row
takes it as heard when it comes, which that one was not: so it is no news.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from airspace.model.clocks import put_right
from airspace.model.detection import Detections, Numbers
from airspace.model.track import Booleans
from receivers.gate.clocks import WITHIN_S


class Heard(NamedTuple):
    """The times of some rows, as far as they can be put right."""

    now_s: float
    heard_s: Numbers  # never later than now
    said_s: Numbers  # by the messages
    age_s: Numbers
    wrong: Booleans  # the sensor's clock is
    is_late: Booleans  # by more than its clock is wrong


def times_of(rows: Detections, found_s: Numbers, now_s: float) -> Heard:
    """``found_s``: how far the clock behind each row was found to be behind, 0 where it is right."""
    wrong = found_s != 0.0
    heard_s, said_s = rows.received_s, rows.time_s
    if wrong.any():
        right_s, right_said_s = put_right(heard_s, said_s, heard_s + found_s)
        heard_s, said_s = np.where(wrong, right_s, heard_s), np.where(wrong, right_said_s, said_s)
    age_s = now_s - heard_s
    return Heard(now_s, np.minimum(heard_s, now_s), said_s, age_s, wrong, wrong & (np.abs(age_s) > WITHIN_S))
