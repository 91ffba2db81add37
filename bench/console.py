"""The console's frames in a real browser, with a crowded picture: how long each takes, and where that is too long.

A frame is the time between two calls of ``requestAnimationFrame``. Chromium draws with software GL here, so a figure of
this bench is the worst that a cheap desk computer does. Needs Chromium (``AIRSPACE_TEST_CHROMIUM``).
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
import threading
from pathlib import Path
from statistics import median
from typing import Any, Final

import uvicorn
from playwright.sync_api import Page, sync_playwright

from bench.report import Row, finish, options
from dashboards.api.app import create_app
from tests.dashboards.fake_view import CENTRE, FakeView, metres

CHROMIUM: Final = Path(os.environ.get("AIRSPACE_TEST_CHROMIUM", "/usr/bin/chromium"))
SWITCHES: Final = ("--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update")
TRACKS: Final = 300
QUIET: Final = 4  # of them without an alert
LIMIT_MS: Final = 100.0
WARM_S: Final = 5
COLLECT: Final = """
seconds => new Promise(done => {
  const frames = [], end = performance.now() + 1000 * seconds;
  let last = performance.now();
  const frame = now => {
    frames.push(now - last); last = now;
    if (now < end) requestAnimationFrame(frame); else done(frames);
  };
  requestAnimationFrame(frame);
})
"""


class CrowdView(FakeView):
    """Three hundred drones on circles of their own, nearly all with an alert and a pilot."""

    def _place(self, number: int) -> tuple[float, float]:
        turn = self.elapsed_s / 40 + number
        north, east = 1800 * math.sin(number * 1.7), 2600 * math.cos(number * 2.3)
        return metres(CENTRE, north + 150 * math.sin(turn), east + 150 * math.cos(turn))

    def _crowd(self, number: int) -> dict[str, Any]:
        place = self._place(number)
        return {
            "track_id": f"t-{number}",
            "latitude_deg": place[0],
            "longitude_deg": place[1],
            "height_agl_m": 40.0 + 20 * math.sin(self.elapsed_s / 7 + number),
            "height_sigma_m": 6.0,
            "pilot": self._pilot("live", metres(place, -200, 150)),
            "sensors": ["duivendrecht", "bijlmer"],
        }

    def tracks(self) -> list[dict[str, Any]]:
        """All of them, each a second further on its circle."""
        lines = []
        for number in range(TRACKS):
            known = self._crowd(number)
            del known["track_id"], known["latitude_deg"], known["longitude_deg"]
            verdict = ("violation", "suspected")[number % 2] if number < TRACKS - QUIET else "allowed"
            course = (90 - math.degrees(self.elapsed_s / 40 + number)) % 360
            known |= {"verdict": verdict, "speed_m_s": 4.0, "track_deg": course}
            lines.append(self._track(f"t-{number}", self._place(number), **known))
        return lines

    def alerts(self) -> list[dict[str, Any]]:
        """One for each drone that has any."""
        return [
            self._alert(
                f"a-{number}",
                -60 - number,
                priority=90 - number % 60,
                verdict=("violation", "suspected")[number % 2],
                sentence_nl=f"Niet toegestaan: vliegt in de CTR Schiphol zonder melding, nummer {number}.",
                sentence_en=f"Not allowed: flying in the Schiphol CTR without a notice, number {number}.",
                **self._crowd(number),
            )
            for number in range(TRACKS - QUIET)
        ]


class Service:
    """The API over a view, in a thread of its own; a second of the view each second."""

    def __init__(self, view: FakeView) -> None:
        self._view = view
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(create_app(view), log_level="error", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()

    async def _run(self) -> None:
        playing = asyncio.create_task(self._play())
        await self._server.serve(sockets=[self._socket])
        playing.cancel()

    async def _play(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._view.advance()

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(20)


def measured(case: str, page: Page, size: int, seconds: int) -> Row:
    """Frames of the page as it stands."""
    page.wait_for_timeout(1000 * WARM_S)
    frames = sorted(page.evaluate(COLLECT, seconds))
    cards = page.locator(".card").count()
    figures = {
        "median_ms": round(median(frames), 1),
        "p95_ms": round(frames[int(len(frames) * 0.95)], 1),
        "worst_ms": round(frames[-1], 1),
        "frames": len(frames),
    }
    print(f"{case}: {figures}", flush=True)
    return Row(case=case, size=size, batch=cards, rate_per_cpu_s=len(frames) / seconds, accuracy=figures)


def rows(seconds: int) -> list[Row]:
    """The crowd at a desk, on a phone and on the wall; an ordinary evening at a desk."""
    scenes: tuple[tuple[str, FakeView, int, str, dict[str, int]], ...] = (
        ("crowd at a desk", CrowdView(), TRACKS, "/", {"width": 1440, "height": 900}),
        ("crowd on a phone", CrowdView(), TRACKS, "/", {"width": 390, "height": 844}),
        ("crowd on the wall", CrowdView(), TRACKS, "/?wall", {"width": 1920, "height": 1080}),
        ("an evening at a desk", FakeView(), 10, "/", {"width": 1440, "height": 900}),
    )
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *root])
        for case, view, size, path, viewport in scenes:
            view.advance(60)
            service = Service(view)
            context = browser.new_context(viewport={"width": viewport["width"], "height": viewport["height"]})
            page = context.new_page()
            page.goto(service.url + path)
            page.wait_for_selector('body[data-ready="true"]', timeout=120_000)
            found.append(measured(case, page, size, seconds))
            context.close()
            service.stop()
        browser.close()
    return found


def main() -> None:
    """Measure and print."""
    given = options(__doc__ or "").parse_args()
    found = rows(8 if given.quick else 20)
    checks = {
        f"{row.case}: 95 of 100 frames under {LIMIT_MS:.0f} ms": row.accuracy["p95_ms"] < LIMIT_MS for row in found
    }
    finish("console", found, checks, given.json)


if __name__ == "__main__":
    main()
