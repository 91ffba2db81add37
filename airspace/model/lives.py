"""When a sensor lived: what it says proves life at the time that it is of, which need not be when it comes.

A broker's queue, a link that comes back, a document that is fetched again and again all bring what a sensor said when
it lived. So a message counts as now only where its own time is of now. An old time of a sensor whose clock is wrong is
of now too: its lag stays, while that of a queue shrinks and that of a document that stands still grows. What is ahead
of us cannot be a queue's, but may stand still: it counts where it is newer than all before. A message without a time
of its own counts when it comes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from airspace.model.log import Heartbeat, Times

PRESENT_S: Final = 15.0  # links that gather messages, clocks that are nearly right
FIRST_S: Final = 946_684_800.0  # 2000-01-01: a time before it is that of a clock that was never set, and no time
_STEADY_FOR_S: Final = 10.0
_STEADY_BEATS: Final = 3
_HICCUP_S: Final = 2.0
_SHRINKS: Final = 0.05  # seconds a second, at most: a queue drains faster
_GROWS: Final = 0.5  # a document that stands still grows by one


def own_time_s(beat: Heartbeat) -> float:
    """Of when a heartbeat is by its own time alone, where nothing is known of its sensor's clock."""
    if beat.said_s is None or beat.said_s < FIRST_S or beat.logged_s - beat.said_s <= PRESENT_S:
        return beat.logged_s
    return beat.said_s


@dataclass(slots=True)
class _Lag:
    """How late some heartbeats came, one after the other."""

    since_s: float
    lag_s: float
    beats: int = 0

    def goes_on(self, logged_s: float, lag_s: float) -> bool:
        """Whether such a lag may be that of a clock."""
        took_s, grew_s = logged_s - self.since_s, lag_s - self.lag_s
        return -max(_HICCUP_S, _SHRINKS * took_s) <= grew_s <= max(_HICCUP_S, _GROWS * took_s)


class Lives:
    """What each sensor's messages say of when it lived. Fed in the order of the log."""

    def __init__(self) -> None:
        self._newest_s: dict[str, float] = {}  # own times
        self._lags: dict[str, _Lag] = {}
        self._clock_s: dict[str, float] = {}  # lags that stayed

    def lived_s(self, beat: Heartbeat, behind_s: float | None) -> float | None:
        """Its log time where it is of now, else the time that it is of; None where it says nothing new of any time.

        ``behind_s`` is by how much the sensor's rows show its clock to be wrong, None where they do not.
        """
        said_s, name = beat.said_s, beat.sensor
        if said_s is None or said_s < FIRST_S:
            return beat.logged_s
        is_newer = said_s > self._newest_s.get(name, -math.inf)
        self._newest_s[name] = max(said_s, self._newest_s.get(name, said_s))
        lag_s = beat.logged_s - said_s
        if beat.times is Times.CLOCK:  # rows of now, as the gate found
            return beat.logged_s
        if lag_s < -PRESENT_S:
            return beat.logged_s if is_newer else None
        if beat.of_rows:  # the gate knows whether their clock is wrong
            return beat.logged_s if lag_s <= PRESENT_S else said_s
        return beat.logged_s if self._is_now(name, beat.logged_s, lag_s, behind_s) else said_s

    def _is_now(self, name: str, logged_s: float, lag_s: float, behind_s: float | None) -> bool:
        if lag_s <= PRESENT_S:
            self._lags.pop(name, None)
            self._clock_s.pop(name, None)
            return True
        lag = self._lags.get(name)
        if lag is None or not lag.goes_on(logged_s, lag_s):
            lag = self._lags[name] = _Lag(logged_s, lag_s)
        lag.beats += 1
        if lag.beats >= _STEADY_BEATS and logged_s - lag.since_s >= _STEADY_FOR_S:
            self._clock_s[name] = lag_s
            self._lags[name] = _Lag(logged_s, lag_s, beats=1)
        known_s = (self._clock_s.get(name), behind_s)
        return any(known is not None and abs(lag_s - known) <= PRESENT_S for known in known_s)
