from __future__ import annotations

import random
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from airspace.model.alert import AlertState
from airspace.model.commit import Commit
from airspace.model.track import Flight
from airspace.model.units import epoch_s
from airspace.model.verdict import Kind, Verdict, VerdictValue
from airspace.store.database import LOCAL_ZONE
from airspace.store.records import STRENGTH
from airspace.store.statistics import Counts, daily, monthly, recompute, today
from airspace.store.writer import Store
from tests.airspace.store_examples import START_S, STATISTICS, alert, detections, flight, heard, verdict
from tests.servers.postgres import rows

DAY = date(2026, 5, 1)
FIGURES = ("flights", "unauthorised", "suspected", "not_decidable", "spoof_suspect")


@pytest.mark.parametrize(
    ("flights", "verdicts", "expected"),
    [
        ([flight()], [], (1, 0, 0, 0, 0)),
        ([flight()], [verdict()], (1, 1, 0, 0, 0)),
        ([flight()], [verdict(), verdict(rule="uspace"), verdict(group="another")], (1, 1, 0, 0, 0)),
        ([flight()], [verdict(VerdictValue.SUSPECTED), verdict(VerdictValue.NOT_DECIDABLE)], (1, 0, 1, 0, 0)),
        ([flight()], [verdict(VerdictValue.NOT_DECIDABLE), verdict(rule="uspace")], (1, 1, 0, 0, 0)),
        ([flight()], [verdict(kind=Kind.HEIGHT), verdict(kind=Kind.CAPACITY, rule="two")], (1, 0, 0, 0, 0)),
        ([flight(suspect=True)], [verdict()], (0, 0, 0, 0, 1)),
        ([flight(counted=False)], [verdict()], (0, 0, 0, 0, 0)),
        ([flight(), flight("f2")], [verdict()], (2, 1, 0, 0, 0)),
        ([], [verdict()], None),
    ],
)
@pytest.mark.parametrize("together", [True, False])
async def test_definition_v1(
    url: str,
    flights: list[Flight],
    verdicts: list[Verdict],
    expected: tuple[int, ...] | None,
    *,
    together: bool,
) -> None:
    whole = [Commit(flights=tuple(flights), verdicts=tuple(verdicts))]
    apart = [Commit(verdicts=(one,)) for one in verdicts] + [Commit(flights=(one,)) for one in flights]
    async with Store.open(url, STATISTICS) as store:
        for commit in whole if together else apart:
            await store.commit(commit)
        async with store.reading() as connection:
            found = await daily(connection, DAY, DAY)
    if expected is None:
        assert found == []
    else:
        assert [tuple(getattr(day, name) for name in FIGURES) for day in found] == [expected]


async def test_a_flight_that_turns_out_a_spoof_leaves_the_headline(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(Commit(flights=(flight(),), verdicts=(verdict(),)))
        await store.commit(Commit(flights=(flight(detections=70, suspect=True),)))
    assert rows(url, "select flights, unauthorised, spoof_suspect from daily_statistics") == [(0, 0, 1)]


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-05-01T21:59:59Z", date(2026, 5, 1)),  # 23:59:59 in Amsterdam
        ("2026-05-01T22:00:00Z", date(2026, 5, 2)),
        ("2026-12-31T23:00:00Z", date(2027, 1, 1)),
        ("2026-03-28T23:30:00Z", date(2026, 3, 29)),  # the day of 23 hours
        ("2026-10-25T22:59:59Z", date(2026, 10, 25)),  # the day of 25 hours
    ],
)
async def test_a_flight_belongs_to_the_local_day_it_started_on(url: str, start: str, day: date) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(
            heard(detections(1, start_s=epoch_s(start)), "f1", flights=(flight(start_s=epoch_s(start)),))
        )
        async with store.reading() as connection:
            found = await daily(connection, date(2026, 1, 1), date(2027, 12, 31))
            again = await recompute(connection, day)
    assert found == [again]
    assert (again.starts, again.flights, again.detections) == (day, 1, 1)


def _random_commits(seed: int) -> list[Commit]:
    """Three days round the end of summer time: flights grow, turn suspect, break rules; some batches come again."""
    dice = random.Random(seed)
    first_s = epoch_s("2026-10-24T06:00:00Z")
    starts = {f"f{number}": first_s + dice.uniform(0, 3 * 86_400) for number in range(25)}
    commits: list[Commit] = []
    for lot in range(30):
        names = dice.sample(sorted(starts), dice.randint(0, 6))
        news = tuple(
            flight(
                name,
                starts[name],
                last_s=starts[name] + lot,
                detections=lot,
                counted=dice.random() < 0.7,
                suspect=dice.random() < 0.2,
                ended=dice.random() < 0.1,
            )
            for name in names
        )
        told = tuple(
            verdict(
                dice.choice(list(VerdictValue)),
                dice.choice(sorted(starts)),
                first_s + lot,
                kind=dice.choice([Kind.ZONE, Kind.ZONE, Kind.HEIGHT]),
                rule=dice.choice(["ctr", "uspace"]),
                zone_id=dice.choice(["Z1", "Z2"]),
            )
            for _ in range(dice.randint(0, 4))
        )
        raw = detections(dice.randint(0, 40), f"lot {lot}", first_s + dice.uniform(0, 3 * 86_400))
        commits.append(heard(raw, flights=news, verdicts=told))
        if dice.random() < 0.3:
            commits.append(dice.choice(commits[-3:]))
    return commits


