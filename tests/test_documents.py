"""README and docs are true: every command in them exists, every metric and alert reason that they name too."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from typer.testing import CliRunner

import geofences.rules
from airspace.__main__ import cli
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = sorted(
    {
        match[1]
        for path in DOCUMENTS
        for match in re.finditer(r"`?(?:\.venv/bin/)?airspace ((?:[a-z]+ ?){1,2})(?=[ `\n])", path.read_text())
        if match[1].split()[0]
        in {"demo", "run", "decode", "replay", "zones", "notices", "stats", "dashboards", "doctor", "plot", "simulate"}
        and "and" not in match[1].split()
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_named_exists(command: str) -> None:
    words = command.split()
    groups = {"zones", "notices", "stats", "dashboards", "plot"}
    wanted = words[:2] if words[0] in groups else words[:1]
    result = CliRunner().invoke(cli, [*wanted, "--help"])
    assert result.exit_code == 0, result.output


def test_the_two_lines_of_the_readme_are_there_and_runnable() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert "./dev demo" in lines
    assert "./dev test" in lines
    assert (ROOT / "dev").stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(ROOT / "dev")], check=True)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("./dev test")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_no_lock_names_an_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text()


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "airspace", "--help"], capture_output=True, text=True, check=True)
    assert "replay" in done.stdout


def test_every_rule_stands_in_the_table_as_it_is() -> None:
    text = (ROOT / "docs" / "rules.md").read_text()
    modules = [import_module(f"geofences.rules.{each.name}") for each in iter_modules(geofences.rules.__path__)]
    rules = [module for module in modules if hasattr(module, "RULE")]
    assert len(rules) >= 17
    for rule in rules:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{rule.RULE}` | {rule.VERSION} |")]
        assert line.endswith(f"| {rule.ARTICLE} |")
        assert rule.MARGIN in line
