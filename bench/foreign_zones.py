"""Zone files that people publish, read by us and by a second reader, and asked the same points.

``python -m bench.foreign_zones FOLDER... [--json FILE]`` reads every file in the folders; nothing of them is part of
the project. Points lie all over the box round each airspace, and from 5 m to 500 m from its edge; those within 3 m of
the edge are not asked, nor those within 600 m of an arc's end that misses the point beside it by metres: we join them.
The floors and ceilings of OpenAir are compared too. A difference is a point, or a limit, on which the two do not agree.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from bench import foreign_json, foreign_openair
from bench.foreign_openair import GEOD, Shape
from bench.report import finish
from geofences.catalogue import Catalogue
from geofences.formats import detect
from geofences.zone_set import ZoneFileError, ZoneSet

POINTS: Final = 120  # of an airspace
EDGE_M: Final = 3.0
JOINED_M: Final = (1.0, 50.0)  # so far off, an arc's end and the point beside it are made one
ARC_END_M: Final = 600.0
SHOWN: Final = 8

Array = npt.NDArray[Any]
Volumes = Sequence[Shape | shapely.Geometry]


@dataclass(slots=True)
class Compared:
    """One file."""

    file: str
    zones: int = 0
    set_aside: list[str] = field(default_factory=list)
    refused: str | None = None
    compared: int = 0
    not_compared: list[str] = field(default_factory=list)
    points: int = 0
    differences: list[str] = field(default_factory=list)


def compare(path: Path, name: str) -> Compared:
    """Read a file twice and ask both."""
    data = path.read_bytes()
    told = Compared(file=name)
    try:
        zones = detect.read(data, path.name)
        catalogue = Catalogue([zones])
    except ZoneFileError as error:
        told.refused = str(error)
        return told
    told.zones = len(zones.zones)
    told.set_aside = [f"{one.name}: {one.why}" for one in zones.set_aside]
    theirs = dict(_second(data))
    numbers: dict[str, list[int]] = {}
    for number, zone in enumerate(zones.zones):
        numbers.setdefault(zone.zone_id, []).append(number)
    rng = np.random.default_rng(5)
    for zone_id, rows in numbers.items():
        volumes = theirs.get(zone_id)
        if not volumes or any(isinstance(each, Shape) and each.unread for each in volumes):
            told.not_compared.append(zone_id)
            continue
        told.compared += 1
        _ask(told, zone_id, volumes, catalogue, rows, rng)
        _limits(told, zone_id, volumes, zones, rows)
    return told


def _second(data: bytes) -> Iterator[tuple[str, Volumes]]:
    if data.lstrip()[:1] in {b"{", b"["}:
        yield from foreign_json.read(data).items()
    else:
        yield from ((zone_id, [shape]) for zone_id, shape in foreign_openair.read(data).items())


def _ask(
    told: Compared, zone_id: str, volumes: Volumes, catalogue: Catalogue, rows: list[int], rng: np.random.Generator
) -> None:
    there = _points(volumes, rng)
    if there is None:
        told.not_compared.append(zone_id)
        return
    held = np.zeros(len(there), dtype=bool)
    sure = np.ones(len(there), dtype=bool)
    for volume in volumes:
        inside, certain = _holds(volume, there)
        held |= inside
        sure &= certain
    row, volume_row = catalogue.index.pairs(there[:, 1].copy(), there[:, 0].copy())
    ours = np.zeros(len(there), dtype=bool)
    ours[row[np.isin(catalogue.index.zone[volume_row], rows)]] = True
    told.points += int(sure.sum())
    for nth in np.flatnonzero(sure & (ours != held)):
        told.differences.append(f"{zone_id}: {there[nth, 1]:.6f} {there[nth, 0]:.6f}: ours {ours[nth]}")


def _points(volumes: Volumes, rng: np.random.Generator) -> Array | None:
    corners = np.array([place for volume in volumes for place in _corners(volume)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    if high[0] - low[0] > 90:  # over the antimeridian
        return None
    room = 0.1 * (high - low) + 1e-4
    anywhere = rng.uniform(low - room, high + room, size=(POINTS // 2, 2))
    at = corners[rng.integers(0, len(corners), POINTS // 2)]
    bearing, far = rng.uniform(0, 360, len(at)), 10 ** rng.uniform(np.log10(5), np.log10(500), len(at))
    x, y, _ = GEOD.fwd(at[:, 0], at[:, 1], bearing, far)
    points: Array = np.concatenate((anywhere, np.column_stack((x, y))))
    return np.asarray(points[np.abs(points[:, 1]) < 89])


def _corners(volume: Shape | shapely.Geometry) -> Array:
    if not isinstance(volume, Shape):
        return shapely.get_coordinates(volume)
    if volume.ring:
        return np.array(volume.ring)
    n = 36
    around = [
        GEOD.fwd([x] * n, [y] * n, np.arange(n) * 360 / n, [volume.reach_m] * n)[:2] for x, y in _along(volume.line)
    ]
    return np.concatenate([np.column_stack(each) for each in around])


def _along(line: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The line with a place each few hundred metres; its pieces are straight in longitude and latitude."""
    if len(line) == 1:
        return list(line)
    return [tuple(each) for each in shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), 0.002))]


