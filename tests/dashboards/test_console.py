"""The console in a real browser, against a scripted view: an evening from end to end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import MS, PHONE, USUAL, WALL, Service, drone, opened, shoot, until
from tests.dashboards.fake_view import ALERT_AT, BOWL_AT, HOSTILE, NIET_TOEGESTAAN, NOT_ALLOWED, SILENT_AT

CONDITIONS = ["Met ✓ in the air", "Met ✓ no spoofing suspected", "Met ✓ 2.7 km inside the edge", "Not met ✗ no notice"]


def test_an_evening_at_the_desk(browser: Browser, service: Service) -> None:
    service.advance(20)
    with opened(browser, service) as page:
        expect(page.locator("#state-word")).to_have_text("Clear")
        expect(page.locator("#calm")).to_have_text("No open alerts. All sensors work.")
        shoot(page, "console-clear")
        before = drone(page)
        service.advance(ALERT_AT + 1)
        until(page, lambda: drone(page)["latitude_deg"] > before["latitude_deg"])
        card = page.locator('.card[data-key="t-hobby"]')
        expect(card.locator(".head strong")).to_have_text(NOT_ALLOWED)
        expect(page.locator(".card")).to_have_count(1)  # two alerts of one drone are one card
        expect(card.locator(".others")).to_contain_text("Flying in the ring round the ArenA.")
        expect(page.locator("#state-word")).to_have_text("Drone near")
        expect(card.locator(".pilot-place")).to_contain_text("south-east of the drone")
        expect(card.locator(".pilot-kind")).to_contain_text("live")

        service.advance(SILENT_AT)
        expect(page.locator("#banners")).to_contain_text("Coverage reduced: sensor Arena Noord silent for 4 min 0 s")
        service.advance(88)
        shoot(page, "console-desk-dark")

        take(page, service)
        close(page, service)


def test_a_pilots_place_is_shown_before_take_off(browser: Browser, service: Service) -> None:
    service.advance(6)
    with opened(browser, service) as page:
        waiting = page.locator("#waiting")
        expect(waiting).to_contain_text("Controller on; drone still on the ground")
        expect(waiting).to_contain_text("km south-east of ArenA · live, ±")
        shoot(page, "console-before-take-off")
        service.advance(12)
        expect(waiting).to_be_hidden()


def test_what_has_no_identity_is_a_sector_or_an_ellipse(browser: Browser, service: Service) -> None:
    service.advance(21)
    with opened(browser, service) as page:
        shown = page.evaluate("window.airspaceConsole.shapes()")
        assert {name: len(features) for name, features in shown.items()} == {"sectors": 1, "ellipses": 1}
        shoot(page, "console-no-identity")


def take(page: Page, service: Service) -> None:
    card = page.locator('.card[data-key="t-hobby"]')
    card.get_by_role("button", name="Take it").click()
    card.get_by_label("Your call sign or name").fill("unit 12")
    card.get_by_role("button", name="Send").click()
    expect(card.locator(".taken")).to_have_text("Taken by: unit 12")
    assert {act["alert_id"] for act in service.view.acts} == {"a-ctr", "a-ring"}
    assert {(act["kind"], act["by"]) for act in service.view.acts} == {("acknowledge", "unit 12")}


def close(page: Page, service: Service) -> None:
    card = page.locator('.card[data-key="t-hobby"]')
    card.get_by_role("button", name="Outcome").click()
    card.get_by_role("button", name="Warned").click()  # the name was asked once
    expect(card.locator(".life")).to_have_text(
        "Handled by unit 12 (Warned); the drone is still there"
    )  # it still flies there, and stays on the list
    expect(page.locator("#state-word")).to_have_text("Drone near")
    service.view.gone |= {"a-ctr": (90, "landed"), "a-ring": (90, "landed")}
    service.advance(91)
    expect(card).to_have_count(0)
    expect(page.locator("#closed")).to_contain_text(NOT_ALLOWED)
    expect(page.locator("#closed")).to_contain_text("Warned · unit 12")
    assert {act["outcome"] for act in service.view.acts if act["kind"] == "close"} == {"warned"}


def test_why_lists_the_conditions_in_the_readers_language(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service) as page:
        card = page.locator('.card[data-key="t-hobby"]')
        why = card.locator(".why-list")
        card.get_by_role("button", name="Why?").click()
        expect(why.locator("p").first).to_have_text(NOT_ALLOWED)
        expect(why.locator("li")).to_have_text(CONDITIONS)
        expect(why.locator("h4")).to_have_text(f"the Schiphol CTR {HOSTILE}")  # text, whatever it says
        assert page.locator("img").count() == 0
        service.advance(ALERT_AT + 2)  # the next picture leaves it open
        expect(why.locator("li")).to_have_count(len(CONDITIONS))
        page.locator("#language").click()
        expect(why.locator("li").last).to_have_text("Klopt niet ✗ geen melding")
        card.get_by_role("button", name="Waarom?").click()
        expect(why.locator("li")).to_have_count(0)


def test_why_says_what_speaks_against_the_signal_and_what_honest_thing_may_show_it(
    browser: Browser, service: Service
) -> None:
    service.advance(52)
    with opened(browser, service) as page:
        card = page.locator('.card[data-key="t-second"]')
        card.locator(".head").click()
        card.get_by_role("button", name="Why?").click()
        why = card.locator(".why-list")
        expect(why.locator("h4.signs")).to_have_text("2 signs, strong: signal not reliable.")
        expect(why.locator("ul.signs li")).to_have_count(2)
        expect(why.locator("ul.signs li").first).to_have_text(
            "the drone moves faster than is possible"
            "Honest causes: a satellite receiver that lost its place; racing drones"
        )
        expect(why.locator("p.honest")).to_contain_text("a judgement, not a probability")
        expect(why).not_to_contain_text("spoofing suspected")  # the signs say it, once
        why.locator("p.honest").scroll_into_view_if_needed()
        shoot(page, "console-signs")
        page.locator("#language").click()
        expect(why.locator("h4.signs")).to_have_text("2 aanwijzingen, sterk: signaal niet betrouwbaar.")
        expect(why.locator("ul.signs li").first).to_contain_text("Onschuldige oorzaken: een drone die even zijn plek")


def test_a_swarm_is_explained_by_one_of_its_drones(browser: Browser, service: Service) -> None:
    service.view.swarm = True
    service.advance(52)
    with opened(browser, service) as page:
        card = page.locator('.card[data-key="a-swarm"]')
        card.locator(".head").click()
        card.get_by_role("button", name="Why? One of these drones").click()
        expect(card.locator("h4.signs")).to_have_text("2 signs, strong: signal not reliable.")
        service.advance(54)  # the next picture leaves it open
        expect(card.locator("ul.signs li")).to_have_count(2)


def test_a_drone_on_the_map_is_explained_without_an_alert(browser: Browser, service: Service) -> None:
    service.advance(52)
    with opened(browser, service) as page:
        side = page.locator("#map").bounding_box()
        assert side is not None
        # the ghost is 420 m north and 330 m west of the middle, at 5.8 m a pixel
        ghost = side["x"] + side["width"] / 2 - 56, side["y"] + side["height"] / 2 - 72
        detail = page.locator("#detail")

        def chosen() -> bool:
            page.mouse.click(*ghost)
            return detail.get_by_role("button", name="Why?").is_visible()

        until(page, chosen)
        detail.get_by_role("button", name="Why?").click()
        expect(detail.locator("h4.signs")).to_have_text("2 signs, strong: signal not reliable.")
        shoot(page, "console-detail")


@pytest.mark.parametrize("path", ["/", "/?wall"])
def test_a_picture_without_room_is_never_clear(browser: Browser, service: Service, path: str) -> None:
    def crowd(rows: int) -> None:
        service.view.no_room = rows
        service.view.advance()

    service.advance(20)
    with opened(browser, service, path, viewport=WALL) as page:
        expect(page.locator("#state-word")).to_have_text("Clear")
        service.call(lambda: crowd(1240))
        expect(page.locator("#state-word")).to_have_text("Coverage reduced")
        expect(page.locator("#banners")).to_contain_text(
            "Coverage reduced: too many signals at once; 1,240 not followed in the last minute."
        )
        if "wall" in path:
            expect(page.locator(".countdown")).to_contain_text("No drone seen approaching")
        else:
            expect(page.locator("#calm")).to_have_text("No open alerts.")
        assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]
        shoot(page, f"console-no-room{'-wall' if 'wall' in path else ''}")
        service.call(lambda: crowd(0))
        expect(page.locator("#state-word")).to_have_text("Clear")
        expect(page.locator("#banners p")).to_have_count(0)


def test_hostile_text_stays_text_and_the_language_can_be_changed(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, color_scheme="light") as page:
        expect(page.locator('.card[data-key="t-hobby"] .facts')).to_contain_text(HOSTILE)
        assert page.evaluate("window.hacked === undefined")
        assert page.locator("img").count() == 0
        page.locator("#language").click()
        expect(page.locator('.card[data-key="t-hobby"] .head strong')).to_have_text(NIET_TOEGESTAAN)
        expect(page.locator("#state-word")).to_have_text("Drone dichtbij")
        expect(page.get_by_role("button", name="Neem aan")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "nl"
        page.reload()
        page.wait_for_selector('body[data-ready="true"]')
        expect(page.locator("#state-word")).to_have_text("Drone dichtbij")  # remembered
        service.advance(88)
        shoot(page, "console-desk-light")


def test_a_lost_connection_is_said_and_nothing_looks_live(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with browser.new_context(**USUAL) as fresh:
        page = fresh.new_page()
        page.goto(service.url)
        page.wait_for_selector('body[data-ready="true"]', timeout=MS)
        service.stop()
        expect(page.locator("#banners .lost")).to_contain_text("No live data since", timeout=MS)
        expect(page.locator("#state-word")).to_have_text("No live data")
        expect(page.locator("body")).to_have_class("old")
        shoot(page, "console-lost")


def test_the_phone_shows_the_list_first_and_big_buttons(browser: Browser, service: Service) -> None:
    service.advance(88)
    phone: dict[str, Any] = {
        "viewport": PHONE,
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
        "locale": "nl-NL",
    }
    with opened(browser, service, **phone) as page:
        expect(page.locator("#state-word")).to_have_text("Drone dichtbij")  # Dutch by the device's language
        expect(page.locator("#map-side")).to_be_hidden()
        shoot(page, "console-phone-list")
        card = page.locator('.card[data-key="t-hobby"]')
        card.locator(".head").tap()
        button = card.get_by_role("button", name="Neem aan")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["y"] + box["height"] > PHONE["height"] * 0.8  # in reach of a thumb
        shoot(page, "console-phone-card")
        card.get_by_role("button", name="Terug naar de lijst").tap()
        page.get_by_role("button", name="Kaart", exact=True).tap()
        expect(page.locator("#map-side")).to_be_visible()
        shoot(page, "console-phone-map")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_wall_has_one_line_and_no_scrolling(browser: Browser, service: Service) -> None:
    service.advance(80)
    with opened(browser, service, "/?wall", viewport=WALL) as page:
        expect(page.locator("#state-word")).to_have_text("Drone near")
        expect(page.locator(".countdown .big")).to_be_visible()  # minutes to the crowd
        shoot(page, "console-wall")
        service.advance(BOWL_AT + 2)
        expect(page.locator("#state-word")).to_have_text("Over crowd")
        assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]
        side = page.locator("#list-side")
        assert side.evaluate("side => side.scrollHeight <= side.clientHeight")
        shoot(page, "console-wall-crowd")


def test_without_webgl_the_list_still_works(service: Service, browser: Browser) -> None:
    service.advance(ALERT_AT)
    with browser.new_context(**USUAL) as fresh:
        page = fresh.new_page()
        page.add_init_script(
            "HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext,"
            " {apply: (target, self, [kind, ...rest]) => kind.startsWith('webgl') ? null"
            " : Reflect.apply(target, self, [kind, ...rest])})"
        )
        page.goto(service.url)
        page.wait_for_selector('body[data-ready="true"]', timeout=MS)
        expect(page.locator("#map-message")).to_contain_text("no WebGL")
        expect(page.locator(".card .head strong")).to_have_text(NOT_ALLOWED)


def test_both_languages_have_the_same_words(browser: Browser, service: Service) -> None:
    with opened(browser, service) as page:
        nl, en = page.evaluate(
            "import('/console/words.js').then(words => [words.wordKeys('nl'), words.wordKeys('en')])"
        )
    assert nl == en
