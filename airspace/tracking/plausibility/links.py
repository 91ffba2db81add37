"""Links: which track is heard by which receiver over which transport, when last, from how far, and how loudly.

One row a link, sorted by key (track, receiver, transport); no link is older than ``KEPT_S``. For the levels each link
keeps sums over cells: squares of ``CELL_M`` of the claimed way within which shadowing is one and the same (Gudmundson
1991, Electronics Letters 27(23): correlated over tens of metres in towns). A cell counts once, however many messages
came in it and however often the claim comes back to it: the same houses shadow it the same way. After ``MOST_CELLS``
the sums begin anew.

A cell in which this receiver heard less than half as much as the one that heard most is left out: what comes through at
the edge of reach is what was loud by chance, and would make an honest level look flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, Rows
from airspace.model.geodesy import metres_per_degree
from airspace.model.track import Booleans
from airspace.tracking.columns import known

MAX_LINKS: Final = 200_000  # 20,000 tracks and ten receivers: 27 MB
KEPT_S: Final = 120.0
CELL_M: Final = 50.0
MOST_CELLS: Final = 48
HALF: Final = 0.5  # of what the receiver with the best ear heard
NEAREST_M: Final = 50.0  # nearer than this a receiver is overdriven and height decides the distance
_SENSORS: Final = 64
_TRANSPORTS: Final = 16
_BITS: Final = 61  # a prime: cells along any line fall on different bits
_EASTWARD: Final = 9
_NORTHWARD: Final = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Rows of live tracks since the last tick, each one's in log order. ``distance_m``: receiver to claimed place."""

    number: Bits
    sensor: Bits
    transport: Bits
    latitude_deg: Numbers
    longitude_deg: Numbers
    distance_m: Numbers
    slant_m: Numbers  # the same, with the height that the claim states
    beyond: Booleans  # farther than radio reaches
    rssi_dbm: Numbers

    def __len__(self) -> int:
        return len(self.number)


