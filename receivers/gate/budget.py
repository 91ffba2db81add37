"""How much may pass: what is new by when it comes, what is old by when it was.

A sensor has so many rows a second, and a place half of them; what is new is budgeted as it arrives, and under a flood
the known and the confirmed go first (``shedding.py``). What is old comes all at once: a night's queue of a broker, the
minutes of a broken link. It takes nothing from what is new. It is budgeted by its own seconds, in which no sensor can
have heard more than it can hear now: so an honest backlog passes whole, however fast it comes. As long as it is of the
present picture (``STALE_AFTER_S``) it moves tracks with what the new leaves over of half the budget; the rest of it is
kept as evidence of its own time.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Detections, Numbers, Rows, Source
from airspace.model.message import RejectReason
from airspace.model.sensor import Sensor
from airspace.model.track import Booleans
from receivers.gate import shedding
from receivers.gate.buckets import CELLS, NOWHERE, Buckets, Spans, cells_of
from receivers.gate.registry import UNREGISTERED, Registry
from receivers.gate.tally import Tally

CELL_SHARE: Final = 0.5  # of a sensor's budget, for one place: a flood there leaves room for drones elsewhere
SPARE_SHARE: Final = 0.5  # of a sensor's burst stays for what is new


class Offered(NamedTuple):
    """Rows, and what is known of each."""

    rows: Detections
    numbers: Rows  # of its sensor
    keys: list[str | None]
    slots: Rows  # of its identity
    age_s: Numbers
    stale: Booleans

    def take(self, at: Rows) -> Offered:
        """Some of them."""
        keys = [self.keys[row] for row in at.tolist()]
        return Offered(self.rows.take(at), self.numbers[at], keys, self.slots[at], self.age_s[at], self.stale[at])


class Budget:
    """Buckets of sensors and places, and what each sensor's past has brought."""

    def __init__(self, rate_per_s: float, burst_s: float, cell_rate_per_s: float | None) -> None:
        self._rate_per_s = rate_per_s
        self._burst_s = burst_s
        self._burst = max(1.0, rate_per_s * burst_s)
        cell_rate = rate_per_s * CELL_SHARE if cell_rate_per_s is None else cell_rate_per_s
        self._of_cell = Buckets(CELLS, cell_rate, self._burst)
        self._of_past = Spans(burst_s, self._burst)
        self._rf_s = np.full(CELLS, -np.inf)  # when an RF sensor last told of something there
        self._of_sensor = Buckets(1, rate_per_s, self._burst)

    def know(self, sensors: int) -> None:
        """So many sensors, which begin with a full budget."""
        self._of_sensor = Buckets(sensors + 1, self._rate_per_s, self._burst)

    def grant(
        self, offered: Offered, granted: Numbers, registry: Registry, now_s: float, tally: Tally
    ) -> tuple[Booleans, Booleans]:
        """(which pass, which of these are of the past only); ``granted`` says when each identity last had a turn."""
        self._of_sensor.fill(now_s)
        self._of_cell.fill(now_s)
        n = len(offered.rows)
        is_old = offered.age_s > self._burst_s
        if not is_old.any():
            return self._new(offered, granted, registry, now_s, tally), np.zeros(n, dtype=np.bool_)
        passes, past = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        new, old = np.flatnonzero(~is_old), np.flatnonzero(is_old)
        if len(new):
            passes[new] = self._new(offered.take(new), granted, registry, now_s, tally)
        passes[old] = self._of_past.take(offered.numbers[old], now_s - offered.age_s[old])
        for number in offered.numbers[old[~passes[old]]].tolist():
            tally.add(RejectReason.OVER_BUDGET, registry.names[number])
        kept = old[passes[old]]
        moving = kept[~offered.stale[kept]]
        past[kept] = True
        past[moving[self._spare(offered.numbers[moving])]] = False
        return passes, past

    def _spare(self, numbers: Rows) -> Booleans:
        """Which of these rows, in their order, may move tracks with what the new leaves over."""
        tokens, floor = self._of_sensor.tokens, self._burst * SPARE_SHARE
        spare = np.zeros(len(numbers), dtype=np.bool_)
        for number in np.unique(numbers).tolist():
            mine = np.flatnonzero(numbers == number)[: max(0, int(tokens[number] - floor))]
            tokens[number] -= len(mine)
            spare[mine] = True
        return spare

    def _new(self, offered: Offered, granted: Numbers, registry: Registry, now_s: float, tally: Tally) -> Booleans:
        rows, numbers = offered.rows, offered.numbers
        cells = cells_of(rows.latitude_deg, rows.longitude_deg)
        self._confirm(rows, cells, registry, now_s)
        wanted = np.bincount(numbers, minlength=len(self._of_sensor.tokens))
        wanted_there = np.bincount(cells - NOWHERE, minlength=CELLS - NOWHERE)[-NOWHERE:]
        if (wanted <= self._of_sensor.tokens).all() and (wanted_there <= self._of_cell.tokens).all():
            self._of_sensor.tokens -= wanted
            self._of_cell.tokens -= wanted_there
            return np.ones(len(rows), dtype=np.bool_)
        confirmed = (cells != NOWHERE) & (now_s - self._rf_s[cells] <= shedding.RF_CONFIRMS_S)
        turn = shedding.order(rows, offered.slots, offered.keys, granted, confirmed)
        passes = self._shed(rows, numbers, cells, turn, tally)
        had = offered.slots[passes]
        granted[had[had >= 0]] = now_s
        return passes

    def _shed(self, rows: Detections, numbers: Rows, cells: Rows, turn: Rows, tally: Tally) -> Booleans:
        """Row by row in the order of their claim, as long as there are tokens of both kinds."""
        of_sensor, of_cell = self._of_sensor.tokens.tolist(), self._of_cell.tokens.tolist()
        names, number_of, cell_of = rows.sensor.tolist(), numbers.tolist(), cells.tolist()
        passes = np.zeros(len(rows), dtype=np.bool_)
        granted = []
        for row in turn.tolist():
            number, cell = number_of[row], cell_of[row]
            if of_sensor[number] < 1.0:
                tally.add(RejectReason.OVER_BUDGET, names[row] if number != UNREGISTERED else None)
            elif cell != NOWHERE and of_cell[cell] < 1.0:
                tally.add(RejectReason.CELL_OVER_BUDGET, names[row] if number != UNREGISTERED else None)
            else:
                of_sensor[number] -= 1.0
                if cell != NOWHERE:
                    of_cell[cell] -= 1.0
                granted.append(row)
        passes[granted] = True
        self._of_sensor.tokens[:] = of_sensor
        self._of_cell.tokens[:] = of_cell
        return passes

    def _confirm(self, rows: Detections, cells: Rows, registry: Registry, now_s: float) -> None:
        """An RF sensor heard a radio: there, where it can tell, else where it stands."""
        for row in np.flatnonzero(rows.source == Source.RF).tolist():
            cell = int(cells[row])
            if cell == NOWHERE:
                cell = _cell_of(registry.sensors.get(rows.sensor[row]))
            if cell != NOWHERE:
                self._rf_s[cell] = now_s


def _cell_of(sensor: Sensor | None) -> int:
    if sensor is None or sensor.latitude_deg is None or sensor.longitude_deg is None:
        return NOWHERE
    return int(cells_of(np.array([sensor.latitude_deg]), np.array([sensor.longitude_deg]))[0])
