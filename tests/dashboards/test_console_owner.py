"""One owner: of an alert, of a name, of a stream that the windows of a browser share."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.dashboards.browser import USUAL, Service, opened, prepared
from tests.dashboards.fake_life import Life
from tests.dashboards.fake_view import ALERT_AT

CARD = '.card[data-key="t-hobby"]'


def named(page: Page, name: str) -> None:
    page.locator("#who").click()
    page.locator("#who-form").get_by_label("Your call sign or name").fill(name)
    page.locator("#who-form").get_by_role("button", name="Send").click()
    expect(page.locator("#who")).to_have_text(name)


def others(service: Service, name: str, **more: Any) -> None:
    """Another has taken both alerts of the drone; this page has not been told yet."""

    def take() -> None:
        for alert_id in ("a-ctr", "a-ring"):
            service.view.lives[alert_id] = Life()
            service.view.lives[alert_id].act("acknowledge", name, service.view._ago(12), more, gone=False)

    service.call(take)


def card(page: Page) -> Locator:
    return page.locator(CARD)


def test_who_comes_second_is_told_who_has_it_and_takes_over_knowingly(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        named(page, "unit 12")
        others(service, "unit 7")
        service.view.down = True  # nor is it told in time
        card(page).get_by_role("button", name="Take it").click()
        expect(card(page).locator(".owner")).to_contain_text("unit 7 has this since")
        assert service.view.lives["a-ctr"].taken_by == "unit 7"
        card(page).get_by_role("button", name="Yes, take over from unit 7").click()
        expect(card(page).locator(".taken")).to_have_text("Taken by: unit 12 (taken over from unit 7)")
        assert {act["instead_of"] for act in service.view.acts if act["by"] == "unit 12"} == {"unit 7"}


def test_what_another_has_shows_no_take_but_take_over(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    others(service, "unit 7")
    with opened(browser, service, has_map=False) as page:
        named(page, "unit 12")
        expect(card(page).get_by_role("button", name="Take it")).to_be_hidden()
        card(page).get_by_role("button", name="Take over", exact=True).click()
        expect(card(page).locator(".owner")).to_contain_text(re.compile(r"unit 7 has this since 20:3\d\."))
        card(page).get_by_role("button", name="Cancel").click()
        assert service.view.lives["a-ctr"].taken_by == "unit 7"


def test_a_hand_over_says_to_whom(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        named(page, "unit 12")
        card(page).get_by_role("button", name="Hand over").click()
        card(page).get_by_label("To whom").fill("unit 3")
        card(page).get_by_label("Note").fill("at the north gate")
        card(page).get_by_role("button", name="Send").click()
        expect(card(page).locator(".taken")).to_have_text("Handed over by unit 12 to unit 3 · at the north gate")


def test_the_name_stands_in_the_bar_and_can_be_changed(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        named(page, "unit 12")
        named(page, "unit 3")
        card(page).get_by_role("button", name="Take it").click()
        expect(card(page).locator(".taken")).to_have_text("Taken by: unit 3")


def test_the_next_shift_is_asked_who_it_is(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        named(page, "unit 12")
        page.evaluate("localStorage.setItem('airspace.name_used', String(Date.now() - 5 * 3600 * 1000))")
        page.reload()
        page.wait_for_selector('body[data-ready="true"]')
        expect(page.locator("#who")).to_have_text("Your name?")
        card(page).get_by_role("button", name="Take it").click()
        expect(card(page)).to_contain_text("Are you still unit 12?")
        card(page).get_by_label("Your call sign or name").fill("unit 40")
        card(page).get_by_role("button", name="Send").click()
        expect(card(page).locator(".taken")).to_have_text("Taken by: unit 40")


def test_eight_windows_share_one_stream_and_all_can_send(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with browser.new_context(**USUAL) as fresh:
        pages = [prepared(fresh, service, has_map=False) for _ in range(8)]
        service.advance(ALERT_AT + 5)
        for page in pages:
            expect(page.locator("#state-word")).to_have_text("Drone near")
        assert len(service.view._queues) == 1
        named(pages[7], "unit 12")
        card(pages[7]).get_by_role("button", name="Take it").click()
        for page in pages:
            expect(card(page).locator(".taken")).to_have_text("Taken by: unit 12")


def test_a_browser_without_shared_workers_has_a_stream_of_its_own(browser: Browser, service: Service) -> None:
    service.advance(20)
    with browser.new_context(**USUAL) as fresh:
        fresh.add_init_script("delete window.SharedWorker")
        page = prepared(fresh, service, has_map=False)
        service.advance(ALERT_AT + 1)
        expect(card(page)).to_have_count(1)
        assert len(service.view._queues) == 1
