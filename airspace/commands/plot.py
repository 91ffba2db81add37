"""``airspace plot tracks``: a picture of what a replay followed, over truth and detections where there are files.

Here the files are read; drawing.py draws. It needs matplotlib, which nothing else does: the extra ``plot``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from airspace.commands import values
from airspace.commands.drawn import Detection, Drawn, Track, Truth
from airspace.commands.ending import endings, fail
from airspace.commands.progress import progress
from airspace.commands.track_files import GEOJSON

_Line = TypeVar("_Line", Track, Truth, Detection)
_NEEDED: Final = "plot needs matplotlib, which is not installed: install the extra 'plot' of this package"


def tracks(file: Path, out: Path, truth: Path | None, detections: Path | None) -> None:
    """Read, draw, and say what was drawn."""
    read = {"FILE": file, "--truth": truth, "--detections": detections}
    values.apart([(name, path) for name, path in read.items() if path is not None], [("--out", out)])
    try:
        drawing: Any = import_module("airspace.commands.drawing")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        raise fail(_NEEDED) from error
    with endings(), progress("drawing"):
        followed = list(_geojson(file) if file.suffix.lower() == GEOJSON else _lines(file, Track))
        if not followed:
            raise fail(f"{file}: no track in it: is it what replay --tracks wrote?")
        drawn = Drawn(
            title=file.name,
            tracks=followed,
            truth=[] if truth is None else list(_lines(truth, Truth)),
            detections=[] if detections is None else list(_lines(detections, Detection)),
        )
        drawing.draw(drawn, out)
    aircraft = len({each.aircraft for each in drawn.truth})
    sys.stderr.write(
        f"{out}: {len(drawn.tracks)} tracks, {aircraft} aircraft in truth, {len(drawn.detections)} detections\n"
    )


def _lines(file: Path, kind: type[_Line]) -> Iterator[_Line]:
    """The lines of a file; those that are of another kind are counted and named."""
    decoder, passed, first = msgspec.json.Decoder(kind), 0, ""
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                passed, first = passed + 1, first or f"line {number}: {error}"
    if passed:
        sys.stderr.write(f"airspace: {file}: {passed} lines passed over, first {first}\n")


def _geojson(file: Path) -> Iterator[Track]:
    """The same tracks out of a map; a pilot's place is in the track's own properties too."""
    try:
        collection = msgspec.json.decode(file.read_bytes())
        found = [feature for feature in collection["features"] if feature["properties"]["kind"] == "track"]
        for feature in found:
            told, geometry = feature["properties"], feature["geometry"]
            places = geometry["coordinates"] if told["coordTimes"] else []
            if len(told["coordTimes"]) == 1:
                places = [places]  # a Point
            columns = zip(told["coordTimes"], places, told["heights_m"], strict=True)
            path = [(time, latitude, longitude, height) for time, (longitude, latitude), height in columns]
            yield msgspec.convert(told | {"path": path}, Track)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise fail(f"{file}: not a map of tracks: {error!r}") from error
