"""Radio and SAPIENT rows without identity: they wait for the tick, and become emitters or join an identified track.

Rows wait in log order, however the log is cut, and are worked once a second, when a tick comes: in order of time, then
of sensor. So any batching gives the same emitters, byte for byte, and a row that comes a few seconds late is worked
where it belongs among those that came with it. What the steps are stands where they are done:

    unidentified/sightings.py    what a row says, its unknowns made numbers
    unidentified/explanation.py  which rows an identified track explains: they join it and open nothing
    unidentified/turn.py         to which emitter each of the rest goes, and what opens one
    unidentified/crossing.py     directions of several sensors that make a place
    unidentified/settling.py     two of three looks confirm; merges, silence, places that are none any more
    unidentified/roster.py       what is kept; places and their covariance over ``bank.py``

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

from airspace.model.detection import Bits, Detections, Rows
from airspace.model.track import Tracks
from airspace.tracking.unidentified.explanation import explain, known
from airspace.tracking.unidentified.roster import Roster
from airspace.tracking.unidentified.settling import Settled, settle
from airspace.tracking.unidentified.sightings import Sightings, instants, nameless, sightings, usable
from airspace.tracking.unidentified.table import Table, table
from airspace.tracking.unidentified.turn import Turn

__all__ = ["Emitters", "News", "Table"]

MAX_WAITING: Final = 2_048  # rows between two ticks; a city's finders and radars make some hundred
LATE_S: Final = 10.0  # a row this much older than the tick is explained or left: places do not go back so far
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

    def __init__(self, places: Mapping[str, tuple[float, float]] = _NOWHERE) -> None:
        self.places = dict(places)  # of fixed sensors: latitude, longitude; may be replaced at any time
        self.left_out = 0  # rows beyond ``MAX_WAITING``
        self.unplaced = 0  # bearings from a sensor of which nobody knows where it stands
        self.too_late = 0
        self._roster = Roster()
        self._sensors: dict[str, int] = {}
        self._waiting: list[Sightings] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._roster)

    @property
    def refused(self) -> int:
        """Rows that found no room for another emitter."""
        return self._roster.refused

    def take(self, detections: Detections, rows: Rows, seq: Bits, sensor: Bits) -> Rows:
        """Let rows wait for the tick; which of ``rows`` do. ``seq`` and ``sensor`` (its bit): one a detection."""
        chosen = np.flatnonzero(nameless(detections, rows))
        if not len(chosen):
            return rows[chosen]
        names = detections.sensor[rows[chosen]].tolist()
        numbers = np.array([self._sensors.setdefault(name, len(self._sensors)) for name in names], dtype=np.int64)
        at = rows[chosen]
        some = sightings(detections, at, seq[at], numbers, sensor[at], self.places)
        good = np.flatnonzero(usable(some))
        self.unplaced += len(chosen) - len(good)
        kept = good[: MAX_WAITING - self._count]
        self.left_out += len(good) - len(kept)
        if len(kept):
            self._waiting.append(some.take(kept))
            self._count += len(kept)
        return rows[chosen[kept]]

    def tick(self, tick_s: float, identified: Tracks) -> News:
        """Work what waited. ``identified``: the live table of tracks that have an identity."""
        places = known(identified)
        rows = self._drain()
        explained = explain(places, rows)
        turn = Turn(self._roster, rows, places, *explained)
        in_time = rows.time_s > tick_s - LATE_S
        self.too_late += int(np.count_nonzero(~in_time))
        for part in instants(rows):
            if in_time[part].all():
                turn.work(part)
        settled = settle(self._roster, turn, places, tick_s)
        return self._news(turn, settled, tick_s)

    def _drain(self) -> Sightings:
        waiting, self._waiting, self._count = self._waiting, [], 0
        if not waiting:
            nothing = np.empty(0, dtype=np.int64)
            return sightings(Detections.empty(), nothing.astype(np.intp), nothing, nothing, nothing, {})
        rows = Sightings.concat(waiting)
        return rows.take(np.lexsort((rows.seq, rows.sensor, rows.time_s)))

    def _news(self, turn: Turn, settled: Settled, tick_s: float) -> News:
        stayed = dict(settled.joined)
        owner = [_last(number, stayed) for number in turn.owner.tolist()]
        order = np.argsort(turn.rows.seq, kind="stable")
        owners = np.array(owner, dtype=np.int64)[order]
        track = np.append(turn.known.number, -1)[turn.by][order]
        opened = [number for number in turn.opened if number not in stayed]
        return News(
            seq=turn.rows.seq[order],
            owner=owners,
            explained=np.where(owners >= 0, -1, track),
            table=table(self._roster, tick_s),
            opened=tuple(opened),
            confirmed=tuple(sorted(number for number in settled.confirmed if number not in stayed)),
            ended=tuple(settled.ended),
            merged=tuple(settled.merged),
            joined=tuple((gone, _last(gone, stayed)) for gone, _ in settled.joined if gone not in turn.opened),
        )


def _last(number: int, stayed: dict[int, int]) -> int:
    """The number under which an emitter goes on."""
    while number in stayed:
        number = stayed[number]
    return number
