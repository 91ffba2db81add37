"""The console's files, held in memory: its own, and MapLibre GL JS out of the installed ``maplibre`` wheel.

Nothing comes from another host and nothing is built. The wheel is found without importing it (its import looks for web
frameworks and warns about their absence). Only file names listed here or found with a known suffix are served.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PIECE_BYTES: Final = 32 * 1024
MAPLIBRE_FILES: Final = ("maplibre-gl.js", "maplibre-gl.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, plain and compressed, with its type and a tag of its content."""

    content: bytes
    compressed: bytes
    media_type: str
    tag: str


def load() -> dict[str, Asset]:
    """Path on the server -> file. Raises FileNotFoundError when the wheel does not carry MapLibre."""
    console = {
        f"/console/{item.name}": _asset(item.name, item.read_bytes())
        for item in files("dashboards.console").iterdir()
        if Path(item.name).suffix in _TYPES
    }
    folder = maplibre_folder()
    library = {f"/maplibre/{name}": _asset(name, (folder / name).read_bytes()) for name in MAPLIBRE_FILES}
    return {"/": console["/console/index.html"], "/console/": console["/console/index.html"], **console, **library}


def maplibre_folder() -> Path:
    """Where the wheel keeps MapLibre GL JS."""
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the maplibre package is not installed: the console needs its copy of MapLibre GL JS")
    return Path(spec.submodule_search_locations[0]) / "srcjs"


def answer(asset: Asset, request: Request) -> Response:
    """The file, or 304 when the browser has it."""
    headers = {"ETag": asset.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return _sent(asset.content, asset.media_type, headers)
    headers["Content-Encoding"] = "gzip"
    return _sent(asset.compressed, asset.media_type, headers)


def _sent(content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Piece by piece as the reader takes it: readers who take nothing would fill the memory with whole libraries."""
    headers["Content-Length"] = str(len(content))
    return StreamingResponse(_pieces(content), media_type=media_type, headers=headers)


async def _pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=_TYPES[Path(name).suffix],
        tag=f'"{hashlib.sha256(content).hexdigest()[:16]}"',
    )
