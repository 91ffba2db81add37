"""The live service: every part and every task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from airspace.app import parts, rules
from airspace.app import sources as source_parts
from airspace.app.core import DECODE, fenced
from airspace.app.notice_records import alias
from airspace.app.notices import Desk
from airspace.app.recordings import recorder
from airspace.model.lines import notice_line
from airspace.model.notice import Notice
from airspace.model.ports import Channel, LiveSource, StoreUnavailable
from airspace.model.privacy import Privacy
from airspace.model.sensor import Sensor
from airspace.model.track import Tracks
from airspace.service import config, web
from airspace.service.clock import Clock, wall_clock
from airspace.service.fence import Fence
from airspace.service.inbox import Inbox
from airspace.service.metrics import Metrics
from airspace.service.pipeline import Pipeline, Stages
from airspace.service.publish import publish
from airspace.service.tasks import every, run_until, stop_on_signals
from airspace.service.view import LiveView, Parts, Place
from airspace.store import past, reads, retention, statistics
from airspace.store.outbox import Outbox, enrol
from airspace.store.writer import Store
from alerting.book import AlertBook
from dashboards.api.app import Tiles, create_app
from dashboards.api.state import state_line
from geofences.exports.geojson import to_geojson
from geofences.heights.vertical import Levels
from receivers.gate import Gate
from receivers.sources.http_push import HttpPush
from receivers.sources.recorder import Recorder

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
RELOAD_EVERY_S: Final = 5.0
COUNT_EVERY_S: Final = 2.0
PAST_EVERY_S: Final = 5.0
SWEEP_EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0

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
    clock: Clock = wall_clock
    started: Callable[[str], None] = lambda _: None


async def serve(assembly: Assembly, stop: asyncio.Event) -> None:
    """Run until stopped. ``StoreUnavailable`` if there is no database at the start, OSError if the port is taken."""
    console = assembly.settings.console
    bound = web.listen(console.host, console.port)
    async with AsyncExitStack() as stack:
        stack.callback(bound.close)
        if assembly.recorder is not None:
            stack.push_async_callback(asyncio.to_thread, assembly.recorder.close)  # after the last batch
        store = await stack.enter_async_context(Store.open(assembly.url, assembly.privacy))
        outboxes = [await stack.enter_async_context(Outbox.open(assembly.url)) for _ in assembly.channels]
        async with store.reading() as connection:
            await enrol(connection, [channel.name for channel in assembly.channels])
            await reads.close_leftovers(connection, assembly.clock())
        metrics, inbox = Metrics(), Inbox()
        rulebook = assembly.rulebook
        desk = Desk(store, assembly.privacy, assembly.clock, rulebook.use_stored, lambda: rulebook.filed)
        await desk.open()
        alerter = AlertBook(assembly.sensors)
        gate = _gate(assembly)
        view = _view(assembly, alerter, inbox, metrics, gate)
        stages = _stages(assembly, alerter, store, view, gate)
        pipeline = Pipeline(stages, inbox, metrics, assembly.clock)
        tiles = None if console.tiles is None else Tiles(url=console.tiles, attribution=console.tiles_attribution)
        token = config.secret(console.token_file, None)
        application = create_app(
            view, metrics=metrics.page, tiles=tiles, token=token, notices=desk, intake=assembly.push
        )
        assembly.started(f"http://{console.host}:{bound.getsockname()[1]}/")
        tasks = {
            "process": pipeline.process(),
            "api": web.serve(application, bound),
            "count:day": every(COUNT_EVERY_S, "count:day", lambda: _count_day(store, view, assembly, stages.line)),
            "count:sources": every(COUNT_EVERY_S, "count:sources", lambda: _count_sources(assembly, metrics)),
            "count:past": every(PAST_EVERY_S, "count:past", lambda: _count_past(store, assembly.privacy)),
            "sweep": every(SWEEP_EVERY_S, "sweep", lambda: _sweep(store, assembly)),
            "watch:rules": every(RELOAD_EVERY_S, "watch:rules", lambda: rulebook.reload(view.zones_changed)),
            "watch:notices": every(RELOAD_EVERY_S, "watch:notices", desk.refresh),
        }
        sources = source_parts.with_lanes(assembly.sources)
        tasks |= {f"receive:{source.name}": pipeline.receive(source) for source in sources}
        for channel, outbox in zip(assembly.channels, outboxes, strict=True):
            tasks[f"publish:{channel.name}"] = publish(channel, outbox, metrics)
        await run_until(stop, tasks)


def _gate(assembly: Assembly) -> Gate:
    settings = assembly.settings.gate
    return Gate(
        {sensor.sensor_id: sensor for sensor in assembly.sensors},
        accept_unknown_sensors=settings.accept_unknown_sensors,
        rows_per_second=settings.rows_per_second,
        cell_rows_per_second=settings.cell_rows_per_second,
    )


def _stages(assembly: Assembly, alerter: AlertBook, store: Store, view: LiveView, gate: Gate) -> Stages:
    rulebook = assembly.rulebook
    return Stages(
        decode=DECODE,
        admit=gate.admit,
        line=fenced(rulebook.judge, alerter, assembly.sensors, lambda: (rulebook.catalogue, rulebook.book)),
        store=store,
        privacy=assembly.privacy,
        taken=view.take,
        recorder=assembly.recorder,
    )


def _view(assembly: Assembly, alerter: AlertBook, inbox: Inbox, metrics: Metrics, gate: Gate) -> LiveView:
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
        parts=Parts(
            heights=lambda tracks: _heights(rulebook.levels, tracks),
            state_line=state_line,
            sensor_health=alerter.sensor_health,
            sensor_says=alerter.sensor_says,
            zones=lambda now_s: to_geojson(rulebook.catalogue.zones, now_s),
            notices=lambda now_s: [notice_line(one) for one in rulebook.book.notices if _is_near(one, now_s)],
            explain=rulebook.explain,
            send=inbox.send,
            dropped=metrics.dropped.inc,
            intake=gate.health,
        ),
    )


def _is_near(notice: Notice, now_s: float) -> bool:
    return any(one.start_s < now_s + DAY_S and one.end_s > now_s for one in notice.volumes)


def _heights(levels: Levels, tracks: Tracks) -> tuple[Any, Any]:
    heights = levels.of(tracks)
    return heights.agl_m, heights.sigma_m


def _health(view: LiveView, assembly: Assembly, core: Fence) -> dict[str, str]:
    """Part -> ``ok`` or what is wrong, but for the database: that answers for itself."""
    health = {
        "core": core.health(),
        "tracking": view.sight.health(assembly.clock()),
        **assembly.rulebook.health,
        **source_parts.health(assembly.sources),
    }
    if assembly.recorder is not None:
        health["recorder"] = assembly.recorder.fault or "ok"
    return health


async def _count_day(store: Store, view: LiveView, assembly: Assembly, core: Fence) -> None:
    """The day's counts and the health of the parts, for the console and ``/readyz``."""
    view.health = _health(view, assembly, core)
    day = datetime.fromtimestamp(assembly.clock(), LOCAL).date()
    try:
        async with store.reading() as connection:
            counts = await statistics.today(connection, day)
    except StoreUnavailable as error:
        view.health["database"] = str(error)
        return
    view.health["database"] = "ok"
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
    with ExitStack() as stack:
        privacy = parts.privacy(settings.privacy)
        push = source_parts.push(settings)
        assembly = Assembly(
            url=stack.enter_context(parts.database(settings.database)),
            privacy=privacy,
            rulebook=rules.Rulebook(
                parts.paths(settings.zones),
                parts.paths(settings.notices),
                alias=alias(privacy),
                capacity=parts.capacity(settings.capacity),
                uspace=settings.zones.uspace,
                levels=parts.levels(settings.heights),
            ),
            sensors=[sensor.sensor() for sensor in settings.sensor],
            sources=source_parts.listened_to(settings) + ([] if push is None else [push]),
            push=push,
            recorder=None if settings.record is None else _recorder(settings.record, settings.privacy),
            channels=[] if settings.grafana is None else [parts.grafana(settings.grafana)],
            settings=settings,
            started=started,
        )
        asyncio.run(until_signal(assembly, None))


def _recorder(settings: config.Record, privacy: config.PrivacySettings) -> Recorder:
    return recorder(
        Path(settings.folder),
        privacy,
        wall_clock(),
        purpose=settings.purpose,
        until=settings.until,
        rotate_bytes=settings.rotate_bytes,
        rotate_s=settings.rotate_s,
        sealed=lambda name, digest: log.info("recording sealed", file=name, digest=digest),
    )


async def until_signal(assembly: Assembly, seconds: float | None) -> None:
    """Serve until SIGINT or SIGTERM, or for so many seconds."""
    with stop_on_signals() as stop:
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, stop.set)
        try:
            await serve(assembly, stop)
        finally:
            if timer is not None:
                timer.cancel()
