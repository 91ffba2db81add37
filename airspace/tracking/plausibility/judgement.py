"""What the signs of a track come to together: a score, and whether the track is suspect.

One sign is no suspicion: honest clocks are skewed, honest Parrots repeat each message nine times, honest pilots are far
away. A track is suspect when signs of two independent families agree, or when one identity is at two places at once.
The score is that of independent doubts: one less the product of what each family leaves of trust. It ranks and
explains; the suspicion does not rest on it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers
from airspace.model.track import Remark
from airspace.tracking.columns import State
from airspace.tracking.plausibility.signs import SIGNS, Family

INDEPENDENT_FAMILIES: Final = 2


def score(remarks: Bits) -> Numbers:
    """How much all signs together speak against each signal, 0 to 1."""
    return _SCORE[remarks]


def judge(block: State) -> None:
    """Set ``suspect`` from the signs so far, in place."""
    np.take(_SUSPECT, block.remarks, out=block.suspect)


def _tables() -> tuple[Numbers, Bits]:
    """(score, suspect) by the set of signs."""
    remarks = np.arange(2 * max(Remark))
    trust = np.ones(len(remarks))
    families = np.zeros(len(remarks), dtype=np.int64)
    alone = np.zeros(len(remarks), dtype=np.bool_)
    for family in Family:
        strongest = np.zeros(len(remarks))
        for sign in SIGNS:
            if sign.family is family:
                shown = (remarks & int(sign.remark)) != 0
                np.maximum(strongest, np.where(shown, sign.score, 0.0), out=strongest)
                alone |= shown & sign.alone
        trust *= 1.0 - strongest
        families += strongest > 0.0
    return 1.0 - trust, (alone | (families >= INDEPENDENT_FAMILIES)).astype(np.int64)


_SCORE, _SUSPECT = _tables()
