"""Messages of every format that is read, each with another place and identity: what ``bench.decode`` runs on.

One message is one sighting, so that rates are rows; Remote ID is that of ``DRONES`` drones, second after second. The
binary ones are written from the tables of the formats, not with our decoders; the JSON ones have the shape that the
device sends.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from airspace.model.lines import detection_lines
from airspace.model.message import RawMessage
from airspace.model.ports import Format
from airspace.model.units import rfc3339
from bench.workload import START_S, City
from receivers.formats import (
    android_csv,
    dji,
    dragonsync,
    dronecot,
    dronescout,
    dronetag,
    french,
    mesh_mapper,
    own_lines,
    readsb,
    rf,
    sapient,
    sapient_messages,
    sbs,
)
from receivers.formats.detect import FORMATS
from receivers.formats.framing import Refusal

DRONES: Final = 1000  # in the air at once: a city, as in bench.pipeline
NOW_S: Final = START_S + 1.0
LINK_RADIOTAP: Final = 127
_RADIOTAP: Final = bytes((0, 0, 8, 0, 0, 0, 0, 0))
_BEACON: Final = b"\x80\0\0\0" + b"\xff" * 6 + b"\2\0\0\0\0\1" * 2 + bytes(2) + bytes(8) + b"\x64\0\1\0"
_SERIAL: Final = "9ZZZ8{:08d}"

Make = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A format and messages of it."""

    name: str
    decode: Format
    make: Make
    link_type: int | None = None

    def messages(self, count: int) -> list[RawMessage]:
        """Of so many drones."""
        return [
            RawMessage(
                payload=self.make(number), received_s=NOW_S, sensor="north", place="bench", link_type=self.link_type
            )
            for number in range(count)
        ]


def samples(city: City) -> list[Sample]:
    """Every format; the last way round is that of a live service that is not told which it is."""
    return [
        Sample(name="dronescout, messages", decode=dronescout.decode, make=partial(_dronescout, city)),
        Sample(name="dronescout, structure", decode=dronescout.decode, make=structure_json),
        Sample(name="hex lines", decode=FORMATS["hex"], make=lambda n: pack(city, n).hex().encode()),
        Sample(name="Wi-Fi beacon", decode=FORMATS["pcap"], make=partial(_beacon, city), link_type=LINK_RADIOTAP),
        Sample(name="Bluetooth 4 advertisement", decode=FORMATS["auto"], make=partial(_advertisement, city)),
        Sample(name="android_csv", decode=android_csv.decode, make=partial(_csv_row, city)),
        Sample(name="french", decode=french.decode, make=_french),
        Sample(name="dji", decode=dji.decode, make=_dji),
        Sample(name="dragonsync", decode=dragonsync.decode, make=_dragonsync),
        Sample(name="mesh_mapper", decode=mesh_mapper.decode, make=_mesh_mapper),
        Sample(name="dronetag", decode=dronetag.decode, make=_dronetag),
        Sample(name="dronecot", decode=dronecot.decode, make=_dronecot),
        Sample(name="rf, bearing", decode=rf.decode, make=_bearing),
        Sample(name="own lines", decode=own_lines.decode, make=partial(_own_line, city)),
        Sample(name="sapient, JSON", decode=sapient.decode, make=_sapient),
        Sample(name="sapient, protobuf", decode=sapient.decode, make=_sapient_protobuf),
        Sample(name="readsb", decode=readsb.decode, make=_readsb),
        Sample(name="sbs", decode=sbs.decode, make=_sbs),
        Sample(name="auto: dronescout", decode=FORMATS["auto"], make=partial(_dronescout, city)),
        Sample(name="auto: dragonsync", decode=FORMATS["auto"], make=_dragonsync),
    ]


