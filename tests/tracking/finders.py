"""Simulated direction finders and what listens to them: for the tests of emitters."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from airspace.model.detection import Detections, Rows, Source
from airspace.model.geodesy import WGS84, metres_per_degree
from airspace.model.track import Tracks, TrackState, unknown_tracks
from airspace.tracking.emitters import Emitters, News
from airspace.tracking.unidentified.settings import Settings
from airspace.tracking.unidentified.table import Table
from tests.airspace.rows import rows

Place = tuple[float, float]

START_S = 1_780_000_000.0
ARENA: Place = (52.3144, 4.9419)


def off(place: Place, azimuth_deg: float, distance_m: float) -> Place:
    """A place at a geodesic distance."""
    longitude_deg, latitude_deg, _ = WGS84.fwd(place[1], place[0], azimuth_deg, distance_m)
    return float(latitude_deg), float(longitude_deg)


def azimuth(place: Place, to: Place) -> float:
    """Of the geodesic, 0 to 360."""
    return float(WGS84.inv(place[1], place[0], to[1], to[0])[0]) % 360.0


WEST, EAST, SOUTH = off(ARENA, 270, 2_000), off(ARENA, 90, 2_000), off(ARENA, 180, 2_000)
FINDERS = {"df-west": WEST, "df-oost": EAST, "df-zuid": SOUTH}


def bearing(sensor: str, to: Place, at_s: float, *, error_deg: float = 0.0, **more: Any) -> dict[str, Any]:
    """A bearing from one of the finders, ``at_s`` after the start."""
    return {
        "sensor": sensor,
        "received_s": START_S + at_s,
        "time_s": np.nan,
        "source": Source.RF,
        "bearing_deg": (azimuth(FINDERS[sensor], to) + error_deg) % 360.0,
        "bearing_accuracy_deg": 3.0,
        **more,
    }


def position(sensor: str, place: Place, at_s: float, accuracy_m: float = 30.0, **more: Any) -> dict[str, Any]:
    """A position from a radar."""
    return {
        "sensor": sensor,
        "received_s": START_S + at_s,
        "time_s": np.nan,
        "source": Source.SAPIENT,
        "latitude_deg": place[0],
        "longitude_deg": place[1],
        "horizontal_accuracy_m": accuracy_m,
        **more,
    }


def identified(*each: tuple[int, Place, float], **more: Any) -> Tracks:
    """Tracks with Remote ID that hover: number, place, when they were placed."""
    n = len(each)
    time_s = np.array([START_S + at_s for _, _, at_s in each])
    columns: dict[str, Any] = {
        "number": np.array([number for number, _, _ in each], dtype=np.int64),
        "state": np.full(n, TrackState.CONFIRMED, dtype=np.int8),
        "source": np.full(n, Source.REMOTE_ID, dtype=np.int8),
        "latitude_deg": np.array([place[0] for _, place, _ in each]),
        "longitude_deg": np.array([place[1] for _, place, _ in each]),
        "fix_time_s": time_s,
        "last_seen_s": time_s,
        "first_seen_s": time_s,
        "speed_m_s": np.zeros(n),
        "track_deg": np.zeros(n),
        "position_sigma_m": np.full(n, 3.0),
        "speed_sigma_m_s": np.full(n, 1.5),
    }
    changed = {name: np.full(n, value) for name, value in more.items()}
    return unknown_tracks(n, **columns | changed)


class Sky:
    """Emitters, fed second by second."""

    def __init__(self, places: dict[str, Place] | None = None, rules: Settings | None = None) -> None:
        self.emitters = Emitters(FINDERS if places is None else places, rules or Settings())
        self.second = 0
        self.seq = 0
        self.bits: dict[str, int] = {}

    def hear(self, *each: dict[str, Any]) -> list[int]:
        """Rows arrive; which of them wait."""
        return [int(row) for row in self.offer(rows(*each))]

    def offer(self, detections: Detections) -> Rows:
        n = len(detections)
        bits = [self.bits.setdefault(name, len(self.bits)) for name in detections.sensor.tolist()]
        seq = np.arange(self.seq, self.seq + n)
        self.seq += n
        return self.emitters.take(detections, np.arange(n, dtype=np.intp), seq, np.array(bits, dtype=np.int64))[1]

    def tick(self, tracks: Tracks | None = None) -> News:
        """The second ends."""
        self.second += 1
        return self.emitters.tick(START_S + self.second, unknown_tracks(0) if tracks is None else tracks)

    def go(self, seconds: int, *sources: tuple[str, Place], tracks: Tracks | None = None, **more: Any) -> News:
        """Some seconds in each of which some finders hear some places; what the last of them brought."""
        news = None
        for _ in range(seconds):
            each = [bearing(sensor, to, self.second + 0.1 * turn, **more) for turn, (sensor, to) in enumerate(sources)]
            if each:
                self.hear(*each)
            if tracks is not None:
                tracks = moved_on(tracks, START_S + self.second + 0.5)
            news = self.tick(tracks)
        assert news is not None
        return news


def moved_on(tracks: Tracks, time_s: float) -> Tracks:
    """The same tracks, placed again at a time."""
    columns = {name: getattr(tracks, name) for name in Tracks.__dataclass_fields__}
    again = np.full(len(tracks), time_s)
    return Tracks(**columns | {"fix_time_s": again, "last_seen_s": again})


def local_m(place: Place, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Metres east and north of a place."""
    north, east = metres_per_degree(np.array(place[0]))
    turn_deg = (longitude_deg - place[1] + 180.0) % 360.0 - 180.0
    return float(turn_deg * east), float((latitude_deg - place[0]) * north)


def away_m(table: Table, row: int, truth: Place) -> float:
    """How far a shown place is from the truth."""
    return float(np.hypot(*local_m(truth, table.latitude_deg[row], table.longitude_deg[row])))


def holds(table: Table, row: int, truth: Place) -> bool:
    """Whether the ellipse holds the truth."""
    x, y = local_m(truth, table.latitude_deg[row], table.longitude_deg[row])
    turn = np.radians(table.ellipse_deg[row])
    along, across = x * np.sin(turn) + y * np.cos(turn), x * np.cos(turn) - y * np.sin(turn)
    return bool((along / table.ellipse_major_m[row]) ** 2 + (across / table.ellipse_minor_m[row]) ** 2 <= 1.0)


def same(one: News, other: News, skip: frozenset[str] | set[str] = frozenset()) -> bool:
    """To the byte."""
    for mine, theirs in ((one, other), (one.table, other.table)):
        for column in fields(mine):
            if column.name in {"table", *skip}:
                continue
            a, b = getattr(mine, column.name), getattr(theirs, column.name)
            alike = (
                a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) and a.dtype != object else list(a) == list(b)
            )
            if not alike:
                return False
    return True
