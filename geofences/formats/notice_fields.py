"""Fields of notices, as files and people write them, to our words. Every error begins with the field's name.

A time needs its UTC offset: an hour without one, written by hand in Amsterdam, would be two hours off in summer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.identity import public_operator_id
from airspace.model.notice import NoticeState, NoticeVolume
from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT, epoch_s
from airspace.model.zone import Circle, Datum, Polygon, Volume
from geofences.formats import rings

MAX_RADIUS_M: Final = 200_000.0
MAX_EXTENT_M: Final = 400_000.0  # of a polygon, corner to corner
MAX_VERSION: Final = 2**31 - 1
CONDITIONS_LETTERS: Final = 500
_HALF_TURN_DEG: Final = 180.0
_STATES: Final = {state.value: state for state in NoticeState} | {
    "accepted": NoticeState.APPROVED,
    "activated": NoticeState.ACTIVE,
    "nonconforming": NoticeState.ACTIVE,
    "contingent": NoticeState.ACTIVE,
}
_DATUMS: Final = {"agl": Datum.AGL, "amsl": Datum.AMSL, "wgs84": Datum.WGS84, "w84": Datum.WGS84}
_UNITS: Final = {"m": 1.0, "ft": METRES_PER_FOOT}
_CATEGORIES: Final = frozenset({"open", "specific", "certified"})
_CLASSES: Final = frozenset({f"C{number}" for number in range(7)})


def quoted(word: str) -> str:
    """What was written, clean, for an error message."""
    return repr(safe_text(word) or "")


def required(word: str, field: str) -> str:
    """Clean text that must not be empty."""
    clean = safe_text(word)
    if clean is None:
        raise ValueError(f"{field}: empty")
    return clean


def text(word: str | None, letters: int | None = None) -> str | None:
    """Clean text, or None."""
    if not word:
        return None
    return safe_text(word) if letters is None else safe_text(word, letters)


def state(word: str) -> NoticeState:
    """Our word, or F3548's."""
    found = _STATES.get(word.strip().lower())
    if found is None:
        raise ValueError(f"state: unknown value {quoted(word)}")
    return found


def version(value: int) -> int:
    """A version is counted from 1."""
    if not 1 <= value <= MAX_VERSION:
        raise ValueError(f"version: {value} is not between 1 and {MAX_VERSION}")
    return value


def serials(words: Sequence[str]) -> tuple[str, ...]:
    """Serial numbers, capitals, each once."""
    return tuple(dict.fromkeys(clean.upper() for word in words if (clean := safe_text(word))))


def exemptions(words: Sequence[str]) -> tuple[str, ...]:
    """Ids of zones and TGBs, each once."""
    return tuple(dict.fromkeys(clean for word in words if (clean := safe_text(word))))


def registration(word: str | None) -> str | None:
    """The public part of an operator's number: what is secret of it goes no further than here."""
    return public_operator_id(safe_text(word or "") or "") or None


def category(word: str | None) -> str | None:
    """Open, specific or certified."""
    clean = (word or "").strip().lower()
    if clean and clean not in _CATEGORIES:
        raise ValueError(f"category: {quoted(clean)} is none of {', '.join(sorted(_CATEGORIES))}")
    return clean or None


def uas_class(word: str | None) -> str | None:
    """C0 to C6."""
    clean = (word or "").strip().upper()
    if clean and clean not in _CLASSES:
        raise ValueError(f"class: {quoted(clean)} is not C0 to C6")
    return clean or None


def datum(word: str | None) -> Datum:
    """Above what a limit is; an unknown word is an unknown datum, and both readings count."""
    return _DATUMS.get((word or "").strip().lower(), Datum.UNKNOWN)


def metres(value: float, units: str, field: str) -> float:
    """A length in metres."""
    scale = _UNITS.get(units.strip().lower())
    if scale is None:
        raise ValueError(f"{field}: unknown units {quoted(units)}")
    if not math.isfinite(value):
        raise ValueError(f"{field}: {value} is no number")
    return value * scale


def moment_s(word: str, field: str) -> float:
    """Epoch seconds of an RFC 3339 time."""
    try:
        return epoch_s(word.strip())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{field}: {quoted(word)} is no RFC 3339 time with its offset") from error


def maybe_moment_s(word: str | None, field: str) -> float | None:
    """The same where it may be absent."""
    return moment_s(word, field) if word and word.strip() else None


def circle(latitude_deg: float, longitude_deg: float, radius_m: float) -> Circle:
    """A circle on the globe, of a size that a flight may have."""
    rings.position((longitude_deg, latitude_deg), "center")
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise ValueError(f"radius: {radius_m:g} m is not between 0 and {MAX_RADIUS_M:g}")
    return Circle(latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m)


def polygon(points: Sequence[tuple[float, float]], field: str) -> Polygon:
    """A polygon of (longitude, latitude), closed or not; one that crosses itself or spans the world is refused."""
    x, y = zip(*points, strict=True) if points else ((0.0,), (0.0,))
    if max(x) - min(x) > _HALF_TURN_DEG:
        raise ValueError(f"{field}: crosses the antimeridian, or spans the world")
    parts, mended = rings.polygons([points], field)
    if len(parts) != 1 or any("crosses itself" in each.what for each in mended):
        raise ValueError(f"{field}: crosses itself")
    _, _, extent_m = WGS84.inv(min(x), min(y), max(x), max(y))
    if extent_m > MAX_EXTENT_M:
        raise ValueError(f"{field}: {extent_m / 1000:.0f} km across, at most {MAX_EXTENT_M / 1000:.0f}")
    return parts[0]


def window(
    shape: Circle | Polygon,
    lower: tuple[float | None, str | None],
    upper: tuple[float | None, str | None],
    times_s: tuple[float, float],
) -> NoticeVolume:
    """A volume with its band (metres, reference as written) and its time."""
    (lower_m, lower_reference), (upper_m, upper_reference) = lower, upper
    start_s, end_s = times_s
    if end_s <= start_s:
        raise ValueError("time_end: not after time_start")
    band = datum(lower_reference), datum(upper_reference)
    if lower_m is not None and upper_m is not None and band[0] is band[1] and lower_m >= upper_m:
        raise ValueError(f"altitude_upper: {upper_m:g} m is not above {lower_m:g} m")
    volume = Volume(shape=shape, lower_m=lower_m, lower_datum=band[0], upper_m=upper_m, upper_datum=band[1])
    return NoticeVolume(
        volume=volume,
        start_s=start_s,
        end_s=end_s,
        lower_reference=text(lower_reference),
        upper_reference=text(upper_reference),
    )
