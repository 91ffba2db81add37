"""Said in words, in both languages, once: no code, no cut number, no broken word."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import PHONE, Service, opened
from tests.dashboards.fake_view import ALERT_AT, SILENT_AT

CARD = '.card[data-key="t-hobby"]'
WORDS = "import('/console/words.js').then(words => ['nl', 'en'].map(words.NAME))"
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
OUTCOMES = ["landed", "lost", "replaced", "something_nobody_heard_of"]


@pytest.mark.parametrize("name", ["wordKeys", "typeKeys", "gaps"])
def test_both_languages_have_the_same_words_with_the_same_gaps(browser: Browser, service: Service, name: str) -> None:
    with opened(browser, service, has_map=False) as page:
        nl, en = page.evaluate(WORDS.replace("NAME", name))
    assert nl == en
    assert nl


def seen(page: Page) -> str:
    """All that is read on the page, but what a drone or a notice is called."""
    words = page.locator("body").inner_text()
    return words.replace("onerror=window.hacked", "").replace("<img src=x", "")


@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
@pytest.mark.parametrize("path", ["/", "/?wall"])
def test_no_code_is_on_the_page(browser: Browser, service: Service, locale: str, path: str) -> None:
    told = service.view.alerts
    service.advance(SILENT_AT + 20)
    with opened(browser, service, path, has_map=False, locale=locale) as page:
        for outcome in OUTCOMES:
            service.view.gone["a-second"] = (SILENT_AT, outcome)
            outcomes = {"outcome": outcome}
            lines = [line | (outcomes if line["outcome"] else {}) for line in told()]
            service.view.alerts = partial(list, lines)  # type: ignore[method-assign]
            service.advance(service.view.elapsed_s + 1)
            expect(page.locator("#figures .open_alerts dd")).to_have_text("2")
            assert CODE.findall(seen(page)) == []
            assert "undefined" not in seen(page)
            assert "null" not in seen(page)


@pytest.mark.parametrize("state", ["no_live_data", "storm_warning"])
def test_a_state_that_the_page_does_not_know_is_not_shown_as_a_code(
    browser: Browser, service: Service, state: str
) -> None:
    told = service.view.status
    service.view.status = lambda: told() | {"state": state}  # type: ignore[method-assign]
    with opened(browser, service, has_map=False) as page:
        known = "No live data" if state == "no_live_data" else "State not known"
        expect(page.locator("#state-word")).to_have_text(known)


def test_the_dutch_of_ages_sensors_and_places(browser: Browser, service: Service) -> None:
    service.advance(6)
    with opened(browser, service, has_map=False, locale="nl-NL") as page:
        expect(page.locator("#calm")).to_have_text("Geen open alarmen. Alle sensoren werken.")
        expect(page.locator("#waiting")).to_contain_text("ten zuidoosten van ArenA")
        expect(page.locator("#figures .data_age dt")).to_have_text("Laatst gehoord")
        expect(page.locator("#figures .data_age dd")).to_contain_text("s geleden")
        service.advance(ALERT_AT + 26)
        expect(page.locator(f"{CARD} .meta")).to_contain_text(re.compile(r"2[6-9]\ss open"))
        expect(page.locator("body")).not_to_contain_text("open sinds")


def test_the_map_speaks_the_readers_language(browser: Browser, service: Service) -> None:
    with opened(browser, service, locale="nl-NL") as page:
        for words in ("Dichterbij", "Verder weg", "Terug naar het hele gebied"):
            expect(page.get_by_role("button", name=words)).to_be_visible()
        labels = page.locator("[aria-label], [title]").evaluate_all(
            "all => all.flatMap(one => [one.ariaLabel, one.title]).filter(Boolean)"
        )
        assert not {"Zoom in", "Zoom out", "Map"} & set(labels)
        page.locator("#language").click()
        expect(page.get_by_role("button", name="Back to the whole area")).to_be_visible()


def test_a_rule_that_no_law_makes_names_none(browser: Browser, service: Service) -> None:
    told = service.view.explain

    def explain(track_id: str, time_s: float | None) -> dict[str, Any]:
        answer = told(track_id, time_s)
        return answer | {
            "rules": [rule | {"article": "none: a user asked to be told"} for rule in answer["rules"]],
        }

    service.view.explain = explain  # type: ignore[method-assign]
    service.advance(ALERT_AT)
    with opened(browser, service, has_map=False) as page:
        page.locator(CARD).get_by_role("button", name="Why?").click()
        expect(page.locator(f"{CARD} .why-list li").last).to_have_text("Not met ✗ no notice")
        expect(page.locator(CARD)).not_to_contain_text("none: a user asked")


@pytest.mark.parametrize(("locale", "theme"), [("nl-NL", "dark"), ("en-GB", "light")])
def test_no_word_on_a_phone_is_broken(browser: Browser, service: Service, locale: str, theme: Any) -> None:
    service.advance(55)
    with opened(browser, service, has_map=False, locale=locale, viewport=PHONE, color_scheme=theme) as page:
        page.locator(f"{CARD} .head").click()
        page.locator(f"{CARD} .end").click()
        page.locator(f"{CARD} .ask input").fill("eenheid 12")
        page.locator(f"{CARD} .ask button[type=submit]").click()
        page.locator(f"{CARD} .outcomes button").first.wait_for()
        broken = page.locator(f"{CARD} button, #switches button").evaluate_all(
            """buttons => buttons.filter(button => button.offsetParent).flatMap(button => {
                const node = [...button.childNodes].find(one => one.nodeType === 3);
                if (!node) return [];
                return [...node.data.matchAll(/\\S+/g)].filter(word => {
                    const range = document.createRange();
                    range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
                    return range.getClientRects().length > 1;
                }).map(word => word[0]);
            })"""
        )
        assert broken == []


@pytest.mark.parametrize("number", [0, 999, 1_124_121])
def test_no_number_is_cut(browser: Browser, service: Service, number: int) -> None:
    told = service.view.status
    day = {"date": "2026-05-01", "flights": number, "unauthorised": number, "suspected": 0, "detections": 0}
    service.view.status = lambda: told() | {"day": day}  # type: ignore[method-assign]
    with opened(browser, service, has_map=False, locale="nl-NL", viewport={"width": 1920, "height": 1080}) as page:
        shown = f"{number:,}".replace(",", ".")
        expect(page.locator("#figures .today dd")).to_contain_text(f"{shown} vluchten · {shown} niet toegestaan")
