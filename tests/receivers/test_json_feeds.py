"""Nodes, Scouts and dronecot: what each says, and what it does not."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airspace.model.detection import (
    COLUMNS,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Source,
    Status,
    Transport,
    UaType,
)
from airspace.model.message import Decoded, RejectReason
from receivers.formats import dronecot, dronetag, mesh_mapper
from tests.receivers.json_examples import MESH, NODE, SCOUT, SCOUT_ALIVE, SERIAL, T0, raw


def one(decode: Callable[..., Decoded], value: Any) -> dict[str, Any]:
    decoded = decode([raw(json.dumps(value).encode())])
    assert (len(decoded.detections), decoded.rejects, decoded.heartbeats) == (1, (), ())
    return {name: getattr(decoded.detections, name)[0] for name in COLUMNS}


def scout(part: str, **values: Any) -> dict[str, Any]:
    copied = copy.deepcopy(SCOUT)
    copied["odid"][part].update(values)
    return copied


def test_a_line_of_a_node() -> None:
    got = one(mesh_mapper.decode, MESH)
    assert (got["uas_id"], got["uas_id_type"], got["transmitter"]) == (SERIAL, IdType.SERIAL, "AA:BB:CC:DD:EE:FF")
    assert (got["latitude_deg"], got["longitude_deg"], got["altitude_wgs84_m"]) == (52.3143, 4.9419, 96)
    assert (got["operator_latitude_deg"], got["rssi_dbm"], got["sensor"]) == (52.315, -70, "mast")
    assert (math.isnan(got["time_s"]), got["received_s"], got["status"]) == (True, T0, Status.UNKNOWN)


def test_zero_is_unknown_there() -> None:
    zeros = dict.fromkeys(("drone_lat", "drone_long", "pilot_lat", "pilot_long", "drone_altitude", "rssi"), 0)
    got = one(mesh_mapper.decode, MESH | zeros | {"basic_id": ""})
    names = ("latitude_deg", "operator_latitude_deg", "altitude_wgs84_m", "rssi_dbm")
    assert all(math.isnan(got[name]) for name in names)
    assert (got["uas_id"], got["flags"]) == (None, 0)
    assert one(mesh_mapper.decode, MESH | {"drone_long": 0.0})["longitude_deg"] == 0  # the meridian


def test_an_id_without_a_type() -> None:
    got = one(mesh_mapper.decode, MESH | {"basic_id": "my drone"})
    assert (got["uas_id"], got["uas_id_type"], got["flags"]) == ("my drone", IdType.UNKNOWN, Flag.ID_TYPE_MISSING)


def test_channels_and_names_of_newer_nodes() -> None:
    got = one(mesh_mapper.decode, MESH | {"band": "5GHz", "channel": 149, "node_id": "A1B2"})
    assert (got["frequency_hz"], got["sensor"]) == (5.745e9, "A1B2")
    assert math.isnan(one(mesh_mapper.decode, MESH | {"band": "BLE", "channel": 37})["frequency_hz"])


def test_two_equal_lines_are_two_sightings() -> None:
    payload = json.dumps(MESH).encode()
    rows = mesh_mapper.decode([raw(payload), raw(payload, received_s=T0 + 1)]).detections
    assert len(set(rows.content_id)) == 2
    timed = json.dumps(NODE).encode()
    again = dronecot.decode([raw(timed), raw(timed, received_s=T0 + 9)]).detections
    assert len(set(again.content_id)) == 1  # it says when: delivered twice


@pytest.mark.parametrize("cut", [60, 120, 170])
def test_a_line_cut_short_is_counted_as_such(cut: int) -> None:
    text = json.dumps(MESH).encode()
    decoded = mesh_mapper.decode([raw(text[:cut])])
    assert [reject.reason for reject in decoded.rejects] == [RejectReason.TRUNCATED]
    assert len(decoded.detections) == 0


def test_signs_of_life_of_a_node() -> None:
    lines = (b'{"   [+] Device is active and scanning..."}', b'{"heartbeat":"remote_node active"}')
    decoded = mesh_mapper.decode([raw(line) for line in lines])
    assert [beat.sensor for beat in decoded.heartbeats] == ["mast", "mast"]
    assert decoded.heartbeats[1].detail == "remote_node active"


def test_a_report_of_a_scout() -> None:
    got = one(dronetag.decode, SCOUT)
    assert (got["sensor"], got["transport"], got["counter"]) == ("D17D80CF00000001", Transport.BLE5, 7)
    assert (got["uas_id"], got["uas_id_type"], got["ua_type"]) == (SERIAL, IdType.SERIAL, UaType.MULTIROTOR)
    assert (got["latitude_deg"], got["longitude_deg"], got["status"]) == (52.3143, 4.9419, Status.AIRBORNE)
    assert (got["height_m"], got["height_reference"], got["altitude_pressure_m"]) == (
        50,
        HeightReference.TAKEOFF,
        -23.5,
    )
    assert (got["speed_m_s"], got["vertical_speed_m_s"], math.isnan(got["track_deg"])) == (12.5, -0.5, True)
    assert (got["horizontal_accuracy_m"], got["vertical_accuracy_m"]) == (3, 10)
    assert got["time_s"] == pytest.approx(T0 - 0.8, abs=1e-3)  # UTC without saying so
    assert (got["operator_latitude_deg"], got["operator_location_type"]) == (52.315, OperatorLocation.LIVE)
    assert (got["eu_class"], got["operator_id"], got["self_id"]) == (EuClass.C1, None, "roof survey")
    assert (got["rssi_dbm"], got["flags"]) == (-92, 0)


@pytest.mark.parametrize(
    ("part", "said", "column"),
    [
        ("Location", {"Latitude": 0.0, "Longitude": 0.0}, "latitude_deg"),
        ("Location", {"SpeedHorizontal": 255.0}, "speed_m_s"),
        ("Location", {"SpeedVertical": 63.0}, "vertical_speed_m_s"),
        ("Location", {"Direction": 361}, "track_deg"),
        ("Location", {"Height": -1000.0}, "height_m"),
        ("Location", {"AltitudeBaro": -1000.0}, "altitude_pressure_m"),
        ("Location", {"HorizAccuracy": 0}, "horizontal_accuracy_m"),
        ("Location", {"HorizAccuracy": 13}, "horizontal_accuracy_m"),
        ("Location", {"Timestamp": None}, "time_s"),
        ("Location", {"TimestampEstimated": True}, "time_s"),
        ("System", {"OperatorLatitude": 0.0, "OperatorLongitude": 0.0}, "operator_latitude_deg"),
        ("System", {"OperatorAltitudeGeo": -1000.0}, "operator_altitude_wgs84_m"),
    ],
)
def test_unknown_markers_of_a_scout(part: str, said: dict[str, Any], column: str) -> None:
    got = one(dronetag.decode, scout(part, **said))
    assert math.isnan(got[column])
    assert (got["uas_id"], got["flags"]) == (SERIAL, 0)


def test_a_time_that_disagrees_and_one_that_is_none() -> None:
    assert one(dronetag.decode, scout("Location", Timestamp="2025-12-31T20:54:15"))["flags"] == Flag.SKEW
    assert one(dronetag.decode, scout("Location", Timestamp="yesterday"))["flags"] == Flag.TIME_INVALID


def test_a_test_transmitter_of_a_scout() -> None:
    got = one(dronetag.decode, scout("System", OperatorLatitude=0.001, OperatorLongitude=-0.001))
    assert got["flags"] == Flag.TEST_TRANSMITTER


def test_several_documents_in_one_body() -> None:
    text = json.dumps(SCOUT)
    for body in (f"{text}\n{text}\n", f"[{text},{text}]", f"{text}{text}\0", f"[[{text}],{text}]"):
        rows = dronetag.decode([raw(body.encode())]).detections
        assert len(rows) == len(set(rows.content_id)) == 2


def test_aircraft_out_of_a_scout_have_a_crew() -> None:
    plane = scout("Location", SpeedHorizontal=248, AltitudeGeo=4998) | {"tech": "AB", "module_type": 1090}
    plane["odid"]["BasicID"] = [{"UAType": 16, "IDType": 2, "UASID": "48C133"}]
    got = one(dronetag.decode, plane)
    assert (got["source"], got["uas_id"], got["uas_id_type"]) == (Source.ADSB, "48c133", IdType.ICAO)
    assert (got["speed_m_s"], got["altitude_wgs84_m"], math.isnan(got["height_m"])) == (248, 4998, True)
    assert got["transmitter"] is None  # made out of the address
    plane["odid"]["BasicID"] = []
    assert dronetag.decode([raw(json.dumps(plane).encode())]).rejects[0].reason is RejectReason.NO_DATA


def test_the_heartbeat_of_a_scout() -> None:
    (beat,) = dronetag.decode([raw(json.dumps(SCOUT_ALIVE).encode())]).heartbeats
    assert (beat.sensor, beat.logged_s, beat.detail) == ("D17D80CF00000001", T0 - 3, "11 satellites")
    assert (beat.latitude_deg, beat.longitude_deg) == (52.31, 4.94)
    (blind,) = dronetag.decode([raw(json.dumps(SCOUT_ALIVE | {"gnss_position": None}).encode())]).heartbeats
    assert blind.latitude_deg is None


def test_a_line_over_udp() -> None:
    got = one(dronecot.decode, NODE)
    assert (got["received_s"], got["transport"], got["frequency_hz"]) == (T0 - 1, Transport.WIFI_BEACON, 2.437e9)
    assert (got["latitude_deg"], got["altitude_wgs84_m"], got["speed_m_s"], got["track_deg"]) == (
        52.3143,
        96.5,
        8.25,
        270,
    )
    assert (got["uas_id"], got["transmitter"]) == (None, "AA:BB:CC:DD:EE:FF")
    named = one(dronecot.decode, {"t": T0, "mac": "aa:bb:cc:dd:ee:ff", "radio": "ble", "id": SERIAL})
    assert (named["uas_id"], named["transport"]) == (SERIAL, Transport.UNKNOWN)  # dronecot drops it, we do not
    (reject,) = dronecot.decode([raw(b'{"mac":"x","radio":"ble"}')]).rejects
    assert reject.reason is RejectReason.NO_DATA


def test_the_real_decoded_payload(real_data: Path) -> None:
    payload = (real_data / "remote-id" / "dronescout-mqtt" / "ua_payload.json").read_bytes()
    decoded = dronecot.decode([raw(payload)])
    got = {name: getattr(decoded.detections, name)[0] for name in COLUMNS}
    assert (got["uas_id"][:4], len(got["uas_id"]), got["transport"]) == ("1581", 20, Transport.WIFI_BEACON)
    assert (got["latitude_deg"], got["altitude_wgs84_m"], got["height_m"]) == (37.8288078, -32.0, 0.0)
    assert got["received_s"] - got["time_s"] == pytest.approx(1.167, abs=1e-3)  # 54 min, 14 s, 60 hundredths
    assert (math.isnan(got["track_deg"]), got["frequency_hz"], got["flags"]) == (True, 5.745e9, 0)


@pytest.mark.parametrize("decode", [mesh_mapper.decode, dronetag.decode, dronecot.decode])
def test_other_json_is_refused_by_each(decode: Callable[..., Decoded]) -> None:
    for payload in (b"{}", b"[]", b"5", b'"x"', b"null", b'{"odid":5}'):
        (reject,) = decode([raw(payload)]).rejects
        assert reject.reason in {RejectReason.WRONG_TYPE, RejectReason.NO_DATA}
