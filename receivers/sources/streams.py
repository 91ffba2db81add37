"""What the sources without a broker share: deliveries, back-off, lines out of a stream, and a listener with limits.

TCP confirms bytes to the sender's kernel and nothing more: a message that was read and not yet stored is lost with the
process, so there is nothing to acknowledge. What holds a sender back is that its connection is not read while the
waiting room is full.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Final, cast

import structlog

from airspace.model.message import RawMessage
from airspace.model.text import safe_text

MAX_MESSAGES: Final = 4096  # in one delivery
READ_BYTES: Final = 1 << 16
HANDSHAKE_S: Final = 10.0
ROOM_PARTS: Final = 64  # reads that may wait: with READ_BYTES, a few MiB for all connections of a listener
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
_MAX_FAULT_LETTERS: Final = 200
BLANK: Final = b" \t\r\n\0"  # what may stand around a message

_log = structlog.get_logger(__name__)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PlainDelivery:
    """Messages whose sender waits for no word."""

    messages: Sequence[RawMessage]

    async def acknowledge(self) -> None:
        """Nothing to tell."""


class Backoff:
    """Pauses that double up to a longest, each shortened at random so that many clients do not come back as one."""

    def __init__(self, first_s: float, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def reset(self) -> None:
        """It worked: the next pause is the first again."""
        self._next_s = self._first_s

    async def pause(self) -> None:
        """Wait, and longer the next time."""
        pause_s = self._next_s * SystemRandom().uniform(0.5, 1.0)
        self._next_s = min(2 * self._next_s, self._longest_s)
        await asyncio.sleep(pause_s)


def reason(error: BaseException) -> str:
    """Why something failed, in words fit for a health page; of an error without words, those of its cause."""
    cause: BaseException | None = error
    while cause is not None:
        text = safe_text(str(cause), _MAX_FAULT_LETTERS)
        if text:
            return text
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def refuses(error: BaseException) -> bool:
    """Whether the other end answered and one of us refuses the other, by TLS: waiting mends nothing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


class Lines:
    """Bytes as they come to whole lines without blanks at their ends.

    A line above the cap is passed over up to its end and counted as ``too_long``. What stands after the last newline
    when a connection ends is dropped: half a coordinate looks like a whole one.
    """

    def __init__(self, max_line_bytes: int, counters: Counter[str]) -> None:
        self._max = max_line_bytes
        self._counters = counters
        self._rest = b""
        self._passing_over = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if whole and self._passing_over:
            del whole[0]
            self._passing_over = False
        self._counters["too_long"] += sum(len(line) > self._max for line in whole)
        if len(self._rest) > self._max:
            self._counters["too_long"] += not self._passing_over
            self._passing_over, self._rest = True, b""
        stripped = (line.strip(BLANK) for line in whole if len(line) <= self._max)
        return [line for line in stripped if line]


class Room:
    """Where what the connections of a listener read waits for the consumer; bounded, so that a full one stops them."""

    def __init__(self, parts: int = ROOM_PARTS) -> None:
        self._parts: asyncio.Queue[Sequence[RawMessage]] = asyncio.Queue(maxsize=parts)

    async def put(self, messages: Sequence[RawMessage]) -> None:
        """Hand in what one read brought; waits while the room is full."""
        if messages:
            await self._parts.put(messages)

    async def take(self) -> PlainDelivery:
        """The first that comes, and what waits behind it."""
        messages = list(await self._parts.get())
        while len(messages) < MAX_MESSAGES and not self._parts.empty():
            messages.extend(self._parts.get_nowait())
        return PlainDelivery(messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and for how many at once. This machine only by default: sensors are not asked who they are."""

    port: int  # 0 takes a free one
    host: str = "127.0.0.1"
    max_connections: int = 32
    tls: ssl.SSLContext | None = None  # with client certificates required, it does ask who they are


class Listener:
    """A listening socket and a task for each connection; no connection can end another, or the listener.

    ``handle`` reads one connection and puts messages into ``room``.
    """

    def __init__(self, address: Address, handle: Handler, counters: Counter[str], first_pause_s: float) -> None:
        self._address = address
        self._handle = handle
        self._counters = counters
        self._backoff = Backoff(first_pause_s)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.room = Room()
        self.fault: str | None = "not listening yet"

    @property
    def port(self) -> int:
        """The port that is listened on, 0 while it is not."""
        return self._server.sockets[0].getsockname()[1] if self._server is not None and self._server.sockets else 0

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """What all connections bring. An address that cannot be had now is tried again, for ever."""
        while True:
            try:
                await self._open()
            except (OSError, UnicodeError) as error:  # a host name that no name server can be asked for
                self._counters["failed"] += 1
                self.fault = reason(error)
                _log.warning("cannot listen", host=self._address.host, port=self._address.port, reason=self.fault)
                await self._backoff.pause()
            else:
                break
        try:
            while True:
                yield await self.room.take()
        finally:
            await self._close()

    async def _open(self) -> None:
        where = self._address
        self._server = await asyncio.start_server(self._connected, where.host, where.port)
        self.fault = None

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.fault = "not listening"

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._address.max_connections:
            self._counters["turned_away"] += 1
            writer.transport.abort()
            return
        if self._address.tls is not None:
            cast("asyncio.Transport", writer.transport).pause_reading()  # what comes first is for the handshake
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not await self._is_secured(writer):
                return
            self._counters["connects"] += 1
            await self._handle(reader, writer)
        except (OSError, EOFError) as error:  # TimeoutError is an OSError, IncompleteReadError an EOFError
            self._counters["lost"] += 1
            _log.info("connection ended", port=self.port, reason=reason(error))
        finally:
            writer.transport.abort()

    async def _is_secured(self, writer: asyncio.StreamWriter) -> bool:
        """The handshake, as one of the connections: who does not finish it takes a place of theirs, and not for long.

        False where it failed, which asyncio would not tell of if it were done before.
        """
        if self._address.tls is None:
            return True
        try:
            await writer.start_tls(self._address.tls, ssl_handshake_timeout=HANDSHAKE_S)
        except OSError as error:
            self._counters["handshake_failed"] += 1
            _log.warning("TLS handshake failed", port=self.port, reason=reason(error))
            return False
        return True


async def within(idle_s: float, reading: Awaitable[bytes]) -> bytes:
    """What was read, or TimeoutError in words."""
    try:
        async with asyncio.timeout(idle_s):
            return await reading
    except TimeoutError:
        raise TimeoutError(f"nothing came for {idle_s:g} s") from None


class Listening:
    """A source that others connect to: what it says of its listener."""

    _listener: Listener
    _counters: Counter[str]

    @property
    def port(self) -> int:
        """The port that is listened on, 0 while it is not."""
        return self._listener.port

    @property
    def fault(self) -> str | None:
        """Why nobody can connect just now, for health pages."""
        return self._listener.fault

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """What the connections bring."""
        return self._listener.deliveries()
