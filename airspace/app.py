"""Composition: the one file that names concrete classes. Reading it tells what runs."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import ssl
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import structlog
from psycopg.conninfo import conninfo_to_dict

from airspace.demo import facts, scenario
from airspace.demo.source import DemoClock, DemoSource
from airspace.model.detection import Detections
from airspace.model.lines import notice_line
from airspace.model.log import Batch
from airspace.model.message import Decoded, Reject
from airspace.model.notice import Notice
from airspace.model.ports import Channel, LiveSource, StoreUnavailable
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.model.track import Tracks
from airspace.model.units import epoch_s
from airspace.model.zone import Datum, Oddity
from airspace.service import config, web
from airspace.service.clock import Clock, wall_clock
from airspace.service.cutter import Cutter
from airspace.service.inbox import Inbox
from airspace.service.line import Line, Outcome
from airspace.service.metrics import Metrics
from airspace.service.pipeline import Pipeline, Stages
from airspace.service.publish import publish
from airspace.service.tasks import every, run_until, stop_on_signals
from airspace.service.view import LiveView, Parts, Place
from airspace.store import reads, retention, statistics
from airspace.store.database import connect, unavailability
from airspace.store.embedded import embedded
from airspace.store.outbox import Outbox, enrol
from airspace.store.writer import Store
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from alerting.channels.grafana import GrafanaChannel
from alerting.channels.grafana import connect as grafana_channel
from dashboards.api.app import Tiles, create_app
from dashboards.api.state import state_line
from dashboards.grafana import provision
from geofences.catalogue import Catalogue
from geofences.explain import at_point
from geofences.formats import ed269
from geofences.formats import notices as notice_files
from geofences.geojson import to_geojson
from geofences.judge import Judge
from geofences.notice_book import NoticeBook
from geofences.vertical import height_above_ground
from geofences.zone_set import ZoneFileError, ZoneSet
from receivers.formats.detect import FORMATS
from receivers.gate import Gate
from receivers.sources import files as recordings
from receivers.sources.files import MissingReceiverTime
from receivers.sources.mqtt import MqttSettings, MqttSource

log = structlog.get_logger("airspace")

_Loaded = TypeVar("_Loaded")
_NOTHING: Final = Batch(detections=Detections.empty())

__all__ = ["FORMATS"]

INPUT_FAULTS: Final = (
    config.ConfigError,
    ZoneFileError,
    notice_files.NoticeFileError,
    MissingReceiverTime,
    OSError,
    ValueError,
)
"""Faults of what the user gave: one line, exit code 1."""

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
RELOAD_EVERY_S: Final = 5.0
COUNT_EVERY_S: Final = 2.0
SWEEP_EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0


# Recordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of what recordings hold."""

    decoded: Decoded
    warnings: tuple[str, ...] = ()


