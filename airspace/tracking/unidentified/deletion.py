"""How a track without a name ends: not heard for too long, or too vague to be of use."""

from __future__ import annotations

import numpy as np

from airspace.model.detection import Rows
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.ellipse import axes


def lost(bank: Bank, time_s: float) -> Rows:
    """Tracks that end now; a tentative one mostly ends before, see ``initiation.py``."""
    settings = bank.settings
    unheard = np.flatnonzero(bank.time_s < time_s)
    _, _, xx, xy, yy = bank.places(time_s, unheard)
    vague = axes(xx, xy, yy)[0] > settings.widest_sigma_m**2
    return unheard[vague | (time_s - bank.heard_s[unheard] > settings.silent_s)]
