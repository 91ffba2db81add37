"""A fault in the core stays with the entry of the log that brought it (design, rule 6).

Tracker, judge and alert book change their state in place: an exception in the middle of a batch leaves it half changed.
So the fence keeps a snapshot and the log since. After a fault it goes back to the snapshot, plays the log since (the
same entries give the same picture, however they are cut) and takes the batch in halves, until what the core cannot take
stands alone: one row, one command or a tick. That is left out and told of as a reject; everything else counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from airspace.model.detection import Detections
from airspace.model.log import Batch
from airspace.model.message import Reject
from airspace.service.isolation import FAULTS, rows_not_taken, survive, where
from airspace.service.line import Line, Outcome
from airspace.service.snapshot import Snapshot

LEAST_ROWS: Final = 20_000  # between two snapshots: a fifth of a second of work to play again
BYTES_A_ROW: Final = 100  # a large picture is copied more seldom, so that copying stays a small part of the work
MOST_ROWS: Final = 250_000  # a row that waits to be played again holds half a kilobyte: an eighth of a gigabyte
MOST_BATCHES: Final = 5_000

_NO_ROWS: Final = Detections.empty()
_NOTHING: Final = Batch(detections=_NO_ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a batch: mostly one outcome, and nothing left out."""

    outcomes: tuple[Outcome, ...]
    rejects: tuple[Reject, ...] = ()


class Fence:
    """A line that goes on after a fault.

    ``shared`` are the types that a snapshot refers to, ``rules`` what is in force now: when it changes, the log since
    would no longer give the same, so a new snapshot is taken first.
    """

    def __init__(
        self, line: Line, shared: Sequence[type] = (), rules: Callable[[], tuple[object, ...]] = lambda: ()
    ) -> None:
        self._line = line
        self._shared = shared
        self._rules = rules
        self.left_out = 0
        self.last_fault: str | None = None
        self._remember()

    @property
    def stages(self) -> tuple[object, ...]:
        """What keeps the state of the core, in order."""
        return self._line.stages

    def apply(self, batch: Batch) -> Taken:
        """Take one batch of the log through all stages, whatever is in it."""
        rules = self._rules()
        if len(rules) != len(self._in_force) or any(a is not b for a, b in zip(rules, self._in_force, strict=True)):
            self._try_to_remember()
        try:
            outcome = self._line.apply(batch)
        except FAULTS as error:
            survive(error)
            return self._apart(batch)
        self._note(batch)
        return Taken(outcomes=(outcome,))

    def health(self) -> str:
        """For ``/readyz``: ok, or how much was left out and where the last fault was."""
        return "ok" if self.last_fault is None else f"{self.left_out} entries left out, the last: {self.last_fault}"

    def _note(self, batch: Batch) -> None:
        self._since.append(batch)
        self._rows += len(batch.detections)
        if self._rows >= self._most_rows or len(self._since) >= MOST_BATCHES:
            self._try_to_remember()

    def _try_to_remember(self) -> None:
        """A snapshot that cannot be taken now, for want of memory say, costs no outcome: the older one still serves."""
        try:
            self._remember()
        except FAULTS as error:
            survive(error)
            self.last_fault = where(error)
            self._most_rows *= 2

    def _remember(self) -> None:
        self._in_force = self._rules()
        self._snapshot = Snapshot(self._line.stages, self._shared)
        self._most_rows = min(max(LEAST_ROWS, self._snapshot.size // BYTES_A_ROW), MOST_ROWS)
        self._since: list[Batch] = []
        self._rows = 0

    def _apart(self, batch: Batch) -> Taken:
        self._snapshot.restore()
        for earlier in _joined(self._since):
            self._line.apply(earlier)
        self._remember()
        outcomes: list[Outcome] = []
        rejects: list[Reject] = []
        self._take(batch, outcomes, rejects)
        self._remember()
        if not outcomes:
            outcomes.append(self._line.apply(_NOTHING))
        return Taken(outcomes=tuple(outcomes), rejects=tuple(rejects))

    def _take(self, batch: Batch, outcomes: list[Outcome], rejects: list[Reject]) -> None:
        """All of a batch that can be taken; the state is that of the snapshot when it begins."""
        try:
            outcomes.append(self._line.apply(batch))
        except FAULTS as error:
            survive(error)
            self._snapshot.restore()
            parts = list(_parts(batch))
            if len(parts) == 1:
                rejects.extend(self._leave_out(batch, error))
                return
            for part in parts:
                self._take(part, outcomes, rejects)
        else:
            self._remember()

    def _leave_out(self, batch: Batch, error: BaseException) -> list[Reject]:
        self.left_out += 1
        self.last_fault = where(error)
        return rows_not_taken(batch.detections, self.last_fault)


def _parts(batch: Batch) -> Iterator[Batch]:
    """A batch in smaller ones, in the order of its entries; itself, if it holds only one."""
    kinds = [
        Batch(detections=_NO_ROWS, heartbeats=batch.heartbeats),
        Batch(detections=_NO_ROWS, commands=batch.commands),
        Batch(detections=batch.detections),
        Batch(detections=_NO_ROWS, tick_s=batch.tick_s),
    ]
    held = [kind for kind in kinds if _holds(kind)]
    if len(held) > 1:
        yield from held
        return
    n = len(batch.detections) + len(batch.heartbeats) + len(batch.commands)
    for half in (slice(0, n // 2), slice(n // 2, n)) if n > 1 else (slice(0, n),):
        yield replace(
            batch,
            detections=batch.detections.take(half),
            heartbeats=batch.heartbeats[half],
            commands=batch.commands[half],
        )


def _joined(log: Sequence[Batch]) -> Iterator[Batch]:
    """The same log in few batches: rows up to the next entry of another kind."""
    rows: list[Detections] = []
    for batch in log:
        if batch.heartbeats or batch.commands:
            yield Batch(detections=Detections.concat(rows))
            rows = []
            yield replace(batch, detections=_NO_ROWS, tick_s=None)
        rows.append(batch.detections)
        if batch.tick_s is not None:
            yield Batch(detections=Detections.concat(rows), tick_s=batch.tick_s)
            rows = []
    yield Batch(detections=Detections.concat(rows))


def _holds(batch: Batch) -> bool:
    return bool(len(batch.detections) or batch.heartbeats or batch.commands or batch.tick_s is not None)
