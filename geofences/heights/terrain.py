"""How high the ground lies above the sea: a raster that the operator brings, or nothing.

Any north-up GeoTIFF in degrees (EPSG:4326) or in the Dutch grid (EPSG:28992, or 7415, its pair with heights) whose
first band holds metres above NAP: AHN, resampled to 25 or 100 m, is one. NAP and the EGM96 sea differ by less than the
undulation's own standard deviation. Read through rasterio (extra ``terrain``), which is imported only here and only
when a raster is asked for; places are brought to the Dutch grid by pyproj, heights never are.

Heights lie at the middle of their cell and are bilinear in between. A place off the raster, or beside a cell without a
value, is unknown: the caller then takes what it would take without a raster.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyproj import Transformer

from airspace.model.detection import Numbers

SIGMA_M: Final = 3.0  # of the ground from a raster: its cells, a slope within the position's accuracy, NAP for EGM96
MAX_CELLS: Final = 100_000_000  # 400 MB; the Netherlands at 25 m are 150 million, at 50 m a quarter of that
_DEGREES: Final = frozenset({4326})
_DUTCH_GRID: Final = frozenset({28992, 7415})
_HALF: Final = 0.5  # a cell's middle from its edge


class TerrainError(ValueError):
    """A raster that cannot be used; the message says why."""


class Terrain:
    """Heights of the ground on a grid. ``to_grid`` brings (longitude, latitude) to the raster's own coordinates."""

    def __init__(
        self, height_m: Any, west: float, north: float, step: tuple[float, float], to_grid: Transformer | None = None
    ) -> None:
        self._height_m = np.ascontiguousarray(height_m, dtype=np.float32)
        if self._height_m.ndim != 2 or min(self._height_m.shape) < 2:  # noqa: PLR2004 -- rows and columns
            raise TerrainError(f"a raster of {self._height_m.shape} cells: at least 2 by 2 are needed")
        self._west, self._north = west, north  # of the raster's edge
        self._step_x, self._step_y = step
        self._to_grid = to_grid

    @classmethod
    def read(cls, path: Path) -> Terrain:
        """The raster of a file. ``TerrainError`` says what it lacks; a missing rasterio says how to install it."""
        try:
            rasterio = importlib.import_module("rasterio")
        except ImportError as error:
            raise TerrainError("a terrain raster needs rasterio: pip install 'airspace-monitor[terrain]'") from error
        try:
            with rasterio.open(path) as raster:
                return cls._of(raster, path)
        except rasterio.errors.RasterioError as error:
            raise TerrainError(f"{path}: not a raster that can be read: {error}") from error

    @classmethod
    def _of(cls, raster: Any, path: Path) -> Terrain:
        to_x, turned_x, west, turned_y, to_y, north = tuple(raster.transform)[:6]
        if turned_x or turned_y or to_x <= 0 or to_y >= 0:
            raise TerrainError(f"{path}: not north up")
        if raster.width * raster.height > MAX_CELLS:
            raise TerrainError(f"{path}: {raster.width} x {raster.height} cells, at most {MAX_CELLS} are read")
        code = raster.crs.to_epsg() if raster.crs else None
        if code not in _DEGREES | _DUTCH_GRID:
            raise TerrainError(f"{path}: coordinates of EPSG:{code}, only 4326, 28992 and 7415 are read")
        to_grid = Transformer.from_crs(4326, 28992, always_xy=True) if code in _DUTCH_GRID else None
        height_m = raster.read(1, masked=True).astype(np.float32).filled(np.nan)
        return cls(height_m, west, north, (to_x, -to_y), to_grid)

    def ground_m(self, latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
        """Metres above the sea at each place, NaN where the raster does not say."""
        x, y = np.asarray(longitude_deg, dtype=np.float64), np.asarray(latitude_deg, dtype=np.float64)
        if self._to_grid is not None:
            x, y = self._to_grid.transform(x, y)
        column, row = (x - self._west) / self._step_x - _HALF, (self._north - y) / self._step_y - _HALF
        rows, columns = self._height_m.shape
        inside = (row >= -_HALF) & (row <= rows - _HALF) & (column >= -_HALF) & (column <= columns - _HALF)
        row = np.clip(np.where(inside, row, 0.0), 0.0, rows - 1.0)  # the outer half of a border cell is flat
        column = np.clip(np.where(inside, column, 0.0), 0.0, columns - 1.0)
        top = np.minimum(row.astype(np.intp), rows - 2)
        left = np.minimum(column.astype(np.intp), columns - 2)
        down, right = row - top, column - left
        upper = self._height_m[top, left] * (1.0 - right) + self._height_m[top, left + 1] * right
        lower = self._height_m[top + 1, left] * (1.0 - right) + self._height_m[top + 1, left + 1] * right
        return np.where(inside, upper * (1.0 - down) + lower * down, np.nan)
