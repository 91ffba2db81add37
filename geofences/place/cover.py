"""Which cells of a grid each shape fills or only touches.

What only touches a cell is found on the safe side: an edge counts for every cell it comes within a fifth of a
millimetre of, a circle's edge within a metre. Polygons are painted row by row: of each row of cells one parallel is
followed from west to east, and every edge on it changes inside into outside or back. Shapes are worked in chunks, to
hold little memory at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers, Rows
from airspace.model.track import Booleans
from geofences.place.borders import NO_BORDERS, Borders, Small, bordered, clipped
from geofences.place.grid import Grid, refuse_too_many
from geofences.place.shapes import Shapes, expand

_TOUCH_DEG: Final = 2e-9
_TOUCH_M: Final = 1.0
_CHUNK: Final = 30_000  # cells and pieces of edges worked at a time
_REFERENCE: Final = (0.4142, 0.6180)  # (x, y) in a cell: not its middle, where symmetric shapes have edges


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Entries (column, row, code): see ``Index`` for the codes."""

    column: Small
    row: Small
    code: Small
    borders: Borders


@dataclass(frozen=True, slots=True, kw_only=True)
class _Boxes:
    """The box of cells round each shape: its first column and row, and how many there are."""

    column: Rows
    row: Rows
    wide: Rows
    tall: Rows

    @property
    def count(self) -> Rows:
        return self.wide * self.tall

    def of(self, part: Rows) -> _Boxes:
        return _Boxes(column=self.column[part], row=self.row[part], wide=self.wide[part], tall=self.tall[part])

    def cells(self) -> tuple[Rows, Rows, Rows]:
        """(which box, column, row) of all cells, box after box, row after row."""
        which, nth, _ = expand(np.zeros(len(self.wide), dtype=np.intp), self.count)
        up, right = np.divmod(nth, self.wide.take(which))
        return which, right + self.column.take(which), up + self.row.take(which)


def cover(grid: Grid, shapes: Shapes, bounds: Numbers) -> Cover:
    """Every cell that a shape fills or may touch; ``bounds`` are those of the shapes."""
    boxes = _boxes(grid, bounds)
    refuse_too_many(boxes.count, "covers")
    pieces = _pieces(grid, shapes)
    refuse_too_many(pieces, "has edges through")
    entries = [
        _circles(grid, shapes, boxes.of(part), part) for part in _chunks(shapes.is_circle.nonzero()[0], boxes.count)
    ]
    borders: list[Borders] = []
    number = len(shapes)
    for part in _chunks((~shapes.is_circle).nonzero()[0], boxes.count + pieces):
        more, border = _polygons(grid, shapes, boxes.of(part), part, number)
        entries.append(more)
        borders.append(border)
        number += len(border.shape)
    column, row, code = np.concatenate(entries, axis=1) if entries else np.empty((3, 0), dtype=np.int32)
    return Cover(column=column, row=row, code=code, borders=_all(borders))


def _boxes(grid: Grid, bounds: Numbers) -> _Boxes:
    x0, y0 = grid.place(bounds[:, 1] - _TOUCH_DEG, bounds[:, 0] - _TOUCH_DEG)
    x1, y1 = grid.place(bounds[:, 3] + _TOUCH_DEG, bounds[:, 2] + _TOUCH_DEG)
    column, row = x0.astype(np.intp), y0.astype(np.intp)
    return _Boxes(column=column, row=row, wide=x1.astype(np.intp) - column + 1, tall=y1.astype(np.intp) - row + 1)


def _pieces(grid: Grid, shapes: Shapes) -> Rows:
    """About how many cells the edges of each shape run through, an upper bound."""
    wide = np.abs(shapes.edges[:, 2] - shapes.edges[:, 0]) / grid.step_longitude_deg
    tall = np.abs(shapes.edges[:, 3] - shapes.edges[:, 1]) / grid.step_latitude_deg
    so_far = np.concatenate(([0], np.cumsum((wide + tall).astype(np.intp) + 3)))
    return np.asarray(np.diff(so_far[shapes.first_edge]), dtype=np.intp)


