"""The judge's room for rules that hold everywhere, looked at tick by tick: sight, Remote ID, conformance.

Nothing of it costs anything between two ticks, and a tick is an entry of the log like any other. A rule measures a
level for each live track (rules/scene.py); a level counts once it was so for the rule's seconds and sightings
without a break, and is over once it was not for as long as the rule says. Time is the time at which the drone was
heard: while it is silent nothing is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import TrackRow, Tracks
from airspace.model.verdict import Reason, Verdict
from geofences.heights.vertical import Heights
from geofences.judging.docket import Docket
from geofences.judging.sight import judged
from geofences.judging.standing import Told
from geofences.judging.weighing import Height, Matter, Measure, over, skewed, verdict, weigh
from geofences.notices.book import HEIGHT_SIGMA_M, OwnNotice, sigma_m
from geofences.rules import WATCHED, Watched
from geofences.rules.case import NO_TALLY, Tally
from geofences.rules.scene import CANNOT_SAY, Scene, nameless

LEVELS: Final = 2


@dataclass(slots=True)
class _Threshold:
    """Whether a level is reached, and since when what is measured says otherwise: (time, sightings)."""

    on: bool = False
    since: tuple[float, int] | None = None

    def take(self, *, so: bool, now_s: float, sightings: int, least_s: float, least_sightings: int) -> None:
        if so is self.on:
            self.since = None
            return
        if self.since is None:
            self.since = now_s, sightings
        since_s, first = self.since
        if now_s - since_s >= least_s and sightings - first + 1 >= least_sightings:
            self.on, self.since = so, None


@dataclass(slots=True)
class _Watching:
    """One track under one rule."""

    flight_id: str | None
    heard_s: float = float("-inf")
    thresholds: tuple[_Threshold, ...] = field(default_factory=lambda: tuple(_Threshold() for _ in range(LEVELS)))
    tally: Tally = NO_TALLY
    told: Told | None = None
    basis: tuple[Any, ...] = ()

    @property
    def level(self) -> int:
        """The highest level reached."""
        return max((number for number, each in enumerate(self.thresholds, start=1) if each.on), default=0)

    @property
    def idle(self) -> bool:
        """Nothing reached, nothing under way."""
        return not any(each.on or each.since for each in self.thresholds)

    def count(self, *, within: bool, now_s: float) -> None:
        """One more sample of the flight."""
        before = self.tally
        leaves = not within and before.since_s is None
        self.tally = Tally(
            samples=before.samples + 1,
            within=before.within + within,
            departures=before.departures + leaves,
            since_s=None if within else now_s if leaves else before.since_s,
        )


class Watch:
    """All tracks under all rules of ``WATCHED``."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._of: tuple[dict[int, _Watching], ...] = tuple({} for _ in WATCHED)

    def judge(self, live: Tracks) -> list[Verdict]:
        """What changed with this tick."""
        rows = np.flatnonzero(judged(live) | nameless(live))
        if not len(rows):
            return []
        tracks = live if len(rows) == len(live) else live.take(rows)
        heights = self._docket.in_force.levels.of(tracks)
        scene = Scene(tracks=tracks, outside_m=self._outside_m(tracks, heights))
        verdicts: list[Verdict] = []
        for watched, watching in zip(WATCHED, self._of, strict=True):
            level, metres = watched.measure(scene)
            level = np.where(tracks.airborne, level, 0) if watched.in_the_air else level
            known = np.isin(tracks.number, list(watching)) if watching else np.zeros(len(tracks), dtype=np.bool_)
            counted = (level == 0) & tracks.airborne if watched.counts else known
            for row in np.flatnonzero((level > 0) | known | counted).tolist():
                verdicts += self._take(watched, watching, tracks, heights, row, int(level[row]), float(metres[row]))
        return verdicts

    def forget(
        self, track: TrackRow, logged_s: float, reason: Reason, evidence: dict[str, Any], seq: int
    ) -> list[Verdict]:
        """The track is no more."""
        verdicts: list[Verdict] = []
        for watched, watching in zip(WATCHED, self._of, strict=True):
            one = watching.pop(track.number, None)
            if one is not None and one.told is not None:
                was = evidence | {"was": one.told[1].value}
                verdicts.append(over(_matter(watched), track, logged_s, reason, was, seq))
        return verdicts

    def _take(
        self,
        watched: Watched,
        watching: dict[int, _Watching],
        tracks: Tracks,
        heights: Heights,
        row: int,
        level: int,
        metres: float,
    ) -> list[Verdict]:
        number, flight_id = int(tracks.number[row]), tracks.flight_id[row]
        one = watching.get(number)
        if one is None or (flight_id is not None and one.flight_id not in {None, flight_id}):
            one = watching[number] = _Watching(flight_id=flight_id)
        now_s = float(tracks.last_seen_s[row])
        if level == CANNOT_SAY or now_s <= one.heard_s:
            return []
        one.heard_s, one.flight_id = now_s, flight_id or one.flight_id
        if watched.counts and tracks.airborne[row]:
            one.count(within=level == 0, now_s=now_s)
        sightings = int(tracks.sightings[row])
        for reached, threshold in enumerate(one.thresholds, start=1):
            off_s = watched.off_s if tracks.airborne[row] else 0.0  # on the ground it is over at once
            least = (off_s, 1) if threshold.on else (watched.on_s[reached - 1], watched.rule.least_fixes)
            threshold.take(
                so=level >= reached, now_s=now_s, sightings=sightings, least_s=least[0], least_sightings=least[1]
            )
        if one.level == 0:
            return self._let_go(watched, watching, one, tracks, row)
        return self._tell(watched, one, tracks, heights, row, metres)

    def _let_go(
        self, watched: Watched, watching: dict[int, _Watching], one: _Watching, tracks: Tracks, row: int
    ) -> list[Verdict]:
        told, one.told, one.basis = one.told, None, ()
        if one.idle and not (watched.counts and tracks.airborne[row]):
            del watching[int(tracks.number[row])]
        if told is None:
            return []
        track = tracks.row(row)
        landed = watched.in_the_air and not track.airborne
        reason = Reason.ON_THE_GROUND if landed else Reason.BACK_WITHIN_LIMIT
        return [over(_matter(watched), track, track.logged_s, reason, {"was": told[1].value})]

    def _tell(
        self, watched: Watched, one: _Watching, tracks: Tracks, heights: Heights, row: int, metres: float
    ) -> list[Verdict]:
        """The verdict, where anything that it rests on changed, and it says something new."""
        basis = (
            one.level,
            self._docket.in_force.generation,
            bool(tracks.suspect[row]),
            int(tracks.remarks[row]),
            int(tracks.eu_category[row]),
            skewed(float(tracks.skew_s[row])),
        )
        if basis == one.basis:
            return []
        one.basis = basis
        track = tracks.row(row)
        height = Height(
            agl_m=float(heights.agl_m[row]), sigma_m=float(heights.sigma_m[row]), source=int(heights.source[row])
        )
        measure = Measure(level=one.level, metres=metres, tally=one.tally)
        weighed = weigh(self._docket.in_force, _matter(watched), track, height, track.logged_s, measure=measure)
        if weighed.told == one.told:
            return []
        one.told = weighed.told
        return [verdict(weighed, _matter(watched), track, height, track.logged_s, {})]

    def _outside_m(self, tracks: Tracks, heights: Heights) -> Numbers:
        """How far outside its own notice that is in force each track is, 0 inside; NaN where it has none."""
        outside_m = np.full(len(tracks), np.nan)
        book = self._docket.in_force.book
        touched = book.touches(tracks.latitude_deg, tracks.longitude_deg, tracks.uas_id)
        for row in np.flatnonzero(touched & tracks.airborne).tolist():
            track = tracks.row(row)
            own = book.own(track, track.logged_s, float(heights.agl_m[row]))
            if own:
                outside_m[row] = _least_outside_m(own, track, float(heights.sigma_m[row]))
        return outside_m


def _least_outside_m(own: Sequence[OwnNotice], track: TrackRow, height_sigma_m: float) -> float:
    """Of several notices the one that fits best; within one standard deviation is inside."""
    place_spare_m = sigma_m(track.horizontal_accuracy_m)
    height_spare_m = HEIGHT_SIGMA_M if np.isnan(height_sigma_m) else height_sigma_m
    return min(
        max(
            each.place_m if each.place_m > place_spare_m else 0.0,
            each.height_m if each.height_m > height_spare_m else 0.0,
        )
        for each in own
    )


def _matter(watched: Watched) -> Matter:
    return Matter(group=watched.group, rule=watched.rule, names=watched.names)
