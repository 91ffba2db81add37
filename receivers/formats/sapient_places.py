"""Where a SAPIENT report says that something is: coordinate system, datum, units and north are read, never assumed.

Source: location.proto, range_bearing.proto and velocity.proto of BSI Flex 335 v2. ``x`` is the longitude or the UTM
easting, ``y`` the latitude or northing. The datum enumeration tells the ellipsoid from the geoid: a height above the
geoid has no column here and is left unknown, the place itself is WGS-84 either way. Errors are taken to be in the unit
of their coordinate, as the sensor says them; nothing in a report says how many per cent they cover. One above
``MAX_ERROR_M`` is taken to be in another unit and left unknown.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, Final

from pyproj import Geod, Transformer

from airspace.model.message import RejectReason
from receivers.formats.framing import Refusal
from receivers.formats.json_values import is_no_position
from receivers.formats.rows import Row, bounded, position
from receivers.formats.sapient_declared import SPEEDS_M_S, Declared

DEGREES, RADIANS, UTM = 1, 2, 5  # enum LocationCoordinateSystem
WGS84_ELLIPSOID: Final = 1  # enum LocationDatum; 2 is the geoid
TRUE_NORTH: Final = 1  # enum RangeBearingDatum
NORTHS: Final = {0: "an unspecified", 2: "magnetic", 3: "grid", 4: "the platform's"}
ANGLES: Final = {1: 1.0, 2: math.degrees(1), 3: 1.0, 4: math.degrees(1)}  # enum RangeBearingCoordinateSystem, degrees
RANGES_M: Final = {1: 1.0, 2: 1.0, 3: 1000.0, 4: 1000.0}
MAX_ERROR_M: Final = 10_000.0
MAX_RANGE_M: Final = 200_000.0
MAX_SPEED_M_S: Final = 1000.0
ALTITUDE_M: Final = (-1000.0, 40_000.0)
METRES_PER_DEGREE: Final = 111_320.0  # of latitude, near enough for an error
_EASTING_M: Final = (100_000.0, 900_000.0)
_NORTHING_M: Final = (0.0, 10_000_000.0)
_ZONE: Final = re.compile(r"(0?[1-9]|[1-5]\d|60)([C-HJ-NP-X])\Z")
_HALF_TURN_DEG: Final = 180.0
_FULL_TURN_DEG: Final = 360.0
_WGS84: Final = Geod(ellps="WGS84")


def says_no_place(report: Any) -> bool:
    """Whether a detection report knows no place: none, half of one, no numbers, 0/0, or the marker of Remote ID."""
    where = report.WhichOneof("location_oneof")
    if where == "range_bearing":
        return not math.isfinite(_said(report.range_bearing, "azimuth"))
    if where is None:
        return True
    x, y = _said(report.location, "x"), _said(report.location, "y")
    return math.isnan(x + y) or x == y == 0 or is_no_position(x) or is_no_position(y)


def located(location: Any, declared: Declared) -> Row | Refusal:
    """Columns of a Location message."""
    if not (location.HasField("x") and location.HasField("y")):
        return _refuse(RejectReason.NO_DATA, "a location without x or y")
    place = _place(location, declared.utm_zone)
    if isinstance(place, Refusal):
        return place
    scale = {DEGREES: METRES_PER_DEGREE, RADIANS: math.degrees(1) * METRES_PER_DEGREE, UTM: 1.0}
    unit_m = scale[location.coordinate_system]
    shrink = 1.0 if location.coordinate_system == UTM else math.cos(math.radians(place[0]))
    error_m = _larger(_said(location, "x_error") * unit_m * shrink, _said(location, "y_error") * unit_m)
    is_ellipsoid = location.datum == WGS84_ELLIPSOID
    return {
        "latitude_deg": place[0],
        "longitude_deg": place[1],
        "altitude_wgs84_m": bounded(_said(location, "z"), *ALTITUDE_M) if is_ellipsoid else math.nan,
        "horizontal_accuracy_m": bounded(error_m, 0.0, MAX_ERROR_M),
        "vertical_accuracy_m": bounded(_said(location, "z_error"), 0.0, MAX_ERROR_M),
    }


def _place(location: Any, declared_zone: str | None) -> tuple[float, float] | Refusal:
    """Latitude and longitude in degrees."""
    system, x, y = location.coordinate_system, location.x, location.y
    if system == UTM:
        return _from_utm(x, y, location.utm_zone or declared_zone)
    if system not in {DEGREES, RADIANS}:
        return _refuse(RejectReason.UNKNOWN_FORMAT, f"location in coordinate system {system}: not stated, not read")
    latitude_deg, longitude_deg = (y, x) if system == DEGREES else (math.degrees(y), math.degrees(x))
    place = position(latitude_deg, longitude_deg)
    return _refuse(RejectReason.VALUE_OUT_OF_RANGE, "no position on the globe") if place is None else place


def _from_utm(easting_m: float, northing_m: float, zone: str | None) -> tuple[float, float] | Refusal:
    """``31U`` names a zone and a band, ``31N`` a zone and a hemisphere; S is both, and refused for it."""
    if not zone:
        return _refuse(RejectReason.UNKNOWN_FORMAT, "UTM without a zone")
    match = _ZONE.match(zone.strip().upper())
    if match is None or match[2] == "S":
        return _refuse(RejectReason.UNKNOWN_FORMAT, "UTM zone that cannot be read for certain")
    in_reach = _EASTING_M[0] <= easting_m <= _EASTING_M[1] and _NORTHING_M[0] <= northing_m <= _NORTHING_M[1]
    if not in_reach:
        return _refuse(RejectReason.VALUE_OUT_OF_RANGE, "no UTM coordinates")
    longitude_deg, latitude_deg = _utm(int(match[1]), match[2] >= "N").transform(easting_m, northing_m)
    place = position(latitude_deg, longitude_deg)
    return _refuse(RejectReason.VALUE_OUT_OF_RANGE, "no position on the globe") if place is None else place


@lru_cache(maxsize=120)
def _utm(zone: int, is_north: bool) -> Transformer:  # noqa: FBT001 - a cached key of two parts
    return Transformer.from_crs(f"EPSG:{(32600 if is_north else 32700) + zone}", "EPSG:4326", always_xy=True)


def bearing(found: Any, declared: Declared) -> Row | Refusal:
    """Columns of a RangeBearing message; a place too where range and the node's own place are known."""
    if found.coordinate_system not in ANGLES:
        return _refuse(RejectReason.UNKNOWN_FORMAT, f"bearing in coordinate system {found.coordinate_system}")
    if not found.HasField("azimuth") or not math.isfinite(found.azimuth):
        return _refuse(RejectReason.NO_DATA, "a bearing without an azimuth")
    north_deg = 0.0 if found.datum == TRUE_NORTH else declared.north_deg
    if north_deg is None:
        north = NORTHS.get(found.datum, "an unknown")
        return _refuse(RejectReason.UNKNOWN_FORMAT, f"azimuth from {north} north, whose direction is not declared")
    unit_deg = ANGLES[found.coordinate_system]
    row: Row = {
        "bearing_deg": (found.azimuth * unit_deg + north_deg) % _FULL_TURN_DEG,
        "bearing_accuracy_deg": bounded(_said(found, "azimuth_error") * unit_deg, 0.0, _HALF_TURN_DEG),
    }
    return row | _at_range(found, row, declared)


