"""What was followed live and what its past says, together: counted once, on its day; and what is no past at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from airspace.model.commit import Commit
from airspace.model.detection import Flag, texts
from airspace.model.verdict import VerdictValue
from airspace.store.retention import Retention, sweep
from airspace.store.statistics import daily, recompute
from airspace.store.writer import Store
from tests.airspace.store_examples import STATISTICS, flight, heard, verdict
from tests.airspace.test_past_flights import CAME_S, FRIDAY, NIGHT_S, SATURDAY, backlog, by_day, counted, unflown
from tests.servers.postgres import rows, truncate


def live(flight_id: str, start_s: float, n: int = 60, **changes: Any) -> Commit:
    """The same drone as the picture follows it."""
    heard_rows = backlog("1ZZZ5AAAAA", start_s, n, flags=np.zeros(n, dtype=np.int64), logged_s=start_s + n)
    news = flight(flight_id, start_s, last_s=start_s + n - 1, detections=n)
    return heard(heard_rows, flight_id, flights=(replace(news, **changes),))


def old(start_s: float, n: int = 60, **columns: Any) -> Commit:
    return unflown(backlog("1ZZZ5AAAAA", start_s, n, **columns))


@pytest.mark.parametrize(
    ("commits", "shown"),
    [
        ([old(NIGHT_S, 300), live("f1", NIGHT_S + 310, 2, counted=False)], (NIGHT_S, NIGHT_S + 311, 302)),
        ([old(NIGHT_S, 2), live("f1", NIGHT_S + 10, 1, counted=False)], (NIGHT_S, NIGHT_S + 10, 3)),
        ([old(NIGHT_S, 280), old(NIGHT_S + 351, 240)], (NIGHT_S, NIGHT_S + 590, 520)),
        ([old(NIGHT_S, 280), live("f1", NIGHT_S + 350), old(NIGHT_S + 420)], (NIGHT_S, NIGHT_S + 479, 400)),
        ([live("f1", NIGHT_S), live("f2", NIGHT_S + 500), old(NIGHT_S + 60, 440)], (NIGHT_S, NIGHT_S + 559, 560)),
    ],
    ids=["counted by its past", "counted by both", "in two parts", "live between", "the link broke in flight"],
)
async def test_one_flight_is_counted_once(url: str, commits: list[Commit], shown: tuple[float, float, int]) -> None:
    for order in permutations(commits):
        truncate(url)
        async with Store.open(url, STATISTICS) as store:
            for commit in order:
                await store.commit(commit)
                await counted(store)
                await by_day(store)
            assert await by_day(store) == {FRIDAY: (1, 1)}
        spans = "select extract(epoch from started)::float8, extract(epoch from last)::float8, detections::int8"
        assert rows(url, f"{spans} from flight where counted") == [shown]


async def test_news_of_a_flight_is_taken_though_its_past_goes_on_later(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(live("f1", NIGHT_S, highest_m=20.0))
        await store.commit(old(NIGHT_S + 70, 100))
        await counted(store)
        ends = flight("f1", NIGHT_S, last_s=NIGHT_S + 80, detections=80, ended=True, suspect=True, highest_m=99.0)
        await store.commit(Commit(flights=(ends,)))
        async with store.reading() as connection:
            (day,) = await daily(connection, FRIDAY, SATURDAY)
            assert await recompute(connection, FRIDAY) == day
    assert (day.flights, day.spoof_suspect, day.series) == (0, 1, 0)
    shown = "ended, suspect, detections::int8, highest_m, extract(epoch from last)::float8"
    assert rows(url, f"select {shown} from flight where counted") == [(True, True, 180, 99.0, NIGHT_S + 169)]


async def test_a_flight_is_in_the_class_of_the_strongest_of_what_any_part_broke(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(live("f1", NIGHT_S))
        await store.commit(live("f2", NIGHT_S + 500))
        await store.commit(Commit(verdicts=(verdict(VerdictValue.SUSPECTED, "f1"),)))
        await store.commit(old(NIGHT_S + 60, 440))
        await counted(store)
        await store.commit(Commit(verdicts=(verdict(VerdictValue.VIOLATION, "f2"),)))
        async with store.reading() as connection:
            (day,) = await daily(connection, FRIDAY, FRIDAY)
            (of_zone,) = await daily(connection, FRIDAY, FRIDAY, "EHAM-CTR")
            assert await recompute(connection, FRIDAY) == day
    assert (day.flights, day.unauthorised, day.suspected) == (1, 1, 0)
    assert (of_zone.unauthorised, of_zone.suspected) == (1, 0)


async def test_a_flight_stays_on_its_day_when_its_rows_are_forgotten_and_more_comes(url: str) -> None:
    midnight_s, settings = NIGHT_S + 3600, Retention()
    async with Store.open(url, STATISTICS) as store:
        await store.commit(old(midnight_s - 300, 300))
        await store.commit(old(midnight_s, 2, logged_s=CAME_S + 3600))
        await counted(store)
        async with store.reading() as connection:
            assert (await sweep(connection, CAME_S + 72.5 * 3600, settings)).detections == 300
        await store.commit(old(midnight_s + 40 * 3600, logged_s=CAME_S + 73 * 3600))
        await counted(store)
        async with store.reading() as connection:
            found = {day.starts: day.flights for day in await daily(connection, FRIDAY, date(2026, 5, 3))}
    assert found == {FRIDAY: 1, SATURDAY: 0, date(2026, 5, 3): 1}


@pytest.mark.parametrize(("days", "is_counted"), [(13.9, True), (14.1, False), (3650.0, False)])
@pytest.mark.parametrize("stale", [Flag.STALE, Flag(0)])
async def test_what_is_older_than_a_broker_keeps_is_stored_told_and_counted_nowhere(
    url: str,
    days: float,
    is_counted: bool,  # noqa: FBT001
    stale: Flag,
) -> None:
    flags = np.full(60, int(stale), dtype=np.int64)
    async with Store.open(url, STATISTICS) as store:
        for _ in range(2):
            await store.commit(old(NIGHT_S, logged_s=NIGHT_S + days * 86_400, flags=flags))
            await counted(store)
        found = await by_day(store)
    assert found == ({FRIDAY: (1, 1) if stale else (0, 0)} if is_counted else {})
    assert rows(url, "select count(*) from detection") == [(60,)]
    told = [] if is_counted else [("north", "older_than_kept", 60)]
    assert rows(url, "select sensor, reason, n from statistics.refused") == told
    assert rows(url, "select sum(detections)::int from cell_day") == [(60 if is_counted else None,)]


@pytest.mark.parametrize("behind_s", [-7200.0, 3600.0, 4 * 86_400.0, 1024 * 7 * 86_400.0])
@pytest.mark.parametrize("more", [Flag(0), Flag.STALE])
async def test_rows_of_a_wrong_clock_are_no_past_and_of_the_day_they_came(
    url: str, behind_s: float, more: Flag
) -> None:
    logged_s = NIGHT_S + np.arange(60.0)
    flags = np.full(60, int(Flag.CLOCK_OF_SENSOR | more), dtype=np.int64)
    rows_of_it = backlog("1ZZZ5AAAAA", NIGHT_S - behind_s, flags=flags).replace(logged_s=logged_s)
    async with Store.open(url, STATISTICS) as store:
        await store.commit(unflown(rows_of_it))
        await counted(store)
        async with store.reading() as connection:
            assert (await recompute(connection, FRIDAY)).detections == 60
    assert rows(url, "select day, flights::int, detections::int from daily_statistics") == [(FRIDAY, 0, 60)]
    assert rows(url, "select count(*) from flight") == [(0,)]
    assert rows(url, "select count(*) from detection where of_the_past") == [(0,)]


@pytest.mark.parametrize(
    ("differs", "is_past"),
    [
        ({}, False),
        ({"lag_s": 86_409.0}, False),
        ({"lag_s": 86_420.0}, True),  # another lag: it goes on live, and this was a backlog
        ({"sensor": "south"}, True),
        ({"serial": "1ZZZ5BBBBB"}, True),
        ({"after_s": 75.0}, True),
    ],
)
async def test_rows_that_looked_old_until_a_clock_was_known_as_wrong_are_no_flight(
    url: str,
    differs: dict[str, Any],
    is_past: bool,  # noqa: FBT001
) -> None:
    known: dict[str, Any] = {"lag_s": 86_400.0, "sensor": "north", "serial": "1ZZZ5AAAAA", "after_s": 12.0} | differs
    logged_s = NIGHT_S + np.arange(11.0)
    doubted = backlog("1ZZZ5AAAAA", NIGHT_S - 86_400.0, 11).replace(logged_s=logged_s)
    later_s = NIGHT_S + known["after_s"] + np.arange(10.0)
    found = backlog(known["serial"], 0.0, 10, flags=np.full(10, int(Flag.CLOCK_OF_SENSOR), dtype=np.int64))
    found = found.replace(received_s=later_s - known["lag_s"], logged_s=later_s, sensor=texts([known["sensor"]] * 10))
    async with Store.open(url, STATISTICS) as store:
        await store.commit(unflown(doubted))
        await store.commit(unflown(found))
        await counted(store)
        async with store.reading() as connection:
            for day in await daily(connection, date(2026, 4, 29), SATURDAY):
                assert await recompute(connection, day.starts) == day
    figures = {day: figure for day, figure in rows(url, "select day, detections::int from daily_statistics") if figure}
    assert figures == ({date(2026, 4, 30): 11, FRIDAY: 10} if is_past else {FRIDAY: 21})
    assert rows(url, "select count(*)::int from flight where counted") == [(int(is_past),)]
