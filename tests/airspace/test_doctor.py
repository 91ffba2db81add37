"""``airspace doctor`` with a real broker and a real PostgreSQL: all well once, and each fault once."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import serial
import zmq
from typer.testing import CliRunner, Result

from airspace.__main__ import cli
from airspace.app import Finding, State, examine
from airspace.app.doctor import certificates, database, files, links
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.service.config_sensors import SensorSettings
from airspace.service.config_sources import Mqtt, Poll, Tcp
from airspace.store.database import connect
from airspace.store.migrate import migrate
from receivers.sources import http_push
from receivers.sources import zmq as zmq_source
from tests.conftest import ROOT
from tests.servers.grafana import EDITOR, Recorder, recording
from tests.servers.mosquitto import Broker, secure_mosquitto
from tests.servers.pki import DAYS, Authority, authority

PASSWORD = "monitor's password"
SECRET = "a secret of thirty-two letters .."
FENCES = ROOT / "deploy" / "examples" / "fences.geojson"


@pytest.fixture(scope="module", name="trusted")
def an_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module", name="broker")
def a_broker(trusted: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with secure_mosquitto(tmp_path_factory.mktemp("broker"), trusted, {"airspace-monitor": PASSWORD}) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_key_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRSPACE_PSEUDONYM_KEY", raising=False)


def secret(folder: Path, text: str = SECRET, mode: int = 0o600) -> Path:
    path = folder / f"secret-{len(list(folder.iterdir()))}"
    path.write_text(text)
    path.chmod(mode)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def whole(folder: Path, url: str, broker: Broker, trusted: Authority) -> str:
    """A configuration of which everything is well."""
    return f"""
