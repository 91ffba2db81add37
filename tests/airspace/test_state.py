"""A service that ends at any moment and another that goes on: alerts, flights and people as if nothing had been."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from airspace.app import rules
from airspace.app.core import SHARED, fenced, names_of
from airspace.demo import facts, scenario
from airspace.model.detection import Detections, Flag, texts
from airspace.model.lines import alert_line
from airspace.model.log import Batch, Command, CommandKind
from airspace.model.message import Decoded, RawMessage
from airspace.model.sensor import Sensor
from airspace.service.clock import wall_clock
from airspace.service.cutter import Cutter
from airspace.service.fence import Fence
from airspace.service.snapshot import restore
from airspace.service.state import NAME, OLDEST_S, NotInMemory, StateKeeper, kind_of, program_digest
from alerting.book import AlertBook
from geofences.formats.notices import read
from geofences.notices.book import NoticeBook
from receivers.formats.detect import decode
from receivers.gate import Gate

START_S = facts.EVENING_S
LENGTH_S = 230
ZONES = Path(facts.__file__).with_name("zones.json")


@pytest.fixture
def memory() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="airspace-test-", dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Run:
    """A service's core with its rulebook, as after a start."""

    def __init__(self, folder: Path, program: str = "p") -> None:
        self.rulebook = rules.Rulebook([ZONES], [])
        self.rulebook.use_notices(NoticeBook(read(facts.notices(START_S), "evening").notices))
        self.book = AlertBook(scenario.SENSORS)
        self.core: Fence = fenced(
            self.rulebook.judge, self.book, scenario.SENSORS, lambda: (self.rulebook.catalogue, self.rulebook.book)
        )
        self.keeper = StateKeeper(folder, self.core.stages, SHARED, lambda: names_of(self.rulebook), program)


def log() -> list[Batch]:
    cutter = Cutter(64)
    messages = [
        RawMessage(payload=payload, received_s=START_S + at_s)
        for at_s, _, payload in scenario.scenario(START_S)
        if at_s < LENGTH_S
    ]
    return list(cutter.feed(decode(messages)))


def told(batches: list[Batch], run: Callable[[], Run], every_s: float | None) -> tuple[list[bytes], list[str]]:
    """Alert lines and flights of the evening, with a restart every so many seconds."""
    lines: list[bytes] = []
    flights: list[str] = []
    one, ends_s, took = run(), START_S + (every_s or 1e9), False
    for batch in batches:
        for outcome in one.core.apply(batch).outcomes:
            lines += [msgspec.json.encode(alert_line(alert)) for alert in outcome.alerts]
            flights += [f"{e.kind} {e.flight.flight_id}" for e in outcome.changes.events if e.flight is not None]
            if not took and (opened := [a for a in outcome.alerts if a.pilot is not None]):
                took = True
                taking = Command(
                    kind=CommandKind.ACKNOWLEDGE, alert_id=opened[0].alert_id, by="unit 12", logged_s=opened[0].time_s
                )
                one.core.apply(Batch(detections=batch.detections.take(slice(0, 0)), commands=(taking,)))
        if batch.tick_s is not None and batch.tick_s >= ends_s:
            one.keeper.save_last(batch.tick_s)
            assert one.keeper.fault is None
            one, ends_s = run(), ends_s + (every_s or 0)
            assert one.keeper.load(batch.tick_s) == batch.tick_s
    return lines, flights


def test_killed_every_ten_seconds_of_the_match_evening_nothing_differs(memory: Path) -> None:
    batches = log()
    whole = told(batches, lambda: Run(memory), None)
    assert len(whole[0]) > 20
    assert told(batches, lambda: Run(memory), 10.0) == whole


def test_a_sensor_whose_clock_was_found_wrong_is_so_after_a_restart(memory: Path) -> None:
    def rows(at_s: float) -> Decoded:
        heard_s = np.array([at_s - 3600.0])
        return Decoded(detections=Detections.build(1, sensor=texts(["mast"]), uas_id=texts(["a"]), received_s=heard_s))

    def started() -> tuple[Gate, StateKeeper]:
        gate = Gate({"mast": Sensor(sensor_id="mast", name="mast", kind="remote_id")}, accept_unknown_sensors=False)
        return gate, StateKeeper(memory, gate.stages, SHARED, dict, "p")

    gate, keeper = started()
    for second in range(12):
        flags = gate.admit(rows(START_S + second), START_S + second).detections.flags.tolist()
    assert flags == [int(Flag.CLOCK_OF_SENSOR)]
    keeper.save_last(START_S + 12)
    assert keeper.fault is None
    fresh, keeper = started()
    assert keeper.load(START_S + 16) == START_S + 12
    flags = fresh.admit(rows(START_S + 16), START_S + 16).detections.flags.tolist()
    assert flags == [int(Flag.CLOCK_OF_SENSOR)]
    assert fresh.health(START_S + 16)[0].clock_ahead_s == -3600.0


def test_a_state_of_another_program_or_time_is_left_and_told(memory: Path, caplog: Any) -> None:
    one = Run(memory)
    one.keeper.save(START_S, at_once=True)
    assert Run(memory, "another").keeper.load(START_S) is None
    assert Run(memory).keeper.load(START_S + 3600) is None
    assert Run(memory).keeper.load(START_S - 3600) is None
    assert Run(memory).keeper.load(START_S + 5) == START_S


