"""What the page says stays true: of what was handled, of what is old, of what another did meanwhile."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import WALL, Service, opened
from tests.dashboards.fake_life import Life
from tests.dashboards.fake_view import ALERT_AT, NOT_ALLOWED, SILENT_AT

CARD = '.card[data-key="t-hobby"]'


def closed_by(service: Service, name: str, *alerts: str) -> None:
    def close() -> None:
        for alert_id in alerts:
            life = service.view.lives.setdefault(alert_id, Life())
            life.act("close", name, service.view._ago(0), {"outcome": "warned"}, gone=False)

    service.call(close)


def asked_outcome(page: Page, card: str = CARD) -> None:
    page.locator(f"{card} .end").click()
    page.locator(f"{card} .ask").get_by_label("Your call sign or name").fill("unit 12")
    page.locator(f"{card} .ask button[type=submit]").click()
    page.locator(f"{card} .outcomes button").first.wait_for()


@pytest.mark.parametrize("path", ["/", "/?wall"])
def test_a_handled_alert_says_what_it_is_about_and_that_the_drone_is_there(
    browser: Browser, service: Service, path: str
) -> None:
    told = service.view.alerts
    over = {"sentence_en": "Closed by unit 9: warned.", "matter_en": NOT_ALLOWED}
    service.view.alerts = lambda: [line | over for line in told()]  # type: ignore[method-assign]
    service.advance(ALERT_AT)
    closed_by(service, "unit 9", "a-ctr", "a-ring")
    with opened(browser, service, path, has_map=False, viewport=WALL) as page:
        card = page.locator("#wall-panel" if path == "/?wall" else CARD)
        expect(card).to_contain_text(NOT_ALLOWED)
        expect(card).to_contain_text("Handled by unit 9 (Warned); the drone is still there")
        expect(card).not_to_contain_text("Closed by")
        expect(card.get_by_text("nobody yet")).to_have_count(0 if path == "/?wall" else 1)
        expect(card.get_by_text("nobody yet")).not_to_be_visible()


def test_a_state_without_an_open_alert_says_why(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    closed_by(service, "unit 9", "a-ctr", "a-ring")
    with opened(browser, service, has_map=False) as page:
        expect(page.locator("#calm")).to_have_text("Drone near: what was handled is still in the air.")


def test_a_form_on_what_another_closed_says_so_and_opens_no_other(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        asked_outcome(page)
        closed_by(service, "unit 9", "a-ctr", "a-ring")
        service.advance(56)
        expect(page.locator(f"{CARD} .answer")).to_have_text("unit 9 has meanwhile closed this (Warned).")
        expect(page.locator(f"{CARD} .outcomes")).to_have_count(0)


def test_a_form_on_what_is_over_stays_until_it_is_read(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        asked_outcome(page)
        service.view.gone = dict.fromkeys(("a-ctr", "a-ring"), (56, "landed"))
        closed_by(service, "unit 9", "a-ctr", "a-ring")
        service.advance(57)
        expect(page.locator(f"{CARD} .answer")).to_have_text("unit 9 has meanwhile closed this (Warned).")
        expect(page.locator(".card .actions")).to_have_count(0)  # no other opened under the finger
        page.locator(f"{CARD} .ask button").click()
        expect(page.locator(CARD)).to_have_count(0)


def test_of_a_sensor_nobody_is_fined_and_drones_come_first_in_the_list(browser: Browser, service: Service) -> None:
    service.advance(SILENT_AT + 2)
    with opened(browser, service, "/#alert=a-coverage", has_map=False) as page:
        coverage = '.card[data-key="a-coverage"]'
        page.locator(f"{coverage} .head").click() if page.locator(f"{coverage}.open").count() == 0 else None
        asked_outcome(page, coverage)
        expect(page.locator(f"{coverage} .outcomes button")).to_have_text(["False alarm", "Other"])
        page.locator(f"{coverage} button.leave").click()
        service.view.gone = dict.fromkeys(("a-ctr", "a-ring", "a-coverage"), (SILENT_AT + 3, "lost"))
        service.view.gone["a-coverage"] = (SILENT_AT + 4, "lost")
        service.advance(SILENT_AT + 5)
        expect(page.locator("#closed li")).to_have_count(3)
        expect(page.locator("#closed li").last).to_contain_text("Sensor Arena Noord")


def test_the_list_of_drones_holds_what_is_live_with_its_age(browser: Browser, service: Service) -> None:
    flying = service.view.tracks
    old = {"t-inspection": 61.0, "t-broadcast": 40.0}
    service.view.tracks = lambda: [  # type: ignore[method-assign]
        one | ({"last_seen": service.view._ago(old[one["track_id"]])} if one["track_id"] in old else {})
        for one in flying()
    ]
    service.advance(3)
    with opened(browser, service, has_map=False) as page:
        page.locator("#roster summary").click()
        rows = page.locator("#roster li")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text(re.compile(r"seen 4\d\ss ago"))
        expect(rows.last).to_have_text(re.compile("^Helicopter or aeroplane \\(ADS-B\\) · [^m]"))
        expect(page.locator("#roster")).not_to_contain_text(re.compile("ADS-B.*multirotor"))


@pytest.mark.parametrize(("suspected", "said"), [(2, True), (0, False)])
def test_the_bar_tells_of_the_suspected_of_today(browser: Browser, service: Service, suspected: int, said: Any) -> None:
    told = service.view.status
    day = told()["day"] | {"suspected": suspected}
    service.view.status = lambda: told() | {"day": day}  # type: ignore[method-assign]
    with opened(browser, service, has_map=False) as page:
        today = page.locator("#figures .today dd")
        expect(today).to_be_in_viewport(ratio=1)
        assert ("suspected" in today.inner_text()) is said


def test_a_name_that_is_full_is_told(browser: Browser, service: Service) -> None:
    with opened(browser, service, has_map=False) as page:
        page.locator("#who").click()
        page.locator("#who-form").get_by_label("Your call sign or name").fill("x" * 60)
        expect(page.locator("#who-form")).to_contain_text("60 letters at most.")
