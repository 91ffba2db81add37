"""Nothing is acknowledged before it is durable: the service is killed in the middle of 2,000 messages."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from bench.workload import City
from tests.servers.mosquitto import Broker, mosquitto
from tests.servers.postgres import rows, scalar
from tests.servers.service import Service, airspace, free_port, wait_for

MESSAGES = 2000
DRONES = 20
CONFIG = """
retention_hours = 1e6  # the made-up city flies in the past
[console]
port = {port}
[database]
url = "{url}"
[privacy]
mode = "enforcement"
purpose = "test"
until = "2099-01-01T00:00:00Z"
[[mqtt]]
port = {broker}
identifier = "kill-test"
[[sensor]]
id = "north"
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder) as running:
        yield running


def publish(broker: Broker, numbers: range) -> None:
    """Different messages, QoS 1, each taken over by the broker before this returns."""
    city = City(DRONES)
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sensor-north")
    client.max_inflight_messages_set(1000)
    client.connect(broker.host, broker.port)
    client.loop_start()
    topic = "airspace/v1/test/sensor/north/detection"
    told = [client.publish(topic, city.message(n % DRONES, n / DRONES), qos=1) for n in numbers]
    for one in told:
        one.wait_for_publish(timeout=30)
    client.disconnect()
    client.loop_stop()


def stored(url: str) -> int:
    return int(str(scalar(url, "select count(*) from detection")))


def test_killed_in_the_middle_all_are_stored_each_once(url: str, broker: Broker, tmp_path: Path) -> None:
    port = free_port()
    path = tmp_path / "airspace.toml"
    path.write_text(CONFIG.format(port=port, url=url, broker=broker.port))
    with airspace(tmp_path, "run", "--config", str(path), port=port) as service, ThreadPoolExecutor(1) as beside:
        wait_for(lambda: ready(service), "the service listens to the broker")
        publish(broker, range(MESSAGES // 2))
        rest = beside.submit(publish, broker, range(MESSAGES // 2, MESSAGES))
        wait_for(lambda: stored(url) >= 100, "the first hundred are stored")
        service.kill()
        at_the_kill = stored(url)
        rest.result(60)
    assert at_the_kill < MESSAGES, "the kill came too late to prove anything"
    with airspace(tmp_path, "run", "--config", str(path), port=port) as service:
        wait_for(lambda: stored(url) >= MESSAGES, "all are stored")
        assert service.stop() == 0
    each = rows(url, "select uas_id, count(*), count(distinct time) from detection group by 1 order by 1")
    share = MESSAGES // DRONES
    assert each == [(f"9ZZZ8{drone:08d}", share, share) for drone in range(DRONES)]
    assert scalar(url, "select coalesce(sum(n), 0)::int from reject_count") == 0


def ready(service: Service) -> bool:
    """Every part is well, the broker among them."""
    with (
        contextlib.suppress(urllib.error.URLError, ConnectionError),
        urllib.request.urlopen(f"{service.address}/readyz", timeout=2) as answer,
    ):
        return bool(answer.status == 200)
    return False
