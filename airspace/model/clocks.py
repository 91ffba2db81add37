"""A receiver's clock that is wrong, put right: when its rows were heard and what their messages say, by our time.

The log keeps every time as it was told; this is for whoever must work with them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers

AGREES_S: Final = 10.0  # a drone's honest clock and its receiver's, with what the way takes
KEPT_S: Final = 14 * 86_400.0  # a broker keeps what waits for us no longer: what is older is no backlog
_HOUR_S: Final = 3600.0


def put_right(received_s: Numbers, time_s: Numbers, logged_s: Numbers) -> tuple[Numbers, Numbers]:
    """(heard, said) of rows whose receiver's clock is wrong: heard when they were logged.

    A message time that agrees with its receiver's clock moves with it. Any other says minutes within an hour, of which
    the receiver guessed the hour: it is taken to the hour of the log, and what is left is the drone's own skew.
    """
    behind_s = logged_s - received_s
    hours = np.round((logged_s - time_s) / _HOUR_S)
    agrees = np.abs(received_s - time_s) <= AGREES_S
    return logged_s.copy(), np.where(agrees, time_s + behind_s, time_s + hours * _HOUR_S)