def _expected(commits: list[Commit]) -> dict[date, dict[str, int]]:
    """The definition once more, in Python, from all that was committed."""
    flights: dict[str, Flight] = {}
    strongest: dict[tuple[str, str], tuple[int, Kind]] = {}
    raw: dict[bytes, float] = {}
    for commit in commits:
        for news in commit.flights:
            held = flights.get(news.flight_id)
            if held is None or (news.last_s, news.detections) >= (held.last_s, held.detections):
                flights[news.flight_id] = news
        for told in commit.verdicts:
            key = (str(told.track.flight_id), told.rule)
            if STRENGTH.get(told.value, 0) > strongest.get(key, (0, Kind.ZONE))[0]:
                strongest[key] = (STRENGTH[told.value], told.kind)
        raw.update(zip(commit.detections.content_id, commit.detections.received_s, strict=True))
    days: dict[date, dict[str, int]] = {}
    for received_s in raw.values():
        _add(days, received_s, "detections")
    for name, news in flights.items():
        broken = [value for (of, _), (value, kind) in strongest.items() if of == name and kind is Kind.ZONE]
        worst = max(broken, default=0)
        if news.counted:
            _add(days, news.started_s, "spoof_suspect" if news.suspect else "flights")
        if news.counted and not news.suspect and worst:
            _add(days, news.started_s, ["not_decidable", "suspected", "unauthorised"][worst - 1])
    return days


def _add(days: dict[date, dict[str, int]], time_s: float, figure: str) -> None:
    day = datetime.fromtimestamp(time_s, UTC).astimezone(ZoneInfo(LOCAL_ZONE)).date()
    figures = days.setdefault(day, dict.fromkeys((*FIGURES, "detections"), 0))
    figures[figure] += 1


@pytest.mark.parametrize("seed", range(4))
async def test_roll_ups_equal_the_recompute_and_the_definition(url: str, seed: int) -> None:
    commits = _random_commits(seed)
    async with Store.open(url, STATISTICS) as store:
        for commit in commits:
            await store.commit(commit)
        async with store.reading() as connection:
            found = await daily(connection, date(2026, 10, 20), date(2026, 10, 31))
            assert found == [await recompute(connection, day.starts) for day in found]
            months = await monthly(connection, date(2026, 10, 1), date(2026, 10, 31))
            zones = [await daily(connection, date(2026, 10, 20), date(2026, 10, 31), zone) for zone in ("Z1", "Z2")]
    figures = {
        day.starts: {name: getattr(day, name) for name in (*FIGURES, "detections")}
        for day in found
        if any(getattr(day, name) for name in (*FIGURES, "detections"))
    }
    assert figures == _expected(commits)
    for name in (*FIGURES, "detections"):
        assert getattr(months[0], name) == sum(day[name] for day in figures.values())
    cells = rows(url, "select day, sum(detections)::int from cell_day group by 1 order by 1")
    assert cells == [(day.starts, day.detections) for day in found if day.detections]
    for day in [day for zone in zones for day in zone]:
        assert day.unauthorised <= figures[day.starts]["unauthorised"]


async def test_statistics_of_one_zone_say_what_can_be_said(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        await store.commit(
            Commit(
                flights=(flight(), flight("f2"), flight("f3", suspect=True)),
                verdicts=(verdict(zone_id="Z1"), verdict(flight_id="f2", zone_id="Z2"), verdict(flight_id="f3")),
            )
        )
        async with store.reading() as connection:
            assert await monthly(connection, DAY, DAY, "Z1") == [
                Counts(
                    starts=date(2026, 5, 1),
                    definitions_version="v1",
                    flights=None,
                    series=None,
                    unauthorised=1,
                    suspected=0,
                    not_decidable=0,
                    spoof_suspect=None,
                    detections=None,
                )
            ]
            assert await daily(connection, DAY, DAY, "EHAM-CTR") == []  # of the spoof suspect only


async def test_the_consoles_figures_of_the_day(url: str) -> None:
    async with Store.open(url, STATISTICS) as store:
        async with store.reading() as connection:
            assert (await today(connection, DAY)).detections == 0
        await store.commit(heard(detections(4), "f1", flights=(flight(),), verdicts=(verdict(),), alerts=(alert(),)))
        await store.commit(Commit(alerts=(alert(alert_id="a2"), alert(2, "a2", state=AlertState.CLOSED))))
        async with store.reading() as connection:
            found = await today(connection, DAY)
    assert (found.flights, found.unauthorised, found.suspected) == (1, 1, 0)
    assert (found.detections, found.open_alerts, START_S) == (4, 1, START_S)
