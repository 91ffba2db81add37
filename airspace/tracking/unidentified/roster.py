"""All emitters without identity: those with a place, tracks of the bank, and those known by their direction only.

What stays the same in a finder's errors does not average out however often it is heard. So the bank is fed with that
part of a bearing's variance that does (1 - ``BIAS_SHARE``), and the rest, carried to the place by the geometry of the
last bearings, is added to the place's covariance wherever it is shown or compared with an identified track. How great
the share is no sensor says. With 0.35 the 95 % ellipse of something that hovers holds it in 98 to 99 of 100 cases where
nothing stays, 95 to 97 where a third does, 92 where half does, and 80 where all does (measured, two finders).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.tracking.unidentified.bank import Bank
from airspace.tracking.unidentified.bearings import Matrices
from airspace.tracking.unidentified.crossing import Crossing
from airspace.tracking.unidentified.ellipse import axes
from airspace.tracking.unidentified.emitter import BIAS_SHARE, Emitter
from airspace.tracking.unidentified.frame import globe
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.sightings import Sightings

MAX_EMITTERS: Final = 10_000  # with and without a place: memory stays bounded whatever sensors say
HEARD_S: Final = 30.0  # how long a sensor's last word counts for confidence and bias, and after which silence ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Emitters with a place at one time, in the order of the bank's rows."""

    number: Bits
    latitude_deg: Numbers
    longitude_deg: Numbers
    covariance_m2: Matrices  # as the filter has it
    bias_m2: Matrices  # what is to be added to it

    def take(self, row: int) -> Places:
        """One of them."""
        one = slice(row, row + 1)
        return Places(
            number=self.number[one],
            latitude_deg=self.latitude_deg[one],
            longitude_deg=self.longitude_deg[one],
            covariance_m2=self.covariance_m2[one],
            bias_m2=self.bias_m2[one],
        )

    @property
    def shown_m2(self) -> Matrices:
        """With what stays in the bearings."""
        return self.covariance_m2 + self.bias_m2

    @property
    def major_sigma_m(self) -> Numbers:
        """Standard deviation along the major axis."""
        shown = self.shown_m2
        return np.sqrt(axes(shown[:, 0, 0], shown[:, 0, 1], shown[:, 1, 1])[0])


class Roster:
    """The emitters by number, and the bank that holds the places of some."""

    def __init__(self) -> None:
        self.bank = Bank(Settings(max_tracks=MAX_EMITTERS))
        self.emitters: dict[int, Emitter] = {}
        self.refused = 0  # rows that found no room for another emitter
        self.placed: frozenset[int] = frozenset()  # identified tracks that had a place at the last tick
        self._next = 1
        self._number_of: dict[int, int] = {}  # number in the bank -> number of the emitter

    def __len__(self) -> int:
        return len(self.emitters)

    def numbers(self) -> list[int]:
        """Of the emitters with a place, in the order of the bank's rows."""
        return [self._number_of[number] for number in self.bank.number.tolist()]

    def row(self, emitter: Emitter) -> Rows:
        """Its row in the bank, as an array of one."""
        return self.bank.rows(np.array([emitter.place], dtype=np.int64))

    def places(self, time_s: float) -> Places:
        """Where all are that have a place."""
        x, y, xx, xy, yy = self.bank.places(time_s)
        numbers = self.numbers()
        bias = np.array([self.emitters[one].bias_m2 for one in numbers], dtype=np.float64).reshape(-1, 3)
        latitude_deg, longitude_deg = globe(self.bank.frame(), x, y)
        return Places(
            number=np.array(numbers, dtype=np.int64),
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            covariance_m2=_matrices(np.stack((xx, xy, yy), axis=1)),
            bias_m2=_matrices(bias),
        )

    def open(self, rows: Sightings, row: int) -> Emitter | None:
        """A new emitter, of which nothing is known; None where there is no room."""
        if len(self.emitters) >= MAX_EMITTERS:
            self.refused += 1
            return None
        emitter = Emitter(number=self._next, first_seq=int(rows.seq[row]), first_seen_s=float(rows.time_s[row]))
        self._next += 1
        self.emitters[emitter.number] = emitter
        return emitter

    def put(
        self, emitter: Emitter, latitude_deg: float, longitude_deg: float, noise_m2: Matrices, time_s: float
    ) -> None:
        """Give it a place."""
        where = np.array([latitude_deg]), np.array([longitude_deg])
        opened = self.bank.open(*where, noise_m2[np.newaxis], time_s)
        emitter.place = int(opened[0])
        self._number_of[emitter.place] = emitter.number
        if emitter.confirmed:
            self.bank.confirm(self.row(emitter))

    def cross(self, members: list[Emitter], crossing: Crossing) -> tuple[Emitter, list[int]]:
        """Directions become one emitter with a place: the oldest number stays; the numbers that go."""
        members = sorted(members, key=lambda one: one.number)
        kept = members[0]
        for other in members[1:]:
            kept.absorb(other)
            del self.emitters[other.number]
        covariance_m2, fix = crossing.fix.covariance_m2, crossing.fix
        self.put(kept, fix.latitude_deg, fix.longitude_deg, (1.0 - BIAS_SHARE) * covariance_m2, crossing.time_s)
        kept.bias_m2 = _triple(BIAS_SHARE * covariance_m2)
        kept.angle_deg = kept.angle_deg2 = np.nan
        return kept, [other.number for other in members[1:]]

    def join(self, emitter: Emitter, direction: Emitter) -> tuple[int, int]:
        """A direction turned out to be an emitter with a place: the older number stays. Which went, which stayed."""
        gone, kept = max(emitter.number, direction.number), min(emitter.number, direction.number)
        del self.emitters[emitter.number], self.emitters[direction.number]
        emitter.absorb(direction)
        emitter.number = kept
        self.emitters[kept] = emitter
        if emitter.place is not None:
            self._number_of[emitter.place] = kept
        return gone, kept

    def lift(self, emitter: Emitter) -> None:
        """Take its place away: the place is not known any more."""
        self.bank.remove(self.row(emitter))
        del self._number_of[emitter.place or 0]
        emitter.place = None
        emitter.near = None
        emitter.bias_m2 = (0.0, 0.0, 0.0)

    def remove(self, emitter: Emitter) -> None:
        """It is gone."""
        if emitter.place is not None:
            self.lift(emitter)
        del self.emitters[emitter.number]


def _matrices(entries: Numbers) -> Matrices:
    """(n, 2, 2) of xx, xy, yy."""
    return entries[:, [0, 1, 1, 2]].reshape(-1, 2, 2)


def _triple(covariance_m2: Matrices) -> tuple[float, float, float]:
    return float(covariance_m2[0, 0]), float(covariance_m2[0, 1]), float(covariance_m2[1, 1])
