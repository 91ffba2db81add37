"""Recordings: decoded, or replayed through the whole line in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from airspace.app import parts, rules
from airspace.app.core import fenced
from airspace.model.detection import Detections
from airspace.model.log import Batch
from airspace.model.message import Decoded, Reject
from airspace.model.privacy import Mode, Privacy
from airspace.model.units import epoch_s
from airspace.service import config
from airspace.service.cutter import Cutter
from airspace.service.fence import Fence, Taken
from airspace.service.line import Outcome
from alerting.book import AlertBook
from geofences.catalogue import Catalogue
from geofences.judging.judge import Judge
from receivers.formats.detect import FORMATS
from receivers.sources import files as recordings

_NOTHING: Final = Batch(detections=Detections.empty())


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
    catalogue, book = Catalogue(rules.zones_in_force(zone_files)), rules.load_notices(notices)
    judge = Judge(
        catalogue,
        book,
        capacity=parts.capacity(settings.capacity),
        uspace=settings.zones.uspace,
        levels=parts.levels(settings.heights),
    )
    line = fenced(judge, AlertBook([sensor.sensor() for sensor in settings.sensor]))
    mode = request.mode or settings.privacy.mode
    warnings: list[str] = []
    privacy = Privacy(mode=mode, key=parts.pseudonym_key(settings.privacy) or parts.key_of(request.files))
    return ReplayRun(outcomes=_outcomes(line, request, warnings), privacy=privacy, warnings=warnings)


def _outcomes(line: Fence, request: ReplayRequest, warnings: list[str]) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    cutter = Cutter(request.batch)
    for part in decode_files(request.files, "auto", request.receiver_time):
        warnings += part.warnings
        rejects = part.decoded.rejects
        for batch in cutter.feed(part.decoded):
            yield from _taken(line.apply(batch), rejects)
            rejects = ()
        if rejects:
            yield from _taken(line.apply(_NOTHING), rejects)
    for batch in cutter.finish():
        yield from _taken(line.apply(batch), ())


def _taken(taken: Taken, rejects: tuple[Reject, ...]) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    first, *others = taken.outcomes
    yield first, (*rejects, *taken.rejects)
    for outcome in others:
        yield outcome, ()
