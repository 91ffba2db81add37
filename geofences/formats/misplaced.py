"""Coordinate systems that a JSON file names where no reader looks for them: told, since they are passed over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from airspace.model.text import safe_text
from airspace.model.zone import Oddity
from geofences.formats import features

_WORDS: Final = frozenset({
    "crs", "srs", "srsname", "srid", "epsg", "coordrefsys", "spatialreference", "coordinatereferencesystem",
    "coordinatesystem",
})  # fmt: skip
_SAID: Final = re.compile(rb'"(?:' + "|".join(sorted(_WORDS)).encode() + rb')"', re.IGNORECASE)
_READ: Final = "crs"  # of a file, a feature and a geometry
_MAX_TEXT: Final = 40


def told(data: bytes) -> list[Oddity]:
    """A line for each member that names a system and is not read."""
    if _SAID.search(data) is None:
        return []
    found = Counter(_members(features.any_json(data.removeprefix(b"\xef\xbb\xbf"))))
    return [
        Oddity(place="file", what=f"{where} names a coordinate system ({n} times): passed over, it belongs in crs")
        for where, n in found.items()
    ]


def _members(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        return
    yield from _of("the file", document)
    rows = document.get("features")
    for each in rows if isinstance(rows, list) else [document] if document.get("type") == "Feature" else []:
        if isinstance(each, dict):
            yield from _of("a feature", each)
            if isinstance(each.get("geometry"), dict):
                yield from _said(each["geometry"], "a geometry", _READ)


def _of(what: str, holder: dict[str, Any]) -> Iterator[str]:
    yield from _said(holder, what, _READ)
    for inner in ("properties", "metadata"):
        if isinstance(holder.get(inner), dict):
            yield from _said(holder[inner], f"{inner} of {what}", "")


def _said(holder: dict[str, Any], where: str, read: str) -> Iterator[str]:
    for key, value in holder.items():
        if key != read and key.lower() in _WORDS and value is not None:
            yield f"{safe_text(key, _MAX_TEXT)!r} in {where}"
