"""What is kept of each emitter with a place beside the place itself: a column each, in the order of the bank's rows."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified.confirmation import doubt_of
from airspace.tracking.unidentified.emitter import NOBODY, Emitter
from airspace.tracking.unidentified.register import Register
from airspace.tracking.unidentified.sightings import Sightings

_FIRST_SEEN, _LAST_SEEN, _ALTITUDE, _XX, _XY, _YY, _DOUBT = range(7)
_BIAS: Final = slice(_XX, _YY + 1)
_SEEN: Final = slice(_FIRST_SEEN, _ALTITUDE)
_NUMBER, _FIRST_SEQ, _LAST_SEQ, _SIGHTINGS, _SENSORS, _SENSOR, _UPDATED, _WITNESSED = range(8)
_HEARD: Final = slice(_LAST_SEQ, _WITNESSED + 1)  # what a row changes
_HISTORY, _LOOKS, _ALIKE, _ALIKE_TICKS, _COMPARED = range(8, 13)


class Ledger(Register):
    """n emitters with a place; rows are those of the bank."""

    def __init__(self) -> None:
        super().__init__(numbers=_DOUBT + 1, integers=_COMPARED + 1)

    @property
    def number(self) -> Bits:
        """Of the emitter; not in order, as what crosses keeps its oldest direction's."""
        return self._integers[_NUMBER, : self._n]

    @property
    def history(self) -> Bits:
        """A bit a look, 1 where it was heard; the lowest is the last."""
        return self._integers[_HISTORY, : self._n]

    @property
    def looks(self) -> Bits:
        """How many there were."""
        return self._integers[_LOOKS, : self._n]

    @property
    def updated(self) -> Booleans:
        """Heard since the last tick."""
        return self._integers[_UPDATED, : self._n] > 0

    @property
    def witnessed(self) -> Booleans:
        """Heard since then as no identified track."""
        return self._integers[_WITNESSED, : self._n] > 0

    @property
    def doubt(self) -> Numbers:
        """That all of its rows are false, by what the sensors say of them."""
        return self._numbers[_DOUBT, : self._n]

    @property
    def first_seen_s(self) -> Numbers:
        """When it was heard first."""
        return self._numbers[_FIRST_SEEN, : self._n]

    @property
    def last_seen_s(self) -> Numbers:
        """When it was heard last."""
        return self._numbers[_LAST_SEEN, : self._n]

    @property
    def bias_m2(self) -> Numbers:
        """xx, xy, yy of the place, from what stays in the bearings: a view (3, n)."""
        return self._numbers[_BIAS, : self._n]

    @property
    def alike(self) -> Bits:
        """Number of the identified track it agreed with at the last tick, -1: none; ``alike_ticks`` in a row."""
        return self._integers[_ALIKE, : self._n]

    @property
    def alike_ticks(self) -> Bits:
        """See ``alike``."""
        return self._integers[_ALIKE_TICKS, : self._n]

    @property
    def compared(self) -> Booleans:
        """Whether it has been compared with identified tracks."""
        return self._integers[_COMPARED, : self._n] > 0

    def open(self, numbers: Bits, rows: Sightings, part: Rows) -> None:
        """New emitters, which are heard next."""
        new = self._added(len(part))
        integers = self._integers[:, new]
        integers[:] = 0
        integers[_NUMBER] = numbers
        integers[_FIRST_SEQ] = rows.seq[part]
        integers[_LAST_SEQ] = -1
        integers[_ALIKE] = NOBODY
        columns = self._numbers[:, new]
        columns[_FIRST_SEEN] = rows.time_s[part]
        columns[_LAST_SEEN] = -np.inf
        columns[_ALTITUDE] = np.nan
        columns[_BIAS] = 0.0
        columns[_DOUBT] = 1.0

    def hear(self, at: Rows, rows: Sightings, part: Rows, witness: Booleans) -> None:
        """A row for each; ``witness``: no identified track explains it."""
        heard = self._integers[_HEARD].take(at, axis=1)
        last_seq, sightings, sensors, sensor, updated, witnessed = heard
        np.maximum(last_seq, rows.seq.take(part), out=last_seq)
        sightings += 1
        sensors |= 1 << rows.bit.take(part)
        sensor[:] = rows.sensor.take(part)
        updated[:] = 1
        witnessed |= witness
        self._integers[_HEARD, at] = heard
        seen_s, time_s = self._numbers[_SEEN].take(at, axis=1), rows.time_s.take(part)
        np.minimum(seen_s[_FIRST_SEEN], time_s, out=seen_s[_FIRST_SEEN])
        np.maximum(seen_s[_LAST_SEEN], time_s, out=seen_s[_LAST_SEEN])
        self._numbers[_SEEN, at] = seen_s
        self._numbers[_DOUBT, at] *= doubt_of(rows.confidence.take(part))
        altitude_m = rows.altitude_wgs84_m[part]
        known = ~np.isnan(altitude_m)
        if np.count_nonzero(known):
            self._numbers[_ALTITUDE][at[known]] = altitude_m[known]

    def begin(self) -> None:
        """A tick begins: nobody has been heard since."""
        self._integers[_UPDATED : _WITNESSED + 1, : self._n] = 0

    def look(self, which: Rows, of_looks: int) -> None:
        """A sensor that knows them said something since the last tick: of them, or not."""
        history, looks = self._integers[_HISTORY], self._integers[_LOOKS]
        now = history.take(which) << 1
        now |= self._integers[_UPDATED].take(which)
        now &= (1 << of_looks) - 1
        history[which] = now
        looks[which] += 1

    def compare(self, number: Bits) -> None:
        """The identified track that each agrees with at a tick, -1: none; counts the ticks in a row of the same one."""
        again = np.where(number == self.alike, self.alike_ticks + 1, 1)
        self.alike_ticks[:] = np.where(number == NOBODY, 0, again)
        self.alike[:] = number
        self._integers[_COMPARED, : self._n] = 1

    def compare_with_nobody(self) -> None:
        """The same where there is no identified track."""
        self._integers[_ALIKE, : self._n] = NOBODY
        self._integers[_ALIKE_TICKS, : self._n] = 0
        self._integers[_COMPARED, : self._n] = 1

    def columns(self) -> tuple[Numbers, Bits]:
        """Copies, for the table: first and last seen, altitude; number, first and last seq, sightings, sensors."""
        return self._numbers[: _ALTITUDE + 1, : self._n].copy(), self._integers[: _SENSORS + 1, : self._n].copy()

    @property
    def sensor(self) -> Bits:
        """Who heard it last."""
        return self._integers[_SENSOR, : self._n]

    def add(self, emitter: Emitter) -> None:
        """One that has been a direction."""
        self._added(1)
        self.write(self._n - 1, emitter)
        self._integers[_COMPARED, self._n - 1] = 0

    def write(self, row: int, emitter: Emitter) -> None:
        """Put an emitter's own values there."""
        self._integers[:_COMPARED, row] = (
            emitter.number,
            emitter.first_seq,
            emitter.last_seq,
            emitter.sightings,
            emitter.sensors,
            emitter.sensor,
            emitter.updated,
            emitter.witnessed,
            emitter.history,
            emitter.looks,
            emitter.alike,
            emitter.alike_ticks,
        )
        self._numbers[:, row] = (
            emitter.first_seen_s,
            emitter.last_seen_s,
            emitter.altitude_wgs84_m,
            *emitter.bias_m2,
            emitter.doubt,
        )

    def read(self, row: int) -> Emitter:
        """An emitter of the values there, without what each sensor said."""
        first_seen_s, last_seen_s, altitude_m, *bias_m2, doubt_left = self._numbers[:, row].tolist()
        values = self._integers[:, row].tolist()
        return Emitter(
            number=values[_NUMBER],
            first_seq=values[_FIRST_SEQ],
            last_seq=values[_LAST_SEQ],
            first_seen_s=first_seen_s,
            last_seen_s=last_seen_s,
            sightings=values[_SIGHTINGS],
            sensors=values[_SENSORS],
            altitude_wgs84_m=altitude_m,
            bias_m2=tuple(bias_m2),
            history=values[_HISTORY],
            looks=values[_LOOKS],
            doubt=doubt_left,
            updated=values[_UPDATED] > 0,
            witnessed=values[_WITNESSED] > 0,
            alike=values[_ALIKE],
            alike_ticks=values[_ALIKE_TICKS],
        )
