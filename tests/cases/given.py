"""The cases that lie beside the project in ``../shared/cases``: an input, a command and what is right about its answer.

They are never part of the repository. A test of one is marked ``@given.case("zones/19-null-geometry")`` and takes the
fixture ``folder``, a copy of the case's own folder, so that nothing is written into it; ``test_given.py`` holds that no
case is without a test.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from airspace.__main__ import cli

ROOT = Path(os.environ.get("AIRSPACE_TEST_CASES", Path(__file__).resolve().parents[3] / "shared" / "cases"))


def case(name: str) -> pytest.MarkDecorator:
    """Mark a test as the one of this case."""
    return pytest.mark.given_case(name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The output as one JSON document."""
        return msgspec.json.decode(self.out)

    def lines(self) -> list[Any]:
        """The output as JSON lines."""
        return [msgspec.json.decode(line) for line in self.out.splitlines() if line]


def airspace(*arguments: str | Path) -> Answer:
    """Run ``airspace`` with these arguments in this process, in the folder where the test stands."""
    ran = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Answer(ran.exit_code, ran.stdout, ran.stderr)
