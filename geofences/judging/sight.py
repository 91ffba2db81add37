"""Where the tracks of a table are: in which airspace groups, at what height, and what they cut through on the way.

All of it for whole tables at once; what it says of a row depends on that row alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows, Source
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans, Tracks, TrackState
from geofences.catalogue import Catalogue
from geofences.heights.vertical import MESSAGES_ALONE, Heights, Levels
from geofences.notices.book import UNKNOWN_ACCURACY_M
from geofences.rules import height_120

CROSSING_GAP_S: Final = 10.0  # a longer gap says nothing of the way in between (handbook, trap 11)
CROSSING_SPEED_M_S: Final = 60.0
MOST_M_PER_DEG: Final = 111_700.0  # of latitude at the poles; a degree of longitude is nowhere longer
BOUNDS: Final = 2.0  # the 95 % bounds of both ends
SERIAL_WAIT_S: Final = 5.0  # legacy Bluetooth sends one message at a time: the serial may still come
NO_ZONE: Final = -1
_CONFIRMED: Final = int(TrackState.CONFIRMED)  # numpy compares with a plain number five times as fast
_COASTING: Final = int(TrackState.COASTING)
_ADSB: Final = int(Source.ADSB)  # aircraft with a crew: other rules, other judges
_NONE: Final[Rows] = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Pairs (row, volume) that hold a row's place, sorted by row; and of these, per (row, group), the strongest zone.

    The group after the last is the height over 120 m, which has no zone. ``inside`` pairs are in their height band and
    in force, ``waiting`` ones in their band but not in force.
    """

    heights: Heights
    row: Rows
    volume: Rows
    inside: Booleans
    waiting: Booleans
    group_row: Rows
    group: Rows
    strongest: Rows
    cut_row: Rows
    cut_volume: Rows


def judged(rows: Tracks) -> Booleans:
    """Rows with a position, of drones that are confirmed, and that had time to say who they are."""
    told_of = (rows.state == _CONFIRMED) | (rows.state == _COASTING)
    kept: Booleans = rows.fix & told_of & ~np.isnan(rows.latitude_deg) & (rows.source != _ADSB)
    young = np.flatnonzero(rows.logged_s < rows.first_seen_s + SERIAL_WAIT_S)
    if len(young):
        kept[young] &= [each is not None for each in rows.uas_id[young].tolist()]
    return kept


def look(
    catalogue: Catalogue, tracks: Tracks, flying: Booleans, *, ways: bool, levels: Levels = MESSAGES_ALONE
) -> Sight:
    """What the flying rows of a table see; ``ways`` also asks what they cut since the fix before."""
    heights = levels.of(tracks)
    latitude = np.where(flying, tracks.latitude_deg, np.nan)
    row, volume = catalogue.index.pairs(latitude, tracks.longitude_deg)
    zone = catalogue.index.zone[volume]
    band = catalogue.in_band(heights, row, volume)
    in_force = catalogue.schedules.active(zone, tracks.logged_s[row])
    inside = band & in_force
    group_row, group, strongest = _strongest(catalogue, row[inside], zone[inside])
    high = np.flatnonzero(height_120.above(heights) & flying)
    if len(high):
        group_row, group, strongest = _with_height(catalogue, high, group_row, group, strongest)
    cut_row, cut_volume = _cut(catalogue, tracks, flying, heights) if ways else (_NONE, _NONE)
    return Sight(
        heights=heights,
        row=row,
        volume=volume,
        inside=inside,
        waiting=band & ~in_force,
        group_row=group_row,
        group=group,
        strongest=strongest,
        cut_row=cut_row,
        cut_volume=cut_volume,
    )


def _strongest(catalogue: Catalogue, row: Rows, zone: Rows) -> tuple[Rows, Rows, Rows]:
    """(row, group, strongest zone) once for each row and group."""
    key = row * len(catalogue.groups) + catalogue.group[zone]
    rank = catalogue.rank[zone]
    order = np.lexsort((rank, key))
    key = key[order]
    first = np.ones(len(key), dtype=np.bool_)
    first[1:] = key[1:] != key[:-1]
    chosen = order[first]
    return row[chosen], catalogue.group[zone[chosen]], zone[chosen]


def _with_height(catalogue: Catalogue, high: Rows, row: Rows, group: Rows, zone: Rows) -> tuple[Rows, Rows, Rows]:
    row = np.concatenate((row, high))
    order = np.argsort(row, kind="stable")
    group = np.concatenate((group, np.full(len(high), len(catalogue.groups), dtype=np.intp)))
    zone = np.concatenate((zone, np.full(len(high), NO_ZONE, dtype=np.intp)))
    return row[order], group[order], zone[order]


def _cut(catalogue: Catalogue, tracks: Tracks, flying: Booleans, heights: Heights) -> tuple[Rows, Rows]:
    """(row, volume) in band and in force that the way from the fix before cut, both ends outside.

    A way shorter than the 95 % bounds of its two ends together is no evidence: a corner is not crossed by jitter.
    """
    way_m = np.abs(tracks.latitude_deg - tracks.previous_latitude_deg)
    way_m += np.abs(tracks.longitude_deg - tracks.previous_longitude_deg)
    way_m *= MOST_M_PER_DEG  # never shorter than the way itself, and cheap
    near = way_m <= BOUNDS * tracks.horizontal_accuracy_m
    way = np.flatnonzero(flying & ~near & (tracks.gap_s <= CROSSING_GAP_S))
    if not len(way):
        return _NONE, _NONE
    gap_s, accuracy_m = tracks.gap_s[way], tracks.horizontal_accuracy_m[way]
    blur_m = np.where(np.isnan(accuracy_m), UNKNOWN_ACCURACY_M, accuracy_m) * BOUNDS
    length_m = _length_m(tracks, way)
    way = way[(gap_s > 0) & (length_m > blur_m) & (length_m <= CROSSING_SPEED_M_S * gap_s)]
    if not len(way):
        return _NONE, _NONE
    ends = np.column_stack(
        (
            tracks.previous_longitude_deg[way],
            tracks.previous_latitude_deg[way],
            tracks.longitude_deg[way],
            tracks.latitude_deg[way],
        )
    )
    nth, volume = catalogue.index.crossings(ends)
    if not len(nth):
        return _NONE, _NONE
    row = way[nth]
    kept = catalogue.in_band(heights, row, volume)
    kept &= catalogue.schedules.active(catalogue.index.zone[volume], tracks.logged_s[row])
    return row[kept], volume[kept]


def _length_m(tracks: Tracks, rows: Rows) -> Numbers:
    latitude_deg = tracks.latitude_deg[rows]
    north_m, east_m = metres_per_degree(latitude_deg)
    return np.hypot(
        (latitude_deg - tracks.previous_latitude_deg[rows]) * north_m,
        (tracks.longitude_deg[rows] - tracks.previous_longitude_deg[rows]) * east_m,
    )
