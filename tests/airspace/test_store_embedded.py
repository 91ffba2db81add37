from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from airspace.model.ports import StoreUnavailable
from airspace.store import postmaster
from airspace.store.embedded import embedded, revive
from airspace.store.embedded_users import NAME, Users

KILLED = """
import os, signal, sys
from pathlib import Path
from airspace.store.embedded import embedded
with embedded(Path(sys.argv[1])) as url:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own folder: as root its parents would be opened to everybody."""
    parent = Path(tempfile.mkdtemp(prefix="airspace-test-"))
    yield parent
    shutil.rmtree(parent)


def servers(folder: Path) -> list[str]:
    """The processes that name the folder; a dead one that nobody has reaped has no command line."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if b"postgres" in (text := line.read_bytes()) and os.fsencode(folder) in text:
                found.append(line.parent.name)
    return found


def answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("select 6 * 7").fetchone()
    return row[0] if row else None


def test_it_serves_keeps_its_data_and_leaves_no_process(folder: Path) -> None:
    with embedded(folder / "new" / "pg") as url:
        with psycopg.connect(url) as connection:
            connection.execute("create table kept as select 1 as n")
        with embedded(folder / "new" / "pg") as again:  # a second user in the same program
            assert again == url
        assert answer(url) == 42
        assert servers(folder)
    assert not servers(folder)
    with embedded(folder / "new" / "pg") as url, psycopg.connect(url) as connection:
        assert connection.execute("select n from kept").fetchall() == [(1,)]
    assert not servers(folder)


def test_a_server_left_by_a_killed_program_is_adopted_and_stopped(folder: Path) -> None:
    data = folder / "pg"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(data)], check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    left = servers(folder)
    assert left
    with embedded(data) as url:
        assert answer(url) == 42
        assert servers(folder) == left
    assert not servers(folder)


def test_a_path_too_long_for_a_socket_works(folder: Path) -> None:
    data = folder / ("x" * 120) / "pg"
    assert len(os.fsencode(data)) > 108
    with embedded(data) as url:
        assert answer(url) == 42
    assert not servers(folder)


def killed(data: Path) -> None:
    found = postmaster.find(data)
    assert found is not None
    found.process.kill()
    psutil.wait_procs([found.process], timeout=10)


@pytest.fixture
def recovering(folder: Path) -> tuple[Path, Path]:
    """A server whose recovery waits for a file, and that file."""
    data, go = folder / "pg", folder / "go"
    with embedded(data) as url:
        assert answer(url) == 42
    (data / "recovery.signal").touch()
    os.chown(data / "recovery.signal", data.stat().st_uid, -1)
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'while [ ! -e {go} ]; do sleep 0.05; done; false'\n")
    folder.chmod(0o755)
    return data, go


def test_a_recovery_is_waited_for_as_long_as_it_lives_and_told(recovering: tuple[Path, Path]) -> None:
    data, go = recovering
    told: list[float] = []

    def waiting(waited_s: float) -> None:
        told.append(waited_s)
        if len(told) == 3:
            assert not revive(data)  # it lives
            go.touch()

    with embedded(data, patience_s=600.0, waiting=waiting) as url:
        assert answer(url) == 42
    assert told == sorted(told)
    assert len(told) >= 3
    assert not servers(data)


def test_who_has_less_patience_is_told_what_is_the_matter(recovering: tuple[Path, Path]) -> None:
    data, _ = recovering
    with pytest.raises(StoreUnavailable, match="still starts or recovers"), embedded(data, patience_s=0.2):
        pass
    assert not servers(data)


def test_a_server_that_cannot_start_ends_the_wait(folder: Path) -> None:
    data = folder / "pg"
    with embedded(data) as url:
        assert answer(url) == 42
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(StoreUnavailable, match="does not start"), embedded(data, patience_s=600.0):
        pass
    with pytest.raises(StoreUnavailable, match="does not start"):
        revive(data)


def test_leaving_a_server_that_just_died_is_no_fault(folder: Path) -> None:
    data = folder / "pg"
    with embedded(data) as url:
        assert answer(url) == 42
        killed(data)
    with embedded(data) as url:
        assert answer(url) == 42
    assert not servers(data)


def test_one_that_was_started_again_is_stopped(folder: Path) -> None:
    data = folder / "pg"
    with embedded(data):
        killed(data)
        for _ in range(100):  # what it left takes a moment to end
            with contextlib.suppress(StoreUnavailable):
                if revive(data):
                    break
        assert servers(data)
    assert not servers(data)


@pytest.mark.parametrize("frozen", ["all of it", "its children"])
def test_a_frozen_server_is_ended_by_force_within_the_bound(folder: Path, frozen: str) -> None:
    data = folder / "pg"
    with embedded(data) as url:
        assert answer(url) == 42
        found = postmaster.find(data)
        assert found is not None
        family = [*found.process.children(recursive=True), *([found.process] if frozen == "all of it" else [])]
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):  # whoever answered just now is gone
                each.suspend()
        short = ((signal.SIGINT, 0.1), (signal.SIGQUIT, 0.1))
        assert not postmaster.stop(data, short)
        assert not [each for each in family if postmaster.alive(each)]
    assert postmaster.FAST_S + postmaster.IMMEDIATE_S + postmaster.KILL_S <= 20.0  # TimeoutStopSec counts on it


def test_a_number_that_another_process_took_over_is_nobody_to_adopt_or_to_end(folder: Path) -> None:
    data = folder / "pg"
    with embedded(data) as url:
        assert answer(url) == 42
        lines = (data / "postmaster.pid").read_text().splitlines()
    owner = data.stat().st_uid
    stranger = subprocess.Popen(["sleep", "600"], user=None if owner == os.geteuid() else owner)
    try:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert postmaster.find(data) is None
        assert postmaster.stop(data)
        with embedded(data) as url:
            assert answer(url) == 42
        assert stranger.poll() is None
        assert not servers(data)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("left", ["", "[", '["1:1:another start of the machine", 7, "x"]', "{me}"])
def test_who_is_on_the_list_and_gone_keeps_no_server_up(folder: Path, left: str) -> None:
    users = Users(folder)
    users.enter()
    (me,) = json.loads((folder / NAME).read_text())
    (folder / NAME).write_text(left.replace("{me}", json.dumps([me, me.replace(f"{os.getpid()}:", "1:")])))
    users.enter()
    assert users.living() == {me}
    assert users.leave()
    assert not users.living()
