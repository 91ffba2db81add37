"""The work of one tick on the rows that waited for it: each instant of each sensor, in order of time.

In an instant, first the rows that no identified track explains choose among the emitters with a place, then the
bearings that are left among the directions of their sensor; what is still left opens emitters. A bearing goes to one
emitter, the nearest in standard deviations first, and an emitter gets one bearing of a sensor at an instant at most.

A row that an identified track explains feeds an emitter all the same where that emitter is established somewhere else
on the same line: confirmed, its place apart from the track's, and heard within the last ten seconds by another sensor
as no identified track; and where the row fits it about as well. So an identified drone that crosses the line of sight
does not starve a silent one behind it. The identified track has its own positions and loses nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.geodesy import metres_per_degree, turned
from airspace.model.track import Booleans
from airspace.tracking.unidentified.association import (
    CHANNEL_SLACK_HZ,
    OTHER_CHANNEL_COST,
    Candidates,
    Pairs,
    assign,
    candidates,
    chosen,
    distances2,
)
from airspace.tracking.unidentified.bearings import MAX_SIGMA_DEG, innovation
from airspace.tracking.unidentified.emitter import BIAS_SHARE, TURNING_DEG2_S, Emitter, said_by
from airspace.tracking.unidentified.explanation import ANGLE_GATE, PLACE_GATE, Known, squared_sigmas
from airspace.tracking.unidentified.roster import HEARD_S, Places, Roster
from airspace.tracking.unidentified.scan import Scan
from airspace.tracking.unidentified.sightings import Sightings

WITNESS_S: Final = 10.0
KEY_GATE: Final = 6.0**2  # a sensor that names its emitters knows them better than our gate
OWN_KEY_GAIN: Final = 100.0  # comes before any nearness
TIE: Final = 1.0  # squared sigmas by which the emitter may fit worse than the track that explains the bearing
TENTATIVE_COST: Final = 50.0  # confirmed ones choose first
LINEAR_DEG: Final = 30.0  # a place that is seen this wide is too near to be moved by a bearing


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A bearing that went to somebody with a place: for directions that starve since."""

    bearing_deg: float
    sigma_deg: float
    track: int  # number of the identified track, -1: none
    emitter: int  # number of the emitter, -1: none


