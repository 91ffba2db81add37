"""Radio and SAPIENT rows without identity: they wait for the tick, and become emitters or join an identified track.

Rows wait in log order, however the log is cut, and are worked once a second, when a tick comes: in order of time, then
of sensor. So any batching gives the same emitters, byte for byte, and a row that comes a few seconds late is worked
where it belongs among those that came with it. What the steps are stands where they are done:

    unidentified/sightings.py    what a row says, its unknowns made numbers
    unidentified/explanation.py  which rows an identified track explains: they join it and open nothing
    unidentified/turn.py         to which emitter each of the rest goes, and what opens one: positions.py, lines.py
    unidentified/crossing.py     directions of several sensors that make a place
    unidentified/confirmation.py looks confirm, if the sensors are sure and a name had time to come
    unidentified/settling.py     merges, silence, places that are none any more
    unidentified/roster.py       what is kept of those with a place (columns) and of directions
    unidentified/settings.py     the rules of an emitter's life

Left out: rows that say no more than that something is there, and strength as anything but a bound. A silent drone that
keeps in line with an identified one for every sensor is not told apart from it. A drone with two links that a sensor
hears at one instant is two emitters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Rows, Texts
from airspace.model.track import Tracks
from airspace.tracking.unidentified.explanation import explain, known
from airspace.tracking.unidentified.lines import work_lines
from airspace.tracking.unidentified.positions import work_positions
from airspace.tracking.unidentified.roster import Roster
from airspace.tracking.unidentified.settings import DEFAULTS, Settings
from airspace.tracking.unidentified.settling import Settled, settle
from airspace.tracking.unidentified.sightings import Sightings, in_order, instants, nameless, sightings, usable
from airspace.tracking.unidentified.table import Table, table
from airspace.tracking.unidentified.turn import Turn

__all__ = ["Emitters", "News", "Table"]

_NOWHERE: Final[Mapping[str, tuple[float, float]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a tick did. The first three go with the rows that waited, in order of their seq."""

    seq: Bits
    owner: Bits  # number of the emitter it went to, -1: none
    explained: Bits  # number of the identified track that explains it, -1: none; never both
    table: Table  # all live emitters after the tick
    opened: tuple[int, ...] = ()
    confirmed: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    merged: tuple[tuple[int, int], ...] = ()  # emitter, the identified track that it was
    joined: tuple[tuple[int, int], ...] = ()  # emitter, the emitter that it was


class Emitters:
    """All emitters without identity, and the rows that wait."""

    def __init__(self, places: Mapping[str, tuple[float, float]] = _NOWHERE, settings: Settings = DEFAULTS) -> None:
        self.places: Mapping[str, tuple[float, float]] = dict(places)  # of fixed sensors; may be replaced at any time
        self.left_out = 0  # rows beyond ``max_waiting``
        self.unplaced = 0  # bearings from a sensor of which nobody knows where it stands
        self.too_late = 0
        self._roster = Roster(settings)
        self._sensors: dict[str, int] = {}
        self._waiting: list[Sightings] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._roster)

    @property
    def refused(self) -> int:
        """Rows that found no room for another emitter."""
        return self._roster.refused

    def take(self, detections: Detections, rows: Rows, seq: Bits, sensor: Bits) -> tuple[Rows, Rows]:
        """Let rows wait for the tick: which of ``rows`` have no identity, and which of these wait.

        ``seq`` and ``sensor`` (its bit): one a detection.
        """
        chosen = rows[nameless(detections, rows)]
        if not len(chosen):
            return chosen, chosen
        some = sightings(
            detections, chosen, seq[chosen], self._numbered(detections.sensor[chosen]), sensor[chosen], self.places
        )
        good = usable(some)
        self.unplaced += len(chosen) - len(good)
        kept = good[: self._roster.settings.max_waiting - self._count]
        self.left_out += len(good) - len(kept)
        if len(kept):
            self._waiting.append(some if len(kept) == len(chosen) else some.take(kept))
            self._count += len(kept)
        return chosen, chosen[kept]

    def tick(self, tick_s: float, identified: Tracks) -> News:
        """Work what waited. ``identified``: the live table of tracks that have an identity."""
        places = known(identified)
        rows = self._drain()
        turn = Turn(self._roster, rows, places, *explain(places, rows))
        in_time = rows.time_s > tick_s - self._roster.settings.late_s
        self.too_late += len(rows) - int(np.count_nonzero(in_time))
        for part in instants(rows):
            if in_time[part].all():
                _work(turn, part)
        settled, where = settle(self._roster, turn, places, tick_s)
        return self._news(turn, settled, table(self._roster, where))

    def _numbered(self, names: Texts) -> Bits:
        """A number for each sensor by its name."""
        numbers = self._sensors
        if names[0] in numbers and not np.count_nonzero(names != names[0]):
            return np.full(len(names), numbers[names[0]])
        each = [numbers.setdefault(name, len(numbers)) for name in names.tolist()]
        return np.array(each, dtype=np.int64)

    def _drain(self) -> Sightings:
        waiting, self._waiting, self._count = self._waiting, [], 0
        if not waiting:
            nothing = np.empty(0, dtype=np.int64)
            return sightings(Detections.empty(), nothing.astype(np.intp), nothing, nothing, nothing, {})
        rows = Sightings.concat(waiting)
        if in_order(rows):
            return rows
        return rows.take(np.lexsort((rows.seq, rows.sensor, rows.time_s)))

    def _news(self, turn: Turn, settled: Settled, live: Table) -> News:
        order = turn.rows.seq.argsort(kind="stable")
        owner, stayed = turn.owner.take(order), dict(settled.joined)
        if stayed:
            owner = np.array([_last(number, stayed) for number in owner.tolist()], dtype=np.int64)
        explained = np.full(len(owner), -1)
        if len(turn.known):
            explained = np.where(owner >= 0, -1, np.append(turn.known.number, -1)[turn.by][order])
        return News(
            seq=turn.rows.seq.take(order),
            owner=owner,
            explained=explained,
            table=live,
            opened=_without(turn.opened, stayed),
            confirmed=_without(sorted(settled.confirmed), stayed),
            ended=tuple(sorted(settled.ended)),
            merged=tuple(settled.merged),
            joined=tuple((gone, _last(gone, stayed)) for gone, _ in settled.joined if gone not in turn.opened),
        )


def _work(turn: Turn, part: Rows) -> None:
    """One instant of one sensor."""
    placed, alone = turn.rows.placed[part], turn.alone[part]
    if placed.any():
        work_positions(turn, part[placed & alone], part[placed & ~alone])
    if not placed.all():
        work_lines(turn, part[~placed & alone], part[~placed & ~alone])


def _without(numbers: list[int], gone: dict[int, int]) -> tuple[int, ...]:
    return tuple(number for number in numbers if number not in gone) if gone else tuple(numbers)


def _last(number: int, stayed: dict[int, int]) -> int:
    """The number under which an emitter goes on."""
    while number in stayed:
        number = stayed[number]
    return number
