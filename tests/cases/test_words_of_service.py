"""What the service says of what is dealt with, of what is over, and of its own start: each true as it is read."""

from __future__ import annotations

import pytest

from airspace import app
from airspace.model.alert import AlertState
from airspace.model.detection import UaType
from airspace.model.health import Trouble
from airspace.model.lines import alert_line
from airspace.model.log import CommandKind
from airspace.model.sensor import Sensor
from airspace.model.verdict import Reason, VerdictValue
from airspace.service import logs
from airspace.service.health import Health
from alerting.channels.grafana.annotations import _text
from receivers.formats import sapient
from receivers.formats.readsb import CATEGORIES
from tests.alerting.making import Evening, allowed, row, verdict
from tests.cases.test_state_line import FLYING, Wall

CLOSE = CommandKind.CLOSE
NOORD = Sensor(sensor_id="noord", name="Noord", kind="remote_id", silent_after_s=15.0)


@pytest.mark.parametrize(
    ("outcome", "nl", "en"),
    [
        ("warned", ", de piloot is gewaarschuwd", ", the pilot was warned"),
        ("fined", ", de piloot heeft een boete gekregen", ", the pilot was fined"),
        ("false_alarm", ", het was vals alarm", ", it was a false alarm"),
        ("handed_over", ", overgedragen aan anderen", ", handed over to others"),
        ("other", "", ""),
        (None, "", ""),
    ],
)
def test_what_is_handled_says_what_it_is_about_and_that_it_is_still_there(
    outcome: str | None, nl: str, en: str
) -> None:
    evening = Evening.start(row())
    (opened,) = evening.say(verdict(0.0))
    (handled,) = evening.order(CLOSE, opened.alert_id, 1.0, outcome=outcome)
    assert handled.sentence_nl == f"{opened.sentence_nl} Afgehandeld door eenheid 12{nl}; de drone is er nog."
    assert handled.sentence_en == f"{opened.sentence_en} Handled by eenheid 12{en}; the drone is still there."
    assert (handled.matter_nl, handled.matter_en) == (opened.sentence_nl, opened.sentence_en)
    assert _text(alert_line(handled)) == handled.sentence_en  # once, in an annotation
    (gone,) = evening.say(allowed(5.0, Reason.ON_THE_GROUND))
    assert gone.sentence_nl.startswith("Afgesloten")
    assert gone.matter_nl == opened.sentence_nl


@pytest.mark.parametrize("reason", [Reason.NO_NOTICE, Reason.ABOVE_LIMIT, Reason.ALL_FLIGHTS_FORBIDDEN])
def test_every_matter_is_kept(reason: Reason) -> None:
    evening = Evening.start(row())
    (opened,) = evening.say(verdict(0.0, reason, VerdictValue.SUSPECTED))
    (handled,) = evening.order(CLOSE, opened.alert_id, 1.0, outcome="not_found")
    assert handled.state is AlertState.CLOSED
    assert handled.sentence_nl.startswith(f"{opened.sentence_nl} Afgehandeld door eenheid 12")


def test_a_handled_sensor_is_no_drone() -> None:
    evening = Evening.start(sensors=(NOORD,))
    evening.hear(0.0, "noord")
    (silent,) = evening.ticks(1, 16)
    (handled,) = evening.order(CLOSE, silent.alert_id, 20.0, outcome="other")
    assert handled.sentence_en == (
        "Sensor Noord has been silent for 16 seconds: coverage reduced. Handled by eenheid 12; it is still so."
    )
    evening.hear(58.0, "noord")
    (back,) = evening.tick(59.0)
    assert back.sentence_nl == "Sensor Noord zweeg 58 seconden. Hij werkt weer. Afgesloten."


@pytest.mark.parametrize(
    ("heard_s", "back_s", "nl", "en"),
    [
        (0.0, 58.0, "Sensor Noord zweeg 58 seconden.", "Sensor Noord was silent for 58 seconds."),
        (10.0, 40.0, "Sensor Noord zweeg 30 seconden.", "Sensor Noord was silent for 30 seconds."),
        (0.0, 400.0, "Sensor Noord zweeg 7 minuten.", "Sensor Noord was silent for 7 minutes."),
        (None, 61.0, "Sensor Noord was 60 seconden niet te horen.", "Sensor Noord was not heard for 60 seconds."),
    ],
)
def test_a_silence_that_is_over_is_told_as_past_and_whole(
    heard_s: float | None, back_s: float, nl: str, en: str
) -> None:
    evening = Evening.start(sensors=(NOORD,))
    if heard_s is not None:
        evening.hear(heard_s, "noord")
    assert evening.ticks(1, int(back_s))
    evening.hear(back_s, "noord")
    (back,) = evening.tick(back_s + 1.0)
    assert (back.sentence_nl, back.sentence_en) == (f"{nl} Hij werkt weer.", f"{en} It is back.")
    assert (back.matter_nl, back.matter_en) == (nl, en)
    assert _text(alert_line(back)) == back.sentence_en


@pytest.mark.parametrize("speed", [1.0, 4.0, 60.0])
def test_a_fast_clock_ages_no_tick(speed: float) -> None:
    wall = Wall()
    wall.view._speed = speed
    wall.say(verdict(0.5, track=FLYING))
    wall.tick(1.0)
    wall.now_s, wall.steady_s = 1.0 + 2.0 * speed, 2.0 * speed
    assert wall.status("state", "tick_age_s") == ["watch", 2.0]
    wall.now_s = 1.0 + 6.0 * speed
    assert wall.status("state", "tick_age_s") == ["no_live_data", 6.0]


@pytest.mark.parametrize(("level", "line"), [("info", "starting"), ("warning", "")])
def test_starting_is_no_warning(level: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(level, terminal=True)
    health = Health(lambda: 0.0)
    health.trouble("tick", Trouble.STARTING)
    said = capsys.readouterr().err
    assert (line in said, "warning" in said, "detail" in said) == (True, False, False)
    assert bool(said) == bool(line)
    health.trouble("tick", Trouble.TICK_OLD, "It is 9 s old.")
    assert "It is 9 s old." in capsys.readouterr().err


def test_the_demo_logs_warnings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[str] = []

    def stop(level: str) -> None:
        levels.append(level)
        raise InterruptedError

    monkeypatch.setattr(logs, "set_up", stop)
    with pytest.raises(InterruptedError):
        app.demo(1.0, 4.0, 0, lambda _: None)
    assert levels == ["warning"]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("Air Vehicle", "Manned Helicopter"), UaType.OTHER),
        (("HELICOPTER",), UaType.OTHER),
        (("Air Vehicle", "UAV Rotary Wing"), UaType.MULTIROTOR),
        (("Quadcopter",), UaType.MULTIROTOR),
    ],
)
def test_a_class_that_may_be_manned_is_no_multirotor(names: tuple[str, ...], kind: UaType) -> None:
    assert sapient._ua_type(names) is kind


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_no_manned_aircraft_is_told_as_a_multirotor(category: str) -> None:
    assert CATEGORIES[category] is not UaType.MULTIROTOR
