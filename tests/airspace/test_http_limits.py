"""Connections that do nothing, or everything slowly, hold neither the console nor the files of the process."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from airspace.model.body import await_body
from airspace.service import http_limits, web
from airspace.service.places import Places, Step, room_for_connections
from dashboards.api import ingest
from dashboards.api.app import create_app
from tests.airspace.slow_strangers import WAYS, answered, strangers
from tests.dashboards.fake_view import FakeView


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the body, then answers; ``/long`` answers with more than anybody reads, ``/push`` may send for long."""
    if scope["path"] == "/push":
        await_body(scope["state"], 30.0)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/some":
        await send({"type": "http.response.body", "body": b"x" * 60_000, "more_body": True})
    if scope["path"] == "/long":
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
    await send({"type": "http.response.body", "body": b"here"})


@asynccontextmanager
async def served(
    places: Places, app: Any = application, proxies: tuple[str, ...] = (), most_in_kernel: int | None = None
) -> AsyncIterator[tuple[str, int]]:
    bound = web.listen("127.0.0.1", 0)
    if most_in_kernel is not None:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, most_in_kernel)
    task = asyncio.create_task(web.serve(app, bound, places, proxies))
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


async def test_a_small_answer_that_nobody_reads_before_its_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is too little for the server to stop writing, and the connection closes itself once it is read."""
    monkeypatch.setattr(http_limits, "UNREAD_S", 0.05)
    places = Places()
    async with served(places, most_in_kernel=4096) as address:
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(peer, address)
            await loop.sock_sendall(peer, b"GET /some HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(10):
                while not places.cut:  # noqa: ASYNC110 -- the server tells nobody
                    await asyncio.sleep(0)
        assert places.cut == {"answer_not_read": 1}


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
    places = Places(most=200)
    async with served(places) as address:
        held = [await connected(address, b"GET / HTTP/1.1\r\n") for _ in range(400)]
        assert b"here" in await asked(address)
        assert places.cut["no_place"] >= 200
        for _, writer in held:
            writer.close()


@pytest.mark.parametrize("way", [*WAYS, "all"])
async def test_slow_strangers_hold_no_place_that_somebody_else_needs(way: str) -> None:
    app = create_app(FakeView(), token="secret", hosts=[])
    ways = list(WAYS.values()) if way == "all" else [WAYS[way]]
    async with served(Places(most=120), app) as address, strangers(address, 160, ways):
        told = [await answered(address, own=own) for _ in range(10) for own in ("127.0.0.1", "127.0.0.2")]
        assert told == [200] * 20


class Sensors:
    """An intake with one sensor."""

    def sensor_of(self, token: str) -> str | None:
        return "mast" if token == "right" else None

    def closed(self, sensor: str) -> str | None:
        return None

    async def take(self, sensor: str, body: bytes) -> int:
        return len(body)


def push(token: str, size: int) -> bytes:
    head = f"POST /api/v1/detections HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n".encode()


async def test_a_long_push_over_a_slow_link_is_stored_among_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "BODY_S", 0.01)
    app = create_app(FakeView(), token="secret", hosts=[], intake=Sensors())
    places = Places(most=40)
    async with served(places, app) as address, strangers(address, 60, list(WAYS.values())):
        reader, writer = await connected(address, push("right", 16 * 65536))
        for _ in range(16):
            writer.write(b"x" * 65536)
            await writer.drain()
            assert await answered(address) == 200
        assert await reader.readline() == b"HTTP/1.1 202 Accepted\r\n"
        writer.close()


@pytest.mark.parametrize(("token", "status"), [("wrong", 401), ("right", 429)])
async def test_a_push_is_refused_by_its_head(token: str, status: int) -> None:
    """A wrong secret, or a sensor that has too many bodies on their way already: no byte of the body is awaited."""
    app = create_app(FakeView(), token="secret", hosts=[], intake=Sensors())
    places = Places()
    async with served(places, app) as address:
        under_way = [await connected(address, push("right", 100)) for _ in range(ingest.MAX_BODIES_EACH)]
        await settled(places, Step.SENDERS, ingest.MAX_BODIES_EACH)
        reader, writer = await connected(address, push(token, 100))
        assert (await reader.readline()).split()[1] == str(status).encode()
        for _, each in [*under_way, (reader, writer)]:
            each.close()


async def test_eight_hundred_of_them_leave_the_real_number_of_places_free() -> None:
    app = create_app(FakeView(), token="secret", hosts=[])
    places = Places(room_for_connections())
    async with served(places, app) as address, strangers(address, 800, [WAYS["a session's body"]]):
        told = [await answered(address, own=own) for _ in range(30) for own in ("127.0.0.1", "127.0.0.2")]
        assert told == [200] * 60
        assert places.cut["no_place"] > 0


PUSH = b"POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"


async def settled(places: Places, step: Step, count: int) -> None:
    async with asyncio.timeout(10):
        while list(places._open.values()).count(step) != count:  # noqa: ASYNC110 -- the server tells nobody
            await asyncio.sleep(0)


async def test_a_slow_body_that_may_come_outlives_strangers_and_a_short_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_limits, "BODY_S", 0.01)
    places = Places(most=4)
    async with served(places) as address:
        pushing = [await connected(address, PUSH) for _ in range(2)]
        await settled(places, Step.SENDERS, 2)
        held = [
            await connected(address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\na") for _ in range(40)
        ]
        for reader, writer in held:
            assert await rest(reader) == b""
            writer.close()
        for reader, writer in pushing:
            writer.write(b"abcd")
            assert b"here" in await rest(reader)
            writer.close()


@pytest.mark.parametrize(
    ("own", "proxies", "status"),
    [
        ("127.0.0.2", (), 200),  # somebody else gets the place of one who holds more than a share
        ("127.0.0.1", (), 0),  # he himself does not
        ("127.0.0.2", ("127.0.0.1",), 0),  # a proxy's connections are many people's
        ("127.0.0.2", ("127.0.0.0/31",), 0),
        ("127.0.0.2", ("127.0.0.9",), 200),
    ],
)
async def test_requests_that_may_be_sent_are_cut_only_above_a_share(
    own: str, proxies: tuple[str, ...], status: int
) -> None:
    places = Places(most=3)
    async with served(places, proxies=proxies) as address:
        under_way = [await connected(address, PUSH) for _ in range(3)]
        await settled(places, Step.SENDERS, 3)
        assert await answered(address, own=own) == status
        assert places.cut["refused"] == (0 if status else 1)
        for reader, writer in under_way[1:]:
            writer.write(b"abcd")
            assert b"here" in await rest(reader)
        for _, writer in under_way:
            writer.close()


async def test_a_second_request_that_came_with_the_first_is_not_taken_for_an_idle_connection() -> None:
    places = Places()
    async with served(places) as address:
        _, writer = await connected(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + PUSH)
        await settled(places, Step.SENDERS, 1)
        assert places.cut == {}
        writer.close()


class Peer:
    """A connection that is only counted."""

    def __init__(self, network: str, places: Places) -> None:
        self.network = network
        self._places = places

    def cut(self, reason: str) -> None:
        self._places.count(reason)
        self._places.leave(self)


async def test_who_holds_most_is_cut_and_of_his_the_oldest() -> None:
    places = Places(most=5)
    peers = [Peer(network, places) for network in "abbab"]
    assert [places.enter(peer) for peer in peers] == [True] * 5
    assert places.enter(Peer("a", places))
    assert peers[1] not in places._open, "the oldest of b"
    places.turn(peers[0], Step.OURS)
    places.turn(peers[0], Step.STRANGERS)
    assert places.enter(Peer("c", places))
    assert peers[3] not in places._open, "of a; whose first has had an answer since"
    for peer in list(places._open):
        places.leave(peer)
    assert (places._open, places._held) == ({}, {})
    assert all(not row._by_network for row in places._rows.values())


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
