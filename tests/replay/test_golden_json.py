"""Golden files of the JSON kind: what each real file decodes to, as it was when people had checked it.

How it was checked, by hand, value by value, against the file and the handbook (remote-id, sections 2, 4 and 9); the
tests below ``the sums`` do the same sums again from the file, without any code of ours:

- ``dronescout-ble-legacy``: 19 glued objects, one drone. ``UASdata`` was read with ``struct`` at the offsets of section
  4.1. On the ground: height -17.5 m over take-off is real (section 9, 5), altitude -1000 is none, and the same message
  time stands in all reports of a second since the structure is merged over messages.
- ``dronescout-sensor-status``: 1735677525000 ms is 2024-12-31T20:38:45Z; the status stands under ``data``.
- ``dronescout-ua-payload``: ``TimeStamp`` [54, 14, 60] is 54 min 14.60 s after the hour, received 1.2 s later; channel
  149 is 5745 MHz; accuracy codes 9 and 3 are 30 m and 25 m; ``Direction`` null stays unknown; the classification is
  undeclared, so no category and class; ``extra`` (a guess from the serial) is left out.
- ``droneid-drone``: lists of one-key objects with the integers of the wire. First drone: speed 1 x 0.25; altitudes
  x 0.5 - 1000; pressure altitude 0 is none; time 5470 tenths is 9 min 7 s after the hour, far from the receive time
  that the test gives, hence ``skew``; two Basic IDs are one drone; the empty operator id is none. Second: 255/180/120
  are the raw markers of speed, direction and climb, 0/0 is no position, geodetic altitude 0 is none; the operator id
  has 19 characters and is kept to 16 with a flag; a serial that is none by CTA-2063-A has one too.
- ``dragonsync-scenario``: a script for that project's generator, no message of a receiver: refused by name.
- ``sapient-*``: version 1. A detection of a human, the alert and the task are no concern of ours: counted, no row.
  The status and the registration do not fit version 2 (``coverage``, ``detectionDefinition`` are no lists): refused by
  name.
"""

from __future__ import annotations

import base64
import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.model.units import epoch_s
from tests.replay import golden
from tests.replay.golden import JSON_FILES, Line


@pytest.mark.parametrize("name", sorted(JSON_FILES))
def test_it_is_decoded_as_before(real_data: Path, name: str) -> None:
    golden.assert_as_before(real_data, name)


def test_every_json_file_is_among_them(real_data: Path) -> None:
    folder = real_data / "remote-id"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.json")}
    assert files == set(JSON_FILES.values())


