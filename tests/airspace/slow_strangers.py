"""Many connections that do everything slowly, over real sockets, each opened again when it is cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

Address = tuple[str, int]
POST = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
WAYS: dict[str, bytes] = {
    "a head that never ends": b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    "nothing at all": b"",
    "a session's body": POST % b"/api/v1/session",
    "a push's body": POST % b"/api/v1/detections",
    "an act's body": POST % b"/api/v1/alerts/a/close",
    "a body for a page": POST.replace(b"POST", b"GET") % b"/healthz",
    "a body for no page": POST % b"/nowhere",
    "chunks": b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "one request, then idle": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "the largest file, never read": b"GET /maplibre/maplibre-gl.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a live stream, never read": b"GET /live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n\r\n",
    "two at once": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + POST % b"/api/v1/session",
}


@asynccontextmanager
async def strangers(address: Address, count: int, ways: Sequence[bytes], own: str = "127.0.0.1") -> AsyncIterator[None]:
    """``count`` of them from the address ``own`` for as long as the block lasts, dealt out over the ways."""
    full = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(_stranger(address, ways[n % len(ways)], own, full)) for n in range(count)]
    for _ in tasks:
        await full.acquire()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stranger(address: Address, sent: bytes, own: str, full: asyncio.Semaphore) -> None:
    while True:
        with contextlib.suppress(OSError):
            await _once(address, sent, own, full)
        await asyncio.sleep(0.5)


async def _once(address: Address, sent: bytes, own: str, full: asyncio.Semaphore) -> None:
    """Send the half, then a letter a second; what comes is left in the kernel until the other side ends it."""
    reader, writer = await asyncio.open_connection(*address, local_addr=(own, 0), limit=1)
    try:
        writer.write(sent)
        full.release()
        while not writer.transport.is_closing():
            await asyncio.sleep(1)
            if sent:
                writer.write(b" ")
            if reader.at_eof():
                return
    finally:
        writer.transport.abort()


async def answered(address: Address, path: str = "/healthz", own: str = "127.0.0.1") -> int:
    """The status that somebody else gets within five seconds; 0: none."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(*address, local_addr=(own, 0))
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                line = await reader.readline()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return 0
    return int(line.split()[1]) if line else 0
