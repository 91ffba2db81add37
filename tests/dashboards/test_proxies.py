"""The console behind the proxy that ``deploy/`` delivers: at a prefix, taken off or left on, buffered or not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest
from playwright.sync_api import Browser, expect

from airspace.model.ports import View
from airspace.service import web
from airspace.service.places import Places
from dashboards.api.app import Attempts, Public, create_app
from tests.dashboards.browser import USUAL
from tests.dashboards.fake_view import ALERT_AT, FakeView
from tests.servers.caddy import caddy
from tests.servers.nginx import nginx
from tests.servers.service import free_port

WAYS = {
    "prefix taken off": {"keeps_prefix": False, "more": ""},
    "prefix left on": {"keeps_prefix": True, "more": ""},
    "buffered": {"keeps_prefix": False, "more": "proxy_buffering on; proxy_buffers 8 4k;"},
}


@contextmanager
def served(view: FakeView, public: str) -> Iterator[int]:
    """The API as the service serves it, behind a proxy of this machine."""
    bound = web.listen("127.0.0.1", 0)
    app = create_app(
        cast("View", view), public=Public(public), hosts=[], attempts=Attempts(lambda: 0.0), token="a long secret"
    )
    loop = asyncio.new_event_loop()
    task = loop.create_task(web.serve(app, bound, Places(), ["127.0.0.1"]))

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield bound.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()
        bound.close()


@contextmanager
def proxied(way: str, folder: Path, service: int) -> Iterator[int]:
    if way == "Caddy":
        with caddy(folder, service) as port:
            yield port
    else:
        with nginx(folder, service, **WAYS[way]) as port:  # type: ignore[arg-type]
            yield port


@pytest.mark.parametrize("way", [*WAYS, "Caddy"])
def test_page_stream_and_acts_pass(way: str, tmp_path: Path) -> None:
    view = FakeView()
    view.advance(ALERT_AT)
    headers = {"Host": "drones.example.org", "Authorization": "Bearer a long secret"}
    with (
        served(view, "https://drones.example.org/tower/") as service,
        proxied(way, tmp_path, service) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as client,
    ):
        page = client.get("/tower/")
        assert page.status_code == 200
        assert 'src="console/console.js"' in page.text
        for path in ("console/console.js", "maplibre/maplibre-gl.js", "api/v1/status", "healthz"):
            assert client.get(f"/tower/{path}").status_code == 200, path
        for path in ("readyz", "metrics"):
            assert client.get(f"/tower/{path}").status_code == 404, path
        (alert, *_) = client.get("/tower/api/v1/alerts").json()
        act = {"Origin": "https://drones.example.org", "Sec-Fetch-Site": "same-origin"}
        taken = client.post(
            f"/tower/api/v1/alerts/{alert['alert_id']}/acknowledge", json={"by": "unit 12"}, headers=act
        )
        assert (taken.status_code, taken.json()["taken_by"]) == (200, "unit 12")
        foreign = client.post(
            f"/tower/api/v1/alerts/{alert['alert_id']}/acknowledge",
            json={"by": "unit 13"},
            headers={"Origin": "https://evil.example"},
        )
        assert foreign.status_code == 403
        with client.stream("GET", "/tower/live") as stream:
            first = next(stream.iter_lines())
            assert first.startswith("retry:")
        assert client.get("/tower/api/v1/status", headers={"Host": "evil.example"}).status_code in {200, 403}


def test_the_whole_page_works_at_a_prefix(browser: Browser, tmp_path: Path) -> None:
    view = FakeView()
    view.advance(ALERT_AT)
    address = f"http://127.0.0.1:{(port := free_port())}/tower/"
    with (
        served(view, address) as service,
        nginx(tmp_path, service, port=port),
        browser.new_context(**USUAL) as context,
    ):
        page = context.new_page()
        page.goto(address)
        page.fill("#sign-in input", "a long secret")
        page.press("#sign-in input", "Enter")
        expect(page.locator("#state-word")).to_have_text("Drone near", timeout=30_000)
        expect(page.locator(".card")).not_to_have_count(0)
