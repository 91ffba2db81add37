"""``replay --tracks``: JSON lines with the way of each track, or a map; redacted like the rest, bounded in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon
from typer.testing import CliRunner

from airspace.__main__ import cli
from airspace.commands import paths
from airspace.commands.paths import MAX_POINTS, Paths
from airspace.commands.replay import Heard
from airspace.commands.track_files import features, sector, track_file
from airspace.model.geodesy import geodesic_m
from airspace.model.lines import detection_lines, track_line
from airspace.model.track import TrackEvent, TrackEventKind, Tracks, TrackState, unknown_tracks
from airspace.model.units import epoch_s
from tests.airspace.rows import ARENA, START_S, flight, rows

SERIAL = "1ZZZ5AAAAA"
PILOT: dict[str, Any] = {
    "operator_latitude_deg": 52.3101234,
    "operator_longitude_deg": 4.9301234,
    "operator_id": "NLDcanary1234567",
}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A drone that says where its pilot is, one that is heard once with a place, one that only says its name."""
    log = [
        *flight(SERIAL, 20, **PILOT),
        *flight("1ZZZ5BBBBB", 1, start_s=START_S + 20),
        {"uas_id": "1ZZZ5CCCCC", "received_s": START_S + 21},
        {"uas_id": "1ZZZ5CCCCC", "received_s": START_S + 22},
    ]
    path = tmp_path / "heard.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in detection_lines(rows(*log))))
    return path


def _replayed(recording: Path, out: Path, mode: str) -> Path:
    words = [
        "replay",
        str(recording),
        "--mode",
        mode,
        "--alerts",
        str(out.with_suffix(".alerts")),
        "--tracks",
        str(out),
    ]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    return out


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_line_has_the_way_of_its_track(recording: Path, tmp_path: Path) -> None:
    found = {line["uas_id"]: line for line in _lines(_replayed(recording, tmp_path / "t.jsonl", "enforcement"))}
    way = found[SERIAL]["path"]
    assert len(way) == 20
    assert [epoch_s(point[0]) for point in way] == [START_S - 0.5 + second for second in range(20)]
    assert way[0][1:] == [*ARENA, 60.0]
    assert way[-1][1:3] == [found[SERIAL]["latitude_deg"], found[SERIAL]["longitude_deg"]]
    assert [len(line["path"]) for line in found.values()] == [1, 20, 0]
    assert [line["confirmed"] for line in found.values()] == [False, True, True]


def test_a_map_holds_the_same(recording: Path, tmp_path: Path) -> None:
    lines = _lines(_replayed(recording, tmp_path / "t.jsonl", "enforcement"))
    document = json.loads(_replayed(recording, tmp_path / "t.geojson", "enforcement").read_text())
    assert document["type"] == "FeatureCollection"
    kinds = [(one["properties"]["kind"], one["geometry"] and one["geometry"]["type"]) for one in document["features"]]
    assert sorted(map(str, kinds)) == sorted(
        map(str, [("track", "LineString"), ("operator", "Point"), ("track", "Point"), ("track", None)])
    )
    tracks = [one for one in document["features"] if one["properties"]["kind"] == "track"]
    for line, feature in zip(lines, tracks, strict=True):
        told = feature["properties"]
        assert {name: told[name] for name in line if name != "path"} == {
            name: value for name, value in line.items() if name != "path"
        }
        assert told["coordTimes"] == [point[0] for point in line["path"]]
        assert told["heights_m"] == [point[3] for point in line["path"]]
        if len(line["path"]) > 1:
            assert feature["geometry"]["coordinates"] == [[point[2], point[1]] for point in line["path"]]
    (pilot,) = [one for one in document["features"] if one["properties"]["kind"] == "operator"]
    assert pilot["geometry"]["coordinates"] == [PILOT["operator_longitude_deg"], PILOT["operator_latitude_deg"]]


@pytest.mark.parametrize("suffix", [".jsonl", ".geojson"])
def test_statistics_mode_tells_of_nobody(recording: Path, tmp_path: Path, suffix: str) -> None:
    told = _replayed(recording, tmp_path / f"t{suffix}", "statistics").read_text()
    for canary in [SERIAL, "52.3101", "4.9301", "NLDcanary", '"kind":"operator"']:
        assert canary not in told
    assert "e1:" in told


def test_a_map_of_nothing_is_a_map(tmp_path: Path) -> None:
    with track_file(tmp_path / "none.geojson"):
        pass
    assert json.loads((tmp_path / "none.geojson").read_text()) == {"type": "FeatureCollection", "features": []}


def test_the_summary_counts_what_was_heard_twice(recording: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["replay", str(recording), "--alerts", str(tmp_path / "alerts")])
    assert "2 aircraft, 1 more never confirmed" in result.stderr


def _happened(kind: TrackEventKind, number: int, into: int | None = None) -> TrackEvent:
    track = unknown_tracks(1, number=np.array([number])).row(0)
    return TrackEvent(kind=kind, seq=0, logged_s=START_S, track=track, into=into)


