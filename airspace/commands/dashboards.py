"""``airspace dashboards``: Grafana folder, data source and dashboards, over its HTTP API or as provisioning files."""

from __future__ import annotations

import sys
from pathlib import Path

from airspace import app
from airspace.commands.ending import endings
from airspace.commands.progress import progress


def push(path: Path) -> None:
    """Into the Grafana of the configuration."""
    with endings(), progress("asking Grafana"):
        for line in app.push_dashboards(path):
            sys.stdout.write(line + "\n")


def render(folder: Path) -> None:
    """Into a folder that Grafana provisions from."""
    with endings():
        for file in app.render_dashboards(folder):
            sys.stdout.write(f"{file}\n")
