"""The dashboards: well-formed, and every query runs on the real schema. Nothing here is a Grafana server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from dashboards.grafana import daily, field, panels, provision
from dashboards.grafana.source import DATA_SOURCE_UID
from tests.dashboards.grafana_macros import expand

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WINDOW = (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC))


def queries() -> list[tuple[str, str]]:
    """(name, SQL) of every panel and variable there is."""
    return [
        (f"{board['uid']}: {one.get('title') or one['name']}", sql)
        for board in provision.dashboards()
        for one in (*board["panels"], *board["templating"]["list"])
        for sql in [*(target["rawSql"] for target in one.get("targets", []) if "rawSql" in target), one.get("query")]
        if sql is not None
    ]


def run(database: str, sql: str) -> list[tuple[Any, ...]]:
    """As the login that Grafana has: the role, which may read statistics alone."""
    with psycopg.connect(database) as connection:
        connection.execute("set role airspace_grafana")
        return connection.execute(sql.encode()).fetchall()


@pytest.mark.parametrize(("name", "sql"), queries(), ids=[name for name, _ in queries()])
def test_every_query_runs_as_grafana_and_finds_something(filled: str, name: str, sql: str) -> None:
    expanded = expand(sql, *WINDOW)
    assert "$" not in expanded
    rows = run(filled, expanded)
    assert rows, name
    assert rows[0][0] is not None


def test_the_role_reads_nothing_else(filled: str) -> None:
    for table in ("detection", "flight", "alert", "outbox", "notice", "quarantine", "daily_statistics", "migration"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(filled, f"select count(*) from {table}")
    for act in ("drop view statistics.daily", "delete from statistics.daily", "create table mine (a int)",
                "update statistics.alert set state = 'closed'"):  # fmt: skip
        with pytest.raises(psycopg.Error):
            run(filled, act)


def test_no_view_shows_whom_or_where(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        columns = connection.execute(
            "select column_name from information_schema.columns where table_schema = 'statistics'"
        ).fetchall()
        shown = connection.execute("select alert::text from statistics.alert").fetchall()
    named = {name for (name,) in columns}
    assert len(named) > 20
    personal = ("uas", "operator", "pilot", "latitude", "longitude", "pseudo", "taken", "note", "line")
    assert not {name for name in named if any(word in name for word in personal)}
    assert not [row for row in shown if "52.3" in str(row)]


# local days


def days(database: str, first: datetime, last: datetime) -> list[date]:
    return [date.fromisoformat(row[0]) for row in reversed(run(database, expand(daily.TABLE, first, last)))]


def local_days(first: datetime, last: datetime) -> list[date]:
    """The days in Amsterdam that a period touches, reckoned step by step, without any of the queries' means."""
    touched, moment = set(), first
    while moment < last:
        touched.add(moment.astimezone(AMSTERDAM).date())
        moment += timedelta(minutes=15)
    return sorted(touched)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


PERIODS = {
    "November, as Grafana sends it": (at("2026-11-01T00:00:00"), at("2026-11-30T23:59:59.999")),
    "November, to the next midnight": (at("2026-11-01T00:00:00"), at("2026-12-01T00:00:00")),
    "a day of 23 hours": (at("2026-03-29T00:00:00"), at("2026-03-30T00:00:00")),
    "a day of 25 hours": (at("2026-10-25T00:00:00"), at("2026-10-26T00:00:00")),
    "July": (at("2026-07-01T00:00:00"), at("2026-07-31T23:59:59.999")),
    "an hour round midnight": (at("2026-06-10T23:30:00"), at("2026-06-11T00:30:00")),
    "the first hour of a summer's day": (at("2026-06-10T00:15:00"), at("2026-06-10T01:15:00")),
    "the last hour of a winter's day": (at("2026-12-10T23:00:00"), at("2026-12-10T23:59:00")),
    "new year": (at("2026-12-31T12:00:00"), at("2027-01-01T12:00:00")),
}


@pytest.mark.parametrize("name", PERIODS)
def test_the_days_of_a_period_are_local_days(every_day: str, name: str) -> None:
    first, last = PERIODS[name]
    assert days(every_day, first, last) == local_days(first, last)


@pytest.mark.parametrize("name", PERIODS)
def test_sum_bars_and_table_speak_of_the_same_days(every_day: str, name: str) -> None:
    first, last = PERIODS[name]
    wanted = [day.timetuple().tm_yday for day in local_days(first, last)]  # each day has its number as flights
    (flights,) = [panel["targets"][0]["rawSql"] for panel in daily.dashboard()["panels"] if panel["title"] == "Flights"]
    assert run(every_day, expand(flights, first, last)) == [(sum(wanted),)]
    bars = run(every_day, expand(daily.BY_DAY, first, last))
    assert [row[1] for row in bars] == wanted
    assert [row[0].astimezone(AMSTERDAM).hour for row in bars] == [0] * len(wanted)


