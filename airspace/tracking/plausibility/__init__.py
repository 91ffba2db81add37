"""Signs that a signal may not be what it says (handbook remote-id, section 6), over arrays, one row a track.

Row by row (``remark``): clocks.py, counters.py, identities.py, speeds.py, places.py. At ticks (``at_tick``): what needs
several tracks or several receivers, counters.py and radio.py with links.py, ranges.py, silence.py, levels.py. All of
them with family, score and threshold: signs.py; what they come to: judgement.py; for people: docs/signs.md.

Distances are flat, at the scale of the track's own frame (motion.py): thresholds are 100 m and more. A track's first
fix makes its frame, so it shows no sign that needs one. Left out: signatures (nobody in the EU sends them), and whether
an address is of the maker that the serial names (addresses are random).
"""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Bits
from airspace.tracking.columns import State
from airspace.tracking.plausibility import clocks, counters, identities, places, speeds
from airspace.tracking.plausibility.clocks import MAX_SKEW_S
from airspace.tracking.plausibility.fixes import Fixes, apart_m2
from airspace.tracking.plausibility.judgement import judge, score
from airspace.tracking.plausibility.radio import Radio
from airspace.tracking.plausibility.signs import SIGNS, Family, Sign

__all__ = ["MAX_SKEW_S", "SIGNS", "Family", "Fixes", "Radio", "Sign", "at_tick", "judge", "remark", "score"]


def remark(block: State, fixes: Fixes) -> None:
    """Add the signs that a row shows, in place; ``block`` still holds the fix before as its latest."""
    clocks.skew(block, fixes)
    clocks.frozen_time(block, fixes)
    counters.frozen_counter(block, fixes)
    identities.serial_invalid(block, fixes)
    way_m2 = apart_m2(block, block.latitude_deg, block.longitude_deg, fixes)
    speeds.too_fast(block, fixes, way_m2)
    speeds.stretch(block, fixes, way_m2)
    places.operator_far(block, fixes)


def at_tick(state: State, tick_s: float, radio: Radio | None = None) -> Bits:
    """Signs by slot that the tracks show at a tick and did not yet; the caller adds them and judges anew."""
    found = np.zeros(len(state), dtype=np.int64)
    counters.shared_counter(state, tick_s, found)
    if radio is not None:
        radio.tick(state, tick_s, found)
    return found & ~state.remarks
