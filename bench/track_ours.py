"""Our trackers at work on the scenes of the benchmark: the filter alone, the whole picture, the tracker without ids."""

from __future__ import annotations

import gc
import time
import tracemalloc
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psutil

from airspace.model.detection import Detections, HeightReference, IdType, Rows, Source, Status, Transport, texts
from airspace.model.geodesy import metres_per_degree
from airspace.model.log import Batch
from airspace.model.track import unknown_tracks
from airspace.tracking import motion
from airspace.tracking.aliases import Aliases, RowKeys
from airspace.tracking.columns import State
from airspace.tracking.emitters import Emitters
from airspace.tracking.kinematics import Kinematics
from airspace.tracking.matrix import put, taken
from airspace.tracking.picture import Picture
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.table import Table
from bench.track_scenario import LAP_S, SIGMA_M, Numbers, Paths, Scene, Whole, paths

START_S: Final = 1_780_000_000.0
CENTRE: Final = (52.35, 4.9)
NORTH_M, EAST_M = (float(metres[0]) for metres in metres_per_degree(np.array(CENTRE[:1])))  # in a degree there
ROOM: Final = 40_000  # tracks and rows that fit: more than any scene has
_NOBODY: Final = unknown_tracks(0)  # with an identity


class Filters:
    """The filter alone, over blocks of tracks.

    With ``keyed``, whose each fix is is looked up by its ids first, and what the filter keeps of the tracks is taken
    out of the store and put back.
    """

    def __init__(self, lap: Paths, batch: int, *, keyed: bool) -> None:
        n = lap.xy.shape[1]
        self._rows = [np.arange(first, min(first + batch, n)) for first in range(0, n, batch)]
        self._blocks = [State.blank(len(rows)) for rows in self._rows]
        self._store = State.store(n) if keyed else None
        self._keys = [_row_keys(rows) for rows in self._rows]
        self._aliases = Aliases()
        for keys, rows in zip(self._keys, self._rows, strict=True):
            self._aliases.assign(keys, 0, [], [], rows.tolist().__getitem__)
        latitude, longitude = _globe(lap.xy, *_starts(n))
        self._fixes = [
            [(latitude[second, rows], longitude[second, rows]) for rows in self._rows] for second in range(LAP_S)
        ]
        self._fixed, self._sigma = np.ones(batch, dtype=np.bool_), np.full(batch, SIGMA_M)
        self._second = 0
        self.turn()

    def turn(self) -> int:
        """A fix for every track."""
        fixes = self._fixes[self._second % LAP_S]
        for number, rows in enumerate(self._rows):
            slots = rows if self._store is None else self._slots(number)
            block: Kinematics = self._blocks[number]
            if self._store is not None:
                block = Kinematics(taken(self._store.motion, slots))
            block.gap_s[:] = 1.0 if self._second else np.nan
            motion.observe(block, *fixes[number], self._sigma[: len(rows)], self._fixed[: len(rows)])
            if self._store is not None:
                put(self._store.motion, slots, block.motion)
        self._second += 1
        return sum(map(len, self._rows))

    def _slots(self, number: int) -> Rows:
        slots: list[int] = []
        self._aliases.assign(self._keys[number], 0, slots, [], int)
        return np.array(slots, dtype=np.intp)

    def mean(self) -> Numbers:
        """x, y, vx, vy of every track."""
        blocks = self._blocks if self._store is None else [self._store]
        return np.concatenate([np.column_stack((one.x_m, one.y_m, one.vx_m_s, one.vy_m_s)) for one in blocks])


def identified(lap: Paths, batch: int, seconds: int) -> list[Batch]:
    """The log of aircraft with a serial, a fix a second each: rows in batches, a tick with the first after a second."""
    n = lap.xy.shape[1]
    batches, told_s = [], START_S
    columns = _columns(lap, n)
    for first in range(0, n * seconds, batch):
        row = np.arange(first, min(first + batch, n * seconds))
        now_s = START_S + row / n
        second = float(np.floor(now_s[-1]))
        batches.append(
            Batch(detections=_rows(columns, row, n, now_s), tick_s=second if second > told_s else None),
        )
        told_s = max(told_s, second)
    return batches


def _columns(lap: Paths, n: int) -> dict[str, Any]:
    """What each aircraft says: its place in every second of a lap, and what never changes."""
    latitude_deg, longitude_deg = _starts(n)
    latitude, longitude = _globe(lap.xy, latitude_deg, longitude_deg)
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "operator_latitude_deg": latitude_deg,
        "operator_longitude_deg": longitude_deg,
        "uas_id": texts([_serial(drone) for drone in range(n)]),
        "transmitter": texts([_address(drone) for drone in range(n)]),
    }


def _serial(drone: int) -> str:
    return f"9ZZZ8{drone:08d}"


def _address(drone: int) -> str:
    return f"02:00:00:{drone >> 16:02X}:{drone >> 8 & 255:02X}:{drone & 255:02X}"


def _row_keys(drones: Rows) -> RowKeys:
    """What names one row of each drone."""
    n = len(drones)
    return RowKeys(
        uas_id=[_serial(drone) for drone in drones.tolist()],
        uas_id_type=[int(IdType.SERIAL)] * n,
        alias_id=[None] * n,
        alias_id_type=[0] * n,
        transmitter=[_address(drone) for drone in drones.tolist()],
        has_alias=False,
    )


