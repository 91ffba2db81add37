"""The dashboards: well-formed, and every query runs on the real schema. Nothing here is a Grafana server."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airspace.store.embedded import embedded
from dashboards.grafana import daily, provision

MIGRATIONS = Path(__file__).resolve().parents[2] / "airspace" / "store" / "migrations"
PERIOD = {"first": "2026-04-01T00:00:00Z", "last": "2026-05-02T12:00:00Z", "definitions": "v1"}
ROWS = [("2026-04-30", 12, 3, 1), ("2026-05-01", 23, 4, 2), ("2026-05-02", 23, 0, 0), ("2026-03-01", 99, 9, 9)]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="airspace-grafana-"))
    try:
        with embedded(folder / "pg") as url:
            with psycopg.connect(url) as connection:
                for script in sorted(MIGRATIONS.glob("*.sql")):
                    connection.execute(script.read_bytes())
                for day, flights, unauthorised, suspected in ROWS:
                    connection.execute(
                        "insert into daily_statistics (day, definitions_version, flights, series, unauthorised,"
                        " suspected) values (%s, 'v1', %s, %s, %s, %s)",
                        (day, flights, flights - 2, unauthorised, suspected),
                    )
            yield url
    finally:
        shutil.rmtree(folder)


def run(database: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        connection.execute("set default_transaction_read_only = on")
        return connection.execute(daily.expand(sql, **PERIOD).encode()).fetchall()


@pytest.mark.parametrize("sql", daily.queries())
def test_every_query_runs_and_finds_something(database: str, sql: str) -> None:
    assert "$" not in daily.expand(sql, **PERIOD)
    rows = run(database, sql)
    assert rows
    assert rows[0][0] is not None


def test_the_period_and_the_peak_day(database: str) -> None:
    days = run(database, daily.BY_DAY)
    assert [row[1:] for row in days] == [(12, 10, 3, 1), (23, 21, 4, 2), (23, 21, 0, 0)]
    assert days[0][0].astimezone(UTC).isoformat() == "2026-04-29T22:00:00+00:00"  # midnight in Amsterdam, in summer
    assert run(database, daily.PEAK) == [("2026-05-01: 23 flights",)]


def test_a_quote_in_the_variable_stays_in_its_text(database: str) -> None:
    sql = daily.expand(daily.TABLE, **PERIOD | {"definitions": "v1' or '1'='1"})
    with psycopg.connect(database) as connection:
        assert connection.execute(sql.encode()).fetchall() == []


def test_dashboards_are_well_formed() -> None:
    boards = provision.dashboards()
    assert len({board["uid"] for board in boards}) == len(boards)
    for board in boards:
        assert board["schemaVersion"] == daily.SCHEMA_VERSION
        panels = board["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        for panel in panels:
            for target in panel.get("targets", []):
                assert target["datasource"]["uid"] == panel["datasource"]["uid"] == daily.DATA_SOURCE_UID
                assert panel["fieldConfig"]["defaults"]["unit"]
                assert panel["fieldConfig"]["defaults"]["noValue"]


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in daily.dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_rendered_files_hold_no_secret_and_the_same_dashboard(tmp_path: Path) -> None:
    written = provision.render(tmp_path)
    assert len(written) == 3
    source = json.loads((tmp_path / "provisioning/datasources/airspace.yaml").read_text())["datasources"][0]
    assert source["uid"] == daily.DATA_SOURCE_UID
    assert source["secureJsonData"]["password"].startswith("$AIRSPACE_")
    assert json.loads((tmp_path / "dashboards/air-daily.json").read_text()) == daily.dashboard()


class GoneError(Exception):
    status_code = 404


class RecordedClient:
    """Keeps the calls; ``there`` says whether folder and data source exist."""

    def __init__(self, *, there: bool) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.there = there
        self.folder = self.datasource = self.dashboard = self

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
            if name.startswith("get_") and not self.there:
                raise GoneError
            self.calls.append((name, args))
            return {}

        return call


@pytest.mark.parametrize(
    ("there", "calls"),
    [
        (False, ["create_folder", "create_datasource", "update_dashboard"]),
        (True, ["get_folder", "get_datasource_by_uid", "update_datasource_by_uid", "update_dashboard"]),
    ],
)
def test_push_makes_or_renews(*, there: bool, calls: list[str]) -> None:
    client = RecordedClient(there=there)
    provision.push(client, provision.Database(address="db:5432", password="p"))
    assert [name for name, _ in client.calls] == calls
    sent = client.calls[-1][1][0]
    assert sent["dashboard"]["uid"] == "air-daily"
    assert sent["overwrite"] is True
    assert sent["folderUid"] == provision.FOLDER_UID
