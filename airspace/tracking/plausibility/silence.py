"""UNHEARD_NEARER, at ticks: receivers much nearer to the claimed place do not hear it (handbook, section 6, sign 5).

A receiver's silence proves something only when it is a witness: its place is known and does not change, and over most
of the last minute it heard others, over the same transport, from at least as far as this claim is from it. So one that
is down, paused, out of its hours or deaf to a transport is none. One such receiver may stand behind a house; two must
be silent, and both four times as near as the nearest that hears it (12 dB in free space, more over roofs), for half a
minute without a break. A drone below the roofs may hide from any receiver and is not looked at.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans, Remark, TrackState
from airspace.tracking.columns import State
from airspace.tracking.plausibility.links import Links
from airspace.tracking.plausibility.stations import Stations

WITNESSES: Final = 2
NEARER: Final = 4.0
LEAST_FAR_M: Final = 1_000.0  # position errors and heights are nothing against this
LOW_M: Final = 30.0  # roofs
LASTS_S: Final = 30.0
HEARS_NOW_S: Final = 5.0  # the farther one, all the time
HEARD_S: Final = 60.0  # a nearer one that heard it within this long is not silent
SPAN_S: Final = 10.0  # of which the last six make the last minute
SPANS: Final = 6
SPANS_HEARING: Final = 4  # with the last whole one among them
_TRANSPORTS: Final = 16
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_NOBODY: Final = np.empty(0, dtype=np.int64)
_UNHEARD_NEARER: Final = int(Remark.UNHEARD_NEARER)


class Witnesses:
    """From how far each receiver has heard unsuspected drones lately: by receiver, transport and span of time."""

    def __init__(self, sensors: int) -> None:
        self._reach_m = np.full((sensors, _TRANSPORTS, SPANS + 1), np.nan)
        self._span = 0

    def hear(self, sensor: Bits, transport: Bits, distance_m: Numbers, tick_s: float) -> None:
        """Take in what was heard until a tick."""
        span = int(tick_s // SPAN_S)
        for over in range(max(self._span + 1, span - SPANS), span + 1):
            self._reach_m[:, :, over % (SPANS + 1)] = np.nan
        self._span = max(self._span, span)
        reach_m = self._reach_m[:, :, self._span % (SPANS + 1)].reshape(-1)  # a copy
        np.fmax.at(reach_m, sensor * _TRANSPORTS + transport, distance_m)
        self._reach_m[:, :, self._span % (SPANS + 1)] = reach_m.reshape(-1, _TRANSPORTS)

    def hearing(self, sensors: Rows, transport: Bits, distance_m: Numbers) -> Booleans:
        """Which receivers (k,) are witnesses, over a transport (n,), of something at a distance (n, k) from them."""
        whole = (self._span - 1 - np.arange(SPANS)) % (SPANS + 1)
        reach_m = self._reach_m[sensors[:, None, None], transport[:, None], whole]
        with np.errstate(invalid="ignore"):
            could = reach_m >= distance_m.T[:, :, None]
        hearing: Booleans = could[:, :, 0] & (could.sum(axis=2) >= SPANS_HEARING)
        return hearing.T


class Silences:
    """Since when nearer receivers have been silent about a track."""

    def __init__(self) -> None:
        self._number: Bits = np.empty(0, dtype=np.int64)
        self._since_s: Numbers = np.empty(0)

    def tick(
        self,
        links: Links,
        witnesses: Witnesses,
        stations: Stations,
        state: State,
        slots: Rows,
        tick_s: float,
        found: Bits,
    ) -> None:
        """Look at all links; adds the sign to ``found`` (by slot), in place. ``slots``: the live ones by number."""
        number = _silent_about(links, witnesses, stations, state, slots, tick_s)
        since_s = np.full(len(number), tick_s)
        if len(self._number):
            before = np.minimum(np.searchsorted(self._number, number), len(self._number) - 1)
            goes_on = self._number[before] == number
            since_s[goes_on] = self._since_s[before[goes_on]]
        self._number, self._since_s = number, since_s
        lasts = number[tick_s - since_s >= LASTS_S]
        found[slots[np.searchsorted(state.number[slots], lasts)]] |= _UNHEARD_NEARER


def _silent_about(
    links: Links, witnesses: Witnesses, stations: Stations, state: State, slots: Rows, tick_s: float
) -> Bits:
    """Numbers of the tracks about which enough nearer witnesses are silent now, sorted."""
    number, nearest_m, transport, heard_by = _nearest(links, tick_s)
    slot = slots[np.searchsorted(state.number[slots], number)]
    concerned = (nearest_m >= LEAST_FAR_M) & (state.state[slot] == _CONFIRMED) & ~(state.height_m[slot] < LOW_M)
    if not np.count_nonzero(concerned):
        return _NOBODY
    number, nearest_m, transport, heard_by, slot = (
        column[concerned] for column in (number, nearest_m, transport, heard_by, slot)
    )
    sensors, latitude_deg, longitude_deg = stations.fixed()
    north, east = metres_per_degree(state.latitude_deg[slot])
    away_m = np.hypot(
        (state.latitude_deg[slot][:, None] - latitude_deg) * north[:, None],
        (state.longitude_deg[slot][:, None] - longitude_deg) * east[:, None],
    )
    silent = (heard_by[:, None] >> sensors & 1) == 0
    silent &= away_m * NEARER <= nearest_m[:, None]
    if not np.count_nonzero(silent):
        return _NOBODY
    silent &= witnesses.hearing(sensors, transport, away_m)
    about: Bits = number[np.count_nonzero(silent, axis=1) >= WITNESSES]
    return about


def _nearest(links: Links, tick_s: float) -> tuple[Bits, Numbers, Bits, Bits]:
    """For each track heard just now: number, distance and transport of the nearest receiver, bits of all that heard it.

    Only receivers that heard it within a few seconds are farther witnesses; a minute for the bits.
    """
    now = links.heard_s >= tick_s - HEARS_NOW_S
    number = links.number
    lately = links.heard_s >= tick_s - HEARD_S
    start = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1]))) if len(number) else np.empty(0, int)
    if not len(start):
        return number, np.empty(0), number, number
    heard_by = np.bitwise_or.reduceat(np.where(lately, np.left_shift(1, links.sensor), 0), start)
    distance_m = np.where(now, links.distance_m, np.nan)
    nearest_m = np.fmin.reduceat(distance_m, start)
    of = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(number))))
    is_nearest = distance_m == nearest_m[of]
    transport = np.zeros(len(start), dtype=np.int64)
    transport[of[is_nearest]] = links.transport[is_nearest]
    return number[start], nearest_m, transport, heard_by
