"""Flights of a backlog: counted on the day on which they flew, once, however and in whatever order their rows come."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.commit import Commit
from airspace.model.detection import Detections, Flag, Source, Status, texts
from airspace.model.log import Batch
from airspace.model.privacy import Privacy
from airspace.model.units import epoch_s
from airspace.store import past
from airspace.store.statistics import daily, recompute
from airspace.store.writer import Store
from airspace.tracking import underway
from airspace.tracking.flights import GAP_S, flies
from airspace.tracking.picture import Picture
from tests.airspace.rows import rows as tracked
from tests.airspace.store_examples import ENFORCEMENT, STATISTICS, content_id, flight, heard
from tests.servers.postgres import dump, rows

NIGHT_S = epoch_s("2026-05-01T21:00:00Z")  # 23:00 in Amsterdam
CAME_S = NIGHT_S + 8 * 3600.0
FRIDAY, SATURDAY = date(2026, 5, 1), date(2026, 5, 2)


def backlog(serial: str | None, start_s: float, n: int = 60, logged_s: float = CAME_S, **columns: Any) -> Detections:
    """A drone in the air, a row a second, as it comes out of a queue."""
    received_s = start_s + np.arange(n, dtype=np.float64)
    known: dict[str, Any] = {
        "received_s": received_s,
        "logged_s": np.full(n, logged_s),
        "source": np.full(n, Source.REMOTE_ID, dtype=np.int8),
        "status": np.full(n, Status.AIRBORNE, dtype=np.int8),
        "sensor": texts(["north"] * n),
        "uas_id": texts([serial] * n),
        "content_id": texts([content_id((serial, at_s)) for at_s in received_s.tolist()]),
        "latitude_deg": np.full(n, 52.31),
        "longitude_deg": np.full(n, 4.94),
        "height_m": np.full(n, 40.0),
        "flags": np.full(n, int(Flag.STALE), dtype=np.int64),
    }
    return Detections.build(n, **(known | columns))


def unflown(detections: Detections) -> Commit:
    n = len(detections)
    return Commit(detections=detections, track_id=texts([None] * n), flight_id=texts([None] * n))


async def counted(store: Store, privacy: Privacy = STATISTICS) -> None:
    async with store.reading() as connection:
        while await past.count(connection, privacy, quiet_s=0.0):
            pass


async def by_day(store: Store) -> dict[date, tuple[int | None, int | None]]:
    """Flights and series, and that they are what a count of everything gives."""
    async with store.reading() as connection:
        days = await daily(connection, FRIDAY, SATURDAY)
        for day in days:
            assert await recompute(connection, day.starts) == day
    return {day.starts: (day.flights, day.series) for day in days}


NIGHT = (
    backlog("1ZZZ5AAAAA", NIGHT_S),  # Friday
    backlog("1ZZZ5AAAAA", NIGHT_S + 200),  # goes on: a gap under five minutes
    backlog("1ZZZ5AAAAA", NIGHT_S + 2 * 3600),  # Saturday
    backlog("1ZZZ5BBBBB", NIGHT_S + 3500),  # begins on Friday, ends on Saturday
    backlog("1ZZZ5BBBBB", NIGHT_S + 3560, 200),
    backlog("1ZZZ5CCCCC", NIGHT_S, 2),  # two rows are no flight
    backlog("1ZZZ5DDDDD", NIGHT_S, status=np.full(60, Status.GROUND, dtype=np.int8)),
    backlog("1ZZZ5EEEEE", NIGHT_S, flags=np.full(60, int(Flag.STALE | Flag.TEST_TRANSMITTER), dtype=np.int64)),
    backlog("484506", NIGHT_S, source=np.full(60, Source.ADSB, dtype=np.int8)),
    backlog(None, NIGHT_S),
)


@pytest.mark.parametrize("privacy", [STATISTICS, ENFORCEMENT], ids=["statistics", "enforcement"])
@pytest.mark.parametrize("order", ["as flown", "backwards", "row by row, twice", "counted between"])
async def test_a_night_is_counted_on_its_own_days(url: str, privacy: Privacy, order: str) -> None:
    parts = list(NIGHT[::-1] if order == "backwards" else NIGHT)
    if order == "row by row, twice":
        parts = [part.take(slice(row, row + 7)) for part in NIGHT for row in range(0, len(part), 7)] * 2
    async with Store.open(url, privacy) as store:
        for part in parts:
            await store.commit(unflown(part))
            if order == "counted between":
                await counted(store, privacy)
        await counted(store, privacy)
        await counted(store, privacy)
        assert await by_day(store) == {FRIDAY: (2, 2), SATURDAY: (1, 1)}
    assert rows(url, "select count(*) from flight where counted and pseudonym is not null") == [(3,)]
    if privacy is STATISTICS:
        assert "1ZZZ5" not in dump(url)


@pytest.mark.parametrize("after", [True, False], ids=["live first", "past first"])
async def test_a_flight_that_was_followed_before_or_after_is_one_with_its_past(url: str, *, after: bool) -> None:
    live = backlog("1ZZZ5AAAAA", NIGHT_S + 100, flags=np.zeros(60, dtype=np.int64), logged_s=NIGHT_S + 160)
    live_commit = heard(live, "f1", flights=(flight("f1", NIGHT_S + 100),))
    earlier, later = backlog("1ZZZ5AAAAA", NIGHT_S), backlog("1ZZZ5AAAAA", NIGHT_S + 300)
    async with Store.open(url, STATISTICS) as store:
        for commit in [live_commit, unflown(earlier), unflown(later)][:: 1 if after else -1]:
            await store.commit(commit)
        await counted(store)
        assert await by_day(store) == {FRIDAY: (1, 1)}
        await store.commit(Commit(flights=(flight("f1", NIGHT_S + 100, detections=70),)))
        assert await by_day(store) == {FRIDAY: (1, 1)}
    spans = "select extract(epoch from started)::float8, extract(epoch from last)::float8 from flight where counted"
    (found,) = rows(url, spans)
    assert found == (NIGHT_S, NIGHT_S + 359)
    assert rows(url, "select distinct flight_id from detection") == [("f1",)]


async def test_a_flight_that_begins_before_midnight_by_its_past_is_of_the_day_before(url: str) -> None:
    midnight_s = NIGHT_S + 3600
    live = backlog("1ZZZ5AAAAA", midnight_s + 5, flags=np.zeros(60, dtype=np.int64), logged_s=midnight_s + 70)
    async with Store.open(url, STATISTICS) as store:
        await store.commit(heard(live, "f1", flights=(flight("f1", midnight_s + 5),)))
        assert await by_day(store) == {SATURDAY: (1, 1)}
        await store.commit(unflown(backlog("1ZZZ5AAAAA", midnight_s - 60)))
        await counted(store)
        assert {day: flights for day, (flights, _) in (await by_day(store)).items()} == {FRIDAY: 1, SATURDAY: 0}


async def test_what_a_broker_kept_or_was_told_again_is_no_flight(url: str) -> None:
    again = backlog("1ZZZ5AAAAA", NIGHT_S)
    again = again.replace(logged_s=again.received_s + 1.0)  # heard now, of an earlier time by its own words
    async with Store.open(url, STATISTICS) as store:
        await store.commit(unflown(again))
        await counted(store)
        assert await by_day(store) == {FRIDAY: (0, 0)}
    assert rows(url, "select count(*) from past_due") == [(0,)]


async def test_nothing_is_counted_while_more_comes(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(unflown(NIGHT[0]))
        async with store.reading() as connection:
            assert await past.count(connection, STATISTICS) == 0
        assert rows(url, "select count(*) from past_due") == [(1,)]


SECONDS = st.sampled_from([0.2, 1.0, 1.0, 1.0, 5.0, 29.0, 31.0, 295.0, 302.0])
SPEEDS_M_S = st.sampled_from([0.0, 2.0, 12.0, 12.0, 12.0, -40.0])  # a jump is another aircraft, live: a twin
CLIMBS_M = st.sampled_from([0.0, 0.0, 8.0, 8.0, -90.0, math.nan])
WORDS: list[dict[str, Any]] = [
    *([{"status": Status.UNKNOWN}] * 5),
    {"status": Status.GROUND},
    {"status": Status.AIRBORNE},
    {"status": Status.REMOTE_ID_FAILURE},
    {"status": Status.UNKNOWN, "height_m": 0.0},
    {"status": Status.UNKNOWN, "height_m": 5.0},
    {"status": Status.UNKNOWN, "speed_m_s": 4.0},
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(SECONDS, SPEEDS_M_S, CLIMBS_M, st.sampled_from(WORDS), st.booleans()), min_size=3, max_size=40)
)
def test_who_flies_is_the_same_live_and_from_the_whole_past(log: list[tuple[Any, ...]]) -> None:
    """To the row, whatever comes: fixes near and far, silences, and rows that say it between rows that do not.

    But for a row that stands alone: live it is forgotten after half a minute, in the past it is a part of the rest.
    """
    at_s, north_m, up_m = NIGHT_S, 0.0, 60.0
    made: list[dict[str, Any]] = []
    lone = False
    for silent_s, speed_m_s, climb_m, word, placed in log:
        after_s = 1.0 if lone else silent_s
        at_s, north_m = at_s + after_s, north_m + speed_m_s * after_s
        lone = not made or made[-1]["received_s"] < at_s - GAP_S
        up_m += 0.0 if math.isnan(climb_m) else climb_m
        place = {
            "latitude_deg": 52.31 + north_m / 111_300,
            "longitude_deg": 4.94,
            "altitude_wgs84_m": up_m + climb_m * 0,
        }
        made.append({"uas_id": "1ZZZ5AAAAA", "received_s": at_s, "time_s": at_s, **word, **(place if placed else {})})
    detections = tracked(*made)
    located = np.array([placed for *_, placed in log]) | (detections.status != Status.UNKNOWN)
    located |= ~np.isnan(detections.height_m) | ~np.isnan(detections.speed_m_s)
    columns = (detections.status, detections.height_m, detections.speed_m_s)
    fixes = underway.Fixes.of(detections, detections.received_s)
    shows = underway.over_rows(fixes, located & underway.says(*columns))
    assert flies(detections.received_s, *columns, located, shows).tolist() == _live(detections)


def _live(detections: Detections) -> list[bool]:
    """What the picture has of each row, with the ticks between them at which something ends."""
    picture, flying, before_s = Picture(), [], NIGHT_S
    for row, at_s in enumerate(detections.logged_s.tolist()):
        for late in (0, 1, 29, 30, 31, *range(294, 304)):
            if before_s < math.floor(before_s) + late <= at_s:
                picture.step(Batch(detections=Detections.empty(), tick_s=math.floor(before_s) + late))
        (airborne,) = picture.step(Batch(detections=detections.take(slice(row, row + 1)))).rows.airborne.tolist()
        flying.append(airborne)
        before_s = at_s
    return flying


@pytest.mark.parametrize(("privacy", "flown"), [(ENFORCEMENT, 1), (STATISTICS, 0)], ids=["places", "no places kept"])
async def test_a_past_that_says_nothing_of_flight_flew_where_its_places_show_it(
    url: str, privacy: Privacy, flown: int
) -> None:
    silent: dict[str, Any] = {"status": np.zeros(60, dtype=np.int8), "height_m": np.full(60, np.nan)}
    away = 52.31 + np.arange(60) * 12.0 / 111_300
    stands = 52.31 + np.random.default_rng(5).normal(0.0, 10.0, 60) / 111_300
    async with Store.open(url, privacy) as store:
        await store.commit(unflown(backlog("1ZZZ5AAAAA", NIGHT_S, latitude_deg=away, **silent)))
        await store.commit(unflown(backlog("1ZZZ5BBBBB", NIGHT_S, latitude_deg=stands, **silent)))
        await counted(store, privacy)
        assert (await by_day(store))[FRIDAY] == (flown, flown)


def test_what_flew_before_a_gap_does_not_fly_after_it() -> None:
    logged_s = np.array([0.0, 1.0, 302.0, 303.0])
    said = np.array([Status.AIRBORNE, 0, 0, 0], dtype=np.int8)
    unknown, located, shows = np.full(4, np.nan), np.ones(4, dtype=np.bool_), np.zeros(4, dtype=np.bool_)
    assert flies(logged_s, said, unknown, unknown, located, shows).tolist() == [True, True, False, False]
