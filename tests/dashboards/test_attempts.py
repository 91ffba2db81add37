"""How often a secret may be guessed, by whatever way, and who is never held back for a guesser at his address."""

from __future__ import annotations

import hmac
from itertools import count

import httpx
import pytest

from dashboards.api.app import Attempts, create_app
from dashboards.api.attempts import FORGOTTEN_AFTER_S, FREE_GUESSES, LONGEST_WAIT_S, MOST_VALUES
from dashboards.api.guard import COOKIE
from dashboards.api.sessions import MOST_KNOWN, Sessions
from tests.dashboards.fake_view import FakeView

ME, OTHER = "192.0.2.7", "192.0.2.8"


class Sensors:
    """An intake with one sensor."""

    def sensor_of(self, token: str) -> str | None:
        return "mast" if token == "sensor right" else None

    def closed(self, sensor: str) -> str | None:
        return None

    async def take(self, sensor: str, body: bytes) -> int:
        return 1


class Asking:
    """One service and a clock; every request is a connection of its own, without a jar of cookies."""

    def __init__(self, token: str | None = "right") -> None:
        self.now_s = 100.0
        self.attempts = Attempts(lambda: self.now_s)
        self.app = create_app(FakeView(), token=token, attempts=self.attempts, intake=Sensors())
        self._number = count()

    async def ask(
        self, path: str, *, method: str = "GET", address: str = ME, json: object = None, **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8480") as client:
            return await client.request(method, path, json=json, headers=headers)

    async def guess(self, way: str, value: str | None = None, **more: str) -> int:
        """The status of one guess; a new value each time, if none is named."""
        value = f"wrong {next(self._number)}" if value is None else value
        if way == "bearer":
            answer = await self.ask("/api/v1/status", Authorization=f"Bearer {value}", **more)
        elif way == "cookie":
            answer = await self.ask("/api/v1/status", Cookie=f"{COOKIE}={sealed(value)}", **more)
        elif way == "session":
            answer = await self.ask("/api/v1/session", method="POST", json={"token": value}, **more)
        else:
            answer = await self.push(value, **more)
        return answer.status_code

    async def push(self, token: str, **more: str) -> httpx.Response:
        path = "/api/v1/detections"
        return await self.ask(path, method="POST", json={}, Authorization=f"Bearer {token}", **more)

    async def signed_in(self) -> str:
        return (await self.ask("/api/v1/session", method="POST", json={"token": "right"})).cookies[COOKIE]


def sealed(guess: str) -> str:
    """The cookie that somebody would make who guesses the token."""
    number = "0" * 32
    seal = hmac.digest(guess.encode(), b"airspace console session " + number.encode(), "sha256").hex()
    return f"{number}.{seal}"


@pytest.fixture
def asking() -> Asking:
    return Asking()


WAYS = ("bearer", "cookie", "session", "push")
CHECK_NOTHING = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/"),
    ("GET", "/nowhere"),
    ("GET", "/api/v1/detections"),  # 405
    ("GET", "/api/v1/session"),
    ("GET", "/openapi.json"),
    ("POST", "/api/v1/session"),  # not JSON: 415
]


@pytest.mark.parametrize("way", WAYS)
async def test_only_a_check_takes_guesses_back(asking: Asking, way: str) -> None:
    told = []
    for _ in range(4 * FREE_GUESSES):
        told.append(await asking.guess(way))
        for method, path in CHECK_NOTHING:
            await asking.ask(path, method=method, Authorization="Bearer x")
    assert told == [401] * (FREE_GUESSES + 1) + [429] * (3 * FREE_GUESSES - 1)


async def test_people_guess_the_same_token_by_three_ways_and_are_counted_once(asking: Asking) -> None:
    told = [await asking.guess(way) for _ in range(4) for way in ("bearer", "cookie", "session")]
    assert told == [401] * (FREE_GUESSES + 1) + [429] * (12 - FREE_GUESSES - 1)
    assert await asking.guess("push") == 401, "a sensor's secret is another one"
    assert await asking.guess("bearer", "right", address=OTHER) == 200


async def test_two_guesses_in_one_request_are_two(asking: Asking) -> None:
    for number in range(3):
        await asking.ask("/api/v1/status", Authorization=f"Bearer a{number}", Cookie=f"{COOKIE}=b{number}")
    assert asking.attempts.failures == FREE_GUESSES + 1
    assert await asking.guess("bearer") == 429


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_wrong_again_is_no_new_guess(asking: Asking, way: str) -> None:
    assert [await asking.guess(way, "of last year") for _ in range(30)] == [401] * 30
    assert asking.attempts.failures == 1


