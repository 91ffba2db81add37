"""What the console may see: in statistics mode no serial, operator id or pilot position; in enforcement mode all."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from operator import add
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app import rules
from airspace.app.assembly import gate_of, view_of
from airspace.demo import facts, scenario
from airspace.model.health import Trouble
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.service import config
from airspace.service.cutter import Cutter
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.line import Line
from airspace.service.metrics import Metrics
from airspace.service.view import LiveView
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from geofences.formats.notices import read
from geofences.notices.book import NoticeBook
from receivers.formats.detect import decode

START_S = facts.EVENING_S
UNTIL_S = 60.0
SERIALS = ("9ZZZ8HBY00001", facts.BROADCASTER_SERIAL, facts.INSPECTION_SERIAL)
ZONES = Path(facts.__file__).with_name("zones.json")


def evening(mode: Mode) -> tuple[LiveView, AlertBook, Inbox]:
    """A view after the first minute of the match evening."""
    book, inbox = AlertBook(scenario.SENSORS), Inbox()
    rulebook = rules.Rulebook([ZONES], [])
    rulebook.use_notices(NoticeBook(read(facts.notices(START_S), "evening").notices))
    assembly = app.Assembly(
        url="",
        privacy=Privacy(mode=mode, key=b"k"),
        rulebook=rulebook,
        sensors=scenario.SENSORS,
        sources=[],
        channels=[],
        settings=config.Settings(),
        clock=lambda: START_S + UNTIL_S,
    )
    view = view_of(assembly, book, inbox, Metrics(), gate_of(assembly), Health(assembly.clock))
    line, cutter = Line(Picture(), rulebook.judge, book), Cutter(256)
    messages = [
        RawMessage(payload=payload, received_s=START_S + at_s)
        for at_s, _, payload in scenario.scenario(START_S)
        if at_s < UNTIL_S
    ]
    for batch in cutter.feed(decode(messages)):
        view.take(line.apply(batch))
    return view, book, inbox


def everything(view: LiveView) -> str:
    shown: list[Any] = [view.tracks(), view.alerts(), view.sensors(), view.status(), view.notices()]
    return json.dumps(shown)


@pytest.fixture(scope="module")
def pilots() -> list[str]:
    view, _, _ = evening(Mode.ENFORCEMENT)
    return [str(track["pilot"]["latitude_deg"]) for track in view.tracks() if track["pilot"]]


def test_enforcement_shows_serials_and_pilots(pilots: list[str]) -> None:
    view, _, _ = evening(Mode.ENFORCEMENT)
    shown = everything(view)
    assert all(serial in shown for serial in SERIALS)
    assert pilots
    assert all(pilot in shown for pilot in pilots)


def test_statistics_shows_neither(pilots: list[str]) -> None:
    view, _, _ = evening(Mode.STATISTICS)
    shown = everything(view)
    assert not [serial for serial in SERIALS if serial in shown]
    assert not [pilot for pilot in pilots if pilot in shown]
    assert "e1:" in shown, "pseudonyms stand in their place"
    assert all(alert["pilot"] is None for alert in view.alerts())


def test_the_state_of_the_evening() -> None:
    view, _, _ = evening(Mode.ENFORCEMENT)
    status = view.status()
    assert (status["state"], status["open_alerts"], status["authorised_now"]) == ("over_crowd", 1, 2)
    assert (status["sensors_ok"], status["sensors"]) == (7, 7)
    verdicts = {track["uas_id"]: track["verdict"] for track in view.tracks()}
    assert verdicts[facts.BROADCASTER_SERIAL] == "allowed"
    assert verdicts["9ZZZ8HBY00001"] == "violation"


def test_a_source_that_is_away_for_seconds_is_never_clear() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    view._drones.clear()  # nothing flies
    now_s, health = START_S + UNTIL_S, view._parts.health
    for away_s, state in ((0.0, "clear"), (4.0, "clear"), (6.0, "coverage_reduced")):
        view._answers.clear()
        health._clock = partial(add, now_s, away_s)
        health.trouble("mqtt:city", Trouble.LINK_LOST, "connection refused")
        assert view.status()["state"] == state
    health.well("mqtt:city")
    view._answers.clear()
    assert view.status()["state"] == "clear"


async def test_a_command_goes_into_the_log_and_its_alert_comes_back() -> None:
    view, book, inbox = evening(Mode.ENFORCEMENT)
    (alert,) = view.alerts()
    asked = asyncio.ensure_future(view.command("acknowledge", alert["alert_id"], "unit\n12", None, None))
    await asyncio.sleep(0)
    _, (request,) = inbox.drain()
    assert request.command.by == "unit 12"
    request.told.set_result(book.latest(alert["alert_id"]))
    assert (await asked)["alert_id"] == alert["alert_id"]
    with pytest.raises(KeyError):
        await view.command("acknowledge", "A-none", "unit 12", None, None)


async def test_a_watcher_gets_the_whole_picture_first() -> None:
    view, _, _ = evening(Mode.ENFORCEMENT)
    watcher = view.subscribe()
    names = [(await anext(watcher))[0] for _ in range(5)]
    assert names == ["status", "zones", "sensors", "tracks", "alerts"]
