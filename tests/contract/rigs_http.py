"""The other end of the HTTP poll: a small server on a socket, whose every byte the test decides."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from receivers.sources.http_poll import HttpPoll, HttpPollSettings
from tests.servers.pki import secured

FIRST_PAUSE_S = 0.002
EVERY_S = 0.001
MAX_BYTES = 10_000


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Web:
    """Answers each request with the next of the answers, and keeps what was asked. Waits while it has none."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.requests: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, tls: ssl.SSLContext | None = None) -> int:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, EOFError):
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(await self.answers.get())
                await writer.drain()
        finally:
            writer.close()

    async def drop(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.drop()
        if self._server is not None:
            self._server.close()


class Polled:
    """The poll and its server."""

    def __init__(self, web: Web, source: HttpPoll) -> None:
        self._web = web
        self.source = source

    def payload(self, number: int) -> bytes:
        return f'{{"now":{number},"aircraft":[]}}'.encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        for payload in payloads:
            self._web.answers.put_nowait(answer(payload))

    async def break_message(self) -> None:
        """An error, no HTTP at all, half a body, too much of it, and somebody else's address."""
        for bad in (
            answer(b"oops", status="500 Internal Server Error"),
            b"\xff\xfe nothing\r\n\r\n",
            answer(b"{}" * 100)[:-150],
            answer(b" " * (MAX_BYTES + 1)),
            answer(b"", "Location: http://127.0.0.2:1/", status="302 Found"),
        ):
            self._web.answers.put_nowait(bad)

    async def cut(self) -> None:
        await self._web.drop()


@asynccontextmanager
async def http_poll(clock: Callable[[], float], *, over_tls: bool = False) -> AsyncIterator[Polled]:
    web = Web()
    port = await web.open(secured().server if over_tls else None)
    settings = HttpPollSettings(
        url=f"{'https' if over_tls else 'http'}://127.0.0.1:{port}/data/aircraft.json?key=secret",
        sensor="roof",
        every_s=EVERY_S,
        max_bytes=MAX_BYTES,
        timeout_s=15.0,
        tls=secured().client if over_tls else None,
    )
    try:
        yield Polled(web, HttpPoll(settings, clock=clock, first_pause_s=FIRST_PAUSE_S))
    finally:
        await web.close()