def decode_files(files: Sequence[Path], format_name: str, receiver_time: str | None) -> Iterator[Part]:
    """Recordings, part by part, in the order given."""
    decode = FORMATS[format_name]
    received_s = None if receiver_time is None else epoch_s(receiver_time)
    for file in files:
        for reading in recordings.read(file, receiver_time_s=received_s):
            decoded = decode(reading.messages)
            yield Part(
                decoded=replace(decoded, rejects=(*reading.rejects, *decoded.rejects)), warnings=reading.warnings
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What to replay, over which zones and notices; ``config`` fills in what is not named."""

    files: Sequence[Path]
    config: Path | None = None
    zones: Sequence[Path] = ()
    notices: Sequence[Path] = ()
    mode: Mode | None = None
    batch: int = 1024
    receiver_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRun:
    """A replay under way: its outcomes come as they are asked for."""

    outcomes: Iterator[tuple[Outcome, tuple[Reject, ...]]]
    privacy: Privacy
    warnings: list[str] = field(default_factory=list)


def replay(request: ReplayRequest) -> ReplayRun:
    """The whole chain over recordings; the rules are read first, so that a bad file is told before anything else."""
    settings = config.Settings() if request.config is None else config.read(request.config)
    zone_files = request.zones or [Path(name) for name in settings.zones.files]
    notices = request.notices or [Path(name) for name in settings.notices.files]
    judge = Judge(Catalogue(load_zones(zone_files)), load_notices(notices))
    line = Line(Picture(), judge, AlertBook([sensor.sensor() for sensor in settings.sensor]))
    mode = request.mode or settings.privacy.mode
    warnings: list[str] = []
    privacy = Privacy(mode=mode, key=_pseudonym_key(settings.privacy) or _key_of(request.files))
    return ReplayRun(outcomes=_outcomes(line, request, warnings), privacy=privacy, warnings=warnings)


def _outcomes(line: Line, request: ReplayRequest, warnings: list[str]) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    cutter = Cutter(request.batch)
    for part in decode_files(request.files, "auto", request.receiver_time):
        warnings += part.warnings
        rejects = part.decoded.rejects
        for batch in cutter.feed(part.decoded):
            yield line.apply(batch), rejects
            rejects = ()
        if rejects:
            yield line.apply(_NOTHING), rejects
    for batch in cutter.finish():
        yield line.apply(batch), ()


# Rules


def load_zones(files: Sequence[Path]) -> list[ZoneSet]:
    """Zone sets of ED-269 files, each whole; ``ZoneFileError`` or OSError name the place."""
    return [ed269.read(file.read_bytes(), file.name) for file in files]


def load_notices(files: Sequence[Path]) -> NoticeBook:
    """All notices of some files; ``NoticeFileError`` or OSError name the place."""
    return NoticeBook([notice for file in files for notice in notice_files.read(file.read_bytes(), file.name).notices])


def read_notices(file: Path) -> tuple[tuple[Notice, ...], tuple[Oddity, ...]]:
    """The notices of one file and what is odd in it."""
    read = notice_files.read(file.read_bytes(), file.name)
    return read.notices, read.oddities


def zones_at(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float | None,
    datum: str,
    time: str | None,
    files: Sequence[Path],
) -> dict[str, Any]:
    """Every zone at a place and time, and the answer for an Open-category flight."""
    time_s = wall_clock() if time is None else epoch_s(time)
    return at_point(Catalogue(load_zones(files)), latitude_deg, longitude_deg, height_m, Datum(datum), time_s)


def zones_geojson(files: Sequence[Path]) -> dict[str, Any]:
    """Zones as a GeoJSON FeatureCollection, as they are in force now."""
    return to_geojson(Catalogue(load_zones(files)).zones, wall_clock())


class Rulebook:
    """Zone and notice files behind a judge, read again when they change.

    A file that cannot be used leaves the last good set in force and shows in ``health``.
    """

    def __init__(self, zones: Sequence[Path], notices: Sequence[Path]) -> None:
        self._zone_files = zones
        self._notice_files = notices
        self.catalogue = Catalogue(load_zones(zones))
        self.book = load_notices(notices)
        self.judge = Judge(self.catalogue, self.book)
        self.health: dict[str, str] = {"zones": "ok", "notices": "ok"}
        self._seen = {"zones": _stamps(zones), "notices": _stamps(notices)}

    def use_notices(self, book: NoticeBook) -> None:
        """Other notices are in force from the next tick on."""
        self.book = book
        self.judge.replace_notices(book)

    async def reload(self, zones_changed: Callable[[], None]) -> None:
        """Look for changed files; the index of new zones is built off the event loop and swapped in whole."""
        if self._changed("zones", self._zone_files):
            catalogue = await self._tried("zones", lambda: Catalogue(load_zones(self._zone_files)))
            if catalogue is not None:
                self.catalogue = catalogue
                self.judge.replace_zones(catalogue)
                zones_changed()
        if self._changed("notices", self._notice_files):
            book = await self._tried("notices", lambda: load_notices(self._notice_files))
            if book is not None:
                self.use_notices(book)

    def _changed(self, what: str, files: Sequence[Path]) -> bool:
        stamps = _stamps(files)
        changed = stamps != self._seen[what]
        self._seen[what] = stamps
        return changed

    async def _tried(self, what: str, load: Callable[[], _Loaded]) -> _Loaded | None:
        try:
            loaded = await asyncio.to_thread(load)
        except INPUT_FAULTS as error:
            self.health[what] = f"last good set in force: {error}"
            log.warning("rules not taken", what=what, error=str(error))
            return None
        self.health[what] = "ok"
        log.info("rules taken", what=what)
        return loaded


# The service


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What differs between a live service and the demo."""

    url: str
    privacy: Privacy
    rulebook: Rulebook
    sensors: Sequence[Sensor]
    sources: Sequence[LiveSource]
    channels: Sequence[Channel]
    settings: config.Settings
    clock: Clock = wall_clock
    started: Callable[[str], None] = lambda _: None


async def serve(assembly: Assembly, stop: asyncio.Event) -> None:
    """Run until stopped. ``StoreUnavailable`` if there is no database at the start, OSError if the port is taken."""
    console = assembly.settings.console
    bound = web.listen(console.host, console.port)
    async with AsyncExitStack() as stack:
        stack.callback(bound.close)
        store = await stack.enter_async_context(Store.open(assembly.url, assembly.privacy))
        outboxes = [await stack.enter_async_context(Outbox.open(assembly.url)) for _ in assembly.channels]
        async with store.reading() as connection:
            await enrol(connection, [channel.name for channel in assembly.channels])
            await reads.close_leftovers(connection, assembly.clock())
        metrics, inbox = Metrics(), Inbox()
        alerter = AlertBook(assembly.sensors)
        view = _view(assembly, alerter, inbox, metrics)
        pipeline = Pipeline(_stages(assembly, alerter, store, view), inbox, metrics, assembly.clock)
        tiles = None if console.tiles is None else Tiles(url=console.tiles, attribution=console.tiles_attribution)
        token = config.secret(console.token_file, None)
        application = create_app(view, metrics=metrics.page, tiles=tiles, token=token)
        assembly.started(f"http://{console.host}:{bound.getsockname()[1]}/")
        tasks = {
            "process": pipeline.process(),
            "api": web.serve(application, bound),
            "count:day": every(COUNT_EVERY_S, "count:day", lambda: _count_day(store, view, assembly)),
            "sweep": every(SWEEP_EVERY_S, "sweep", lambda: _sweep(store, assembly)),
            "watch:rules": every(RELOAD_EVERY_S, "watch:rules", lambda: assembly.rulebook.reload(view.zones_changed)),
        }
        tasks |= {f"receive:{source.name}": pipeline.receive(source) for source in assembly.sources}
        for channel, outbox in zip(assembly.channels, outboxes, strict=True):
            tasks[f"publish:{channel.name}"] = publish(channel, outbox, metrics)
        await run_until(stop, tasks)


def _stages(assembly: Assembly, alerter: AlertBook, store: Store, view: LiveView) -> Stages:
    gate = assembly.settings.gate
    admit = Gate(
        {sensor.sensor_id: sensor for sensor in assembly.sensors},
        accept_unknown_sensors=gate.accept_unknown_sensors,
        rows_per_second=gate.rows_per_second,
    ).admit
    return Stages(
        decode=FORMATS["auto"],
        admit=admit,
        line=Line(Picture(), assembly.rulebook.judge, alerter),
        store=store,
        privacy=assembly.privacy,
        taken=view.take,
    )


def _view(assembly: Assembly, alerter: AlertBook, inbox: Inbox, metrics: Metrics) -> LiveView:
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
            heights=_heights,
            state_line=state_line,
            sensor_health=alerter.sensor_health,
            zones=lambda now_s: to_geojson(rulebook.catalogue.zones, now_s),
            notices=lambda now_s: [notice_line(one) for one in rulebook.book.notices if _is_near(one, now_s)],
            send=inbox.send,
            dropped=metrics.dropped.inc,
        ),
    )


