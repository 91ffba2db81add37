"""What is settled at the end of a tick: looks, directions that cross, emitters that turn out to be somebody, ends.

An emitter is merged into an identified track when for three ticks in a row its place and velocity agree with the
track's; when no other track fits it and no other emitter fits the track; when no row of those ticks contradicts (one
that it got and that the track does not explain); and when the track was never clearly elsewhere at the same time: two
that were apart and come near each other are two. A direction is merged when its bearings of three
ticks in a row went to one track, or one emitter with a place, in its stead: a track that was there before the direction
began only passes through.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Source
from airspace.model.track import Booleans
from airspace.tracking.unidentified.bearings import MAX_SIGMA_DEG
from airspace.tracking.unidentified.crossing import TOGETHER_S, crossings
from airspace.tracking.unidentified.ellipse import CHI2_95
from airspace.tracking.unidentified.emitter import TURNING_DEG2_S, Emitter
from airspace.tracking.unidentified.explanation import ANGLE_GATE, PLACE_GATE, RECENT_S, Known
from airspace.tracking.unidentified.roster import HEARD_S, Roster
from airspace.tracking.unidentified.turn import Told, Turn, apart2

MERGED_AFTER_TICKS: Final = 3
APART: Final = 6.0**2  # squared sigmas from which on two places are clearly two
TENTATIVE_ENDS_AFTER_S: Final = 10.0
WIDEST_M: Final = 3_000.0  # 95 % semi-axis beyond which a place is none any more; a fix is made up to 2,000 m
MAX_CROSSED: Final = 60  # directions looked at together: of more the newest
_NOBODY: Final = -1


@dataclass(slots=True, kw_only=True)
class Settled:
    """What became of emitters in a tick."""

    confirmed: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)  # emitter, identified track
    joined: list[tuple[int, int]] = field(default_factory=list)  # emitter that went, emitter that stayed


def settle(roster: Roster, turn: Turn, known: Known, tick_s: float) -> Settled:
    """All of it, in this order."""
    settled = Settled()
    _look(roster, turn, settled)
    _cross(roster, settled)
    _merge_places(roster, known, tick_s, settled)
    _merge_directions(roster, turn, known, settled)
    _end(roster, tick_s, settled)
    return settled


def _look(roster: Roster, turn: Turn, settled: Settled) -> None:
    """A tick counts for an emitter where it was heard, or where a sensor that knows it heard something else."""
    spoke = set(turn.rows.sensor.tolist())
    for emitter in roster.emitters.values():
        if spoke.isdisjoint(emitter.heard):
            continue
        before = emitter.confirmed
        emitter.look()
        if emitter.confirmed and not before:
            settled.confirmed.append(emitter.number)
            if emitter.place is not None:
                roster.bank.confirm(roster.row(emitter))


def _cross(roster: Roster, settled: Settled) -> None:
    """Directions of several sensors to places: confirmed ones, so that one stray bearing drags nobody away."""
    fit = [
        one
        for one in roster.emitters.values()
        if one.place is None and one.confirmed and one.last.sigma_deg <= MAX_SIGMA_DEG
    ]
    if not any(one.updated for one in fit):
        return
    newest_s = max(one.last_seen_s for one in fit)
    recent = [one for one in fit if newest_s - one.last_seen_s <= TOGETHER_S]
    recent = sorted(sorted(recent, key=lambda one: -one.last_seen_s)[:MAX_CROSSED], key=lambda one: one.number)
    for crossing in crossings(recent):
        kept, gone = roster.cross([recent[member] for member in crossing.members], crossing)
        settled.joined += [(number, kept.number) for number in gone]


def _merge_places(roster: Roster, known: Known, tick_s: float, settled: Settled) -> None:
    """Emitters with a place against identified aircraft."""
    fits, distance2 = _fitting(roster, known, tick_s)
    numbers = roster.numbers()
    fits &= _never_apart(roster, known, numbers, distance2)
    for row, number in enumerate(numbers):
        emitter = roster.emitters[number]
        tracks = np.flatnonzero(fits[row])
        alone = len(tracks) == 1 and fits[:, tracks[0]].sum() == 1 and not emitter.witnessed
        _agree(emitter, int(known.number[tracks[0]]) if alone else _NOBODY)
    for number in numbers:
        _merge_if_due(roster, roster.emitters[number], settled)


def _never_apart(roster: Roster, known: Known, numbers: list[int], distance2: Numbers) -> Booleans:
    """(emitters with a place, places of tracks): where they were near each other whenever both had a place."""
    placed = frozenset(known.number[~known.is_pilot].tolist())
    new = placed - roster.placed
    roster.placed = placed
    kept = np.zeros(distance2.shape, dtype=np.bool_)
    for row, number in enumerate(numbers):
        emitter = roster.emitters[number]
        here = known.number[distance2[row] <= APART].tolist()
        emitter.near = frozenset(one for one in here if emitter.near is None or one in emitter.near or one in new)
        kept[row] = np.isin(known.number, list(emitter.near))
    return kept


def _fitting(roster: Roster, known: Known, tick_s: float) -> tuple[Booleans, Numbers]:
    """(emitters with a place, places of tracks): where place and velocity agree, and squared sigmas of the place."""
    bank, places = roster.bank, roster.places(tick_s)
    latitude_deg, longitude_deg, variance_m2 = known.at(tick_s)
    fits = np.zeros((len(places.number), len(known)), dtype=np.bool_)
    distance2 = np.full(fits.shape, np.inf)
    if not fits.size:
        return fits, distance2
    radio = np.array([_is_radio(roster.emitters[number]) for number in places.number.tolist()])
    mean, covariance = bank.predicted(tick_s)
    speed_m2_s2 = (covariance[:, 2, 2] + covariance[:, 3, 3]) / 2.0
    recent = ~known.is_pilot & (np.abs(tick_s - known.time_s) <= RECENT_S)
    for row in range(len(fits)):
        one = places.take(row)
        apart = (mean[row, 2] - known.east_m_s) ** 2 + (mean[row, 3] - known.north_m_s) ** 2
        slow = apart <= PLACE_GATE * (speed_m2_s2[row] + known.speed_sigma_m_s**2)
        distance2[row] = np.where(known.is_pilot, np.inf, apart2(one, latitude_deg, longitude_deg, variance_m2))
        fits[row] = (distance2[row] <= PLACE_GATE) & slow & recent & ~(known.is_crewed & radio[row])
    return fits, distance2


def _is_radio(emitter: Emitter) -> bool:
    return any(said.source == Source.RF for said in emitter.heard.values())


def _merge_directions(roster: Roster, turn: Turn, known: Known, settled: Settled) -> None:
    """Directions whose bearings went to somebody else."""
    began = dict(zip(known.number.tolist(), known.first_seen_s.tolist(), strict=True))
    for emitter in [one for one in roster.emitters.values() if one.place is None]:
        told = [] if emitter.updated else turn.told.get(emitter.sensor, [])
        _agree(emitter, _whose(emitter, told, began, roster))
        if emitter.alike < _NOBODY and emitter.alike_ticks >= MERGED_AFTER_TICKS:
            gone, kept = roster.join(roster.emitters[_other(emitter.alike)], emitter)
            settled.joined.append((gone, kept))
            if kept == emitter.number and not emitter.confirmed:
                settled.confirmed.append(kept)
        else:
            _merge_if_due(roster, emitter, settled)


def _whose(emitter: Emitter, told: Iterable[Told], began: dict[int, float], roster: Roster) -> int:
    """The one that the direction's bearings went to: a track's number, an emitter's as ``_other``, or nobody."""
    found = set()
    for one in told:
        apart_deg = math.remainder(one.bearing_deg - emitter.angle_deg, 360.0)
        if apart_deg * apart_deg > ANGLE_GATE * (emitter.angle_deg2 + TURNING_DEG2_S + one.sigma_deg**2):
            continue
        if one.emitter in roster.emitters:
            found.add(_other(one.emitter) if roster.emitters[one.emitter].confirmed else _NOBODY)
        elif one.track >= 0:
            found.add(one.track if began.get(one.track, -math.inf) >= emitter.first_seen_s - RECENT_S else _NOBODY)
    return found.pop() if len(found) == 1 else _NOBODY


