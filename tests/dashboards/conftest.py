"""One Chromium for the tests of a file, and a service for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.dashboards.browser import ARTIFACTS, CHROMIUM, Service, launch


@pytest.fixture(scope="module")  # its event loop would be in the way of asynchronous tests after it
def browser() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        missing = f"no Chromium at {CHROMIUM}: install it or set AIRSPACE_TEST_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    ARTIFACTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.stop()
