"""Connections that do nothing, or everything slowly, hold neither the console nor the files of the process."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from airspace.service import http_limits, web
from airspace.service.http_limits import Places, room_for_connections


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the body, then answers; ``/long`` answers with more than anybody reads."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/long":
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
    await send({"type": "http.response.body", "body": b"here"})


@asynccontextmanager
async def served(places: Places) -> AsyncIterator[tuple[str, int]]:
    bound = web.listen("127.0.0.1", 0)
    task = asyncio.create_task(web.serve(application, bound, places))
    try:
        yield bound.getsockname()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bound.close()


async def connected(address: tuple[str, int], *sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*address)
    for part in sent:
        writer.write(part)
    await writer.drain()
    return reader, writer


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side ends it, however it does."""
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""


async def asked(address: tuple[str, int], path: str = "/") -> bytes:
    reader, writer = await connected(address, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await rest(reader)
    writer.close()
    return answer


async def test_a_head_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "HEAD_S", 0.05)
    places = Places()
    async with served(places) as address:
        reader, writer = await connected(address, b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert await rest(reader) == b""
        writer.close()
        assert places.cut["head_too_slow"] == 1


async def test_a_head_that_drips_is_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "HEAD_S", 0.1)
    places = Places()
    async with served(places) as address:
        reader, writer = await connected(address, b"GET / HTTP/1.1\r\n")
        ended = asyncio.create_task(rest(reader))
        while not ended.done():  # a letter whenever the loop comes round: never silent, never whole
            writer.write(b"a")
            await asyncio.sleep(0)
            if writer.transport.is_closing():
                break
        assert await ended == b""
        assert places.cut["head_too_slow"] == 1


async def test_a_body_that_never_comes_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "BODY_S", 0.05)
    places = Places()
    async with served(places) as address:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
        reader, writer = await connected(address, head)
        assert await rest(reader) == b""
        writer.close()
        assert places.cut["body_too_slow"] == 1


async def test_an_answer_that_nobody_reads_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "UNREAD_S", 0.05)
    places, told = Places(), asyncio.Event()

    def count(reason: str) -> None:
        places.cut[reason] += 1
        told.set()

    monkeypatch.setattr(places, "count", count)
    async with served(places) as address:
        _, writer = await connected(address, b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.wait_for(told.wait(), 10)
        assert places.cut["answer_not_read"] == 1
        writer.close()


async def test_a_slow_but_honest_request_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "HEAD_S", 30.0)
    async with served(Places()) as address:
        reader, writer = await connected(
            address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n"
        )
        writer.write(b"\r\nab")
        await writer.drain()
        writer.write(b"cd")
        assert b"here" in await rest(reader)
        writer.close()


async def test_a_thousand_half_sent_requests_leave_the_console_a_place() -> None:
    places = Places(most=200, most_waiting=50)
    async with served(places) as address:
        held = [await connected(address, b"GET / HTTP/1.1\r\n") for _ in range(400)]
        assert b"here" in await asked(address)
        assert places.cut["no_place"] >= 200
        for _, writer in held:
            writer.close()


async def test_requests_under_way_are_never_cut_for_new_ones() -> None:
    places = Places(most=3, most_waiting=3)
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
    async with served(places) as address:
        under_way = [await connected(address, body) for _ in range(3)]
        assert await asked(address) == b""
        assert places.cut["refused"] == 1
        for reader, writer in under_way:
            writer.write(b"abcd")
            assert b"here" in await rest(reader)
            writer.close()


def test_the_room_is_below_the_limit_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: told.append(limits))
    for soft, hard, room in ((1024, 1024, 768), (256, 256, 56), (100, 100, 16), (256, 4096, 768)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=(soft, hard): limits)
        assert room_for_connections() == room
    assert told == [(968, 4096)]


def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{other.getsockname()[1]}"):
            web.listen("127.0.0.1", other.getsockname()[1])
