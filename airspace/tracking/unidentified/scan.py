"""What one sensor saw at one moment, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Fixes of one moment, each of another emitter as far as the sensor can tell; none is a scan too."""

    time_s: float
    latitude_deg: Numbers
    longitude_deg: Numbers
    r_xx_m2: Numbers  # covariance east, east
    r_xy_m2: Numbers
    r_yy_m2: Numbers  # north, north
    frequency_hz: Numbers | None = None  # NaN: not known
    bandwidth_hz: Numbers | None = None
    key: Texts | None = None  # str | None: the sensor's own name for the emitter, made one with the sensor's

    def __len__(self) -> int:
        return len(self.latitude_deg)

    @classmethod
    def empty(cls, time_s: float) -> Scan:
        """Nothing was seen, but time went by."""
        none = np.empty(0)
        return cls(time_s=time_s, latitude_deg=none, longitude_deg=none, r_xx_m2=none, r_xy_m2=none, r_yy_m2=none)

    def take(self, rows: Rows) -> Scan:
        """Some of its detections."""
        given: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        columns: dict[str, Any] = {name: some[rows] for name, some in given.items() if isinstance(some, np.ndarray)}
        return replace(self, **columns)

    @property
    def noise_m2(self) -> Numbers:
        """The covariances as (n, 2, 2)."""
        noise = np.empty((len(self), 2, 2))
        noise[:, 0, 0], noise[:, 1, 1] = self.r_xx_m2, self.r_yy_m2
        noise[:, 0, 1] = noise[:, 1, 0] = self.r_xy_m2
        return noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What became of a scan: track numbers."""

    track: Bits  # of each detection, one it opened too; -1 where it is of none
    opened: Bits  # tentative tracks that are new
    confirmed: Bits
    deleted: Bits  # tentative and confirmed ones
