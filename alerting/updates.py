"""Telling an open alert again at a tick: when it is worth it, and not more often than people can bear.

Handbook, users 4.1: the same notification, at most one in 15 s or on a change of what matters; lost is told once.
Height matters: a drone that comes down over a crowd, or goes through 120 m, is told within three seconds. A handled
alert is not told again, only asked whether it has become worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from airspace.model.alert import Alert, Pilot
from airspace.model.detection import Numbers
from airspace.model.geodesy import bearing_and_distance
from airspace.model.track import Changes, TrackRow, Tracks, TrackState
from airspace.model.units import rfc3339
from airspace.model.zone import ZoneRole
from alerting.acts import open_if_worse
from alerting.case import Case
from alerting.facts import Facts, carried, moved
from alerting.lifecycle import Event
from alerting.priority import LOW_OVER_CROWD_M
from alerting.register import Register

_LOST: Final = "lost_since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times and distances, from handbook users 4.1 where it names them."""

    linger_s: float = 30.0  # over for this long before it is closed: a border flyer is one alert
    update_every_s: float = 15.0  # at most one update in this time
    pilot_moved_m: float = 50.0
    drone_moved_m: float = 25.0  # below it, a hovering drone's fixes wander
    escalate_after_s: float = 60.0
    height_every_s: float = 3.0
    height_moved_m: float = 15.0  # or a quarter of it, whichever is more
    height_moved_part: float = 0.25
    limit_m: float = 120.0  # UAS.OPEN.010
    limit_doubt_m: float = 2.0  # a drone that keeps to the limit wanders about it


def retell(register: Register, changes: Changes, rows: dict[str, int], now_s: float, settings: Settings) -> None:
    """Tell again what has changed: at once that a drone is lost or doubted, the rest in its own time.

    ``rows`` is the place of each track in ``changes.live``.
    """
    live = changes.live
    if live is None:
        return
    heights = list(zip(*(column.tolist() for column in _heights(live)), strict=True))
    coasting, suspect = (live.state == TrackState.COASTING).tolist(), live.suspect.tolist()
    for case in list(register.there.values()):
        track = case.track
        if case.told is None or case.left_s is not None:
            continue
        if track is None:
            _retell_other(register, case, now_s, settings)
            continue
        row = rows[track.track_id]
        if case.is_handled:
            case.facts = moved(case.facts, live.row(row), changes.sensors_of(int(live.sensors[row])))
            open_if_worse(register, case, now_s)
            continue
        at_once = (coasting[row] and _LOST not in case.extras) or suspect[row] != track.suspect
        at_once = at_once or _has_height_news(case, heights[row], now_s, settings)
        if _is_due(case, now_s, settings) or at_once:
            _renew(register, case, changes, live.row(row), now_s, settings, at_once=at_once)


def _retell_other(register: Register, case: Case, now_s: float, settings: Settings) -> None:
    """An alert about no single drone."""
    told = case.told
    if case.is_open and _is_due(case, now_s, settings) and told is not None and told.evidence != case.evidence:
        register.tell(case, Event.UPDATE, now_s)


def _is_due(case: Case, now_s: float, settings: Settings) -> bool:
    """Whether it is time to look for news; then it is looked at."""
    may = case.told is not None and now_s - case.told.time_s >= settings.update_every_s
    due = may and (now_s - case.looked_s >= settings.update_every_s or _LOST in case.extras)
    if due:
        case.looked_s = now_s
    return due


def _has_height_news(case: Case, heights_m: tuple[float, ...], now_s: float, settings: Settings) -> bool:
    told = case.told
    if told is None or now_s - told.time_s < settings.height_every_s:
        return False
    return is_height_news(told.height_agl_m, carried(case.facts, *heights_m), told.zone_role, settings)


def is_height_news(told_m: float | None, now_m: float | None, role: ZoneRole, settings: Settings) -> bool:
    """Whether another height is worth a telling of its own: a limit crossed, or much higher or lower than was told."""
    if told_m is None or now_m is None:
        return told_m is not now_m
    moved_m = abs(now_m - told_m)
    limits = (settings.limit_m, LOW_OVER_CROWD_M) if role is ZoneRole.BOWL else (settings.limit_m,)
    crossed = any((told_m > limit_m) != (now_m > limit_m) for limit_m in limits)
    far = moved_m >= max(settings.height_moved_m, settings.height_moved_part * abs(told_m))
    return far or (crossed and moved_m >= settings.limit_doubt_m)


def _heights(live: Tracks) -> tuple[Numbers, Numbers, Numbers]:
    return live.height_m, live.altitude_wgs84_m, live.altitude_pressure_m


def _renew(
    register: Register,
    case: Case,
    changes: Changes,
    track: TrackRow,
    now_s: float,
    settings: Settings,
    *,
    at_once: bool,
) -> None:
    if track.state != TrackState.COASTING:
        case.extras.pop(_LOST, None)
    elif _LOST not in case.extras:
        case.extras[_LOST] = rfc3339(track.last_seen_s)
    facts = moved(case.facts, track, changes.sensors_of(track.sensors))
    if _is_moved(_place(case.told), _place(facts), settings.drone_moved_m):
        facts = facts.without_metres()
    if at_once or _is_news(case, facts, settings):
        register.take_in(case, facts)
        register.tell(case, Event.UPDATE, now_s)


def _is_news(case: Case, facts: Facts, settings: Settings) -> bool:
    """Whether an update is worth its while."""
    told = case.told
    return told is not None and (
        told.sensors != facts.sensors
        or told.evidence != case.evidence
        or _is_moved(_place(told.pilot), _place(facts.pilot), settings.pilot_moved_m)
        or _is_moved(_place(told), _place(facts), settings.drone_moved_m)
    )


def _place(thing: Alert | Facts | Pilot | None) -> tuple[float, float] | None:
    if thing is None or thing.latitude_deg is None or thing.longitude_deg is None:
        return None
    return thing.latitude_deg, thing.longitude_deg


def _is_moved(before: tuple[float, float] | None, after: tuple[float, float] | None, least_m: float) -> bool:
    """Whether a place became known or unknown, or lies more than ``least_m`` from where it was."""
    if before is None or after is None:
        return before is not after
    return bearing_and_distance(*before, *after)[1] > least_m
