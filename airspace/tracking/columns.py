"""What is kept of each live track: one column of a matrix a track, one row a quantity.

What the filter keeps stands in one (columns, capacity) matrix (kinematics.py), all other numbers in a second, all
integers in a third, all objects in a fourth, so that taking k tracks out, changing them and putting them back is four
copies however many quantities there are. The attributes of ``State`` are views of the rows: to add a quantity, add a
line here.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Bits, Numbers, Rows, Texts
from airspace.model.track import TRACK_COLUMNS, Tracks
from airspace.tracking.kinematics import MOTION_COLUMNS, Kinematics
from airspace.tracking.matrix import put, room, taken

Rare = Numbers
"""Of emitters only: not copied with every row."""

_BOOLEANS: Final = ("airborne", "fix", "suspect")


class Role(IntEnum):
    """How a track came to be."""

    AIRCRAFT = 0  # a message named it, or its transmitter
    TWIN = 1  # what claims the identity of another track from another place
    EMITTER = 2  # followed by place or direction alone (emitters.py)


class State(Kinematics):
    """Columns of n tracks as arrays of shape (n,), views of five matrices. Names and units as in ``Tracks``."""

    # seen by everybody
    logged_s: Numbers
    first_seen_s: Numbers
    last_seen_s: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    previous_latitude_deg: Numbers
    previous_longitude_deg: Numbers
    horizontal_accuracy_m: Numbers
    altitude_wgs84_m: Numbers
    altitude_pressure_m: Numbers
    height_m: Numbers
    vertical_accuracy_m: Numbers
    speed_m_s: Numbers
    track_deg: Numbers
    vertical_speed_m_s: Numbers
    operator_latitude_deg: Numbers
    operator_longitude_deg: Numbers
    skew_s: Numbers
    number: Bits
    state: Bits
    seq: Bits
    airborne: Bits
    fix: Bits
    height_reference: Bits
    status: Bits
    ua_type: Bits
    eu_category: Bits
    eu_class: Bits
    source: Bits
    uas_id_type: Bits
    operator_location_type: Bits
    sensors: Bits
    sightings: Bits
    fixes: Bits
    remarks: Bits
    suspect: Bits
    track_id: Texts
    flight_id: Texts
    uas_id: Texts
    operator_id: Texts
    self_id: Texts
    # of tracks without identity alone
    ellipse_major_m: Rare
    ellipse_minor_m: Rare
    ellipse_deg: Rare
    bearing_deg: Rare
    bearing_accuracy_deg: Rare
    bearing_latitude_deg: Rare
    bearing_longitude_deg: Rare
    confidence: Rare
    # height, see vertical.py
    z_time_s: Numbers  # height over what ``z_kind`` says, and when
    z_m: Numbers
    vz_m_s: Numbers
    pzz_m2: Numbers
    pzw_m2_s: Numbers
    pww_m2_s2: Numbers
    z_kind: Bits
    # the way that shows whether it flies where no message says it, see underway.py
    way_s: Numbers  # when and where it began
    way_latitude_deg: Numbers
    way_longitude_deg: Numbers
    way_last_s: Numbers  # the last fix of it
    way_last_latitude_deg: Numbers
    way_last_longitude_deg: Numbers
    way_step_m: Numbers  # the longest between two fixes
    way_error_m: Numbers  # the greatest 95 % bound
    way_altitude_m: Numbers
    way_lowest_m: Numbers
    way_rise_m: Numbers  # the longest step of the altitude since the lowest
    # plausibility
    said_time_s: Numbers  # the message time that was last seen to change, and where the drone was then
    said_latitude_deg: Numbers
    said_longitude_deg: Numbers
    counter: Numbers  # the counter that was last seen to change, where and when
    counter_latitude_deg: Numbers
    counter_longitude_deg: Numbers
    counter_since_s: Numbers
    counter_seen_s: Numbers  # the last message with a position under that counter, and how many there were
    counter_sightings: Bits
    stretch_latitude_deg: Numbers  # where the stretch of flight began over which speeds are compared, see speeds.py
    stretch_longitude_deg: Numbers
    stretch_s: Numbers
    stretch_most_m: Numbers
    stretch_short_m: Numbers
    stretch_speed_m_s: Numbers  # of the last fix, as its message says
    stretch_fixes: Bits
    stretch_ground: Bits  # whether it has all been on the ground, as the messages say
    # identity: see twins.py
    role: Bits  # Role
    twin: Bits  # 1 + slot of the track that claims this one's identity from another place; 0 is none
    twin_spoke: Bits  # whether the last of both to say where it is was the twin
    switches: Bits  # how often the word went from one of them to the other
    run: Bits  # of a twin: fixes since the other one's last
    held: Bits  # not to be confirmed yet
    # life and flight
    presence_told: Bits  # whether CONTROLLER_ON was told
    heard_s: Numbers  # log time of the last row
    airborne_s: Numbers  # log time of the last row in the air
    flight_started_s: Numbers
    flight_last_s: Numbers
    highest_m: Numbers
    flight_number: Bits
    flight_open: Bits
    flight_counted: Bits
    flight_detections: Bits
    test: Bits  # a known test transmitter, or an aircraft with a crew: never counted

    def __init__(
        self, motion: Numbers, numbers: Numbers, integers: Bits, objects: Texts, rare: Numbers | None = None
    ) -> None:
        super().__init__(motion)
        self.numbers = numbers
        self.integers = integers
        self.objects = objects
        self.rare = rare
        views = vars(self)  # a hundred times ``setattr`` takes as long as the filter
        views.update(zip(NUMBER_COLUMNS, numbers, strict=True))
        views.update(zip(INTEGER_COLUMNS, integers, strict=True))
        views.update(zip(OBJECT_COLUMNS, objects, strict=True))
        if rare is None:
            views.update(dict.fromkeys(RARE_COLUMNS, _unknown(numbers.shape[1])))
        else:
            views.update(zip(RARE_COLUMNS, rare, strict=True))

    @classmethod
    def blank(cls, n: int) -> State:
        """n tracks of which nothing is known."""
        block = cls(
            room(len(MOTION_COLUMNS), n, np.float64),
            room(len(NUMBER_COLUMNS), n, np.float64),
            room(len(INTEGER_COLUMNS), n, np.int64),
            room(len(OBJECT_COLUMNS), n, object),
        )
        block.motion.fill(np.nan)
        block.numbers.fill(np.nan)
        block.integers.fill(0)
        return block

    @classmethod
    def store(cls, n: int) -> State:
        """The same for keeping, with room for what emitters alone have."""
        return cls(
            np.full((n, len(MOTION_COLUMNS)), np.nan).T,
            np.full((n, len(NUMBER_COLUMNS)), np.nan).T,
            np.zeros((n, len(INTEGER_COLUMNS)), dtype=np.int64).T,
            np.full((n, len(OBJECT_COLUMNS)), None, dtype=object).T,
            np.full((n, len(RARE_COLUMNS)), np.nan).T,
        )

    def __reduce__(self) -> tuple[type[State], tuple[Numbers, Numbers, Bits, Texts, Numbers | None]]:
        """For a copy: the matrices alone, of which the views are made anew."""
        return State, (self.motion, self.numbers, self.integers, self.objects, self.rare)

    def gather(self, slots: Rows, *, whole: bool = False) -> State:
        """A copy of some tracks, each quantity in a piece of memory of its own.

        Without ``whole``, what emitters alone have is left unknown, and ``scatter`` leaves it as it was.
        """
        return State(
            taken(self.motion, slots),
            taken(self.numbers, slots),
            taken(self.integers, slots),
            taken(self.objects, slots),
            taken(self.rare, slots) if whole and self.rare is not None else None,
        )

    def scatter(self, slots: Rows, block: State) -> None:
        """Put tracks back, or somewhere else."""
        put(self.motion, slots, block.motion)
        put(self.numbers, slots, block.numbers)
        put(self.integers, slots, block.integers)
        put(self.objects, slots, block.objects)
        if self.rare is not None and block.rare is not None:
            put(self.rare, slots, block.rare)

    def clear(self, slots: Rows) -> None:
        """Forget some tracks."""
        self.motion[:, slots] = np.nan
        self.numbers[:, slots] = np.nan
        self.integers[:, slots] = 0
        self.objects[:, slots] = None
        if self.rare is not None:
            self.rare[:, slots] = np.nan

    def tracks(self) -> Tracks:
        """The columns that everybody sees; the arrays are this block's own."""
        views = vars(self)
        columns: dict[str, Any] = {name: views[name] for name in TRACK_COLUMNS}
        for name in _BOOLEANS:
            columns[name] = columns[name].astype(np.bool_)
        return Tracks(**columns)


@lru_cache(maxsize=256)
def _unknown(n: int) -> Numbers:
    """Read-only, so that nobody writes what would not be kept."""
    return np.broadcast_to(np.nan, (n,))


def _named(kind: str) -> tuple[str, ...]:
    return tuple(name for name, annotation in State.__annotations__.items() if annotation == kind)


NUMBER_COLUMNS: Final = _named("Numbers")
INTEGER_COLUMNS: Final = _named("Bits")
OBJECT_COLUMNS: Final = _named("Texts")
RARE_COLUMNS: Final = _named("Rare")


def known(values: Numbers) -> npt.NDArray[np.bool_]:
    """Where a number is known."""
    return np.equal(values, values)  # NaN alone differs from itself; half the time of ``~isnan``


def keep_latest(column: Numbers, values: Numbers) -> None:
    """Overwrite a column, in place, where the new value is known."""
    np.copyto(column, values, where=known(values))
