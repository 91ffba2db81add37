"""MQTT against a real Mosquitto: what is not acknowledged comes again, what is acknowledged does not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import aiomqtt
import pytest

from airspace.model.message import RawMessage
from airspace.model.ports import Delivery, LiveSource
from receivers.sources import mqtt, mqtt_link
from receivers.sources.mqtt import MqttDelivery, MqttSettings, MqttSource, sensor_of
from tests.receivers.waiting import arriving
from tests.servers.mosquitto import Broker, mosquitto

TOPIC = "airspace/v1/amsterdam/sensor/roof-1/odid"
PATIENCE_S = 20.0


@pytest.fixture(name="broker")
def a_broker(tmp_path: Path) -> Iterator[Broker]:
    with mosquitto(tmp_path) as broker:
        yield broker


def source(broker: Broker, *topics: str, identifier: str = "airspace") -> MqttSource:
    settings = MqttSettings(
        host=broker.host, port=broker.port, identifier=identifier, topics=topics or ("airspace/v1/#",)
    )
    return MqttSource(settings, clock=lambda: 1234.5, first_pause_s=0.01)


async def subscribed(broker: Broker, identifier: str = "airspace") -> None:
    """Let the broker know the session before anything is published."""
    async with aiomqtt.Client(broker.host, broker.port, identifier=identifier, clean_session=False) as client:
        await client.subscribe("airspace/v1/#", qos=1)


async def publish(broker: Broker, payloads: range, *, retain: bool = False, qos: int = 1, topic: str = TOPIC) -> None:
    async with aiomqtt.Client(broker.host, broker.port) as client:
        for number in payloads:
            await client.publish(topic, str(number).encode(), qos=qos, retain=retain)


def numbers(messages: list[RawMessage]) -> list[int]:
    return [int(message.payload) for message in messages]


@asynccontextmanager
async def receiving(one: MqttSource) -> AsyncIterator[AsyncIterator[MqttDelivery]]:
    async with asyncio.timeout(PATIENCE_S), aclosing(one.deliveries()) as deliveries:
        yield deliveries


async def receive(deliveries: AsyncIterator[MqttDelivery], count: int) -> tuple[list[RawMessage], list[MqttDelivery]]:
    messages: list[RawMessage] = []
    taken: list[MqttDelivery] = []
    while len(messages) < count:
        delivery = await anext(deliveries)
        messages.extend(delivery.messages)
        taken.append(delivery)
    return messages, taken


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the other end is another process
        await asyncio.sleep(0.005)


async def flush(one: MqttSource) -> None:
    """What was acknowledged has reached the broker when the answer to a later publication is there."""
    assert one._session is not None
    await one._session.client.publish("other/flush", b"", qos=1)


def cut_link(one: MqttSource) -> None:
    assert one._session is not None
    connection = one._session.client._client.socket()
    assert isinstance(connection, socket.socket)
    connection.shutdown(socket.SHUT_RDWR)


def port_of(one: MqttSource) -> LiveSource:
    """The types agree with the port."""
    return one


async def test_messages_arrive_with_sensor_topic_and_time(broker: Broker) -> None:
    await subscribed(broker)
    await publish(broker, range(3))
    one = source(broker)
    async with receiving(one) as deliveries:
        messages, _ = await receive(deliveries, 3)
    assert numbers(messages) == [0, 1, 2]
    assert {(message.sensor, message.place, message.received_s) for message in messages} == {("roof-1", TOPIC, 1234.5)}
    assert port_of(one).name == f"mqtt:127.0.0.1:{broker.port}"
    assert one.fault is None


async def test_only_the_unacknowledged_come_again_after_a_cut(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "MAX_MESSAGES", 50)  # so that a hundred are whole deliveries
    await subscribed(broker)
    await publish(broker, range(300))
    one = source(broker)
    async with receiving(one) as deliveries:
        messages: list[RawMessage] = []
        acknowledged: list[int] = []
        held: list[Delivery] = []
        while len(messages) < 300:
            delivery = await anext(deliveries)
            messages.extend(delivery.messages)
            if len(acknowledged) + len(delivery.messages) <= 100:
                await delivery.acknowledge()
                acknowledged += numbers(list(delivery.messages))
            else:
                held.append(delivery)
        assert numbers(messages) == list(range(300))
        assert len(acknowledged) >= 51
        await flush(one)
        cut_link(one)
        again, taken = await receive(deliveries, 300 - len(acknowledged))
        assert numbers(again) == sorted(set(range(300)) - set(acknowledged))
        for old in held:
            await old.acknowledge()  # of the lost link: must not forget anything of this one
        await flush(one)
        cut_link(one)
        once_more, taken = await receive(deliveries, len(again))
        assert numbers(once_more) == numbers(again)
        for delivery in taken:
            await delivery.acknowledge()
        await flush(one)
    assert one.counters["lost"] == 2
    assert one.counters["connects"] == 3
    async with receiving(source(broker)) as deliveries:
        await publish(broker, range(1000, 1001))
        messages, _ = await receive(deliveries, 1)
        assert numbers(messages) == [1000]


async def test_another_process_with_the_same_name_gets_what_was_left(broker: Broker) -> None:
    await subscribed(broker)
    await publish(broker, range(20))
    async with receiving(source(broker)) as deliveries:
        messages, _ = await receive(deliveries, 20)
    async with receiving(source(broker)) as deliveries:
        again, _ = await receive(deliveries, 20)
    assert numbers(again) == numbers(messages)


@pytest.mark.parametrize("clean", [True, False], ids=["stopped", "killed"])
async def test_a_restarted_broker_is_found_again(broker: Broker, clean: bool) -> None:  # noqa: FBT001
    one = source(broker)
    await subscribed(broker)
    async with receiving(one) as deliveries:
        await publish(broker, range(5))
        _, taken = await receive(deliveries, 5)
        for delivery in taken:
            await delivery.acknowledge()
        await flush(one)
        saved = broker.config.parent / "mosquitto.db"
        await until(lambda: clean or saved.exists())  # the broker saves once a second
        (broker.stop if clean else broker.kill)()
        waiting = asyncio.ensure_future(anext(deliveries))
        await asyncio.to_thread(broker.start)
        await until(lambda: one.counters["connects"] >= 2)
        await publish(broker, range(100, 101))
        messages = list((await waiting).messages)
        while 100 not in numbers(messages):  # after a kill, acknowledged ones may come again
            messages += (await anext(deliveries)).messages
    assert set(numbers(messages)) <= {*range(5), 100}


async def test_retained_messages_are_counted_acknowledged_and_passed_over(broker: Broker) -> None:
    await publish(broker, range(7, 8), retain=True)
    one = source(broker)
    async with receiving(one) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["retained"] >= 1)
        await publish(broker, range(1))
        assert numbers(list((await waiting).messages)) == [0]
        cut_link(one)
        messages, _ = await receive(deliveries, 1)
    assert numbers(messages) == [0]
    assert one.counters["retained"] >= 1


async def test_a_full_queue_drops_qos_0_and_counts(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "QUEUE_MESSAGES", 10)
    one = source(broker)
    async with receiving(one) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["connects"] >= 1)
        await publish(broker, range(1), qos=0)
        await first
        await publish(broker, range(50), qos=0)
        await until(lambda: one.counters["dropped"] >= 40)
        messages, _ = await receive(deliveries, 10)
        assert numbers(messages) == list(range(10))


async def test_no_broker_is_a_fault_and_not_an_end(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        broker.kill()
        one = source(broker)
        async with receiving(one) as deliveries:
            waiting = asyncio.ensure_future(anext(deliveries))
            await until(lambda: one.counters["failed"] >= 3)
            assert "refused" in str(one.fault)
            broker.start()
            await until(lambda: one.counters["connects"] >= 1)
            assert one.connected
            await publish(broker, range(1))
            assert numbers(list((await waiting).messages)) == [0]


async def test_a_broker_that_forgot_our_session_is_told_and_one_that_kept_it_is_not(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        one = source(broker)
        async with receiving(one) as deliveries:
            waiting = asyncio.ensure_future(anext(deliveries))
            await until(lambda: one.counters["connects"] == 1)
            broker.stop()
            broker.start()
            await until(lambda: one.counters["connects"] == 2)
            assert (one.counters["fresh"], one.counters["forgotten"]) == (1, 0)
            broker.stop()
            broker.saved.unlink()
            broker.start()
            await until(lambda: one.counters["connects"] == 3)
            assert one.counters["forgotten"] == 1
            await publish(broker, range(1))
            assert numbers(list((await waiting).messages)) == [0], "it is subscribed anew"


async def test_a_refused_subscription_is_a_fault(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(client: aiomqtt.Client, topics: list[tuple[str, int]]) -> tuple[int, ...]:
        return (1, 0x80)

    monkeypatch.setattr(aiomqtt.Client, "subscribe", refuse)
    one = source(broker, "airspace/v1/#", "secret/#")
    async with receiving(one) as deliveries:
        waiting = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["failed"] >= 1)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert "secret/#" in str(one.fault)
    assert one.refused
    assert not one.connected


@pytest.mark.parametrize(
    ("topic", "sensor"),
    [
        (TOPIC, "roof-1"),
        ("airspace/v1/delft/sensor/a", "a"),
        ("/sensor/SNSTAC-1/upload", "SNSTAC-1"),
        ("sensor/SNSTAC-1/upload", "SNSTAC-1"),
        ("wardragon/drones", None),
        ("x/airspace/v1/delft/sensor/a/b", None),
        ("airspace/v1/delft/sensor/\x1b[31m/odid", "[31m"),
    ],
)
def test_the_sensor_is_in_the_topic(topic: str, sensor: str | None) -> None:
    assert sensor_of(topic) == sensor


def test_a_source_without_a_name_is_refused() -> None:
    settings = MqttSettings(host="localhost", identifier="", topics=("x",), tls=ssl.create_default_context())
    with pytest.raises(ValueError, match="identifier"):
        MqttSource(settings, clock=lambda: 0.0)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_session_that_another_program_takes_again_and_again_is_named(
    broker: Broker, version: Literal["3.1.1", "5"]
) -> None:
    settings = MqttSettings(
        host=broker.host, port=broker.port, identifier="doubled", topics=("airspace/v1/#",), version=version
    )
    now_s = [1000.0]
    one, two = (
        MqttSource(settings, clock=lambda: 1234.5, first_pause_s=0.01, monotonic=lambda: now_s[0]) for _ in range(2)
    )
    async with arriving(one):
        async with arriving(two):
            await until(lambda: one.session_taken and two.session_taken)
            assert "another program logs in with our identifier 'doubled'" in str(one.fault)
        await until(lambda: one.connected)
        assert one.session_taken is True, "it says so until a connection lasts"
        now_s[0] += mqtt.STEADY_S
        assert (one.session_taken, one.fault) == (False, None)


async def test_a_broker_that_is_restarted_again_and_again_is_no_session_taken(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        one = source(broker)
        async with arriving(one):
            for times in range(1, 4):
                await until(partial(reached, one, "connects", times))
                failed = one.counters["failed"]
                broker.kill()
                await until(partial(reached, one, "failed", failed + 1))
                assert not one.session_taken
                broker.start()


def reached(one: MqttSource, counter: str, count: int) -> bool:
    return one.counters[counter] >= count


async def test_a_link_that_is_lost_once_in_a_while_is_no_session_taken(broker: Broker) -> None:
    now_s = [1000.0]
    settings = MqttSettings(host=broker.host, port=broker.port, identifier="alone", topics=("airspace/v1/#",))
    one = MqttSource(settings, clock=lambda: 1234.5, first_pause_s=0.01, monotonic=lambda: now_s[0])
    async with arriving(one):
        for _ in range(4):
            await until(lambda: one.connected)
            now_s[0] += 3600
            cut_link(one)
            await until(lambda: not one.connected)
        assert not one.session_taken
