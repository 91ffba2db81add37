"""Who goes first when there is more than a budget allows.

1. Known identities (``identities.py``), and what RF sensors say: a radio was really there.
2. New identities where an RF sensor placed, or heard, an emission in the last minute.
3. Identities that were heard before. 4. Strangers. 5. What one identity says beyond ``MOST_ROWS`` in a batch.

Within a class each identity gets a row before any gets a second one, those first that have waited longest: a thousand
ghosts that fly well share what there is with the one drone among them. Then the order of the log decides.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Detections, Numbers, Rows, Source
from airspace.model.track import Booleans
from receivers.gate.identities import CANDIDATE

MOST_ROWS: Final = 20  # a drone repeats itself nine times a second, and two sensors hear it
RF_CONFIRMS_S: Final = 60.0
KNOWN, CONFIRMED, CANDIDATES, STRANGERS, SURPLUS = range(5)

Classes = npt.NDArray[np.int64]


def order(
    rows: Detections, slots: Rows, keys: list[str | None], granted: Numbers, confirmed: Booleans
) -> tuple[Rows, Booleans]:
    """(all rows, those first that should pass; which are of the first class).

    ``granted`` by slot; ``confirmed`` by row: by RF.
    """
    classes = np.full(len(rows), STRANGERS, dtype=np.int64)
    classes[slots == CANDIDATE] = CANDIDATES
    classes[confirmed] = CONFIRMED
    classes[(slots >= 0) | (rows.source == Source.RF)] = KNOWN
    turn = _turns(keys)
    classes[turn >= MOST_ROWS] = SURPLUS
    waited = np.where(slots >= 0, granted[slots], 0.0)
    return np.lexsort(
        (waited, turn, classes)
    ), classes == KNOWN  # the last key counts first; equal rows keep their order


def _turns(keys: list[str | None]) -> Classes:
    """How many rows of the same identity stand before each row."""
    seen: dict[str | None, int] = {}
    turns = []
    for key in keys:
        turn = 0 if key is None else seen.get(key, 0)
        seen[key] = turn + 1
        turns.append(turn)
    return np.array(turns, dtype=np.int64)
