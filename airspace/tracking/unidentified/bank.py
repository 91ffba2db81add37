"""The emitters that have a place, as arrays: where they are and how well that is known.

Each has a frame of its own, metres east and north of its anchor (``metres_per_degree`` there), so the bank is as good
in one city as in two hemispheres at once, and across the antimeridian. The frame moves after a track that wanders out
of it. Rows 0 to n - 1 are the tracks in the order of their places' numbers; taking one out moves the later ones up.

A track stands at the time of its newest fix. An older fix is compared with where the track was then: the state is moved
back along its velocity, the noise of the time between is added to the fix, and the state is moved on again
("one-step-lag" in the simplest form, Bar-Shalom, IEEE T-AES 38(3) 2002, without the correlation of the noise): the
track's time never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.geodesy import WGS84, turned
from airspace.model.track import Booleans
from airspace.tracking.unidentified import filter as kalman
from airspace.tracking.unidentified.frame import frames, globe
from airspace.tracking.unidentified.register import Register
from airspace.tracking.unidentified.settings import DEFAULTS, Settings

_LATITUDE, _LONGITUDE, _NORTH, _EAST = range(4)  # anchor, metres in a degree there
_FRAME: Final = slice(0, 4)
_BLOCK: Final = slice(4, 4 + kalman.ROWS)
_TIME, _FREQUENCY, _BANDWIDTH = range(4 + kalman.ROWS, 7 + kalman.ROWS)
_NUMBER, _HITS, _CONFIRMED = range(3)
_LEAST_RANGE_M: Final = 1.0  # of a bearing


@dataclass(frozen=True, slots=True)
class Ahead:
    """Tracks at a time, one column each; of one that stands later, where it was."""

    block: Numbers  # as filter.py has it
    back_s: Numbers | None  # how far each was moved back, 0 or less; None: none was
    late_m2: Numbers | None  # the variance of what is not known of that way, to be added to a fix; None: none

    @property
    def place_m2(self) -> Numbers:
        """xx, xy, yy of the place, with the noise of the way back (3, n)."""
        if self.late_m2 is None:
            return self.block[kalman.PLACE]
        place = self.block[kalman.PLACE].copy()
        place[::2] += self.late_m2
        return place

    def take(self, rows: Rows) -> Ahead:
        """Some of the tracks."""
        return Ahead(
            self.block.take(rows, axis=1),
            None if self.back_s is None else self.back_s[rows],
            None if self.late_m2 is None else self.late_m2[rows],
        )


class Bank(Register):
    """Tracks in arrays. Rows are given as an array of row numbers; None is all of them."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        super().__init__(numbers=_BANDWIDTH + 1, integers=_CONFIRMED + 1)
        self.settings = settings
        self._next = 1

    @property
    def number(self) -> Bits:
        """Of the place, ever increasing; a number is never given twice."""
        return self._integers[_NUMBER, : self._n]

    @property
    def hits(self) -> Bits:
        """Fixes taken in."""
        return self._integers[_HITS, : self._n]

    @property
    def confirmed(self) -> Booleans:
        """Whether it is more than a tentative track (a copy: ``confirm`` sets it)."""
        return self._integers[_CONFIRMED, : self._n] > 0

    @property
    def time_s(self) -> Numbers:
        """The time at which mean and covariance stand."""
        return self._numbers[_TIME, : self._n]

    @property
    def frequency_hz(self) -> Numbers:
        """On which it was heard last where that was known, else NaN; as ``bandwidth_hz``."""
        return self._numbers[_FREQUENCY, : self._n]

    @property
    def bandwidth_hz(self) -> Numbers:
        """See ``frequency_hz``."""
        return self._numbers[_BANDWIDTH, : self._n]

    @property
    def frame(self) -> Numbers:
        """Latitude and longitude of the anchors, and metres in a degree to the north and to the east: a view (4, n)."""
        return self._numbers[_FRAME, : self._n]

    def rows(self, numbers: Bits) -> Rows:
        """The row of each number of a place, -1 where there is no such one (any more)."""
        place = self.number.searchsorted(numbers)
        found = place < self._n
        found[found] = self.number[place[found]] == numbers[found]
        return np.where(found, place, -1)

    def ahead(self, time_s: Numbers | float, rows: Rows | None = None) -> Ahead:
        """Tracks at a time, nothing changed."""
        of = slice(0, self._n) if rows is None else rows
        block, dt = self._numbers[_BLOCK, of].copy(), time_s - self._numbers[_TIME, of]
        kalman.predict(block, dt, self.settings.acceleration_noise_m2_s3)
        back_s = np.minimum(dt, 0.0)
        if not np.count_nonzero(back_s):
            return Ahead(block, None, None)
        return Ahead(block, back_s, np.abs(back_s) ** 3 * (self.settings.acceleration_noise_m2_s3 / 3.0))

    def place_m2(self, rows: Rows) -> Numbers:
        """Covariance of the place xx, xy, yy at each track's own time: a copy (3, k)."""
        return self._numbers[_BLOCK][kalman.PLACE].take(rows, axis=1)

    def open(self, fixes: Numbers, time_s: float) -> Rows:
        """Tentative tracks at these fixes: latitude, longitude, xx, xy, yy (5, k); their rows."""
        count = fixes.shape[1]
        new = self._added(count)
        numbers, integers = self._numbers[:, new], self._integers[:, new]
        numbers[_FRAME] = frames(fixes[0], fixes[1])
        numbers[_BLOCK] = kalman.started(fixes[2:], self.settings.first_speed_sigma_m_s)
        numbers[_TIME] = time_s
        numbers[_FREQUENCY:] = np.nan
        integers[_NUMBER] = np.arange(self._next, self._next + count)
        integers[_HITS] = 1
        integers[_CONFIRMED] = 0
        self._next += count
        return np.arange(new.start, new.stop)

    def update_position(self, rows: Rows, ahead: Ahead, apart_m: Numbers, total_m2: Numbers, time_s: float) -> None:
        """Take one fix a track in, of which association.py has worked out how it sits with the prediction.

        ``ahead``: all tracks at its time; then fix less prediction (2, k) and the sum of both covariances (3, k).
        """
        at = ahead.take(rows)
        kalman.update(at.block, apart_m, total_m2)
        self._put(rows, at, time_s)
        self._integers[_HITS][rows] += 1

    def update_bearing(
        self,
        rows: Rows,
        from_latitude_deg: Numbers,
        from_longitude_deg: Numbers,
        bearing_deg: Numbers,
        sigma_deg: Numbers,
        time_s: float,
    ) -> None:
        """Take one bearing a track in (EKF, linear about the predicted place). It is no fix: ``hits`` stays."""
        at = self.ahead(time_s, rows)
        latitude_deg, longitude_deg = globe(self.frame[:, rows], at.block[0], at.block[1])
        azimuth_deg, _, range_m = WGS84.inv(from_longitude_deg, from_latitude_deg, longitude_deg, latitude_deg)
        azimuth, range_m = np.radians(azimuth_deg), np.maximum(range_m, _LEAST_RANGE_M)
        h_x, h_y = np.cos(azimuth) / range_m, -np.sin(azimuth) / range_m
        innovation = np.radians(turned(bearing_deg - azimuth_deg))
        variance = np.square(np.radians(sigma_deg))
        if at.late_m2 is not None:
            variance += (h_x * h_x + h_y * h_y) * at.late_m2
        kalman.update_along(at.block, h_x, h_y, innovation, variance)
        self._put(rows, at, time_s)

    def heard_on(self, rows: Rows, frequency_hz: Numbers, bandwidth_hz: Numbers) -> None:
        """Note on which frequency tracks were heard, where it is known."""
        known = ~np.isnan(frequency_hz)
        self._numbers[_FREQUENCY][rows[known]] = frequency_hz[known]
        self._numbers[_BANDWIDTH][rows[known]] = bandwidth_hz[known]

    def confirm(self, rows: Rows) -> None:
        """Make tentative tracks confirmed."""
        self._integers[_CONFIRMED][rows] = 1

    def _put(self, rows: Rows, at: Ahead, time_s: float) -> None:
        """Write states back, moved on again where they were moved back."""
        block = at.block
        if at.back_s is not None:
            kalman.shift(block, -at.back_s)
            self._numbers[_TIME][rows] = np.maximum(self._numbers[_TIME][rows], time_s)
        else:
            self._numbers[_TIME][rows] = time_s
        self._numbers[_BLOCK, rows] = block
        if len(rows) and np.abs(block[:2]).max() > self.settings.frame_m:
            self._follow(rows[np.abs(block[:2]).max(axis=0) > self.settings.frame_m])

    def _follow(self, rows: Rows) -> None:
        """Give a new frame to the tracks that have left theirs."""
        block, old = self._numbers[_BLOCK, rows], self._numbers[_FRAME, rows]
        new = frames(*globe(old, block[0], block[1]))
        block[:2] = 0.0
        kalman.rescale(block, new[_EAST] / old[_EAST], new[_NORTH] / old[_NORTH])
        self._numbers[_FRAME, rows] = new
        self._numbers[_BLOCK, rows] = block
