"""Open Drone ID fields under the names of its C library, with the numbers of the wire as codes.

Dronetag's Scout writes them under ``odid``; dronecot, flat. Unknown is null there, or the marker of the wire.
"""

from __future__ import annotations

import math
from typing import Any, Final

from airspace.model.detection import EuCategory, EuClass, HeightReference, IdType, OperatorLocation, Status, UaType
from receivers.formats import json_values as values
from receivers.formats import odid, quantities
from receivers.formats.rows import Row

Fields = dict[str, Any]
LOCATION: Final = frozenset(
    {
        *("Latitude", "Longitude", "Status", "AltitudeBaro", "AltitudeGeo", "Height", "HeightType", "Direction"),
        *("SpeedHorizontal", "SpeedVertical", "HorizAccuracy", "VertAccuracy"),
    }
)
_MOTION: Final = {
    "Latitude": quantities.LATITUDE_DEG,
    "Longitude": quantities.LONGITUDE_DEG,
    **dict.fromkeys(("AltitudeBaro", "AltitudeGeo", "Height"), quantities.LENGTH_M),
    **dict.fromkeys(("SpeedHorizontal", "SpeedVertical"), quantities.SPEED_M_S),
    "Direction": quantities.ANGLE_DEG,
}
_OPERATOR: Final = {
    "OperatorLatitude": quantities.LATITUDE_DEG,
    "OperatorLongitude": quantities.LONGITUDE_DEG,
    "OperatorAltitudeGeo": quantities.LENGTH_M,
}
SYSTEM: Final = frozenset(
    {
        *("OperatorLatitude", "OperatorLongitude", "OperatorAltitudeGeo", "OperatorLocationType"),
        *("ClassificationType", "CategoryEU", "ClassEU", "Timestamp"),
    }
)


def basic_ids(row: Row, found: list[Fields]) -> None:
    """Ids of one aircraft: the serial is the id and another its alias."""
    ids: list[tuple[IdType, str]] = []
    for one in found:
        id_type = id_type_of(one.get("IDType"))
        words = values.uas_id(id_type, one.get("UASID"))
        row["ua_type"] = values.code(UaType, one.get("UAType")) or row.get("ua_type", UaType.UNKNOWN)
        row["flags"] |= words.flags
        if words.text is not None:
            ids.append((id_type, words.text))
    ids.sort(key=lambda one: one[0] is not IdType.SERIAL)
    for names, known in zip((("uas_id_type", "uas_id"), ("alias_id_type", "alias_id")), ids, strict=False):
        row.update(zip(names, known, strict=True))


def id_type_of(value: Any) -> IdType:
    """The kind of an id; an aircraft's address has none on this wire."""
    found = values.code(IdType, value)
    return IdType.UNKNOWN if found is IdType.ICAO else found


def location(row: Row, fields: Fields) -> None:
    """Where it is and how it moves; its time is the caller's matter."""
    where = values.place(fields.get("Latitude"), fields.get("Longitude"))
    height_m = values.altitude_m(fields.get("Height"))
    row["flags"] |= where.flags
    row.update(
        status=values.code(Status, fields.get("Status")),
        latitude_deg=where.latitude_deg,
        longitude_deg=where.longitude_deg,
        altitude_pressure_m=values.altitude_m(fields.get("AltitudeBaro")),
        altitude_wgs84_m=values.altitude_m(fields.get("AltitudeGeo")),
        height_m=height_m,
        speed_m_s=values.speed_m_s(fields.get("SpeedHorizontal")),
        vertical_speed_m_s=values.vertical_speed_m_s(fields.get("SpeedVertical")),
        track_deg=values.angle_deg(fields.get("Direction")),
        horizontal_accuracy_m=values.accuracy_m(fields.get("HorizAccuracy"), vertical=False),
        vertical_accuracy_m=values.accuracy_m(fields.get("VertAccuracy"), vertical=True),
    )
    quantities.mark(row, fields, _MOTION, "Location.")
    if not math.isnan(height_m):
        row["height_reference"] = values.wire_code(HeightReference, fields.get("HeightType"))


def system(row: Row, fields: Fields) -> None:
    """Where the operator is and what the drone says of its operation."""
    where = values.operator_place(fields.get("OperatorLatitude"), fields.get("OperatorLongitude"))
    row["flags"] |= where.flags
    row.update(
        operator_latitude_deg=where.latitude_deg,
        operator_longitude_deg=where.longitude_deg,
        operator_altitude_wgs84_m=values.altitude_m(fields.get("OperatorAltitudeGeo")),
        operator_location_type=values.wire_code(OperatorLocation, fields.get("OperatorLocationType")),
    )
    quantities.mark(row, fields, _OPERATOR, "System.")
    if values.number(fields.get("ClassificationType")) == odid.EU_CLASSIFICATION:
        row["eu_category"] = values.code(EuCategory, fields.get("CategoryEU"))
        row["eu_class"] = values.code(EuClass, fields.get("ClassEU"))
