"""Points to zones in band and in force: ``python -m bench.zones [--quick] [--json FILE]``.

Ours is what ``geofences.judging.sight.look`` does up to there: the index, bands, hours. Beside it, in the same run,
shapely's STRtree point by point and in batches, and PostGIS's ST_Covers over a GiST index where Debian's package is
installed, its backend's CPU time and the client's together. All get heights ready-made in the datums that limits have;
a last case shows ours with the making of them. What the peers leave out: hours (a plain yes or no is ready for each
zone), unknown heights, and true circles: theirs are polygons of 64 corners (bench/zone_peers.py), whence pairs that
differ from ours. What ours leaves out: nothing.

Every figure is the best of some rounds that take turns, as the machine is shared. Zones and points are made up, with
the mixture of the Dutch set; every other point lies near a zone (bench/zone_workload.py). Build time and memory are
those of a fresh process each.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import psutil
import shapely

from airspace.model.detection import HeightReference, Rows
from airspace.model.geodesy import geodesic_m
from airspace.model.track import Tracks, unknown_tracks
from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Datum, Volume
from bench.report import Row, finish, options
from bench.zone_peers import Pairs, Places, PostGis, Tree, postgis_programs, postgis_server, table
from bench.zone_workload import dutch_like, points
from geofences.catalogue import Catalogue
from geofences.heights.vertical import Heights, height_above_ground
from geofences.place.index import Index
from geofences.schedules.schedule import active
from geofences.zone_set import ZoneSet

SIZES = (500, 5000, 50_000)
BATCHES = (1, 16, 256, 1024, 4096, 16_384)
QUICK = {500: (1, 256, 1024), 5000: (1, 256, 1024, 16_384), 50_000: (1, 1024)}  # size: batches
POINTS = 16_384
NOON_S = epoch_s("2026-05-04T10:00:00Z")  # a Monday and the fourth of May: zones with hours are in force
CASE = "points to zones in band and in force"
WITH_HEIGHTS = "same, heights made from a track's words"
BY_POINT, BY_BATCH, POSTGIS = "STRtree per point", "STRtree batch query", "PostGIS ST_Covers"
CPU_SECONDS = {500: 0.5, 5000: 0.5, 50_000: 6.0}
MEGABYTES = {500: 20.0, 5000: 20.0, 50_000: 200.0}
LEAST_WORK_S = 0.002  # between two looks at the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A way to work one batch, and the clock that counts for it."""

    work: Callable[[int], object]  # the number of the batch in a cycle of ``batches``
    batches: int
    clock: Callable[[], float] = time.process_time


def main() -> None:
    """Run all cases and print them."""
    parser = options(__doc__ or "")
    parser.add_argument("--build", type=int, default=None, help="only build an index of so many zones and say the cost")
    arguments = parser.parse_args()
    if arguments.build is not None:
        print(json.dumps(build(arguments.build)))
        return
    builds = {size: _in_a_fresh_process(size, 1 if arguments.quick or size == SIZES[-1] else 3) for size in SIZES}
    for size, cost in builds.items():
        print(f"{size} zones built: {cost}")
    programs = postgis_programs()
    rows: list[Row] = []
    differing: dict[int, int] = {}
    with nullcontext() if isinstance(programs, str) else postgis_server(programs) as connection:
        for size in SIZES:
            scene = Scene(size)
            differing[size] = scene.differing(32 if arguments.quick else 256)
            postgis = None if connection is None else PostGis(connection, scene.table)
            rows += _cases(scene, postgis, quick=arguments.quick)
    checks = {f"no pair differs from brute force, {size} zones": many == 0 for size, many in differing.items()}
    checks |= {
        "25x STRtree per point at 5,000 zones, batch 1024": _ratio(rows, BY_POINT) >= 25,
        f"{SIZES[1]} zones built in 0.5 CPU seconds and 20 MB": _fits(5000, builds[5000]),
        f"{SIZES[2]} zones built in 6 CPU seconds and 200 MB": _fits(50_000, builds[50_000]),
    }
    missing: dict[str, Any] = {}
    if isinstance(programs, str):
        missing = {"peers_not_installed": {POSTGIS: None, "reason": programs}}
    else:
        checks["80x PostGIS ST_Covers at 5,000 zones, batch 1024"] = _ratio(rows, POSTGIS) >= 80
    finish("zones", rows, checks, arguments.json, builds=builds, **missing)


