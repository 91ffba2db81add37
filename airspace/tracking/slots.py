"""Where live tracks are kept: the columns, which of them are free, and what a new track is called.

A track's ``number`` is that of the log row that opened it, so it is the same however the log was cut; what opens at a
tick, where no row does, counts from ``FIRST_OF_TICKS`` on. ``track_id`` is made from that row's content.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from typing import Final

import numpy as np

from airspace.model.detection import Rows
from airspace.model.track import TrackRow
from airspace.tracking.columns import Role, State

FIRST_OF_TICKS: Final = 1 << 40  # a log has fewer rows
_FIRST_CAPACITY: Final = 256


class Slots:
    """Columns of live tracks by slot; slots of tracks that ended are used again."""

    def __init__(self) -> None:
        self.state = State.store(_FIRST_CAPACITY)
        self.aircraft = 0  # live tracks that a message opened: neither twins nor tracks without identity
        self._free = list(range(_FIRST_CAPACITY - 1, -1, -1))
        self._ticks_opened = 0

    def __len__(self) -> int:
        return len(self.state) - len(self._free)

    def open(self, seq: int, content_id: bytes | None, role: Role = Role.AIRCRAFT) -> int:
        """A slot for what a log row opens."""
        return self._take(seq, track_id(content_id, seq), role)

    def open_at_tick(self, seq: int, content_id: bytes | None) -> int:
        """A slot for what a tick opens; ``content_id`` is of the earliest row behind it."""
        number = FIRST_OF_TICKS + self._ticks_opened
        self._ticks_opened += 1
        return self._take(number, track_id(content_id, seq), Role.EMITTER)

    def release(self, slot: int) -> None:
        """The track is no more."""
        self.aircraft -= self.state.role[slot] == Role.AIRCRAFT
        self.state.clear(np.array([slot]))
        self._free.append(slot)

    def promote(self, slot: int) -> None:
        """A twin goes on as the only aircraft of its identity."""
        self.aircraft += self.state.role[slot] != Role.AIRCRAFT
        self.state.role[slot] = Role.AIRCRAFT

    def live(self) -> Rows:
        """Slots in use, by track number."""
        slots = np.flatnonzero(self.state.state != 0)
        return slots[np.argsort(self.state.number[slots], kind="stable")]

    def row(self, slot: int, seq: int, logged_s: float) -> TrackRow:
        """One track as an object, as of a moment of the log."""
        block = self.state.gather(np.array([slot]), whole=True)
        return block.tracks().row(0)._replace(seq=seq, logged_s=logged_s)

    def _take(self, number: int, name: str, role: Role) -> int:
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self.state.number[slot] = number
        self.state.track_id[slot] = name
        self.state.role[slot] = role
        self.aircraft += role == Role.AIRCRAFT
        return slot

    def _grow(self) -> None:
        before = len(self.state)
        grown = State.store(2 * before)
        grown.scatter(np.arange(before), self.state)
        self._free = list(range(len(grown) - 1, before - 1, -1))
        self.state = grown


def track_id(content_id: bytes | None, seq: int) -> str:
    """The same for the same first message, wherever and however often the log is replayed."""
    digest = blake2b(content_id or seq.to_bytes(8, "big"), digest_size=8, person=b"track").digest()
    return "T-" + b32encode(digest).decode().rstrip("=").lower()[:12]
