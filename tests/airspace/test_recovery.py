"""A start that takes minutes is told to who manages the service and to who reads its log."""

from __future__ import annotations

import os
import signal

import pytest
from structlog.testing import capture_logs

from airspace.app.recovery import MORE_S, TELL_MANAGER_EVERY_S, Recovery, ended_by_signal
from airspace.service.notify import Manager


class Told(Manager):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__({})
        self.lines: list[tuple[str, ...]] = []

    def tell(self, *lines: str) -> None:
        self.lines.append(lines)


@pytest.mark.parametrize(
    ("lasts_s", "logged"),
    [(2, []), (3, []), (4, [3]), (62, [3]), (64, [3, 63]), (190, [3, 63, 123, 183])],
)
def test_one_line_at_the_beginning_and_one_each_minute(lasts_s: int, logged: list[int]) -> None:
    manager = Told()
    recovery = Recovery(manager, "/var/lib/airspace/db")
    with capture_logs() as lines:
        for tenth in range(lasts_s * 10):
            recovery(tenth / 10)
    assert [line["waited_s"] for line in lines] == logged
    assert {line["event"] for line in lines} <= {"embedded database recovers: waiting"}
    assert len(manager.lines) == len(range(30, lasts_s * 10, int(TELL_MANAGER_EVERY_S * 10)))
    for extend, status in manager.lines:
        assert extend == f"EXTEND_TIMEOUT_USEC={MORE_S * 1_000_000}"
        assert status.startswith("STATUS=the embedded database recovers, ")
    assert TELL_MANAGER_EVERY_S < MORE_S / 2


def test_sigterm_ends_the_wait_in_order() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, ended_by_signal():
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 0
    assert signal.getsignal(signal.SIGTERM) is before
