"""A copy of the state that some stages keep, to go back to.

Pickled, because that copies whatever a stage holds without its help. What is shared and never changes (a catalogue of
zones, a book of notices) is not copied but referred to: the stages have it back as the same object.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any


class Snapshot:
    """The state of some stages at one moment. ``shared`` are the types whose objects are referred to."""

    def __init__(self, stages: Sequence[object], shared: Sequence[type]) -> None:
        self._stages = tuple(stages)
        self._held: list[object] = []
        self._places: dict[int, int] = {}
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        kinds = (*shared, *map(type, self._stages))  # a stage that holds a method of its own must not be copied with it
        table: dict[type, Callable[[Any], tuple[Any, ...]]] = dict.fromkeys(kinds, self._refer)
        pickler.dispatch_table = {**copyreg.dispatch_table, **table}
        pickler.dump([vars(stage) for stage in self._stages])
        self._data = buffer.getvalue()

    @property
    def size(self) -> int:
        """Bytes; the work of a snapshot grows with it."""
        return len(self._data)

    def restore(self) -> None:
        """Put every stage back to the moment of the snapshot; it may be done again and again."""
        states: list[dict[str, Any]] = _Unpickler(io.BytesIO(self._data), self._held).load()
        for stage, state in zip(self._stages, states, strict=True):
            vars(stage).clear()
            vars(stage).update(state)

    def _refer(self, thing: object) -> tuple[Any, ...]:
        place = self._places.setdefault(id(thing), len(self._held))
        if place == len(self._held):
            self._held.append(thing)
        return _held, (place,)


class _Unpickler(pickle.Unpickler):
    """Reads nothing but what this process wrote a moment ago."""

    def __init__(self, data: io.BytesIO, held: list[object]) -> None:
        super().__init__(data)
        self._held = held

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, _held.__name__):
            return self._held.__getitem__
        return super().find_class(module, name)


def _held(place: int) -> object:
    """Stands in the pickle for what is referred to; read as a look-up in the snapshot's list."""
    raise LookupError(f"thing {place} of another snapshot")
