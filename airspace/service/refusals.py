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
    where = shelf_of(line)
    if line.get("restored"):
        return "This record is of an earlier run of the service: it can only be read."
    if command.kind is CommandKind.REOPEN:
        return "This alert is open." if where is Shelf.OPEN else "The drone is gone: this alert cannot be opened again."
    if line["closed_by"] is not None:
        return f"{line['closed_by']} has closed this alert."
    if where is Shelf.RECORD and command.kind is CommandKind.CLOSE:
        return "This record is too old to be changed: it can only be read."
    if where is Shelf.RECORD:
        return "This alert is over: it can be given an outcome, not taken."
    if command.kind is CommandKind.ACKNOWLEDGE and line["taken_by"] is not None:
        return f"{line['taken_by']} has this alert."
    return f"This alert cannot be {command.kind.value.replace('_', ' ')}d now."
