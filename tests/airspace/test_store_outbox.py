from __future__ import annotations

import asyncio

import pytest

from airspace.model.alert import AlertState
from airspace.model.commit import Commit
from airspace.model.ports import StoreUnavailable
from airspace.service.clock import wall_clock
from airspace.store.outbox import Outbox, enrol
from airspace.store.reads import close_leftovers, latest_records, leftover_alerts
from airspace.store.writer import Store
from tests.airspace.store_examples import START_S, STATISTICS, alert
from tests.servers.postgres import rows, scalar

LONG_S = 20.0  # far above what a notice takes: waiting that long is a failure


def revisions(lines: list[tuple[int, dict[str, object]]]) -> list[object]:
    return [line["revision"] for _, line in lines]


async def test_every_channel_reads_all_in_order_from_its_own_place(url: str) -> None:
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        for revision in (1, 2, 3):
            await store.commit(Commit(alerts=(alert(revision),)))
        first = await outbox.read("tak", 2)
        assert revisions(first) == [1, 2]
        assert await outbox.read("tak", 2) == first  # not yet done: the same again
        await outbox.done("tak", first[-1][0])
        assert revisions(await outbox.read("tak", 10)) == [3]
        assert revisions(await outbox.read("ntfy", 10)) == [1, 2, 3]
    async with Outbox.open(url) as outbox:  # the service starts again
        assert revisions(await outbox.read("tak", 10)) == [3]


async def test_a_place_never_goes_back_and_failures_are_counted(url: str) -> None:
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        await store.commit(Commit(alerts=(alert(1), alert(2))))
        lines = await outbox.read("tak", 10)
        await outbox.done("tak", lines[1][0])
        await outbox.done("tak", lines[0][0])
        assert await outbox.read("tak", 10) == []
        assert [await outbox.failed("tak"), await outbox.failed("tak")] == [1, 2]
        assert await outbox.read("tak", 10) == []
        await outbox.done("tak", lines[1][0])
        assert await outbox.failed("tak") == 1


async def test_a_commit_wakes_those_who_wait(url: str) -> None:
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as one, Outbox.open(url) as two:
        await one.read("tak", 1)
        await store.commit(Commit(alerts=(alert(1),)))  # between reading and waiting: not missed
        async with asyncio.timeout(LONG_S / 2):
            await one.wait(LONG_S)
        await two.read("ntfy", 1)
        waiting = asyncio.gather(one.wait(LONG_S), two.wait(LONG_S))
        await store.commit(Commit(alerts=(alert(2),)))
        async with asyncio.timeout(LONG_S / 2):
            await waiting
        assert revisions(await one.read("tak", 10)) == [1, 2]


async def test_waiting_ends_with_its_time(url: str) -> None:
    async with Store.open(url, STATISTICS), Outbox.open(url) as outbox:
        async with asyncio.timeout(LONG_S):
            await outbox.wait(0.01)


async def test_a_lost_connection_is_told_and_the_next_call_has_a_new_one(url: str) -> None:
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        await store.commit(Commit(alerts=(alert(1),)))
        await outbox.read("tak", 1)
        scalar(url, "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid() and"
                    " datname = current_database()")  # fmt: skip
        with pytest.raises(StoreUnavailable):
            await outbox.read("tak", 1)
        assert revisions(await outbox.read("tak", 1)) == [1]
        with pytest.raises(StoreUnavailable):
            await store.commit(Commit(alerts=(alert(2),)))
        assert (await store.commit(Commit(alerts=(alert(2),)))).alerts == 1


async def test_a_new_channel_begins_at_the_end_once_enrolled(url: str) -> None:
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        await store.commit(Commit(alerts=(alert(1),)))
        async with store.reading() as connection:
            await enrol(connection, ["tak", "ntfy"])
        await store.commit(Commit(alerts=(alert(2),)))
        async with store.reading() as connection:
            await enrol(connection, ["tak", "ntfy"])  # known by now: stays where it is
        assert revisions(await outbox.read("tak", 10)) == [2]


async def test_alerts_of_an_earlier_run_are_closed_through_the_outbox(url: str) -> None:
    told = (
        alert(1),
        alert(2, priority=20),
        alert(1, "a2", priority=90),
        alert(1, "a3"),
        alert(2, "a3", state=AlertState.CLOSED),
    )
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        await store.commit(Commit(alerts=told))
        await outbox.done("tak", (await outbox.read("tak", 10))[-1][0])
        async with store.reading() as connection:
            left = await leftover_alerts(connection)
            assert [(line["alert_id"], line["revision"]) for line in left] == [("a2", 1), ("a1", 2)]
            closed = await close_leftovers(connection, START_S + 3600)
            assert await leftover_alerts(connection) == []
            assert await close_leftovers(connection, START_S + 3600) == []
        assert [line for _, line in await outbox.read("tak", 10)] == closed
    assert [(line["alert_id"], line["revision"], line["state"], line["reason"], line["time"]) for line in closed] == [
        ("a1", 3, "closed", "service_restarted", "2026-05-01T19:00:00.000Z"),
        ("a2", 2, "closed", "service_restarted", "2026-05-01T19:00:00.000Z"),
    ]
    assert {(line["condition"], line["closed"]) for line in closed} == {("gone", "2026-05-01T19:00:00.000Z")}
    assert closed[0]["track_id"] == "t1"
    assert rows(url, "select count(*) from alert where state <> 'closed' or closed is null") == [(0,)]


async def test_two_episodes_of_an_alert_are_two_rows_and_two_ends(url: str) -> None:
    """The first waits for its outcome while the second is open; each has its own, and no revision comes twice."""
    told = (alert(1), alert(2, state=AlertState.UPDATED), alert(3, episode=2), alert(4, episode=1, outcome="fined"))
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(alerts=told))
        await store.commit(Commit(alerts=told))
        assert rows(url, "select episode, revision, line->>'outcome' from alert order by episode") == [
            (1, 4, "fined"),
            (2, 3, None),
        ]
        async with store.reading() as connection:
            closed = await close_leftovers(connection, START_S + 60)
            assert [(line["record_id"], line["revision"]) for line in closed] == [("a1.1", 5), ("a1.2", 6)]
            records = await latest_records(connection, START_S + 120, hours=12.0, limit=1)
            assert [line["alert_id"] for line in records] == ["a1"]
            assert await latest_records(connection, START_S + 60 + 12 * 3600 + 1, hours=12.0, limit=200) == []


async def test_what_stands_is_open_or_closed_lately(url: str) -> None:
    now_s = wall_clock()
    over = {"state": AlertState.CLOSED, "priority": 99}
    async with Store.open(url, STATISTICS) as store, Outbox.open(url) as outbox:
        await store.commit(
            Commit(
                alerts=(
                    alert(1, "low", priority=10),
                    alert(1, "high", priority=80),
                    alert(2, "high", priority=80),
                    alert(1, "lately", closed_s=now_s - 3600.0, time_s=now_s - 3600.0, **over),
                    alert(1, "long ago", closed_s=now_s - 100_000.0, time_s=now_s - 100_000.0, **over),
                )
            )
        )
        lines = await outbox.standing()
    assert [(line["alert_id"], line["revision"]) for line in lines] == [("high", 2), ("low", 1), ("lately", 1)]
