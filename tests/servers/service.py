"""``airspace run`` as a process of its own, for as long as a test needs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

WITHIN_S = 60.0


def wait_for(condition: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Until a condition of the world holds; the test fails, with its name, if it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.02)  # between two looks, not instead of one


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Service:
    """A running service."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"the service ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(timeout=WITHIN_S)

    def stop(self) -> int:
        """As Ctrl-C would; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=WITHIN_S)


@contextmanager
def airspace(folder: Path, *arguments: str, port: int) -> Iterator[Service]:
    """``python -m airspace`` with these arguments, up when its API answers."""
    log = folder / f"service-{time.monotonic_ns()}.log"
    environment = {**os.environ, "AIRSPACE_PSEUDONYM_KEY": "test", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "airspace", *arguments], stdout=out, stderr=subprocess.STDOUT, env=environment
        )
    service = Service(process, port, log)
    try:
        wait_for(service.alive, "the service answers")
        yield service
    finally:
        if process.poll() is None:
            service.kill()