@pytest.mark.parametrize("cut", [0, 10, 100, 5000, -1])
def test_half_a_file_is_left(memory: Path, cut: int) -> None:
    one = Run(memory)
    for batch in log()[:200]:
        one.core.apply(batch)
    one.keeper.save(START_S, at_once=True)
    file = memory / NAME
    file.write_bytes(file.read_bytes()[:cut])
    fresh = Run(memory)
    before = [dict(vars(stage)) for stage in fresh.core.stages]
    assert fresh.keeper.load(START_S) is None
    assert [dict(vars(stage)) for stage in fresh.core.stages] == before


def test_zones_that_are_other_ones_now_leave_it(memory: Path) -> None:
    one = Run(memory)
    for batch in log()[:1500]:
        one.core.apply(batch)
    one.keeper.save(START_S, at_once=True)
    other = Run(memory)
    other.keeper._names = dict
    assert other.keeper.load(START_S) is None


def test_the_file_is_its_owners_alone_and_in_memory(memory: Path, tmp_path: Path) -> None:
    one = Run(memory)
    one.keeper.save(START_S, at_once=True)
    assert (memory / NAME).stat().st_mode & 0o777 == 0o600
    (memory / NAME).chmod(0o644)
    assert Run(memory).keeper.load(START_S) is None
    memory.chmod(0o755)
    with pytest.raises(NotInMemory, match="chmod 700"):
        Run(memory)
    on_disk = "/dev/vda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\ntmpfs /run/a\\040b ramfs rw 0 0\n"
    assert [kind_of(Path(where), on_disk) for where in ("/var", "/run/x", "/running", "/run/a b")] == [
        "ext4", "tmpfs", "ext4", "ramfs"
    ]  # fmt: skip


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


@pytest.mark.parametrize("evil", [Evil(), eval, open, os.remove, shutil.rmtree])
def test_nothing_but_a_state_is_made_from_a_foreign_file(evil: Any) -> None:
    with pytest.raises(pickle.UnpicklingError):
        restore([Evil()], pickle.dumps([{"x": evil}]), [], foreign=True)


def test_a_save_that_fails_is_told_and_costs_nothing(memory: Path) -> None:
    one = Run(memory)
    shutil.rmtree(memory)
    one.keeper.save(START_S, at_once=True)
    assert one.keeper.fault == f"No such file or directory: {memory}"
    memory.mkdir(mode=0o700)
    one.keeper.save_last(START_S)
    assert one.keeper.fault is None


@pytest.mark.parametrize(
    ("number", "says"), [(errno.ENOSPC, "No space left on device"), (errno.EACCES, "Permission denied")]
)
def test_what_the_system_says_of_a_save_is_told_with_the_folder(
    memory: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    one = Run(memory)
    monkeypatch.setattr(pickle, "dump", full)
    one.keeper.save(START_S, at_once=True)
    assert one.keeper.fault == f"{says}: {memory}"


def test_a_state_that_cannot_be_read_is_left_with_what_the_system_says(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    Run(memory).keeper.save_last(START_S)
    monkeypatch.setattr(pickle, "load", unreadable)
    other = Run(memory)
    assert other.keeper.load(START_S) is None
    assert other.keeper.left == f"Input/output error: {memory}"


def test_it_is_saved_when_due_and_a_slow_one_less_often(memory: Path) -> None:
    now_s = [0.0]
    one = Run(memory)
    one.keeper._monotonic = lambda: now_s[0]
    one.keeper.save(1.0)
    one.keeper.save(2.0)
    assert one.keeper._read().time_s == 1.0  # type: ignore[union-attr]
    now_s[0] = 2.0
    one.keeper.save(3.0)
    assert one.keeper._read().time_s == 3.0  # type: ignore[union-attr]


@pytest.mark.parametrize(("set_back_s", "taken"), [(0.0, True), (20.0, True), (599.0, True), (601.0, False)])
def test_a_clock_that_was_set_back_by_minutes_loses_nothing(memory: Path, set_back_s: float, taken: bool) -> None:  # noqa: FBT001
    one = Run(memory)
    one.keeper.save_last(START_S)
    other = Run(memory)
    assert (other.keeper.load(START_S - set_back_s) == START_S) is taken
    assert (other.keeper.left is None) is taken


def test_what_nobody_can_go_on_with_is_removed_at_the_next_start(memory: Path) -> None:
    for name, age_s, text in (
        ("0123456789abcdef", OLDEST_S + 60, b"airspace state 1\n..."),
        ("1123456789abcdef", OLDEST_S - 60, b"airspace state 1\n..."),
        ("2123456789abcdef", OLDEST_S + 60, b"somebody else's"),
        ("holiday", OLDEST_S + 60, b"airspace state 1\n..."),
    ):
        (memory / name).mkdir()
        (memory / name / NAME).write_bytes(text)
        at_s = wall_clock() - age_s
        os.utime(memory / name / NAME, (at_s, at_s))
    Run(memory / "own")
    assert sorted(file.parent.name for file in memory.glob("*/state")) == [
        "1123456789abcdef",
        "2123456789abcdef",
        "holiday",
    ]


def test_the_digest_is_of_program_and_settings() -> None:
    assert program_digest(1) == program_digest(1) != program_digest(2)
