"""The running service: one named task for each arrow, all in one group.

    receive:NAME   a source's deliveries into the inbox
    process        inbox -> decode -> gate -> log -> line -> commit -> acknowledge -> view
    publish:NAME   outbox -> a channel

Nothing is acknowledged before its commit; a commit that fails is tried again, the same, until it succeeds, and
meanwhile the full inbox holds the sources back.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import structlog

from airspace.model.detection import Detections
from airspace.model.log import Batch
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.ports import Delivery, Format, LiveSource, Recorder, Store, StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.service.clock import Clock
from airspace.service.fence import Fence
from airspace.service.inbox import Inbox, Request
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 5.0
LINGER_S: Final = 0.002  # a batch of a few rows costs what one row costs: wait a moment for the next

log = structlog.get_logger("airspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the pipeline runs, each given by the composition root."""

    decode: Format
    admit: Callable[[Decoded, float], Decoded]
    line: Fence
    store: Store
    privacy: Privacy
    taken: Callable[[Outcome], None]  # told after each commit
    recorder: Recorder | None = None


class Pipeline:
    """The process loop and its log time."""

    def __init__(self, stages: Stages, inbox: Inbox, metrics: Metrics, clock: Clock) -> None:
        self._stages = stages
        self._inbox = inbox
        self._metrics = metrics
        self._clock = clock
        self._now_s = -math.inf
        self._ticked_s = -math.inf

    async def receive(self, source: LiveSource) -> None:
        """One source into the inbox, for ever."""
        counter = self._metrics.messages.labels(source.name)
        async for delivery in source.deliveries():
            counter.inc(len(delivery.messages))
            await self._inbox.deliver(delivery)

    async def process(self) -> None:
        """Take what waits, for ever; a tick at each whole second."""
        self._ticked_s = math.floor(self._advance())
        while True:
            await self._inbox.wait(max(0.0, self._ticked_s + 1 - self._clock()))
            if len(self._inbox):
                await asyncio.sleep(LINGER_S)
            deliveries, requests = self._inbox.drain()
            self._metrics.waiting.set(len(self._inbox))
            await self.take(deliveries, requests)

    async def take(self, deliveries: Sequence[Delivery], requests: Sequence[Request] = ()) -> None:
        """One turn of the loop: what waits, then the ticks that are due."""
        now_s = self._advance()
        with self._metrics.batch_seconds.time():
            if deliveries:
                await self._rows(deliveries, now_s)
            if requests:
                await self._requests(requests)
            if math.floor(now_s) > self._ticked_s:
                self._ticked_s = float(math.floor(now_s))  # after a stall one tick stands for all that were missed
                await self._apply(Batch(detections=Detections.empty(), tick_s=self._ticked_s))
                if self._stages.recorder is not None:
                    self._stages.recorder.tick(self._ticked_s)

    def _advance(self) -> float:
        """Log time: the clock, but never back."""
        self._now_s = max(self._now_s, self._clock())
        return self._now_s

    async def _rows(self, deliveries: Sequence[Delivery], now_s: float) -> None:
        messages = [message for delivery in deliveries for message in delivery.messages]
        decoded = self._decode(messages)
        admitted = self._stages.admit(decoded, now_s)
        if self._stages.recorder is not None:
            self._stages.recorder.turn(messages, decoded, admitted, now_s)
        rows = admitted.detections
        rows = rows.replace(logged_s=np.full(len(rows), now_s))
        beats = tuple(
            replace(beat, logged_s=now_s) for beat in admitted.heartbeats
        )  # its clock may be wrong, ours counts
        self._metrics.batch_rows.observe(len(rows))
        for reject in admitted.rejects:
            self._metrics.rejects.labels(reject.reason.value).inc(reject.count)
        await self._apply(Batch(detections=rows, heartbeats=beats), admitted.rejects)
        for delivery in deliveries:
            await delivery.acknowledge()

    def _decode(self, messages: Sequence[RawMessage]) -> Decoded:
        """A decoder that fails on one message must not stop the rest: what it cannot take goes to quarantine."""
        try:
            return self._stages.decode(messages)
        except Exception as error:  # noqa: BLE001 -- the last fence before the loop: a decoder's fault stays with its message
            if len(messages) == 1:
                log.warning("decoder failed", error=type(error).__name__, place=messages[0].place)
                return Decoded(rejects=(_unreadable(messages[0], error),))
        half = len(messages) // 2
        return Decoded.concat([self._decode(messages[:half]), self._decode(messages[half:])])

    async def _requests(self, requests: Sequence[Request]) -> None:
        """One after the other, so that of two who want the same each is told what came of his own."""
        if self._stages.recorder is not None:
            self._stages.recorder.commands(tuple(request.command for request in requests))
        for request in requests:
            outcomes = await self._apply(Batch(detections=Detections.empty(), commands=(request.command,)))
            told = [alert for outcome in outcomes for alert in outcome.alerts]
            if not request.told.done():
                request.told.set_result(told[-1] if told else None)

    async def _apply(self, batch: Batch, rejects: tuple[Reject, ...] = ()) -> tuple[Outcome, ...]:
        taken = self._stages.line.apply(batch)
        if len(taken.outcomes) > 1 or taken.rejects:
            self._metrics.core_faults.inc(len(taken.rejects))
            log.error("core failed, entry left out", fault=self._stages.line.last_fault, rows=len(taken.rejects))
        rejects += taken.rejects
        for outcome in taken.outcomes:
            await self._keep(outcome, rejects)
            rejects = ()
        return taken.outcomes

    async def _keep(self, outcome: Outcome, rejects: tuple[Reject, ...]) -> None:
        """Commit what an outcome holds, if anything, then show it."""
        batch = outcome.batch
        if (
            len(batch.detections)
            or rejects
            or outcome.alerts
            or outcome.verdicts
            or outcome.changes.events
            or batch.heartbeats
        ):
            await self._commit(outcome, rejects)
        self._metrics.count_unfollowed(outcome.unfollowed)
        if outcome.changes.live is not None:
            self._metrics.tracks.set(len(outcome.changes.live))
        for alert in outcome.alerts:
            self._metrics.alerts.labels(alert.kind.value, alert.state.value).inc()
        self._stages.taken(outcome)

    async def _commit(self, outcome: Outcome, rejects: tuple[Reject, ...]) -> None:
        commit = outcome.commit(self._stages.privacy, rejects)
        wait_s = FIRST_RETRY_S
        while True:
            try:
                stored = await self._stages.store.commit(commit)
            except StoreUnavailable as error:
                self._metrics.commit_failures.inc()
                log.warning("database does not answer", error=str(error), retry_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LAST_RETRY_S)
            else:
                self._metrics.detections.inc(stored.detections)
                self._metrics.repeated.inc(stored.repeated)
                return


def _unreadable(message: RawMessage, error: Exception) -> Reject:
    return Reject(
        reason=RejectReason.UNKNOWN_FORMAT,
        detail=f"decoder failed: {type(error).__name__}",
        place=message.place,
        received_s=message.received_s,
        sensor=message.sensor,
    )
