"""What may pass into the log: rows of known sensors, at a plausible time, within the budget of their sensor.

A row that may not pass becomes a counted reject without its payload. The budget is a token bucket for each sensor
that runs on the log time it is given, so the same deliveries always pass the same rows. Unknown sensors, where they
are accepted at all, share one bucket: a flood of invented names gains nothing and takes no memory. Shedding that is
fair between the drones of one sensor is not done here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from airspace.model.detection import Detections
from airspace.model.message import Decoded, Reject, RejectReason
from airspace.model.sensor import Sensor

ROWS_PER_SECOND: Final = 2000.0  # a busy match day is some hundred rows a second and sensor
BURST_S: Final = 5.0  # what a sensor may bring at once after a broken link, in seconds of its budget
EARLIEST_S: Final = 946_684_800.0  # 2000-01-01: before it a receiver's clock was never set
LATEST_AHEAD_S: Final = 86_400.0

_DETAILS: Final = {
    RejectReason.SENSOR_UNKNOWN: "no sensor of this name is configured",
    RejectReason.CLOCK_IMPLAUSIBLE: "received before 2000 or more than a day from now",
    RejectReason.OVER_BUDGET: "above the rows a second of its sensor",
}


@dataclass(slots=True)
class _Bucket:
    """Tokens that grow with time up to a burst."""

    tokens: float
    filled_s: float

    def take(self, wanted: int, now_s: float, rate_per_s: float, burst: float) -> int:
        """How many of the wanted rows may pass; log time never goes back, and if it did nothing would be gained."""
        self.tokens = min(burst, self.tokens + max(0.0, now_s - self.filled_s) * rate_per_s)
        self.filled_s = max(self.filled_s, now_s)
        granted = min(wanted, int(self.tokens))
        self.tokens -= granted
        return granted


class Gate:
    """Admits rows; its only state is a bucket for each known sensor, and the counts of what it refused."""

    def __init__(
        self,
        sensors: Mapping[str, Sensor],
        *,
        accept_unknown_sensors: bool,
        rows_per_second: float = ROWS_PER_SECOND,
        burst_s: float = BURST_S,
    ) -> None:
        self._sensors = dict(sensors)
        self._accept_unknown = accept_unknown_sensors
        self._rate_per_s = rows_per_second
        self._burst = max(1.0, rows_per_second * burst_s)
        self._buckets: dict[str | None, _Bucket] = {}
        self.refused: Counter[RejectReason] = Counter()

    def admit(self, decoded: Decoded, now_s: float) -> Decoded:
        """What may pass of it at log time ``now_s``; what may not is among the rejects."""
        rows = decoded.detections
        refused: dict[int, RejectReason] = {}
        self._check_sensors(rows, refused)
        self._check_times(rows, now_s, refused)
        self._check_budgets(rows, now_s, refused)
        silenced = [beat for beat in decoded.heartbeats if not self._admits_sensor(beat.sensor)]
        rejects = [_reject(rows.sensor[row], float(rows.received_s[row]), refused[row]) for row in sorted(refused)]
        rejects += [_reject(beat.sensor, beat.logged_s, RejectReason.SENSOR_UNKNOWN) for beat in silenced]
        if not rejects:
            return decoded
        self.refused.update(reject.reason for reject in rejects)
        passed = np.ones(len(rows), dtype=np.bool_)
        passed[list(refused)] = False
        return replace(
            decoded,
            detections=rows.take(passed),
            heartbeats=tuple(beat for beat in decoded.heartbeats if self._admits_sensor(beat.sensor)),
            rejects=(*decoded.rejects, *rejects),
        )

    def _admits_sensor(self, sensor: str) -> bool:
        return self._accept_unknown or sensor in self._sensors

    def _check_sensors(self, rows: Detections, refused: dict[int, RejectReason]) -> None:
        for row, sensor in enumerate(rows.sensor.tolist()):
            if not self._admits_sensor(sensor):
                refused[row] = RejectReason.SENSOR_UNKNOWN

    @staticmethod
    def _check_times(rows: Detections, now_s: float, refused: dict[int, RejectReason]) -> None:
        plausible = (rows.received_s >= EARLIEST_S) & (rows.received_s <= now_s + LATEST_AHEAD_S)
        for row in np.flatnonzero(~plausible).tolist():
            refused.setdefault(row, RejectReason.CLOCK_IMPLAUSIBLE)

    def _check_budgets(self, rows: Detections, now_s: float, refused: dict[int, RejectReason]) -> None:
        waiting: dict[str | None, list[int]] = {}
        for row, sensor in enumerate(rows.sensor.tolist()):
            if row not in refused:
                waiting.setdefault(sensor if sensor in self._sensors else None, []).append(row)
        for sensor, mine in waiting.items():
            bucket = self._buckets.setdefault(sensor, _Bucket(self._burst, now_s))
            granted = bucket.take(len(mine), now_s, self._rate_per_s, self._burst)
            refused.update(dict.fromkeys(mine[granted:], RejectReason.OVER_BUDGET))


def _reject(sensor: str, received_s: float, reason: RejectReason) -> Reject:
    return Reject(reason=reason, detail=_DETAILS[reason], place="gate", received_s=received_s, sensor=sensor)
