from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from airspace.model.commit import Commit, Stored
from airspace.model.detection import texts
from airspace.model.log import Heartbeat
from airspace.model.message import RejectReason
from airspace.model.ports import StoreUnavailable
from airspace.model.track import Joined
from airspace.model.verdict import Kind, VerdictValue
from airspace.store.database import lock_writing
from airspace.store.statements import QUARANTINE_ROWS
from airspace.store.writer import Store
from tests.airspace.store_examples import (
    ENFORCEMENT,
    START_S,
    STATISTICS,
    alert,
    detections,
    flight,
    heard,
    reject,
    verdict,
)
from tests.servers.postgres import dump, rows, scalar

WHOLE = heard(
    detections(5),
    "f1",
    flights=(flight(),),
    verdicts=(verdict(),),
    alerts=(alert(1), alert(2)),
    rejects=(reject(1), reject(2, reason=RejectReason.NOT_REMOTE_ID)),
    heartbeats=(Heartbeat(sensor="north", logged_s=START_S, detail="fine"),),
)


async def test_what_is_delivered_again_is_stored_once(url: str) -> None:
    async with Store.open(url, ENFORCEMENT) as store:
        assert await store.commit(WHOLE) == Stored(detections=5, repeated=0, alerts=2, rejects=2)
        before = dump(url)
        assert await store.commit(WHOLE) == Stored(detections=0, repeated=5, alerts=0, rejects=0)
    assert dump(url) == before
    assert scalar(url, "select detections from daily_statistics") == 5
    assert scalar(url, "select sum(detections)::int from cell_day") == 5
    assert rows(url, "select reason, n from reject_count order by 1") == [("not_json", 1), ("not_remote_id", 1)]
    assert rows(url, "select reason from quarantine") == [("not_json",)]  # third-party frames are counted, never kept


async def test_whose_a_detection_was_may_turn_out_later(url: str) -> None:
    """A bearing waits for the tick; by then it is stored. A redelivery or a second word changes nothing."""
    unknown = detections(3, time_s=np.array([START_S + 0.123456, np.nan, START_S + 2.5]))
    content_ids = unknown.content_id.tolist()
    first = replace(heard(unknown), track_id=texts([None] * 3))
    told = [(START_S + 0.123456, content_ids[0], "t7", "f7"), (START_S + 1.0, content_ids[1], "t7", None)]
    later = Commit(
        joined=tuple(
            Joined(time_s=time_s, content_id=content_id, track_id=track_id, flight_id=flight_id)
            for time_s, content_id, track_id, flight_id in told
        )
    )
    other = replace(later, joined=(replace(later.joined[0], track_id="t8"),))
    async with Store.open(url, ENFORCEMENT) as store:
        for commit in (first, later, first, other):
            await store.commit(commit)
    found = rows(url, "select track_id, flight_id from detection order by time")
    assert found == [("t7", "f7"), ("t7", None), (None, None)]


async def test_where_a_bearing_was_taken_is_stored_where_places_are(url: str) -> None:
    bearing = detections(
        1, bearing_deg=np.array([12.5]), bearing_accuracy_deg=np.array([2.0]), sensor_latitude_deg=np.array([52.5])
    )
    async with Store.open(url, ENFORCEMENT) as store:
        await store.commit(heard(bearing))
    what = "bearing_deg, bearing_accuracy_deg, sensor_latitude_deg, sensor_longitude_deg"
    assert rows(url, f"select {what} from detection") == [(12.5, 2.0, 52.5, None)]


async def test_overlapping_batches_count_only_what_is_new(url: str) -> None:
    both = detections(8)
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(both.take(slice(0, 5))))
        assert await store.commit(heard(both)) == Stored(detections=3, repeated=5, alerts=0, rejects=0)
        twice = both.take(np.array([0, 0, 7]))
        assert (await store.commit(heard(twice))).repeated == 3
    assert scalar(url, "select sum(detections)::int from cell_day") == 8


