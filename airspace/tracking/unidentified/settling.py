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
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers, Rows, Source
from airspace.model.track import Booleans
from airspace.tracking.unidentified.bearings import MAX_SIGMA_DEG
from airspace.tracking.unidentified.confirmation import nameless, steady
from airspace.tracking.unidentified.crossing import TOGETHER_S, crossings
from airspace.tracking.unidentified.doubles import doubles
from airspace.tracking.unidentified.ellipse import CHI2_95
from airspace.tracking.unidentified.emitter import NOBODY, TURNING_DEG2_S, Emitter
from airspace.tracking.unidentified.explanation import ANGLE_GATE, PLACE_GATE, RECENT_S, Known
from airspace.tracking.unidentified.filter import SPEED
from airspace.tracking.unidentified.places import Places, apart2
from airspace.tracking.unidentified.roster import HEARD_S, Roster
from airspace.tracking.unidentified.turn import Told, Turn

MERGED_AFTER_TICKS: Final = 3
APART: Final = 6.0**2  # squared sigmas from which on two places are clearly two
MAX_CROSSED: Final = 60  # directions looked at together: of more the newest
_AT_ONCE: Final = 100_000  # pairs of an emitter and a track that are compared in one go


@dataclass(slots=True, kw_only=True)
class Settled:
    """What became of emitters in a tick."""

    confirmed: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)  # emitter, identified track
    joined: list[tuple[int, int]] = field(default_factory=list)  # emitter that went, emitter that stayed


def settle(roster: Roster, turn: Turn, known: Known, tick_s: float) -> tuple[Settled, Places]:
    """All of it, in this order; and where those are that are left."""
    settled = Settled()
    _look(roster, turn, tick_s, settled)
    _cross(roster, settled)
    _merge_places(roster, known, tick_s, settled)
    _merge_directions(roster, turn, known, settled)
    places = _end(roster, tick_s, settled)
    return settled, places


def _look(roster: Roster, turn: Turn, tick_s: float, settled: Settled) -> None:
    """A tick counts for an emitter where it was heard, or where a sensor that knows it heard something else."""
    spoke = set(turn.rows.sensor.tolist())
    if not spoke:
        return
    for emitter in roster.directions.values():
        if spoke.isdisjoint(emitter.heard):
            continue
        before = emitter.confirmed
        emitter.look(roster.settings, tick_s)
        if emitter.confirmed and not before:
            settled.confirmed.append(emitter.number)
    if len(roster.bank):
        _look_at_places(roster, turn, spoke, tick_s, settled)


def _look_at_places(roster: Roster, turn: Turn, spoke: set[int], tick_s: float, settled: Settled) -> None:
    bank, ledger = roster.bank, roster.ledger
    ledger.look(roster.known_to(spoke), bank.settings.of_looks)
    ripe = ~bank.confirmed & ledger.updated  # of one that was not heard nothing new is known, nor whose double it is
    if not np.count_nonzero(ripe):
        return
    ripe &= steady(bank.settings, ledger.history, ledger.doubt)
    ripe &= nameless(bank.settings, tick_s - ledger.first_seen_s, ledger.alike)
    rows = ripe.nonzero()[0]
    if not len(rows):
        return
    if turn.rivals:
        young, old = (np.concatenate(column) for column in zip(*turn.rivals, strict=True))
        asked = ripe[young] & (bank.confirmed[old] | ripe[old])
        rows = np.setdiff1d(rows, doubles(bank, young[asked], old[asked]))
    bank.confirm(rows)
    settled.confirmed += ledger.number[rows].tolist()


def _cross(roster: Roster, settled: Settled) -> None:
    """Directions of several sensors to places: confirmed ones, so that one stray bearing drags nobody away.

    One of them is enough, where the others are steady: the place is of what was confirmed already.
    """
    fit = [
        one
        for one in roster.directions.values()
        if (one.confirmed or one.steady(roster.settings)) and one.last.sigma_deg <= MAX_SIGMA_DEG
    ]
    if not any(one.updated for one in fit):
        return
    newest_s = max(one.last_seen_s for one in fit)
    recent = [one for one in fit if newest_s - one.last_seen_s <= TOGETHER_S]
    recent = sorted(sorted(recent, key=lambda one: -one.last_seen_s)[:MAX_CROSSED], key=lambda one: one.number)
    for crossing in crossings(recent):
        members = [recent[member] for member in crossing.members]
        before = [one.number for one in members if one.confirmed]
        if before:
            kept, gone = roster.cross(members, crossing)
            settled.joined += [(number, kept.number) for number in gone]
            settled.confirmed += [kept.number] * (kept.number not in before)


