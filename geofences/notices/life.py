"""The life of a notice: which step leads from which state to which. Everything that affects transitions lives here.

    requested --approve--> approved --activate--> active --end--> ended
        |                     |                      |
        +---- cancel ---------+------ cancel --------+--> cancelled
        +---- expire ---------+  its time passed, and nobody had activated it

A revision keeps the state, as an accepted or activated intent of F3548 may be modified; who made it is on record. An
active notice whose time has passed is ended, an approved or requested one is expired: that follows from time alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from airspace.model.notice import VALID_STATES, Notice, NoticeConflict, NoticeState
from airspace.model.units import rfc3339

BY_TIME: Final = "time"  # who acts when a state follows from time
REMEMBERED_S: Final = 86_400.0  # how long a withdrawn notice stays known after its end: the sentence names it


class Step(StrEnum):
    """What somebody, or time, does to a notice."""

    CREATE = "create"
    IMPORT = "import"
    REVISE = "revise"
    APPROVE = "approve"
    ACTIVATE = "activate"
    END = "end"
    CANCEL = "cancel"
    EXPIRE = "expire"


_R, _A, _F = NoticeState.REQUESTED, NoticeState.APPROVED, NoticeState.ACTIVE
TRANSITIONS: Final[dict[Step, dict[NoticeState, NoticeState]]] = {
    Step.REVISE: {_R: _R, _A: _A, _F: _F},
    Step.APPROVE: {_R: _A},
    Step.ACTIVATE: {_A: _F},
    Step.END: {_F: NoticeState.ENDED},
    Step.CANCEL: {_R: NoticeState.CANCELLED, _A: NoticeState.CANCELLED, _F: NoticeState.CANCELLED},
    Step.EXPIRE: {_R: NoticeState.EXPIRED, _A: NoticeState.EXPIRED},
}
_DONE: Final = {
    Step.REVISE: "revised",
    Step.APPROVE: "approved",
    Step.ACTIVATE: "activated",
    Step.END: "ended",
    Step.CANCEL: "cancelled",
    Step.EXPIRE: "expired",
}
FIRST_STATES: Final = frozenset({_R, _A})  # a person enters a request, or one that the authority has answered


def advance(notice: Notice, step: Step, now_s: float) -> Notice:
    """The notice after the step, one version on; ``NoticeConflict`` says why it is not possible."""
    after = TRANSITIONS.get(step, {}).get(notice.state)
    if after is None:
        raise NoticeConflict(f"a notice that is {notice.state} cannot be {_DONE.get(step, step)}")
    if step in {Step.APPROVE, Step.ACTIVATE} and now_s >= notice.end_s:
        raise NoticeConflict(f"its time ended at {rfc3339(notice.end_s)}")
    if step is Step.ACTIVATE and now_s < notice.start_s:
        raise NoticeConflict(f"its time starts at {rfc3339(notice.start_s)}")
    moved = replace(notice, state=after, version=notice.version + 1)
    if step is Step.APPROVE:
        return replace(moved, approved_s=now_s)
    if step is Step.END:
        return replace(moved, ended_s=now_s)
    return replace(moved, cancelled_s=now_s) if step is Step.CANCEL else moved


def due(notice: Notice, now_s: float) -> Step | None:
    """The step that follows from time alone."""
    if now_s < notice.end_s:
        return None
    return next((step for step in (Step.END, Step.EXPIRE) if notice.state in TRANSITIONS[step]), None)


def reachable(before: NoticeState, after: NoticeState) -> bool:
    """Whether some steps lead there: what another system says of its notice must not undo what was decided."""
    reached, seen = {before}, {before}
    while reached:
        reached = {row[state] for row in TRANSITIONS.values() for state in reached if state in row} - seen
        seen |= reached
    return after in seen


def withdrawn(before: Sequence[Notice], after: Sequence[Notice], now_s: float) -> tuple[Notice, ...]:
    """What a file says now, knowing what it said before: what is cancelled in it, or gone from it, is so since now.

    A file has no history; without the time of the cancellation nobody could be given the time to land.
    """
    known = {notice.notice_id: notice for notice in before}
    stamped = [_stamped(notice, known.get(notice.notice_id), now_s) for notice in after]
    told = {notice.notice_id for notice in after}
    gone = [notice for notice in before if notice.notice_id not in told and now_s < notice.end_s + REMEMBERED_S]
    return (*stamped, *(_cancelled(notice, now_s) for notice in gone))


def _stamped(notice: Notice, before: Notice | None, now_s: float) -> Notice:
    if notice.state not in {NoticeState.CANCELLED, NoticeState.ENDED} or notice.closed_s is not None or before is None:
        return notice
    closed_s = before.closed_s if before.closed_s is not None else now_s if before.state in VALID_STATES else None
    if notice.state is NoticeState.ENDED:
        return replace(notice, ended_s=closed_s)
    return replace(notice, cancelled_s=closed_s)


def _cancelled(notice: Notice, now_s: float) -> Notice:
    if notice.state not in VALID_STATES or now_s >= notice.end_s:
        return notice
    return replace(notice, state=NoticeState.CANCELLED, cancelled_s=now_s)