[console]
port = {free_port()}
[database]
url = "{url}"
[privacy]
key_file = "{secret(folder)}"
[zones]
files = ["{FENCES}"]
[notices]
files = ["{ROOT / "deploy" / "examples" / "notices.json"}"]
[record]
folder = "{folder}"
[[sensor]]
id = "roof-1"
token_file = "{secret(folder)}"
[[mqtt]]
name = "city"
host = "localhost"
port = {broker.port}
username = "airspace-monitor"
password_file = "{secret(folder, PASSWORD)}"
tls_ca_file = "{trusted.certificate}"
"""


def found(folder: Path, text: str) -> list[Finding]:
    path = folder / "airspace.toml"
    path.write_text(text)
    return list(examine(path))


def faults(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.part: finding for finding in findings if finding.state is not State.OK}


def test_all_is_well(url: str, broker: Broker, trusted: Authority, tmp_path: Path) -> None:
    path = tmp_path / "airspace.toml"
    path.write_text(whole(tmp_path, url, broker, trusted))
    result = CliRunner().invoke(cli, ["doctor", "--config", str(path), "--json"])
    findings = {one["part"]: one for one in msgspec.json.decode(result.stdout)}
    bad = {part: one["text"] for part, one in findings.items() if one["state"] == "FAIL"}
    assert (result.exit_code, bad) == (0, {})
    assert set(findings) == {
        *(
            "config",
            "secrets",
            "certificates",
            "privacy",
            "sensors",
            "database",
            "schema",
            "timescaledb",
            "clock",
            "mqtt:city",
            "zones",
        ),
        *("notices", "record", "port", "state"),
    }
    assert "1 registered, 1 of them may push" in findings["sensors"]["text"]
    assert "TLS, MQTT 3.1.1, 1 subscriptions granted" in findings["mqtt:city"]["text"]
    lines = CliRunner().invoke(cli, ["doctor", "--config", str(path)])
    assert lines.exit_code == 0
    assert len(lines.stdout.splitlines()) == len(findings)
    assert lines.stdout.startswith(f"ok    config: {path}\n")


@pytest.mark.parametrize(
    ("text", "part", "says", "code"),
    [
        ("nonsense = 1", "config", "nonsense", 1),
        ("[database]", "database", "set url, url_env, or folder", 1),
        ("[database]\nurl = 'postgresql://127.0.0.1:1/x'", "database", "refused", 3),
        ("[[mqtt]]\nport = 1", "mqtt:127.0.0.1:1", "refused", 3),
        ("[[tcp]]\nport = 1", "tcp:client 127.0.0.1:1", "127.0.0.1", 3),
        ("[[serial]]\ndevice = '/nowhere'", "serial:/nowhere", "No such file", 1),
        ("[[poll]]\nurl = 'http://127.0.0.1:1/aircraft.json'", "poll:http://127.0.0.1:1/aircraft.json", "", 3),
        ("[[poll]]\nurl = 'gopher://x'", "poll:gopher://x", "no http or https URL", 1),
        ("[[zmq]]\nendpoint = 'nonsense'", "zmq:nonsense", "endpoint 'nonsense'", 1),
        ("[zones]\nfiles = ['/nowhere.json']", "zones", "/nowhere.json", 1),
        ("[notices]\nfiles = ['/nowhere.json']", "notices", "/nowhere.json", 1),
        ("[console]\ntoken_file = '/nowhere'", "secrets", "console.token_file: /nowhere", 1),
        ("[heights]\nterrain_file = '/nowhere.tif'", "heights", "/nowhere.tif", 1),
        ("[record]\nfolder = '/nowhere/at/all'", "record", "cannot be written to", 1),
        ("[privacy]\nmode = 'enforcement'\npurpose = 'x'\nuntil = '2020-01-01T00:00:00Z'", "privacy", "", 1),
        (
            "[[tcp]]\nrole = 'server'\nport = 0\ntls_certificate_file = '/no.crt'",
            "tcp:server 127.0.0.1:0",
            "/no.crt",
            1,
        ),
    ],
)
def test_each_fault_is_named_with_its_remedy(tmp_path: Path, text: str, part: str, says: str, code: int) -> None:
    key = secret(tmp_path)
    base = {
        "[database]": f"[database]\nfolder = '{tmp_path / 'db'}'\n",
        "[privacy]": f"[privacy]\nkey_file = '{key}'\n",
    }
    added = "".join(table for name, table in base.items() if name not in text)
    text = text.replace("mode = 'enforcement'", f"key_file = '{key}'\nmode = 'enforcement'")
    path = tmp_path / "airspace.toml"
    path.write_text(f"{text}\n[[sensor]]\nid = 'a'\n{added}[gate]\nrows_per_second = 1\n")
    result = CliRunner().invoke(cli, ["doctor", "--config", str(path), "--json"])
    failed = {one["part"]: one for one in msgspec.json.decode(result.stdout) if one["state"] == "FAIL"}
    failed.pop("secrets" if part.startswith("tcp:server") else "", None)  # a certificate may hold its key
    assert list(failed) == [part]
    assert says in failed[part]["text"]
    assert failed[part]["remedy"]
    assert result.exit_code == code


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")  # paho leaves it to the collector
def test_a_wrong_password_and_a_wrong_authority(url: str, broker: Broker, trusted: Authority, tmp_path: Path) -> None:
    good = whole(tmp_path, url, broker, trusted)
    wrong = good.replace(good.split("password_file = ")[1].split("\n")[0], f'"{secret(tmp_path, "guessed")}"')
    finding = faults(found(tmp_path, wrong))["mqtt:city"]
    assert "does not authorise this user" in finding.text
    assert finding.server
    stranger = authority(tmp_path / "other")
    finding = faults(found(tmp_path, good.replace(str(trusted.certificate), str(stranger.certificate))))["mqtt:city"]
    assert "not trusted" in finding.text
    finding = faults(found(tmp_path, good.replace(str(trusted.certificate), str(tmp_path / "none"))))["mqtt:city"]
    assert "No such file" in finding.text
    assert not finding.server


def test_our_own_certificates_end(trusted: Authority, tmp_path: Path) -> None:
    certificate, key = trusted.sign("ends-soon", days=10)
    text = f"""
