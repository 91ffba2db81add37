"""Why a flight is judged as it is: every zone near, every rule that holds everywhere, each with its conditions.

A moment's answer, from the track as it was last heard: that a rule waits for a second fix or for some seconds is said
(``needs``), not counted. Whose flight it is stays out of the answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import metres_per_degree
from airspace.model.lines import number
from airspace.model.track import TrackRow, Tracks, unknown_tracks
from airspace.model.units import rfc3339
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Datum, Predicate, Zone, ZoneKind
from geofences.catalogue import Catalogue
from geofences.explanation import conditions as why
from geofences.explanation import sentence
from geofences.heights.vertical import MESSAGES_ALONE, Levels
from geofences.judging.in_force import InForce
from geofences.judging.weighing import Height, Matter, Measure, Weighed, weigh
from geofences.notices.book import HEIGHT_SIGMA_M, NoticeBook, sigma_m
from geofences.rules import WATCHED, Watched, height_120, low_flying_30
from geofences.rules.case import SIGMAS, Case
from geofences.rules.scene import CANNOT_SAY, Scene

NEAR_M: Final = 2_000.0  # zones farther away say nothing of this flight
MOST_ZONES: Final = 50
_STRENGTH: Final = {
    VerdictValue.VIOLATION: 5,
    VerdictValue.SUSPECTED: 4,
    VerdictValue.NOT_DECIDABLE: 3,
    VerdictValue.SITUATION: 2,
    VerdictValue.ALLOWED: 1,
}
_NAMING: Final = frozenset({Predicate.ALL_FORBIDDEN, Predicate.FOURTH_OF_MAY, Predicate.TEMPORARY})


class Explanation:
    """One flight at one moment, against one catalogue and one book."""

    def __init__(self, in_force: InForce, track: TrackRow, time_s: float) -> None:
        self._in_force = in_force
        self._catalogue = in_force.catalogue
        self._track = track
        self._time_s = time_s
        self._tracks = table_of(track)
        self._heights = in_force.levels.of(self._tracks)
        self._height = Height(
            agl_m=float(self._heights.agl_m[0]),
            sigma_m=float(self._heights.sigma_m[0]),
            source=int(self._heights.source[0]),
        )
        self._found = ({
            Datum.AGL: self._height.agl_m,
            Datum.AMSL: float(self._heights.amsl_m[0]),
            Datum.WGS84: float(self._heights.wgs84_m[0]),
        },)  # fmt: skip
        spare_m = HEIGHT_SIGMA_M if math.isnan(self._height.sigma_m) else self._height.sigma_m
        self._match = in_force.book.nearest(track, self._height.agl_m, time_s, spare_m)
        self._signal = why.of_signal(track, time_s)
        passed = {each["name"]: each["passed"] for each in self._signal}
        self._confirmed = bool(passed["confirmed"])
        self._judged = bool(self._confirmed and passed["position"])

    def line(self) -> dict[str, Any]:
        """JSON-ready."""
        rules = [*self._zones(), self._over_120(), *(self._watched(each) for each in WATCHED)]
        rules.sort(key=_rank, reverse=True)
        nl, en = self._sentence(rules)
        return {
            "track_id": self._track.track_id,
            "flight_id": self._track.flight_id,
            "time": rfc3339(self._time_s),
            "sentence_nl": nl,
            "sentence_en": en,
            "latitude_deg": number(self._track.latitude_deg, 7),
            "longitude_deg": number(self._track.longitude_deg, 7),
            "position_sigma_m": number(sigma_m(self._track.horizontal_accuracy_m), 1),
            "height": why.heights_line(self._heights),
            "signal": self._signal,
            "notice": why.notice_line(self._match),
            "rules": [{name: value for name, value in rule.items() if name[0] != "_"} for rule in rules],
            "versions": why.versions_of(self._catalogue),
        }

    def _zones(self) -> list[dict[str, Any]]:
        if math.isnan(self._track.latitude_deg):
            return []
        volumes, margin_m = near(self._catalogue, self._track.latitude_deg, self._track.longitude_deg)
        heights = self._catalogue.in_band(self._heights, np.zeros(len(volumes), dtype=np.intp), volumes)
        zones = self._catalogue.index.zone[volumes]
        in_hours = self._catalogue.schedules.active(zones, np.full(len(zones), self._time_s))
        inside = (margin_m >= 0) & heights & in_hours
        exempting = [self._catalogue.zones[z] for z in zones[inside & self._catalogue.exempting[zones]].tolist()]
        best: dict[int, int] = {}  # of each zone the volume that holds the flight best
        for row in np.lexsort((-margin_m, ~inside)).tolist():
            best.setdefault(int(zones[row]), row)
        return [
            self._zone(zone, int(volumes[row]), float(margin_m[row]), applies=bool(inside[row]), exempting=exempting)
            for zone, row in list(best.items())[:MOST_ZONES]
        ]

    def _zone(
        self, zone_row: int, volume_row: int, margin_m: float, *, applies: bool, exempting: list[Zone]
    ) -> dict[str, Any]:
        zone, volume = self._catalogue.zones[zone_row], self._catalogue.index.volumes[volume_row]
        matter = Matter.of(zone.group, zone)
        met = [
            why.of_place(margin_m, sigma_m(self._track.horizontal_accuracy_m)),
            *why.of_band(volume, self._found, self._height.sigma_m),
            why.of_hours(zone, self._time_s),
            *self._asked_by(zone),
            why.of_notice(self._match),
        ]
        line = self._line(matter, met, applies=applies, exempting=exempting, margin_m=margin_m)
        return line | {
            "zone_id": zone.zone_id,
            "zone_name": zone.name,
            "zone_version": zone.version,
            "source": {version: source for source, version in self._catalogue.versions}.get(zone.version),
            "legal_basis": zone.legal_basis,
            "overrides": list(zone.overrides),
        }

    def _asked_by(self, zone: Zone) -> Iterator[why.Condition]:
        if zone.kind is ZoneKind.LEGAL and zone.predicate is Predicate.OPEN_MAX_30_M:
            yield why.of_height(low_flying_30.LIMIT_M, self._height.agl_m, self._height.sigma_m, SIGMAS)
        if zone.kind is ZoneKind.LEGAL and zone.predicate in _NAMING:
            named = Case(zone=zone, match=self._match).names_zone()
            yield why.condition(
                "named",
                named,
                "de melding noemt dit gebied" if named else "geen melding noemt dit gebied",
                "the notice names this area" if named else "no notice names this area",
            )

    def _over_120(self) -> dict[str, Any]:
        above = bool(height_120.above(self._heights)[0])
        met = [
            why.of_height(height_120.LIMIT_M, self._height.agl_m, self._height.sigma_m, SIGMAS),
            why.of_notice(self._match),
        ]
        return self._line(Matter.of(height_120.GROUP, None), met, applies=above)

    def _watched(self, watched: Watched) -> dict[str, Any]:
        outside_m = np.array([self._outside_m()])
        level, metres = watched.measure(Scene(tracks=self._tracks, outside_m=outside_m))
        said = int(level[0])
        if watched.on_s[0] != watched.on_s[1]:
            said = min(said, 1)  # the second level is a matter of time, and this is a moment
        far_m = float(metres[0])
        far = "" if math.isnan(far_m) else why.metres(far_m)
        met = why.condition(
            "measured",
            None if said == CANNOT_SAY else said > 0,
            f"gemeten: {far.replace('.', ',')}" if far else "niet te meten" if said == CANNOT_SAY else "nagekeken",
            f"measured: {far}" if far else "cannot be measured" if said == CANNOT_SAY else "looked at",
            by=None if math.isnan(far_m) else far_m,
            unit="" if math.isnan(far_m) else "m",
        )
        matter = Matter(group=watched.group, rule=watched.rule, names=watched.names)
        measure = Measure(level=max(said, 1), metres=far_m)
        asked = self._confirmed if not watched.in_the_air else None
        return self._line(matter, [met, why.of_notice(self._match)], applies=said > 0, measure=measure, asked=asked)

    def _outside_m(self) -> float:
        own = self._in_force.book.own(self._track, self._time_s, self._height.agl_m)
        return min((max(0.0, each.place_m, each.height_m) for each in own), default=math.nan)

    def _line(
        self,
        matter: Matter,
        met: list[why.Condition],
        *,
        applies: bool,
        exempting: list[Zone] | None = None,
        measure: Measure | None = None,
        margin_m: float | None = None,
        asked: bool | None = None,
    ) -> dict[str, Any]:
        if asked is None:
            asked = self._judged and self._track.airborne
        weighed = self._weighed(matter, exempting or [], measure) if applies and asked else None
        finding = None if weighed is None else weighed.finding
        return {
            "rule": matter.rule.name,
            "rule_version": matter.rule.version,
            "article": matter.rule.article or None,
            "group": matter.group,
            "group_name_nl": matter.names[0],
            "group_name_en": matter.names[1],
            "zone_id": None,
            "applies": applies,
            "verdict": None if finding is None else finding.value.value,
            "reason": None if finding is None else finding.reason.value,
            "conditions": met,
            "needs": why.needs(matter.rule),
            "evidence": {} if finding is None else finding.evidence,
            "_names": matter.names,
            "_margin_m": margin_m,
            "_restriction": 0 if matter.zone is None else int(matter.zone.restriction),
        }

    def _weighed(self, matter: Matter, exempting: list[Zone], measure: Measure | None) -> Weighed:
        return weigh(
            self._in_force, matter, self._track, self._height, self._time_s, exempting=exempting, measure=measure
        )

    def _sentence(self, rules: list[dict[str, Any]]) -> sentence.Pair:
        first = rules[0]
        if _strength(first):
            return sentence.of_finding(
                VerdictValue(first["verdict"]),
                Reason(first["reason"]),
                first["_names"],
                first["_margin_m"],
                self._height.agl_m,
                self._match,
            )
        away = [(each["_names"], -each["_margin_m"]) for each in rules if _only_place_lacks(each)]
        return sentence.of_nothing(min((one for one in away if one[1] > 0), key=lambda one: one[1], default=None))


def explain(
    catalogue: Catalogue,
    book: NoticeBook,
    track: TrackRow,
    time_s: float,
    *,
    uspace: bool = False,
    levels: Levels = MESSAGES_ALONE,
) -> dict[str, Any]:
    """JSON-ready: what every rule says of this flight now, each condition, by how much, and one sentence."""
    return Explanation(InForce(catalogue=catalogue, book=book, uspace=uspace, levels=levels), track, time_s).line()


def near(catalogue: Catalogue, latitude_deg: float, longitude_deg: float) -> tuple[Rows, Numbers]:
    """Volumes within ``NEAR_M`` of a point, and how far inside (outside: negative) the point is."""
    west, south, east, north = catalogue.index.shapes.bounds().reshape(-1, 4).T
    north_m, east_m = (float(each[0]) for each in metres_per_degree(np.array([latitude_deg])))
    up, aside = NEAR_M / north_m, NEAR_M / east_m
    close = (south - up <= latitude_deg) & (latitude_deg <= north + up)
    close &= (west - aside <= longitude_deg) & (longitude_deg <= east + aside)
    volumes: Rows = np.flatnonzero(close)
    margin_m = catalogue.index.margin_m(
        np.full(len(volumes), latitude_deg), np.full(len(volumes), longitude_deg), volumes
    )
    kept = margin_m >= -NEAR_M
    return volumes[kept], margin_m[kept]


def table_of(track: TrackRow) -> Tracks:
    """A table of one row."""
    kinds = unknown_tracks(0)
    columns = {}
    for name, value in track._asdict().items():
        columns[name] = np.empty(1, dtype=getattr(kinds, name).dtype)
        columns[name][0] = value
    return Tracks(**columns)


def _only_place_lacks(rule: dict[str, Any]) -> bool:
    """A zone that would hold the flight if it came nearer."""
    others = (each["passed"] for each in rule["conditions"] if each["name"] in {"floor", "ceiling", "hours"})
    return rule["_margin_m"] is not None and False not in others


def _rank(rule: dict[str, Any]) -> tuple[int, int, float]:
    """Strongest verdict first, of equals the stronger zone; what says nothing by distance."""
    margin_m = rule["_margin_m"]
    near_by = 0.0 if margin_m is None else 1.0 / (1.0 + abs(margin_m))
    return _strength(rule), rule["_restriction"] if _strength(rule) else 0, near_by


def _strength(rule: dict[str, Any]) -> int:
    """0 where the rule says nothing."""
    if rule["verdict"] is None or rule["reason"] == Reason.NO_ZONE:
        return 0
    return _STRENGTH[VerdictValue(rule["verdict"])]
