"""``airspace zones ...``: what files hold, and what holds at a place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec
import typer

from airspace import app
from airspace.commands import values
from airspace.commands.ending import endings, fail, one_line, reason
from airspace.commands.progress import progress
from airspace.model.text import counted
from airspace.model.zone import Oddity

_NAMED: Final = 5  # airspaces in one line


def zones(files: list[Path]) -> None:
    """Counts, what is set aside and oddities of each file; one that cannot be used makes the exit code 1."""
    unusable = 0
    for file in files:
        try:
            with progress(f"reading {file.name}"):
                zone_set = app.load_zones([file])[0]
        except app.INPUT_FAULTS as error:
            unusable += 1
            sys.stdout.write(one_line(f"{file}: cannot be used: {reason(error, file)}") + "\n")
            continue
        aside = f", {len(zone_set.set_aside)} set aside" if zone_set.set_aside else ""
        sys.stdout.write(f"{file}: {len(zone_set.zones)} zones{aside}, version {zone_set.version}\n")
        sys.stdout.writelines(f"  {line}\n" for line in app.set_aside_lines(zone_set))
        sys.stdout.writelines(f"  {line}\n" for line in app.zones_in_time(zone_set))
        _oddities(zone_set.oddities, sys.stdout)
    if unusable:
        raise fail(f"{unusable} of {counted(len(files), 'file', 'files')} cannot be used")


def zones_at(
    latitude_deg: float, longitude_deg: float, height_m: float | None, datum: str, time: str | None, files: list[Path]
) -> None:
    """JSON: every zone there and then, and the answer for an Open flight; what is missing goes to standard error."""
    with endings(), progress(f"reading {len(files)} zone files", data_on_stdout=True):
        answer = app.zones_at(latitude_deg, longitude_deg, height_m, datum, time, files)
    document = msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"
    with endings():
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    _tell_what_is_missing(answer)
    told = answer["open_category"]
    if told["answer"] == app.CANNOT_SAY:
        whys = "; ".join(each["text_en"] for each in told["reasons"] if "text_en" in each)
        why = f"whether a flight is allowed there cannot be said: {whys}"
        if not files:
            raise fail(f"{why}; for example: --zones zones.json")
        sys.stderr.write(one_line(f"airspace: {why}") + "\n")


def _tell_what_is_missing(answer: dict[str, Any]) -> None:
    sys.stderr.writelines(f"{warning}\n" for warning in answer["warnings"])
    if not answer["complete"]:
        aside = answer["set_aside"]
        named = "; ".join(f"{one['name']} ({one['why']})" for one in aside[:_NAMED])
        more = f"; and {len(aside) - _NAMED} more" if len(aside) > _NAMED else ""
        sys.stderr.write(f"the answer is incomplete: {len(aside)} set aside, which may lie here: {named}{more}\n")


def zones_export(files: list[Path], format_name: str, out: Path | None) -> None:
    """Zones in another format; what it cannot say is named on standard error."""
    if not files:
        raise typer.BadParameter("--zones is missing; for example: --zones zones.json")
    values.apart([("--zones", file) for file in files], [("--out", out)])
    with endings(), progress(f"reading {len(files)} zone files", data_on_stdout=out is None):
        export = app.exported_zones(files, format_name)
        data = msgspec.json.encode(export.document) + b"\n"
        if out is None:
            sys.stdout.buffer.write(data)
        else:
            out.write_bytes(data)
    _oddities(export.oddities, sys.stderr)


def _oddities(oddities: tuple[Oddity, ...], out: TextIO) -> None:
    out.writelines(f"  {oddity.place}: {oddity.what}\n" for oddity in oddities)
