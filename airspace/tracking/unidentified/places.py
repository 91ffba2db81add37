"""Where the emitters with a place are at one time.

What stays the same in a finder's errors does not average out however often it is heard. So the bank is fed with that
part of a bearing's variance that does (1 - ``BIAS_SHARE``), and the rest, carried to the place by the geometry of the
last bearings, is added to the place's covariance wherever it is shown or compared with an identified track. How great
the share is no sensor says. With 0.35 the 95 % ellipse of something that hovers holds it in 98 to 99 of 100 cases where
nothing stays, 95 to 97 where a third does, 92 where half does, and 80 where all does (measured, two finders).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import metres_per_degree, turned
from airspace.tracking.unidentified.bank import Ahead, Bank
from airspace.tracking.unidentified.bearings import direction
from airspace.tracking.unidentified.ellipse import axes
from airspace.tracking.unidentified.explanation import squared_sigmas
from airspace.tracking.unidentified.frame import globe

BIAS_SHARE: Final = 0.35  # of a bearing's variance that stays (mounting, site)
LEAST_CROSSING: Final = 0.03  # squared sine of ten degrees: below it two lines bound nothing
_LEAST_LINES: Final = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Emitters with a place, in the order of the bank's rows."""

    latitude_deg: Numbers
    longitude_deg: Numbers
    covariance_m2: Numbers  # xx, xy, yy, as the filter has it (3, n)
    shown_m2: Numbers  # the same with what stays in the bearings
    ahead: Ahead

    @property
    def major_m2(self) -> Numbers:
        """Variance along the major axis, as shown."""
        return axes(*self.shown_m2)[0]

    def take(self, rows: Rows) -> Places:
        """Some of them."""
        return Places(
            self.latitude_deg[rows],
            self.longitude_deg[rows],
            self.covariance_m2[:, rows],
            self.shown_m2[:, rows],
            self.ahead.take(rows),
        )


def places_at(bank: Bank, bias_m2: Numbers, time_s: float) -> Places:
    """Where all are."""
    ahead = bank.ahead(time_s)
    covariance_m2 = ahead.place_m2
    return Places(*globe(bank.frame, ahead.block[0], ahead.block[1]), covariance_m2, covariance_m2 + bias_m2, ahead)


def apart2(places: Places, latitude_deg: Numbers, longitude_deg: Numbers, variance_m2: Numbers) -> Numbers:
    """Squared sigmas between places (columns) and those of identified tracks, of shape (m, n) or (m, 1): (m, n)."""
    north, east = metres_per_degree(places.latitude_deg)
    dx = turned(longitude_deg - places.longitude_deg) * east
    dy = (latitude_deg - places.latitude_deg) * north
    xx, xy, yy = places.shown_m2
    return squared_sigmas(dx, dy, xx + variance_m2, xy, yy + variance_m2)


def bias(
    latitude_deg: float,
    longitude_deg: float,
    from_latitude_deg: Numbers,
    from_longitude_deg: Numbers,
    sigma_deg: Numbers,
) -> tuple[float, float, float] | None:
    """What stays in bearings to a place, as its covariance xx, xy, yy; None where they bound nothing."""
    if len(sigma_deg) < _LEAST_LINES:
        return None
    towards_deg, distance_m = direction(
        from_latitude_deg, from_longitude_deg, np.array(latitude_deg), np.array(longitude_deg)
    )
    sigma_m = np.radians(sigma_deg) * np.maximum(distance_m, 1.0)
    towards = np.radians(towards_deg)
    across: Numbers = np.array((np.cos(towards), -np.sin(towards))) / sigma_m
    xx, xy, yy = (float(np.sum(across[i] * across[j])) for i, j in ((0, 0), (0, 1), (1, 1)))
    determinant = xx * yy - xy * xy
    if determinant <= LEAST_CROSSING * xx * yy:
        return None
    share = BIAS_SHARE / determinant
    return share * yy, -share * xy, share * xx
