"""The tracks without a name, as arrays: where they are, how well that is known, and when they were hit.

Each track has a frame of its own, metres east and north of its anchor (``metres_per_degree`` there), so the bank is as
good in one city as in two hemispheres at once, and across the antimeridian. The frame moves after a track that wanders
out of it. Rows 0 to n - 1 are the tracks in the order of their numbers; taking one out moves the later ones up.

A track stands at the time of its newest fix. An older fix is compared with where the track was then: the state is moved
back along its velocity, the noise of the time between is added to the fix, and the state is moved on again
("one-step-lag" in the simplest form, Bar-Shalom, IEEE T-AES 38(3) 2002, without the correlation of the noise): the
track's time never goes back.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.geodesy import WGS84, turned
from airspace.model.track import Booleans
from airspace.tracking.unidentified import filter as kalman
from airspace.tracking.unidentified.ellipse import ellipses
from airspace.tracking.unidentified.frame import frames, globe, local
from airspace.tracking.unidentified.history import noted, slots
from airspace.tracking.unidentified.settings import Settings

_LATITUDE, _LONGITUDE, _NORTH, _EAST = range(4)  # anchor, metres in a degree there
_FRAME: Final = slice(0, 4)
_BLOCK: Final = slice(4, 4 + kalman.ROWS)
_PLACE: Final = [4, 5, 8]  # of a block: the covariance of the place
_TIME, _OPENED, _HEARD, _FREQUENCY, _BANDWIDTH = range(4 + kalman.ROWS, 9 + kalman.ROWS)
_NUMBERS: Final = 9 + kalman.ROWS
_NUMBER, _HITS, _HISTORY, _SLOT, _CONFIRMED = range(5)
_INTEGERS: Final = 5
_LEAST_CAPACITY: Final = 64
_LEAST_RANGE_M: Final = 1.0  # of a bearing
_DEFAULTS: Final = Settings()


class Bank:
    """Tracks in arrays. Rows are given as an array of row numbers; None is all of them."""

    def __init__(self, settings: Settings = _DEFAULTS) -> None:
        self.settings = settings
        self.overflow = 0  # tracks that were not opened because the bank was full
        self._next = 1
        self._n = 0
        self._numbers = np.zeros((_NUMBERS, _LEAST_CAPACITY))
        self._integers = np.zeros((_INTEGERS, _LEAST_CAPACITY), dtype=np.int64)

    def __len__(self) -> int:
        return self._n

    def __getstate__(self) -> dict[str, Any]:
        """For a copy: the rows in use only."""
        return {**vars(self), "_numbers": self._numbers[:, : self._n], "_integers": self._integers[:, : self._n]}

    @property
    def number(self) -> Bits:
        """Ever increasing; a number is never given twice."""
        return self._integers[_NUMBER, : self._n]

    @property
    def hits(self) -> Bits:
        """Fixes taken in."""
        return self._integers[_HITS, : self._n]

    @property
    def history(self) -> Bits:
        """One bit a slot of time, 1 where it was hit: ``history.py``."""
        return self._integers[_HISTORY, : self._n]

    @property
    def slot(self) -> Bits:
        """Which slot the lowest bit of the history is, counted from that of the opening."""
        return self._integers[_SLOT, : self._n]

    @property
    def confirmed(self) -> Booleans:
        """Whether it is more than a tentative track (a copy: ``confirm`` sets it)."""
        return np.not_equal(self._integers[_CONFIRMED, : self._n], 0)

    @property
    def time_s(self) -> Numbers:
        """The time at which mean and covariance stand."""
        return self._numbers[_TIME, : self._n]

    @property
    def opened_s(self) -> Numbers:
        """The time of the first fix."""
        return self._numbers[_OPENED, : self._n]

    @property
    def heard_s(self) -> Numbers:
        """The time of the newest fix or bearing."""
        return self._numbers[_HEARD, : self._n]

    @property
    def anchor_latitude_deg(self) -> Numbers:
        """Where the frame has its origin."""
        return self._numbers[_LATITUDE, : self._n]

    @property
    def anchor_longitude_deg(self) -> Numbers:
        """Where the frame has its origin, -180 to 180."""
        return self._numbers[_LONGITUDE, : self._n]

    @property
    def frequency_hz(self) -> Numbers:
        """On which it was heard last where that was known, else NaN; as ``bandwidth_hz``."""
        return self._numbers[_FREQUENCY, : self._n]

    @property
    def bandwidth_hz(self) -> Numbers:
        """See ``frequency_hz``."""
        return self._numbers[_BANDWIDTH, : self._n]

    @property
    def mean(self) -> Numbers:
        """x, y, vx, vy of every track, (n, 4): a view."""
        return self._numbers[_BLOCK, : self._n][:4].T

    @property
    def covariance(self) -> Numbers:
        """Of every track, (n, 4, 4): a copy."""
        return kalman.dense(self._numbers[_BLOCK, : self._n])

    def rows(self, numbers: Bits) -> Rows:
        """The row of each number, -1 where there is no such track (any more)."""
        place = np.searchsorted(self.number, numbers)
        found = place < self._n
        found[found] = self.number[place[found]] == numbers[found]
        return np.where(found, place, -1)

    def slots(self, time_s: Numbers | float, rows: Rows | None = None) -> Bits:
        """The slot of a time for each track."""
        return slots(time_s - self._numbers[_OPENED, self._of(rows)], self.settings.slot_s)

    def predicted(self, time_s: Numbers | float, rows: Rows | None = None) -> tuple[Numbers, Numbers]:
        """Mean (k, 4) and covariance (k, 4, 4) at a time, nothing changed; a time before the track's own is its own."""
        block, dt = self._ahead(time_s, rows)
        kalman.predict(block, np.maximum(dt, 0.0), self.settings.acceleration_noise_m2_s3)
        return np.ascontiguousarray(block[:4].T), kalman.dense(block)

    def places(self, time_s: Numbers | float, rows: Rows | None = None) -> Numbers:
        """x, y, xx, xy, yy (5, k) at a time, which may be before the track's own; nothing changed."""
        dt = time_s - self._numbers[_TIME, self._of(rows)]
        return np.stack(kalman.place(self._numbers[_BLOCK, self._of(rows)], dt, self.settings.acceleration_noise_m2_s3))

    def positions(self, rows: Rows | None = None, time_s: Numbers | float | None = None) -> tuple[Numbers, Numbers]:
        """Latitude and longitude, at each track's own time or another."""
        at_s = self._numbers[_TIME, self._of(rows)] if time_s is None else time_s
        x, y, _, _, _ = self.places(at_s, rows)
        return globe(self.frame(rows), x, y)

    def ellipses(self, rows: Rows | None = None) -> tuple[Numbers, Numbers, Numbers]:
        """Semi-axes in metres and direction in degrees of the 95 % ellipses at each track's own time."""
        xx, xy, yy = self._numbers[_BLOCK, self._of(rows)][_PLACE]
        return ellipses(xx, xy, yy)

    def frame(self, rows: Rows | None = None) -> Numbers:
        """Latitude and longitude of the anchors, and metres in a degree to the north and to the east (4, k)."""
        return self._numbers[_FRAME, self._of(rows)]

    def open(self, latitude_deg: Numbers, longitude_deg: Numbers, noise_m2: Numbers, time_s: float) -> Bits:
        """Tentative tracks at these fixes with these covariances (k, 2, 2); as many as there is room for."""
        count = min(len(latitude_deg), self.settings.max_tracks - self._n)
        self.overflow += len(latitude_deg) - count
        self._reserve(self._n + count)
        new = slice(self._n, self._n + count)
        self._n += count
        numbers = self._numbers[:, new]
        numbers[_FRAME] = frames(latitude_deg[:count], longitude_deg[:count])
        numbers[_BLOCK] = kalman.started(noise_m2[:count], self.settings.first_speed_sigma_m_s)
        numbers[_TIME : _HEARD + 1] = time_s
        numbers[_FREQUENCY : _BANDWIDTH + 1] = np.nan
        self._integers[:, new] = 0
        self._integers[_NUMBER, new] = np.arange(self._next, self._next + count)
        self._integers[_HITS : _HISTORY + 1, new] = 1
        self._next += count
        return self._integers[_NUMBER, new].copy()

    def advance(self, time_s: Numbers | float, rows: Rows | None = None) -> None:
        """Bring tracks to a time; those that stand later stay as they are."""
        block, dt = self._ahead(time_s, rows)
        dt = np.maximum(dt, 0.0)
        kalman.predict(block, dt, self.settings.acceleration_noise_m2_s3)
        self._numbers[_BLOCK, self._of(rows)] = block
        self._numbers[_TIME, self._of(rows)] += dt

    def update_position(
        self,
        rows: Rows,
        latitude_deg: Numbers,
        longitude_deg: Numbers,
        noise_m2: Numbers,
        time_s: Numbers | float | None = None,
    ) -> None:
        """Take one fix a track in, covariances (k, 2, 2); ``time_s`` is that of the fix, None the track's own."""
        block, back, late = self._at(time_s, rows)
        x, y = local(self.frame(rows), latitude_deg, longitude_deg)
        r_xx, r_xy, r_yy = noise_m2[:, 0, 0] + late, noise_m2[:, 0, 1], noise_m2[:, 1, 1] + late
        kalman.update(block, x - block[0], y - block[1], r_xx, r_xy, r_yy)
        self._put(rows, block, back, time_s)
        self._integers[_HITS, rows] += 1
        slot = self.slots(self._numbers[_TIME, rows] if time_s is None else time_s, rows)
        was = self._integers[_HISTORY, rows], self._integers[_SLOT, rows]
        self._integers[_HISTORY, rows], self._integers[_SLOT, rows] = noted(*was, slot)
        self._follow(rows)

    def update_bearing(
        self,
        rows: Rows,
        from_latitude_deg: Numbers,
        from_longitude_deg: Numbers,
        bearing_deg: Numbers,
        sigma_deg: Numbers,
        time_s: Numbers | float | None = None,
    ) -> None:
        """Take one bearing a track in (EKF, linear about the predicted place).

        A bearing keeps a track alive and makes none: it is no hit.
        """
        block, back, late = self._at(time_s, rows)
        latitude_deg, longitude_deg = globe(self.frame(rows), block[0], block[1])
        azimuth_deg, _, range_m = WGS84.inv(from_longitude_deg, from_latitude_deg, longitude_deg, latitude_deg)
        azimuth, range_m = np.radians(azimuth_deg), np.maximum(range_m, _LEAST_RANGE_M)
        h_x, h_y = np.cos(azimuth) / range_m, -np.sin(azimuth) / range_m
        innovation = np.radians(turned(bearing_deg - azimuth_deg))
        variance = np.square(np.radians(sigma_deg)) + (h_x * h_x + h_y * h_y) * late
        kalman.update_along(block, h_x, h_y, innovation, variance)
        self._put(rows, block, back, time_s)
        self._follow(rows)

    def heard_on(self, rows: Rows, frequency_hz: Numbers, bandwidth_hz: Numbers) -> None:
        """Note on which frequency tracks were heard, where it is known."""
        known = ~np.isnan(frequency_hz)
        self._numbers[_FREQUENCY, rows[known]] = frequency_hz[known]
        self._numbers[_BANDWIDTH, rows[known]] = bandwidth_hz[known]

    def confirm(self, rows: Rows) -> None:
        """Make tentative tracks confirmed."""
        self._integers[_CONFIRMED, rows] = 1

    def remove(self, rows: Rows) -> None:
        """Forget tracks; the later ones move up."""
        if not len(rows):
            return
        stay = np.ones(self._n, dtype=np.bool_)
        stay[rows] = False
        kept = np.flatnonzero(stay)
        self._numbers[:, : len(kept)] = self._numbers[:, kept]
        self._integers[:, : len(kept)] = self._integers[:, kept]
        self._n = len(kept)

    def _of(self, rows: Rows | None) -> Rows | slice:
        return slice(0, self._n) if rows is None else rows

    def _ahead(self, time_s: Numbers | float, rows: Rows | None) -> tuple[Numbers, Numbers]:
        """A copy of the states, and the time from each to the one given."""
        return self._numbers[_BLOCK, self._of(rows)].copy(), time_s - self._numbers[_TIME, self._of(rows)]

    def _at(self, time_s: Numbers | float | None, rows: Rows) -> tuple[Numbers, Numbers, Numbers]:
        """The states at the time of a fix, the time they were moved back by, and the variance to add to the fix."""
        block, dt = self._ahead(self._numbers[_TIME, rows] if time_s is None else time_s, rows)
        q = self.settings.acceleration_noise_m2_s3
        back = np.minimum(dt, 0.0)
        if np.any(back):
            kalman.shift(block, back)
        kalman.predict(block, np.maximum(dt, 0.0), q)
        return block, back, np.abs(back) ** 3 * (q / 3.0)

    def _put(self, rows: Rows, block: Numbers, back: Numbers, time_s: Numbers | float | None) -> None:
        if np.any(back):
            kalman.shift(block, -back)
        self._numbers[_BLOCK, rows] = block
        now_s = self._numbers[_TIME, rows]
        heard_s = now_s if time_s is None else time_s
        self._numbers[_TIME, rows] = np.maximum(now_s, heard_s)
        self._numbers[_HEARD, rows] = np.maximum(self._numbers[_HEARD, rows], heard_s)

    def _follow(self, rows: Rows) -> None:
        """Give a new frame to the tracks that have left theirs."""
        reach = np.abs(self._numbers[_BLOCK, rows][:2]).max(axis=0, initial=0.0)
        rows = rows[reach > self.settings.frame_m]
        if not len(rows):
            return
        block, old = self._numbers[_BLOCK, rows], self.frame(rows)
        new = frames(*globe(old, block[0], block[1]))
        block[:2] = 0.0
        kalman.rescale(block, new[_EAST] / old[_EAST], new[_NORTH] / old[_NORTH])
        self._numbers[_FRAME, rows] = new
        self._numbers[_BLOCK, rows] = block

    def _reserve(self, count: int) -> None:
        capacity = self._numbers.shape[1]
        if count <= capacity:
            return
        capacity = max(count, _LEAST_CAPACITY, 2 * capacity)
        numbers, integers = self._numbers, self._integers
        self._numbers = np.zeros((_NUMBERS, capacity))
        self._integers = np.zeros((_INTEGERS, capacity), dtype=np.int64)
        self._numbers[:, : self._n] = numbers[:, : self._n]
        self._integers[:, : self._n] = integers[:, : self._n]
