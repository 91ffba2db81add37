"""A file of tracks: JSON lines, or GeoJSON (RFC 7946) that a person can drop on a map, by its suffix.

In GeoJSON a track is a LineString, a Point where there is one place, a sector where there is a direction alone, and
unlocated where there is none. Its times stand in ``coordTimes``, one a position, as converters from GPX write them;
heights in ``heights_m``, as they are above take-off or ground and GeoJSON's third coordinate is not. A pilot's place is
a Point of its own; in statistics mode a line has none, and so the file does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from airspace.commands.output import lines
from airspace.model.geodesy import WGS84

GEOJSON: Final = ".geojson"
SECTOR_M: Final = 6_000.0  # how far a direction is drawn, as on the console
_SECTOR_STEPS: Final = 9
_PLACE: Final = ("latitude_deg", "longitude_deg")
_DIRECTION: Final = ("bearing_latitude_deg", "bearing_longitude_deg", "bearing_deg", "bearing_accuracy_deg")

Line = dict[str, Any]


@contextmanager
def track_file(path: Path | None) -> Iterator[Callable[[Line], object] | None]:
    """What takes the line of a track, ``path`` included; None where no file was asked for."""
    if path is None or path.suffix.lower() != GEOJSON:
        with lines(path) as out:
            yield None if out is None else out.write
        return
    with path.open("wb") as stream:
        between = b'{"type":"FeatureCollection","features":[\n'

        def write(line: Line) -> None:
            nonlocal between
            for feature in features(line):
                stream.write(between + msgspec.json.encode(feature))
                between = b",\n"

        try:
            yield write
        finally:
            stream.write((between if between[:1] == b"{" else b"") + b"\n]}\n")


def features(line: Line) -> Iterator[Line]:
    """One track, and its pilot where the line tells one."""
    told = {name: value for name, value in line.items() if name != "path"}
    path = line["path"]
    times = {"coordTimes": [point[0] for point in path], "heights_m": [point[3] for point in path]}
    yield _feature("track", _geometry(line), told | times)
    place = [line[f"operator_{name}"] for name in _PLACE]
    if None not in place:
        of_pilot = {name: line[name] for name in ("track_id", "operator_id", "operator_location_type")}
        yield _feature("operator", {"type": "Point", "coordinates": place[::-1]}, of_pilot)


def sector(from_latitude_deg: float, from_longitude_deg: float, deg: float, sigma_deg: float) -> list[list[float]]:
    """[longitude, latitude] round what a direction and twice its sigma to either side enclose, first point last."""
    bearings = np.linspace(deg + 2.0 * sigma_deg, deg - 2.0 * sigma_deg, _SECTOR_STEPS)
    n = len(bearings)
    longitudes, latitudes, _ = WGS84.fwd(
        np.full(n, from_longitude_deg), np.full(n, from_latitude_deg), bearings, np.full(n, SECTOR_M)
    )
    here = [from_longitude_deg, from_latitude_deg]
    return [here, *np.round(np.column_stack((longitudes, latitudes)), 7).tolist(), here]


def _geometry(line: Line) -> Line | None:
    places = [[longitude, latitude] for _, latitude, longitude, _ in line["path"]]
    if len(places) > 1:
        return {"type": "LineString", "coordinates": places}
    if places:
        return {"type": "Point", "coordinates": places[0]}
    seen_from = [line[name] for name in _DIRECTION]
    return None if None in seen_from else {"type": "Polygon", "coordinates": [sector(*seen_from)]}


def _feature(kind: str, geometry: Line | None, properties: Line) -> Line:
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind} | properties}
