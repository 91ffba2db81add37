"""TCP with a message a line: a client that fetches (SBS-1 on port 30003), and a server that sensors send to.

Both take any format of lines: each line is a message, blank lines are none. A link that is lost is made again with a
back-off; one that says nothing for too long is given up, since a peer that lost its power never says so.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from airspace.model.message import RawMessage
from receivers.sources.streams import (
    FIRST_PAUSE_S,
    READ_BYTES,
    Address,
    Backoff,
    Lines,
    Listener,
    Listening,
    PlainDelivery,
    reason,
    refuses,
    within,
)

MAX_LINE_BYTES: Final = 1 << 16

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpClientSettings:
    """Whom to connect to. ``sensor`` is whose messages they are, where the messages do not say."""

    host: str
    port: int
    sensor: str | None = None
    idle_s: float = 300.0  # without a byte for so long, the link is made anew
    connect_s: float = 10.0
    max_line_bytes: int = MAX_LINE_BYTES
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpServerSettings:
    """Where sensors connect to. ``sensor`` is whose messages they are, where the messages do not say."""

    port: int
    host: str = "127.0.0.1"
    sensor: str | None = None
    idle_s: float = 300.0
    max_connections: int = 32
    max_line_bytes: int = MAX_LINE_BYTES
    tls: ssl.SSLContext | None = None


class TcpClient:
    """A server's lines as a live source. ``counters`` has received, connects, lost, failed and too_long."""

    def __init__(
        self, settings: TcpClientSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._backoff = Backoff(first_pause_s)
        self._counters: Counter[str] = Counter()
        self.fault: str | None = "not connected yet"  # why there is no connection just now, for health pages
        self.refused = False  # whether the other end answers and does not let us in

    @property
    def name(self) -> str:
        """``tcp:host:port``."""
        return f"tcp:{self._settings.host}:{self._settings.port}"

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """Deliveries over as many connections as it takes."""
        while True:
            try:
                async with aclosing(self._connection()) as connection:
                    async for delivery in connection:
                        yield delivery
                self._note("closed by the other side", refused=False)
            except (OSError, UnicodeError) as error:  # a host name that no name server can be asked for
                self._note(reason(error), refused=refuses(error))
            await self._backoff.pause()

    def _note(self, fault: str, *, refused: bool) -> None:
        lost = self.fault is None
        self.fault, self.refused = fault, refused
        self._counters["lost" if lost else "failed"] += 1
        _log.warning("link lost" if lost else "server not reached", source=self.name, reason=fault)

    async def _connection(self) -> AsyncGenerator[PlainDelivery, None]:
        settings = self._settings
        reader, writer = await _connected(settings)
        try:
            self.fault = None
            self._counters["connects"] += 1
            lines = Lines(settings.max_line_bytes, self._counters)
            while data := await within(settings.idle_s, reader.read(READ_BYTES)):
                messages = _messages(lines.feed(data), self._clock(), settings.sensor, self.name)
                if messages:
                    self._backoff.reset()  # by a message, not by a connection: some servers accept and hang up at once
                    self._counters["received"] += len(messages)
                    yield PlainDelivery(messages)
        finally:
            writer.transport.abort()


class TcpServer(Listening):
    """Lines of all who connect as one live source.

    ``counters`` has received, connects, turned_away, handshake_failed, lost, failed and too_long.
    """

    def __init__(
        self, settings: TcpServerSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._counters: Counter[str] = Counter()
        address = Address(
            host=settings.host, port=settings.port, max_connections=settings.max_connections, tls=settings.tls
        )
        self._listener = Listener(address, self._connection, self._counters, first_pause_s)

    @property
    def name(self) -> str:
        """``tcp-server:host:port``."""
        return f"tcp-server:{self._settings.host}:{self._settings.port}"

    async def _connection(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        settings = self._settings
        lines = Lines(settings.max_line_bytes, self._counters)
        while data := await within(settings.idle_s, reader.read(READ_BYTES)):
            messages = _messages(lines.feed(data), self._clock(), settings.sensor, self.name)
            self._counters["received"] += len(messages)
            await self._listener.room.put(messages)


async def _connected(settings: TcpClientSettings) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(settings.connect_s):
            return await asyncio.open_connection(settings.host, settings.port, ssl=settings.tls)
    except TimeoutError:
        raise TimeoutError(f"no connection within {settings.connect_s:g} s") from None


def _messages(lines: list[bytes], now_s: float, sensor: str | None, place: str) -> list[RawMessage]:
    return [RawMessage(payload=line, received_s=now_s, sensor=sensor, place=place) for line in lines]
