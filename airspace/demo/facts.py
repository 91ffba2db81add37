"""The bundled city: facts of the Amsterdam match evening, and the zone and notice files made of them.

Sources: Schiphol CTR 1 from AIP Netherlands, AD 2 EHAM 2.17 (corners and arc; GND to 3000 ft AMSL); the 4-May circle of
2 NM round the Dam and both rule texts as the ministry's zone file words them; places from public maps. The stadium's
ring and bowl are no law: they are alert-only fences, as a security team would draw them.

``python -m airspace.demo.facts`` writes ``zones.json`` (ED-269) and ``notices.json`` (volumes as in F3548-21) beside
this file. Left out: CTR 2 and 3, which do not touch the ground, and every zone that the evening does not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from airspace.model.geodesy import WGS84, bearing_and_distance
from airspace.model.units import epoch_s, rfc3339

Place = tuple[float, float]  # latitude, longitude in degrees

ARENA: Final[Place] = (52.3144, 4.9419)
DAM: Final[Place] = (52.3731, 4.8936)
IJBURG: Final[Place] = (52.352, 5.003)
AMSTEL: Final[Place] = (52.3300, 4.9150)
HELIPAD: Final[Place] = (52.295, 4.957)  # of the hospital, about
BOWL_RADIUS_M: Final = 150.0
RING_RADIUS_M: Final = 1500.0
DAM_RADIUS_M: Final = 3704.0  # 2 NM
GROUND_AMSL_M: Final = -2.0
GROUND_WGS84_M: Final = 41.0  # about 2 m below sea level; the geoid lies 43 m above the ellipsoid here

CTR_CENTRE: Final[Place] = (52 + 18 / 60 + 29.00 / 3600, 4 + 45 / 60 + 51.00 / 3600)
CTR_RADIUS_M: Final = 14816.0  # 8 NM
CTR_TOP_AMSL_M: Final = 914.0  # 3000 ft
CTR_CORNERS: Final[tuple[Place, ...]] = (
    (52 + 24 / 60 + 54.39 / 3600, 4 + 38 / 60 + 5.45 / 3600),
    (52 + 28 / 60 + 21.18 / 3600, 4 + 38 / 60 + 24.39 / 3600),
    (52 + 28 / 60 + 1.08 / 3600, 4 + 48 / 60 + 12.13 / 3600),
    (52 + 26 / 60 + 21.48 / 3600, 4 + 48 / 60 + 3.00 / 3600),
)
ARC_STEP_DEG: Final = 1.0  # the chord then lies 0.6 m inside the arc at most

BROADCASTER_SERIAL: Final = "9ZZZ8TVX00001"  # CTA-2063-A form; there is no maker 9ZZZ
INSPECTION_SERIAL: Final = "9ZZZ8NSP00001"
BROADCASTER_RADIUS_M: Final = 150.0
INSPECTION_RADIUS_M: Final = 300.0
NOTICE_TOP_M: Final = 120.0
EVENING_S: Final = epoch_s("2026-05-01T18:30:00Z")  # start of the bundled notices.json
_BEFORE_S: Final = 3600.0
_AFTER_S: Final = 6 * 3600.0

OPEN_FORBIDDEN: Final = (
    "OPEN cat. vluchten zijn hier verboden SPEC cat. vluchten vereisen een privilege op de exploitatievergunning / "
    "Flights in the OPEN cat. are not allowed in SPEC cat. a privilege on the OA is required"
)
FOURTH_OF_MAY: Final = "Alle vluchten zijn hier verboden op 4 mei / all flights are prohibted on the 4th of may"
_NO_STATE: Final = "XXA"  # ISO 3166 leaves it to users: a fence is nobody's law


def offset(place: Place, bearing_deg: float, distance_m: float) -> Place:
    """The place at a geodesic distance in a direction."""
    longitude_deg, latitude_deg, _ = WGS84.fwd(place[1], place[0], bearing_deg, distance_m)
    return float(latitude_deg), float(longitude_deg)


BROADCASTER: Final = offset(ARENA, 90.0, 230.0)  # beside the bowl


def ctr_ring() -> list[Place]:
    """CTR 1, closed: the four corners, then the arc clockwise back to the first.

    Edges between corners are straight in longitude and latitude, as the ministry's file has them.
    """
    start_deg, _ = bearing_and_distance(*CTR_CENTRE, *CTR_CORNERS[-1])
    end_deg, _ = bearing_and_distance(*CTR_CENTRE, *CTR_CORNERS[0])
    sweep_deg = (end_deg - start_deg) % 360.0
    steps = round(sweep_deg / ARC_STEP_DEG)
    arc = [offset(CTR_CENTRE, start_deg + sweep_deg * step / steps, CTR_RADIUS_M) for step in range(1, steps)]
    return [*CTR_CORNERS, *arc, CTR_CORNERS[0]]


def zones() -> bytes:
    """The ED-269 document."""
    features = [
        _feature(
            "CTR1",
            "EHAM SCHIPHOL CTR 1",
            _volume({"type": "Polygon", "coordinates": [[_lng_lat(place) for place in ctr_ring()]]}, CTR_TOP_AMSL_M),
            message=OPEN_FORBIDDEN,
            own=_named("ctr-eham", "de CTR Schiphol", "the Schiphol CTR"),
        ),
        _feature(
            "DAM4MEI",
            "Verboden gebied tijdens Dodenherdenking 4 mei EHTSA 16 (Amsterdam/Dam)",
            _volume(_circle(DAM, DAM_RADIUS_M), 1676.0, "AGL"),
            restriction="PROHIBITED",
            reason="SENSITIVE",
            message=FOURTH_OF_MAY,
        ),
        _fence("RING", "ArenA: ring", RING_RADIUS_M, "ring", "arena", ("de ring om de ArenA", "the ArenA ring")),
        _fence(
            "BOWL",
            "ArenA: kuip",
            BOWL_RADIUS_M,
            "bowl",
            "arena-bowl",
            ("boven het publiek in de ArenA", "above the crowd in the ArenA"),
        ),
    ]
    return _written(
        {
            "title": "Airspace demo: a match evening at the ArenA",
            "description": "Facts for a demonstration. Not for flight planning.",
            "features": features,
        }
    )


def notices(start_s: float) -> bytes:
    """The approved notices of an evening that starts at ``start_s`` (UTC epoch)."""
    entries = [
        _notice("DEMO-1", BROADCASTER_SERIAL, "TV 1", "broadcast", (BROADCASTER, BROADCASTER_RADIUS_M), start_s),
        _notice("DEMO-2", INSPECTION_SERIAL, "INSPECT 7", "inspection", (AMSTEL, INSPECTION_RADIUS_M), start_s),
    ]
    return _written({"notices": entries})


def _feature(
    identifier: str,
    name: str,
    volume: dict[str, Any],
    *,
    message: str,
    restriction: str = "CONDITIONAL",
    reason: str = "AIR_TRAFFIC",
    country: str = "NLD",
    own: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "country": country,
        "name": name,
        "type": "COMMON",
        "restriction": restriction,
        "reason": [reason],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "Airspace demo", "purpose": "INFORMATION"}],
        "geometry": [volume],
        "message": message,
        "extendedProperties": own or {},
    }


def _fence(
    identifier: str, name: str, radius_m: float, role: str, group: str, names: tuple[str, str]
) -> dict[str, Any]:
    feature = _feature(
        identifier,
        name,
        _volume(_circle(ARENA, radius_m), 500.0, "AGL"),
        message="Alleen een waarschuwing, geen verbod / an alert only, not a prohibition",
        restriction="NO_RESTRICTION",
        reason="POPULATION",
        country=_NO_STATE,
        own={**_named(group, *names), "kind": "alert_only", "role": role},
    )
    return feature | {"type": "CUSTOMIZED"}


def _named(group: str, name_nl: str, name_en: str) -> dict[str, str]:
    """The airspace group, and how a sentence names it."""
    return {"airspaceGroup": group, "groupNameNl": name_nl, "groupNameEn": name_en}


def _volume(projection: dict[str, Any], upper_m: float, upper_reference: str = "AMSL") -> dict[str, Any]:
    return {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": upper_m,
        "upperVerticalReference": upper_reference,
        "horizontalProjection": projection,
    }


def _circle(place: Place, radius_m: float) -> dict[str, Any]:
    return {"type": "Circle", "center": _lng_lat(place), "radius": radius_m}


def _lng_lat(place: Place) -> list[float]:
    return [round(place[1], 7), round(place[0], 7)]


def _notice(
    notice_id: str, serial: str, callsign: str, mission: str, area: tuple[Place, float], start_s: float
) -> dict[str, Any]:
    (latitude_deg, longitude_deg), radius_m = area
    volume = {
        "outline_circle": {
            "center": {"lng": round(longitude_deg, 7), "lat": round(latitude_deg, 7)},
            "radius": {"value": radius_m, "units": "M"},
        },
        "altitude_lower": {"value": GROUND_WGS84_M - 5.0, "reference": "W84", "units": "M"},
        "altitude_upper": {"value": GROUND_WGS84_M + NOTICE_TOP_M, "reference": "W84", "units": "M"},
    }
    return {
        "id": notice_id,
        "version": 1,
        "state": "approved",
        "source": "demo",
        "uas_serials": [serial],
        "callsign": callsign,
        "mission_type": mission,
        "volumes": [
            {"volume": volume, "time_start": _moment(start_s - _BEFORE_S), "time_end": _moment(start_s + _AFTER_S)}
        ],
    }


def _moment(time_s: float) -> dict[str, str]:
    return {"value": rfc3339(time_s), "format": "RFC3339"}


def _written(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def write(folder: Path) -> Sequence[Path]:
    """Write both files; their paths."""
    files = {"zones.json": zones(), "notices.json": notices(EVENING_S)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


if __name__ == "__main__":
    write(Path(__file__).parent)
