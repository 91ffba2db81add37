from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from geofences.heights.terrain import Terrain, TerrainError

rasterio: Any = pytest.importorskip("rasterio", reason="the extra terrain is not installed")
Affine = rasterio.Affine
HEIGHTS = np.array([[0.0, 10.0, 20.0], [100.0, 110.0, 120.0], [200.0, 210.0, -9999.0]], dtype=np.float32)
DEGREES = Affine(0.01, 0, 5.0, 0, -0.01, 52.03)
DUTCH = Affine(25.0, 0, 155_000.0, 0, -25.0, 463_075.0)


def raster(folder: Path, transform: Any = DEGREES, epsg: int | None = 4326, heights: Any = HEIGHTS) -> Path:
    file = folder / "ground.tif"
    crs = None if epsg is None else f"EPSG:{epsg}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a raster without a place is what one of the tests wants
        with rasterio.open(
            file, "w", driver="GTiff", height=3, width=3, count=1, dtype="float32", nodata=-9999.0,
            transform=transform, crs=crs,
        ) as made:  # fmt: skip
            made.write(heights, 1)
    return file


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected_m"),
    [
        (52.025, 5.005, 0.0),  # the middle of the first cell
        (52.025, 5.010, 5.0),  # half way to the next
        (52.020, 5.005, 50.0),
        (52.020, 5.010, 55.0),
        (52.025, 5.025, 20.0),  # the middle of the last column
        (52.0299, 5.0001, 0.0),  # the outer corner of the first cell
        (52.0301, 5.005, np.nan),
        (52.025, 5.0301, np.nan),
        (52.006, 5.024, np.nan),  # beside the cell without a value
        (51.0, 5.005, np.nan),
        (np.nan, 5.005, np.nan),
    ],
)
def test_between_the_cells(tmp_path: Path, latitude: float, longitude: float, expected_m: float) -> None:
    ground = Terrain.read(raster(tmp_path))
    found = ground.ground_m(np.array([latitude]), np.array([longitude]))
    assert found == pytest.approx([expected_m], abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("epsg", [28992, 7415])
def test_the_dutch_grid(tmp_path: Path, epsg: int) -> None:
    ground = Terrain.read(raster(tmp_path, DUTCH, epsg))
    longitude, latitude = Transformer.from_crs(28992, 4326, always_xy=True).transform(155_025.0, 463_050.0)
    assert (latitude, longitude) == pytest.approx((52.1551, 5.3872), abs=1e-3)  # Amersfoort
    assert ground.ground_m(np.array([latitude]), np.array([longitude])) == pytest.approx([55.0], abs=0.1)


def test_many_places_at_once(tmp_path: Path) -> None:
    ground = Terrain.read(raster(tmp_path))
    rng = np.random.default_rng(5)
    latitude, longitude = rng.uniform(51.99, 52.04, 200), rng.uniform(4.99, 5.04, 200)
    one_by_one = [float(ground.ground_m(latitude[i : i + 1], longitude[i : i + 1])[0]) for i in range(200)]
    assert ground.ground_m(latitude, longitude) == pytest.approx(one_by_one, nan_ok=True)
    assert 0 < int(np.isnan(one_by_one).sum()) < 200


@pytest.mark.parametrize(
    ("transform", "epsg", "told"),
    [
        (Affine(0.01, 0, 5.0, 0, 0.01, 52.03), 4326, "not north up"),
        (Affine(0.01, 0.001, 5.0, 0, -0.01, 52.03), 4326, "not north up"),
        (DUTCH, 32631, "EPSG:32631"),
        (DEGREES, None, "EPSG:None"),
    ],
)
def test_what_is_refused(tmp_path: Path, transform: Any, epsg: int | None, told: str) -> None:
    with pytest.raises(TerrainError, match=told):
        Terrain.read(raster(tmp_path, transform, epsg))


def test_too_large_a_raster_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geofences.heights.terrain.MAX_CELLS", 8)
    with pytest.raises(TerrainError, match="at most 8"):
        Terrain.read(raster(tmp_path))


def test_no_raster_at_all(tmp_path: Path) -> None:
    (tmp_path / "no.tif").write_text("no raster")
    with pytest.raises(TerrainError, match="not a raster"):
        Terrain.read(tmp_path / "no.tif")
    with pytest.raises(TerrainError, match="not a raster"):
        Terrain.read(tmp_path / "absent.tif")
    with pytest.raises(TerrainError, match="2 by 2"):
        Terrain(np.zeros((1, 5)), 5.0, 52.0, (0.01, 0.01))


def test_without_rasterio_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name == "rasterio":
            raise ModuleNotFoundError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(TerrainError, match="terrain"):
        Terrain.read(raster(tmp_path))
