"""ZeroMQ against a real publisher of the same library."""

from __future__ import annotations

import asyncio
import importlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import zmq
from zmq.auth import CURVE_ALLOW_ANY, create_certificates, load_certificate
from zmq.auth.thread import ThreadAuthenticator

from airspace.model.message import MAX_PAYLOAD_BYTES, RawMessage
from airspace.model.ports import LiveSource
from receivers.sources import zmq as module
from receivers.sources.streams import PlainDelivery
from receivers.sources.zmq import ZmqSettings, ZmqSource, curve, parts_of, probe


@pytest.fixture(name="publisher")
def a_publisher() -> Iterator[tuple[zmq.Socket[bytes], str]]:
    with zmq.Context() as context, context.socket(zmq.XPUB) as socket:  # XPUB tells when a subscriber is there
        socket.linger = 0
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        yield socket, f"tcp://127.0.0.1:{port}"


def source(endpoint: str, *prefixes: str, sensor: str | None = None) -> ZmqSource:
    settings = ZmqSettings(endpoint=endpoint, prefixes=prefixes or ("",), sensor=sensor)
    return ZmqSource(settings, clock=lambda: 12.5)


@asynccontextmanager
async def receiving(one: ZmqSource, publisher: zmq.Socket[bytes]) -> AsyncIterator[asyncio.Queue[PlainDelivery]]:
    """Its deliveries, once the publisher knows the subscription."""
    arrived: asyncio.Queue[PlainDelivery] = asyncio.Queue()

    async def pump() -> None:
        async with aclosing(one.deliveries()) as deliveries:
            async for delivery in deliveries:
                arrived.put_nowait(delivery)

    async with asyncio.timeout(20):
        task = asyncio.create_task(pump())
        try:
            assert await asyncio.to_thread(publisher.poll, 10_000)
            publisher.recv()
            yield arrived
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def take(arrived: asyncio.Queue[PlainDelivery], count: int) -> list[RawMessage]:
    messages: list[RawMessage] = []
    while len(messages) < count:
        delivery = await arrived.get()
        messages += delivery.messages
        await delivery.acknowledge()
    return messages


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the other end is a thread of the library
            await asyncio.sleep(0.005)


async def test_messages_arrive(publisher: tuple[zmq.Socket[bytes], str]) -> None:
    socket, endpoint = publisher
    one: LiveSource = source(endpoint, sensor="kit-3")
    assert isinstance(one, ZmqSource)
    assert one.fault == "not connected yet"
    async with receiving(one, socket) as arrived:
        socket.send(b'{"a":1}')
        socket.send_multipart([b"drone", b'{"b":2}'])
        messages = await take(arrived, 2)
        await until(lambda: one.fault is None)
    assert [(m.payload, m.place, m.sensor, m.received_s) for m in messages] == [
        (b'{"a":1}', endpoint, "kit-3", 12.5),
        (b'{"b":2}', "drone", "kit-3", 12.5),
    ]
    assert one.counters["received"] == 2
    assert one.name == f"zmq:{endpoint}"


async def test_only_the_wanted_topics(publisher: tuple[zmq.Socket[bytes], str]) -> None:
    socket, endpoint = publisher
    async with receiving(source(endpoint, "drone"), socket) as arrived:
        for topic in (b"status", b"drone/1", b"other", b"drone/2"):
            socket.send_multipart([topic, b"{}"])
        assert [message.place for message in await take(arrived, 2)] == ["drone/1", "drone/2"]


