"""Messages of our own making in the shape of public feeds, and what they decode to."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from airspace.model.lines import detection_lines
from airspace.model.message import Decoded, RawMessage
from receivers.formats.detect import decode

T0: Final = 1_790_000_000.0  # 2026-09-21T14:13:20Z
MAC: Final = "8C:17:59:00:00:65"
SERIAL: Final = "1581F7FV1ZZ0000AAAA1"


def raw(payload: Any, sensor: str | None = None, received_s: float = T0) -> RawMessage:
    """A message; what is no bytes goes as JSON."""
    data = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    return RawMessage(payload=data, received_s=received_s, sensor=sensor, place="here")


def read(*payloads: Any, sensor: str | None = None) -> Decoded:
    """As the service decodes them, whatever sent them."""
    return decode([raw(payload, sensor) for payload in payloads])


def rows(*payloads: Any) -> list[dict[str, Any]]:
    """As ``airspace decode`` prints them; nothing may be refused."""
    decoded = read(*payloads)
    assert decoded.rejects == ()
    return list(detection_lines(decoded.detections))


def row(payload: Any) -> dict[str, Any]:
    """The only row."""
    (found,) = rows(payload)
    return found


def basic_id(id_type: int, name: bytes) -> bytes:
    """A Basic ID message of Open Drone ID, as it is on the air."""
    return bytes([0x02, id_type << 4 | 2]) + name.ljust(20, b"\0")[:20] + b"\0" * 3


def esp32(
    *, name: str = SERIAL, mac: str = MAC, location: dict[str, Any] | None = None, system: dict[str, Any] | None = None
) -> dict[str, Any]:
    """As the ESP32 scanners for DragonSync print it: a struct of zeros, filled by what was heard."""
    heard = {
        "latitude": 52.3144,
        "longitude": 4.9419,
        "speed": 7,
        "vert_speed": 0,
        "geodetic_altitude": 164,
        "height_agl": 118,
        "status": 2,
        "direction": 90,
        "alt_pressure": 121,
        "height_type": 0,
        "horiz_acc": 10,
        "vert_acc": 4,
        "baro_acc": 6,
        "speed_acc": 3,
        "timestamp": 800,
    }
    operation = {
        "latitude": 52.3144,
        "longitude": 4.9419,
        "operator_lat": 52.3101,
        "operator_lon": 4.9502,
        "area_count": 1,
        "area_radius": 0,
        "area_ceiling": 0,
        "area_floor": 0,
        "operator_alt_geo": 43,
        "classification": 1,
        "timestamp": 244944360,
    }
    return {
        "index": 405,
        "runtime": 83,
        "Basic ID": {"id": name, "id_type": "Serial Number (ANSI/CTA-2063-A)", "ua_type": 2, "MAC": mac, "RSSI": -71},
        "Location/Vector Message": heard | (location or {}),
        "Self-ID Message": {"text": f"UAV {mac.lower()} operational", "description_type": 0, "description": ""},
        "System Message": operation | (system or {}),
        "Auth Message": {"type": 0, "page": 0, "length": 0, "timestamp": 0, "data": ""},
    }


def flat_drone(**said: Any) -> dict[str, Any]:
    """A drone as DragonSync publishes it over MQTT: every field there, 0 or empty where nothing is known."""
    numbers = ("lat", "lon", "alt", "height", "speed", "vspeed", "direction", "pilot_lat", "pilot_lon", "home_lat")
    words = ("id_type", "description", "mac", "caa_id", "height_type", "op_status", "operator_id", "transport")
    return {
        **dict.fromkeys(numbers, 0.0),
        **dict.fromkeys(words, ""),
        "id": f"drone-{SERIAL}",
        "home_lon": 0.0,
        "timestamp": "",
        "rssi": -70.0,
        "observed_at": T0,
        "seen_by": "kit-1",
        "track_type": "drone",
        "ua_type": 0,
    } | said


def node_line(**said: Any) -> dict[str, Any]:
    """A line of a detection node, as over UDP port 9999."""
    return {"t": T0, "mac": MAC.lower(), "radio": "wifi_beacon", "rssi": -70, "channel": 6} | said


def scout(
    *,
    ids: list[dict[str, Any]] | None = None,
    location: dict[str, Any] | None = None,
    system: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A report of Dronetag's Scout."""
    parts = {"BasicID": ids or [{"UAType": 2, "IDType": 1, "UASID": SERIAL}], "Location": location, "System": system}
    said = {name: part for name, part in parts.items() if part is not None}
    return {"sn": "scout-1", "mac": MAC, "counter": 3, "rssi": -80, "tech": "B5", "odid": said}
