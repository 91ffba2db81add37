"""Telling an open alert again at a tick: when it is worth it, and not more often than people can bear.

Handbook, users 4.1: the same notification, at most one in 15 s or on a change of what matters; lost is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from airspace.model.alert import Alert, Pilot
from airspace.model.geodesy import bearing_and_distance
from airspace.model.track import Changes, TrackRow, TrackState
from airspace.model.units import rfc3339
from alerting.case import Case
from alerting.facts import Facts, moved
from alerting.lifecycle import Event
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


def retell(register: Register, changes: Changes, rows: dict[str, int], now_s: float, settings: Settings) -> None:
    """Tell again what has changed: at once that a drone is lost or doubted, the rest in its own time.

    ``rows`` is the place of each track in ``changes.live``.
    """
    live = changes.live
    if live is None:
        return
    coasting, suspect = (live.state == TrackState.COASTING).tolist(), live.suspect.tolist()
    for case in register.open.values():
        told, track = case.told, case.track
        if told is None or case.left_s is not None:
            continue
        may = now_s - told.time_s >= settings.update_every_s
        due = may and (now_s - case.looked_s >= settings.update_every_s or _LOST in case.extras)
        if due:
            case.looked_s = now_s
        if track is None:
            if due and told.evidence != case.evidence:
                register.tell(case, Event.UPDATE, now_s)
            continue
        row = rows[track.track_id]
        at_once = (coasting[row] and _LOST not in case.extras) or suspect[row] != track.suspect
        if due or at_once:
            _renew(register, case, changes, live.row(row), now_s, settings, at_once=at_once)


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
