"""Tracks as a picture: metres east and north of the middle, north up, both to one scale. Needs matplotlib.

Truth lies below, broad and pale; detections are dots; a track is a thin line from a ring (where it began) to a dot
(where it was last). So a track that broke shows as a dot and a new ring on one pale line. Of tracks that were never
confirmed only the places show. Ellipses are 95 %, sectors twice the standard deviation of the direction to either side.
Words from outside are drawn letter by letter: no mathematics, and what is not ASCII as its escape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Polygon
from matplotlib.patheffects import withStroke

from airspace.commands.drawn import Drawn, Track
from airspace.commands.track_files import sector
from airspace.model.detection import Numbers
from airspace.model.geodesy import metres_per_degree
from airspace.model.text import safe_text

INCHES: Final = (12.0, 9.0)
SQUARE: Final = (0.07, 0.08, 0.645, 0.86)  # of the figure: left, bottom, width, height; the legend has the rest
DPI: Final = 150
NAME_ROOM: Final = np.array([0.22, 0.035])  # of half the picture's side
NAME_LETTERS: Final = 14
MARGIN: Final = 0.06
LEAST_SPAN_M: Final = 200.0
# Okabe and Ito's colours, safe for colour-blind eyes; shape and line tell the same
_TRUTH: Final = {"real": "#C8CCD2", "silent": "#EBC5DA", "ghost": "#F3D9A0"}
_TRUTH_WORDS: Final = {"real": "truth", "silent": "truth, without Remote ID", "ghost": "truth, forged"}
_Style = tuple[str, Literal["-", "--"], str]  # colour, line, words of the legend
_NAMED: Final[_Style] = ("#0072B2", "-", "track that names itself")
_UNNAMED: Final[_Style] = ("#AA3377", "-", "track without identity")
_SUSPECT: Final[_Style] = ("#D55E00", "--", "track whose signal is doubted")
_DETECTION: Final = "#3D3D3D"
_PILOT: Final = "#009E73"


class _Frame:
    """Degrees to metres east and north of a place; flat, true to 0.1 % over the tens of kilometres of a picture."""

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        self.latitude_deg, self.longitude_deg = latitude_deg, longitude_deg
        north, east = metres_per_degree(np.array([latitude_deg]))
        self._north, self._east = float(north[0]), float(east[0])

    def metres(self, places: Numbers) -> Numbers:
        """(n, 2) of latitude and longitude to (n, 2) of east and north."""
        places = places.reshape(-1, 2)
        return np.column_stack(
            ((places[:, 1] - self.longitude_deg) * self._east, (places[:, 0] - self.latitude_deg) * self._north)
        )


def draw(drawn: Drawn, out: Path) -> None:
    """One picture into a file."""
    paths, ways = [_path(track) for track in drawn.tracks], _of_aircraft(drawn)
    detections = _places((each.latitude_deg, each.longitude_deg) for each in drawn.detections)
    stands = _places((track.bearing_latitude_deg, track.bearing_longitude_deg) for track in drawn.tracks)
    lows, highs = _extent([*paths, *(way for _, way in ways), stands], detections)
    frame = _Frame(*((lows + highs) / 2.0).tolist())
    figure = Figure(figsize=INCHES, dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(SQUARE)
    for kind, way in ways:
        colour = _TRUTH.get(kind, _TRUTH["real"])
        axes.plot(*frame.metres(way).T, color=colour, linewidth=5, solid_capstyle="round", zorder=1)
    axes.plot(*frame.metres(detections).T, ".", color=_DETECTION, markersize=2, alpha=0.25, zorder=2)
    for track, path in zip(drawn.tracks, paths, strict=True):
        _draw_track(axes, frame, track, frame.metres(path))
    half_m = max(float(np.ptp(frame.metres(np.stack((lows, highs))), axis=0).max()), LEAST_SPAN_M) * (0.5 + MARGIN)
    axes.set(xlim=(-half_m, half_m), ylim=(-half_m, half_m), aspect="equal")
    _write_names(axes, half_m, [(track, frame.metres(path)) for track, path in zip(drawn.tracks, paths, strict=True)])
    _furnish(axes, frame, drawn, {kind for kind, _ in ways})
    figure.savefig(out, format="png")


def _of_aircraft(drawn: Drawn) -> list[tuple[str, Numbers]]:
    """Kind and way in the air of each aircraft in truth."""
    ways: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    for each in drawn.truth:
        if each.airborne:
            ways[each.aircraft, each.kind].append((each.latitude_deg, each.longitude_deg))
    return [(kind, np.array(way)) for (_, kind), way in ways.items()]


def _path(track: Track) -> Numbers:
    return _places((latitude_deg, longitude_deg) for _, latitude_deg, longitude_deg, _ in track.path)


def _places(pairs: Iterable[tuple[float | None, float | None]]) -> Numbers:
    """(n, 2) of latitude and longitude, of those that are known."""
    return np.array([pair for pair in pairs if None not in pair], dtype=np.float64).reshape(-1, 2)


def _extent(shown: list[Numbers], detections: Numbers) -> tuple[Numbers, Numbers]:
    """South-west and north-east of what must be seen. Of detections the bulk: one far off must not shrink the rest."""
    bulk = [np.percentile(detections, [1, 99], axis=0)] if len(detections) else []
    every = np.concatenate([*shown, *bulk])
    return (every.min(axis=0), every.max(axis=0)) if len(every) else (np.zeros(2), np.zeros(2))


def _style(track: Track) -> _Style:
    if track.suspect:
        return _SUSPECT
    return _UNNAMED if track.uas_id is None else _NAMED


def _draw_track(axes: Axes, frame: _Frame, track: Track, way: Numbers) -> None:
    colour, line, _ = _style(track)
    if not track.confirmed:
        axes.plot(*way.T, ".", color=colour, markersize=4, alpha=0.35, zorder=2)
        return
    if len(way):
        axes.plot(*way.T, line, color=colour, linewidth=1.3, zorder=4)
        axes.plot(*way[:1].T, "o", color=colour, markerfacecolor="white", markersize=5, zorder=5)
        axes.plot(*way[-1:].T, "o", color=colour, markersize=5, zorder=5)
        _draw_ellipse(axes, way[-1], track, colour)
    else:
        _draw_sector(axes, frame, track, colour)
    pilot = frame.metres(_places([(track.operator_latitude_deg, track.operator_longitude_deg)]))
    axes.plot(*pilot.T, "^", color=_PILOT, markersize=5, zorder=5)


def _write_names(axes: Axes, half_m: float, ways: list[tuple[Track, Numbers]]) -> None:
    """Each at the end of its track, doubted ones last; none over another, as then neither could be read."""
    written: list[Numbers] = []
    for track, way in sorted(ways, key=lambda each: each[0].suspect):
        if not track.confirmed or not len(way):
            continue
        end = way[-1]
        if any((np.abs(end - other) < half_m * NAME_ROOM).all() for other in written):
            continue
        written.append(end)
        side: Literal["left", "right"] = "right" if end[0] > half_m * (1.0 - NAME_ROOM[0]) else "left"
        axes.text(
            float(end[0]),
            float(end[1]),
            f"  {_name(track)}  ",
            color=_style(track)[0],
            horizontalalignment=side,
            verticalalignment="center",
            fontsize=7,
            zorder=6,
            parse_math=False,
            clip_on=True,
            path_effects=[withStroke(linewidth=2.0, foreground="white")],
        )


def _draw_ellipse(axes: Axes, middle: Numbers, track: Track, colour: str) -> None:
    major_m, minor_m, deg = track.ellipse_major_m, track.ellipse_minor_m, track.ellipse_deg
    if major_m is None or minor_m is None or deg is None:
        return
    east_m, north_m = middle.tolist()
    shape = Ellipse(
        (east_m, north_m), 2.0 * major_m, 2.0 * minor_m, angle=90.0 - deg, alpha=0.18, color=colour, zorder=3
    )
    axes.add_patch(shape)


def _draw_sector(axes: Axes, frame: _Frame, track: Track, colour: str) -> None:
    latitude_deg, longitude_deg = track.bearing_latitude_deg, track.bearing_longitude_deg
    deg, sigma_deg = track.bearing_deg, track.bearing_accuracy_deg
    if latitude_deg is None or longitude_deg is None or deg is None or sigma_deg is None:
        return
    corners = frame.metres(np.array(sector(latitude_deg, longitude_deg, deg, sigma_deg))[:, ::-1])
    axes.add_patch(Polygon(corners, alpha=0.18, color=colour, zorder=3))


def _name(track: Track) -> str:
    name = _plain(track.uas_id or track.track_id)
    return name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 2]}.."


def _plain(text: str) -> str:
    return (safe_text(text) or "").encode("ascii", "backslashreplace").decode()


def _furnish(axes: Axes, frame: _Frame, drawn: Drawn, kinds: set[str]) -> None:
    """Scale, words and the legend of what there is."""
    axes.set_xlabel(f"metres east of {abs(frame.longitude_deg):.4f} {'E' if frame.longitude_deg >= 0 else 'W'}")
    axes.set_ylabel(f"metres north of {abs(frame.latitude_deg):.4f} {'N' if frame.latitude_deg >= 0 else 'S'}")
    unsure = sum(not track.confirmed for track in drawn.tracks)
    counts = f"{len(drawn.tracks) - unsure} tracks" + (f", {unsure} not confirmed" if unsure else "")
    axes.set_title(f"{_plain(drawn.title)}: {counts}", parse_math=False)
    axes.grid(color="#E3E5E8", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(handles=_legend(drawn, kinds), loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8.5)


def _legend(drawn: Drawn, kinds: set[str]) -> list[Artist]:
    confirmed = [track for track in drawn.tracks if track.confirmed]
    styles = {_style(track) for track in confirmed}
    handles: list[Artist] = [
        Line2D([], [], color=_TRUTH[kind], linewidth=5, label=_TRUTH_WORDS[kind]) for kind in _TRUTH if kind in kinds
    ]
    if drawn.detections:
        handles.append(Line2D([], [], color=_DETECTION, marker=".", linestyle="", label="detection"))
    handles += [
        Line2D([], [], color=colour, linestyle=line, label=words)
        for colour, line, words in (_NAMED, _UNNAMED, _SUSPECT)
        if (colour, line, words) in styles
    ]
    if not all(track.confirmed for track in drawn.tracks):
        handles.append(Line2D([], [], color=_UNNAMED[0], marker=".", alpha=0.35, linestyle="", label="not confirmed"))
    handles += [
        Line2D([], [], color="black", marker="o", markerfacecolor="white", linestyle="", label="where it began"),
        Line2D([], [], color="black", marker="o", linestyle="", label="where it was last"),
    ]
    if any(track.ellipse_major_m is not None for track in confirmed):
        handles.append(Patch(color=_UNNAMED[0], alpha=0.18, label="95 % ellipse of the last place"))
    if any(track.bearing_deg is not None and not track.path for track in confirmed):
        handles.append(Patch(color=_UNNAMED[0], alpha=0.18, label="a direction alone"))
    if any(track.operator_latitude_deg is not None for track in confirmed):
        handles.append(Line2D([], [], color=_PILOT, marker="^", linestyle="", label="pilot, as the drone says"))
    return handles