class Turn:
    """One tick's rows, and to whom they went."""

    def __init__(
        self, roster: Roster, rows: Sightings, known: Known, by: Rows, misfit: Numbers, near: Booleans
    ) -> None:
        self.roster, self.rows, self.known = roster, rows, known
        self.by, self.misfit, self.near = by, misfit, near  # the place of ``known`` that explains each row, -1: none
        self.said = said_by(rows)
        self.owner: Bits = np.full(len(rows), -1, dtype=np.int64)
        self.opened: list[int] = []
        self.told: dict[int, list[Told]] = {}  # by sensor
        self._directions: dict[int, list[Emitter]] = {}
        for emitter in roster.emitters.values():
            emitter.updated = emitter.witnessed = False
            if emitter.place is None:
                self._directions.setdefault(emitter.sensor, []).append(emitter)

    def work(self, part: Rows) -> None:
        """One instant of one sensor."""
        placed = self.rows.placed[part]
        explained = self.by[part] >= 0
        if placed.any():
            self._work_places(part[placed & ~explained], part[placed & explained])
        if not placed.all():
            self._work_lines(part[~placed & ~explained], part[~placed & explained])

    # positions

    def _work_places(self, plain: Rows, explained: Rows) -> None:
        bank = self.roster.bank
        scan = _scan(self.rows, plain)
        pairs = assign(bank, scan)
        if len(explained) and len(bank):
            other = _scan(self.rows, explained)
            self._feed_places(explained, other, self._rescued(other, explained, bank.number[pairs.track]))
        self._feed_places(plain, scan, pairs)
        noise_m2 = scan.noise_m2
        alone = np.setdiff1d(np.arange(len(plain)), pairs.detection)
        for of in alone[~self.near[plain[alone]]].tolist():
            emitter = self._open(int(plain[of]))
            if emitter is not None:
                where = float(scan.latitude_deg[of]), float(scan.longitude_deg[of])
                self.roster.put(emitter, *where, noise_m2[of], scan.time_s)
                self._give(emitter, int(plain[of]))

    def _rescued(self, scan: Scan, explained: Rows, fed: Bits) -> Pairs:
        """Explained positions that an emitter established elsewhere is nearer to than the track that explains them."""
        bank = self.roster.bank
        near = candidates(bank, scan)
        track, detection = near.pairs
        distance2, _, _ = distances2(bank, scan, near.pairs, bank.places(scan.time_s, track))
        allowed = distance2 < PLACE_GATE * self.misfit[explained[detection]]
        allowed &= ~np.isin(bank.number[track], fed)
        allowed &= self._established(scan.time_s, explained)[detection, track]
        return chosen(bank, Candidates(Pairs(track[allowed], detection[allowed]), near.gain[allowed]))

    def _feed_places(self, part: Rows, scan: Scan, pairs: Pairs) -> None:
        track, of = pairs
        if not len(track):
            return
        bank, numbers = self.roster.bank, self.roster.numbers()
        fixes = scan.latitude_deg[of], scan.longitude_deg[of]
        bank.update_position(track, *fixes, scan.noise_m2[of], scan.time_s)
        bank.heard_on(track, self.rows.frequency_hz[part[of]], self.rows.bandwidth_hz[part[of]])
        for bank_row, row in zip(track.tolist(), part[of].tolist(), strict=True):
            self._give(self.roster.emitters[numbers[bank_row]], row)

    # bearings

    def _work_lines(self, plain: Rows, explained: Rows) -> None:
        for row in explained.tolist():
            self._tell(row, track=int(self.known.number[self.by[row]]))
        if len(self.roster.bank):
            time_s = float(self.rows.time_s[(plain if len(plain) else explained)[0]])
            places = self.roster.places(time_s)
            fed = self._feed_lines(plain, places, np.ones((len(plain), len(places.number)), dtype=np.bool_), time_s)
            plain = plain[self.owner[plain] < 0]
            if len(explained):
                established = self._established(time_s, explained)
                established[:, fed] = False
                self._feed_lines(explained, places, established, time_s)
        if len(plain):
            self._feed_directions(plain)

    def _feed_lines(self, part: Rows, places: Places, allowed: Booleans, time_s: float) -> Rows:
        """Give bearings to emitters with a place, one to one, the nearest first; the rows of the bank that got one."""
        rows = self.rows
        columns = (rows.from_latitude_deg, rows.from_longitude_deg, rows.bearing_deg, rows.sigma_deg)
        seen = innovation(
            places.latitude_deg,
            places.longitude_deg,
            places.covariance_m2,
            *(column[part, np.newaxis] for column in columns),
        )
        distance2 = (seen.residual_deg / seen.sigma_deg) ** 2
        too_far = seen.distance_m - 3.0 * places.major_sigma_m > rows.range_m[part, np.newaxis]
        limit = np.minimum(ANGLE_GATE, ANGLE_GATE * self.misfit[part] + TIE)[:, np.newaxis]
        good = allowed & (distance2 <= limit) & ~too_far & (rows.sigma_deg[part] <= MAX_SIGMA_DEG)[:, np.newaxis]
        of, track = np.nonzero(good)
        emitters = [self.roster.emitters[number] for number in places.number[track].tolist()]
        cost = [
            distance2[a, b] + self._likeness(emitter, int(part[a]))
            for a, b, emitter in zip(of.tolist(), track.tolist(), emitters, strict=True)
        ]
        pairs = _nearest_first(of, track, np.array(cost))
        of, track = of[pairs], track[pairs]
        linear = seen.sigma_deg[of, track] <= LINEAR_DEG
        some = part[of[linear]]
        self.roster.bank.update_bearing(
            track[linear],
            rows.from_latitude_deg[some],
            rows.from_longitude_deg[some],
            rows.bearing_deg[some],
            np.sqrt(1.0 - BIAS_SHARE) * rows.sigma_deg[some],
            time_s,
        )
        for bank_row, row in zip(track.tolist(), part[of].tolist(), strict=True):
            emitter = self.roster.emitters[int(places.number[bank_row])]
            self._give(emitter, row)
            emitter.bias(places.latitude_deg[bank_row], places.longitude_deg[bank_row], time_s - HEARD_S)
            self._tell(row, emitter=emitter.number)
        return track

    def _feed_directions(self, part: Rows) -> None:
        """The same with what is known by its direction only; what nobody takes opens directions."""
        here = self._directions.setdefault(int(self.rows.sensor[part[0]]), [])
        found = [
            (of, at, distance2)
            for of, row in enumerate(part.tolist())
            for at, emitter in enumerate(here)
            if (distance2 := self._misfit(emitter, row)) is not None
        ]
        ends = np.array([(of, at) for of, at, _ in found], dtype=np.intp).reshape(-1, 2)
        for pair in _nearest_first(ends[:, 0], ends[:, 1], np.array([cost for _, _, cost in found])).tolist():
            self._point(here[found[pair][1]], int(part[found[pair][0]]))
        for row in part[self.owner[part] < 0].tolist():
            emitter = self._open(row)
            if emitter is not None:
                here.append(emitter)
                self._point(emitter, row)

    def _misfit(self, emitter: Emitter, row: int) -> float | None:
        """Squared sigmas between a bearing and a direction, less what else speaks for it; None outside the gate."""
        said = self.said[row]
        spread = emitter.angle_deg2 + TURNING_DEG2_S * abs(said.time_s - emitter.last_seen_s)
        apart_deg = math.remainder(said.bearing_deg - emitter.angle_deg, 360.0)
        distance2 = apart_deg * apart_deg / (spread + said.sigma_deg * said.sigma_deg)
        if distance2 > KEY_GATE:
            return None
        own = emitter.last.key
        if said.key is not None and own is not None and said.key != own:
            return None
        gate = KEY_GATE if said.key is not None and said.key == own else ANGLE_GATE
        return None if distance2 > gate else distance2 + self._likeness(emitter, row)

    def _point(self, emitter: Emitter, row: int) -> None:
        said = self.said[row]
        emitter.turn(said.time_s, said.bearing_deg, said.sigma_deg, emitter.last_seen_s)
        self._give(emitter, row)

    # both

    def _established(self, time_s: float, explained: Rows) -> Booleans:
        """(rows, emitters with a place): where an emitter stands on its own although a track explains the row."""
        places = self.roster.places(time_s)
        sensor = int(self.rows.sensor[explained[0]])
        own = [_has_witness(self.roster.emitters[number], sensor, time_s) for number in places.number.tolist()]
        of = self.by[explained]
        latitude_deg, longitude_deg, variance_m2 = (
            column[:, np.newaxis] for column in self.known.at(self.rows.time_s[explained], of)
        )
        return np.array(own, dtype=np.bool_) & (apart2(places, latitude_deg, longitude_deg, variance_m2) > PLACE_GATE)

    def _likeness(self, emitter: Emitter, row: int) -> float:
        """What the sensor's name for it and the channel add to the cost, and that it is tentative."""
        said = emitter.heard.get(int(self.rows.sensor[row]))
        cost = 0.0 if emitter.confirmed else TENTATIVE_COST
        if said is None:
            return cost
        now = self.said[row]
        if now.key is not None and said.key is not None:
            cost += -OWN_KEY_GAIN if now.key == said.key else OTHER_CHANNEL_COST
        widths_hz = (one.bandwidth_hz for one in (now, said) if not math.isnan(one.bandwidth_hz))
        if abs(now.frequency_hz - said.frequency_hz) > sum(widths_hz) / 2.0 + CHANNEL_SLACK_HZ:
            cost += OTHER_CHANNEL_COST
        return cost

    def _open(self, row: int) -> Emitter | None:
        emitter = self.roster.open(self.rows, row)
        if emitter is not None:
            self.opened.append(emitter.number)
        return emitter

    def _give(self, emitter: Emitter, row: int) -> None:
        self.owner[row] = emitter.number
        emitter.hear(self.rows, row, self.said[row], witness=bool(self.by[row] < 0))

    def _tell(self, row: int, *, track: int = -1, emitter: int = -1) -> None:
        said = self.said[row]
        told = Told(bearing_deg=said.bearing_deg, sigma_deg=said.sigma_deg, track=track, emitter=emitter)
        self.told.setdefault(int(self.rows.sensor[row]), []).append(told)


