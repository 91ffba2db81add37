"""The Grafana channel against a recorder of requests on loopback. It proves what we send, nothing about Grafana."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.ports import ChannelError
from alerting.channels.grafana import GrafanaChannel, alert_point, annotation, connect

SERIAL = "ZZQX5DEMO1"
HOSTILE = 'ring, "A"=1 \\ <script>x</script>\nalerts,kind=false priority=1i'


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    """Keeps every request; answers with ``status`` once set, else as a Grafana would when it accepts."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    found: list[dict[str, int]] = field(default_factory=list)

    def named(self, method: str, start: str) -> list[Request]:
        return [request for request in self.requests if request.method == method and request.path.startswith(start)]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    kept = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            kept.requests.append(
                Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            )
            status = kept.status.get(self.command, 200)
            content = b"" if self.path.startswith("/api/live") else json.dumps({"id": len(kept.requests)}).encode()
            if self.command == "GET":
                content = json.dumps(kept.found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET = _answer  # noqa: N815 - the names are the base class's

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def line(**known: Any) -> dict[str, Any]:
    return {
        "alert_id": "a1",
        "revision": 1,
        "time": "2026-05-01T18:30:00.000Z",
        "opened": "2026-05-01T18:30:00.000Z",
        "state": "opened",
        "kind": "zone",
        "verdict": "violation",
        "priority": 70,
        "sentence_en": "Not allowed: flying in the Schiphol CTR without an approved notice for this drone.",
        "zone_name": "CTR Schiphol",
        "uas_id": SERIAL,
        "latitude_deg": 52.3144,
        "pilot": {"latitude_deg": 52.3052, "longitude_deg": 4.956, "kind": "live", "accuracy_m": 10.0},
        **known,
    }


@pytest.fixture
def channel(recorder: Recorder) -> Iterator[GrafanaChannel]:
    made = connect(recorder.url, "secret-token", dashboard_uid="air-police-live")
    yield made
    made._api.client.s.close()


async def test_an_alert_is_one_annotation_and_points(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    made, push = recorder.requests
    assert (made.method, made.path) == ("POST", "/api/annotations")
    assert made.headers["authorization"] == "Bearer secret-token"
    assert made.json["dashboardUID"] == "air-police-live"
    assert made.json["tags"] == ["airspace", "zone", "violation", "opened", "alert:a1"]
    assert made.json["time"] == made.json["timeEnd"] == 1777660200000
    assert (push.method, push.path) == ("POST", "/api/live/push/airspace")
    assert push.headers["content-type"].startswith("text/plain")
    assert push.headers["authorization"] == "Bearer secret-token"
    assert push.body.splitlines()[0] == (
        r"alerts,kind=zone,state=opened,verdict=violation,zone_name=CTR\ Schiphol priority=70i,"
        'sentence="Not allowed: flying in the Schiphol CTR without an approved notice for this drone.",alert_id="a1"'
        " 1777660200000000000"
    )
    assert "open,verdict=all count=1i 1777660200000000000" in push.body.splitlines()


async def test_an_update_changes_the_same_annotation_and_closing_ends_it(
    channel: GrafanaChannel, recorder: Recorder
) -> None:
    await channel.send([line()])
    await channel.send([line(revision=2, state="acknowledged", time="2026-05-01T18:31:00.000Z")])
    await channel.send([line(revision=3, state="closed", time="2026-05-01T18:35:00.000Z")])
    assert len(recorder.named("POST", "/api/annotations")) == 1
    updated, closed = recorder.named("PATCH", "/api/annotations/1")
    assert updated.json["tags"][3] == "acknowledged"
    assert closed.json["timeEnd"] - closed.json["time"] == 5 * 60 * 1000
    assert "open,verdict=all count=0i" in recorder.requests[-1].body


async def test_after_a_restart_the_annotation_is_found_by_its_tag(channel: GrafanaChannel, recorder: Recorder) -> None:
    recorder.found = [{"id": 41}]
    await channel.send([line(revision=2, state="updated")])
    assert "tags=alert:a1" in recorder.named("GET", "/api/annotations")[0].path.replace("%3A", ":")
    assert recorder.named("PATCH", "/api/annotations/41")
    assert not recorder.named("POST", "/api/annotations")


async def test_a_drone_that_comes_back_has_an_annotation_of_its_own(
    channel: GrafanaChannel, recorder: Recorder
) -> None:
    matter = line()["sentence_en"]
    closed = {"state": "closed", "matter_en": matter, "sentence_en": "The drone is no longer heard."}
    await channel.send([line(episode=1)])
    await channel.send([line(revision=2, episode=1, ended="2026-05-01T18:35:00.000Z", **closed)])
    again = "2026-05-01T18:40:00.000Z"
    await channel.send([line(revision=3, episode=2, opened=again, time=again)])
    first, second = recorder.named("POST", "/api/annotations")
    assert (first.json["tags"][4], second.json["tags"][4]) == ("alert:a1", "alert:a1.2")
    (ended,) = recorder.named("PATCH", "/api/annotations/1")
    assert ended.json["text"] == f"{matter} The drone is no longer heard."
    late = {"outcome": "fined", "sentence_en": "Closed: the pilot was fined.", "time": "2026-05-01T19:00:00.000Z"}
    await channel.send([line(revision=4, episode=1, ended="2026-05-01T18:35:00.000Z", **(closed | late))])
    told = recorder.named("PATCH", "/api/annotations/1")[-1].json
    assert told["timeEnd"] - told["time"] == 5 * 60 * 1000  # its end is the drone's, not the paper's
    assert told["text"] == f"{matter} Closed: the pilot was fined."
    assert "open,verdict=all count=1i" in recorder.requests[-1].body  # the second episode


async def test_an_alert_that_waits_for_its_outcome_has_ended_and_is_open(
    channel: GrafanaChannel, recorder: Recorder
) -> None:
    await channel.send([line(state="updated", condition="gone", ended="2026-05-01T18:32:00.000Z", closed=None)])
    made = recorder.named("POST", "/api/annotations")[0].json
    assert made["timeEnd"] - made["time"] == 2 * 60 * 1000
    assert "open,verdict=all count=1i" in recorder.requests[-1].body


async def test_a_deleted_annotation_is_made_anew(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    recorder.status["PATCH"] = 404
    await channel.send([line(revision=2, state="updated")])
    assert len(recorder.named("POST", "/api/annotations")) == 2


async def test_nothing_personal_is_sent(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    sent = "".join(request.path + request.body for request in recorder.requests)
    assert SERIAL not in sent
    assert "52.3" not in sent


async def test_hostile_text_stays_text(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line(sentence_en=HOSTILE, zone_name=HOSTILE)])
    made, push = recorder.requests
    assert "<" not in made.json["text"]
    lines = push.body.splitlines()
    assert len(lines) == 6  # one telling and five counts: no line of the text's own
    assert "<" not in push.body
    assert r"zone_name=ring\,\ &quot;A&quot;\=1" in lines[0]
    assert lines[0].endswith('alert_id="a1" 1777660200000000000')


@pytest.mark.parametrize(
    ("status", "retry"), [(500, True), (503, True), (429, True), (401, True), (400, False), (422, False)]
)
async def test_a_refusal_says_whether_to_try_again(
    channel: GrafanaChannel, recorder: Recorder, status: int, *, retry: bool
) -> None:
    recorder.status["POST"] = status
    with pytest.raises(ChannelError) as caught:
        await channel.send([line()])
    assert caught.value.retry is retry
    assert "secret-token" not in str(caught.value)


async def test_a_dead_server_is_tried_again() -> None:
    channel = connect("http://127.0.0.1:9", "secret-token")
    with pytest.raises(ChannelError) as caught:
        await channel.send([line()])
    channel._api.client.s.close()
    assert caught.value.retry


def test_without_the_client_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grafana_client", None)
    with pytest.raises(RuntimeError, match="pip install"):
        connect("http://127.0.0.1:9", "t")


def test_a_stream_name_with_a_slash_is_refused() -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        GrafanaChannel(None, stream="a/b")


@settings(max_examples=200)
@given(sentence=st.text(max_size=80), zone=st.text(max_size=40))
def test_any_text_gives_one_parsable_point_and_escaped_annotation(sentence: str, zone: str) -> None:
    alert = line(sentence_en=sentence, zone_name=zone)
    point = alert_point(alert)
    assert len(point.splitlines()) == 1
    tags, fields, time = parse(point)
    assert set(tags) <= {"kind", "state", "verdict", "zone_name"}
    assert set(fields) == {"priority", "sentence", "alert_id"}
    assert fields["alert_id"] == "a1"
    assert time == 1777660200000000000
    assert "<" not in annotation(alert)["text"]
    assert fields["sentence"] == annotation(alert)["text"]


def parse(point: str) -> tuple[dict[str, str], dict[str, str], int]:
    """Read line protocol by its rules: a backslash escapes in tags, and only quotes and backslashes in strings."""
    parts, current, quoted, index = [], "", False, 0
    while index < len(point):
        letter = point[index]
        if letter == "\\":
            current += point[index + 1]
            index += 2
            continue
        if letter == '"':
            quoted = not quoted
        elif letter in ", =" and not quoted:
            parts += [current, letter]
            current = ""
        else:
            current += letter
        index += 1
    parts.append(current)
    gap = parts.index(" ")
    head, tail = parts[:gap], parts[gap + 1 :]
    return (
        dict(zip(head[2::4], head[4::4], strict=True)),
        dict(zip(tail[0:-2:4], tail[2:-2:4], strict=True)),
        int(tail[-1]),
    )
