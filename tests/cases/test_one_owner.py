"""One owner: two who take an alert at once, and those who take it over, whatever the cut of the log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from airspace.model.alert import Acknowledgement, AlertState
from airspace.model.log import Command, CommandKind
from airspace.model.ports import AlertConflict
from airspace.model.privacy import Mode
from airspace.model.zone import ZoneRole
from airspace.service.view import LiveView
from tests.airspace.test_view import evening as whole_evening
from tests.alerting.making import Evening, changes, fence, verdict

TAKE, CLOSE, HAND_OVER = CommandKind.ACKNOWLEDGE, CommandKind.CLOSE, CommandKind.HAND_OVER


def opened() -> tuple[Evening, str]:
    evening = Evening.start()
    (alert,) = evening.say(verdict(0.0))
    return evening, alert.alert_id


def order(evening: Evening, *acts: tuple[CommandKind, str, dict[str, Any]], at: float = 1.0) -> Any:
    alert_id = next(iter(evening.book._register.there))
    commands = [Command(kind=kind, alert_id=alert_id, by=by, logged_s=at, **more) for kind, by, more in acts]
    return evening.book.step((), changes(), (), commands)


@pytest.mark.parametrize(
    ("acts", "owner", "tellings"),
    [
        ([(TAKE, "unit 1", {}), (TAKE, "unit 2", {})], "unit 1", 1),
        ([(TAKE, "unit 2", {}), (TAKE, "unit 1", {})], "unit 2", 1),
        ([(TAKE, "unit 1", {}), (TAKE, "Unit 1 ", {})], "unit 1", 1),  # a phone's capital is nobody else
        ([(TAKE, "unit 1", {}), (TAKE, "unit 2", {"instead_of": "unit 1"})], "unit 2", 2),
        ([(TAKE, "unit 1", {}), (TAKE, "unit 2", {"instead_of": "UNIT 1"})], "unit 2", 2),
        ([(TAKE, "unit 1", {}), (TAKE, "unit 2", {"instead_of": "unit 3"})], "unit 1", 1),  # knows an old owner
        (
            [
                (TAKE, "unit 1", {}),
                (TAKE, "unit 2", {"instead_of": "unit 1"}),
                (TAKE, "unit 3", {"instead_of": "unit 1"}),
            ],
            "unit 2",
            2,
        ),
        ([(TAKE, "unit 1", {"instead_of": "unit 9"})], "unit 1", 1),  # nobody has it: nobody is replaced
        ([(TAKE, "unit 1", {}), (HAND_OVER, "unit 1", {"to": "unit 2"}), (TAKE, "unit 2", {})], "unit 2", 3),
    ],
)
@pytest.mark.parametrize("cut", [True, False])
def test_there_is_one_owner_in_the_order_of_the_log(acts: Any, owner: str, tellings: int, *, cut: bool) -> None:
    evening, alert_id = opened()
    told = [alert for act in acts for alert in order(evening, act)] if cut else list(order(evening, *acts))
    latest = evening.book.latest(alert_id)
    assert latest is not None
    assert (latest.taken_by, len(told)) == (owner, tellings)
    assert latest.acknowledgement is Acknowledgement.TAKEN


def test_who_is_replaced_is_told_and_the_next_one_is_not_told_of_him() -> None:
    evening, _ = opened()
    order(evening, (TAKE, "unit 1", {}))
    (over,) = order(evening, (TAKE, "unit 2", {"instead_of": "unit 1", "note": "nearer"}), at=5.0)
    assert (over.evidence["taken_over_from"], over.taken_s, over.note) == ("unit 1", 5.0, "nearer")
    order(evening, (HAND_OVER, "unit 2", {}))
    (again,) = order(evening, (TAKE, "unit 3", {}))
    assert "taken_over_from" not in again.evidence


def test_a_hand_over_says_by_whom_and_to_whom_and_anybody_may_accept() -> None:
    evening, _ = opened()
    order(evening, (TAKE, "unit 1", {}))
    (handed,) = order(evening, (HAND_OVER, "unit 1", {"to": "stadium"}))
    assert (handed.state, handed.acknowledgement) == (AlertState.HANDED_OVER, Acknowledgement.HANDED_OVER)
    assert (handed.handed_over_by, handed.handed_over_to, handed.taken_by) == ("unit 1", "stadium", None)
    (accepted,) = order(evening, (TAKE, "unit 4", {}))
    assert accepted.taken_by == "unit 4"


@pytest.mark.parametrize("second", ["warned", "false_alarm"])
def test_the_second_outcome_does_not_overwrite_the_first(second: str) -> None:
    evening, alert_id = opened()
    told = order(evening, (CLOSE, "unit 1", {"outcome": "warned"}), (CLOSE, "unit 2", {"outcome": second}))
    assert [alert.closed_by for alert in told] == ["unit 1"]
    latest = evening.book.latest(alert_id)
    assert latest is not None
    assert latest.outcome == "warned"


@pytest.mark.parametrize("late", [TAKE, HAND_OVER, CLOSE])
def test_an_act_from_a_page_that_has_not_heard_of_the_outcome_does_not_undo_it(late: CommandKind) -> None:
    """A stale page's click once wrote "acknowledged" over a resolution (LanternOps/breeze 4101)."""
    evening, alert_id = opened()
    order(evening, (CLOSE, "unit 1", {"outcome": "warned"}))
    assert order(evening, (late, "unit 2", {"outcome": "other"})) == ()
    latest = evening.book.latest(alert_id)
    assert latest is not None
    assert (latest.outcome, latest.closed_by, latest.acknowledgement) == ("warned", "unit 1", Acknowledgement.DONE)


