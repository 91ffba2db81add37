"""The register of health: since when, what, what to do; told once in the log, over by itself where it was one event."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from airspace.app import watch
from airspace.model.health import TROUBLES, HealthLevel, Trouble
from airspace.service.clock import SteadyClock
from airspace.service.health import Health

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"


def test_a_trouble_keeps_its_beginning_and_is_logged_once_and_so_is_its_end() -> None:
    now_s = [10.0]
    health = Health(lambda: now_s[0])
    with capture_logs() as lines:
        health.trouble("database", Trouble.DATABASE_NOT_REACHED, "no route")
        now_s[0] = 20.0
        health.trouble("database", Trouble.DATABASE_NOT_REACHED, "refused")
        state = health.parts()["database"]
        assert (state.since_s, state.detail, state.level) == (10.0, "refused", HealthLevel.DOWN)
        assert state.what.endswith("refused")
        assert health.blinding() == ("database",)
        health.well("database")
        health.well("database")
    assert [line["event"] for line in lines] == ["trouble", "well again"]
    assert lines[1]["lasted_s"] == 10.0
    assert health.ready()


def test_a_channel_that_fails_is_told_and_blinds_nobody() -> None:
    health = Health(lambda: 0.0)
    health.trouble("channel:grafana", Trouble.CHANNEL_FAILS, "answered 401")
    assert health.parts()["channel:grafana"].level is HealthLevel.DOWN
    assert (health.ready(), health.blinding()) == (True, ())
    health.trouble("mqtt:x", Trouble.LINK_LOST)
    assert not health.ready()


@pytest.mark.parametrize("word", [Trouble.LINK_LOST, Trouble.REFUSED_BY_PEER, Trouble.SESSION_TAKEN])
def test_a_link_that_stays_away_deafens_and_one_that_is_back_soon_does_not(word: Trouble) -> None:
    now_s = [0.0]
    health = Health(lambda: now_s[0])
    for second in range(6):
        now_s[0] = float(second)
        health.trouble("mqtt:x", word)
        assert health.deafening() == ()
    now_s[0] = 6.0
    assert (health.deafening(), health.blinding()) == (("mqtt:x",), ())
    health.well("mqtt:x")
    assert health.deafening() == ()


def test_what_was_one_event_is_over_by_itself() -> None:
    now_s = [0.0]
    health = Health(lambda: now_s[0])
    health.trouble("core", Trouble.ENTRIES_LEFT_OUT)
    now_s[0] = 500.0
    health.trouble("core", Trouble.ENTRIES_LEFT_OUT)
    now_s[0] = 1000.0
    assert health.parts()["core"].trouble is Trouble.ENTRIES_LEFT_OUT
    now_s[0] = 1101.0
    assert health.parts()["core"].trouble is None


def test_each_session_that_a_broker_forgot_is_told_for_an_hour() -> None:
    now_s, counters = [0.0], {"forgotten": 0}
    health = Health(lambda: now_s[0])
    source, gaps = SimpleNamespace(name="mqtt:city", counters=counters), watch.Gaps()

    def told() -> Trouble | None:
        gaps.look(cast("Any", source), health)
        part = health.parts().get("mqtt:city:session")
        return None if part is None else part.trouble

    assert told() is None
    counters["forgotten"] = 1
    assert told() is Trouble.SESSION_FORGOTTEN
    now_s[0] = 3599.0
    assert told() is Trouble.SESSION_FORGOTTEN
    now_s[0] = 3601.0
    assert told() is None
    counters["forgotten"] = 2
    assert told() is Trouble.SESSION_FORGOTTEN
    assert health.ready()


@pytest.mark.parametrize("ran_before", [True, False])
def test_no_session_at_the_start_is_a_gap_only_where_a_service_ran_before(*, ran_before: bool) -> None:
    health, gaps = Health(lambda: 0.0), watch.Gaps()
    source = SimpleNamespace(name="mqtt:city", counters={"fresh": 1})
    gaps.look(cast("Any", source), health)
    assert not health.parts(), "nobody knows yet"
    gaps.ran_before = ran_before
    gaps.look(cast("Any", source), health)
    assert bool(health.parts()) is ran_before


def test_a_step_that_is_followed_is_never_clear_for_a_while() -> None:
    wall_s, steady_s = [1000.0], [0.0]
    clock = SteadyClock(lambda: wall_s[0], lambda: steady_s[0])
    health = Health(clock)

    def pass_by(seconds: int) -> None:
        for _ in range(seconds):
            wall_s[0] += 1
            steady_s[0] += 1
            watch._look_at_clock(clock, health)

    pass_by(5)
    assert health.parts()["clock"].trouble is None
    wall_s[0] += 400
    pass_by(5)
    assert (health.parts()["clock"].trouble, health.deafening()) == (Trouble.CLOCK_STEPPED, ())
    pass_by(27)
    assert (health.parts()["clock"].trouble, health.deafening()) == (Trouble.CLOCK_FOLLOWED, ("clock",))
    pass_by(20)
    assert (health.parts()["clock"].trouble, health.deafening()) == (None, ())


def test_details_from_outside_are_cleaned_and_cut() -> None:
    health = Health(lambda: 0.0)
    health.trouble("x", Trouble.LINK_LOST, "a\nb\x1b[31m\u202e" + "c" * 1000)
    detail = health.parts()["x"].detail
    assert len(detail) <= 300
    assert not re.search(r"[\x00-\x1f\u202e]", detail)


def test_parts_are_bounded() -> None:
    health = Health(lambda: 0.0)
    for number in range(2000):
        health.well(str(number))
    assert len(health.parts()) == 500


def test_every_word_has_a_meaning_and_stands_in_the_runbook() -> None:
    assert set(TROUBLES) == set(Trouble)
    headings = set(re.findall(r"^### `(\w+)`", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE))
    assert headings == {word.value for word in Trouble}
    for meaning in TROUBLES.values():
        assert meaning.what.endswith(".")
        assert meaning.do.endswith(".")
