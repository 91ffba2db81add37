"""Flights, by definition v1: one aircraft in the air, gaps under 5 min joined, counted from 3 detections or 10 s on.

Whether it flies: what its status says; where the status is undeclared, a height above 2 m or a speed above 1 m/s; where
neither of these is stated either, that it moved: farther within a minute than its positions may err and a walker goes
(60 m and 2 m/s), or 90 m up (underway.py). Once it flies it flies on until its status says ground or the gap passes.

Twice the same: ``count``, ``over`` and ``close`` go on with the flights of live tracks row by row, as the picture does;
``flights_of`` says of the whole history of one track which flights it flew, for whoever counts again. A gap shows at a
tick (one a second), so a flight ends where a tick stands 300 s or more after its last row in the air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Codes, Numbers, Rows, Status
from airspace.model.track import Booleans, Flight
from airspace.tracking.columns import State, known

DEFINITION: Final = "v1"
GAP_S: Final = 300.0
MIN_DETECTIONS: Final = 3
MIN_AIRBORNE_S: Final = 10.0
_AIRBORNE_HEIGHT_M: Final = 2.0  # position noise of a drone on the ground stays below
_AIRBORNE_SPEED_M_S: Final = 1.0
_AIRBORNE: Final = int(Status.AIRBORNE)  # numpy compares with a plain number five times as fast as with an enum member
_EMERGENCY: Final = int(Status.EMERGENCY)
_GROUND: Final = int(Status.GROUND)


def airborne(
    block: State, status: Codes, height_m: Numbers, speed_m_s: Numbers, located: Booleans, shows: Booleans
) -> Booleans:
    """Whether each track flies after a row; a row without a Location message changes nothing.

    ``shows``: it says nothing of flight, and the track's movement shows it.
    """
    says_yes = (status == _AIRBORNE) | (status == _EMERGENCY)
    says_no = status == _GROUND
    moves = (height_m > _AIRBORNE_HEIGHT_M) | (speed_m_s > _AIRBORNE_SPEED_M_S) | shows
    before = block.airborne != 0
    flies: Booleans = np.where(located, says_yes | (~says_no & (moves | before)), before)
    return flies


def flies(
    logged_s: Numbers,
    status: Codes,
    height_m: Numbers,
    speed_m_s: Numbers,
    located: Booleans,
    shows: Booleans,
) -> Booleans:
    """Whether one aircraft flies after each of its rows, by the same words as ``airborne``, from the whole of them.

    After a gap nothing is known of before it, as then the flight has ended, and the track.
    """
    says_yes = (status == _AIRBORNE) | (status == _EMERGENCY)
    moves = (height_m > _AIRBORNE_HEIGHT_M) | (speed_m_s > _AIRBORNE_SPEED_M_S) | shows
    yes = located & (says_yes | ((status != _GROUND) & moves))
    no = located & (status == _GROUND) & ~says_yes
    no[1:] |= _gap(logged_s) & ~yes[1:]
    said = np.maximum.accumulate(np.where(yes | no, np.arange(len(status)), -1))
    after: Booleans = (said >= 0) & yes[said]
    return after


def count(block: State, seen_s: Numbers, height_m: Numbers, flies: Booleans) -> tuple[Booleans, Booleans]:
    """Go on with the flights of the tracks that fly, in place; (where one started, where one came to count)."""
    starts = flies & (block.flight_open == 0)
    if np.count_nonzero(starts):
        _start(block, seen_s, starts)
    block.airborne[:] = flies
    np.copyto(block.airborne_s, block.logged_s, where=flies)
    np.copyto(block.flight_last_s, np.fmax(block.flight_last_s, seen_s), where=flies)
    block.flight_detections += flies
    higher = flies & known(height_m)
    np.copyto(block.highest_m, np.fmax(block.highest_m, height_m), where=higher)
    long_enough = block.flight_last_s - block.flight_started_s >= MIN_AIRBORNE_S
    enough = flies & (block.flight_counted == 0) & (block.test == 0)
    counts = enough & ((block.flight_detections >= MIN_DETECTIONS) | long_enough)
    block.flight_counted |= counts
    return starts, counts


def over(state: State, tick_s: float) -> Booleans:
    """Tracks whose flight is over at a tick: not heard in the air for the gap."""
    with np.errstate(invalid="ignore"):
        due: Booleans = (state.flight_open != 0) & (tick_s - state.airborne_s >= GAP_S)
    return due


def close(state: State, slot: int) -> None:
    """The track flies no more; a next take-off is a new flight."""
    state.flight_open[slot] = 0
    state.flight_id[slot] = None
    state.airborne[slot] = 0


def record(state: State, slot: int, *, ended: bool, counted: bool | None = None) -> Flight:
    """The flight of one track as statistics take it."""
    return Flight(
        flight_id=str(state.flight_id[slot]),
        track_id=str(state.track_id[slot]),
        started_s=float(state.flight_started_s[slot]),
        last_s=float(state.flight_last_s[slot]),
        ended=ended,
        detections=int(state.flight_detections[slot]),
        counted=bool(state.flight_counted[slot]) if counted is None else counted,
        suspect=bool(state.suspect[slot]),
        highest_m=float(state.highest_m[slot]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All rows of one track, one array of shape (n,) a column, in log order."""

    logged_s: Numbers
    seen_s: Numbers  # when the sensor heard it, at the latest the log time
    airborne: Booleans
    height_m: Numbers
    suspect: Booleans  # after that row
    test: Booleans  # a known test transmitter, or an aircraft with a crew, up to that row


