"""SAPIENT messages for tests, built with the library that the format reads them with."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

pytest.importorskip("sapient_msg", reason="SAPIENT is read with sapient-msg (extra sapient)")

NODE = "ea54bd43-304f-4d11-a80a-6e5a401bdb7d"
OBJECT = "01H7SS2G2H7PQPQ6F1MMCF9BT5"
TIME_S = 1_700_000_000.25
DEGREES, RADIANS, UTM = 1, 2, 5
ELLIPSOID, GEOID = 1, 2


def message(node: str = NODE, time_s: float | None = TIME_S) -> Any:
    made = importlib.import_module("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2").SapientMessage(node_id=node)
    if time_s is not None:
        made.timestamp.FromMicroseconds(round(time_s * 1e6))
    return made


def report(node: str = NODE, time_s: float | None = TIME_S, **fields: Any) -> Any:
    made = message(node, time_s)
    made.detection_report.report_id = "01H7SS2G2HFG5EP09GYC8YP69C"
    made.detection_report.object_id = OBJECT
    for name, value in fields.items():
        setattr(made.detection_report, name, value)
    return made


def located(x: float = 4.94, y: float = 52.31, system: int = DEGREES, datum: int = ELLIPSOID, **fields: Any) -> Any:
    made = report()
    place = made.detection_report.location
    place.x, place.y, place.coordinate_system, place.datum = x, y, system, datum
    for name, value in fields.items():
        setattr(place, name, value)
    return made


def bearing(azimuth: float, datum: int, system: int = 1, **fields: Any) -> Any:
    made = report()
    found = made.detection_report.range_bearing
    found.azimuth, found.datum, found.coordinate_system = azimuth, datum, system
    for name, value in fields.items():
        setattr(found, name, value)
    return made


def registration(node: str = NODE, *, speed_units: int = 2, up_units: int = 1, zone: str = "31U") -> Any:
    made = message(node)
    made.registration.name = "Roof radar"
    made.registration.icd_version = "BSI Flex 335 v2.0"
    mode = made.registration.mode_definition.add(mode_name="normal")
    definition = mode.detection_definition.add()
    definition.location_type.zone = zone
    units = definition.velocity_type.enu_velocity_units
    units.east_north_rate_units, units.up_rate_units = speed_units, up_units
    return made


def status(node: str = NODE, latitude_deg: float = 52.0, longitude_deg: float = 5.0) -> Any:
    made = message(node)
    made.status_report.system = 1
    made.status_report.mode = "normal"
    place = made.status_report.node_location
    place.x, place.y, place.coordinate_system, place.datum = longitude_deg, latitude_deg, DEGREES, ELLIPSOID
    return made


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "little") + payload
