"""A real Mosquitto on a free loopback port, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

STARTS_WITHIN_S = 10.0
_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 100000
max_inflight_messages 1000
log_dest file {folder}/mosquitto.log
{user}
"""


@dataclass(slots=True, kw_only=True)
class Broker:
    """A running broker; it may be stopped or killed, and started again with what it had saved."""

    binary: str
    config: Path
    port: int
    process: subprocess.Popen[bytes]
    host: str = "127.0.0.1"

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        """As an administrator would: it saves its state first."""
        self.process.terminate()
        self.process.wait(timeout=STARTS_WITHIN_S)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(timeout=STARTS_WITHIN_S)

    def start(self) -> None:
        self.process = _started(self.binary, self.config, self.port)


@contextmanager
def mosquitto(folder: Path) -> Iterator[Broker]:
    """A broker with its files in the folder; skips without the program, but fails where CI promised it."""
    binary = _binary()
    port = _free_port()
    config = folder / "mosquitto.conf"
    # as root it would become user mosquitto, who may not write here
    user = "user root" if os.geteuid() == 0 else ""
    config.write_text(_CONFIG.format(port=port, folder=folder, user=user))
    broker = Broker(binary=binary, config=config, port=port, process=_started(binary, config, port))
    try:
        yield broker
    finally:
        if broker.process.poll() is None:
            broker.kill()


def _binary() -> str:
    named = os.environ.get("AIRSPACE_TEST_MOSQUITTO")
    found = named or shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if found and Path(found).is_file():
        return found
    reason = "no Mosquitto: install it or set AIRSPACE_TEST_MOSQUITTO"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _started(binary: str, config: Path, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([binary, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"Mosquitto ended at once with {process.returncode}; see {config.parent}/mosquitto.log")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.01)  # between two tries, not instead of one
        else:
            return process
    process.kill()
    pytest.fail(f"Mosquitto did not listen within {STARTS_WITHIN_S} s")
