"""What the filter keeps of each track: motion.py.

Apart from all else that is known of a track (columns.py), so that following alone takes as little as it needs.
"""

from __future__ import annotations

from typing import Final

from airspace.model.detection import Numbers


class Kinematics:
    """Columns of n tracks as arrays of shape (n,), views of one matrix; NaN until there is a fix."""

    # a frame east and north of an anchor
    anchor_latitude_deg: Numbers
    anchor_longitude_deg: Numbers
    north_m_per_deg: Numbers
    east_m_per_deg: Numbers
    x_m: Numbers
    y_m: Numbers
    vx_m_s: Numbers
    vy_m_s: Numbers
    pxx_m2: Numbers
    pxv_m2_s: Numbers
    pvv_m2_s2: Numbers
    fix_time_s: Numbers
    gap_s: Numbers  # between the last fix and the one before
    position_sigma_m: Numbers
    speed_sigma_m_s: Numbers

    def __init__(self, motion: Numbers) -> None:
        self.motion = motion
        vars(self).update(zip(MOTION_COLUMNS, motion, strict=True))

    def __len__(self) -> int:
        return len(self.gap_s)


MOTION_COLUMNS: Final = tuple(name for name, kind in Kinematics.__annotations__.items() if kind == "Numbers")
