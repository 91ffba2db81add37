"""The life of one episode of an alert as a table over two dimensions, after the alarm standard IEC 62682.

The condition says what the world does (there, gone), the acknowledgement what people did (nobody, taken, handed over,
done). Neither stands in for the other: an outcome ends nothing that is still in the air, and a landing ends nothing
that a person has in hand. What may follow what is one row for each pair; what is not in the table is refused.

| condition, acknowledgement | people see | what ends it |
|---|---|---|
| there, nobody / taken / handed over | an open alert | an outcome, or the end of the condition |
| there, done | a handled alert, below the open ones | the end of the condition; a worsening or an undo opens it again |
| gone, taken / handed over | an open alert that waits for its outcome | an outcome |
| gone, nobody or done | a record | nothing; one that nobody took can still be given its outcome |

A drone that comes back is the next episode, a record of its own. The word told (``AlertState``) is the event's; what
happens to an alert that is closed and stays so is told as closed, so that who reads the word alone never takes it for
open again.

Knows no tracks, no times, no people.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from airspace.model.alert import Acknowledgement, AlertState, Condition, Shelf, shelf


class Event(StrEnum):
    """What can happen to an alert."""

    OPEN = "open"
    UPDATE = "update"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    ESCALATE = "escalate"
    END = "end"  # the condition is gone
    REPLACE = "replace"  # it goes on in another alert, with whoever has it
    CLOSE = "close"  # a person gives the outcome
    REOPEN = "reopen"  # the outcome was a mistake; nobody had it
    GIVE_BACK = "give_back"  # the outcome was a mistake; whoever had it has it again
    WORSEN = "worsen"  # it is handled, and has become worse
    LAPSE = "lapse"  # nobody gave the outcome in a week


class Life(NamedTuple):
    """Where an alert is in both dimensions."""

    condition: Condition
    acknowledgement: Acknowledgement

    @property
    def shelf(self) -> Shelf:
        """Open, handled or over."""
        return shelf(self.condition, self.acknowledgement)


NEW: Final = Life(Condition.THERE, Acknowledgement.NOBODY)
TAKEN: Final = Life(Condition.THERE, Acknowledgement.TAKEN)
HANDED_OVER: Final = Life(Condition.THERE, Acknowledgement.HANDED_OVER)
HANDLED: Final = Life(Condition.THERE, Acknowledgement.DONE)
UNSEEN: Final = Life(Condition.GONE, Acknowledgement.NOBODY)
TAKEN_GONE: Final = Life(Condition.GONE, Acknowledgement.TAKEN)
HANDED_OVER_GONE: Final = Life(Condition.GONE, Acknowledgement.HANDED_OVER)
RECORD: Final = Life(Condition.GONE, Acknowledgement.DONE)

TABLE: Final[dict[Life | None, dict[Event, Life]]] = {
    None: {Event.OPEN: NEW},
    NEW: {
        Event.UPDATE: NEW,
        Event.ACKNOWLEDGE: TAKEN,
        Event.HAND_OVER: HANDED_OVER,
        Event.ESCALATE: NEW,
        Event.CLOSE: HANDLED,
        Event.END: UNSEEN,
        Event.REPLACE: UNSEEN,
    },
    TAKEN: {
        Event.UPDATE: TAKEN,
        Event.ACKNOWLEDGE: TAKEN,  # another team takes it over, naming the one that has it
        Event.HAND_OVER: HANDED_OVER,
        Event.CLOSE: HANDLED,
        Event.END: TAKEN_GONE,
        Event.REPLACE: UNSEEN,
    },
    HANDED_OVER: {
        Event.UPDATE: HANDED_OVER,
        Event.ACKNOWLEDGE: TAKEN,
        Event.HAND_OVER: HANDED_OVER,
        Event.ESCALATE: HANDED_OVER,
        Event.CLOSE: HANDLED,
        Event.END: HANDED_OVER_GONE,
        Event.REPLACE: UNSEEN,
    },
    HANDLED: {
        Event.REOPEN: NEW,
        Event.GIVE_BACK: TAKEN,
        Event.WORSEN: NEW,
        Event.END: RECORD,
        Event.REPLACE: RECORD,
    },
    UNSEEN: {Event.CLOSE: RECORD},
    TAKEN_GONE: {
        Event.ACKNOWLEDGE: TAKEN_GONE,
        Event.HAND_OVER: HANDED_OVER_GONE,
        Event.CLOSE: RECORD,
        Event.LAPSE: UNSEEN,
    },
    HANDED_OVER_GONE: {
        Event.ACKNOWLEDGE: TAKEN_GONE,
        Event.HAND_OVER: HANDED_OVER_GONE,
        Event.CLOSE: RECORD,
        Event.LAPSE: UNSEEN,
    },
    RECORD: {},
}

_WORDS: Final[dict[Event, AlertState]] = {
    Event.OPEN: AlertState.OPENED,
    Event.WORSEN: AlertState.OPENED,
    Event.UPDATE: AlertState.UPDATED,
    Event.REOPEN: AlertState.UPDATED,
    Event.ACKNOWLEDGE: AlertState.ACKNOWLEDGED,
    Event.GIVE_BACK: AlertState.ACKNOWLEDGED,
    Event.HAND_OVER: AlertState.HANDED_OVER,
    Event.ESCALATE: AlertState.ESCALATED,
}


class StepRefused(Exception):  # noqa: N818 it names what happened, not an error of the program
    """The event is not possible in this life."""

    def __init__(self, life: Life | None, event: Event) -> None:
        where = "untold" if life is None else f"{life.condition}, {life.acknowledgement}"
        super().__init__(f"{event} is refused while {where}")
        self.life = life
        self.event = event


def may(life: Life | None, event: Event) -> bool:
    """Whether the table has this step."""
    return event in TABLE[life]


def step(life: Life | None, event: Event) -> Life:
    """The life after the event; ``StepRefused`` if the table has none."""
    if not may(life, event):
        raise StepRefused(life, event)
    return TABLE[life][event]


def word(event: Event, after: Life) -> AlertState:
    """The state told with the step: closed when nothing is left to do, whatever the event was."""
    if after.shelf is not Shelf.OPEN:
        return AlertState.CLOSED
    return _WORDS.get(event, AlertState.UPDATED)
