"""A sensor that is heard and blind, in the running service: coverage, its alert, its line, and how it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app import rules
from airspace.app.assembly import view_of
from airspace.app.core import DECODE
from airspace.demo import facts
from airspace.model.alert import Alert, AlertState
from airspace.model.detection import Detections
from airspace.model.log import Batch, Heartbeat
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service import config
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.line import Line
from airspace.service.metrics import Metrics
from airspace.service.view import LiveView
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from alerting.sensor_words import MAX_LETTERS
from dashboards.api.shapes import Sensor as SensorShape
from receivers.gate import Gate
from tests.cases.said import AWAY, BLIND, T0, at, dronescout, message, readsb, rf
from tests.receivers import odid_encoding as encode

ZONES = Path(facts.__file__).with_name("zones.json")


@dataclass
class Service:
    """Gate, line and view as they stand in a service, one tick a second, without a store."""

    now_s: float = T0
    zones: tuple[Path, ...] = (ZONES,)
    told: list[Alert] = field(default_factory=list)

    def __post_init__(self) -> None:
        sensors = (Sensor(sensor_id="roof", name="Roof", kind="remote_id"),)
        self.book = AlertBook(sensors)
        self.gate = Gate({"roof": sensors[0]}, accept_unknown_sensors=False)
        rulebook = rules.Rulebook(list(self.zones), [])
        self.view = self._view(sensors, rulebook)
        self.line = Line(Picture(), rulebook.judge, self.book)

    def _view(self, sensors: tuple[Sensor, ...], rulebook: rules.Rulebook) -> LiveView:
        assembly = app.Assembly(
            url="",
            privacy=Privacy(mode=Mode.STATISTICS, key=b"k"),
            rulebook=rulebook,
            sensors=sensors,
            sources=[],
            channels=[],
            settings=config.Settings(),
            clock=lambda: self.now_s,
        )
        return view_of(assembly, self.book, Inbox(), Metrics(), self.gate, Health(assembly.clock))

    def take(self, payload: bytes | None, place: str = "", *, retained: bool = False) -> dict[str, Any]:
        """One second with a message, or without; the sensor's line after it."""
        return self.take_all([] if payload is None else [(at(payload, self.now_s + 1.0), retained)], place)

    def take_all(self, sent: Sequence[tuple[bytes, bool]], place: str = "") -> dict[str, Any]:
        """One second with messages, each with whether the broker kept it; the sensor's line after them."""
        self.now_s += 1.0
        messages = [message(payload, place, self.now_s, retained=retained) for payload, retained in sent]
        rows, beats = entered(self.gate, messages, self.now_s)
        for batch in (
            Batch(detections=rows, heartbeats=beats),
            Batch(detections=Detections.empty(), tick_s=self.now_s),
        ):
            outcome = self.line.apply(batch)
            self.told.extend(outcome.alerts)
            self.view.take(outcome)
        (line,) = self.view.sensors()
        SensorShape.model_validate(line)
        return line

    @property
    def state(self) -> str:
        return str(self.view.status()["state"])

    def opened(self) -> list[str]:
        return [alert.reason for alert in self.told if alert.state is AlertState.OPENED]


def entered(gate: Gate, messages: Sequence[RawMessage], now_s: float) -> tuple[Detections, tuple[Heartbeat, ...]]:
    """What of them enters the log."""
    admitted = gate.admit(DECODE(messages), now_s)
    rows = admitted.detections
    beats = tuple(replace(one, logged_s=now_s) for one in admitted.heartbeats)
    return rows.replace(logged_s=rows.received_s * 0 + now_s), beats


def _row() -> bytes:
    return encode.pack(encode.basic_id(), encode.location(tenths=0xFFFF))


