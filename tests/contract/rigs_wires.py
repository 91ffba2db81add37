"""The other ends of UDP and of a serial port: a socket, and a pseudo terminal."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from receivers.sources.serial import SerialSettings, SerialSource
from receivers.sources.udp import UdpSettings, UdpSource
from tests.receivers.waiting import until

FIRST_PAUSE_S = 0.002
MAX_BYTES = 1000


class DatagramSender:
    """Sends datagrams to the source, once it listens."""

    def __init__(self, clock: Callable[[], float]) -> None:
        settings = UdpSettings(port=0, sensor="mast", max_datagram_bytes=MAX_BYTES)
        self.source = UdpSource(settings, clock=clock, first_pause_s=FIRST_PAUSE_S)

    def payload(self, number: int) -> bytes:
        return f'{{"number":{number}}}'.encode()

    async def send(self, payloads: Sequence[bytes]) -> None:
        await until(lambda: self.source.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in payloads:
                sender.sendto(payload, ("127.0.0.1", self.source.port))

    async def break_message(self) -> None:
        """Nothing, blanks, more than a message may have, and bytes that are no text."""
        await self.send([b"", b" \r\n\0", b"x" * (MAX_BYTES + 1), b"\xff\xfe\0"])

    async def cut(self) -> None:
        """The socket dies, as it does with its network."""
        transport = self.source._transport
        if transport is not None:
            transport.abort()
            await asyncio.sleep(0)


@asynccontextmanager
async def udp(clock: Callable[[], float]) -> AsyncIterator[DatagramSender]:
    yield DatagramSender(clock)


class Cable:
    """A pseudo terminal behind a name that stays, as ``/dev/serial/by-id`` has it; pulled out and plugged in again."""

    def __init__(self, clock: Callable[[], float], folder: Path) -> None:
        self.device = folder / "node"
        self._ends: list[int] = []
        self.plug_in()
        settings = SerialSettings(device=str(self.device), sensor="mast", max_line_bytes=MAX_BYTES)
        self.source = SerialSource(settings, clock=clock, first_pause_s=FIRST_PAUSE_S)
        self._opened = 0

    def plug_in(self) -> None:
        self._ends = list(os.openpty())
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(self._ends[1]))

    def pull_out(self) -> None:
        for end in self._ends:
            os.close(end)
        self._ends = []

    def payload(self, number: int) -> bytes:
        return f'{{"mac":"02:00:00:00:00:01","basic_id":"{number}"}}'.encode()

    async def write(self, data: bytes) -> None:
        await until(lambda: self.source.fault is None and self.source.counters["connects"] > self._opened)  # no echo
        while data:
            data = data[os.write(self._ends[0], data[:512]) :]
            await asyncio.sleep(0)  # its buffer is small, and the reader is of this thread

    async def send(self, payloads: Sequence[bytes]) -> None:
        await self.write(b"".join(payload + b"\r\n" for payload in payloads))

    async def break_message(self) -> None:
        """A line without end, bytes that are no text, blank lines, then half a line and no cable."""
        await self.write(b"x" * (3 * MAX_BYTES) + b"\n\xff\xfe\0\n\r\n\n" + b'{"mac":')
        await self.cut()

    async def cut(self) -> None:
        self._opened = self.source.counters["connects"]
        self.pull_out()
        self.plug_in()


@asynccontextmanager
async def serial_port(clock: Callable[[], float]) -> AsyncIterator[Cable]:
    with tempfile.TemporaryDirectory(prefix="airspace-test-") as folder:
        rig = Cable(clock, Path(folder))
        try:
            yield rig
        finally:
            rig.pull_out()
