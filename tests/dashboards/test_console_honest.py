"""What a page must not say: that all is well while it cannot know."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboards.browser import WALL, Service, opened
from tests.dashboards.fake_view import ALERT_AT

LINK = {
    "part": "mqtt:city",
    "word": "link_lost",
    "since": "2026-05-01T18:30:00.000Z",
    "what": "The other end does not answer.",
    "do": "Check the host.",
}
UNSEEN = {"reason": "flight_unknown", "text_nl": "van een drone", "text_en": "of a drone"}


def say(service: Service, **status: Any) -> None:
    """The status says this from here on."""
    told = service.view.status
    service.view.status = lambda: told() | status  # type: ignore[method-assign]
    service.advance(service.view.elapsed_s + 1)


@pytest.mark.parametrize("path", ["/", "/?wall"])
def test_of_an_old_picture_neither_list_nor_wall_says_that_nothing_is_open(
    browser: Browser, service: Service, path: str
) -> None:
    with opened(browser, service, path, has_map=False) as page:
        expect(page.locator("body")).to_contain_text("No open alerts")
        say(service, state="no_live_data", tick_age_s=10.0)
        expect(page.locator("#state-word")).to_have_text("No live data")
        expect(page.locator("body")).not_to_contain_text("No open alerts", use_inner_text=True)
        expect(page.locator("body")).not_to_contain_text("All sensors work", use_inner_text=True)


def test_the_wall_says_why_it_sees_less_before_any_sensor_counts_as_silent(browser: Browser, service: Service) -> None:
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        say(service, state="coverage_reduced", troubles=[LINK])
        expect(page.locator("#banners")).to_contain_text("Coverage reduced: A source does not answer.")
        expect(page.locator("#wall-panel")).not_to_contain_text("No drone approaches", use_inner_text=True)


def test_a_list_does_not_say_that_all_sensors_work_while_a_link_is_lost(browser: Browser, service: Service) -> None:
    with opened(browser, service, has_map=False) as page:
        expect(page.locator("#calm")).to_have_text("No open alerts. All sensors work.")
        say(service, state="coverage_reduced", troubles=[LINK])
        expect(page.locator("#calm")).to_have_text("No open alerts.")


@pytest.mark.parametrize("path", ["/", "/?wall"])
def test_of_a_drone_that_may_stand_it_is_not_said_that_it_flies(browser: Browser, service: Service, path: str) -> None:
    with opened(browser, service, path, has_map=False) as page:
        say(service, state="watch", drones=0, cannot_say=[UNSEEN])
        expect(page.locator("#banners")).to_contain_text("of a drone")
        expect(page.locator("body")).not_to_contain_text("a drone flies", use_inner_text=True)


def test_a_drone_that_flies_stands_before_one_that_has_landed_and_waits_for_its_outcome(
    browser: Browser, service: Service
) -> None:
    service.advance(ALERT_AT + 2)
    line = next(one for one in service.view.alerts() if one["track_id"] and one["condition"] == "there")
    landed = line | {"condition": "gone", "acknowledgement": "taken", "taken_by": "unit 12", "priority": 100}
    flies = line | {"alert_id": "a-other", "record_id": "a-other.1", "track_id": "t-other", "priority": 70}
    service.view.alerts = partial(list, [landed, flies])  # type: ignore[method-assign]
    with opened(browser, service, has_map=False) as page:
        expect(page.locator(".card")).to_have_count(2)
        expect(page.locator(".card").nth(0)).not_to_contain_text("waits for its outcome")
        expect(page.locator(".card").nth(1)).to_contain_text("waits for its outcome")


@pytest.mark.parametrize(
    ("locale", "says", "told"),
    [
        ("nl-NL", "clock 60 minutes behind, corrected", "achterloopt; dat wordt gecorrigeerd."),
        ("en-GB", "clock 60 minutes behind, corrected", "behind; it is corrected for."),
        ("nl-NL", "brings only what is 2 hours old", "brengt alleen wat oud is."),
        (
            "nl-NL",
            "clock not set: its rows are refused",
            "heeft een klok die niet is gezet; wat hij hoort, wordt geweigerd.",
        ),
    ],
)
def test_a_sensor_with_a_wrong_clock_is_not_called_blind(
    browser: Browser, service: Service, locale: str, says: str, told: str
) -> None:
    wrong = service.view.sensors()[0] | {"ok": False, "says": says, "clock_ahead_s": -3600.0}
    rest = service.view.sensors()[1:]
    service.view.sensors = lambda: [wrong, *rest]  # type: ignore[method-assign]
    with opened(browser, service, has_map=False, locale=locale) as page:
        banner = page.locator("#banners .coverage").first
        expect(banner).to_contain_text(told)
        expect(banner).not_to_contain_text("ziet niets")
        expect(banner).not_to_contain_text("sees nothing")
