"""The Grafana channel against a recorder of requests on loopback. It proves what we send, nothing about Grafana."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.channels.grafana import GrafanaChannel, alert_point, annotation, connect
from tests.alerting.grafana_lines import HOSTILE, SERIAL, line
from tests.servers.grafana import Recorder, recording

COLUMNS = {"alert_id", "kind", "state", "verdict", "zone_name", "priority", "sentence"}


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@pytest.fixture
def channel(recorder: Recorder) -> Iterator[GrafanaChannel]:
    made = connect(recorder.url, "secret-token", dashboard_uid="air-police-live")
    yield made
    made.server.close()


async def test_an_alert_is_one_annotation_and_points(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    looked, made, push = recorder.requests
    assert looked.method == "GET"
    assert (made.method, made.path) == ("POST", "/api/annotations")
    assert made.headers["authorization"] == "Bearer secret-token"
    assert made.json["dashboardUID"] == "air-police-live"
    assert made.json["tags"] == ["airspace", "zone", "violation", "opened", "alert:a1"]
    assert made.json["time"] == made.json["timeEnd"] == 1777660200000
    assert (push.method, push.path) == ("POST", "/api/live/push/airspace")
    assert push.headers["content-type"].startswith("text/plain")
    assert push.headers["authorization"] == "Bearer secret-token"
    telling = (
        'alerts alert_id="a1",kind="zone",state="opened",verdict="violation",zone_name="CTR Schiphol",priority=70i,'
        'sentence="Not allowed: flying in the Schiphol CTR without an approved notice for this drone."'
        " 1777660200000000000"
    )
    counts = "open all=1i,violation=1i,suspected=0i,situation=0i,not_decidable=0i 1777660200000000000"
    assert push.body.splitlines() == [telling, counts]


async def test_an_update_changes_the_same_annotation_and_closing_ends_it(
    channel: GrafanaChannel, recorder: Recorder
) -> None:
    await channel.send([line()])
    await channel.send([line(revision=2, state="acknowledged", time="2026-05-01T18:31:00.000Z")])
    await channel.send([line(revision=3, state="closed", time="2026-05-01T18:35:00.000Z")])
    assert len(recorder.named("POST", "/api/annotations")) == 1
    updated, closed = recorder.named("PATCH", "/api/annotations/1")
    assert updated.json["tags"][3] == "acknowledged"
    assert updated.json["timeEnd"] - updated.json["time"] == 60 * 1000  # its end moves with each telling
    assert closed.json["timeEnd"] - closed.json["time"] == 5 * 60 * 1000
    assert "open all=0i" in recorder.requests[-1].body


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
    assert "open all=1i" in recorder.requests[-1].body  # the second episode


async def test_an_alert_that_waits_for_its_outcome_has_ended_and_is_open(
    channel: GrafanaChannel, recorder: Recorder
) -> None:
    await channel.send([line(state="updated", condition="gone", ended="2026-05-01T18:32:00.000Z", closed=None)])
    made = recorder.named("POST", "/api/annotations")[0].json
    assert made["timeEnd"] - made["time"] == 2 * 60 * 1000
    assert "open all=1i" in recorder.requests[-1].body


async def test_nothing_personal_is_sent(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line()])
    await channel.refresh([line()], 1777660260.0)
    sent = "".join(request.path + request.body for request in recorder.requests)
    assert SERIAL not in sent
    assert "52.3" not in sent


async def test_hostile_text_stays_text(channel: GrafanaChannel, recorder: Recorder) -> None:
    await channel.send([line(sentence_en=HOSTILE, zone_name=HOSTILE)])
    (made,) = recorder.named("POST", "/api/annotations")
    assert "<" not in made.json["text"]
    telling, _ = recorder.pushed  # no line of the text's own
    tags, fields, _ = parse(telling)
    assert tags == {}
    assert fields["kind"] == "zone"
    assert fields["zone_name"].startswith('ring, "A"=1 \\ <script>')  # as it is: a frame's strings are no HTML


async def test_the_columns_of_a_night_are_as_many_as_of_one_alert(channel: GrafanaChannel, recorder: Recorder) -> None:
    for number in range(40):
        zone = None if number % 3 == 0 else f"zone {number}, kind=x"
        kinds = {"kind": f"kind{number % 7}", "verdict": ("violation", "suspected")[number % 2]}
        await channel.send([line(alert_id=f"a{number}", zone_name=zone, **kinds)])
    read = [parse(point) for point in recorder.pushed]
    assert all(not tags for tags, _, _ in read)
    assert {frozenset(fields) for _, fields, _ in read} == {
        frozenset(COLUMNS),
        frozenset({"all", "violation", "suspected", "situation", "not_decidable"}),
    }


def test_without_the_client_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grafana_client", None)
    with pytest.raises(RuntimeError, match="pip install"):
        connect("http://127.0.0.1:9", "t")


def test_a_stream_name_with_a_slash_is_refused() -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        connect("http://127.0.0.1:9", "t", stream="a/b")


@pytest.mark.parametrize("url", ["grafana.example.org", "ftp://grafana", "http://", "/grafana", "localhost:3000"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: an address like"):
        connect(url, "t")


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("http://g:3000", "http://g:3000/api"),
        ("http://g:3000/grafana", "http://g:3000/grafana/api"),
        ("https://g/a/b/", "https://g/a/b/api"),
        ("http://[::1]:3000/", "http://[::1]:3000/api"),
        ("https://g/?verify=false", "https://g/api"),
    ],
)
def test_the_address_of_the_api(url: str, api: str) -> None:
    channel = connect(url, "t")
    assert channel.server._api.client.url == api
    assert channel.server._api.client.verify is True
    channel.server.close()


@settings(max_examples=200)
@given(sentence=st.text(max_size=80), zone=st.text(max_size=40))
def test_any_text_gives_one_parsable_point_and_escaped_annotation(sentence: str, zone: str) -> None:
    alert = line(sentence_en=sentence, zone_name=zone)
    point = alert_point(alert)
    assert len(point.splitlines()) == 1
    tags, fields, time = parse(point)
    assert tags == {}
    assert set(fields) == COLUMNS
    assert (fields["alert_id"], fields["kind"], fields["verdict"]) == ("a1", "zone", "violation")
    assert time == 1777660200000000000
    assert "<" not in annotation(alert)["text"]


def parse(point: str) -> tuple[dict[str, str], dict[str, str], int]:
    """Read line protocol by its rules: a backslash escapes in tags, and only quotes and backslashes in strings."""
    parts: list[str] = []
    current, quoted, index = "", False, 0
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
