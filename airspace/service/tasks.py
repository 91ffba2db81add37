"""Duties that come round, and the signals of the operating system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from airspace.model.health import Trouble
from airspace.model.ports import StoreUnavailable
from airspace.service.health import Health
from airspace.service.isolation import FAULTS, survive, where

LIMIT_S: Final = 60.0  # a duty that takes longer is given up and comes round again
_STOP: Final = (signal.SIGINT, signal.SIGTERM)

log = structlog.get_logger("airspace")


async def every(
    seconds: float, name: str, work: Callable[[], Awaitable[None]], health: Health, limit_s: float = LIMIT_S
) -> None:
    """Do something now and then; its failure is told and it is tried again."""
    while True:
        try:
            async with asyncio.timeout(limit_s):
                await work()
        except TimeoutError:
            health.trouble(f"duty:{name}", Trouble.DATABASE_SLOW, f"It was given up after {limit_s:.0f} s.")
        except StoreUnavailable:
            log.debug("duty waits for the database", duty=name)  # the process task tells of it
        except FAULTS as error:
            survive(error)
            health.trouble(f"duty:{name}", Trouble.FAULT_OF_OURS, where(error))
        else:
            health.well(f"duty:{name}")
        await asyncio.sleep(seconds)


@contextmanager
def on_signals(reload: Callable[[], None]) -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set, so that everything ends in order; a second one ends it at once.

    SIGHUP, which a closed terminal sends as well as ``systemctl reload``, calls ``reload`` and ends nothing.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        stop.set()
        for number in _STOP:
            loop.remove_signal_handler(number)

    for number in _STOP:
        loop.add_signal_handler(number, first)
    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield stop
    finally:
        for number in (*_STOP, signal.SIGHUP):
            loop.remove_signal_handler(number)
