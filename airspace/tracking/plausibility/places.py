"""The operator's place: OPERATOR_FAR, row by row (handbook remote-id, section 6, signs 4 and 9)."""

from __future__ import annotations

from typing import Final

from airspace.model.track import Remark
from airspace.tracking.columns import State
from airspace.tracking.plausibility.fixes import Fixes, add, apart_m2

MAX_OPERATOR_M: Final = 15_000.0  # beyond any control link without a relay


def operator_far(block: State, fixes: Fixes) -> None:
    """The operator's place is farther away than any control link."""
    away_m2 = apart_m2(block, block.operator_latitude_deg, block.operator_longitude_deg, fixes)
    add(block, Remark.OPERATOR_FAR, away_m2 > MAX_OPERATOR_M**2)
