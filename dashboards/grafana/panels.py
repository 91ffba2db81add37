"""Panels of Grafana as plain dicts (schema 39, Grafana 10 and later): small functions that every dashboard is built of.

Colours are Okabe-Ito's, and whatever has a colour has its name as well. Every panel says in its description what it
shows, and in ``noValue`` why it may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dashboards.grafana.source import DATA_SOURCE_TYPE, DATA_SOURCE_UID

SCHEMA_VERSION: Final = 39  # Grafana 10.4; later versions read it and raise it
LOCAL_ZONE: Final = "Europe/Amsterdam"  # a day is a local day, by the start of the flight (definition v1)
SERVICE_TAG: Final = "airspace"  # of our annotations and dashboards
POSTGRES: Final = {"type": DATA_SOURCE_TYPE, "uid": DATA_SOURCE_UID}
OF_GRAFANA: Final = {"type": "grafana", "uid": "-- Grafana --"}
BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
RED: Final = "#D55E00"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
GREY: Final = "#8A8F98"

# The local days that the chosen period touches; one that ends at midnight does not touch the day after.
_FIRST_DAY: Final = f"($__timeFrom()::timestamptz at time zone '{LOCAL_ZONE}')::date"
_LAST_DAY: Final = f"(($__timeTo()::timestamptz - interval '1 ms') at time zone '{LOCAL_ZONE}')::date"
DAYS: Final = f"day between {_FIRST_DAY} and {_LAST_DAY}"

Place = tuple[int, int, int, int]  # x, y, width, height in Grafana's grid of 24 columns


def board(
    uid: str,
    title: str,
    panels: Sequence[dict[str, Any]],
    *,
    description: str,
    first: str,
    refresh: str,
    console_url: str | None = None,
    variables: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """A whole dashboard with our annotations on it, and links to the others and to the console."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": [SERVICE_TAG],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "timezone": LOCAL_ZONE,
        "time": {"from": first, "to": "now" if first.endswith("h") else "now/d"},
        "refresh": refresh,
        "templating": {"list": list(variables)},
        "annotations": {"list": [_annotations()]},
        "links": _links(console_url),
        "panels": list(panels),
    }


def _annotations() -> dict[str, Any]:
    """Every alert of the period, found by the service's tag on whatever dashboard it was made."""
    return {
        "name": "Alerts",
        "datasource": OF_GRAFANA,
        "enable": True,
        "hide": False,
        "iconColor": RED,
        "type": "tags",
        "tags": [SERVICE_TAG],
        "target": {"type": "tags", "tags": [SERVICE_TAG], "matchAny": False, "limit": 500},
    }


def _links(console_url: str | None) -> list[dict[str, Any]]:
    ours = {"type": "dashboards", "title": "Airspace", "tags": [SERVICE_TAG], "asDropdown": True, "keepTime": True}
    if console_url is None:
        return [ours]
    console = {"type": "link", "title": "Console", "url": console_url, "targetBlank": True, "icon": "external link"}
    return [ours, console]


def panel(number: int, kind: str, title: str, place: Place, description: str) -> dict[str, Any]:
    """What every panel has."""
    x, y, w, h = place
    return {
        "id": number,
        "type": kind,
        "title": title,
        "description": description,
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
    }


def query(sql: str, form: str = "table") -> dict[str, Any]:
    """One query of the data source; ``form`` is ``table`` or ``time_series``."""
    target = {
        "refId": "A",
        "datasource": POSTGRES,
        "editorMode": "code",
        "rawQuery": True,
        "rawSql": sql,
        "format": form,
    }
    return {"datasource": POSTGRES, "targets": [target]}


def fields(unit: str, empty: str, overrides: Iterable[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """Unit, what an empty panel says, and the rest of a field's defaults."""
    return {"fieldConfig": {"defaults": {"unit": unit, "noValue": empty, **more}, "overrides": list(overrides)}}


def coloured(name: str, colour: str) -> dict[str, Any]:
    """A series in its colour."""
    value = {"mode": "fixed", "fixedColor": colour}
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": value}]}


def limits(*steps: tuple[float | None, str]) -> dict[str, Any]:
    """From which value on a colour holds; the first step has no value."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in steps]}


def words(colours: Mapping[str, str]) -> list[dict[str, Any]]:
    """A colour for each word of a field."""
    options = {word: {"color": colour, "index": index} for index, (word, colour) in enumerate(colours.items())}
    return [{"type": "value", "options": options}]


def table(number: int, title: str, place: Place, sql: str, description: str, empty: str) -> dict[str, Any]:
    """Rows as they are."""
    return {
        **panel(number, "table", title, place, description),
        **query(sql),
        **fields("none", empty, decimals=0),
        "options": {"showHeader": True, "cellHeight": "sm"},
    }


def stat(
    number: int, title: str, place: Place, sql: str, description: str, empty: str, unit: str = "none", **more: Any
) -> dict[str, Any]:
    """One figure; ``more`` are defaults of its field: a colour, thresholds."""
    calculated = {"calcs": ["lastNotNull"], "fields": "/.*/", "values": False}
    return {
        **panel(number, "stat", title, place, description),
        **query(sql),
        **fields(unit, empty, decimals=0, **more),
        "options": {"reduceOptions": calculated, "graphMode": "none", "colorMode": "value", "textMode": "value"},
    }