def parted(last_s: float, next_s: float) -> bool:
    """Whether a gap makes two flights: in whole seconds, as it is there if a tick falls into it that is late enough."""
    return bool(np.floor(next_s) - np.ceil(last_s) >= GAP_S)


def enough(detections: int, airborne_s: float) -> bool:
    """Whether a flight counts, test transmitters and aircraft with a crew aside."""
    return detections >= MIN_DETECTIONS or airborne_s >= MIN_AIRBORNE_S


def flights_of(track_id: str, history: History, until_s: float = np.inf) -> list[Flight]:
    """The flights of one track, as they stand at the tick ``until_s``; without it all have ended."""
    rows = np.flatnonzero(history.airborne)
    if not len(rows):
        return []
    parted = np.flatnonzero(_gap(history.logged_s[rows])) + 1
    lots = np.split(rows, parted)
    return [_flight(f"{track_id}-{number}", track_id, history, lot, until_s) for number, lot in enumerate(lots, 1)]


def _gap(logged_s: Numbers) -> Booleans:
    """After which rows one is; by whole seconds: it is there if a tick falls into it that is late enough."""
    gap: Booleans = np.floor(logged_s[1:]) - np.ceil(logged_s[:-1]) >= GAP_S
    return gap


def _flight(flight_id: str, track_id: str, history: History, rows: Rows, until_s: float) -> Flight:
    over_s = np.ceil(history.logged_s[rows[-1]] + GAP_S)
    known_by = int(np.searchsorted(history.logged_s, min(over_s, until_s), side="left")) - 1
    seen_s, heights = history.seen_s[rows], history.height_m[rows]
    last_s = np.maximum.accumulate(seen_s)
    enough = (np.arange(1, len(rows) + 1) >= MIN_DETECTIONS) | (last_s - seen_s[0] >= MIN_AIRBORNE_S)
    return Flight(
        flight_id=flight_id,
        track_id=track_id,
        started_s=float(seen_s[0]),
        last_s=float(last_s[-1]),
        ended=bool(over_s <= until_s),
        detections=len(rows),
        counted=bool(np.any(enough & ~history.test[rows])),
        suspect=bool(history.suspect[max(known_by, rows[-1])]),
        highest_m=float(np.fmax.reduce(heights)),
    )


def _start(block: State, seen_s: Numbers, where: Booleans) -> None:
    block.flight_number += where
    block.flight_open |= where
    block.flight_counted[where] = 0
    block.flight_detections[where] = 0
    block.flight_started_s[where] = seen_s[where]
    block.flight_last_s[where] = seen_s[where]
    block.highest_m[where] = np.nan
    for index in np.flatnonzero(where).tolist():
        block.flight_id[index] = f"{block.track_id[index]}-{block.flight_number[index]}"
