"""The picture: all live tracks, and the step that takes it from one batch of the log to the next.

``step`` reads no clock, no random and no network. Rows are taken in log order: identity first, one row after the other
(aliases.py); then everything else for many tracks at once, round by round, a round holding each track at most once.
What has no identity waits for the next tick, which is an entry of the log (nameless.py). So any way of cutting the rows
into batches gives the same picture and the same changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from airspace.model.clocks import put_right
from airspace.model.detection import Bits, Detections, Flag, Rows
from airspace.model.log import Batch
from airspace.model.track import Booleans, Changes, Flight, Joined, TrackEvent, TrackEventKind, TrackRow, Tracks, rounds
from airspace.model.unfollowed import Unfollowed
from airspace.tracking import flights
from airspace.tracking.advance import Turn, advance
from airspace.tracking.ageing import Ageing
from airspace.tracking.aliases import UNASSIGNED, Aliases, Merge, RowKeys
from airspace.tracking.columns import State, known
from airspace.tracking.doubtful import without_doubtful
from airspace.tracking.joining import joinable
from airspace.tracking.merging import merge
from airspace.tracking.nameless import Nameless, Seen
from airspace.tracking.signs import Signs
from airspace.tracking.slots import Slots
from airspace.tracking.twins import Twins
from airspace.tracking.unidentified.settings import DEFAULTS, Settings

MAX_TRACKS: Final = 20_000  # beyond this new ids are counted and not followed: memory stays bounded under a swarm
_NAMED_SENSORS: Final = 62

_NOTHING: Final = np.array(None)
_STALE: Final = int(Flag.STALE)
_CLOCK_OF_SENSOR: Final = int(Flag.CLOCK_OF_SENSOR)

_Part = tuple[Tracks, Rows]  # rows of tracks, and their rows in the batch's detections
_Happened = list[tuple[int, TrackEvent]]  # (row of the piece, what)


class Picture:
    """All live tracks. ``step`` is its only verb; it is the port ``Tracker``.

    ``places`` are the (latitude, longitude) of fixed sensors; a row may state its mobile sensor's own. ``nameless``
    are the rules of tracks without identity.
    """

    def __init__(
        self,
        max_tracks: int = MAX_TRACKS,
        places: Mapping[str, tuple[float, float]] | None = None,
        nameless: Settings = DEFAULTS,
    ) -> None:
        self._slots = Slots()
        self._aliases = Aliases()
        self._twins = Twins(self._slots)
        self._ageing = Ageing(self._slots, self._aliases, self._twins)
        self._nameless = Nameless(self._slots, dict(places or {}), nameless)
        self._places = dict(places or {})
        self._signs = Signs(self._slots)
        self._sensors: dict[str, int] = {}
        self._seq = 0
        self._max_tracks = max_tracks
        self.untracked = 0  # rows that found no room

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def unfollowed(self) -> Unfollowed:
        """Rows so far that no track follows."""
        return replace(self._nameless.unfollowed, tracks_full=self.untracked)

    def step(self, batch: Batch) -> Changes:
        """Apply one batch and say what it changed."""
        parts, events = self._rows(batch.detections)
        joined: tuple[Joined, ...] = ()
        live = None
        if batch.tick_s is not None:
            told, seen = self._tick(batch.tick_s)
            events += told
            parts.append((seen.tracks, np.full(len(seen.tracks), UNASSIGNED)))
            joined = seen.joined
            live = self._live(batch.tick_s)
        return Changes(
            rows=_joined([rows for rows, _ in parts]),
            detection=np.concatenate([index for _, index in parts]) if parts else np.empty(0, dtype=np.intp),
            events=tuple(events),
            live=live,
            tick_s=batch.tick_s,
            sensor_names=tuple(self._sensors),
            joined=joined,
        )

    # rows

    def _rows(self, detections: Detections) -> tuple[list[_Part], list[TrackEvent]]:
        stored_s = np.where(np.isnan(detections.time_s), detections.received_s, detections.time_s)
        detections = _by_log_time(detections)
        n, first_seq = len(detections), self._seq
        seq = first_seq + np.arange(n)
        self._seq += n
        sensor = self._sensor_numbers(detections)
        waits = self._nameless.take(detections, seq, sensor, stored_s)
        keys = _keys(detections, waits)
        parts: list[_Part] = []
        events: list[TrackEvent] = []
        start = 0
        while start < n:
            slots: list[int] = []
            shared: list[int] = []
            needed = self._aliases.assign(
                keys, start, slots, shared, lambda row: self._open(detections, row, first_seq + row)
            )
            if slots:
                assigned = np.array(slots, dtype=np.intp)
                marked = np.zeros(n, dtype=np.bool_)
                marked[shared] = True
                index = np.flatnonzero(assigned != UNASSIGNED)
                assigned, index = assigned[index], start + index
                turn = Turn.of(_rows_at(detections, index), seq[index], sensor[index], marked[index])
                part, told = self._piece(turn, assigned)
                parts.append((part, index))
                events += told
                start += len(slots)
            if needed is not None:
                events.append(self._merge(needed, first_seq + start, float(detections.logged_s[start])))
        return parts, events

    def _piece(self, piece: Turn, slots: Rows) -> tuple[Tracks, list[TrackEvent]]:
        """Rows between two merges: round by round, then back into log order."""
        turns = rounds(slots)
        happened: _Happened = []
        marks: list[tuple[int, TrackEventKind]] = []
        records: dict[tuple[int, TrackEventKind], Flight] = {}
        out = None if len(turns) == 1 else State.blank(len(piece))
        block = State.blank(0)
        for index in turns:
            turn = piece.take(index)
            block, more = self._round(turn, slots[index], index, happened)
            for row, kind in more:
                marks.append((int(index[row]), kind))
                if kind in {TrackEventKind.FLIGHT_STARTED, TrackEventKind.FLIGHT_COUNTED}:
                    records[int(index[row]), kind] = flights.record(block, row, ended=False)
            if out is not None:
                out.scatter(index, block)
        tracks = (block if out is None else out).tracks()
        marks.sort(key=lambda mark: mark[0])
        after = tracks.objects([row for row, _ in marks])
        told = [
            (row, _event(kind, track, records.get((row, kind))))
            for (row, kind), track in zip(marks, after, strict=True)
        ]
        if happened:
            told = sorted(told + happened, key=lambda one: one[0])
        return tracks, [event for _, event in told]

    def _round(
        self, turn: Turn, slots: Rows, index: Rows, happened: _Happened
    ) -> tuple[State, list[tuple[int, TrackEventKind]]]:
        """One row for each of some tracks, or of their twins."""
        state = self._slots.state
        block = state.gather(slots)
        at = self._twins.divert(slots, block, turn)
        if at is slots:
            marks = advance(block, turn)
            self._signs.hear(block, turn)
            state.scatter(slots, block)
            return block, marks
        block = self._slots.state.gather(at)
        marks = advance(block, turn)
        self._signs.hear(block, turn)
        for row, event in self._twins.settle(slots, at, block, turn):
            happened.append((int(index[row]), event))
        self._slots.state.scatter(at, block)
        for row in self._twins.jumped(slots, at):
            seq, logged_s = int(turn.seq[row]), float(turn.rows.logged_s[row])
            for event in self._twins.rejoin(int(slots[row]), int(at[row]), seq, logged_s):
                happened.append((int(index[row]), event))
        return block, marks

    def _sensor_numbers(self, rows: Detections) -> Bits:
        names = rows.sensor.tolist()
        numbers = list(map(self._sensors.get, names))
        if None in numbers:
            numbers = [self._number(name) for name in names]
        return np.minimum(np.asarray(numbers, dtype=np.int64), _NAMED_SENSORS)

    def _number(self, sensor: str) -> int:
        number = self._sensors.setdefault(sensor, len(self._sensors))
        if number == len(self._sensors) - 1 and sensor in self._places and number < _NAMED_SENSORS:
            self._signs.placed(number, self._places[sensor])
        return number

    def _open(self, detections: Detections, row: int, seq: int) -> int:
        if self._slots.aircraft >= self._max_tracks:
            self.untracked += 1
            return UNASSIGNED
        return self._slots.open(seq, detections.content_id[row])

    def _merge(self, needed: Merge, seq: int, logged_s: float) -> TrackEvent:
        """Put what was learnt of one track into the other and let it go."""
        state, gone, into = self._slots.state, needed.gone, needed.into
        gone_row = self._slots.row(gone, seq, logged_s)
        flight = merge(state, gone, into)
        number = int(state.number[into])
        self._aliases.merge(needed)
        self._slots.release(gone)
        return TrackEvent(
            kind=TrackEventKind.MERGED, seq=seq, logged_s=logged_s, track=gone_row, into=number, flight=flight
        )

    # ticks

    def _tick(self, tick_s: float) -> tuple[list[TrackEvent], Seen]:
        events = [
            self._merge(Merge(gone=gone, into=into), self._seq, tick_s)
            for gone, into in joinable(self._slots.state, tick_s)
        ]
        events += self._ageing.tick(self._seq, tick_s)
        events += self._signs.tick(self._seq, tick_s)
        told, seen = self._nameless.tick(self._seq, tick_s)
        return events + told, seen

    def _live(self, tick_s: float) -> Tracks:
        block = self._slots.state.gather(self._slots.live(), whole=True)
        block.logged_s[:] = tick_s
        block.seq[:] = self._seq
        block.fix[:] = known(block.latitude_deg)
        return block.tracks()


def _rows_at(detections: Detections, index: Rows) -> Detections:
    """Some rows; all of them, as mostly, without a copy."""
    return detections if len(index) == len(detections) else detections.take(index)


def _by_log_time(detections: Detections) -> Detections:
    """Where the gate found a receiver's clock wrong, its rows' times as they would have been with a right one."""
    wrong = (detections.flags & _CLOCK_OF_SENSOR) != 0
    if not np.count_nonzero(wrong):
        return detections
    received_s, said_s = put_right(detections.received_s, detections.time_s, detections.logged_s)
    return detections.replace(
        received_s=np.where(wrong, received_s, detections.received_s),
        time_s=np.where(wrong, said_s, detections.time_s),
    )


def _keys(detections: Detections, waits: Booleans) -> RowKeys:
    """What names each row; nothing names a stale one (retained by a broker, sent again), so it is of no track.

    Nor one that waits to be followed by its place, whatever its sensor calls it.
    """
    uas_id, alias_id, transmitter = detections.uas_id, detections.alias_id, detections.transmitter
    unnamed = ((detections.flags & _STALE) != 0) | waits
    if np.count_nonzero(unnamed):
        uas_id, alias_id, transmitter = (
            np.where(unnamed, _NOTHING, column) for column in (uas_id, alias_id, transmitter)
        )
    keys = RowKeys(
        uas_id=uas_id.tolist(),
        uas_id_type=detections.uas_id_type.tolist(),
        alias_id=alias_id.tolist(),
        alias_id_type=detections.alias_id_type.tolist(),
        transmitter=transmitter.tolist(),
        has_alias=bool(detections.alias_id_type.any()),
    )
    return without_doubtful(keys)


def _event(kind: TrackEventKind, track: TrackRow, flight: Flight | None) -> TrackEvent:
    return TrackEvent(kind=kind, seq=track.seq, logged_s=track.logged_s, track=track, flight=flight)


def _joined(parts: list[Tracks]) -> Tracks:
    parts = [part for part in parts if len(part)] or parts
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return State.blank(0).tracks()
    return Tracks(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Tracks.__dataclass_fields__}
    )