def _chunks(rows: Rows, weight: Rows) -> list[Rows]:
    """Some of the rows, so many together that their weight is about a chunk."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(np.cumsum(weight[rows]) // _CHUNK)) + 1)


def _circles(grid: Grid, shapes: Shapes, boxes: _Boxes, part: Rows) -> Small:
    """Columns, rows and codes, by the nearest and the farthest point of each cell."""
    which, column, row = boxes.cells()
    shape = part.take(which)
    y, x = shapes.latitude_deg.take(shape), shapes.longitude_deg.take(shape)
    south, west = grid.degrees(column.astype(np.float64), row.astype(np.float64))
    north, east = south + grid.step_latitude_deg, west + grid.step_longitude_deg
    near_m = shapes.flat_distance_m(np.clip(y, south, north), np.clip(x, west, east), shape)
    far_m = shapes.flat_distance_m(
        np.where(y + y < south + north, north, south), np.where(x + x < west + east, east, west), shape
    )
    spare_m = _TOUCH_M + shapes.bend_m.take(shape)
    radius_m = shapes.radius_m.take(shape)
    full = far_m < radius_m - spare_m
    kept = (near_m < radius_m + spare_m).nonzero()[0]
    return np.stack((column[kept], row[kept], np.where(full, shape, ~shape)[kept]), dtype=np.int32, casting="unsafe")


def _polygons(grid: Grid, shapes: Shapes, boxes: _Boxes, part: Rows, number: int) -> tuple[Small, Borders]:
    """Where the edges are, and what the painting says of all other cells. Entries are numbered from ``number``."""
    count = boxes.count
    start = np.cumsum(count) - count
    lines = _lines(grid, shapes, boxes, part, start)
    piece, edge = _near(grid, lines)
    order = np.argsort(piece, kind="stable")
    piece, edge = piece[order], edge[order]
    first = np.flatnonzero(np.diff(piece, prepend=-1))
    inside = _painted(lines, int(count.sum()))
    touched = piece[first]
    inside_there = inside[touched]
    inside[touched] = False
    full = inside.nonzero()[0]
    which, column, row = _cells_of(boxes, start, np.concatenate((full, touched)))
    x, y, shape = column[len(full) :], row[len(full) :], part[which]
    ends = np.append(first, len(piece))
    corner = x.astype(np.float64), y.astype(np.float64)
    _, west_deg = grid.degrees(*corner)
    border = bordered(
        shape[len(full) :],
        ends,
        clipped(lines.edges.take(edge, axis=0), (west_deg - _TOUCH_DEG / 2).repeat(np.diff(ends))),
        *grid.degrees(corner[0] + _REFERENCE[0], corner[1] + _REFERENCE[1]),
        inside_there,
    )
    shape[len(full) :] = ~np.arange(number, number + len(touched))
    return np.stack((column, row, shape), dtype=np.int32, casting="unsafe"), border


def _cells_of(boxes: _Boxes, start: Rows, cell: Rows) -> tuple[Rows, Rows, Rows]:
    """(which box, column, row) of cells counted through all boxes."""
    which = np.searchsorted(start, cell, side="right") - 1
    up, right = np.divmod(cell - start[which], boxes.wide[which])
    return which, right + boxes.column[which], up + boxes.row[which]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Edges in cells, each from its lower end (x0, y0) up to (x1, y1); ``base`` + row * wide + column counts cells."""

    edges: Numbers  # as they were, in degrees
    x0: Numbers
    y0: Numbers
    x1: Numbers
    y1: Numbers
    slope: Numbers  # columns in a row; 0 for a level edge
    base: Rows
    wide: Rows


