"""OUT_OF_RANGE, at ticks: nobody who hears it could hear it from the place claimed (handbook, section 6, sign 5).

The greatest range is that of a link budget in free space: the strongest sender that EN 300 328 allows (100 mW, 20 dBm),
a receiver of the best kind (-97 dBm for Bluetooth at 1 Mbit/s, -105 dBm coded, -98 dBm for Wi-Fi at 1 Mbit/s) and an
aerial of 9 dBi leave 126, 134 and 127 dB of path, and 100.2 dB is the first kilometre at 2.44 GHz. Real ranges are a
tenth of it. DJI's own link reaches 50 km by the maker's word. A network has no range.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows, Transport
from airspace.model.track import Booleans, Remark, TrackState
from airspace.tracking.columns import State
from airspace.tracking.plausibility.links import Links

RANGE_M: Final = {
    Transport.UNKNOWN: 60_000.0,
    Transport.BLE4: 20_000.0,
    Transport.BLE5: 50_000.0,
    Transport.WIFI_BEACON: 25_000.0,
    Transport.WIFI_NAN: 25_000.0,
    Transport.OCUSYNC: 60_000.0,
    Transport.WIFI_DJI: 60_000.0,
}
BEYOND_ROWS: Final = 3  # a damaged position comes once
BEYOND_S: Final = 10.0  # without any receiver that could have heard it from there
_REACH_M: Final = np.full(max(Transport) + 1, np.inf)  # by Transport
for _transport, _range_m in RANGE_M.items():
    _REACH_M[_transport] = _range_m
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_OUT_OF_RANGE: Final = int(Remark.OUT_OF_RANGE)


def beyond(transport: Bits, distance_m: Numbers) -> Booleans:
    """Where a distance is more than a transport reaches; not where it is unknown."""
    return distance_m > _REACH_M[transport]


def out_of_range(links: Links, state: State, slots: Rows, tick_s: float, found: Bits) -> None:
    """Adds the sign to ``found`` (by slot), in place; ``slots`` are the live ones by track number."""
    if not np.count_nonzero(links.beyond):
        return
    at = np.flatnonzero((links.heard_s > tick_s - BEYOND_S) & np.isfinite(links.distance_m))
    if not len(at):
        return
    number, rows, since_s = links.number[at], links.beyond[at], links.beyond_since_s[at]
    start = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
    lasts = np.logical_and.reduceat(rows > 0, start) & (np.add.reduceat(rows, start) >= BEYOND_ROWS)
    lasts &= np.maximum.reduceat(links.heard_s[at], start) - np.fmin.reduceat(since_s, start) >= BEYOND_S
    slot = slots[np.searchsorted(state.number[slots], number[start[lasts]])]
    found[slot[state.state[slot] == _CONFIRMED]] |= _OUT_OF_RANGE
