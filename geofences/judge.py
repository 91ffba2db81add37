"""Changes of the picture to verdicts that changed. Deterministic: any cutting of the log gives the same verdicts.

Each row is seen for itself (sight.py). A row is steady when its groups are exactly those that its track already
stands inside of, nearly always; nothing happens then. From a track's first row that is not steady on, its rows are
taken one by one: entering takes two fixes in a row inside by more than the position's standard deviation, leaving two
outside by as much; in between, what was stays. What depends on more than the place (notices, hours, suspicion, a
category that was heard late) is weighed anew at each tick for tracks that are inside something.

Cannot be told from a track and is left to the tracker: rows of test transmitters, and what counts as on the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import Booleans, Changes, TrackEvent, TrackEventKind, TrackRow, Tracks
from airspace.model.verdict import Reason, Verdict, VerdictValue
from airspace.model.zone import Zone
from geofences.catalogue import Catalogue
from geofences.glance import Glance
from geofences.notice_book import NoticeBook
from geofences.rules.case import SIGMAS
from geofences.rules.height_120 import LEAST_S
from geofences.rules.low_flying_30 import LIMIT_M
from geofences.sight import Sight, judged, look
from geofences.standing import MOST_GROUPS, Phase, Standing, Standings
from geofences.weighing import HEIGHT_GROUP, MOST_SKEW_S, Height, Weighed, over, verdict, weigh

ENOUGH: Final = 2  # rows in a row, to enter, to leave, to have landed
_MISSING: Final = ""  # no flight has this id


class Judge:
    """Zones and notices against tracks; keeps how each track stands to each airspace group."""

    def __init__(self, catalogue: Catalogue, notices: NoticeBook) -> None:
        self._catalogue = catalogue
        self._book = notices
        self._generation = 0
        self._standings = Standings()
        self._last = (-1, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))  # generation, keys, what was so
        self.replace_zones(catalogue)

    def replace_zones(self, catalogue: Catalogue) -> None:
        """Put other zones in force; tracks inside something are weighed anew at the next tick."""
        self._catalogue = catalogue
        self._generation += 1
        self._groups = (*catalogue.groups, HEIGHT_GROUP)
        self._group_number = {group: number for number, group in enumerate(self._groups)}
        self._standings.set_groups(self._groups)

    def replace_notices(self, book: NoticeBook) -> None:
        """Put other notices in force, with effect from the next tick."""
        self._book = book
        self._generation += 1

    def judge(self, changes: Changes) -> tuple[Verdict, ...]:
        """Verdicts that changed, in log order: rows and what they ended, then the tick."""
        verdicts = self._rows(changes.rows)
        at_tick: list[Verdict] = []
        for event in changes.events:
            by_tick = event.kind is TrackEventKind.ENDED and changes.tick_s is not None
            ended_at_tick = by_tick and event.logged_s >= (changes.tick_s or 0.0)
            (at_tick if ended_at_tick else verdicts).extend(self._event(event))
        if changes.live is not None:
            at_tick.extend(self._tick(changes.live))
        return (*sorted(verdicts, key=_order), *sorted(at_tick, key=_order))

    # rows

    def _rows(self, rows: Tracks) -> list[Verdict]:
        used = judged(rows)
        if not used.any():
            return []
        sight = look(self._catalogue, rows, used & rows.airborne, ways=True)
        unsteady = self._unsteady(rows, used, sight)
        margin_m = self._margins_m(rows, sight, unsteady)
        verdicts: list[Verdict] = []
        for row in unsteady:
            glance = Glance(self._catalogue, rows, sight, row, margin_m)
            verdicts.extend(self._advance(int(rows.number[row]), rows.flight_id[row], glance))
        return verdicts

    def _margins_m(self, tracks: Tracks, sight: Sight, rows: Sequence[int]) -> Numbers:
        """How deep inside each volume that they are in these rows are, for all of them at once; else NaN."""
        margin_m = np.full(len(sight.row), np.nan)
        asked = np.zeros(len(tracks), dtype=np.bool_)
        asked[list(rows)] = True
        pairs = np.flatnonzero(sight.inside & asked[sight.row])
        if len(pairs):
            at = sight.row[pairs]
            margin_m[pairs] = self._catalogue.index.margin_m(
                tracks.latitude_deg[at], tracks.longitude_deg[at], sight.volume[pairs]
            )
        return margin_m

    def _unsteady(self, rows: Tracks, used: Booleans, sight: Sight) -> list[int]:
        """Rows at which a standing may change, and all rows of the same track after them."""
        numbers = rows.number.tolist()
        keys = (rows.number[sight.group_row] * MOST_GROUPS + sight.group).tolist()
        flights = rows.flight_id[sight.group_row].tolist()
        get = self._standings.steady.get
        known = np.array(
            [get(key, _MISSING) == flight for key, flight in zip(keys, flights, strict=True)], dtype=np.bool_
        )
        seen = np.bincount(sight.group_row, minlength=len(rows))
        steady = np.bincount(sight.group_row[known], minlength=len(rows))
        standing = np.array(self._standings.counts(numbers), dtype=np.intp)
        unsteady = (seen != steady) | (standing != seen)
        unsteady[sight.cut_row] = True
        first: dict[int, int] = {}
        for row in np.flatnonzero(unsteady & used).tolist():
            first.setdefault(numbers[row], row)
        if not first:
            return []
        touched = np.flatnonzero(used & np.isin(rows.number, list(first))).tolist()
        return [row for row in touched if row >= first[numbers[row]]]

    def _advance(self, track: int, flight_id: str | None, glance: Glance) -> list[Verdict]:
        """One row of one track: each group it is in, stood in or cut."""
        self._standings.begin(track, flight_id)
        standings = self._standings.of(track)
        if not glance.airborne:
            return [
                each
                for group, standing in sorted(standings.items())
                for each in self._landing(track, group, standing, glance)
            ]
        seen = {self._groups[number]: zone for number, zone in glance.strongest.items()}
        verdicts: list[Verdict] = []
        for group in sorted(seen.keys() | standings.keys()):
            if group in seen:
                verdicts.extend(self._inside(track, group, self._zone(seen[group]), standings.get(group), glance))
            else:
                verdicts.extend(self._outside(track, group, standings[group], glance))
        for number, volumes in sorted(glance.cut().items()):
            if self._groups[number] not in seen and self._groups[number] not in standings:
                zones = self._catalogue.index.zone[volumes]
                zone = self._catalogue.zones[zones[self._catalogue.rank[zones].argmin()]]
                verdicts.extend(self._crossing(track, zone, glance))
        return verdicts

    def _zone(self, number: int) -> Zone | None:
        return self._catalogue.zones[number] if number >= 0 else None

    def _inside(
        self, track: int, group: str, zone: Zone | None, standing: Standing | None, glance: Glance
    ) -> list[Verdict]:
        if standing is not None and standing.phase is not Phase.PENDING:
            standing.phase, standing.count = Phase.INSIDE, 1
            self._standings.put(track, group, standing)
            return []
        if not glance.deep(self._group_number[group]):
            self._standings.drop(track, group)
            return []
        if standing is None:
            standing = Standing(phase=Phase.PENDING, since_s=glance.logged_s, first_fix=glance.fixes, zone=zone)
        else:
            standing.count += 1
        entered = _entered(group, standing, glance.logged_s)
        if entered:
            standing.phase, standing.count, standing.zone = Phase.INSIDE, 1, zone
        self._standings.put(track, group, standing)
        return self._tell_entry(group, standing, glance) if entered else []

    def _tell_entry(self, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
        row = glance.track()
        height = Height(agl_m=glance.agl_m, sigma_m=glance.height_sigma_m, source=glance.height_source)
        weighed = weigh(standing.zone, row, height, self._book, glance.logged_s)
        return self._tell(group, standing, weighed, row, height, glance, lambda: self._evidence(group, glance))

    def _tell(
        self,
        group: str,
        standing: Standing,
        weighed: Weighed,
        row: TrackRow,
        height: Height,
        glance: Glance,
        evidence: Callable[[], dict[str, Any]],
    ) -> list[Verdict]:
        """The verdict, unless it says what was said before, or nothing at all; evidence is dear and asked for last."""
        nothing = standing.told is None and weighed.finding.reason is Reason.NO_ZONE
        if nothing or weighed.told == standing.told:
            return []
        standing.told = weighed.told
        found = evidence() | {"fixes_inside": row.fixes - standing.first_fix + 1}
        return [verdict(weighed, group, standing.zone, row, height, glance.logged_s, found)]

    def _evidence(self, group: str, glance: Glance) -> dict[str, Any]:
        number = self._group_number[group]
        volumes = glance.volumes(number)
        margin_m = glance.margin_m(number)
        if margin_m is None:
            return {}
        zones = dict.fromkeys(
            self._catalogue.zones[zone].zone_id for zone in self._catalogue.index.zone[volumes].tolist()
        )
        return {
            "zones": list(zones),
            "margin_m": round(margin_m, 1),
            "position_sigma_m": round(glance.position_sigma_m, 1),
        }

    def _outside(self, track: int, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
        if standing.phase is Phase.PENDING:
            self._standings.drop(track, group)
            return []
        number = self._group_number.get(group)
        if number is None or not glance.clear(number):
            standing.phase, standing.count = Phase.INSIDE, 1
            self._standings.put(track, group, standing)
            return []
        return self._count_out(track, group, standing, Phase.LEAVING, Reason.LEFT_ZONE, glance)

    def _landing(self, track: int, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
        if standing.phase is Phase.PENDING:
            self._standings.drop(track, group)
            return []
        return self._count_out(track, group, standing, Phase.LANDING, Reason.ON_THE_GROUND, glance)

    def _count_out(
        self, track: int, group: str, standing: Standing, phase: Phase, reason: Reason, glance: Glance
    ) -> list[Verdict]:
        standing.count = standing.count + 1 if standing.phase is phase else 1
        standing.phase = phase
        if standing.count < ENOUGH:
            self._standings.put(track, group, standing)
            return []
        self._standings.drop(track, group)
        return _ended(group, standing, glance.track(), glance.logged_s, reason, {})

    def _crossing(self, track: int, zone: Zone, glance: Glance) -> list[Verdict]:
        """A thin zone between two fixes outside it: inferred, so only suspected, and once a flight."""
        if not self._standings.cross(track, zone.group):
            return []
        row = glance.track()
        height = Height(agl_m=glance.agl_m, sigma_m=glance.height_sigma_m, source=glance.height_source)
        weighed = weigh(zone, row, height, self._book, glance.logged_s)
        if weighed.finding.value not in {VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.SITUATION}:
            return []
        standing = Standing(
            phase=Phase.LEAVING, since_s=glance.logged_s, first_fix=glance.fixes + 1, count=0, zone=zone
        )
        crossed = weighed.crossed()
        evidence = {"zones": [zone.zone_id], "gap_s": round(row.gap_s, 1), "otherwise": weighed.finding.reason.value}
        verdicts = self._tell(zone.group, standing, crossed, row, height, glance, lambda: evidence)
        self._standings.put(track, zone.group, standing)
        return verdicts

    # events

    def _event(self, event: TrackEvent) -> list[Verdict]:
        reasons = {TrackEventKind.ENDED: Reason.TRACK_ENDED, TrackEventKind.MERGED: Reason.TRACK_MERGED}
        reason = reasons.get(event.kind)
        if reason is None:
            return []
        evidence = {} if event.into is None else {"into": event.into}
        return [
            each
            for group, standing in self._standings.forget(event.track.number)
            for each in _ended(group, standing, event.track, event.logged_s, reason, evidence, seq=event.seq)
        ]

    # ticks

    def _tick(self, live: Tracks) -> list[Verdict]:
        """Weigh anew what every track stands inside of, where anything that it rests on changed."""
        rows = [row for row, number in enumerate(live.number.tolist()) if number in self._standings]
        if not rows:
            return []
        tracks = live.take(np.array(rows, dtype=np.intp))
        used = judged(tracks)
        sight = look(self._catalogue, tracks, used & tracks.airborne, ways=False)
        touches = self._book.touches(tracks.latitude_deg, tracks.longitude_deg, tracks.uas_id)
        restless = np.flatnonzero(self._changed(tracks, sight) | touches).tolist()
        if not restless:
            return []
        margin_m = self._margins_m(tracks, sight, restless)
        basis = dict(zip(restless, self._basis(tracks, sight, touches, restless), strict=True))
        asked = np.flatnonzero(np.isin(sight.group_row, restless))
        strongest = {
            (row, self._groups[group]): zone
            for row, group, zone in zip(
                sight.group_row[asked].tolist(),
                sight.group[asked].tolist(),
                sight.strongest[asked].tolist(),
                strict=True,
            )
        }
        verdicts: list[Verdict] = []
        for row in restless:
            number = int(tracks.number[row])
            for group, standing in sorted(self._standings.of(number).items()):
                zone = strongest.get((row, group))
                rests_on = (zone, *basis[row])
                if standing.phase is Phase.INSIDE and zone is not None:
                    if touches[row] or rests_on != standing.basis:
                        standing.basis = rests_on
                        glance = Glance(self._catalogue, tracks, sight, row, margin_m)
                        verdicts.extend(self._weigh_anew(group, standing, zone, glance))
                elif self._is_over(group, Glance(self._catalogue, tracks, sight, row, margin_m)):
                    self._standings.drop(number, group)
                    row_now = tracks.row(row)
                    verdicts.extend(_ended(group, standing, row_now, row_now.logged_s, Reason.ZONE_ENDED, {}))
        return verdicts

    def _changed(self, tracks: Tracks, sight: Sight) -> Booleans:
        """Tracks for which anything that their verdicts rest on is not as it was at the tick before.

        One number for each (track, group) says it all: the strongest zone, and the track's own circumstances.
        """
        above = sight.heights.agl_m - SIGMAS * sight.heights.sigma_m > LIMIT_M
        own = tracks.suspect + 2 * (np.abs(tracks.skew_s) > MOST_SKEW_S) + 4 * above
        own = own + 8 * tracks.eu_category + 32 * tracks.uas_id_type + 256 * tracks.remarks
        key = tracks.number[sight.group_row] * MOST_GROUPS + sight.group
        now = (sight.strongest + 1) * MOST_GROUPS + own[sight.group_row]
        generation, keys, before = self._last
        place = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
        same = np.zeros(len(key), dtype=np.bool_)
        if len(keys) and generation == self._generation:
            same = (keys[place] == key) & (before[place] == now)
        self._last = (self._generation, key, now)
        steady = same & np.fromiter((each in self._standings.steady for each in key.tolist()), np.bool_, len(key))
        unchanged = np.bincount(sight.group_row[steady], minlength=len(tracks))
        moved: Booleans = unchanged != np.array(self._standings.counts(tracks.number.tolist()), dtype=np.intp)
        return moved

    def _basis(self, tracks: Tracks, sight: Sight, touches: Booleans, rows: Sequence[int]) -> list[tuple[Any, ...]]:
        """For each of the rows, everything but the zone that its verdicts rest on."""
        above = sight.heights.agl_m - SIGMAS * sight.heights.sigma_m > LIMIT_M
        skew = np.abs(tracks.skew_s) > MOST_SKEW_S
        columns = (touches, tracks.suspect, tracks.remarks, tracks.eu_category, tracks.uas_id, skew, above)
        return [
            (self._generation, *values) for values in zip(*(column[rows].tolist() for column in columns), strict=True)
        ]

    def _weigh_anew(self, group: str, standing: Standing, zone: int, glance: Glance) -> list[Verdict]:
        standing.zone = self._zone(zone)
        return self._tell_entry(group, standing, glance)

    def _is_over(self, group: str, glance: Glance) -> bool:
        """The group is no more, or the track is in it by place and height but it is not in force."""
        number = self._group_number.get(group)
        return number is None or glance.waiting(number)


def _entered(group: str, standing: Standing, logged_s: float) -> bool:
    if group == HEIGHT_GROUP:
        return logged_s - standing.since_s >= LEAST_S
    return standing.count >= ENOUGH


def _ended(
    group: str,
    standing: Standing,
    row: TrackRow,
    logged_s: float,
    reason: Reason,
    evidence: dict[str, Any],
    seq: int | None = None,
) -> list[Verdict]:
    """What ends a standing, if anything was told of it."""
    if standing.told is None:
        return []
    evidence = evidence | {"was": standing.told[1].value}
    return [over(group, standing.zone, row, logged_s, reason, evidence, seq)]


def _order(each: Verdict) -> tuple[int, int, str]:
    return each.seq, each.track.number, each.group
