"""The start of an embedded database that recovers: waited for, told, and ended in order by a signal."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

import structlog

from airspace.service.notify import MICROSECONDS, Manager

QUIET_S: Final = 3.0  # a start that takes no longer is nothing to tell
TELL_MANAGER_EVERY_S: Final = 5.0
LOG_EVERY_S: Final = 60.0
MORE_S: Final = 60  # what the manager is asked for, again and again: as long as it is told, it waits

log = structlog.get_logger("airspace")


class Recovery:
    """Called with how long the start has taken so far, as often as anybody likes."""

    def __init__(self, manager: Manager, folder: str | None) -> None:
        self._manager = manager
        self._folder = folder
        self._logged_s = -math.inf
        self._told_s = -math.inf

    def __call__(self, waited_s: float) -> None:
        """Tell the service manager and the log."""
        if waited_s < QUIET_S:
            return
        if waited_s - self._told_s >= TELL_MANAGER_EVERY_S:
            self._told_s = waited_s
            told = f"STATUS=the embedded database recovers, {waited_s:.0f} s so far"
            self._manager.tell(f"EXTEND_TIMEOUT_USEC={MORE_S * MICROSECONDS}", told)
        if waited_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = waited_s
            log.warning("embedded database recovers: waiting", folder=self._folder, waited_s=round(waited_s))


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """SIGTERM ends the body in order and the program with 0: else the server would be left behind.

    Until the service takes signals itself, from its first moment to its last.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
