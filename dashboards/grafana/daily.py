"""Dashboard "Daily statistics" (``air-daily``): how many flights a day, and how many of them were not allowed.

Reads the view ``statistics.daily`` with Grafana's PostgreSQL macros and one variable. Days are compared as local days.
"""

from __future__ import annotations

from typing import Any, Final

from dashboards.grafana import panels
from dashboards.grafana.panels import DAYS, LOCAL_ZONE, POSTGRES

UID: Final = "air-daily"
_COLOURS: Final = {
    "Flights": panels.BLUE,
    "Series": panels.SKY,
    "Unauthorised": panels.RED,
    "Suspected": panels.ORANGE,
}
_NO_DAYS: Final = "No counted day in this period: the service counts a day once it has heard a flight"
_VERSION: Final = "definitions_version = ${definitions:sqlstring}"
_PERIOD: Final = f"from statistics.daily where {DAYS} and {_VERSION}"
_DAY: Final = f"day::timestamp at time zone '{LOCAL_ZONE}'"

BY_DAY: Final = f"""select {_DAY} as "time", flights as "Flights", series as "Series",
  unauthorised as "Unauthorised", suspected as "Suspected" {_PERIOD} order by day"""
TABLE: Final = f"""select to_char(day, 'YYYY-MM-DD') as "Day", flights as "Flights", series as "Series",
  unauthorised as "Unauthorised", suspected as "Suspected", not_decidable as "Not decidable",
  spoof_suspect as "Spoofing suspected", detections as "Detections" {_PERIOD} order by day desc limit 400"""
PEAK: Final = f"""select to_char(day, 'YYYY-MM-DD') || ': ' || flights || ' flights' as "Peak day"
  {_PERIOD} order by flights desc, day limit 1"""
VERSIONS: Final = "select distinct definitions_version from statistics.daily order by 1 desc"
COUNTED: Final = """**What is counted.** A *flight* is one aircraft in the air, gaps under five minutes joined,
heard at least three times or for ten seconds; test transmitters are left out. A *series* is what air traffic control
counts: flights of one operator (where the drone names none: of one drone) in one area of about 5 km with no more than
sixty minutes on the ground between two. A flight is *unauthorised* when at least one rule was broken, and counts once.
*Suspected* and *not decidable* stand apart, and so do flights whose signal is doubted (*spoofing suspected*). A day
runs from midnight to midnight in Amsterdam; a flight belongs to the day it started on, a series to that of its first
flight.

**What this cannot say.** Only what the sensors heard: compare days with the sensors' hours. An unauthorised flight is a
finding of this service, not of a court."""


def dashboard(console_url: str | None = None) -> dict[str, Any]:
    """The whole dashboard."""
    return panels.board(
        UID,
        "Daily statistics",
        [
            _figure(1, "Flights", 0, "flights"),
            _figure(8, "Series", 4, "series"),
            _figure(2, "Unauthorised", 8, "unauthorised"),
            _figure(3, "Suspected", 12, "suspected"),
            panels.stat(4, "Peak day", (16, 0, 8, 4), PEAK, "The local day with most flights.", _NO_DAYS, "string"),
            _bars(),
            panels.table(6, "Counted days", (0, 13, 16, 13), TABLE, "Each local day of the period.", _NO_DAYS),
            _text(),
        ],
        description="Flights heard on each local day, and how many of them were not allowed.",
        first="now-30d/d",
        refresh="5m",
        console_url=console_url,
        variables=[_definitions()],
    )


def _definitions() -> dict[str, Any]:
    return {
        "name": "definitions",
        "label": "Definitions",
        "type": "query",
        "datasource": POSTGRES,
        "query": VERSIONS,
        "refresh": 1,
        "multi": False,
        "includeAll": False,
    }


def _figure(number: int, title: str, x: int, column: str) -> dict[str, Any]:
    return panels.stat(
        number,
        title,
        (x, 0, 4, 4),
        f'select sum({column}) as "{title}" {_PERIOD}',
        "Sum of the local days of the period, by the chosen definitions.",
        _NO_DAYS,
        color={"mode": "fixed", "fixedColor": _COLOURS[title]},
    )


def _bars() -> dict[str, Any]:
    overrides = [panels.coloured(name, colour) for name, colour in _COLOURS.items()]
    custom = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 1, "barAlignment": 1, "axisLabel": "flights a day"}
    return {
        **panels.panel(5, "timeseries", "Flights a day", (0, 4, 24, 9), "A bar stands at its local midnight."),
        **panels.query(BY_DAY, "time_series"),
        **panels.fields("none", _NO_DAYS, overrides, decimals=0, min=0, custom=custom),
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _text() -> dict[str, Any]:
    return {
        **panels.panel(7, "text", "Definitions", (16, 13, 8, 13), "What is counted, and what the figures cannot say."),
        "options": {"mode": "markdown", "content": COUNTED + "\n\nDefinitions shown: **$definitions**"},
    }
