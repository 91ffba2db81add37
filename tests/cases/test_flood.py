"""A flood of ghosts is one card: what folds, what never does, and the same whatever the cut of the log."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from airspace.model.alert import Alert, AlertState
from airspace.model.detection import Status
from airspace.model.lines import alert_line
from airspace.model.log import CommandKind
from airspace.model.track import Remark
from airspace.model.verdict import Kind, NoticeGap, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole
from alerting.book import AlertBook
from tests.alerting.making import SPOOF, Evening, allowed, changes, fence, row, verdict

BIG = 10_000


def ghost(number: int, at: float, **more: Any) -> Any:
    return row(BIG + number, first_seen_s=at, last_seen_s=at, airborne=True, **more)


def attack(count: int, start: float, per_s: float, **more: Any) -> list[Verdict]:
    """A ghost is heard, and judged a moment later."""
    ways = [start + number / per_s for number in range(count)]
    return [verdict(at + 0.2, track=ghost(number, at, **more)) for number, at in enumerate(ways)]


def play(verdicts: list[Verdict], until: int, *, live: Any = (), cuts: random.Random | None = None) -> list[Alert]:
    """Second by second; each second's rows in one batch or, with ``cuts``, in several."""
    book, flying = AlertBook(), {track.track_id: track for track in live}
    told: list[Alert] = []
    for second in range(until):
        due = [each for each in verdicts if second <= each.logged_s < second + 1]
        flying |= {each.track.track_id: each.track for each in due}
        while cuts is not None and due:
            part = cuts.randint(1, len(due))
            told += book.step(due[:part], changes(), (), ())
            due = due[part:]
        told += book.step(due, changes(list(flying.values()), second + 1.0), (), ())
    return told


def floods(told: list[Alert]) -> list[Alert]:
    return [alert for alert in told if alert.reason == Reason.FLOOD.value]


def latest(told: list[Alert]) -> dict[str, Alert]:
    return {alert.record_id: alert for alert in told}


def test_a_thousand_and_fifteen_alerts_in_twenty_seconds_are_one_card() -> None:
    told = play(attack(1015, 0.0, 50.75), 40)
    now = latest(told)
    (card,) = [alert for alert in now.values() if alert.part_of is None]
    assert (card.kind, card.verdict, card.reason) == (Kind.SPOOFING, VerdictValue.SITUATION, "flood")
    assert card.count == 1015
    assert "1,015 new drones since" in card.sentence_en
    assert "may be real" in card.sentence_en
    assert "1.015 nieuwe drones" in card.sentence_nl
    folded = [alert for alert in now.values() if alert.part_of == card.alert_id]
    assert len(folded) == 1015  # nothing is held back
    assert sum(alert.state is AlertState.OPENED for alert in told) == 1016
    counts = [alert.count or 0 for alert in floods(told)]
    assert counts == sorted(counts)
    assert len(counts) < 12  # and it does not chatter


@pytest.mark.parametrize(
    ("count", "per_s", "cards"),
    [(20, 10.0, 0), (21, 10.0, 1), (21, 1.9, 0), (21, 2.2, 1), (300, 1.5, 0), (300, 2.5, 1)],
)
def test_more_than_twenty_within_ten_seconds(count: int, per_s: float, cards: int) -> None:
    told = play(attack(count, 0.0, per_s), int(count / per_s) + 5)
    assert sum(alert.state is AlertState.OPENED for alert in floods(told)) == cards


KNOWN = row(1, first_seen_s=0.0, airborne=True)


@pytest.mark.parametrize(
    ("real", "folds"),
    [
        (verdict(105.0, track=row(1, first_seen_s=104.8)), True),  # a ghost like the others
        (verdict(105.0, track=row(1, first_seen_s=90.0)), False),  # heard before
        (verdict(105.0, track=row(1, first_seen_s=float("nan"))), False),  # not known since when
        (
            verdict(105.0, Reason.NOTICE_WRONG_HEIGHT, track=row(1, first_seen_s=104.8), notice_id="N1"),
            False,
        ),
        (
            verdict(
                105.0,
                Reason.NOTICE_WRONG_PLACE,
                track=row(1, first_seen_s=104.8),
                notice_id="N1",
                notice_gap=NoticeGap(metres=30.0),
            ),
            False,
        ),
        (  # a notice of somebody else's is near every ghost
            verdict(
                105.0,
                Reason.NOTICE_WRONG_IDENTITY,
                track=row(1, first_seen_s=104.8),
                notice_id="N1",
                notice_gap=NoticeGap(identity="different"),
            ),
            True,
        ),
        (verdict(105.0, track=row(1, first_seen_s=104.8, status=int(Status.EMERGENCY))), False),
        (verdict(105.0, track=row(1, first_seen_s=104.8, uas_id=None, confidence=0.8)), False),  # found by radio
        (verdict(105.0, track=row(1, first_seen_s=104.8, uas_id=None)), True),  # a message without a name
        (
            verdict(105.0, track=row(1, first_seen_s=104.8, suspect=True, remarks=int(Remark.IDENTITY_CONFLICT))),
            False,
        ),
    ],
)
def test_what_has_signs_of_its_own_never_folds(real: Verdict, folds: bool) -> None:  # noqa: FBT001
    told = play(sorted([*attack(400, 100.0, 40.0), real], key=lambda each: each.logged_s), 115)
    (mine,) = [alert for alert in latest(told).values() if alert.track_id == "T-1" and alert.kind is Kind.ZONE]
    assert (mine.part_of is not None) is folds
    assert mine.opened_s == 105.0  # told at once all the same


