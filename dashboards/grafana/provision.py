"""Brings the dashboards to Grafana: as provisioning files, or over its HTTP API.

Files are written as JSON, which YAML contains, so Grafana's YAML loader reads them. Nothing secret stands in one: the
data source names environment variables that Grafana expands itself. The database user should only be able to read.
Never run against a Grafana server in our tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from dashboards.grafana import daily

FOLDER_UID: Final = "airspace"
FOLDER_TITLE: Final = "Airspace"
DASHBOARD_PATH: Final = "/etc/grafana/dashboards/airspace"  # where the rendered folder ``dashboards`` is mounted
_GONE: Final = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """How Grafana reaches the database over TCP; the embedded one has no TCP port, so Grafana needs a real server."""

    address: str = "$AIRSPACE_GRAFANA_DB_ADDRESS"  # host:port
    name: str = "$AIRSPACE_GRAFANA_DB_NAME"
    user: str = "$AIRSPACE_GRAFANA_DB_USER"
    password: str = "$AIRSPACE_GRAFANA_DB_PASSWORD"  # noqa: S105 -- a placeholder that Grafana expands
    ssl_mode: str = "require"


def dashboards() -> list[dict[str, Any]]:
    """All dashboards that there are."""
    return [daily.dashboard()]


def data_source(database: Database) -> dict[str, Any]:
    """The PostgreSQL data source under its fixed uid."""
    return {
        "uid": daily.DATA_SOURCE_UID,
        "name": "Airspace",
        "type": daily.DATA_SOURCE_TYPE,
        "access": "proxy",
        "url": database.address,
        "user": database.user,
        "jsonData": {"database": database.name, "sslmode": database.ssl_mode, "postgresVersion": 1500},
        "secureJsonData": {"password": database.password},
    }


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


def push(client: Any, database: Database) -> list[str]:
    """Make or renew folder, data source and dashboards through a grafana-client API object; what was done, in words."""
    done = [_folder(client), _source(client, data_source(database))]
    for board in dashboards():
        client.dashboard.update_dashboard(
            {"dashboard": board, "folderUid": FOLDER_UID, "overwrite": True, "message": "airspace dashboards push"}
        )
        done.append(f"dashboard {board['uid']} written")
    return done


def _folder(client: Any) -> str:
    if _exists(lambda: client.folder.get_folder(FOLDER_UID)):
        return f"folder {FOLDER_UID} is there"
    client.folder.create_folder(FOLDER_TITLE, uid=FOLDER_UID)
    return f"folder {FOLDER_UID} made"


def _source(client: Any, source: dict[str, Any]) -> str:
    if _exists(lambda: client.datasource.get_datasource_by_uid(source["uid"])):
        client.datasource.update_datasource_by_uid(source["uid"], source)
        return f"data source {source['uid']} renewed"
    client.datasource.create_datasource(source)
    return f"data source {source['uid']} made"


def _exists(ask: Any) -> bool:
    try:
        ask()
    except Exception as error:
        if getattr(error, "status_code", None) != _GONE:
            raise
        return False
    return True


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path
