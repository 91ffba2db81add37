"""UDP: datagrams that sensors send (dronecot's nodes on port 9999), each a message of any format that is recognised.

At most once, and nobody is told: UDP has no acknowledgement, so what the network, the kernel's buffer or a stopped
service loses is lost without a count, and what was received and not yet committed when the service is killed is gone. A
sender's address can be forged. Use MQTT or HTTP push where either matters, and listen on this machine or a closed
network only.

The socket is always read; what the service cannot take yet waits here, bounded, the oldest dropped first and counted. A
datagram above the limit is counted and passed over, as half of one could look whole. Left out: multicast.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from airspace.model.message import RawMessage
from airspace.model.text import safe_text
from receivers.sources.streams import BLANK, FIRST_PAUSE_S, Backoff, PlainDelivery, reason
from receivers.sources.waiting import Waiting

MAX_DATAGRAM_BYTES: Final = 65_507  # what one can hold over IPv4
KERNEL_BUFFER_BYTES: Final = 1 << 22  # asked for; the kernel gives what its administrator allows

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpSettings:
    """Where sensors send to. ``sensor`` is whose messages they are, where the messages do not say."""

    port: int  # 0 takes a free one
    host: str = "127.0.0.1"
    sensor: str | None = None
    max_datagram_bytes: int = MAX_DATAGRAM_BYTES


class UdpSource:
    """A port as a live source. ``counters`` has received, dropped, too_large, binds, lost and failed."""

    def __init__(
        self, settings: UdpSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._backoff = Backoff(first_pause_s)
        self._counters: Counter[str] = Counter()
        self._transport: asyncio.DatagramTransport | None = None
        self.fault: str | None = "not listening yet"  # why nothing can come just now, for health pages

    @property
    def name(self) -> str:
        """``udp:host:port``."""
        return f"udp:{self._settings.host}:{self._settings.port}"

    @property
    def port(self) -> int:
        """The port that is listened on, 0 while it is not."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return 0
        port: int = transport.get_extra_info("sockname")[1]
        return port

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """What arrives, until cancelled. An address that cannot be had now is tried again, for ever."""
        waiting = Waiting(self._counters)
        listening = asyncio.create_task(self._listen(waiting))
        try:
            while True:
                yield PlainDelivery(await waiting.taken())
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            self.fault = "not listening"

    async def _listen(self, waiting: Waiting) -> None:
        settings, loop = self._settings, asyncio.get_running_loop()
        while True:
            protocol = _Protocol(lambda data, sender: self._take(data, sender, waiting))
            try:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: protocol,  # noqa: B023 - made at once
                    local_addr=(settings.host, settings.port),
                )
            except (OSError, UnicodeError) as error:  # a host name that no name server can be asked for
                self._note("failed", error)
            else:
                self._opened(self._transport)
                try:
                    await protocol.ended.wait()
                finally:
                    self._transport.abort()
                self._note("lost", protocol.error)
            await self._backoff.pause()

    def _opened(self, transport: asyncio.DatagramTransport) -> None:
        bound = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER_BYTES)
        self.fault = None
        self._counters["binds"] += 1
        self._backoff.reset()

    def _note(self, event: str, error: BaseException | None) -> None:
        self.fault = "the socket was closed" if error is None else reason(error)
        self._counters[event] += 1
        _log.warning("cannot listen", source=self.name, reason=self.fault)

    def _take(self, data: bytes, sender: Any, waiting: Waiting) -> None:
        if len(data) > self._settings.max_datagram_bytes:
            self._counters["too_large"] += 1
            return
        if data.strip(BLANK):
            self._counters["received"] += 1
            place = f"udp {safe_text(str(sender[0])) or 'unknown'}"
            waiting.put(RawMessage(payload=data, received_s=self._clock(), sensor=self._settings.sensor, place=place))


class _Protocol(asyncio.DatagramProtocol):
    """Hands on what comes, and tells when the socket is no more."""

    def __init__(self, take: Callable[[bytes, Any], None]) -> None:
        self._take = take
        self.ended = asyncio.Event()
        self.error: Exception | None = None

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data, addr)

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.ended.set()