def _holds(volume: Shape | shapely.Geometry, there: Array) -> tuple[Array, Array]:
    """Which points are inside, and for which that is sure."""
    if not isinstance(volume, Shape):
        return shapely.contains_xy(volume, there), _apart(shapely.boundary(volume), there)
    if not volume.ring:
        places = np.array(_along(volume.line))
        x, y = np.repeat(there[:, :1], len(places), 1), np.repeat(there[:, 1:], len(places), 1)
        _, _, apart_m = GEOD.inv(x, y, np.broadcast_to(places[:, 0], x.shape), np.broadcast_to(places[:, 1], y.shape))
        nearest = apart_m.min(axis=1)
        spare_m = EDGE_M if len(places) == 1 else EDGE_M + 0.02 * volume.reach_m
        return nearest <= volume.reach_m, np.abs(nearest - volume.reach_m) > spare_m
    ring = np.array([*volume.ring, volume.ring[0]])
    sure = _apart(shapely.LineString(ring), there)
    for nth in volume.ends:
        end, n = volume.ring[nth], len(volume.ring)
        gaps = [GEOD.inv(*end, *volume.ring[(nth + step) % n])[2] for step in (-1, 1)]
        if any(JOINED_M[0] < gap_m < JOINED_M[1] for gap_m in gaps):
            _, _, far_m = GEOD.inv(there[:, 0], there[:, 1], np.full(len(there), end[0]), np.full(len(there), end[1]))
            sure &= far_m > ARC_END_M
    return _wound(ring, there), sure


def _wound(ring: Array, there: Array) -> Array:
    """Which points the ring runs round, on the whole."""
    x, y = there[:, :1], there[:, 1:]
    (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
    with np.errstate(divide="ignore", invalid="ignore"):
        right = x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    turns = ((y1 <= y) & (y2 > y) & right).sum(axis=1) - ((y1 > y) & (y2 <= y) & right).sum(axis=1)
    return np.asarray(turns != 0)


def _apart(edge: shapely.Geometry, there: Array) -> Array:
    """Which points are not on the edge, nearly."""
    metres = 111_200.0
    shrink = np.cos(np.radians(there[:, 1].mean()))
    flat = shapely.transform(edge, lambda xy: xy * [metres * shrink, metres])
    return np.asarray(shapely.distance(flat, shapely.points(there * [metres * shrink, metres])) > EDGE_M)


def _limits(told: Compared, zone_id: str, volumes: Volumes, zones: ZoneSet, rows: list[int]) -> None:
    shape = volumes[0]
    if not isinstance(shape, Shape) or not shape.name:
        return
    volume = zones.zones[rows[0]].volumes[0]
    for what, ours, theirs in (("floor", volume.lower_m, shape.floor_m), ("ceiling", volume.upper_m, shape.ceiling_m)):
        same = ours == theirs or (ours is not None and theirs is not None and not abs(ours - theirs) > 0.01)
        if not same:
            told.differences.append(f"{zone_id}: {what} {ours} and {theirs}")


def main(arguments: Sequence[str] | None = None) -> list[Compared]:
    """Compare all files in some folders; print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="write the JSON line to this file too")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    told = [
        compare(path, str(path.relative_to(folder.parent)))
        for folder in options.folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    for each in told:
        refused = f"  refused: {each.refused[:90]}" if each.refused else ""
        print(
            f"{each.file[:60]:60} {each.zones:6} zones {len(each.set_aside):4} aside {each.compared:6} compared "
            f"{each.points:8} points {len(each.differences):5} differ{refused}"
        )
        for line in each.differences[:SHOWN]:
            print(f"    {line}")

    def total(of: Callable[[Compared], int]) -> int:
        return sum(of(each) for each in told)

    differences = total(lambda each: len(each.differences))
    finish(
        "foreign_zones",
        [],
        {"both readers agree on every point and limit": differences == 0},
        options.json,
        files=len(told),
        files_refused=total(lambda each: each.refused is not None),
        airspaces=total(lambda each: each.zones),
        airspaces_set_aside=total(lambda each: len(each.set_aside)),
        airspaces_compared=total(lambda each: each.compared),
        points=total(lambda each: each.points),
        differences=differences,
        by_file=[asdict(each) for each in told],
    )
    return told


if __name__ == "__main__":
    main()
