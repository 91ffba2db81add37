from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from airspace.store.embedded import embedded

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
