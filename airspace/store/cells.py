"""The grid that statistics mode keeps instead of positions: cells of about 500 m by 500 m, anywhere on the globe.

Rows are bands of 0.0045 degrees of latitude (500 m); each band is divided into as many equal columns as keep a column
about 500 m wide in its middle. The number of a cell is ``row * 2**17 + column``: sortable, and readable back.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers

ROW_DEG: Final = 0.0045
ROWS: Final = 40_000  # 180 degrees
AREA_ROWS: Final = 10  # cells on a side of an area
NO_CELL: Final = -1
_COLUMN_BITS: Final = 17  # at most 80,000 columns, at the equator


def cell_of(latitude_deg: Numbers, longitude_deg: Numbers) -> Bits:
    """The cell of each position, ``NO_CELL`` where it is unknown or off the globe."""
    return _square(latitude_deg, longitude_deg, 1)


def area_of(latitude_deg: Numbers, longitude_deg: Numbers) -> Bits:
    """The square of about 5 km by 5 km of each position, numbered in the same way; of the series of flights."""
    return _square(latitude_deg, longitude_deg, AREA_ROWS)


def _square(latitude_deg: Numbers, longitude_deg: Numbers, cells: int) -> Bits:
    known = (np.abs(latitude_deg) <= 90.0) & (np.abs(longitude_deg) <= 180.0)  # noqa: PLR2004  the globe
    latitude = np.where(known, latitude_deg, 0.0)
    longitude = np.where(known, longitude_deg, 0.0)
    row = np.minimum((latitude + 90.0) / (cells * ROW_DEG), ROWS // cells - 1).astype(np.int64)
    columns = _columns(row, cells)
    column: Bits = ((longitude + 180.0) / 360.0 * columns).astype(np.int64) % columns
    square: Bits = (row << _COLUMN_BITS) + column
    square[~known] = NO_CELL
    return square


def centre_of(cell: Bits) -> tuple[Numbers, Numbers]:
    """Latitude and longitude of the middle of each cell, NaN for ``NO_CELL``."""
    row = cell >> _COLUMN_BITS
    column = cell & ((1 << _COLUMN_BITS) - 1)
    latitude = (row + 0.5) * ROW_DEG - 90.0
    longitude = (column + 0.5) / _columns(row) * 360.0 - 180.0
    return np.where(cell >= 0, latitude, np.nan), np.where(cell >= 0, longitude, np.nan)


def _columns(row: Bits, cells: int = 1) -> Bits:
    side_deg = cells * ROW_DEG
    middle = np.radians((row + 0.5) * side_deg - 90.0)
    columns: Bits = np.maximum(np.rint(360.0 / side_deg * np.cos(middle)), 1.0).astype(np.int64)
    return columns