def test_the_peak_day(filled: str) -> None:
    assert run(filled, expand(daily.PEAK, *WINDOW)) == [("2026-05-01: 23 flights",)]


def test_a_quote_in_the_variable_stays_in_its_text(filled: str) -> None:
    assert run(filled, expand(daily.TABLE, *WINDOW, definitions="v1' or '1'='1")) == []


# alerts


@pytest.fixture
def timeline(every_day: str) -> Iterator[Callable[[datetime, datetime], list[tuple[datetime, str, int]]]]:
    """Alerts of two airspaces, some at once, some over; their timeline between two times."""
    spans = [("a", "CTR", 0, 10), ("b", "CTR", 5, 20), ("c", "CTR", 30, None), ("d", "Port", 8, 9)]
    with psycopg.connect(every_day) as connection:
        for name, zone, starts, ends in spans:
            connection.execute(
                "insert into alert (alert_id, episode, revision, state, priority, opened, closed, line)"
                " values (%s, 1, 1, %s, 50, %s, null, %s)",
                (name, "opened" if ends is None else "closed", minute(starts), json.dumps(
                    {"zone_name": zone, "ended": None if ends is None else minute(ends).isoformat()})),
            )  # fmt: skip
    yield lambda first, last: run(every_day, expand(field.TIMELINE_SORTED, first, last))
    with psycopg.connect(every_day) as connection:
        connection.execute("delete from alert")


def minute(number: int) -> datetime:
    return datetime(2026, 5, 1, 20, tzinfo=UTC) + timedelta(minutes=number)


def test_the_timeline_counts_what_stood_at_once(timeline: Any) -> None:
    assert timeline(minute(-5), minute(60)) == [
        (minute(0), "CTR", 1), (minute(5), "CTR", 2), (minute(8), "Port", 1), (minute(9), "Port", 0),
        (minute(10), "CTR", 1), (minute(20), "CTR", 0), (minute(30), "CTR", 1),
    ]  # fmt: skip


def test_what_began_before_the_period_is_shown_from_its_start(timeline: Any) -> None:
    assert timeline(minute(12), minute(60))[0] == (minute(12), "CTR", 1)
    assert timeline(minute(40), minute(60)) == [(minute(40), "CTR", 1)]
    assert [row[1] for row in timeline(minute(-60), minute(-30))] == []


def test_open_alerts_are_listed_highest_first_and_closed_ones_not(filled: str) -> None:
    rows = run(filled, expand(field.TABLE, *WINDOW))
    assert [(row[1], row[2], row[5]) for row in rows] == [("violation", "CTR Schiphol", "there")]
    assert rows[0][0] == "2026-05-01 20:00:00"  # local time


# form


def test_dashboards_are_well_formed() -> None:
    boards = provision.dashboards("https://console.example/")
    assert len({board["uid"] for board in boards}) == len(boards)
    for board in boards:
        assert board["schemaVersion"] == panels.SCHEMA_VERSION
        assert len(board["description"]) > 20
        (annotations,) = board["annotations"]["list"]
        assert annotations["target"]["tags"] == ["airspace"]
        assert annotations["datasource"]["uid"] == "-- Grafana --"
        assert [link["type"] for link in board["links"]] == ["dashboards", "link"]
        assert board["links"][1]["url"] == "https://console.example/"
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for panel in board["panels"]:
            assert len(panel["description"]) > 20, panel["title"]
            for target in panel.get("targets", []):
                assert target["datasource"]["uid"] == panel["datasource"]["uid"]
                assert panel["fieldConfig"]["defaults"]["unit"]
                assert panel["fieldConfig"]["defaults"]["noValue"]


def test_panels_do_not_overlap() -> None:
    for board in provision.dashboards():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            assert not cells & taken, panel["title"]
            assert place["x"] + place["w"] <= 24
            taken |= cells


def test_rendered_files_hold_no_secret_and_the_same_dashboards(tmp_path: Path) -> None:
    written = provision.render(tmp_path)
    assert len(written) == 2 + len(provision.dashboards())
    source = json.loads((tmp_path / "provisioning/datasources/airspace.yaml").read_text())["datasources"][0]
    assert source["uid"] == DATA_SOURCE_UID
    assert source["secureJsonData"]["password"].startswith("$AIRSPACE_")
    assert source["jsonData"]["sslmode"].startswith("$AIRSPACE_")
    assert json.loads((tmp_path / "dashboards/air-daily.json").read_text()) == daily.dashboard()


def test_every_variable_of_the_rendered_files_is_documented(tmp_path: Path) -> None:
    text = "".join(path.read_text() for path in provision.render(tmp_path))
    named = {word.strip('",') for word in text.split() if word.startswith('"$AIRSPACE_')}
    documented = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text()
    assert len(named) == 5
    assert not [name for name in named if name.removeprefix("$") not in documented]
