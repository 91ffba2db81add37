"""One drawn feature to a zone: a stadium's ring, an event's crowd with its hours, built-up land, a nature area.

A fence is ``alert_only`` unless it names its ``legal_basis`` and says ``kind: legal``: what somebody draws is no law.
All properties: the fields of ``Properties``. What others call these is known as far as ``foreign`` knows it; a property
that is not known is passed over and told, since a misspelt one would otherwise be missing without a sound.

Outlines of nature areas follow every ditch: one of more than 10,000 corners is thinned by at most 2, 5 or 20 m, and
told, as long as it is no law.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import (
    Datum,
    Oddity,
    Predicate,
    Restriction,
    Volume,
    Words,
    Zone,
    ZoneKind,
    ZoneRole,
)
from geofences.formats import foreign, windows
from geofences.formats.crs import Reference
from geofences.formats.gathering import Named, NoPlace
from geofences.formats.naming import slug
from geofences.formats.outlines import Geometry, Outline, is_nowhere, shapes, told
from geofences.zone_set import ZoneFileError

MAX_TEXT: Final = 200
MAX_NAMES: Final = 100  # of unknown properties that are told
RESIDENTIAL_BUFFER_M: Final = 150.0  # UAS.OPEN.040(2)
_HOME_COUNTRY: Final = "NLD"
_RESTRICTIONS: Final = {
    Predicate.ALL_FORBIDDEN: Restriction.PROHIBITED,
    Predicate.FOURTH_OF_MAY: Restriction.PROHIBITED,
    Predicate.AUTHORISATION: Restriction.REQUIRES_AUTHORISATION,
    Predicate.MILITARY_PERMISSION: Restriction.REQUIRES_AUTHORISATION,
    Predicate.TEMPORARY: Restriction.TEMPORARY,
    Predicate.NATURE: Restriction.NO_RESTRICTION,
    Predicate.NONE: Restriction.NO_RESTRICTION,
}  # all others: conditional
_ALWAYS: Final = "if it bounds their time, they are in force always: say from, to or schedule"
_FROM_THE_GROUND: Final = (
    "if it bounds their height, they reach from the ground without a ceiling: say lower_m and upper_m with their datum"
)
_HALF_OPEN: Final = "if it bounds their height, that side stays open: say lower_m or upper_m with its datum"

_Height = Annotated[float, msgspec.Meta(ge=-1_000.0, le=100_000.0)]  # and no NaN, which text may say


class Properties(msgspec.Struct):
    """What a feature may say of itself."""

    id: str | int | None = None  # this, or the feature's id, or a name
    name: Any = None
    country: str = _HOME_COUNTRY
    kind: ZoneKind = ZoneKind.ALERT_ONLY
    legal_basis: str | None = None  # needed for kind legal
    role: ZoneRole = ZoneRole.NONE
    predicate: Predicate = Predicate.NONE
    radius_m: float | None = None  # of a Point
    buffer_m: float | None = None  # widens the shape; 150 for predicate residential
    group: str | None = None
    group_name_nl: str | None = None  # as a sentence says it
    group_name_en: str | None = None
    lower_m: _Height | None = None  # open where not said
    upper_m: _Height | None = None
    lower_datum: Datum = Datum.AGL
    upper_datum: Datum = Datum.AGL
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    schedule: windows.Row | list[windows.Row] = []
    message: str | None = None
    exempts: list[str] = []


_KNOWN: Final = frozenset(Properties.__struct_encode_fields__)
_CUT: Final = 10  # letters of a shapefile's name
_DISTINCT: Final = {name for name in _KNOWN if "_" in name}
_OTHERWISE: Final = {name: name for name in _DISTINCT} | {
    name[:_CUT]: name for name in _DISTINCT if len(name) > _CUT and not name.startswith("group_name")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A feature before it is understood. ``number`` counts from 1 in its file, ``layer`` is "" where there is one."""

    number: int
    properties: dict[str, Any]  # with the file's defaults, without what is null
    geometry: Geometry | None
    reference: Reference | None = None  # None: WGS 84
    feature_id: str | float | None = None
    layer: str = ""

    def named(self) -> Named:
        """How it is called: by what names it, else by what counts it, else by its place in the file."""
        place = f"feature {self.number}"
        name = self.name()
        called = _of(self.properties.get("id")) or _text(self.feature_id) or name
        if called:
            return Named(place=f"{place} (fence {called!r})", zone_id=called, name=name or called)
        serial = foreign.serial_key(self.properties)
        number = str(self.properties[serial]) if serial else place
        zone_id = _text(f"{self.layer} {number}" if self.layer else number) or place  # other layers count too
        return Named(place=place, zone_id=zone_id, name=zone_id)

    def name(self) -> str | None:
        """What it is named, by whatever property."""
        keys = ("name", foreign.name_key(self.properties), foreign.id_key(self.properties))
        texts = (_of(self.properties.get(key)) for key in keys if key and key != "id")
        return next((text for text in texts if text), None)


