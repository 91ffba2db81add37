"""Identity: which aircraft a row belongs to.

A track is known by a set of aliases: serial, CAA registration, session id, and the transmitter address within a sitting
(it dies with the track). One transmitter's BLE messages arrive one at a time, so a Location without an id is that of
whoever last proved to use the transmitter; one drone uses several addresses on several transports, which the id joins.
Rows are assigned strictly in log order. A row with neither id nor transmitter is left out: emitters.py follows those by
their place. One identity at two places is for twins.py, a new address without an id for joining.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

UNASSIGNED: Final = -1
CLAIMS_TO_MOVE: Final = 2  # one bit error makes a new id once: an address moves to it when it is heard again
MAX_CLAIMS: Final = 64  # identities remembered of one transmitter
SHARED_FROM: Final = 4  # identities of one transmitter from which on it is no aircraft's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two tracks turned out to be one aircraft."""

    gone: int  # slot
    into: int  # slot


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKeys:
    """What identifies the rows of a batch, as plain lists."""

    uas_id: Sequence[str | None]
    uas_id_type: Sequence[int]
    alias_id: Sequence[str | None]
    alias_id_type: Sequence[int]
    transmitter: Sequence[str | None]
    has_alias: bool


class Aliases:
    """The aliases of all live tracks. Slots come from, and go back to, the caller."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[int, str], int] = {}
        self._by_transmitter: dict[str, int] = {}
        self._keys: dict[int, set[Any]] = {}  # slot -> its aliases: (type, id) or transmitter
        self._claims: dict[str, dict[int, int]] = {}  # transmitter -> slot -> rows, where there is more than one
        self._identified: set[int] = set()
        self._age: dict[int, int] = {}  # slot -> how many were opened before it
        self._opened = 0
        self._steady: dict[tuple[str | None, str | None, int], int] = {}  # rows that change nothing, while nothing does

    def assign(
        self, keys: RowKeys, start: int, slots: list[int], shared: list[int], open_slot: Callable[[int], int]
    ) -> Merge | None:
        """Append the slot of each row from ``start`` on, until the end or until two tracks must be merged first.

        ``shared`` gets the rows whose transmitter claims suspiciously many identities. ``open_slot(row)`` gives a new
        slot, or ``UNASSIGNED`` when there is no room.
        """
        by_id, by_transmitter = self._by_id, self._by_transmitter
        start += self._assign_steady(keys, start, slots)
        for row in range(start, len(keys.uas_id)):
            uas_id, transmitter = keys.uas_id[row], keys.transmitter[row]
            here = None if transmitter is None else by_transmitter.get(transmitter)
            if uas_id is None:
                if here is None:
                    slot = self._first_of(transmitter, row, open_slot)
                else:
                    slot = self._steady[transmitter, None, keys.uas_id_type[row]] = here
            else:
                key = (keys.uas_id_type[row], uas_id)
                named = by_id.get(key)
                if named is not None and (named == here or transmitter is None) and keys.alias_id[row] is None:
                    slot = self._steady[transmitter, uas_id, key[0]] = named
                else:
                    merge = self._merge_needed(named, here, self._alias(keys, row))
                    if merge is not None:
                        return merge
                    slot = self._join(key, self._alias(keys, row), transmitter, named, here, row, open_slot)
            slots.append(slot)
            if self._claims and len(self._claims.get(transmitter or "", ())) >= SHARED_FROM:
                shared.append(row)
        return None

    def _assign_steady(self, keys: RowKeys, start: int, slots: list[int]) -> int:
        """Take the rows from ``start`` on that change nothing, all at once; how many those were."""
        if self._claims or not self._steady or keys.has_alias:
            return 0
        columns = (keys.transmitter, keys.uas_id, keys.uas_id_type)
        if start:
            columns = (keys.transmitter[start:], keys.uas_id[start:], keys.uas_id_type[start:])
        found = list(map(self._steady.get, zip(*columns, strict=True)))
        if None in found:
            del found[found.index(None) :]
        slots += cast("list[int]", found)
        return len(found)

    def merge(self, merge: Merge) -> None:
        """Give all aliases of one slot to the other."""
        for key in self._keys.pop(merge.gone, set()):
            self._point(key, merge.into)
        self._identified.discard(merge.gone)
        self._age.pop(merge.gone, None)

    def hand_over(self, slot: int, to: int) -> None:
        """A track ends and its twin, which has no aliases of its own, goes on in its place."""
        self._age[to] = self._age[slot]
        for key in list(self._keys.get(slot, ())):
            self._point(key, to)
        if slot in self._identified:
            self._identified.add(to)

    def forget(self, slot: int) -> None:
        """Drop the aliases of a track that ended."""
        self._steady.clear()
        for key in self._keys.pop(slot, set()):
            owner: dict[Any, int] = self._by_transmitter if isinstance(key, str) else self._by_id
            if owner.get(key) == slot:
                del owner[key]
        self._identified.discard(slot)
        self._age.pop(slot, None)
        for transmitter in [name for name, claims in self._claims.items() if claims.pop(slot, 0) and not claims]:
            del self._claims[transmitter]

    def _open(self, row: int, open_slot: Callable[[int], int]) -> int:
        slot = open_slot(row)
        if slot != UNASSIGNED:
            self._age[slot] = self._opened
            self._opened += 1
        return slot

    @staticmethod
    def _alias(keys: RowKeys, row: int) -> tuple[int, str] | None:
        alias = keys.alias_id[row]
        return None if alias is None else (keys.alias_id_type[row], alias)

    def _first_of(self, transmitter: str | None, row: int, open_slot: Callable[[int], int]) -> int:
        if transmitter is None:
            return UNASSIGNED
        slot = self._open(row, open_slot)
        if slot != UNASSIGNED:
            self._point(transmitter, slot)
        return slot

    def _merge_needed(self, named: int | None, here: int | None, alias: tuple[int, str] | None) -> Merge | None:
        """An address heard without an id before its drone named itself, or two ids of one pack on two tracks."""
        if named is not None and here is not None and named != here and here not in self._identified:
            return Merge(gone=here, into=named)
        other = None if alias is None else self._by_id.get(alias)
        if named is not None and other is not None and named != other:
            first, second = sorted((named, other), key=self._age.__getitem__)
            return Merge(gone=second, into=first)
        return None

    def _join(
        self,
        key: tuple[int, str],
        alias: tuple[int, str] | None,
        transmitter: str | None,
        named: int | None,
        here: int | None,
        row: int,
        open_slot: Callable[[int], int],
    ) -> int:
        if named is None and alias is not None:
            named = self._by_id.get(alias)
        if named is None and here is not None and not self._has_other_id(here, key[0]):
            named = here
        slot = self._open(row, open_slot) if named is None else named
        if slot == UNASSIGNED:
            return slot
        for identity in (key, alias):
            if identity is not None:
                self._point(identity, slot)
                self._identified.add(slot)
        if transmitter is not None:
            self._claim(transmitter, slot, here)
        return slot

    def _has_other_id(self, slot: int, id_type: int) -> bool:
        """Whether a track already has an id of this type: then another id of the type is another aircraft."""
        return any(not isinstance(key, str) and key[0] == id_type for key in self._keys.get(slot, ()))

    def _claim(self, transmitter: str, slot: int, here: int | None) -> None:
        if here is None or here == slot or here not in self._identified:
            self._point(transmitter, slot)
            return
        claims = self._claims.setdefault(transmitter, {here: CLAIMS_TO_MOVE})
        if slot in claims or len(claims) < MAX_CLAIMS:
            claims[slot] = claims.get(slot, 0) + 1
            if claims[slot] >= CLAIMS_TO_MOVE:
                self._point(transmitter, slot)

    def _point(self, key: Any, slot: int) -> None:
        owner: dict[Any, int] = self._by_transmitter if isinstance(key, str) else self._by_id
        before = owner.get(key)
        if before == slot:
            return
        self._steady.clear()
        if before is not None:
            self._keys.get(before, set()).discard(key)
        owner[key] = slot
        self._keys.setdefault(slot, set()).add(key)