@pytest.mark.parametrize("name", BLIND)
def test_coverage_is_reduced_while_it_says_so_and_comes_back(name: str) -> None:
    service = Service()
    line = service.take(dronescout())
    assert (line["ok"], line["says"], service.state) == (True, None, "clear")
    make, says = BLIND[name]
    line = service.take(make())
    assert (line["ok"], line["says"], line["says_gone"], service.state) == (False, says, True, "coverage_reduced")
    assert line["silent_s"] == 0  # it is heard
    assert service.opened() == ["sensor_blind"]
    assert service.told[-1].sentence_en.startswith("No drone seen, but sensor Roof says: ")
    for quiet in (None, _row(), dronescout(None, "location", latitude=52.0, longitude=4.0), dronescout("tuning")):
        line = service.take(quiet)
        assert (line["ok"], line["says"]) == (False, says), quiet
    assert line["not_understood"] == "tuning"
    line = service.take(dronescout())
    assert (line["ok"], line["says"], line["says_gone"], line["not_understood"]) == (True, None, False, None)
    assert service.told[-1].sentence_en == f"{service.told[-1].matter_en} It is back."
    assert service.told[-1].matter_en.startswith("Sensor Roof said for ")
    assert service.state == "clear"


@pytest.mark.parametrize("back", [_row(), dronescout(None, "location", latitude=52.0, longitude=4.0), dronescout()])
@pytest.mark.parametrize("name", AWAY)
def test_who_went_is_back_when_it_is_heard(name: str, back: bytes) -> None:
    service = Service()
    service.take(dronescout())
    make, place, says = AWAY[name]
    line = service.take(make(), place)
    assert (line["ok"], line["says"], line["says_gone"], service.state) == (False, says, True, "coverage_reduced")
    assert line["silent_s"] == 1  # its good-bye is no sign of life
    line = service.take(back)
    assert (line["ok"], line["says"], line["says_gone"]) == (True, None, False)


def test_a_last_will_that_the_broker_kept_counts_and_a_kept_sign_of_life_does_not() -> None:
    service = Service()
    line = service.take(dronescout(), retained=True)
    assert (line["ok"], line["last_seen"]) == (False, None)
    line = service.take(b"offline", "wardragon/service/roof/availability", retained=True)
    assert (line["ok"], line["says"], line["last_seen"]) == (False, "offline", None)
    line = service.take(b"online", "wardragon/service/roof/availability")
    assert (line["ok"], line["says"]) == (True, None)


def test_a_blind_sensor_that_falls_silent_is_told_as_silent() -> None:
    service = Service()
    service.take(dronescout("invalid license"))
    while service.now_s < T0 + 185:
        service.take(None)
    assert [alert.reason for alert in service.told if alert.state is not AlertState.CLOSED] == [
        *("sensor_blind",) * 2,  # again after a minute
        "sensor_silent",
    ]


def test_a_count_of_messages_that_stands_still_is_a_receiver_that_hears_nothing() -> None:
    service = Service()
    assert service.take(readsb(17))["ok"]
    while service.now_s < T0 + 180:
        assert service.take(readsb(17))["ok"]
    for _ in range(3):
        line = service.take(readsb(17))
    assert (line["ok"], line["says"], service.state) == (False, "no new message", "coverage_reduced")
    assert (
        service.told[-1].sentence_nl == "Geen drone gezien, maar sensor Roof meldt: geen nieuw bericht. Zicht beperkt."
    )
    assert service.take(readsb(18))["ok"]


def test_a_count_that_stands_still_while_rows_come_is_no_fault() -> None:
    service = Service()
    for _ in range(200):
        service.take(readsb(17))
        assert service.take(_row())["ok"]


def test_a_sensor_with_other_words_each_second_is_no_flood() -> None:
    service = Service()
    for number in range(200):
        service.take(rf(fault=f"fault {number}"))
    assert len(service.told) <= 6


def test_a_sensor_that_is_blind_every_other_second_is_no_flood_and_no_calm() -> None:
    service = Service()
    for number in range(200):
        line = service.take(rf(fault="loose plug") if number % 2 else rf())
        assert line["ok"] == (number % 2 == 0)
    assert [alert.state for alert in service.told] == [AlertState.OPENED, AlertState.CLOSED]
    for _ in range(20):
        service.take(rf(fault="loose plug"))
    assert service.opened() == ["sensor_blind"] * 2


def test_a_long_reason_leaves_a_sentence_that_can_be_read() -> None:
    service = Service()
    service.take(rf(fault="the antenna of the northern mast was taken down by the storm of last night, call the owner"))
    sentence = service.told[-1].sentence_en
    assert sentence.endswith("(...). Coverage reduced.")
    assert len(sentence) <= len("No drone seen, but sensor Roof says:  (...). Coverage reduced.") + MAX_LETTERS
