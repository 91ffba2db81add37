"""Where and when a notice holds: outlines, bands, times.

A circle or an outline of a size that no flight has is refused; an outline that crosses itself by little is mended and
said, and one of which it is open which part was meant is refused. notice_checks.py asks whether the place can be meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.notice import NoticeVolume
from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Circle, Datum, Polygon, Volume
from geofences.formats import rings
from geofences.formats.notice_words import quoted, text

MAX_RADIUS_M: Final = 200_000.0
MAX_EXTENT_M: Final = 400_000.0  # of a polygon, corner to corner
_HALF_TURN_DEG: Final = 180.0
_MOST_OF_IT: Final = 0.99  # of the area: what else a mended outline holds is a slip of the pen
_DATUMS: Final = {
    "agl": Datum.AGL, "sfc": Datum.AGL, "gnd": Datum.AGL, "ground": Datum.AGL,
    "amsl": Datum.AMSL, "msl": Datum.AMSL, "nap": Datum.AMSL,
    "wgs84": Datum.WGS84, "w84": Datum.WGS84, "hae": Datum.WGS84,
}  # fmt: skip
_UNITS: Final = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "km": 1000.0,
    "ft": METRES_PER_FOOT, "foot": METRES_PER_FOOT, "feet": METRES_PER_FOOT, "nm": 1852.0,
}  # fmt: skip

Shapes = tuple[Circle | Polygon, ...]
Limit = tuple[float | None, str | None]  # metres, reference as written


def datum(word: str | None) -> Datum:
    """Above what a limit is; an unknown word is an unknown datum, and both readings count."""
    letters = "".join(letter for letter in (word or "").lower() if letter.isalnum())
    return _DATUMS.get(letters, Datum.UNKNOWN)


def metres(value: float, units: str, field: str) -> float:
    """A length in metres."""
    scale = _UNITS.get(units.strip().lower())
    if scale is None:
        raise ValueError(f"{field}: unknown units {quoted(units)}")
    if not math.isfinite(value):
        raise ValueError(f"{field}: {value} is no number")
    return value * scale


def circle(latitude_deg: float, longitude_deg: float, radius_m: float) -> Circle:
    """A circle on the globe, of a size that a flight may have."""
    rings.position((longitude_deg, latitude_deg), "center")
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise ValueError(f"radius: {radius_m:g} m is not between 0 and {MAX_RADIUS_M:g}")
    return Circle(latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m)


def polygon(points: Sequence[tuple[float, float]], field: str, note: Callable[[str], None]) -> tuple[Polygon, ...]:
    """An outline of (longitude, latitude), closed or not, in its valid parts; one that spans the world is refused."""
    x, y = zip(*points, strict=True) if points else ((0.0,), (0.0,))
    if max(x) - min(x) > _HALF_TURN_DEG:
        raise ValueError(f"{field}: crosses the antimeridian, or spans the world")
    parts, mended = rings.polygons([points], field)
    crossed = [each.what for each in mended if "crosses itself" in each.what]
    if crossed and not _one_is_meant(parts):
        raise ValueError(f"{field}: crosses itself")
    _, _, extent_m = WGS84.inv(min(x), min(y), max(x), max(y))
    if extent_m > MAX_EXTENT_M:
        raise ValueError(f"{field}: {extent_m / 1000:.0f} km across, at most {MAX_EXTENT_M / 1000:.0f}")
    for what in crossed:
        note(f"{field}: {what}")
    return parts


def _one_is_meant(parts: Sequence[Polygon]) -> bool:
    areas = [_area_m2(part) for part in parts]
    return max(areas) >= _MOST_OF_IT * sum(areas)


def _area_m2(part: Polygon) -> float:
    x, y = zip(*part.rings[0], strict=True)
    area_m2, _ = WGS84.polygon_area_perimeter(x, y)
    return abs(area_m2)


def windows(
    shapes: Sequence[Circle | Polygon], lower: Limit, upper: Limit, times_s: tuple[float, float]
) -> tuple[NoticeVolume, ...]:
    """Shapes with their band and their time."""
    (lower_m, lower_reference), (upper_m, upper_reference) = lower, upper
    start_s, end_s = times_s
    if end_s <= start_s:
        raise ValueError("time_end: not after time_start")
    band = datum(lower_reference), datum(upper_reference)
    if lower_m is not None and upper_m is not None and band[0] is band[1] and lower_m >= upper_m:
        raise ValueError(f"altitude_upper: {upper_m:g} m is not above {lower_m:g} m")
    return tuple(
        NoticeVolume(
            volume=Volume(shape=shape, lower_m=lower_m, lower_datum=band[0], upper_m=upper_m, upper_datum=band[1]),
            start_s=start_s,
            end_s=end_s,
            lower_reference=text(lower_reference),
            upper_reference=text(upper_reference),
        )
        for shape in shapes
    )
