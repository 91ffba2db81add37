"""Why a person's act changed nothing, said so that he knows what to do next."""

from __future__ import annotations

from typing import Any

from airspace.model.alert import Shelf, same_person
from airspace.model.log import Command, CommandKind
from airspace.model.ports import AlertConflict
from airspace.service.alert_list import shelf_of


def is_no_change(command: Command, line: dict[str, Any]) -> bool:
    """Whoever has an alert and takes it again has it, as before."""
    taken = command.kind is CommandKind.ACKNOWLEDGE and shelf_of(line) is Shelf.OPEN
    return taken and same_person(line["taken_by"], command.by)


def refusal(command: Command, line: dict[str, Any]) -> AlertConflict:
    """From the alert as it is now."""
    return AlertConflict(_why(command, line), line["taken_by"], line["taken_since"])


def _why(command: Command, line: dict[str, Any]) -> str:
    """The first that holds."""
    where, kind, closed_by, taken_by = shelf_of(line), command.kind, line["closed_by"], line["taken_by"]
    reopens, over = kind is CommandKind.REOPEN, where is Shelf.RECORD
    reasons = (
        (line.get("restored"), "This record is of an earlier run of the service: it can only be read."),
        (reopens and where is Shelf.OPEN, "This alert is open."),
        (reopens, "The drone is gone: this alert cannot be opened again."),
        (closed_by is not None, f"{closed_by} has closed this alert."),
        (over and kind is CommandKind.CLOSE, "This record is too old to be changed: it can only be read."),
        (over, "This alert is over: it can be given an outcome, not taken."),
        (taken_by is not None, f"{taken_by} has this alert."),
        (True, "This step is not possible now."),
    )
    return next(text for holds, text in reasons if holds)
