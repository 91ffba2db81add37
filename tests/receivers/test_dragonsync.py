"""DragonSync and its kin: every shape, every trap, and signals that are no Remote ID."""

from __future__ import annotations

import copy
import json
import math
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
from airspace.model.message import RawMessage, RejectReason
from airspace.model.sensor import Sensor
from receivers.formats.detect import FORMATS
from receivers.formats.dragonsync import decode
from receivers.gate import Gate
from tests.receivers.json_examples import DJI, ESP32, LISTED, MQTT_DRONE, O4, SERIAL, SIGNAL, T0, raw


def one(value: Any) -> dict[str, Any]:
    decoded = decode([raw(json.dumps(value).encode())])
    assert (len(decoded.detections), decoded.rejects, decoded.heartbeats) == (1, (), ())
    return {name: getattr(decoded.detections, name)[0] for name in COLUMNS}


def changed(example: Any, part: str, **values: Any) -> Any:
    """A copy with other values in one part."""
    copied = copy.deepcopy(example)
    for holder in copied if isinstance(copied, list) else [copied]:
        if part in holder:
            holder[part].update(values)
    return copied


def test_the_list_form_whole() -> None:
    got = one(LISTED)
    assert (got["uas_id"], got["uas_id_type"], got["ua_type"]) == (SERIAL, IdType.SERIAL, UaType.MULTIROTOR)
    assert (got["source"], got["transport"], got["transmitter"]) == (
        Source.REMOTE_ID,
        Transport.WIFI_BEACON,
        "AA:BB:CC:DD:EE:FF",
    )
    assert (got["rssi_dbm"], got["frequency_hz"], got["protocol_version"]) == (-65, 2.437e9, 2)
    assert (got["latitude_deg"], got["longitude_deg"]) == (52.3143, 4.9419)
    assert (got["altitude_wgs84_m"], got["height_m"], got["height_reference"]) == (96.5, 50, HeightReference.TAKEOFF)
    assert math.isnan(got["altitude_pressure_m"])
    assert (got["speed_m_s"], got["vertical_speed_m_s"], got["track_deg"]) == (12.5, -1, 179)
    assert (got["horizontal_accuracy_m"], got["vertical_accuracy_m"], got["status"]) == (3, 10, Status.AIRBORNE)
    assert got["time_s"] == pytest.approx(T0 - 0.8, abs=1e-3)  # 54 min 15.2 s after the hour
    assert (got["operator_latitude_deg"], got["operator_longitude_deg"]) == (52.315, 4.94)
    assert (got["operator_location_type"], got["operator_altitude_wgs84_m"]) == (OperatorLocation.LIVE, 44)
    assert (got["eu_class"], got["self_id"]) == (EuClass.C1, "roof survey")
    assert got["operator_id"] == "NLDabcdefghijklm"  # the secret characters are gone
    assert got["flags"] == Flag.OPERATOR_ID_LONG


def test_the_dict_form_has_other_names_for_the_operator_and_the_radio() -> None:
    got = one(ESP32)
    assert (got["operator_latitude_deg"], got["operator_longitude_deg"]) == (52.315, 4.94)
    assert (got["transmitter"], got["rssi_dbm"], got["height_m"]) == ("AA:BB:CC:DD:EE:FF", -68, 75)
    assert (got["uas_id"], math.isnan(got["time_s"])) == (SERIAL, True)


def test_dji_droneid_is_told_by_its_frequency() -> None:
    got = one(DJI)
    assert (got["source"], got["transport"], got["uas_id"]) == (Source.DJI, Transport.OCUSYNC, SERIAL)
    assert math.isnan(got["altitude_wgs84_m"])  # 65531.0 is no altitude
    assert (got["height_m"], got["frequency_hz"]) == (30, 2414.5e6)
    assert (got["operator_latitude_deg"], got["operator_location_type"]) == (52.315, OperatorLocation.LIVE)
    assert (got["signal_class"], got["self_id"]) == ("DJI Mini 2 (O2)", None)
    without_pilot = one(changed(DJI, "System Message", latitude=0.0, longitude=0.0))
    assert without_pilot["operator_latitude_deg"] == 52.316
    assert without_pilot["operator_location_type"] == OperatorLocation.TAKEOFF


