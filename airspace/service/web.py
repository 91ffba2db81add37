"""uvicorn as one task among others: it takes no signals and ends when its task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from airspace.service.http_limits import protocol
from airspace.service.places import Places

_BACKLOG: Final = 128
SHUTDOWN_S: Final = 3.0
ANSWERS_S: Final = 2.5  # the cancellation of a query at a server that hangs takes two of it


class _Server(uvicorn.Server):
    """The group of tasks decides when to stop, not uvicorn's own signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; OSError where the port is taken. Port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    return bound


async def serve(application: Any, bound: socket.socket, places: Places, proxies: Sequence[str] = ()) -> None:
    """Serve until cancelled; live streams are cut, not waited for. ``bound`` stays open: it may be served again.

    What is under way then is cancelled here, while the application can still answer and the store is still open.
    """
    config = uvicorn.Config(
        application,
        log_config=None,  # its own handlers would go past our form and our throttle
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ws="none",
        http=protocol(places, proxies),
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
    )
    server = _Server(config)
    own = bound.dup()
    try:
        await server.serve(sockets=[own])
    except asyncio.CancelledError:
        server.should_exit = True
        server.force_exit = True
        if server.started:
            # a connection that does not end must not keep the service from ending
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(server.shutdown(sockets=[own]), SHUTDOWN_S)
            await _cut_short(server.server_state.tasks)
        raise
    finally:
        own.close()


async def _cut_short(requests: Collection[asyncio.Task[None]]) -> None:
    under_way = list(requests)
    for request in under_way:
        request.cancel()
    if under_way:
        await asyncio.wait(under_way, timeout=ANSWERS_S)
