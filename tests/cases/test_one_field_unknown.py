"""What one field does not know, or has wrong, costs that field: every decoder keeps the rest; damage stays damage."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable
from typing import Any

import pytest

from airspace.app.core import DECODE
from airspace.model.detection import COLUMNS, Detections, Flag
from airspace.model.message import RawMessage, RejectReason
from receivers.formats import dji, french
from tests.receivers import dji_encoding, json_examples
from tests.receivers import odid_encoding as encode
from tests.receivers.test_dronescout import text as dronescout
from tests.receivers.test_odid_struct import structure

NO_FIX = 0x7FFFFFFF  # what DJI's firmware sends before a fix
E7 = NO_FIX / 1e7
T0 = json_examples.T0


def row(payload: bytes) -> dict[str, Any]:
    """The one row of a payload, unknown numbers as None."""
    decoded = DECODE([RawMessage(payload=payload, received_s=T0, sensor="mast")])
    assert decoded.rejects == ()
    (found,) = (_plain(decoded.detections, index) for index in range(len(decoded.detections)))
    return found


def _plain(rows: Detections, index: int) -> dict[str, Any]:
    values = {name: getattr(rows, name)[index] for name in COLUMNS}
    return {name: None if isinstance(one, float) and math.isnan(one) else one for name, one in values.items()}


def refusal(payload: bytes) -> RejectReason:
    decoded = DECODE([RawMessage(payload=payload, received_s=T0, sensor="mast")])
    assert len(decoded.detections) == 0
    (refused,) = decoded.rejects
    return refused.reason


def patched(data: bytes, *changes: tuple[int, str, Any]) -> bytes:
    """The bytes with values written over them: (offset, layout, value)."""
    made = bytearray(data)
    for offset, layout, value in changes:
        struct.pack_into(layout, made, offset, value)
    return bytes(made)


def french_beacon(position: tuple[int, int] | None = None, takeoff: tuple[int, int] | None = None) -> bytes:
    made = dji_encoding.french()
    for code, values in ((4, position), (8, takeoff)):
        for axis, value in enumerate(values or ()):
            at = made.index(bytes([code + axis, 4])) + 2
            made = patched(made, (at, ">i", value))
    return french.ELEMENT + made


DJI_PLACES = (22, 26, 50, 54, 58, 62)


def dji_flight(*changes: tuple[int, str, Any]) -> bytes:
    """Longitude, latitude at 22, 26; app at 50, 54 (latitude first); home at 58, 62 (longitude first)."""
    return dji.OUI + dji.MARK + patched(dji_encoding.flight(), *changes)


def like(example: Any, **changes: Any) -> bytes:
    """The JSON example with the named values replaced wherever they stand."""

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changes.get(key, replaced(one)) for key, one in value.items()}
        return [replaced(one) for one in value] if isinstance(value, list) else value

    return json.dumps(replaced(example)).encode()


DRONE_JSON = {
    "Basic ID": {"id_type": 1, "id": json_examples.SERIAL, "ua_type": 2},
    "Location Vector": {
        "op_status": 2,
        "coord": {"latitude": NO_FIX, "longitude": NO_FIX, "geodetic_altitude": 2180, "height_agl": 2088},
    },
    "System": {"latitude": NO_FIX, "longitude": NO_FIX, "operator_location_type": 1},
}


def sapient(x: float, y: float, serial: str | None = json_examples.SERIAL) -> bytes:
    made: Any = pytest.importorskip("tests.receivers.sapient_messages").located(x, y)
    if serial is not None:
        made.detection_report.object_info.add(type="serialNumber", value=serial)
    made.detection_report.classification.add(type="UAV, multirotor")
    return bytes(made.SerializeToString())


# a payload before the fix -> what it still says; nowhere is a place, and no remark that something was wrong
KEPT: dict[str, tuple[Callable[[], bytes], dict[str, Any]]] = {
    "one message": (lambda: encode.location(lat=E7, lon=E7), {"status": 2, "height_m": 60.0, "speed_m_s": 10.0}),
    "the latitude alone": (lambda: encode.location(lat=E7), {"status": 2, "height_m": 60.0}),
    "the longitude alone": (lambda: encode.location(lon=E7), {"status": 2, "height_m": 60.0}),
    "a longitude beside a latitude of 0": (lambda: encode.location(lat=0.0, lon=E7), {"status": 2}),
    "a pack": (
        lambda: encode.pack(encode.basic_id(), encode.location(lat=E7, lon=E7), encode.system(lat=E7, lon=E7)),
        {"uas_id": "9999F000000000012345", "status": 2, "operator_location_type": 2, "eu_class": 2, "eu_category": 1},
    ),
    "a pack in which a type comes twice": (
        lambda: encode.pack(encode.basic_id(), encode.location(lat=E7, lon=E7), encode.location(lat=E7, lon=E7)),
        {"uas_id": "9999F000000000012345", "status": 2, "height_m": 60.0},
    ),
    "the operator": (lambda: encode.system(lat=E7, lon=E7), {"operator_location_type": 2, "eu_class": 2}),
    "DroneScout's structure": (
        lambda: dronescout(structure(at_80=("<2d", E7, E7), at_816=("<2d", E7, E7))),
        {"uas_id": "9999F000000000012345", "status": 2, "height_m": -17.5, "operator_location_type": 2, "eu_class": 2},
    ),
    "DroneScout's structure, half": (
        lambda: dronescout(structure(at_88=("<d", E7), at_816=("<d", E7))),
        {"status": 2, "height_m": -17.5, "eu_category": 1},
    ),
    "the French beacon": (
        lambda: french_beacon((NO_FIX, NO_FIX), (NO_FIX, NO_FIX)),
        {"uas_id": "9999F000000000012345", "height_m": 17.0, "speed_m_s": 1.0, "track_deg": 331.0},
    ),
    "DJI": (
        lambda: dji_flight(*((at, "<i", NO_FIX) for at in DJI_PLACES)),
        {"uas_id": "0M6TEST00000001", "status": 2, "speed_m_s": 5.0},
    ),
    "DJI, without its serial": (
        lambda: dji_flight((4, "<H", dji_encoding.ALL_VALID & ~1), *((at, "<i", NO_FIX) for at in DJI_PLACES)),
        {"uas_id": None, "status": 2, "speed_m_s": 5.0},
    ),
    "DragonSync": (
        lambda: like(json_examples.LISTED, latitude=E7, longitude=E7),
        {"uas_id": json_examples.SERIAL, "status": 2, "height_m": 50.0, "eu_class": 2, "operator_location_type": 2},
    ),
    "DragonSync, raw integers as degrees": (
        lambda: like(json_examples.ESP32, latitude=NO_FIX, longitude=NO_FIX, operator_lat=NO_FIX, operator_lon=NO_FIX),
        {"uas_id": json_examples.SERIAL, "height_m": 75.0, "speed_m_s": 10.0},
    ),
    "drone.json, the integers of the wire": (
        lambda: json.dumps(DRONE_JSON).encode(),
        {"uas_id": json_examples.SERIAL, "status": 2, "altitude_wgs84_m": 90.0, "height_m": 44.0},
    ),
    "mesh-mapper": (
        lambda: like(json_examples.MESH, drone_lat=E7, drone_long=E7, pilot_lat=E7, pilot_long=E7),
        {"uas_id": json_examples.SERIAL, "altitude_wgs84_m": 96.0},
    ),
    "Dronetag": (
        lambda: like(json_examples.SCOUT, Latitude=E7, Longitude=E7, OperatorLatitude=NO_FIX, OperatorLongitude=NO_FIX),
        {"uas_id": json_examples.SERIAL, "status": 2, "height_m": 50.0, "operator_location_type": 2},
    ),
    "our own line": (
        lambda: json.dumps(
            json_examples.OWN
            | {"latitude_deg": E7, "longitude_deg": E7, "operator_latitude_deg": E7, "operator_longitude_deg": E7}
            | {"time": json_examples.OWN["received"]}
        ).encode(),
        {"sensor": "mast"},
    ),
    "SAPIENT, the marker": (lambda: sapient(E7, E7), {"uas_id": json_examples.SERIAL}),
    "SAPIENT, no numbers": (lambda: sapient(math.nan, math.nan), {"uas_id": json_examples.SERIAL}),
    "SAPIENT, 0/0": (lambda: sapient(0.0, 0.0), {"uas_id": json_examples.SERIAL}),
}
_PLACE = ("latitude_deg", "longitude_deg", "operator_latitude_deg", "operator_longitude_deg")
_WRONG = int(Flag.POSITION_INVALID | Flag.MESSAGE_INVALID)


@pytest.mark.parametrize("name", KEPT)
def test_without_a_fix_the_rest_is_kept(name: str) -> None:
    make, wanted = KEPT[name]
    found = row(make())
    assert {column: found[column] for column in wanted} == wanted
    assert [found[column] for column in _PLACE] == [None] * 4
    assert found["flags"] & _WRONG == 0


# a value that nobody knows yet, or that is of a wrong type, and what stays of its message
ALSO_KEPT: dict[str, tuple[Callable[[], bytes], dict[str, Any], Flag]] = {
    "a status of a newer version": (
        lambda: encode.location(status=7, version=3),
        {"status": 0, "latitude_deg": 52.3143, "height_m": 60.0},
        Flag.VERSION_UNKNOWN,
    ),
    "an id type of a newer version": (
        lambda: encode.pack(encode.basic_id(id_type=6, version=4), encode.location(version=4)),
        {"uas_id": None, "ua_type": 2, "latitude_deg": 52.3143},
        Flag.VERSION_UNKNOWN,
    ),
    "a private version": (
        lambda: encode.pack(encode.basic_id(version=15), encode.location(status=9, version=15)),
        {"uas_id": "9999F000000000012345", "latitude_deg": 52.3143, "status": 0},
        Flag.VERSION_UNKNOWN,
    ),
    "a message of an unknown type in a pack": (
        lambda: encode.pack(encode.basic_id(), b"\x62" + bytes(24), encode.location()),
        {"uas_id": "9999F000000000012345", "latitude_deg": 52.3143},
        Flag.MESSAGE_INVALID,
    ),
    "a count that is too high": (
        lambda: encode.pack(encode.basic_id(), encode.location(), count=9),
        {"uas_id": "9999F000000000012345", "latitude_deg": 52.3143},
        Flag.PACK_COUNT,
    ),
    "reserved bits": (
        lambda: patched(encode.location(), (1, "<B", 0x2F), (23, "<B", 0xF1), (24, "<B", 0xFF)),
        {"latitude_deg": 52.3143, "status": 2, "height_m": 60.0},
        Flag(0),
    ),
    "reserved accuracies": (
        lambda: encode.location(accuracy=0xFD),
        {"latitude_deg": 52.3143, "horizontal_accuracy_m": None, "vertical_accuracy_m": None},
        Flag(0),
    ),
    "a time that is none": (
        lambda: encode.location(tenths=36001),
        {"latitude_deg": 52.3143, "time_s": None},
        Flag.TIME_INVALID,
    ),
    "a category that is reserved": (
        lambda: encode.system(category=9, eu_class=15),
        {"operator_latitude_deg": 52.314, "eu_category": 0, "eu_class": 0},
        Flag(0),
    ),
    "a French field of another size": (
        lambda: french.ELEMENT + dji_encoding.french(course=None) + b"\x0b\x01\x01",
        {"uas_id": "9999F000000000012345", "height_m": 17.0, "track_deg": None},
        Flag.MESSAGE_INVALID,
    ),
    "a level that is a word": (
        lambda: dronescout(RSSI="N/A"),
        {"uas_id": "9999F000000000012345", "rssi_dbm": None, "latitude_deg": 52.3143},
        Flag.MESSAGE_INVALID,
    ),
    "a radio that is a number": (
        lambda: dronescout(structure(), type=7),
        {"uas_id": "9999F000000000012345", "latitude_deg": 52.3143, "transport": 0},
        Flag(0),
    ),
    "a level that is NaN": (
        lambda: dronescout(RSSI=math.nan),
        {"uas_id": "9999F000000000012345", "rssi_dbm": None, "latitude_deg": 52.3143},
        Flag(0),
    ),
    "a structure of another size beside the messages": (
        lambda: dronescout(bytes(917), raw=base64.b64encode(encode.location()).decode()),
        {"latitude_deg": 52.3143, "height_m": 60.0},
        Flag(0),
    ),
    "an ADS-B speed that is NaN": (
        lambda: json.dumps(
            {"now": T0, "aircraft": [{"hex": "484b20", "lat": 52.0, "lon": 4.0, "gs": math.nan, "track": math.inf}]}
        ).encode(),
        {"uas_id": "484b20", "latitude_deg": 52.0, "speed_m_s": None, "track_deg": None},
        Flag(0),
    ),
    "an ADS-B accuracy in words": (
        lambda: json.dumps(
            {"now": T0, "aircraft": [{"hex": "484b20", "lat": 52.0, "lon": 4.0, "seen_pos": 0.1, "nac_p": "high"}]}
        ).encode(),
        {"uas_id": "484b20", "latitude_deg": 52.0, "horizontal_accuracy_m": None},
        Flag.MESSAGE_INVALID,
    ),
    "a status that our next version may have": (
        lambda: json.dumps(json_examples.OWN | {"status": "hovering"}).encode(),
        {"sensor": "mast", "status": 0},
        Flag.MESSAGE_INVALID,
    ),
}


@pytest.mark.parametrize("name", ALSO_KEPT)
def test_one_bad_value_costs_itself(name: str) -> None:
    make, wanted, flag = ALSO_KEPT[name]
    found = row(make())
    assert {column: found[column] for column in wanted} == wanted
    assert Flag(int(found["flags"])) & flag == flag


DAMAGED: dict[str, tuple[Callable[[], bytes], RejectReason]] = {
    "one step beside the marker": (
        lambda: encode.location(lat=(NO_FIX - 1) / 1e7, lon=E7),
        RejectReason.VALUE_OUT_OF_RANGE,
    ),
    "the marker beside another value off the globe": (
        lambda: encode.location(lat=E7, lon=-214.0),
        RejectReason.VALUE_OUT_OF_RANGE,
    ),
    "the smallest number": (lambda: encode.location(lat=-214.7483648), RejectReason.VALUE_OUT_OF_RANGE),
    "the operator off the globe": (lambda: encode.system(lat=91.0), RejectReason.VALUE_OUT_OF_RANGE),
    "a status that no version has": (lambda: encode.location(status=9), RejectReason.VALUE_OUT_OF_RANGE),
    "an id type that no version has": (lambda: encode.basic_id(id_type=7), RejectReason.VALUE_OUT_OF_RANGE),
    "a newer version off the globe": (
        lambda: encode.location(lat=95.0, version=3),
        RejectReason.VALUE_OUT_OF_RANGE,
    ),
    "the structure off the globe": (
        lambda: dronescout(structure(("location",), at_80=("<d", 214.7))),
        RejectReason.VALUE_OUT_OF_RANGE,
    ),
    "the French beacon off the globe": (lambda: french_beacon((NO_FIX, -NO_FIX)), RejectReason.VALUE_OUT_OF_RANGE),
    "DJI off the globe": (lambda: dji_flight((26, "<i", NO_FIX - 1)), RejectReason.VALUE_OUT_OF_RANGE),
    "SAPIENT, nobody and nowhere": (lambda: sapient(0.0, 0.0, None), RejectReason.VALUE_OUT_OF_RANGE),
    "SAPIENT off the globe": (lambda: sapient(4.9, 95.0), RejectReason.VALUE_OUT_OF_RANGE),
    "our own line off the globe": (
        lambda: json.dumps(json_examples.OWN | {"latitude_deg": 214.0}).encode(),
        RejectReason.WRONG_TYPE,
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_stays_damage(name: str) -> None:
    make, reason = DAMAGED[name]
    assert refusal(make()) is reason


def test_a_place_that_cannot_be_read_is_told_and_its_object_kept() -> None:
    """SAPIENT in a coordinate system that nobody stated: who it is, and what, is known all the same."""
    made: Any = pytest.importorskip("tests.receivers.sapient_messages").located(4.9, 52.3, system=0)
    made.detection_report.object_info.add(type="serialNumber", value=json_examples.SERIAL)
    decoded = DECODE([RawMessage(payload=made.SerializeToString(), received_s=T0)])
    (refused,) = decoded.rejects
    assert (refused.reason, "coordinate system 0" in refused.detail) == (RejectReason.UNKNOWN_FORMAT, True)
    assert decoded.detections.uas_id.tolist() == [json_examples.SERIAL]
    assert Flag.POSITION_INVALID in Flag(int(decoded.detections.flags[0]))


def test_documents_with_a_comma_between_are_all_read() -> None:
    """A Scout's batches have no brackets (its public samples); a comma alone, or at the front, is still no JSON."""
    one = json.dumps(json_examples.SCOUT).encode()
    decoded = DECODE([RawMessage(payload=one + b", " + one + b",\n" + one + b"\n", received_s=T0, sensor="mast")])
    assert (len(decoded.detections), decoded.rejects) == (3, ())
    assert refusal(b"," + one) is not None
    assert len(DECODE([RawMessage(payload=one + b",," + one, received_s=T0)]).rejects) == 1


def test_the_markers_of_the_examples_are_where_they_say() -> None:
    """Else the tables above would hold nothing."""
    assert struct.unpack_from("<ii", encode.location(lat=E7, lon=E7), 5) == (NO_FIX, NO_FIX)
    assert row(dji_flight())["latitude_deg"] == pytest.approx(52.3143, abs=1e-5)
    assert row(french_beacon())["operator_latitude_deg"] == 43.9497
