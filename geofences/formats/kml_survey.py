"""What a KML file holds beside its placemarks: GDAL passes it over without a word, or makes an area of a picture.

A file is read as XML once before GDAL has it. Pictures laid over the ground are cut out; links to other files, times of
whole folders and values whose schema is not in the file are counted. It has no document type (``layers``), so there is
nothing in it that could grow or fetch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from airspace.model.zone import Oddity

_OVERLAYS: Final = frozenset({"GroundOverlay", "PhotoOverlay", "ScreenOverlay"})
_CONTAINERS: Final = frozenset({"Folder", "Document"})
_TIMES: Final = frozenset({"TimeSpan", "TimeStamp"})
_TOLD: Final = {
    "overlay": "picture(s) laid over the map (GroundOverlay and others): passed over, they are no areas",
    "link": "NetworkLink(s) to other files: not followed; what stands there is not read",
    "time": "time(s) of a whole Folder or Document: not read; what is in it is in force always: say from and to",
    "schema": "SchemaData whose Schema is not in the file: its values are not read",
}


@dataclass(slots=True)
class _Survey:
    data: bytes
    parser: expat.XMLParserType
    path: list[str] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    schemas: set[str] = field(default_factory=set)
    wanted: list[str] = field(default_factory=list)
    overlay_from: int = -1  # where the outermost overlay began

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        name, parent = _local(tag), self.path[-1] if self.path else ""
        self.path.append(name)
        if name in _OVERLAYS and self.overlay_from < 0:
            self.overlay_from = self.parser.CurrentByteIndex
            self.found["overlay"] += 1
        self.found["link"] += name == "NetworkLink"
        self.found["time"] += name in _TIMES and parent in _CONTAINERS
        if name == "Schema":
            self.schemas.update(value for key, value in attributes.items() if key in {"id", "name"})
        if name == "SchemaData":
            self.wanted.append(attributes.get("schemaUrl", "").rpartition("#")[2])

    def end(self, tag: str) -> None:
        self.path.pop()
        if self.overlay_from >= 0 and _local(tag) in _OVERLAYS and not _OVERLAYS.intersection(self.path):
            self.cuts.append((self.overlay_from, self.data.index(b">", self.parser.CurrentByteIndex) + 1))
            self.overlay_from = -1


def surveyed(data: bytes) -> tuple[bytes, list[Oddity]]:
    """The file without pictures, and what else of it is not read. What is no XML is left for GDAL to refuse."""
    parser = expat.ParserCreate()
    survey = _Survey(data, parser)
    parser.StartElementHandler, parser.EndElementHandler = survey.begin, survey.end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return data, []
    survey.found["schema"] = sum(each not in survey.schemas for each in survey.wanted)
    oddities = [Oddity(place="file", what=f"{n} {_TOLD[what]}") for what, n in survey.found.items() if n]
    return _without(data, survey.cuts), oddities


def _without(data: bytes, cuts: list[tuple[int, int]]) -> bytes:
    pieces, at = [], 0
    for start, end in cuts:
        pieces.append(data[at:start])
        at = end
    return b"".join([*pieces, data[at:]]) if cuts else data


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
