"""``airspace run`` and ``airspace demo``."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from airspace import app
from airspace.commands.ending import endings
from airspace.commands.progress import progress


def run(path: Path) -> None:
    """The service of a configuration file."""
    with endings(), ExitStack() as starting:
        starting.enter_context(progress("starting"))

        def started(address: str) -> None:
            starting.close()
            _say(f"airspace: console at {address}")

        app.run(path, started)


def demo(seconds: float | None, speed: float, port: int) -> None:
    """The match evening, with the console's address for whoever started it."""
    _say("airspace: starting a PostgreSQL of its own, a few seconds ...")
    with endings(), ExitStack() as starting:
        starting.enter_context(progress("starting"))

        def started(address: str) -> None:
            starting.close()
            _invite(address)

        app.demo(seconds, speed, port, started)
    _say("airspace: stopped; nothing is left behind")


def _invite(address: str) -> None:
    _say(
        f"airspace: the match evening at the ArenA is on: open {address}\n"
        "airspace: within a minute a hobby drone without a notice is over the pitch. Ctrl-C stops."
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
