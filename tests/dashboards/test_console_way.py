"""Finding the way: Escape, Back, an address that can be sent, the keyboard, the view; and signing in again."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect

from dashboards.api.app import create_app
from tests.dashboards.browser import PHONE, USUAL, Service, opened, prepared, until
from tests.dashboards.fake_view import ALERT_AT, FakeView

CARD = '.card[data-key="t-hobby"]'
SECOND = '.card[data-key="t-second"]'


def selected(page: Page, card: str = CARD) -> None:
    expect(page.locator(card)).to_have_class(re.compile(r"\bselected\b"))


def test_escape_closes_the_innermost_first(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        page.locator(f"{SECOND} .head").click()
        page.locator(f"{SECOND} .take").click()
        page.locator(f"{SECOND} .ask input").press("Escape")
        expect(page.locator(f"{SECOND} .ask input")).to_have_count(0)
        selected(page, SECOND)
        page.keyboard.press("Escape")
        expect(page.locator(".card.selected")).to_have_count(0)
        page.locator("#who").click()
        page.keyboard.press("Escape")
        expect(page.locator("#who-form")).to_be_hidden()


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_back_stays_in_the_console(browser: Browser, service: Service, device: str) -> None:
    service.advance(55)
    more: dict[str, Any] = {"viewport": PHONE} if device == "phone" else {}
    with opened(browser, service, has_map=False, **more) as page:
        page.locator(f"{CARD} .head").click()
        selected(page)
        page.go_back()
        expect(page.locator(".card.selected")).to_have_count(0)
        assert page.url.startswith(service.url)
        expect(page.locator(".card")).to_have_count(2)
        if device == "phone":
            page.locator("#flip").click()
            expect(page.locator("body")).to_have_class(re.compile("map-first"))
            page.go_back()
            expect(page.locator("body")).not_to_have_class(re.compile("map-first"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("#drone=t-hobby", CARD),
        ("#alert=a-ring", CARD),
        ("#alert=a-second.1", SECOND),
        ("#drone=t-inspection", "#detail"),
    ],
)
def test_an_address_leads_to_what_it_names(browser: Browser, service: Service, address: str, shown: str) -> None:
    service.advance(55)
    with opened(browser, service, f"/{address}", has_map=False) as page:
        expect(page.locator(shown)).to_be_visible()
        if shown != "#detail":
            selected(page, shown)


def test_an_address_leads_to_a_record_and_one_of_nothing_says_so(browser: Browser, service: Service) -> None:
    service.view.gone = {"a-second": (54, "landed")}
    service.advance(55)
    with opened(browser, service, "/#alert=a-second", has_map=False) as page:
        expect(page.locator(".record.open")).to_contain_text("140 m outside")
    with opened(browser, service, "/#alert=gone-long-ago", has_map=False) as page:
        expect(page.locator("#banners .not-there")).to_contain_text("no longer there")


def test_choosing_writes_the_address_that_can_be_sent(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        page.locator(f"{SECOND} .head").click()
        assert page.url.endswith("/#drone=t-second")


def test_the_keyboard_reaches_every_drone(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False) as page:
        page.locator("#roster summary").focus()
        page.keyboard.press("Enter")
        drones = page.locator("#roster li button")
        expect(drones).to_have_count(len(service.view.tracks()))
        expect(drones.first).to_contain_text("Not allowed · multirotor · 62\u00a0m")
        page.get_by_role("button", name=re.compile("^Signal not reliable")).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#detail strong")).to_have_text("Signal not reliable")
        assert page.url.endswith("/#drone=t-ghost")


def test_choosing_moves_the_view_only_where_it_must_and_not_for_good(browser: Browser, service: Service) -> None:
    service.advance(55)
    with opened(browser, service) as page:

        def view() -> list[float]:
            centre: list[float] = page.evaluate("window.airspaceConsole.view().centre")
            return [round(degrees, 5) for degrees in centre]

        home = view()
        page.locator(f"{CARD} .head").click()
        assert view() == home  # it is in view
        page.keyboard.press("Escape")
        page.locator("#roster summary").click()
        page.get_by_role("button", name=re.compile("^Helicopter")).click()  # far to the south-west
        until(page, lambda: view() != home)
        page.keyboard.press("Escape")
        until(page, lambda: view() == home)
        page.locator("#map canvas").first.focus()
        page.keyboard.press("ArrowRight")
        until(page, lambda: view() != home)
        page.get_by_role("button", name="Back to the whole area").click()
        until(page, lambda: view() == home)


@contextmanager
def guarded(token: str, port: int = 0) -> Iterator[tuple[str, int]]:
    """The console behind an access token."""
    view = FakeView()
    view.advance(ALERT_AT)
    taken = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(view, token=token), log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}", taken.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)


def sign_in(page: Page, token: str) -> None:
    page.locator("#sign-in input").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#sign-in")).to_be_hidden()


def test_a_token_that_is_rotated_leads_to_signing_in(browser: Browser) -> None:
    with browser.new_context(**USUAL) as fresh:
        page = fresh.new_page()
        with guarded("first") as (url, port):
            page.goto(url)
            expect(page.locator("#sign-in")).to_be_visible()
            sign_in(page, "first")
            expect(page.locator("#state-word")).to_have_text("Drone near")
        with guarded("second", port):
            expect(page.locator("#sign-in")).to_be_visible(timeout=20_000)
            expect(page.locator("#sign-in")).to_contain_text("The access token has changed. Sign in again.")
            expect(page.locator("#state-word")).to_have_text("No live data")
            sign_in(page, "second")
            expect(page.locator("#state-word")).to_have_text("Drone near", timeout=20_000)


def refuse_with(status: int) -> Callable[[Route], None]:
    """What answers every request so."""
    return lambda route: route.fulfill(status=status, json={"detail": "No."})


def test_an_act_that_is_refused_is_said_in_the_readers_language(browser: Browser, service: Service) -> None:
    service.advance(ALERT_AT)
    with browser.new_context(**(USUAL | {"locale": "nl-NL"})) as fresh:
        page = prepared(fresh, service, has_map=False)
        answers = {404: "niet meer open", 422: "er ontbreekt iets", 503: "Nog niet opgeslagen", 418: "maakte een fout"}
        for status, words in answers.items():
            page.route("**/acknowledge", refuse_with(status))
            page.locator(f"{CARD} .take").click()
            field = page.locator(f"{CARD} .ask input")
            if field.count():
                field.fill("eenheid 12")
                field.press("Enter")
            expect(page.locator(f"{CARD} .answer")).to_contain_text(words)
            page.unroute("**/acknowledge")
