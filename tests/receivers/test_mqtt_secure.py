"""MQTT as ``deploy/`` sets it up: TLS, passwords, certificates, an ACL; and with version 5."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import aiomqtt
import pytest
from structlog.testing import capture_logs

from airspace.app.sources import client_tls
from airspace.model.message import RawMessage
from airspace.service.config_sources import Tls
from receivers.sources import mqtt_link
from receivers.sources.mqtt import MqttSource
from receivers.sources.mqtt_link import MqttSettings, probe
from tests.servers.mosquitto import Broker, mosquitto, secure_mosquitto
from tests.servers.pki import Authority, authority

Version = Literal["3.1.1", "5"]
USERS = {"airspace-monitor": "monitor's password", "roof-1": "roof's password"}
TOPIC = "airspace/v1/amsterdam/sensor/{}/detection"
VERSIONS = pytest.mark.parametrize("version", ["3.1.1", "5"])


@dataclass(frozen=True)
class World:
    """A broker and what is needed to talk to it."""

    broker: Broker
    trusted: Authority
    stranger: Authority

    def settings(self, version: Version = "3.1.1", **others: Any) -> MqttSettings:
        settings = MqttSettings(
            host="localhost",
            port=self.broker.port,
            identifier="secure-test",
            topics=(TOPIC.format("+"),),
            username="airspace-monitor",
            password=USERS["airspace-monitor"],
            version=version,
            tls=client_tls(Tls(tls_ca_file=str(self.trusted.certificate))),
        )
        return replace(settings, **others)

    def with_certificate(self, signed_by: Authority, name: str) -> MqttSettings:
        certificate, key = signed_by.sign(name)
        tls = Tls(
            tls_ca_file=str(self.trusted.certificate), tls_certificate_file=str(certificate), tls_key_file=str(key)
        )
        return self.settings(port=self.broker.certificate_port, username=None, password=None, tls=client_tls(tls))

    async def publish(self, sensor: str, payload: bytes, *, user: str = "roof-1", retain: bool = False) -> None:
        context = ssl.create_default_context(cafile=str(self.trusted.certificate))
        async with aiomqtt.Client(
            "localhost", self.broker.port, username=user, password=USERS[user], tls_context=context
        ) as client:
            await client.publish(TOPIC.format(sensor), payload, qos=1, retain=retain)


@pytest.fixture(scope="module", name="world")
def a_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("secure")
    trusted, stranger = authority(folder / "ca"), authority(folder / "other", "another authority")
    with secure_mosquitto(folder, trusted, USERS) as broker:
        yield World(broker, trusted, stranger)


def source(settings: MqttSettings, *, keep_retained: bool = False) -> MqttSource:
    return MqttSource(settings, clock=lambda: 1.0, first_pause_s=0.01, keep_retained=keep_retained)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the other end is another process
            await asyncio.sleep(0.005)


async def first_of(one: MqttSource, publish: Callable[[], object]) -> list[RawMessage]:
    """What comes first after a publication, acknowledged."""
    async with asyncio.timeout(20), aclosing(one.deliveries()) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.connected)
        told = publish()
        assert asyncio.iscoroutine(told)
        await told
        delivery = await waiting
        await delivery.acknowledge()
        return list(delivery.messages)


async def fault_of(settings: MqttSettings) -> str:
    """What a source says that cannot connect; it goes on trying and raises nothing."""
    one = source(settings)
    async with aclosing(one.deliveries()) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["failed"] >= 2)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert one.refused, "the broker answers: it is no lost link"
    return str(one.fault)


@VERSIONS
async def test_password_over_tls(world: World, version: Version) -> None:
    one = source(world.settings(version, identifier=f"password-{version}"))
    (message,) = await first_of(one, lambda: world.publish("roof-1", b"{}"))
    assert (message.sensor, message.payload) == ("roof-1", b"{}")
    assert one.fault is None
    assert await probe(world.settings(version)) is None


async def test_a_client_certificate(world: World) -> None:
    settings = world.with_certificate(world.trusted, "airspace-monitor")
    (message,) = await first_of(source(settings), lambda: world.publish("roof-1", b"[]"))
    assert message.payload == b"[]"
    assert await probe(settings) is None


@VERSIONS
async def test_a_wrong_password_is_named(world: World, version: Version) -> None:
    settings = world.settings(version, password="guessed")
    assert "does not authorise this user" in await fault_of(settings)
    assert "does not authorise this user" in str(await probe(settings))


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")  # paho leaves it to the collector
async def test_a_broker_of_another_authority_is_named(world: World) -> None:
    settings = world.settings(tls=client_tls(Tls(tls_ca_file=str(world.stranger.certificate))))
    assert "the broker's certificate is not trusted" in await fault_of(settings)
    assert "the broker's certificate is not trusted" in str(await probe(settings))


@pytest.mark.parametrize("signed_by", ["nobody", "stranger"])
async def test_a_client_without_the_right_certificate_is_named(world: World, signed_by: str) -> None:
    settings = world.settings(port=world.broker.certificate_port, username=None, password=None)
    if signed_by == "stranger":
        settings = world.with_certificate(world.stranger, "airspace-monitor")
    fault = await fault_of(settings)
    assert "the broker refuses our TLS, or our certificate" in fault


async def test_plain_text_to_a_tls_port_is_a_fault_and_no_crash(world: World) -> None:
    one = source(world.settings(tls=None))
    async with aclosing(one.deliveries()) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["failed"] >= 2)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert one.fault
    assert not one.refused, "a broker that hangs up says nothing of us"


async def test_the_acl_keeps_a_sensor_to_its_own_topic(world: World) -> None:
    settings = world.settings(identifier="acl-test", sensor_from_topic=True)

    async def publish() -> None:
        await world.publish("roof-2", b"forged")
        await world.publish("roof-1", b"own")

    (message,) = await first_of(source(settings), publish)
    assert (message.payload, message.sensor, message.proven) == (b"own", "roof-1", True)


@VERSIONS
async def test_what_is_not_acknowledged_comes_again(world: World, version: Version) -> None:
    """With version 5 the session outlives the connection because we ask for it."""
    settings = world.settings(version, identifier=f"again-{version}")
    async with asyncio.timeout(20), aclosing(source(settings).deliveries()) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        one = source(settings)
        await asyncio.wait([waiting], timeout=0.3)
        await world.publish("roof-1", b"1")
        assert [message.payload for message in (await waiting).messages] == [b"1"]
    await world.publish("roof-1", b"2")  # while nobody is there
    async with asyncio.timeout(20), aclosing(one.deliveries()) as deliveries:
        payloads: list[bytes] = []
        while len(payloads) < 2:
            delivery = await anext(deliveries)
            payloads += [message.payload for message in delivery.messages]
            await delivery.acknowledge()
    assert payloads == [b"1", b"2"]


async def test_with_version_5_the_broker_knows_our_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the queue holds waits at the broker, none is dropped."""
    monkeypatch.setattr(mqtt_link, "QUEUE_MESSAGES", 150)
    monkeypatch.setattr(mqtt_link, "WINDOW_MESSAGES", 100)
    with mosquitto(tmp_path) as broker:
        settings = MqttSettings(
            host=broker.host, port=broker.port, identifier="window-test", topics=(TOPIC.format("+"),), version="5"
        )
        for counted in (0, 600):
            one = source(settings)
            async with asyncio.timeout(20), aclosing(one.deliveries()) as deliveries:
                waiting = asyncio.ensure_future(anext(deliveries))
                await until(lambda: one.connected)  # noqa: B023 - awaited here
                taken: list[int] = []
                while len(taken) < counted:
                    delivery = await waiting
                    taken += [int(message.payload) for message in delivery.messages]
                    await delivery.acknowledge()
                    waiting = asyncio.ensure_future(anext(deliveries))
                waiting.cancel()
                await asyncio.wait([waiting])
            async with aiomqtt.Client(broker.host, broker.port) as client:
                for number in range(600 - counted):
                    await client.publish(TOPIC.format("a"), str(number).encode(), qos=1)
    assert taken == list(range(600))
    assert one.counters["dropped"] == 0


