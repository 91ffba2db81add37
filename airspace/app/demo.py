"""The match evening on embedded parts."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from airspace.app import rules
from airspace.app.assembly import Assembly
from airspace.app.recovery import ended_by_signal
from airspace.app.service import until_signal
from airspace.demo import facts, scenario
from airspace.demo.source import DemoClock, DemoSource
from airspace.model.privacy import Mode, Privacy
from airspace.service import config, logs
from airspace.service.clock import steady_clock, wall_clock
from airspace.store.embedded import embedded
from geofences.formats import notices as notice_files
from geofences.notices.book import NoticeBook


def demo(seconds: float | None, speed: float, port: int, started: Callable[[str], None]) -> None:
    """The match evening on embedded parts: a PostgreSQL of its own that is gone afterwards."""
    logs.set_up("warning")
    clock = DemoClock(wall_clock, speed)
    settings = config.Settings(console=config.Console(port=port, zoom=12.5))
    with ended_by_signal(), tempfile.TemporaryDirectory(prefix="airspace-demo-") as folder, ExitStack() as stack:
        rulebook = rules.Rulebook([Path(facts.__file__).with_name("zones.json")], [])
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
            steady=DemoClock(steady_clock, speed),
            speed=speed,
            started=started,
        )
        asyncio.run(until_signal(assembly, seconds))


def _demo_notices(start_s: float) -> NoticeBook:
    return NoticeBook(notice_files.read(facts.notices(start_s), "demo notices").notices)
