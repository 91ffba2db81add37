"""One row for each of some tracks: all that it changes, for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from airspace.model.detection import Bits, Detections, Numbers, Rows
from airspace.model.track import Booleans, Remark, TrackEventKind, TrackState
from airspace.tracking import flights, motion, plausibility, sighting, underway, vertical
from airspace.tracking.columns import State, keep_latest, known

Marks = list[tuple[int, TrackEventKind]]
"""(row of the turn, what happened)"""

_CONFIRMED = int(TrackState.CONFIRMED)
_SHARED = int(Remark.SHARED_TRANSMITTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One row for each of some tracks, with what the log and the picture know of it.

    ``fix_time_s`` is the message's own time where it agrees with the receive time to 5 s, else the receive time.
    """

    rows: Detections
    seq: Bits
    sensor: Bits  # number of the sensor
    shared: Booleans  # its transmitter claims suspiciously many identities
    skew_s: Numbers
    fix_time_s: Numbers
    placed: Booleans  # the row states a position

    @classmethod
    def of(cls, rows: Detections, seq: Bits, sensor: Bits, shared: Booleans) -> Turn:
        """All rows of a piece of the log, to be split into turns."""
        skew_s = rows.received_s - rows.time_s
        return cls(
            rows=rows,
            seq=seq,
            sensor=sensor,
            shared=shared,
            skew_s=skew_s,
            fix_time_s=np.where(np.abs(skew_s) <= plausibility.MAX_SKEW_S, rows.time_s, rows.received_s),
            placed=known(rows.latitude_deg) & known(rows.longitude_deg),
        )

    def __len__(self) -> int:
        return len(self.seq)

    def take(self, index: Rows) -> Turn:
        """Some of the rows; all of them, as mostly, without a copy."""
        if len(index) == len(self):
            return self
        return Turn(
            rows=self.rows.take(index),
            seq=self.seq[index],
            sensor=self.sensor[index],
            shared=self.shared[index],
            skew_s=self.skew_s[index],
            fix_time_s=self.fix_time_s[index],
            placed=self.placed[index],
        )


def advance(block: State, turn: Turn) -> Marks:
    """Take each row into its track, in place.

    A fix that is not newer than the last one of its track (second receiver, repeat, late delivery) is a sighting and
    moves nothing: it states what the same drone's newer fix has replaced, and its errors are those of its neighbours.
    """
    rows = turn.rows
    new = block.state == 0
    sighting.hear(block, rows, turn.seq, turn.sensor)
    sighting.name(block, rows)
    keep_latest(block.skew_s, turn.skew_s)
    fixed = turn.placed & ~(turn.fix_time_s <= block.fix_time_s)
    late = turn.fix_time_s < block.fix_time_s
    np.copyto(block.gap_s, turn.fix_time_s - block.fix_time_s, where=fixed)
    remarks_before = block.remarks.copy()
    plausibility.remark(
        block,
        plausibility.Fixes(rows.latitude_deg, rows.longitude_deg, rows.time_s, rows.counter, turn.sensor, fixed, rows),
    )
    if np.count_nonzero(turn.shared):
        block.remarks |= np.where(turn.shared, _SHARED, 0)
    plausibility.judge(block)
    sigma = motion.sigma_m(rows.horizontal_accuracy_m)
    motion.observe(block, rows.latitude_deg, rows.longitude_deg, sigma, fixed)
    vertical.observe(block, rows, turn.fix_time_s, fixed)
    sighting.place(block, rows, turn.fix_time_s, fixed)
    located = sighting.located(rows, turn.placed) & ~late
    sighting.describe(block, rows, located)
    says = located & underway.says(rows.status, rows.height_m, rows.speed_m_s)
    shows = underway.observe(block, underway.Fixes.of(rows, turn.fix_time_s), says, fixed)
    flies = flights.airborne(block, rows.status, rows.height_m, rows.speed_m_s, located, shows)
    seen_s = np.fmin(rows.received_s, rows.logged_s)
    started, counted = flights.count(block, seen_s, rows.height_m, flies)
    confirmed, resumed = sighting.confirm(block)
    return marks(
        {
            TrackEventKind.APPEARED: new,
            TrackEventKind.CONFIRMED: confirmed,
            TrackEventKind.RESUMED: resumed,
            TrackEventKind.REMARKED: block.remarks != remarks_before,
            TrackEventKind.CONTROLLER_ON: _controller_on(block),
            TrackEventKind.FLIGHT_STARTED: started,
            TrackEventKind.FLIGHT_COUNTED: counted,
        }
    )


def marks(masks: dict[TrackEventKind, Booleans]) -> Marks:
    """What happened where."""
    return [
        (row, kind) for kind, mask in masks.items() if np.count_nonzero(mask) for row in np.flatnonzero(mask).tolist()
    ]


def _controller_on(block: State) -> Booleans:
    """A pilot's place is known before anything flew, told once: a controller, or a drone that stands ready."""
    waits: Booleans = (block.airborne == 0) & (block.flight_number == 0) & (block.presence_told == 0)
    if np.count_nonzero(waits):
        waits &= (block.state == _CONFIRMED) & known(block.operator_latitude_deg) & (block.test == 0)
        block.presence_told |= waits
    return waits