def test_a_disputed_altitude_is_marked() -> None:
    got = one(changed(DJI, "Location/Vector Message", geodetic_altitude=120.0))
    assert (got["altitude_wgs84_m"], got["flags"]) == (120, Flag.LOW_TRUST_ALTITUDE)


def test_an_alert_is_presence_and_has_no_place() -> None:
    got = one(O4)
    assert (got["source"], got["transport"]) == (Source.DJI, Transport.OCUSYNC)
    assert (got["uas_id"], got["transmitter"]) == (None, "dji:15529374")
    assert (got["frequency_hz"], got["rssi_dbm"], got["signal_class"]) == (5756.5e6, -91, "DJI Encrypted (O4)")
    numbers = ("latitude_deg", "longitude_deg", "altitude_wgs84_m", "speed_m_s", "operator_latitude_deg")
    assert all(math.isnan(got[name]) for name in numbers)
    flat = {"id": "drone-alert", "lat": 52.31, "lon": 4.94, "pilot_lat": 52.0, "pilot_lon": 4.0, "freq": 5756.5}
    got = one(flat | {"description": "DJI Encrypted (O4)", "mac": "", "transport": "", "rssi": -117.0})
    assert (got["source"], got["transport"], got["uas_id"], got["transmitter"]) == (
        Source.DJI,
        Transport.OCUSYNC,
        None,
        None,
    )
    assert all(math.isnan(got[name]) for name in numbers)
    assert (got["frequency_hz"], got["rssi_dbm"]) == (5756.5e6, -117)


def test_flat_drones_out_of_mqtt() -> None:
    got = one(MQTT_DRONE)
    assert (got["sensor"], got["received_s"], math.isnan(got["time_s"])) == ("wardragon-1", T0 - 2, True)
    assert (got["source"], got["transport"], got["uas_id"]) == (Source.REMOTE_ID, Transport.WIFI_BEACON, SERIAL)
    assert (got["altitude_wgs84_m"], got["speed_m_s"], got["horizontal_accuracy_m"]) == (96.5, 12.5, 3)
    assert all(math.isnan(got[name]) for name in ("height_m", "vertical_speed_m_s", "track_deg"))  # 0 may be none
    assert (got["operator_latitude_deg"], got["operator_location_type"]) == (52.316, OperatorLocation.TAKEOFF)
    assert (got["operator_id"], got["self_id"], got["frequency_hz"]) == (None, "roof survey", 2.437e9)


@pytest.mark.parametrize(
    ("changes", "uas_id", "alias"),
    [
        ({"id": "drone-AABBCCDDEEFF"}, None, None),
        ({"id": "drone-AABBCCDDEEFF", "caa_id": "NLD-1"}, ("NLD-1", IdType.CAA), None),
        ({"caa_id": "NLD-1"}, (SERIAL, IdType.SERIAL), ("NLD-1", IdType.CAA)),
        ({"id": "drone-NLD-1", "caa_id": "NLD-1"}, ("NLD-1", IdType.CAA), None),
        ({"id": 7}, None, None),
    ],
)
def test_ids_out_of_mqtt(changes: dict[str, Any], uas_id: Any, alias: Any) -> None:
    got = one(MQTT_DRONE | changes)
    assert (got["uas_id"], got["uas_id_type"]) == (uas_id or (None, IdType.UNKNOWN))
    assert (got["alias_id"], got["alias_id_type"]) == (alias or (None, IdType.UNKNOWN))


@pytest.mark.parametrize(
    ("lat", "lon", "known", "flags"),
    [
        (0.0, 0.0, False, 0),
        (0.0, 4.9, False, 0),  # a latitude of 0 is no fix in this family
        (51.48, 0.0, True, 0),  # Greenwich
        ("Unknown", "Unknown", False, 0),
        (91.0, 4.9, False, Flag.POSITION_INVALID),
        (None, 4.9, False, 0),
    ],
)
def test_what_is_a_fix(lat: Any, lon: Any, *, known: bool, flags: int) -> None:
    got = one(changed(ESP32, "Location/Vector Message", latitude=lat, longitude=lon))
    assert (not math.isnan(got["latitude_deg"]), not math.isnan(got["longitude_deg"]), got["flags"]) == (
        known,
        known,
        flags,
    )