def apart2(places: Places, latitude_deg: Numbers, longitude_deg: Numbers, variance_m2: Numbers) -> Numbers:
    """Squared sigmas between emitters and places of identified tracks; shapes as numpy joins them."""
    north, east = metres_per_degree(places.latitude_deg)
    dx = turned(longitude_deg - places.longitude_deg) * east
    dy = (latitude_deg - places.latitude_deg) * north
    shown = places.shown_m2
    return squared_sigmas(dx, dy, shown[:, 0, 0] + variance_m2, shown[:, 0, 1], shown[:, 1, 1] + variance_m2)


def _has_witness(emitter: Emitter, sensor: int, time_s: float) -> bool:
    """Whether another sensor heard it lately as no identified track."""
    others = (at for other, at in emitter.witness_s.items() if other != sensor)
    return emitter.confirmed and any(abs(time_s - at) <= WITNESS_S for at in others)


def _nearest_first(left: Rows, right: Rows, cost: Numbers) -> Rows:
    """Indices of pairs, one to one, the cheapest first; of equals the first row's."""
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    kept = []
    for pair in np.lexsort((right, left, cost)).tolist():
        a, b = int(left[pair]), int(right[pair])
        if a not in taken_left and b not in taken_right:
            taken_left.add(a)
            taken_right.add(b)
            kept.append(pair)
    return np.array(sorted(kept), dtype=np.intp)


def _scan(rows: Sightings, part: Rows) -> Scan:
    return Scan(
        time_s=float(rows.time_s[part[0]]) if len(part) else 0.0,
        latitude_deg=rows.latitude_deg[part],
        longitude_deg=rows.longitude_deg[part],
        r_xx_m2=rows.r_xx_m2[part],
        r_xy_m2=rows.r_xy_m2[part],
        r_yy_m2=rows.r_yy_m2[part],
        frequency_hz=rows.frequency_hz[part],
        bandwidth_hz=rows.bandwidth_hz[part],
    )
