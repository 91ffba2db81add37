"""What stands alone or not at all: fences that users drew, and how a drone flies (sight, Remote ID, conformance).

Officers work with one reason at a time (handbook, users 1.3). While an alert about where the drone flies is open, what
else is not right stands in that alert's evidence as ``also``; only without one does it become an alert of its own. It
waits for the tick: the legal verdict may come with the same row.
"""

from __future__ import annotations

from collections.abc import Mapping

from airspace.model.track import Changes, TrackRow
from airspace.model.verdict import Kind, Verdict, VerdictValue
from alerting.case import ALSO, Case
from alerting.facts import PLACE_KINDS, Facts, facts_of, moved
from alerting.flyers import Flyer
from alerting.register import Register
from alerting.signals import OF_ONE_SENDER


def open_fences(
    register: Register, flyers: Mapping[str, Flyer], changes: Changes, rows: Mapping[str, int], now_s: float
) -> None:
    """Fences that no other alert of the drone speaks for."""
    for track_id, flyer in flyers.items():
        verdict = flyer.untold() if flyer.fences and track_id in rows else None
        if verdict is None or _main(register, track_id):
            continue
        facts = _now(verdict, flyer, changes, rows[track_id])
        if facts.track is not None and not speaks_the_swarm(facts, facts.track):
            register.begin(facts, now_s, fence=True)


def open_sides(
    register: Register, flyers: Mapping[str, Flyer], changes: Changes, rows: Mapping[str, int], now_s: float
) -> None:
    """What is not right in how a drone flies: beside its open alert, or an alert of its own while it is in the air."""
    for track_id, flyer in flyers.items():
        if track_id not in rows or not (flyer.sides or flyer.beside):
            continue
        main = _main(register, track_id)
        flyer.beside = bool(main and flyer.sides)
        also = sorted(verdict.reason.value for verdict in flyer.sides.values())
        for case in main:
            case.extras.pop(ALSO, None)
            if also:
                case.extras[ALSO] = also
        row = rows[track_id]
        if main or changes.live is None or not changes.live.airborne[row]:
            continue
        for group, verdict in sorted(flyer.sides.items()):
            leave = verdict.kind is Kind.SIGHT and flyer.cleared  # a notice may be one to fly out of sight
            before = register.of_flight(changes.live.flight_id[row], track_id, group, verdict.kind)
            stands = before is not None and before.is_there
            if not leave and not stands:
                _begin(register, _now(verdict, flyer, changes, row), now_s)


def speaks_the_swarm(facts: Facts, track: TrackRow) -> bool:
    """Nothing is decided about one of many identities of one sender: the spoofing alert says all there is."""
    undecided = facts.value in {VerdictValue.NOT_DECIDABLE, VerdictValue.SITUATION} or facts.kind not in PLACE_KINDS
    return undecided and track.suspect and bool(track.remarks & OF_ONE_SENDER)


def _begin(register: Register, facts: Facts, now_s: float) -> None:
    if facts.track is not None and not speaks_the_swarm(facts, facts.track):
        register.begin(facts, now_s)


def _main(register: Register, track_id: str) -> list[Case]:
    """Alerts about where the drone flies that are there, handled ones too."""
    return [case for case in register.of_track(track_id) if case.facts.kind in PLACE_KINDS]


def _now(verdict: Verdict, flyer: Flyer, changes: Changes, row: int) -> Facts:
    """The facts of a verdict with the drone as it is at the tick."""
    track = verdict.track if changes.live is None else changes.live.row(row)
    sensors = changes.sensors_of(track.sensors)
    return moved(facts_of(verdict, sensors, flyer.role), track, sensors)
