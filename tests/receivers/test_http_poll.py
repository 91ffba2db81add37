"""The poll: asks for what is new, follows nobody away, and says why there is no document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest

from receivers.sources import http_poll
from receivers.sources.http_poll import HttpPoll, HttpPollSettings, PollError
from receivers.sources.streams import PlainDelivery
from tests.contract.rigs_http import Web, answer
from tests.receivers.waiting import until

PATIENCE_S = 20.0


@asynccontextmanager
async def polling(
    timeout_s: float = 15.0, max_bytes: int = 1000, token: str | None = None
) -> AsyncIterator[tuple[Web, HttpPoll, AsyncIterator[PlainDelivery]]]:
    web = Web()
    port = await web.open()
    settings = HttpPollSettings(
        url=f"http://127.0.0.1:{port}/aircraft.json?key=secret",
        sensor="roof",
        every_s=0.001,
        timeout_s=timeout_s,
        max_bytes=max_bytes,
        token=token,
    )
    one = HttpPoll(settings, clock=lambda: 12.5, first_pause_s=0.001)
    try:
        async with asyncio.timeout(PATIENCE_S), aclosing(one.deliveries()) as deliveries:
            yield web, one, deliveries
    finally:
        await web.close()


async def test_a_message_has_sensor_and_place_without_the_query() -> None:
    async with polling(token="a secret") as (web, one, deliveries):
        web.answers.put_nowait(answer(b"{}"))
        (message,) = (await anext(deliveries)).messages
        assert (message.payload, message.sensor, message.received_s) == (b"{}", "roof", 12.5)
        assert message.place.endswith("/aircraft.json")
        assert "secret" not in message.place + one.name
        asked = web.requests[0].decode()
        assert asked.startswith("GET /aircraft.json?key=secret ")
        assert "authorization: bearer a secret" in asked.lower()
        assert "accept-encoding: identity" in asked.lower()


async def test_what_is_unchanged_is_not_delivered_again() -> None:
    when = "Tue, 14 Nov 2023 22:13:20 GMT"
    async with polling() as (web, one, deliveries):
        web.answers.put_nowait(answer(b"1", 'ETag: "abc"', f"Last-Modified: {when}"))
        web.answers.put_nowait(answer(b"", status="304 Not Modified"))
        web.answers.put_nowait(answer(b"2"))
        web.answers.put_nowait(answer(b"3"))
        found = [(await anext(deliveries)).messages[0].payload for _ in range(3)]
        assert found == [b"1", b"2", b"3"]
        asked = [request.decode().lower() for request in web.requests]
        assert "if-none-match" not in asked[0]
        assert 'if-none-match: "abc"' in asked[1]
        assert f"if-modified-since: {when.lower()}" in asked[1]
        assert 'if-none-match: "abc"' in asked[2]
        assert "if-none-match" not in asked[3]
        assert one.counters == {"received": 3, "unchanged": 1}


async def test_the_same_document_again_is_no_news() -> None:
    """A web server goes on with the last one when the decoder that wrote it is dead."""
    async with polling() as (web, one, deliveries):
        for body in (b"1", b"1", b"1", b"2", b"1"):
            web.answers.put_nowait(answer(body))
        found = [(await anext(deliveries)).messages[0].payload for _ in range(3)]
        assert found == [b"1", b"2", b"1"]
        assert one.counters == {"received": 3, "unchanged": 2}


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (answer(b"", status="404 Not Found"), "answered 404"),
        (answer(b"", status="401 Unauthorized"), "answered 401"),
        (answer(b"", status="403 Forbidden"), "answered 403"),
        (answer(b"x" * 1001), "more than 1000 bytes"),
        (answer(b"x", "Content-Encoding: gzip"), "compressed"),
        (answer(b"", "Location: http://localhost:1/", status="302 Found"), "redirected to http://localhost:1/"),
        (answer(b"", "Location: http://[broken/", status="302 Found"), "http"),
        (answer(b"", "Location: /again", status="302 Found") * 1, "more than 3 redirects"),
        (b"nonsense\r\n\r\n", "illegal status line"),
        (answer(b"{}" * 100)[:-150], "peer closed connection"),
    ],
    ids=["404", "401", "403", "large", "compressed", "elsewhere", "broken", "round", "nonsense", "half"],
)
async def test_a_fault_is_named_and_ends_with_the_next_document(bad: bytes, fault: str) -> None:
    async with polling() as (web, one, deliveries):
        for _ in range(4 if b"/again" in bad else 1):
            web.answers.put_nowait(bad)
        following = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["failed"])
        assert fault.lower() in (one.fault or "").lower()
        assert one.refused == (fault in {"answered 401", "answered 403"})
        web.answers.put_nowait(answer(b"good"))
        assert (await following).messages[0].payload == b"good"
        assert one.fault is None
        assert one.counters["failed"] == 1


async def test_a_redirect_within_the_host_is_followed() -> None:
    async with polling() as (web, _, deliveries):
        web.answers.put_nowait(answer(b"", "Location: /data/aircraft.json", status="301 Moved Permanently"))
        web.answers.put_nowait(answer(b"good"))
        assert (await anext(deliveries)).messages[0].payload == b"good"
        assert web.requests[1].startswith(b"GET /data/aircraft.json ")


async def test_a_server_that_does_not_answer_is_given_up() -> None:
    async with polling(timeout_s=0.05) as (web, one, deliveries):
        following = asyncio.ensure_future(anext(deliveries))
        await until(lambda: one.counters["failed"])
        assert one.fault == "no document within 0.05 s"
        web.answers.put_nowait(answer(b"good"))
        web.answers.put_nowait(answer(b"good"))  # the first may go to the request that was given up
        assert (await following).messages[0].payload == b"good"


def test_a_redirect_never_takes_the_encryption_away() -> None:
    first = httpx.Request("GET", "https://roof.example/a")
    with pytest.raises(PollError, match="redirected"):
        http_poll._followed(first, httpx.Request("GET", "http://roof.example/a"))
    further = httpx.Request("GET", "https://roof.example/b")
    assert http_poll._followed(first, further) is further
    assert http_poll._followed(httpx.Request("GET", "http://roof.example/a"), further) is further


@pytest.mark.parametrize("url", ["ftp://roof/", "roof/aircraft.json", "http://", "http://user:word@roof/"])
def test_a_url_that_cannot_be_polled(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        HttpPoll(HttpPollSettings(url=url), clock=lambda: 0.0)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(RuntimeError, match="extra 'http'"):
        HttpPoll(HttpPollSettings(url="http://roof/"), clock=lambda: 0.0)
