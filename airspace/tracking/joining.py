"""A new transmitter address without an id, where a known drone was and from when that one fell silent: the same drone.

Addresses change within a flight (random Bluetooth addresses; one drone has one for each transport). Mostly the next
Basic ID says whose the new one is (aliases.py). Until then, or where a source never says, place and time do: at a tick,
a track without an id joins the one track that fell silent as it appeared and would be where it is. If two would, none.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows, Source
from airspace.model.track import Booleans
from airspace.tracking.columns import Role, State
from airspace.tracking.motion import predicted

YOUNG_S: Final = 10.0  # later it has a life of its own
LEAST_FIXES: Final = 2
FELL_SILENT_S: Final = (-1.0, 10.0)  # before the new one appeared; overlapping by a second, as reports are late
GATE: Final = 9.21  # chi-square, two degrees of freedom, 99 %
CLEAR: Final = 4.0  # times the gate in which nobody else may be

_RF: Final = int(Source.RF)
_ADSB: Final = int(Source.ADSB)


def joinable(state: State, tick_s: float) -> list[tuple[int, int]]:
    """(slot of the new track, slot of the track it goes on), each slot at most once, in the order of numbers."""
    new = _nameless(state, tick_s)
    if not len(new):
        return []
    pairs: list[tuple[int, int]] = []
    for slot in new.tolist():
        old = _silent_since(state, slot)
        distance = _distance(state, slot, old)
        near = old[distance <= GATE * CLEAR]
        if len(near) == 1 and distance.min() <= GATE:
            pairs.append((slot, int(near[0])))
    wanted = Counter(old for _, old in pairs)
    gone = {slot for slot, _ in pairs}
    return [(slot, old) for slot, old in pairs if wanted[old] == 1 and old not in gone]


def _nameless(state: State, tick_s: float) -> Rows:
    """Young aircraft with a place and without an id."""
    young = (state.state != 0) & (state.uas_id_type == 0) & (state.fixes >= LEAST_FIXES) & (state.role == Role.AIRCRAFT)
    young &= (state.source != _RF) & (state.source != _ADSB)
    with np.errstate(invalid="ignore"):
        young &= tick_s - state.first_seen_s <= YOUNG_S
    slots = np.flatnonzero(young)
    return slots[np.argsort(state.number[slots], kind="stable")]


def _silent_since(state: State, slot: int) -> Rows:
    """Other aircraft that fell silent as this one appeared."""
    with np.errstate(invalid="ignore"):
        before_s = state.first_seen_s[slot] - state.heard_s
        silent: Booleans = (before_s >= FELL_SILENT_S[0]) & (before_s <= FELL_SILENT_S[1])
    silent &= (state.state != 0) & (state.role == Role.AIRCRAFT) & (state.source == state.source[slot])
    silent &= state.number < state.number[slot]
    return np.flatnonzero(silent)


def _distance(state: State, slot: int, old: Rows) -> Numbers:
    """Squared Mahalanobis distance between the new track's place and where each of the others would be then."""
    block = state.gather(old)
    at = np.full(len(old), state.fix_time_s[slot])
    north_m, east_m, variance_m2 = predicted(
        block, at, np.full(len(old), state.latitude_deg[slot]), np.full(len(old), state.longitude_deg[slot])
    )
    distance: Numbers = (north_m**2 + east_m**2) / (variance_m2 + state.pxx_m2[slot])
    return np.where(np.isnan(distance), np.inf, distance)
