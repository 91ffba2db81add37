"""Whether a drone that says neither whether it flies, nor how high, nor how fast, is seen to fly: by its own movement.

Two things show it, and each leaves out its longest step, so that neither a wrong fix nor a receiver that finds its
place late makes a flight:

    the way    how far it came within a minute is more than both ends may err, and than a walker goes in that time
    the climb  its altitude stands above the lowest that it had by more than altitudes err

The filter's speed (motion.py) would say it worse. It follows turns, so at positions 15 m sure it is never surer of a
speed than 4 m/s: less two standard deviations, what flies at 9 m/s would stand for ever. A way of a minute shows 4 m/s.

Fixes alone decide, one after the other, so that rows of the past give the same as rows that come live. A row that says
whether it flies, how high or how fast, says it better: the way begins anew after it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Codes, Detections, Numbers, Status
from airspace.model.geodesy import metres_per_degree, turned
from airspace.model.track import Booleans
from airspace.tracking.columns import State, known
from airspace.tracking.motion import LEAST_GAP_S, UNKNOWN_ACCURACY_M

WALKER_M_S: Final = 2.0  # whoever carries a drone that is switched on
LASTS_S: Final = 60.0  # a way is looked at for so long, then it begins where the drone is
PAUSE_S: Final = 30.0  # nothing is known of a longer silence; a track that was heard once has ended by then
# An altitude that says nothing of its error is taken as 10 m sure (vertical.py). Satellites put a drone on the ground
# up and down by that all day, so that its lowest and its highest of some hours stand nine times as far apart.
CLIMB_M: Final = 90.0
_SAYS: Final = np.isin(np.arange(max(Status) + 1), [Status.GROUND, Status.AIRBORNE, Status.EMERGENCY])  # by Status


class Fixes(NamedTuple):
    """Where and when, a row each."""

    time_s: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    accuracy_m: Numbers  # 95 % bound of the place
    altitude_m: Numbers

    @classmethod
    def of(cls, rows: Detections, time_s: Numbers) -> Fixes:
        """Those of some rows, at the times at which they were."""
        return cls(time_s, rows.latitude_deg, rows.longitude_deg, rows.horizontal_accuracy_m, rows.altitude_wgs84_m)

    def at(self, row: int) -> Fixes:
        """One of them."""
        return Fixes(*(column[row : row + 1] for column in self))


def says(status: Codes, height_m: Numbers, speed_m_s: Numbers) -> Booleans:
    """Rows that say whether it flies, how high, or how fast."""
    something: Booleans = _SAYS[status] | known(height_m) | known(speed_m_s)
    return something


def observe(block: State, fixes: Fixes, says: Booleans, fixed: Booleans) -> Booleans:
    """Go on with the way of each track, in place; whether it shows that the track flies.

    ``says`` are the rows that tell of their flight themselves. Of fixes closer together than messages are, two
    receivers' of one, the first counts.
    """
    block.way_s[says] = np.nan
    taken = fixed & ~says
    if not np.count_nonzero(taken):
        return taken
    pause_s = fixes.time_s - block.way_last_s
    begins = taken & ~(known(block.way_s) & (pause_s < PAUSE_S))
    block.way_lowest_m[begins] = np.nan
    block.way_altitude_m[begins] = np.nan
    _begin(block, fixes, begins)
    goes_on = taken & ~begins & (pause_s >= LEAST_GAP_S)
    goes = _goes(block, fixes, goes_on)
    climbs = _climbs(block, fixes.altitude_m, begins | goes_on)
    _begin(block, fixes, goes_on & (fixes.time_s - block.way_s >= LASTS_S))
    return goes_on & (goes | climbs)


def over_rows(fixes: Fixes, says: Booleans) -> Booleans:
    """The same of all rows of one drone, in the order in which they came."""
    shows = np.zeros(len(says), dtype=np.bool_)
    placed = known(fixes.latitude_deg) & known(fixes.longitude_deg)
    latest_s = np.maximum.accumulate(np.where(placed, fixes.time_s, -np.inf))
    before_s = np.concatenate(([-np.inf], latest_s[:-1]))
    fixed, says = placed & (fixes.time_s > before_s), says & (fixes.time_s >= before_s)
    if not np.any(fixed & ~says):
        return shows
    block = State.blank(1)
    for row in np.flatnonzero(fixed | says).tolist():
        shows[row] = observe(block, fixes.at(row), says[row : row + 1], fixed[row : row + 1])[0]
    return shows


def _goes(block: State, fixes: Fixes, where: Booleans) -> Booleans:
    """Whether what remains of the way without its longest step is more than its ends may err and a walker goes."""
    step_m = _apart_m(block.way_last_latitude_deg, block.way_last_longitude_deg, fixes)
    way_m = _apart_m(block.way_latitude_deg, block.way_longitude_deg, fixes)
    for column, value in (
        (block.way_step_m, np.fmax(block.way_step_m, step_m)),
        (block.way_error_m, np.fmax(block.way_error_m, fixes.accuracy_m)),
        (block.way_last_latitude_deg, fixes.latitude_deg),
        (block.way_last_longitude_deg, fixes.longitude_deg),
        (block.way_last_s, fixes.time_s),
    ):
        np.copyto(column, value, where=where)
    walked_m = WALKER_M_S * (fixes.time_s - block.way_s)
    goes: Booleans = way_m - block.way_step_m > 2.0 * block.way_error_m + walked_m
    return goes


def _climbs(block: State, altitude_m: Numbers, where: Booleans) -> Booleans:
    """Whether what remains of the climb without its longest step is more than altitudes err."""
    heard = where & known(altitude_m)
    step_m = np.abs(altitude_m - block.way_altitude_m)
    np.copyto(block.way_rise_m, np.fmax(block.way_rise_m, step_m), where=heard)
    lower = heard & ~(altitude_m >= block.way_lowest_m)
    np.copyto(block.way_lowest_m, altitude_m, where=lower)
    block.way_rise_m[lower] = 0.0
    np.copyto(block.way_altitude_m, altitude_m, where=heard)
    climbs: Booleans = altitude_m - block.way_lowest_m - block.way_rise_m > CLIMB_M
    return climbs


def _begin(block: State, fixes: Fixes, where: Booleans) -> None:
    for column, value in (
        (block.way_s, fixes.time_s),
        (block.way_last_s, fixes.time_s),
        (block.way_latitude_deg, fixes.latitude_deg),
        (block.way_longitude_deg, fixes.longitude_deg),
        (block.way_last_latitude_deg, fixes.latitude_deg),
        (block.way_last_longitude_deg, fixes.longitude_deg),
        (block.way_error_m, np.fmax(fixes.accuracy_m, UNKNOWN_ACCURACY_M)),
    ):
        np.copyto(column, value, where=where)
    block.way_step_m[where] = 0.0


def _apart_m(latitude_deg: Numbers, longitude_deg: Numbers, fixes: Fixes) -> Numbers:
    north, east = metres_per_degree(latitude_deg)
    return np.hypot((fixes.latitude_deg - latitude_deg) * north, turned(fixes.longitude_deg - longitude_deg) * east)
