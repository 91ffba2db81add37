"""A sensor may be heard and blind: what it says of its own work, in every format that can say so."""

from __future__ import annotations

import importlib
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app import rules
from airspace.app import service as assembling
from airspace.app.core import DECODE
from airspace.app.doctor import links
from airspace.app.doctor.finding import State
from airspace.model.alert import Alert, AlertState
from airspace.model.commit import Commit
from airspace.model.detection import Detections
from airspace.model.log import Batch, Heartbeat, Working
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service import config
from airspace.service.inbox import Inbox
from airspace.service.line import Line
from airspace.service.metrics import Metrics
from airspace.service.view import LiveView
from airspace.store.records import heartbeat_records
from airspace.tracking.picture import Picture
from alerting.book import AlertBook
from alerting.sensor_words import MAX_LETTERS
from dashboards.api.shapes import Sensor as SensorShape
from receivers.formats.condition import SAYS_CHARACTERS
from receivers.gate import Gate
from tests.cases import given
from tests.receivers import odid_encoding as encode

T0 = 1_791_245_160.0
HOSTILE = "\x1b[31m<b>fault</b>\u202e\r\n" + "x" * 5000


def dronescout(status: Any = "normal", key: str = "status", **fields: Any) -> bytes:
    said = {"sensor ID": "roof", "timestamp": T0 * 1000, "firmware version": "2026", "model": "ds240", "status": status}
    return json.dumps({"protocol": 1.0, key: said | fields}).encode()


def sapient(system: int = 1, *statuses: tuple[int, int, str]) -> bytes:
    made: Any = pytest.importorskip("tests.receivers.sapient_messages").status("roof")
    made.status_report.system = system
    for level, kind, value in statuses:
        made.status_report.status.add(status_level=level, status_type=kind, status_value=value)
    return str(importlib.import_module("google.protobuf.json_format").MessageToJson(made)).encode()


def rf(**fields: Any) -> bytes:
    said = {"format": "airspace-rf-1", "kind": "heartbeat", "sensor": "roof", "time": "2026-10-06T00:06:00Z"}
    return json.dumps(said | fields).encode()


def scout(receivers: Any) -> bytes:
    return json.dumps({"sn": "roof", "timestamp": T0, "gnss_satellites": 9, "receivers": receivers}).encode()


def readsb(messages: Any, aircraft: list[Any] | None = None) -> bytes:
    return json.dumps({"now": T0, "messages": messages, "aircraft": aircraft or []}).encode()


def message(payload: bytes, place: str = "", at_s: float = T0, *, retained: bool = False) -> RawMessage:
    return RawMessage(payload=payload, received_s=at_s, sensor="roof", place=place, retained=retained)