[[mqtt]]
tls_ca_file = "{trusted.certificate}"
tls_certificate_file = "{certificate}"
tls_key_file = "{key}"
[[sapient]]
port = 1
tls_certificate_file = "/no.crt"
"""
    settings = msgspec.toml.decode(text, type=config.Settings)
    (warned,) = certificates.of_files(settings, wall_clock())
    assert warned.state is State.WARN
    assert f"mqtt[0].tls_certificate_file: {certificate}" in warned.text
    assert "in 10 days" in warned.text
    (ended,) = certificates.of_files(settings, wall_clock() + 11 * certificates.DAY_S)
    assert (ended.state, "ended on" in ended.text) == (State.FAIL, True)
    both = list(certificates.of_files(settings, wall_clock() + (DAYS - 5) * certificates.DAY_S))
    assert [finding.state for finding in both] == [State.FAIL, State.WARN], "an authority ends too"
    assert not list(certificates.of_files(config.Settings(), wall_clock()))


@contextmanager
def serving(certificate: Path, key: Path) -> Iterator[int]:
    """A server that does no more than the handshake."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with suppress(OSError), peer, context.wrap_socket(peer, server_side=True) as link:
                    link.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("days", "later_days", "state", "says"),
    [
        (400, 0, None, ""),
        (400, 380, State.WARN, "the server: the certificate ends on"),
        (-1, 0, State.FAIL, "the server's certificate has ended"),
    ],
)
async def test_a_servers_certificate_ends(
    trusted: Authority, days: int, later_days: float, state: State | None, says: str
) -> None:
    with serving(*trusted.sign(f"server-{days}", days=days)) as port:
        tables = (
            f"[[tcp]]\nhost = 'localhost'\nport = {port}\ntls_ca_file = '{trusted.certificate}'\n"
            f"[[poll]]\nurl = 'https://localhost:{port}/x'\ntls_ca_file = '{trusted.certificate}'\n"
        )
        settings = msgspec.toml.decode(tables, type=config.Settings)
        for one in (settings.tcp[0], settings.poll[0]):
            found = await certificates.of_server("part", one, wall_clock() + later_days * certificates.DAY_S)
            assert [finding.state for finding in found] == ([] if state is None else [state])
            assert all(says in finding.text for finding in found)
        findings = await links.links(settings, lambda: wall_clock() + later_days * certificates.DAY_S)
        of_tcp = [finding for finding in findings if finding.part.startswith("tcp")]
        assert any(says in finding.text for finding in of_tcp)


async def test_what_has_no_certificate_is_not_asked(trusted: Authority) -> None:
    text = (
        f"[[tcp]]\nport = 1\n[[poll]]\nurl = 'http://localhost:1/x'\n[[mqtt]]\n[[tcp]]\nport = 1\nrole = 'server'\n"
        f"tls_certificate_file = '{trusted.certificate}'\n[[mqtt]]\nport = 1\ntls_ca_file = '{trusted.certificate}'"
    )
    settings = msgspec.toml.decode(text, type=config.Settings)
    asked: list[Mqtt | Tcp | Poll] = [*settings.tcp, *settings.poll, *settings.mqtt]
    for one in asked:
        assert await certificates.of_server("part", one, 0.0) == []


def test_the_certificate_of_a_broker_that_ends_soon(
    broker: Broker, trusted: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "SOON_DAYS", DAYS + 1.0)
    text = whole(tmp_path, "postgresql://127.0.0.1:1/x", broker, trusted)
    findings = [one for one in found(tmp_path, text) if one.part in {"mqtt:city", "certificates"}]
    assert [one.state for one in findings] == [State.WARN, State.OK, State.WARN]
    assert "the server: the certificate ends on" in findings[2].text


def test_a_shared_subscription_is_warned_of(url: str, broker: Broker, trusted: Authority, tmp_path: Path) -> None:
    text = whole(tmp_path, url, broker, trusted) + 'share_group = "two"\n'
    assert "no order" in faults(found(tmp_path, text))["mqtt:city"].text


def test_secrets_for_everybody_empty_and_short(tmp_path: Path) -> None:
    shown, empty = secret(tmp_path, mode=0o644), secret(tmp_path, "")
    text = f"[privacy]\nkey_file = '{shown}'\n[console]\ntoken_file = '{empty}'\n"
    settings = msgspec.toml.decode(text, type=config.Settings)
    texts = [finding.text for finding in files.secrets(settings)]
    assert [("readable for everybody" in one, "is empty" in one) for one in texts] == [(False, True), (True, False)]
    weak = config.PrivacySettings(key_file=str(secret(tmp_path, "short")))
    assert files.privacy(weak).state is State.WARN
    assert "no pseudonym key" in files.privacy(config.PrivacySettings()).text


def test_sensors(tmp_path: Path) -> None:
    (finding,) = files.sensors(config.Settings())
    assert (finding.state, "none is registered" in finding.text) == (State.FAIL, True)
    (finding,) = files.sensors(config.Settings(gate=config.Gate(accept_unknown_sensors=True)))
    assert (finding.state, "coverage reduced" in finding.text) == (State.WARN, True)
    token = str(secret(tmp_path))
    twice = config.Settings(sensor=tuple(SensorSettings(id=name, token_file=token) for name in "ab"))
    (finding,) = files.sensors(twice)
    assert "same token" in finding.text
    digest = http_push.digest_of(SECRET).hex()
    (finding,) = files.sensors(config.Settings(sensor=(SensorSettings(id="a", token_sha256=digest),)))
    assert finding.state is State.OK