@dataclass(slots=True)
class Notes:
    """What is told once for all features of a file: properties that are not known, names taken from elsewhere."""

    passed: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    def oddities(self) -> list[Oddity]:
        """One line a property."""
        passed = [
            f"property {key!r} of {n} feature(s) is not known: passed over{f'; {then}' if then else ''}"
            for (key, then), n in self.passed.items()
        ]
        if len(passed) > MAX_NAMES:
            passed[MAX_NAMES:] = [f"{len(passed) - MAX_NAMES} more properties are not known: passed over"]
        taken = [f"{n} feature(s): {what}" for what, n in self.taken.items()]
        return [Oddity(place="file", what=what) for what in (*taken, *passed)]


def zone(drawn: Drawn, version: str, notes: Notes) -> tuple[list[Zone], list[Oddity]]:
    """The zone of a feature and what is odd about it. ``ZoneFileError`` names the property that is wrong."""
    named, geometry = drawn.named(), drawn.geometry
    place = named.place
    if geometry is None or is_nowhere(geometry):
        raise NoPlace
    used: set[str] = set()
    given = _completed(drawn, used, notes)
    own = told(lambda: msgspec.convert(given, Properties, strict=False), f"{place}: properties")
    _tell_unknown(drawn.properties, given, used, notes)
    if own.kind is ZoneKind.LEGAL and _text(own.legal_basis) is None:
        raise ZoneFileError(f"{place}: legal_basis: a legal fence must name it")
    oddities: list[Oddity] = []
    volumes = _volumes(drawn, geometry, own, named, oddities)
    return [_made(own, named, version, volumes, oddities)], oddities


def _completed(drawn: Drawn, used: set[str], notes: Notes) -> dict[str, Any]:
    """The properties that are ours, completed by what others call the same; ``used`` gets the names of these."""
    given = {key: value for key, value in drawn.properties.items() if key in _KNOWN}
    for spelled, name in _spelled_otherwise(drawn.properties):
        given[name] = drawn.properties[spelled]
        used.add(spelled)
    others = {key: value for key, value in drawn.properties.items() if key not in _KNOWN | used}
    _tell_names(drawn, given, others, used, notes)
    _complete_limits(given, others, used, notes)
    for field_name, start in (("from", True), ("to", False)):
        key = foreign.moment_key(others, start=start) if field_name not in given else None
        if key is not None:
            given[field_name] = others[key]
            notes.taken[f"{field_name} is read from {_quoted(key)}"] += 1
            used.add(key)
    return given


def _spelled_otherwise(properties: dict[str, Any]) -> list[tuple[str, str]]:
    """Our own names in capitals, or cut to the ten letters of a shapefile; only those that nobody else has."""
    pairs = ((key, _OTHERWISE.get(key.lower())) for key in properties if key not in _KNOWN)
    return [(key, name) for key, name in pairs if name and name not in properties]


def _complete_limits(given: dict[str, Any], others: dict[str, Any], used: set[str], notes: Notes) -> None:
    lower = foreign.limit(others, lower=True) if "lower_m" not in given else None
    upper = foreign.limit(others, lower=False) if "upper_m" not in given else None
    if lower and upper and not _is_band(lower, upper):
        notes.taken["the lower limit is not below the upper one: neither is read"] += 1
        return
    for side, limit in (("lower", lower), ("upper", upper)):
        if limit is not None:
            given |= {f"{side}_m": limit.metres, f"{side}_datum": limit.datum}
            notes.taken[f"the {side} limit is read from {', '.join(map(_quoted, limit.keys))}"] += 1
            used.update(limit.keys)


def _is_band(lower: foreign.Limit, upper: foreign.Limit) -> bool:
    return upper.metres > 0 and (lower.datum is not upper.datum or lower.metres < upper.metres)


