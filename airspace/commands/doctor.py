"""``airspace doctor``: what is wrong with a configuration and the world around it, and how to mend it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog
import typer

from airspace import app
from airspace.commands.ending import AT_FAULT, NO_SERVER, endings
from airspace.commands.progress import progress


def doctor(path: Path, *, as_json: bool) -> None:
    """A line a part; exit code 1 when the configuration or a file is at fault, else 3 when a server does not answer."""
    findings = []
    with _quiet(), endings(), progress("trying each part", data_on_stdout=as_json) as advance:
        for finding in app.examine(path):
            findings.append(finding)
            advance(0.0, f"{len(findings)} so far")
            if not as_json:
                sys.stdout.write(_line(finding))
                sys.stdout.flush()
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(findings) + b"\n")
    failed = [finding for finding in findings if finding.state is app.State.FAIL]
    if failed:
        raise typer.Exit(NO_SERVER if all(finding.server for finding in failed) else AT_FAULT)


@contextmanager
def _quiet() -> Iterator[None]:
    """What a source logs, the finding says."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _line(finding: app.Finding) -> str:
    remedy = f" -> {finding.remedy}" if finding.remedy else ""
    return f"{finding.state.value:<5} {finding.part}: {finding.text}{remedy}\n"