def _is_near(notice: Notice, now_s: float) -> bool:
    return any(one.start_s < now_s + DAY_S and one.end_s > now_s for one in notice.volumes)


def _heights(tracks: Tracks) -> tuple[Any, Any]:
    heights = height_above_ground(tracks)
    return heights.agl_m, heights.sigma_m


async def _count_day(store: Store, view: LiveView, assembly: Assembly) -> None:
    """The day's counts and the health of the parts, for the console and ``/readyz``."""
    view.health = {**assembly.rulebook.health, **_source_health(assembly.sources)}
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


def _source_health(sources: Sequence[LiveSource]) -> dict[str, str]:
    return {source.name: source.fault or "ok" for source in sources if isinstance(source, MqttSource)}


async def _sweep(store: Store, assembly: Assembly) -> None:
    settings = retention.Retention(detection_hours=assembly.settings.retention_hours)
    async with store.reading() as connection:
        await retention.sweep(connection, assembly.clock(), settings)


def run(path: Path, started: Callable[[str], None]) -> None:
    """The service of a configuration file, until SIGINT or SIGTERM."""
    settings = config.read(path)
    with ExitStack() as stack:
        assembly = Assembly(
            url=stack.enter_context(_database(settings.database)),
            privacy=_privacy(settings.privacy),
            rulebook=Rulebook(_paths(settings.zones), _paths(settings.notices)),
            sensors=[sensor.sensor() for sensor in settings.sensor],
            sources=[_mqtt(one) for one in settings.mqtt],
            channels=[] if settings.grafana is None else [_grafana(settings.grafana)],
            settings=settings,
            started=started,
        )
        asyncio.run(_until_signal(assembly, None))


def demo(seconds: float | None, speed: float, port: int, started: Callable[[str], None]) -> None:
    """The match evening on embedded parts: a PostgreSQL of its own that is gone afterwards."""
    clock = DemoClock(wall_clock, speed)
    settings = config.Settings(console=config.Console(port=port, zoom=12.5))
    with tempfile.TemporaryDirectory(prefix="airspace-demo-") as folder, ExitStack() as stack:
        rulebook = Rulebook([Path(facts.__file__).with_name("zones.json")], [])
        source = DemoSource(clock, lambda start_s: rulebook.use_notices(_demo_notices(start_s)))
        assembly = Assembly(
            url=stack.enter_context(embedded(Path(folder) / "db")),
            privacy=Privacy(mode=Mode.ENFORCEMENT, key=secrets.token_bytes(32)),
            rulebook=rulebook,
            sensors=scenario.SENSORS,
            sources=[source],
            channels=[],
            settings=settings,
            clock=clock,
            started=started,
        )
        asyncio.run(_until_signal(assembly, seconds))


