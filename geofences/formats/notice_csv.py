"""One row of a CSV of notices: one volume. Rows with one id make one notice; the first says what is not the volume's.

Needed columns: id, state, serial, start, end, and latitude_deg, longitude_deg, radius_m of a circle, or polygon. More
serials and exemptions are parted by ``;`` or what else no serial holds, the points of a polygon by ``;``, each
"latitude longitude". Any other column may be left out. spreadsheet.py says what a spreadsheet may make of such a file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from airspace.model.notice import Notice
from airspace.model.zone import Circle, Polygon
from geofences.formats import notice_fields as fields
from geofences.formats import notice_place as places
from geofences.formats import notice_serials, spreadsheet
from geofences.formats.notice_gathering import Named
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
} | {
    f"{name}{parted}{number}": "serial"
    for name in ("serial", "serial_number", "uas_serial", "serienummer")
    for parted in ("", "_")
    for number in range(1, 10)
}
_TEXTS: Final = frozenset(
    {"callsign", "mission_type", "authority", "clearance_ref", "conditions", "exemptions", "height_reference", "source"}
)
_PLAIN: Final = frozenset(
    {*CIRCLE, POLYGON, "id", "version", "state", "start", "end", "lower_m", "upper_m", "operator_registration"}
    | {"category", "class", "created", "approved", "ended", "cancelled"}
)  # in these no serial stands beside what they are for
KNOWN: Final = _TEXTS | _PLAIN | {"serial"}
_PAIR: Final = re.compile(r"([-+\d.,]+?),?\s+([-+\d.,]+)|([-+\d.]+),([-+\d.]+)")
_VERSION: Final = re.compile(r"^(?:v(?:ersion|ersie)?|rev(?:ision|isie)?)[.:\s]*(?=\d)", re.IGNORECASE)

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
        version=_version(row, numbers) or 1,
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


def names(row: spreadsheet.Row) -> Named:
    """What a row that cannot be read as a whole says of itself; its serials may stand in any cell, if it is shifted."""
    cells = row.cells
    said = notice_serials.read([cells.get("serial") or ""], lambda _: None).found
    try:
        version: float | None = _version(cells, Numbers(commas_part=True))
    except ValueError:
        version = math.inf
    return Named(
        notice_id=text(cells.get("id")),
        uas_serials=tuple(dict.fromkeys((*said, *notice_serials.sound(row.words)))),
        version=None if row.fault is not None else version,
        state=fields.maybe_state(cells.get("state")),
    )


def beside(row: Cells) -> tuple[str, ...]:
    """Serials in columns that are not known, or hold words."""
    return notice_serials.sound([cell for name, cell in row.items() if name not in _PLAIN and name != "serial"])


def _version(row: Cells, numbers: Numbers) -> int | None:
    said = (row.get("version") or "").strip()
    if not said:
        return None
    return fields.version(numbers.whole(_VERSION.sub("", said), "version"))


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
