"""The judge's room for rows: entering, leaving, landing, cutting through.

Each row is seen for itself (sight.py). A row is steady when its groups are exactly those that its track already stands
inside of, nearly always; nothing happens then. From a track's first row that is not steady on, its rows are taken one
by one: entering takes two fixes in a row inside by more than the position's standard deviation, leaving two outside by
as much; in between, what was stays.
"""

from __future__ import annotations

from itertools import repeat
from typing import Final

import numpy as np

from airspace.model.track import Booleans, Tracks
from airspace.model.verdict import Reason, Verdict, VerdictValue
from airspace.model.zone import Zone
from geofences.judging.docket import Docket, ended, height_of
from geofences.judging.glance import Glance
from geofences.judging.sight import Sight, judged, look
from geofences.judging.standing import MOST_GROUPS, Phase, Standing
from geofences.judging.weighing import Matter, verdict
from geofences.rules import height_120
from geofences.rules.case import ENTRY_FIXES

_MISSING: Final = ""  # no flight has this id
_OBJECTIONS: Final = frozenset({VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.SITUATION})


def judge_rows(docket: Docket, rows: Tracks) -> list[Verdict]:
    """What changed with the rows of a batch."""
    used = judged(rows)
    if not used.any():
        return []
    sight = look(docket.in_force.catalogue, rows, used & rows.airborne, ways=True, levels=docket.in_force.levels)
    unsteady = _unsteady(docket, rows, used, sight)
    verdicts: list[Verdict] = []
    for row, glance in zip(unsteady, docket.glances(rows, sight, unsteady) if unsteady else (), strict=True):
        verdicts.extend(_advance(docket, int(rows.number[row]), rows.flight_id[row], glance))
    return verdicts


def _unsteady(docket: Docket, rows: Tracks, used: Booleans, sight: Sight) -> list[int]:
    """Rows at which a standing may change, and all rows of the same track after them."""
    numbers = rows.number.tolist()
    keys = (rows.number[sight.group_row] * MOST_GROUPS + sight.group).tolist()
    flights = rows.flight_id[sight.group_row].tolist()
    found = list(map(docket.standings.steady.get, keys, repeat(_MISSING)))
    seen = np.bincount(sight.group_row, minlength=len(rows))
    standing = np.array(docket.standings.counts(numbers), dtype=np.intp)
    unsteady: Booleans = standing != seen
    if found != flights:  # nearly never
        steady = [before == now for before, now in zip(found, flights, strict=True)]
        unsteady[sight.group_row[~np.array(steady, dtype=np.bool_)]] = True
    unsteady[sight.cut_row] = True
    unsteady &= used
    if not unsteady.any():
        return []
    first: dict[int, int] = {}
    for row in np.flatnonzero(unsteady).tolist():
        first.setdefault(numbers[row], row)
    touched = np.flatnonzero(used & np.isin(rows.number, list(first))).tolist()
    return [row for row in touched if row >= first[numbers[row]]]


def _advance(docket: Docket, track: int, flight_id: str | None, glance: Glance) -> list[Verdict]:
    """One row of one track: each group it is in, stood in or cut."""
    docket.standings.begin(track, flight_id)
    standings = docket.standings.of(track)
    if not glance.airborne:
        return [
            each
            for group, standing in sorted(standings.items())
            for each in _landing(docket, track, group, standing, glance)
        ]
    groups = docket.in_force.groups
    seen = {groups[number]: zone for number, zone in glance.strongest.items()}
    verdicts: list[Verdict] = []
    for group in sorted(seen.keys() | standings.keys()):
        if group in seen:
            verdicts.extend(_inside(docket, track, group, seen[group], standings.get(group), glance))
        else:
            verdicts.extend(_outside(docket, track, group, standings[group], glance))
    catalogue = docket.in_force.catalogue
    for number, volumes in sorted(glance.cut().items()):
        if groups[number] not in seen and groups[number] not in standings:
            zones = catalogue.index.zone[volumes]
            strongest = catalogue.zones[zones[catalogue.rank[zones].argmin()]]
            verdicts.extend(_crossing(docket, track, strongest, glance))
    return verdicts


def _inside(
    docket: Docket, track: int, group: str, zone: int, standing: Standing | None, glance: Glance
) -> list[Verdict]:
    standings, in_force = docket.standings, docket.in_force
    if standing is not None and standing.phase is not Phase.PENDING:
        standing.phase, standing.count = Phase.INSIDE, 1
        standings.put(track, group, standing)
        return []
    if not glance.deep(in_force.number[group]):
        standings.drop(track, group)
        return []
    if standing is None:
        standing = Standing(
            phase=Phase.PENDING,
            since_s=glance.logged_s,
            first_fix=glance.fixes,
            zone=in_force.zone(zone),
            activated=in_force.opened_over(zone, *glance.before()),
        )
    else:
        standing.count += 1
    entered = _entered(group, standing, glance.logged_s)
    if entered:
        standing.phase, standing.count, standing.zone = Phase.INSIDE, 1, in_force.zone(zone)
    standings.put(track, group, standing)
    return docket.tell(group, standing, glance) if entered else []


def _entered(group: str, standing: Standing, logged_s: float) -> bool:
    if group == height_120.GROUP:
        return logged_s - standing.since_s >= height_120.LEAST_S
    return standing.count >= ENTRY_FIXES


def _outside(docket: Docket, track: int, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
    if standing.phase is Phase.PENDING:
        docket.standings.drop(track, group)
        return []
    number = docket.in_force.number.get(group)
    if number is None or not glance.clear(number):
        standing.phase, standing.count = Phase.INSIDE, 1
        docket.standings.put(track, group, standing)
        return []
    reason = Reason.BACK_WITHIN_LIMIT if group == height_120.GROUP else Reason.LEFT_ZONE
    return _count_out(docket, track, group, standing, Phase.LEAVING, reason, glance)


def _landing(docket: Docket, track: int, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
    if standing.phase is Phase.PENDING:
        docket.standings.drop(track, group)
        return []
    return _count_out(docket, track, group, standing, Phase.LANDING, Reason.ON_THE_GROUND, glance)


def _count_out(
    docket: Docket, track: int, group: str, standing: Standing, phase: Phase, reason: Reason, glance: Glance
) -> list[Verdict]:
    standing.count = standing.count + 1 if standing.phase is phase else 1
    standing.phase = phase
    if standing.count < ENTRY_FIXES:
        docket.standings.put(track, group, standing)
        return []
    docket.standings.drop(track, group)
    return ended(group, standing, glance.track(), glance.logged_s, reason)


def _crossing(docket: Docket, track: int, zone: Zone, glance: Glance) -> list[Verdict]:
    """A thin zone between two fixes outside it: inferred, so only suspected, and once a flight."""
    if not docket.standings.cross(track, zone.group):
        return []
    standing = Standing(phase=Phase.LEAVING, since_s=glance.logged_s, first_fix=glance.fixes + 1, count=0, zone=zone)
    row = glance.track()
    weighed = docket.weigh(zone.group, zone, row, glance, standing)
    if weighed.finding.value not in _OBJECTIONS:
        return []
    crossed = weighed.crossed()
    standing.told = crossed.told
    evidence = {
        "zones": [zone.zone_id],
        "gap_s": round(row.gap_s, 1),
        "otherwise": weighed.finding.reason.value,
        "fixes_inside": row.fixes - standing.first_fix + 1,
    }
    docket.standings.put(track, zone.group, standing)
    return [verdict(crossed, Matter.of(zone.group, zone), row, height_of(glance), glance.logged_s, evidence)]
