"""Tracks without identity in the picture: what emitters.py finds gets slots, flights and events like any other track.

Rows of radio sensors that carry a place or a direction and no id, and rows with a place of feeds that name neither the
drone nor its transmitter, wait for the tick; there they are explained by a drone
that names itself, or they belong to a track that is followed by place or direction alone. Whether such a track flies,
nothing says but its motion: it counts as airborne once it moves faster than a walker, beyond what its errors explain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Numbers, Rows, Source
from airspace.model.track import Booleans, Flight, Joined, TrackEvent, TrackEventKind, Tracks, TrackState
from airspace.model.unfollowed import Unfollowed
from airspace.tracking import flights
from airspace.tracking.advance import marks
from airspace.tracking.columns import Role, State, known
from airspace.tracking.emitters import Emitters, News, Table
from airspace.tracking.merging import merge
from airspace.tracking.slots import Slots
from airspace.tracking.unidentified.settings import Settings

FLYING_M_S: Final = 2.0  # faster than a walker with a radio, by more than two standard deviations

_SOURCES: Final = (int(Source.RF), int(Source.SAPIENT))
_NEW: Final = 0
_TENTATIVE: Final = int(TrackState.TENTATIVE)
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_COASTING: Final = int(TrackState.COASTING)
_NOBODY: Final = -1
_COLUMNS: Final = (
    "first_seen_s",
    "last_seen_s",
    "sightings",
    "sensors",
    "altitude_wgs84_m",
    "position_sigma_m",
    "speed_sigma_m_s",
    "ellipse_major_m",
    "ellipse_minor_m",
    "ellipse_deg",
    "bearing_deg",
    "bearing_accuracy_deg",
    "bearing_latitude_deg",
    "bearing_longitude_deg",
    "speed_m_s",
    "track_deg",
    "confidence",
    "source",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a tick found: tracks just after it, and whose the rows of before are."""

    tracks: Tracks
    joined: tuple[Joined, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What must be known of a row until the tick."""

    time_s: float
    content_id: bytes
    seq: int
    sensors: int  # the sensor's bit


_NOTHING_SEEN: Final = Seen(tracks=State.blank(0).tracks())


class Nameless:
    """The emitters and their slots."""

    def __init__(self, slots: Slots, places: dict[str, tuple[float, float]], settings: Settings) -> None:
        self._slots = slots
        self._emitters = Emitters(places, settings)
        self._slot: dict[int, int] = {}  # of an emitter's number
        self._waiting: list[_Waiting] = []

    @property
    def unfollowed(self) -> Unfollowed:
        """Rows without identity so far that no track follows."""
        emitters = self._emitters
        return Unfollowed(
            waiting_full=emitters.left_out,
            emitters_full=emitters.refused,
            unplaced=emitters.unplaced,
            too_late=emitters.too_late,
        )

    def take(self, detections: Detections, seq: Bits, sensor: Bits, stored_s: Numbers) -> Booleans:
        """Which rows have no identity, so that they wait for the tick where there is room.

        ``stored_s`` is the time under which each is stored, whatever the gate thinks of a clock.
        """
        ours: Booleans = (detections.source == _SOURCES[0]) | (detections.source == _SOURCES[1])
        if None in (senders := detections.transmitter.tolist()):
            ours |= np.fromiter((sender is None for sender in senders), np.bool_, len(senders))
        if not np.count_nonzero(ours):
            return ours
        nameless, waiting = self._emitters.take(detections, np.flatnonzero(ours), seq, sensor)
        of_nobody = np.zeros(len(detections), dtype=np.bool_)
        of_nobody[nameless] = True
        for row in waiting.tolist():
            self._waiting.append(
                _Waiting(
                    float(stored_s[row]),
                    detections.content_id[row] or b"",
                    int(seq[row]),
                    1 << int(sensor[row]),
                )
            )
        return of_nobody

    def tick(self, seq: int, tick_s: float) -> tuple[list[TrackEvent], Seen]:
        """Work what waited. Events in the order: what moved, what was merged, what ended; each by number."""
        if not self._waiting and not self._slot:
            return [], _NOTHING_SEEN
        state = self._slots.state
        live = self._slots.live()
        named = live[state.role[live] != Role.EMITTER]
        slot_of = dict(zip(state.number[named].tolist(), named.tolist(), strict=True))
        news = self._emitters.tick(tick_s, state.gather(named).tracks())
        self._open(news)
        events, tracks = self._follow(news.table, seq, tick_s)
        joined = self._join(news, slot_of)
        self._waiting = []
        for emitter, kept in news.joined:  # before the kept one itself goes into a drone that names itself
            events.append(self._merge(emitter, self._slot[kept], seq, tick_s))
        for emitter, number in news.merged:
            events.append(self._merge(emitter, slot_of[number], seq, tick_s))
        for emitter in news.ended:
            events += self._end(emitter, seq, tick_s)
        return events, Seen(tracks=tracks, joined=joined)

    def _open(self, news: News) -> None:
        first: dict[int, _Waiting] = {}
        for row, owner in enumerate(news.owner.tolist()):
            first.setdefault(owner, self._waiting[row])
        for number in news.table.number.tolist():
            if number not in self._slot:
                self._slot[number] = self._slots.open_at_tick(first[number].seq, first[number].content_id)

    def _follow(self, table: Table, seq: int, tick_s: float) -> tuple[list[TrackEvent], Tracks]:
        """Write what was heard of in this tick into its slots."""
        rows = np.flatnonzero(table.updated)
        at = np.array([self._slot[number] for number in table.number[rows].tolist()], dtype=np.intp)
        block = self._slots.state.gather(at, whole=True)
        new, coasted, tentative = block.state == _NEW, block.state == _COASTING, block.state != _CONFIRMED
        for name in _COLUMNS:
            getattr(block, name)[:] = getattr(table, name)[rows]
        block.seq[:] = seq
        block.logged_s[:] = block.heard_s[:] = tick_s
        _place(block, table, rows)
        confirmed = table.confirmed[rows]
        block.state[:] = np.where(confirmed, _CONFIRMED, _TENTATIVE)
        moves = block.speed_m_s - 2.0 * block.speed_sigma_m_s > FLYING_M_S
        started, counted = flights.count(
            block, block.last_seen_s, np.full(len(rows), np.nan), confirmed & (moves | (block.airborne != 0))
        )
        self._slots.state.scatter(at, block)
        happened = marks(
            {
                TrackEventKind.APPEARED: new,
                TrackEventKind.CONFIRMED: confirmed & tentative & ~coasted,
                TrackEventKind.RESUMED: coasted & confirmed,
                TrackEventKind.FLIGHT_STARTED: started,
                TrackEventKind.FLIGHT_COUNTED: counted,
            }
        )
        tracks = block.tracks()
        happened.sort(key=lambda mark: mark[0])
        return [_event(kind, block, tracks, row) for row, kind in happened], tracks

    def _join(self, news: News, slot_of: dict[int, int]) -> tuple[Joined, ...]:
        """Whose the rows are that waited: an emitter's, or a drone's that names itself."""
        state, joined = self._slots.state, []
        for waited, owner, explained in zip(self._waiting, news.owner.tolist(), news.explained.tolist(), strict=True):
            slot = self._slot.get(owner) if owner != _NOBODY else slot_of.get(explained)
            if slot is None:
                continue
            if owner == _NOBODY:
                state.sensors[slot] |= waited.sensors
                state.sightings[slot] += 1
            joined.append(
                Joined(
                    time_s=waited.time_s,
                    content_id=waited.content_id,
                    track_id=str(state.track_id[slot]),
                    flight_id=state.flight_id[slot],
                )
            )
        return tuple(joined)

    def _merge(self, emitter: int, into: int, seq: int, tick_s: float) -> TrackEvent:
        slot, state = self._slot.pop(emitter), self._slots.state
        gone = self._slots.row(slot, seq, tick_s)
        flight = merge(state, slot, into, moves=False)
        self._slots.release(slot)
        return TrackEvent(
            kind=TrackEventKind.MERGED,
            seq=seq,
            logged_s=tick_s,
            track=gone,
            into=int(state.number[into]),
            flight=flight,
        )

    def _end(self, emitter: int, seq: int, tick_s: float) -> Iterable[TrackEvent]:
        slot, state = self._slot.pop(emitter, None), self._slots.state
        if slot is None:
            return
        gone = self._slots.row(slot, seq, tick_s)
        if state.flight_open[slot]:
            flight = flights.record(state, slot, ended=True)
            yield TrackEvent(kind=TrackEventKind.FLIGHT_ENDED, seq=seq, logged_s=tick_s, track=gone, flight=flight)
        ended = gone._replace(state=int(TrackState.ENDED))
        yield TrackEvent(kind=TrackEventKind.ENDED, seq=seq, logged_s=tick_s, track=ended)
        self._slots.release(slot)


def _place(block: State, table: Table, rows: Rows) -> None:
    """Where it is now, and where it was at the tick before."""
    placed = known(table.latitude_deg[rows])
    block.previous_latitude_deg[:] = block.latitude_deg
    block.previous_longitude_deg[:] = block.longitude_deg
    block.gap_s[:] = table.last_seen_s[rows] - block.fix_time_s
    block.latitude_deg[:] = table.latitude_deg[rows]
    block.longitude_deg[:] = table.longitude_deg[rows]
    block.horizontal_accuracy_m[:] = table.ellipse_major_m[rows]
    np.copyto(block.fix_time_s, table.last_seen_s[rows], where=placed)
    block.fix[:] = placed
    block.fixes += placed


def _event(kind: TrackEventKind, block: State, tracks: Tracks, row: int) -> TrackEvent:
    track = tracks.row(row)
    flight: Flight | None = None
    if kind in {TrackEventKind.FLIGHT_STARTED, TrackEventKind.FLIGHT_COUNTED}:
        flight = flights.record(block, row, ended=False)
    return TrackEvent(kind=kind, seq=track.seq, logged_s=track.logged_s, track=track, flight=flight)
