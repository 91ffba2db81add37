"""Nothing is acknowledged before it is durable: service and broker are killed in the middle of 10,000 messages.

What the broker's own persistence promises stands in ``deploy/mosquitto.conf`` and is tested as it stands there: what
was acknowledged to the sensor two seconds before a SIGKILL is there again. What it sent later, and what it had no
acknowledgement for, a good sensor sends again.
"""

from __future__ import annotations

import contextlib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from bench.workload import City
from tests.servers.mosquitto import SAVED_WITHIN_S, Broker, deployed_mosquitto
from tests.servers.postgres import rows, scalar
from tests.servers.service import Service, airspace, free_port, wait_for

MESSAGES = 10_000
AHEAD = 500  # what a sensor is ahead of the service at most: half the broker's window
SENT_AGAIN = 1_000  # after a lost link: more than the broker can have lost
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
    with deployed_mosquitto(folder) as running:
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


def publish_beside(broker: Broker, url: str) -> Iterator[None]:
    """As a good sensor does: no faster than the service, and after a lost link it sends its last seconds again.

    A broker without a synchronous save may lose what it acknowledged just before it was killed; what it did not lose
    comes twice, and is stored once.
    """
    city = City(DRONES)
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sensor-north", clean_session=False)
    client.max_inflight_messages_set(100)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    acknowledged: list[int] = []
    links: list[object] = []
    client.on_publish = lambda *arguments: acknowledged.append(arguments[2])
    client.on_connect = lambda *arguments: links.append(arguments[3])
    client.connect(broker.host, broker.port)
    client.loop_start()
    wait_for(lambda: bool(links), "the broker answers")
    sent, seen = 0, len(links)

    def send(numbers: range) -> None:
        nonlocal sent
        for number in numbers:
            client.publish("airspace/v1/test/sensor/north/detection", message_of(city, number), qos=1)
            sent += 1

    def kept_up(number: int, ahead: int) -> bool:
        nonlocal seen
        if len(links) > seen:
            seen = len(links)
            send(range(max(0, number - SENT_AGAIN), number))
        return stored(url) >= number - ahead

    try:
        for number in range(0, MESSAGES, 100):
            wait_for(lambda: kept_up(number, AHEAD), "the service keeps up")  # noqa: B023 - called here
            yield
            send(range(number, number + 100))
        wait_for(lambda: kept_up(MESSAGES, 0) and len(acknowledged) >= sent, "all are taken over and stored")
    finally:
        client.disconnect()
        client.loop_stop()


def message_of(city: City, number: int) -> bytes:
    return city.message(number % DRONES, number / DRONES)


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
    all_are_stored_each_once(url)


def test_the_broker_killed_in_the_middle_all_are_stored_each_once(url: str, broker: Broker, tmp_path: Path) -> None:
    port = free_port()
    path = tmp_path / "airspace.toml"
    path.write_text(CONFIG.format(port=port, url=url, broker=broker.port))
    with airspace(tmp_path, "run", "--config", str(path), port=port) as service:
        wait_for(lambda: ready(service), "the service listens to the broker")
        wait_until_saved(broker)  # the session itself; before it is on disk a killed broker knows no subscriber
        for turn, _ in enumerate(publish_beside(broker, url)):
            if turn == MESSAGES // 200:
                broker.kill()
                broker.start()
        wait_for(lambda: stored(url) >= MESSAGES, "all are stored")
        assert service.stop() == 0
    all_are_stored_each_once(url)


def test_the_sample_configuration_keeps_what_it_acknowledged(broker: Broker) -> None:
    """A backlog for a service that is away survives SIGKILL, but for what was acknowledged in the last moments."""
    absent = paho.Client(CallbackAPIVersion.VERSION2, client_id="absent", clean_session=False)
    subscribe(absent, broker, [])
    absent.disconnect()
    absent.loop_stop()
    publish(broker, range(2000))
    wait_until_saved(broker)
    publish(broker, range(2000, 3000))
    broker.kill()
    broker.start()
    found: list[bytes] = []
    absent = paho.Client(CallbackAPIVersion.VERSION2, client_id="absent", clean_session=False)
    subscribe(absent, broker, found)
    city = City(DRONES)
    wanted = [city.message(number % DRONES, number / DRONES) for number in range(3000)]
    wait_for(lambda: set(wanted[:2000]) <= set(found), "what was saved is there")
    absent.disconnect()
    absent.loop_stop()
    assert len(found) == len(set(found))
    assert set(found) <= set(wanted)


def subscribe(client: paho.Client, broker: Broker, found: list[bytes]) -> None:
    """A session for everything."""
    subscribed = threading.Event()
    client.on_message = lambda *arguments: found.append(arguments[2].payload)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    wait_for(client.is_connected, "the broker answers")
    client.subscribe("airspace/v1/#", qos=1)
    assert subscribed.wait(10)


def wait_until_saved(broker: Broker) -> None:
    """Until the broker has saved what it knows now; sooner than it promises, or the test fails."""
    now_ns = time.time_ns()
    # the second save from now on: the first may have been under way already
    for count in ("first", "second"):
        wait_for(lambda: saved_ns(broker) > now_ns, f"the {count} save", within_s=SAVED_WITHIN_S)  # noqa: B023
        now_ns = saved_ns(broker)


def saved_ns(broker: Broker) -> int:
    return broker.saved.stat().st_mtime_ns if broker.saved.exists() else 0


def all_are_stored_each_once(url: str) -> None:
    each = rows(url, "select uas_id, count(*), count(distinct time) from detection group by 1 order by 1")
    share = MESSAGES // DRONES
    assert each == [(f"9ZZZ8{drone:08d}", share, share) for drone in range(DRONES)]
    kept = "reason <> 'older_than_kept'"  # the messages are of a fixed day
    assert scalar(url, f"select coalesce(sum(n), 0)::int from reject_count where {kept}") == 0


def ready(service: Service) -> bool:
    """Every part is well, the broker among them."""
    with (
        contextlib.suppress(urllib.error.URLError, ConnectionError),
        urllib.request.urlopen(f"{service.address}/readyz", timeout=2) as answer,
    ):
        return bool(answer.status == 200)
    return False