class Links:
    """All links of live tracks; ``key`` sorted, the columns beside it."""

    def __init__(self) -> None:
        self.key: Bits = np.empty(0, dtype=np.int64)
        self._columns: Numbers = np.empty((_COLUMNS, 0))
        self._cells: Bits = np.empty((2, 0), dtype=np.int64)  # the cell it is in, bits of those that were counted

    def __len__(self) -> int:
        return len(self.key)

    @property
    def number(self) -> Bits:
        """Of the track."""
        return self.key // (_SENSORS * _TRANSPORTS)

    @property
    def sensor(self) -> Bits:
        """Of the receiver."""
        return self.key // _TRANSPORTS % _SENSORS

    @property
    def transport(self) -> Bits:
        """``Transport``."""
        return self.key % _TRANSPORTS

    @property
    def heard_s(self) -> Numbers:
        """Tick after which it was heard last."""
        heard_s: Numbers = self._columns[_HEARD_S]
        return heard_s

    @property
    def distance_m(self) -> Numbers:
        """From the receiver to the place claimed last; NaN before one was."""
        distance_m: Numbers = self._columns[_DISTANCE_M]
        return distance_m

    @property
    def beyond(self) -> Numbers:
        """Rows in a row that were heard from beyond the reach of radio."""
        rows: Numbers = self._columns[_BEYOND]
        return rows

    @property
    def beyond_since_s(self) -> Numbers:
        """Tick after which they began; NaN for none."""
        since_s: Numbers = self._columns[_BEYOND_SINCE_S]
        return since_s

    @property
    def sums(self) -> Numbers:
        """Over the cells of each link: how many, x, y, xx, xy, yy (x: log10 of the distance in metres, y: level)."""
        return self._columns[_SUMS]

    def update(self, heard: Heard, tick_s: float, live: Bits) -> bool:
        """Take in what was heard until a tick; whether any cell came to count. ``live``: track numbers, sorted."""
        self._prune(tick_s, live)
        if not len(heard):
            return False
        key = (heard.number * _SENSORS + heard.sensor) * _TRANSPORTS + heard.transport
        self._open(np.unique(key))
        at = np.searchsorted(self.key, key)
        told = np.take(self.key, at, mode="clip") == key  # the others found no room
        self._columns[_HEARD_S, at[told]] = tick_s
        told &= known(heard.distance_m)
        self._columns[_DISTANCE_M, at[told]] = heard.distance_m[told]  # of several rows the last stands
        self._reach(at, told, heard.beyond, tick_s)
        told &= known(heard.rssi_dbm)
        return self._levels(at[told], told, heard)

    def _prune(self, tick_s: float, live: Bits) -> None:
        number = self.number
        kept = self.heard_s >= tick_s - KEPT_S
        if len(live):
            kept &= np.take(live, np.searchsorted(live, number), mode="clip") == number
        else:
            kept[:] = False
        if not kept.all():
            self.key, self._columns, self._cells = self.key[kept], self._columns[:, kept], self._cells[:, kept]

    def _open(self, keys: Bits) -> None:
        at = np.searchsorted(self.key, keys)
        new = keys[np.take(self.key, at, mode="clip") != keys] if len(self.key) else keys
        new = new[: MAX_LINKS - len(self.key)]
        if not len(new):
            return
        grown = np.union1d(self.key, new)
        before = np.searchsorted(grown, self.key)
        columns, cells = np.zeros((_COLUMNS, len(grown))), np.zeros((2, len(grown)), dtype=np.int64)
        columns[[_DISTANCE_M, _BEYOND_SINCE_S]] = np.nan
        columns[:, before], cells[:, before] = self._columns, self._cells
        self.key, self._columns, self._cells = grown, columns, cells

    def _reach(self, at: Rows, told: Booleans, beyond: Booleans, tick_s: float) -> None:
        """Count rows from beyond the reach of radio; one from within it begins the count anew."""
        rows, since_s = self.beyond, self.beyond_since_s
        if not (np.count_nonzero(beyond) or np.count_nonzero(rows)):
            return
        near, far = at[told & ~beyond], at[told & beyond]
        far = far[~np.isin(far, near)]
        rows[near], since_s[near] = 0.0, np.nan
        np.add.at(rows, far, 1.0)
        since_s[far] = np.fmin(since_s[far], tick_s)

    def _levels(self, at: Rows, told: Booleans, heard: Heard) -> bool:
        """Rows with distance and level, by their links: into the cells."""
        if not len(at):
            return False
        order = np.argsort(at, kind="stable")
        at, rows = at[order], np.flatnonzero(told)[order]
        start = np.flatnonzero(np.concatenate(([True], at[1:] != at[:-1])))
        last = rows[np.append(start[1:], len(at)) - 1]
        links = at[start]
        x = np.log10(np.maximum(heard.slant_m[rows], NEAREST_M))
        count = np.diff(np.append(start, len(at))).astype(np.float64)
        counted = self._close(links, _cell_at(heard.latitude_deg[last], heard.longitude_deg[last]))
        self._columns[_CELL, links] += np.stack(
            (
                count,
                _best_of(self.number[links], count),
                np.add.reduceat(x, start),
                np.add.reduceat(heard.rssi_dbm[rows], start),
            )
        )
        return counted

    def _close(self, links: Rows, cell: Bits) -> bool:
        """Complete the cells that the claims have left. Whether any counts."""
        leaves = self._cells[_IN_CELL, links] != cell
        links, cell = links[leaves], cell[leaves]
        n, best, x, y = self._columns[_CELL, links]
        bit = np.left_shift(1, self._cells[_IN_CELL, links] % _BITS)
        counts = (n > 0) & (n >= HALF * best) & (self._cells[_COUNTED, links] & bit == 0)
        into, bit = links[counts], bit[counts]
        x, y = x[counts] / n[counts], y[counts] / n[counts]
        full = into[self._columns[_SUMS.start, into] >= MOST_CELLS]
        self._columns[_SUMS, full], self._cells[_COUNTED, full] = 0.0, 0
        self._columns[_SUMS, into] += np.stack((np.ones(len(x)), x, y, x * x, x * y, y * y))
        self._cells[_COUNTED, into] |= bit
        self._columns[_CELL, links] = 0.0
        self._cells[_IN_CELL, links] = cell
        return bool(len(into))


def _cell_at(latitude_deg: Numbers, longitude_deg: Numbers) -> Bits:
    """A number for the square that holds a place; squares that are near each other have different ones."""
    north, east = metres_per_degree(np.rint(latitude_deg))  # one frame for a whole degree of latitude
    northward, eastward = np.floor(latitude_deg * north / CELL_M), np.floor(longitude_deg * east / CELL_M)
    cell: Bits = (_EASTWARD * eastward + _NORTHWARD * northward).astype(np.int64)
    return cell


def _best_of(number: Bits, count: Numbers) -> Numbers:
    """For each link the greatest count of the links of its track."""
    start = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
    return np.repeat(np.maximum.reduceat(count, start), np.diff(np.append(start, len(number))))


_HEARD_S: Final = 0
_DISTANCE_M: Final = 1
_CELL: Final = slice(2, 6)  # of the cell it is in: rows, rows of the best receiver, sums of x and y
_SUMS: Final = slice(6, 12)
_BEYOND: Final = 12
_BEYOND_SINCE_S: Final = 13
_COLUMNS: Final = 14
_IN_CELL: Final = 0
_COUNTED: Final = 1
