"""``airspace doctor`` on ``[state]``: what the service's start would say of the folder, and the room in that memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airspace.app import Finding, State, parts
from airspace.app.doctor import memory
from airspace.service import config, state

_Usage = namedtuple("_Usage", "total used free")  # noqa: PYI024 -- as shutil's


@pytest.fixture
def shm() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="airspace-test-", dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def settings(folder: Path, *, keep: bool = True) -> config.Settings:
    return config.Settings(state=config.State(folder=str(folder), keep=keep))


def own(root: Path) -> Path:
    """The folder of this database in there."""
    folder = parts.state_folder(settings(root))
    assert folder is not None
    return folder


def _open(root: Path) -> None:
    own(root).mkdir(parents=True)
    own(root).chmod(0o755)


def _file(root: Path) -> None:
    root.rmdir()
    root.write_text("no folder")


@pytest.mark.parametrize(
    ("make", "verdict", "says"),
    [
        (lambda _: None, State.OK, "MiB free"),
        (lambda root: own(root).mkdir(mode=0o700), State.OK, "MiB free"),
        (lambda root: root.rmdir(), State.OK, "MiB free"),
        (_open, State.FAIL, "can be entered by others"),
        (_file, State.FAIL, "is no folder"),
    ],
)
def test_what_the_start_would_say(shm: Path, make: Callable[[Path], None], verdict: State, says: str) -> None:
    make(shm)
    before = sorted(shm.rglob("*")) if shm.is_dir() else []
    found = memory.state(settings(shm))
    assert (found.state, says in found.text) == (verdict, True), found
    assert (sorted(shm.rglob("*")) if shm.is_dir() else []) == before, "nothing is made"
    try:
        state.check_in_memory(own(shm))
    except (OSError, state.NotInMemory):
        assert verdict is State.FAIL
    else:
        assert verdict is State.OK


def test_a_folder_on_a_disk_and_one_that_is_not_wanted(tmp_path: Path) -> None:
    found = memory.state(settings(tmp_path))
    assert (found.state, "is on a disk" in found.text) == (State.FAIL, True)
    assert memory.state(settings(tmp_path, keep=False)).state is State.OK


def test_a_folder_of_another_owner(shm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own(shm).mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: shm.stat().st_uid + 1)
    found = memory.state(settings(shm))
    assert (found.state, "own it" in found.text) == (State.FAIL, True)


@pytest.mark.parametrize("number", [0, 1])
def test_a_folder_that_this_user_may_not_write_to(shm: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    barred = [shm, own(shm)][number]
    own(shm).mkdir(mode=0o700)
    monkeypatch.setattr(os, "access", lambda place, _: place != barred)
    found = memory.state(settings(shm))
    assert (found.state, found.text) == (State.FAIL, f"{barred} cannot be written to by this user")


@pytest.mark.parametrize(
    ("free", "held", "verdict"),
    [
        (0, 0, State.FAIL),
        (memory.TOO_LITTLE_BYTES - 1, 0, State.FAIL),
        (memory.TOO_LITTLE_BYTES, 0, State.WARN),
        (memory.LITTLE_BYTES, 0, State.OK),
        (memory.LITTLE_BYTES, memory.LITTLE_BYTES + 1, State.FAIL),
        (memory.LITTLE_BYTES, memory.LITTLE_BYTES - 1, State.WARN),
    ],
)
def test_the_room_in_that_memory(
    shm: Path, monkeypatch: pytest.MonkeyPatch, free: int, held: int, verdict: State
) -> None:
    own(shm).mkdir(mode=0o700)
    with (own(shm) / state.NAME).open("wb") as file:
        file.truncate(held)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1 << 40, 0, free))
    found: Finding = memory.state(settings(shm))
    assert found.state is verdict
