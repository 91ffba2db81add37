"""Under which names the service is asked, and behind which proxies."""

from __future__ import annotations

import httpx
import pytest

from dashboards.api.app import Public, create_app
from dashboards.api.hosts import name_of
from tests.dashboards.fake_view import FakeView

TOWER = Public("https://drones.example.org/tower/")


def client(
    public: Public | None = None,
    hosts: tuple[str, ...] = (),
) -> httpx.AsyncClient:
    app = create_app(FakeView(), public=public, hosts=hosts)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("192.0.2.7", 5)), base_url="http://127.0.0.1:8480"
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8480", 200),
        ("[::1]:8480", 200),
        ("localhost", 200),
        ("LOCALHOST:8480", 200),
        ("localhost.", 200),
        ("10.1.2.3:8480", 200),
        ("drones.example.org", 200),
        ("tower.lan:8480", 200),
        ("evil.example", 403),
        ("evil.example:8480", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/alerts", "/", "/healthz", "/openapi.json"])
async def test_only_its_own_names_and_addresses_are_answered(host: str, status: int, path: str) -> None:
    async with client(TOWER, ("tower.lan",)) as asking:
        answer = await asking.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert "content-security-policy" in answer.headers


async def test_a_rebound_name_gets_no_stream() -> None:
    async with client() as asking:
        assert (await asking.get("/live", headers={"Host": "evil.example"})).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://drones.example.org", 404),  # let through: there is no such alert
        ("http://127.0.0.1:8480", 404),
        ("http://drones.example.org", 403),
        ("https://drones.example.org.evil.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
async def test_an_act_may_come_from_the_public_address(origin: str, status: int) -> None:
    async with client(TOWER) as asking:
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = await asking.post("/api/v1/alerts/none/acknowledge", json={"by": "unit 12"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("prefix", ["", "/tower"])
async def test_a_proxy_may_leave_the_prefix_on_or_take_it_off(prefix: str) -> None:
    async with client(TOWER) as asking:
        for path in ("/", "/console/console.js", "/api/v1/status", "/healthz"):
            assert (await asking.get(f"{prefix}{path}")).status_code == 200, path
        assert (await asking.get("/towering/healthz")).status_code == 404


def test_names() -> None:
    assert [name_of(host) for host in ("A.B:1", "[::1]:5", "x", "x.")] == ["a.b", "::1", "x", "x"]