def test_old_zones_and_notices_that_are_over(tmp_path: Path) -> None:
    old = tmp_path / "old.geojson"
    old.write_bytes(FENCES.read_bytes())
    os.utime(old, (0, 0))
    (finding,) = files.zones(config.Settings(zones=config.Zones(files=(str(old),))), wall_clock())
    assert (finding.state, "AIRAC" in str(finding.remedy)) == (State.WARN, True)
    notices = config.Notices(files=(str(ROOT / "deploy" / "examples" / "notices.json"),))
    (finding,) = files.notices(config.Settings(notices=notices), 1e11)
    assert "is over" in str(finding.remedy)


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LITTLE_BYTES", 1 << 60)
    assert files.room("disk", tmp_path).state is State.WARN
    monkeypatch.setattr(files, "TOO_LITTLE_BYTES", 1 << 60)
    assert files.room("disk", tmp_path).state is State.FAIL


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert files.port(config.Console(port=taken.getsockname()[1])).state is State.WARN


def test_a_database_without_a_schema(empty_url: str) -> None:
    findings = faults(database.database(config.Database(url=empty_url), wall_clock))
    assert "migrations wait" in findings["schema"].text


@pytest.mark.parametrize("table", ["alert", "flight", "service_tick", "migration"])
def test_a_table_that_was_dropped_is_named_with_the_way_out(empty_url: str, table: str, tmp_path: Path) -> None:
    asyncio.run(_migrated(empty_url))
    assert "schema" not in faults(database.database(config.Database(url=empty_url), wall_clock))
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute(f"drop table {table} cascade".encode())
    finding = faults(database.database(config.Database(url=empty_url), wall_clock))["schema"]
    assert (finding.state, finding.text.split(",")[0]) == (State.FAIL, f"table {table} missing")
    assert "drop schema public cascade; create schema public" in str(finding.remedy)
    assert "all stored data is lost" in str(finding.remedy)
    answer = _stats(tmp_path, empty_url)
    assert (answer.exit_code, f"({table})" in answer.stderr) == (1, True)


def test_figures_of_a_database_without_tables(empty_url: str, tmp_path: Path) -> None:
    answer = _stats(tmp_path, empty_url)
    assert answer.exit_code == 1
    assert answer.stderr == "airspace: the database has no tables yet: start the service once\n"


async def _migrated(url: str) -> None:
    async with await connect(url) as connection:
        await migrate(connection)


def _stats(folder: Path, url: str) -> Result:
    path = folder / "stats.toml"
    path.write_text(f"[database]\nurl = {msgspec.json.encode(url).decode()}\n")
    days = ["--from", "2026-05-01", "--to", "2026-05-31"]
    return CliRunner().invoke(cli, ["stats", "daily", *days, "--config", str(path)])


def test_a_user_who_may_not_create(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("drop role if exists doctor_reads")
        connection.execute("create role doctor_reads login")
    as_reader = f"{empty_url} options='-c role=doctor_reads'"
    findings = faults(database.database(config.Database(url=as_reader), wall_clock))
    assert findings["schema"].state is State.FAIL
    assert "grant create" in str(findings["schema"].remedy)


@pytest.mark.parametrize(("skew_s", "state"), [(5.0, State.WARN), (-3600.0, State.FAIL)])
def test_a_clock_that_is_wrong(empty_url: str, skew_s: float, state: State) -> None:
    findings = faults(database.database(config.Database(url=empty_url), lambda: wall_clock() + skew_s))
    assert findings["clock"].state is state
    assert ("behind" if skew_s > 0 else "ahead") in findings["clock"].text


async def test_a_publisher_and_a_server_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmq_source, "PROBE_TIMEOUT_S", 3.0)
    with zmq.Context() as context, context.socket(zmq.PUB) as socket_, socket.create_server(("127.0.0.1", 0)) as lines:
        socket_.linger = 0
        port = socket_.bind_to_random_port("tcp://127.0.0.1")
        text = (
            f"[[zmq]]\nendpoint = 'tcp://127.0.0.1:{port}'\n[[tcp]]\nport = {lines.getsockname()[1]}\n"
            "[[tcp]]\nrole = 'server'\nport = 0\n[[sapient]]\nport = 0\n"
        )
        findings = await links.links(msgspec.toml.decode(text, type=config.Settings), wall_clock)
    assert [finding.state for finding in findings] == [State.OK] * 4


async def test_a_port_for_datagrams() -> None:
    def udp(host: str, port: int) -> config.Settings:
        return msgspec.toml.decode(f"[[udp]]\nhost = '{host}'\nport = {port}", type=config.Settings)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (finding,) = await links.links(udp("127.0.0.1", port), wall_clock)
        assert (finding.state, "in use" in finding.text) == (State.WARN, True)
    (finding,) = await links.links(udp("127.0.0.1", port), wall_clock)
    assert finding.state is State.OK
    well, warned = await links.links(udp("0.0.0.0", port), wall_clock)
    assert (well.state, "anybody" in warned.text) == (State.OK, True)


