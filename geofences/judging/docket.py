"""What the rooms of the judge share: what is in force, how each track stands, and how a standing is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import TrackRow, Tracks
from airspace.model.verdict import Reason, Verdict
from airspace.model.zone import Zone
from geofences.judging.glance import Glance
from geofences.judging.in_force import InForce
from geofences.judging.sight import Sight
from geofences.judging.standing import Standing, Standings
from geofences.judging.weighing import Height, Matter, Weighed, over, verdict, weigh

SWITCHED: Final = "zone_activated"  # evidence: the zone came into force over the drone


@dataclass(slots=True, kw_only=True)
class Docket:
    """The judge's desk."""

    in_force: InForce
    standings: Standings = field(default_factory=Standings)
    tick_s: float = float("nan")  # the last tick

    def glances(self, tracks: Tracks, sight: Sight, rows: Sequence[int]) -> Sequence[Glance]:
        """A close look at each of some rows."""
        margin_m = self._margins_m(tracks, sight, rows)
        return [Glance(self.in_force.catalogue, tracks, sight, row, margin_m) for row in rows]

    def _margins_m(self, tracks: Tracks, sight: Sight, rows: Sequence[int]) -> Numbers:
        """How deep inside each volume that they are in these rows are, for all of them at once; else NaN."""
        margin_m = np.full(len(sight.row), np.nan)
        asked = np.zeros(len(tracks), dtype=np.bool_)
        asked[list(rows)] = True
        pairs = np.flatnonzero(sight.inside & asked[sight.row])
        if len(pairs):
            at = sight.row[pairs]
            margin_m[pairs] = self.in_force.catalogue.index.margin_m(
                tracks.latitude_deg[at], tracks.longitude_deg[at], sight.volume[pairs]
            )
        return margin_m

    def weigh(self, group: str, zone: Zone | None, track: TrackRow, glance: Glance, standing: Standing) -> Weighed:
        """What the zone's rule says of the flight now."""
        return weigh(
            self.in_force,
            Matter.of(group, zone),
            track,
            height_of(glance),
            glance.logged_s,
            exempting=glance.exempting(),
            allowed_by=standing.allowed_by,
        )

    def tell(self, group: str, standing: Standing, glance: Glance) -> list[Verdict]:
        """The verdict on a track inside a group, unless it says what was said before, or nothing at all."""
        track = glance.track()
        weighed = self.weigh(group, standing.zone, track, glance, standing)
        if standing.told is None and weighed.finding.reason is Reason.NO_ZONE:
            return []
        if weighed.told == standing.told:
            return []
        standing.told = weighed.told
        evidence = self._evidence(group, glance)
        if standing.activated:
            evidence[SWITCHED] = True
        evidence["fixes_inside"] = track.fixes - standing.first_fix + 1
        matter = Matter.of(group, standing.zone)
        return [verdict(weighed, matter, track, height_of(glance), glance.logged_s, evidence)]

    def _evidence(self, group: str, glance: Glance) -> dict[str, Any]:
        """All zones of the group that the drone is in, and how deep."""
        number = self.in_force.number[group]
        margin_m = glance.margin_m(number)
        if margin_m is None:
            return {}
        catalogue = self.in_force.catalogue
        zones = catalogue.index.zone[glance.volumes(number)].tolist()
        return {
            "zones": list(dict.fromkeys(catalogue.zones[zone].zone_id for zone in zones)),
            "margin_m": round(margin_m, 1),
            "position_sigma_m": round(glance.position_sigma_m, 1),
        }


def height_of(glance: Glance) -> Height:
    """The height at a row."""
    return Height(agl_m=glance.agl_m, sigma_m=glance.height_sigma_m, source=glance.height_source)


def ended(
    group: str,
    standing: Standing,
    track: TrackRow,
    logged_s: float,
    reason: Reason,
    evidence: dict[str, Any] | None = None,
    seq: int | None = None,
) -> list[Verdict]:
    """What ends a standing, if anything was told of it."""
    if standing.told is None:
        return []
    was = (evidence or {}) | {"was": standing.told[1].value}
    return [over(Matter.of(group, standing.zone), track, logged_s, reason, was, seq)]
