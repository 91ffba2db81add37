"""Dashboard "Daily statistics" (``air-daily``): how many flights a day, and how many of them were not allowed.

A plain dict, as Grafana imports it (schema 41, Grafana 11 and later). Reads one table, ``daily_statistics``, with
Grafana's PostgreSQL macros and one variable. Panels are built by small functions; colours are Okabe-Ito's, and every
series has its name as well. ``expand`` is what the tests use to run the queries; it knows the macros used here.
"""

from __future__ import annotations

from typing import Any, Final

UID: Final = "air-daily"
DATA_SOURCE_UID: Final = "air-postgres"
DATA_SOURCE_TYPE: Final = "grafana-postgresql-datasource"
LOCAL_ZONE: Final = "Europe/Amsterdam"  # a day is a local day, by the start of the flight (definition v1)
SCHEMA_VERSION: Final = 41
_SOURCE: Final = {"type": DATA_SOURCE_TYPE, "uid": DATA_SOURCE_UID}
_COLOURS: Final = {
    "Flights": "#0072B2",
    "Series": "#56B4E9",
    "Unauthorised": "#D55E00",
    "Suspected": "#E69F00",
    "Not decidable": "#8A8F98",
}
_NO_DAYS: Final = "No counted day in this period: the service counts a day once it has heard a flight"
_VERSION: Final = "definitions_version = ${definitions:sqlstring}"
_PERIOD: Final = f"from daily_statistics where $__timeFilter(day) and {_VERSION}"
_DAY: Final = f"day::timestamp at time zone '{LOCAL_ZONE}'"

BY_DAY: Final = f"""select {_DAY} as "time", flights as "Flights", series as "Series",
  unauthorised as "Unauthorised", suspected as "Suspected" {_PERIOD} order by day"""
TABLE: Final = f"""select to_char(day, 'YYYY-MM-DD') as "Day", flights as "Flights", series as "Series",
  unauthorised as "Unauthorised", suspected as "Suspected", not_decidable as "Not decidable",
  spoof_suspect as "Spoofing suspected", detections as "Detections"
  from daily_statistics where {_VERSION} order by day desc limit 31"""
PEAK: Final = f"""select to_char(day, 'YYYY-MM-DD') || ': ' || flights || ' flights' as "Peak day"
  {_PERIOD} order by flights desc, day limit 1"""
VERSIONS: Final = "select distinct definitions_version from daily_statistics order by 1 desc"
COUNTED: Final = """**What is counted.** A *flight* is one aircraft in the air, gaps under five minutes joined,
heard at least three times or for ten seconds; test transmitters are left out. A *series* is what air traffic control
counts: flights of one operator (where the drone names none: of one drone) in one area of about 5 km with no more than
sixty minutes on the ground between two. A flight is *unauthorised* when at least one rule was broken, and counts once.
*Suspected* and *not decidable* stand apart, and so do flights whose signal is doubted (*spoofing suspected*). A day
runs from midnight to midnight in Amsterdam; a flight belongs to the day it started on, a series to that of its first
flight.

**What this cannot say.** Only what the sensors heard: compare days with the sensors' hours. An unauthorised flight is a
finding of this service, not of a court."""


def expand(sql: str, *, first: str, last: str, definitions: str) -> str:
    """The query as Grafana would send it, for a period of two RFC 3339 times and a value of the variable."""
    quoted = definitions.replace("'", "''")
    return sql.replace("$__timeFilter(day)", f"day BETWEEN '{first}' AND '{last}'").replace(
        "${definitions:sqlstring}", f"'{quoted}'"
    )


def dashboard() -> dict[str, Any]:
    """The whole dashboard."""
    return {
        "uid": UID,
        "title": "Daily statistics",
        "tags": ["airspace"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "timezone": LOCAL_ZONE,
        "time": {"from": "now-31d", "to": "now"},
        "refresh": "5m",
        "templating": {"list": [_definitions()]},
        "annotations": {"list": []},
        "panels": [
            _stat(1, "Flights", 0, f'select sum(flights) as "Flights" {_PERIOD}'),
            _stat(8, "Series", 4, f'select sum(series) as "Series" {_PERIOD}'),
            _stat(2, "Unauthorised", 8, f'select sum(unauthorised) as "Unauthorised" {_PERIOD}'),
            _stat(3, "Suspected", 12, f'select sum(suspected) as "Suspected" {_PERIOD}'),
            _stat(4, "Peak day", 16, PEAK, width=8),
            _bars(),
            _table(),
            _text(),
        ],
    }


def queries() -> list[str]:
    """Every query of the dashboard, its variable's included."""
    built = dashboard()
    panels = [target["rawSql"] for panel in built["panels"] for target in panel.get("targets", [])]
    return [*panels, *(variable["query"] for variable in built["templating"]["list"])]


def _definitions() -> dict[str, Any]:
    return {
        "name": "definitions",
        "label": "Definitions",
        "type": "query",
        "datasource": _SOURCE,
        "query": VERSIONS,
        "refresh": 1,
        "multi": False,
        "includeAll": False,
    }


def _panel(
    number: int, kind: str, title: str, place: tuple[int, int, int, int], description: str = ""
) -> dict[str, Any]:
    x, y, w, h = place
    return {
        "id": number,
        "type": kind,
        "title": title,
        "description": description,
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
    }


def _query(sql: str, form: str) -> dict[str, Any]:
    target = {
        "refId": "A",
        "datasource": _SOURCE,
        "editorMode": "code",
        "rawQuery": True,
        "rawSql": sql,
        "format": form,
    }
    return {"datasource": _SOURCE, "targets": [target]}


def _field(unit: str, overrides: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"fieldConfig": {"defaults": {"unit": unit, "noValue": _NO_DAYS, **more}, "overrides": overrides or []}}


def _stat(number: int, title: str, x: int, sql: str, *, width: int = 4) -> dict[str, Any]:
    colour = {"mode": "fixed", "fixedColor": _COLOURS.get(title, "#56B4E9")}
    calculated = {"calcs": ["lastNotNull"], "fields": "/.*/", "values": False}
    options = {"reduceOptions": calculated, "graphMode": "none", "colorMode": "value", "textMode": "value"}
    return {
        **_panel(number, "stat", title, (x, 0, width, 4), "In the chosen period, by the chosen definitions."),
        **_query(sql, "table"),
        **_field("string" if title == "Peak day" else "none", decimals=0, color=colour),
        "options": options,
    }


def _bars() -> dict[str, Any]:
    overrides = [_coloured(name, colour) for name, colour in _COLOURS.items() if name != "Not decidable"]
    custom = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 1, "barAlignment": 1, "axisLabel": "flights a day"}
    return {
        **_panel(5, "timeseries", "Flights a day", (0, 4, 24, 9)),
        **_query(BY_DAY, "time_series"),
        **_field("none", overrides, decimals=0, min=0, custom=custom),
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _coloured(name: str, colour: str) -> dict[str, Any]:
    value = {"mode": "fixed", "fixedColor": colour}
    return {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": value}]}


def _table() -> dict[str, Any]:
    return {
        **_panel(6, "table", "The last 31 counted days", (0, 13, 16, 13)),
        **_query(TABLE, "table"),
        **_field("none", decimals=0),
        "options": {"showHeader": True, "cellHeight": "sm"},
    }


def _text() -> dict[str, Any]:
    return {
        **_panel(7, "text", "Definitions", (16, 13, 8, 13)),
        "options": {"mode": "markdown", "content": COUNTED + "\n\nDefinitions shown: **$definitions**"},
    }
