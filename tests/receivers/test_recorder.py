"""The recorder: blocks at ticks, rotation, a disk that fails, an end in time; and the service goes on."""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airspace.app.recordings import recorder as allowed_recorder
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode
from airspace.service.config import ConfigError, PrivacySettings
from bench.workload import START_S, City
from receivers.formats.detect import FORMATS
from receivers.formats.recording import End, Entry, Gap, Opening, Sealed, Tick, Turn
from receivers.sources import recorder as module
from receivers.sources.files import read
from receivers.sources.recorder import Recorder, RecorderSettings

DECODE = FORMATS["auto"]
CITY = City(4)


class Run:
    """A recorder and what was given to it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.sealed: list[tuple[str, str]] = []
        values = RecorderSettings(folder=folder, purpose="test", until_s=START_S + 1e6)
        self.recorder = Recorder(replace(values, **settings), DECODE, lambda *told: self.sealed.append(told))

    def second(self, number: int, messages: int = 4) -> None:
        batch = [
            RawMessage(payload=CITY.message(drone % 4, number + drone / 8), received_s=START_S + number, place="t")
            for drone in range(messages)
        ]
        decoded = DECODE(batch)
        self.recorder.turn(batch, decoded, decoded, START_S + number + 0.5)
        self.recorder.tick(START_S + number + 1)
        self.settle()

    def settle(self) -> None:
        """Wait for the thread, as a second would."""
        if self.recorder._under_way is not None:
            self.recorder._under_way.exception()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.log"))

    def entries(self) -> list[Entry]:
        found = []
        for file in self.files():
            for reading in read(file):
                assert not reading.rejects
                found += [entry for entry in reading.entries if not isinstance(entry, Sealed)]
        return found

    def recorded(self) -> int:
        return sum(len(entry.messages) for entry in self.entries() if isinstance(entry, Turn))


def test_what_is_taken_is_on_disk_after_its_tick_before_the_end(tmp_path: Path) -> None:
    run = Run(tmp_path / "new" / "folder")
    run.second(0)
    (file,) = run.files()
    held = [message for reading in read(file) for message in reading.messages]
    assert (len(held), run.recorder.fault) == (4, None)
    assert file.stat().st_mode & 0o777 == 0o600
    run.recorder.close()
    assert [type(entry) for entry in run.entries()] == [Opening, Turn, Tick, End]
    assert run.sealed == [(file.name, run.sealed[0][1])]


def test_files_follow_one_another_by_size_and_by_time(tmp_path: Path) -> None:
    by_size, by_time = Run(tmp_path / "size", rotate_bytes=1), Run(tmp_path / "time", rotate_s=2.0)
    for run, expected in ((by_size, 4), (by_time, 2)):
        for second in range(4):
            run.second(second)
        run.recorder.close()
        openings = [entry for entry in run.entries() if isinstance(entry, Opening)]
        assert len(run.files()) == len(openings) == expected
        assert [opening.previous for opening in openings] == [None, *(name for name, _ in run.sealed[:-1])]
        digests = [None, *(bytes.fromhex(digest) for _, digest in run.sealed[:-1])]
        assert [opening.previous_digest for opening in openings] == digests
        assert run.recorded() == 16


def test_a_full_disk_is_a_fault_with_a_name_and_costs_nothing_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, write, full = Run(tmp_path), os.write, True

    def limited(descriptor: int, data: Any) -> int:
        if full:
            write(descriptor, data[: len(data) // 2])  # half of the block fits
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    run.second(0)
    monkeypatch.setattr("os.write", limited)
    for second in (1, 2, 3):
        run.second(second)
    assert run.recorder.fault == "recording: No space left on device"
    full = False
    run.second(4)
    run.second(5)
    assert run.recorder.lost == 0
    assert not run.recorder.fault
    run.recorder.close()
    assert run.recorded() == 24
    assert [entry.tick_s - START_S for entry in run.entries() if isinstance(entry, Tick)] == [1, 2, 3, 4, 5, 6]


def test_a_disk_that_stays_full_costs_bounded_memory_and_the_recording_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 8000)
    run, write = Run(tmp_path), os.write

    def never(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    run.second(0)
    monkeypatch.setattr("os.write", never)
    for second in range(1, 30):
        run.second(second)
        assert run.recorder._bytes < 16_000
    assert "lost" in (run.recorder.fault or "") or run.recorder.lost
    monkeypatch.setattr("os.write", write)
    run.second(30)
    run.recorder.close()
    gaps = [entry for entry in run.entries() if isinstance(entry, Gap)]
    assert run.recorded() + sum(gap.messages for gap in gaps) == 31 * 4
    assert run.recorder.lost == sum(gap.messages for gap in gaps) > 0
    assert "No space left" in gaps[0].cause


def test_a_disk_that_hangs_does_not_hold_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 8000)
    run, write, free = Run(tmp_path), os.write, threading.Event()

    def hangs(descriptor: int, data: Any) -> int:
        free.wait(20)
        return write(descriptor, data)

    monkeypatch.setattr("os.write", hangs)
    monkeypatch.setattr(run, "settle", lambda: None)
    for second in range(20):
        run.second(second)
    assert run.recorder.lost > 0
    assert run.recorder._bytes < 16_000
    free.set()
    run.recorder.close()
    gaps = sum(entry.messages for entry in run.entries() if isinstance(entry, Gap))
    assert run.recorded() + gaps == 80


def test_a_decoder_that_fails_costs_the_turn_and_no_more(tmp_path: Path) -> None:
    run = Run(tmp_path)
    message = RawMessage(payload=CITY.message(0, 1.0), received_s=START_S)
    decoded = DECODE([message])
    run.recorder.turn([message], decoded, DECODE([message, message]), START_S)
    run.second(1)
    run.recorder.close()
    (gap,) = [entry for entry in run.entries() if isinstance(entry, Gap)]
    assert (gap.messages, run.recorder.lost, run.recorded()) == (1, 1, 4)


def test_it_ends_when_it_was_said_to(tmp_path: Path) -> None:
    run = Run(tmp_path, until_s=START_S + 2)
    for second in range(4):
        run.second(second)
    assert run.recorder.fault == "recording ended at 2026-05-28T20:26:42.000Z, as configured"
    run.recorder.close()
    assert run.recorded() == 8
    assert isinstance(run.entries()[-1], End)


def test_the_last_block_is_written_at_the_end_if_it_could_not_be_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, write = Run(tmp_path), os.write

    def never(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    run.second(0)
    monkeypatch.setattr("os.write", never)
    run.second(1)
    monkeypatch.setattr("os.write", write)
    run.recorder.close()
    assert run.recorded() == 8


def test_a_second_run_in_the_folder_begins_a_file_of_its_own(tmp_path: Path) -> None:
    for _ in range(2):
        run = Run(tmp_path)
        run.second(0)
        run.recorder.close()
    assert len(run.files()) == 2
    assert all(entry.previous is None for entry in run.entries() if isinstance(entry, Opening))


def test_nothing_taken_is_no_file(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.recorder.close()
    assert run.files() == []


STATISTICS = PrivacySettings()
ENFORCEMENT = PrivacySettings(mode=Mode.ENFORCEMENT, purpose="match", until="2027-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("settings", "said", "error"),
    [
        (STATISTICS, {}, "record.purpose"),
        (STATISTICS, {"purpose": "calibration"}, "record.until"),
        (STATISTICS, {"until": "2027-01-01T00:00:00Z"}, "record.purpose"),
        (STATISTICS, {"purpose": "calibration", "until": "2020-01-01T00:00:00Z"}, "ended on 2020"),
        (STATISTICS, {"purpose": "calibration", "until": "tomorrow"}, "record.until"),
        (STATISTICS, {"purpose": "calibration", "until": "2027-01-01T00:00:00Z"}, None),
        (ENFORCEMENT, {}, None),
    ],
)
def test_raw_messages_are_kept_only_where_somebody_said_why_and_until_when(
    tmp_path: Path, settings: PrivacySettings, said: dict[str, str], error: str | None
) -> None:
    if error is None:
        allowed_recorder(tmp_path, settings, START_S, purpose=said.get("purpose"), until=said.get("until")).close()
        return
    with pytest.raises(ConfigError, match=error):
        allowed_recorder(tmp_path, settings, START_S, purpose=said.get("purpose"), until=said.get("until"))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"record\.folder"):
        allowed_recorder(tmp_path / "file" / "folder", ENFORCEMENT, START_S)
