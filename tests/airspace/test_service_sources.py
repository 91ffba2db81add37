"""The whole service with a source of each kind: what each brings is stored, and pushed messages before the answer."""

from __future__ import annotations

import gzip
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import zmq

from bench.workload import City
from receivers.sources.http_push import digest_of
from tests.airspace.test_doctor import answering
from tests.airspace.test_service_kill import publish, ready
from tests.servers.mosquitto import Broker, mosquitto
from tests.servers.postgres import rows, scalar
from tests.servers.service import Service, airspace, free_port, wait_for

DRONES = 20
CITY = City(DRONES)  # its messages say that they are of the sensor "north"
SECRETS = {"north": "the secret of north", "west": "the secret of west", "gone": "the secret of gone"}
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
[record]
folder = "{folder}/recordings"
[[mqtt]]
name = "one"
port = {one}
[[mqtt]]
name = "two"
port = {two}
version = "5"
[[zmq]]
endpoint = "tcp://127.0.0.1:{publisher}"
[[tcp]]
role = "server"
port = {lines}
[[udp]]
port = {datagrams}
[[serial]]
device = "{device}"
[[poll]]
url = "{poll}/aircraft.json"
[[sensor]]
id = "north"
token_sha256 = "{north}"
[[sensor]]
id = "west"
token_sha256 = "{west}"
[[sensor]]
id = "gone"
token_sha256 = "{gone}"
until = "2020-01-01T00:00:00Z"
"""


@dataclass(frozen=True)
class World:
    """A running service and all that it listens to."""

    service: Service
    url: str
    brokers: tuple[Broker, Broker]
    publisher: zmq.Socket[bytes]
    lines: int
    datagrams: int
    cable: int

    def stored(self, sensor: str = "north") -> int:
        return int(str(scalar(self.url, f"select count(*) from detection where sensor = '{sensor}'")))

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.service.address}/metrics", timeout=5) as page:
            return str(page.read().decode())

    def push(self, body: bytes, secret: str, **headers: str) -> tuple[int, dict[str, object]]:
        request = urllib.request.Request(f"{self.service.address}/api/v1/detections", body)
        request.add_header("Authorization", f"Bearer {secret}")
        request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(name="world")
def a_world(url: str, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        folders = [tmp_path / "one", tmp_path / "two"]
        for folder in folders:
            folder.mkdir()
        one, two = (stack.enter_context(mosquitto(folder)) for folder in folders)
        publisher = stack.enter_context(stack.enter_context(zmq.Context()).socket(zmq.XPUB))
        publisher.linger = 0
        port, lines, datagrams = free_port(), free_port(), free_port()
        cable, node = os.openpty()
        stack.callback(os.close, cable)
        stack.callback(os.close, node)
        digests = {sensor: digest_of(secret).hex() for sensor, secret in SECRETS.items()}
        text = CONFIG.format(
            port=port,
            url=url,
            folder=tmp_path,
            one=one.port,
            two=two.port,
            publisher=publisher.bind_to_random_port("tcp://127.0.0.1"),
            lines=lines,
            datagrams=datagrams,
            device=os.ttyname(node),
            poll=stack.enter_context(answering(lambda _: (200, {"now": 1e9, "aircraft": []}))),
            **digests,
        )
        path = tmp_path / "airspace.toml"
        path.write_text(text)
        service = stack.enter_context(airspace(tmp_path, "run", "--config", str(path), port=port))
        world = World(service, url, (one, two), publisher, lines, datagrams, cable)
        wait_for(lambda: ready(service), "every source is connected")
        yield world
        assert service.stop() == 0
        assert list((tmp_path / "recordings").iterdir())


def message(number: int) -> bytes:
    return CITY.message(number % DRONES, number / DRONES)


def test_each_source_is_stored(world: World) -> None:
    publish(world.brokers[0], range(10))
    publish(world.brokers[1], range(10, 20))
    world.publisher.poll(10_000)
    for number in range(20, 30):
        world.publisher.send_multipart([b"drone", message(number)])
    with socket.create_connection(("127.0.0.1", world.lines)) as link:
        link.sendall(b"".join(message(number) + b"\n" for number in range(30, 40)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(40, 50):
                sender.sendto(message(number), ("127.0.0.1", world.datagrams))
        for number in range(50, 60):
            os.write(world.cable, message(number) + b"\n")
        wait_for(lambda: world.stored() >= 60, "a detection of each message of each source")
    answered, _ = world.push(b"[" + b",".join(map(message, range(60, 70))) + b"]", SECRETS["north"])
    assert answered == 202
    assert world.stored() == 70
    connected = 'airspace_source_events{event="connects",source="mqtt:two"} 1.0'
    wait_for(lambda: connected in world.metrics(), "what sources count is told, every two seconds")
    text = world.metrics()
    for source in (
        "mqtt:one",
        "mqtt:two",
        "zmq:tcp://127.0.0.1:",
        "tcp-server:127.0.0.1:",
        "udp:",
        "serial:",
        "push",
        "poll:",
    ):
        assert f'airspace_messages_total{{source="{source}' in text, source


def test_what_was_pushed_is_stored_when_it_is_answered(world: World) -> None:
    body = gzip.compress(b"\n".join(map(message, range(100))))
    assert world.push(body, SECRETS["west"], Content_Encoding="gzip") == (202, {"messages": 100})
    assert world.stored("west") == 100
    assert world.stored("north") == 0, "the secret says who it is, not the messages"
    assert world.push(body, SECRETS["west"], Content_Encoding="gzip")[0] == 202
    assert world.stored("west") == 100, "sent again it is stored once"
    assert rows(world.url, "select count(distinct uas_id) from detection") == [(DRONES,)]
    assert world.push(message(0), "no secret")[0] == 401
    assert world.push(message(0), SECRETS["gone"])[0] == 403
    assert world.push(b"nonsense", SECRETS["west"])[0] == 422
    assert world.push(message(0), SECRETS["west"], Content_Type="text/csv")[0] == 415
    assert world.push(gzip.compress(b" " * (1 << 24)), SECRETS["west"], Content_Encoding="gzip")[0] == 413
