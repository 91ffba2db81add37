"""How each part does, asked once a second of those that do not speak by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from airspace.app import sources as source_parts
from airspace.app.assembly import Assembly, centre_of
from airspace.app.notice_lists import ListsAre
from airspace.app.zone_files import DEGRADED
from airspace.model.health import Trouble
from airspace.model.ports import LiveSource
from airspace.service.clock import DRIFT_S, Clock, SteadyClock
from airspace.service.fence import Fence
from airspace.service.health import Health
from airspace.service.metrics import Metrics
from airspace.service.notify import Manager
from airspace.service.pipeline import SLOW_S
from airspace.service.places import Places
from airspace.service.state import StateKeeper
from airspace.service.view import LiveView
from dashboards.api.app import Attempts
from dashboards.api.state import STALE_S

JUDGED_AFTER_S: Final = 20.0  # after another time the gate takes some ten seconds to know each sensor's clock


@dataclass
class Gaps:
    """Sessions that brokers forgot, each told once."""

    ran_before: bool = False  # an earlier run of the service wrote to this database
    told: dict[str, int] = field(default_factory=dict)

    def look(self, source: LiveSource, health: Health) -> None:
        """Tell of a source's sessions that were forgotten since the last look."""
        counters = getattr(source, "counters", {})
        count = counters.get("forgotten", 0) + (counters.get("fresh", 0) if self.ran_before else 0)
        if count > self.told.get(source.name, 0):
            self.told[source.name] = count
            health.trouble(f"{source.name}:session", Trouble.SESSION_FORGOTTEN, f"{count} since the start.")


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
    gaps: Gaps = field(default_factory=Gaps)


async def look(watched: Watched) -> None:
    """Ask each part that does not speak by itself, count how all do, and tell the manager that this loop lives."""
    assembly, health, view, metrics = watched.assembly, watched.health, watched.view, watched.metrics
    now_s = assembly.clock()
    told = {
        "core": (Trouble.ENTRIES_LEFT_OUT, watched.core.health()),
        "tracking": (Trouble.ROOM_SHORT, view.sight.health(now_s)),
        "sensors": (Trouble.NO_SENSORS, _sensors(watched)),
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
        watched.gaps.look(source, health)
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


def _sensors(watched: Watched) -> str:
    """Of a picture without one sensor the state line says no more than that coverage is reduced."""
    if watched.view.sensors():
        return "ok"
    if watched.assembly.settings.gate.accept_unknown_sensors:
        return "None is registered, and none that is not was heard yet."
    return "None is registered: every message is refused."


def _rules(assembly: Assembly) -> dict[str, tuple[Trouble, str]]:
    """Zones and notices: what is wrong with their files, or with what they can answer for."""
    told = assembly.rulebook.health
    zones, notices = told["zones"], told["notices"]
    silent = assembly.rulebook.silences(centre_of(assembly.settings.console), assembly.clock())
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
    away_s = offset_s(clock)
    if isinstance(clock, SteadyClock) and clock.since_followed_s < JUDGED_AFTER_S:
        health.trouble("clock", Trouble.CLOCK_FOLLOWED)
    elif abs(away_s) > DRIFT_S:
        health.trouble("clock", Trouble.CLOCK_STEPPED, f"by {away_s:+.0f} s")
    else:
        health.well("clock")


def offset_s(clock: Clock) -> float:
    """How far the machine's clock is from the service's; 0 of a clock that only follows it."""
    return clock.offset_s if isinstance(clock, SteadyClock) else 0.0
