"""A second reader of OpenAir files, to compare ours with: line by line, pyproj.Geod and nothing of ours.

It reads what it is sure of and leaves the rest uncompared. Outlines are rings of points, and hold what they run round;
arcs are drawn in steps of a fifth of a degree; circles and corridors are distances.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from pyproj import Geod

GEOD: Final = Geod(ellps="WGS84")
_STEP_DEG: Final = 0.2
_MOST_APART: Final = 0.1  # of the radius: the ends of an arc
_NM: Final = 1852.0
_FOOT: Final = 0.3048

Place = tuple[float, float]  # longitude, latitude


@dataclass(slots=True)
class Shape:
    """What one airspace is: a ring, or all within ``reach_m`` of ``line``. ``ends`` are where arcs end in the ring."""

    name: str = ""
    ring: list[Place] = field(default_factory=list)
    line: list[Place] = field(default_factory=list)
    reach_m: float = 0.0
    ends: list[int] = field(default_factory=list)
    floor_m: float | None = None
    ceiling_m: float | None = None
    unread: str | None = None


@dataclass(slots=True)
class _Pen:
    """A shape while it is drawn."""

    shape: Shape
    centre: Place | None = None
    clockwise: bool = True
    is_terrain: bool = False

    def take(self, code: str, rest: str) -> None:
        """One record."""
        if code in {"TO", "TC"}:
            self.is_terrain = bool(self.shape.ring or self.shape.line)
        elif code in {"AL", "AH"}:
            setattr(self.shape, "floor_m" if code == "AL" else "ceiling_m", _limit(rest))
        elif not self.is_terrain:
            self._draw(code, rest)

    def _draw(self, code: str, rest: str) -> None:
        if code == "V":
            self._set(rest[0].upper(), rest.partition("=")[2])
        elif code == "DP":
            self.shape.ring += _places(rest)
        elif code == "DY":
            self.shape.line += _places(rest)
        elif code == "DC":
            self.shape.line, self.shape.reach_m = [self._middle()], float(rest.split(maxsplit=1)[0]) * _NM
        elif code in {"DA", "DB"}:
            self._arc(code, rest)

    def _set(self, name: str, value: str) -> None:
        if name == "X":
            (self.centre,) = _places(value)
        elif name == "D":
            self.clockwise = value.strip() != "-"
        elif name == "W":
            self.shape.reach_m = float(value) * _NM / 2

    def _middle(self) -> Place:
        if self.centre is None:
            raise ValueError("no centre")
        return self.centre

    def _arc(self, code: str, rest: str) -> None:
        if code == "DA":
            radius, start_deg, end_deg = (float(part) for part in rest.split(","))
            near_m = far_m = radius * _NM
        else:
            start, end = _places(rest)
            start_deg, _, near_m = GEOD.inv(*self._middle(), *start)
            end_deg, _, far_m = GEOD.inv(*self._middle(), *end)
        if abs(near_m - far_m) > _MOST_APART * max(near_m, far_m):
            raise ValueError("no arc")
        turn = ((end_deg - start_deg) if self.clockwise else (start_deg - end_deg)) % 360 or 360.0
        steps = max(int(turn / _STEP_DEG), 2)
        self.shape.ends += [len(self.shape.ring), len(self.shape.ring) + steps]
        for nth in range(steps + 1):
            bearing = start_deg + (1 if self.clockwise else -1) * turn * nth / steps
            x, y, _ = GEOD.fwd(*self._middle(), bearing, near_m + (far_m - near_m) * nth / steps)
            self.shape.ring.append((x, y))


def read(data: bytes) -> dict[str, Shape]:
    """The airspaces by name, with a number where several have it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    blocks: list[list[tuple[str, str]]] = []
    for line in re.split(r"\r\n|\r|\n", text):
        bare = re.split(r"\*", line)[0] if line[:2] == "AN" else re.split(r"[*;]", line)[0]
        found = re.match(r"\s*([A-Za-z]{2}|V)(?![A-Za-z0-9])(.*)", bare)
        if found is None:
            continue
        code, rest = found[1].upper(), " ".join(found[2].split())
        if code == "AC":
            blocks.append([])
        if blocks:
            blocks[-1].append((code, rest))
    shapes = [_shape(block) for block in blocks if not _is_style(block)]
    counts, seen = Counter(shape.name for shape in shapes), Counter[str]()
    found_shapes = {}
    for shape in shapes:
        seen[shape.name] += 1
        found_shapes[f"{shape.name} #{seen[shape.name]}" if counts[shape.name] > 1 else shape.name] = shape
    return found_shapes


def _is_style(block: list[tuple[str, str]]) -> bool:
    codes = {code for code, _ in block}
    return bool(codes & {"SP", "SB"}) and not codes & {"AN", "AL", "AH"}


def _shape(block: list[tuple[str, str]]) -> Shape:
    said = dict(reversed(block))
    shape = Shape(name=said.get("AI") or said.get("AN", ""))
    pen = _Pen(shape)
    try:
        for code, rest in block:
            pen.take(code, rest)
    except (IndexError, ValueError) as error:
        shape.unread = f"{type(error).__name__} {error}"
    if not shape.ring and not shape.line:
        shape.unread = shape.unread or "no geometry"
    return shape


def _places(text: str) -> list[Place]:
    """Numbers until a letter are one angle; two angles are a place."""
    found: list[float] = []
    numbers: list[float] = []
    for token in re.findall(r"\d+\.?\d*|[NSEW]", text.upper()):
        if token in "NSEW":
            degrees = sum(number / 60**nth for nth, number in enumerate(numbers))
            if not numbers or degrees > (90 if token in "NS" else 180):
                raise ValueError(text)
            found.append(-degrees if token in "SW" else degrees)
            numbers = []
        else:
            numbers.append(float(token))
    return [(found[nth + 1], found[nth]) for nth in range(0, len(found), 2)]


def _limit(text: str) -> float | None:
    """Metres; NaN where it is not sure, None for no limit."""
    words = re.sub(r"\(.*\)$", "", text.upper()).replace(" ", "")
    if words in {"GND", "SFC", "SURFACE", "GROUND"}:
        return 0.0
    if words.startswith("UNL"):
        return None
    found = re.fullmatch(r"FL(\d+)", words)
    if found:
        return float(found[1]) * 100 * _FOOT
    found = re.fullmatch(r"(\d+)(FT|F|M(?!S))?(AMSL|MSL|AGL|GND|SFC|ASFC|STD)?", words)
    return float("nan") if found is None else float(found[1]) * (1.0 if found[2] == "M" else _FOOT)
