from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from airspace.model.units import epoch_s
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
        ("[[mqtt]]\n[[mqtt]]\nidentifier = 'b'", "mqtt '127.0.0.1:1883' stands twice"),
        ("[[mqtt]]\nname = 'a'\n[[mqtt]]\nname = 'b'", "mqtt.identifier 'airspace-monitor at 127.0.0.1:1883' stands"),
        ("[[mqtt]]\nversion = '4'", "$.mqtt[0].version"),
        ("[[mqtt]]\npassword_file = 'x'", "mqtt[0].password_file: needs username"),
        ("[[mqtt]]\ntls_key_file = 'x'", "mqtt[0].tls_key_file: needs tls_certificate_file"),
        ("[[mqtt]]\nshare_group = 'a/b'", "$.mqtt[0].share_group"),
        ("[[mqtt]]\nsession_expiry_s = 5", "$.mqtt[0].session_expiry_s"),
        ("[[zmq]]\nendpoint = 'x'\n[[zmq]]\nendpoint = 'x'", "zmq 'x' stands twice"),
        ("[[zmq]]\nendpoint = 'x'\ncurve_key_file = 'y'", "zmq[0].curve_key_file: needs curve_server_key_file"),
        ("[[tcp]]\nhost = 'x'", "port"),
        ("[[tcp]]\nport = 1\nrole = 'both'", "$.tcp[0].role"),
        ("[[tcp]]\nport = 1\nrole = 'server'\ntls = true", "tcp[0].tls_certificate_file: a server needs"),
        ("[[sapient]]\nport = 1\ntls_ca_file = 'x'", "sapient[0].tls_certificate_file: a server needs"),
        ("[[udp]]\nhost = 'x'", "port"),
        ("[[udp]]\nport = 1\nmax_datagram_bytes = 70000", "$.udp[0].max_datagram_bytes"),
        ("[[udp]]\nport = 1\n[[udp]]\nport = 1", "udp '127.0.0.1:1' stands twice"),
        ("[[serial]]\nbaud = 9600", "device"),
        ("[[serial]]\ndevice = 'a'\nname = 'x'\n[[serial]]\ndevice = 'a'", "serial 'a' stands twice"),
        ("[[serial]]\ndevice = 'a'\nname = 'x'\n[[serial]]\ndevice = 'b'\nname = 'x'", "serial.name 'x' stands twice"),
        ("[[poll]]\nevery_s = 1", "url"),
        ("[[sensor]]\nid = 'a'\ntoken_sha256 = 'abc'", "$.sensor[0].token_sha256"),
        ("[[sensor]]\nid = 'a'\ntoken_file = 'x'\ntoken_sha256 = '" + "0" * 64 + "'", "not both"),
        ("[[sensor]]\nid = 'a'\nuntil = 'soon'", "sensor[0].until"),
        ("[[sensor]]\nid = 'a'\n[[sensor.hours]]\nhours = '8-20'", "hours[0].hours"),
        ("[[sensor]]\nid = 'a'\n[[sensor.hours]]\nzone = 'Europe/Atlantis'", "hours[0].zone"),
        (
            (
                "[[sensor]]\nid = 'a'\n[[sensor.pauses]]\nby = 'x'\n"
                "from = '2026-05-02T00:00:00Z'\nto = '2026-05-01T00:00:00Z'"
            ),
            "pauses[0].to: not after from",
        ),
        ("[record]\nfolder = 'x'\nuntil = 'soon'", "record.until"),
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


def test_the_shutter_is_the_registrys(tmp_path: Path) -> None:
    text = """
[[sensor]]
id = "a"
owner = "city"
until = "2027-01-01T00:00:00Z"
[[sensor.hours]]
days = ["SAT"]
hours = "12:00-24:00"
[[sensor.pauses]]
from = "2026-05-02T14:00:00+02:00"
to = "2026-05-02T15:00:00+02:00"
by = "unit 12"
"""
    (settings,) = config.read(write(tmp_path, text)).sensor
    sensor = settings.sensor()
    heard = {
        hour: sensor.listens(epoch_s(f"2026-05-02T{hour}:00+02:00")) for hour in ("11:59", "12:00", "14:30", "23:59")
    }
    assert heard == {"11:59": False, "12:00": True, "14:30": False, "23:59": True}  # a Saturday
    assert not sensor.listens(epoch_s("2026-05-03T13:00:00+02:00"))
    assert sensor.has_ended(epoch_s("2027-01-01T00:00:00Z"))
    assert sensor.pauses[0].by == "unit 12"


def test_secrets_come_from_file_or_environment(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("AIRSPACE_X", "other")
    assert config.secret(str(file), "AIRSPACE_X") == "s3cret"
    assert config.secret(None, "AIRSPACE_X") == "other"
    with pytest.raises(config.ConfigError, match="gone"):
        config.secret(str(tmp_path / "gone"), None)