async def test_a_serial_port() -> None:
    ours, theirs = os.openpty()
    try:
        device = os.ttyname(theirs)
        settings = msgspec.toml.decode(f"[[serial]]\ndevice = '{device}'", type=config.Settings)
        (finding,) = await links.links(settings, wall_clock)
        assert (finding.state, finding.part) == (State.OK, f"serial:{device}")
        with serial.Serial(device, exclusive=True):
            (finding,) = await links.links(settings, wall_clock)
        assert (finding.state, "lock" in finding.text) == (State.WARN, True)
    finally:
        os.close(ours)
        os.close(theirs)


async def test_nothing_to_listen_to_is_said() -> None:
    (finding,) = await links.links(config.Settings(), wall_clock)
    assert finding.state is State.WARN


@contextmanager
def answering(answers: Callable[[str], tuple[int, object]]) -> Iterator[str]:
    """A server on loopback that answers a path with a status and JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers(self.path)
            data = msgspec.json.encode(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def grafana_findings(recorder: Recorder, monkeypatch: pytest.MonkeyPatch, **keys: Any) -> list[Finding]:
    monkeypatch.setenv("AIRSPACE_GRAFANA_TOKEN", "token")
    with recording(recorder):
        return links.grafana(config.Grafana(url=recorder.url, **keys))


def test_grafana_that_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = grafana_findings(Recorder(), monkeypatch)
    assert (finding.state, "may write" in finding.text) == (State.OK, True)


def test_a_token_of_an_editor_serves_the_service_and_not_the_push(monkeypatch: pytest.MonkeyPatch) -> None:
    well, push = grafana_findings(Recorder(rights=EDITOR), monkeypatch)
    assert (well.state, push.state) == (State.OK, State.WARN)
    assert "datasources:create" in push.text
    assert "role Admin" in push.text


@pytest.mark.parametrize(
    ("recorder", "says", "server"),
    [
        (Recorder(rights=["dashboards:read"]), "may not annotations:create", False),
        (Recorder(version="9.4.0-pre"), "10.0.2 or newer is needed", False),
        (Recorder(faults={"*": "401"}), "answered 401", False),
        (Recorder(faults={"/api/access-control/user/permissions": "401"}), "answered 401", False),
        (Recorder(faults={"*": "sign-in page"}), "is grafana.url right?", False),
        (Recorder(faults={"*": "302"}), "redirect to /login", False),
        (Recorder(faults={"*": "404 of a proxy"}), "answered 404", False),
        (Recorder(faults={"*": "502"}), "answered 502", True),
        (Recorder(faults={"*": "500, locked"}), "answered 500", True),
    ],
)
def test_grafana_that_is_not_well(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, says: str, *, server: bool
) -> None:
    (finding,) = grafana_findings(recorder, monkeypatch)
    assert (finding.state, says in finding.text) == (State.FAIL, True), finding.text
    assert finding.server is server


@pytest.mark.parametrize("there", [True, False])
def test_a_dashboard_that_is_misspelt_is_named(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    recorder = Recorder(kept={"/dashboards/uid/air-daily": {"dashboard": {}}})
    (finding,) = grafana_findings(recorder, monkeypatch, dashboard_uid="air-daily" if there else "air-dayly")
    assert finding.state is (State.OK if there else State.FAIL)
    assert there or "'air-dayly'" in finding.text


def test_a_dead_data_source_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(kept={"/datasources/uid/air-postgres": {"uid": "air-postgres"}})
    recorder.source_health = (400, {"status": "ERROR", "message": "password authentication failed"})
    _, dead = grafana_findings(recorder, monkeypatch)
    assert (dead.state, "password authentication failed" in dead.text) == (State.FAIL, True)


def test_grafana_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = links.grafana(config.Grafana(url="http://127.0.0.1:1", token_env="AIRSPACE_NO_SUCH"))
    assert "set token_file" in finding.text
    monkeypatch.setenv("AIRSPACE_GRAFANA_TOKEN", "token")
    (finding,) = links.grafana(config.Grafana(url="http://127.0.0.1:1"))
    assert finding.server


def test_an_authority_of_grafana_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRSPACE_GRAFANA_TOKEN", "token")
    (finding,) = links.grafana(config.Grafana(url="https://127.0.0.1:1", tls_ca_file="/no/such.pem"))
    assert "/no/such.pem" in finding.text
    assert not finding.server
