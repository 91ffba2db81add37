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

from tests.conftest import ROOT
from tests.servers.pki import Authority

DEPLOY = ROOT / "deploy"
SAVED_WITHIN_S = 3.0  # as deploy/mosquitto.conf promises 2 s, and one for a slow machine
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
    certificate_port: int = 0  # where a client certificate is asked for, if anywhere

    @property
    def saved(self) -> Path:
        """What a restarted broker begins with."""
        return self.config.parent / "mosquitto.db"

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
    port = _free_port()
    with _running(folder, port, _CONFIG.format(port=port, folder=folder, user=_user())) as broker:
        yield broker


@contextmanager
def deployed_mosquitto(folder: Path) -> Iterator[Broker]:
    """One that runs ``deploy/mosquitto.conf``, but for port and folder."""
    port = _free_port()
    with _running(folder, port, _moved("mosquitto.conf", folder, {"listener 1883": f"listener {port}"})) as broker:
        yield broker


@contextmanager
def secure_mosquitto(folder: Path, trusted: Authority, users: dict[str, str]) -> Iterator[Broker]:
    """One that runs ``deploy/mosquitto-tls.conf`` and ``deploy/acl``, but for ports and folder."""
    _binary()
    certificate, key = trusted.sign("broker")
    shutil.copy(trusted.certificate, folder / "ca.crt")
    shutil.copy(certificate, folder / "server.crt")
    shutil.copy(key, folder / "server.key")
    shutil.copy(DEPLOY / "acl", folder / "acl")
    (folder / "passwords").touch(mode=0o600)
    for name, password in users.items():
        subprocess.run(
            ["mosquitto_passwd", "-b", folder / "passwords", name, password], check=True, capture_output=True
        )
    port, certificate_port = _free_port(), _free_port()
    moved = {
        "/etc/mosquitto/": f"{folder}/",
        "listener 8883": f"listener {port} 127.0.0.1",
        "listener 8884": f"listener {certificate_port} 127.0.0.1",
    }
    with _running(folder, port, _moved("mosquitto-tls.conf", folder, moved)) as broker:
        broker.certificate_port = certificate_port
        yield broker


def _moved(name: str, folder: Path, places: dict[str, str]) -> str:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for here, there in {"/var/lib/mosquitto/": f"{folder}/", **places}.items():
        assert here in text, f"{name} says nothing of {here}"
        text = text.replace(here, there)
    return f"{text}\nlog_dest file {folder}/mosquitto.log\n{_user()}\n"


def _user() -> str:
    """As root it would become user mosquitto, who may not write to a test's folder."""
    return "user root" if os.geteuid() == 0 else ""


@contextmanager
def _running(folder: Path, port: int, text: str) -> Iterator[Broker]:
    binary = _binary()
    config = folder / "mosquitto.conf"
    config.write_text(text, encoding="utf-8")
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
