"""Notices of flights: JSON in the shape of F3548-21 volumes, or a flat CSV.

JSON: a list, or an object with ``notices``; each has id, version, state, uas_serials and volumes as in F3548
(outline_circle or outline_polygon, altitude_lower, altitude_upper, time_start, time_end). CSV: one row a volume; rows
with one id make one notice. Columns: id, state, serial, latitude_deg, longitude_deg, radius_m, lower_m, upper_m,
height_reference, start, end, callsign, mission_type. A broken row is passed over and named; the rest is used.

There is no public interface of GoDrone; these two are what an operator can make by hand or export. F3548 states are
read as ours: Accepted is approved; Activated, Nonconforming and Contingent are active.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import msgspec

from airspace.model.identity import public_operator_id
from airspace.model.notice import Notice, NoticeState, NoticeVolume
from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Circle, Datum, Oddity, Polygon, Volume
from geofences.formats import hours, rings

MAX_BYTES: Final = 16 << 20
MAX_NOTICES: Final = 100_000
MAX_RADIUS_M: Final = 200_000.0
_BOM: Final = b"\xef\xbb\xbf"
_STATES: Final = {state.value: state for state in NoticeState} | {
    "accepted": NoticeState.APPROVED,
    "activated": NoticeState.ACTIVE,
    "nonconforming": NoticeState.ACTIVE,
    "contingent": NoticeState.ACTIVE,
}
_DATUMS: Final = {"agl": Datum.AGL, "amsl": Datum.AMSL, "wgs84": Datum.WGS84, "w84": Datum.WGS84}
_UNITS: Final = {"m": 1.0, "ft": METRES_PER_FOOT}
_COLUMNS: Final = frozenset({"id", "state", "serial", "latitude_deg", "longitude_deg", "radius_m", "start", "end"})


Entry = TypeVar("Entry")


class NoticeFileError(ValueError):
    """A notice file of which nothing can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """The notices of one file, and the rows of it that were passed over."""

    notices: tuple[Notice, ...]
    oddities: tuple[Oddity, ...] = ()


class _LatLng(msgspec.Struct):
    lat: float
    lng: float


class _Length(msgspec.Struct):
    value: float
    units: str = "M"
    reference: str | None = None


class _OutlineCircle(msgspec.Struct):
    center: _LatLng
    radius: _Length


class _OutlinePolygon(msgspec.Struct):
    vertices: list[_LatLng]


class _Volume3D(msgspec.Struct):
    outline_circle: _OutlineCircle | None = None
    outline_polygon: _OutlinePolygon | None = None
    altitude_lower: _Length | None = None
    altitude_upper: _Length | None = None


class _Moment(msgspec.Struct):
    value: str


class _Volume4D(msgspec.Struct):
    volume: _Volume3D
    time_start: _Moment
    time_end: _Moment


class _Notice(msgspec.Struct):
    id: str | int
    state: str
    volumes: list[_Volume4D]
    version: int = 1
    source: str | None = None
    uas_serials: list[str] = []
    operator_registration: str | None = None
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    exemptions: list[str] = []


class _Document(msgspec.Struct):
    notices: list[msgspec.Raw]


def read(data: bytes, source: str) -> NoticeFile:
    """The notices of a JSON or CSV file. NoticeFileError when it is neither, or too large."""
    if len(data) > MAX_BYTES:
        raise NoticeFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    data = data.removeprefix(_BOM)
    if data.lstrip()[:1] in {b"[", b"{"}:
        return _read_json(data, source)
    return _read_csv(data, source)


