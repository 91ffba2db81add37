from __future__ import annotations

import asyncio

import numpy as np
import pytest

from airspace.model.alert import AlertState
from airspace.model.commit import Commit
from airspace.store.database import connect
from airspace.store.migrate import HYPERTABLE, is_hypertable, migrate, newer_steps
from airspace.store.retention import Retention, sweep
from airspace.store.writer import Store
from tests.airspace.store_examples import START_S, STATISTICS, alert, detections, flight, heard, reject, verdict
from tests.servers.postgres import rows, scalar

HOUR_S = 3600.0
DAY_S = 86_400.0


async def test_migrations_run_once_in_order(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        done = await migrate(connection)
        assert [name[:5] for name in done[:4]] == ["0001_", "0002_", "0003_", "0004_"]
        assert (HYPERTABLE in done) == await is_hypertable(connection)
        assert await migrate(connection) == []


async def test_steps_of_a_newer_version_are_named(empty_url: str) -> None:
    async with await connect(empty_url) as connection:
        await migrate(connection)
        assert await newer_steps(connection) == []
        await connection.execute("insert into migration (name) values ('0999_later.sql')")
        assert await newer_steps(connection) == ["0999_later.sql"]
        assert await migrate(connection) == []


async def test_several_starting_at_once_migrate_once(empty_url: str) -> None:
    async def start() -> list[str]:
        async with await connect(empty_url) as connection:
            return await migrate(connection)

    done = await asyncio.gather(*(start() for _ in range(4)))
    names = [name for names in done for name in names]
    assert len(names) == len(set(names)) >= 4


async def test_a_hypertable_exactly_where_timescale_is(url: str, request: pytest.FixtureRequest) -> None:
    async with await connect(url) as connection:
        assert await is_hypertable(connection) == ("[timescale" in request.node.name)


async def test_retention_forgets_what_is_over_its_time_and_keeps_the_figures(url: str) -> None:
    now_s = START_S + 60 * DAY_S
    ages_s = np.array([1, 71, 73, 24 * 10, 24 * 40, 24 * 59]) * HOUR_S
    raw = detections(6, received_s=now_s - ages_s, logged_s=now_s - ages_s)
    closed = alert(2, "old", state=AlertState.CLOSED, time_s=now_s - 29 * DAY_S)
    recent = alert(2, "recent", state=AlertState.CLOSED, time_s=now_s - 27 * DAY_S)
    old = flight("old", now_s - 400 * DAY_S)
    async with Store.open(url, STATISTICS) as store:
        await store.commit(
            heard(
                raw,
                flights=(flight(), old),
                verdicts=(verdict(), verdict(flight_id="old")),
                alerts=(alert(1, "old"), closed, recent, alert(1, "open")),
                rejects=(reject(), reject(1, received_s=now_s)),
            )
        )
        before = rows(url, "select * from daily_statistics order by 1")
        async with store.reading() as connection:
            swept = await sweep(connection, now_s, Retention())
            assert (await sweep(connection, now_s, Retention())).detections == 0
    assert scalar(url, "select count(*) from detection") == 2
    assert swept.detections <= 4  # chunks dropped whole are not counted
    assert (swept.alerts, swept.flights, swept.quarantined) == (1, 1, 1)
    assert rows(url, "select alert_id from alert order by 1") == [("open",), ("recent",)]
    assert rows(url, "select distinct alert_id from outbox order by 1") == [("open",), ("recent",)]
    assert rows(url, "select flight_id from violation") == [("f1",)]
    assert rows(url, "select * from daily_statistics order by 1") == before


@pytest.mark.parametrize("ahead_s", [0.0, -4 * DAY_S, -1024 * 7 * DAY_S, 0.9 * DAY_S, 90 * DAY_S])
async def test_retention_goes_by_when_it_was_logged_whatever_the_sensors_clock_said(url: str, ahead_s: float) -> None:
    now_s = START_S + 4 * DAY_S
    ages_s = np.array([0, 1, 71, 73]) * HOUR_S
    raw = detections(4, logged_s=now_s - ages_s, received_s=now_s - ages_s + ahead_s)
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(raw))
        async with store.reading() as connection:
            await sweep(connection, now_s, Retention())
    assert rows(url, f"select extract(epoch from logged)::float8 - {now_s} from detection order by 1") == [
        (-71 * HOUR_S,),
        (-HOUR_S,),
        (0.0,),
    ]


async def test_a_late_repeat_of_a_forgotten_flight_counts_it_as_new(url: str) -> None:
    """What is forgotten cannot be recognised: only deliveries older than the retention could ever do this."""
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(flights=(flight(),)))
        async with store.reading() as connection:
            await sweep(connection, START_S + 400 * DAY_S, Retention())
        await store.commit(Commit(flights=(flight(),)))
    assert rows(url, "select flights from daily_statistics") == [(2,)]


_DROP_ALL = """do $$ declare name text; begin
for name in select tablename from pg_tables where schemaname = 'public' loop
    execute format('drop table %I cascade', name);
end loop; end $$"""


async def test_tables_that_were_dropped_alone_are_made_again(empty_url: str) -> None:
    """The functions of a schema outlive its tables."""
    async with Store.open(empty_url, STATISTICS):
        pass
    rows_of = "select tablename from pg_tables where schemaname = 'public' order by 1"
    before = rows(empty_url, rows_of)
    async with await connect(empty_url) as connection:
        await connection.execute(_DROP_ALL.encode())
    assert rows(empty_url, rows_of) == []
    async with Store.open(empty_url, STATISTICS) as store:
        await store.commit(heard(detections(1)))
    assert rows(empty_url, rows_of) == before
