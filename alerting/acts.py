"""What people do to alerts: take, hand over, close with an outcome, undo that. Each act is an entry of the log.

An alert has one owner. Whoever takes one that another has must name him (``instead_of``): else nothing changes, and the
API says who has it. An act that the table of the alert's life does not know changes nothing either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from airspace.model.alert import Acknowledgement, same_person
from airspace.model.log import Command, CommandKind
from alerting.case import Case
from alerting.lifecycle import Event, may
from alerting.register import Register


def obey(register: Register, command: Command) -> None:
    """Do it, if it can be done now."""
    case = register.get(command.alert_id)
    if case is not None:
        _ACTS[command.kind](register, case, command)


def _take(register: Register, case: Case, command: Command) -> None:
    if case.life is None or not may(case.life, Event.ACKNOWLEDGE):
        return
    owner = case.taken_by if case.life.acknowledgement is Acknowledgement.TAKEN else None
    if owner is not None and (same_person(owner, command.by) or not same_person(owner, command.instead_of)):
        return
    case.extras.pop("taken_over_from", None)
    if owner is not None:
        case.extras["taken_over_from"] = owner
    case.taken_by, case.taken_s = command.by, command.logged_s
    case.part_of = None  # a person has singled it out
    _note(case, command)
    register.tell(case, Event.ACKNOWLEDGE, command.logged_s)


def _hand_over(register: Register, case: Case, command: Command) -> None:
    if not may(case.life, Event.HAND_OVER):
        return
    case.taken_by = case.taken_s = None
    case.handed_over_by, case.handed_over_to = command.by, command.to
    case.extras["handed_over_by"] = command.by
    _note(case, command)
    register.tell(case, Event.HAND_OVER, command.logged_s)


def _close(register: Register, case: Case, command: Command) -> None:
    if not may(case.life, Event.CLOSE):
        return
    if case.outcome is not None:  # it closed by itself: what came of it by itself stays to be read
        case.extras["ended"] = case.outcome
    case.closed_by, case.outcome = command.by, command.outcome or "other"
    case.extras["closed_by"] = command.by
    case.handled_as = case.measure
    _note(case, command)
    register.tell(case, Event.CLOSE, command.logged_s)


def _reopen(register: Register, case: Case, command: Command) -> None:
    event = Event.REOPEN if case.taken_by is None else Event.GIVE_BACK
    if not may(case.life, event):
        return
    case.extras.pop("closed_by", None)
    case.extras["reopened_by"] = command.by
    _note(case, command)
    register.tell(case, event, command.logged_s)


def _note(case: Case, command: Command) -> None:
    if command.note is not None:
        case.note = case.extras["note"] = command.note


_ACTS: Final[dict[CommandKind, Callable[[Register, Case, Command], None]]] = {
    CommandKind.ACKNOWLEDGE: _take,
    CommandKind.HAND_OVER: _hand_over,
    CommandKind.CLOSE: _close,
    CommandKind.REOPEN: _reopen,
}


def open_if_worse(register: Register, case: Case, now_s: float) -> None:
    """A handled alert that has become worse than it was opens by itself, for anybody to take."""
    if not case.is_handled or case.handled_as is None:
        return
    why = case.measure.worse_than(case.handled_as)
    if why is None:
        return
    case.extras |= {"worse": why, "was_closed_by": case.closed_by, "was_outcome": case.outcome}
    case.extras.pop("closed_by", None)
    case.taken_by = case.taken_s = None
    register.tell(case, Event.WORSEN, now_s)
