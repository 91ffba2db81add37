"""All emitters without identity: those with a place, in columns, and those known by their direction only, one by one.

A place has a number of its own, in the bank, and three tables go by it: where it is (``bank.py``), what is kept of its
emitter (``ledger.py``), what each sensor said of it (``heard.py``).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from airspace.model.detection import Rows, Source
from airspace.model.track import Booleans
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.crossing import Crossing
from airspace.tracking.unidentified.emitter import Emitter
from airspace.tracking.unidentified.heard import HeardTable
from airspace.tracking.unidentified.ledger import Ledger
from airspace.tracking.unidentified.places import BIAS_SHARE, Places, bias, places_at
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.sightings import Sightings

HEARD_S: Final = 30.0  # how long a sensor's last word counts for confidence and bias


class Roster:
    """The emitters."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bank = Bank(settings)
        self.ledger = Ledger()
        self.heard = HeardTable()
        self.directions: dict[int, Emitter] = {}  # by number
        self.refused = 0  # rows that found no room for another emitter
        self.tracks: frozenset[int] = frozenset()  # identified tracks that had a place at the last tick
        self.near: dict[int, frozenset[int]] = {}  # by place: tracks never clearly elsewhere; none: no entry
        self._next = 1

    def __len__(self) -> int:
        return len(self.bank) + len(self.directions)

    def row(self, number: int) -> int:
        """The row of an emitter with a place, -1 where it has none."""
        found = np.flatnonzero(self.ledger.number == number)
        return int(found[0]) if len(found) else -1

    def places(self, time_s: float) -> Places:
        """Where all are that have a place."""
        return places_at(self.bank, self.ledger.bias_m2, time_s)

    def known_to(self, sensors: set[int]) -> Rows:
        """Rows of those that one of these sensors has heard."""
        return self._rows_of(
            np.isin(self.heard.sensor, list(sensors)) if len(sensors) > 1 else self.heard.sensor == next(iter(sensors))
        )

    def heard_by(self, source: Source) -> Booleans:
        """Which were heard by a sensor of such a source."""
        found = np.zeros(len(self.bank), dtype=np.bool_)
        found[self._rows_of(self.heard.source == source)] = True
        return found

    # what opens and what is heard

    def open_direction(self, rows: Sightings, row: int) -> Emitter | None:
        """A new emitter, of which nothing is known; None where there is no room."""
        if not self._numbers(1):
            return None
        emitter = Emitter(number=self._next - 1, first_seq=int(rows.seq[row]), first_seen_s=float(rows.time_s[row]))
        self.directions[emitter.number] = emitter
        return emitter

    def open_places(self, rows: Sightings, part: Rows, time_s: float) -> Rows:
        """New emitters at these positions, as many as there is room for: their rows in the bank."""
        part = part[: self._numbers(len(part))]
        self.ledger.open(np.arange(self._next - len(part), self._next), rows, part)
        return self.bank.open(rows.fixes.take(part, axis=1), time_s)

    def hear(self, at: Rows, rows: Sightings, part: Rows, witness: Booleans) -> None:
        """A row of one sensor for each of some emitters with a place; ``witness``: no identified track explains it."""
        self.ledger.hear(at, rows, part, witness)
        self.heard.hear(self.bank.number.take(at), rows, part, witness)

    def weigh_bias(self, at: int, latitude_deg: float, longitude_deg: float, since_s: float) -> None:
        """What stays in the bearings of the sensors that gave one since then."""
        entries = self.heard.of(int(self.bank.number[at]))
        lines = self.heard.lines(entries)
        lines = lines[:, (lines[0] >= since_s) & ~np.isnan(lines[3])]
        stays = bias(latitude_deg, longitude_deg, lines[1], lines[2], lines[4])
        if stays is not None:
            self.ledger.bias_m2[:, at] = stays

    # what becomes of them

    def cross(self, members: list[Emitter], crossing: Crossing) -> tuple[Emitter, list[int]]:
        """Directions become one emitter with a place: the oldest number stays; the numbers that go."""
        members = sorted(members, key=lambda one: one.number)
        kept = members[0]
        for one in members:
            del self.directions[one.number]
        for other in members[1:]:
            kept.absorb(other)
        fix = crossing.fix
        xx, xy, yy = (float(fix.covariance_m2[i, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
        kept.bias_m2 = (BIAS_SHARE * xx, BIAS_SHARE * xy, BIAS_SHARE * yy)
        varies = 1.0 - BIAS_SHARE
        column = np.array((fix.latitude_deg, fix.longitude_deg, varies * xx, varies * xy, varies * yy))
        rows = self.bank.open(column[:, np.newaxis], crossing.time_s)
        self.ledger.add(kept)
        self._write(int(rows[0]), kept)
        return kept, [other.number for other in members[1:]]

    def join(self, number: int, direction: Emitter) -> tuple[int, int]:
        """A direction turned out to be an emitter with a place: the older number stays. Which went, which stayed."""
        del self.directions[direction.number]
        row = self.row(number)
        emitter = self.read(row)
        emitter.absorb(direction)
        emitter.number = min(number, direction.number)
        self._write(row, emitter)
        return max(number, direction.number), emitter.number

    def lower(self, row: int) -> None:
        """Its place is not known any more: a direction, that of the last bearing; the place is to be removed."""
        emitter = self.read(row)
        said = {sensor: one for sensor, one in emitter.heard.items() if not math.isnan(one.bearing_deg)}
        sensor = max(said, key=lambda one: (said[one].time_s, one))
        emitter.heard[sensor] = emitter.heard.pop(sensor)  # the last
        emitter.angle_deg, emitter.angle_deg2 = said[sensor].bearing_deg, said[sensor].sigma_deg ** 2
        emitter.bias_m2 = (0.0, 0.0, 0.0)
        self.directions[emitter.number] = emitter

    def remove_places(self, rows: Rows) -> None:
        """They are gone."""
        if not len(rows):
            return
        places = self.bank.number[rows]
        if self.near:
            for place in places.tolist():
                self.near.pop(place, None)
        stay = np.ones(len(self.bank), dtype=np.bool_)
        stay[rows] = False
        kept = stay.nonzero()[0]
        if len(self.heard) == len(self.bank):  # everybody was heard by one sensor: the orders are the same
            self.heard.keep(kept)
        else:
            self.heard.forget(places)
        self.bank.keep(kept)
        self.ledger.keep(kept)

    def read(self, row: int) -> Emitter:
        """The emitter of a row, by itself; what is changed in it is changed nowhere else."""
        emitter = self.ledger.read(row)
        emitter.confirmed = bool(self.bank.confirmed[row])
        self.heard.read(int(self.bank.number[row]), emitter)
        return emitter

    def _write(self, row: int, emitter: Emitter) -> None:
        self.ledger.write(row, emitter)
        self.heard.write(int(self.bank.number[row]), emitter)
        if emitter.confirmed:
            self.bank.confirm(np.array([row]))

    def _rows_of(self, entries: Booleans) -> Rows:
        """The rows, ascending, of what entries of the table of what was heard are of."""
        if len(entries) == len(self.bank):  # as in ``remove_places``
            return entries.nonzero()[0]
        found = np.zeros(len(self.bank), dtype=np.bool_)
        found[self.bank.rows(self.heard.place[entries])] = True
        return found.nonzero()[0]

    def _numbers(self, wanted: int) -> int:
        """How many new numbers there is room for; they are taken."""
        count = max(0, min(wanted, self.settings.max_emitters - len(self)))
        self.refused += wanted - count
        self._next += count
        return count
