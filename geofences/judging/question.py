"""Drones in a zone of which nobody can say whether they fly: they are judged by no rule, and nothing is clear there."""

from __future__ import annotations

import numpy as np

from airspace.model.track import Booleans, Tracks, flights_unknown
from airspace.model.zone import Restriction
from geofences.catalogue import Catalogue
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.judging.sight import NO_ZONE, judged, look


def in_question(catalogue: Catalogue, live: Tracks, levels: Levels = MESSAGES_ALONE) -> Booleans:
    """Live tracks that would be asked something if they flew: in a zone that asks something, or over 120 m."""
    asked = judged(live) & flights_unknown(live)
    if not asked.any():
        return asked
    sight = look(catalogue, live, asked, ways=False, levels=levels)
    found = np.zeros(len(live), dtype=np.bool_)
    for row, zone in zip(sight.group_row.tolist(), sight.strongest.tolist(), strict=True):
        found[row] |= zone == NO_ZONE or catalogue.zones[zone].restriction is not Restriction.NO_RESTRICTION
    return found