@pytest.mark.parametrize("name", sorted(golden.FILES))
def test_the_committed_lines_hold_no_serial_address_or_exact_place(real_data: Path, name: str) -> None:
    if not (golden.FOLDER / f"{name}.jsonl").is_file():
        pytest.skip(f"no golden file {name} yet")
    committed = (golden.FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    for line in plain(real_data, name):
        for field in ("uas_id", "alias_id", "operator_id", "transmitter", "self_id"):
            assert not (value := line.get(field)) or json.dumps(value) not in committed, field
        for field in ("latitude_deg", "longitude_deg", "operator_latitude_deg", "operator_longitude_deg"):
            assert not (value := line.get(field)) or round(value, 3) == value or str(value) not in committed, field


# the sums


def plain(real_data: Path, name: str) -> list[Line]:
    file = real_data / "remote-id" / golden.FILES[name]
    return golden.plain([part.decoded for part in app.decode_files([file], "auto", golden.RECEIVER_TIME)])


def said(real_data: Path, name: str) -> Any:
    text = (real_data / "remote-id" / golden.FILES[name]).read_text(encoding="utf-8")
    return json.loads("[" + text.strip().strip("\0").replace("}{", "},{").replace("}\n{", "},{") + "]")


def after_the_hour_s(time: str) -> float:
    return epoch_s(time) % 3600


def test_dronescout_structures_by_their_offsets(real_data: Path) -> None:
    lines, objects = plain(real_data, "dronescout-ble-legacy"), said(real_data, "dronescout-ble-legacy")
    assert len(lines) == len(objects) == 19
    for line, whole in zip(lines, objects, strict=True):
        data = whole["data"]
        uas = base64.b64decode(data["UASdata"])
        assert len(uas) == 921
        direction, speed, climb, latitude, longitude, _, altitude = struct.unpack_from("<fffddff", uas, 68)
        reference, height = struct.unpack_from("<If", uas, 104)
        operator = struct.unpack_from("<dd", uas, 816)
        assert line["uas_id"].encode() == uas[8:28].rstrip(b"\0")
        assert (line["uas_id_type"], line["ua_type"]) == ("serial", "multirotor")
        assert struct.unpack_from("<II", uas, 0) == (2, 1)
        assert (line["latitude_deg"], line["longitude_deg"]) == pytest.approx((latitude, longitude), abs=1e-7)
        assert (line["operator_latitude_deg"], line["operator_longitude_deg"]) == pytest.approx(operator, abs=1e-7)
        assert (line["altitude_wgs84_m"], line["height_m"], reference) == (altitude, height, 0)
        assert line["height_reference"] == "takeoff"
        assert line["altitude_pressure_m"] is None
        assert (line["speed_m_s"], line["vertical_speed_m_s"], line["track_deg"]) == (speed, climb, direction)
        assert after_the_hour_s(line["time"]) == pytest.approx(struct.unpack_from("<f", uas, 132)[0], abs=1e-3)
        assert epoch_s(line["received"]) == pytest.approx(data["timestamp"] / 1000)
        assert (line["rssi_dbm"], line["transmitter"], line["sensor"]) == (
            data["RSSI"],
            data["MAC address"],
            data["sensor ID"],
        )


def test_the_heartbeat_is_at_its_own_time(real_data: Path) -> None:
    (line,), (whole,) = plain(real_data, "dronescout-sensor-status"), said(real_data, "dronescout-sensor-status")
    moment = datetime.fromtimestamp(whole["data"]["timestamp"] / 1000, UTC)
    assert line["heartbeat"] == f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
    assert line["sensor"] == whole["data"]["sensor ID"]


def test_the_decoded_payload(real_data: Path) -> None:
    (line,), (whole,) = plain(real_data, "dronescout-ua-payload"), said(real_data, "dronescout-ua-payload")
    minutes, seconds, hundredths = whole["TimeStamp"]
    assert after_the_hour_s(line["time"]) == pytest.approx(minutes * 60 + seconds + hundredths / 100)
    assert 0 < epoch_s(line["received"]) - epoch_s(line["time"]) < 2
    same = {
        "uas_id": "BasicID",
        "latitude_deg": "Latitude",
        "longitude_deg": "Longitude",
        "altitude_wgs84_m": "AltitudeGeo",
        "altitude_pressure_m": "AltitudeBaro",
        "height_m": "Height",
        "track_deg": "Direction",
        "operator_latitude_deg": "OperatorLatitude",
        "operator_longitude_deg": "OperatorLongitude",
        "operator_altitude_wgs84_m": "OperatorAltitudeGeo",
    }
    assert {ours: line[ours] for ours in same} == {ours: whole[theirs] for ours, theirs in same.items()}
    assert line["frequency_hz"] == 5_745_000_000
    assert (line["horizontal_accuracy_m"], line["vertical_accuracy_m"]) == (30.0, 25.0)
    assert (line["operator_location_type"], line["eu_category"], line["eu_class"]) == ("live", None, None)


def test_the_integers_of_the_wire(real_data: Path) -> None:
    lines, ((first, second),) = plain(real_data, "droneid-drone"), said(real_data, "droneid-drone")
    place = next(part["Location Vector"]["coord"] for part in first if "Location Vector" in part)
    system = next(part["System"] for part in first if "System" in part)
    line = lines[0]
    assert (line["latitude_deg"], line["longitude_deg"]) == (place["latitude"] / 1e7, place["longitude"] / 1e7)
    assert line["altitude_wgs84_m"] == place["geodetic_altitude"] * 0.5 - 1000
    assert line["height_m"] == place["height_agl"] * 0.5 - 1000
    assert (line["altitude_pressure_m"], line["speed_m_s"], line["track_deg"]) == (None, 0.25, place["direction"])
    assert after_the_hour_s(line["time"]) == place["timestamp"] / 10
    assert line["operator_latitude_deg"] == system["latitude"] / 1e7
    assert [line["uas_id"], line["alias_id"]] == [part["Basic ID"]["id"] for part in first if "Basic ID" in part]
    assert line["operator_id"] is None
    line, place = lines[1], next(part["Location Vector"]["coord"] for part in second if "Location Vector" in part)
    unknown = ("latitude_deg", "longitude_deg", "speed_m_s", "track_deg", "vertical_speed_m_s", "altitude_wgs84_m")
    assert {line[name] for name in (*unknown, "operator_latitude_deg", "horizontal_accuracy_m")} == {None}
    assert line["altitude_pressure_m"] == place["pressure_altitude"] * 0.5 - 1000
    whole_id = next(part["Operator ID"]["id"] for part in second if "Operator ID" in part)
    assert (len(whole_id), line["operator_id"]) == (19, whole_id[:16])
    assert line["flags"] == ["serial_invalid", "operator_id_long"]
