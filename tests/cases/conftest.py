"""The folder of a given case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cases import given


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the marked case's folder; the test stands in it."""
    mark = request.node.get_closest_marker("given_case")
    source = given.ROOT / mark.args[0]
    if not source.is_dir():
        pytest.skip(f"given cases not found at {given.ROOT}: set AIRSPACE_TEST_CASES")
    here = tmp_path / "case"
    shutil.copytree(source, here, copy_function=shutil.copyfile)
    here.chmod(0o755)
    monkeypatch.chdir(here)
    return here
