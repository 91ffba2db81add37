"""Pushed bodies: cut into messages, bounded, and answered after the acknowledgement."""

from __future__ import annotations

import asyncio

import pytest

from airspace.model.ports import Intake, IntakeFault, LiveSource, NotTaken
from receivers.sources import http_push
from receivers.sources.http_push import HttpPush, cut, digest_of

SECRETS = {"roof-1": "a long secret", "roof-2": "another secret"}


def pushing(commit_within_s: float = 5.0) -> HttpPush:
    digests = {sensor: digest_of(secret) for sensor, secret in SECRETS.items()}
    return HttpPush(digests, clock=lambda: 12.5, commit_within_s=commit_within_s)


def ports_of(one: HttpPush) -> tuple[LiveSource, Intake]:
    """The types agree with both ports."""
    return one, one


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        (b'{"a":1}', [(1, b'{"a":1}')]),
        (b'[{"a":1},{"b":2}]', [(1, b'{"a":1}'), (1, b'{"b":2}')]),
        (b'{"a":1}\n{"b":2}\n', [(1, b'{"a":1}'), (2, b'{"b":2}')]),
        (b'{"a":1}{"b":2}', [(1, b'{"a":1}'), (1, b'{"b":2}')]),
        (b'\xef\xbb\xbf{"a":\n1}\0', [(1, b'{"a":\n1}')]),
        (b'[{"Basic ID":{}},{"System Message":{}}]', [(1, b'[{"Basic ID":{}},{"System Message":{}}]')]),
        (b'{"a":1}\n{broken\n{"b":2}', [(1, b'{"a":1}'), (2, b"{broken\n"), (3, b'{"b":2}')]),
    ],
)
def test_a_body_is_cut(body: bytes, messages: list[tuple[int, bytes]]) -> None:
    assert cut(body) == messages


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", IntakeFault.MALFORMED),
        (b" \n", IntakeFault.MALFORMED),
        (b"hello", IntakeFault.MALFORMED),
        (b"[]", IntakeFault.MALFORMED),
        (b"[1,2]", IntakeFault.MALFORMED),
        (b"{broken", IntakeFault.MALFORMED),
        (b"[" * 100_000, IntakeFault.MALFORMED),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', IntakeFault.TOO_LARGE),
        (b'{"a":1}' * 4097, IntakeFault.TOO_LARGE),
        (b"[" + b'{"a":1},' * 4097 + b"{}]", IntakeFault.TOO_LARGE),
    ],
    ids=lambda each: str(each[:12]) if isinstance(each, bytes) else each.value,
)
def test_a_body_without_messages_is_refused(body: bytes, fault: IntakeFault) -> None:
    with pytest.raises(NotTaken) as refused:
        cut(body)
    assert refused.value.fault is fault


def test_the_secret_names_the_sensor() -> None:
    push = pushing()
    assert push.sensor_of("another secret") == "roof-2"
    assert push.sensor_of("a long secre") is None
    assert push.sensor_of("") is None
    assert push.sensor_of("\ud800") is None


async def test_it_waits_for_the_acknowledgement() -> None:
    push, _ = ports_of(pushing())
    assert isinstance(push, HttpPush)
    waits = asyncio.ensure_future(push.take("roof-1", b'{"a":1}{"b":2}'))
    delivery = await anext(push.deliveries())
    assert [(one.payload, one.sensor, one.proven, one.received_s) for one in delivery.messages] == [
        (b'{"a":1}', "roof-1", True, 12.5),
        (b'{"b":2}', "roof-1", True, 12.5),
    ]
    await asyncio.wait([waits], timeout=0.02)
    assert not waits.done()
    await delivery.acknowledge()
    assert await waits == 2
    assert push.counters["received"] == 2


async def test_no_commit_in_time_is_said_and_not_taken_later() -> None:
    push = pushing(commit_within_s=0.01)
    with pytest.raises(NotTaken) as refused:
        await push.take("roof-1", b'{"a":1}')
    assert refused.value.fault is IntakeFault.BUSY
    waits = asyncio.ensure_future(push.take("roof-1", b'{"b":2}'))
    delivery = await anext(push.deliveries())
    assert [one.payload for one in delivery.messages] == [b'{"b":2}'], "the first was given up by both sides"
    with pytest.raises(NotTaken):
        await waits
    await delivery.acknowledge()  # too late, and no error


async def test_one_sensor_cannot_take_the_place_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_push, "MAX_UNDER_WAY", http_push.MAX_UNDER_WAY_EACH + 1)
    push = pushing()
    mine = [asyncio.ensure_future(push.take("roof-1", b"{}")) for _ in range(http_push.MAX_UNDER_WAY_EACH)]
    await asyncio.wait(mine, timeout=0.02)
    with pytest.raises(NotTaken) as refused:
        await push.take("roof-1", b"{}")
    assert refused.value.fault is IntakeFault.TOO_MANY
    other = asyncio.ensure_future(push.take("roof-2", b"{}"))
    await asyncio.wait([other], timeout=0.02)
    with pytest.raises(NotTaken) as refused:
        await push.take("roof-2", b"{}")
    assert refused.value.fault is IntakeFault.BUSY
    deliveries = push.deliveries()
    for _ in (*mine, other):
        await (await anext(deliveries)).acknowledge()
    assert await asyncio.gather(*mine, other) == [1] * 9
    assert push.counters["too_many"] == push.counters["busy"] == 1
