"""What a person handled stays while it flies; what was taken waits for its outcome; a record survives the landing."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import Service, opened
from tests.dashboards.fake_life import Life
from tests.dashboards.fake_view import ALERT_AT

CARD = '.card[data-key="t-hobby"]'
BOTH = ("a-ctr", "a-ring")


def acted(service: Service, kind: str, by: str, **asked: str | None) -> None:
    def act() -> None:
        for alert_id in BOTH:
            life = service.view.lives.setdefault(alert_id, Life())
            life.act(kind, by, service.view._ago(0), asked, gone=alert_id in service.view.gone)

    service.call(act)


def ended(service: Service, how: str, at: int) -> None:
    """The hobby drone is down, or no longer heard: its track is gone as well."""
    flying = service.view.tracks
    service.view.tracks = lambda: [one for one in flying() if one["track_id"] != "t-hobby"]  # type: ignore[method-assign]
    service.view.gone |= dict.fromkeys(BOTH, (at, how))
    service.advance(at)


def records(page: Page) -> list[str]:
    return page.locator("#closed .record-head").all_inner_texts()


def test_a_handled_card_stays_below_the_open_ones_and_can_be_undone(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        acted(service, "close", "unit 12", outcome="false_alarm")
        service.advance(57)
        expect(page.locator("#state-word")).to_have_text("Drone near")  # it is still there
        card = page.locator(CARD)
        expect(card.locator(".life")).to_have_text("Handled by unit 12 (False alarm); the drone is still there")
        assert page.locator(".card").evaluate_all("cards => cards.map(card => card.dataset.key)")[-1] == "t-hobby"
        expect(page.locator("#figures .open_alerts dd")).to_have_text("1 +1 handled")
        card.locator(".head").click()
        card.get_by_role("button", name="Open again").click()
        card.get_by_label("Your call sign or name").fill("unit 3")
        card.get_by_role("button", name="Send").click()
        expect(card.locator(".life")).to_be_hidden()
        expect(page.locator("#figures .open_alerts dd")).to_have_text("2")
        assert {act["kind"] for act in service.view.acts} == {"reopen"}


def test_a_taken_alert_whose_drone_has_landed_waits_for_its_outcome(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    acted(service, "acknowledge", "unit 12")
    with opened(browser, service, has_map=False) as page:
        ended(service, "landed", ALERT_AT + 5)
        card = page.locator(CARD)
        expect(card.locator(".life")).to_have_text("No longer in the air. It waits for its outcome.")
        expect(card.locator(".pilot-place")).to_contain_text("Last place of the pilot, ")
        card.get_by_role("button", name="Outcome").click()
        card.get_by_label("Your call sign or name").fill("unit 12")
        card.get_by_role("button", name="Send").click()
        card.get_by_label("Note").fill("spoken to at the car park")
        card.get_by_role("button", name="Warned").click()
        expect(page.locator(".card")).to_have_count(0)
        expect(page.locator("#closed .how").first).to_contain_text("Warned · unit 12")
        page.locator("#closed .record-head").first.click()
        record = page.locator(".record.open")
        expect(record).to_contain_text("spoken to at the car park")
        expect(record.locator("a")).to_have_attribute("href", "geo:52.30520,4.95600")  # where the pilot was last
        expect(record.get_by_role("button", name="Outcome")).to_be_hidden()  # what a person said stands


def test_a_record_that_closed_by_itself_can_be_given_an_outcome(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False, locale="nl-NL") as page:
        ended(service, "landed", ALERT_AT + 5)
        expect(page.locator("#closed .how").first).to_contain_text("Geland")
        assert all("landed" not in words for words in records(page))
        page.locator("#closed .record-head").first.click()
        record = page.locator(".record.open")
        expect(record).to_contain_text("Laatste plek van de piloot, ")
        record.get_by_role("button", name="Afloop").click()
        record.get_by_label("Je roepnaam of naam").fill("eenheid 12")
        record.get_by_role("button", name="Verstuur").click()
        record.get_by_role("button", name="Bekeurd").click()
        expect(page.locator("#closed .how").first).to_contain_text("Bekeurd · eenheid 12")


def test_a_worsening_says_why_it_is_open_again(browser: Browser, service: Service) -> None:
    told = service.view.alerts
    worse = {"worse": "lower_over_crowd", "was_closed_by": "unit 12"}
    service.view.alerts = lambda: [line | {"evidence": worse} for line in told()]  # type: ignore[method-assign]
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        expect(page.locator(f"{CARD} .life")).to_have_text("Open again: it is lower over the crowd.")


def test_a_flood_is_one_card(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    service.view.flood = 400
    with opened(browser, service, has_map=False) as page:
        service.advance(56)
        expect(page.locator(".card")).to_have_count(3)  # the hobby drone, the second, the flood
        expect(page.locator("#figures .open_alerts dd")).to_have_text("3")
        card = page.locator('.card[data-key="a-flood"]')
        card.locator(".head").click()
        expect(card.locator(".facts")).to_contain_text("400 drones")
        expect(card.locator(".members li")).to_have_count(20)
        expect(card.locator(".members")).to_contain_text("and 380 more")


def test_what_has_been_said_to_be_wrong_with_a_sensor_is_in_words(browser: Browser, service: Service) -> None:
    heard = service.view.sensors
    blind = {
        "arena-noord": "invalid license",
        "amstel": "ERROR",
        "bijlmer": "goodbye",
        "duivendrecht": "fan 3 slow",
    }
    service.view.sensors = lambda: [  # type: ignore[method-assign]
        one | {"ok": False, "says": blind[one["sensor_id"]]} for one in heard()
    ]
    service.advance(20)
    with opened(browser, service, has_map=False, locale="nl-NL") as page:
        banner = page.locator("#banners .coverage")
        expect(banner).to_contain_text("sensor Arena Noord te horen, maar ziet niets: de licentie is niet geldig")
        expect(banner).to_contain_text("sensor Amstel te horen, maar ziet niets: de sensor meldt een storing")
        expect(banner).to_contain_text("sensor Bijlmer heeft zich afgemeld")
        expect(banner).to_contain_text('de sensor zegt "fan 3 slow"')
        expect(banner).not_to_contain_text(re.compile("license|ERROR|goodbye"))
        expect(page.locator("#state-word")).to_have_text("Zicht beperkt")
