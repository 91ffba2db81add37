"""A track is one aircraft followed through time; a table of n of them is one array a column.

The same table serves twice: as the rows of a batch, each showing its track just after that row (``Changes.rows``, in
log order), and as all live tracks at a tick (``Changes.live``). What a stage decides from a row or at a tick is
therefore independent of how the log was cut into batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum, IntFlag, StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Bits, Codes, Numbers, Rows, Source, Status, Texts

Booleans = npt.NDArray[np.bool_]


class TrackState(IntEnum):
    """Life of a track. One sighting never makes a drone: tentative tracks are told to nobody."""

    TENTATIVE = 1
    CONFIRMED = 2
    COASTING = 3  # not heard for a while; its place is a guess that grows
    ENDED = 4


class Phase(StrEnum):
    """Where in its day an aircraft is."""

    HEARD = "heard"  # no more than that
    CONTROLLER_ON = "controller_on"  # the pilot's place is known and nothing has flown yet
    FLIGHT_UNKNOWN = "flight_unknown"  # it has a place, and nothing says or shows whether it flies
    AIRBORNE = "airborne"
    LANDED = "landed"


class Remark(IntFlag):
    """Signs that a signal may not be what it says (handbook, spoof signs). One sign alone is no suspicion."""

    SKEW = 1  # message time more than 5 s from receive time
    FROZEN_TIME = 2  # message time stands still while the position changes
    FROZEN_COUNTER = 4  # message counter stands still while the position changes
    TOO_FAST = 8  # the way between two fixes needs more than an aircraft's speed
    OPERATOR_FAR = 16  # the operator position is farther away than any radio link
    SHARED_TRANSMITTER = 32  # one transmitter claims many identities
    IDENTITY_CONFLICT = 64  # one identity at two places at once: two tracks, and the sign on both; suffices alone
    SPEED_MISMATCH = 128  # the speed said and the speed flown disagree
    SHARED_COUNTER = 256  # many identities with one message counter that stands still
    SERIAL_INVALID = 512  # a serial number that is not of CTA-2063-A form
    GROUND_MOVING = 1024  # says that it stands on the ground and moves
    OUT_OF_RANGE = 2048  # claims a place from where none of the receivers that heard it could hear it
    UNHEARD_NEARER = 4096  # not heard by receivers that are much nearer to the place it claims
    LEVEL_UNMOVED = 8192  # its signal strength does not follow the distance it claims, at three receivers or more


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """n tracks, one array of shape (n,) a column. Unknown as in ``Detections``.

    ``number`` names a track as long as the program runs over one log, ``track_id`` for ever. Positions are the last fix
    as reported, not filtered: evidence. ``track_deg``, ``speed_m_s`` are the message's where it gave them, else the
    filter's.
    """

    number: Bits
    track_id: Texts  # str
    flight_id: Texts  # str | None: set while it flies, and on the row of its end
    flight_number: Bits  # flights so far
    state: Codes  # TrackState
    seq: Bits  # number of the log row that brought it to this state
    logged_s: Numbers  # log time of that row, or of the tick
    first_seen_s: Numbers
    last_seen_s: Numbers
    airborne: Booleans
    fix: Booleans  # this row brought a position (at a tick: a position is known)
    fix_time_s: Numbers  # of the last position; plausible time, see tracking/picture.py
    latitude_deg: Numbers
    longitude_deg: Numbers
    previous_latitude_deg: Numbers  # the fix before the last
    previous_longitude_deg: Numbers
    gap_s: Numbers  # between these two fixes
    horizontal_accuracy_m: Numbers
    altitude_wgs84_m: Numbers
    altitude_pressure_m: Numbers
    height_m: Numbers
    height_reference: Codes  # HeightReference
    vertical_accuracy_m: Numbers
    speed_m_s: Numbers
    track_deg: Numbers
    vertical_speed_m_s: Numbers
    position_sigma_m: Numbers  # of the filtered position, one axis
    speed_sigma_m_s: Numbers  # of the filtered velocity, one axis
    ellipse_major_m: Numbers  # semi-axes of the position's 95 % ellipse: of tracks without identity alone
    ellipse_minor_m: Numbers
    ellipse_deg: Numbers  # of the major axis, clockwise from true north
    bearing_deg: Numbers  # a track that is known by its direction only: from where, whither, one standard deviation
    bearing_accuracy_deg: Numbers
    bearing_latitude_deg: Numbers
    bearing_longitude_deg: Numbers
    confidence: Numbers  # 0 to 1, that there is something: of tracks without identity alone
    status: Codes  # Status
    ua_type: Codes
    eu_category: Codes
    eu_class: Codes
    source: Codes
    uas_id: Texts
    uas_id_type: Codes
    operator_id: Texts
    self_id: Texts
    operator_latitude_deg: Numbers
    operator_longitude_deg: Numbers
    operator_location_type: Codes
    sensors: Bits  # bit i: heard by Changes.sensor_names[i]; bit 62: by one beyond the 62nd
    sightings: Bits  # rows so far
    fixes: Bits  # positions so far
    remarks: Bits  # Remark
    suspect: Booleans  # enough independent remarks to doubt the signal
    skew_s: Numbers  # receive time minus message time, of the last row that had both

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: Rows | slice | Booleans) -> Tracks:
        """The named rows, in that order."""
        return Tracks(**{name: getattr(self, name)[rows] for name in TRACK_COLUMNS})

    def row(self, index: int) -> TrackRow:
        """One row as an object, its values as Python's own."""
        return TrackRow._make(own(getattr(self, name)[index]) for name, own in _OWN.items())

    def objects(self, rows: Sequence[int]) -> list[TrackRow]:
        """Some rows as objects; column by column, as objects are dear."""
        if not rows:
            return []
        taken = np.asarray(rows, dtype=np.intp)
        columns = [getattr(self, name)[taken].tolist() for name in TRACK_COLUMNS]
        return list(map(TrackRow._make, zip(*columns, strict=True)))


