"""Composition: the one room that names concrete classes. Reading it tells what runs.

``service`` is the live service: ``assembly`` is what differs between two, ``watch`` and ``duties`` what comes round,
``run`` makes one of a configuration file. ``demo`` is the match evening, ``recordings`` what works without a database;
``rules`` and ``parts`` make of files and settings what these plug together.
"""

from airspace.app.assembly import Assembly
from airspace.app.demo import demo
from airspace.app.doctor import Finding, State, examine
from airspace.app.figures import STATISTICS_COLUMNS, statistics_rows
from airspace.app.grafana import push_dashboards, render_dashboards
from airspace.app.notice_runs import FileImport, import_notices, list_notices
from airspace.app.recordings import ReplayRequest, ReplayRun, decode_files, replay
from airspace.app.rules import (
    INPUT_FAULTS,
    ZONE_EXPORTS,
    Rulebook,
    exported_zones,
    load_notices,
    read_notices,
    zones_at,
    zones_in_time,
)
from airspace.app.run import run
from airspace.app.service import serve
from airspace.app.zone_files import load_zones, set_aside_lines
from geofences.explanation.point import CANNOT_SAY
from receivers.formats.detect import FORMATS

__all__ = [
    "CANNOT_SAY",
    "FORMATS",
    "INPUT_FAULTS",
    "STATISTICS_COLUMNS",
    "ZONE_EXPORTS",
    "Assembly",
    "FileImport",
    "Finding",
    "ReplayRequest",
    "ReplayRun",
    "Rulebook",
    "State",
    "decode_files",
    "demo",
    "examine",
    "exported_zones",
    "import_notices",
    "list_notices",
    "load_notices",
    "load_zones",
    "push_dashboards",
    "read_notices",
    "render_dashboards",
    "replay",
    "run",
    "serve",
    "set_aside_lines",
    "statistics_rows",
    "zones_at",
    "zones_in_time",
]
