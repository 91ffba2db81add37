"""One identity at two places: two tracks, and the sign on both.

A row that claims a track's identity from a place which that track cannot have reached goes to the track's twin. Which
of three things it was shows within seconds:

    conflict   the word goes from one place to the other and back (away, home, away): two transmitters, one identity.
               Both are confirmed and both carry IDENTITY_CONFLICT: which of them is forged, nobody can say.
    jump       three fixes in a row from the new place and none from the old: the track is there now (a receiver of
               satellites that lost its place, a replay that moves on). The twin becomes part of it again.
    error      the old place goes on and the new is not heard again: the twin ends, told to nobody.

A third place under the same identity goes to the twin, which then jumps to and fro with its own signs. Sign 1 of the
handbook (remote-id, section 6); DragonSync and others keep the last writer's place instead.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import IdType, Rows, Source
from airspace.model.geodesy import turned
from airspace.model.track import Booleans, Remark, TrackEvent, TrackEventKind, TrackState
from airspace.tracking import motion, plausibility
from airspace.tracking.advance import Turn
from airspace.tracking.columns import Role, State
from airspace.tracking.merging import merge
from airspace.tracking.slots import Slots

CONFLICT_SWITCHES: Final = 3
JUMP_FIXES: Final = 3
_CONFLICT: Final = int(Remark.IDENTITY_CONFLICT)
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_ADSB: Final = int(Source.ADSB)
_NO_ID: Final = int(IdType.UNKNOWN)

Told = list[tuple[int, TrackEvent]]
"""(row of the turn, what to tell besides what the row itself changed)"""


class Twins:
    """Sends rows to the track, of one or two of the same identity, whose place they can be from."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    def divert(self, at: Rows, block: State, turn: Turn) -> Rows:
        """The slots of the rows, with twins in the place of tracks that cannot be meant; ``at`` itself if none."""
        stray = _strays(block, turn)
        concerned = turn.placed & ((block.twin != 0) | stray)
        if not np.count_nonzero(concerned):
            return at
        at = at.copy()
        for row in np.flatnonzero(concerned).tolist():
            if stray[row]:
                at[row] = self._to_twin(int(at[row]), row, turn)
            else:
                self._at_home(int(at[row]))
        return at

    def settle(self, home: Rows, at: Rows, block: State, turn: Turn) -> Told:
        """After the rows were taken: conflicts that became clear. ``home`` are the slots before ``divert``."""
        told: Told = []
        for row in np.flatnonzero(home != at).tolist():
            own = int(home[row])
            if self._slots.state.switches[own] >= CONFLICT_SWITCHES and not block.remarks[row] & _CONFLICT:
                told += [(row, event) for event in self._conflict(own, row, block, turn)]
        return told

    def jumped(self, home: Rows, at: Rows) -> list[int]:
        """Rows after which a twin has turned out to be where its track is now."""
        state = self._slots.state
        away = np.flatnonzero(home != at)
        alone = (state.run[at[away]] >= JUMP_FIXES) & (state.switches[home[away]] == 1)
        jumped: list[int] = away[alone].tolist()
        return jumped

    def rejoin(self, own: int, twin: int, seq: int, logged_s: float) -> tuple[TrackEvent, ...]:
        """The track is where its twin is; the way there is remarked upon."""
        state = self._slots.state
        gone = self._slots.row(twin, seq, logged_s)
        number = int(state.number[own])
        flight = merge(state, twin, own)
        state.remarks[own] |= int(Remark.TOO_FAST)
        self.part(own)
        self._slots.release(twin)
        self._judge(own)
        merged = TrackEvent(
            kind=TrackEventKind.MERGED, seq=seq, logged_s=logged_s, track=gone, into=number, flight=flight
        )
        return merged, self._event(TrackEventKind.REMARKED, own, seq, logged_s)

    def part(self, own: int) -> None:
        """They have nothing to do with each other any more."""
        state = self._slots.state
        for column in (state.twin, state.twin_spoke, state.switches):
            column[own] = 0

    def of(self, slot: int) -> int | None:
        """The slot of a track's twin."""
        twin = int(self._slots.state.twin[slot])
        return twin - 1 if twin else None

    def orphan(self, slot: int) -> None:
        """A twin ended: its track forgets it."""
        for own in np.flatnonzero(self._slots.state.twin == slot + 1).tolist():
            self.part(own)

    def _to_twin(self, own: int, row: int, turn: Turn) -> int:
        twin = self.of(own)
        if twin is None:
            twin = self._slots.open(int(turn.seq[row]), turn.rows.content_id[row], Role.TWIN)
            self._slots.state.twin[own] = twin + 1
            self._slots.state.held[twin] = 1
        state = self._slots.state
        state.switches[own] += state.twin_spoke[own] == 0
        state.twin_spoke[own] = 1
        state.run[twin] += 1
        return twin

    def _at_home(self, own: int) -> None:
        state = self._slots.state
        state.switches[own] += state.twin_spoke[own] != 0
        state.twin_spoke[own] = 0
        state.run[int(state.twin[own]) - 1] = 0

    def _conflict(self, own: int, row: int, block: State, turn: Turn) -> list[TrackEvent]:
        """The twin stands at ``row`` of the block, its track in the store."""
        state, events = self._slots.state, []
        seq, logged_s = int(turn.seq[row]), float(turn.rows.logged_s[row])
        if not state.remarks[own] & _CONFLICT:
            state.remarks[own] |= _CONFLICT
            self._judge(own)
            events.append(self._event(TrackEventKind.REMARKED, own, seq, logged_s))
        block.remarks[row] |= _CONFLICT
        block.suspect[row] = 1
        block.held[row] = 0
        kinds = [TrackEventKind.REMARKED]
        if block.state[row] != _CONFIRMED:
            block.state[row] = _CONFIRMED
            kinds.insert(0, TrackEventKind.CONFIRMED)
        after = block.tracks().row(row)
        return events + [TrackEvent(kind=kind, seq=seq, logged_s=logged_s, track=after) for kind in kinds]

    def _judge(self, slot: int) -> None:
        at = np.array([slot])
        block = self._slots.state.gather(at)
        plausibility.judge(block)
        self._slots.state.scatter(at, block)

    def _event(self, kind: TrackEventKind, slot: int, seq: int, logged_s: float) -> TrackEvent:
        return TrackEvent(kind=kind, seq=seq, logged_s=logged_s, track=self._slots.row(slot, seq, logged_s))


def _strays(block: State, turn: Turn) -> Booleans:
    """Rows from where their track cannot have flown, nor is on its way to; of tracks that a message names."""
    rows = turn.rows
    north_m = (rows.latitude_deg - block.latitude_deg) * block.north_m_per_deg
    east_m = turned(rows.longitude_deg - block.longitude_deg) * block.east_m_per_deg
    way_m2 = north_m * north_m + east_m * east_m
    far: Booleans = way_m2 > motion.LEAST_JUMP_M**2
    if np.count_nonzero(far):
        far &= (block.uas_id_type != _NO_ID) & (block.source != _ADSB)
        gap_s = np.maximum(np.abs(turn.fix_time_s - block.fix_time_s), motion.LEAST_GAP_S)
        flown_m_s = 1.5 * np.hypot(block.vx_m_s, block.vy_m_s)  # what is seen to fly too fast is in one place still
        reach_m = np.maximum(motion.most_speed_m_s(block.ua_type), flown_m_s) * gap_s + motion.LEAST_JUMP_M
        north_m, east_m, _ = motion.predicted(block, turn.fix_time_s, rows.latitude_deg, rows.longitude_deg)
        far &= np.minimum(way_m2, north_m * north_m + east_m * east_m) > reach_m**2
    return far
