"""How much of what is heard the picture follows: what people must know before they read calm from an empty map.

A picture that is full goes on, and drops what it has no room for. Whoever looks at it is told for as long as that
happens and a minute more; the totals since the start are in ``/metrics``.
"""

from __future__ import annotations

import math
from collections import deque
from types import MappingProxyType
from typing import Final

from airspace.model.unfollowed import Unfollowed

TOLD_FOR_S: Final = 60.0  # long enough to be seen at a glance now and then, short enough to be about now

_WORDS: Final = MappingProxyType({
    "tracks_full": "no room for another track",
    "waiting_full": "too many without identity between two ticks",
    "emitters_full": "no room for another emitter without identity",
    "unplaced": "from a sensor whose place is not known",
})  # fmt: skip
# ``too_late`` is not among them: a late row says nothing of how well we see now


class Sight:
    """What no track followed, second by second for a minute."""

    def __init__(self) -> None:
        self._totals = Unfollowed()
        self._before = Unfollowed()  # totals when the minute began
        self._marks: deque[tuple[float, Unfollowed]] = deque()  # totals after a second that changed them

    def take(self, totals: Unfollowed, now_s: float) -> None:
        """The totals as they are now."""
        if totals == self._totals:
            return
        second = math.floor(now_s)
        if self._marks and self._marks[-1][0] >= second:
            self._marks.pop()
        self._marks.append((second, totals))
        self._totals = totals
        self._forget(now_s)

    def lately(self, now_s: float) -> Unfollowed:
        """What was not followed in the last minute."""
        self._forget(now_s)
        return self._totals.since(self._before)

    def health(self, now_s: float) -> str:
        """For ``/readyz``: ok, or what is not followed and why."""
        lately = self.lately(now_s).by_cause()
        told = [f"{lately[cause]} {words}" for cause, words in _WORDS.items() if lately[cause]]
        if not told:
            return "ok"
        since_start = sum(self._totals.by_cause()[cause] for cause in _WORDS)
        return f"detections not followed in the last minute: {', '.join(told)}; {since_start} since the start"

    def _forget(self, now_s: float) -> None:
        while self._marks and self._marks[0][0] <= now_s - TOLD_FOR_S - 1.0:  # the whole second is over for a minute
            self._before = self._marks.popleft()[1]
