"""Under which names the service is asked, behind which proxies, and how often a token may be guessed."""

from __future__ import annotations

import httpx
import pytest

from dashboards.api.app import Attempts, Public, create_app
from dashboards.api.attempts import FREE_GUESSES, LONGEST_WAIT_S, network_of
from dashboards.api.hosts import name_of
from tests.dashboards.fake_view import FakeView

TOWER = Public("https://drones.example.org/tower/")


def client(
    public: Public | None = None,
    hosts: tuple[str, ...] = (),
    token: str | None = None,
    attempts: Attempts | None = None,
) -> httpx.AsyncClient:
    app = create_app(FakeView(), public=public, hosts=hosts, token=token, attempts=attempts)
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


async def test_wrong_tokens_are_slowed_and_the_right_one_waits_with_them() -> None:
    now_s = [100.0]
    attempts = Attempts(lambda: now_s[0])
    async with client(token="right", attempts=attempts) as asking:

        async def ask(token: str) -> httpx.Response:
            return await asking.get("/api/v1/status", headers={"Authorization": f"Bearer {token}"})

        for _ in range(FREE_GUESSES):
            assert (await ask("wrong")).status_code == 401
        assert (await ask("right")).status_code == 200, "five mistakes cost nothing"
        for _ in range(FREE_GUESSES + 1):
            assert (await ask("wrong")).status_code == 401
        held = await ask("right")
        assert (held.status_code, held.headers["retry-after"]) == (429, "3")
        now_s[0] += 3
        assert (await ask("right")).status_code == 200
    assert (attempts.failures, attempts.held_back) == (2 * FREE_GUESSES + 1, 1)


async def test_a_session_that_is_open_is_not_held_back() -> None:
    attempts = Attempts(lambda: 0.0)
    async with client(token="right", attempts=attempts) as asking:
        assert (await asking.post("/api/v1/session", json={"token": "right"})).status_code == 204
        for _ in range(FREE_GUESSES + 1):
            await asking.post("/api/v1/session", json={"token": "wrong"})
        assert (await asking.post("/api/v1/session", json={"token": "right"})).status_code == 429
        assert (await asking.get("/api/v1/status")).status_code == 200


def test_the_pauses_grow_to_a_limit_and_are_forgotten() -> None:
    now_s = [0.0]
    attempts = Attempts(lambda: now_s[0])
    waits = []
    for _ in range(20):
        attempts.failed("a")
        waits.append(attempts.wait_s("a"))
    assert waits[:8] == [0, 0, 0, 0, 0, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S
    assert attempts.wait_s("b") == 0
    now_s[0] = 10_000.0
    attempts.failed("a")
    assert attempts.wait_s("a") == 0


def test_addresses_are_bounded_and_a_network_of_one_subscriber_is_one() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(20_000):
        attempts.failed(str(number))
    assert len(attempts._records) == 10_000
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("unknown") == "unknown"
