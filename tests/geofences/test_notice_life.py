from __future__ import annotations

from dataclasses import replace

import pytest

from airspace.model.notice import NoticeConflict, NoticeState
from geofences.notices.life import REMEMBERED_S, Step, advance, due, reachable, withdrawn
from tests.geofences import made

R, A, F = NoticeState.REQUESTED, NoticeState.APPROVED, NoticeState.ACTIVE
OVER = (NoticeState.ENDED, NoticeState.CANCELLED, NoticeState.EXPIRED)
NOW_S = made.NOON_S
POSSIBLE = {
    (R, Step.REVISE): R,
    (A, Step.REVISE): A,
    (F, Step.REVISE): F,
    (R, Step.APPROVE): A,
    (A, Step.ACTIVATE): F,
    (F, Step.END): NoticeState.ENDED,
    (R, Step.CANCEL): NoticeState.CANCELLED,
    (A, Step.CANCEL): NoticeState.CANCELLED,
    (F, Step.CANCEL): NoticeState.CANCELLED,
    (R, Step.EXPIRE): NoticeState.EXPIRED,
    (A, Step.EXPIRE): NoticeState.EXPIRED,
}


@pytest.mark.parametrize("state", NoticeState)
@pytest.mark.parametrize("step", Step)
def test_each_step_from_each_state(state: NoticeState, step: Step) -> None:
    notice = made.notice(state=state, version=3)
    after = POSSIBLE.get((state, step))
    if after is None:
        with pytest.raises(NoticeConflict, match=f"that is {state} cannot be"):
            advance(notice, step, NOW_S)
    else:
        moved = advance(notice, step, NOW_S)
        assert (moved.state, moved.version) == (after, 4)


@pytest.mark.parametrize(
    ("state", "step", "at_s", "why"),
    [
        (R, Step.APPROVE, 3600.0, "its time ended at 2026-05-01T13:00:00"),
        (A, Step.ACTIVATE, 3600.0, "its time ended at 2026-05-01T13:00:00"),
        (A, Step.ACTIVATE, -3601.0, "its time starts at 2026-05-01T11:00:00"),
        (R, Step.APPROVE, 3599.0, None),
        (A, Step.ACTIVATE, -3600.0, None),
        (A, Step.CANCEL, 9999.0, None),
    ],
)
def test_steps_that_depend_on_time(state: NoticeState, step: Step, at_s: float, why: str | None) -> None:
    notice = made.notice(state=state)
    if why is None:
        assert advance(notice, step, NOW_S + at_s).version == 2
    else:
        with pytest.raises(NoticeConflict, match=why):
            advance(notice, step, NOW_S + at_s)


def test_each_step_leaves_its_time() -> None:
    approved = advance(made.notice(state=R), Step.APPROVE, NOW_S)
    active = advance(approved, Step.ACTIVATE, NOW_S + 1)
    ended, cancelled = advance(active, Step.END, NOW_S + 2), advance(active, Step.CANCEL, NOW_S + 3)
    assert (ended.approved_s, ended.ended_s, ended.cancelled_s, ended.closed_s) == (NOW_S, NOW_S + 2, None, NOW_S + 2)
    assert (cancelled.approved_s, cancelled.ended_s, cancelled.closed_s) == (NOW_S, None, NOW_S + 3)


@pytest.mark.parametrize(
    ("state", "step"), [(R, Step.EXPIRE), (A, Step.EXPIRE), (F, Step.END), *((state, None) for state in OVER)]
)
def test_what_follows_from_time_alone(state: NoticeState, step: Step | None) -> None:
    notice = made.notice(state=state)
    assert due(notice, NOW_S + 3599) is None
    assert due(notice, NOW_S + 3600) is step


def test_what_was_decided_is_not_undone() -> None:
    assert all(reachable(state, state) for state in NoticeState)
    assert all(reachable(R, state) for state in NoticeState)
    assert reachable(A, NoticeState.ENDED)
    assert not reachable(A, R)
    assert not any(reachable(state, other) for state in OVER for other in NoticeState if other is not state)


def test_what_a_file_withdraws_is_cancelled_since_now() -> None:
    before = [made.notice(notice_id=name) for name in ("same", "cancelled", "gone", "told")]
    before.append(made.notice(notice_id="long over", volumes=(made.window(end_s=NOW_S - REMEMBERED_S - 1),)))
    after = [
        before[0],
        replace(before[1], state=NoticeState.CANCELLED),
        replace(before[3], state=NoticeState.CANCELLED, cancelled_s=NOW_S - 60),
        made.notice(notice_id="new", state=NoticeState.CANCELLED),
    ]
    found = {notice.notice_id: notice for notice in withdrawn(before, after, NOW_S)}
    assert {name: (notice.state, notice.closed_s) for name, notice in found.items()} == {
        "same": (A, None),
        "cancelled": (NoticeState.CANCELLED, NOW_S),
        "told": (NoticeState.CANCELLED, NOW_S - 60),
        "new": (NoticeState.CANCELLED, None),  # nobody flew on it as far as we know
        "gone": (NoticeState.CANCELLED, NOW_S),
    }
    again = {notice.notice_id: notice.closed_s for notice in withdrawn(list(found.values()), after, NOW_S + 5)}
    assert (again["cancelled"], again["gone"]) == (NOW_S, NOW_S)