class _Fits(NamedTuple):
    """Pairs of an emitter with a place and an identified track that are not clearly apart."""

    row: Rows
    track: Rows  # row of ``Known``
    fits: Booleans  # place and velocity agree


def _merge_places(roster: Roster, known: Known, tick_s: float, settled: Settled) -> None:
    """Emitters with a place against identified aircraft."""
    ledger = roster.ledger
    if not (len(known) or roster.near or roster.tracks):
        ledger.compare_with_nobody()
        return
    pairs = _fitting(roster, known, tick_s)
    never_apart = _never_apart(roster, known, pairs)
    good = pairs.fits & never_apart
    row, track = pairs.row[good], pairs.track[good]
    alone = (np.bincount(row, minlength=1)[row] == 1) & (np.bincount(track, minlength=1)[track] == 1)
    alone &= ~ledger.witnessed[row]
    agreed = np.full(len(ledger), NOBODY)
    agreed[row[alone]] = known.number[track[alone]]
    ledger.compare(agreed)
    due = np.flatnonzero((agreed >= 0) & (ledger.alike_ticks >= MERGED_AFTER_TICKS))
    settled.merged += zip(ledger.number[due].tolist(), agreed[due].tolist(), strict=True)
    roster.remove_places(due)


def _never_apart(roster: Roster, known: Known, pairs: _Fits) -> Booleans:
    """Of pairs, which were near each other whenever both had a place."""
    tracks = frozenset(known.number[known.is_drone].tolist())
    new = tracks - roster.tracks
    roster.tracks = tracks
    before, roster.near = roster.near, {}
    compared = roster.ledger.compared[pairs.row].tolist()
    kept = []
    here: dict[int, set[int]] = {}
    places, numbers = roster.bank.number[pairs.row].tolist(), known.number[pairs.track].tolist()
    for place, number, was in zip(places, numbers, compared, strict=True):
        near = not was or number in new or number in before.get(place, ())
        kept.append(near)
        if near:
            here.setdefault(place, set()).add(number)
    roster.near = {place: frozenset(some) for place, some in here.items()}
    return np.array(kept, dtype=np.bool_)


