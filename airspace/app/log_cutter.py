"""Our own recording back to the batches of the log it was, whatever the size of a batch.

Rows of turns that follow one another go into one batch, up to its size; a heartbeat, a command or a tick ends it, since
within a batch these have their fixed places. Refusals in a message that was taken in part were told when it was live.
"""

from __future__ import annotations

from collections.abc import Iterator

from airspace.model.detection import Detections
from airspace.model.log import Batch
from airspace.model.ports import Format
from receivers.formats.recording import Commands, Entry, Tick, Turn
from receivers.formats.turns import taken

_NO_ROWS = Detections.empty()


class LogCutter:
    """Feed it the entries of a log in order; it gives back batches."""

    def __init__(self, batch_rows: int, decode: Format) -> None:
        self._batch_rows = batch_rows
        self._decode = decode
        self._rows: list[Detections] = []
        self._count = 0

    def feed(self, entry: Entry) -> Iterator[Batch]:
        """The batches that are complete with this entry."""
        if isinstance(entry, Turn):
            decoded = taken(entry, self._decode)
            if decoded.heartbeats:
                yield from self.rest()
                yield Batch(detections=_NO_ROWS, heartbeats=decoded.heartbeats)
            self._rows.append(decoded.detections)
            self._count += len(decoded.detections)
            if self._count >= self._batch_rows:
                yield from self.rest()
        elif isinstance(entry, Commands):
            yield from self.rest()
            yield Batch(detections=_NO_ROWS, commands=entry.commands)
        elif isinstance(entry, Tick):
            yield from self.rest()
            yield Batch(detections=_NO_ROWS, tick_s=entry.tick_s, clock_offset_s=entry.clock_offset_s)

    def rest(self) -> Iterator[Batch]:
        """What has come since the last full batch."""
        rows = Detections.concat(self._rows)
        self._rows, self._count = [], 0
        for first in range(0, len(rows), self._batch_rows):
            yield Batch(detections=rows.take(slice(first, min(first + self._batch_rows, len(rows)))))
