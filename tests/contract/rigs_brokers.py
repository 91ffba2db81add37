"""The other ends of MQTT and ZeroMQ: a real Mosquitto, and a publisher of the same library."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import zmq

from airspace.model.message import MAX_PAYLOAD_BYTES
from receivers.sources.mqtt import MqttSource
from receivers.sources.mqtt_link import MqttSettings
from receivers.sources.zmq import ZmqSettings, ZmqSource
from tests.servers.mosquitto import Broker, mosquitto

FIRST_PAUSE_S = 0.002
TOPIC = "airspace/v1/delft/sensor/a/detection"


class Brokered:
    """The source and its broker. With QoS 0: what is not acknowledged would come again, which is not asked here."""

    def __init__(self, broker: Broker, source: MqttSource) -> None:
        self._broker = broker
        self._links = 0  # that are over
        self.source = source

    def payload(self, number: int) -> bytes:
        return str(number).encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        while self.source.counters["connects"] <= self._links:  # noqa: ASYNC110 -- the other end is another process
            await asyncio.sleep(0.005)
        async with aiomqtt.Client(self._broker.host, self._broker.port) as client:
            for payload in payloads:
                await client.publish(TOPIC, payload)

    async def break_message(self) -> None:
        """Nothing, and something of unknown age."""
        async with aiomqtt.Client(self._broker.host, self._broker.port) as client:
            await client.publish(TOPIC, b"", qos=1)
            await client.publish(TOPIC, b"old", qos=1, retain=True)

    async def cut(self) -> None:
        self._links = self.source.counters["connects"]
        session = self.source._session
        link = None if session is None else session.client._client.socket()
        if isinstance(link, socket.socket):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)


@asynccontextmanager
async def mqtt(clock: Callable[[], float]) -> AsyncIterator[Brokered]:
    with tempfile.TemporaryDirectory(prefix="airspace-test-") as folder, mosquitto(Path(folder)) as broker:
        settings = MqttSettings(host=broker.host, port=broker.port, identifier="contract", topics=("airspace/v1/#",))
        minutes = itertools.count(0.0, 60.0)  # between two looks: no program takes the session here, links are cut
        yield Brokered(
            broker,
            MqttSource(settings, clock=clock, first_pause_s=FIRST_PAUSE_S, monotonic=lambda: next(minutes)),
        )


class Published:
    """The source and its publisher, which knows when somebody subscribed."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], source: Callable[[str], ZmqSource]) -> None:
        self._context = context
        self._publisher = context.socket(zmq.XPUB)
        port = self._publisher.bind_to_random_port("tcp://127.0.0.1")
        self._endpoint = f"tcp://127.0.0.1:{port}"
        self._subscribed = False
        self.source = source(self._endpoint)

    def payload(self, number: int) -> bytes:
        return str(number).encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        while not self._subscribed:
            if self._publisher.poll(0):
                self._subscribed = self._publisher.recv()[:1] == b"\x01"
            await asyncio.sleep(0.005)
        for payload in payloads:
            self._publisher.send(payload)

    async def break_message(self) -> None:
        """Nothing, and more than a message may have."""
        await self.send([b"", b"x" * (MAX_PAYLOAD_BYTES + 1)])

    async def cut(self) -> None:
        self.close()
        self._publisher = self._context.socket(zmq.XPUB)
        while True:
            try:
                self._publisher.bind(self._endpoint)
            except zmq.ZMQError:  # the library closes the old one in its own time
                await asyncio.sleep(0.005)
            else:
                break
        self._subscribed = False

    def close(self) -> None:
        self._publisher.close(linger=0)


@asynccontextmanager
async def zmq_publisher(clock: Callable[[], float]) -> AsyncIterator[Published]:
    with zmq.Context() as context:
        rig = Published(context, lambda endpoint: ZmqSource(ZmqSettings(endpoint=endpoint), clock=clock))
        try:
            yield rig
        finally:
            rig.close()
