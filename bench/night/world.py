"""The world of the soak: a service as its own process, and everything round it that can be killed and started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from airspace.store.embedded import embedded, revive
from airspace.store.postmaster import find
from bench.flood import zone_file
from bench.night.senders import SECRET
from receivers.sources.http_push import digest_of
from tests.servers.grafana import Recorder, recording
from tests.servers.mosquitto import deployed_mosquitto
from tests.servers.service import airspace, free_port, wait_for

SILENT_AFTER_S: Final = 10
TOLD_WITHIN_S: Final = 6.0  # a picture may be five seconds old before it is called that, and we look once a second
CONFIG: Final = """
[console]
port = {port}
[database]
url = "{url}"
[privacy]
mode = "enforcement"
purpose = "bench"
until = "2099-01-01T00:00:00Z"
[zones]
files = ["{zones}"]
[notices]
files = ["{notices}"]
[grafana]
url = "{grafana}"
[[mqtt]]
name = "city"
host = "127.0.0.1"
port = {broker}
topics = ["airspace/v1/+/sensor/+/detection"]
identifier = "airspace-soak"
[[tcp]]
port = {tcp}
sensor = "roof"
[[sensor]]
id = "mast"
silent_after_s = {silent}
[[sensor]]
id = "roof"
silent_after_s = {silent}
[[sensor]]
id = "van"
token_sha256 = "{digest}"
silent_after_s = {silent}
"""


@dataclass
class Victim:
    """Something that is killed and started again."""

    name: str
    kill: Callable[[], None]
    start: Callable[[], None]
    silent_s: float  # how long after the kill the wall may still say "clear"; infinite: it is no part of seeing
    away_since_s: float | None = None
    back_s: float = 0.0  # when it was started last


class Sender:
    """A sensor's process."""

    def __init__(self, feed: str, port: int, ledger: Path) -> None:
        self._arguments = [sys.executable, "-m", "bench.night.senders", feed, str(port), str(ledger)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Where it left off."""
        self._process = subprocess.Popen(self._arguments, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Grafana:
    """The stand-in; what it kept outlives it."""

    def __init__(self) -> None:
        self.kept = Recorder()
        self._port = free_port()
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """The same after each start."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """With all that it kept."""
        self._running.enter_context(recording(self.kept, self._port))

    def kill(self) -> None:
        """Nobody listens there any more."""
        self._running.close()


@contextmanager
def world(folder: Path) -> Iterator[tuple[list[Victim], str, int, psutil.Process, Grafana]]:
    """Everything up: (victims in their order, database URL, console port, service, Grafana)."""
    port, tcp, grafana = free_port(), free_port(), Grafana()
    with ExitStack() as stack:
        broker = stack.enter_context(deployed_mosquitto(folder))
        url = stack.enter_context(embedded(folder / "db"))
        grafana.start()
        stack.callback(grafana.kill)
        os.environ["AIRSPACE_GRAFANA_TOKEN"] = "bench"
        senders = {
            feed: Sender(feed, at, folder / feed)
            for feed, at in {"mast": broker.port, "roof": tcp, "van": port}.items()
        }
        config, notices = folder / "airspace.toml", folder / "notices.csv"
        notices.write_text("id,state,serial,latitude_deg,longitude_deg,radius_m,start,end\n", encoding="utf-8")
        text = CONFIG.format(
            port=port,
            url=url,
            zones=zone_file(folder),
            notices=notices,
            grafana=grafana.url,
            broker=broker.port,
            tcp=tcp,
            digest=digest_of(SECRET).hex(),
            silent=SILENT_AFTER_S,
        )
        config.write_text(text, encoding="utf-8")
        service = stack.enter_context(airspace(folder, "run", "--config", str(config), port=port))
        for sender in senders.values():
            sender.start()
            stack.callback(sender.kill)
        silent_s = SILENT_AFTER_S + TOLD_WITHIN_S
        victims = [
            Victim("mast", senders["mast"].kill, senders["mast"].start, silent_s),
            Victim("database", lambda: _kill_database(folder / "db"), lambda: _revive(folder / "db"), TOLD_WITHIN_S),
            Victim("roof", senders["roof"].kill, senders["roof"].start, silent_s),
            Victim("broker", broker.kill, broker.start, silent_s),
            Victim("van", senders["van"].kill, senders["van"].start, silent_s),
            Victim("grafana", grafana.kill, grafana.start, float("inf")),
        ]
        yield victims, url, port, psutil.Process(service.process.pid), grafana
        for sender in senders.values():
            sender.kill()
        time.sleep(3)  # what they said last is stored
        if service.stop() != 0:
            raise SystemExit("the service did not end as it should")


def _kill_database(folder: Path) -> None:
    found = find(folder.resolve())
    if found is not None:
        found.process.kill()
        found.process.wait()


def _revive(folder: Path) -> None:
    wait_for(lambda: revive(folder) or True, "the database is up again")
