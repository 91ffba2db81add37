"""Series of flights in the store: what is kept day by day is what the pure function says of all flights."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pytest

from airspace.model.commit import Commit
from airspace.model.detection import texts
from airspace.model.track import Flight
from airspace.model.units import epoch_s
from airspace.store.cells import NO_CELL, area_of
from airspace.store.database import LOCAL_ZONE, connect
from airspace.store.migrate import migrate
from airspace.store.statistics import daily, monthly, recompute
from airspace.store.writer import Store
from airspace.tracking.series import Stay, series_of
from tests.airspace.store_examples import START_S, STATISTICS, detections, flight, heard
from tests.servers.postgres import dump, rows

FIRST_S = epoch_s("2026-10-24T06:00:00Z")
PERIOD = (date(2026, 10, 20), date(2026, 10, 31))
PLACES = [(52.31, 4.94), (52.311, 4.941), (52.60, 4.94)]  # two in one square of 5 km, one in another
HOUR_S = 3600.0


def _news(flight_id: str, start_s: float, *, drone: str | None, operator: str | None, place: int | None) -> Commit:
    """One detection of a flight: what it says of whose and where, with the flight as it stands."""
    latitude, longitude = (np.nan, np.nan) if place is None else PLACES[place]
    row = detections(
        1,
        f"{flight_id} {drone} {operator} {place}",
        start_s,
        uas_id=texts([drone]),
        operator_id=texts([operator]),
        latitude_deg=np.array([latitude]),
        longitude_deg=np.array([longitude]),
    )
    return heard(row, flight_id)


def _evening(seed: int) -> list[Commit]:
    """Flights over three days of few parties: they grow, become known late, turn suspect; batches come again."""
    dice = random.Random(seed)
    starts = {f"f{number}": FIRST_S + dice.uniform(0, 40) * 1800.0 for number in range(24)}
    owner = {name: (f"drone {dice.randint(0, 3)}", dice.choice([None, "operator 1"])) for name in starts}
    commits: list[Commit] = []
    for lot in range(60):
        name = dice.choice(sorted(starts))
        news = flight(
            name,
            starts[name],
            last_s=starts[name] + 60.0 * lot,
            detections=lot,
            counted=dice.random() < 0.9,
            suspect=dice.random() < 0.1,
        )
        commits.append(Commit(flights=(news,)))
        drone, operator = (one if dice.random() < 0.4 else None for one in owner[name])
        place = dice.choice([None, None, int(name[1:]) % len(PLACES)])
        commits.append(_news(name, starts[name], drone=drone, operator=operator, place=place))
        if dice.random() < 0.2:
            commits.append(dice.choice(commits))
    return commits


def _expected(commits: list[Commit]) -> dict[date, int]:
    """From the flights as they stand in the end, and whose and where they were first said to be."""
    flights: dict[str, Flight] = {}
    known: dict[str, dict[str, object]] = {}
    for commit in commits:
        for news in commit.flights:
            held = flights.get(news.flight_id)
            if held is None or (news.last_s, news.detections) >= (held.last_s, held.detections):
                flights[news.flight_id] = news
        if len(commit.detections) and (name := commit.flight_id[0]) in flights:
            area = int(area_of(commit.detections.latitude_deg, commit.detections.longitude_deg)[0])
            told = {
                "drone": commit.detections.uas_id[0],
                "operator": commit.detections.operator_id[0],
                "area": None if area == NO_CELL else area,
            }
            facts = known.setdefault(name, {})
            facts.update({what: value for what, value in told.items() if value is not None and what not in facts})
    stays = [
        Stay(
            flight_id=name,
            party=known.get(name, {}).get("operator") or known.get(name, {}).get("drone") or name,
            area=known.get(name, {}).get("area"),
            started_s=news.started_s,
            last_s=news.last_s,
        )
        for name, news in flights.items()
        if news.counted and not news.suspect
    ]
    starts = (datetime.fromtimestamp(one.started_s, UTC).astimezone(ZoneInfo(LOCAL_ZONE)) for one in series_of(stays))
    return dict(Counter(start.date() for start in starts))


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_kept_is_what_the_pure_function_and_the_recompute_say(url: str, seed: int) -> None:
    commits = _evening(seed)
    async with Store.open(url, STATISTICS) as store:
        for commit in commits:
            await store.commit(commit)
        async with store.reading() as connection:
            found = await daily(connection, *PERIOD)
            assert found == [await recompute(connection, day.starts) for day in found]
            (month,) = await monthly(connection, *PERIOD)
    kept = {day.starts: day.series for day in found if day.series}
    expected = _expected(commits)
    assert kept == expected
    assert month.series == sum(expected.values())
    assert 1 < sum(expected.values()) < sum(day.flights or 0 for day in found)  # or the example would prove nothing


@pytest.mark.parametrize(
    ("gap_s", "other", "series"),
    [
        (HOUR_S, {}, 1),
        (HOUR_S + 1, {}, 2),
        (60.0, {"place": 1}, 1),
        (60.0, {"place": 2}, 2),
        (60.0, {"drone": "another"}, 2),
        (60.0, {"drone": "another", "operator": "same"}, 1),
        (60.0, {"drone": None}, 2),
    ],
)
async def test_one_party_one_area_no_hour_between(url: str, gap_s: float, other: dict[str, Any], series: int) -> None:
    mine: dict[str, Any] = {"drone": "mine", "operator": other.get("operator"), "place": 0}
    later = START_S + 60.0 + gap_s
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(flights=(flight("f2", later), flight("f1"))))
        assert rows(url, "select flights, series from daily_statistics") == [(2, 2)]  # of nobody known yet
        await store.commit(_news("f2", later, **(mine | other)))
        await store.commit(_news("f1", START_S, **mine))
    assert rows(url, "select series from daily_statistics where flights > 0") == [(series,)]
    assert "mine" not in dump(url)


async def test_a_flight_that_turns_out_to_be_of_another_party_leaves_a_series_behind(url: str) -> None:
    later = START_S + 600.0
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(flights=(flight("f1"), flight("f2", later))))
        for name, start_s in (("f1", START_S), ("f2", later)):
            await store.commit(_news(name, start_s, drone="mine", operator=None, place=0))
        assert rows(url, "select series from daily_statistics where flights > 0") == [(1,)]
        await store.commit(_news("f1", START_S, drone="mine", operator="somebody", place=0))
    assert rows(url, "select series from daily_statistics where flights > 0") == [(2,)]


async def test_a_series_over_midnight_belongs_to_the_day_it_began(url: str) -> None:
    midnight_s = epoch_s("2026-05-01T22:00:00Z")
    async with Store.open(url, STATISTICS) as store:
        for name, start_s in (("f1", midnight_s - 600.0), ("f2", midnight_s + 600.0)):
            await store.commit(Commit(flights=(flight(name, start_s),)))
            await store.commit(_news(name, start_s, drone="mine", operator=None, place=0))
    query = "select day, flights, series from daily_statistics where flights > 0 order by day"
    assert rows(url, query) == [(date(2026, 5, 1), 1, 1), (date(2026, 5, 2), 1, 0)]


async def test_a_database_of_before_gets_the_series_of_the_flights_it_holds(empty_url: str) -> None:
    async with Store.open(empty_url, STATISTICS) as store:
        for name, start_s in (("f1", START_S), ("f2", START_S + HOUR_S), ("f3", START_S + 3 * HOUR_S)):
            await store.commit(Commit(flights=(flight(name, start_s),)))
            await store.commit(_news(name, start_s, drone="mine", operator=None, place=None))
    with psycopg.connect(empty_url) as connection:
        connection.execute(
            "drop schema statistics cascade; drop view series_start;"
            " alter table flight drop column party, drop column operator_pseudonym,"
            " drop column area, drop column opens_series; alter table daily_statistics drop column series;"
            " delete from migration where name like '0006%' or name like '0009%'"
        )
    async with await connect(empty_url) as connection:
        assert await migrate(connection) == ["0006_series.sql", "0009_statistics_views.sql", "readers"]
    assert rows(empty_url, "select flights, series from daily_statistics") == [(3, 2)]