def _tell_names(drawn: Drawn, given: dict[str, Any], others: dict[str, Any], used: set[str], notes: Notes) -> None:
    """Where the name and the id were taken from, if not from our own properties."""
    name, code = foreign.name_key(others), foreign.id_key(others)
    named = _of(given.get("name")) is not None
    if not named and (name or code):
        used.add(name or code or "")
        notes.taken[f"the name is taken from {_quoted(name or code)}"] += 1
    if named or name or code or _of(given.get("id")) or _text(drawn.feature_id):
        return
    serial = foreign.serial_key(others)
    used.update([serial] if serial else [])
    notes.taken[f"neither id nor name: called by {_quoted(serial) if serial else 'its place in the file'}"] += 1


def _tell_unknown(properties: dict[str, Any], given: dict[str, Any], used: set[str], notes: Notes) -> None:
    has_time = bool(given.keys() & {"from", "to", "schedule"})
    open_sides = {"lower_m", "upper_m"} - given.keys()
    for key in [key for key in properties if key not in _KNOWN and key not in used]:
        then = ""
        if foreign.bounds_height(key) and open_sides:
            then = _FROM_THE_GROUND if len(open_sides) == 2 else _HALF_OPEN  # noqa: PLR2004 (both)
        elif foreign.bounds_time(key) and not has_time:
            then = _ALWAYS
        notes.passed[safe_text(key) or "", then] += 1


def _quoted(key: str | None) -> str:
    return repr(safe_text(key or "") or "")


def _of(value: Any) -> str | None:
    return _text(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _text(value: str | float | None) -> str | None:
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)  # tables of GIS keep whole numbers so
    return None if value is None else safe_text(str(value), MAX_TEXT)


def _made(own: Properties, named: Named, version: str, volumes: tuple[Volume, ...], oddities: list[Oddity]) -> Zone:
    rows = own.schedule if isinstance(own.schedule, list) else [own.schedule]
    legal = own.kind is ZoneKind.LEGAL
    zone_id, name = named.zone_id, named.name
    in_force = told(
        lambda: windows.applicability(
            own.from_, own.to, rows, lambda what: oddities.append(Oddity(place=zone_id, what=what))
        ),
        named.place,
    )
    counted = named.place == named.place.split(" (")[0]  # nothing names it but its place: another file has the same
    return Zone(
        zone_id=zone_id,
        name=name,
        country=_text(own.country) or "",
        kind=own.kind,
        restriction=_RESTRICTIONS.get(own.predicate, Restriction.CONDITIONAL) if legal else Restriction.NO_RESTRICTION,
        predicate=own.predicate,
        group=_text(own.group) or f"fence-{f'{version}-' if counted else ''}{slug(zone_id) or version}",
        group_name_nl=_text(own.group_name_nl) or f"het gebied {name}",
        group_name_en=_text(own.group_name_en) or f"the area {name}",
        version=version,
        volumes=volumes,
        applicability=in_force,
        role=own.role,
        message=_text(own.message),
        legal_basis=_text(own.legal_basis),
        exempts=tuple(text for each in own.exempts if (text := _text(each))),
        names=(Words(text=name),),
    )


def _volumes(
    drawn: Drawn, geometry: Geometry, own: Properties, named: Named, oddities: list[Oddity]
) -> tuple[Volume, ...]:
    place = named.place
    if own.lower_m is not None and own.upper_m is not None:
        unordered = own.lower_datum is own.upper_datum and own.lower_m >= own.upper_m
        if unordered or own.upper_m <= 0:
            raise ZoneFileError(f"{place}: lower_m: {own.lower_m:g} m is not below upper_m, {own.upper_m:g} m")
    buffer_m = own.buffer_m
    if buffer_m is None:
        buffer_m = RESIDENTIAL_BUFFER_M if own.predicate is Predicate.RESIDENTIAL else 0.0
    outline = Outline(
        geometry=geometry,
        reference=drawn.reference,
        radius_m=own.radius_m,
        buffer_m=buffer_m,
        is_law=own.kind is ZoneKind.LEGAL,
    )
    return tuple(
        Volume(
            shape=shape,
            lower_m=own.lower_m,
            lower_datum=own.lower_datum,
            upper_m=own.upper_m,
            upper_datum=own.upper_datum,
        )
        for shape in shapes(outline, named.zone_id, place, oddities)
    )