def _read_json(data: bytes, source: str) -> NoticeFile:
    try:
        document = msgspec.json.decode(data, type=_Document | list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise NoticeFileError(f"{source}: no list of notices: {error}") from error
    entries = document if isinstance(document, list) else document.notices
    return _collect(((f"notice {place}", raw) for place, raw in enumerate(entries, 1)), _from_json, source)


def _read_csv(data: bytes, source: str) -> NoticeFile:
    try:
        rows = csv.DictReader(io.StringIO(data.decode()), strict=True, restval="")
        missing = _COLUMNS - set(rows.fieldnames or ())
        lines = [] if missing else [(f"line {rows.line_num}", row) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoticeFileError(f"{source}: neither JSON nor CSV: {error}") from error
    if missing:
        raise NoticeFileError(f"{source}: line 1: no column {', '.join(sorted(missing))}")
    return _collect(lines, _from_csv, source)


def _collect(  # one notice an id: later rows add volumes
    entries: Iterable[tuple[str, Entry]], convert: Callable[[Entry, str], Notice], source: str
) -> NoticeFile:
    notices: dict[str, Notice] = {}
    oddities: list[Oddity] = []
    for place, entry in entries:
        try:
            notice = convert(entry, source)
            known = notices.get(notice.notice_id)
            notices[notice.notice_id] = notice if known is None else _joined(known, notice)
        except (ValueError, RecursionError) as error:
            oddities.append(Oddity(place=place, what=f"passed over: {error}"))
    if len(notices) > MAX_NOTICES:
        raise NoticeFileError(f"{source}: {len(notices)} notices, at most {MAX_NOTICES} are read")
    return NoticeFile(notices=tuple(notices.values()), oddities=tuple(oddities))


def _joined(known: Notice, more: Notice) -> Notice:
    if known.state is not more.state:
        raise ValueError(f"id {known.notice_id}: state {more.state} here, {known.state} before")
    serials = tuple(dict.fromkeys((*known.uas_serials, *more.uas_serials)))
    return replace(known, volumes=(*known.volumes, *more.volumes), uas_serials=serials)


def _from_json(raw: msgspec.Raw, source: str) -> Notice:
    entry = msgspec.json.decode(raw, type=_Notice, strict=False)
    if not entry.volumes:
        raise ValueError("volumes: none given")
    return Notice(
        notice_id=_required(str(entry.id), "id"),
        version=entry.version,
        state=_state(entry.state),
        source=safe_text(entry.source or source) or "",
        volumes=tuple(_volume(each) for each in entry.volumes),
        uas_serials=_serials(entry.uas_serials),
        operator_registration=public_operator_id(safe_text(entry.operator_registration or "") or "") or None,
        callsign=safe_text(entry.callsign or ""),
        mission_type=safe_text(entry.mission_type or ""),
        authority=safe_text(entry.authority or ""),
        exemptions=tuple(text for each in entry.exemptions if (text := safe_text(each))),
    )


def _volume(entry: _Volume4D) -> NoticeVolume:
    outline = entry.volume
    lower, upper = outline.altitude_lower, outline.altitude_upper
    volume = Volume(
        shape=_shape(outline),
        lower_m=_metres(lower) if lower else None,
        lower_datum=_datum(lower.reference if lower else None),
        upper_m=_metres(upper) if upper else None,
        upper_datum=_datum(upper.reference if upper else None),
    )
    return _timed(volume, entry.time_start.value, entry.time_end.value)


def _shape(outline: _Volume3D) -> Circle | Polygon:
    if (outline.outline_circle is None) == (outline.outline_polygon is None):
        raise ValueError("volume: exactly one of outline_circle and outline_polygon is needed")
    if outline.outline_circle is not None:
        circle = outline.outline_circle
        return _circle(circle.center.lat, circle.center.lng, _metres(circle.radius))
    points = (
        [(vertex.lng, vertex.lat) for vertex in outline.outline_polygon.vertices] if outline.outline_polygon else []
    )
    parts, _ = rings.polygons([points], "outline_polygon")
    if len(parts) != 1:
        raise ValueError("outline_polygon: crosses itself")
    return parts[0]


def _circle(latitude_deg: float, longitude_deg: float, radius_m: float) -> Circle:
    rings.position((longitude_deg, latitude_deg), "center")
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise ValueError(f"radius: {radius_m:g} m is not between 0 and {MAX_RADIUS_M:g}")
    return Circle(latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m)


def _timed(volume: Volume, start: str, end: str) -> NoticeVolume:
    start_s, end_s = hours.moment_s(start), hours.moment_s(end)
    if end_s <= start_s:
        raise ValueError(f"end {safe_text(end)} is not after start {safe_text(start)}")
    return NoticeVolume(volume=volume, start_s=start_s, end_s=end_s)


def _from_csv(row: dict[str, str], source: str) -> Notice:
    datum = _datum(row.get("height_reference"))
    volume = Volume(
        shape=_circle(_number(row, "latitude_deg"), _number(row, "longitude_deg"), _number(row, "radius_m")),
        lower_m=_number(row, "lower_m") if row.get("lower_m") else None,
        lower_datum=datum,
        upper_m=_number(row, "upper_m") if row.get("upper_m") else None,
        upper_datum=datum,
    )
    return Notice(
        notice_id=_required(row["id"], "id"),
        version=1,
        state=_state(row["state"]),
        source=safe_text(source) or "",
        volumes=(_timed(volume, row["start"].strip(), row["end"].strip()),),
        uas_serials=_serials([row["serial"]]),
        callsign=safe_text(row.get("callsign") or ""),
        mission_type=safe_text(row.get("mission_type") or ""),
    )


def _number(row: dict[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError as error:
        raise ValueError(f"{column}: {safe_text(row[column])!r} is no number") from error
    if not math.isfinite(value):
        raise ValueError(f"{column}: {value} is no number")
    return value


def _required(text: str, field: str) -> str:
    clean = safe_text(text)
    if clean is None:
        raise ValueError(f"{field}: empty")
    return clean


def _state(word: str) -> NoticeState:
    state = _STATES.get(word.strip().lower())
    if state is None:
        raise ValueError(f"state: unknown value {safe_text(word)!r}")
    return state


def _serials(texts: list[str]) -> tuple[str, ...]:
    return tuple(clean.upper() for text in texts if (clean := safe_text(text)))


def _datum(word: str | None) -> Datum:
    return _DATUMS.get((word or "").strip().lower(), Datum.UNKNOWN)


def _metres(length: _Length) -> float:
    scale = _UNITS.get(length.units.lower())
    if scale is None:
        raise ValueError(f"units: unknown value {safe_text(length.units)!r}")
    return length.value * scale
