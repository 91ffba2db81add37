"""Every given case has a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cases import given

HERE = Path(__file__).parent


def test_every_given_case_has_a_test() -> None:
    if not given.ROOT.is_dir():
        pytest.skip(f"given cases not found at {given.ROOT}: set AIRSPACE_TEST_CASES")
    tested = {
        name for file in HERE.glob("test_*.py") for name in re.findall(r'given\.case\("([^"]+)"\)', file.read_text())
    }
    cases = {
        f"{folder.parent.name}/{folder.name}"
        for kind in ("receivers", "zones")
        for folder in (given.ROOT / kind).iterdir()
    }
    assert cases - tested == set()
    assert tested - cases == set()
