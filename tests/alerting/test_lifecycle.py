from __future__ import annotations

from itertools import product

import pytest

from airspace.model.alert import Acknowledgement, AlertState, Condition, Shelf
from alerting.lifecycle import TABLE, Event, Life, StepRefused, may, step, word

LIVES = [Life(condition, acknowledgement) for condition in Condition for acknowledgement in Acknowledgement]
OF_THE_WORLD = {Event.END, Event.REPLACE}
STEPS = [(life, event) for life, steps in TABLE.items() for event in steps]


def test_every_pair_of_both_dimensions_has_its_row() -> None:
    assert set(TABLE) == {None, *LIVES}


@pytest.mark.parametrize(("life", "event"), list(product([None, *LIVES], Event)))
def test_what_is_not_in_the_table_is_refused(life: Life | None, event: Event) -> None:
    if may(life, event):
        assert step(life, event) in LIVES
        return
    with pytest.raises(StepRefused, match=event) as refused:
        step(life, event)
    assert (refused.value.life, refused.value.event) == (life, event)


@pytest.mark.parametrize(("life", "event"), [pair for pair in STEPS if pair[0] is not None])
def test_only_the_world_ends_a_condition_and_nothing_brings_it_back(life: Life, event: Event) -> None:
    after = step(life, event)
    if after.condition is not life.condition:
        assert event in OF_THE_WORLD
        assert after.condition is Condition.GONE


@pytest.mark.parametrize("life", LIVES)
def test_the_end_of_a_condition_takes_nothing_out_of_anybody_s_hands(life: Life) -> None:
    if may(life, Event.END):
        assert step(life, Event.END).acknowledgement is life.acknowledgement


@pytest.mark.parametrize("life", LIVES)
def test_whatever_is_open_or_over_unseen_can_be_given_an_outcome(life: Life) -> None:
    assert may(life, Event.CLOSE) is (life.acknowledgement is not Acknowledgement.DONE)
    if may(life, Event.CLOSE):
        assert step(life, Event.CLOSE).acknowledgement is Acknowledgement.DONE


@pytest.mark.parametrize(("life", "event"), STEPS)
def test_closed_is_said_of_all_that_is_closed_and_of_nothing_else(life: Life | None, event: Event) -> None:
    after = step(life, event)
    assert (word(event, after) is AlertState.CLOSED) is (after.shelf is not Shelf.OPEN)


@pytest.mark.parametrize("life", LIVES)
def test_a_worsening_and_an_undo_open_only_what_is_handled(life: Life) -> None:
    for event in (Event.WORSEN, Event.REOPEN, Event.GIVE_BACK):
        assert may(life, event) is (life.shelf is Shelf.HANDLED)
