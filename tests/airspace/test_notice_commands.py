"""``airspace notices``: exit codes and what is said, as contracts.md has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airspace.__main__ import cli
from airspace.demo import examples
from tests.servers.postgres import rows

BROKEN = "GD-9,1,approved,X\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("AIRSPACE_PSEUDONYM_KEY", "test")
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "airspace.toml"
    path.write_text(f'[database]\nurl = "{URL}"\n')
    return path


URL = "postgresql://nobody@127.0.0.1:1/none"


def file_of(folder: Path, text: str = examples.godrone()) -> Path:
    path = folder / "godrone.csv"
    path.write_text(text, encoding="utf-8")
    return path


def said(result: Result) -> list[str]:
    return result.output.splitlines()


def test_check_counts_and_names(run: CliRunner, tmp_path: Path) -> None:
    good = file_of(tmp_path, examples.godrone() + BROKEN)
    result = run.invoke(cli, ["notices", "check", str(good)])
    assert result.exit_code == 0
    assert said(result)[0] == f"{good}: 4 notices, 1 entry passed over"
    assert said(result)[1].startswith("  line 6: passed over: start: ''")
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{}")
    assert run.invoke(cli, ["notices", "check", str(good), str(bad)]).exit_code == 1


def test_import_and_list(run: CliRunner, url: str, tmp_path: Path) -> None:
    config = tmp_path / "airspace.toml"
    config.write_text(f"[database]\nurl = {json.dumps(url)}\n")
    file, bad = file_of(tmp_path, examples.godrone() + BROKEN), tmp_path / "bad.json"
    bad.write_bytes(b"{}")
    first = run.invoke(cli, ["notices", "import", str(file), "--config", str(config)])
    assert first.exit_code == 0, first.output
    assert said(first)[0] == f"{file}: 4 new, 0 changed, 0 unchanged, 1 passed over"
    again = run.invoke(cli, ["notices", "import", str(bad), str(file), "--config", str(config)])
    assert again.exit_code == 1, "one file could not be used; the other was taken all the same"
    assert f"{file}: 0 new, 0 changed, 4 unchanged, 1 passed over" in said(again)
    assert rows(url, "select sum(n)::int from reject_count") == [(2,)]
    span = ["--from", "2026-05-01T18:00:00Z", "--to", "2026-05-01T19:00:00Z"]
    listed = run.invoke(cli, ["notices", "list", "--config", str(config), *span, "--format", "json"])
    assert [line["notice_id"] for line in json.loads(listed.output)] == [f"GD-2026-041{n}" for n in (2, 3, 4, 5)]
    some = run.invoke(cli, ["notices", "list", "--config", str(config), *span, "--state", "cancelled"])
    assert some.exit_code == 0
    assert "GD-2026-0415" in some.output
    assert "GD-2026-0412" not in some.output


def test_faults_end_with_their_code(run: CliRunner, config: Path, tmp_path: Path) -> None:
    file = str(file_of(tmp_path))
    assert run.invoke(cli, ["notices", "import", file]).exit_code == 2
    assert run.invoke(cli, ["notices", "import", file, "--config", str(tmp_path / "gone")]).exit_code == 1
    assert run.invoke(cli, ["notices", "import", file, "--config", str(config)]).exit_code == 3
    assert run.invoke(cli, ["notices", "list", "--config", str(config)]).exit_code == 3
    assert run.invoke(cli, ["notices", "list", "--config", str(config), "--state", "perhaps"]).exit_code == 2
    assert run.invoke(cli, ["notices", "list", "--config", str(config), "--format", "xml"]).exit_code == 2
