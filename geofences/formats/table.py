"""A layer of a GIS file as rows, each with its geometry or the reason why that cannot be read.

GDAL and GEOS give up a whole layer for one ring that is not closed, a bare ring, a row of damaged bytes. So columns and
geometries are read apart, and geometries become shapes one by one: one that is damaged takes nothing else with it.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import shapely

from airspace.model.text import safe_text
from geofences.zone_set import ZoneFileError

FAULTS: Final = (RuntimeError, ValueError, OSError, TypeError, OverflowError, shapely.errors.ShapelyError)
"""What GDAL, pyogrio, pandas and GEOS raise."""

_MAX_TEXT: Final = 200
_GEOS: Final = re.compile(r"^(?:\w+Exception: )+")
_DAMAGED: Final = "geometry: its bytes are damaged: it cannot be read"
_NO_WKB: Final = "geometry: a ring that is no part of a Polygon, or of a kind that is not known: draw it as a Polygon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The values of a row; ``shape`` is None where it has none, ``fault`` says why it cannot be read."""

    values: tuple[Any, ...]
    shape: Any
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A layer: ``system`` as GDAL names it, ``is_drawn`` False where it has no geometry column."""

    columns: list[str]
    rows: list[Row]
    system: str | None
    is_drawn: bool


def read(data: bytes, key: str | int, most: int) -> Table:
    """A layer by its name or number, up to a row more than ``most``. ``ZoneFileError`` where it cannot be read."""
    import geopandas  # noqa: PLC0415 (takes a second, and few files need it)
    import pyogrio  # type: ignore[import-untyped]  # noqa: PLC0415 (what geopandas reads with)

    try:
        frame = geopandas.read_file(io.BytesIO(data), layer=key, engine="pyogrio", rows=most + 1, ignore_geometry=True)
        about, fids, _, _ = pyogrio.raw.read(
            io.BytesIO(data), layer=key, columns=[], read_geometry=False, return_fids=True, max_features=most + 1
        )
        wkb = _geometries(data, key, fids) if about["geometry_type"] is not None else [None] * len(fids)
    except FAULTS as error:
        raise ZoneFileError(f"cannot be read: {reason(error)}") from error
    damaged = _damaged(data, key, fids, wkb)
    return Table(
        columns=[str(column) for column in frame.columns],
        rows=list(_rows(frame, wkb, damaged)),
        system=about["crs"],
        is_drawn=about["geometry_type"] is not None,
    )


def reason(error: BaseException | str) -> str:
    """What a library says, without the places in memory that it read from."""
    text = _GEOS.sub("", re.sub(r"/vsi\S*", "it", str(error)))
    return safe_text(" ".join(text.split()), _MAX_TEXT) or type(error).__name__


def _rows(frame: Any, wkb: Sequence[bytes | None], damaged: Sequence[bool]) -> Iterator[Row]:
    table = frame.itertuples(index=False, name=None) if len(frame.columns) else [()] * len(wkb)  # else it has no rows
    for values, each, is_damaged in zip(table, wkb, damaged, strict=True):
        shape, fault = (None, _DAMAGED) if is_damaged else _shape(each)
        yield Row(values=values, shape=shape, fault=fault)


def _shape(wkb: bytes | None) -> tuple[Any, str | None]:
    if wkb is None:
        return None, None
    if not len(wkb):
        return None, _NO_WKB
    try:
        return shapely.from_wkb(wkb), None
    except FAULTS as error:
        return None, f"geometry: {reason(error)}"


def _geometries(data: bytes, key: str | int, fids: Any) -> list[bytes | None]:
    """The geometry of each row, None for none. In one go, else row by row: GDAL ends at the first that is damaged."""
    import pyogrio  # noqa: PLC0415 (see above)

    try:
        _, found, wkb, _ = pyogrio.raw.read(io.BytesIO(data), layer=key, columns=[], return_fids=True)
        if list(found[: len(fids)]) == list(fids):
            return list(wkb[: len(fids)])
    except FAULTS:
        pass
    return list(pyogrio.raw.read(io.BytesIO(data), layer=key, columns=[], fids=fids)[2])


def _damaged(data: bytes, key: str | int, fids: Any, wkb: Sequence[bytes | None]) -> list[bool]:
    """Whether a row without a geometry has one in a GeoPackage that GDAL could not read."""
    if not isinstance(key, str) or all(each is not None for each in wkb):
        return [False] * len(wkb)
    placed = _placed(data, key)
    return [each is None and int(fid) in placed for fid, each in zip(fids, wkb, strict=True)]


def _placed(data: bytes, name: str) -> frozenset[int]:
    """The rows of a table of a GeoPackage that have something for a geometry."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            database.execute("pragma trusted_schema = off")
            (column,) = database.execute(
                "select column_name from gpkg_geometry_columns where lower(table_name) = lower(?)", (name,)
            ).fetchone()
            table, geometry = (each.replace('"', '""') for each in (name, str(column)))
            found = database.execute(f'select rowid from "{table}" where "{geometry}" is not null')
            return frozenset(row[0] for row in found)
    except (sqlite3.Error, TypeError):
        return frozenset()
