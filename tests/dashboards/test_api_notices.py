"""``/api/v1/notices`` over a scripted desk: what reaches it, and how its refusals are told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from airspace.model.lines import notice_line
from airspace.model.notice import NoticeConflict, NoticeRevision, NoticeState
from airspace.model.notice_document import notice_document, revision_line
from airspace.model.ports import NoticeDesk, StoreUnavailable
from airspace.model.units import epoch_s
from dashboards.api import shapes
from dashboards.api.app import create_app
from dashboards.api.notices import MAX_NOTICE_BYTES
from tests.dashboards.fake_view import FakeView
from tests.dashboards.test_api import assert_problem, client_of
from tests.geofences import made

LINE = notice_line(made.notice())
REVISION = NoticeRevision(
    notice_id="N1", version=1, time_s=made.NOON_S, by="desk 3", step="create", state=NoticeState.REQUESTED
)
WHOLE = LINE | {"notice": notice_document(made.notice()), "revisions": [revision_line(REVISION)]}
BY = {"by": "desk 3"}


class FakeDesk:
    """Notes what it is asked; refuses with ``fault`` when it has one."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.fault: Exception | None = None

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        if self.fault is not None:
            raise self.fault

    async def list(
        self, states: Sequence[NoticeState], from_s: float | None, to_s: float | None
    ) -> list[dict[str, Any]]:
        self._note("list", list(states), from_s, to_s)
        return [LINE]

    async def show(self, notice_id: str) -> dict[str, Any]:
        self._note("show", notice_id)
        return WHOLE

    async def create(self, fields: dict[str, Any], by: str, note: str | None) -> dict[str, Any]:
        self._note("create", fields, by, note)
        return WHOLE

    async def revise(
        self, notice_id: str, version: int, fields: dict[str, Any], by: str, note: str | None
    ) -> dict[str, Any]:
        self._note("revise", notice_id, version, fields, by, note)
        return WHOLE

    async def step(
        self, notice_id: str, step: str, by: str, note: str | None, version: int | None = None
    ) -> dict[str, Any]:
        self._note("step", notice_id, step, by, note, version)
        return WHOLE


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def client(desk: FakeDesk) -> AsyncIterator[httpx.AsyncClient]:
    port: NoticeDesk = desk
    async with client_of(create_app(FakeView(), notices=port)) as here:
        yield here


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, ([], None, None)),
        ({"state": "approved,active"}, ([NoticeState.APPROVED, NoticeState.ACTIVE], None, None)),
        (
            {"from": "2026-05-01T12:00:00Z", "to": "2026-05-02T14:00:00+02:00"},
            ([], made.NOON_S, epoch_s("2026-05-02T12:00:00Z")),
        ),
    ],
)
async def test_the_list_and_its_filters(
    client: httpx.AsyncClient, desk: FakeDesk, query: dict[str, str], asked: tuple[Any, ...]
) -> None:
    answer = await client.get("/api/v1/notices", params=query)
    assert answer.status_code == 200
    assert answer.json() == [LINE]
    assert desk.asked == [("list", *asked)]


@pytest.mark.parametrize("query", [{"state": "perhaps"}, {"from": "today"}, {"to": "2026-05-01T12:00:00"}])
async def test_a_filter_that_cannot_be_read(client: httpx.AsyncClient, desk: FakeDesk, query: dict[str, str]) -> None:
    assert_problem(await client.get("/api/v1/notices", params=query), 422)
    assert desk.asked == []


