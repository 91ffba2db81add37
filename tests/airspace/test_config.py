from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from airspace.service import config
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "airspace.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("citty = 'A'", "citty"),
        ("[console]\nport = 'x'", "$.console.port"),
        ("[console]\nport = 70000", "$.console.port"),
        ("[[sensor]]\nid = 'a'\nlatitude_deg = 91", "$.sensor[0].latitude_deg"),
        ("[[sensor]]\nname = 'a'", "id"),
        ("[[sensor]]\nid = 'a'\n[[sensor]]\nid = 'a'", "'a' stands twice"),
        ("[privacy]\nmode = 'enforcement'", "privacy.purpose"),
        ("[privacy]\nmode = 'everything'", "$.privacy.mode"),
        ("[console]\nhost = '0.0.0.0'", "console.token_file"),
        ("[privacy]\nuntil = 'soon'", "privacy.until"),
        ("[[capacity]]\ngroup = 'ctr-eham'\ncommercial = 2", "emergency"),
        ("[[capacity]]\ngroup = 'g'\ncommercial = -1\nemergency = 1", "$.capacity[0].commercial"),
        ("[[capacity]]\ngroup = 'g'\ncommercial = 1\nemergency = 1\nfrom = 'soon'", "capacity[0].from"),
        ("[[capacity]]\ngroup = 'g'\ncommercial = 1\nemergency = 1\nhours = '8-20'", "$.capacity[0].hours"),
        ("[[capacity]]\ngroup = 'g'\ncommercial = 1\nemergency = 1\ndays = ['MO']", "$.capacity[0].days"),
        (
            (
                "[[capacity]]\ngroup = 'g'\ncommercial = 1\nemergency = 1\n"
                "from = '2026-05-02T00:00:00Z'\nto = '2026-05-01T00:00:00Z'"
            ),
            "capacity[0].to",
        ),
        ("not toml at all", "not TOML"),
    ],
)
def test_an_error_names_file_and_key(tmp_path: Path, text: str, names: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(config.ConfigError) as error:
        config.read(path)
    assert str(path) in str(error.value)
    assert names in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match=r"nowhere\.toml"):
        config.read(tmp_path / "nowhere.toml")


def test_the_example_is_whole() -> None:
    settings = config.read(ROOT / "deploy" / "airspace.toml")
    assert settings.privacy.mode == "statistics"
    assert settings.sensor[0].sensor().name == "ArenA North"


def test_the_quiet_mode_is_the_default() -> None:
    assert config.Settings().privacy.mode == "statistics"
    assert config.Settings().grafana is None


def keys_of(section: type[msgspec.Struct]) -> set[str]:
    """All key names below a section."""
    keys = set()
    written = {field.name: field.encode_name for field in msgspec.structs.fields(section)}
    for name, hint in get_type_hints(section).items():
        keys.add(written[name])
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                keys |= keys_of(part)
    return keys


def test_every_key_is_documented_and_no_other() -> None:
    documented = {
        key for cell in re.findall(r"^\| (.*?) \|", DOCUMENT, re.MULTILINE) for key in re.findall(r"`(\w+)`", cell)
    }
    sections = set(re.findall(r"^## `\[+(\w+)\]+`", DOCUMENT, re.MULTILINE)) | {"notices"}
    assert documented | sections == keys_of(config.Settings)


def test_secrets_come_from_file_or_environment(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("AIRSPACE_X", "other")
    assert config.secret(str(file), "AIRSPACE_X") == "s3cret"
    assert config.secret(None, "AIRSPACE_X") == "other"
    with pytest.raises(config.ConfigError, match="gone"):
        config.secret(str(tmp_path / "gone"), None)
