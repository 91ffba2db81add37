"""The live service: every part and every task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.metadata import version
from socket import socket
from typing import Any, Final

import structlog

from airspace.app import duties
from airspace.app import sources as source_parts
from airspace.app.assembly import Assembly, gate_of, view_of
from airspace.app.core import DECODE, SHARED, fenced, names_of
from airspace.app.notices import Desk
from airspace.app.watch import Gaps, Watched, look, offset_s
from airspace.model.health import Trouble
from airspace.model.notice import Notice
from airspace.service import config, web
from airspace.service.alert_list import RECORDS_SHOWN, RECORDS_SHOWN_S
from airspace.service.clock import Clock, SteadyClock
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics
from airspace.service.notify import Manager
from airspace.service.pipeline import Pipeline, Stages, nothing_to_save
from airspace.service.places import Places, room_for_connections
from airspace.service.publish import Publisher
from airspace.service.state import NotInMemory, StateKeeper, program_digest, told
from airspace.service.supervisor import Supervisor, Work
from airspace.service.tasks import every, on_signals
from airspace.service.view import LiveView
from airspace.store import reads
from airspace.store.migrate import newer_steps
from airspace.store.outbox import Outbox, enrol
from airspace.store.writer import Store
from alerting.book import AlertBook
from dashboards.api.app import Attempts, Public, Tiles, create_app
from receivers.gate import Gate

RELOAD_EVERY_S: Final = 5.0
COUNT_EVERY_S: Final = 2.0
HEALTH_EVERY_S: Final = 1.0
PAST_EVERY_S: Final = 5.0
SWEEP_EVERY_S: Final = 3600.0
RECORD_HOURS: Final = RECORDS_SHOWN_S / 3600.0

log = structlog.get_logger("airspace")


async def serve(assembly: Assembly, stop: asyncio.Event) -> None:
    """Run until stopped; a database that is not there is waited for. OSError if the port is taken."""
    console = assembly.settings.console
    bound = web.listen(console.host, console.port)
    async with AsyncExitStack() as stack:
        stack.callback(bound.close)
        if assembly.recorder is not None:
            stack.push_async_callback(asyncio.to_thread, assembly.recorder.close)  # after the last batch
        store = await stack.enter_async_context(Store.waiting(assembly.url, assembly.privacy))
        outboxes = [await stack.enter_async_context(Outbox.open(assembly.url)) for _ in assembly.channels]
        running = _Running.of(assembly, store)
        tasks = running.tasks(bound) | running.publishers(outboxes)
        running.health.trouble("database", Trouble.STARTING)
        assembly.started(address(console.host, bound.getsockname()[1]))
        running.manager.tell("READY=1")
        log.info("started", version=version("airspace-monitor"), tasks=len(tasks))
        try:
            await Supervisor(running.health).run(stop, tasks)
        finally:
            running.save_last()
            running.manager.tell("STOPPING=1")
            log.info("stopped")


@dataclass(frozen=True, kw_only=True)
class _Running:
    """The parts of one live service, plugged together."""

    assembly: Assembly
    store: Store
    desk: Desk
    alerter: AlertBook
    gate: Gate
    view: LiveView
    core: Fence
    keeper: StateKeeper | None
    inbox: Inbox
    metrics: Metrics
    health: Health
    gaps: Gaps = field(default_factory=Gaps)
    manager: Manager = field(default_factory=Manager)
    places: Places = field(default_factory=lambda: Places(room_for_connections()))
    attempts: Attempts = field(default_factory=lambda: Attempts(time.monotonic))

    @classmethod
    def of(cls, assembly: Assembly, store: Store) -> _Running:
        """Each made once, in the order in which they need each other."""
        rulebook, clock = assembly.rulebook, assembly.clock
        metrics, inbox, health = Metrics(), Inbox(), Health(clock)

        async def take(notices: Sequence[Notice]) -> None:
            await rulebook.use_stored(notices, desk.unread, used=desk.used)

        desk = Desk(store, assembly.privacy, clock, take, lambda: rulebook.filed)
        alerter, gate = AlertBook(assembly.sensors), gate_of(assembly)
        view = view_of(assembly, alerter, inbox, metrics, gate, health)
        core = fenced(rulebook.judge, alerter, assembly.sensors, lambda: (rulebook.catalogue, rulebook.book))
        return cls(
            assembly=assembly,
            store=store,
            desk=desk,
            alerter=alerter,
            gate=gate,
            view=view,
            core=core,
            keeper=_keeper(assembly, (*core.stages, *view.stages, *gate.stages), health),
            inbox=inbox,
            metrics=metrics,
            health=health,
        )

    def tasks(self, bound: socket) -> dict[str, Work]:
        """Everything that goes on side by side, but for the channels."""
        assembly, pipeline = self.assembly, self.pipeline
        application = self._application()
        named: dict[str, Work] = {
            "process": pipeline.process,
            "api": lambda: web.serve(application, bound, self.places, assembly.settings.console.proxies),
        }
        for source in source_parts.with_lanes(assembly.sources):
            named[f"receive:{source.name}"] = partial(pipeline.receive, source)
        for name, (seconds, work) in self._duties().items():
            named[f"duty:{name}"] = partial(every, seconds, name, work, self.health)
        return named

    def publishers(self, outboxes: Sequence[Outbox]) -> dict[str, Work]:
        """A task for each channel, which reads on its own."""
        assembly = self.assembly
        return {
            f"publish:{channel.name}": Publisher(
                channel, outbox, self.metrics, self.health, assembly.clock, assembly.steady
            ).run
            for channel, outbox in zip(assembly.channels, outboxes, strict=True)
        }

    def save_last(self) -> None:
        """Save what is known, if it is what is committed; else the state that was saved before stands."""
        if self.keeper is not None and self.pipeline.settled:
            self.keeper.save_last(self.assembly.clock())

    @cached_property
    def pipeline(self) -> Pipeline:
        """The process loop."""
        assembly, keeper = self.assembly, self.keeper
        stages = Stages(
            decode=DECODE,
            admit=self.gate.admit,
            line=self.core,
            store=self.store,
            privacy=assembly.privacy,
            taken=self.view.take,
            recorder=assembly.recorder,
            clock_offset_s=partial(offset_s, assembly.clock),
            saved=nothing_to_save if keeper is None else partial(_save, keeper, assembly.clock),
            prepare=self._prepare,
        )
        return Pipeline(stages, self.inbox, self.metrics, assembly.clock, self.health)

    def _application(self) -> Any:
        console = self.assembly.settings.console
        return create_app(
            self.view,
            metrics=self.metrics.page,
            tiles=None if console.tiles is None else Tiles(url=console.tiles, attribution=console.tiles_attribution),
            token=config.secret(console.token_file, None),
            notices=self.desk,
            intake=self.assembly.push,
            public=Public(console.public_url or ""),
            hosts=[console.host, *console.hosts],
            attempts=self.attempts,
        )

    def _duties(self) -> dict[str, tuple[float, Callable[[], Awaitable[None]]]]:
        """What comes round: after so many seconds, what."""
        assembly, store = self.assembly, self.store
        watched = Watched(
            assembly=assembly,
            health=self.health,
            view=self.view,
            core=self.core,
            committing_for_s=self.pipeline.committing_for_s,
            metrics=self.metrics,
            manager=self.manager,
            places=self.places,
            attempts=self.attempts,
            keeper=self.keeper,
            gaps=self.gaps,
        )
        named: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {
            "health": (HEALTH_EVERY_S, partial(look, watched)),
            "day": (COUNT_EVERY_S, partial(duties.count_day, store, self.view, assembly)),
            "sources": (COUNT_EVERY_S, partial(duties.count_sources, assembly, self.metrics)),
            "past": (PAST_EVERY_S, partial(duties.count_past, store, assembly.privacy)),
            "sweep": (SWEEP_EVERY_S, partial(duties.sweep, store, assembly)),
            "rules": (RELOAD_EVERY_S, partial(assembly.rulebook.reload, self.view.zones_changed)),
            "notices": (RELOAD_EVERY_S, self.desk.refresh),
        }
        if assembly.revive is not None:
            named["embedded"] = (COUNT_EVERY_S, partial(duties.revive, assembly.revive))
        return named

    def _go_on_from(self, saved_s: float | None) -> None:
        clock, left = self.assembly.clock, None if self.keeper is None else self.keeper.left
        if saved_s is not None and isinstance(clock, SteadyClock):
            clock.not_before(saved_s)
        if left is not None:
            self.health.trouble("state:before", Trouble.STATE_LEFT, left)

    async def _prepare(self) -> None:
        """Once the database answers: schema, channels' places, stored notices, what an earlier run knew or left."""
        assembly, store, keeper = self.assembly, self.store, self.keeper
        await store.ready()
        async with store.reading() as connection:
            if newer := await newer_steps(connection):
                self.health.trouble("database:tables", Trouble.DATABASE_NEWER, ", ".join(newer))
            self.gaps.ran_before = await reads.has_run(connection)
        saved_s = None
        if keeper is not None:
            async with store.reading() as connection:
                keeper.database = await reads.database_id(connection)
            saved_s = keeper.load(assembly.clock())
            self._go_on_from(saved_s)
        async with store.reading() as connection:
            await enrol(connection, [channel.name for channel in assembly.channels])
            if saved_s is not None:
                self.alerter.skip_revisions(await reads.revisions_since(connection, saved_s))
            await reads.close_leftovers(connection, assembly.clock(), self.alerter.open_records())
            self.view.restore(await reads.latest_records(connection, assembly.clock(), RECORD_HOURS, RECORDS_SHOWN))
        await self.desk.open()


