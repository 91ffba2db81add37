"""``airspace zones ...``: what files hold, and what holds at a place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import msgspec

from airspace import app
from airspace.commands.ending import endings, fail
from airspace.model.zone import Oddity


def zones(files: list[Path]) -> None:
    """Counts and oddities of each file; one that cannot be used is named and makes the exit code 1."""
    unusable = 0
    for file in files:
        try:
            zone_set = app.load_zones([file])[0]
        except app.INPUT_FAULTS as error:
            unusable += 1
            sys.stdout.write(f"{file}: cannot be used: {error}\n")
            continue
        sys.stdout.write(f"{file}: {len(zone_set.zones)} zones, version {zone_set.version}\n")
        _oddities(zone_set.oddities, sys.stdout)
    if unusable:
        raise fail(f"{unusable} of {len(files)} files cannot be used")


def zones_at(
    latitude_deg: float, longitude_deg: float, height_m: float | None, datum: str, time: str | None, files: list[Path]
) -> None:
    """JSON: every zone there and then, and the answer for an Open-category flight."""
    with endings():
        answer = app.zones_at(latitude_deg, longitude_deg, height_m, datum, time, files)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n")


def zones_export(files: list[Path], format_name: str, out: Path | None) -> None:
    """Zones in another format; what it cannot say is named on standard error."""
    if format_name not in app.ZONE_EXPORTS:
        raise fail(f"--format {format_name!r}: one of {', '.join(app.ZONE_EXPORTS)}", 2)
    with endings():
        export = app.exported_zones(files, format_name)
        data = msgspec.json.encode(export.document) + b"\n"
        if out is None:
            sys.stdout.buffer.write(data)
        else:
            out.write_bytes(data)
    _oddities(export.oddities, sys.stderr)


def _oddities(oddities: tuple[Oddity, ...], out: TextIO) -> None:
    out.writelines(f"  {oddity.place}: {oddity.what}\n" for oddity in oddities)
