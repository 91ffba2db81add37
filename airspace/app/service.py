"""The live service: every part and every task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from airspace.app import parts, rules
from airspace.app import sources as source_parts
from airspace.app.core import DECODE, SHARED, fenced, names_of
from airspace.app.notice_lists import ListsAre
from airspace.app.notice_records import alias
from airspace.app.notices import Desk
from airspace.app.recordings import recorder
from airspace.app.zone_files import DEGRADED
from airspace.model.health import Trouble
from airspace.model.lines import notice_line
from airspace.model.notice import Notice
from airspace.model.ports import Channel, LiveSource, StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.model.sensor import Sensor
from airspace.model.track import Tracks
from airspace.service import config, logs, web
from airspace.service.alert_list import RECORDS_SHOWN, RECORDS_SHOWN_S
from airspace.service.clock import DRIFT_S, Clock, SteadyClock, steady_clock
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.http_limits import Places, room_for_connections
from airspace.service.inbox import Inbox
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics
from airspace.service.notify import Manager
from airspace.service.pipeline import SLOW_S, Pipeline, Stages, nothing_to_save
from airspace.service.publish import Publisher
from airspace.service.state import NotInMemory, StateKeeper, program_digest
from airspace.service.supervisor import Supervisor, Work
from airspace.service.tasks import every, on_signals
from airspace.service.view import LiveView, Parts, Place
from airspace.store import past, reads, retention, statistics
from airspace.store.migrate import newer_steps
from airspace.store.outbox import Outbox, enrol
from airspace.store.writer import Store
from alerting.book import AlertBook
from dashboards.api.app import Attempts, Public, Tiles, create_app
from dashboards.api.state import STALE_S, state_line
from geofences.exports.geojson import to_geojson
from geofences.heights.vertical import Levels
from receivers.gate import Gate
from receivers.sources.http_push import HttpPush
from receivers.sources.recorder import Recorder

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
RELOAD_EVERY_S: Final = 5.0
COUNT_EVERY_S: Final = 2.0
HEALTH_EVERY_S: Final = 1.0
PAST_EVERY_S: Final = 5.0
SWEEP_EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0
RECORD_HOURS: Final = RECORDS_SHOWN_S / 3600.0

log = structlog.get_logger("airspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What differs between a live service and the demo."""

    url: str
    privacy: Privacy
    rulebook: rules.Rulebook
    sensors: Sequence[Sensor]
    sources: Sequence[LiveSource]
    channels: Sequence[Channel]
    settings: config.Settings
    push: HttpPush | None = None  # one of the sources, which the API hands bodies to
    recorder: Recorder | None = None
    clock: Clock = field(default_factory=SteadyClock)
    revive: Callable[[], bool] | None = None  # starts the embedded database again if it died
    state_folder: Path | None = None  # where a restart finds what is known now
    steady: Clock = steady_clock  # as fast as the clock, and never set
    speed: float = 1.0  # of both clocks: seconds of theirs in one of the world's
    started: Callable[[str], None] = lambda _: None


