"""Matrices of what is kept of live tracks, a row a quantity, a column a track.

In a store all that is known of a track lies together in memory, so that taking it is one copy; in a block of tracks
that are being worked each quantity does, so that arithmetic over all of them is fast.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Rows

_GAP: Final = 8  # numbers between the rows of a block: a line of the cache


def room(columns: int, n: int, dtype: npt.DTypeLike) -> Any:
    """A block with nothing in it yet. Rows a power of two apart in memory share few lines of the cache: hence the gap.

    Putting 256 tracks back takes four times as long without it.
    """
    return np.empty((columns, n + _GAP), dtype=dtype)[:, :n]


def taken(store: Any, slots: Rows) -> Any:
    """A block of some tracks, copied."""
    some = store.T.take(slots, axis=0).T
    block = room(len(some), len(slots), some.dtype)
    block[...] = some
    return block


def put(store: Any, slots: Rows, block: Any) -> None:
    """Put a block's tracks into a store."""
    store.T[slots] = block.T
