"""The life of one alert as a table: stage and event to stage. What is not in the table is refused.

The stage is what the alert waits for; the word told (``AlertState``) is that of the event. An update of a taken alert
leaves it taken, so an acknowledgement is never lost to a change of place. A hand-over puts the alert back to waiting:
the receiver accepts it by acknowledging, and until then it can escalate again.

Knows no tracks, no times, no people.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from airspace.model.alert import AlertState


class Stage(StrEnum):
    """What an alert waits for."""

    UNTOLD = "untold"  # nobody has heard of it
    WAITING = "waiting"  # for somebody to take it
    ESCALATED = "escalated"  # nobody took it in time; still waiting
    TAKEN = "taken"  # for its end
    CLOSED = "closed"  # for nothing, unless it happens again


class Event(StrEnum):
    """What can happen to an alert."""

    OPEN = "open"
    UPDATE = "update"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    ESCALATE = "escalate"
    CLOSE = "close"


TOLD: Final[dict[Event, AlertState]] = {
    Event.OPEN: AlertState.OPENED,
    Event.UPDATE: AlertState.UPDATED,
    Event.ACKNOWLEDGE: AlertState.ACKNOWLEDGED,
    Event.HAND_OVER: AlertState.HANDED_OVER,
    Event.ESCALATE: AlertState.ESCALATED,
    Event.CLOSE: AlertState.CLOSED,
}

TABLE: Final[dict[Stage, dict[Event, Stage]]] = {
    Stage.UNTOLD: {Event.OPEN: Stage.WAITING},
    Stage.WAITING: {
        Event.UPDATE: Stage.WAITING,
        Event.ACKNOWLEDGE: Stage.TAKEN,
        Event.HAND_OVER: Stage.WAITING,
        Event.ESCALATE: Stage.ESCALATED,
        Event.CLOSE: Stage.CLOSED,
    },
    Stage.ESCALATED: {
        Event.UPDATE: Stage.ESCALATED,
        Event.ACKNOWLEDGE: Stage.TAKEN,
        Event.HAND_OVER: Stage.WAITING,
        Event.CLOSE: Stage.CLOSED,
    },
    Stage.TAKEN: {
        Event.UPDATE: Stage.TAKEN,
        Event.ACKNOWLEDGE: Stage.TAKEN,  # another team takes it over
        Event.HAND_OVER: Stage.WAITING,
        Event.CLOSE: Stage.CLOSED,
    },
    Stage.CLOSED: {Event.OPEN: Stage.WAITING},  # the same alert again: its next episode
}

OPEN_STAGES: Final = frozenset({Stage.WAITING, Stage.ESCALATED, Stage.TAKEN})


class StepRefused(Exception):  # noqa: N818 it names what happened, not an error of the program
    """The event is not possible in this stage."""

    def __init__(self, stage: Stage, event: Event) -> None:
        super().__init__(f"{event} is refused while {stage}")
        self.stage = stage
        self.event = event


def step(stage: Stage, event: Event) -> Stage:
    """The stage after the event; ``StepRefused`` if the table has none."""
    try:
        return TABLE[stage][event]
    except KeyError:
        raise StepRefused(stage, event) from None