def build(size: int) -> dict[str, float]:
    """CPU seconds and megabytes of one index: resident memory first, as Python's own count slows the work."""
    zones = dutch_like(size)
    Index(dutch_like(50))  # what the libraries take once is not the index's
    process = psutil.Process()
    gc.collect()
    before, start = process.memory_info().rss, time.process_time()
    index = Index(zones)
    spent_s, resident = time.process_time() - start, process.memory_info().rss - before
    del index
    tracemalloc.start()
    index = Index(zones)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "cpu_s": round(spent_s, 3),
        "rss_mb": round(resident / 1e6, 1),
        "traced_mb": round(held / 1e6, 1),
        "traced_peak_mb": round(peak / 1e6, 1),
        "volumes": len(index.volumes),
    }


def _in_a_fresh_process(size: int, times: int) -> dict[str, float]:
    """The quickest of some builds."""
    command = [sys.executable, "-m", "bench.zones", "--build", str(size)]
    runs: list[dict[str, float]] = []
    for _ in range(times):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["cpu_s"])


def _fits(size: int, cost: dict[str, float]) -> bool:
    return cost["cpu_s"] < CPU_SECONDS[size] and max(cost["rss_mb"], cost["traced_peak_mb"]) < MEGABYTES[size]


class Scene:
    """Some zones and the points that are asked about."""

    def __init__(self, size: int) -> None:
        zones = dutch_like(size)
        self.size = size
        self.catalogue = Catalogue([ZoneSet(source="bench", version="bench", zones=tuple(zones))])
        self.table = table(self.catalogue.index.volumes, self.catalogue.schedules.active_mask(NOON_S))
        latitude, longitude = points(zones, POINTS)
        random = np.random.default_rng(5)
        self.tracks = unknown_tracks(
            POINTS,
            latitude_deg=latitude,
            longitude_deg=longitude,
            height_m=random.uniform(1.0, 400.0, POINTS),
            height_reference=np.full(POINTS, HeightReference.GROUND, dtype=np.int8),
            vertical_accuracy_m=np.full(POINTS, 3.0),
            altitude_wgs84_m=np.where(random.uniform(size=POINTS) < 0.5, random.uniform(40.0, 440.0, POINTS), np.nan),
            logged_s=np.full(POINTS, NOON_S),
        )
        heights = height_above_ground(self.tracks)
        self.places = Places(latitude_deg=latitude, longitude_deg=longitude, agl_m=heights.agl_m, amsl_m=heights.amsl_m)

    def ours(self, tracks: Tracks, heights: Heights) -> Pairs:
        """What is measured."""
        row, volume = self.catalogue.index.pairs(tracks.latitude_deg, tracks.longitude_deg)
        inside = self.catalogue.in_band(heights, row, volume)
        inside &= self.catalogue.schedules.active(self.catalogue.index.zone[volume], tracks.logged_s[row])
        return row[inside], volume[inside]

    def differing(self, count: int) -> int:
        """Pairs of some points that are ours or brute force's, but not both's."""
        tracks = self.tracks.take(slice(0, count))
        found = _as_set(self.ours(tracks, height_above_ground(tracks)))
        return len(found ^ set(self._brute_force(self.places.part(0, count))))

    def _brute_force(self, places: Places) -> Iterator[tuple[int, int]]:
        """Every point against every volume."""
        zones, owner = self.catalogue.zones, self.catalogue.index.zone.tolist()
        for number, volume in enumerate(self.catalogue.index.volumes):
            if active(zones[owner[number]], NOON_S):
                yield from ((row, number) for row in _held(volume, places).tolist())


def _held(volume: Volume, places: Places) -> Rows:
    shape = volume.shape
    if isinstance(shape, Circle):
        n = len(places.latitude_deg)
        centre = np.full(n, shape.latitude_deg), np.full(n, shape.longitude_deg)
        held = np.asarray(geodesic_m(*centre, places.latitude_deg, places.longitude_deg) <= shape.radius_m)
    else:
        area = shapely.Polygon(shape.rings[0], shape.rings[1:])
        held = np.asarray(shapely.intersects(area, shapely.points(places.longitude_deg, places.latitude_deg)))
    upper_of = places.amsl_m if volume.upper_datum is Datum.AMSL else places.agl_m
    if volume.lower_m:
        held &= places.agl_m >= volume.lower_m
    if volume.upper_m is not None:
        held &= upper_of < volume.upper_m
    return np.flatnonzero(held)


