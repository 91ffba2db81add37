"""When an emitter without identity is believed, and told of: pure, over arrays or over the values of one.

It was heard in some of its last looks, now being one of them, which one detection never makes (handbook remote-id
9.10). What its sensors say of themselves counts: where they are unsure, it waits for more rows, until no more doubt is
left than after two rows of a sensor that states no confidence. And a drone that names itself has had its turn to do so:
the emitter is two seconds old and agrees with none of those that do. Only a direction that makes a place with another,
of which all this is known, need not wait for it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers
from airspace.model.track import Booleans
from airspace.tracking.unidentified.settings import Settings

DEFAULT_CONFIDENCE: Final = 0.5  # of a sensor that states none: as likely as not
DOUBT_LEFT: Final = (1.0 - DEFAULT_CONFIDENCE) ** 2  # that all rows are false


def doubt_of(confidence: Numbers) -> Numbers:
    """That a row is false, by what its sensor says of it."""
    return 1.0 - np.where(np.isnan(confidence), DEFAULT_CONFIDENCE, confidence)


def steady(settings: Settings, history: Bits | int, doubt: Numbers | float) -> Booleans:
    """Whether there is something. ``history`` has a bit a look, the lowest for the last."""
    heard = (np.bitwise_count(history) >= settings.hits_needed) & (np.bitwise_and(history, 1) == 1)
    return np.asarray(heard & (doubt <= DOUBT_LEFT), dtype=np.bool_)


def nameless(settings: Settings, age_s: Numbers | float, alike: Bits | int) -> Booleans:
    """Whether it had time to name itself. ``alike``: number of the identified track that it agrees with, or < 0."""
    return np.asarray((age_s >= settings.naming_s) & (alike < 0), dtype=np.bool_)
