"""The picture: all live tracks, and the step that takes it from one batch of the log to the next.

``step`` reads no clock, no random and no network. Rows are taken in log order: identity first, one row after the other
(aliases.py); then everything else for many tracks at once, round by round, a round holding each track at most once. So
any way of cutting the rows into batches gives the same picture and the same changes.

Time of a fix: the message's own where it agrees with the receive time to 5 s, else the receive time; a fix that is not
newer than the last one of its track (second receiver, repeat, late delivery) counts as a sighting and moves nothing.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Flag, Rows
from airspace.model.log import Batch
from airspace.model.track import (
    Booleans,
    Changes,
    Flight,
    Remark,
    TrackEvent,
    TrackEventKind,
    TrackRow,
    Tracks,
    TrackState,
    rounds,
)
from airspace.tracking import flights, motion, plausibility, sighting
from airspace.tracking.aliases import UNASSIGNED, Aliases, Merge, RowKeys
from airspace.tracking.columns import State, keep_latest, known

COASTING_AFTER_S: Final = 10.0  # a marker fades after this long (handbook console, principle 3)
TENTATIVE_ENDS_AFTER_S: Final = 30.0
ENDS_AFTER_S: Final = flights.GAP_S
MAX_TRACKS: Final = 20_000  # beyond this new ids are counted and not followed: memory stays bounded under a swarm
_FIRST_CAPACITY: Final = 256
_NAMED_SENSORS: Final = 62

_NOTHING: Final = np.array(None)
_STALE: Final = int(Flag.STALE)
_CLOCK_OF_SENSOR: Final = int(Flag.CLOCK_OF_SENSOR)

_Happened = list[tuple[int, TrackEventKind]]  # (row of the piece, what)


class Picture:
    """All live tracks. ``step`` is its only verb; it is the port ``Tracker``."""

    def __init__(self, max_tracks: int = MAX_TRACKS) -> None:
        self._state = State.store(_FIRST_CAPACITY)
        self._free = list(range(_FIRST_CAPACITY - 1, -1, -1))
        self._aliases = Aliases()
        self._sensors: dict[str, int] = {}
        self._seq = 0
        self._next_number = 0
        self._max_tracks = max_tracks
        self.untracked = 0  # rows that found no room

    def __len__(self) -> int:
        return len(self._state) - len(self._free)

    def step(self, batch: Batch) -> Changes:
        """Apply one batch and say what it changed."""
        parts, events = self._rows(batch.detections)
        live = None
        if batch.tick_s is not None:
            events += self._tick(batch.tick_s)
            live = self._live(batch.tick_s)
        return Changes(
            rows=_joined([rows for rows, _ in parts]),
            detection=np.concatenate([index for _, index in parts]) if parts else np.empty(0, dtype=np.intp),
            events=tuple(events),
            live=live,
            tick_s=batch.tick_s,
            sensor_names=tuple(self._sensors),
        )

    # rows

    def _rows(self, detections: Detections) -> tuple[list[tuple[Tracks, Rows]], list[TrackEvent]]:
        detections = _by_log_time(detections)
        keys = _keys(detections)
        first_seq, n = self._seq, len(detections)
        self._seq += n
        parts: list[tuple[Tracks, Rows]] = []
        events: list[TrackEvent] = []
        start = 0
        while start < n:
            slots: list[int] = []
            shared: list[int] = []
            merge = self._aliases.assign(
                keys, start, slots, shared, lambda row: self._open(detections, row, first_seq + row)
            )
            if slots:
                assigned = np.array(slots, dtype=np.intp)
                marked = np.zeros(n, dtype=np.bool_)
                marked[shared] = True
                index = np.flatnonzero(assigned != UNASSIGNED)
                assigned, index = assigned[index], start + index
                part, told = self._piece(detections, index, assigned, marked[index], first_seq)
                parts.append((part, index))
                events += told
                start += len(slots)
            if merge is not None:
                events.append(self._merge(merge, first_seq + start, float(detections.logged_s[start])))
        return parts, events

    def _piece(
        self, detections: Detections, index: Rows, slots: Rows, shared: Booleans, first_seq: int
    ) -> tuple[Tracks, list[TrackEvent]]:
        """Rows between two merges: round by round, then back into log order."""
        turns = rounds(slots)
        happened: _Happened = []
        records: dict[tuple[int, TrackEventKind], Flight] = {}
        out = None if len(turns) == 1 else State.blank(len(index))
        block = State.blank(0)
        for turn in turns:
            block = self._state.gather(slots[turn])
            marks = self._advance(block, _rows_at(detections, index[turn]), shared[turn], first_seq + index[turn])
            self._state.scatter(slots[turn], block)
            for row, kind in marks:
                happened.append((int(turn[row]), kind))
                if kind in {TrackEventKind.FLIGHT_STARTED, TrackEventKind.FLIGHT_COUNTED}:
                    records[int(turn[row]), kind] = flights.record(block, row, ended=False)
            if out is not None:
                out.scatter(turn, block)
        tracks = (block if out is None else out).tracks()
        happened.sort(key=lambda mark: mark[0])
        after = tracks.objects([row for row, _ in happened])
        return tracks, [
            _event(kind, track, records.get((row, kind))) for (row, kind), track in zip(happened, after, strict=True)
        ]

    def _advance(self, block: State, rows: Detections, shared: Booleans, seq: Bits) -> _Happened:
        """One row for each track of the block, in place."""
        new = block.state == 0
        sensor = self._sensor_numbers(rows)
        sighting.hear(block, rows, seq, sensor)
        sighting.name(block, rows)
        said_s = rows.time_s
        skew_s = rows.received_s - said_s
        keep_latest(block.skew_s, skew_s)
        plausible = np.abs(skew_s) <= plausibility.MAX_SKEW_S
        fix_time = np.where(plausible, said_s, rows.received_s)
        placed = known(rows.latitude_deg) & known(rows.longitude_deg)
        fixed = placed & ~(fix_time <= block.fix_time_s)
        late = fix_time < block.fix_time_s
        np.copyto(block.gap_s, fix_time - block.fix_time_s, where=fixed)
        remarks_before = block.remarks.copy()
        plausibility.remark(
            block,
            plausibility.Fixes(rows.latitude_deg, rows.longitude_deg, said_s, rows.counter, sensor, fixed),
        )
        if np.count_nonzero(shared):
            block.remarks |= np.where(shared, int(Remark.SHARED_TRANSMITTER), 0)
        plausibility.judge(block)
        sigma = motion.sigma_m(rows.horizontal_accuracy_m)
        motion.observe(block, rows.latitude_deg, rows.longitude_deg, sigma, fixed)
        sighting.place(block, rows, fix_time, fixed)
        located = sighting.located(rows, placed) & ~late
        sighting.describe(block, rows, located)
        flies = flights.airborne(block, rows.status, rows.height_m, rows.speed_m_s, located)
        seen_s = np.fmin(rows.received_s, rows.logged_s)
        started, counted = flights.count(block, seen_s, rows.height_m, flies)
        confirmed, resumed = sighting.confirm(block)
        return _marks(
            {
                TrackEventKind.APPEARED: new,
                TrackEventKind.CONFIRMED: confirmed,
                TrackEventKind.RESUMED: resumed,
                TrackEventKind.REMARKED: block.remarks != remarks_before,
                TrackEventKind.FLIGHT_STARTED: started,
                TrackEventKind.FLIGHT_COUNTED: counted,
            }
        )

    def _sensor_numbers(self, rows: Detections) -> Bits:
        names = rows.sensor.tolist()
        numbers = list(map(self._sensors.get, names))
        if None in numbers:
            numbers = [self._sensors.setdefault(name, len(self._sensors)) for name in names]
        return np.minimum(np.asarray(numbers, dtype=np.int64), _NAMED_SENSORS)

    def _open(self, detections: Detections, row: int, seq: int) -> int:
        if len(self) >= self._max_tracks:
            self.untracked += 1
            return UNASSIGNED
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._state.number[slot] = self._next_number
        self._state.track_id[slot] = _track_id(detections.content_id[row], seq)
        self._next_number += 1
        return slot

    def _grow(self) -> None:
        before = len(self._state)
        grown = State.store(min(2 * before, self._max_tracks + _FIRST_CAPACITY))
        grown.scatter(np.arange(before), self._state)
        self._free = list(range(len(grown) - 1, before - 1, -1))
        self._state = grown

    # merging and ending

    def _merge(self, merge: Merge, seq: int, logged_s: float) -> TrackEvent:
        """Put what was learnt of one track into the other and let it go."""
        state, gone, into = self._state, merge.gone, merge.into
        gone_row = self._row(gone)._replace(seq=seq, logged_s=logged_s)
        flight = None
        if state.flight_open[gone]:
            flight = self._merge_flight(gone, into)
        state.first_seen_s[into] = np.fmin(state.first_seen_s[gone], state.first_seen_s[into])
        state.sightings[into] += state.sightings[gone]
        state.sensors[into] |= state.sensors[gone]
        if not state.fix_time_s[into] >= state.fix_time_s[gone]:
            self._take_motion(gone, into)
        number = int(state.number[into])
        self._aliases.merge(merge)
        self._release(gone)
        return TrackEvent(
            kind=TrackEventKind.MERGED, seq=seq, logged_s=logged_s, track=gone_row, into=number, flight=flight
        )

    def _merge_flight(self, gone: int, into: int) -> Flight | None:
        """An open flight moves along, unless the other track flies one of its own: then this one never counted."""
        state = self._state
        if state.flight_open[into]:
            return flights.record(state, gone, ended=True, counted=False)
        for name in ("flight_open", "flight_counted", "flight_detections", "flight_number", "airborne"):
            getattr(state, name)[into] = getattr(state, name)[gone]
        for name in ("flight_started_s", "flight_last_s", "airborne_s", "highest_m", "flight_id"):
            getattr(state, name)[into] = getattr(state, name)[gone]
        return None

    def _take_motion(self, gone: int, into: int) -> None:
        state = self._state
        for name in _MOTION:
            column = getattr(state, name)
            column[into] = column[gone]
        state.fixes[into] += state.fixes[gone]

    def _release(self, slot: int) -> None:
        self._state.clear(np.array([slot]))
        self._free.append(slot)

    # ticks

    def _tick(self, tick_s: float) -> list[TrackEvent]:
        state = self._state
        alive = state.state != 0
        with np.errstate(invalid="ignore"):
            silent_s = tick_s - state.heard_s
            coasts = (state.state == TrackState.CONFIRMED) & (silent_s > COASTING_AFTER_S)
            patience_s = np.where(state.state == TrackState.TENTATIVE, TENTATIVE_ENDS_AFTER_S, ENDS_AFTER_S)
            ends = alive & (silent_s >= patience_s)
        state.state[coasts] = TrackState.COASTING
        due = coasts | ends | flights.over(state, tick_s)
        if not due.any():
            return []
        events: list[TrackEvent] = []
        for slot in sorted(np.flatnonzero(due).tolist(), key=lambda one: int(state.number[one])):
            events += self._age(slot, tick_s, coasts=bool(coasts[slot]), ends=bool(ends[slot]))
        return events

    def _age(self, slot: int, tick_s: float, *, coasts: bool, ends: bool) -> list[TrackEvent]:
        state, events = self._state, []
        if coasts:
            events.append(_event(TrackEventKind.COASTING, self._row_at(slot, tick_s), None))
        if state.flight_open[slot] and (ends or tick_s - state.airborne_s[slot] >= flights.GAP_S):
            flight = flights.record(state, slot, ended=True)
            events.append(_event(TrackEventKind.FLIGHT_ENDED, self._row_at(slot, tick_s), flight))
            flights.close(state, slot)
        if ends:
            ended = self._row_at(slot, tick_s)._replace(state=int(TrackState.ENDED))
            events.append(_event(TrackEventKind.ENDED, ended, None))
            self._aliases.forget(slot)
            self._release(slot)
        return events

    def _live(self, tick_s: float) -> Tracks:
        state = self._state
        slots = np.flatnonzero(state.state != 0)
        block = state.gather(slots[np.argsort(state.number[slots], kind="stable")])
        block.logged_s[:] = tick_s
        block.seq[:] = self._seq
        block.fix[:] = known(block.latitude_deg)
        return block.tracks()

    def _row_at(self, slot: int, tick_s: float) -> TrackRow:
        return self._row(slot)._replace(seq=self._seq, logged_s=tick_s)

    def _row(self, slot: int) -> TrackRow:
        return self._state.gather(np.array([slot])).tracks().row(0)


_MOTION: Final = (
    "fix_time_s",
    "latitude_deg",
    "longitude_deg",
    "previous_latitude_deg",
    "previous_longitude_deg",
    "gap_s",
    "horizontal_accuracy_m",
    "altitude_wgs84_m",
    "altitude_pressure_m",
    "height_m",
    "height_reference",
    "vertical_accuracy_m",
    "speed_m_s",
    "track_deg",
    "vertical_speed_m_s",
    "position_sigma_m",
    "status",
    "operator_latitude_deg",
    "operator_longitude_deg",
    "operator_location_type",
    "anchor_latitude_deg",
    "anchor_longitude_deg",
    "north_m_per_deg",
    "east_m_per_deg",
    "x_m",
    "y_m",
    "vx_m_s",
    "vy_m_s",
    "pxx_m2",
    "pxv_m2_s",
    "pvv_m2_s2",
    "airborne",
    "airborne_s",
)


def _rows_at(detections: Detections, index: Rows) -> Detections:
    """Some rows; all of them, as mostly, without a copy."""
    return detections if len(index) == len(detections) else detections.take(index)


def _by_log_time(detections: Detections) -> Detections:
    """Where the gate found a receiver's clock wrong, the log's time is when the row was heard."""
    wrong = (detections.flags & _CLOCK_OF_SENSOR) != 0
    if not np.count_nonzero(wrong):
        return detections
    return detections.replace(received_s=np.where(wrong, detections.logged_s, detections.received_s))


def _keys(detections: Detections) -> RowKeys:
    """What names each row; nothing names a stale one (retained by a broker, sent again), so it is of no track."""
    uas_id, alias_id, transmitter = detections.uas_id, detections.alias_id, detections.transmitter
    stale = (detections.flags & _STALE) != 0
    if np.count_nonzero(stale):
        uas_id, alias_id, transmitter = (
            np.where(stale, _NOTHING, column) for column in (uas_id, alias_id, transmitter)
        )
    return RowKeys(
        uas_id=uas_id.tolist(),
        uas_id_type=detections.uas_id_type.tolist(),
        alias_id=alias_id.tolist(),
        alias_id_type=detections.alias_id_type.tolist(),
        transmitter=transmitter.tolist(),
        has_alias=bool(detections.alias_id_type.any()),
    )


def _marks(masks: dict[TrackEventKind, Booleans]) -> _Happened:
    return [
        (row, kind) for kind, mask in masks.items() if np.count_nonzero(mask) for row in np.flatnonzero(mask).tolist()
    ]


def _event(kind: TrackEventKind, track: TrackRow, flight: Flight | None) -> TrackEvent:
    return TrackEvent(kind=kind, seq=track.seq, logged_s=track.logged_s, track=track, flight=flight)


def _joined(parts: list[Tracks]) -> Tracks:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return State.blank(0).tracks()
    return Tracks(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Tracks.__dataclass_fields__}
    )


def _track_id(content_id: bytes | None, seq: int) -> str:
    """The same for the same first message, wherever and however often the log is replayed."""
    digest = blake2b(content_id or seq.to_bytes(8, "big"), digest_size=8, person=b"track").digest()
    return "T-" + b32encode(digest).decode().rstrip("=").lower()[:12]
