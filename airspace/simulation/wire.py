"""A scene as bytes: what its sensors would send (DroneScout's JSON, airspace-rf-1), its truth, its registry.

No DroneScout report says the counter of its message. Where that matters, a scene is written as detection lines of our
own, which have it. Neither says when a report came: a file keeps the order, no more.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np

from airspace.model.detection import COLUMNS, IdType, Source, Transport
from airspace.model.lines import detection_lines
from airspace.model.units import rfc3339
from airspace.simulation import encoder
from airspace.simulation.radio import Radio
from airspace.simulation.scenes import Scene
from airspace.simulation.settings import Kind

_RADIOS: Final = {int(radio.transport): radio for radio in Radio}
_BLE4: Final = int(Transport.BLE4)
_HOUR_TENTHS: Final = 36_000
_LOCATION: Final = (
    *("latitude_deg", "longitude_deg", "status", "altitude_wgs84_m", "altitude_pressure_m", "height_m"),
    *("height_reference", "speed_m_s", "track_deg", "vertical_speed_m_s"),
    *("horizontal_accuracy_m", "vertical_accuracy_m"),
)
_ENCODER: Final = msgspec.json.Encoder()

Row = dict[str, Any]


def wire(scene: Scene) -> Iterator[bytes]:
    """A line of JSON for each detection, in the order of the log, as ``airspace replay`` reads them."""
    for row in _rows(scene):
        made = _rf(row) if row["source"] == Source.RF else _dronescout(row)
        yield _ENCODER.encode(made) + b"\n"


def own_lines(scene: Scene) -> Iterator[bytes]:
    """The same detections as lines of ours, with the counters."""
    for line in detection_lines(scene.detections):
        yield _ENCODER.encode(line) + b"\n"


def truth_lines(scene: Scene) -> Iterator[bytes]:
    """A line of JSON for each second of each aircraft that was switched on."""
    truth = scene.truth
    columns = (truth.aircraft, truth.time_s, truth.latitude_deg, truth.longitude_deg, truth.height_m)
    for aircraft, time_s, latitude_deg, longitude_deg, height_m, speed_m_s, airborne, kind in zip(
        *(column.tolist() for column in (*columns, truth.speed_m_s, truth.airborne, truth.kind)), strict=True
    ):
        line = {
            "aircraft": aircraft,
            "time": rfc3339(time_s),
            "latitude_deg": round(latitude_deg, 7),
            "longitude_deg": round(longitude_deg, 7),
            "height_m": round(height_m, 2),
            "speed_m_s": round(speed_m_s, 2),
            "airborne": airborne,
            "kind": Kind(kind).name.lower(),
            "uas_id": scene.uas_id[aircraft],
        }
        yield _ENCODER.encode(line) + b"\n"


def registry(scene: Scene) -> str:
    """The sensors as tables of a configuration."""
    return "\n".join(
        f'[[sensor]]\nid = "{one.sensor_id}"\nkind = "{one.kind}"\n'
        f"latitude_deg = {one.latitude_deg!r}\nlongitude_deg = {one.longitude_deg!r}\nrange_m = {one.range_m!r}\n"
        for one in scene.sensors
    )


def _rows(scene: Scene) -> Iterator[Row]:
    """Each detection as Python values; unknown numbers are None."""
    names = [name for name in COLUMNS if name not in {"content_id", "authentication"}]
    columns = []
    for name in names:
        values = getattr(scene.detections, name)
        known = values.tolist()
        if COLUMNS[name] == "number":
            known = [None if unknown else one for one, unknown in zip(known, np.isnan(values).tolist(), strict=True)]
        columns.append(known)
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _dronescout(row: Row) -> Row:
    radio = _RADIOS[row["transport"]]
    data = {
        "sensor ID": row["sensor"],
        "timestamp": round(row["received_s"] * 1000.0),
        "RSSI": int(row["rssi_dbm"]),
        "channel": radio.channel,
        "MAC address": row["transmitter"],
        "type": radio.word,
        "UASdata": base64.b64encode(_odid(row)).decode(),
    }
    return {"protocol": 1.0, "data": data}


def _odid(row: Row) -> bytes:
    messages = list(_messages(row))
    return messages[0] if row["transport"] == _BLE4 else encoder.pack(messages)


def _messages(row: Row) -> Iterator[bytes]:
    if row["uas_id"] is not None:
        yield encoder.basic_id(row["uas_id"], id_type=row["uas_id_type"], ua_type=row["ua_type"])
    if row["alias_id"] is not None:
        yield encoder.basic_id(bytes.fromhex(row["alias_id"]), id_type=IdType.SESSION, ua_type=row["ua_type"])
    if row["latitude_deg"] is not None:
        said_s = None if row["time_s"] is None else round(row["time_s"] * 10.0) % _HOUR_TENTHS / 10.0
        yield encoder.location(time_s=said_s, **{name: row[name] for name in _LOCATION})
    if row["operator_location_type"]:
        yield encoder.system(
            operator_latitude_deg=row["operator_latitude_deg"],
            operator_longitude_deg=row["operator_longitude_deg"],
            operator_location=row["operator_location_type"],
            operator_altitude_wgs84_m=row["operator_altitude_wgs84_m"],
            eu_category=row["eu_category"],
            eu_class=row["eu_class"],
            time_s=row["received_s"],
        )
    if row["operator_id"] is not None:
        yield encoder.operator_id(row["operator_id"])


def _rf(row: Row) -> Row:
    made: Row = {
        "format": "airspace-rf-1",
        "kind": "ellipse" if row["bearing_deg"] is None else "bearing",
        "sensor": row["sensor"],
        "time": rfc3339(row["received_s"]),
        "frequency_hz": row["frequency_hz"],
        "bandwidth_hz": row["bandwidth_hz"],
        "rssi_dbm": row["rssi_dbm"],
        "class": row["signal_class"],
        "confidence": row["confidence"],
        "platform": {"latitude_deg": row["sensor_latitude_deg"], "longitude_deg": row["sensor_longitude_deg"]},
    }
    if row["bearing_deg"] is not None:
        return made | {
            "bearing_deg": row["bearing_deg"],
            "bearing_sigma_deg": row["bearing_accuracy_deg"],
            "bearing_reference": "true_north",
        }
    return made | {
        "latitude_deg": row["latitude_deg"],
        "longitude_deg": row["longitude_deg"],
        "major_m": row["ellipse_major_m"],
        "minor_m": row["ellipse_minor_m"],
        "orientation_deg": row["ellipse_deg"],
    }
