"""What each sensor said last of each emitter with a place: a table of columns, ordered by place and sensor."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, Numbers, Rows, Texts
from airspace.model.track import Booleans
from airspace.tracking.unidentified.emitter import MAX_HEARD, Emitter, Heard
from airspace.tracking.unidentified.register import Register
from airspace.tracking.unidentified.sightings import SAID, Sightings

_SENSORS: Final = 1 << 24  # more than there are names of sensors
_TIME, _LATITUDE, _LONGITUDE, _BEARING, _SIGMA, _RANGE, _FREQUENCY, _BANDWIDTH, _CONFIDENCE = range(9)
_WITNESS: Final = 9  # when the sensor last heard it as no identified track
_SAID: Final = slice(0, _FREQUENCY)  # always said; the rest stays as it was where it is not
_ID, _SOURCE, _TURN = range(3)
_CLASS, _KEY = range(2)
_NOTHING: Final = np.array(None)


class HeardTable(Register):
    """An entry for each place and sensor; places by their number in the bank."""

    def __init__(self) -> None:
        super().__init__(numbers=_WITNESS + 1, integers=_TURN + 1, texts=_KEY + 1)
        self._turn = 0  # counts up: which entries of an emitter are the oldest

    @property
    def place(self) -> Bits:
        """Number of the place."""
        return self._integers[_ID, : self._n] // _SENSORS

    @property
    def sensor(self) -> Bits:
        """Who said it."""
        return self._integers[_ID, : self._n] % _SENSORS

    @property
    def time_s(self) -> Numbers:
        """When."""
        return self._numbers[_TIME, : self._n]

    @property
    def witness_s(self) -> Numbers:
        """When it last said it of no identified track; NaN: never."""
        return self._numbers[_WITNESS, : self._n]

    @property
    def source(self) -> Codes:
        """Of the row."""
        return self._integers[_SOURCE, : self._n].astype(np.int8)

    @property
    def frequency_hz(self) -> Numbers:
        """Said last where it was said, else NaN; so are bandwidth, confidence and class."""
        return self._numbers[_FREQUENCY, : self._n]

    @property
    def bandwidth_hz(self) -> Numbers:
        """See ``frequency_hz``."""
        return self._numbers[_BANDWIDTH, : self._n]

    @property
    def confidence(self) -> Numbers:
        """See ``frequency_hz``."""
        return self._numbers[_CONFIDENCE, : self._n]

    @property
    def signal_class(self) -> Texts:
        """See ``frequency_hz``."""
        return self._texts[_CLASS, : self._n]

    @property
    def key(self) -> Texts:
        """The sensor's own name for the emitter, as said last."""
        return self._texts[_KEY, : self._n]

    def find(self, places: Bits, sensor: Bits | int) -> Rows:
        """The entry of each place and sensor, -1 where it has said nothing of it."""
        wanted = places * _SENSORS + sensor
        ids = self._integers[_ID, : self._n]
        at = ids.searchsorted(wanted)
        if not self._n:
            return np.full(len(wanted), -1)
        known = ids.take(at, mode="clip") == wanted
        return at if np.count_nonzero(known) == len(known) else np.where(known, at, -1)

    def hear(self, places: Bits, rows: Sightings, part: Rows, witness: Booleans) -> None:
        """A row of one sensor for each place, no place twice."""
        sensor = int(rows.sensor[part[0]])
        at = self.find(places, sensor)
        new = (at < 0).nonzero()[0]
        if len(new):
            first = self._n
            if self._add(places.take(new), sensor):
                at = self.find(places, sensor)
            else:
                at[new] = np.arange(first, self._n)
        said = rows.numbers[SAID].take(part, axis=1)
        numbers = self._numbers
        numbers[_SAID, at] = said[_SAID]
        hears = ~np.isnan(said[_FREQUENCY])
        if np.count_nonzero(hears):
            numbers[_FREQUENCY : _BANDWIDTH + 1, at[hears]] = said[_FREQUENCY : _BANDWIDTH + 1, hears]
        sure = ~np.isnan(said[_CONFIDENCE])
        if np.count_nonzero(sure):
            numbers[_CONFIDENCE][at[sure]] = said[_CONFIDENCE, sure]
        numbers[_WITNESS][at[witness]] = said[_TIME, witness]
        self._integers[_SOURCE][at] = rows.source[part]
        self._turn += 1
        self._integers[_TURN][at] = self._turn
        self._texts[_KEY][at] = rows.key[part]
        signal_class = rows.signal_class[part]
        named = signal_class != _NOTHING
        if np.count_nonzero(named):
            self._texts[_CLASS][at[named]] = signal_class[named]

    def of(self, place: int) -> slice:
        """The entries of a place."""
        first, end = self._integers[_ID, : self._n].searchsorted((place * _SENSORS, (place + 1) * _SENSORS)).tolist()
        return slice(first, end)

    def lines(self, entries: slice) -> Numbers:
        """Time, the sensor's latitude and longitude, bearing and its sigma of entries (5, k)."""
        return self._numbers[: _SIGMA + 1, entries]

    def forget(self, places: Bits) -> None:
        """Nothing of these any more."""
        gone = np.zeros(int(self.place.max(initial=0)) + 2, dtype=np.bool_)
        gone[places[places < len(gone)]] = True
        self.keep(np.flatnonzero(~gone[self.place]))

    def write(self, place: int, emitter: Emitter) -> None:
        """Put in what sensors said of an emitter, for what was said of that place."""
        self.forget(np.array([place]))
        new = self._added(len(emitter.heard))
        for entry, (sensor, said) in zip(range(new.start, new.stop), emitter.heard.items(), strict=True):
            time_s, source, *numbers, signal_class, key = said
            self._turn += 1
            self._numbers[:, entry] = (time_s, *numbers, emitter.witness_s.get(sensor, np.nan))
            self._integers[:, entry] = (place * _SENSORS + sensor, source, self._turn)
            self._texts[:, entry] = (signal_class, key)
        self._sort()

    def read(self, place: int, emitter: Emitter) -> None:
        """Tell an emitter what sensors said of it, the newest last."""
        of = self.of(place)
        sensors, turns = self.sensor[of].tolist(), self._integers[_TURN, of].tolist()
        emitter.heard, emitter.witness_s = {}, {}
        for _, entry in sorted(zip(turns, range(of.start, of.stop), strict=True)):
            time_s, *numbers, witness_s = self._numbers[:, entry].tolist()
            sensor = sensors[entry - of.start]
            emitter.heard[sensor] = Heard(time_s, int(self._integers[_SOURCE, entry]), *numbers, *self._texts[:, entry])
            if witness_s == witness_s:  # noqa: PLR0124 - NaN is not itself
                emitter.witness_s[sensor] = witness_s

    def _add(self, places: Bits, sensor: int) -> bool:
        """Empty entries; of an emitter that many sensors have heard the one that is silent longest goes.

        Whether the entries have changed their order: not where the places are newer than all others.
        """
        last = int(self._integers[_ID, self._n - 1]) if self._n else -1
        new = self._added(len(places))
        self._numbers[:, new] = np.nan
        self._integers[:, new] = 0
        self._integers[_TURN, new] = self._turn + 1
        self._integers[_ID, new] = places * _SENSORS + sensor
        self._texts[:, new] = None
        if int(places[0]) * _SENSORS > last and not np.count_nonzero(places[1:] <= places[:-1]):
            return False
        self._sort()
        self._bound()
        return True

    def _sort(self) -> None:
        self.keep(self._integers[_ID, : self._n].argsort(kind="stable"))

    def _bound(self) -> None:
        """At most ``MAX_HEARD`` entries an emitter."""
        place = self.place
        if len(place) <= MAX_HEARD or not np.count_nonzero(place[MAX_HEARD:] == place[:-MAX_HEARD]):
            return
        order = np.lexsort((-self._integers[_TURN, : self._n], place))
        begins = np.flatnonzero(np.diff(place[order], prepend=-1))
        rank = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
        self.keep(np.sort(order[rank < MAX_HEARD]))