def _fitting(roster: Roster, known: Known, tick_s: float) -> _Fits:
    """Which emitters with a place and tracks are not clearly apart, and whether place and velocity agree."""
    tracks = np.flatnonzero(known.is_drone)
    found: list[tuple[Rows, Rows, Numbers]] = []
    if len(tracks):
        places = roster.places(tick_s)
        there = known.at(tick_s, tracks)
        step = max(1, _AT_ONCE // len(tracks))
        for start in range(0, len(roster.bank), step):
            rows = np.arange(start, min(start + step, len(roster.bank)))
            distance2 = apart2(places.take(rows), *(column[:, np.newaxis] for column in there))
            track, row = np.nonzero(distance2 <= APART)
            found.append((rows[row], tracks[track], distance2[track, row]))
    if not sum(len(row) for row, _, _ in found):
        nothing = np.empty(0, dtype=np.intp)
        return _Fits(nothing, nothing, np.empty(0, dtype=np.bool_))
    row, track, distance2 = (np.concatenate(column) for column in zip(*found, strict=True))
    block = places.ahead.block[:, row]
    apart = (block[2] - known.east_m_s[track]) ** 2 + (block[3] - known.north_m_s[track]) ** 2
    speed_m2_s2 = (block[SPEED][0] + block[SPEED][2]) / 2.0
    fits = (distance2 <= PLACE_GATE) & (apart <= PLACE_GATE * (speed_m2_s2 + known.speed_sigma_m_s[track] ** 2))
    fits &= np.abs(tick_s - known.time_s[track]) <= RECENT_S
    fits &= known.on_with(track, roster.ledger.first_seen_s[row])
    fits &= ~(known.is_crewed[track] & roster.heard_by(Source.RF)[row])
    return _Fits(row, track, fits)


def _merge_directions(roster: Roster, turn: Turn, known: Known, settled: Settled) -> None:
    """Directions whose bearings went to somebody else."""
    if not roster.directions:
        return
    began = dict(zip(known.number.tolist(), known.first_seen_s.tolist(), strict=True))
    for emitter in list(roster.directions.values()):
        told = [] if emitter.updated else turn.told.get(emitter.sensor, [])
        _agree(emitter, _whose(emitter, told, began, roster))
        if emitter.alike_ticks < MERGED_AFTER_TICKS:
            continue
        if emitter.alike < NOBODY:
            gone, kept = roster.join(_other(emitter.alike), emitter)
            settled.joined.append((gone, kept))
            if kept == emitter.number and not emitter.confirmed:
                settled.confirmed.append(kept)
        elif emitter.alike > NOBODY:
            settled.merged.append((emitter.number, emitter.alike))
            del roster.directions[emitter.number]


def _whose(emitter: Emitter, told: Iterable[Told], began: dict[int, float], roster: Roster) -> int:
    """The one that the direction's bearings went to: a track's number, an emitter's as ``_other``, or nobody."""
    found = set()
    for one in told:
        apart_deg = math.remainder(one.bearing_deg - emitter.angle_deg, 360.0)
        if apart_deg * apart_deg > ANGLE_GATE * (emitter.angle_deg2 + TURNING_DEG2_S + one.sigma_deg**2):
            continue
        row = roster.row(one.emitter)
        if row >= 0:
            found.add(_other(one.emitter) if roster.bank.confirmed[row] else NOBODY)
        elif one.track >= 0:
            found.add(one.track if began.get(one.track, -math.inf) >= emitter.first_seen_s - RECENT_S else NOBODY)
    return found.pop() if len(found) == 1 else NOBODY


def _other(number: int) -> int:
    """An emitter's number among those of tracks, and back: below -1."""
    return -2 - number


def _agree(emitter: Emitter, number: int) -> None:
    """Count the ticks in a row for which it agreed with the same one."""
    emitter.alike_ticks = emitter.alike_ticks + 1 if number == emitter.alike != NOBODY else int(number != NOBODY)
    emitter.alike = number


def _end(roster: Roster, tick_s: float, settled: Settled) -> Places:
    """Silence ends an emitter, too few hits a tentative one; a place too wide is a direction again if it may be.

    Where those are that still have a place.
    """
    settings = roster.settings
    for emitter in list(roster.directions.values()):
        longest_s = settings.silent_s if emitter.confirmed else settings.tentative_silent_s
        if tick_s - emitter.last_seen_s >= longest_s or emitter.hopeless(settings):
            settled.ended.append(emitter.number)
            del roster.directions[emitter.number]
    over = _over(roster, tick_s).nonzero()[0]
    settled.ended += roster.ledger.number[over].tolist()
    roster.remove_places(over)
    places = roster.places(tick_s)
    xx, _, yy = places.shown_m2
    widest_m2 = settings.widest_m**2 / CHI2_95
    if not np.count_nonzero(xx + yy > widest_m2):  # no axis is longer than both together
        return places
    vague = places.major_m2 > widest_m2
    rows = vague.nonzero()[0]
    settled.ended += [int(roster.ledger.number[row]) for row in rows.tolist() if not _lowered(roster, row, tick_s)]
    roster.remove_places(rows)
    return places.take((~vague).nonzero()[0])


def _over(roster: Roster, tick_s: float) -> Booleans:
    """Which emitters with a place were silent for too long, or have had too few hits."""
    settings, ledger, confirmed = roster.settings, roster.ledger, roster.bank.confirmed
    silence_s = tick_s - ledger.last_seen_s
    over = silence_s >= settings.silent_s
    over |= (silence_s >= settings.tentative_silent_s) & ~confirmed
    trial = (~confirmed).nonzero()[0]
    if len(trial):
        left = np.maximum(settings.of_looks - ledger.looks.take(trial), 0)
        left += np.bitwise_count(ledger.history.take(trial))
        over[trial] |= left < settings.hits_needed
    return over


def _lowered(roster: Roster, row: int, tick_s: float) -> bool:
    """Make it a direction again, from the last bearing, if there is one that is not old."""
    time_s, _, _, bearing_deg, _ = roster.heard.lines(roster.heard.of(int(roster.bank.number[row])))
    last_s = time_s[~np.isnan(bearing_deg)].max(initial=-np.inf)
    if tick_s - last_s >= HEARD_S:
        return False
    roster.lower(row)
    return True
