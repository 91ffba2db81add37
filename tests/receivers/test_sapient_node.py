"""The fusion node: it answers, keeps what was declared, and ends a connection only when it must."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest

from airspace.model.message import RawMessage
from receivers.formats import sapient, sapient_messages
from receivers.sources import sapient_node
from receivers.sources.sapient_node import SapientNode, SapientSettings
from tests.receivers import sapient_messages as made
from tests.receivers.sapient_messages import NODE
from tests.receivers.waiting import until

PATIENCE_S = 20.0
OURS = "11111111-2222-4333-8444-555555555555"
NOW_S = 1_700_000_100.0


class Sensor:
    """A sensor's end of the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, *messages: Any) -> None:
        for message in messages:
            self._writer.write(made.framed(message if isinstance(message, bytes) else message.SerializeToString()))

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def hear(self) -> Any:
        size = int.from_bytes(await self._reader.readexactly(4), "little")
        return sapient_messages.parse(await self._reader.readexactly(size))

    async def ended(self) -> bool:
        try:
            return await self._reader.read(1) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def node(**changes: Any) -> AsyncIterator[tuple[SapientNode, Sensor, asyncio.Queue[RawMessage]]]:
    settings = SapientSettings(port=0, node_id=OURS, **{"idle_s": 30.0, **changes})
    one = SapientNode(settings, clock=lambda: NOW_S, first_pause_s=0.002)
    arrived: asyncio.Queue[RawMessage] = asyncio.Queue()

    async def listen() -> None:
        async with aclosing(one.deliveries()) as deliveries:
            async for delivery in deliveries:
                for message in delivery.messages:
                    arrived.put_nowait(message)

    async with asyncio.timeout(PATIENCE_S):
        task = asyncio.create_task(listen())
        await until(lambda: one.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        try:
            yield one, Sensor(reader, writer), arrived
        finally:
            writer.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_registration_is_answered() -> None:
    async with node() as (one, sensor, arrived):
        sensor.say(made.registration())
        answer = await sensor.hear()
        assert answer.registration_ack.acceptance is True
        assert list(answer.registration_ack.ack_response_reason) == []
        assert (answer.node_id, answer.destination_id) == (OURS, NODE)
        assert answer.timestamp.seconds == NOW_S
        assert (await arrived.get()).payload == made.registration().SerializeToString()
        assert one.counters["registered"] == 1


async def test_what_was_declared_travels_with_the_reports() -> None:
    """From the socket to the row: km/h of the registration, the radar's place of its status, north of the settings."""
    report = made.bearing(90.0 - 12.5, 4, range=1000.0)
    report.detection_report.enu_velocity.east_rate, report.detection_report.enu_velocity.north_rate = 36.0, 0.0
    async with node(north_offset_deg={NODE: 12.5}) as (one, sensor, arrived):
        sensor.say(made.registration(), made.status(), report)
        messages = [await arrived.get() for _ in range(3)]
        assert messages[2].payload.startswith(report.SerializeToString())
        decoded = sapient.decode(messages)
        assert len(decoded.heartbeats) == 2
        rows = decoded.detections
        assert rows.speed_m_s[0] == pytest.approx(10.0)
        assert rows.bearing_deg[0] == pytest.approx(90.0)
        assert (rows.latitude_deg[0], rows.longitude_deg[0]) == (
            pytest.approx(52.0, abs=1e-4),
            pytest.approx(5.01457, abs=1e-4),
        )
        assert one.counters["unregistered"] == 0


async def test_a_report_without_a_registration_is_read_and_counted() -> None:
    async with node() as (one, sensor, arrived):
        sensor.say(made.located())
        assert (await arrived.get()).payload == made.located().SerializeToString()
        assert one.counters["unregistered"] == 1


async def test_a_node_that_is_not_configured_is_told_so_and_not_read() -> None:
    other = "99999999-2222-4333-8444-555555555555"
    async with node(nodes=frozenset({NODE})) as (one, sensor, arrived):
        sensor.say(made.registration(other))
        answer = await sensor.hear()
        assert answer.registration_ack.acceptance is False
        assert "configuration" in answer.registration_ack.ack_response_reason[0]
        sensor.say(made.status(other), made.status(NODE))
        assert (await arrived.get()).payload == made.status(NODE).SerializeToString()
        assert one.counters["refused_node"] == 2


async def test_a_bad_message_is_answered_kept_and_does_not_end_the_connection() -> None:
    async with node() as (one, sensor, arrived):
        sensor.say(b"\x12\x05", made.located())
        answer = await sensor.hear()
        assert answer.error.packet == b"\x12\x05"
        assert "not BSI Flex 335 v2" in answer.error.error_message[0]
        assert (await arrived.get()).payload == b"\x12\x05"
        assert (await arrived.get()).payload == made.located().SerializeToString()
        assert one.counters["unreadable"] == 1


@pytest.mark.parametrize("size", [0, 1001, 0xFFFFFFFF])
async def test_a_length_that_cannot_be_ends_the_connection(size: int) -> None:
    async with node(max_message_bytes=1000) as (one, sensor, arrived):
        sensor.say(made.located())
        sensor.write(size.to_bytes(4, "little"))
        assert await sensor.ended()
        assert (await arrived.get()).payload == made.located().SerializeToString()
        assert one.counters["too_large"] == 1
        assert one.fault is None


async def test_a_message_that_does_not_come_to_its_end_is_given_up() -> None:
    async with node(idle_s=0.05) as (one, sensor, arrived):
        sensor.write(b"\x40\0\0\0half")
        assert await sensor.ended()
        assert arrived.empty()
        assert one.counters["lost"] == 1


async def test_a_flood_of_bad_messages_is_read_to_its_end() -> None:
    async with node() as (one, sensor, arrived):
        for _ in range(300):
            sensor.say(b"\xff" * 2000)
        sensor.say(made.located())
        payloads = [(await arrived.get()).payload for _ in range(301)]
        assert payloads[-1] == made.located().SerializeToString()
        assert one.counters["unreadable"] == 300


def test_one_that_does_not_read_its_answers_gets_no_more() -> None:
    class Deaf:
        transport = property(lambda self: self)
        written = b""

        def get_write_buffer_size(self) -> int:
            return len(self.written)

        def write(self, data: bytes) -> None:
            self.written += data

    writer, counters = Deaf(), Counter[str]()
    settings = SapientSettings(port=0)
    peer = sapient_node._Peer(settings, lambda: NOW_S, counters, cast("asyncio.StreamWriter", writer))
    for _ in range(1000):
        assert peer.take(b"\xff" * 900) is not None
    assert counters["unreadable"] == 1000
    assert len(writer.written) < sapient_node.MAX_UNREAD_BYTES + 2000


def test_a_limit_that_no_format_reads_is_refused() -> None:
    with pytest.raises(ValueError, match="max_message_bytes"):
        SapientNode(SapientSettings(port=0, max_message_bytes=1 << 21), clock=lambda: 0.0)
