"""The ways that tracks went, for a file of tracks: as much of each as memory may hold, however long the recording.

At most one point a second; a way that reaches ``MAX_POINTS`` gives up every second one and goes on at half the rate. So
an hour's flight keeps a point each four seconds, and 20,000 tracks at once fit into 700 MB.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from airspace.model.lines import number, time_text
from airspace.model.track import Tracks

MAX_POINTS: Final = 1_000
STEP_S: Final = 1.0
_COLUMNS: Final = 4  # time, latitude, longitude, height


@dataclass(slots=True)
class _Way:
    points: array[float] = field(default_factory=lambda: array("d"))  # one after the other, flat
    step_s: float = STEP_S

    def add(self, point: tuple[float, float, float, float]) -> None:
        if self.points and not point[0] >= self.points[-_COLUMNS] + self.step_s:
            return
        self.points.extend(point)
        if len(self.points) >= MAX_POINTS * _COLUMNS:
            self.points = array("d", np.array(self.points).reshape(-1, _COLUMNS)[::2].tobytes())
            self.step_s *= 2.0


class Paths:
    """The ways of the tracks under way, by the track's number."""

    def __init__(self) -> None:
        self._ways: dict[int, _Way] = {}

    def add(self, rows: Tracks) -> None:
        """Rows of a batch, in log order; those that brought a place."""
        placed = np.flatnonzero(rows.fix & ~np.isnan(rows.latitude_deg))
        columns = (rows.number, rows.fix_time_s, rows.latitude_deg, rows.longitude_deg, rows.height_m)
        for track, *point in zip(*(column[placed].tolist() for column in columns), strict=True):
            self._ways.setdefault(track, _Way()).add(tuple(point))

    def merge(self, gone: int, into: int) -> None:
        """Two tracks were one aircraft: one way. While both were heard, the one that stays knew better."""
        own, other = self._taken(into), self._taken(gone)
        if own:
            other = [point for point in other if not own[0][0] <= point[0] <= own[-1][0]]
        way = self._ways[into] = _Way()
        for point in sorted((*own, *other)):
            way.add(point)

    def take(self, track: int) -> list[list[Any]]:
        """The way of a track that ended, ready for JSON: [time, latitude, longitude, height or None] a point."""
        return [
            [time_text(time_s), round(latitude_deg, 7), round(longitude_deg, 7), number(height_m, 1)]
            for time_s, latitude_deg, longitude_deg, height_m in self._taken(track)
        ]

    def _taken(self, track: int) -> list[tuple[float, float, float, float]]:
        way = self._ways.pop(track, None)
        if way is None:
            return []
        return [tuple(point) for point in np.array(way.points).reshape(-1, _COLUMNS).tolist()]