def pack(city: City, number: int) -> bytes:
    """What a drone sends over Wi-Fi."""
    return city.pack(number % DRONES, 1.0 + number // DRONES)


def structure(number: int) -> bytes:
    """opendroneid-core-c's ODID_UAS_Data with Basic ID, Location and System in it (handbook, section 4.1)."""
    latitude_deg, longitude_deg = place(number)
    data = bytearray(921)
    struct.pack_into("<II21s", data, 0, 2, 1, _SERIAL.format(number).encode())
    struct.pack_into("<Ifffddff", data, 64, 2, 90.0, 10.0, 1.0, latitude_deg, longitude_deg, -1000.0, 80.0)
    struct.pack_into("<If5If", data, 104, 0, 60.0, 10, 3, 0, 3, 1, NOW_S % 3600)
    struct.pack_into("<IIddHHff", data, 808, 1, 1, latitude_deg, longitude_deg, 1, 0, -1000.0, -1000.0)
    struct.pack_into("<IIfI", data, 844, 1, 2, 3.0, 0)
    for valid in (892, 894, 912):
        data[valid] = 1
    return bytes(data)


def structure_json(number: int) -> bytes:
    """DroneScout's envelope around it."""
    return _json(
        {
            "protocol": 1.0,
            "data": {
                "sensor ID": "north",
                "RSSI": -60 - number % 30,
                "channel": 0,
                "timestamp": int(NOW_S * 1000),
                "MAC address": _mac(number),
                "type": "BLE legacy",
                "UASdata": base64.b64encode(structure(number)).decode(),
            },
        }
    )


def place(number: int) -> tuple[float, float]:
    """Latitude and longitude of a drone: a grid over a city."""
    return 52.2 + (number // 64 % 64) * 0.004, 4.7 + (number % 64) * 0.006


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _mac(number: int) -> str:
    return f"02:00:00:{number >> 16 & 255:02X}:{number >> 8 & 255:02X}:{number & 255:02X}"


def _dronescout(city: City, number: int) -> bytes:
    return city.message(number % DRONES, 1.0 + number // DRONES)


def _beacon(city: City, number: int) -> bytes:
    content = b"\xfa\x0b\xbc\x0d" + bytes([number & 255]) + pack(city, number)
    return _RADIOTAP + _BEACON + bytes((0xDD, len(content))) + content


def _advertisement(city: City, number: int) -> bytes:
    return b"\x1e\x16\xfa\xff\x0d" + bytes([number & 255]) + pack(city, number)[28:53]


def _csv_row(city: City, number: int) -> bytes:
    return f"1,{number},Beacon,{_mac(number)},2,-60,00 {pack(city, number).hex(' ')}".encode()


def _french(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    values = [
        (1, b"\1"),
        (3, _SERIAL.format(number).encode()),
        (4, struct.pack(">i", round(latitude_deg * 1e5))),
        (5, struct.pack(">i", round(longitude_deg * 1e5))),
        (6, struct.pack(">h", 80)),
        (7, struct.pack(">h", 60)),
        (10, b"\5"),
        (11, struct.pack(">H", number % 360)),
    ]
    return b"\x6a\x5c\x35\x01" + b"".join(bytes((kind, len(value))) + value for kind, value in values)


def _dji(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    north, east = round(latitude_deg * 174532.925), round(longitude_deg * 174532.925)
    head = struct.pack("<BBHH16s", 0x10, 2, number & 0xFFFF, 0x0FFF, _SERIAL.format(number).encode())
    moving = struct.pack("<iihhhhhh", east, north, 164, 131, 300, -400, 0, 9000)
    return (
        b"\x26\x37\x12\x58\x62\x13"
        + head
        + moving
        + struct.pack("<QiiiiBB20s", round(NOW_S * 1000), north, east, east, north, 63, 0, b"")
    )


def _dragonsync(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    location = {
        "op_status": "Airborne",
        "height_type": "Above Takeoff",
        "direction": number % 360,
        "speed": 5.0,
        "vert_speed": 0.0,
        "latitude": latitude_deg,
        "longitude": longitude_deg,
        "geodetic_altitude": 80.0,
        "height_agl": 60.0,
        "timestamp": "10:00.0",
    }
    basic = {"id_type": "Serial Number (ANSI/CTA-2063-A)", "id": _SERIAL.format(number), "ua_type": 2}
    return _json(
        [
            {"Basic ID": basic | {"MAC": _mac(number), "RSSI": -60}},
            {"Location/Vector Message": location},
            {"System Message": {"latitude": latitude_deg, "longitude": longitude_deg}},
        ]
    )


def _mesh_mapper(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    return _json(
        {
            "mac": _mac(number),
            "rssi": -60,
            "drone_lat": latitude_deg,
            "drone_long": longitude_deg,
            "drone_altitude": 80,
            "pilot_lat": latitude_deg,
            "pilot_long": longitude_deg,
            "basic_id": _SERIAL.format(number),
        }
    )


def _dronetag(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    location = {
        "Status": 2,
        "Direction": number % 360,
        "SpeedHorizontal": 5.0,
        "Latitude": latitude_deg,
        "Longitude": longitude_deg,
        "AltitudeGeo": 80.0,
        "Height": 60.0,
        "Timestamp": rfc3339(NOW_S)[:19],
    }
    odid = {"BasicID": [{"UAType": 2, "IDType": 1, "UASID": _SERIAL.format(number)}], "Location": location}
    return _json({"sn": "scout-1", "mac": _mac(number), "counter": 0, "rssi": -60, "tech": "B5", "odid": odid})


def _dronecot(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    return _json(
        {
            "t": NOW_S,
            "mac": _mac(number),
            "radio": "wifi_beacon",
            "rssi": -60,
            "type": "Location/Vector",
            "lat": latitude_deg,
            "lon": longitude_deg,
            "alt": 80.0,
            "speed": 5.0,
            "hdg": number % 360,
            "id": _SERIAL.format(number),
        }
    )


def _bearing(number: int) -> bytes:
    return _json(
        {
            "format": "airspace-rf-1",
            "kind": "bearing",
            "sensor": "df-1",
            "time": rfc3339(NOW_S + number / 1000),
            "bearing_deg": number % 360,
            "bearing_reference": "true_north",
            "bearing_sigma_deg": 3.0,
            "frequency_hz": 2.437e9,
            "rssi_dbm": -70.0,
        }
    )


def _own_line(city: City, number: int) -> bytes:
    message = RawMessage(payload=_dronescout(city, number), received_s=NOW_S, place="bench")
    return _json(detection_lines(dronescout.decode([message]).detections)[0])


def _sapient(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    return _json(
        {
            "timestamp": rfc3339(NOW_S + number / 1000),
            "nodeId": "ea54bd43-304f-4d11-a80a-6e5a401bdb7d",
            "detectionReport": {
                "reportId": "01H7SS2G2HFG5EP09GYC8YP69C",
                "objectId": "01H7SS2G2H7PQPQ6F1MMCF9BT5",
                "location": {
                    "x": longitude_deg,
                    "y": latitude_deg,
                    "coordinateSystem": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
                    "datum": "LOCATION_DATUM_WGS84_E",
                },
                "detectionConfidence": 0.9,
                "classification": [{"type": "Air Vehicle", "confidence": 0.8}],
            },
        }
    )


def _sapient_protobuf(number: int) -> bytes:
    """The same, as it comes over a node's connection."""
    message = sapient_messages.parse(_sapient(number))
    return b"" if isinstance(message, Refusal) else bytes(message.SerializeToString())


def _readsb(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    aircraft = {
        "hex": f"{0x480000 + number:06x}",
        "flight": "PHX12   ",
        "alt_baro": 1000,
        "alt_geom": 1150,
        "gs": 90.0,
        "track": 90.0,
        "lat": latitude_deg,
        "lon": longitude_deg,
        "seen_pos": 0.5,
    }
    return _json({"now": NOW_S, "aircraft": [aircraft]})


def _sbs(number: int) -> bytes:
    latitude_deg, longitude_deg = place(number)
    day, time = rfc3339(NOW_S)[:10].replace("-", "/"), rfc3339(NOW_S)[11:23]
    where = f"{latitude_deg},{longitude_deg}"
    return f"MSG,3,1,1,{0x480000 + number:06X},1,{day},{time},{day},{time},,1000,,,{where},,,0,0,0,0".encode()
