"""Fixtures that every package's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("shared machine", deadline=None)  # speed is measured in bench/, never here
settings.load_profile("shared machine")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real captures and zone files, which is never part of the repository."""
    folder = Path(os.environ.get("AIRSPACE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}: set AIRSPACE_TEST_DATA")
    return folder
