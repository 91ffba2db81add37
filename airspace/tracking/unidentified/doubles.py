"""Emitters with a place that cannot be told from an older one: they wait and are not confirmed.

Two readings of one aircraft, or two emissions, would else make two tracks of it.
"""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.filter import dense
from airspace.tracking.unidentified.frame import globe, local


def doubles(bank: Bank, young: Rows, old: Rows) -> Rows:
    """Those of some tracks that are like the older ones beside them in place and speed."""
    return young[_apart2(bank, young, old) <= bank.settings.twin_distance2]


def _apart2(bank: Bank, rows: Rows, others: Rows) -> Numbers:
    """Squared Mahalanobis distance of place and speed between two tracks each, at the later time of both."""
    time_s = np.maximum(bank.time_s[rows], bank.time_s[others])
    block, other = bank.ahead(time_s, rows).block, bank.ahead(time_s, others).block
    apart = (block[:4] - other[:4]).T[:, :, np.newaxis]
    there = globe(bank.frame[:, others], other[0], other[1])
    apart[:, :2, 0] = block[:2].T - np.array(local(bank.frame[:, rows], *there)).T
    distance2: Numbers = apart.swapaxes(1, 2) @ np.linalg.solve(dense(block) + dense(other), apart)
    return distance2[:, 0, 0]
