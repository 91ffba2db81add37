"""Recordings to a log: log times that never decrease, a tick at each whole second, batches of a given size.

In a recording the log time of a row is the latest receive time so far. A long silence is not ticked through: after the
picture is empty and every alert closed, the ticks go on with the next row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from airspace.model.detection import Detections
from airspace.model.log import Batch, Heartbeat
from airspace.model.message import Decoded

QUIET_TICKS: Final = 420  # tracks end after 300 s, alerts linger 30 s and are told again at most after 60


class Cutter:
    """Feed it what was decoded, in order; it gives back the batches of the log."""

    def __init__(self, batch_rows: int) -> None:
        self._batch_rows = batch_rows
        self._latest_s = -math.inf
        self._ticked_s = math.nan
        self._heartbeats: list[Heartbeat] = []

    def feed(self, decoded: Decoded) -> Iterator[Batch]:
        """The batches of some more rows; every batch but the last of a second is full or ends with a tick."""
        self._heartbeats += decoded.heartbeats
        detections = self._logged(decoded.detections)
        second = np.floor(detections.logged_s)
        cuts = np.flatnonzero(np.diff(second)) + 1
        for start, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(detections)], strict=True):
            if start < stop:
                yield from self._ticks_to(float(second[start]))
                yield from self._rows(detections, start, stop)

    def finish(self) -> Iterator[Batch]:
        """The ticks after the last row, until everything has come to rest."""
        if self._heartbeats and math.isnan(self._ticked_s):  # nothing but heartbeats: the log begins with the first
            self._ticked_s = math.floor(min(beat.logged_s for beat in self._heartbeats)) - 1.0
        for beat in self._heartbeats:
            self._latest_s = max(self._latest_s, beat.logged_s)
        if math.isfinite(self._latest_s):
            yield from self._ticks_to(math.floor(self._latest_s) + QUIET_TICKS)

    def _logged(self, detections: Detections) -> Detections:
        if not len(detections):
            return detections
        logged_s = np.maximum(np.maximum.accumulate(detections.received_s), self._latest_s)
        self._latest_s = float(logged_s[-1])
        return detections.replace(logged_s=logged_s)

    def _rows(self, detections: Detections, start: int, stop: int) -> Iterator[Batch]:
        for first in range(start, stop, self._batch_rows):
            yield Batch(detections=detections.take(slice(first, min(first + self._batch_rows, stop))))

    def _ticks_to(self, second: float) -> Iterator[Batch]:
        """Ticks up to and with a whole second, each preceded by the heartbeats of its time."""
        if math.isnan(self._ticked_s):
            self._ticked_s = second - 1
        quiet_until = self._ticked_s + QUIET_TICKS
        while self._ticked_s < second:
            self._ticked_s += 1
            if self._ticked_s > quiet_until:
                self._ticked_s = second
            yield Batch(detections=Detections.empty(), heartbeats=self._due(self._ticked_s), tick_s=self._ticked_s)

    def _due(self, tick_s: float) -> tuple[Heartbeat, ...]:
        due = tuple(beat for beat in self._heartbeats if beat.logged_s <= tick_s)
        if due:
            self._heartbeats = [beat for beat in self._heartbeats if beat.logged_s > tick_s]
        return tuple(replace(beat, logged_s=min(beat.logged_s, tick_s)) for beat in due)
