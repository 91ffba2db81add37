"""The judge's room for ticks: what a track stands inside of is weighed anew where what it rests on changed.

Notices, hours, suspicion, a category that was heard late: what depends on more than the place changes while a drone
hovers. One number for each (track, group) says whether anything did; only then is anything looked at closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from airspace.model.detection import Bits
from airspace.model.track import Booleans, Remark, Tracks
from airspace.model.verdict import Reason, Verdict
from geofences.judging.docket import Docket, ended
from geofences.judging.glance import Glance
from geofences.judging.sight import Sight, judged, look
from geofences.judging.standing import MOST_GROUPS, Phase, Standing
from geofences.judging.weighing import MOST_SKEW_S
from geofences.rules import low_flying_30

_MOST_CIRCUMSTANCES = 8192 * 2 * max(Remark)


class Ticks:
    """What was so at the tick before."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._last = (-1, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))  # generation, keys, what was so

    def judge(self, live: Tracks) -> list[Verdict]:
        """Verdicts on tracks that stand inside of something."""
        docket = self._docket
        rows = docket.standings.rows_of(live.number.tolist())
        if not rows:
            return []
        tracks = live.take(np.array(rows, dtype=np.intp))
        used = judged(tracks)
        sight = look(
            docket.in_force.catalogue, tracks, used & tracks.airborne, ways=False, levels=self._docket.in_force.levels
        )
        touches = docket.in_force.book.touches(tracks.latitude_deg, tracks.longitude_deg, tracks.uas_id)
        exempted = self._exempted(tracks, sight)
        restless = np.flatnonzero(self._changed(tracks, sight, exempted) | touches).tolist()
        if not restless:
            return []
        basis = self._basis(tracks, sight, touches, exempted, restless)
        return [
            verdict
            for row, glance, rests_on in zip(restless, docket.glances(tracks, sight, restless), basis, strict=True)
            for verdict in self._weigh_anew(int(tracks.number[row]), glance, rests_on, touched=bool(touches[row]))
        ]

    def _weigh_anew(self, number: int, glance: Glance, rests_on: tuple[Any, ...], *, touched: bool) -> list[Verdict]:
        docket = self._docket
        groups = docket.in_force.groups
        strongest = {groups[group]: zone for group, zone in glance.strongest.items()}
        verdicts: list[Verdict] = []
        for group, standing in sorted(docket.standings.of(number).items()):
            zone = strongest.get(group)
            if standing.phase is Phase.INSIDE and zone is not None:
                basis = (zone, *rests_on)
                if touched or basis != standing.basis:
                    standing.basis = basis
                    self._turn_to(standing, zone, glance)
                    verdicts.extend(docket.tell(group, standing, glance))
            elif self._is_over(group, glance):
                docket.standings.drop(number, group)
                verdicts.extend(ended(group, standing, glance.track(), glance.logged_s, Reason.ZONE_ENDED))
        return verdicts

    def _turn_to(self, standing: Standing, number: int, glance: Glance) -> None:
        """The strongest zone of the group may be another than before: flown into, or come into force."""
        in_force = self._docket.in_force
        zone = in_force.zone(number)
        if zone is not None and zone is not standing.zone:
            known = standing.zone is not None and standing.zone.zone_id == zone.zone_id
            latitude_deg, longitude_deg, _ = glance.before()
            if not known:
                standing.activated = in_force.opened_over(number, latitude_deg, longitude_deg, self._docket.tick_s)
        standing.zone = zone

    def _is_over(self, group: str, glance: Glance) -> bool:
        """The group is no more, or the track is in it by place and height but it is not in force."""
        number = self._docket.in_force.number.get(group)
        return number is None or glance.waiting(number)

    def _exempted(self, tracks: Tracks, sight: Sight) -> Booleans:
        """Tracks inside a zone that lifts what others ask."""
        catalogue = self._docket.in_force.catalogue
        exempted = np.zeros(len(tracks), dtype=np.bool_)
        if catalogue.has_exempting:
            within = sight.inside & catalogue.exempting[catalogue.index.zone[sight.volume]]
            exempted[sight.row[within]] = True
        return exempted

    def _changed(self, tracks: Tracks, sight: Sight, exempted: Booleans) -> Booleans:
        """Tracks for which anything that their verdicts rest on is not as it was at the tick before.

        One number for each (track, group) says it all: the strongest zone, and the track's own circumstances.
        """
        key = tracks.number[sight.group_row] * MOST_GROUPS + sight.group
        circumstances = self._circumstances(tracks, sight, exempted)
        now = (sight.strongest + 1) * _MOST_CIRCUMSTANCES + circumstances[sight.group_row]
        generation, keys, before = self._last
        place = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
        same = np.zeros(len(key), dtype=np.bool_)
        if len(keys) and generation == self._docket.in_force.generation:
            same = (keys[place] == key) & (before[place] == now)
        self._last = (self._docket.in_force.generation, key, now)
        standings = self._docket.standings
        steady = same & np.fromiter((each in standings.steady for each in key.tolist()), np.bool_, len(key))
        unchanged = np.bincount(sight.group_row[steady], minlength=len(tracks))
        moved: Booleans = unchanged != np.array(standings.counts(tracks.number.tolist()), dtype=np.intp)
        return moved

    def _basis(
        self, tracks: Tracks, sight: Sight, touches: Booleans, exempted: Booleans, rows: Sequence[int]
    ) -> list[tuple[Any, ...]]:
        """For each of the rows, everything but the zone that its verdicts rest on."""
        columns = (touches, tracks.uas_id, self._circumstances(tracks, sight, exempted))
        generation = self._docket.in_force.generation
        return [(generation, *values) for values in zip(*(column[rows].tolist() for column in columns), strict=True)]

    def _circumstances(self, tracks: Tracks, sight: Sight, exempted: Booleans) -> Bits:
        """What a verdict rests on beside zone, notices and name, as one number below ``_MOST_CIRCUMSTANCES``."""
        own = tracks.suspect + 2 * (np.abs(tracks.skew_s) > MOST_SKEW_S) + 4 * low_flying_30.above(sight.heights)
        own = own + 8 * exempted + 16 * tracks.eu_category.astype(np.int64) + 64 * tracks.eu_class.astype(np.int64)
        over = tracks.logged_s >= self._docket.in_force.book.lists.over_from_s
        packed: Bits = own + 512 * tracks.uas_id_type.astype(np.int64) + 4096 * over + 8192 * tracks.remarks
        return packed
