"""One row of a CSV of notices: one volume. Rows with one id make one notice; the first says what is not the volume's.

Needed columns: id, state, serial, start, end, and latitude_deg, longitude_deg, radius_m of a circle, or polygon. More
serials and exemptions are parted by ``;``, as are the points of a polygon, each "latitude longitude". Any other column
may be left out.
"""

from __future__ import annotations

import math
from typing import Final

from airspace.model.notice import Notice
from airspace.model.zone import Circle, Polygon
from geofences.formats import notice_fields as fields

NEEDED: Final = frozenset({"id", "state", "serial", "start", "end"})
CIRCLE: Final = frozenset({"latitude_deg", "longitude_deg", "radius_m"})
POLYGON: Final = "polygon"
_MORE: Final = "more values than columns"  # where csv.DictReader puts what no column names


def lacking(columns: frozenset[str]) -> frozenset[str]:
    """Columns without which no row can be read."""
    shape = frozenset[str]() if POLYGON in columns else CIRCLE - columns
    return (NEEDED - columns) | shape


def from_row(row: dict[str, str], source: str) -> Notice:
    """One row; ValueError names the column at fault."""
    if None in row:
        raise ValueError(f"{_MORE}: is a text with a comma not quoted?")
    reference = row.get("height_reference")
    lower, upper = (_number(row, name) if row.get(name) else None for name in ("lower_m", "upper_m"))
    times_s = fields.moment_s(row["start"], "start"), fields.moment_s(row["end"], "end")
    return Notice(
        notice_id=fields.required(row["id"], "id"),
        version=fields.version(_whole(row, "version")) if row.get("version") else 1,
        state=fields.state(row["state"]),
        source=fields.text(row.get("source")) or fields.text(source) or "",
        volumes=(fields.window(_shape(row), (lower, reference), (upper, reference), times_s),),
        uas_serials=fields.serials(row["serial"].split(";")),
        operator_registration=fields.registration(row.get("operator_registration")),
        category=fields.category(row.get("category")),
        uas_class=fields.uas_class(row.get("class")),
        callsign=fields.text(row.get("callsign")),
        mission_type=fields.text(row.get("mission_type")),
        authority=fields.text(row.get("authority")),
        clearance_ref=fields.text(row.get("clearance_ref")),
        conditions=fields.text(row.get("conditions"), fields.CONDITIONS_LETTERS),
        exemptions=fields.exemptions((row.get("exemptions") or "").split(";")),
        created_s=fields.maybe_moment_s(row.get("created"), "created"),
        approved_s=fields.maybe_moment_s(row.get("approved"), "approved"),
        ended_s=fields.maybe_moment_s(row.get("ended"), "ended"),
        cancelled_s=fields.maybe_moment_s(row.get("cancelled"), "cancelled"),
    )


def _shape(row: dict[str, str]) -> Circle | Polygon:
    corners = (row.get(POLYGON) or "").strip()
    if not corners:
        return fields.circle(_number(row, "latitude_deg"), _number(row, "longitude_deg"), _number(row, "radius_m"))
    if row.get("radius_m"):
        raise ValueError("polygon: a row has a circle or a polygon, not both")
    return fields.polygon([_corner(each) for each in corners.split(";") if each.strip()], POLYGON)


def _corner(text: str) -> tuple[float, float]:
    numbers = text.split()
    if len(numbers) != 2:  # noqa: PLR2004 -- latitude and longitude
        raise ValueError(f"polygon: {fields.quoted(text)} is not a latitude and a longitude")
    latitude_deg, longitude_deg = (_finite(each, POLYGON) for each in numbers)
    return longitude_deg, latitude_deg


def _number(row: dict[str, str], column: str) -> float:
    return _finite(row.get(column) or "", column)


def _finite(text: str, column: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{column}: {fields.quoted(text)} is no number") from error
    if not math.isfinite(value):
        raise ValueError(f"{column}: {value} is no number")
    return value


def _whole(row: dict[str, str], column: str) -> int:
    try:
        return int(row[column])
    except ValueError as error:
        raise ValueError(f"{column}: {fields.quoted(row[column])} is no whole number") from error
