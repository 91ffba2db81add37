"""The table of verdicts as objects: zones, notices and cases from the TOML files beside this one.

A case is one line: where and when a drone flies, what it says of itself, which notices there are, and the verdict that
the law asks for, with the rule and the place in the law or in the list of known traps that it comes from. Everything
that a case does not say is as in ``DEFAULTS``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from airspace.model.geodesy import WGS84, metres_per_degree
from airspace.model.notice import Notice, NoticeState, NoticeVolume
from airspace.model.zone import (
    Applicability,
    Circle,
    DailyPeriod,
    Datum,
    Polygon,
    Predicate,
    Restriction,
    SunEvent,
    Variant,
    Volume,
    Zone,
    ZoneKind,
    ZoneRole,
)
from geofences.formats import ed269

HERE = Path(__file__).parent
SERIAL = "TEST4ABCD"
NOON = datetime.fromisoformat("2026-05-01T12:00:00Z")  # a Friday, 14:00 in Amsterdam

Point = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of the table. ``expect`` is the last verdict told by ``rule``; ``point`` the answer for the place."""

    id: str
    rule: str
    trace: str
    at: Point
    expect: str | None = None  # a VerdictValue, or "nothing"
    reason: str | None = None
    group: str | None = None
    zone: str | None = None
    told: tuple[str, ...] | None = None  # every verdict of the rule, "value reason", in order
    point: str | None = None  # allowed, not_allowed or not_decidable
    data: str = "table"  # or nl: the ministry's own zones
    zones: tuple[str, ...] | None = None  # None: all of the table
    height: float = 50.0
    datum: str = "agl"  # agl (said above ground), takeoff, wgs84, pressure, amsl and unknown (a point only), none
    vertical_accuracy: float = 3.0
    accuracy: float = 10.0
    time: datetime = NOON
    spacing: float = 1.0
    rows: int = 12
    serial: str = SERIAL
    id_type: str = "serial"
    category: str = "unknown"
    eu_class: str = "unknown"
    notices: tuple[dict[str, Any], ...] = ()
    pilot_m: float | None = None  # so far west of the drone
    pilot: str = "live"
    uspace: bool = False  # U-space rules are on
    room: tuple[int, int] | None = None  # commercial and emergency flights that the tower takes
    fleet: tuple[str, ...] = ()  # serials of drones that fly beside it
    columns: dict[str, Any] = field(default_factory=dict)  # other columns of the track, as they are
    way: tuple[Point, ...] | None = None  # a place for each row, in turn
    later: dict[str, Any] = field(default_factory=dict)  # columns of the second half of the rows


@cache
def zones() -> dict[str, Zone]:
    """The zones by id: those of zones.toml, and of zones.json where the form of the file is the trap."""
    made = {name: _zone(name, values) for name, values in _flat(_load(HERE / "zones.toml")).items()}
    return made | {each.zone_id: each for each in ed269.read((HERE / "zones.json").read_bytes(), "zones.json").zones}


@cache
def cases() -> tuple[Case, ...]:
    """All cases of all files. What a file says at its top holds for each of its cases."""
    return tuple(
        _case(common | case)
        for file in sorted((HERE / "cases").glob("*.toml"))
        for document in [_load(file)]
        for common in [{name: value for name, value in document.items() if name not in {"case", "places"}}]
        for case in document["case"]
    )