@pytest.mark.parametrize("way", WAYS[:3])
async def test_the_right_one_waits_with_the_wrong_ones_and_forgives(asking: Asking, way: str) -> None:
    right = 204 if way == "session" else 200
    for _ in range(FREE_GUESSES):
        assert await asking.guess(way) == 401
    assert await asking.guess(way, "right") == right, "five mistakes cost nothing"
    for _ in range(FREE_GUESSES + 1):
        assert await asking.guess(way) == 401
    held = await asking.ask("/api/v1/status", Authorization="Bearer right")
    assert (held.status_code, held.headers["retry-after"]) == (429, "3")
    assert held.headers["content-type"] == "application/problem+json"
    asking.now_s += 3
    assert await asking.guess("bearer", "right") == 200
    assert (asking.attempts.failures, asking.attempts.held_back) == (2 * FREE_GUESSES + 1, 1)


@pytest.mark.parametrize(("right", "guessed"), [("bearer", "bearer"), ("push", "push")])
async def test_a_right_one_beside_a_guesser_forgives_once_in_a_while(asking: Asking, right: str, guessed: str) -> None:
    wrong = 0
    for _ in range(60):
        wrong += await asking.guess(guessed) == 401
        await asking.guess(right, "right" if right == "bearer" else "sensor right")
    assert wrong == FREE_GUESSES + 1 + 1  # one was forgiven
    asking.now_s += FORGOTTEN_AFTER_S + 1
    assert await asking.guess(guessed) == 401


async def test_a_wall_with_a_session_goes_on_beside_a_guesser(asking: Asking) -> None:
    cookie = await asking.signed_in()
    for _ in range(FREE_GUESSES + 1):
        await asking.guess("session")
    assert await asking.guess("session", "right") == 429
    for _ in range(20):
        assert (await asking.ask("/api/v1/status", Cookie=f"{COOKIE}={cookie}")).status_code == 200
        assert await asking.guess("cookie", "right") == 429, "or the cookie would tell the token"
    assert await asking.guess("bearer") == 429, "and a wall that asks forgives nobody"


async def test_a_session_of_before_a_restart_is_known_once_it_proved_right() -> None:
    cookie, later = await Asking().signed_in(), Asking()
    assert (await later.ask("/api/v1/status", Cookie=f"{COOKIE}={cookie}")).status_code == 200
    for _ in range(FREE_GUESSES + 1):
        await later.guess("cookie")
    assert (await later.ask("/api/v1/status", Cookie=f"{COOKIE}={cookie}")).status_code == 200


async def test_a_held_back_address_still_gets_the_page_and_the_health(asking: Asking) -> None:
    for _ in range(FREE_GUESSES + 1):
        await asking.guess("cookie")
    for path in ("/", "/healthz", "/console/console.js"):
        assert (await asking.ask(path, Cookie=f"{COOKIE}=stale", Authorization="Bearer x")).status_code == 200
    assert (await asking.ask("/api/v1/status")).status_code == 401, "nothing shown, nothing guessed"


def test_known_sessions_are_bounded_and_seals_count_on() -> None:
    sessions = Sessions("right")
    first = sessions.new()
    for _ in range(MOST_KNOWN):
        sessions.new()
    assert not sessions.knows(first)
    assert sessions.accepts(first)
    assert sessions.knows(first)
    assert not Sessions("left").accepts(first)
    assert [sessions.accepts(wrong) for wrong in ("", ".", first[:-1], f"1{first}", "é.é")] == [False] * 5


def test_the_pauses_grow_to_a_limit_and_are_forgotten() -> None:
    now_s = [0.0]
    attempts = Attempts(lambda: now_s[0])
    waits = []
    for number in range(20):
        attempts.failed("a", str(number))
        waits.append(attempts.wait_s("a"))
    assert waits[:8] == [0, 0, 0, 0, 0, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S
    assert attempts.wait_s("b") == 0
    now_s[0] = 10_000.0
    attempts.failed("a", "1")
    assert attempts.wait_s("a") == 0


def test_addresses_and_what_they_guessed_are_bounded() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(20_000):
        attempts.failed(str(number), "x")
        attempts.failed("busy", str(number))
    assert len(attempts._records) == 10_000
    assert len(attempts._records["busy"].values) == MOST_VALUES
