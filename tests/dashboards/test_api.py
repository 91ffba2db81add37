"""The API over a scripted view."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from airspace.model.alert import Alert as ModelAlert
from airspace.model.alert import AlertState, Factor, Pilot, PilotKind
from airspace.model.detection import texts
from airspace.model.lines import alert_line, track_line
from airspace.model.track import unknown_tracks
from airspace.model.verdict import Kind, NoticeGap, VerdictValue
from airspace.model.zone import ZoneRole
from dashboards.api import assets, shapes
from dashboards.api.app import Tiles, create_app
from dashboards.api.live import Streams, event, events
from tests.dashboards.fake_view import ALERT_AT, FakeView, broken_part

ACT = {"by": "unit 12"}


@pytest.fixture
def view() -> FakeView:
    made = FakeView()
    made.advance(ALERT_AT)
    return made


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://console.test"
    )


@pytest.fixture
async def client(view: FakeView) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(view, metrics=lambda: b"airspace_up 1\n")) as made:
        yield made


@pytest.mark.parametrize("name", ["tracks", "alerts", "zones", "sensors", "notices", "status"])
async def test_readings_are_the_views(client: httpx.AsyncClient, view: FakeView, name: str) -> None:
    answer = await client.get(f"/api/v1/{name}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == json.loads(json.dumps(getattr(view, name)()))


async def test_health_ready_metrics(client: httpx.AsyncClient, view: FakeView) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).status_code == 200
    view.parts["mqtt"] = "no connection to the broker"
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "parts": {"mqtt": broken_part("no connection to the broker")}}
    metrics = await client.get("/metrics")
    assert metrics.text == "airspace_up 1\n"
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize(
    ("act", "body", "kind"),
    [
        ("acknowledge", ACT, "acknowledge"),
        ("hand-over", ACT | {"note": "to the north team"}, "hand_over"),
        ("hand_over", ACT | {"to": "north team"}, "hand_over"),
        ("close", ACT | {"outcome": "warned"}, "close"),
    ],
)
async def test_an_act_reaches_the_view(
    client: httpx.AsyncClient, view: FakeView, act: str, body: dict[str, str], kind: str
) -> None:
    answer = await client.post(f"/api/v1/alerts/a-ctr/{act}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["alert_id"] == "a-ctr"
    assert view.acts == [{"kind": kind, "alert_id": "a-ctr", "note": None, "outcome": None} | body]


async def test_texts_of_an_act_are_cleaned(client: httpx.AsyncClient, view: FakeView) -> None:
    await client.post("/api/v1/alerts/a-ctr/acknowledge", json={"by": "unit\u202e 12\x1b[31m\n", "note": "a\x00b"})
    assert view.acts[0]["by"] == "unit 12[31m"
    assert view.acts[0]["note"] == "ab"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("nowhere/acknowledge", ACT, {}, 404),
        ("a-ctr/close", ACT, {}, 422),  # an end needs its outcome
        ("a-ctr/close", ACT | {"outcome": "arrested"}, {}, 422),
        ("a-ctr/acknowledge", {}, {}, 422),
        ("a-ctr/acknowledge", {"by": "\u200b\n"}, {}, 422),
        ("a-ctr/acknowledge", {"by": "x" * 65}, {}, 422),
        ("a-ctr/acknowledge", ACT | {"admin": True}, {}, 422),
        ("a-ctr/acknowledge", ["by"], {}, 422),
        ("a-ctr/acknowledge", {"by": "x" * 20_000}, {}, 413),
        ("a-ctr/acknowledge", ACT, {"content-type": "text/plain"}, 415),
        ("a-ctr/acknowledge", ACT, {"origin": "https://evil.test"}, 403),
        ("a-ctr/acknowledge", ACT, {"origin": "null"}, 403),
        ("a-ctr/acknowledge", ACT, {"sec-fetch-site": "cross-site"}, 403),
        ("a-ctr/acknowledge", ACT, {"origin": "http://console.test", "sec-fetch-site": "same-origin"}, 200),
    ],
)
async def test_acts_that_are_refused(
    client: httpx.AsyncClient, view: FakeView, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    answer = await client.post(
        f"/api/v1/alerts/{path}", content=json.dumps(body), headers={"content-type": "application/json"} | headers
    )
    assert answer.status_code == status
    if status != 200:
        assert_problem(answer, status)
        assert view.acts == []


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["type"] == "about:blank"
    assert answer.json()["title"]


async def test_a_step_twice_is_a_conflict(client: httpx.AsyncClient) -> None:
    closing = ACT | {"outcome": "not_found"}
    assert (await client.post("/api/v1/alerts/a-ctr/close", json=closing)).status_code == 200
    assert_problem(await client.post("/api/v1/alerts/a-ctr/close", json=closing), 409)


async def test_an_alert_has_one_owner_and_the_other_is_told_who(client: httpx.AsyncClient) -> None:
    url = "/api/v1/alerts/a-ctr/acknowledge"
    first = (await client.post(url, json=ACT)).json()
    refused = await client.post(url, json={"by": "unit 7"})
    assert_problem(refused, 409)
    assert (refused.json()["taken_by"], refused.json()["since"]) == ("unit 12", first["taken_since"])
    assert "unit 12" in refused.json()["detail"]
    assert (await client.post(url, json=ACT)).json()["taken_by"] == "unit 12"
    stale = await client.post(url, json={"by": "unit 7", "instead_of": "unit 3"})
    assert stale.status_code == 409
    over = await client.post(url, json={"by": "unit 7", "instead_of": "unit 12"})
    assert (over.json()["taken_by"], over.json()["evidence"]["taken_over_from"]) == ("unit 7", "unit 12")


async def test_a_handled_alert_stays_and_can_be_opened_again(client: httpx.AsyncClient, view: FakeView) -> None:
    closed = (await client.post("/api/v1/alerts/a-ctr.1/close", json=ACT | {"outcome": "warned"})).json()
    assert (closed["condition"], closed["acknowledgement"], closed["closed_by"]) == ("there", "done", "unit 12")
    assert view.status()["handled"] == 1
    assert view.status()["state"] == "drone_near"
    opened = (await client.post("/api/v1/alerts/a-ctr/reopen", json=ACT)).json()
    assert (opened["acknowledgement"], opened["outcome"], opened["closed"]) == ("nobody", None, None)
    view.gone["a-ctr"] = (40, "landed")
    assert_problem(await client.post("/api/v1/alerts/a-ctr/reopen", json=ACT), 409)


async def test_bytes_that_are_not_utf_8_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/alerts/a-ctr/acknowledge", content=b'{"by": "\xff"}', headers={"content-type": "application/json"}
    )
    assert_problem(answer, 422)


async def test_unknown_paths_and_faults_are_problems(view: FakeView, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[dict[str, Any]]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(view, "tracks", broken)
    async with client_of(create_app(view)) as client:
        assert_problem(await client.get("/api/v1/nothing"), 404)
        assert_problem(await client.get("/metrics"), 404)
        assert_problem(await client.get("/api/v1/alerts/x/close"), 405)
        fault = await client.get("/api/v1/tracks")
    assert_problem(fault, 500)
    assert "secret" not in fault.text


async def test_every_answer_is_strict_and_names_no_other_host(client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/v1/status", "/nothing", "/console/console.js"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_only_a_configured_tile_host_is_added(view: FakeView) -> None:
    tiles = Tiles(url="https://tiles.test/{z}/{x}/{y}.png", attribution="Map data: test")
    async with client_of(create_app(view, tiles=tiles)) as client:
        policy = (await client.get("/")).headers["content-security-policy"]
        assert "img-src 'self' data: blob: https://tiles.test;" in policy
        assert "connect-src 'self' https://tiles.test;" in policy
        settings = (await client.get("/api/v1/settings")).json()
    assert settings["tiles"] == {
        "url": "https://tiles.test/{z}/{x}/{y}.png",
        "attribution": "Map data: test",
        "tile_size": 256,
        "host": "tiles.test",
    }


async def test_the_wheel_carries_maplibre(client: httpx.AsyncClient) -> None:
    script = await client.get("/maplibre/maplibre-gl.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) > 500_000
    assert "3-Clause BSD" in script.text[:300]
    assert (await client.get("/maplibre/maplibre-gl.css")).status_code == 200


async def test_console_files_and_nothing_else(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (await client.get("/console/")).text == page.text
    again = await client.get("/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    for path in (
        "/console/__init__.py",
        "/console/../api/app.py",
        "/console/%2e%2e/api/app.py",
        "/maplibre/pywidget.js",
    ):
        assert (await client.get(path)).status_code == 404


def test_console_sources_build_no_html_from_text_and_call_no_other_host() -> None:
    for path, asset in assets.load().items():
        if path.startswith("/console/"):
            text = asset.content.decode()
            for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://"):
                assert forbidden not in text, path
            assert " onclick=" not in text, path


async def test_a_token_closes_everything_but_health(view: FakeView) -> None:
    async with client_of(create_app(view, token="correct horse")) as client:
        for path in ("/api/v1/tracks", "/api/v1/status", "/live"):
            assert_problem(await client.get(path), 401)
        assert (await client.post("/api/v1/alerts/a-ctr/acknowledge", json=ACT)).status_code == 401
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/")).status_code == 200
        bearer = {"authorization": "Bearer correct horse"}
        assert (await client.get("/api/v1/tracks", headers=bearer)).status_code == 200
        assert (await client.get("/api/v1/tracks", headers={"authorization": "Bearer wrong"})).status_code == 401
        assert (await client.post("/api/v1/session", json={"token": "wrong"})).status_code == 401
        opened = await client.post("/api/v1/session", json={"token": "correct horse"})
        assert opened.status_code == 204
        assert "HttpOnly" in opened.headers["set-cookie"]
        assert "SameSite=strict" in opened.headers["set-cookie"]
        assert "correct" not in opened.headers["set-cookie"]
        assert (await client.get("/api/v1/tracks")).status_code == 200  # by the cookie


async def test_the_stream_tells_a_full_picture_then_what_happens(view: FakeView) -> None:
    stream = events(view, heartbeat_s=0.01)
    assert await anext(stream) == b"retry: 2000\n\n"
    names = [(await anext(stream)).split(b"\n")[0] for _ in range(5)]
    assert names == [b"event: status", b"event: zones", b"event: sensors", b"event: tracks", b"event: alerts"]
    assert await anext(stream) == b": heartbeat\n\n"
    view.tell(("alert", view.alerts()[0]))
    told = await anext(stream)
    while told.startswith(b":"):
        told = await anext(stream)
    assert told.startswith(b'event: alert\ndata: {"alert_id":"a-ctr"')
    await stream.aclose()
    assert view._queues == set()


async def test_streams_are_counted_and_bounded(view: FakeView) -> None:
    streams = Streams(view, limit=1)
    with streams._place("192.0.2.1"), pytest.raises(Exception, match="503"):
        streams.response("192.0.2.2")
    assert streams.open == 0
    streams.response("192.0.2.2")


async def test_a_body_that_ends_early_is_no_fault_of_ours() -> None:
    """Else everybody who is cut in the middle of one would be a trace in the log."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/session",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await create_app(FakeView(), token="correct")(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_one_address_holds_half_of_the_streams_at_most(view: FakeView) -> None:
    streams = Streams(view, limit=4)
    with streams._place("2001:db8::/64"), streams._place("2001:db8::/64"):
        with pytest.raises(Exception, match="Half"):
            streams.response("2001:db8::3")
        streams.response("192.0.2.1")
    streams.response("2001:db8::3")
    assert streams._by_address == {}


def test_an_event_is_one_line_of_json_whatever_it_holds() -> None:
    text = "a\nevent: alert\ndata: {}\n\n\u2028"
    sent = event("status", {"text": text, "height": float("nan")})
    assert sent.count(b"\n") == 3
    assert json.loads(sent.split(b"data: ", 1)[1]) == {"text": text, "height": None}


async def test_openapi_describes_the_lines(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert {"/api/v1/tracks", "/api/v1/alerts/{alert_id}/close", "/live", "/readyz"} <= set(described["paths"])
    act = described["paths"]["/api/v1/alerts/{alert_id}/acknowledge"]["post"]
    assert act["requestBody"]["content"]["application/json"]["schema"]["required"] == ["by"]
    assert "application/problem+json" in act["responses"]["409"]["content"]
    assert "Problem" in described["components"]["schemas"]


def test_shapes_and_lines_have_the_same_keys() -> None:
    alert = ModelAlert(
        alert_id="a",
        revision=1,
        time_s=0.0,
        state=AlertState.OPENED,
        kind=Kind.ZONE,
        verdict=VerdictValue.VIOLATION,
        reason="no_notice",
        sentence_nl="",
        sentence_en="",
        priority=1,
        priority_factors=(Factor(name="x", points=1),),
        track_id=None,
        flight_id=None,
        uas_id=None,
        group="g",
        zone_id=None,
        zone_name=None,
        zone_version=None,
        zone_role=ZoneRole.NONE,
        rule="r",
        rule_version="1",
        notice_id=None,
        notice_gap=NoticeGap(),
        latitude_deg=None,
        longitude_deg=None,
        height_agl_m=None,
        height_sigma_m=None,
        pilot=Pilot(latitude_deg=0.0, longitude_deg=0.0, kind=PilotKind.LIVE),
        first_seen_s=None,
        last_seen_s=None,
        opened_s=0.0,
        sensors=(),
    )
    line = alert_line(alert)
    assert set(line) == set(shapes.Alert.model_fields)
    shapes.Alert.model_validate(line)
    track = track_line(unknown_tracks(1, state=np.array([2]), track_id=texts(["t"])).row(0), ())
    added = {"verdict", "notice_id", "pilot", "height_agl_m", "height_sigma_m"}
    assert set(track) == set(shapes.Track.model_fields) - added
    shapes.Track.model_validate(track)


def test_the_scripted_view_says_what_the_shapes_say(view: FakeView) -> None:
    view.advance(40)
    for track in view.tracks():
        shapes.Track.model_validate(track)
    for alert in view.alerts():
        shapes.Alert.model_validate(alert)
    for sensor in view.sensors():
        shapes.Sensor.model_validate(sensor)
    shapes.Status.model_validate(view.status())


async def test_a_stream_cut_by_shutdown_ends_in_order(view: FakeView) -> None:
    sent: list[dict[str, Any]] = []
    begun = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        begun.set()

    async def receive() -> Any:
        await asyncio.Event().wait()

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    serving = asyncio.create_task(Streams(view).response("192.0.2.1")(scope, receive, send))
    await begun.wait()
    serving.cancel()
    await serving
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