def _load(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _flat(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """``[7.1]`` is two keys to TOML and one zone to us."""
    found: dict[str, dict[str, Any]] = {}
    for name, values in document.items():
        if name.isdigit():
            found |= {f"{name}.{rest}": deeper for rest, deeper in values.items()}
        else:
            found[name] = values
    return found


def _zone(name: str, values: dict[str, Any]) -> Zone:
    told = values.get("names", [f"zone {name}", f"zone {name}"])
    lower, upper = values.get("lower", [None, "agl"]), values.get("upper", [None, "agl"])
    volume = Volume(
        shape=_shape(values),
        lower_m=lower[0],
        lower_datum=Datum(lower[1]),
        upper_m=upper[0],
        upper_datum=Datum(upper[1]),
    )
    return Zone(
        zone_id=name,
        name=told[1],
        country="NLD",
        kind=ZoneKind(values.get("kind", "legal")),
        restriction=Restriction[values.get("restriction", "CONDITIONAL")],
        predicate=Predicate(values["predicate"]),
        group=values.get("group", name.lower()),
        group_name_nl=told[0],
        group_name_en=told[1],
        version="0123456789ab",
        volumes=(volume,),
        applicability=_applicability(values),
        role=ZoneRole(values.get("role", "none")),
        exempts=tuple(values.get("exempts", ())),
        variant=Variant(values.get("variant", "COMMON")),
    )


def _shape(values: dict[str, Any]) -> Circle | Polygon:
    if "circle" in values:
        centre, radius_m = values["circle"]
        latitude, longitude = _point(centre)
        return Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=float(radius_m))
    rings = [values["polygon"], *values.get("holes", [])]
    return Polygon(rings=tuple(_ring(ring) for ring in rings))


def _ring(corners: list[Any]) -> tuple[Point, ...]:
    ring = tuple((longitude, latitude) for latitude, longitude in map(_point, corners))
    return (*ring, ring[0])


def _point(told: str | list[float]) -> Point:
    """Latitude and longitude as numbers, or as an AIP writes them: ``52 24 54.39N 004 38 05.45E``."""
    if not isinstance(told, str):
        return float(told[0]), float(told[1])
    parts = [float(part.rstrip("NE")) for part in told.split()]
    return tuple(parts[i] + parts[i + 1] / 60 + parts[i + 2] / 3600 for i in (0, 3))  # type: ignore[return-value]


def _applicability(values: dict[str, Any]) -> tuple[Applicability, ...]:
    if not {"from", "to", "periods", "dates"} & values.keys():
        return ()
    return (
        Applicability(
            start_s=values["from"].timestamp() if "from" in values else None,
            end_s=values["to"].timestamp() if "to" in values else None,
            periods=tuple(_period(each) for each in values.get("periods", [])),
            dates=tuple(date.fromisoformat(f"2000-{each}") for each in values.get("dates", [])),
            time_zone=values.get("time_zone", "UTC"),
        ),
    )


def _period(values: dict[str, Any]) -> DailyPeriod:
    events = {name: SunEvent(values[name]) for name in ("start_event", "end_event") if name in values}
    return DailyPeriod(
        days=frozenset(values["days"]),
        start=time.fromisoformat(values["start"]),
        end=time.fromisoformat(values["end"]),
        **events,
    )


PLACES: dict[str, Point] = {
    "arena": (52.3144, 4.9419),
    "dam": (52.3731, 4.8936),
    "centraal": (52.3791, 4.9003),
    "ndsm": (52.4010, 4.8935),
    "ijburg": (52.352, 5.003),
    "buikslotermeer": (52.399, 4.937),
    "kuip": (51.8939, 4.5231),
    "psv": (51.4417, 5.4675),
    "both": (52.4320, 4.7150),  # between the chord and the arc of the Schiphol CTR: in 7.1 and in 7.2
    "free": (51.35, 5.15),  # in no zone of the table
}


def _case(values: dict[str, Any]) -> Case:
    own = dict(values)
    own["at"] = where(own["at"])
    if "way" in own:
        own["way"] = tuple(where(each) for each in own["way"])
    notices = own.pop("notice", [])
    own["notices"] = tuple(notices) if isinstance(notices, list) else (notices,)
    for name in ("zones", "told", "room", "fleet"):
        if name in own:
            own[name] = tuple(own[name])
    return Case(**own)


def where(told: Any) -> Point:
    """A named place, a point, or a point so many metres inside the edge of a zone or circle (outside, if negative)."""
    if isinstance(told, str):
        return PLACES[told]
    if isinstance(told, list):
        return _point(told)
    shape = _shape(told) if "circle" in told else zones()[told["zone"]].volumes[0].shape
    if isinstance(shape, Circle):
        out_m = shape.radius_m - told["inside"]
        longitude, latitude, _ = WGS84.fwd(shape.longitude_deg, shape.latitude_deg, told["bearing"], out_m)
        return latitude, longitude
    return _beside(shape, told["edge"], told.get("ring", 0), told["inside"])


def _beside(shape: Polygon, edge: int, ring: int, inside_m: float) -> Point:
    """So far from the middle of an edge, square to it in metres."""
    (ax, ay), (bx, by) = shape.rings[ring][edge : edge + 2]
    middle = np.array([(ax + bx) / 2, (ay + by) / 2])
    north_m, east_m = (float(each[0]) for each in metres_per_degree(np.array([middle[1]])))
    along = np.array([(bx - ax) * east_m, (by - ay) * north_m])
    square = np.array([-along[1], along[0]]) / np.hypot(*along)
    step = square / np.array([east_m, north_m])
    within = shapely.Polygon(shape.rings[0], shape.rings[1:]).contains(shapely.Point(*(middle + step)))
    longitude, latitude = middle + step * (inside_m if within else -inside_m)
    return float(latitude), float(longitude)


def notice(number: int, values: dict[str, Any]) -> Notice:
    """A flight of ``SERIAL`` round the ArenA, 11:00 to 13:00, up to 100 m above ground; ``values`` say otherwise."""
    latitude, longitude = where(values.get("at", "arena"))
    upper = values.get("upper", [100.0, "agl"])
    lower = values.get("lower", [None, "agl"])
    volume = Volume(
        shape=Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=float(values.get("radius", 500))),
        lower_m=lower[0],
        lower_datum=Datum(lower[1]),
        upper_m=upper[0],
        upper_datum=Datum(upper[1]),
    )
    start = values.get("from", datetime.fromisoformat("2026-05-01T11:00:00Z"))
    end = values.get("to", datetime.fromisoformat("2026-05-01T13:00:00Z"))
    times = {name: values[name].timestamp() for name in ("cancelled_s", "ended_s", "approved_s") if name in values}
    return Notice(
        notice_id=values.get("id", f"N{number}"),
        version=1,
        state=NoticeState(values.get("state", "approved")),
        source="table",
        volumes=(NoticeVolume(volume=volume, start_s=start.timestamp(), end_s=end.timestamp()),),
        uas_serials=tuple(values.get("serials", [SERIAL])),
        category=values.get("category"),
        mission_type=values.get("mission"),
        exemptions=tuple(values.get("names", [])),
        **times,
    )
