"""Columns that grow and shrink together: a matrix of numbers, one of whole numbers, one of texts; a column an entry.

Entries keep their order; taking some out moves the later ones up. The matrices are longer than what is in use, so that
opening an entry mostly costs no memory.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Bits, Numbers, Rows, Texts

_LEAST_CAPACITY: Final = 64


class Register:
    """n entries; what the rows of the matrices are, those say who keep one."""

    def __init__(self, *, numbers: int, integers: int, texts: int = 0) -> None:
        self._n = 0
        self._numbers: Numbers = np.empty((numbers, 0))
        self._integers: Bits = np.empty((integers, 0), dtype=np.int64)
        self._texts: Texts = np.empty((texts, 0), dtype=object)

    def __len__(self) -> int:
        return self._n

    def __getstate__(self) -> dict[str, Any]:
        """For a copy: what is in use only."""
        return vars(self) | {name: getattr(self, name)[:, : self._n] for name in ("_numbers", "_integers", "_texts")}

    def _added(self, count: int) -> slice:
        """Room for more entries, at the end: their columns hold anything."""
        new = slice(self._n, self._n + count)
        if new.stop > self._numbers.shape[1]:
            capacity = max(new.stop, _LEAST_CAPACITY, 2 * self._n)
            self._numbers = _longer(self._numbers, self._n, capacity)
            self._integers = _longer(self._integers, self._n, capacity)
            self._texts = _longer(self._texts, self._n, capacity)
        self._n = new.stop
        return new

    def keep(self, rows: Rows) -> None:
        """These entries, in this order, and no others."""
        count = len(rows)
        self._numbers[:, :count] = self._numbers.take(rows, axis=1)
        self._integers[:, :count] = self._integers.take(rows, axis=1)
        if len(self._texts):
            self._texts[:, :count] = self._texts.take(rows, axis=1)
            self._texts[:, count : self._n] = None  # holds nothing of what is gone
        self._n = count


def _longer(columns: npt.NDArray[Any], used: int, capacity: int) -> npt.NDArray[Any]:
    longer = np.empty((len(columns), capacity), dtype=columns.dtype)
    longer[:, :used] = columns[:, :used]
    return longer