@VERSIONS
async def test_retained_messages_are_marked_where_they_are_wanted(tmp_path: Path, version: Version) -> None:
    with mosquitto(tmp_path) as broker:
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.publish(TOPIC.format("a"), b"old", qos=1, retain=True)
        settings = MqttSettings(
            host=broker.host, port=broker.port, identifier="r", topics=(TOPIC.format("+"),), version=version
        )
        one = source(settings, keep_retained=True)

        async def publish() -> None:
            return None

        (message,) = await first_of(one, publish)
    assert (message.payload, message.retained) == (b"old", True)
    assert one.counters["retained"] == 1
    assert one.counters["received"] == 0


@VERSIONS
async def test_a_shared_subscription_is_dealt_out_and_warned_of(tmp_path: Path, version: Version) -> None:
    with mosquitto(tmp_path) as broker, capture_logs() as logs:
        settings = MqttSettings(
            host=broker.host,
            port=broker.port,
            identifier="one",
            topics=(TOPIC.format("+"),),
            version=version,
            share_group="city",
        )
        members = [source(settings), source(replace(settings, identifier="two"))]
        taken: list[list[int]] = [[], []]

        async def member(number: int) -> None:
            async with aclosing(members[number].deliveries()) as deliveries:
                async for delivery in deliveries:
                    taken[number] += [int(message.payload) for message in delivery.messages]
                    await delivery.acknowledge()

        tasks = [asyncio.create_task(member(number)) for number in (0, 1)]
        await until(lambda: all(one.connected for one in members))
        async with aiomqtt.Client(broker.host, broker.port) as client:
            for number in range(40):
                await client.publish(TOPIC.format("a"), str(number).encode(), qos=1)
        await until(lambda: sum(map(len, taken)) >= 40)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(taken[0] + taken[1]) == list(range(40))
    assert all(taken)
    warned = [line for line in logs if line["event"] == "mqtt subscription is shared"]
    assert len(warned) == 2
    assert "no order" in warned[0]["means"]