def test_a_drone_of_before_keeps_its_alert_and_its_card() -> None:
    known = verdict(1.0, track=KNOWN)
    told = play([known, *attack(100, 60.0, 50.0)], 70, live=[KNOWN])
    (mine,) = [alert for alert in latest(told).values() if alert.track_id == "T-1"]
    assert mine.part_of is None


def test_after_the_rush_a_new_drone_is_a_card_of_its_own_though_the_ghosts_stay() -> None:
    late = verdict(60.2, track=row(1, first_seen_s=60.0))
    told = play([*attack(200, 0.0, 50.0), late], 70)
    (mine,) = [alert for alert in latest(told).values() if alert.track_id == "T-1"]
    assert mine.part_of is None
    assert floods(told)[-1].count == 200


def test_what_opens_later_about_a_ghost_belongs_to_the_flood_and_lifts_it() -> None:
    """None is hidden: the flood ranks as high as the highest of what it speaks for."""
    book, evening = AlertBook(), Evening.start()
    evening.book = book
    tracks = [ghost(number, 0.0) for number in range(40)]
    evening.live = tracks
    evening.say(*(verdict(0.2, track=track) for track in tracks))
    evening.ticks(1, 20)
    (low,) = [alert for alert in book.open_alerts() if alert.reason == "flood"]
    (over,) = evening.say(fence(20.5, ZoneRole.BOWL, tracks[3]))
    assert over.part_of == low.alert_id
    high = [alert for alert in evening.ticks(21, 30) if alert.reason == "flood"][-1]
    assert (high.priority, high.priority > low.priority) == (over.priority, True)
    (height,) = evening.say(verdict(31.0, Reason.ABOVE_LIMIT, track=tracks[3], kind=Kind.HEIGHT))
    assert height.part_of == low.alert_id


def test_one_that_a_person_takes_stands_alone() -> None:
    evening = Evening.start()
    evening.live = [ghost(number, 0.0) for number in range(40)]
    told = evening.say(*(verdict(0.2, track=track) for track in evening.live))
    mine = next(alert for alert in told if alert.track_id)
    (taken,) = evening.order(CommandKind.ACKNOWLEDGE, mine.alert_id, 1.0)
    assert taken.part_of is None


def test_it_is_over_with_its_ghosts_and_another_attack_is_another_card() -> None:
    evening = Evening.start()
    evening.live = [ghost(number, 0.0) for number in range(40)]
    evening.say(*(verdict(0.2, track=track) for track in evening.live))
    evening.tick(1.0)
    evening.say(*(allowed(2.0, Reason.TRACK_ENDED, track) for track in evening.live))
    evening.live = []
    (closed,) = floods(evening.ticks(3, 60))
    assert (closed.state, closed.time_s) == (AlertState.CLOSED, 33.0)
    assert closed.sentence_en == "The many new drones are gone."
    evening.live = [ghost(100 + number, 600.0) for number in range(40)]
    again = floods(list(evening.say(*(verdict(600.2, track=track) for track in evening.live))))
    assert again[0].alert_id != closed.alert_id


def test_the_swarm_of_its_signals_is_the_same_card() -> None:
    ghosts = [ghost(number, 0.0, suspect=True, remarks=SPOOF) for number in range(60)]
    told = play([verdict(0.2, value=VerdictValue.SUSPECTED, track=track) for track in ghosts], 20)
    (card,) = [alert for alert in latest(told).values() if alert.part_of is None]
    assert card.reason == "flood"


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_of_the_log_gives_the_same(seed: int) -> None:
    verdicts = sorted(
        [*attack(120, 3.0, 30.0), *attack(30, 20.0, 1.0, suspect=True, remarks=SPOOF), verdict(4.4, track=KNOWN)],
        key=lambda each: each.logged_s,
    )
    whole, cut = play(verdicts, 30), play(verdicts, 30, cuts=random.Random(seed))
    assert msgspec.json.encode([alert_line(a) for a in whole]) == msgspec.json.encode([alert_line(a) for a in cut])
