"""What time does to tracks: they coast, their flights end, they end. At ticks, which are entries of the log."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.track import Flight, TrackEvent, TrackEventKind, TrackState
from airspace.tracking import flights
from airspace.tracking.aliases import Aliases
from airspace.tracking.columns import Role
from airspace.tracking.slots import Slots
from airspace.tracking.twins import Twins

COASTING_AFTER_S: Final = 10.0  # a marker fades after this long (handbook console, principle 3)
TENTATIVE_ENDS_AFTER_S: Final = 30.0
ENDS_AFTER_S: Final = flights.GAP_S


class Ageing:
    """Of all tracks with an identity; those without end by their own rules (nameless.py)."""

    def __init__(self, slots: Slots, aliases: Aliases, twins: Twins) -> None:
        self._slots = slots
        self._aliases = aliases
        self._twins = twins

    def tick(self, seq: int, tick_s: float) -> list[TrackEvent]:
        """Events in the order of track numbers."""
        state = self._slots.state
        named = (state.state != 0) & (state.role != Role.EMITTER)
        with np.errstate(invalid="ignore"):
            silent_s = tick_s - state.heard_s
            coasts = (state.state == TrackState.CONFIRMED) & (silent_s > COASTING_AFTER_S)
            patience_s = np.where(state.state == TrackState.TENTATIVE, TENTATIVE_ENDS_AFTER_S, ENDS_AFTER_S)
            ends = named & (silent_s >= patience_s)
        state.state[coasts] = TrackState.COASTING
        due = coasts | ends | (named & flights.over(state, tick_s))
        if not due.any():
            return []
        events: list[TrackEvent] = []
        for slot in sorted(np.flatnonzero(due).tolist(), key=lambda one: int(state.number[one])):
            events += self._age(slot, seq, tick_s, coasts=bool(coasts[slot]), ends=bool(ends[slot]))
        return events

    def _age(self, slot: int, seq: int, tick_s: float, *, coasts: bool, ends: bool) -> list[TrackEvent]:
        state, events = self._slots.state, []
        last = self._slots.row(slot, seq, tick_s)  # as it was heard last, in its flight: how it ends is not forgotten

        def tell(kind: TrackEventKind, flight: Flight | None = None) -> None:
            track = self._slots.row(slot, seq, tick_s)
            if kind is TrackEventKind.ENDED:
                track = last._replace(state=int(TrackState.ENDED))
            events.append(TrackEvent(kind=kind, seq=seq, logged_s=tick_s, track=track, flight=flight))

        if coasts:
            tell(TrackEventKind.COASTING)
        if state.flight_open[slot] and (ends or tick_s - state.airborne_s[slot] >= flights.GAP_S):
            tell(TrackEventKind.FLIGHT_ENDED, flights.record(state, slot, ended=True))
            flights.close(state, slot)
        if ends:
            tell(TrackEventKind.ENDED)
            self._end(slot)
        return events

    def _end(self, slot: int) -> None:
        twin = self._twins.of(slot)
        if twin is not None:
            self._aliases.hand_over(slot, twin)
            self._slots.promote(twin)
        self._twins.orphan(slot)
        self._aliases.forget(slot)
        self._slots.release(slot)
