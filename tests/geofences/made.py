"""Zones, notices and tracks that tests make."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from airspace.model.detection import HeightReference, IdType, texts
from airspace.model.notice import Notice, NoticeState, NoticeVolume
from airspace.model.track import Changes, TrackRow, Tracks, TrackState, unknown_tracks
from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Datum, Volume, Zone
from geofences.catalogue import Catalogue
from geofences.formats import ed269
from geofences.zone_set import ZoneSet

NOON_S = epoch_s("2026-05-01T12:00:00Z")
SERIAL = "TEST4ABCD"
ARENA = (52.3144, 4.9419)
OPEN_FORBIDDEN = (
    "Vluchten in de OPEN categorie zijn hier niet toegestaan / Flights in the OPEN category are not allowed here"
)
FOURTH_OF_MAY = "Alle vluchten zijn hier verboden op 4 mei / all flights are prohibted on the 4th of may"
MAX_30 = (
    "OPEN A1/2 toegestaan tot max 30m hoogte boven de grond; A3 niet toegestaan / "
    "OPEN A1/2 are allowed up to a max height of 30m above the ground; A3 not allowed"
)
MILITARY = (
    "Alle vuchten zijn hier verboden tenzij er toestemming is gegeven door de Militaire luchverkeersdienstverlener / "
    "All flights are prohibited unless permission is granted (Military air traffic control)"
)
ALL_FORBIDDEN = "Alle vluchten zijn hier verboden / All flights are prohibited here"
CTR_NAME = "Nabijheid van vliegveld voor bemand luchtverkeer EHAM SCHIPHOL CTR 1"


def circle(longitude: float, latitude: float, radius: float) -> dict[str, Any]:
    return {"type": "Circle", "center": [longitude, latitude], "radius": radius}


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon([[west, south], [east, south], [east, north], [west, north], [west, south]])


def feature(identifier: str = "1.a", shape: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    made = {
        "identifier": identifier,
        "country": "NLD",
        "name": f"zone {identifier}",
        "type": "COMMON",
        "restriction": "CONDITIONAL",
        "reason": ["AIR_TRAFFIC"],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"purpose": "INFORMATION"}],
        "message": OPEN_FORBIDDEN,
        "geometry": [geometry(shape or box(4.90, 52.30, 4.95, 52.33))],
    }
    return made | changes


def geometry(shape: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": shape,
    } | changes


def document(*features: dict[str, Any]) -> bytes:
    return json.dumps({"title": "test", "description": "test", "features": list(features)}).encode()


def zone_set(*features: dict[str, Any]) -> ZoneSet:
    return ed269.read(document(*features), "test")


def catalogue(*features: dict[str, Any]) -> Catalogue:
    return Catalogue([zone_set(*features)])


def zone(**changes: Any) -> Zone:
    return replace(zone_set(feature()).zones[0], **changes)


def notice(**changes: Any) -> Notice:
    """A flight of SERIAL round the ArenA, 11:00 to 13:00, up to 100 m above ground."""
    values: dict[str, Any] = {
        "notice_id": "N1",
        "version": 1,
        "state": NoticeState.APPROVED,
        "source": "test",
        "uas_serials": (SERIAL,),
        "volumes": (window(),),
    }
    return Notice(**values | changes)


def window(
    at: tuple[float, float] = ARENA,
    radius_m: float = 500.0,
    start_s: float = NOON_S - 3600,
    end_s: float = NOON_S + 3600,
) -> NoticeVolume:
    shape = Circle(latitude_deg=at[0], longitude_deg=at[1], radius_m=radius_m)
    volume = Volume(shape=shape, lower_m=None, lower_datum=Datum.AGL, upper_m=100.0, upper_datum=Datum.AGL)
    return NoticeVolume(volume=volume, start_s=start_s, end_s=end_s)


def tracks(points: list[tuple[float, float]], **columns: Any) -> Tracks:
    """One confirmed flying track, one row a second from noon, at 50 m above ground with 10 m accuracy."""
    n = len(points)
    latitude, longitude = (np.array(each, dtype=np.float64) for each in zip(*points, strict=True))
    values: dict[str, Any] = {
        "number": 1,
        "track_id": "T1",
        "flight_id": "F1",
        "state": TrackState.CONFIRMED,
        "seq": np.arange(1, n + 1),
        "logged_s": NOON_S + np.arange(n),
        "first_seen_s": NOON_S - 60,
        "last_seen_s": NOON_S + np.arange(n),
        "airborne": True,
        "fix": True,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "previous_latitude_deg": np.concatenate(([np.nan], latitude[:-1])),
        "previous_longitude_deg": np.concatenate(([np.nan], longitude[:-1])),
        "gap_s": np.concatenate(([np.nan], np.ones(n - 1))),
        "horizontal_accuracy_m": 10.0,
        "height_m": 50.0,
        "height_reference": HeightReference.GROUND,
        "vertical_accuracy_m": 3.0,
        "uas_id": SERIAL,
        "uas_id_type": IdType.SERIAL,
        "fixes": np.arange(1, n + 1),
        "sightings": np.arange(1, n + 1),
    } | columns
    kinds = unknown_tracks(0)
    return unknown_tracks(n, **{name: _column(value, n, getattr(kinds, name).dtype) for name, value in values.items()})


def _column(value: Any, n: int, kind: np.dtype[Any]) -> Any:
    if kind.kind == "O":
        return texts(list(value) if isinstance(value, (list, np.ndarray)) else [value] * n)
    return np.array(np.broadcast_to(value, (n,)), dtype=kind)


def track_row(**columns: Any) -> TrackRow:
    return tracks([ARENA], **columns).row(0)


def changes(rows: Tracks | None = None, **values: Any) -> Changes:
    rows = unknown_tracks(0) if rows is None else rows
    return Changes(rows=rows, detection=np.arange(len(rows)), **values)


def tick(rows: Tracks, after_s: float = 1.0, row: int = -1, **columns: Any) -> Changes:
    """A tick after the last of some rows, of one track."""
    live = rows.take(np.array([row % len(rows)]))
    now_s = float(live.logged_s[0]) + after_s
    values = (
        {name: getattr(live, name) for name in live.__dataclass_fields__} | {"logged_s": np.array([now_s])} | columns
    )
    return changes(live=Tracks(**values), tick_s=now_s)
