"""EGM96: how far the sea lies above the WGS-84 ellipsoid, 3-8 E, 50.5-54 N.

From our own table (15 minute grid, bilinear; NIMA and NASA, public domain), never through pyproj: its wheel ships no
grids and gives its input back unchanged, 43 m off (handbook, 4.1). Between the corners the table errs by at most some
0.15 m, EGM96 itself by about a metre: ``SIGMA_M``. Outside the table the answer is NaN.

The table is checked against its digest and against four places that were worked out with the full EGM96 grid: a file
damaged by one digit would move every height of a town, and nobody would see it.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from airspace.model.detection import Numbers

SIGMA_M: Final = 1.0  # of EGM96 on land with this table, one standard deviation
_DIGEST: Final = "352699ee6abb1b04"  # first 16 hex digits of the file's SHA-256
# (latitude, longitude, metres): ArenA, Rotterdam, Groningen, Maastricht, from egm96_15.gtx (handbook, 4.1)
_KNOWN: Final = (
    (52.3144, 4.9419, 43.01),
    (51.9244, 4.4777, 43.54),
    (53.1197, 6.5794, 40.96),
    (50.9117, 5.7700, 45.86),
)
_KNOWN_WITHIN_M: Final = 0.15
_ABOUT: Final = (35.0, 55.0)  # no undulation in the table lies outside these


class UndulationError(RuntimeError):
    """The table of undulations is not as it was made; no height can be trusted."""


class _Table(msgspec.Struct):
    south_deg: float
    west_deg: float
    step_deg: float
    undulation_m: list[list[float]]


class Undulation:
    """The table as four coefficients a cell: N = a + b x + c y + d x y, x and y the place in the cell."""

    def __init__(self, data: bytes) -> None:
        try:
            table = msgspec.json.decode(data, type=_Table)
            grid = np.array(table.undulation_m, dtype=np.float64)
        except (msgspec.MsgspecError, ValueError) as error:
            raise UndulationError(f"the undulation table cannot be read: {error}") from error
        if grid.ndim != 2 or min(grid.shape) < 2 or not table.step_deg > 0:  # noqa: PLR2004 -- rows and columns
            raise UndulationError(f"the undulation table has the shape {grid.shape}")
        self._data = data
        self._grid = grid
        self._rows, self._columns = grid.shape[0] - 1, grid.shape[1] - 1  # of cells
        self._south_deg, self._west_deg, self._per_deg = table.south_deg, table.west_deg, 1.0 / table.step_deg
        sw, se, nw, ne = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
        self._cells: Numbers = np.stack((sw, se - sw, nw - sw, ne - nw - se + sw), axis=-1).reshape(-1, 4)

    def at(self, latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
        """Metres at each place, NaN outside the table and for an unknown place."""
        y = (latitude_deg - self._south_deg) * self._per_deg
        x = (longitude_deg - self._west_deg) * self._per_deg
        off = ~((y >= 0) & (y <= self._rows) & (x >= 0) & (x <= self._columns))
        outside = bool(off.any())
        if outside:
            x, y = np.where(off, 0.0, x), np.where(off, 0.0, y)
        row, column = np.minimum(y.astype(np.intp), self._rows - 1), np.minimum(x.astype(np.intp), self._columns - 1)
        a, b, c, d = self._cells[row * self._columns + column].T
        x, y = x - column, y - row
        found: Numbers = a + b * x + (c + d * x) * y
        if outside:
            found[off] = np.nan
        return found

    def check(self) -> None:
        """``UndulationError`` with what is wrong, if anything is."""
        for latitude_deg, longitude_deg, known_m in _KNOWN:
            found_m = float(self.at(np.array([latitude_deg]), np.array([longitude_deg]))[0])
            if not abs(found_m - known_m) <= _KNOWN_WITHIN_M:
                raise UndulationError(
                    f"the undulation at {latitude_deg} {longitude_deg} is {found_m:.2f} m, it should be {known_m} m"
                )
        low_m, high_m = float(self._grid.min()), float(self._grid.max())
        if not _ABOUT[0] < low_m <= high_m < _ABOUT[1]:
            raise UndulationError(f"the undulation table goes from {low_m} to {high_m} m")
        digest = hashlib.sha256(self._data).hexdigest()
        if not digest.startswith(_DIGEST):
            raise UndulationError(f"the undulation table has the digest {digest[:16]}, it should be {_DIGEST}")


_EGM96: Final = Undulation(files("geofences.heights").joinpath("undulation.json").read_bytes())


def undulation_m(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Height of the sea above the ellipsoid, NaN outside the table."""
    return _EGM96.at(latitude_deg, longitude_deg)


def self_test() -> None:
    """For the start of a program: ``UndulationError`` if the table is not as it was made."""
    _EGM96.check()
