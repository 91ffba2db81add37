"""One notice in JSON: our fields with volumes as in F3548-21, or an operational intent as F3548 tells it.

Ours: ``id``, ``state``, ``uas_serials``, ``volumes`` (outline_circle or outline_polygon, altitude_lower and upper,
time_start, time_end) and what ``airspace/model/notice_document.py`` lists. F3548's: ``reference`` (id, state, version,
manager) and ``details`` (volumes, off_nominal_volumes); it names no serial, so ``uas_serials`` may stand beside them.
notice_envelopes.py says in what either may come wrapped.

Off-nominal volumes are where a flight in state Nonconforming or Contingent is expected: it may be there, beside what is
left of its volumes. Of an intent in another state they hold nothing, and that is said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from airspace.model.notice import Notice, NoticeVolume
from airspace.model.zone import Circle, Polygon
from geofences.formats import notice_fields as fields
from geofences.formats import notice_nested as nested
from geofences.formats import notice_place as places
from geofences.formats import notice_serials
from geofences.formats.notice_envelopes import unwrapped
from geofences.formats.notice_gathering import Named
from geofences.formats.notice_times import maybe_moment_s, moment_s
from geofences.formats.notice_words import registration, text

Note = Callable[[str], None]
_WORD_LETTERS: Final = 500
_MOST_DIGITS: Final = 40


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
    time_start: _Moment | None = None
    time_end: _Moment | None = None


class _Reference(msgspec.Struct):
    id: str
    state: str
    version: int = 1
    manager: str | None = None
    time_start: _Moment | str | None = None
    time_end: _Moment | str | None = None


class _Details(msgspec.Struct):
    volumes: list[_Volume4D] | None = None
    off_nominal_volumes: list[_Volume4D] | None = None


class _Notice(msgspec.Struct):
    id: str | int | None = None
    state: str | None = None
    volumes: list[_Volume4D] | None = None
    off_nominal_volumes: list[_Volume4D] | None = None
    version: int = 1
    source: str | None = None
    uas_serials: Any = None
    operator_registration: str | None = None
    category: str | None = None
    uas_class: str | None = msgspec.field(default=None, name="class")
    callsign: str | None = None
    mission_type: str | None = None
    authority: str | None = None
    clearance_ref: str | None = None
    conditions: str | None = None
    exemptions: list[str] | str | None = None
    created: str | None = None
    approved: str | None = None
    ended: str | None = None
    cancelled: str | None = None
    unread_serials: int = 0
    reference: _Reference | None = None
    details: _Details | None = None


class _StrictNotice(_Notice, forbid_unknown_fields=True):
    """What a person sends: a field that is not known is a slip, not a silence."""


def from_json(document: dict[str, Any], source: str, note: Note) -> Notice:
    """One entry of a file; ValueError names the field at fault, ``note`` is told what was taken."""
    return _notice(msgspec.convert(unwrapped(document), type=_Notice, strict=False), source, note)


def from_document(document: dict[str, Any], source: str, note: Note) -> Notice:
    """What a person sent, or the store kept."""
    return _notice(msgspec.convert(unwrapped(document), type=_StrictNotice, strict=False), source, note)


def decoded(text: str) -> Any:
    """The document; a number that is none (NaN, 1e999) is the fault of the entry that holds it, not of the list."""
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        try:
            return _clean(json.loads(text, parse_int=_whole))
        except ValueError:
            raise error from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _clean(value: Any) -> Any:
    """Halves of letters, which the standard library lets pass, taken out."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return {_clean(name): _clean(each) for name, each in value.items()} if isinstance(value, dict) else value


def names(document: dict[str, Any]) -> Named:
    """What an entry that cannot be read as a whole says of itself."""
    try:
        entry = unwrapped(document)
    except (ValueError, RecursionError):
        entry = document
    reference = entry.get("reference")
    holder = reference if isinstance(reference, dict) else entry
    notice_id = holder.get("id")
    found = notice_serials.read(nested.cells(entry.get("uas_serials"), _silent)[0], _silent).found
    return Named(
        notice_id=text(str(notice_id)) if isinstance(notice_id, str | int) else None,
        uas_serials=tuple(dict.fromkeys((*found, *beside(document)))),
        version=_said_version(holder.get("version")),
        state=fields.maybe_state(holder.get("state")),
    )


def versioned(document: dict[str, Any]) -> bool:
    """Whether it says a version."""
    entry = unwrapped(document)
    reference = entry.get("reference")
    return (reference if isinstance(reference, dict) else entry).get("version") is not None


