"""Servers for the store's tests: the embedded PostgreSQL always, a real TimescaleDB where one is named."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from airspace.store.database import connect
from airspace.store.embedded import embedded
from airspace.store.migrate import migrate
from tests.servers.postgres import fresh_database, truncate


@pytest.fixture(scope="session", params=["embedded", "timescale"])
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server; the same tests run on each kind."""
    if request.param == "timescale":
        yield _timescale_url()
        return
    folder = Path(tempfile.mkdtemp(prefix="airspace-test-"))
    try:
        with embedded(folder / "pg") as url:
            yield url
    finally:
        shutil.rmtree(folder)


def _timescale_url() -> str:
    url = os.environ.get("AIRSPACE_TEST_TIMESCALE")
    if url:
        return url
    missing = "AIRSPACE_TEST_TIMESCALE names no TimescaleDB: start one with tests/servers/timescale-up"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """A database without a schema."""
    with fresh_database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def _migrated_url(server_url: str) -> Iterator[str]:
    async def prepare(url: str) -> None:
        async with await connect(url) as connection:
            await migrate(connection)

    with fresh_database(server_url) as url:
        asyncio.run(prepare(url))
        yield url


@pytest.fixture
def url(_migrated_url: str) -> str:
    """A database with the schema and no rows."""
    truncate(_migrated_url)
    return _migrated_url