async def serve(assembly: Assembly, stop: asyncio.Event) -> None:
    """Run until stopped; a database that is not there is waited for. OSError if the port is taken."""
    console, clock = assembly.settings.console, assembly.clock
    bound = web.listen(console.host, console.port)
    async with AsyncExitStack() as stack:
        stack.callback(bound.close)
        if assembly.recorder is not None:
            stack.push_async_callback(asyncio.to_thread, assembly.recorder.close)  # after the last batch
        store = await stack.enter_async_context(Store.waiting(assembly.url, assembly.privacy))
        outboxes = [await stack.enter_async_context(Outbox.open(assembly.url)) for _ in assembly.channels]
        metrics, inbox, health, manager = Metrics(), Inbox(), Health(clock), Manager()
        rulebook = assembly.rulebook

        async def take(notices: Sequence[Notice]) -> None:
            await rulebook.use_stored(notices, desk.unread, used=desk.used)

        desk = Desk(store, assembly.privacy, clock, take, lambda: rulebook.filed)
        alerter = AlertBook(assembly.sensors)
        gate = _gate(assembly)
        view = _view(assembly, alerter, inbox, metrics, gate, health)
        core = fenced(rulebook.judge, alerter, assembly.sensors, lambda: (rulebook.catalogue, rulebook.book))
        keeper = _keeper(assembly, core, view, health)
        stages = Stages(
            decode=DECODE,
            admit=gate.admit,
            line=core,
            store=store,
            privacy=assembly.privacy,
            taken=view.take,
            recorder=assembly.recorder,
            clock_offset_s=lambda: _offset_s(assembly.clock),
            saved=nothing_to_save if keeper is None else partial(_save, keeper, assembly.clock),
            prepare=partial(_prepare, assembly, store, desk, view, alerter, keeper, health),
        )
        pipeline = Pipeline(stages, inbox, metrics, clock, health)
        places, attempts = Places(room_for_connections()), Attempts(time.monotonic)
        watched = Watched(
            assembly=assembly,
            health=health,
            view=view,
            core=core,
            committing_for_s=pipeline.committing_for_s,
            metrics=metrics,
            manager=manager,
            places=places,
            attempts=attempts,
            keeper=keeper,
        )
        tiles = None if console.tiles is None else Tiles(url=console.tiles, attribution=console.tiles_attribution)
        token = config.secret(console.token_file, None)
        application = create_app(
            view,
            metrics=metrics.page,
            tiles=tiles,
            token=token,
            notices=desk,
            intake=assembly.push,
            public=Public(console.public_url or ""),
            hosts=[console.host, *console.hosts],
            attempts=attempts,
        )
        duties: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {
            "health": (HEALTH_EVERY_S, partial(_look, watched)),
            "day": (COUNT_EVERY_S, lambda: _count_day(store, view, assembly)),
            "sources": (COUNT_EVERY_S, lambda: _count_sources(assembly, metrics)),
            "past": (PAST_EVERY_S, lambda: _count_past(store, assembly.privacy)),
            "sweep": (SWEEP_EVERY_S, lambda: _sweep(store, assembly)),
            "rules": (RELOAD_EVERY_S, lambda: rulebook.reload(view.zones_changed)),
            "notices": (RELOAD_EVERY_S, desk.refresh),
        }
        if assembly.revive is not None:
            duties["embedded"] = (COUNT_EVERY_S, partial(_revive, assembly.revive))
        tasks: dict[str, Work] = {
            "process": pipeline.process,
            "api": lambda: web.serve(application, bound, places, console.proxies),
        }
        tasks |= {
            f"duty:{name}": partial(every, seconds, name, work, health) for name, (seconds, work) in duties.items()
        }
        sources = source_parts.with_lanes(assembly.sources)
        tasks |= {f"receive:{source.name}": partial(pipeline.receive, source) for source in sources}
        for channel, outbox in zip(assembly.channels, outboxes, strict=True):
            tasks[f"publish:{channel.name}"] = Publisher(channel, outbox, metrics, health, clock, assembly.steady).run
        health.trouble("database", Trouble.STARTING)
        assembly.started(address(console.host, bound.getsockname()[1]))
        manager.tell("READY=1")
        log.info("started", version=version("airspace-monitor"), tasks=len(tasks))
        try:
            await Supervisor(health).run(stop, tasks)
        finally:
            if keeper is not None:
                keeper.save_last(clock())
            manager.tell("STOPPING=1")
            log.info("stopped")


