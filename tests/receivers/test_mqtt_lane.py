"""What is published now goes past a queue, and each message is worked: once as a rule, never not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivers.sources.mqtt import MqttSettings, MqttSource
from receivers.sources.mqtt_lane import AFTERWARDS_S, BEHIND, CALM_S, REMEMBERED, Copies, Copy
from tests.servers.mosquitto import mosquitto

TOPIC = "airspace/v1/amsterdam/sensor/roof-1/odid"
PATIENCE_S = 30.0


def sent(payload: bytes) -> Any:
    return SimpleNamespace(topic=TOPIC, payload=payload)


class Both:
    """Two sessions that bring the same messages, each in its order; what is worked and what is acknowledged."""

    def __init__(self) -> None:
        self.copies = Copies()
        self.copies.begin()
        self.worked = Counter[bytes]()
        self.acknowledged: list[bytes] = []  # by the lasting session
        self.stored = Counter[bytes]()
        self.waiting: list[tuple[str, bytes]] = []  # for their commit, in order

    def lane(self, payload: bytes) -> None:
        for message in self.copies.lane([sent(payload)]):
            self._work("lane", message.payload)

    def lasting(self, payload: bytes) -> None:
        kind = self.copies.lasting(sent(payload), lambda: self.acknowledge(payload), 0.0)
        if kind is Copy.NEW:
            self._work("lasting", payload)
        elif kind is Copy.SECOND:
            self.acknowledge(payload)

    def _work(self, session: str, payload: bytes) -> None:
        self.worked[payload] += 1
        self.waiting.append((session, payload))

    def commit(self) -> None:
        session, payload = self.waiting.pop(0)
        self.stored[payload] += 1
        if session == "lane":
            self.copies.durable([sent(payload)])
        else:
            self.acknowledge(payload)

    def acknowledge(self, payload: bytes) -> None:
        self.acknowledged.append(payload)
        assert self.acknowledged.count(payload) <= self.stored[payload], "nothing is acknowledged before it is stored"


@given(payloads=st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30), data=st.data())
def test_each_message_is_worked_once_and_acknowledged_after_it_is_stored(
    payloads: list[bytes], data: st.DataObject
) -> None:
    both, lane, lasting = Both(), list(payloads), list(payloads)
    while lane or lasting or both.waiting:
        can = [name for name, there in (("lane", lane), ("lasting", lasting), ("commit", both.waiting)) if there]
        match data.draw(st.sampled_from(can)):
            case "lane":
                both.lane(lane.pop(0))
            case "lasting":
                both.lasting(lasting.pop(0))
            case _:
                both.commit()
    assert both.worked == Counter(payloads)
    assert Counter(both.acknowledged) == Counter(payloads)


def kinds(copies: Copies, payload: bytes, at_s: float = 0.0, times: int = 1) -> list[Copy]:
    return [copies.lasting(sent(payload), lambda: None, at_s) for _ in range(times)]


def test_the_copy_that_comes_later_is_passed_over_once() -> None:
    copies = Copies()
    copies.begin()
    copies.durable(copies.lane([sent(b"a")]))
    assert kinds(copies, b"a", times=2) == [Copy.SECOND, Copy.NEW]


def test_what_the_lane_gave_up_is_worked_when_it_comes_again() -> None:
    copies, acknowledged = Copies(), []
    copies.begin()
    taken = copies.lane([sent(b"a"), sent(b"b")])
    assert copies.lasting(sent(b"a"), lambda: acknowledged.append(b"a"), 0.0) is Copy.OWED
    copies.given_up(taken)
    assert not acknowledged
    assert kinds(copies, b"a") == kinds(copies, b"b") == [Copy.NEW]


def test_a_message_that_is_like_an_earlier_one_is_worked_when_the_lane_is_long_closed() -> None:
    copies = Copies()
    copies.begin()
    copies.durable(copies.lane([sent(b"a"), sent(b"a")]))
    copies.end(100.0)
    assert kinds(copies, b"a", 100.0 + AFTERWARDS_S / 2) == [Copy.SECOND]
    assert kinds(copies, b"a", 100.0 + AFTERWARDS_S) == [Copy.NEW]


def test_memory_is_bounded() -> None:
    copies = Copies()
    copies.begin()
    for number in range(2 * REMEMBERED):
        kinds(copies, b"%d" % number)
    assert len(copies._taken) <= REMEMBERED


def test_a_queue_is_over_when_for_a_while_only_a_few_come_at_once() -> None:
    copies = Copies()
    copies.note(BEHIND - 1, 0, 0.0)
    assert not copies.is_behind(0.0)
    copies.note(BEHIND, 0, 1.0)
    copies.note(5, 0, 1.5)
    assert copies.is_behind(1.6)
    copies.note(70, 0, 2.0)
    assert copies.is_behind(1.0 + CALM_S)
    assert not copies.is_behind(2.0 + CALM_S)


@pytest.mark.parametrize("shared", [None, "group"])
def test_a_shared_subscription_has_no_lane(shared: str | None) -> None:
    settings = MqttSettings(host="h", identifier="i", topics=("t",), share_group=shared)
    assert (MqttSource(settings, clock=lambda: 0.0).lane is None) is (shared is not None)


async def test_past_a_real_brokers_queue_and_each_message_once(tmp_path: Path) -> None:
    """What is queued is not acknowledged, so the broker hands on a window's worth and holds the rest."""
    queued, now = [b"old %d" % number for number in range(3000)], [b"now %d" % number for number in range(20)]
    with mosquitto(tmp_path) as broker:
        async with aiomqtt.Client(broker.host, broker.port, identifier="airspace", clean_session=False) as away:
            await away.subscribe("airspace/v1/#", qos=1)
        async with asyncio.timeout(PATIENCE_S), aiomqtt.Client(broker.host, broker.port) as mast:
            mast.pending_calls_threshold = 10_000
            for payload in queued:
                await mast.publish(TOPIC, payload, qos=1)
            settings = MqttSettings(
                host=broker.host, port=broker.port, identifier="airspace", topics=("airspace/v1/#",)
            )
            source = MqttSource(settings, clock=lambda: 1.0)
            assert source.lane is not None
            async with aclosing(source.deliveries()) as lasting, aclosing(source.lane.deliveries()) as lane:
                held = [await anext(lasting)]
                first = asyncio.ensure_future(anext(lane))
                while not first.done():  # the lane opens when it does; what was published before it is the queue's
                    await mast.publish(TOPIC, now.pop(0) if len(now) > 1 else b"again", qos=1)
                    await asyncio.wait([first], timeout=0.2)
                delivery = first.result()
                early = [message.payload for message in delivery.messages]
                assert early
                assert not set(early) & set(queued)
                await delivery.acknowledge()
                worked = list(early)
                while len([one for one in worked if one.startswith(b"old")]) < len(queued):
                    one = held.pop() if held else await anext(lasting)
                    worked += [message.payload for message in one.messages]
                    await one.acknowledge()
    assert sorted(one for one in worked if one.startswith(b"old")) == sorted(queued)
    assert max(Counter(one for one in worked if one.startswith(b"now")).values(), default=1) == 1