TRACK_COLUMNS = tuple(column.name for column in fields(Tracks))
_KINDS: dict[str, Callable[[Any], Any]] = {
    "Numbers": float,
    "Codes": int,
    "Bits": int,
    "Booleans": bool,
    "Texts": lambda text: text,
}
_OWN: dict[str, Callable[[Any], Any]] = {column.name: _KINDS[str(column.type)] for column in fields(Tracks)}


class TrackRow(NamedTuple):
    """One track at one moment: the columns of ``Tracks``, in their order, as Python values. Unknown numbers are NaN."""

    number: int
    track_id: str
    flight_id: str | None
    flight_number: int
    state: int
    seq: int
    logged_s: float
    first_seen_s: float
    last_seen_s: float
    airborne: bool
    fix: bool
    fix_time_s: float
    latitude_deg: float
    longitude_deg: float
    previous_latitude_deg: float
    previous_longitude_deg: float
    gap_s: float
    horizontal_accuracy_m: float
    altitude_wgs84_m: float
    altitude_pressure_m: float
    height_m: float
    height_reference: int
    vertical_accuracy_m: float
    speed_m_s: float
    track_deg: float
    vertical_speed_m_s: float
    position_sigma_m: float
    speed_sigma_m_s: float
    ellipse_major_m: float
    ellipse_minor_m: float
    ellipse_deg: float
    bearing_deg: float
    bearing_accuracy_deg: float
    bearing_latitude_deg: float
    bearing_longitude_deg: float
    confidence: float
    status: int
    ua_type: int
    eu_category: int
    eu_class: int
    source: int
    uas_id: str | None
    uas_id_type: int
    operator_id: str | None
    self_id: str | None
    operator_latitude_deg: float
    operator_longitude_deg: float
    operator_location_type: int
    sensors: int
    sightings: int
    fixes: int
    remarks: int
    suspect: bool
    skew_s: float


