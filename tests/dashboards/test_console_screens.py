"""The phone, the wall, and the tones: what each must not hide."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import PHONE, WALL, Service, looked_at, opened, until
from tests.dashboards.fake_life import Life
from tests.dashboards.fake_view import ALERT_AT, BOWL_AT, CENTRE, metres

CARD: Final = '.card[data-key="t-hobby"]'
TOUCHED: Final[dict[str, Any]] = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
THUMB_PX: Final = 48


def inside(page: Page, selector: str) -> list[float]:
    """Heights of what is to be touched, after each has been shown to be what a finger there touches."""
    heights: list[float] = page.locator(selector).evaluate_all(
        """all => all.filter(one => one.getClientRects().length).map(one => {
            one.scrollIntoView({ block: "nearest" });
            const box = one.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
            return one.contains(document.elementFromPoint(x, y)) ? box.height : 0;
        })"""
    )
    return heights


def test_an_open_card_on_a_phone_does_not_hide_what_is_new(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False, **TOUCHED) as page:
        page.locator(f"{CARD} .head").tap()
        strip = page.locator("#strip")
        expect(strip).to_contain_text("Drone near")
        expect(strip).to_contain_text("no others")
        service.advance(62)
        expect(strip).to_contain_text("2 others")
        expect(strip).to_contain_text("new: 2")
        assert inside(page, "#strip")[0] >= THUMB_PX
        strip.tap()
        expect(page.locator(".card.selected")).to_have_count(0)
        expect(strip).to_be_hidden()


def test_a_link_that_is_lost_leaves_the_open_card(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with looked_at(browser, service, **TOUCHED) as page:
        page.locator(f"{CARD} .head").tap()
        before = page.locator(CARD).bounding_box()
        service.stop()
        expect(page.locator("#strip")).to_contain_text("No live data")
        expect(page.locator(f"{CARD} .pilot-place")).to_be_in_viewport()
        assert page.locator(CARD).bounding_box() == before
        assert before is not None
        assert before["height"] > PHONE["height"] * 0.9


@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
def test_every_outcome_is_in_reach_of_a_thumb(browser: Browser, service: Service, locale: str) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False, locale=locale, **TOUCHED) as page:
        page.locator(f"{CARD} .head").tap()
        heights = inside(page, f"{CARD} .actions button")
        assert len(heights) == 3
        assert min(heights) >= THUMB_PX
        page.locator(f"{CARD} .end").tap()
        page.locator(f"{CARD} .ask input").fill("unit 12")
        page.locator(f"{CARD} .ask button[type=submit]").tap()
        page.locator(f"{CARD} .outcomes button").first.wait_for()
        heights = inside(page, f"{CARD} .outcomes button")
        assert len(heights) == 7
        assert min(heights) >= THUMB_PX


def test_a_card_that_is_over_leads_to_its_record(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False, **TOUCHED) as page:
        page.locator(f"{CARD} .head").tap()
        service.view.gone = {"a-ctr": (ALERT_AT + 4, "landed"), "a-ring": (ALERT_AT + 4, "landed")}
        service.advance(ALERT_AT + 5)
        expect(page.locator("#strip")).to_be_hidden()
        expect(page.locator(".record.open")).to_contain_text("Last place of the pilot, ")
        expect(page.locator(".record.open a")).to_be_in_viewport()


def test_nothing_on_a_phone_covers_a_switch(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    for locale in ("nl-NL", "en-GB"):
        with opened(browser, service, has_map=False, locale=locale, **TOUCHED) as page:
            heights = inside(page, "#who, #switches button, #flip")
            assert len(heights) == 5
            assert min(heights) >= 40
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def tones(page: Page) -> int:
    played: int = page.evaluate("window.airspaceConsole.tones()")
    return played


def test_each_worsening_has_a_tone_and_nothing_else(browser: Browser, service: Service) -> None:
    service.advance(20)
    with opened(browser, service, has_map=False) as page:
        page.locator("#sound").click()
        began = tones(page)  # switching it on is heard
        for seconds, more in (
            (ALERT_AT + 1, 1),
            (48, 1),
            (50, 2),
            (59, 2),
            (60, 3),
            (BOWL_AT - 1, 3),
            (BOWL_AT + 1, 4),
        ):
            service.advance(seconds)
            told = service.view.status()["seq"]
            until(page, lambda told=told: page.evaluate("window.airspaceConsole.status().seq") == told)  # type: ignore[misc]
            until(page, lambda more=more: tones(page) - began >= more)  # type: ignore[misc]
            assert tones(page) - began == more, seconds


def test_after_a_reload_the_sound_asks_for_a_touch(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        page.evaluate("localStorage.setItem('airspace.sound', 'on')")
        page.reload()
        page.wait_for_selector('body[data-ready="true"]')
        expect(page.locator("#sound")).to_have_text("Sound: touch here")
        expect(page.locator("#banners .quiet-sound")).to_contain_text("silent until you touch")
        page.locator("#sound").click()
        expect(page.locator("#sound")).to_have_text("Sound on")
        expect(page.locator("#banners .quiet-sound")).to_have_count(0)
        page.locator("#sound").click(delay=20)
        until(page, lambda: page.locator("#sound").inner_text() in {"Sound on", "Sound off"})


def two_drones(service: Service) -> None:
    """A second drone, of lower rank, is sooner over the crowd than the first, which stands still."""
    flying = service.view.tracks
    place = metres(CENTRE, 900, -700)
    moves = {
        "t-hobby": {"speed_m_s": 0.2},
        "t-second": {
            "speed_m_s": 20.0,
            "track_deg": 142.0,
            "height_agl_m": 33.0,
            "latitude_deg": place[0],
            "longitude_deg": place[1],
        },
    }
    service.view.tracks = lambda: [one | moves.get(one["track_id"], {}) for one in flying()]  # type: ignore[method-assign]
    service.view.lives["a-second"] = Life()
    service.view.lives["a-second"].act("acknowledge", "unit 7", service.view._ago(5), {}, gone=False)


def test_the_wall_is_of_one_drone(browser: Browser, service: Service) -> None:
    service.advance(55)
    two_drones(service)
    with opened(browser, service, "/?wall", has_map=False, viewport=WALL) as page:
        service.advance(56)
        panel = page.locator("#wall-panel")
        expect(panel.locator(".countdown .big")).to_have_text(re.compile(r"0:[345]\d"))
        expect(panel.locator(".why")).to_contain_text("Flying 140 m outside the notified area.")
        expect(panel.locator(".wall-drone")).to_contain_text("33\u00a0m")
        expect(panel.locator(".wall-drone")).to_contain_text("ago")
        expect(panel.locator(".wall-pilot")).to_contain_text("Take-off point")
        expect(panel.locator(".wall-taken")).to_have_text("Taken by: unit 7")
        expect(panel.locator(".more-open")).to_have_text("1 more open")
        expect(page.locator("#sound")).to_be_visible()
        expect(page.locator("#language")).to_be_hidden()
        fits = "panel => [...panel.children].every(part => part.getBoundingClientRect().bottom <= innerHeight)"
        assert panel.evaluate(fits)


def test_a_wall_without_its_link_counts_nothing_down(browser: Browser, service: Service) -> None:
    service.advance(80)
    with looked_at(browser, service, "/?wall", viewport=WALL) as page:
        expect(page.locator(".countdown .big")).to_be_visible()
        service.stop()
        expect(page.locator("#state-word")).to_have_text("No live data")
        expect(page.locator(".countdown .big")).to_have_count(0)
        expect(page.locator(".countdown p")).to_have_text("No live data")
        assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]


@pytest.mark.parametrize("width", [1000, 1180, 1366, 1600, 1920])
def test_a_figure_that_has_no_room_is_left_out_whole(browser: Browser, service: Service, width: int) -> None:
    service.advance(ALERT_AT + 5)
    cut = """cells => { const { bottom } = document.getElementById("figures").getBoundingClientRect();
        const boxes = cells.map(cell => cell.getBoundingClientRect());
        return boxes.filter(box => box.top < bottom && box.bottom > bottom + 1).length; }"""
    with opened(browser, service, has_map=False, viewport={"width": width, "height": 900}) as page:
        assert page.locator("#figures > div").evaluate_all(cut) == 0
