"""LEVEL_UNMOVED, at ticks: signal strength does not follow the distance claimed (handbook, section 6, sign 6).

For each link a straight line through level over log distance, by the cells of links.py; the lines of one track's links
have a slope in common and an offset each, for receivers have aerials of their own. Between air and ground the level
falls by 15 to 40 dB in a decade of distance (path loss exponents of 1.5 to 4.1 and a deviation of 2.6 to 5.3 dB in nine
campaigns: Khawaja et al., A Survey of Air-to-Ground Propagation Channel Modeling for Unmanned Aerial Vehicles, IEEE
Communications Surveys and Tutorials 21(3), 2019). So the claim is doubted when the common slope is flat and is above
the flattest of these by three standard errors, and when that holds without any one of the receivers too, by two.

Fading is taken for at least 6 dB a cell, whatever the cells themselves show; what one receiver hears over several
transports counts as heard once, for the same houses stand in the way. Two receivers prove nothing, nor does a claim
that hardly changes its distances. RSSI refutes; it never tells a place.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.track import Booleans, Remark, TrackState
from airspace.tracking.columns import State
from airspace.tracking.plausibility.links import Links

RECEIVERS: Final = 3
CELLS: Final = 6.0  # of a link
SPREAD: Final = 0.03  # standard deviation of log10 of a link's distances: below it is position noise
FLATTEST_DB: Final = -15.0  # a decade; the least of the campaigns
FLAT_DB: Final = -5.0  # a decade: no more than this of the claimed distance shows in the level
FADING_DB: Final = 6.0
ERRORS: Final = 3.0
ERRORS_WITHOUT_ONE: Final = 2.0
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_LEVEL_UNMOVED: Final = int(Remark.LEVEL_UNMOVED)


def level_unmoved(links: Links, state: State, slots: Rows, found: Bits) -> None:
    """Adds the sign to ``found`` (by slot), in place; ``slots`` are the live ones by track number."""
    at = _telling(links)
    if len(at) < RECEIVERS:
        return
    cells, x, y, xx, xy, yy = links.sums[:, at]
    number, sensor = links.number[at], links.sensor[at]
    parts = np.stack((xx - x * x / cells, xy - x * y / cells, yy - y * y / cells, cells - 1.0))
    by_receiver = _starts((number[1:] != number[:-1]) | (sensor[1:] != sensor[:-1]))
    heard_over = np.diff(np.append(by_receiver, len(at)))
    parts = np.add.reduceat(parts, by_receiver, axis=1) / heard_over
    number = number[by_receiver]
    start = _starts(number[1:] != number[:-1])
    receivers = np.diff(np.append(start, len(number)))
    whole = np.add.reduceat(parts, start, axis=1)
    one_less = np.repeat(whole, receivers, axis=1) - parts
    unmoved = (receivers >= RECEIVERS) & _is_flat(whole, ERRORS)
    unmoved &= np.logical_and.reduceat(_is_flat(one_less, ERRORS_WITHOUT_ONE), start)
    slot = slots[np.searchsorted(state.number[slots], number[start[unmoved]])]
    found[slot[state.state[slot] == _CONFIRMED]] |= _LEVEL_UNMOVED


def _telling(links: Links) -> Rows:
    """The links that have something to tell, in their order."""
    cells, x, _, xx, _, _ = links.sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.flatnonzero((cells >= CELLS) & (xx / cells - (x / cells) ** 2 >= SPREAD**2))


def _starts(changes: Booleans) -> Rows:
    return np.flatnonzero(np.concatenate(([True], changes)))


def _is_flat(parts: Numbers, errors: float) -> Booleans:
    """Whether the slope of (Sxx, Sxy, Syy, freedom) is flat, and surely flatter than any between air and ground."""
    sxx, sxy, syy, freedom = parts
    with np.errstate(invalid="ignore", divide="ignore"):  # without its only receiver nothing is left of a track
        slope = sxy / sxx
        fading2 = np.maximum(FADING_DB**2, (syy - slope * sxy) / np.maximum(freedom - 1.0, 1.0))
        flat: Booleans = (slope > FLAT_DB) & (slope - errors * np.sqrt(fading2 / sxx) > FLATTEST_DB)
    return flat
