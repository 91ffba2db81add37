"""What is under way when the service ends is answered; what strangers send fills no log."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import pytest

from airspace.service import logs, web
from airspace.service.places import Places
from dashboards.api.app import create_app
from dashboards.api.ending import Ending
from receivers.sources.http_push import HttpPush, digest_of
from tests.airspace.test_http_limits import connected, rest
from tests.dashboards.fake_view import FakeView

SECRET = "the secret of north"
GARBAGE = [b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"\x00\x00\x00\r\n\r\n", b"SSH-2.0-x\r\n\r\n"]


@pytest.fixture
def said() -> Iterator[StringIO]:
    """What our logging writes."""
    root, written = logging.getLogger(), StringIO()
    before, level = list(root.handlers), root.level
    logs.set_up(terminal=False)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers = before
    root.setLevel(level)


@asynccontextmanager
async def serving(application: Any) -> AsyncIterator[tuple[tuple[str, int], asyncio.Task[None]]]:
    bound = web.listen("127.0.0.1", 0)
    task = asyncio.create_task(web.serve(application, bound, Places()))
    try:
        yield bound.getsockname(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bound.close()


def request(method: str, path: str, body: bytes = b"", declared: int | None = None) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body) if declared is None else declared}\r\n\r\n"
    return head.encode() + body


async def ended(application: Any, under_way: asyncio.Event, sent: bytes) -> tuple[str, dict[str, Any]]:
    """The answer to a request that is under way when the server is told to end."""
    async with serving(application) as (address, task):
        reader, writer = await connected(address, sent)
        await under_way.wait()
        task.cancel()
        await asyncio.wait([task])
        head, _, body = (await rest(reader)).partition(b"\r\n\r\n")
        writer.close()
    return head.decode(), json.loads(body)


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("GET", "/api/v1/notices", "ask again"),
        ("POST", "/api/v1/alerts/a/acknowledge", "do it again if it was not"),
        ("PATCH", "/api/v1/notices/n", "do it again if it was not"),
        ("POST", "/api/v1/detections", "Not stored in time"),
        ("POST", "/below/api/v1/detections", "Not stored in time"),
    ],
)
async def test_what_is_under_way_at_the_end_is_told_so(method: str, path: str, says: str, said: StringIO) -> None:
    under_way = asyncio.Event()

    async def hangs(_scope: Any, _receive: Any, _send: Any) -> None:
        under_way.set()
        await asyncio.Event().wait()

    head, told = await ended(Ending(hangs), under_way, request(method, path))
    assert head.startswith("HTTP/1.1 503 ")
    assert "retry-after: 5" in head.lower()
    assert told["status"] == 503
    assert says in told["detail"]
    assert said.getvalue() == ""


@pytest.mark.parametrize("declared", [None, 1000], ids=["whole, and nobody commits", "half a body"])
async def test_a_push_that_is_not_stored_is_to_be_sent_again(declared: int | None, said: StringIO) -> None:
    under_way = asyncio.Event()

    class Watched(HttpPush):
        def closed(self, sensor: str) -> str | None:
            asyncio.get_running_loop().call_later(0.1, under_way.set)
            return super().closed(sensor)

    push = Watched({"north": digest_of(SECRET)}, clock=lambda: 0.0)
    application = create_app(FakeView(), intake=push)
    head, told = await ended(application, under_way, request("POST", "/api/v1/detections", b'{"a": 1}', declared))
    assert head.startswith("HTTP/1.1 503 ")
    assert "x-content-type-options" in head.lower()
    assert "as the service is ending; send it again" in told["detail"]
    assert said.getvalue() == ""


async def test_garbage_is_told_a_few_times_a_minute_in_our_form(said: StringIO) -> None:
    async def unused(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    async with serving(unused) as (address, _):
        for sent in GARBAGE * 25:
            reader, writer = await connected(address, sent)
            await rest(reader)
            writer.close()
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert 1 <= len(lines) <= logs.LINES_A_MINUTE
    assert all(line["timestamp"] and line["level"] == "warning" for line in lines)
