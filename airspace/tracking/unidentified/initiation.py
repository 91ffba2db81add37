"""How a track without a name comes to be: M hits of N slots, and never by one fix alone.

A slot is a span of time, not a scan: sensors that look at different moments and at different parts of the sky make
neither more hits nor more misses of it, and two readings of one moment are one. Blackman, Popoli 1999, 6.2.4; the
rules in full stand in ``settings.py``.
"""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.tracking.unidentified.association import Pairs
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.frame import globe, local
from airspace.tracking.unidentified.history import hits
from airspace.tracking.unidentified.pairing import among


def ripe(bank: Bank, rows: Rows) -> Rows:
    """Those tentative ones of some tracks that have the hits they need."""
    tentative = rows[~bank.confirmed[rows]]
    enough = hits(bank.history[tentative], bank.settings.of_slots) >= bank.settings.hits_needed
    return np.compress(enough, tentative)


def twins(bank: Bank, rows: Rows, pairs: Pairs, near: Pairs) -> Rows:
    """Those of some ripe tracks that cannot be told from an older track, confirmed or ripe itself.

    Two emissions of one aircraft, or one told twice, would else make two tracks of it. It is enough to look at tracks
    that the newest fix of the ripe one could have been of (``near``: all pairs in the gate).
    """
    if not len(rows):
        return rows
    owner = np.full(max(pairs.detection.max(), near.detection.max()) + 1, -1)
    owner[pairs.detection] = pairs.track
    own = owner[near.detection]
    older = (near.track < own) & among(own, rows) & (bank.confirmed[near.track] | among(near.track, rows))
    young, old = own[older], near.track[older]
    return np.unique(young[_apart2(bank, young, old) <= bank.settings.twin_distance2])


def hopeless(bank: Bank, time_s: float) -> Rows:
    """Tentative tracks that cannot have them any more: too few slots are left, the present one among them."""
    tentative = np.flatnonzero(~bank.confirmed)
    now = np.maximum(bank.slots(time_s, tentative), bank.slot[tentative])
    over = now > bank.slot[tentative]  # the present slot may still bring a hit
    left = bank.settings.of_slots - 1 - now + over
    possible = hits(bank.history[tentative], bank.settings.of_slots) + np.maximum(left, 0)
    return np.compress(possible < bank.settings.hits_needed, tentative)


def _apart2(bank: Bank, rows: Rows, others: Rows) -> Numbers:
    """Squared Mahalanobis distance of place and speed between two tracks each, at the later time of both."""
    time_s = np.maximum(bank.time_s[rows], bank.time_s[others])
    mean, covariance = bank.predicted(time_s, rows)
    other_mean, other_covariance = bank.predicted(time_s, others)
    latitude, longitude = globe(bank.frame(others), other_mean[:, 0], other_mean[:, 1])
    other_mean[:, :2] = np.stack(local(bank.frame(rows), latitude, longitude), axis=1)
    apart = (mean - other_mean)[:, :, np.newaxis]
    distance2: Numbers = apart.swapaxes(1, 2) @ np.linalg.solve(covariance + other_covariance, apart)
    return distance2[:, 0, 0]
