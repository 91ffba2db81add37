"""The core as it runs live and in a replay: tracker, judge and alert book behind the fence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from airspace.app.rules import Rulebook
from airspace.model.ports import Format
from airspace.model.sensor import Sensor
from airspace.model.zone import Zone
from airspace.service.fence import Fence
from airspace.service.line import Line
from airspace.service.memory import keep_freed_memory
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from geofences.catalogue import Catalogue
from geofences.heights.vertical import Levels
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from receivers.attribution import attributed
from receivers.formats.detect import FORMATS
from receivers.gate.retained import marking_retained

DECODE: Final[Format] = attributed(marking_retained(FORMATS["auto"]))
"""What a service, its recorder and the replay of its recording decode with."""


SHARED: Final = (Catalogue, NoticeBook, Zone, Levels)
"""What a state refers to and does not copy: zones, notices, the raster of the ground."""


def names_of(rulebook: Rulebook) -> dict[str, object]:
    """What a state may refer to, by names that the next service gives the same things."""
    zones = {f"zone {place} {zone.zone_id} {zone.version}": zone for place, zone in enumerate(rulebook.catalogue.zones)}
    return {"catalogue": rulebook.catalogue, "notices": rulebook.book, "levels": rulebook.levels, **zones}


def fenced(
    judge: Judge,
    alerter: AlertBook,
    sensors: Sequence[Sensor] = (),
    rules_in_force: Callable[[], tuple[object, ...]] = lambda: (),
) -> Fence:
    """The stages behind a fence; its snapshots share zones, notices and the raster of the ground, and copy the rest."""
    keep_freed_memory()
    line = Line(Picture(places=_places(sensors)), judge, alerter)
    return Fence(line, shared=SHARED, rules=rules_in_force)


def _places(sensors: Sequence[Sensor]) -> dict[str, tuple[float, float]]:
    """Where the sensors stand whose place is known."""
    return {
        sensor.sensor_id: (sensor.latitude_deg, sensor.longitude_deg)
        for sensor in sensors
        if sensor.latitude_deg is not None and sensor.longitude_deg is not None
    }
