"""One notice in JSON: our fields with volumes as in F3548-21, or an operational intent as F3548 tells it.

Ours: ``id``, ``state``, ``uas_serials``, ``volumes`` (outline_circle or outline_polygon, altitude_lower and upper,
time_start, time_end) and what ``airspace/model/notice_document.py`` lists. F3548's: ``reference`` (id, state, version,
manager) and ``details`` (volumes); it names no serial, so ``uas_serials`` may stand beside them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from airspace.model.notice import Notice, NoticeVolume
from airspace.model.zone import Circle, Polygon
from geofences.formats import notice_fields as fields


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


class _Reference(msgspec.Struct):
    id: str
    state: str
    version: int = 1
    manager: str | None = None


class _Details(msgspec.Struct):
    volumes: list[_Volume4D]


class _Notice(msgspec.Struct):
    id: str | int | None = None
    state: str | None = None
    volumes: list[_Volume4D] | None = None
    version: int = 1
    source: str | None = None
    uas_serials: list[str] = []
    operator_registration: str | None = None
    category: str | None = None
    uas_class: str | None = msgspec.field(default=None, name="class")
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    clearance_ref: str | None = None
    conditions: str | None = None
    exemptions: list[str] = []
    created: str | None = None
    approved: str | None = None
    ended: str | None = None
    cancelled: str | None = None
    reference: _Reference | None = None
    details: _Details | None = None


class _StrictNotice(_Notice, forbid_unknown_fields=True):
    """What a person sends: a field that is not known is a slip, not a silence."""


def from_json(raw: msgspec.Raw, source: str) -> Notice:
    """One entry of a file; ValueError names the field at fault."""
    return _notice(msgspec.json.decode(raw, type=_Notice, strict=False), source)


def from_document(document: dict[str, Any], source: str) -> Notice:
    """What a person sent, or the store kept."""
    return _notice(msgspec.convert(document, type=_StrictNotice, strict=False), source)


def _notice(entry: _Notice, source: str) -> Notice:
    reference = entry.reference
    if reference is not None:
        entry.id, entry.state, entry.version = reference.id, reference.state, reference.version
        entry.authority = entry.authority or reference.manager
    volumes = entry.volumes or (entry.details.volumes if entry.details else [])
    if not volumes:
        raise ValueError("volumes: none given")
    return Notice(
        notice_id=fields.required("" if entry.id is None else str(entry.id), "id"),
        version=fields.version(entry.version),
        state=fields.state(entry.state or ""),
        source=fields.text(entry.source) or fields.text(source) or "",
        volumes=tuple(_volume(each, f"volumes[{number}]") for number, each in enumerate(volumes)),
        uas_serials=fields.serials(entry.uas_serials),
        operator_registration=fields.registration(entry.operator_registration),
        category=fields.category(entry.category),
        uas_class=fields.uas_class(entry.uas_class),
        callsign=fields.text(entry.callsign),
        mission_type=fields.text(entry.mission_type),
        authority=fields.text(entry.authority),
        clearance_ref=fields.text(entry.clearance_ref),
        conditions=fields.text(entry.conditions, fields.CONDITIONS_LETTERS),
        exemptions=fields.exemptions(entry.exemptions),
        created_s=fields.maybe_moment_s(entry.created, "created"),
        approved_s=fields.maybe_moment_s(entry.approved, "approved"),
        ended_s=fields.maybe_moment_s(entry.ended, "ended"),
        cancelled_s=fields.maybe_moment_s(entry.cancelled, "cancelled"),
    )


def _volume(entry: _Volume4D, place: str) -> NoticeVolume:
    outline = entry.volume
    try:
        times_s = (
            fields.moment_s(entry.time_start.value, "time_start"),
            fields.moment_s(entry.time_end.value, "time_end"),
        )
        lower = _altitude(outline.altitude_lower, "altitude_lower")
        return fields.window(_shape(outline), lower, _altitude(outline.altitude_upper, "altitude_upper"), times_s)
    except ValueError as error:
        raise ValueError(f"{place}.{error}") from error


def _altitude(limit: _Length | None, field: str) -> tuple[float | None, str | None]:
    return (None, None) if limit is None else (fields.metres(limit.value, limit.units, field), limit.reference)


def _shape(outline: _Volume3D) -> Circle | Polygon:
    circle, polygon = outline.outline_circle, outline.outline_polygon
    if circle is not None and polygon is None:
        radius_m = fields.metres(circle.radius.value, circle.radius.units, "radius")
        return fields.circle(circle.center.lat, circle.center.lng, radius_m)
    if polygon is not None and circle is None:
        return fields.polygon([(vertex.lng, vertex.lat) for vertex in polygon.vertices], "outline_polygon")
    raise ValueError("volume: exactly one of outline_circle and outline_polygon is needed")
