"""One message of every JSON family, made by hand after public code and schemas; no place or name in them is real."""

from __future__ import annotations

from typing import Any

from airspace.model.message import RawMessage

T0 = 1_767_218_056.0  # 2025-12-31T21:54:16Z
SERIAL = "1581F5FKD22900A0B1C2D"[:20]

LISTED: list[dict[str, Any]] = [
    {
        "Basic ID": {
            "protocol_version": "F3411.22",
            "id_type": "Serial Number (ANSI/CTA-2063-A)",
            "ua_type": "Helicopter (or Multirotor)",
            "id": SERIAL,
            "MAC": "aa:bb:cc:dd:ee:ff",
            "RSSI": -65,
            "transport": "WiFi-Beacon",
            "frequency_mhz": 2437,
        }
    },
    {
        "Location/Vector Message": {
            "protocol_version": "F3411.22",
            "op_status": "Airborne",
            "height_type": "Above Takeoff",
            "ew_dir_segment": "East",
            "speed_multiplier": "0.25",
            "direction": 179,
            "speed": "12.5 m/s",
            "vert_speed": "-1.0 m/s",
            "latitude": "52.3143000",
            "longitude": "4.9419000",
            "pressure_altitude": "Undefined",
            "geodetic_altitude": "96.5 m",
            "height_agl": "50.0 m",
            "vertical_accuracy": "<10 m",
            "horizontal_accuracy": "<3 m",
            "timestamp": "54 min 15.2 s",
        }
    },
    {"Self-ID Message": {"text": "roof survey", "text_type": "Text Description"}},
    {
        "System Message": {
            "operator_location_type": "Dynamic",
            "classification_type": "EU",
            "latitude": 52.3150,
            "longitude": 4.9400,
            "ua_classification_category_type": "Open",
            "ua_classification_category_class": "Class 1",
            "geodetic_altitude": "44.0 m",
        }
    },
    {"Operator ID Message": {"operator_id_type": "Operator ID", "operator_id": "NLDabcdefghijklm-xyz"}},
]
ESP32: dict[str, Any] = {
    "index": 42,
    "runtime": 12345,
    "AUX_ADV_IND": {"rssi": -68},
    "aext": {"AdvA": "AA:BB:CC:DD:EE:FF 12:34:56:78:90:AB"},
    "Basic ID": {"id_type": "Serial Number (ANSI/CTA-2063-A)", "ua_type": 2, "id": SERIAL},
    "Location/Vector Message": {"latitude": 52.3143, "longitude": 4.9419, "height_agl": 75.0, "speed": 10.0},
    "System Message": {"operator_lat": 52.3150, "operator_lon": 4.9400},
}
DJI: list[dict[str, Any]] = [
    {
        "Basic ID": {
            "id_type": "Serial Number (ANSI/CTA-2063-A)",
            "id": SERIAL,
            "description": "DJI Mini 2 (O2)",
            "RSSI": -72,
        }
    },
    {
        "Location/Vector Message": {
            "latitude": 52.3143,
            "longitude": 4.9419,
            "geodetic_altitude": 65531.0,
            "height_agl": 30.0,
            "speed": 5.0,
            "vert_speed": 0.5,
        }
    },
    {"Self-ID Message": {"text": "DJI Mini 2 (O2)"}},
    {"System Message": {"latitude": 52.3150, "longitude": 4.9400, "home_lat": 52.3160, "home_lon": 4.9410}},
    {"Frequency Message": {"frequency": 2414.5}},
]
O4: list[dict[str, Any]] = [
    {"Basic ID": {"id": "drone-alert-15529374", "description": "DJI Encrypted (O4)", "RSSI": -91}},
    {"Location/Vector Message": {"latitude": 52.31, "longitude": 4.94, "geodetic_altitude": 12.0, "speed": 0.0}},
    {"Self-ID Message": {"text": "DJI Encrypted (O4) (alert)"}},
    {"Frequency Message": {"frequency": 5756500000.0}},
]
MQTT_DRONE: dict[str, Any] = {
    "id": f"drone-{SERIAL}",
    "id_type": "Serial Number (ANSI/CTA-2063-A)",
    "description": "roof survey",
    "track_type": "drone",
    "mac": "aa:bb:cc:dd:ee:ff",
    "caa_id": "",
    "lat": 52.3143,
    "lon": 4.9419,
    "latitude": 52.3143,
    "longitude": 4.9419,
    "alt": 96.5,
    "height": 0.0,
    "speed": 12.5,
    "vspeed": 0.0,
    "direction": 361.0,
    "pilot_lat": 0.0,
    "pilot_lon": 0.0,
    "home_lat": 52.3160,
    "home_lon": 4.9410,
    "ua_type": 2,
    "op_status": "Airborne",
    "operator_id": "",
    "horizontal_accuracy": "<3 m",
    "timestamp": "",
    "observed_at": T0 - 2,
    "rssi": -70.0,
    "freq": 2437,
    "freq_mhz": 2437.0,
    "transport": "WiFi-Beacon",
    "seen_by": "wardragon-1",
}
SIGNAL: dict[str, Any] = {
    "uid": "fpv-alert-5800MHz",
    "signal_type": "fpv",
    "center_hz": 5.8e9,
    "bandwidth_hz": 6e6,
    "pal": 82.0,
    "ntsc": 3.0,
    "rssi": -55.0,
    "sensor_lat": 52.31,
    "sensor_lon": 4.94,
    "lat": 52.31,
    "lon": 4.94,
    "radius_m": 15.0,
    "seen_by": "wardragon-1",
    "observed_at": T0 - 1,
}
MESH: dict[str, Any] = {
    "mac": "aa:bb:cc:dd:ee:ff",
    "rssi": -70,
    "drone_lat": 52.3143,
    "drone_long": 4.9419,
    "drone_altitude": 96,
    "pilot_lat": 52.3150,
    "pilot_long": 4.9400,
    "basic_id": SERIAL,
}
SCOUT: dict[str, Any] = {
    "sn": "D17D80CF00000001",
    "mac": "aa:bb:cc:dd:ee:ff",
    "counter": 7,
    "rssi": -92,
    "tech": "B5",
    "recv_id": 2,
    "msg_type": 15,
    "odid": {
        "BasicID": [{"UAType": 2, "IDType": 1, "UASID": SERIAL}],
        "Location": {
            "Status": 2,
            "Direction": None,
            "SpeedHorizontal": 12.5,
            "SpeedVertical": -0.5,
            "Latitude": 52.3143,
            "Longitude": 4.9419,
            "AltitudeBaro": -23.5,
            "AltitudeGeo": None,
            "HeightType": 0,
            "Height": 50.0,
            "HorizAccuracy": 11,
            "VertAccuracy": 4,
            "Timestamp": "2025-12-31T21:54:15.200",
        },
        " SelfID ": {"DescType": 0, "Desc": "roof survey"},
        "System": {
            "OperatorLocationType": 1,
            "ClassificationType": 1,
            "OperatorLatitude": 52.3150,
            "OperatorLongitude": 4.9400,
            "CategoryEU": 1,
            "ClassEU": 2,
            "OperatorAltitudeGeo": None,
        },
        "OperatorID": {"OperatorIdType": 0, "OperatorId": ""},
    },
}
SCOUT_ALIVE: dict[str, Any] = {
    "sn": "D17D80CF00000001",
    "timestamp": T0 - 3,
    "gnss_position": [52.31, 4.94],
    "gnss_satellites": 11,
    "receivers": 4,
}
NODE: dict[str, Any] = {
    "t": T0 - 1,
    "mac": "aa:bb:cc:dd:ee:ff",
    "radio": "wifi_beacon",
    "rssi": -68,
    "channel": 6,
    "type": "Location/Vector",
    "lat": 52.3143,
    "lon": 4.9419,
    "alt": 96.5,
    "speed": 8.25,
    "hdg": 270.0,
    "id": None,
}
RF: dict[str, Any] = {
    "format": "airspace-rf-1",
    "kind": "bearing",
    "sensor": "df-roof-1",
    "time": "2025-12-31T21:54:15.250Z",
    "bearing_deg": 271.5,
    "bearing_sigma_deg": 3.5,
    "bearing_reference": "true_north",
    "frequency_hz": 2.4e9,
    "bandwidth_hz": 1e7,
    "rssi_dbm": -81.5,
    "class": "DJI OcuSync video",
    "confidence": 0.8,
    "emitter": "e-17",
}
OWN: dict[str, Any] = {
    "time": "2025-12-31T21:54:15.200Z",
    "received": "2025-12-31T21:54:16.000Z",
    "source": "remote_id",
    "sensor": "mast",
    "uas_id": SERIAL,
    "uas_id_type": "serial",
    "status": "airborne",
    "latitude_deg": 52.3143,
    "longitude_deg": 4.9419,
    "flags": ["skew"],
}
EXAMPLES: dict[str, tuple[str, Any]] = {  # name -> family and message
    "list": ("dragonsync", LISTED),
    "dict": ("dragonsync", ESP32),
    "DJI": ("dragonsync", DJI),
    "O4 alert": ("dragonsync", O4),
    "MQTT drone": ("dragonsync", MQTT_DRONE),
    "MQTT signal": ("dragonsync", SIGNAL),
    "mesh": ("mesh_mapper", MESH),
    "Scout": ("dronetag", SCOUT),
    "UDP line": ("dronecot", NODE),
    "bearing": ("rf", RF),
    "own line": ("own", OWN),
}


def raw(payload: bytes, sensor: str | None = "mast", received_s: float = T0) -> RawMessage:
    return RawMessage(payload=payload, received_s=received_s, sensor=sensor, place="here")
