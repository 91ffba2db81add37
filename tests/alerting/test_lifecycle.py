from __future__ import annotations

from itertools import product

import pytest

from airspace.model.alert import AlertState
from alerting.lifecycle import OPEN_STAGES, TOLD, Event, Stage, StepRefused, step

ALLOWED = {
    (Stage.UNTOLD, Event.OPEN): Stage.WAITING,
    (Stage.WAITING, Event.UPDATE): Stage.WAITING,
    (Stage.WAITING, Event.ACKNOWLEDGE): Stage.TAKEN,
    (Stage.WAITING, Event.HAND_OVER): Stage.WAITING,
    (Stage.WAITING, Event.ESCALATE): Stage.ESCALATED,
    (Stage.WAITING, Event.CLOSE): Stage.CLOSED,
    (Stage.ESCALATED, Event.UPDATE): Stage.ESCALATED,
    (Stage.ESCALATED, Event.ACKNOWLEDGE): Stage.TAKEN,
    (Stage.ESCALATED, Event.HAND_OVER): Stage.WAITING,
    (Stage.ESCALATED, Event.CLOSE): Stage.CLOSED,
    (Stage.TAKEN, Event.UPDATE): Stage.TAKEN,
    (Stage.TAKEN, Event.ACKNOWLEDGE): Stage.TAKEN,
    (Stage.TAKEN, Event.HAND_OVER): Stage.WAITING,
    (Stage.TAKEN, Event.CLOSE): Stage.CLOSED,
    (Stage.CLOSED, Event.OPEN): Stage.WAITING,
}


@pytest.mark.parametrize(("stage", "event"), list(product(Stage, Event)))
def test_each_step_is_in_the_table_or_refused(stage: Stage, event: Event) -> None:
    if (stage, event) in ALLOWED:
        assert step(stage, event) is ALLOWED[stage, event]
        return
    with pytest.raises(StepRefused, match=event) as refused:
        step(stage, event)
    assert (refused.value.stage, refused.value.event) == (stage, event)


def test_every_event_has_a_word_of_its_own() -> None:
    assert set(TOLD.values()) == set(AlertState)
    assert len(TOLD) == len(Event)


def test_every_open_stage_can_be_closed_and_no_other() -> None:
    assert {stage for stage, event in ALLOWED if event is Event.CLOSE} == OPEN_STAGES