async def test_a_publisher_that_comes_back_is_found_again(
    publisher: tuple[zmq.Socket[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_MS", 10)
    socket, endpoint = publisher
    one = source(endpoint)
    async with receiving(one, socket) as arrived:
        await until(lambda: one.fault is None)
        socket.unbind(endpoint)
        socket.close()
        await until(lambda: one.fault is not None)
        with zmq.Context() as context, context.socket(zmq.XPUB) as again:
            again.linger = 0
            again.bind(endpoint)
            assert await asyncio.to_thread(again.poll, 10_000)
            again.recv()
            again.send(b'{"c":3}')
            assert [message.payload for message in await take(arrived, 1)] == [b'{"c":3}']
            await until(lambda: one.fault is None)
    assert one.counters["lost"] >= 1
    assert one.counters["connects"] == 2


async def test_a_giant_message_is_counted_and_passed_over(publisher: tuple[zmq.Socket[bytes], str]) -> None:
    socket, endpoint = publisher
    one = source(endpoint)
    async with receiving(one, socket) as arrived:
        socket.send(b"x" * (MAX_PAYLOAD_BYTES + 1))
        socket.send(b"{}")
        assert [message.payload for message in await take(arrived, 1)] == [b"{}"]
    assert one.counters["too_large"] == 1


@pytest.mark.parametrize(
    ("frames", "topic", "payload"),
    [
        ([b'{"a":1}'], b"", b'{"a":1}'),
        ([b'drone {"a":1}'], b"drone", b'{"a":1}'),
        ([b'drone [{"a":1}]'], b"drone", b'[{"a":1}]'),
        ([b'\x16\xff{"a":1}'], b"", b'\x16\xff{"a":1}'),
        ([b"t", b"", b"{}"], b"t", b"{}"),
        ([b""], b"", b""),
    ],
)
def test_topic_and_payload(frames: list[bytes], topic: bytes, payload: bytes) -> None:
    assert parts_of(frames) == (topic, payload)


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> dict[str, Path]:
    """Files of a publisher, of us, and of a stranger."""
    for name in ("publisher", "ours", "stranger"):
        create_certificates(tmp_path, name)
    return {file.name: file for file in tmp_path.iterdir()}


@contextmanager
def guarded(keys: dict[str, Path], known: Path | None) -> Iterator[tuple[zmq.Socket[bytes], str]]:
    """A publisher that lets in whose public key lies in a folder; anybody without one."""
    public, secret = load_certificate(keys["publisher.key_secret"])
    assert secret is not None
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    asked = ThreadAuthenticator(context)
    asked.start()
    asked.configure_curve(domain="*", location=CURVE_ALLOW_ANY if known is None else str(known))
    try:
        publisher = context.socket(zmq.XPUB)
        publisher.curve_server, publisher.curve_publickey, publisher.curve_secretkey = True, public, secret
        yield publisher, f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
    finally:
        asked.stop()
        context.destroy(linger=0)


def curved(endpoint: str, server: Path, own: Path | None) -> ZmqSettings:
    return ZmqSettings(endpoint=endpoint, curve=curve(server, own))


@pytest.mark.parametrize("own", ["ours.key_secret", None])
async def test_messages_arrive_encrypted(keys: dict[str, Path], tmp_path: Path, own: str | None) -> None:
    known = tmp_path / "known"
    known.mkdir()
    shutil.copy(keys["ours.key"], known)
    with guarded(keys, None if own is None else known) as (publisher, endpoint):
        settings = curved(endpoint, keys["publisher.key"], None if own is None else keys[own])
        one = ZmqSource(settings, clock=lambda: 0.0)
        async with receiving(one, publisher) as arrived:
            publisher.send(b"{}")
            assert [message.payload for message in await take(arrived, 1)] == [b"{}"]
            await until(lambda: one.counters["connects"] == 1)
        assert await probe(settings) is None
        assert settings.curve is not None
        assert settings.curve.secret_key.decode() not in repr(settings)


@pytest.mark.parametrize(
    ("server", "own"),
    [
        ("stranger.key", "ours.key_secret"),
        ("publisher.key", "stranger.key_secret"),
        ("publisher.key", None),
        (None, None),
    ],
    ids=["another publisher", "not known there", "no key", "in the clear"],
)
async def test_who_does_not_fit_gets_nothing_and_says_so(
    keys: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str | None, own: str | None
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_MS", 10)
    known = tmp_path / "known"
    known.mkdir()
    shutil.copy(keys["ours.key"], known)
    with guarded(keys, known) as (publisher, endpoint):
        settings = ZmqSettings(endpoint=endpoint)
        if server is not None:
            settings = curved(endpoint, keys[server], None if own is None else keys[own])
        one = ZmqSource(settings, clock=lambda: 0.0)
        async with aclosing(one.deliveries()) as deliveries:
            first = asyncio.ensure_future(anext(deliveries))
            await until(lambda: one.counters["handshake_failed"] > 1)  # it goes on trying
            assert "the keys do not fit" in (one.fault or "")
            await until(lambda: one.refused)
            publisher.send(b"{}")
            assert not first.done()
            first.cancel()
            await asyncio.wait([first])
        assert one.counters["received"] == 0


def test_a_file_without_a_key_is_named(keys: dict[str, Path], tmp_path: Path) -> None:
    broken, short = tmp_path / "broken.key", tmp_path / "short.key"
    broken.write_text("nonsense")
    short.write_text('curve\n    public-key = "abcde"\n')
    with pytest.raises(ValueError, match="only a public one"):
        curve(keys["publisher.key"], keys["ours.key"])
    for file in (broken, short):
        with pytest.raises(ValueError, match=str(file)):
            curve(file, None)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        curve(tmp_path / "nowhere", None)


async def test_the_probe(publisher: tuple[zmq.Socket[bytes], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT_S", 0.3)
    monkeypatch.setattr(module, "FIRST_PAUSE_MS", 10)
    socket, endpoint = publisher
    assert await probe(ZmqSettings(endpoint=endpoint)) is None
    socket.close()
    assert "no publisher answers" in str(await probe(ZmqSettings(endpoint=endpoint)))


def test_an_endpoint_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="endpoint 'nonsense'"):
        source("nonsense")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str) -> object:
        if name.startswith("zmq"):
            raise ModuleNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(RuntimeError, match=r"airspace-monitor\[zmq\]"):
        source("tcp://127.0.0.1:1")