def address(host: str, port: int) -> str:
    """Where the console is: an IPv6 address stands in brackets."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _keeper(assembly: Assembly, core: Fence, view: LiveView, health: Health) -> StateKeeper | None:
    """What saves the state of core and view; None where none is kept, which is told if it was wanted."""
    if assembly.state_folder is None:
        return None
    rulebook = assembly.rulebook
    program = program_digest(assembly.sensors, assembly.settings, assembly.privacy.mode)
    try:
        keeper = StateKeeper(
            assembly.state_folder, (*core.stages, *view.stages), SHARED, lambda: names_of(rulebook), program
        )
    except OSError as error:
        health.trouble("state", Trouble.STATE_NOT_KEPT, error.strerror or "")
    except NotInMemory as error:
        health.trouble("state", Trouble.STATE_NOT_KEPT, str(error))
    else:
        return keeper
    return None


def _save(keeper: StateKeeper, clock: Clock, outcome: Outcome) -> None:
    """Whatever people were told, or did, and every flight that began or ended is saved at once."""
    news = bool(outcome.alerts or outcome.batch.commands or any(e.flight for e in outcome.changes.events))
    keeper.save(clock(), at_once=news)


async def _prepare(
    assembly: Assembly,
    store: Store,
    desk: Desk,
    view: LiveView,
    alerter: AlertBook,
    keeper: StateKeeper | None,
    health: Health,
) -> None:
    """Once the database answers: schema, the channels' places, stored notices, and what an earlier run knew or left."""
    await store.ready()
    async with store.reading() as connection:
        if newer := await newer_steps(connection):
            health.trouble("database:tables", Trouble.DATABASE_NEWER, ", ".join(newer))
    saved_s = None
    if keeper is not None:
        async with store.reading() as connection:
            keeper.database = await reads.database_id(connection)
        saved_s = keeper.load(assembly.clock())
    async with store.reading() as connection:
        await enrol(connection, [channel.name for channel in assembly.channels])
        if saved_s is not None:
            alerter.skip_revisions(await reads.revisions_since(connection, saved_s))
        await reads.close_leftovers(connection, assembly.clock(), alerter.open_records())
        view.restore(await reads.latest_records(connection, assembly.clock(), RECORD_HOURS, RECORDS_SHOWN))
    await desk.open()


