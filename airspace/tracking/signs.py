"""Signs that show at ticks only, on the tracks of the picture: what needs several tracks or several receivers."""

from __future__ import annotations

import numpy as np

from airspace.model.track import TrackEvent, TrackEventKind
from airspace.tracking import plausibility
from airspace.tracking.advance import Turn
from airspace.tracking.columns import State
from airspace.tracking.slots import Slots


class Signs:
    """What was heard by whom since the last tick, and what that says."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._radio = plausibility.Radio()

    def placed(self, sensor: int, place: tuple[float, float]) -> None:
        """Where the sensor of a number stands."""
        self._radio.placed(sensor, *place)

    def hear(self, block: State, turn: Turn) -> None:
        """Note rows that were just taken; nobody changes them afterwards."""
        self._radio.hear(block, turn.rows, turn.sensor)

    def tick(self, seq: int, tick_s: float) -> list[TrackEvent]:
        """Put the signs that show now on their tracks; events by track number."""
        state = self._slots.state
        new = plausibility.at_tick(state, tick_s, self._radio)
        slots = np.flatnonzero(new)
        if not len(slots):
            return []
        slots = slots[np.argsort(state.number[slots], kind="stable")]
        state.remarks[slots] |= new[slots]
        block = state.gather(slots)
        plausibility.judge(block)
        state.scatter(slots, block)
        return [
            TrackEvent(kind=TrackEventKind.REMARKED, seq=seq, logged_s=tick_s, track=self._slots.row(slot, seq, tick_s))
            for slot in slots.tolist()
        ]
