"""The shape of one OpenAir airspace out of its pieces. ValueError says why it has none."""

from __future__ import annotations

from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.zone import Circle, Polygon
from geofences.formats import rings, widening
from geofences.formats.arcs import Point
from geofences.formats.openair_block import Block

_JOINED_M: Final = 50.0  # an arc's end is rounded to the second, 31 m at most, and so is the point beside it
_JOINED_PART: Final = 0.01  # of the radius: a small arc is not bent


def shapes(block: Block) -> tuple[Circle | Polygon, ...]:
    """Its circle, its corridor or the valid parts of its outline."""
    kinds = [name for name, there in (("DP", block.pieces), ("DC", block.circle), ("DY", block.airway)) if there]
    if len(kinds) != 1:
        raise ValueError(f"{' and '.join(kinds)} in one airspace" if kinds else "no geometry")
    if block.circle is not None:
        return (block.circle,)
    if block.airway:
        if block.width_m is None:
            raise ValueError("an airway (DY) without a width (V W=)")
        return widening.corridor(block.airway, block.width_m / 2)
    outline = [point for piece in _joined(block) for point in piece]
    polygons, odd = rings.polygons([outline], "outline")
    for each in odd:
        block.tell(each.what)
    return polygons


def _joined(block: Block) -> list[list[Point]]:
    """The points of each piece; where an arc ends beside a point, it ends at the point."""
    pieces = block.pieces
    outlines = [list(piece.points) for piece in pieces]
    for here, piece in enumerate(pieces):
        if piece.radius_m == 0:
            continue
        reach_m = min(_JOINED_M, _JOINED_PART * piece.radius_m)
        for end, beside in ((0, here - 1), (-1, (here + 1) % len(pieces))):
            neighbour = pieces[beside]
            if neighbour.radius_m > 0:
                continue
            _, _, gap_m = WGS84.inv(*outlines[here][end], *neighbour.points[0])
            if gap_m <= reach_m:
                outlines[here][end] = neighbour.points[0]
                if gap_m > 1.0:
                    block.tell(f"line {piece.line}: the arc ends {gap_m:.0f} m off the point beside it: joined")
    return outlines