def _as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))


def _cases(scene: Scene, postgis: PostGis | None, *, quick: bool) -> list[Row]:
    """All batch sizes over one number of zones."""
    rounds, least_s = (8, 0.03) if quick else (15, 0.06)
    tree = Tree(scene.table)
    some = scene.places.part(0, 500)
    per_point = _best({BY_POINT: _contender(lambda _: tree.by_point(some), 1)}, len(some.agl_m), rounds, least_s)
    full = _as_set(scene.ours(scene.tracks, height_above_ground(scene.tracks)))
    accuracy = {BY_BATCH: tree.by_batch(scene.places)}
    if postgis is not None:
        accuracy[POSTGIS] = postgis.by_batch(scene.places)
    rows = []
    for batch in QUICK[scene.size] if quick else BATCHES:
        measured = per_point | _best(_contenders(scene, tree, postgis, batch), batch, rounds, least_s)
        for peer, version in (
            (BY_POINT, f"shapely {shapely.__version__}"),
            (BY_BATCH, f"shapely {shapely.__version__}"),
            (POSTGIS, None if postgis is None else postgis.versions),
        ):
            peer_rate = measured.get(peer)
            rows.append(
                Row(
                    case=CASE,
                    size=scene.size,
                    batch=batch,
                    rate_per_cpu_s=measured[CASE],
                    peer=peer,
                    peer_version=version,
                    peer_rate_per_cpu_s=peer_rate,
                    ratio=None if peer_rate is None else measured[CASE] / peer_rate,
                    accuracy={
                        "pairs": len(full),
                        "pairs_that_differ_from_peer": len(full ^ _as_set(accuracy[peer]))
                        if peer in accuracy
                        else None,
                    },
                )
            )
        rows.append(Row(case=WITH_HEIGHTS, size=scene.size, batch=batch, rate_per_cpu_s=measured[WITH_HEIGHTS]))
    return rows


def _contender(
    work: Callable[[int], object], batches: int, clock: Callable[[], float] = time.process_time
) -> Contender:
    return Contender(work=work, batches=batches, clock=clock)


def _contenders(scene: Scene, tree: Tree, postgis: PostGis | None, batch: int) -> dict[str, Contender]:
    """Each works the same points, batch after batch."""
    starts = range(0, min(POINTS, 256 * batch), batch)
    tables = [scene.tracks.take(np.arange(start, start + batch)) for start in starts]
    heights = [height_above_ground(each) for each in tables]
    places = [scene.places.part(start, start + batch) for start in starts]
    contenders = {
        CASE: _contender(lambda nth: scene.ours(tables[nth], heights[nth]), len(tables)),
        WITH_HEIGHTS: _contender(lambda nth: scene.ours(tables[nth], height_above_ground(tables[nth])), len(tables)),
        BY_BATCH: _contender(lambda nth: tree.by_batch(places[nth]), len(places)),
    }
    if postgis is not None:
        contenders[POSTGIS] = _contender(
            lambda nth: postgis.by_batch(places[nth]), len(places), lambda: time.process_time() + postgis.cpu_s()
        )
    return contenders


def _best(contenders: dict[str, Contender], batch: int, rounds: int, least_s: float) -> dict[str, float]:
    """Points per CPU second of each, the best of some short rounds in which they take turns."""
    best = dict.fromkeys(contenders, 0.0)
    for contender in contenders.values():
        contender.work(0)
    for _ in range(rounds):
        for name, contender in contenders.items():
            best[name] = max(best[name], batch * _batches_per_cpu_s(contender, least_s))
    return best


def _batches_per_cpu_s(contender: Contender, least_s: float) -> float:
    numbers = cycle(range(contender.batches))
    done, at_once, spent_s = 0, 1, 0.0
    start = contender.clock()
    while spent_s < least_s:
        for _ in range(at_once):
            contender.work(next(numbers))
        done += at_once
        spent_s = contender.clock() - start
        at_once = max(1, int(done * LEAST_WORK_S / max(spent_s, 1e-9)))
    return done / spent_s


def _ratio(rows: list[Row], peer: str) -> float:
    found = next(row for row in rows if (row.size, row.batch, row.peer) == (5000, 1024, peer))
    return found.ratio or 0.0


if __name__ == "__main__":
    main()
