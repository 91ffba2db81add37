"""One tick's rows and to whom they go: what the work on positions (``positions.py``) and bearings (``lines.py``) share.

Instant by instant of each sensor, in order of time, first the rows that no identified track explains choose among the
emitters with a place, then the bearings that are left among the directions of their sensor; what is still left opens
emitters. An emitter gets one row of a sensor at an instant at most.

A row that an identified track explains feeds an emitter all the same where that emitter is established somewhere else
on the same line: confirmed, its place apart from the track's, and heard within the last ten seconds by another sensor
as no identified track; and where the row fits it about as well. So an identified drone that crosses the line of sight
does not starve a silent one behind it. The identified track has its own positions and loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified.emitter import Emitter, Heard, said_by
from airspace.tracking.unidentified.explanation import PLACE_GATE, Known
from airspace.tracking.unidentified.places import apart2
from airspace.tracking.unidentified.roster import Roster
from airspace.tracking.unidentified.sightings import Sightings

WITNESS_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A bearing that went to somebody with a place: for directions that starve since."""

    bearing_deg: float
    sigma_deg: float
    track: int  # number of the identified track, -1: none
    emitter: int  # number of the emitter, -1: none


class Turn:
    """One tick's rows, and to whom they went."""

    def __init__(
        self, roster: Roster, rows: Sightings, known: Known, by: Rows, misfit: Numbers, near: Booleans
    ) -> None:
        self.roster, self.rows, self.known = roster, rows, known
        self.by, self.misfit, self.near = by, misfit, near  # the place of ``known`` that explains each row, -1: none
        self.alone: Booleans = by < 0
        self.owner: Bits = np.full(len(rows), -1, dtype=np.int64)
        self.opened: list[int] = []
        self.told: dict[int, list[Told]] = {}  # by sensor
        self.rivals: list[tuple[Rows, Rows]] = []  # rows of the bank: a tentative one, an older one its fix fits too
        self.directions: dict[int, list[Emitter]] = {}  # by sensor
        roster.ledger.begin()
        for emitter in roster.directions.values():
            emitter.updated = emitter.witnessed = False
            self.directions.setdefault(emitter.sensor, []).append(emitter)

    @cached_property
    def said(self) -> list[Heard]:
        """What each row says, one by one."""
        return said_by(self.rows)

    def hear(self, at: Rows, part: Rows) -> None:
        """Rows of one sensor go to emitters with a place, rows of the bank."""
        self.owner[part] = self.roster.ledger.number.take(at)
        self.roster.hear(at, self.rows, part, self.alone[part])

    def point(self, emitter: Emitter, row: int) -> None:
        """A bearing goes to a direction."""
        said = self.said[row]
        emitter.turn(said.time_s, said.bearing_deg, said.sigma_deg, emitter.last_seen_s)
        self.owner[row] = emitter.number
        emitter.hear(self.rows, row, said, witness=bool(self.alone[row]))

    def tell(self, row: int, *, track: int = -1, emitter: int = -1) -> None:
        """A bearing went to somebody else."""
        said = self.said[row]
        told = Told(bearing_deg=said.bearing_deg, sigma_deg=said.sigma_deg, track=track, emitter=emitter)
        self.told.setdefault(int(self.rows.sensor[row]), []).append(told)

    def established(self, time_s: float, explained: Rows) -> Booleans:
        """(rows, emitters with a place): where an emitter stands on its own although a track explains the row."""
        places = self.roster.places(time_s)
        own = self._witnessed(int(self.rows.sensor[explained[0]]), time_s)
        track = self.known.at(self.rows.time_s[explained], self.by[explained])
        return own & (apart2(places, *(column[:, np.newaxis] for column in track)) > PLACE_GATE)

    def _witnessed(self, sensor: int, time_s: float) -> Booleans:
        """Which confirmed emitters another sensor heard lately as no identified track."""
        heard, bank = self.roster.heard, self.roster.bank
        lately = (heard.sensor != sensor) & (np.abs(time_s - heard.witness_s) <= WITNESS_S)
        witnessed = np.zeros(len(bank), dtype=np.bool_)
        witnessed[bank.rows(heard.place[lately])] = True
        return witnessed & bank.confirmed
