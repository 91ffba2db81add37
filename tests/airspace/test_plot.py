"""``airspace plot tracks``: what is drawn is what was read, to scale, whatever stands in the files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Ellipse, Polygon
from typer.testing import CliRunner, Result

from airspace.__main__ import cli
from airspace.commands import drawing, drawn, plot
from airspace.commands.track_files import track_file
from airspace.model.detection import Numbers
from airspace.model.geodesy import geodesic_m
from airspace.model.lines import track_line
from airspace.model.track import TrackState, unknown_tracks
from tests.airspace.rows import ARENA

TIME = "2026-05-01T18:30:00.000Z"


def _line(path: list[list[Any]], **changes: Any) -> dict[str, Any]:
    track = unknown_tracks(1, state=np.array([TrackState.ENDED], dtype=np.int8)).row(0)
    track = track._replace(track_id="T-aaaabbbbcccc", uas_id="9ZZZ8TRU00001")
    return track_line(track, ("north",)) | {"confirmed": True, "path": path} | changes


def _path(*offsets: tuple[float, float]) -> list[list[Any]]:
    return [[TIME, ARENA[0] + north, ARENA[1] + east, None] for north, east in offsets]


WAY = _path((0.0, 0.0), (0.001, 0.0), (0.001, 0.002))
LINES = [
    _line(WAY, operator_latitude_deg=ARENA[0], operator_longitude_deg=ARENA[1] - 0.001),
    _line(
        _path((0.004, 0.004), (0.005, 0.004)),
        uas_id=None,
        ellipse_major_m=80.0,
        ellipse_minor_m=20.0,
        ellipse_deg=30.0,
    ),
    _line(_path((-0.002, 0.0), (-0.002, 0.001)), suspect=True, uas_id="$\\frac{1}{0}$ _x^2 \u202e\u4e2d"),
    _line(
        [],
        uas_id=None,
        bearing_deg=45.0,
        bearing_accuracy_deg=3.0,
        bearing_latitude_deg=ARENA[0] - 0.005,
        bearing_longitude_deg=ARENA[1] - 0.005,
    ),
    _line(_path((0.003, -0.003)), confirmed=False),
]
TRUTH = [
    {
        "aircraft": aircraft,
        "kind": kind,
        "time": TIME,
        "latitude_deg": ARENA[0] + 0.0001 * second,
        "longitude_deg": ARENA[1] + 0.0002 * aircraft,
        "height_m": 60.0,
        "airborne": second > 2,
    }
    for aircraft, kind in enumerate(("real", "silent", "ghost"))
    for second in range(10)
]


def _file(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def _plot(*words: object) -> Result:
    return CliRunner().invoke(cli, ["plot", "tracks", *map(str, words)])


@pytest.fixture
def axes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Axes:
    """What was drawn of everything."""
    seen: list[Figure] = []
    save = Figure.savefig

    def watched(self: Figure, *words: Any, **more: Any) -> None:
        seen.append(self)
        save(self, *words, **more)

    monkeypatch.setattr(Figure, "savefig", watched)
    detections: list[dict[str, Any]] = [
        {"latitude_deg": ARENA[0], "longitude_deg": ARENA[1]},
        {"latitude_deg": None, "sensor": "north"},
    ]
    result = _plot(
        _file(tmp_path / "t.jsonl", LINES),
        *("-o", tmp_path / "t.png"),
        *("--truth", _file(tmp_path / "truth.jsonl", TRUTH)),
        *("--detections", _file(tmp_path / "heard.jsonl", detections)),
    )
    assert result.exit_code == 0, result.output
    assert "5 tracks, 3 aircraft in truth, 2 detections" in result.output
    assert imread(tmp_path / "t.png").shape == (1350, 1800, 4)
    return seen[0].axes[0]


def _ways(axes: Axes, colour: str) -> list[Numbers]:
    ways = [np.array(line.get_xydata()) for line in axes.get_lines() if line.get_color() == colour]
    return [way for way in ways if len(way) > 1]


def test_a_track_is_drawn_to_scale(axes: Axes) -> None:
    (way,) = _ways(axes, drawing._NAMED[0])
    lengths = np.hypot(*np.diff(way, axis=0).T)
    places = np.array([point[1:3] for point in WAY])
    assert lengths == pytest.approx(geodesic_m(*places[:-1].T, *places[1:].T), rel=1e-3)
    assert axes.get_aspect() == 1.0
    assert np.diff(axes.get_xlim()) == pytest.approx(np.diff(axes.get_ylim()))


def test_truth_lies_below_and_only_where_it_flew(axes: Axes) -> None:
    for colour in drawing._TRUTH.values():
        (way,) = _ways(axes, colour)
        assert len(way) == 7
    assert min(line.get_zorder() for line in axes.get_lines()) == 1


def test_ellipse_and_sector_lie_as_they_should(axes: Axes) -> None:
    (ellipse,) = [patch for patch in axes.patches if isinstance(patch, Ellipse)]
    assert (ellipse.width, ellipse.height, ellipse.angle) == (160.0, 40.0, 60.0)  # from east, turning left
    (sector,) = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    corners = sector.get_xy()
    middle = corners[1:-1].mean(axis=0) - corners[0]
    assert np.degrees(np.arctan2(*middle)) == pytest.approx(45.0, abs=0.5)


def test_names_are_plain_letters(axes: Axes) -> None:
    names = [text.get_text().strip() for text in axes.texts]
    assert sorted(names) == sorted(["9ZZZ8TRU00001", "T-aaaabbbbcccc", "$\\frac{1}{0}.."])
    assert not any(text.get_parse_math() for text in [*axes.texts, axes.title])
    assert all(name.isascii() for name in names)


def test_the_legend_names_what_there_is_and_no_more(axes: Axes, tmp_path: Path) -> None:
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "truth",
        "truth, without Remote ID",
        "truth, forged",
        "detection",
        "track that names itself",
        "track without identity",
        "track whose signal is doubted",
        "not confirmed",
        "where it began",
        "where it was last",
        "95 % ellipse of the last place",
        "a direction alone",
        "pilot, as the drone says",
    ]
    only = drawn.Drawn(title="x", tracks=[drawn.Track(track_id="T-a", uas_id="1")], truth=[], detections=[])
    assert [handle.get_label() for handle in drawing._legend(only, set())] == [
        "track that names itself",
        "where it began",
        "where it was last",
    ]


def test_names_of_a_swarm_do_not_cover_each_other(tmp_path: Path) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    swarm = [drawn.Track(track_id=f"T-{number}", uas_id=None) for number in range(15)]
    drawing._write_names(axes, 500.0, [(track, np.array([[float(number), 0.0]])) for number, track in enumerate(swarm)])
    assert len(axes.texts) == 1


def test_a_map_gives_the_same_tracks(tmp_path: Path) -> None:
    with track_file(tmp_path / "t.geojson") as write:
        assert write is not None
        for line in LINES:
            write(line)
    assert list(plot._geojson(tmp_path / "t.geojson")) == list(
        plot._lines(_file(tmp_path / "t.jsonl", LINES), drawn.Track)
    )


def test_a_broken_line_is_named_and_stops_nothing(tmp_path: Path) -> None:
    file = _file(tmp_path / "t.jsonl", LINES)
    file.write_bytes(b"{broken\n\xff\n" + file.read_bytes() + b'{"alert_id": "a"}\n')
    result = _plot(file, "-o", tmp_path / "t.png")
    assert result.exit_code == 0, result.output
    assert "3 lines passed over, first line 1" in result.output
    assert "5 tracks" in result.output


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.jsonl", b"", "no track in it"),
        ("t.jsonl", b'{"alert_id": "a"}\n', "no track in it"),
        ("t.geojson", b"{}", "not a map of tracks"),
        ("t.geojson", b"[", "not a map of tracks"),
        ("t.geojson", b'{"features": [{"properties": {"kind": "track"}}]}', "not a map of tracks"),
        ("missing.jsonl", None, "No such file"),
    ],
)
def test_a_file_without_tracks_is_said_in_one_line(tmp_path: Path, name: str, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = _plot(tmp_path / name, "-o", tmp_path / "t.png")
    assert result.exit_code == 1
    assert told in result.output
    assert not (tmp_path / "t.png").exists()


def test_without_matplotlib_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "airspace.commands.drawing")
    result = _plot(_file(tmp_path / "t.jsonl", LINES), "-o", tmp_path / "t.png")
    assert result.exit_code == 1
    assert result.output.strip() == (
        "airspace: plot needs matplotlib, which is not installed: install the extra 'plot' of this package"
    )


def test_the_command_line_does_not_load_matplotlib() -> None:
    check = "import sys, airspace.__main__; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)
