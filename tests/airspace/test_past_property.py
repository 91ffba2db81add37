"""Live and past rows together are flights by definition v1, in whatever order and parts they come, counted whenever."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airspace.model.commit import Commit
from airspace.model.track import Flight
from airspace.store import past
from airspace.store.parts import Part, merged, wholes
from airspace.store.retention import Retention, sweep
from airspace.store.statistics import daily, recompute
from airspace.store.writer import Store
from tests.airspace.store_examples import STATISTICS, flight, heard
from tests.airspace.test_past_flights import CAME_S, NIGHT_S, backlog, unflown
from tests.servers.postgres import rows, truncate

DRONE = "1ZZZ5AAAAA"
STARTS_S = NIGHT_S + 3000.0  # ten minutes before midnight

Lot = tuple[float, int, int, bool]  # gap before, rows, seconds between them, followed live
LOTS = st.lists(
    st.tuples(
        st.sampled_from([1.0, 100.0, 299.0, 300.0, 301.0, 420.0]),
        st.integers(1, 4),
        st.sampled_from([1, 5, 10]),
        st.booleans(),
    ),
    min_size=1,
    max_size=9,
)


def timeline(lots: list[Lot]) -> list[tuple[float, bool]]:
    found, at_s = [], STARTS_S
    for gap_s, n, step_s, live in lots:
        at_s += gap_s
        found += [(at_s + step_s * row, live) for row in range(n)]
        at_s = found[-1][0]
    return found


def parted(times_s: list[float]) -> list[list[float]]:
    """Gaps under five minutes are one flight."""
    lots: list[list[float]] = []
    for at_s in sorted(times_s):
        if lots and at_s - lots[-1][-1] < 300.0:
            lots[-1].append(at_s)
        else:
            lots.append([at_s])
    return lots


def counts(lot: list[float]) -> bool:
    return len(lot) >= 3 or lot[-1] - lot[0] >= 10.0


def day_of(at_s: float) -> date:
    return datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo("Europe/Amsterdam")).date()


def followed(lot: list[float], number: int) -> Iterator[Commit]:
    """One live flight as the picture tells it: that it starts, that it counts, that it is over."""
    for n in sorted({1, min(3, len(lot)), len(lot)}):
        detections = backlog(DRONE, lot[0], n, flags=np.zeros(n, dtype=np.int64))
        detections = detections.replace(received_s=np.array(lot[:n]), logged_s=np.array(lot[:n]))
        yield heard(detections, f"f{number}", flights=(told(lot, n, number),))


def told(lot: list[float], n: int, number: int) -> Flight:
    return flight(f"f{number}", lot[0], last_s=lot[n - 1], ended=n == len(lot), detections=n, counted=counts(lot[:n]))


def came(times_s: list[float]) -> Commit:
    lots = [backlog(DRONE, at_s, 1) for at_s in times_s]
    return unflown(type(lots[0]).concat(lots))


def interleaved(log: list[tuple[float, bool]], dice: Random) -> list[Commit | str]:
    """Each flight's news in order, the past in parts, and between them anything."""
    queues = [list(followed(lot, number)) for number, lot in enumerate(parted([at_s for at_s, live in log if live]))]
    old = [at_s for at_s, live in log if not live]
    dice.shuffle(old) if dice.random() < 0.3 else old.sort()
    while old:
        n = dice.randint(1, len(old))
        queues.append([came(old[:n])])
        old = old[n:]
    steps: list[Commit | str] = []
    while queues:
        queue = dice.choice(queues)
        steps.append(queue.pop(0))
        queues = [queue for queue in queues if queue]
        if dice.random() < 0.2:
            steps.append(steps[-1])
        steps += dice.choice(([], ["count"], ["sweep"]))
    return steps


async def figures(store: Store) -> dict[date, int]:
    """Flights by day, which are with their series what a count of all flights gives."""
    async with store.reading() as connection:
        days = await daily(connection, date(2026, 4, 30), date(2026, 5, 3))
        for day in days:
            again = await recompute(connection, day.starts)
            assert (again.flights, again.series) == (day.flights, day.series)
    return {day.starts: day.flights for day in days if day.flights}


async def count(store: Store) -> None:
    async with store.reading() as connection:
        while await past.count(connection, STATISTICS, quiet_s=0.0):
            pass


async def play(url: str, steps: list[Commit | str]) -> dict[date, int]:
    async with Store.open(url, STATISTICS) as store:
        for step in steps:
            if isinstance(step, Commit):
                await store.commit(step)
                continue
            await count(store)
            if step == "sweep":
                async with store.reading() as connection:
                    await sweep(connection, CAME_S + 73 * 3600.0, Retention())
            await figures(store)
        await count(store)
        return await figures(store)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LOTS, st.randoms(use_true_random=False))
def test_whatever_comes_when_is_counted_by_the_definition(url: str, lots: list[Lot], dice: Random) -> None:
    log = timeline(lots)
    truncate(url)
    found = asyncio.run(play(url, interleaved(log, dice)))
    whole = [lot for lot in parted([at_s for at_s, _ in log]) if counts(lot)]
    assert found == Counter(day_of(lot[0]) for lot in whole)
    spans = "select extract(epoch from started)::float8, extract(epoch from last)::float8, detections"
    shown = rows(url, f"{spans} from flight where counted order by 1")
    assert shown == [(lot[0], lot[-1], len(lot)) for lot in whole]


def part(flight_id: str, started_s: float, last_s: float) -> Part:
    return Part(
        flight_id=flight_id,
        past=flight_id.startswith("past"),
        started_s=started_s,
        last_s=last_s,
        detections=9,
        highest_m=None,
    )


@pytest.mark.parametrize(
    ("live", "old", "expected"),
    [
        ([("f1", 0, 60)], [], {}),
        ([("f1", 0, 60), ("f2", 100, 160)], [], {}),  # parted by their own tracks
        ([], [("past1", 0, 60), ("past2", 360, 400)], {}),
        ([("f1", 0, 60)], [("past1", 359, 400)], {"f1": "f1", "past1": "f1"}),
        ([("f1", 0, 60)], [("past1", 360, 400)], {}),
        ([("f1", 100, 600)], [("past1", 0, 9), ("past2", 500, 900)], {"f1": "f1", "past1": "f1", "past2": "f1"}),
        ([("f2", 900, 950), ("f1", 0, 60)], [("past1", 61, 890)], {"f1": "f1", "past1": "f1", "f2": "f1"}),
        ([("f1", 0, 60), ("f2", 50, 90)], [("past1", 100, 120)], {"f1": "f1", "past1": "f1"}),  # two of one name
        ([("f1", 0, 60), ("f2", 50, 900)], [("past1", 1000, 1100)], {"f2": "f2", "past1": "f2"}),
    ],
)
def test_which_are_one(
    live: list[tuple[str, float, float]], old: list[tuple[str, float, float]], expected: dict[str, str]
) -> None:
    for turn in (1, -1):
        found = wholes([part(*each) for each in live[::turn]], merged(part(*each) for each in old[::turn]))
        assert found == expected
