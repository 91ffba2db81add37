"""What every live source keeps: order, through a broken peer and a cut link, and an end when it is told to.

A source is put to the test by a ``Rig``: it, and the other end of its link on this machine. Add one to ``RIGS``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import partial
from typing import Final, Protocol

import pytest

from airspace.model.message import RawMessage
from airspace.model.ports import Delivery, LiveSource
from tests.contract.rigs_brokers import mqtt, zmq_publisher
from tests.contract.rigs_http import http_poll
from tests.contract.rigs_tcp import sapient_node, tcp_client, tcp_server
from tests.contract.rigs_wires import serial_port, udp

PATIENCE_S: Final = 20.0
NOW_S: Final = 1234.5


class Source(LiveSource, Protocol):
    """A live source that says what is wrong with its link."""

    @property
    def fault(self) -> str | None:
        """Why there is no link just now."""

    def deliveries(self) -> AsyncGenerator[Delivery, None]:
        """As every live source."""


class Rig(Protocol):
    """A source with the other end of its link."""

    @property
    def source(self) -> Source:
        """The source under test."""

    def payload(self, number: int) -> bytes:
        """A message that this source can carry."""

    async def send(self, payloads: Sequence[bytes]) -> None:
        """From the other end; waits until there is a link."""

    async def break_message(self) -> None:
        """Send what is no message, or half of one, in whatever way this link can be abused."""

    async def cut(self) -> None:
        """End the link hard; the other end is there again for the next ``send``."""


MakeRig = Callable[[Callable[[], float]], AbstractAsyncContextManager[Rig]]

RIGS: Final[dict[str, MakeRig]] = {
    "http_poll": http_poll,
    "http_poll_tls": partial(http_poll, over_tls=True),
    "mqtt": mqtt,
    "sapient_node": sapient_node,
    "sapient_node_tls": partial(sapient_node, over_tls=True),
    "serial": serial_port,
    "tcp_client": tcp_client,
    "tcp_client_tls": partial(tcp_client, over_tls=True),
    "tcp_server": tcp_server,
    "tcp_server_tls": partial(tcp_server, over_tls=True),
    "udp": udp,
    "zmq": zmq_publisher,
}

each_source = pytest.mark.parametrize("make", RIGS.values(), ids=RIGS.keys())


@asynccontextmanager
async def running(make: MakeRig) -> AsyncIterator[tuple[Rig, asyncio.Queue[Delivery]]]:
    """The rig with its source listened to by a task, as the service does."""
    async with asyncio.timeout(PATIENCE_S), make(lambda: NOW_S) as rig:
        arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        task = asyncio.create_task(_listen(rig.source, arrived))
        try:
            yield rig, arrived
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _listen(source: Source, arrived: asyncio.Queue[Delivery]) -> None:
    async for delivery in source.deliveries():
        arrived.put_nowait(delivery)


async def take(arrived: asyncio.Queue[Delivery], count: int) -> list[RawMessage]:
    messages: list[RawMessage] = []
    while len(messages) < count:
        delivery = await arrived.get()
        messages.extend(delivery.messages)
        await delivery.acknowledge()
    return messages


def payloads(rig: Rig, *numbers: int) -> list[bytes]:
    return [rig.payload(number) for number in numbers]


@each_source
async def test_delivers_what_was_sent_in_order_with_the_arrival(make: MakeRig) -> None:
    async with running(make) as (rig, arrived):
        sent = payloads(rig, *range(50))
        await rig.send(sent[:20])
        await rig.send(sent[20:])
        messages = await take(arrived, 50)
        assert [message.payload for message in messages] == sent
        assert {message.received_s for message in messages} == {NOW_S}
        assert all(message.place for message in messages)
        assert rig.source.fault is None


@each_source
async def test_a_broken_peer_costs_its_own_messages_only(make: MakeRig) -> None:
    async with running(make) as (rig, arrived):
        await rig.send(payloads(rig, 1))
        assert [one.payload for one in await take(arrived, 1)] == payloads(rig, 1)
        await rig.break_message()
        await rig.send(payloads(rig, 2, 3))
        wanted = payloads(rig, 2, 3)
        kept: list[bytes] = []
        while len(kept) < len(wanted):
            kept += [one.payload for one in await take(arrived, 1) if one.payload in wanted]
        assert kept == wanted


@each_source
async def test_comes_back_after_the_link_was_cut(make: MakeRig) -> None:
    async with running(make) as (rig, arrived):
        for number in range(3):
            await rig.send(payloads(rig, number))
            assert [one.payload for one in await take(arrived, 1)] == payloads(rig, number)
            await rig.cut()
        await rig.send(payloads(rig, 9))
        assert [one.payload for one in await take(arrived, 1)] == payloads(rig, 9)
        assert rig.source.fault is None


@each_source
async def test_says_what_is_wrong_before_there_is_a_link(make: MakeRig) -> None:
    async with asyncio.timeout(PATIENCE_S), make(lambda: NOW_S) as rig:
        assert rig.source.fault
        assert rig.source.name
        assert len(rig.source.name.splitlines()) == 1


@each_source
async def test_ends_when_it_is_cancelled_and_leaves_nothing(make: MakeRig) -> None:
    """Cancelled while it waits; nothing that it started stays."""
    async with asyncio.timeout(PATIENCE_S), make(lambda: NOW_S) as rig:
        arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        before = asyncio.all_tasks()
        listening = asyncio.create_task(_listen(rig.source, arrived))
        await rig.send(payloads(rig, 1))
        await take(arrived, 1)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await rig.cut()
        left = {task for task in asyncio.all_tasks() - before if not task.done() and _is_ours(task)}
        assert not left


def _is_ours(task: asyncio.Task[object]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "receivers" in code.co_filename


@each_source
async def test_can_be_listened_to_again(make: MakeRig) -> None:
    """The service makes the task anew after a fault of its own."""
    async with asyncio.timeout(PATIENCE_S), make(lambda: NOW_S) as rig:
        for number in range(2):
            async with aclosing(rig.source.deliveries()) as deliveries:
                first = asyncio.ensure_future(anext(deliveries))
                await rig.send(payloads(rig, number))
                assert [one.payload for one in (await first).messages] == payloads(rig, number)
            await rig.cut()