def test_a_refused_act_leaves_no_note() -> None:
    evening, alert_id = opened()
    order(evening, (TAKE, "unit 1", {}))
    assert order(evening, (TAKE, "unit 2", {"note": "mine"})) == ()
    evening.say(fence(3.0, ZoneRole.BOWL))
    latest = evening.book.latest(alert_id)
    assert latest is not None
    assert (latest.note, latest.taken_by) == (None, "unit 1")


# Through the view, as the API asks it


class Room:
    """The view with an inbox that is emptied act by act, as the pipeline does."""

    def __init__(self) -> None:
        view, book, self.inbox = whole_evening(Mode.ENFORCEMENT)
        self.view: LiveView = view
        self.book = book
        (line,) = self.view.alerts()
        self.alert_id = str(line["alert_id"])

    async def ask(self, *asked: tuple[str, str, dict[str, Any]]) -> list[Any]:
        answers = [
            asyncio.ensure_future(
                self.view.command(kind, self.alert_id, by, None, more.get("outcome"), instead_of=more.get("instead_of"))
            )
            for kind, by, more in asked
        ]
        await asyncio.sleep(0)
        for request in self.inbox.drain()[1]:
            told = self.book.step((), changes(), (), (request.command,))
            for alert in told:
                self.view._alerts.keep(alert)
            request.told.set_result(told[-1] if told else None)
        return list(await asyncio.gather(*answers, return_exceptions=True))


async def test_of_two_at_once_one_has_it_and_the_other_is_told_who_and_since_when() -> None:
    room = Room()
    mine, theirs = await room.ask(("acknowledge", "unit 1", {}), ("acknowledge", "unit 2", {}))
    assert mine["taken_by"] == "unit 1"
    assert isinstance(theirs, AlertConflict)
    assert (theirs.taken_by, theirs.since) == ("unit 1", mine["taken_since"])
    assert "unit 1" in theirs.detail


async def test_the_owner_who_asks_again_is_answered_and_nothing_changes() -> None:
    room = Room()
    first, second = await room.ask(("acknowledge", "unit 1", {}), ("acknowledge", "Unit 1", {}))
    assert first == second


async def test_a_second_outcome_is_answered_with_who_closed_it() -> None:
    room = Room()
    closed, late = await room.ask(
        ("close", "unit 1", {"outcome": "warned"}), ("close", "unit 2", {"outcome": "not_found"})
    )
    assert (closed["condition"], closed["acknowledgement"]) == ("there", "done")
    assert isinstance(late, AlertConflict)
    assert "unit 1" in late.detail
    assert room.view.status()["state"] == "over_crowd"  # it still hovers over the pitch
    assert room.view.status()["handled"] == 1
    assert [line["acknowledgement"] for line in room.view.alerts()] == ["done"]
