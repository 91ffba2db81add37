"""Budgets: tokens that grow with log time up to a burst, one bucket a sensor and one a place; and counts of the past.

Places are cells of 0.05 degrees (5.6 km by 3.4 km in the Netherlands), kept in a square of 64 by 64 that repeats every
3.2 degrees: cells farther apart than a country may share a bucket, and no position makes memory grow.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Numbers, Rows

CELLS_PER_DEGREE: Final = 20.0
SIDE: Final = 64  # cells of one side of the square
CELLS: Final = SIDE * SIDE
NOWHERE: Final = -1  # the cell of a row without a position: it has no budget but its sensor's


def cells_of(latitude_deg: Numbers, longitude_deg: Numbers) -> Rows:
    """The cell of each position."""
    with np.errstate(invalid="ignore"):
        north = np.floor(latitude_deg * CELLS_PER_DEGREE) % SIDE
        east = np.floor(longitude_deg * CELLS_PER_DEGREE) % SIDE
    cells = north * SIDE + east
    return np.where(np.isfinite(cells), cells, NOWHERE).astype(np.intp)


class Buckets:
    """n buckets of one rate. Log time never goes back, and if it did nothing would be gained."""

    def __init__(self, n: int, rate_per_s: float, burst: float) -> None:
        self.tokens: Numbers = np.full(n, float(burst))
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._filled_s = float("inf")

    def fill(self, now_s: float) -> None:
        """What the time since has brought."""
        if now_s > self._filled_s:
            self.tokens += (now_s - self._filled_s) * self._rate_per_s
            np.minimum(self.tokens, self._burst, out=self.tokens)
            self._filled_s = now_s
        elif self._filled_s == float("inf"):
            self._filled_s = now_s


MOST_SPANS: Final = 65_536  # days of a few sensors


class Spans:
    """How many rows each sensor brought of each span of its past, the known and the others apart.

    Each kind has room of its own, so that in whatever order rows come no stranger takes that of the known. Bounded:
    those that were met first are forgotten first, which refuses nobody anything.
    """

    def __init__(self, span_s: float, most: float) -> None:
        self._span_s = max(1.0, span_s)
        self._most = most
        self._held: dict[tuple[int, int, bool], int] = {}

    def take(self, numbers: Rows, own_s: Numbers, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which rows still find room in the span that they are of, in their order."""
        spans = np.floor(own_s / self._span_s).astype(np.int64).tolist()
        passes = []
        held = self._held
        for key in zip(numbers.tolist(), spans, known.tolist(), strict=True):
            count = held.get(key, 0)
            passes.append(count < self._most)
            held[key] = count + 1
            if len(held) > MOST_SPANS:
                del held[next(iter(held))]
        return np.array(passes, dtype=np.bool_)
