"""How a track stands to an airspace group, between being outside and being told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import repeat
from typing import Any, Final

from airspace.model.verdict import BY_NOTICE, Reason, VerdictValue
from airspace.model.zone import Zone

MOST_GROUPS: Final = 1 << 20  # a key is track number * MOST_GROUPS + group number
Told = tuple[VerdictValue, Reason, str | None, Any]  # with the notice's id and what its gap means


class Phase(IntEnum):
    """Outside is to have no standing at all."""

    PENDING = 1  # inside, not often enough yet
    INSIDE = 2
    LEAVING = 3  # outside, not often enough yet
    LANDING = 4  # on the ground, not often enough yet


@dataclass(slots=True, kw_only=True)
class Standing:
    """One track in one group. ``count`` is of rows in this phase; ``told`` what was last told, None if nothing."""

    phase: Phase
    since_s: float
    first_fix: int
    count: int = 1
    zone: Zone | None = None
    activated: bool = False  # the zone came into force over the drone: it did not fly in
    told: Told | None = None
    basis: tuple[Any, ...] = ()  # what the last weighing rested on

    @property
    def allowed_by(self) -> str | None:
        """The notice that it was last told to be allowed by."""
        return self.told[2] if self.told is not None and self.told[1] in BY_NOTICE else None


class Standings:
    """All standings, and which of them are steady: those need no look while nothing changes."""

    def __init__(self) -> None:
        self._of: dict[int, dict[str, Standing]] = {}
        self._flight: dict[int, str | None] = {}
        self._count: dict[int, int] = {}  # standings of each track that has any
        self._crossed: dict[int, set[str]] = {}
        self._number: dict[str, int] = {}
        self.steady: dict[int, str | None] = {}  # key to flight id, of standings that are INSIDE

    def set_groups(self, groups: Sequence[str]) -> None:
        """Number the groups anew."""
        self._number = {group: number for number, group in enumerate(groups)}
        self.steady = {}
        for track, standings in self._of.items():
            for group, standing in standings.items():
                self._note(track, group, standing)

    def rows_of(self, tracks: Sequence[int]) -> list[int]:
        """The places in a list of the tracks that have a standing."""
        of = self._of
        return [row for row, track in enumerate(tracks) if track in of]

    def counts(self, tracks: Sequence[int]) -> list[int]:
        """For each track, how many standings it has."""
        return list(map(self._count.get, tracks, repeat(0)))

    def all(self) -> Iterator[tuple[int, str, Standing]]:
        """Every standing with its track and group."""
        return ((track, group, each) for track, standings in self._of.items() for group, each in standings.items())

    def of(self, track: int) -> dict[str, Standing]:
        """The standings of a track by group, a copy."""
        return dict(self._of.get(track, {}))

    def begin(self, track: int, flight_id: str | None) -> None:
        """A row of a flight: another flight than before starts from outside."""
        before = self._flight.get(track)
        if before is not None and flight_id is not None and before != flight_id:
            self.forget(track)
        flight_id = before if flight_id is None else flight_id
        self._flight[track] = flight_id
        for group, standing in self._of.get(track, {}).items():
            self._note(track, group, standing)

    def put(self, track: int, group: str, standing: Standing) -> None:
        """Keep a standing, new or changed."""
        standings = self._of.setdefault(track, {})
        standings[group] = standing
        self._count[track] = len(standings)
        self._note(track, group, standing)

    def drop(self, track: int, group: str) -> None:
        """Outside again."""
        standings = self._of.get(track, {})
        standings.pop(group, None)
        self._count[track] = len(standings)
        if not standings:
            self._of.pop(track, None)
            self._count.pop(track, None)
        self.steady.pop(self._key(track, group), None)

    def cross(self, track: int, group: str) -> bool:
        """Whether this is the flight's first crossing of the group."""
        groups = self._crossed.setdefault(track, set())
        first = group not in groups
        groups.add(group)
        return first

    def forget(self, track: int) -> Iterator[tuple[str, Standing]]:
        """Drop all that is known of a track; its standings by group."""
        standings = sorted(self.of(track).items())
        for group, _ in standings:
            self.drop(track, group)
        self._flight.pop(track, None)
        self._crossed.pop(track, None)
        return iter(standings)

    def _note(self, track: int, group: str, standing: Standing) -> None:
        if group not in self._number:
            return
        if standing.phase is Phase.INSIDE:
            self.steady[self._key(track, group)] = self._flight.get(track)
        else:
            self.steady.pop(self._key(track, group), None)

    def _key(self, track: int, group: str) -> int:
        return track * MOST_GROUPS + self._number.get(group, MOST_GROUPS - 1)
