"""Outbox to people: each channel reads on its own, in order, and a dead one retries alone.

A line that makes the channel itself fail, not the other end, is tried twice and then passed over, told: it must not
hold up every line after it. A channel that shows a state is told what stands when there is nothing new: at
the start, after a failure, and every minute.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog

from airspace.model.health import Trouble
from airspace.model.ports import Channel, ChannelError, Outbox, StateChannel, StoreUnavailable
from airspace.service.backoff import Backoff
from airspace.service.clock import Clock, steady_clock, wall_clock
from airspace.service.health import CHANNEL, Health
from airspace.service.isolation import FAULTS, survive, where
from airspace.service.metrics import Metrics

READ_LINES: Final = 100
IDLE_S: Final = 5.0  # the bell may be lost with a connection: look by oneself now and then
FIRST_RETRY_S: Final = 1.0
LAST_RETRY_S: Final = 60.0
SEND_S: Final = 30.0  # a channel that takes longer for a line is taken as not answering
REFRESH_EVERY_S: Final = 60.0  # a channel that shows a state may have been restarted without our knowing
TRIES: Final = 2  # of a line that the channel fails on for no known reason

log = structlog.get_logger("airspace")


class Publisher:
    """One channel and its place in the outbox."""

    def __init__(
        self,
        channel: Channel,
        outbox: Outbox,
        metrics: Metrics,
        health: Health,
        clock: Clock = wall_clock,
        steady: Clock = steady_clock,
    ) -> None:
        self._channel = channel
        self._outbox = outbox
        self._metrics = metrics
        self._health = health
        self._part = f"{CHANNEL}{channel.name}"
        self._clock = clock
        self._steady = steady
        self._failing: tuple[int, int] = (0, 0)  # a line's number, and how often the channel failed on it
        self._refresh_s = steady()  # when what stands is told again
        self._refresh_backoff = Backoff(FIRST_RETRY_S, LAST_RETRY_S)

    async def run(self) -> None:
        """Tell everything that is committed, for ever."""
        backoff = Backoff(FIRST_RETRY_S, LAST_RETRY_S)
        while True:
            try:
                if not await self._turn():
                    await self._refresh()
                    await self._outbox.wait(IDLE_S)
                backoff.well()
                continue
            except (ChannelError, StoreUnavailable) as error:
                fault, word = str(error), Trouble.CHANNEL_FAILS
            except FAULTS as error:
                survive(error)
                log.exception("channel failed", channel=self._channel.name)
                fault, word = where(error), Trouble.FAULT_OF_OURS
            self._refresh_s = self._steady()
            self._metrics.tell_failures.labels(self._channel.name).inc()
            self._health.trouble(self._part, word, fault)
            await asyncio.sleep(backoff.pause_s())

    async def _turn(self) -> bool:
        """The next lines; whether there were any."""
        lines = await self._outbox.read(self._channel.name, READ_LINES)
        for number, line in lines:
            await self._tell(number, line)
            await self._outbox.done(self._channel.name, number)
        return bool(lines)

    async def _tell(self, number: int, line: dict[str, Any]) -> None:
        """One line; a line that will never be accepted is counted and passed over."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._channel.send([line])
        except TimeoutError as error:
            raise ChannelError(f"no answer in {SEND_S:.0f} s") from error
        except ChannelError as error:
            if error.retry:
                raise
            self._pass_over(line, str(error))
        except FAULTS as error:
            survive(error)
            before, times = self._failing
            self._failing = (number, times + 1 if before == number else 1)
            if self._failing[1] < TRIES:
                raise
            log.exception("channel failed on a line again", channel=self._channel.name)
            self._pass_over(line, where(error))
        else:
            self._metrics.told.labels(self._channel.name).inc()
            self._health.well(self._part)

    async def _refresh(self) -> None:
        """Show what stands, when it is time. Whatever fails here is told and tried later: it never holds up a line."""
        if not isinstance(self._channel, StateChannel) or self._steady() < self._refresh_s:
            return
        lines = await self._outbox.standing()
        try:
            async with asyncio.timeout(SEND_S):
                await self._channel.refresh(lines, self._clock())
        except TimeoutError:
            self._not_shown(Trouble.CHANNEL_FAILS, f"no answer in {SEND_S:.0f} s")
        except ChannelError as error:
            self._not_shown(Trouble.CHANNEL_FAILS, str(error))
        except FAULTS as error:
            survive(error)
            log.exception("channel failed to show what stands", channel=self._channel.name)
            self._not_shown(Trouble.FAULT_OF_OURS, where(error))
        else:
            self._refresh_backoff.well()
            self._refresh_s = self._steady() + REFRESH_EVERY_S
            self._health.well(self._part)

    def _not_shown(self, word: Trouble, fault: str) -> None:
        self._refresh_s = self._steady() + self._refresh_backoff.pause_s()
        self._metrics.tell_failures.labels(self._channel.name).inc()
        self._health.trouble(self._part, word, fault)

    def _pass_over(self, line: dict[str, Any], why: str) -> None:
        self._metrics.tell_failures.labels(self._channel.name).inc()
        self._health.trouble(f"{self._part}:lines", Trouble.LINE_PASSED_OVER, f"{line.get('alert_id')}: {why}")