def _rows(columns: dict[str, Any], row: Whole, n: int, now_s: Numbers) -> Detections:
    drone, second, k = row % n, row // n % LAP_S, len(row)
    return Detections.build(
        k,
        time_s=now_s - 0.3,
        received_s=now_s,
        logged_s=now_s,
        source=np.full(k, Source.REMOTE_ID, dtype=np.int8),
        transport=np.full(k, Transport.WIFI_BEACON, dtype=np.int8),
        sensor=texts(["north"] * k),
        transmitter=columns["transmitter"][drone],
        content_id=texts([int(one).to_bytes(16, "big") for one in row]),
        uas_id=columns["uas_id"][drone],
        uas_id_type=np.full(k, IdType.SERIAL, dtype=np.int8),
        status=np.full(k, Status.AIRBORNE, dtype=np.int8),
        latitude_deg=columns["latitude_deg"][second, drone],
        longitude_deg=columns["longitude_deg"][second, drone],
        height_m=np.full(k, 60.0),
        height_reference=np.full(k, HeightReference.TAKEOFF, dtype=np.int8),
        horizontal_accuracy_m=np.full(k, 2.0 * SIGMA_M),
        operator_latitude_deg=columns["operator_latitude_deg"][drone],
        operator_longitude_deg=columns["operator_longitude_deg"][drone],
        counter=((row // n + 37 * drone) % 256).astype(np.float64),  # one counter for all would be a swarm's sign
    )


def picture_rate(log: list[Batch], warm_up: int) -> float:
    """Rows per CPU second of a fresh picture once some batches have opened the tracks."""
    picture = Picture()
    for batch in log[:warm_up]:
        picture.step(batch)
    gc.collect()
    start = time.process_time()
    for batch in log[warm_up:]:
        picture.step(batch)
    spent_s = time.process_time() - start
    return sum(len(batch.detections) for batch in log[warm_up:]) / spent_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a tracker made of a scene, as the peers tell it."""

    spent_s: Numbers  # CPU seconds of each scan
    told: Numbers  # (scan, number, x, y) of each confirmed track after it


class Radar:
    """The tracker as the service runs it, and a radar that reports once a second, each time followed by the tick."""

    def __init__(self, settings: Settings) -> None:
        self.emitters = Emitters(settings=settings)
        self._seq = 0

    def rows(
        self, second: int, latitude_deg: Numbers, longitude_deg: Numbers
    ) -> tuple[Detections, Whole, Whole, Whole]:
        """A scan as the tracker takes it: rows, which of them, their place in the log, their sensor's bit."""
        n = len(latitude_deg)
        time_s = np.full(n, START_S + second)
        detections = Detections.build(
            n,
            received_s=time_s,
            logged_s=time_s,
            source=np.full(n, Source.SAPIENT, dtype=np.int8),
            sensor=texts(["radar"] * n),
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            horizontal_accuracy_m=np.full(n, 2.0 * SIGMA_M),
        )
        self._seq += n
        return detections, np.arange(n), np.arange(self._seq - n, self._seq), np.zeros(n, dtype=np.int64)

    def look(self, second: int, rows: tuple[Detections, Whole, Whole, Whole]) -> Table:
        """Work a scan."""
        self.emitters.take(*rows)
        return self.emitters.tick(START_S + second, _NOBODY).table


def unidentified(scene: Scene, settings: Settings) -> Told:
    """The tracker without ids over all scans."""
    radar = Radar(settings)
    spent, told = [], []
    for second, xy in enumerate(scene.fixes()):
        rows = radar.rows(second, *_globe(xy, *CENTRE))
        start = time.process_time()
        table = radar.look(second, rows)
        spent.append(time.process_time() - start)
        sure = np.flatnonzero(table.confirmed)
        x, y = (table.longitude_deg[sure] - CENTRE[1]) * EAST_M, (table.latitude_deg[sure] - CENTRE[0]) * NORTH_M
        told.append(np.column_stack((np.full(len(sure), second), table.number[sure], x, y)))
    return Told(spent_s=np.array(spent), told=np.concatenate(told))


def memory(what: str, tracks: int, *, traced: bool) -> dict[str, float]:
    """Megabytes of so many live tracks, in a fresh process: resident memory first, as Python's own count slows it."""
    _live(what, 100)  # what the libraries take once is not the tracks'
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    kept = _live(what, tracks)
    gc.collect()
    cost = {"rss_mb": round((process.memory_info().rss - before) / 1e6, 1)}
    if len(kept) != tracks:
        raise RuntimeError(f"{len(kept)} of {tracks} tracks live")
    if traced:
        del kept
        tracemalloc.start()
        kept = _live(what, tracks)
        gc.collect()
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        cost |= {"traced_mb": round(held / 1e6, 1), "traced_peak_mb": round(peak / 1e6, 1)}
    return cost


def _live(what: str, tracks: int) -> Any:
    """Tracks that were each heard five times."""
    if what == "Picture":
        picture = Picture()
        for batch in identified(paths(1, tracks), 4096, 5):
            picture.step(batch)
        return picture
    radar = Radar(Settings(max_emitters=ROOM, max_waiting=ROOM))
    for second in range(5):
        radar.look(second, radar.rows(second, *_starts(tracks)))
    return radar.emitters


def _starts(n: int) -> tuple[Numbers, Numbers]:
    """Where aircraft stand: a square with a kilometre between."""
    side = int(np.ceil(np.sqrt(n)))
    number = np.arange(n, dtype=np.float64)
    east, north = number % side - side / 2, number // side - side / 2
    return CENTRE[0] + 1000.0 * north / NORTH_M, CENTRE[1] + 1000.0 * east / EAST_M


def _globe(xy: Numbers, latitude_deg: Numbers | float, longitude_deg: Numbers | float) -> tuple[Numbers, Numbers]:
    """Latitude and longitude of metres from places."""
    north, east = metres_per_degree(np.asarray(latitude_deg, dtype=np.float64))
    latitude: Numbers = latitude_deg + xy[..., 1] / north
    longitude: Numbers = longitude_deg + xy[..., 0] / east
    return latitude, longitude
