"""Lines over TCP: limits, faults by name, and a full inbox that holds the sender back."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.message import RawMessage
from receivers.sources import streams
from receivers.sources.streams import Backoff, Lines, Room
from receivers.sources.tcp import TcpClient, TcpClientSettings, TcpServer, TcpServerSettings
from tests.receivers.waiting import PATIENCE_S, arriving, until


def server(port: int = 0, *, idle_s: float = 30.0, max_connections: int = 32, max_line_bytes: int = 100) -> TcpServer:
    settings = TcpServerSettings(
        port=port, sensor="mast", idle_s=idle_s, max_connections=max_connections, max_line_bytes=max_line_bytes
    )
    return TcpServer(settings, clock=lambda: 12.5, first_pause_s=0.002)


def client(port: int, *, idle_s: float = 30.0) -> TcpClient:
    settings = TcpClientSettings(host="127.0.0.1", port=port, sensor="mast", idle_s=idle_s)
    return TcpClient(settings, clock=lambda: 12.5, first_pause_s=0.002)


async def connected(one: TcpServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    await until(lambda: bool(one.port))
    return await asyncio.open_connection("127.0.0.1", one.port)


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 40))
def test_lines_do_not_depend_on_how_they_come(parts: list[bytes], cap: int) -> None:
    data = b"".join(parts)
    cut, whole = Lines(cap, Counter()), Lines(cap, Counter())
    found = [line for part in parts for line in cut.feed(part)]
    assert found == whole.feed(data)
    expected = [line.strip(b" \t\r\n\0") for line in data.split(b"\n")[:-1] if len(line) <= cap]
    assert found == [line for line in expected if line]


def test_lines_that_are_too_long_are_counted_once() -> None:
    counters: Counter[str] = Counter()
    lines = Lines(10, counters)
    assert lines.feed(b"x" * 11) == []
    assert lines.feed(b"x" * 500) == []
    assert lines.feed(b"tail\nshort\n" + b"y" * 11 + b"\nlast\nhalf") == [b"short", b"last"]
    assert counters["too_long"] == 2


async def test_a_room_that_is_full_makes_the_reader_wait() -> None:
    room = Room(parts=2)
    one = [RawMessage(payload=b"1", received_s=0.0)]
    await room.put(one)
    await room.put(one)
    third = asyncio.create_task(room.put(one))
    await asyncio.sleep(0)
    assert not third.done()
    assert len((await room.take()).messages) == 2
    await third


async def test_a_sender_is_held_back_while_nobody_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_MESSAGES", 1)
    one = server()
    async with asyncio.timeout(PATIENCE_S), aclosing(one.deliveries()) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        _, writer = await connected(one)
        writer.write(b"first\n")
        assert [message.payload for message in (await first).messages] == [b"first"]
        line = b"x" * 90 + b"\n"
        sent = 0
        while one._listener.room._parts.qsize() < streams.ROOM_PARTS:
            writer.write(line * 1000)
            sent += 1000
            await asyncio.sleep(0)
        writer.write(line * 200_000)  # far beyond what the room and the kernel's buffers hold
        sent += 200_000
        for _ in range(200):
            await asyncio.sleep(0)
        assert writer.transport.get_write_buffer_size() > 0
        assert one.counters["received"] < sent
        seen = 0
        while seen < sent:  # nothing of it is lost
            seen += len((await anext(deliveries)).messages)
        assert seen == sent
        writer.close()


async def test_one_connection_too_many_is_turned_away() -> None:
    one = server(max_connections=1)
    async with arriving(one) as arrived:
        _, first = await connected(one)
        first.write(b"hello\n")
        await arrived.get()
        reader, second = await connected(one)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert one.counters["turned_away"] == 1
        first.write(b"still here\n")
        assert (await arrived.get()).messages[0].payload == b"still here"
        first.close()
        second.close()


async def test_a_silent_connection_is_ended_by_the_server() -> None:
    one = server(idle_s=0.02)
    async with arriving(one):
        reader, writer = await connected(one)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert one.counters["lost"] == 1
        assert one.fault is None
        writer.close()


async def test_a_port_that_is_taken_is_a_fault_until_it_is_free() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        one = server(holder.getsockname()[1])
        async with arriving(one) as arrived:
            await until(lambda: one.counters["failed"] > 1)
            assert "address already in use" in (one.fault or "")
            holder.close()
            _, writer = await connected(one)
            writer.write(b"hello\n")
            assert (await arrived.get()).messages[0].sensor == "mast"
            assert one.fault is None
            writer.close()


async def test_nobody_there_is_a_fault_by_name() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound and not listening: refused
        one = client(holder.getsockname()[1])
        async with arriving(one):
            await until(lambda: one.counters["failed"] > 1)
            assert "Connect call failed" in (one.fault or "")
            assert one.name == f"tcp:127.0.0.1:{holder.getsockname()[1]}"


async def test_a_server_that_falls_silent_is_connected_to_anew() -> None:
    met: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    peer = await asyncio.start_server(lambda _, writer: met.put_nowait(writer), "127.0.0.1", 0)
    one = client(peer.sockets[0].getsockname()[1], idle_s=0.02)
    async with arriving(one) as arrived:
        first = await met.get()
        second = await met.get()
        assert one.counters["lost"] >= 1
        second.write(b"MSG,1\nMSG,")
        assert [message.payload for message in (await arrived.get()).messages] == [b"MSG,1"]
        first.close()
        second.close()
    peer.close()


async def test_pauses_grow_to_a_longest_and_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def note(pause_s: float) -> None:
        slept.append(pause_s)

    monkeypatch.setattr(asyncio, "sleep", note)
    backoff = Backoff(1.0, 4.0)
    for _ in range(5):
        await backoff.pause()
    backoff.reset()
    await backoff.pause()
    for pause_s, most_s in zip(slept, [1.0, 2.0, 4.0, 4.0, 4.0, 1.0], strict=True):
        assert most_s / 2 <= pause_s <= most_s