def address(host: str, port: int) -> str:
    """Where the console is: an IPv6 address stands in brackets."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _keeper(assembly: Assembly, stages: Sequence[object], health: Health) -> StateKeeper | None:
    """What saves the state of these stages; None where none is kept, which is told if it was wanted."""
    if assembly.state_folder is None:
        return None
    rulebook = assembly.rulebook
    program = program_digest(assembly.sensors, assembly.settings, assembly.privacy.mode)
    try:
        keeper = StateKeeper(assembly.state_folder, stages, SHARED, lambda: names_of(rulebook), program)
    except OSError as error:
        health.trouble("state", Trouble.STATE_NOT_KEPT, told(error, assembly.state_folder))
    except NotInMemory as error:
        health.trouble("state", Trouble.STATE_NOT_KEPT, str(error))
    else:
        return keeper
    return None


def _save(keeper: StateKeeper, clock: Clock, outcome: Outcome) -> None:
    """Whatever people were told, or did, and every flight that began or ended is saved at once."""
    news = bool(outcome.alerts or outcome.batch.commands or any(e.flight for e in outcome.changes.events))
    keeper.save(clock(), at_once=news)


async def until_signal(assembly: Assembly, seconds: float | None) -> None:
    """Serve until SIGINT or SIGTERM, or for so many seconds."""
    with on_signals(lambda: log.info("asked to read its files again: changed ones are read within seconds")) as stop:
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, stop.set)
        try:
            await serve(assembly, stop)
        finally:
            if timer is not None:
                timer.cancel()
