"""``POST /api/v1/detections`` over a scripted intake."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from airspace.model.ports import IntakeFault, NotTaken
from dashboards.api import ingest
from dashboards.api.app import create_app
from tests.dashboards.fake_view import FakeView

PATH = "/api/v1/detections"
JSON = {"authorization": "Bearer s3cret", "content-type": "application/json"}


@dataclass
class FakeIntake:
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    shut: str | None = None
    fault: NotTaken | None = None

    def sensor_of(self, token: str) -> str | None:
        return {"s3cret": "roof-1"}.get(token)

    def closed(self, sensor: str) -> str | None:
        return self.shut

    async def take(self, sensor: str, body: bytes) -> int:
        if self.fault is not None:
            raise self.fault
        self.bodies.append((sensor, body))
        return body.count(b"{")


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
async def client(intake: FakeIntake) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(FakeView(), token="the console's", intake=intake)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://push.test") as made:
        yield made


@pytest.mark.parametrize("kind", [*ingest.MEDIA_TYPES, "Application/JSON; charset=utf-8"])
async def test_a_body_reaches_the_intake(client: httpx.AsyncClient, intake: FakeIntake, kind: str) -> None:
    answer = await client.post(PATH, content=b"{}{}", headers=JSON | {"content-type": kind})
    assert (answer.status_code, answer.json()) == (202, {"messages": 2})
    assert intake.bodies == [("roof-1", b"{}{}")]


async def test_gzip_in_one_member_or_several(client: httpx.AsyncClient, intake: FakeIntake) -> None:
    packed = gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0)
    answer = await client.post(PATH, content=packed, headers=JSON | {"content-encoding": "gzip"})
    assert answer.status_code == 202
    assert intake.bodies == [("roof-1", b"{}{}")]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"authorization": "Bearer wrong"}, b"{}", 401),
        ({"authorization": "Bearer the console's"}, b"{}", 401),
        ({"authorization": "Basic s3cret"}, b"{}", 401),
        ({"authorization": ""}, b"{}", 401),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-encoding": "br"}, b"{}", 415),
        ({"content-encoding": "gzip"}, b"{}", 422),
        ({"content-encoding": "gzip"}, gzip.compress(b"{}" * 99, mtime=0)[:-9], 422),
        ({"content-encoding": "gzip"}, gzip.compress(b" " * (ingest.MAX_PLAIN_BYTES + 1), mtime=0), 413),
        ({"content-encoding": "gzip"}, gzip.compress(b" " * ingest.MAX_PLAIN_BYTES, mtime=0) * 2, 413),
        ({"content-encoding": "gzip"}, gzip.compress(b"", mtime=0) * (ingest.MAX_MEMBERS + 1), 413),
        ({}, b" " * (ingest.MAX_BODY_BYTES + 1), 413),
    ],
)
async def test_what_is_refused(
    client: httpx.AsyncClient, intake: FakeIntake, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post(PATH, content=body, headers=JSON | headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert not intake.bodies


@pytest.mark.parametrize(
    ("fault", "status", "retry"),
    [
        (IntakeFault.MALFORMED, 422, None),
        (IntakeFault.TOO_LARGE, 413, None),
        (IntakeFault.TOO_MANY, 429, "1"),
        (IntakeFault.BUSY, 503, "5"),
    ],
)
async def test_what_the_intake_does_not_take(
    client: httpx.AsyncClient, intake: FakeIntake, fault: IntakeFault, status: int, retry: str | None
) -> None:
    intake.fault = NotTaken(fault, "why")
    answer = await client.post(PATH, content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (status, "why")
    assert answer.headers.get("retry-after") == retry


async def test_a_sensor_whose_time_is_over(client: httpx.AsyncClient, intake: FakeIntake) -> None:
    intake.shut = "its registration ended"
    answer = await client.post(PATH, content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (403, "its registration ended")


async def test_a_body_that_does_not_come(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr(ingest, "BODY_WITHIN_S", 0.01)
    assert (await client.post(PATH, content=slow(), headers=JSON)).status_code == 408


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/openapi.json")).json()
    described = whole["paths"][PATH]["post"]
    assert {"202", "401", "403", "408", "413", "415", "422", "429", "503"} <= set(described["responses"])
    assert set(described["requestBody"]["content"]) == set(ingest.MEDIA_TYPES)
    assert described["security"] == [{"sensorToken": []}]
    assert whole["components"]["securitySchemes"]["sensorToken"]["scheme"] == "bearer"


async def test_without_an_intake_there_is_no_such_route() -> None:
    transport = httpx.ASGITransport(create_app(FakeView()))
    async with httpx.AsyncClient(transport=transport, base_url="http://push.test") as client:
        assert (await client.post(PATH, content=b"{}", headers=JSON)).status_code == 404