@pytest.mark.parametrize(("said", "frequency_hz"), [(2414.5, 2414.5e6), (2.4145e9, 2.4145e9), (0, None), (None, None)])
def test_hertz_and_megahertz(said: Any, frequency_hz: float | None) -> None:
    got = one(changed(DJI, "Frequency Message", frequency=said))["frequency_hz"]
    assert math.isnan(got) if frequency_hz is None else got == frequency_hz


def test_the_real_message_lists(real_data: Path) -> None:
    decoded = decode([raw((real_data / "remote-id" / "json" / "droneid_drone.json").read_bytes())])
    rows = decoded.detections
    assert (len(rows), decoded.rejects, decoded.ignored) == (2, (), 0)
    assert [(uas_id[:4], len(uas_id)) for uas_id in rows.uas_id] == [("1865", 11), ("SSEV", 15)]
    assert rows.alias_id_type.tolist() == [IdType.CAA, IdType.UNKNOWN]
    assert rows.latitude_deg[0] == pytest.approx(33.6577, abs=1e-4)  # integers of the wire
    assert rows.longitude_deg[0] == pytest.approx(-82.2156, abs=1e-4)
    assert (rows.altitude_wgs84_m[0], rows.height_m[0], rows.speed_m_s[0], rows.track_deg[0]) == (
        76.0,
        -9.0,
        0.25,
        94.0,
    )
    second = (
        "latitude_deg",
        "operator_latitude_deg",
        "speed_m_s",
        "track_deg",
        "vertical_speed_m_s",
        "altitude_wgs84_m",
    )
    assert all(math.isnan(getattr(rows, name)[1]) for name in second)  # 0/0, and 255, 180, 120 without a fix
    assert (rows.altitude_pressure_m[1], rows.height_m[1]) == (-54.5, -0.5)
    assert len(rows.operator_id[1]) == 16
    assert rows.eu_class.tolist() == [EuClass.C1, EuClass.C0]


def test_the_scenario_is_no_observation(real_data: Path) -> None:
    decoded = decode([raw((real_data / "remote-id" / "json" / "scenario_4236_-7106.json").read_bytes())])
    assert len(decoded.detections) == 0
    assert [reject.reason for reject in decoded.rejects] == [RejectReason.NO_DATA]


def signal(**values: Any) -> list[dict[str, Any]]:
    info = {"source": "confirm", "center_hz": 5800000000, "bandwidth_hz": 6e6, "pal_conf": 82.0, "rssi": -55}
    return [{"Location/Vector Message": {"latitude": 52.31, "longitude": 4.94}}, {"Signal Info": info | values}]


def test_signals() -> None:
    got = one(signal())
    assert (got["source"], got["transport"], got["signal_class"]) == (Source.RF, Transport.RF, "fpv")
    assert (got["frequency_hz"], got["bandwidth_hz"], got["confidence"], got["rssi_dbm"]) == (5.8e9, 6e6, 0.82, -55)
    assert math.isnan(got["latitude_deg"])  # the place of the kit
    assert got["transmitter"] == "rf:mast:fpv:5800"
    got = one(signal(source="sik_gps_repaired", net_id=25, signal_type="gfsk_fhss"))
    assert (got["latitude_deg"], got["transmitter"]) == (52.31, "rf:net:25")
    assert decode([raw(json.dumps(signal(source="energy")).encode())]).ignored == 1
    (reject,) = decode([raw(json.dumps(signal(center_hz=None)).encode())]).rejects
    assert reject.reason is RejectReason.NO_DATA


def test_signals_out_of_mqtt() -> None:
    got = one(SIGNAL)
    assert (got["source"], got["transmitter"], got["confidence"]) == (Source.RF, "rf:fpv-alert-5800MHz", 0.82)
    assert math.isnan(got["latitude_deg"])
    assert one(SIGNAL | {"lat": 52.4})["latitude_deg"] == 52.4