async def _until_signal(assembly: Assembly, seconds: float | None) -> None:
    with stop_on_signals() as stop:
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, stop.set)
        try:
            await serve(assembly, stop)
        finally:
            if timer is not None:
                timer.cancel()


def _demo_notices(start_s: float) -> NoticeBook:
    return NoticeBook(notice_files.read(facts.notices(start_s), "demo notices").notices)


# Statistics and dashboards


def statistics_rows(period: str, path: Path, first: date, last: date, zone: str | None) -> list[dict[str, Any]]:
    """Counts of days or months as plain rows."""
    settings = config.read(path)
    read = {"daily": statistics.daily, "monthly": statistics.monthly}[period]

    async def ask(url: str) -> list[statistics.Counts]:
        with unavailability():
            async with await connect(url) as connection:
                return await read(connection, first, last, zone)

    with _database(settings.database) as url:
        return [asdict(row) for row in asyncio.run(ask(url))]


def push_dashboards(path: Path) -> list[str]:
    """Folder, data source and dashboards into Grafana; what was done."""
    settings = config.read(path)
    if settings.grafana is None:
        raise config.ConfigError(f"{path}: grafana.url is not set")
    channel = _grafana(settings.grafana)
    parts = conninfo_to_dict(config.secret(None, settings.grafana.database_url_env) or settings.database.url or "")
    database = provision.Database(
        address=f"{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}",
        name=str(parts.get("dbname", "airspace")),
        user=str(parts.get("user", "airspace")),
        password=str(parts.get("password", "")),
        ssl_mode=str(parts.get("sslmode", "prefer")),
    )
    return provision.push(channel.api, database)


def render_dashboards(folder: Path) -> list[Path]:
    """The same as provisioning files."""
    return provision.render(folder)


# Settings to parts


def _mqtt(settings: config.Mqtt) -> MqttSource:
    tls = None if settings.tls_ca_file is None else ssl.create_default_context(cafile=settings.tls_ca_file)
    return MqttSource(
        MqttSettings(
            host=settings.host,
            port=settings.port,
            identifier=settings.identifier,
            topics=settings.topics,
            username=settings.username,
            password=config.secret(settings.password_file, None),
            tls=tls,
        ),
        clock=wall_clock,
    )


def _database(settings: config.Database) -> AbstractContextManager[str]:
    """A server's URL as it is, or the embedded server of a folder."""
    url = settings.url or config.secret(None, settings.url_env)
    if url is not None:
        return nullcontext(url)
    if settings.folder is None:
        raise config.ConfigError("database: set url, url_env, or folder for the embedded PostgreSQL")
    return embedded(Path(settings.folder))


def _grafana(settings: config.Grafana) -> GrafanaChannel:
    token = config.secret(settings.token_file, settings.token_env)
    if token is None:
        raise config.ConfigError(f"grafana: set token_file or the variable {settings.token_env}")
    try:
        return grafana_channel(settings.url, token, stream=settings.stream, dashboard_uid=settings.dashboard_uid)
    except (RuntimeError, ValueError) as error:
        raise config.ConfigError(f"grafana: {error}") from error


def _privacy(settings: config.PrivacySettings) -> Privacy:
    key = _pseudonym_key(settings)
    if key is None:
        raise config.ConfigError(f"no pseudonym key: set privacy.key_file or the variable {settings.key_env}")
    if settings.mode is Mode.ENFORCEMENT and settings.until is not None and epoch_s(settings.until) <= wall_clock():
        raise config.ConfigError(f"privacy.until: enforcement ended on {settings.until}; renew it or use statistics")
    return Privacy(mode=settings.mode, key=key)


def _pseudonym_key(settings: config.PrivacySettings) -> bytes | None:
    text = config.secret(settings.key_file, settings.key_env)
    return None if text is None else hashlib.sha256(text.encode()).digest()


def _key_of(files: Sequence[Path]) -> bytes:
    """Pseudonyms of a replay without a key: the same for the same recordings, whose holder knows the ids anyway."""
    digest = hashlib.sha256(b"airspace replay")
    for file in files:
        if file.is_file():
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()


def _paths(files: config.Files) -> list[Path]:
    return [Path(name) for name in files.files]


def _stamps(files: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
