"""In a flood too the page speaks of the drone that matters, and of what is known of it now."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboards.browser import PHONE, WALL, Service, opened
from tests.dashboards.fake_view import ALERT_AT, CENTRE, PILOT, metres

FLOOD = '.card[data-key="a-flood"]'
NEAR = "t-ghost-7"


def flooded(service: Service, *, count: int = 40, track: dict[str, Any] | None = None, **alert: Any) -> None:
    """A flood and nothing else but one drone of it, ``NEAR``, of which more is known."""
    view = service.view
    view.flood = count
    moved = {
        "verdict": "violation",
        "uas_id": "1581F4BND0007",
        "pilot": view._pilot("live", PILOT),
        "height_agl_m": 44.0,
    }
    place = metres(CENTRE, 600, 0)

    def tracks() -> list[dict[str, Any]]:
        return [view._track(NEAR, place, **moved | (track or {}))]

    def alerts() -> list[dict[str, Any]]:
        return [line | (alert if line["track_id"] == NEAR else {}) for line in view._flood_lines()]

    view.tracks, view.alerts = tracks, alerts  # type: ignore[method-assign]


@pytest.mark.parametrize(("role", "state"), [("bowl", "Over crowd"), ("ring", "Drone near")])
def test_the_wall_speaks_of_the_drone_that_is_folded_into_a_flood(
    browser: Browser, service: Service, role: str, state: str
) -> None:
    flooded(service, zone_role=role, sentence_en="Flying where the people are.")
    service.advance(56)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        expect(page.locator("#state-word")).to_have_text(state)
        panel = page.locator("#wall-panel")
        expect(panel.locator(".countdown p")).to_have_text(
            "Over crowd" if role == "bowl" else "Drone near, time not known"
        )
        expect(panel.locator(".why")).to_contain_text("Flying where the people are.")
        expect(panel.locator(".wall-drone")).to_contain_text("44\u00a0m")
        expect(panel.locator(".wall-pilot")).to_contain_text("of the drone live")


def test_the_wall_counts_down_a_drone_that_is_folded_into_a_flood(browser: Browser, service: Service) -> None:
    flooded(service, track={"speed_m_s": 10.0, "track_deg": 180.0}, sentence_en="Flying to the people.")
    service.advance(56)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        expect(page.locator(".countdown .big")).to_have_text(re.compile(r"0:4\d"))
        expect(page.locator("#wall-panel .why")).to_contain_text("Flying to the people.")


def test_a_drone_without_an_alert_is_counted_down(browser: Browser, service: Service) -> None:
    flooded(service, track={"speed_m_s": 10.0, "track_deg": 180.0})
    service.view.alerts = list  # type: ignore[method-assign]
    service.advance(20)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        expect(page.locator(".countdown .big")).to_have_text(re.compile(r"0:4\d"))
        expect(page.locator("#wall-panel .why")).to_contain_text("Not allowed")


def test_where_no_crowd_area_is_set_nothing_is_said_of_a_way_to_it(browser: Browser, service: Service) -> None:
    told = service.view.zones()
    rest = [zone for zone in told["features"] if zone["properties"]["role"] != "bowl"]
    service.view.zones = lambda: told | {"features": rest}  # type: ignore[method-assign]
    service.advance(80)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        expect(page.locator(".countdown h2")).to_have_text("No crowd area is set")
        expect(page.locator(".countdown p")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({}, "No drone approaches"),
        ({"data_age_s": 9.0}, "No drone seen approaching"),
        ({"data_age_s": None}, "No drone seen approaching"),
        ({"no_room": 3}, "No drone seen approaching"),
    ],
)
def test_no_drone_approaches_only_in_a_picture_that_is_whole_and_of_now(
    browser: Browser, service: Service, status: dict[str, Any], said: str
) -> None:
    told = service.view.status
    service.view.status = lambda: told() | status  # type: ignore[method-assign]
    service.advance(3)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        expect(page.locator(".countdown p")).to_have_text(said)


@pytest.mark.parametrize("path", ["/?wall", "/"])
def test_a_pilots_place_is_live_only_while_the_drone_is_heard(browser: Browser, service: Service, path: str) -> None:
    flying = service.view.tracks
    heard = service.view._ago(-ALERT_AT + 50)
    service.view.tracks = lambda: [one | {"last_seen": heard} for one in flying()]  # type: ignore[method-assign]
    service.advance(ALERT_AT)
    place = ".wall-pilot" if path == "/?wall" else '.card[data-key="t-hobby"] .pilot'
    with opened(browser, service, path, has_map=False) as page:
        expect(page.locator(place)).to_contain_text(re.compile(r"Last place of the pilot, 5\d\ss ago: "))
        expect(page.locator(place)).not_to_contain_text("live")


def test_a_drone_of_a_flood_that_is_near_the_crowd_has_its_own_card(browser: Browser, service: Service) -> None:
    flooded(service, zone_role="ring")
    service.advance(56)
    with opened(browser, service, has_map=False) as page:
        expect(page.locator(f'.card[data-key="{NEAR}"]')).to_be_visible()
        expect(page.locator(".card")).to_have_count(2)


def test_the_buttons_of_a_flood_are_in_reach_and_all_its_drones_can_be_opened(
    browser: Browser, service: Service
) -> None:
    flooded(service)
    service.advance(56)
    with opened(browser, service, has_map=False) as page:
        expect(page.locator(f"{FLOOD} .take")).to_be_in_viewport(ratio=1)
        page.locator(f"{FLOOD} .members .rest").click()
        expect(page.locator(f"{FLOOD} .members li")).to_have_count(40)
        expect(page.locator(f"{FLOOD} .members .rest")).to_be_hidden()
        expect(page.locator(f"{FLOOD} .take")).to_be_in_viewport(ratio=1)


def test_the_drones_of_a_flood_follow_language_and_state(browser: Browser, service: Service) -> None:
    more: dict[str, Any] = {}
    flooded(service, count=3)
    told = service.view.alerts
    service.view.alerts = lambda: [line | (more if line["part_of"] else {}) for line in told()]  # type: ignore[method-assign]
    service.advance(56)
    with opened(browser, service, has_map=False) as page:
        row = page.locator(f"{FLOOD} .members li").first
        expect(row).to_contain_text("Not allowed: flying")
        page.locator("#language").click()
        expect(row).to_contain_text("Niet toegestaan: vliegt")
        more |= {"taken_by": "eenheid 9", "acknowledgement": "taken", "revision": 9}
        service.advance(57)
        expect(row).to_contain_text("Aangenomen door: eenheid 9")


def test_in_statistics_mode_a_row_begins_with_the_place(browser: Browser, service: Service) -> None:
    flooded(service, count=9, uas_id="3:0123456789abcdef0123456789abcdef")
    told = service.view.status
    service.view.status = lambda: told() | {"mode": "statistics"}  # type: ignore[method-assign]
    service.advance(56)
    with opened(browser, service, has_map=False, viewport=PHONE) as page:
        page.locator(f"{FLOOD} .head").click()
        row = page.locator(f"{FLOOD} .members li", has_text="012345…")
        expect(row).to_have_text(re.compile(r"^600\sm north of ArenA · 012345…: "))