def _at_range(found: Any, row: Row, declared: Declared) -> Row:
    """A radar's range from where it stands; without an elevation the range is taken as level."""
    unit = found.coordinate_system
    range_m = bounded(_said(found, "range") * RANGES_M[unit], 0.0, MAX_RANGE_M)
    if declared.place is None or math.isnan(range_m):
        return {}
    level_m = range_m * math.cos(math.radians(_said(found, "elevation", 0.0) * ANGLES[unit]))
    if math.isnan(level_m):
        return {}
    latitude_deg, longitude_deg = declared.place
    lon, lat, _ = _WGS84.fwd(longitude_deg, latitude_deg, row["bearing_deg"], level_m)
    across_m = level_m * math.radians(row["bearing_accuracy_deg"])
    along_m = _said(found, "range_error") * RANGES_M[unit]
    return {
        "latitude_deg": float(lat),
        "longitude_deg": float(lon),
        "horizontal_accuracy_m": bounded(max(across_m, along_m), 0.0, MAX_ERROR_M),
    }


def velocity(report: Any, declared: Declared) -> Row:
    """Speed, track and climb where the units were declared."""
    if not report.HasField("enu_velocity"):
        return {}
    enu = report.enu_velocity
    row: Row = {}
    if declared.speed is not None:
        unit = SPEEDS_M_S[declared.speed]
        east, north = _said(enu, "east_rate") * unit, _said(enu, "north_rate") * unit
        speed_m_s = bounded(math.hypot(east, north), 0.0, MAX_SPEED_M_S)
        row["speed_m_s"] = speed_m_s
        row["track_deg"] = math.degrees(math.atan2(east, north)) % _FULL_TURN_DEG if speed_m_s > 0 else math.nan
    if declared.up is not None:
        climb_m_s = _said(enu, "up_rate") * SPEEDS_M_S[declared.up]
        row["vertical_speed_m_s"] = bounded(climb_m_s, -MAX_SPEED_M_S, MAX_SPEED_M_S)
    return row


def _said(message: Any, name: str, unsaid: float = math.nan) -> float:
    """A finite number, else unknown; ``unsaid`` where the field is not there."""
    if not message.HasField(name):
        return unsaid
    value = float(getattr(message, name))
    return value if math.isfinite(value) else math.nan


def _larger(one: float, other: float) -> float:
    """The larger of what is known."""
    return other if math.isnan(one) or other > one else one


def _refuse(reason: RejectReason, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail)
