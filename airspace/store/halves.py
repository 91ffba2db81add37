"""A commit as a sequence of items that can be cut, to find the one item that a database refuses."""

from __future__ import annotations

from airspace.model.commit import Commit, Stored

_KINDS = ("flights", "verdicts", "alerts", "rejects", "heartbeats", "joined")


def size(commit: Commit) -> int:
    """How many items: detections first, then the other kinds in the order in which they are written."""
    return len(commit.detections) + sum(len(getattr(commit, kind)) for kind in _KINDS)


def halves(commit: Commit) -> tuple[Commit, Commit]:
    """The first and the second half of its items, in order."""
    middle = size(commit) // 2
    return _part(commit, 0, middle), _part(commit, middle, size(commit))


def _part(commit: Commit, start: int, stop: int) -> Commit:
    rows = slice(start, min(stop, len(commit.detections)))
    offset = len(commit.detections)
    items = {}
    for kind in _KINDS:
        held = getattr(commit, kind)
        items[kind] = held[max(start - offset, 0) : max(stop - offset, 0)]
        offset += len(held)
    return Commit(
        tick_s=commit.tick_s,
        clock_offset_s=commit.clock_offset_s,
        detections=commit.detections.take(rows),
        track_id=commit.track_id[rows],
        flight_id=commit.flight_id[rows],
        **items,
    )


def total(first: Stored, second: Stored) -> Stored:
    """Two outcomes as one."""
    return Stored(
        detections=first.detections + second.detections,
        repeated=first.repeated + second.repeated,
        alerts=first.alerts + second.alerts,
        rejects=first.rejects + second.rejects,
    )
