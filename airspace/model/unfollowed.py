"""Detections that no track follows, counted by cause: they are stored, and nobody sees a drone for them.

Totals since the picture began. They are part of its state: where a fault takes the picture back, they go back with it,
and the same log counts the same again. So they are true of a whole step only, and from one step to the next never fall.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed:
    """How many, by cause. A name is also the label ``reason`` of a metric."""

    tracks_full: int = 0  # of a new identity, when there was no room for another track
    waiting_full: int = 0  # without identity, when more had come since the last tick than may wait
    emitters_full: int = 0  # without identity, when there was no room for another emitter
    unplaced: int = 0  # a direction from a sensor of which nobody knows where it stands, or of no known time
    too_late: int = 0  # without identity, so much older than the tick that it moves nothing

    @property
    def no_room(self) -> int:
        """What the picture had no room for, however well it was heard."""
        return self.tracks_full + self.waiting_full + self.emitters_full

    def by_cause(self) -> dict[str, int]:
        """Cause -> how many."""
        return asdict(self)

    def since(self, earlier: Unfollowed) -> Unfollowed:
        """What came after an earlier moment."""
        before = earlier.by_cause()
        return Unfollowed(**{cause: count - before[cause] for cause, count in self.by_cause().items()})
