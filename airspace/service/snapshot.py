"""A copy of the state that some stages keep, to go back to, in this process or the next one.

Pickled, because that copies whatever a stage holds without its help. What is shared and never changes (a catalogue of
zones, a book of notices) is not copied but referred to: the stages have it back as the same object, or, in another
process, as the one of the same name there.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Container, Sequence
from typing import Any

# What a state may consist of, where it comes out of a file: words and tables of ours and of the array libraries.
_OURS = ("airspace.", "alerting.", "geofences.", "receivers.", "numpy", "scipy.")
_PLAIN = frozenset({"builtins", "collections", "copyreg", "datetime", "functools", "zoneinfo", "_codecs"})
_NEVER = frozenset({"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "delattr", "input"})


class Snapshot:
    """The state of some stages at one moment.

    ``shared`` are the types whose objects are referred to; ``named``, if given, holds the ``id`` of those that another
    process has too: one that is not among them, as a zone of a file that was replaced meanwhile, is copied.
    """

    def __init__(self, stages: Sequence[object], shared: Sequence[type], named: Container[int] | None = None) -> None:
        self._stages = tuple(stages)
        self._named = named
        self.held: list[object] = []
        self._places: dict[int, int] = {}
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        kinds = (*shared, *map(type, self._stages))  # a stage that holds a method of its own must not be copied with it
        table: dict[type, Callable[[Any], Any]] = dict.fromkeys(kinds, self._refer)
        pickler.dispatch_table = {**copyreg.dispatch_table, **table}
        pickler.dump([vars(stage) for stage in self._stages])
        self.data = buffer.getvalue()

    @property
    def size(self) -> int:
        """Bytes; the work of a snapshot grows with it."""
        return len(self.data)

    def restore(self) -> None:
        """Put every stage back to the moment of the snapshot; it may be done again and again."""
        restore(self._stages, self.data, self.held)

    def _refer(self, thing: object) -> str | tuple[Any, ...]:
        if self._named is not None and id(thing) not in self._named:
            return thing.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        place = self._places.setdefault(id(thing), len(self.held))
        if place == len(self.held):
            self.held.append(thing)
        return _held, (place,)


def restore(stages: Sequence[object], data: bytes, held: Sequence[object], *, foreign: bool = False) -> None:
    """Put stages into the state that ``data`` holds, with the objects it refers to.

    ``foreign``: the data come from another process, so only what a state may consist of is made from them. The stages
    are changed when all of it could be read, or not at all.
    """
    states: list[dict[str, Any]] = _Unpickler(io.BytesIO(data), held, foreign=foreign).load()
    for stage, state in zip(stages, states, strict=True):
        vars(stage).clear()
        vars(stage).update(state)


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: io.BytesIO, held: Sequence[object], *, foreign: bool) -> None:
        super().__init__(data)
        self._held = held
        self._foreign = foreign

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, _held.__name__):
            return self._held.__getitem__
        if self._foreign and (name in _NEVER or not (module in _PLAIN or module.startswith(_OURS))):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a state")
        return super().find_class(module, name)


def _held(place: int) -> object:
    """Stands in the pickle for what is referred to; read as a look-up in the snapshot's list."""
    raise LookupError(f"thing {place} of another snapshot")
