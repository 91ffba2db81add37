"""The clocks of the sensors: does a sensor bring old news, or is its clock wrong?

Both look the same in one row: it says that it was heard an hour ago. They differ in how they go on. What is live comes
as fast as it happens: from second to second its receive times advance by a second, and its lag stays. A backlog comes
faster than it happened, so its lag shrinks. A lag that stays for ten seconds is the sensor's clock (or a way that takes
so long: then this is as live as it gets), whoever is heard: receive times are the receiver's own, and no ghost on the
air moves them. The newest row of each second counts, over all batches and drones, and three of them are enough, also
where minutes lie between; a row that is on time ends the doubt.

What was found stands while rows are late by it, or later still: a broken link brings them late, and then as fast as it
can. It ends where rows are earlier than it explains, or so late that it explains less than half.

Decided at the turn of a second, from seconds that are over: so any way of cutting the rows into batches says the same.
Nothing is corrected here: rows are marked, and who works with their times puts them right (``model/clocks.py``).

The skew between drones and their receiver is another matter, shown for people: a median over at least three drones, as
one drone's clock may be wrong.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import Booleans

WITHIN_S: Final = 15.0  # spread of arrival: links that gather messages
STEADY_FOR_S: Final = 10.0
LEAST_SECONDS: Final = 3  # with a row, of those
APART_S: Final = 300.0  # of two of them at most: longer and nobody knows what the clock did meanwhile
WINDOW_S: Final = 30.0
KEPT_SECONDS: Final = 10  # however long ago
SHRINKS: Final = 0.05  # seconds a second, at most: clocks drift by less, a backlog drains by more
GROWS: Final = 0.5  # a way that takes ever longer is live still; times that stand are a document told again
EARLIER_S: Final = 5.0  # what shrinks so far below what was found is a backlog after all
STRANGER_LASTS_S: Final = 30.0  # when there is no room
MOST_STRANGERS: Final = 256  # clocks kept of sensors that nobody registered
LEAST_DRONES: Final = 3
MOST_DRONES: Final = 16  # kept of one sensor: enough for a median
LOOK_EVERY_S: Final = 5
SAMPLE_LASTS_S: Final = 30.0


class _Second(NamedTuple):
    second: float  # log time
    lag_s: float  # log time less receive time of its newest row


class _Skew(NamedTuple):
    logged_s: float
    skew_s: float  # receive time less message time


@dataclass(slots=True)
class SensorClock:
    """What is known of one sensor's clock."""

    ahead_s: float | None = None  # against ours; None while no fault is seen
    heard_s: float = -math.inf  # log time of its last row
    _seconds: deque[_Second] = field(default_factory=deque)
    _second: float = -math.inf  # that goes on now
    _least_s: float = math.inf
    _sum_s: float = 0.0
    _rows: int = 0
    _skews: dict[str, _Skew] = field(default_factory=dict)

    def hear(self, received_s: Numbers, now_s: float) -> None:
        """Rows of one moment. Log time never goes back."""
        second = math.floor(now_s)
        if second > self._second:
            if self._rows:
                self._over()
            self._second, self._least_s, self._sum_s, self._rows = second, math.inf, 0.0, 0
        lag_s = now_s - received_s
        self._least_s = min(self._least_s, float(lag_s.min()))
        self._sum_s += float(lag_s.sum())
        self._rows += len(lag_s)
        self.heard_s = now_s

    def explains(self, lag_s: Numbers) -> Booleans:
        """Of which of these lags its clock is the larger part."""
        found_s = -(self.ahead_s or 0.0)
        its: Booleans = np.abs(lag_s - found_s) < np.minimum(np.abs(lag_s), abs(found_s))
        return its

    def _over(self) -> None:
        """A second is over."""
        lag_s, seconds = self._least_s, self._seconds
        if abs(lag_s) <= WITHIN_S:
            self.ahead_s = None
            seconds.clear()
            return
        if not self._may_hold(lag_s):
            self.ahead_s = None
        if self._sum_s / self._rows - lag_s > WITHIN_S:  # old and less old together
            if self.ahead_s is None:
                seconds.clear()
            return
        if seconds and not self._follows(seconds[-1], lag_s):
            seconds.clear()
        seconds.append(_Second(self._second, lag_s))
        while seconds[0].second < self._second - WINDOW_S and len(seconds) > KEPT_SECONDS:
            seconds.popleft()
        self._conclude()

    def _may_hold(self, lag_s: float) -> bool:
        """Whether what was found may still be so: a break makes rows later, never earlier."""
        found_s = -(self.ahead_s or 0.0)
        return lag_s >= found_s - WITHIN_S and (
            lag_s <= found_s + WITHIN_S or bool(self.explains(np.array([lag_s])).all())
        )

    def _follows(self, last: _Second, lag_s: float) -> bool:
        return abs(lag_s - last.lag_s) <= WITHIN_S and self._second - last.second <= APART_S

    def _conclude(self) -> None:
        first, last = self._seconds[0].second, self._seconds[-1].second
        if last - first < STEADY_FOR_S or len(self._seconds) < LEAST_SECONDS:
            return  # what was found before stands
        middle = (first + last) / 2
        early_s = min(one.lag_s for one in self._seconds if one.second <= middle)
        late_s = min(one.lag_s for one in self._seconds if one.second > middle)
        if -SHRINKS <= (late_s - early_s) / (middle - first) <= GROWS:
            self.ahead_s = -median(one.lag_s for one in self._seconds)
        elif self.ahead_s is not None and late_s < min(early_s, -self.ahead_s - EARLIER_S):
            self.ahead_s = None

    # the drones beside it

    def compare(self, keys: list[str | None], received_s: Numbers, said_s: Numbers, now_s: float) -> None:
        """Rows of one moment, with what their messages say; every fifth second is looked at."""
        if math.floor(now_s) % LOOK_EVERY_S:
            return
        for gone in [each for each, one in self._skews.items() if now_s - one.logged_s > SAMPLE_LASTS_S]:
            del self._skews[gone]
        for key, skew_s in zip(keys, (received_s - said_s).tolist(), strict=True):
            if key is not None and skew_s == skew_s and (key in self._skews or len(self._skews) < MOST_DRONES):  # noqa: PLR0124  not NaN
                self._skews[key] = _Skew(now_s, skew_s)

    @property
    def skew_s(self) -> float | None:
        """Receive time less message time, the median of the drones heard lately; None of fewer than three."""
        if len(self._skews) < LEAST_DRONES:
            return None
        return median(one.skew_s for one in self._skews.values())


class Clocks:
    """The clocks of all sensors: of the registered, and of some that are let in without being so.

    They are a part of the state that outlives a restart: a clock that was found wrong is so after it.
    """

    def __init__(self) -> None:
        self._of: dict[str, SensorClock] = {}
        self._strangers: dict[str, SensorClock] = {}

    def keep(self, sensors: Iterable[str]) -> None:
        """These are registered from now on."""
        self._of = {name: self._of.get(name) or SensorClock() for name in sensors}

    def of(self, name: str, now_s: float) -> SensorClock | None:
        """None where there is no room for one more that nobody registered."""
        return self._of[name] if name in self._of else self._of_stranger(name, now_s)

    def registered(self, name: str) -> SensorClock:
        """The clock of a registered sensor."""
        return self._of[name]

    def _of_stranger(self, name: str, now_s: float) -> SensorClock | None:
        held = self._strangers
        if name not in held and len(held) >= MOST_STRANGERS:
            silent = [each for each, clock in held.items() if now_s - clock.heard_s > STRANGER_LASTS_S]
            for each in silent:
                del held[each]
        if name not in held and len(held) >= MOST_STRANGERS:
            return None
        return held.setdefault(name, SensorClock())
