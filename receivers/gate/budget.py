"""How much may pass: what is of the present by when it comes, what is of the past by when it was.

A sensor has so many rows a second, and a place half of them, and under a flood the known and the confirmed go first
(``shedding.py``), on time or late: a slow link makes nobody a stranger. What is late and not known leaves half of a
burst to what is new; what of the late finds no room is kept as evidence of its own time, and moves no track.

What is of the past (``STALE_AFTER_S``) comes all at once: a night's queue of a broker. It takes nothing from the
present. It is budgeted by its own seconds, in which no sensor can have heard more than it can hear now: so an honest
backlog passes whole, however fast it comes. The known have room of their own there, which no stranger can take, before
them or after.
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
from receivers.gate.registry import Registry
from receivers.gate.tally import Tally

CELL_SHARE: Final = 0.5  # of a sensor's budget, for one place: a flood there leaves room for drones elsewhere
SPARE_SHARE: Final = 0.5  # of a burst stays for what is new, and for the known
STALE_AFTER_S: Final = 300.0  # a track ends after so much silence: what is older is part of no live picture


class Offered(NamedTuple):
    """Rows, and what is known of each."""

    rows: Detections
    numbers: Rows  # of its sensor
    keys: list[str | None]
    slots: Rows  # of its identity
    age_s: Numbers

    def take(self, at: Rows) -> Offered:
        """Some of them."""
        keys = [self.keys[row] for row in at.tolist()]
        return Offered(self.rows.take(at), self.numbers[at], keys, self.slots[at], self.age_s[at])


class Budget:
    """Buckets of sensors and places, and what each sensor's past has brought."""

    def __init__(self, rate_per_s: float, burst_s: float, cell_rate_per_s: float | None) -> None:
        self._rate_per_s = rate_per_s
        self._burst_s = burst_s
        self._burst = max(1.0, rate_per_s * burst_s)
        self._spare = self._burst * SPARE_SHARE
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
        """(which pass, which of these as evidence only); ``granted`` says when each identity last had a turn."""
        self._of_sensor.fill(now_s)
        self._of_cell.fill(now_s)
        is_past = offered.age_s > STALE_AFTER_S
        refused: dict[int, RejectReason] = {}
        if is_past.any():
            present = np.flatnonzero(~is_past)
            passes = np.zeros(len(is_past), dtype=np.bool_)
            passes[present], why = self._present(offered.take(present), granted, registry, now_s)
            refused = {int(present[row]): reason for row, reason in why.items()}
        else:
            passes, refused = self._present(offered, granted, registry, now_s)
        evidence = self._as_evidence(offered, is_past | (~passes & (offered.age_s > self._burst_s)), now_s)
        passes |= evidence
        for row in np.flatnonzero(~passes).tolist():
            tally.add(refused.get(row, RejectReason.OVER_BUDGET), registry.names[offered.numbers[row]])
        return passes, evidence

    def _as_evidence(self, offered: Offered, late: Booleans, now_s: float) -> Booleans:
        """Which of the late rows find room in their own time."""
        kept = np.zeros(len(late), dtype=np.bool_)
        at = np.flatnonzero(late)
        if len(at):
            known = offered.slots[at] >= 0
            kept[at] = self._of_past.take(offered.numbers[at], now_s - offered.age_s[at], known)
        return kept

    def _present(
        self, offered: Offered, granted: Numbers, registry: Registry, now_s: float
    ) -> tuple[Booleans, dict[int, RejectReason]]:
        """(which pass, why the others do not) of what is not of the past."""
        rows, numbers = offered.rows, offered.numbers
        cells = cells_of(rows.latitude_deg, rows.longitude_deg)
        self._confirm(rows, cells, registry, now_s)
        wanted = np.bincount(numbers, minlength=len(self._of_sensor.tokens))
        wanted_there = np.bincount(cells - NOWHERE, minlength=CELLS - NOWHERE)[-NOWHERE:]
        yields = offered.age_s > self._burst_s
        spare = self._spare if yields.any() else 0.0
        if (wanted <= self._of_sensor.tokens - spare)[numbers].all() and (wanted_there <= self._of_cell.tokens).all():
            self._of_sensor.tokens -= wanted
            self._of_cell.tokens -= wanted_there
            return np.ones(len(rows), dtype=np.bool_), {}
        confirmed = (cells != NOWHERE) & (now_s - self._rf_s[cells] <= shedding.RF_CONFIRMS_S)
        turn, is_first = shedding.order(rows, offered.slots, offered.keys, granted, confirmed)
        passes, refused = self._shed(numbers, cells, turn, np.where(yields & ~is_first, self._spare, 0.0))
        had = offered.slots[passes]
        granted[had[had >= 0]] = now_s
        return passes, refused

    def _shed(
        self, numbers: Rows, cells: Rows, turn: Rows, leaves: Numbers
    ) -> tuple[Booleans, dict[int, RejectReason]]:
        """Row by row in the order of their claim, as long as there are tokens of both kinds, and what it must leave."""
        of_sensor, of_cell = self._of_sensor.tokens.tolist(), self._of_cell.tokens.tolist()
        number_of, cell_of, leaves_of = numbers.tolist(), cells.tolist(), leaves.tolist()
        passes = np.ones(len(turn), dtype=np.bool_)
        refused = {}
        for row in turn.tolist():
            number, cell = number_of[row], cell_of[row]
            if of_sensor[number] < 1.0 + leaves_of[row]:
                refused[row] = RejectReason.OVER_BUDGET
            elif cell != NOWHERE and of_cell[cell] < 1.0:
                refused[row] = RejectReason.CELL_OVER_BUDGET
            else:
                of_sensor[number] -= 1.0
                if cell != NOWHERE:
                    of_cell[cell] -= 1.0
        passes[list(refused)] = False
        self._of_sensor.tokens[:] = of_sensor
        self._of_cell.tokens[:] = of_cell
        return passes, refused

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
