"""What is not well with the service is said on the page, in words of the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from airspace.model.health import Trouble
from tests.dashboards.browser import DESK, WALL, Service, opened

CONSOLE = Path(__file__).resolve().parents[2] / "dashboards" / "console"
DATABASE = {
    "part": "database",
    "word": "database_refuses",
    "since": "2026-05-01T18:59:00.000Z",
    "what": "It is read-only.",
    "do": "Look.",
}
GRAFANA = DATABASE | {"part": "channel:grafana", "word": "channel_fails"}
NO_ZONES = {"reason": "no_zones", "source": None, "text_nl": "er zijn geen zones", "text_en": "no zones are loaded"}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_word_of_trouble_is_said_in_both_languages(language: str) -> None:
    text = (CONSOLE / f"words_{language}.js").read_text(encoding="utf-8")
    assert set(re.findall(r"trouble_(\w+): \"[A-Z]", text)) == {word.value for word in Trouble}


def test_a_database_that_takes_nothing_is_said_beside_the_age(browser: Browser, service: Service) -> None:
    with opened(browser, service, has_map=False, viewport=WALL) as page:
        service.view.troubles = [DATABASE]
        service.view.stalled_at = service.view.elapsed_s
        service.advance(9)
        expect(page.locator("#state-word")).to_have_text("No live data")
        expect(page.locator("#banners .lost")).to_contain_text("The database takes nothing.")


def test_a_channel_that_fails_is_said_at_the_desk_and_not_on_the_wall(browser: Browser, service: Service) -> None:
    service.view.troubles = [GRAFANA, DATABASE | {"word": "of_another_version"}]
    with opened(browser, service, has_map=False, viewport=DESK) as page:
        expect(page.locator("#banners .trouble")).to_have_text("A way of telling people does not work.")
    with opened(browser, service, has_map=False, viewport=WALL, path="?wall") as page:
        expect(page.locator("#state-word")).to_have_text(re.compile("."))
        expect(page.locator("#banners .trouble")).to_have_count(0)


def test_without_zones_the_page_says_that_nobody_knows_what_is_allowed(browser: Browser, service: Service) -> None:
    service.view.silences = [NO_ZONES]
    with opened(browser, service, has_map=False, viewport=DESK, locale="nl-NL") as page:
        expect(page.locator("#banners")).to_contain_text("wat hier mag, is niet bekend: er zijn geen zones")
