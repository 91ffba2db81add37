"""Brings the dashboards to Grafana: as provisioning files, or over its HTTP API.

Files are written as JSON, which YAML contains, so Grafana's YAML loader reads them. Nothing secret stands in one: the
data source names environment variables that Grafana expands itself. Never run against a Grafana server in our tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from airspace.model.ports import ChannelError
from airspace.model.text import safe_text
from dashboards.grafana import daily, field, operations
from dashboards.grafana.source import DATA_SOURCE_UID, Database, data_source

FOLDER_UID: Final = "airspace"
FOLDER_TITLE: Final = "Airspace"
DASHBOARD_PATH: Final = "/etc/grafana/dashboards/airspace"  # where the rendered folder ``dashboards`` is mounted
OLDEST: Final = (10, 0, 2)  # 10 has our plug-in; before 10.0.2 SQLite locks itself on new tags (grafana 71207)
TELLING: Final = ("annotations:create", "annotations:delete", "annotations:read", "annotations:write")
PUSHING: Final = (
    "dashboards:create",
    "dashboards:write",
    "datasources:create",
    "datasources:query",
    "datasources:read",
    "datasources:write",
    "folders:create",
    "folders:read",
)
SOURCE_RIGHTS: Final = frozenset({"datasources:query", "datasources:read"})
_GONE: Final = 404


class Server(Protocol):
    """A Grafana to ask. Each answer is a JSON object; anything else is a ``ChannelError``."""

    def object(self, method: str, path: str, body: Any = None, *, empty: bool = False) -> dict[str, Any]:
        """The answer to a request; the error has ``status`` and ``own``, whether Grafana itself said it."""


class NotAllowed(ValueError):  # noqa: N818 -- an answer, not a mistake
    """This Grafana, or this token, cannot take what is pushed; one line."""


def dashboards(console_url: str | None = None) -> list[dict[str, Any]]:
    """All dashboards that there are; with links to the console where its address is known."""
    return [board.dashboard(console_url) for board in (field, operations, daily)]


def render(folder: Path) -> list[Path]:
    """Write provisioning files into ``folder``; the paths that were written."""
    provider = {
        "name": "airspace",
        "folder": FOLDER_TITLE,
        "folderUid": FOLDER_UID,
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": DASHBOARD_PATH},
    }
    files = {
        "provisioning/datasources/airspace.yaml": {"apiVersion": 1, "datasources": [data_source(Database())]},
        "provisioning/dashboards/airspace.yaml": {"apiVersion": 1, "providers": [provider]},
        **{f"dashboards/{board['uid']}.json": board for board in dashboards()},
    }
    return [_write(folder / name, content) for name, content in files.items()]


def push(server: Server, database: Database, console_url: str | None = None) -> Iterator[str]:
    """Make or renew folder, data source and dashboards, then ask the data source; what was done, line by line.

    ``NotAllowed`` before anything is written; ``ChannelError`` where Grafana fails, or finds the data source dead.
    """
    fault = old(version(server)) or lacking(rights(server), PUSHING)
    if fault is not None:
        raise NotAllowed(fault)
    yield _folder(server)
    yield _source(server, data_source(database))
    for board in dashboards(console_url):
        content = {
            "dashboard": board,
            "folderUid": FOLDER_UID,
            "overwrite": True,
            "message": "airspace dashboards",
        }
        server.object("POST", "/dashboards/db", content)
        yield f"dashboard {board['uid']} written"
    dead = source_fault(server)
    if dead is not None:
        raise ChannelError(f"the panels are dead, Grafana's data source {DATA_SOURCE_UID} says: {dead}")
    yield f"data source {DATA_SOURCE_UID} answers"


def version(server: Server) -> str:
    """What Grafana says of itself."""
    return safe_text(str(server.object("GET", "/health").get("version", ""))) or "of unknown version"


def old(known: str) -> str | None:
    """Why this version cannot be used."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", known)
    if numbers is None or tuple(map(int, numbers.groups())) >= OLDEST:
        return None
    return f"Grafana {known} is too old: {'.'.join(map(str, OLDEST))} or newer is needed"


def rights(server: Server) -> frozenset[str]:
    """What the token may do, as Grafana names it."""
    return frozenset(server.object("GET", "/access-control/user/permissions", empty=True))


def lacking(held: frozenset[str], wanted: tuple[str, ...]) -> str | None:
    """The rights that are not there, in words."""
    missing = [right for right in wanted if right not in held]
    if not missing:
        return None
    role = "Admin" if any(right.startswith("datasources:") for right in missing) else "Editor"
    return f"the token may not {', '.join(missing)}: its service account needs role {role}"


def dashboard_fault(server: Server, uid: str) -> str | None:
    """Why annotations on this dashboard would fail."""
    try:
        server.object("GET", f"/dashboards/uid/{uid}")
    except ChannelError as error:
        if not _is_gone(error):
            raise
        return f"there is no dashboard {uid!r} that the token may see"
    return None


def has_source(server: Server) -> bool:
    """Whether our data source is there."""
    return _exists(server, f"/datasources/uid/{DATA_SOURCE_UID}")


def source_fault(server: Server) -> str | None:
    """What Grafana says of a data source that does not work."""
    try:
        answer = server.object("GET", f"/datasources/uid/{DATA_SOURCE_UID}/health")
    except ChannelError as error:
        if not getattr(error, "own", False):
            raise
        return str(error)
    said = safe_text(str(answer.get("message", "")), 200) or "nothing"
    return None if answer.get("status") == "OK" else said


def _folder(server: Server) -> str:
    if _exists(server, f"/folders/{FOLDER_UID}"):
        return f"folder {FOLDER_UID} is there"
    server.object("POST", "/folders", {"title": FOLDER_TITLE, "uid": FOLDER_UID})
    return f"folder {FOLDER_UID} made"


def _source(server: Server, source: dict[str, Any]) -> str:
    path = f"/datasources/uid/{source['uid']}"
    if has_source(server):
        server.object("PUT", path, source)
        return f"data source {source['uid']} renewed"
    server.object("POST", "/datasources", source)
    return f"data source {source['uid']} made"


def _exists(server: Server, path: str) -> bool:
    try:
        server.object("GET", path)
    except ChannelError as error:
        if not _is_gone(error):
            raise
        return False
    return True


def _is_gone(error: ChannelError) -> bool:
    return getattr(error, "status", None) == _GONE and getattr(error, "own", False)


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path
