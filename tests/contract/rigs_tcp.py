"""The other ends of the TCP sources."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from receivers.sources.sapient_node import SapientNode, SapientSettings
from receivers.sources.tcp import TcpClient, TcpClientSettings, TcpServer, TcpServerSettings
from tests.receivers import sapient_messages as made
from tests.receivers.waiting import until
from tests.servers.pki import secured

FIRST_PAUSE_S = 0.002
MAX_LINE_BYTES = 1000


async def listening(source: TcpServer | SapientNode) -> int:
    """Its port, once it has one."""
    await until(lambda: source.port)
    return source.port


class LineServer:
    """Serves lines to whoever connects, one client at a time."""

    def __init__(
        self,
        clock: Callable[[], float],
        port: int,
        clients: asyncio.Queue[asyncio.StreamWriter],
        tls: ssl.SSLContext | None,
    ) -> None:
        self._clients = clients
        self._client: asyncio.StreamWriter | None = None
        settings = TcpClientSettings(
            host="127.0.0.1", port=port, sensor="mast", max_line_bytes=MAX_LINE_BYTES, idle_s=30.0, tls=tls
        )
        self.source = TcpClient(settings, clock=clock, first_pause_s=FIRST_PAUSE_S)

    def payload(self, number: int) -> bytes:
        return f"MSG,{number}".encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        await self._write(b"".join(payload + b"\r\n" for payload in payloads))

    async def _write(self, data: bytes) -> None:
        while self._client is None or self._client.is_closing():
            self._client = await self._clients.get()
        self._client.write(data)
        await self._client.drain()

    async def break_message(self) -> None:
        """A line without end, then bytes that are no text, then half a line and no link."""
        await self._write(b"x" * (3 * MAX_LINE_BYTES) + b"\n\xff\xfe\0\n\n" + b"MSG,")
        await self.cut()

    async def cut(self) -> None:
        if self._client is not None:
            self._client.transport.abort()
            self._client = None
        while not self._clients.empty():
            self._clients.get_nowait().transport.abort()


@asynccontextmanager
async def tcp_client(clock: Callable[[], float], *, over_tls: bool = False) -> AsyncIterator[LineServer]:
    clients: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    tls = secured().server if over_tls else None
    server = await asyncio.start_server(lambda _, writer: clients.put_nowait(writer), "127.0.0.1", 0, ssl=tls)
    rig = LineServer(clock, server.sockets[0].getsockname()[1], clients, secured().client if over_tls else None)
    try:
        yield rig
    finally:
        await rig.cut()
        server.close()


class _Sender:
    """A peer that connects to a listening source."""

    def __init__(self, source: TcpServer | SapientNode, tls: ssl.SSLContext | None) -> None:
        self._listening = source
        self._tls = tls
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None

    async def write(self, data: bytes) -> None:
        if self._writer is None:
            port = await listening(self._listening)
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, ssl=self._tls)
        self._writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def ended(self) -> None:
        """The source has ended this connection."""
        assert self._reader is not None
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(4096):
                pass
        await self.cut()

    async def cut(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None


class LineSender(_Sender):
    """Sends lines to the server."""

    def __init__(self, source: TcpServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(source, tls)
        self.source = source

    def payload(self, number: int) -> bytes:
        return f'{{"number":{number}}}'.encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        await self.write(b"".join(payload + b"\n" for payload in payloads))

    async def break_message(self) -> None:
        await self.write(b"x" * (3 * MAX_LINE_BYTES) + b"\n\xff\xfe\0\n\n" + b'{"number":')
        await self.cut()


@asynccontextmanager
async def tcp_server(clock: Callable[[], float], *, over_tls: bool = False) -> AsyncIterator[LineSender]:
    tls = secured().server if over_tls else None
    settings = TcpServerSettings(port=0, sensor="mast", max_line_bytes=MAX_LINE_BYTES, idle_s=30.0, tls=tls)
    one = TcpServer(settings, clock=clock, first_pause_s=FIRST_PAUSE_S)
    rig = LineSender(one, secured().client if over_tls else None)
    yield rig
    await rig.cut()


class SapientSender(_Sender):
    """Sends framed protobuf to the fusion node."""

    def __init__(self, source: SapientNode, tls: ssl.SSLContext | None) -> None:
        super().__init__(source, tls)
        self.source = source

    def payload(self, number: int) -> bytes:
        message = made.located()
        message.detection_report.report_id = f"{number:026d}"
        payload: bytes = message.SerializeToString()
        return payload

    async def send(self, payloads: Sequence[bytes]) -> None:
        await self.write(b"".join(map(made.framed, payloads)))

    async def break_message(self) -> None:
        """Bytes that are no message, then a length that cannot be, which ends the connection; then half a message."""
        await self.write(made.framed(b"\x12\x05") + made.framed(b"GET / HTTP/1.1") + b"GET / HTTP/1.1\r\n")
        await self.ended()
        await self.write(made.framed(self.payload(0))[:-3])
        await self.cut()


@asynccontextmanager
async def sapient_node(clock: Callable[[], float], *, over_tls: bool = False) -> AsyncIterator[SapientSender]:
    settings = SapientSettings(port=0, idle_s=30.0, tls=secured().server if over_tls else None)
    one = SapientNode(settings, clock=clock, first_pause_s=FIRST_PAUSE_S)
    rig = SapientSender(one, secured().client if over_tls else None)
    yield rig
    await rig.cut()
