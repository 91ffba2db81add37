"""One row of a CSV of notices: one volume. Rows with one id make one notice; the first says what is not the volume's.

Needed columns: id, state, serial, start, end, and latitude_deg, longitude_deg, radius_m of a circle, or polygon. More
serials and exemptions are parted by ``;`` or what else no serial holds, the points of a polygon by ``;``, each
"latitude longitude". Any other column may be left out. spreadsheet.py says what a spreadsheet may make of such a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from airspace.model.notice import Notice
from airspace.model.zone import Circle, Polygon
from geofences.formats import notice_fields as fields
from geofences.formats import notice_place as places
from geofences.formats import notice_serials
from geofences.formats.notice_numbers import Numbers
from geofences.formats.notice_times import maybe_moment_s, moment_s
from geofences.formats.notice_words import quoted, registration, text

NEEDED: Final = frozenset({"id", "state", "serial", "start", "end"})
CIRCLE: Final = frozenset({"latitude_deg", "longitude_deg", "radius_m"})
POLYGON: Final = "polygon"
SPELLINGS: Final = {  # of columns, beside case, blanks and hyphens: the same noun, nothing that is guessed
    "notice_id": "id",
    "serials": "serial",
    "serial_number": "serial",
    "serial_numbers": "serial",
    "uas_serial": "serial",
    "uas_serials": "serial",
    "serienummer": "serial",
    "serienummers": "serial",
    "lat": "latitude_deg",
    "latitude": "latitude_deg",
    "lon": "longitude_deg",
    "lng": "longitude_deg",
    "longitude": "longitude_deg",
    "uas_class": "class",
}
_PAIR: Final = re.compile(r"([-+\d.,]+?),?\s+([-+\d.,]+)|([-+\d.]+),([-+\d.]+)")

Cells = Mapping[str, str]


def lacking(columns: frozenset[str]) -> frozenset[str]:
    """Columns without which no row can be read."""
    shape = frozenset[str]() if POLYGON in columns else CIRCLE - columns
    return (NEEDED - columns) | shape


def from_row(row: Cells, source: str, numbers: Numbers, note: Callable[[str], None]) -> Notice:
    """One row; ValueError names the column at fault, ``note`` is told what was taken."""
    reference = row.get("height_reference")
    lower, upper = (numbers.number(row[name], name) if row.get(name) else None for name in ("lower_m", "upper_m"))
    times_s = moment_s(row["start"], "start"), moment_s(row["end"], "end")
    shapes = _shapes(row, numbers, note)
    serials = notice_serials.read([row["serial"]], note)
    return Notice(
        notice_id=fields.required(row["id"], "id"),
        version=fields.version(numbers.whole(row["version"], "version")) if row.get("version") else 1,
        state=fields.state(row["state"]),
        source=text(row.get("source")) or text(source) or "",
        volumes=places.windows(shapes, (lower, reference), (upper, reference), times_s),
        uas_serials=serials.found,
        operator_registration=registration(row.get("operator_registration")),
        category=fields.category(row.get("category")),
        uas_class=fields.uas_class(row.get("class")),
        callsign=text(row.get("callsign")),
        mission_type=text(row.get("mission_type")),
        authority=text(row.get("authority")),
        clearance_ref=text(row.get("clearance_ref")),
        conditions=text(row.get("conditions"), fields.CONDITIONS_LETTERS),
        exemptions=fields.exemptions([row.get("exemptions") or ""]),
        created_s=maybe_moment_s(row.get("created"), "created"),
        approved_s=maybe_moment_s(row.get("approved"), "approved"),
        ended_s=maybe_moment_s(row.get("ended"), "ended"),
        cancelled_s=maybe_moment_s(row.get("cancelled"), "cancelled"),
        unread_serials=serials.unread,
    )


def names(row: Cells) -> tuple[str | None, tuple[str, ...]]:
    """The id and the serials of a row that cannot be read as a whole."""
    return text(row.get("id")), notice_serials.read([row.get("serial") or ""], lambda _: None).found


def _shapes(row: Cells, numbers: Numbers, note: Callable[[str], None]) -> tuple[Circle | Polygon, ...]:
    corners = (row.get(POLYGON) or "").strip()
    if not corners:
        return (places.circle(*(numbers.number(row.get(name) or "", name) for name in _CIRCLE_IN_ORDER)),)
    if row.get("radius_m"):
        raise ValueError("polygon: a row has a circle or a polygon, not both")
    points = [_corner(each, numbers) for each in re.split(r"[;\r\n]", corners) if each.strip()]
    return places.polygon(points, POLYGON, note)


_CIRCLE_IN_ORDER: Final = ("latitude_deg", "longitude_deg", "radius_m")


def _corner(corner: str, numbers: Numbers) -> tuple[float, float]:
    found = _PAIR.fullmatch(corner.strip())
    if found is None:
        raise ValueError(f"polygon: {quoted(corner)} is not a latitude and a longitude")
    latitude, longitude = (each for each in found.groups() if each is not None)
    return numbers.number(longitude, POLYGON), numbers.number(latitude, POLYGON)