@pytest.mark.parametrize(
    ("happened", "counted"),
    [
        ([("appeared", 1)], (0, 1)),
        ([("appeared", 1), ("confirmed", 1)], (1, 0)),
        ([("appeared", 1), ("confirmed", 1), ("ended", 1)], (1, 0)),
        ([("appeared", 1), ("ended", 1)], (0, 1)),
        ([("appeared", 1), ("appeared", 2), ("confirmed", 1), ("confirmed", 2), ("merged", 2, 1)], (1, 0)),
        ([("appeared", 1), ("appeared", 2), ("confirmed", 2), ("merged", 2, 1)], (1, 0)),
        ([("appeared", 1), ("appeared", 2), ("confirmed", 1), ("merged", 2, 1), ("ended", 1)], (1, 0)),
    ],
)
def test_what_turns_out_to_be_one_aircraft_is_counted_once(
    happened: list[tuple[Any, ...]], counted: tuple[int, int]
) -> None:
    heard = Heard()
    for kind, *numbers in happened:
        heard.take(_happened(TrackEventKind(kind), *numbers))
    assert (heard.aircraft, heard.unsure) == counted


def test_a_log_that_breaks_off_tells_the_tracks_under_way(tmp_path: Path, recording: Path) -> None:
    """As a recording of our own does, whose last tick was the last of its run."""
    from airspace.commands.replay import Followed
    from airspace.model.privacy import Mode, Privacy
    from airspace.tracking.picture import Picture
    from tests.airspace.rows import batch

    told: list[dict[str, Any]] = []
    followed = Followed(told.append, Privacy(mode=Mode.ENFORCEMENT, key=b"key"))
    followed.take(Picture().step(batch(*flight(SERIAL, 5), tick_s=START_S + 5)))
    assert told == []
    followed.finish()
    assert [(line["state"], len(line["path"]), line["confirmed"]) for line in told] == [("confirmed", 5, True)]


# a direction alone


def _heard_from(deg: float) -> dict[str, Any]:
    known = {
        "bearing_deg": deg,
        "bearing_accuracy_deg": 3.0,
        "bearing_latitude_deg": 52.3,
        "bearing_longitude_deg": 4.9,
    }
    columns = {name: np.array([value]) for name, value in known.items()}
    track = unknown_tracks(1, **columns, state=np.array([TrackState.CONFIRMED], dtype=np.int8)).row(0)
    return track_line(track, ("df-1",)) | {"path": []}


@pytest.mark.parametrize("deg", [0.0, 1.0, 123.0, 359.5])
def test_a_direction_alone_is_a_sector_and_never_a_point(deg: float) -> None:
    (feature,) = features(_heard_from(deg))
    assert feature["geometry"]["type"] == "Polygon"
    drawn = Polygon(*feature["geometry"]["coordinates"])
    assert drawn.is_valid
    assert drawn.exterior.is_ccw  # RFC 7946, 3.1.6
    for off, inside in ((0.0, True), (5.0, True), (-5.0, True), (7.0, False), (-7.0, False)):
        north, east = 0.02 * np.cos(np.radians(deg + off)), 0.02 * np.sin(np.radians(deg + off))
        assert drawn.contains(Point(4.9 + east / np.cos(np.radians(52.3)), 52.3 + north)) is inside


def test_a_sector_reaches_as_far_as_the_console_draws_it() -> None:
    corners = np.array(sector(52.3, 4.9, 30.0, 2.0))[1:-1]
    reach_m = geodesic_m(np.full(len(corners), 52.3), np.full(len(corners), 4.9), corners[:, 1], corners[:, 0])
    assert reach_m == pytest.approx(np.full(len(corners), 6000.0), abs=0.1)


# memory


def _fixes(number: int, times_s: list[float]) -> Tracks:
    n = len(times_s)
    return unknown_tracks(
        n,
        number=np.full(n, number),
        fix=np.ones(n, dtype=np.bool_),
        fix_time_s=np.array(times_s),
        latitude_deg=np.linspace(52.0, 52.1, n),
        longitude_deg=np.full(n, 4.9),
    )


def _seconds(path: list[list[Any]]) -> list[float]:
    return [epoch_s(point[0]) - START_S for point in path]


def test_at_most_one_point_a_second() -> None:
    kept = Paths()
    kept.add(_fixes(1, [START_S + step / 8 for step in range(80)]))
    assert _seconds(kept.take(1)) == list(range(10))


@settings(max_examples=20)
@given(n=st.integers(1, 6 * MAX_POINTS), cut=st.integers(1, 500))
def test_a_long_way_thins_out_evenly_whatever_the_batches(n: int, cut: int) -> None:
    whole, cuts = Paths(), Paths()
    fixes = _fixes(1, [START_S + second for second in range(n)])
    whole.add(fixes)
    for start in range(0, n, cut):
        cuts.add(fixes.take(slice(start, start + cut)))
    path = whole.take(1)
    assert path == cuts.take(1)
    assert len(path) <= MAX_POINTS
    assert len(path) >= min(n, MAX_POINTS // 2)
    seconds = _seconds(path)
    assert len(set(np.diff(seconds))) <= 1
    assert seconds[0] == 0.0
    assert n - 1 - seconds[-1] <= 2 * max(np.diff(seconds), default=1.0)


def test_two_tracks_that_were_one_aircraft_have_one_way() -> None:
    kept = Paths()
    kept.add(_fixes(1, [START_S + second for second in (0, 1, 2, 5, 9)]))
    kept.add(_fixes(2, [START_S + second for second in (4, 6, 8)]))
    kept.merge(1, 2)
    assert _seconds(kept.take(2)) == [0, 1, 2, 4, 6, 8, 9]  # while both were heard, the one that stays counts
    assert kept.take(1) == []


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever takes the way of a track must let go of it."""
    made: list[Paths] = []
    begin = Paths.__init__

    def watched(self: Paths) -> None:
        begin(self)
        made.append(self)

    monkeypatch.setattr(paths.Paths, "__init__", watched)
    yield
    assert all(not one._ways for one in made)