@pytest.mark.parametrize(
    ("method", "path", "body", "asked", "status"),
    [
        ("GET", "/N1", None, ("show", "N1"), 200),
        ("POST", "", BY | {"notice": {"id": "N1"}}, ("create", {"id": "N1"}, "desk 3", None), 201),
        ("POST", "", {"by": "d\u202e 3", "note": "a\x00b", "notice": {}}, ("create", {}, "d 3", "ab"), 201),
        (
            "PATCH",
            "/N1",
            BY | {"version": 4, "notice": {"callsign": "TV"}},
            ("revise", "N1", 4, {"callsign": "TV"}, "desk 3", None),
            200,
        ),
        *(
            ("POST", f"/N1/{step}", BY | {"version": 2}, ("step", "N1", step, "desk 3", None, 2), 200)
            for step in ("approve", "activate", "end", "cancel")
        ),
        ("POST", "/N1/approve", BY, ("step", "N1", "approve", "desk 3", None, None), 200),
    ],
)
async def test_what_reaches_the_desk(
    client: httpx.AsyncClient, desk: FakeDesk, method: str, path: str, body: Any, asked: tuple[Any, ...], status: int
) -> None:
    answer = await client.request(method, f"/api/v1/notices{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json() == json.loads(json.dumps(WHOLE))
    assert desk.asked == [asked]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "", {"notice": {}}, {}, 422),  # who?
        ("POST", "", BY, {}, 422),
        ("POST", "", {"by": "\u200b", "notice": {}}, {}, 422),
        ("POST", "", {"by": "x" * 65, "notice": {}}, {}, 422),
        ("POST", "", BY | {"notice": {}, "admin": True}, {}, 422),
        ("POST", "", BY | {"notice": []}, {}, 422),
        ("PATCH", "/N1", BY | {"notice": {}}, {}, 422),  # which version?
        ("POST", "/N1/approve", {}, {}, 422),
        ("POST", "/N1/expire", BY, {}, 404),
        ("POST", "", BY | {"notice": {"x": "y" * MAX_NOTICE_BYTES}}, {}, 413),
        ("POST", "", BY | {"notice": {}}, {"content-type": "text/plain"}, 415),
        ("POST", "", BY | {"notice": {}}, {"origin": "https://evil.test"}, 403),
        ("PATCH", "/N1", BY | {"notice": {}, "version": 1}, {"sec-fetch-site": "cross-site"}, 403),
    ],
)
async def test_writes_that_are_refused(
    client: httpx.AsyncClient,
    desk: FakeDesk,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    status: int,
) -> None:
    answer = await client.request(
        method,
        f"/api/v1/notices{path}",
        content=json.dumps(body),
        headers={"content-type": "application/json"} | headers,
    )
    assert_problem(answer, status)
    assert desk.asked == []


@pytest.mark.parametrize(
    ("fault", "status", "detail"),
    [
        (KeyError("N1"), 404, "There is no such notice."),
        (NoticeConflict("a notice that is ended cannot be approved"), 409, "a notice that is ended cannot be approved"),
        (ValueError("volumes: none given"), 422, "volumes: none given"),
        (StoreUnavailable("host=secret"), 503, "The database does not answer; try again."),
    ],
)
async def test_a_refusal_says_what_to_mend(
    client: httpx.AsyncClient, desk: FakeDesk, fault: Exception, status: int, detail: str
) -> None:
    desk.fault = fault
    answer = await client.post("/api/v1/notices/N1/approve", json=BY)
    assert_problem(answer, status)
    assert answer.json()["detail"] == detail


async def test_a_token_closes_notices(desk: FakeDesk) -> None:
    async with client_of(create_app(FakeView(), token="correct horse", notices=desk)) as client:
        assert_problem(await client.get("/api/v1/notices"), 401)
        assert_problem(await client.post("/api/v1/notices", json=BY | {"notice": {}}), 401)
        assert_problem(await client.post("/api/v1/notices/N1/cancel", json=BY), 401)
        assert desk.asked == []
        bearer = {"authorization": "Bearer correct horse"}
        assert (await client.get("/api/v1/notices", headers=bearer)).status_code == 200


async def test_openapi_describes_them(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    paths = described["paths"]
    assert set(paths["/api/v1/notices"]) == {"get", "post"}
    assert {one["name"] for one in paths["/api/v1/notices"]["get"]["parameters"]} == {"state", "from", "to"}
    assert set(paths["/api/v1/notices/{notice_id}"]) == {"get", "patch"}
    for step in ("approve", "activate", "end", "cancel"):
        act = paths[f"/api/v1/notices/{{notice_id}}/{step}"]["post"]
        assert act["requestBody"]["content"]["application/json"]["schema"]["required"] == ["by"]
        assert "application/problem+json" in act["responses"]["409"]["content"]
    assert {"NoticeDetails", "NoticeRevision"} <= set(described["components"]["schemas"])


def test_shapes_and_lines_have_the_same_keys() -> None:
    assert set(LINE) == set(shapes.Notice.model_fields)
    assert set(revision_line(REVISION)) == set(shapes.NoticeRevision.model_fields)
    shapes.NoticeDetails.model_validate(WHOLE)
