"""Who is known: identities that were heard several times, over seconds, moving as an aircraft can.

A row's identity is its UAS id, else its transmitter. Persistence counts in log time, which nobody outside can set.
Candidates are kept in two generations of bounded size, so that a flood of invented identities pushes out others like
it after some seconds, and an honest drone that sends every second comes back before that. Known ones have a slot in
arrays; when all slots are taken those that were not heard lately are let go.

What is known is a claim that lasts, not a proof: who invents a drone that flies well for three seconds is known too,
and shares what there is with the others like it (``shedding.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers, Rows
from receivers.gate.repeats import Sayings

MAX_KNOWN: Final = 16_384
MAX_CANDIDATES: Final = 32_768  # of a generation
KNOWN_AFTER_S: Final = 3.0
MAX_SPEED_M_S: Final = 120.0  # the fastest type of tracking's table
SLACK_M: Final = 300.0  # position errors, clocks of two sensors
LET_GO_AFTER_S: Final = 60.0  # of silence, when there is no room
SWEEP_EVERY_S: Final = 10.0
STRANGER: Final = -1
CANDIDATE: Final = -2  # heard before, not yet known
_M_PER_DEG: Final = 111_000.0


class _Candidate(NamedTuple):
    first_s: float  # log time
    heard_s: float  # receive time of the last position
    latitude_deg: float
    longitude_deg: float


class Identities:
    """The known, by slot, and the candidates."""

    def __init__(self, max_known: int = MAX_KNOWN, max_candidates: int = MAX_CANDIDATES) -> None:
        self._slots: dict[str | None, int] = {}  # None is never in it
        self._free = list(range(max_known - 1, -1, -1))
        self._young: dict[str, _Candidate] = {}
        self._old: dict[str, _Candidate] = {}
        self._max_candidates = max_candidates
        self._moment_s = self._swept_s = float("-inf")
        self.heard_s: Numbers = np.full(max_known, -np.inf)  # log time
        self.granted: Numbers = np.full(max_known, -np.inf)  # when it last got something under a flood
        self.sayings = Sayings(max_known)

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def candidates(self) -> int:
        """How many are heard of and not known."""
        return len(self._young) + len(self._old)

    def turn(self, now_s: float) -> None:
        """What the moment before brought counts from now on, and who was silent makes room if none is left.

        Only between moments, as rows of one moment may come in any lots.
        """
        if now_s == self._moment_s:
            return
        self._moment_s = now_s
        self.sayings.turn()
        if not self._free:
            self._sweep(now_s)

    def slots(self, keys: Sequence[str | None]) -> Rows:
        """The slot of each identity, ``STRANGER`` for those that are not known."""
        return np.fromiter(map(self._slots.get, keys, repeat(STRANGER)), np.intp, len(keys))

    def meet(self, key: str, latitude_deg: float, longitude_deg: float, received_s: float, now_s: float) -> int:
        """One row of an identity that has no slot: its slot from now on, or ``CANDIDATE`` or ``STRANGER``."""
        slot = self._slots.get(key)
        if slot is not None:  # by a row just before
            return slot
        held = self._young.get(key) or self._old.pop(key, None)
        new = _Candidate(now_s, received_s, latitude_deg, longitude_deg)
        if held is None or not _follows(held, new):
            self._keep(key, new)
            return STRANGER
        if now_s - held.first_s >= KNOWN_AFTER_S and self._free:
            self._young.pop(key, None)
            return self._admit(key, now_s)
        placed = latitude_deg == latitude_deg  # noqa: PLR0124  not NaN
        self._keep(key, new._replace(first_s=held.first_s) if placed else held)
        return CANDIDATE

    def _keep(self, key: str, candidate: _Candidate) -> None:
        if len(self._young) >= self._max_candidates:
            self._old, self._young = self._young, {}
        self._young[key] = candidate

    def _admit(self, key: str, now_s: float) -> int:
        slot = self._free.pop()
        self._slots[key] = slot
        self.heard_s[slot] = now_s
        self.granted[slot] = -np.inf
        self.sayings.forget(slot)
        return slot

    def _sweep(self, now_s: float) -> None:
        """Let those go that were not heard lately."""
        if now_s - self._swept_s < SWEEP_EVERY_S:
            return
        self._swept_s = now_s
        gone = self.heard_s < now_s - LET_GO_AFTER_S
        for key in [key for key, slot in self._slots.items() if gone[slot]]:
            self._free.append(self._slots.pop(key))


def _follows(held: _Candidate, new: _Candidate) -> bool:
    """Whether an aircraft can have come from there to here; what has no position contradicts nothing."""
    north_m = (new.latitude_deg - held.latitude_deg) * _M_PER_DEG
    east_m = (new.longitude_deg - held.longitude_deg) * _M_PER_DEG  # too much away from the equator, never too little
    reach_m = SLACK_M + MAX_SPEED_M_S * abs(new.heard_s - held.heard_s)
    return not north_m * north_m + east_m * east_m > reach_m * reach_m
