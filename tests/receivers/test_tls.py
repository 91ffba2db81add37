"""TLS of what listens and what fetches, over real sockets: who is refused, and that it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Final

import pytest

from receivers.sources import streams
from receivers.sources.http_poll import HttpPoll, HttpPollSettings
from receivers.sources.sapient_node import SapientNode, SapientSettings
from receivers.sources.tcp import TcpClient, TcpClientSettings, TcpServer, TcpServerSettings
from tests.receivers import sapient_messages as made
from tests.receivers.waiting import PATIENCE_S, arriving, until
from tests.servers.pki import secured

Listening = TcpServer | SapientNode


def server(max_connections: int = 32) -> TcpServer:
    settings = TcpServerSettings(port=0, sensor="mast", tls=secured().server, max_connections=max_connections)
    return TcpServer(settings, clock=lambda: 12.5, first_pause_s=0.002)


def node() -> SapientNode:
    return SapientNode(SapientSettings(port=0, tls=secured().server), clock=lambda: 12.5, first_pause_s=0.002)


MAKE: Final[dict[str, Callable[[], Listening]]] = {"tcp": server, "sapient": node}
WORDS: Final = {"tcp": b"hello\n", "sapient": made.framed(made.registration().SerializeToString())}


async def say(one: Listening, tls: ssl.SSLContext | None, words: bytes) -> None:
    """Connect, say it and go; a refusal shows at the connection or at the first read."""
    await until(lambda: one.port)
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port, ssl=tls)
        try:
            writer.write(words)
            if tls is not secured().client:
                await reader.readexactly(1)
        finally:
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("who", ["nameless", "stranger", "mistaken", "plain"])
async def test_who_has_no_certificate_of_ours_is_refused_and_counted(kind: str, who: str) -> None:
    one = MAKE[kind]()
    tls = None if who == "plain" else getattr(secured(), who)
    async with arriving(one) as arrived:
        await say(one, tls, WORDS[kind])
        await until(lambda: one.counters["handshake_failed"])
        assert (one.counters["connects"], one.fault) == (0, None)
        await say(one, secured().client, WORDS[kind])
        assert len((await arrived.get()).messages) == 1, "and the next one is served"
        assert one.counters["connects"] == 1


async def test_who_never_finishes_the_handshake_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HANDSHAKE_S", 0.05)
    one = server(max_connections=1)
    async with arriving(one) as arrived:
        await until(lambda: one.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        second, turned_away = await asyncio.open_connection("127.0.0.1", one.port)
        with contextlib.suppress(ConnectionError):
            assert await second.read() == b""
        assert one.counters["turned_away"] == 1, "it has its place among the connections"
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        await until(lambda: one.counters["handshake_failed"])
        writer.close()
        turned_away.close()
        await say(one, secured().client, b"hello\n")
        assert (await arrived.get()).messages[0].payload == b"hello"


async def test_much_at_once_over_tls_comes_whole() -> None:
    """More than the kernel and the room hold, so that the connection is paused and goes on."""
    one = server()
    async with asyncio.timeout(PATIENCE_S), aclosing(one.deliveries()) as deliveries:
        first = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.port)
        _, writer = await asyncio.open_connection("127.0.0.1", one.port, ssl=secured().client)
        sent = 100_000
        writer.write(b"".join(b"%090d\n" % number for number in range(sent)))
        found = list((await first).messages)
        while len(found) < sent:
            found += (await anext(deliveries)).messages
        assert [int(message.payload) for message in found] == list(range(sent))
        writer.close()


@contextmanager
def guarded() -> Iterator[int]:
    """A server in a thread that asks for certificates, and says why it ends a connection; asyncio's own does not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                peer.settimeout(1.0)
                link = secured().server.wrap_socket(peer, server_side=True, do_handshake_on_connect=False)
                with link, contextlib.suppress(OSError):
                    try:
                        link.do_handshake()
                        link.sendall(b"never\n")
                    except ssl.SSLError:
                        socket.socket.recv(link, 1000)  # else the reset that unread bytes cause outruns the reason

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


REFUSALS: Final = [
    ("mistaken", "certificate verify failed"),
    ("nameless", "certificate required"),
    ("stranger", "unknown ca"),
]


def refused_with(one: TcpClient | HttpPoll, fault: str) -> Callable[[], bool]:
    """Whether it has ever said so; between two tries it may say something else."""
    said: set[str] = set()

    def refused() -> bool:
        if one.refused:
            said.add((one.fault or "").lower())
        return any(fault in text for text in said)

    return refused


@pytest.mark.parametrize(("who", "fault"), REFUSALS)
async def test_a_fetching_client_names_why_it_is_refused(who: str, fault: str) -> None:
    with guarded() as port:
        settings = TcpClientSettings(host="127.0.0.1", port=port, tls=getattr(secured(), who))
        one = TcpClient(settings, clock=lambda: 0.0, first_pause_s=0.002)
        async with arriving(one) as arrived:
            await until(refused_with(one, fault))
            assert arrived.empty()
            assert one.counters["received"] == 0


@pytest.mark.parametrize(("who", "fault"), REFUSALS)
async def test_a_poll_names_why_it_is_refused(who: str, fault: str) -> None:
    with guarded() as port:
        settings = HttpPollSettings(url=f"https://127.0.0.1:{port}/a.json", every_s=0.001, tls=getattr(secured(), who))
        one = HttpPoll(settings, clock=lambda: 0.0, first_pause_s=0.002)
        async with arriving(one) as arrived:
            await until(refused_with(one, fault))
            assert arrived.empty()
