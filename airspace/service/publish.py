"""Outbox to people: each channel reads on its own, in order, and a dead one retries alone."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from airspace.model.ports import Channel, ChannelError, Outbox, StoreUnavailable
from airspace.service.metrics import Metrics

READ_LINES: Final = 100
IDLE_S: Final = 5.0  # the bell may be lost with a connection: look by oneself now and then
FIRST_RETRY_S: Final = 1.0
LAST_RETRY_S: Final = 60.0

log = structlog.get_logger("airspace")


async def publish(channel: Channel, outbox: Outbox, metrics: Metrics) -> None:
    """Tell one channel everything that is committed, for ever."""
    wait_s = FIRST_RETRY_S
    while True:
        try:
            if not await _turn(channel, outbox, metrics):
                await outbox.wait(IDLE_S)
            wait_s = FIRST_RETRY_S
        except (ChannelError, StoreUnavailable) as error:
            metrics.tell_failures.labels(channel.name).inc()
            log.warning("channel failed", channel=channel.name, error=str(error), retry_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LAST_RETRY_S)


async def _turn(channel: Channel, outbox: Outbox, metrics: Metrics) -> bool:
    """The next lines; whether there were any. A line that will never be accepted is counted and passed over."""
    lines = await outbox.read(channel.name, READ_LINES)
    for number, line in lines:
        try:
            await channel.send([line])
            metrics.told.labels(channel.name).inc()
        except ChannelError as error:
            if error.retry:
                raise
            metrics.tell_failures.labels(channel.name).inc()
            log.warning("channel refuses a line", channel=channel.name, error=str(error), alert=line.get("alert_id"))
        await outbox.done(channel.name, number)
    return bool(lines)
