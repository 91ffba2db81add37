"""Tables for people: no figure, date or name is cut, whatever the width of the terminal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from airspace import app
from airspace.commands import stats, tables
from airspace.commands.tables import lines_of
from airspace.store.statistics import Counts

COUNTS = {
    "starts": date(2026, 5, 1),
    "definitions_version": "v1",
    "flights": 1_124_121,
    "series": 918_273,
    "unauthorised": 42_000,
    "suspected": 1_000_000,
    "not_decidable": 12_345_678,
    "spoof_suspect": None,
    "detections": 98_765_432_101,
}
NOTICE = {
    "notice_id": "GD-2026-0412-with-a-very-long-identifier-of-an-organiser",
    "version": 1,
    "state": "approved",
    "callsign": "POLITIE-12",
    "mission_type": None,
    "start": "2026-05-01T18:30:00.000Z",
    "end": "2026-05-01T23:30:00.000Z",
}
WIDE = {"name": "東京国際空港管制圏", "zone_id": "RJTT-CTR", "height_m": -12.5}


@pytest.mark.parametrize("width", [None, 1, 20, 40, 79, 80, 81, 120, 200])
@pytest.mark.parametrize("row", [COUNTS, NOTICE, WIDE], ids=["statistics", "notices", "wide letters"])
def test_nothing_is_cut_at_any_width(row: dict[str, Any], width: int | None) -> None:
    text = "\n".join(lines_of([row, row], width))
    for value in row.values():
        assert value is None or text.count(str(value)) >= 2
    assert "…" not in text


@pytest.mark.parametrize("width", [80, 100, 132])
def test_a_table_that_fits_is_one_and_else_there_is_a_block_a_row(width: int) -> None:
    lines = lines_of([COUNTS] * 3, width)
    assert max(map(cell_len, lines)) <= width
    is_table = sum("2026-05-01" in line and "1124121" in line for line in lines) == 3
    assert is_table or lines.count("") == 2


def test_in_a_pipe_a_row_is_a_line_and_the_head_is_one() -> None:
    lines = lines_of([COUNTS] * 3, None)
    assert len(lines) == 5
    assert "definitions version" in lines[0]


def test_figures_stand_under_each_other() -> None:
    lines = lines_of([{"flights": 7}, {"flights": 1_124_121}], 80)
    assert lines[2:] == ["      7", "1124121"]


def test_what_a_cell_says_steers_no_terminal() -> None:
    (line,) = lines_of([{"name": "a\x1b[2Jb\nc\u202e"}], 80)[2:]
    assert line == "a[2Jb c"


values = st.one_of(st.none(), st.integers(), st.dates(), st.text("abc é東", max_size=90).map(str.strip))


@given(
    st.lists(st.fixed_dictionaries({"day": values, "not_decidable": values, "a_b_c": values}), min_size=1, max_size=4),
    st.one_of(st.none(), st.integers(1, 300)),
)
def test_every_value_is_there_whole(rows: list[dict[str, Any]], width: int | None) -> None:
    text = "\n".join(lines_of(rows, width))
    for row in rows:
        for value in row.values():
            assert value is None or " ".join(str(value).split()) in text


@pytest.mark.parametrize("columns", ["20", "80", "200"])
@pytest.mark.parametrize("format_name", ["table", "csv", "json"])
def test_statistics_at_a_narrow_terminal(
    format_name: str, columns: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(tables, "_is_terminal", lambda: True)
    assert set(COUNTS) == set(Counts.__dataclass_fields__)
    stats._PRINTERS[format_name]([COUNTS], "nothing")
    told = capfdbinary.readouterr().out.decode()
    for figure in ("1124121", "98765432101", "2026-05-01"):
        assert figure in told


@pytest.mark.parametrize("format_name", ["table", "csv", "json"])
def test_nothing_counted_is_said(format_name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    stats._PRINTERS[format_name]([], "nothing was counted from 2026-05-01 to 2026-05-02")
    told = capfdbinary.readouterr().out.decode()
    expected = {
        "table": "nothing was counted from 2026-05-01 to 2026-05-02\n",
        "csv": ",".join(app.STATISTICS_COLUMNS) + "\r\n",
        "json": "[]\n",
    }
    assert told == expected[format_name]


@pytest.mark.parametrize(
    ("zone", "known", "words"),
    [
        ("ctr-ehan", ("ctr-eham", "ctr-ehrd", "5.101"), "there are ctr-eham"),
        ("x", ("7.1", "7.2"), "there are 7.1, 7.2"),
        ("x", tuple(f"z{n}" for n in range(774)), "and 766 more"),
        ("x", (), "no zone is known"),
    ],
)
def test_an_unknown_zone_is_told_which_there_are(zone: str, known: tuple[str, ...], words: str) -> None:
    assert words in stats._which(zone, known)