BLIND: dict[str, tuple[Callable[[], bytes], str]] = {
    "DroneScout": (lambda: dronescout("invalid license"), "invalid license"),
    "DroneScout, under data": (lambda: dronescout("invalid license", "data"), "invalid license"),
    "DroneScout, compressed": (lambda: lzma.compress(dronescout("invalid license")), "invalid license"),
    "DroneScout, spelt otherwise": (lambda: dronescout(" Invalid Licence."), "Invalid Licence."),
    "SAPIENT error": (lambda: sapient(3), "error"),
    "SAPIENT error with its cause": (lambda: sapient(3, (4, 1, "antenna")), "error, internal fault: antenna"),
    "SAPIENT tamper, version 7": (lambda: sapient(4), "tamper"),
    "SAPIENT tamper, in words": (lambda: sapient(4).replace(b'"system": 4', b'"system": "SYSTEM_TAMPER"'), "tamper"),
    "SAPIENT ok, and yet": (lambda: sapient(1, (4, 2, "jammed")), "external fault: jammed"),
    "SAPIENT not detecting": (lambda: sapient(1, (2, 11, "")), "not detecting"),
    "Dronetag, none of its receivers": (lambda: scout(0), "no active receiver"),
    "Dronetag, an empty list": (lambda: scout([]), "no active receiver"),
    "RF": (lambda: rf(fault="preamplifier without power"), "preamplifier without power"),
    "RF, in its detail": (lambda: rf(detail="ERROR: antenna 3 open"), "ERROR: antenna 3 open"),
    "readsb": (lambda: readsb(0), "0 messages since its start"),
    "readsb statistics": (
        lambda: json.dumps({"now": T0, "last1min": {"start": 1, "end": 2, "messages": 0}}).encode(),
        "0 messages in the last minute",
    ),
}
AWAY: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "SAPIENT goodbye": (lambda: sapient(5), "", "goodbye"),
    "DragonSync, its broker": (lambda: b"offline", "wardragon/service/roof/availability", "offline"),
}
WELL: dict[str, Callable[[], bytes]] = {
    "DroneScout": dronescout,
    "SAPIENT ok": sapient,
    "SAPIENT warning": lambda: sapient(2, (3, 5, "much clutter")),
    "Dronetag": lambda: scout(4),
    "Dronetag, a list": lambda: scout(["BT", "WIFI"]),
    "RF": lambda: rf(noise_floor_dbm=-95.0, detail="no faults"),
    "readsb": lambda: readsb(17),
    "readsb behind a proxy that counts nothing": lambda: readsb(0, [{"hex": "484b20"}]),
    "readsb statistics": lambda: json.dumps({"now": T0, "last1min": {"messages": 3}}).encode(),
    "mesh-mapper": lambda: b'{"heartbeat":"remote_node active"}',
}
UNSAID: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "DroneScout, a word that its manual has not": (lambda: dronescout("tuning"), "tuning"),
    "DroneScout, a word that sounds bad": (lambda: dronescout("license expires soon"), "license expires soon"),
    "DroneScout, where it stands": (lambda: dronescout(None, "location", latitude=52.0, longitude=4.0), None),
    "SAPIENT, an unknown number": (lambda: sapient(9), "system 9"),
    "SAPIENT, an unknown word": (
        lambda: sapient().replace(b"SYSTEM_OK", b"SYSTEM_SLEEPING"),
        "system SYSTEM_SLEEPING",
    ),
    "SAPIENT, unspecified": (lambda: sapient(0), None),
    "Dronetag, nothing of receivers": (lambda: scout(None), None),
    "mesh-mapper": (lambda: b'{"heartbeat":"inactive, rebooting"}', "inactive, rebooting"),
    "readsb without a count": (lambda: readsb(None), None),
}


def beat(payload: bytes, place: str = "") -> Heartbeat:
    decoded = DECODE([message(payload, place)])
    assert decoded.rejects == ()
    (found,) = decoded.heartbeats
    assert found.sensor == "roof"
    return found


@pytest.mark.parametrize("name", BLIND)
def test_it_says_that_it_is_blind(name: str) -> None:
    make, says = BLIND[name]
    found = beat(make())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.BLIND, says, None, True)


@pytest.mark.parametrize("name", AWAY)
def test_it_says_that_it_goes(name: str) -> None:
    make, place, says = AWAY[name]
    found = beat(make(), place)
    assert (found.working, found.says, found.gone) == (Working.AWAY, says, True)


@pytest.mark.parametrize("name", WELL)
def test_it_says_that_it_is_well(name: str) -> None:
    found = beat(WELL[name]())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.WELL, None, None, False)


@pytest.mark.parametrize("name", UNSAID)
def test_what_is_not_documented_is_told_and_not_believed(name: str) -> None:
    make, unclear = UNSAID[name]
    found = beat(make())
    assert (found.working, found.says, found.unclear, found.gone) == (Working.UNSAID, None, unclear, False)


def test_a_hostile_reason_is_cleaned_and_cut() -> None:
    for payload in (rf(fault="\x1b[31m<b>x\u202e\r\ny"), sapient(3, (4, 1, HOSTILE)), dronescout(HOSTILE)):
        found = beat(payload)
        words = found.says or found.unclear or ""
        assert words
        assert words.isprintable()
        assert len(words) <= SAYS_CHARACTERS


# in the running service


@dataclass
class Service:
    """Gate, line and view as they stand in a service, one tick a second, without a store."""

    now_s: float = T0
    told: list[Alert] = field(default_factory=list)

    def __post_init__(self) -> None:
        sensors = (Sensor(sensor_id="roof", name="Roof", kind="remote_id"),)
        self.book = AlertBook(sensors)
        self.gate = Gate({"roof": sensors[0]}, accept_unknown_sensors=False)
        rulebook = rules.Rulebook([], [])
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
        return assembling._view(assembly, self.book, Inbox(), Metrics(), self.gate)

    def take(self, payload: bytes | None, place: str = "", *, retained: bool = False) -> dict[str, Any]:
        """One second with a message, or without; the sensor's line after it."""
        self.now_s += 1.0
        messages = [] if payload is None else [message(payload, place, self.now_s, retained=retained)]
        admitted = self.gate.admit(DECODE(messages), self.now_s)
        beats = tuple(Heartbeat(**{**_fields(one), "logged_s": self.now_s}) for one in admitted.heartbeats)
        rows = admitted.detections
        rows = rows.replace(logged_s=rows.received_s * 0 + self.now_s)
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