async def test_nothing_to_store_is_no_transaction(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        assert await store.commit(Commit()) == Stored(detections=0, repeated=0, alerts=0, rejects=0)


async def test_unknown_is_null_and_codes_are_words(url: str) -> None:
    one = detections(1, latitude_deg=np.array([np.nan]), longitude_deg=np.array([np.nan]))
    async with Store.open(url, ENFORCEMENT) as store:
        await store.commit(heard(one.replace(speed_m_s=np.array([12.5]), eu_class=np.array([2], dtype=np.int8))))
    found = rows(
        url,
        "select extract(epoch from time)::float8, source, transport, status, ua_type, eu_class, cell, latitude_deg,"
        " height_m, speed_m_s, uas_id, flight_id, pseudonym from detection",
    )
    assert found == [(START_S, "remote_id", "ble5", "airborne", None, "C1", None, None, None, 12.5, None, None, None)]


async def test_the_messages_own_time_stands_where_it_has_one(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(detections(2, time_s=np.array([START_S - 7.125, np.nan]))))
    found = rows(url, "select extract(epoch from time - received)::float8 from detection order by received")
    assert found == [(-7.125,), (0.0,)]


@pytest.mark.parametrize("values", [["suspected", "violation"], ["violation", "suspected"], ["violation", "allowed"]])
@pytest.mark.parametrize("together", [True, False])
async def test_a_stronger_verdict_replaces_a_weaker_never_the_reverse(
    url: str, values: list[str], *, together: bool
) -> None:
    told = [
        verdict(VerdictValue(value), logged_s=START_S + number, zone_id=f"zone of {value}")
        for number, value in enumerate(values)
    ]
    async with Store.open(url, STATISTICS) as store:
        for some in [told] if together else [[one] for one in told]:
            await store.commit(Commit(flights=(flight(),), verdicts=tuple(some)))
    last = START_S + (0 if "allowed" in values else 1)
    found = rows(
        url,
        "select verdict, zone_id, extract(epoch from first)::float8, extract(epoch from last)::float8 from violation",
    )
    assert found == [("violation", "zone of violation", START_S, last)]


async def test_verdicts_without_a_flight_and_situations_break_no_rule(url: str) -> None:
    told = (verdict(flight_id=None), verdict(VerdictValue.SITUATION, kind=Kind.COVERAGE))
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(verdicts=told))
    assert scalar(url, "select count(*) from violation") == 0


async def test_older_news_of_a_flight_never_replaces_newer(url: str) -> None:
    newer = flight(last_s=START_S + 90, detections=90, ended=True, highest_m=80.0)
    async with Store.open(url, STATISTICS) as store:
        for news in (newer, flight(suspect=True, highest_m=10.0)):
            await store.commit(Commit(flights=(news,)))
    found = rows(url, "select detections, ended, suspect, highest_m from flight")
    assert found == [(90, True, False, 80.0)]


async def test_a_flight_takes_the_pseudonym_it_is_heard_under(url: str) -> None:
    named = detections(2, uas_id=texts([None, "SERIAL"]))
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(detections(2, "before"), "f1", flights=(flight(),)))
        await store.commit(heard(named, "f1"))
    assert scalar(url, "select pseudonym from flight") == STATISTICS.pseudonym("uas", "SERIAL")


async def test_the_first_telling_of_a_revision_stands(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(alerts=(alert(2), alert(1))))
        again = await store.commit(Commit(alerts=(alert(2, sentence_en="another"), alert(1, priority=1))))
    assert again.alerts == 0
    assert rows(url, "select revision, line->>'sentence_en' from outbox order by 1") == [
        (1, "Telling 1"),
        (2, "Telling 2"),
    ]
    assert rows(url, "select revision, priority, line->>'sentence_en' from alert") == [(2, 70, "Telling 2")]


@pytest.mark.parametrize(
    "column",
    [
        {"uas_id": texts([None, None, "nul \0 in it", None, None])},
        {"received_s": START_S + np.array([0, 1, 1e20, 3, 4])},
        {"height_m": np.array([0, 1, 1e300, 3, 4])},
        {"sensor": texts(["north", "north", None, "north", "north"])},
        {"sensor": texts(["north", "north", "half \ud800 a pair", "north", "north"])},
        {"source": np.array([1, 1, 99, 1, 1], dtype=np.int8)},
    ],
    ids=["nul", "time", "range", "null", "surrogate", "code"],
)
async def test_a_row_the_database_refuses_holds_up_nobody(url: str, column: dict[str, Any]) -> None:
    commit = heard(detections(5, **column), "f1", flights=(flight(),), alerts=(alert(),), rejects=(reject(),))
    async with Store.open(url, ENFORCEMENT) as store:
        assert await store.commit(commit) == Stored(detections=4, repeated=0, alerts=1, rejects=2)
        assert await store.commit(commit) == Stored(detections=0, repeated=4, alerts=0, rejects=0)
        assert (await store.commit(heard(detections(5, "next")))).detections == 5
    assert scalar(url, "select detections from daily_statistics") == 9
    assert scalar(url, "select flights from daily_statistics") == 1
    assert rows(url, "select reason, place, detail like 'detection: %' from quarantine order by id") == [
        ("wrong_type", "store", True),
        ("not_json", "sensors/north 0", False),
    ]