def test_the_kit_its_aircraft_and_its_trackers() -> None:
    kit = {"id": "wardragon-1", "latitude": 52.31, "longitude": 4.94, "cpu_usage": 12.3, "gps_fix": True, "updated": T0}
    plane = {"icao": "484ABC", "callsign": "HELI1", "lat": 52.3, "lon": 4.9, "alt": 1500, "speed": 100, "track": 90}
    pilot = {"latitude": 52.0, "longitude": 4.0, "gps_accuracy": 0.0}
    decoded = decode([raw(json.dumps(value).encode()) for value in (kit, plane, pilot)])
    (beat,) = decoded.heartbeats
    assert (beat.sensor, beat.latitude_deg, beat.logged_s) == ("wardragon-1", 52.31, T0)
    assert decoded.detections.uas_id.tolist() == ["484abc"]
    assert decoded.detections.source.tolist() == [Source.ADSB]
    assert decoded.detections.speed_m_s[0] == pytest.approx(51.44, abs=0.01)
    assert math.isnan(decoded.detections.altitude_wgs84_m[0])  # geometric or of pressure: it does not say
    assert decoded.ignored == 1
    assert decode([raw(b'{"icao":"x","lat":1}')]).rejects[0].reason is RejectReason.NO_DATA
    no_fix = decode([raw(json.dumps(kit | {"gps_fix": False}).encode())])
    assert no_fix.heartbeats[0].latitude_deg is None


def test_two_ids_are_one_drone_and_the_serial_leads() -> None:
    caa = {"Basic ID": {"id_type": "CAA Assigned Registration ID", "id": "NLD-1", "ua_type": 2}}
    got = one([caa, *LISTED])
    assert (got["uas_id"], got["alias_id"], got["alias_id_type"]) == (SERIAL, "NLD-1", IdType.CAA)


def test_what_holds_nothing_is_named() -> None:
    for value in ({"index": 1}, [], [1], 5, {"AUX_ADV_IND": {"rssi": -1}}):
        (reject,) = decode([raw(json.dumps(value).encode())]).rejects
        assert reject.reason in {RejectReason.NO_DATA, RejectReason.WRONG_TYPE}


@pytest.mark.parametrize(
    ("topic", "word", "expected"),
    [
        ("wardragon/system/wardragon-K1/availability", b"online", ("wardragon-K1", False)),
        ("wardragon/service/wardragon-K1/availability", b"offline", ("wardragon-K1", True)),
        ("wardragon/service/availability", b"online", ("mast", False)),
        ("wardragon/service/availability", b"offline", ("mast", True)),
        ("wardragon/drone/drone-1/availability", b"offline", None),
        ("wardragon/drone/drone-1/pilot_availability", b"online", None),
        ("wardragon/signals/wardragon-k1/availability", b"online", None),
        ("wardragon/drone/drone-1/state", b"not_home", None),
        ("wardragon/system/wardragon-K1/state", b"home", None),
    ],
)
def test_single_words_are_read_by_their_topic(topic: str, word: bytes, expected: tuple[str, bool] | None) -> None:
    message = RawMessage(payload=word, received_s=T0, sensor="mast", place=topic)
    decoded = FORMATS["auto"]([message])
    found = [(beat.sensor, beat.gone) for beat in decoded.heartbeats]
    assert (found, decoded.ignored, decoded.rejects) == ([] if expected is None else [expected], expected is None, ())


def test_a_word_of_a_kit_that_nobody_names_is_ignored() -> None:
    message = RawMessage(payload=b"online", received_s=T0, place="wardragon/service/availability")
    decoded = FORMATS["auto"]([message])
    assert (decoded.heartbeats, decoded.ignored, decoded.rejects) == ((), 1, ())


def test_the_words_elsewhere_are_no_message() -> None:
    for place in ("", "airspace/v1/delft/sensor/a/detection"):
        decoded = FORMATS["auto"]([RawMessage(payload=b"online", received_s=T0, place=place)])
        assert len(decoded.rejects) == 1


def test_a_kit_that_says_it_goes_shows_in_its_health_and_is_no_sign_of_life() -> None:
    gate = Gate({"k1": Sensor(sensor_id="k1", name="", kind="remote_id")}, accept_unknown_sensors=False)

    def say(word: bytes, now_s: float) -> tuple[int, int, bool, float | None]:
        message = RawMessage(payload=word, received_s=now_s, place="wardragon/service/k1/availability")
        admitted = gate.admit(FORMATS["auto"]([message]), now_s)
        (health,) = gate.health(now_s)
        return len(admitted.heartbeats), len(admitted.rejects), health.says_gone, health.heartbeat_s

    assert say(b"online", T0) == (1, 0, False, T0)
    assert say(b"offline", T0 + 5) == (1, 0, True, T0)
    assert say(b"online", T0 + 9) == (1, 0, False, T0 + 9)
