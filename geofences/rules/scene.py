"""What the rules that hold everywhere look at, at a tick, and what their conditions give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Codes, Numbers
from airspace.model.track import Booleans, Tracks, TrackState

CANNOT_SAY: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Live tracks that can be judged, and how far outside its own notice each is; NaN where it has none in force."""

    tracks: Tracks
    outside_m: Numbers


class Measured(NamedTuple):
    """Row by row: 0 it is not so, 1 it is so, 2 it is so and worse, ``CANNOT_SAY``; and the metres behind it."""

    level: Codes
    metres: Numbers


def measured(n: int) -> Measured:
    """Not so, for n rows, to be filled in."""
    return Measured(np.zeros(n, dtype=np.int8), np.full(n, np.nan))


def nameless(tracks: Tracks) -> Booleans:
    """Followed without an identity, by place or by direction alone, and told of: these alone have a confidence."""
    told_of = (tracks.state == TrackState.CONFIRMED) | (tracks.state == TrackState.COASTING)
    found: Booleans = told_of & ~np.isnan(tracks.confidence)
    return found
