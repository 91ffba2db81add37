"""One clock, one age: a page that is not live says so within three seconds, and nothing on it looks fresh."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import Service, drone, looked_at, opened, until
from tests.dashboards.fake_view import ALERT_AT, SILENT_AT

WITHIN_MS = 3000
PATIENCE_MS = 20_000
CARD = '.card[data-key="t-hobby"]'
SET_DATE = "ms => { const real = Date.now; Date.now = () => real.call(Date) + ms; }"


@contextmanager
def doubted(page: Page, within_ms: int = WITHIN_MS) -> Iterator[None]:
    """The page doubts itself in that time, and greys what it shows."""
    began = time.monotonic()
    yield
    left = max(1, within_ms - 1000 * (time.monotonic() - began))
    expect(page.locator("#state-word")).to_have_text("No live data", timeout=left)
    expect(page.locator("body")).to_have_class(re.compile(r"\bold\b"))
    expect(page.locator("#banners .lost")).to_contain_text("No live data since")


def seconds(words: str) -> int:
    """The age that words tell, in seconds."""
    found = re.search(r"(?:(\d+)\s*h )?(?:(\d+)\s*min ?)?(?:(\d+)\s*s)? ago", words.replace("\u00a0", " "))
    assert found, words
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest


def seen(page: Page) -> int:
    return seconds(page.locator(f"{CARD} .seen").inner_text())


def test_a_server_that_hangs_is_doubted_and_believed_again(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service) as page:
        with service.hung():
            with doubted(page, WITHIN_MS + 1000):  # the last picture may have come a moment before
                pass
            before = seen(page)
            until(page, lambda: seen(page) >= before + 2)  # it goes on ageing
            assert "just now" not in page.locator("body").inner_text()
        expect(page.locator("#state-word")).to_have_text("Drone near", timeout=PATIENCE_MS)
        expect(page.locator("body")).not_to_have_class(re.compile(r"\bold\b"))


@pytest.mark.parametrize("hours", [-1, 1, 24 * 400])
def test_a_date_that_is_set_changes_no_age(browser: Browser, service: Service, hours: int) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service) as page:
        page.evaluate(SET_DATE, hours * 3600_000)
        service.advance(ALERT_AT + 1)
        expect(page.locator("#state-word")).to_have_text("Drone near")
        until(page, lambda: seen(page) < 10)
        with service.hung(), doubted(page, WITHIN_MS + 1000):
            pass


def test_a_laptop_that_wakes_without_its_link_does_not_look_fresh(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service) as page, service.hung():
        with doubted(page):
            page.evaluate(SET_DATE, 20 * 60_000)  # a sleep that the monotonic clock did not count
        assert seen(page) >= 20 * 60


def test_a_service_that_ends_is_doubted_and_its_successor_believed(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service) as page, doubted(page):
        service.stop()


def test_a_stream_that_is_stuck_is_replaced_by_asking(browser: Browser, service: Service) -> None:
    service.advance(20)
    with opened(browser, service, has_map=False) as page:
        service.view.down = True
        before = drone(page)
        service.advance(ALERT_AT + 5)
        until(page, lambda: drone(page)["latitude_deg"] > before["latitude_deg"])
        expect(page.locator("#state-word")).to_have_text("Drone near")
        expect(page.locator(CARD)).to_have_count(1)


@pytest.mark.parametrize(
    "event",
    [
        ("tracks", "nonsense"),
        ("tracks", [None, {"x": 1}]),
        ("alerts", {"detail": "Service Unavailable"}),
        ("alerts", [7, None]),
        ("status", None),
        ("sensors", None),
        ("alert", {"alert_id": 3}),
    ],
)
def test_half_an_event_stops_nothing(browser: Browser, service: Service, event: tuple[str, Any]) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service) as page:
        service.call(lambda: service.view.tell(event))
        service.advance(ALERT_AT + 2)
        expect(page.locator("#state-word")).to_have_text("Drone near")
        expect(page.locator(CARD)).to_have_count(1)


def test_a_pipeline_that_stands_still_is_said_by_the_server_and_shown(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        service.view.stalled_at = ALERT_AT
        service.advance(ALERT_AT + 9)
        expect(page.locator("#state-word")).to_have_text("No live data")
        expect(page.locator("#banners .lost")).to_contain_text("the service's own picture is")
        expect(page.locator("body")).to_have_class(re.compile(r"\bold\b"))


def test_the_card_is_of_the_live_track_and_else_of_the_alert_with_its_age(browser: Browser, service: Service) -> None:
    told = service.view.alerts
    service.view.alerts = lambda: [line | {"height_agl_m": 2.0} for line in told()]  # type: ignore[method-assign]
    service.advance(ALERT_AT + 1)
    with opened(browser, service, has_map=False) as page:
        facts = page.locator(f"{CARD} .facts")
        expect(facts).to_contain_text("62\u00a0m ±\u00a08\u00a0m above ground")
        flying = service.view.tracks
        service.view.tracks = lambda: [one for one in flying() if one["track_id"] != "t-hobby"]  # type: ignore[method-assign]
        service.advance(ALERT_AT + 3)
        expect(facts).to_contain_text(re.compile(r"2\sm ±\s8\sm above ground · as it was \d+\ss ago"))


def test_the_box_is_drawn_anew_and_greyed_when_its_drone_is_gone(browser: Browser, service: Service) -> None:
    service.advance(20)
    with opened(browser, service, "/#drone=t-inspection", has_map=False) as page:
        box = page.locator("#detail")
        expect(box).to_contain_text("6\u00a0m/s to the")
        course = box.locator("dd").first.inner_text()
        service.advance(60)
        expect(box.locator("dd").first).not_to_have_text(course)  # it flies a circle
        flying = service.view.tracks
        service.view.tracks = lambda: [one for one in flying() if one["track_id"] != "t-inspection"]  # type: ignore[method-assign]
        service.advance(100)
        expect(box).to_have_class("gone")
        expect(box).to_contain_text("This drone is no longer heard.")
        age = box.locator("dd").last
        until(page, lambda: seconds(age.inner_text()) >= 40)


def test_card_and_banner_say_one_silence(browser: Browser, service: Service) -> None:
    service.advance(SILENT_AT + 20)
    with opened(browser, service, has_map=False) as page:
        page.locator('.card[data-key="a-coverage"]').scroll_into_view_if_needed()
        card, banner = page.evaluate(
            "['.card[data-key=\"a-coverage\"] .head strong', '#banners .coverage'].map(place =>"
            " document.querySelector(place).textContent.match(/silent for ([^.,]*)/)[1])"
        )
        assert card == banner
