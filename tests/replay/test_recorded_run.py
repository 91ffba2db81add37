"""A run of the service, recorded, and replayed from its recording: the same alerts, byte for byte.

The run goes through the pipeline as it is live: deliveries of any size, the gate, ticks by the clock, a person who
takes an alert. A replay of the same messages by receive time would put ticks elsewhere and know nothing of the person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from airspace import app
from airspace.app.core import fenced
from airspace.app.recordings import recorder
from airspace.demo import facts, scenario
from airspace.model.alert import AlertState
from airspace.model.commit import Commit, Stored
from airspace.model.lines import alert_line
from airspace.model.log import Command, CommandKind
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service.config import PrivacySettings
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics
from airspace.service.pipeline import Pipeline, Stages
from alerting.book import AlertBook
from geofences.catalogue import Catalogue
from geofences.judging.judge import Judge
from receivers.attribution import attributed
from receivers.formats.detect import FORMATS
from receivers.gate import Gate
from tests.replay.chain import replay

ZONES = Path(facts.__file__).with_name("zones.json")
START_S = facts.EVENING_S
TURN_S = 0.37
PRIVACY = PrivacySettings(mode=Mode.ENFORCEMENT, purpose="test", until="2030-01-01T00:00:00Z")


@dataclass
class Delivery:
    messages: Sequence[RawMessage]

    async def acknowledge(self) -> None:
        pass


class NoStore:
    async def commit(self, commit: Commit) -> Stored:
        return Stored(detections=len(commit.detections), repeated=0, alerts=0, rejects=len(commit.rejects))


@dataclass
class Recorded:
    folder: Path
    notices: Path
    lines: list[bytes] = field(default_factory=list)
    refused: int = 0

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.log"))


async def run(recorded: Recorded) -> None:
    """The match evening as live messages, turn by turn; one sensor is unknown, another has a small budget."""
    judge = Judge(Catalogue(app.load_zones([ZONES])), app.load_notices([recorded.notices]))
    sensors = {sensor.sensor_id: sensor for sensor in scenario.SENSORS[1:]}
    gate = Gate(sensors, accept_unknown_sensors=False, rows_per_second=4.0)
    now_s = [START_S]
    writes = recorder(recorded.folder, PRIVACY, START_S, rotate_s=100.0)
    opened: list[str] = []

    def taken(outcome: Outcome) -> None:
        recorded.lines += [msgspec.json.encode(alert_line(alert)) for alert in outcome.alerts]
        opened.extend(alert.alert_id for alert in outcome.alerts if alert.state is AlertState.OPENED)

    stages = Stages(
        decode=attributed(FORMATS["auto"]),
        admit=gate.admit,
        line=fenced(judge, AlertBook(list(scenario.SENSORS))),
        store=NoStore(),
        privacy=Privacy(mode=Mode.ENFORCEMENT, key=b"k"),
        taken=taken,
        recorder=writes,
    )
    inbox = Inbox()
    pipeline = Pipeline(stages, inbox, Metrics(), lambda: now_s[0], Health(lambda: now_s[0]))
    waiting: list[RawMessage] = []
    for offset_s, topic, payload in scenario.scenario(START_S):
        if START_S + offset_s >= now_s[0] + TURN_S:
            now_s[0] = START_S + offset_s
            await pipeline.take([Delivery(waiting)], [])
            waiting = []
            if opened:
                for command in acts(opened.pop(), now_s[0]):
                    inbox.send(command)
                await pipeline.take([], inbox.drain()[1])
                opened.clear()
        waiting.append(RawMessage(payload=payload, received_s=START_S + offset_s, place=topic))
    recorded.refused = sum(gate.refused.values())
    writes.close()
    assert (writes.fault, writes.lost) == (None, 0)


def acts(alert_id: str, now_s: float) -> list[Command]:
    """All that people can do, two of them at once: the second is refused, and takes it over knowingly."""
    done: list[tuple[CommandKind, str, dict[str, str]]] = [
        (CommandKind.ACKNOWLEDGE, "unit 12", {"note": "seen"}),
        (CommandKind.ACKNOWLEDGE, "unit 7", {}),
        (CommandKind.ACKNOWLEDGE, "unit 7", {"instead_of": "unit 12"}),
        (CommandKind.HAND_OVER, "unit 7", {"to": "stadium"}),
        (CommandKind.CLOSE, "stadium", {"outcome": "false_alarm"}),
        (CommandKind.REOPEN, "unit 7", {}),
        (CommandKind.ACKNOWLEDGE, "unit 12", {}),
    ]
    return [Command(kind=kind, alert_id=alert_id, by=by, logged_s=now_s, **more) for kind, by, more in done]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    recorded = Recorded(folder=folder / "log", notices=folder / "notices.json")
    recorded.notices.write_bytes(facts.notices(START_S))
    asyncio.run(run(recorded))
    return recorded


def entry(sensor: Sensor) -> str:
    """A sensor of the run as the configuration has it."""
    return (
        f"[[sensor]]\nid = '{sensor.sensor_id}'\nname = '{sensor.name}'\nsilent_after_s = {sensor.silent_after_s}\n"
        f"latitude_deg = {sensor.latitude_deg}\nlongitude_deg = {sensor.longitude_deg}\nrange_m = {sensor.range_m}\n"
    )


def test_the_run_was_worth_recording(evening: Recorded) -> None:
    assert len(evening.files) > 2
    assert evening.refused > 100
    told = b"".join(evening.lines)
    assert b'"acknowledged"' in told
    for mark in (b'"taken_over_from":"unit 12"', b'"handed_over_to":"stadium"', b'"reopened_by":"unit 7"'):
        assert mark in told
    assert b'"condition":"gone","acknowledgement":"taken"' in told  # it landed in somebody's hands


@pytest.mark.parametrize("batch", [1, 7, 256, 4096])
def test_the_recording_gives_the_alerts_of_the_run_byte_for_byte(evening: Recorded, tmp_path: Path, batch: int) -> None:
    registry = tmp_path / "airspace.toml"
    registry.write_text("".join(map(entry, scenario.SENSORS)))
    told = replay(*evening.files, zones=[ZONES], notices=[evening.notices], batch=batch, config=registry)
    assert told.lines == b"\n".join(evening.lines)
    assert not told.rejects


def test_two_runs_are_replayed_as_two(evening: Recorded) -> None:
    files = [*evening.files, *evening.files]
    once = replay(*evening.files, zones=[ZONES], notices=[evening.notices])
    assert replay(*files, zones=[ZONES], notices=[evening.notices]).lines == once.lines + b"\n" + once.lines


def test_a_missing_file_and_a_strange_one_are_told_of(evening: Recorded, tmp_path: Path) -> None:
    request = app.ReplayRequest(files=[evening.files[0], evening.files[2]], zones=[ZONES], notices=[])
    told = app.replay(request)
    list(told.outcomes)
    assert [warning for warning in told.warnings if "was not read before it" in warning]
    other = tmp_path / "evening.jsonl"
    other.write_bytes(b"")
    told = app.replay(app.ReplayRequest(files=[evening.files[0], other], zones=[ZONES], notices=[]))
    list(told.outcomes)
    assert [warning for warning in told.warnings if "by receive time" in warning]


def test_a_cut_recording_is_replayed_up_to_the_cut_and_named(evening: Recorded, tmp_path: Path) -> None:
    cut = tmp_path / "cut.log"
    data = evening.files[0].read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    told = replay(cut, zones=[ZONES], notices=[evening.notices])
    assert told.rows > 0
    assert any("cut" in reject.detail for reject in told.rejects)


def test_a_clock_that_was_set_is_told_by_the_replay(tmp_path: Path) -> None:
    writes = recorder(tmp_path, PRIVACY, START_S)
    for second, offset_s in ((1, None), (2, -3600.0), (3, None), (4, 0.0)):
        writes.tick(START_S + second, offset_s)
    writes.close()
    told = app.replay(app.ReplayRequest(files=sorted(tmp_path.glob("*.log")), zones=[ZONES]))
    batches = [outcome.batch for outcome, _ in told.outcomes]
    assert [batch.clock_offset_s for batch in batches if batch.tick_s] == [None, -3600.0, None, 0.0]
    assert [warning.partition("Z ")[2] for warning in told.warnings if "clock" in warning] == [
        "the machine's clock was -3600.0 s from the times of the recording",
        "the times of the recording were set by the machine's clock",
    ]
