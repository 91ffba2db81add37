"""A database URL that can never work ends the start; one whose server is not there is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from airspace.__main__ import cli
from airspace.app import parts
from airspace.service import config

NEVER = {
    "postgresql://u:s3cret@h:notaport/db": "port",
    "postgresql://u:s3cret@h:0/db": "port",
    "postgresql://u:s3cret@h:99999/db": "port",
    "postgresql://u:x@y:s3cret@h/db": "port",
    "host=h port=1,2,3 password=s3cret dbname=db": "port",
    "host=a,b port=1,x password=s3cret": "port",
    "postgresql://u:s3cret%zz@h/db": "percent",
    "postgresql://u:s3cret@[::1/db": "percent",
    "postgresql://u:s3cret@h/db?nope=1": "percent",
    "http://u:s3cret@h/db": "percent",
    "s3cret": "percent",
    "postgresql://u:s3cret@h/db?sslmode=alway": "sslmode",
}
WAITED_FOR = (
    "postgresql://u:s3cret@no.such.invalid/db",
    "postgresql://u@127.0.0.1:1/db",
    "postgresql://u@a:1,b:65535/db?sslmode=verify-full&target_session_attrs=read-write",
    "postgresql://u@a,b/db",
    "postgresql:///db?host=/run/postgresql",
    "host=a,b port=1,2",
    "host=a,b port=5432",
    "host=/run port='' dbname=x",
)


@pytest.mark.parametrize(("url", "says"), NEVER.items())
def test_one_that_can_never_work_is_a_fault_of_the_configuration(url: str, says: str) -> None:
    with pytest.raises(config.ConfigError) as caught:
        parts.database(config.Database(url=url))
    assert str(caught.value).startswith("database.url: ")
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", WAITED_FOR)
def test_one_whose_server_is_not_there_is_not(url: str) -> None:
    with parts.database(config.Database(url=url)) as used:
        assert used == url


def test_of_a_variable_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "postgresql://u:s3cret@h:notaport/db")
    with pytest.raises(config.ConfigError, match=r"^WHERE: "):
        parts.database(config.Database(url_env="WHERE"))


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_the_start_and_the_doctor_end_with_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSPACE_PSEUDONYM_KEY", "a key of more than sixteen letters")
    path = tmp_path / "airspace.toml"
    path.write_text("[console]\nport = 0\n[database]\nurl = 'postgresql://u:s3cret@h:notaport/db'\n")
    result = CliRunner().invoke(cli, [command, "--config", str(path)])
    (line,) = [one for one in result.output.splitlines() if "database.url" in one]
    assert (result.exit_code, "port" in line, "s3cret" in result.output) == (1, True, False)
