"""The work on the bearings of one instant of one sensor: to emitters with a place, then to directions of the sensor.

A bearing goes to one emitter, the nearest in standard deviations first.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from airspace.tracking.unidentified.association import CHANNEL_SLACK_HZ, OTHER_CHANNEL_COST, other_channel
from airspace.tracking.unidentified.bearings import MAX_SIGMA_DEG, innovation
from airspace.tracking.unidentified.emitter import TURNING_DEG2_S, Emitter
from airspace.tracking.unidentified.explanation import ANGLE_GATE
from airspace.tracking.unidentified.places import BIAS_SHARE, Places
from airspace.tracking.unidentified.roster import HEARD_S
from airspace.tracking.unidentified.turn import Turn

KEY_GATE: Final = 6.0**2  # a sensor that names its emitters knows them better than our gate
OWN_KEY_GAIN: Final = 100.0  # comes before any nearness
TIE: Final = 1.0  # squared sigmas by which the emitter may fit worse than the track that explains the bearing
TENTATIVE_COST: Final = 50.0  # confirmed ones choose first
LINEAR_DEG: Final = 30.0  # a place that is seen this wide is too near to be moved by a bearing
_NOTHING: Final = np.array(None)


def work_lines(turn: Turn, plain: Rows, explained: Rows) -> None:
    """Bearings that no identified track explains, and bearings that one does."""
    for row in explained.tolist():
        turn.tell(row, track=int(turn.known.number[turn.by[row]]))
    if len(turn.roster.bank):
        time_s = float(turn.rows.time_s[(plain if len(plain) else explained)[0]])
        places = turn.roster.places(time_s)
        everybody = np.ones((len(plain), len(turn.roster.bank)), dtype=np.bool_)
        fed = _feed_places(turn, plain, places, everybody, time_s)
        plain = plain[turn.owner[plain] < 0]
        if len(explained):
            established = turn.established(time_s, explained)
            established[:, fed] = False
            _feed_places(turn, explained, places, established, time_s)
    if len(plain):
        _feed_directions(turn, plain)


def _feed_places(turn: Turn, part: Rows, places: Places, allowed: Booleans, time_s: float) -> Rows:
    """Give bearings to emitters with a place, one to one, the nearest first; the rows of the bank that got one."""
    rows = turn.rows
    columns = (rows.from_latitude_deg, rows.from_longitude_deg, rows.bearing_deg, rows.sigma_deg)
    covariance_m2 = np.moveaxis(places.covariance_m2[[0, 1, 1, 2]], 1, 0).reshape(-1, 2, 2)
    seen = innovation(
        places.latitude_deg, places.longitude_deg, covariance_m2, *(column[part, np.newaxis] for column in columns)
    )
    distance2 = (seen.residual_deg / seen.sigma_deg) ** 2
    too_far = seen.distance_m - 3.0 * np.sqrt(places.major_m2) > rows.range_m[part, np.newaxis]
    limit = np.minimum(ANGLE_GATE, ANGLE_GATE * turn.misfit[part] + TIE)[:, np.newaxis]
    good = allowed & (distance2 <= limit) & ~too_far & (rows.sigma_deg[part] <= MAX_SIGMA_DEG)[:, np.newaxis]
    of, track = np.nonzero(good)
    if not len(of):
        return track
    pairs = _nearest_first(of, track, distance2[of, track] + _unlikeness(turn, track, part[of]))
    of, track = of[pairs], track[pairs]
    linear = seen.sigma_deg[of, track] <= LINEAR_DEG
    some = part[of[linear]]
    turn.roster.bank.update_bearing(
        track[linear],
        rows.from_latitude_deg[some],
        rows.from_longitude_deg[some],
        rows.bearing_deg[some],
        np.sqrt(1.0 - BIAS_SHARE) * rows.sigma_deg[some],
        time_s,
    )
    turn.hear(track, part[of])
    numbers = turn.roster.ledger.number
    for at, row in zip(track.tolist(), part[of].tolist(), strict=True):
        turn.roster.weigh_bias(at, float(places.latitude_deg[at]), float(places.longitude_deg[at]), time_s - HEARD_S)
        turn.tell(row, emitter=int(numbers[at]))
    return track


def _unlikeness(turn: Turn, track: Rows, rows: Rows) -> Numbers:
    """What the sensor's name for them and the channel add to the cost of pairs, and that an emitter is tentative."""
    bank, heard, seen = turn.roster.bank, turn.roster.heard, turn.rows
    cost = np.where(bank.confirmed[track], 0.0, TENTATIVE_COST)
    entry = heard.find(bank.number[track], seen.sensor[rows])
    known = entry >= 0
    entry, of = entry[known], rows[known]
    key, own = seen.key[of], heard.key[entry]
    named = np.where(key == own, -OWN_KEY_GAIN, OTHER_CHANNEL_COST)
    cost[known] += np.where((key == _NOTHING) | (own == _NOTHING), 0.0, named)
    widths_hz = np.nan_to_num(seen.bandwidth_hz[of]) + np.nan_to_num(heard.bandwidth_hz[entry])
    cost[known] += other_channel(seen.frequency_hz[of] - heard.frequency_hz[entry], widths_hz)
    return cost


def _feed_directions(turn: Turn, part: Rows) -> None:
    """The same with what is known by its direction only; what nobody takes opens directions."""
    here = turn.directions.setdefault(int(turn.rows.sensor[part[0]]), [])
    found = [
        (of, at, distance2)
        for of, row in enumerate(part.tolist())
        for at, emitter in enumerate(here)
        if (distance2 := _misfit(turn, emitter, row)) is not None
    ]
    ends = np.array([(of, at) for of, at, _ in found], dtype=np.intp).reshape(-1, 2)
    for pair in _nearest_first(ends[:, 0], ends[:, 1], np.array([cost for _, _, cost in found])).tolist():
        turn.point(here[found[pair][1]], int(part[found[pair][0]]))
    for row in part[turn.owner[part] < 0].tolist():
        emitter = turn.roster.open_direction(turn.rows, row)
        if emitter is not None:
            turn.opened.append(emitter.number)
            here.append(emitter)
            turn.point(emitter, row)


def _misfit(turn: Turn, emitter: Emitter, row: int) -> float | None:
    """Squared sigmas between a bearing and a direction, less what else speaks for it; None outside the gate."""
    said = turn.said[row]
    spread = emitter.angle_deg2 + TURNING_DEG2_S * abs(said.time_s - emitter.last_seen_s)
    apart_deg = math.remainder(said.bearing_deg - emitter.angle_deg, 360.0)
    distance2 = apart_deg * apart_deg / (spread + said.sigma_deg * said.sigma_deg)
    if distance2 > KEY_GATE:
        return None
    last = emitter.last  # of this sensor, as a direction has one
    both_named = said.key is not None and last.key is not None
    if both_named and said.key != last.key:
        return None
    if distance2 > (KEY_GATE if both_named else ANGLE_GATE):
        return None
    widths_hz = sum(width_hz for width_hz in (said.bandwidth_hz, last.bandwidth_hz) if not math.isnan(width_hz))
    if abs(said.frequency_hz - last.frequency_hz) > widths_hz / 2.0 + CHANNEL_SLACK_HZ:  # as ``other_channel`` has it
        distance2 += OTHER_CHANNEL_COST
    return distance2 - OWN_KEY_GAIN * both_named + TENTATIVE_COST * (not emitter.confirmed)


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
