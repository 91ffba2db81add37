"""The identity that a message names: SERIAL_INVALID, row by row (handbook, section 6, sign 8). Sign 1 is for twins.py.

The form of a serial number is that of ANSI/CTA-2063-A, as the decoder found it (``Flag.SERIAL_INVALID``). It is asked
of Open Drone ID alone: DJI DroneID and the French scheme have serials of their own form.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Flag, IdType, Source
from airspace.model.track import Remark
from airspace.tracking.columns import State
from airspace.tracking.plausibility.fixes import Fixes, add

_REMOTE_ID: Final = int(Source.REMOTE_ID)
_SERIAL: Final = int(IdType.SERIAL)
_INVALID: Final = int(Flag.SERIAL_INVALID)


def serial_invalid(block: State, fixes: Fixes) -> None:
    """A Remote ID names itself by a serial number that is of no such form."""
    if fixes.rows is None:
        return
    invalid = (fixes.rows.flags & _INVALID) != 0
    if np.count_nonzero(invalid):
        invalid &= (fixes.rows.source == _REMOTE_ID) & (fixes.rows.uas_id_type == _SERIAL)
        add(block, Remark.SERIAL_INVALID, invalid)
