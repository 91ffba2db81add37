"""Who heard whom, from where and how loudly: what the signs of radio are found from at a tick.

Rows are only noted down as they come; what they mean is worked out at the tick, and takes each track's rows in log
order and no notice of the order of tracks, so that any cutting into batches gives the same. Everything is bounded: rows
noted between two ticks (``MAX_ROWS``), links (``links.MAX_LINKS``), receivers (those that have a number of their own).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Bits, Detections, Source, Transport
from airspace.model.geodesy import metres_per_degree, turned
from airspace.tracking.columns import State, known
from airspace.tracking.plausibility.levels import level_unmoved
from airspace.tracking.plausibility.links import Heard, Links
from airspace.tracking.plausibility.ranges import beyond, out_of_range
from airspace.tracking.plausibility.silence import Silences, Witnesses
from airspace.tracking.plausibility.stations import SENSORS, Stations

MAX_ROWS: Final = 1 << 17  # log rows between two ticks: above the highest rate of the design
_COLUMNS: Final = (
    "source",
    "transport",
    "latitude_deg",
    "longitude_deg",
    "height_m",
    "rssi_dbm",
    "sensor_latitude_deg",
    "sensor_longitude_deg",
)
_FROM: Final = 3 + _COLUMNS.index("sensor_latitude_deg")
_FROM_CREWS: Final = int(Source.ADSB)
_WIRED: Final = (int(Transport.NETWORK), int(Transport.ADSB))


class Radio:
    """Receivers and what they heard lately. ``hear`` goes with each turn of rows, ``tick`` with a tick."""

    def __init__(self) -> None:
        self._stations = Stations()
        self._notes: list[tuple[npt.NDArray[Any], ...]] = []  # log row, track number, sensor number, _COLUMNS
        self._until_seq: int | None = None  # log rows from here on are not noted before the next tick
        self._links = Links()
        self._witnesses = Witnesses(SENSORS)
        self._silences = Silences()

    def placed(self, sensor: int, latitude_deg: float, longitude_deg: float) -> None:
        """Where a receiver stands, by registry or heartbeat. ``sensor`` is its number."""
        self._stations.placed(sensor, latitude_deg, longitude_deg)

    def hear(self, block: State, rows: Detections, sensor: Bits) -> None:
        """Note one row of each track of the block, in log order. Nobody may change these arrays afterwards."""
        if not len(block):
            return
        first_seq = int(block.seq[0])
        if self._until_seq is None:
            self._until_seq = first_seq + MAX_ROWS
        if first_seq < self._until_seq:
            self._notes.append((block.seq, block.number, sensor, *(getattr(rows, name) for name in _COLUMNS)))

    def tick(self, state: State, tick_s: float, found: Bits) -> None:
        """Work out what was heard since the last tick; adds signs to ``found`` (by slot), in place."""
        if self._stations.nowhere() and not any(known(part[_FROM]).any() for part in self._notes):
            self._notes, self._until_seq = [], None
            return
        slots = np.flatnonzero(state.state != 0)
        slots = slots[np.argsort(state.number[slots])]
        live = state.number[slots]
        heard = self._heard(live)
        honest = state.suspect[slots[np.searchsorted(live, heard.number)]] == 0
        self._witnesses.hear(heard.sensor[honest], heard.transport[honest], heard.distance_m[honest], tick_s)
        if self._links.update(heard, tick_s, live):
            level_unmoved(self._links, state, slots, found)
        out_of_range(self._links, state, slots, tick_s, found)
        self._silences.tick(self._links, self._witnesses, self._stations, state, slots, tick_s, found)

    def _heard(self, live: Bits) -> Heard:
        """What was noted of tracks that still live (their numbers, sorted); the notes are empty after."""
        noted: list[npt.NDArray[Any]] = _NO_NOTES
        if self._notes:
            noted = [np.concatenate(parts) for parts in zip(*self._notes, strict=True)]
        until_seq = self._until_seq or 0
        self._notes, self._until_seq = [], None
        seq, number, sensor, source, transport = noted[:5]
        counts = (seq < until_seq) & (sensor < SENSORS) & (source != _FROM_CREWS) & ~np.isin(transport, _WIRED)
        counts &= np.isin(number, live)
        number, sensor, transport = (column[counts].astype(np.int64) for column in (number, sensor, transport))
        latitude, longitude, height, rssi, from_latitude, from_longitude = (column[counts] for column in noted[5:])
        from_latitude, from_longitude = self._stations.places(sensor, from_latitude, from_longitude)
        north, east = metres_per_degree(latitude)
        distance = np.hypot((latitude - from_latitude) * north, turned(longitude - from_longitude) * east)
        return Heard(
            number=number,
            sensor=sensor,
            transport=transport,
            latitude_deg=latitude,
            longitude_deg=longitude,
            distance_m=distance,
            slant_m=np.hypot(distance, np.where(known(height), height, 0.0)),
            beyond=beyond(transport, distance),
            rssi_dbm=rssi,
        )


_NO_NOTES: Final[list[npt.NDArray[Any]]] = [np.empty(0, dtype=np.int64)] * 5 + [np.empty(0)] * (len(_COLUMNS) - 2)