def _fields(one: Heartbeat) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


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
    assert service.told[-1].sentence_en == "Sensor Roof is back."
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


# who else is told


def test_a_goodbye_is_stored_as_no_sign_of_life() -> None:
    beats = (Heartbeat(sensor="roof", logged_s=T0), Heartbeat(sensor="roof", logged_s=T0 + 5, working=Working.AWAY))
    (record,) = heartbeat_records(Commit(heartbeats=beats))
    assert record["last"] == "2026-10-06T00:06:00.000Z"


def test_the_doctor_tells_what_a_document_says_of_its_receiver() -> None:
    (found,) = links._said("poll", [message(readsb(0)), message(readsb(0))])
    assert found.state is State.WARN
    assert found.text == "it says: 0 messages since its start"
    assert links._said("poll", [message(readsb(5))]) == []


def test_who_only_decodes_a_file_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = [dronescout("invalid license"), dronescout("tuning"), dronescout()]
    (tmp_path / "said.jsonl").write_bytes(b"\n".join(said))
    for command in ("decode", "replay"):
        answer = given.airspace(command, "said.jsonl")
        assert answer.code == 0
        assert "1 x sensor roof does not hear, it says: invalid license" in answer.err
        assert "1 x sensor roof says what is not understood: tuning" in answer.err


# replay


CONFIG = """
[[sensor]]
id = "roof"
name = "Roof"
[[sensor]]
id = "mast"
name = "Mast"
"""


def alive(sensor: str, at_s: float, **fields: Any) -> str:
    said = {"format": "airspace-rf-1", "kind": "heartbeat", "sensor": sensor}
    return json.dumps(said | {"time": _time(at_s)} | fields)


def heard(sensor: str, at_s: float) -> str:
    said = {"format": "airspace-rf-1", "kind": "presence", "sensor": sensor, "frequency_hz": 2.4e9}
    return json.dumps(said | {"time": _time(at_s)})


def _time(at_s: float) -> str:
    return f"2026-10-06T00:{int(at_s // 60):02d}:{at_s % 60:06.3f}Z"


RECORDINGS: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "rows alone, of one of two sensors": ([heard("roof", at) for at in range(0, 60, 5)], []),
    "rows with a long gap": ([heard("roof", at) for at in (0, 1, 600, 601, 1200)], []),
    "heartbeats to the end": ([alive("roof", at) for at in range(0, 600, 60)], []),
    "heartbeats that stop while another is heard": (
        [alive("roof", 0), alive("roof", 60), *(heard("mast", at) for at in range(0, 600, 30))],
        [("roof", "sensor_silent")],
    ),
    "heartbeats of one, rows of the other stop": (
        [heard("mast", 0), *(alive("roof", at) for at in range(0, 900, 60))],
        [],
    ),
    "a sensor that says that it is blind": (
        [alive("roof", 0), heard("mast", 5), alive("roof", 60, fault="no antenna"), alive("roof", 120)],
        [("roof", "sensor_blind")],
    ),
    "nothing but a blind sensor": ([alive("mast", 30, fault="no antenna")], [("mast", "sensor_blind")]),
}


@pytest.mark.parametrize("batch", ["1", "1024"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_replay_tells_what_the_recording_says_and_no_more(
    name: str, batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "airspace.toml").write_text(CONFIG)
    lines, wanted = RECORDINGS[name]
    (tmp_path / "heard.jsonl").write_text("\n".join(lines) + "\n")
    replayed = given.airspace("replay", "--config", "airspace.toml", "--batch", batch, "heard.jsonl")
    opened = [one for one in replayed.lines() if one["kind"] == "coverage" and one["state"] == "opened"]
    assert [(one["sensors"][0], one["reason"]) for one in opened] == wanted
