"""Recordings: decoded, or replayed through the whole line in memory; and the recorder that makes our own.

Other people's recordings are brought into a log by receive time, with ticks of our making: what they do not hold is no
silence of a sensor. Our own is a log: its rows
go in at the times at which they went in, its ticks and commands where they stood, so it gives the alerts of its run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from airspace.app import parts, rules, zone_files
from airspace.app.core import DECODE, fenced
from airspace.app.log_cutter import LogCutter
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
from receivers.authentication import AuthenticationsOfRecordings
from receivers.formats.detect import FORMATS
from receivers.formats.recording import Entry, Opening, Sealed, Tick, clock_text
from receivers.sources import files as recordings
from receivers.sources.recorder import ROTATE_BYTES, ROTATE_S, Recorder, RecorderSettings

_NOTHING: Final = Batch(detections=Detections.empty())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of what recordings hold."""

    decoded: Decoded
    warnings: tuple[str, ...] = ()


def decode_files(files: Sequence[Path], format_name: str, receiver_time: str | None) -> Iterator[Part]:
    """Recordings, part by part, in the order given."""
    decode, authentications = FORMATS[format_name], AuthenticationsOfRecordings()
    received_s = None if receiver_time is None else epoch_s(receiver_time)
    for file in files:
        for reading in recordings.read(file, receiver_time_s=received_s):
            decoded = decode(reading.messages)
            rows, rejects = authentications.join(decoded.detections), (*reading.rejects, *decoded.rejects)
            yield Part(decoded=replace(decoded, detections=rows, rejects=rejects), warnings=reading.warnings)


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
    files = request.zones or [Path(name) for name in settings.zones.files]
    notices = request.notices or [Path(name) for name in settings.notices.files]
    zone_sets, book = zone_files.zones_in_force(files), rules.load_notices(notices)
    catalogue = Catalogue(zone_sets)
    levels, capacity = parts.levels(settings.heights), parts.capacity(settings.capacity)
    sensors = [sensor.sensor() for sensor in settings.sensor]
    mode = request.mode or settings.privacy.mode
    warnings = zone_files.missing(zone_sets)
    privacy = Privacy(mode=mode, key=parts.pseudonym_key(settings.privacy) or parts.key_of(request.files))
    own = _all_our_own(request.files, warnings)
    replays = _logged if own else _outcomes

    def core() -> Fence:
        judge = Judge(catalogue, book, capacity=capacity, uspace=settings.zones.uspace, levels=levels)
        return fenced(judge, AlertBook(sensors, recorded=not own), sensors)

    outcomes = replays(core, request, warnings)
    return ReplayRun(outcomes=outcomes, privacy=privacy, warnings=warnings)


def _all_our_own(files: Sequence[Path], warnings: list[str]) -> bool:
    own = [recordings.is_own_log(file) for file in files]
    if any(own) and not all(own):
        warnings.append("recordings of our own among others: all are replayed by receive time, with new ticks")
    return bool(own) and all(own)


def _outcomes(
    core: Callable[[], Fence], request: ReplayRequest, warnings: list[str]
) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    line, cutter = core(), Cutter(request.batch)
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


def _logged(
    core: Callable[[], Fence], request: ReplayRequest, warnings: list[str]
) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    """Recordings of our own: the log as it was, run after run; no ticks are added after the last."""
    line, cutter = core(), LogCutter(request.batch, DECODE)
    for entry in _entries(request.files, warnings):
        if isinstance(entry, Reject):
            yield from _taken(line.apply(_NOTHING), (entry,))
            continue
        begins = isinstance(entry, Opening) and entry.previous is None
        for batch in cutter.rest() if begins else cutter.feed(entry):
            yield from _taken(line.apply(batch), ())
        if begins:
            line = core()  # the service began with an empty picture
    for batch in cutter.rest():
        yield from _taken(line.apply(batch), ())


def _entries(files: Sequence[Path], warnings: list[str]) -> Iterator[Entry | Reject]:
    """Damage stands before the entries of its part; gaps, and a file that is missing between two, become warnings."""
    digest: bytes | None = None
    for file in files:
        for reading in recordings.read(file):
            warnings += reading.warnings
            yield from reading.rejects
            for entry in reading.entries:
                if isinstance(entry, Sealed):
                    digest = entry.digest
                    continue
                if isinstance(entry, Opening) and entry.previous is not None and entry.previous_digest != digest:
                    warnings.append(f"{file.name} goes on after {entry.previous}, which was not read before it")
                if isinstance(entry, Tick) and entry.clock_offset_s is not None:
                    warnings.append(clock_text(entry))
                yield entry


def _taken(taken: Taken, rejects: tuple[Reject, ...]) -> Iterator[tuple[Outcome, tuple[Reject, ...]]]:
    first, *others = taken.outcomes
    yield first, (*rejects, *taken.rejects)
    for outcome in others:
        yield outcome, ()


def recorder(
    folder: Path,
    settings: config.PrivacySettings,
    now_s: float,
    *,
    purpose: str | None = None,
    until: str | None = None,
    rotate_bytes: int = ROTATE_BYTES,
    rotate_s: float = ROTATE_S,
    sealed: Callable[[str, str], None] = lambda *_: None,
) -> Recorder:
    """A recorder, where it may be: raw messages are personal data, so somebody must have said why and until when.

    In mode ``enforcement`` that stands in ``privacy``; ``[record]`` may say it for the recording alone, and must in
    mode ``statistics``. ``ConfigError`` where it is not said or the time is over.
    """
    if settings.mode is Mode.ENFORCEMENT:
        purpose, until = purpose or settings.purpose, until or settings.until
    if not purpose or not until:
        raise config.ConfigError(
            "record: a recording holds serials and positions of pilots: set record.purpose and record.until, "
            "or privacy.mode = 'enforcement'"
        )
    try:
        until_s = epoch_s(until)
    except ValueError as error:
        raise config.ConfigError(f"record.until: {error}") from error
    if until_s <= now_s:
        raise config.ConfigError(f"record.until: recording ended on {until}")
    try:
        return Recorder(
            RecorderSettings(
                folder=folder, purpose=purpose, until_s=until_s, rotate_bytes=rotate_bytes, rotate_s=rotate_s
            ),
            DECODE,
            sealed,
        )
    except OSError as error:
        raise config.ConfigError(f"record.folder: {folder}: {error.strerror}") from error