@pytest.mark.parametrize(
    "commit",
    [
        Commit(flights=(flight("nul \0"),)),
        Commit(verdicts=(verdict(rule="nul \0"),)),
        Commit(alerts=(alert(evidence={"object": object()}),)),
        Commit(rejects=(reject(detail="nul \0", received_s=float("nan")),)),
        Commit(heartbeats=(Heartbeat(sensor="nul \0", logged_s=START_S),)),
    ],
    ids=["flight", "verdict", "alert", "reject", "heartbeat"],
)
async def test_any_item_can_be_refused_alone(url: str, commit: Commit) -> None:
    async with Store.open(url, ENFORCEMENT) as store:
        assert (await store.commit(commit)).rejects == 1
    assert rows(url, "select reason, place from quarantine") == [("wrong_type", "store")]


async def test_quarantine_keeps_the_newest_only(url: str) -> None:
    async with Store.open(url, ENFORCEMENT) as store:
        for lot in range(3):
            await store.commit(Commit(rejects=tuple(reject(lot * 6000 + number) for number in range(6000))))
        assert (await store.commit(Commit(rejects=tuple(reject(100_000 + number) for number in range(11_000))))).rejects
    kept = rows(url, "select count(*), min(detail), max(detail) from quarantine")
    assert kept == [(QUARANTINE_ROWS, "line 101000", "line 110999")]
    assert scalar(url, "select sum(n)::int from reject_count") == 29_000


async def test_invented_sensor_names_fill_no_table(url: str) -> None:
    invented = tuple(reject(n, sensor=f"name {n}", reason=RejectReason.SENSOR_UNKNOWN) for n in range(50))
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(rejects=invented))
    assert rows(url, "select sensor, n from reject_count") == [("", 50)]


async def test_a_backend_killed_in_mid_commit_stores_nothing_and_the_retry_all(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(detections(1, "before")))
        blocker = await psycopg.AsyncConnection.connect(url)
        watcher = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with blocker, watcher:
            await blocker.execute("lock table outbox in exclusive mode")
            commit = asyncio.create_task(store.commit(WHOLE))
            killed = 0
            while not killed:  # until the commit has written its detections and waits for the outbox
                cursor = await watcher.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'"
                )
                killed = len(await cursor.fetchall())
                assert not commit.done()
            with pytest.raises(StoreUnavailable):
                await commit
            await blocker.rollback()
        assert scalar(url, "select count(*) from detection") == 1
        assert await store.commit(WHOLE) == Stored(detections=5, repeated=0, alerts=2, rejects=2)
    assert scalar(url, "select count(*) from detection") == 6


async def test_a_cancelled_commit_leaves_the_store_usable(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        async with await psycopg.AsyncConnection.connect(url) as blocker:
            await blocker.execute("lock table outbox in exclusive mode")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.commit(WHOLE), 0.3)
        assert (await store.commit(WHOLE)).detections == 5


async def test_one_writer_at_a_time(url: str) -> None:
    """Else a reader of the outbox could pass over an id that is committed after a greater one."""
    async with Store.open(url, STATISTICS) as store, store.reading() as other, store.reading() as watcher:
        async with other.transaction():
            await lock_writing(other)
            commit = asyncio.create_task(store.commit(WHOLE))
            waiting = None
            while waiting is None:
                cursor = await watcher.execute(
                    "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
                )
                waiting = await cursor.fetchone()
                assert not commit.done()
        assert (await commit).detections == 5


async def test_two_writers_do_not_disturb_each_other(url: str) -> None:
    async with Store.open(url, STATISTICS) as one, Store.open(url, STATISTICS) as two:
        await asyncio.gather(
            *(
                store.commit(heard(detections(3, f"{lot}"), f"f{lot}", flights=(flight(f"f{lot}"),)))
                for store in (one, two)
                for lot in range(6)
            )
        )
    assert rows(url, "select flights, detections from daily_statistics") == [(6, 18)]


async def test_no_server_is_unavailable_not_an_error_of_the_commit() -> None:
    with pytest.raises(StoreUnavailable):
        async with Store.open("postgresql://postgres@127.0.0.1:1/nowhere", STATISTICS):
            pass
