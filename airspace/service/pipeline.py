"""The running service: one named task for each arrow, all kept by the supervisor.

    receive:NAME   a source's deliveries into the inbox
    process        inbox -> decode -> gate -> log -> line -> commit -> acknowledge -> view
    publish:NAME   outbox -> a channel

Nothing is acknowledged before its commit; a commit that fails is tried again, the same, until it succeeds, and
meanwhile the full inbox holds the sources back. A stage that fails keeps its fault to itself: the message it failed on
goes to quarantine, and the stages after it go on (``isolation.py``, ``fence.py``).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
import structlog

from airspace.model.detection import Detections
from airspace.model.health import Trouble
from airspace.model.log import Batch
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.ports import Delivery, Format, LiveSource, Recorder, Store, StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.service.backoff import Backoff
from airspace.service.clock import DRIFT_S, Clock
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.inbox import Inbox, Request
from airspace.service.isolation import FAULTS, message_not_taken, rows_not_taken, survive, where
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics

FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 2.0
LINGER_S: Final = 0.002  # a batch of a few rows costs what one row costs: wait a moment for the next
SLOW_S: Final = 3.0  # a commit that takes longer is told
ACKNOWLEDGE_S: Final = 5.0

_Result = TypeVar("_Result")

log = structlog.get_logger("airspace")


async def nothing_to_prepare() -> None:
    """The store is open already."""


def nothing_to_save(outcome: Outcome) -> None:
    """No state is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the pipeline runs, each given by the composition root."""

    decode: Format
    admit: Callable[[Decoded, float], Decoded]
    line: Fence
    store: Store
    privacy: Privacy
    taken: Callable[[Outcome], None]  # told after each commit
    clock_offset_s: Callable[[], float] = lambda: 0.0  # the machine's clock less the pipeline's
    recorder: Recorder | None = None
    saved: Callable[[Outcome], None] = nothing_to_save  # told after that: what is known now may be saved for a restart
    prepare: Callable[[], Awaitable[None]] = nothing_to_prepare  # once, before the first batch; ``StoreUnavailable``


class Pipeline:
    """The process loop and its log time."""

    def __init__(self, stages: Stages, inbox: Inbox, metrics: Metrics, clock: Clock, health: Health) -> None:
        self._stages = stages
        self._inbox = inbox
        self._metrics = metrics
        self._clock = clock
        self._health = health
        self._now_s = -math.inf
        self._ticked_s = -math.inf
        self._prepared = False
        self._offset_s = 0.0  # the machine's clock less ours, as the log last said
        self._committing_s: float | None = None
        self._settled = False  # whether all that the stages know is committed
        self._held: tuple[Sequence[Delivery], Sequence[Request]] = ((), ())

    def committing_for_s(self) -> float:
        """How long the commit that is under way has taken so far; 0 where none is."""
        return 0.0 if self._committing_s is None else time.monotonic() - self._committing_s

    @property
    def settled(self) -> bool:
        """Whether what the stages know now is what the database holds: only then it may be saved for a restart."""
        return self._settled

    async def receive(self, source: LiveSource) -> None:
        """One source into the inbox, for ever."""
        counter = self._metrics.messages.labels(source.name)
        async for delivery in source.deliveries():
            counter.inc(len(delivery.messages))
            await self._inbox.deliver(delivery)

    async def process(self) -> None:
        """Take what waits, for ever; a tick at each whole second."""
        if not self._prepared:
            await self._until_stored(self._stages.prepare)
            self._prepared = self._settled = True
        self._ticked_s = max(self._ticked_s, math.floor(self._advance()))
        await self._take_again()
        while True:
            await self._inbox.wait(max(0.0, self._ticked_s + 1 - self._clock()))
            if len(self._inbox):
                await asyncio.sleep(LINGER_S)
            self._held = self._inbox.drain()
            self._metrics.waiting.set(len(self._inbox))
            await self.take(*self._held)
            self._held = ((), ())

    async def _take_again(self) -> None:
        """What was under way when this task failed: once more, and if it fails again it is set aside unread."""
        deliveries, requests = self._held
        try:
            await self.take(deliveries, requests)
        except FAULTS as error:
            survive(error)
            self._told(RuntimeError("the batch was not taken"), requests)
            rejects = [
                message_not_taken(message, RejectReason.NOT_TAKEN, where(error))
                for delivery in deliveries
                for message in delivery.messages
            ]
            await self._apply(Batch(detections=Detections.empty()), tuple(rejects))
            await self._acknowledge(deliveries)
        self._held = ((), ())

    async def take(self, deliveries: Sequence[Delivery], requests: Sequence[Request] = ()) -> None:
        """One turn of the loop: what waits, then the ticks that are due."""
        now_s = self._advance()
        with self._metrics.batch_seconds.time():
            if deliveries:
                await self._rows(deliveries, now_s)
            if requests:
                await self._requests(requests)
            if math.floor(now_s) > self._ticked_s:
                await self._tick(float(math.floor(now_s)))  # after a stall one tick stands for all that were missed

    async def _tick(self, tick_s: float) -> None:
        self._ticked_s = tick_s
        offset_s = self._newly_set()
        await self._apply(Batch(detections=Detections.empty(), tick_s=tick_s, clock_offset_s=offset_s))
        self._record(lambda recorder: recorder.tick(tick_s, offset_s))

    def _newly_set(self) -> float | None:
        """How far the machine's clock is from ours, where it was set since this was said last."""
        offset_s = round(self._stages.clock_offset_s(), 1)
        if abs(offset_s - self._offset_s) <= DRIFT_S:
            return None
        self._offset_s = offset_s
        return offset_s

    def _advance(self) -> float:
        """Log time: the clock, but never back."""
        self._now_s = max(self._now_s, self._clock())
        return self._now_s

    async def _rows(self, deliveries: Sequence[Delivery], now_s: float) -> None:
        messages = [message for delivery in deliveries for message in delivery.messages]
        decoded = self._decode(messages)
        admitted = self._admit(decoded, now_s)
        self._record(lambda recorder: recorder.turn(messages, decoded, admitted, now_s))
        rows = admitted.detections
        rows = rows.replace(logged_s=np.full(len(rows), now_s))
        beats = tuple(
            replace(beat, logged_s=now_s) for beat in admitted.heartbeats
        )  # its clock may be wrong, ours counts
        self._metrics.batch_rows.observe(len(rows))
        for reject in admitted.rejects:
            self._metrics.rejects.labels(reject.reason.value).inc(reject.count)
        await self._apply(Batch(detections=rows, heartbeats=beats), admitted.rejects)
        await self._acknowledge(deliveries)

    def _decode(self, messages: Sequence[RawMessage]) -> Decoded:
        """A decoder that fails on one message must not stop the rest: what it cannot take goes to quarantine."""
        try:
            return self._stages.decode(messages)
        except FAULTS as error:
            survive(error)
            if len(messages) == 1:
                self._set_aside("decode", where(error))
                detail = f"decoder failed: {type(error).__name__}"
                return Decoded(rejects=(message_not_taken(messages[0], RejectReason.UNKNOWN_FORMAT, detail),))
        half = len(messages) // 2
        return Decoded.concat([self._decode(messages[:half]), self._decode(messages[half:])])

    def _admit(self, decoded: Decoded, now_s: float) -> Decoded:
        """The gate, likewise: rows that it fails on are stored in quarantine, never let through unseen."""
        try:
            return self._stages.admit(decoded, now_s)
        except FAULTS as error:
            survive(error)
            rows = decoded.detections
            if len(rows) <= 1:
                self._set_aside("gate", where(error))
                return Decoded(rejects=(*decoded.rejects, *rows_not_taken(rows, where(error))))
        half = len(rows) // 2
        first = replace(decoded, detections=rows.take(slice(0, half)))
        rest = Decoded(detections=rows.take(slice(half, len(rows))))
        return Decoded.concat([self._admit(first, now_s), self._admit(rest, now_s)])

    def _set_aside(self, part: str, detail: str) -> None:
        self._metrics.core_faults.inc()
        self._health.trouble(part, Trouble.ENTRIES_LEFT_OUT, detail)

    def _record(self, what: Callable[[Recorder], None]) -> None:
        recorder = self._stages.recorder
        if recorder is None:
            return
        try:
            what(recorder)
        except FAULTS as error:
            survive(error)
            self._health.trouble("recorder", Trouble.FAULT_OF_OURS, where(error))

    async def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """An acknowledgement that fails or hangs costs nothing: the messages come again and are stored once."""
        for delivery in deliveries:
            try:
                async with asyncio.timeout(ACKNOWLEDGE_S):
                    await delivery.acknowledge()
            except FAULTS as error:
                survive(error)
                log.warning("not acknowledged", error=where(error))

    async def _requests(self, requests: Sequence[Request]) -> None:
        """One after the other, so that of two who want the same each is told what came of his own."""
        self._record(lambda recorder: recorder.commands(tuple(request.command for request in requests)))
        for request in requests:
            outcomes = await self._apply(Batch(detections=Detections.empty(), commands=(request.command,)))
            told = [alert for outcome in outcomes for alert in outcome.alerts]
            if not request.told.done():
                request.told.set_result(told[-1] if told else None)

    @staticmethod
    def _told(error: Exception, requests: Sequence[Request]) -> None:
        for request in requests:
            if not request.told.done():
                request.told.set_exception(error)

    async def _apply(self, batch: Batch, rejects: tuple[Reject, ...] = ()) -> tuple[Outcome, ...]:
        self._settled = False
        taken = self._stages.line.apply(batch)
        if len(taken.outcomes) > 1 or taken.rejects:
            self._metrics.core_faults.inc(len(taken.rejects))
            log.error("core failed, entry left out", fault=self._stages.line.last_fault, rows=len(taken.rejects))
        rejects += taken.rejects
        for outcome in taken.outcomes:
            await self._commit(outcome, rejects)
            self._show(outcome)
            rejects = ()
        self._settled = True
        for outcome in taken.outcomes:
            self._stages.saved(outcome)
        return taken.outcomes

    def _show(self, outcome: Outcome) -> None:
        self._metrics.count_unfollowed(outcome.unfollowed)
        if outcome.changes.live is not None:
            self._metrics.tracks.set(len(outcome.changes.live))
        for alert in outcome.alerts:
            self._metrics.alerts.labels(alert.kind.value, alert.state.value).inc()
        try:
            self._stages.taken(outcome)
        except FAULTS as error:
            survive(error)
            self._health.trouble("view", Trouble.FAULT_OF_OURS, where(error))
            log.exception("view failed")
        else:
            if outcome.batch.tick_s is not None:
                self._health.well("view")

    async def _commit(self, outcome: Outcome, rejects: tuple[Reject, ...]) -> None:
        commit = outcome.commit(self._stages.privacy, rejects)
        self._committing_s = began_s = time.monotonic()
        stored = await self._until_stored(lambda: self._stages.store.commit(commit))
        took_s = time.monotonic() - began_s
        self._committing_s = None
        self._health.well("database")
        if took_s > SLOW_S:
            self._health.trouble("database:speed", Trouble.DATABASE_SLOW, f"{took_s:.0f} s")
        self._metrics.detections.inc(stored.detections)
        self._metrics.repeated.inc(stored.repeated)

    async def _until_stored(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do something with the database, again and again until it works. Whatever stops it is told."""
        backoff = Backoff(FIRST_RETRY_S, LAST_RETRY_S)
        while True:
            try:
                return await work()
            except FAULTS as error:
                survive(error)
                self._metrics.commit_failures.inc()
                self._health.trouble("database", *_database_trouble(error))
                if not isinstance(error, StoreUnavailable):
                    log.exception("commit failed")
            await asyncio.sleep(backoff.pause_s())


def _database_trouble(error: BaseException) -> tuple[Trouble, str]:
    if not isinstance(error, StoreUnavailable):
        return Trouble.STOPPED, where(error)
    if error.taken:
        return Trouble.DATABASE_TAKEN, str(error)
    if error.slow:
        return Trouble.DATABASE_SLOW, str(error)
    return Trouble.DATABASE_REFUSES if error.refuses else Trouble.DATABASE_NOT_REACHED, str(error)
