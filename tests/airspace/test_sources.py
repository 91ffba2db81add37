"""Tables of the configuration to sources: each with its own name, and faults that name the table."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from airspace.app.sources import client_tls, health, listened_to, push, server_tls, token_digest
from airspace.service import config
from airspace.service.config_sensors import SensorSettings
from airspace.service.config_sources import Tls
from receivers.sources.http_push import digest_of
from tests.servers.pki import authority

EACH = """
[[mqtt]]
[[mqtt]]
name = "city"
identifier = "b"
[[zmq]]
endpoint = "tcp://127.0.0.1:4224"
[[tcp]]
port = 30003
[[tcp]]
port = 30004
role = "server"
[[udp]]
port = 9999
[[serial]]
device = "/dev/ttyUSB0"
[[poll]]
url = "http://127.0.0.1:8080/aircraft.json"
[[sapient]]
port = 5020
nodes = ["a"]
north_offset_deg = { a = 12.5 }
"""


def settings(text: str) -> config.Settings:
    return msgspec.toml.decode(text, type=config.Settings)


def test_each_table_is_a_source_with_a_name_of_its_own() -> None:
    sources = listened_to(settings(EACH))
    names = [source.name for source in sources]
    assert names == [
        *("mqtt:127.0.0.1:1883", "mqtt:city", "zmq:tcp://127.0.0.1:4224", "tcp:127.0.0.1:30003"),
        *("tcp-server:127.0.0.1:30004", "udp:127.0.0.1:9999", "serial:/dev/ttyUSB0"),
        *("poll:http://127.0.0.1:8080/aircraft.json", "sapient:127.0.0.1:5020"),
    ]
    assert len(set(names)) == len(names)
    assert all(text != "ok" for _, text in health(sources).values()), "none is connected yet"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[poll]]\nurl = 'http://user:password@x/'", r"poll\[0\]: .*must not carry a password"),
        ("[[poll]]\nurl = 'http://x/a?b'\n[[poll]]\nurl = 'http://x/a?c'", "two sources are named poll:http://x/a"),
        ("[[zmq]]\nendpoint = 'x'", r"zmq\[0\]: endpoint 'x'"),
        ("[[zmq]]\nendpoint = 'tcp://a:1'\ncurve_server_key_file = '/nowhere'", r"zmq\[0\]: /nowhere: No such file"),
        (
            f"[[zmq]]\nendpoint = 'tcp://a:1'\ncurve_server_key_file = '{__file__}'",
            r"zmq\[0\]: .*no key as zmq.auth writes it",
        ),
        ("[[mqtt]]\nusername = 'x'\npassword_file = '/nowhere'", r"mqtt\[0\]: /nowhere: No such file"),
        ("[[mqtt]]\ntls_ca_file = '/nowhere'", r"mqtt\[0\]: /nowhere: No such file"),
        (f"[[mqtt]]\ntls_ca_file = '{__file__}'", r"mqtt\[0\]: .*not what TLS needs"),
    ],
)
def test_a_table_at_fault_is_named(text: str, says: str) -> None:
    with pytest.raises(config.ConfigError, match=says):
        listened_to(settings(text))


@pytest.mark.parametrize(
    ("extra", "table"),
    [("zmq", "[[zmq]]\nendpoint = 'tcp://127.0.0.1:1'"), ("serial", "[[serial]]\ndevice = '/dev/null'")],
)
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, extra: str, table: str) -> None:
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(config.ConfigError, match=rf"{extra}\[0\]: .*airspace-monitor\[{extra}\]"):
        listened_to(settings(table))


def test_secrets_of_sensors(tmp_path: Path) -> None:
    def sensor(**keys: Any) -> SensorSettings:
        return SensorSettings(id="a", **keys)

    good, short = tmp_path / "good", tmp_path / "short"
    good.write_text("sixteen letters .\n")
    short.write_text("short")
    digest = digest_of("sixteen letters .")
    assert token_digest(sensor(token_file=str(good))) == digest
    assert token_digest(sensor(token_sha256=digest.hex())) == digest
    assert token_digest(sensor()) is None
    with pytest.raises(config.ConfigError, match="at least 16 letters"):
        token_digest(sensor(token_file=str(short)))
    assert push(settings("[[sensor]]\nid = 'a'")) is None


def test_only_a_sensor_whose_time_is_not_over_may_push() -> None:
    digest = digest_of("x" * 16).hex()
    table = f"[[sensor]]\nid = 'a'\ntoken_sha256 = '{digest}'\nuntil = '2001-09-09T01:46:40Z'"
    early, late = push(settings(table), lambda: 999_999_999.0), push(settings(table), lambda: 1e9)
    assert early is not None
    assert late is not None
    assert early.closed("a") is None
    assert "ended" in str(late.closed("a"))


def test_tls_contexts(tmp_path: Path) -> None:
    trusted = authority(tmp_path)
    certificate, key = (str(path) for path in trusted.sign("a"))
    assert client_tls(Tls()) is None
    assert server_tls(Tls()) is None
    for tls in (Tls(tls=True), Tls(tls_ca_file=str(trusted.certificate))):
        context = client_tls(tls)
        assert context is not None
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
    server = server_tls(Tls(tls_certificate_file=certificate, tls_key_file=key))
    assert server is not None
    assert server.verify_mode is ssl.CERT_NONE
    asking = server_tls(Tls(tls_certificate_file=certificate, tls_key_file=key, tls_ca_file=str(trusted.certificate)))
    assert asking is not None
    assert asking.verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(config.ConfigError, match="not what TLS needs"):
        client_tls(Tls(tls_certificate_file=certificate, tls_key_file=certificate))
