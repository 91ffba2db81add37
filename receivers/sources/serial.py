"""A serial port: lines of a receiver on a cable (an ESP32 of drone-mesh-mapper at 115,200 baud), a message a line.

At most once: the wire has no acknowledgement, and what comes while the service is not there is gone. The port is always
read, since the kernel keeps 4 KiB of it; what the service cannot take yet waits here, bounded, the oldest dropped first
and counted. A port that is unplugged is opened again with a back-off: name it by ``/dev/serial/by-id/...``, which stays
the same. It is opened for this service alone. The line that was under way when it was opened is cut, and is counted as
whatever the decoder makes of it. A port that says nothing is left open, since opening restarts many boards.

Needs the extra ``serial`` (pyserial). POSIX only.
"""

from __future__ import annotations

import asyncio
import importlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from airspace.model.message import RawMessage
from receivers.sources.streams import FIRST_PAUSE_S, READ_BYTES, Backoff, Lines, PlainDelivery, reason
from receivers.sources.waiting import Waiting

if TYPE_CHECKING:
    import serial

BAUD: Final = 115_200
MAX_LINE_BYTES: Final = 1 << 14
_MISSING: Final = "a serial source needs pyserial: pip install 'airspace-monitor[serial]'"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSettings:
    """Which port. ``sensor`` is whose messages they are, where the messages do not say."""

    device: str
    baud: int = BAUD
    name: str | None = None  # else the device
    sensor: str | None = None
    max_line_bytes: int = MAX_LINE_BYTES


class SerialSource:
    """A port as a live source. ``counters`` has received, dropped, too_long, connects, lost and failed.

    RuntimeError without pyserial.
    """

    def __init__(
        self, settings: SerialSettings, *, clock: Callable[[], float], first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        _load()
        self._settings = settings
        self._clock = clock
        self._backoff = Backoff(first_pause_s)
        self._counters: Counter[str] = Counter()
        self.fault: str | None = "not opened yet"  # why nothing can come just now, for health pages

    @property
    def name(self) -> str:
        """``serial:`` and its name, or the device."""
        return f"serial:{self._settings.name or self._settings.device}"

    @property
    def counters(self) -> Mapping[str, int]:
        """Since the start."""
        return self._counters

    async def deliveries(self) -> AsyncGenerator[PlainDelivery, None]:
        """What arrives, until cancelled."""
        waiting = Waiting(self._counters)
        reading = asyncio.create_task(self._read(waiting))
        try:
            while True:
                yield PlainDelivery(await waiting.taken())
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self.fault = "not opened"

    async def _read(self, waiting: Waiting) -> None:
        while True:
            try:
                port = opened(self._settings)
            except (OSError, ValueError) as error:  # its own SerialException is an OSError
                self._note("failed", error)
            else:
                self._counters["connects"] += 1
                self.fault = None
                self._note("lost", await self._lines(port, waiting))
            await self._backoff.pause()

    async def _lines(self, port: serial.Serial, waiting: Waiting) -> Exception:
        """Lines as they come, until the port fails; why it did."""
        loop, lines = asyncio.get_running_loop(), Lines(self._settings.max_line_bytes, self._counters)
        failed: asyncio.Future[Exception] = loop.create_future()

        def ready() -> None:
            try:
                data = port.read(READ_BYTES)
            except OSError as error:
                loop.remove_reader(port.fileno())
                failed.set_result(error)
            else:
                self._take(lines.feed(data), waiting)

        loop.add_reader(port.fileno(), ready)
        try:
            return await failed
        finally:
            loop.remove_reader(port.fileno())
            port.close()

    def _take(self, lines: list[bytes], waiting: Waiting) -> None:
        for line in lines:
            self._backoff.reset()
            self._counters["received"] += 1
            waiting.put(
                RawMessage(payload=line, received_s=self._clock(), sensor=self._settings.sensor, place=self.name)
            )

    def _note(self, event: str, error: Exception) -> None:
        fault = reason(error)
        if self.fault != fault:
            _log.warning(
                "serial port lost" if event == "lost" else "serial port not opened", source=self.name, reason=fault
            )
        self.fault = fault
        self._counters[event] += 1


def opened(settings: SerialSettings) -> serial.Serial:
    """The port, for us alone, read without waiting. OSError or ValueError where it cannot be had."""
    port: serial.Serial = _load().Serial(settings.device, settings.baud, timeout=0, exclusive=True)
    return port


def _load() -> Any:
    try:
        return importlib.import_module("serial")
    except ModuleNotFoundError as error:
        raise RuntimeError(_MISSING) from error
