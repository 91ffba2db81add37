"""A restart with a drone in the air: one flight, one alert, and whoever took it still has it."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from airspace.demo import facts
from airspace.model.units import rfc3339
from airspace.service.clock import wall_clock
from receivers.sources.http_push import digest_of
from tests.servers.postgres import rows, scalar
from tests.servers.service import Service, airspace, free_port, wait_for

SECRET = "the secret of north"
EVERY_S = 0.3
ZONES = Path(facts.__file__).with_name("zones.json")
CONFIG = """
[console]
port = {port}
[database]
url = "{url}"
[privacy]
mode = "{mode}"
purpose = "test"
until = "2099-01-01T00:00:00Z"
[state]
folder = "{memory}"
[zones]
files = ["{zones}"]
[[sensor]]
id = "north"
token_sha256 = "{digest}"
"""


@dataclass
class World:
    """A drone that hovers over the pitch, and a service that is started again and again."""

    folder: Path
    url: str
    memory: Path
    mode: str = "enforcement"
    port: int = field(default_factory=free_port)
    sent_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[Service]:
        path = self.folder / "airspace.toml"
        digest = digest_of(SECRET).hex()
        path.write_text(
            CONFIG.format(port=self.port, url=self.url, memory=self.memory, zones=ZONES, digest=digest, mode=self.mode)
        )
        with airspace(self.folder, "run", "--config", str(path), port=self.port) as service:
            yield service

    def fly(self) -> None:
        """What the sensor hears of it now, a few times a second."""
        now_s = wall_clock()
        if now_s - self.sent_s < EVERY_S:
            return
        self.sent_s = now_s
        line = {
            "time": rfc3339(now_s),
            "received": rfc3339(now_s),
            "source": "remote_id",
            "transport": "ble4",
            "sensor": "north",
            "uas_id": "9ZZZ8HBY00001",
            "uas_id_type": "serial",
            "ua_type": "multirotor",
            "status": "airborne",
            "latitude_deg": 52.3144 + 1e-6 * (now_s % 10),
            "longitude_deg": 4.9419,
            "altitude_wgs84_m": 90.0,
            "height_m": 45.0,
            "height_reference": "ground",
            "speed_m_s": 0.0,
            "operator_latitude_deg": 52.3101,
            "operator_longitude_deg": 4.9502,
            "operator_location_type": "live",
        }
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/detections", json.dumps(line).encode())
        request.add_header("Authorization", f"Bearer {SECRET}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 202

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def alerts(self) -> list[dict[str, Any]]:
        """Fly a little, then the alerts that are there."""
        self.fly()
        return [one for one in self.get("/api/v1/alerts") if one["condition"] == "there" and one["track_id"]]

    def take(self, alert_id: str) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/alerts/{alert_id}/acknowledge",
            json.dumps({"by": "unit 12"}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["taken_by"] == "unit 12"

    def troubles(self) -> list[str]:
        return [str(one["word"]) for one in self.get("/api/v1/status")["troubles"]]

    def state(self) -> str:
        return str(self.get("/api/v1/status")["state"])


@pytest.fixture
def memory() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="airspace-test-", dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("server_url", ["embedded"], indirect=True)
def test_four_restarts_within_one_flight_make_one_flight_and_one_alert(
    url: str, tmp_path: Path, memory: Path, number: signal.Signals
) -> None:
    world = World(tmp_path, url, memory)
    with world.running() as service:
        wait_for(lambda: bool(world.alerts()), "the drone over the pitch is told")
        (alert,) = world.alerts()
        world.take(alert["alert_id"])
        service.process.send_signal(number)
        service.process.wait(20)
    for _ in range(3):
        with world.running() as service:
            wait_for(lambda: world.state() == "over_crowd", "the picture is there again")
            (again,) = world.alerts()
            assert (again["record_id"], again["taken_by"]) == (alert["record_id"], "unit 12")
            service.process.send_signal(number)
            service.process.wait(20)
    assert scalar(url, "select count(*) from flight") == 1
    told = rows(url, "select revision, line->>'state', line->>'taken_by' from outbox order by id")
    revisions = [int(str(revision)) for revision, _, _ in told]
    assert revisions == sorted(set(revisions))
    assert not [line for line in told if line[1] == "closed"]
    assert {taken_by for _, _, taken_by in told[2:]} <= {"unit 12", None}


@pytest.mark.parametrize("server_url", ["embedded"], indirect=True)
def test_in_statistics_mode_no_personal_byte_reaches_a_disk(url: str, tmp_path: Path, memory: Path) -> None:
    world = World(tmp_path, url, memory, mode="statistics")
    with world.running() as service:
        wait_for(lambda: bool(world.alerts()), "the drone over the pitch is told")
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(20)
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"9ZZZ8HBY00001" not in written
    assert any(b"9ZZZ8HBY00001" in file.read_bytes() for file in memory.rglob("*") if file.is_file()), "it is in memory"


@pytest.mark.parametrize("server_url", ["embedded"], indirect=True)
def test_a_folder_on_a_disk_keeps_nothing_and_says_so(url: str, tmp_path: Path) -> None:
    world = World(tmp_path, url, tmp_path / "state")
    with world.running() as service:
        wait_for(lambda: "state_not_kept" in world.troubles(), "it is told")
        assert service.stop() == 0
    assert not [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
