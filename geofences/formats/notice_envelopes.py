"""What notices come wrapped in: answers and messages of F3548 services, older volumes, flight plans of InterUSS.

Everything is brought to one shape, F3548-21's ``reference`` and ``details`` or our own fields, before it is read. The
forms: ``operational_intent`` (GET of a USS, PUT of a notification), ``operational_intents`` and lists of either,
``operational_intent_reference(s)`` (a DSS: no volumes, so it is named as lacking them), the injections and flight plans
of InterUSS's tests; volumes with GeoJSON outlines (F3548 before 2021) and those of F3411-19 (``spatial_volume``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

Entry = dict[str, Any]

LISTS: Final = (
    "notices",
    "operational_intents",
    "operational_intent_references",
    "flight_plans",
    "flights",
    "requests",
)
_INNER: Final = (
    "operational_intent",
    "flight_plan",
    "flight_info",
    "intended_flight",
    "test_injection",
    "full",
    "request",
)
_NAMES: Final = {
    "operational_intent_reference": "reference",
    "operational_intent_details": "details",
    "operational_intent_id": "id",
    "flight_plan_id": "id",
    "flight_id": "id",
    "extents": "volumes",
    "serial": "uas_serials",
    "serials": "uas_serials",
    "uas_serial": "uas_serials",
    "serial_number": "uas_serials",
    "uas_serial_number": "uas_serials",
    "operator_id": "operator_registration",
    "operation_category": "category",
}
_AUTHORISATIONS: Final = ("flight_authorisation", "uspace_flight_authorisation", "flight_authorization")
_OF_AUTHORISATION: Final = {
    "uas_serial_number": "uas_serials",
    "operator_id": "operator_registration",
    "operation_category": "category",
    "uas_class": "class",
}
_KEPT_FROM_OUTSIDE: Final = frozenset({*_NAMES, *_NAMES.values(), *_AUTHORISATIONS, "class", "callsign", "state"})
_USAGE: Final = {"planned": "Accepted", "inuse": "Activated", "closed": "Ended"}
_OFF_NOMINAL: Final = {"offnominal": "Nonconforming", "contingent": "Contingent"}
_DEEPEST: Final = 4


def listed(document: Entry) -> list[Any] | None:
    """The entries of an object that holds a list of them, or names them (``intents`` of InterUSS's tests)."""
    found = next((document[name] for name in LISTS if isinstance(document.get(name), list)), None)
    if found is not None:
        return list(found)
    named = document.get("intents")
    if not isinstance(named, dict):
        return None
    return [{"id": name} | value if isinstance(value, dict) else value for name, value in named.items()]


def is_entry(document: Entry) -> bool:
    """Whether an object is one notice, and no list of them."""
    words = {"reference", "details", "volumes", "basic_information", "id", *_INNER, *_NAMES}
    return not words.isdisjoint(document)


def unwrapped(entry: Entry) -> Entry:
    """One notice out of its envelope; ValueError where an envelope says that there is none."""
    for _ in range(_DEEPEST):
        name = next((name for name in _INNER if name in entry), None)
        if name is None:
            break
        if entry[name] is None:
            raise ValueError(f"{name}: null: its service has ended or removed it")
        if not isinstance(entry[name], dict):
            break
        outside = {key: value for key, value in entry.items() if key in _KEPT_FROM_OUTSIDE}
        entry = outside | entry[name]
    return _flat(_renamed(entry))


def _renamed(entry: Entry) -> Entry:
    made: Entry = {}
    for name, value in entry.items():
        if name == "id" or _NAMES.get(name, name) not in entry or name == _NAMES.get(name, name):
            made[_NAMES.get(name, name)] = value
    if isinstance(made.get("reference"), dict):
        made.pop("id", None)
    return made


def _flat(entry: Entry) -> Entry:
    """Details, authorisations and plans as fields of the notice itself."""
    entry = _planned(entry)
    for name in _AUTHORISATIONS:
        more = entry.pop(name, None)
        if isinstance(more, dict):
            entry |= {
                here: more[there] for there, here in _OF_AUTHORISATION.items() if there in more and here not in entry
            }
    details = entry.get("details")
    holders = [entry] if not isinstance(details, dict) else [entry, details]
    for holder in holders:
        for name in ("volumes", "off_nominal_volumes"):
            if isinstance(holder.get(name), list):
                holder[name] = [volume_4d(each) for each in holder[name]]
    return entry


def _planned(entry: Entry) -> Entry:
    basic = entry.pop("basic_information", None)
    entry.pop("astm_f3548_21", None)
    if not isinstance(basic, dict):
        return entry
    usage, uas = (_letters(basic.get(name)) for name in ("usage_state", "uas_state"))
    state = _OFF_NOMINAL.get(uas) if usage == "inuse" else None
    entry.setdefault("state", state or _USAGE.get(usage, str(basic.get("usage_state"))))
    entry.setdefault("volumes", basic.get("area"))
    return entry


def volume_4d(entry: Any) -> Any:
    """A volume as F3548-21 writes it; what is of no known shape stays as it is, to be named."""
    if not isinstance(entry, dict):
        return entry
    inner = entry.get("volume", entry.get("spatial_volume", entry))
    if not isinstance(inner, dict):
        return entry
    return {
        "volume": {
            "outline_circle": _circle(inner.get("outline_circle")),
            "outline_polygon": _polygon(inner.get("outline_polygon") or inner.get("footprint")),
            "altitude_lower": _length(inner.get("altitude_lower", _w84(inner, "altitude_lo"))),
            "altitude_upper": _length(inner.get("altitude_upper", _w84(inner, "altitude_hi"))),
        },
        "time_start": _moment(entry.get("time_start", entry.get("start_time"))),
        "time_end": _moment(entry.get("time_end", entry.get("end_time"))),
    }


def _circle(outline: Any) -> Any:
    if not isinstance(outline, dict):
        return outline
    if not outline:
        return None
    geometry, properties = outline.get("geometry"), outline.get("properties")
    if isinstance(geometry, dict) and isinstance(properties, dict):  # a GeoJSON feature, as drafts had it
        outline = {"center": _position(geometry.get("coordinates")), "radius": properties.get("radius")}
    return {**outline, "center": _lat_lng(outline.get("center")), "radius": _length(outline.get("radius"))}


def _polygon(outline: Any) -> Any:
    if not isinstance(outline, dict):
        return outline
    if not outline:
        return None
    rings = outline.get("coordinates")
    if isinstance(rings, list):
        if len(rings) != 1 or not isinstance(rings[0], list):
            raise ValueError("outline_polygon: exactly one ring is needed")
        return {"vertices": [_position(each) for each in rings[0]]}
    vertices = outline.get("vertices")
    return {"vertices": [_lat_lng(each) for each in vertices]} if isinstance(vertices, list) else outline


def _position(pair: Any) -> Any:
    """GeoJSON: longitude first."""
    if isinstance(pair, list) and len(pair) in {2, 3}:
        return {"lng": pair[0], "lat": pair[1]}
    return pair


def _lat_lng(point: Any) -> Any:
    if not isinstance(point, dict):
        return point
    return dict(_spelled(point))


def _spelled(point: Entry) -> Iterator[tuple[str, Any]]:
    spellings = {"latitude": "lat", "longitude": "lng", "lon": "lng"}
    yield from ((spellings.get(name, name), value) for name, value in point.items())


def _w84(volume: Entry, name: str) -> Any:
    """F3411-19 writes an altitude as a number: metres above WGS84."""
    value = volume.get(name)
    return {"value": value, "units": "M", "reference": "W84"} if isinstance(value, int | float) else value


def _length(value: Any) -> Any:
    if isinstance(value, int | float):
        return {"value": value, "units": "M"}
    if isinstance(value, dict) and value.get("units") is None:
        return {**value, "units": value.get("uom") or "M"}
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, dict) and _letters(value.get("format") or "RFC3339") != "rfc":
        raise ValueError(f"time: unknown format {str(value.get('format'))[:40]!r}")
    return {"value": value} if isinstance(value, str) else value


def _letters(word: Any) -> str:
    return "".join(letter for letter in str(word).lower() if letter.isalpha())
