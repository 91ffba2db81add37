"""Databases with statistics in them, as Grafana would find them; one Chromium for the tests of a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from airspace.model.alert import AlertState, Condition
from airspace.model.commit import Commit
from airspace.store.database import connect
from airspace.store.migrate import migrate
from airspace.store.outbox import enrol
from airspace.store.writer import Store
from tests.airspace.conftest import server_url
from tests.airspace.store_examples import START_S, STATISTICS, alert, reject
from tests.dashboards.browser import ARTIFACTS, CHROMIUM, Service, launch
from tests.servers.postgres import fresh_database

__all__ = ["server_url"]

ROWS = [("2026-04-30", 12, 3, 1), ("2026-05-01", 23, 4, 2), ("2026-05-02", 23, 0, 0), ("2026-03-01", 99, 9, 9)]
COUNT = (
    "insert into daily_statistics (day, definitions_version, flights, series, unauthorised, suspected)"
    " values (%s, 'v1', %s, %s, %s, %s)"
)


@pytest.fixture(scope="session")
def filled(server_url: str) -> Iterator[str]:
    """A few days, and alerts that are open and over."""
    with fresh_database(server_url) as url:
        asyncio.run(_fill(url))
        with psycopg.connect(url) as connection:
            for day, flights, unauthorised, suspected in ROWS:
                connection.execute(COUNT, (day, flights, flights - 2, unauthorised, suspected))
        yield url


@pytest.fixture(scope="session")
def every_day(server_url: str) -> Iterator[str]:
    """Two years, each day with its number in the year as flights."""
    with fresh_database(server_url) as url:
        asyncio.run(_migrate(url))
        with psycopg.connect(url) as connection:
            for number in range(730):
                day = date(2026, 1, 1) + timedelta(days=number)
                connection.execute(COUNT, (day, day.timetuple().tm_yday, 1, 0, 0))
        yield url


async def _migrate(url: str) -> None:
    async with await connect(url) as connection:
        await migrate(connection)


async def _fill(url: str) -> None:
    await _migrate(url)
    over = {"condition": Condition.GONE, "closed_s": START_S + 600.0, "ended_s": START_S + 500.0}
    async with Store.open(url, STATISTICS) as store:
        async with store.reading() as connection:
            await enrol(connection, ["grafana"])
            await connection.execute("insert into heartbeat (sensor, last) values ('north', now())")
            await connection.execute("insert into service_tick (time) values (now()) on conflict do nothing")
        await store.commit(
            Commit(alerts=(alert(), alert(1, "over"), alert(2, "over", state=AlertState.CLOSED, **over)))
        )
        await store.commit(Commit(rejects=(reject(),)))


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