def _other(number: int) -> int:
    """An emitter's number among those of tracks, and back: below -1."""
    return -2 - number


def _agree(emitter: Emitter, number: int) -> None:
    """Count the ticks in a row for which it agreed with the same one."""
    emitter.alike_ticks = emitter.alike_ticks + 1 if number == emitter.alike != _NOBODY else int(number != _NOBODY)
    emitter.alike = number


def _merge_if_due(roster: Roster, emitter: Emitter, settled: Settled) -> None:
    if emitter.alike >= 0 and emitter.alike_ticks >= MERGED_AFTER_TICKS:
        settled.merged.append((emitter.number, emitter.alike))
        roster.remove(emitter)


def _end(roster: Roster, tick_s: float, settled: Settled) -> None:
    """Silence ends an emitter, too few hits a tentative one; a place too wide is a direction again if it may be."""
    places = roster.places(tick_s)
    wide = dict(zip(places.number.tolist(), (np.sqrt(CHI2_95) * places.major_sigma_m > WIDEST_M).tolist(), strict=True))
    for emitter in list(roster.emitters.values()):
        silent_s = tick_s - emitter.last_seen_s
        over = silent_s >= (HEARD_S if emitter.confirmed else TENTATIVE_ENDS_AFTER_S) or emitter.hopeless
        if not over and wide.get(emitter.number, False):
            over = not _lowered(roster, emitter, tick_s)
        if over:
            settled.ended.append(emitter.number)
            roster.remove(emitter)


def _lowered(roster: Roster, emitter: Emitter, tick_s: float) -> bool:
    """Make it a direction again, from the last bearing, if there is one that is not old."""
    lines = [(said.time_s, sensor) for sensor, said in emitter.heard.items() if not math.isnan(said.bearing_deg)]
    if not lines or tick_s - max(lines)[0] >= HEARD_S:
        return False
    _, sensor = max(lines)
    said = emitter.heard.pop(sensor)
    emitter.heard[sensor] = said
    emitter.angle_deg, emitter.angle_deg2 = said.bearing_deg, said.sigma_deg**2
    roster.lift(emitter)
    return True