def _lines(grid: Grid, shapes: Shapes, boxes: _Boxes, part: Rows, start: Rows) -> _Lines:
    edges = shapes.edges[shapes.first_edge[part[0]] : shapes.first_edge[part[-1] + 1]]
    which = np.repeat(np.arange(len(part)), shapes.first_edge[part + 1] - shapes.first_edge[part])
    real = (edges[:, :2] != edges[:, 2:]).any(axis=1)  # a corner written twice is no edge
    edges, which = edges[real], which[real]
    xa, ya = grid.place(edges[:, 1], edges[:, 0])
    xb, yb = grid.place(edges[:, 3], edges[:, 2])
    up = ya <= yb
    x0, y0, x1, y1 = np.where(up, xa, xb), np.where(up, ya, yb), np.where(up, xb, xa), np.where(up, yb, ya)
    tall = y1 - y0
    base = start - boxes.row * boxes.wide - boxes.column
    return _Lines(
        edges=edges,
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        slope=np.where(tall > 0, (x1 - x0) / np.where(tall > 0, tall, 1.0), 0.0),
        base=base[which],
        wide=boxes.wide[which],
    )


def _near(grid: Grid, lines: _Lines) -> tuple[Rows, Rows]:
    """(cell, edge) of every cell that an edge comes near: row by row, the columns from where it enters to its exit."""
    near_x, near_y = _TOUCH_DEG / grid.step_longitude_deg, _TOUCH_DEG / grid.step_latitude_deg
    lowest, highest = (lines.y0 - near_y).astype(np.intp), (lines.y1 + near_y).astype(np.intp)
    edge, row, _ = expand(lowest, highest + 1)
    x0, y0, x1, y1, slope = (column.take(edge) for column in (lines.x0, lines.y0, lines.x1, lines.y1, lines.slope))
    enters = x0 + (np.maximum(row - near_y, y0) - y0) * slope
    leaves = x1 - (y1 - np.minimum(row + 1 + near_y, y1)) * slope
    west, east = np.minimum(x0, x1), np.maximum(x0, x1)
    first = np.maximum(np.minimum(enters, leaves), west) - near_x
    last = np.minimum(np.maximum(enters, leaves), east) + near_x
    piece, column, _ = expand(first.astype(np.intp), last.astype(np.intp) + 1)
    edge, row = edge.take(piece), row.take(piece)
    return lines.base.take(edge) + row * lines.wide.take(edge) + column, edge


def _painted(lines: _Lines, count: int) -> Booleans:
    """Cell by cell, whether its reference point is inside. A shape's edges on one parallel are even in number."""
    right, up = _REFERENCE
    first, last = np.ceil(lines.y0 - up).astype(np.intp), np.ceil(lines.y1 - up).astype(np.intp)
    edge, row, _ = expand(first, last)
    x0, x1 = lines.x0.take(edge), lines.x1.take(edge)
    x = x0 + (row + up - lines.y0.take(edge)) * lines.slope.take(edge)
    x = np.clip(x, np.minimum(x0, x1), np.maximum(x0, x1))
    changes = lines.base.take(edge) + row * lines.wide.take(edge) + np.floor(x - right).astype(np.intp) + 1
    odd = np.cumsum(np.bincount(changes, minlength=count + 1)[:count]) & 1
    return odd.astype(np.bool_)


def _all(parts: list[Borders]) -> Borders:
    """Some entries after others."""
    parts = [*parts, NO_BORDERS]
    before = np.cumsum([0, *(len(part.edges) for part in parts)])
    firsts = [part.first[:-1] + many for part, many in zip(parts, before[:-1], strict=True)]
    return Borders(
        shape=np.concatenate([part.shape for part in parts]).astype(np.int32),
        first=np.concatenate((*firsts, before[-1:])).astype(np.int32),
        edges=np.concatenate([part.edges for part in parts]),
        odd=np.concatenate([part.odd for part in parts]),
    )