async def _revive(revive: Callable[[], bool]) -> None:
    if await asyncio.to_thread(revive):
        log.warning("embedded database started again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is looked at each second."""

    assembly: Assembly
    health: Health
    view: LiveView
    core: Fence
    committing_for_s: Callable[[], float]
    metrics: Metrics
    manager: Manager
    places: Places
    attempts: Attempts
    keeper: StateKeeper | None = None
    forgotten: dict[str, int] = field(default_factory=dict)  # by source: sessions that its broker forgot


async def _look(watched: Watched) -> None:
    """Ask each part that does not speak by itself, count how all do, and tell the manager that this loop lives."""
    assembly, health, view, metrics = watched.assembly, watched.health, watched.view, watched.metrics
    now_s = assembly.clock()
    told = {
        "core": (Trouble.ENTRIES_LEFT_OUT, watched.core.health()),
        "tracking": (Trouble.ROOM_SHORT, view.sight.health(now_s)),
        **_rules(assembly),
        **source_parts.health(assembly.sources),
    }
    if assembly.recorder is not None:
        told["recorder"] = (Trouble.DISK_SHORT, assembly.recorder.fault or "ok")
    for name, (word, text) in told.items():
        if text == "ok":
            health.well(name)
        else:
            health.trouble(name, word, text)
    for source in assembly.sources:
        _look_for_gap(source, watched)
    keeper = watched.keeper
    if keeper is not None and keeper.fault is not None:
        health.trouble("state", Trouble.STATE_NOT_KEPT, keeper.fault)
    elif keeper is not None:
        health.well("state")
    if (committing_s := watched.committing_for_s()) > SLOW_S:
        health.trouble("database:speed", Trouble.DATABASE_SLOW, f"One has been under way for {committing_s:.0f} s.")
    _look_at_tick(view.tick_age_s(), health)
    _look_at_clock(assembly.clock, health)
    metrics.count_health(health.parts(), view.tick_age_s())
    for reason, count in watched.places.cut.items():
        metrics.connections_cut.labels(reason).set(count)
    metrics.guesses.set(watched.attempts.failures)
    watched.manager.tell("WATCHDOG=1", f"STATUS={view.status()['state']}")


def _look_for_gap(source: LiveSource, watched: Watched) -> None:
    count = getattr(source, "counters", {}).get("forgotten", 0)
    if count > watched.forgotten.get(source.name, 0):
        watched.forgotten[source.name] = count
        watched.health.trouble(f"{source.name}:session", Trouble.SESSION_FORGOTTEN, f"So far {count} times.")


def _rules(assembly: Assembly) -> dict[str, tuple[Trouble, str]]:
    """Zones and notices: what is wrong with their files, or with what they can answer for."""
    told = assembly.rulebook.health
    zones, notices = told["zones"], told["notices"]
    silent = assembly.rulebook.silences(_centre(assembly.settings.console), assembly.clock())
    word = Trouble.PARTLY_READ if zones.startswith(DEGRADED) else Trouble.LAST_GOOD_SET
    if silent and zones == "ok":
        word, zones = Trouble.NOT_KNOWN, "; ".join(each.en for each in silent)
    return {"zones": (word, zones.removeprefix(DEGRADED)), "notices": (_NOTICES[assembly.rulebook.lists_are], notices)}


_NOTICES: Final = {
    ListsAre.KNOWN: Trouble.PARTLY_READ,
    ListsAre.UNREADABLE: Trouble.LAST_GOOD_SET,
    ListsAre.OVER: Trouble.NOT_KNOWN,
}


def _look_at_tick(age_s: float | None, health: Health) -> None:
    if age_s is None:
        health.trouble("tick", Trouble.STARTING)
    elif age_s > STALE_S:
        health.trouble("tick", Trouble.TICK_OLD, f"It is {age_s:.0f} s old.")
    else:
        health.well("tick")


def _look_at_clock(clock: Clock, health: Health) -> None:
    offset_s = _offset_s(clock)
    if abs(offset_s) > DRIFT_S:
        health.trouble("clock", Trouble.CLOCK_STEPPED, f"by {offset_s:+.0f} s")
    else:
        health.well("clock")


def _offset_s(clock: Clock) -> float:
    return clock.offset_s if isinstance(clock, SteadyClock) else 0.0


def _gate(assembly: Assembly) -> Gate:
    settings = assembly.settings.gate
    return Gate(
        {sensor.sensor_id: sensor for sensor in assembly.sensors},
        accept_unknown_sensors=settings.accept_unknown_sensors,
        rows_per_second=settings.rows_per_second,
        cell_rows_per_second=settings.cell_rows_per_second,
    )


def _view(
    assembly: Assembly, alerter: AlertBook, inbox: Inbox, metrics: Metrics, gate: Gate, health: Health
) -> LiveView:
    rulebook, console = assembly.rulebook, assembly.settings.console
    return LiveView(
        place=Place(
            city=assembly.settings.city,
            latitude_deg=console.latitude_deg,
            longitude_deg=console.longitude_deg,
            zoom=console.zoom,
            authorised_limit=assembly.settings.authorised_limit,
        ),
        privacy=assembly.privacy,
        sensors=tuple(assembly.sensors),
        clock=assembly.clock,
        steady=assembly.steady,
        speed=assembly.speed,
        parts=Parts(
            heights=lambda tracks: _heights(rulebook.levels, tracks),
            state_line=state_line,
            sensor_health=alerter.sensor_health,
            sensor_says=alerter.sensor_says,
            zones=lambda now_s: to_geojson(rulebook.catalogue.zones, now_s),
            silences=lambda now_s: [each.line() for each in rulebook.silences(_centre(console), now_s)],
            notices=lambda now_s: [notice_line(one) for one in rulebook.book.notices if _is_near(one, now_s)],
            explain=rulebook.explain,
            send=inbox.send,
            dropped=metrics.dropped.inc,
            intake=gate.health,
            health=health,
        ),
    )


def _centre(console: config.Console) -> tuple[float, float]:
    return console.latitude_deg, console.longitude_deg


def _is_near(notice: Notice, now_s: float) -> bool:
    return any(one.start_s < now_s + DAY_S and one.end_s > now_s for one in notice.volumes)


def _heights(levels: Levels, tracks: Tracks) -> tuple[Any, Any]:
    heights = levels.of(tracks)
    return heights.agl_m, heights.sigma_m


async def _count_day(store: Store, view: LiveView, assembly: Assembly) -> None:
    """The day's counts, for the console."""
    day = datetime.fromtimestamp(assembly.clock(), LOCAL).date()
    try:
        async with store.reading() as connection:
            counts = await statistics.today(connection, day)
    except StoreUnavailable:  # the process task says so
        return
    view.day = {
        "date": day.isoformat(),
        "flights": counts.flights,
        "unauthorised": counts.unauthorised,
        "suspected": counts.suspected,
        "detections": counts.detections,
    }


async def _count_sources(assembly: Assembly, metrics: Metrics) -> None:
    """What was dropped, lost or refused on the way in, for ``/metrics``."""
    for source in assembly.sources:
        for event, count in getattr(source, "counters", {}).items():
            metrics.sources.labels(source.name, event).set(count)
    if assembly.recorder is not None:
        metrics.sources.labels("recorder", "lost").set(assembly.recorder.lost)


async def _count_past(store: Store, privacy: Privacy) -> None:
    """The flights of a backlog, a lot at a time: nobody waits for them."""
    async with store.reading() as connection:
        await past.count(connection, privacy)


async def _sweep(store: Store, assembly: Assembly) -> None:
    settings = retention.Retention(
        detection_hours=assembly.settings.retention_hours, notice_days=assembly.settings.notices.keep_days
    )
    async with store.reading() as connection:
        await retention.sweep(connection, assembly.clock(), settings)


def run(path: Path, started: Callable[[str], None]) -> None:
    """The service of a configuration file, until SIGINT or SIGTERM."""
    settings = config.read(path)
    clock = SteadyClock()
    with ExitStack() as stack:
        privacy = parts.privacy(settings.privacy)
        push = source_parts.push(settings, clock)
        logs.set_up()
        assembly = Assembly(
            revive=parts.revive(settings.database),
            state_folder=parts.state_folder(settings),
            url=stack.enter_context(parts.database(settings.database)),
            privacy=privacy,
            rulebook=rules.Rulebook(
                parts.paths(settings.zones),
                parts.paths(settings.notices),
                alias=alias(privacy),
                capacity=parts.capacity(settings.capacity),
                uspace=settings.zones.uspace,
                levels=parts.levels(settings.heights),
                clock=clock,
            ),
            clock=clock,
            sensors=[sensor.sensor() for sensor in settings.sensor],
            sources=source_parts.listened_to(settings, clock) + ([] if push is None else [push]),
            push=push,
            recorder=None if settings.record is None else _recorder(settings.record, settings.privacy, clock),
            channels=[] if settings.grafana is None else [parts.grafana(settings.grafana)],
            settings=settings,
            started=started,
        )
        asyncio.run(until_signal(assembly, None))


def _recorder(settings: config.Record, privacy: config.PrivacySettings, clock: Clock) -> Recorder:
    return recorder(
        Path(settings.folder),
        privacy,
        clock(),
        purpose=settings.purpose,
        until=settings.until,
        rotate_bytes=settings.rotate_bytes,
        rotate_s=settings.rotate_s,
        sealed=lambda name, digest: log.info("recording sealed", file=name, digest=digest),
    )


async def until_signal(assembly: Assembly, seconds: float | None) -> None:
    """Serve until SIGINT or SIGTERM, or for so many seconds."""
    with on_signals(lambda: log.info("asked to read its files again: changed ones are read within seconds")) as stop:
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, stop.set)
        try:
            await serve(assembly, stop)
        finally:
            if timer is not None:
                timer.cancel()
