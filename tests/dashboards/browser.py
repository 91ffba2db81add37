"""A real browser on the console, and a service that can be made to misbehave. Screenshots go to ``artifacts/``."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from dashboards.api.app import create_app
from tests.dashboards.fake_view import FakeView

if TYPE_CHECKING:
    from airspace.model.ports import View

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
CHROMIUM = Path(os.environ.get("AIRSPACE_TEST_CHROMIUM", "/usr/bin/chromium"))
SWITCHES = (
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE, WALL = {"width": 1440, "height": 900}, {"width": 390, "height": 844}, {"width": 1920, "height": 1080}
USUAL: dict[str, Any] = {
    "viewport": DESK,
    "color_scheme": "dark",
    "locale": "en-GB",
    "timezone_id": "Europe/Amsterdam",
    "reduced_motion": "reduce",  # an animation that never ends keeps a software-drawn page busy
}
MS = 60_000  # patience for a software-drawn map on a busy machine


class Late:
    """A view whose answers a test may replace while it is served: each is looked up when it is asked."""

    def __init__(self, view: FakeView) -> None:
        self._view = view

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            return getattr(self._view, name)(*given, **named)

        return ask


class Service:
    """The API over a scripted view, in a thread with a loop of its own."""

    def __init__(self) -> None:
        self.view = FakeView()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            create_app(cast("View", Late(self.view))), log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.serve(sockets=[self._socket]))

    def advance(self, to: int) -> None:
        """Move the script to this second, every second told."""
        self.call(lambda: self.view.advance(to - self.view.elapsed_s))

    def call(self, act: Callable[[], None]) -> None:
        async def inside() -> None:
            act()

        asyncio.run_coroutine_threadsafe(inside(), self._loop).result(10)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """The service answers nobody and hangs up on nobody: its loop stands still."""
        released, standing = threading.Event(), threading.Event()

        def stand() -> None:
            standing.set()
            released.wait(120)

        self._loop.call_soon_threadsafe(stand)
        assert standing.wait(10)
        try:
            yield
        finally:
            released.set()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


def launch(playwright: Playwright, *more: str) -> Browser:
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *root, *more])


NO_WEBGL: Final = """
HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {
  apply: (target, self, [kind, ...rest]) =>
    kind.startsWith('webgl') ? null : Reflect.apply(target, self, [kind, ...rest])
});
"""


def prepared(context: BrowserContext, service: Service, path: str = "/", *, has_map: bool = True) -> Page:
    """A page that is ready; without a map it is so at once."""
    page = context.new_page()
    page.set_default_timeout(MS)
    if not has_map:
        page.add_init_script(NO_WEBGL)
    page.goto(service.url + path)
    page.wait_for_selector('body[data-ready="true"]')
    return page


@contextmanager
def opened(
    browser: Browser, service: Service, path: str = "/", *, has_map: bool = True, **context: Any
) -> Iterator[Page]:
    """A page that is ready. Afterwards: no request left this machine, and the page threw nothing."""
    asked: list[str] = []
    faults: list[str] = []
    with browser.new_context(**(USUAL | context)) as fresh:
        fresh.on("request", lambda request: asked.append(request.url))
        fresh.on("weberror", lambda error: faults.append(str(error.error)))
        fresh.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        yield prepared(fresh, service, path, has_map=has_map)
        hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
        assert hosts == {"127.0.0.1"}
        assert [fault for fault in faults if "Failed to load resource" not in fault] == []


@contextmanager
def looked_at(browser: Browser, service: Service, path: str = "/", **context: Any) -> Iterator[Page]:
    """A page whose service is about to misbehave: what its requests come to is not the question."""
    with browser.new_context(**(USUAL | context)) as fresh:
        yield prepared(fresh, service, path, has_map=False)


def drone(page: Page) -> dict[str, Any]:
    tracks: list[dict[str, Any]] = page.evaluate("window.airspaceConsole.tracks()")
    return next(track for track in tracks if track["track_id"] == "t-hobby")


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Ask until it holds. Playwright's own way evaluates text, which the page's security policy forbids."""
    for _ in range(MS // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail("the page did not get there")


def shoot(page: Page, name: str) -> None:
    """A picture for people, once the map has drawn the last state."""
    page.wait_for_timeout(700)
    page.screenshot(path=ARTIFACTS / f"{name}.png")
