"""What a live service is made of: what differs between one and another, and the parts that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from airspace.app import rules
from airspace.model.lines import notice_line
from airspace.model.notice import Notice
from airspace.model.ports import Channel, LiveSource
from airspace.model.privacy import Privacy
from airspace.model.sensor import Sensor
from airspace.model.track import Tracks
from airspace.service import config
from airspace.service.clock import Clock, SteadyClock, steady_clock
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.metrics import Metrics
from airspace.service.view import LiveView, Parts, Place
from alerting.book import AlertBook
from dashboards.api.state import state_line
from geofences.explanation.coverage import FLIGHT_UNKNOWN
from geofences.exports.geojson import to_geojson
from geofences.heights.vertical import Levels
from geofences.judging.question import in_question
from receivers.gate import Gate
from receivers.sources.http_push import HttpPush
from receivers.sources.recorder import Recorder

DAY_S: Final = 86_400.0


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


def gate_of(assembly: Assembly) -> Gate:
    """What may pass into the tracks."""
    settings = assembly.settings.gate
    return Gate(
        {sensor.sensor_id: sensor for sensor in assembly.sensors},
        accept_unknown_sensors=settings.accept_unknown_sensors,
        rows_per_second=settings.rows_per_second,
        cell_rows_per_second=settings.cell_rows_per_second,
    )


def view_of(
    assembly: Assembly, alerter: AlertBook, inbox: Inbox, metrics: Metrics, gate: Gate, health: Health
) -> LiveView:
    """What the console sees."""
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
            silences=lambda now_s: [each.line() for each in rulebook.silences(centre_of(console), now_s)],
            in_question=lambda live: in_question(rulebook.catalogue, live, rulebook.levels),
            question=FLIGHT_UNKNOWN.line,
            notices=lambda now_s: [notice_line(one) for one in rulebook.book.notices if _is_near(one, now_s)],
            explain=rulebook.explain,
            send=inbox.send,
            dropped=metrics.dropped.inc,
            intake=gate.health,
            health=health,
        ),
    )


def centre_of(console: config.Console) -> tuple[float, float]:
    """Latitude and longitude in degrees of the place that is watched."""
    return console.latitude_deg, console.longitude_deg


def _is_near(notice: Notice, now_s: float) -> bool:
    return any(one.start_s < now_s + DAY_S and one.end_s > now_s for one in notice.volumes)


def _heights(levels: Levels, tracks: Tracks) -> tuple[Any, Any]:
    heights = levels.of(tracks)
    return heights.agl_m, heights.sigma_m
