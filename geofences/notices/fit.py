"""How one volume of a notice fits a flight: metres beside it, metres above or below its band, seconds off its time.

F3548-21 geometry: a polygon's edges are shortest paths on the ellipsoid, a radius runs along it, altitudes are W84
unless the notice says otherwise. Our polygons are straight in longitude and latitude, so edges of more than 5 km are
cut into shorter ones along the geodesic: at 52 N an edge of 5 km errs by 0.6 m, one of 20 km left whole by 10 m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from airspace.model.geodesy import WGS84
from airspace.model.notice import VALID_STATES, Notice, NoticeState, NoticeVolume
from airspace.model.track import TrackRow
from airspace.model.zone import Circle, Datum, Polygon, Volume
from geofences.heights.vertical import readings, undulation_m

LONGEST_EDGE_M: Final = 5_000.0  # handbook, trap 5
UNKNOWN_ACCURACY_M: Final = 30.0  # 95 % bound of a position that states none
_OVER_BY_TIME: Final = frozenset({NoticeState.ENDED, NoticeState.EXPIRED})

HeightReadings = dict[Datum, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What one volume of one notice lacks: 0 and None where it fits."""

    notice: Notice
    window: NoticeVolume
    place_m: float
    height_m: float
    time_s: float  # positive: starts later; negative: ended before
    state: str | None

    @property
    def failures(self) -> int:
        """In how many ways it does not fit."""
        return (self.place_m > 0) + (self.height_m > 0) + (self.time_s != 0) + (self.state is not None)

    @property
    def order(self) -> tuple[float, float, float, float, str]:
        """Nearest first."""
        return self.failures, self.place_m, abs(self.time_s), self.height_m, self.notice.notice_id

    def since_over_s(self, time_s: float) -> float:
        """Seconds since this volume ended or its notice was ended or cancelled; negative before that."""
        closed_s = self.notice.closed_s
        if self.notice.state in VALID_STATES or closed_s is None:
            return time_s - self.window.end_s
        return time_s - min(closed_s, self.window.end_s)


def fit(
    notice: Notice, window: NoticeVolume, outside_m: float, heights: HeightReadings, time_s: float, sigma_m: float
) -> Fit:
    """How the volume fits; ``outside_m`` is 0 within it, ``sigma_m`` what the height may be off."""
    off_m = band_m(window.volume, heights)
    off_s = _off_time_s(window, time_s)
    return Fit(
        notice=notice,
        window=window,
        place_m=max(0.0, outside_m),
        height_m=off_m if off_m > sigma_m else 0.0,
        time_s=off_s,
        state=_state_fault(notice, off_s),
    )


def _state_fault(notice: Notice, off_s: float) -> str | None:
    """The state where it is a fault of its own: an expired notice fails by its time, and that is said already."""
    if notice.state in VALID_STATES or (notice.state in _OVER_BY_TIME and off_s < 0):
        return None
    return notice.state.value


def _off_time_s(window: NoticeVolume, time_s: float) -> float:
    """Seconds until it starts, or negative since it ended; 0 within, the end excluded."""
    if time_s < window.start_s:
        return window.start_s - time_s
    return min(window.end_s - time_s, -1.0) if time_s >= window.end_s else 0.0


def sigma_m(horizontal_accuracy_m: float) -> float:
    """One standard deviation of a position from its 95 % bound; an unknown bound is taken as 30 m."""
    return (UNKNOWN_ACCURACY_M if math.isnan(horizontal_accuracy_m) else horizontal_accuracy_m) / 2.0


def height_readings(track: TrackRow, agl_m: float) -> HeightReadings:
    """The flight's height in each datum as far as it is known; two readings for a limit of unknown datum."""
    if math.isnan(track.altitude_wgs84_m):
        return readings(agl_m, Datum.AGL, track.latitude_deg, track.longitude_deg)
    n_m = float(undulation_m(np.array([track.latitude_deg]), np.array([track.longitude_deg]))[0])
    sea_m = track.altitude_wgs84_m - n_m
    known = {
        Datum.AGL: agl_m if not math.isnan(agl_m) else sea_m,
        Datum.AMSL: sea_m,
        Datum.WGS84: track.altitude_wgs84_m,
    }
    return {datum: () if math.isnan(height) else (height,) for datum, height in known.items()}


def band_m(volume: Volume, heights: HeightReadings) -> float:
    """Metres above or below the band, 0 or negative inside; of several readings the kindest.

    Where it cannot be said, and for a band without limits, it is minus infinity: nothing is held against the flight.
    """
    low = _least_off(volume.lower_m, volume.lower_datum, heights, below=True)
    high = _least_off(volume.upper_m, volume.upper_datum, heights, below=False)
    return max(low, high)


def _least_off(limit_m: float | None, datum: Datum, heights: HeightReadings, *, below: bool) -> float:
    if limit_m is None or (below and limit_m <= 0 and datum is not Datum.WGS84):
        return -math.inf
    read = [h for each in heights.values() for h in each] if datum is Datum.UNKNOWN else heights.get(datum, ())
    return min((limit_m - h if below else h - limit_m for h in read), default=-math.inf)


def drawn(shape: Circle | Polygon) -> Circle | Polygon:
    """The shape with long edges cut along the geodesic."""
    if isinstance(shape, Circle):
        return shape
    return Polygon(rings=tuple(_drawn(ring) for ring in shape.rings))


def _drawn(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    made = [ring[0]]
    for (x, y), (next_x, next_y) in pairwise(ring):
        _, _, length_m = WGS84.inv(x, y, next_x, next_y)
        parts = math.ceil(length_m / LONGEST_EDGE_M)
        if parts > 1:
            made.extend(WGS84.npts(x, y, next_x, next_y, parts - 1))
        made.append((next_x, next_y))
    return tuple(made)
