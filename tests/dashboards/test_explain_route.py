"""Why a drone is judged as it is, over HTTP: the route over a scripted view, and over the match evening's own."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from airspace.demo import facts
from airspace.model.privacy import Mode
from airspace.model.track import Remark, TrackState
from dashboards.api import shapes
from dashboards.api.app import create_app
from tests.airspace.test_view import evening
from tests.dashboards.fake_view import ALERT_AT, FakeView
from tests.dashboards.test_api import client_of

HOBBY_SERIAL = "9ZZZ8HBY00001"


@pytest.fixture
def scripted() -> httpx.AsyncClient:
    view = FakeView()
    view.advance(ALERT_AT)
    return client_of(create_app(view))


async def test_the_scripted_view_has_the_shape(scripted: httpx.AsyncClient) -> None:
    async with scripted as client:
        (track, *_) = (await client.get("/api/v1/tracks")).json()
        answer = await client.get(f"/api/v1/tracks/{track['track_id']}/explain")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    shapes.Explanation.model_validate(answer.json())


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("nobody/explain", 404, "no such live track"),
        ("{track}/explain?time=2026-05-01T18:00:00Z", 409, "last picture"),
        ("{track}/explain?time=yesterday", 422, "RFC 3339"),
        ("{track}/explain?time=2026-05-01T18:00:00", 422, "RFC 3339"),
    ],
)
async def test_what_is_refused(scripted: httpx.AsyncClient, path: str, status: int, told: str) -> None:
    async with scripted as client:
        (track, *_) = (await client.get("/api/v1/tracks")).json()
        answer = await client.get(f"/api/v1/tracks/{path.format(track=track['track_id'])}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert told in answer.json()["detail"]


async def test_the_token_is_asked_for() -> None:
    async with client_of(create_app(FakeView(), token="secret")) as client:
        assert (await client.get("/api/v1/tracks/T1/explain")).status_code == 401


async def explained(mode: Mode, **parameters: str) -> tuple[list[dict[str, Any]], str]:
    """Every live track of the evening explained, and the whole text of it."""
    view, _, _ = evening(mode)
    async with client_of(create_app(view)) as client:
        tracks = (await client.get("/api/v1/tracks")).json()
        answers = [
            await client.get(f"/api/v1/tracks/{track['track_id']}/explain", params=parameters) for track in tracks
        ]
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json() for answer in answers]
    for one in told:
        shapes.Explanation.model_validate(one)
    return told, json.dumps(told)


async def test_the_evening_explained() -> None:
    told, _ = await explained(Mode.ENFORCEMENT)
    hobby = next(one for one in told if one["uas_id"] == HOBBY_SERIAL)
    first = hobby["rules"][0]
    assert (first["rule"], first["verdict"], first["reason"]) == ("ctr_open", "violation", "no_notice")
    place, *_, notice = first["conditions"]
    assert (place["name"], place["passed"], place["unit"]) == ("place", True, "m")
    assert place["by"] > 2000
    assert (notice["name"], notice["passed"]) == ("notice", False)
    assert first["zone_version"] in {one["version"] for one in hobby["versions"]}
    assert hobby["sentence_nl"].startswith("Niet toegestaan in de CTR Schiphol, ")
    crew = next(one for one in told if one["uas_id"] == facts.BROADCASTER_SERIAL)
    assert crew["notice"]["matches"] is True
    assert {"height_120", "vlos", "remote_id_missing"} <= {one["rule"] for one in hobby["rules"]}


async def test_statistics_tells_neither_serial_nor_pilot() -> None:
    told, text = await explained(Mode.STATISTICS)
    assert HOBBY_SERIAL not in text
    assert facts.BROADCASTER_SERIAL not in text
    assert all(one["uas_id"] is None or one["uas_id"].startswith("e1:") for one in told)
    assert sum(one["notice"] is not None and one["notice"]["matches"] for one in told) == 2
    pilots = [one for each in told for one in each["rules"] if one["rule"] == "vlos"]
    assert all(one["conditions"][0]["by"] is None for one in pilots), "a distance to the pilot is a word on his place"


async def test_the_signs_of_a_track_are_told_with_weight_threshold_and_honest_causes() -> None:
    view, _, _ = evening(Mode.STATISTICS)
    assert view._live is not None
    number = next(n for n, state in enumerate(view._live.state.tolist()) if state == TrackState.CONFIRMED)
    view._live.remarks[number], view._live.suspect[number] = Remark.SKEW | Remark.TOO_FAST, True
    async with client_of(create_app(view)) as client:
        answer = (await client.get(f"/api/v1/tracks/{view._live.track_id[number]}/explain")).json()
    signs = answer["signs"]
    shapes.Signs.model_validate(signs)
    assert (signs["score"], signs["strength"], signs["suspect"]) == (0.76, "strong", True)
    assert signs["sentence_en"] == "2 signs, strong: signal not reliable."
    assert signs["scale_en"] == "This ranks signals. It is a judgement, not a probability."
    assert [(one["name"], one["family"], one["score"]) for one in signs["shown"]] == [
        ("too_fast", "motion", 0.6),
        ("skew", "clock", 0.4),
    ]
    skew = signs["shown"][1]
    assert skew["threshold"] == "message time and receive time more than 5 s apart"
    assert skew["text_en"] == "the time in the signal is not right"
    assert skew["honest_en"].startswith("a drone without a fix")
    assert skew["honest_nl"].startswith("een drone zonder satellieten")


async def test_the_present_moment_may_be_named() -> None:
    told, _ = await explained(Mode.ENFORCEMENT)
    again, _ = await explained(Mode.ENFORCEMENT, time=told[0]["time"])
    assert again[0]["time"] == told[0]["time"]