class TrackEventKind(StrEnum):
    """What can happen to a track."""

    APPEARED = "appeared"
    CONFIRMED = "confirmed"
    COASTING = "coasting"
    RESUMED = "resumed"
    MERGED = "merged"  # it turned out to be ``into``
    FLIGHT_STARTED = "flight_started"
    FLIGHT_COUNTED = "flight_counted"  # it meets definition v1: 3 detections or 10 s in the air
    FLIGHT_ENDED = "flight_ended"
    REMARKED = "remarked"  # the set of spoof signs changed
    CONTROLLER_ON = "controller_on"  # the pilot's place is known and nothing flies yet
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEvent:
    """Something happened to a track; ``track`` is the track just after it."""

    kind: TrackEventKind
    seq: int
    logged_s: float
    track: TrackRow
    into: int | None = None  # number of the track it was merged into
    flight: Flight | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """What statistics count: one aircraft in the air, gaps under five minutes joined (definition v1)."""

    flight_id: str
    track_id: str
    started_s: float
    last_s: float  # last time it was heard in the air
    ended: bool
    detections: int
    counted: bool  # at least 3 detections or 10 s in the air, and no test transmitter
    suspect: bool  # kept apart from the headline figure
    highest_m: float  # greatest height said (over take-off, or ground), NaN if none


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A detection of an earlier batch, of which a tick found out whose it is."""

    time_s: float  # the message's own, else received: with ``content_id`` the key under which it is stored
    content_id: bytes
    track_id: str
    flight_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a batch did to the picture. ``live`` is set when the batch ended with a tick."""

    rows: Tracks  # the rows that belong to a track
    detection: Rows  # for each of them, its row in the batch's detections; -1: a tick moved the track, no row did
    events: tuple[TrackEvent, ...] = ()
    live: Tracks | None = None
    tick_s: float | None = None
    sensor_names: tuple[str, ...] = field(default_factory=tuple)
    joined: tuple[Joined, ...] = ()

    def sensors_of(self, mask: int) -> tuple[str, ...]:
        """The names behind a ``sensors`` value."""
        return tuple(name for bit, name in enumerate(self.sensor_names[:62]) if mask >> bit & 1)


def phase(track: TrackRow) -> Phase:
    """Before take-off, in the air or after it; of a track that ended, as it was heard last."""
    if track.airborne:
        return Phase.AIRBORNE
    if track.flight_id is not None or track.flight_number:
        return Phase.LANDED
    if flight_unknown(track):
        return Phase.FLIGHT_UNKNOWN
    return Phase.HEARD if math.isnan(track.operator_latitude_deg) else Phase.CONTROLLER_ON


def flight_unknown(track: TrackRow) -> bool:
    """Whether nobody can say if it flies: it names itself and its place, not its status and height, and does not move.

    A drone that hovers says as little as one that stands, and whatever stands is not known to be on the ground.
    """
    silent = track.status == Status.UNKNOWN and math.isnan(track.height_m) and not track.flight_number
    named = track.uas_id is not None and track.source != Source.ADSB
    return not track.airborne and silent and named and not math.isnan(track.latitude_deg)


def flights_unknown(tracks: Tracks) -> Booleans:
    """The same of each row of a table."""
    silent = (tracks.status == Status.UNKNOWN) & np.isnan(tracks.height_m) & (tracks.flight_number == 0)
    unknown: Booleans = ~tracks.airborne & silent & (tracks.source != Source.ADSB) & ~np.isnan(tracks.latitude_deg)
    for row in np.flatnonzero(unknown).tolist():
        unknown[row] = tracks.uas_id[row] is not None
    return unknown


def rounds(number: Bits) -> list[Rows]:
    """Row indices split so that each part holds a track at most once, log order kept within each track.

    The k-th part holds each track's k-th row: what must go one after the other for a track is done part by part, all
    tracks of a part at once.
    """
    n = len(number)
    if n <= 1:
        return [np.arange(n, dtype=np.intp)] if n else []
    order = np.argsort(number, kind="stable")
    ordered = number[order]
    start = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if len(start) == n:
        return [np.arange(n, dtype=np.intp)]
    length = np.diff(np.append(start, n))
    turn = np.arange(n) - np.repeat(start, length)
    by_turn = np.argsort(turn, kind="stable")
    cuts = np.flatnonzero(np.diff(turn[by_turn])) + 1
    return [np.sort(part) for part in np.split(order[by_turn], cuts)]


def unknown_tracks(n: int, **columns: Any) -> Tracks:
    """n rows from the columns that are known, the rest unknown: for tests and for the picture's first rows."""
    kinds = {"Numbers": np.nan, "Codes": 0, "Bits": 0, "Booleans": False, "Texts": None}
    types: dict[str, Any] = {
        "Numbers": np.float64,
        "Codes": np.int8,
        "Bits": np.int64,
        "Booleans": np.bool_,
        "Texts": object,
    }
    for column in fields(Tracks):
        if column.name not in columns:
            columns[column.name] = np.full(n, kinds[str(column.type)], dtype=types[str(column.type)])
    return Tracks(**columns)
