"""Fixes of one moment by one sensor, each of another emitter as far as the sensor can tell; none is a scan too."""

from __future__ import annotations

from dataclasses import dataclass

from airspace.model.detection import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """k fixes, one a column."""

    time_s: float
    fixes: Numbers  # latitude, longitude (degrees), covariance xx, xy, yy east and north (square metres): (5, k)
    frequency_hz: Numbers | None = None  # NaN: not known; None: of none
    bandwidth_hz: Numbers | None = None

    def __len__(self) -> int:
        return int(self.fixes.shape[1])
