"""The tracker of what has no name: scans in, track numbers out.

One scan is what one sensor saw at one moment. It is worked at once: associate with the tracks as predicted to its time,
update, open, confirm, drop, delete (the rules: ``settings.py``). The same scans in the same order give the same tracks
to the byte; the order of the detections in a scan does not matter. Scans may come late by ``late_s``, older ones are
counted and left out, as are detections without a place or a proper covariance.

A ``key`` is a hint above all: the same sensor's same name goes to the track it went to before while that is within
``KEY_GATE_SIGMAS``, before any other fix is considered.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified.association import NO_PAIRS, Pairs, candidates, chosen, distances2, joined
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.deletion import lost
from airspace.tracking.unidentified.initiation import hopeless, ripe, twins
from airspace.tracking.unidentified.keys import Keys
from airspace.tracking.unidentified.pairing import among
from airspace.tracking.unidentified.scan import Assigned, Scan
from airspace.tracking.unidentified.settings import Settings

KEY_GATE_SIGMAS: Final = 10.0  # as for tracks with a name: beyond it is another emitter (motion.py)
MAX_LATITUDE_DEG: Final = 90.0
MAX_LONGITUDE_DEG: Final = 180.0
_DEFAULTS: Final = Settings()
_NONE: Final[Bits] = np.empty(0, dtype=np.int64)


class Unidentified:
    """State: the bank of tracks, the sensors' names for them, the newest time."""

    def __init__(self, settings: Settings = _DEFAULTS) -> None:
        self.bank = Bank(settings)
        self.keys = Keys()
        self.newest_s = -np.inf
        self.too_late = 0  # detections of scans that came too late
        self.unusable = 0  # detections without a place or a covariance

    def scan(self, scan: Scan) -> Assigned:
        """Work one scan."""
        track = np.full(len(scan), -1, dtype=np.int64)
        if scan.time_s < self.newest_s - self.bank.settings.late_s:
            self.too_late += len(scan)
            return Assigned(track=track, opened=_NONE, confirmed=_NONE, deleted=_NONE)
        self.newest_s = max(self.newest_s, scan.time_s)
        usable = np.flatnonzero(_usable(scan))
        if len(usable) < len(scan):
            self.unusable += len(scan) - len(usable)
            scan = scan.take(usable)
        near = candidates(self.bank, scan)
        named = self._named(scan)
        pairs = joined(named, chosen(self.bank, near, named))
        self._update(scan, pairs)
        track[usable[pairs.detection]] = self.bank.number[pairs.track]
        confirmed = self._confirm(pairs, near.pairs)
        rest, opened = self._open(scan, np.flatnonzero(track[usable] < 0))
        track[usable[rest]] = opened
        if scan.key is not None:
            self.keys.note(scan.key, track[usable])
        return Assigned(track=track, opened=opened, confirmed=confirmed, deleted=self._delete())

    def _named(self, scan: Scan) -> Pairs:
        """Fixes whose name went to a track before that is still about where they are."""
        if scan.key is None:
            return NO_PAIRS
        rows = self.bank.rows(self.keys.numbers(scan.key))
        pairs = Pairs(rows[rows >= 0], np.flatnonzero(rows >= 0))
        distance2, _, _ = distances2(self.bank, scan, pairs, self.bank.places(scan.time_s, pairs.track))
        order = np.lexsort((distance2, pairs.track))  # of several names of one track the nearest fix is it
        order = order[np.diff(pairs.track[order], prepend=-1) != 0]
        order = order[distance2[order] <= KEY_GATE_SIGMAS**2]
        return Pairs(pairs.track[order], pairs.detection[order])

    def _update(self, scan: Scan, pairs: Pairs) -> None:
        rows, of = pairs
        fixes = scan.latitude_deg[of], scan.longitude_deg[of]
        self.bank.update_position(rows, *fixes, scan.noise_m2[of], scan.time_s)
        self._hear(scan, pairs)

    def _open(self, scan: Scan, rest: Rows) -> tuple[Rows, Bits]:
        """Tentative tracks at what is left, in the order of their places; the fixes and their tracks."""
        rest = rest[np.lexsort((scan.longitude_deg[rest], scan.latitude_deg[rest]))]
        noise_m2 = scan.noise_m2[rest]
        opened = self.bank.open(scan.latitude_deg[rest], scan.longitude_deg[rest], noise_m2, scan.time_s)
        rest = rest[: len(opened)]
        self._hear(scan, Pairs(self.bank.rows(opened), rest))
        return rest, opened

    def _hear(self, scan: Scan, pairs: Pairs) -> None:
        if scan.frequency_hz is None:
            return
        rows, of = pairs
        width_hz = np.full(len(of), np.nan) if scan.bandwidth_hz is None else scan.bandwidth_hz[of]
        self.bank.heard_on(rows, scan.frequency_hz[of], width_hz)

    def _confirm(self, pairs: Pairs, near: Pairs) -> Bits:
        bank = self.bank
        rows = ripe(bank, np.sort(pairs.track))
        rows = rows[~among(rows, twins(bank, rows, pairs, near))]
        bank.confirm(rows)
        return bank.number[rows]

    def _delete(self) -> Bits:
        bank = self.bank
        rows = np.concatenate((lost(bank, self.newest_s), hopeless(bank, self.newest_s)))
        numbers = np.sort(bank.number[rows])
        bank.remove(rows)
        self.keys.forget(numbers)
        return numbers


def _usable(scan: Scan) -> Booleans:
    """Where there is a place on the globe and a covariance that is one."""
    place = (np.abs(scan.latitude_deg) <= MAX_LATITUDE_DEG) & (np.abs(scan.longitude_deg) <= MAX_LONGITUDE_DEG)
    size = (scan.r_xx_m2 > 0.0) & (scan.r_yy_m2 > 0.0) & np.isfinite(scan.r_xx_m2 * scan.r_yy_m2)
    return place & size & (scan.r_xx_m2 * scan.r_yy_m2 > np.square(scan.r_xy_m2))