def beside(document: dict[str, Any]) -> tuple[str, ...]:
    """Serials anywhere in an entry."""
    return notice_serials.sound([each for each in nested.words(document) if len(each) <= _WORD_LETTERS])


def _said_version(said: Any) -> float | None:
    if said is None:
        return None
    try:
        return fields.version(int(said))
    except (TypeError, ValueError, OverflowError):
        return math.inf


def _silent(_: str) -> None:
    pass


def _notice(entry: _Notice, source: str, note: Note) -> Notice:
    reference = entry.reference
    if reference is not None:
        entry.id, entry.state, entry.version = reference.id, reference.state, reference.version
        entry.authority = entry.authority or reference.manager
    exemptions = entry.exemptions or []
    cells, unread = nested.cells(entry.uas_serials, note)
    serials = notice_serials.read(cells, note)
    return Notice(
        notice_id=fields.required("" if entry.id is None else str(entry.id), "id"),
        version=fields.version(entry.version),
        state=fields.state(entry.state or ""),
        source=text(entry.source) or text(source) or "",
        volumes=tuple(_volumes(entry, note)),
        uas_serials=serials.found,
        operator_registration=registration(entry.operator_registration),
        category=fields.category(entry.category),
        uas_class=fields.uas_class(entry.uas_class),
        callsign=text(entry.callsign),
        mission_type=text(entry.mission_type),
        authority=text(entry.authority),
        clearance_ref=text(entry.clearance_ref),
        conditions=text(entry.conditions, fields.CONDITIONS_LETTERS),
        exemptions=fields.exemptions([exemptions] if isinstance(exemptions, str) else exemptions),
        created_s=maybe_moment_s(entry.created, "created"),
        approved_s=maybe_moment_s(entry.approved, "approved"),
        ended_s=maybe_moment_s(entry.ended, "ended"),
        cancelled_s=maybe_moment_s(entry.cancelled, "cancelled"),
        unread_serials=serials.unread + unread + max(0, entry.unread_serials),
    )


def _volumes(entry: _Notice, note: Note) -> Iterator[NoticeVolume]:
    details = entry.details or _Details()
    nominal = entry.volumes or details.volumes or []
    others = entry.off_nominal_volumes or details.off_nominal_volumes or []
    off_nominal = fields.letters_of(entry.state or "") in fields.OFF_NOMINAL
    if others and not off_nominal:
        note("off_nominal_volumes: not used: they hold in no state but Nonconforming and Contingent")
        others = []
    if not nominal and not others:
        lacks = ": a reference alone, as a DSS gives it: ask its USS for the details" if entry.reference else ""
        raise ValueError(f"volumes: none given{lacks if entry.details is None else ''}")
    if others:
        note(f"off_nominal_volumes: {len(others)} taken, for its state is {text(entry.state)}")
    for name, listed in (("volumes", nominal), ("off_nominal_volumes", others)):
        for number, each in enumerate(listed):
            yield from _volume(each, f"{name}[{number}]", entry.reference, note)


def _volume(entry: _Volume4D, place: str, reference: _Reference | None, note: Note) -> tuple[NoticeVolume, ...]:
    outline = entry.volume
    try:
        times_s = (
            _moment_s(entry.time_start, reference.time_start if reference else None, "time_start"),
            _moment_s(entry.time_end, reference.time_end if reference else None, "time_end"),
        )
        lower = _altitude(outline.altitude_lower, "altitude_lower")
        upper = _altitude(outline.altitude_upper, "altitude_upper")
        shapes = _shapes(outline, lambda what: note(f"{place}.{what}"))
        return places.windows(shapes, lower, upper, times_s)
    except ValueError as error:
        raise ValueError(f"{place}.{error}") from error


def _moment_s(own: _Moment | None, of_all: _Moment | str | None, field: str) -> float:
    said = own or of_all
    if said is None:
        raise ValueError(f"{field}: none given")
    return moment_s(said if isinstance(said, str) else said.value, field)


def _altitude(limit: _Length | None, field: str) -> places.Limit:
    return (None, None) if limit is None else (places.metres(limit.value, limit.units, field), limit.reference)


def _shapes(outline: _Volume3D, note: Note) -> tuple[Circle | Polygon, ...]:
    circle, polygon = outline.outline_circle, outline.outline_polygon
    if circle is not None and polygon is None:
        radius_m = places.metres(circle.radius.value, circle.radius.units, "radius")
        return (places.circle(circle.center.lat, circle.center.lng, radius_m),)
    if polygon is not None and circle is None:
        return places.polygon([(vertex.lng, vertex.lat) for vertex in polygon.vertices], "outline_polygon", note)
    raise ValueError("volume: exactly one of outline_circle and outline_polygon is needed")
