"""The live service that a configuration file describes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import structlog

from airspace.app import parts, rules
from airspace.app import sources as source_parts
from airspace.app.assembly import Assembly
from airspace.app.notice_records import alias
from airspace.app.recordings import recorder
from airspace.app.recovery import Recovery, ended_by_signal
from airspace.app.service import until_signal
from airspace.service import config, logs
from airspace.service.clock import Clock, SteadyClock
from airspace.service.notify import Manager
from receivers.sources.recorder import Recorder

log = structlog.get_logger("airspace")


def run(path: Path, started: Callable[[str], None]) -> None:
    """The service of a configuration file, until SIGINT or SIGTERM."""
    settings = config.read(path)
    clock = SteadyClock()
    with ended_by_signal(), ExitStack() as stack:
        privacy = parts.privacy(settings.privacy)
        push = source_parts.push(settings, clock)
        logs.set_up()
        recovery = Recovery(Manager(), settings.database.folder)
        assembly = Assembly(
            revive=parts.revive(settings.database),
            state_folder=parts.state_folder(settings),
            url=stack.enter_context(parts.database(settings.database, waiting=recovery)),
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
