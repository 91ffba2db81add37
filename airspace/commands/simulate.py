"""``airspace simulate``: made-up flights as a file that the other commands read, with the truth beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from airspace import simulation
from airspace.commands import values
from airspace.commands.ending import endings, fail
from airspace.commands.progress import progress

FINDERS = 3  # stand by where something without Remote ID flies
LOCATORS = 1
MOST_AIRCRAFT = 10_000
MOST_S = 3600


def simulate(
    seed: int,
    aircraft: int,
    length_s: int,
    silent: int,
    ghosts: int,
    out: Path,
    truth: Path | None = None,
    sensors: Path | None = None,
) -> None:
    """What sensors report to ``out``, the truth to ``truth``, the sensors' tables for a configuration to ``sensors``.

    ``silent`` aircraft send no Remote ID, and bring direction finders and a locator with them. ``ghosts`` come out of
    one transmitter; a file with them holds detection lines of ours, for DroneScout's reports leave out the counter
    that they share.
    """
    if min(aircraft, silent, ghosts) < 0 or aircraft + silent + ghosts > MOST_AIRCRAFT or not 0 < length_s <= MOST_S:
        raise fail(f"a scene is of 0 to {MOST_AIRCRAFT} aircraft and 1 to {MOST_S} seconds", 2)
    settings = simulation.Settings(
        aircraft=aircraft,
        silent=silent,
        swarm=ghosts,
        length_s=length_s,
        finders=FINDERS if silent else 0,
        locators=LOCATORS if silent else 0,
    )
    values.apart([], [("--out", out), ("--truth", truth), ("--sensors", sensors)])
    with endings(), progress("making flights up"):
        made = simulation.scene(settings, seed)
        _write(out, simulation.own_lines(made) if ghosts else simulation.wire(made))
        if truth is not None:
            _write(truth, simulation.truth_lines(made))
        if sensors is not None:
            sensors.write_text(simulation.registry(made), encoding="utf-8")
    sys.stderr.write(
        f"{len(made.detections)} detections of {aircraft} aircraft, {silent} without Remote ID, {ghosts} ghosts, "
        f"heard by {len(made.sensors)} sensors in {length_s} s\n"
    )


def _write(path: Path, lines: Iterator[bytes]) -> None:
    with path.open("wb") as stream:
        stream.writelines(lines)
