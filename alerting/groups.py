"""Alerts about an airspace group as a whole, as a control zone with more flights than there is room for.

A situation about the zone: it names no drone and nobody is to blame. One alert a group and kind; it follows the count,
and closes after the linger time when there is room again.
"""

from __future__ import annotations

from airspace.model.verdict import VerdictValue
from alerting.facts import Facts
from alerting.lifecycle import Event
from alerting.register import Register


def hold_group(register: Register, facts: Facts, now_s: float) -> None:
    """Open the group's alert, tell it again, or let it linger to its end."""
    case = register.of_subject((facts.group, facts.group, facts.kind))
    if facts.value is VerdictValue.ALLOWED:
        if case is not None:
            case.left_s, case.left_reason = now_s, facts.reason
    elif case is None or not case.is_there:
        register.begin(facts, now_s, subject=facts.group, dated=True)
    else:
        case.left_s = None
        case.facts = facts
        if case.is_open:
            register.tell(case, Event.UPDATE, now_s)
