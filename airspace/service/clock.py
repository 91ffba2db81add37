"""The one place that reads the time of day."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


def wall_clock() -> float:
    """UTC epoch seconds."""
    return time.time()  # noqa: TID251 -- this is the clock


def steady_clock() -> float:
    """Seconds that pass whatever is done to the time of day; their zero means nothing."""
    return time.monotonic()
