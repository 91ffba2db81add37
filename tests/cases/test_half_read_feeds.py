"""What a documented feed says is read by that feed's own names, units and layout, or told once as not read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from airspace.model.message import Decoded, RawMessage
from airspace.model.sensor import Sensor
from airspace.service.view import _intake
from receivers.formats import dji
from receivers.formats.detect import decode
from receivers.gate.gate import Gate
from receivers.sources.files import read as read_file
from tests.cases import given
from tests.cases.feeds import MAC, SERIAL, T0, esp32, flat_drone, node_line, raw, read, row, rows, scout

_AIRCRAFT = {"hex": "484165", "lat": 52.3, "lon": 4.9, "seen_pos": 0.5}
_DATA_JSON = {
    "hex": "484165",
    "flight": "HELI1   ",
    "lat": 52.3,
    "lon": 4.9,
    "altitude": 1250,
    "track": 90,
    "speed": 100,
}
_LOCATION = {"latitude": 52.3, "longitude": 4.9, "height_agl": 40, "op_status": "Airborne"}


def _listed(**said: Any) -> list[dict[str, Any]]:
    return [{"Basic ID": {"id": SERIAL, "MAC": MAC}}, {"Location/Vector Message": _LOCATION | said}]


def _sbs(altitude: str) -> bytes:
    when = "2026/09/21,14:13:20.000"
    return f"MSG,3,1,1,484165,1,{when},{when},,{altitude},,,52.3,4.9,,,,,,0".encode()


@pytest.mark.parametrize(
    ("payload", "reference"),
    [
        (esp32(location={"height_type": 0}), "takeoff"),
        (esp32(location={"height_type": 1}), "ground"),
        (esp32(location={"height_type": 2}), None),
        (_listed(height_type="AGL"), "ground"),
        (_listed(height_type="Above Takeoff"), "takeoff"),
        (_listed(height_type="Above Ground Level"), "ground"),
        (flat_drone(height=40.0, height_type="1"), "ground"),  # DragonSync hands the ESP32's number on, as text
        (flat_drone(height=40.0, height_type="0"), "takeoff"),
        (flat_drone(height=40.0, height_type=""), None),
        (scout(location={"Height": 40, "HeightType": 1}), "ground"),
        ({"UAType": 2, "BasicID": SERIAL, "IDType": 1, "Latitude": 52.3, "Longitude": 4.9, "Height": 40.0}, None),
        (node_line(lat=52.3, lon=4.9, height_agl=40.0, height_type="Above Takeoff"), None),  # its two words are swapped
    ],
)
def test_above_what_a_height_is(payload: Any, reference: str | None) -> None:
    found = row(payload)
    assert (found["height_m"], found["height_reference"]) == (found["height_m"], reference)
    assert found["height_m"] in {40.0, 118.0}


@pytest.mark.parametrize(
    ("number", "word"), [(1, "ground"), (2, "airborne"), (3, "emergency"), (4, "remote_id_failure")]
)
def test_a_status_is_a_number_or_a_word(number: int, word: str) -> None:
    assert row(esp32(location={"status": number}))["status"] == word
    assert row(flat_drone(op_status=str(number)))["status"] == word
    assert row(scout(location={"Status": number}))["status"] == word


@pytest.mark.parametrize(("number", "kind"), [(0, "takeoff"), (1, "live"), (2, "fixed"), (5, "live"), (6, "fixed")])
def test_the_kind_of_a_pilots_place(number: int, kind: str) -> None:
    line = node_line(type="System", operator_lat=52.31, operator_lon=4.95, op_location_type=number)
    assert row(line)["operator_location_type"] == kind
    if number <= 2:
        said = {"OperatorLatitude": 52.31, "OperatorLongitude": 4.95, "OperatorLocationType": number}
        assert row(scout(system=said))["operator_location_type"] == kind


@pytest.mark.parametrize("kind", ["Basic ID", "System", "Operator ID", "Location/Vector"])
def test_a_line_of_a_node_counts_by_what_it_says(kind: str) -> None:
    said: dict[str, dict[str, Any]] = {
        "Basic ID": {"id": None, "id_type": "None", "ua_type": "Glider"},
        "System": {"operator_lat": 52.31, "operator_lon": 4.95, "op_location_type": 0},
        "Operator ID": {"operator_id_type": 0, "operator_id": "FIN87astrdge12k8"},
        "Location/Vector": {"lat": None, "lon": None, "height_agl": 12.0},
    }
    found = row(node_line(type=kind, **said[kind]))
    assert found["transmitter"] == MAC
    assert "Glider" not in str(read(node_line(type=kind, **said[kind])).unread)


def test_a_line_of_a_node_that_says_nothing_is_refused() -> None:
    (refused,) = read(node_line(type="Self ID")).rejects
    assert refused.reason == "no_data"


@pytest.mark.parametrize(
    ("altitude", "pressure_m", "geometric_m"),
    [("1000", 304.8, None), ("1000H", None, 304.8), ("-100H", None, -30.48), ("", None, None), ("H", None, None)],
)
def test_an_altitude_of_sbs_with_an_h(altitude: str, pressure_m: float | None, geometric_m: float | None) -> None:
    found = row(_sbs(altitude))
    assert (found["altitude_pressure_m"], found["altitude_wgs84_m"]) == pytest.approx((pressure_m, geometric_m))


def test_a_field_of_sbs_that_is_no_number_is_told() -> None:
    (told,) = read(_sbs("FL100"), sensor="roof").unread
    assert (told.sensor, told.what) == ("roof", "SBS field 12: FL100")


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ({"altitude": 1250, "speed": 102, "vert_rate": -640}, (381.0, 52.47, -3.25, "airborne")),
        ({"altitude": "ground", "speed": 4}, (None, 2.06, None, "ground")),
        ({"alt_baro": 1250, "altitude": 9999, "gs": 102, "speed": 9}, (381.0, 52.47, None, "airborne")),
        ({"alt_baro": "ground", "altitude": 9999}, (None, None, None, "ground")),
    ],
)
def test_older_and_newer_names_of_dump1090(said: dict[str, Any], columns: tuple[Any, ...]) -> None:
    found = row({"now": T0, "aircraft": [_AIRCRAFT | said]})
    names = ("altitude_pressure_m", "speed_m_s", "vertical_speed_m_s", "status")
    assert [found[name] for name in names[:3]] == pytest.approx(list(columns[:3]), abs=0.01)
    assert found["status"] == columns[3]


def test_the_array_of_the_first_dump1090() -> None:
    first, second = rows([_DATA_JSON, _DATA_JSON | {"hex": "484166", "seen": 2, "messages": 7, "validposition": 1}])
    assert (first["uas_id"], first["self_id"], first["altitude_pressure_m"]) == ("484165", "HELI1", 381.0)
    assert second["received"] == "2026-09-21T14:13:18.000Z"
    assert read([_DATA_JSON | {"seen": 40}]).ignored == 1


@pytest.mark.parametrize("level", [0, 0.0021, 12, 1278])
@pytest.mark.parametrize(
    "say",
    [
        lambda level: [{"Basic ID": {"id": SERIAL, "MAC": MAC, "RSSI": level}}],
        lambda level: flat_drone(rssi=level),
        lambda level: node_line(id=SERIAL, rssi=level),
        lambda level: scout() | {"rssi": level},
        lambda level: {"mac": MAC, "rssi": level, "drone_lat": 52.3, "drone_long": 4.9, "basic_id": SERIAL},
        lambda level: [
            {"Signal Info": {"source": "confirm", "center_hz": 5.8e9, "rssi": level, "pal_conf": 90}},
            {"Frequency Message": {"frequency": 5.8e9}},
        ],
    ],
)
def test_a_linear_power_is_no_level(say: Any, level: float) -> None:
    decoded = read(say(level))
    assert decoded.rejects == ()
    assert rows(say(level))[0]["rssi_dbm"] is None
    assert any("no dBm" in one.what for one in decoded.unread) is (level > 0)


@pytest.mark.parametrize(
    ("said", "named", "transmitter"),
    [
        ({"id_type": "Serial Number (ANSI/CTA-2063-A)"}, ("A1B2C3D4E5F6", "serial"), None),
        ({"id_type": "Serial Number (ANSI/CTA-2063-A)", "mac": MAC}, ("A1B2C3D4E5F6", "serial"), MAC),
        ({"id_type": ""}, (None, None), "A1:B2:C3:D4:E5:F6"),
        ({"id_type": "CAA Assigned Registration ID", "caa_id": "N123XY"}, ("N123XY", "caa"), "A1:B2:C3:D4:E5:F6"),
        ({"id_type": "Serial Number (ANSI/CTA-2063-A)", "mac": "a1:b2:c3:d4:e5:f6"}, (None, None), "A1:B2:C3:D4:E5:F6"),
    ],
)
def test_twelve_hex_digits(said: dict[str, str], named: tuple[str, str], transmitter: str | None) -> None:
    found = row(flat_drone(id="drone-A1B2C3D4E5F6", lat=52.3, lon=4.9, **said))
    assert (found["uas_id"], found["uas_id_type"]) == named
    assert found["transmitter"] == transmitter


def _ocusync(length: int, serial: bytes, kind: int = dji.PURPOSE) -> bytes:
    body = (bytes([length, kind]) + serial.ljust(16, b"\0")).ljust(length + 1, b"\0")
    return body + dji.crc16(body).to_bytes(2, "little")


@pytest.mark.parametrize(("length", "padded"), [(141, 144), (141, 176), (88, 176), (120, 176)])
def test_an_ocusync_packet_of_any_length(length: int, padded: int) -> None:
    data = _ocusync(length, b"1ZZZB7K00100AB").ljust(padded, b"\0")
    for payload in (data, data.hex().encode()):
        found = row(payload)
        assert (found["source"], found["transport"], found["uas_id"]) == ("dji", "ocusync", "1ZZZB7K00100AB")


def test_a_licence_packet_with_a_bit_error_is_told_as_such() -> None:
    data = bytearray(_ocusync(141, b"1ZZZB7K00100AB"))
    data[5] ^= 4
    (refused,) = read(bytes(data)).rejects
    assert refused.reason == "crc_failed"
    (unknown,) = read(bytes([120]) + bytes(data)[1:]).rejects
    assert unknown.reason == "unknown_format"


@pytest.mark.parametrize(
    ("text", "metres"),
    [("<3m", 3.0), ("<3 m", 3.0), ("< 10 m", 10.0), ("<18.52 km (10 NM)", 18520.0), ("<1NM", 1852.0)],
)
def test_an_accuracy_in_words(text: str, metres: float) -> None:
    assert row(flat_drone(horizontal_accuracy=text))["horizontal_accuracy_m"] == metres
    assert row(_listed(horizontal_accuracy=text))["horizontal_accuracy_m"] == metres


# file layouts

_ONE = msgspec.json.encode(_AIRCRAFT | {"alt_baro": 1000}).decode()
_OTHER = msgspec.json.encode(_AIRCRAFT | {"hex": "484166"}).decode()
_DOCUMENT = f'{{ "now" : {T0},\n  "messages" : 1,\n  "aircraft" : [\n{_ONE},\n{_OTHER}\n  ]\n}}\n'
_LINE = msgspec.json.encode(node_line(id=SERIAL)).decode()


def _decoded(path: Path) -> Decoded:
    parts = list(read_file(path, receiver_time_s=T0))
    decoded = Decoded.concat([decode(part.messages) for part in parts])
    assert [reject for part in parts for reject in part.rejects] == []
    return decoded


@pytest.mark.parametrize(
    ("text", "rows_read", "refused"),
    [
        (_DOCUMENT, 2, 0),
        (_DOCUMENT * 3, 6, 0),  # snapshots one after the other
        (_DOCUMENT.replace("\n", "\r\n"), 2, 0),
        (_DOCUMENT.replace("[\n{", "[{").replace("}\n  ]", "}]"), 2, 0),
        (f'{{"now":{T0},"aircraft":[{_ONE},{_OTHER}]}}', 2, 0),
        (f'[\n{_ONE[:-1]},"now":{T0}}},\n{_OTHER[:-1]},"now":{T0}}}\n]', 2, 0),
        (f'{{"now": {T0}, "aircraft":\n[\n{_ONE}\n]}}', 1, 0),
        (f"{_LINE}\n{_LINE[:40]}\n{_LINE}\n", 2, 1),  # a line that broke off takes nothing with it
        (f'{_LINE}\n{{"a": [1,\n{_LINE}\n{_LINE}\n', 3, 1),  # also where an object could stand
        (f'{_LINE}\n{{"a": [\n{_LINE}\n]\n{_LINE}\n', 3, 1),
        (_DOCUMENT[:-8] + "\n" + _DOCUMENT, 2, 5),
    ],
)
@pytest.mark.parametrize("name", ["aircraft.json", "aircraft", "aircraft.json.gz"])
def test_brackets_come_before_lines(tmp_path: Path, text: str, rows_read: int, refused: int, name: str) -> None:
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    decoded = _decoded(tmp_path / name)
    assert (len(decoded.detections), bool(decoded.rejects)) == (rows_read, bool(refused))


def test_what_a_file_gives_is_what_a_poll_gives(tmp_path: Path) -> None:
    (tmp_path / "aircraft.json").write_text(_DOCUMENT)
    whole = decode([RawMessage(payload=_DOCUMENT.encode(), received_s=T0)])
    assert _decoded(tmp_path / "aircraft.json").detections.uas_id.tolist() == whole.detections.uas_id.tolist()


# told


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (node_line(id=SERIAL, vertical_speed=-62.0), ["vertical_speed"]),
        (esp32() | {"Auth Message": {"type": 1, "page": 0, "data": "1234"}}, ["Auth Message"]),
        (_listed(op_status="Hovering"), ["Location.op_status Hovering"]),
        (flat_drone(rid_make="DJI", rid_model="Mini 4"), ["rid_make", "rid_model"]),
        (scout(location={"Height": 3, "SpeedAccuracy": 3}), ["Location.SpeedAccuracy"]),
        ({"mac": MAC, "rssi": -60, "drone_lat": 52.3, "drone_long": 4.9, "op_id": "NLD1"}, ["op_id"]),
        ({"now": T0, "aircraft": [_AIRCRAFT | {"nav_qnh": 1013.2, "mach": 0.4}]}, ["nav_qnh", "mach"]),
    ],
)
def test_what_is_not_read_is_told_once(payload: Any, names: list[str]) -> None:
    told = read(payload, payload, sensor="roof").unread
    assert set(names) <= {one.what for one in told}
    assert all(one.count == 2 for one in told if one.what in names)


@pytest.mark.parametrize(
    "payload",
    [
        node_line(id=SERIAL, lat=52.3, lon=4.9, alt=None, description=""),
        esp32(system={"area_count": 0}) | {"Auth Message": {"type": 0, "page": 0, "data": ""}},
        _listed(area=[], note="Unknown"),
        flat_drone(rid_make="", rid_model=None),
    ],
)
def test_what_says_nothing_is_not_told(payload: Any) -> None:
    assert [one.what for one in read(payload).unread if not one.what.endswith("_acc")] == []


def test_a_flood_of_invented_keys_is_a_few_names() -> None:
    told = read(*[node_line(id=SERIAL, **{f"key{number}\x1b[31m": 1}) for number in range(500)]).unread
    assert len(told) <= 66
    assert sum(one.count for one in told) == 500
    assert all(one.what.isprintable() for one in told)


def test_a_sensors_health_shows_what_is_not_read() -> None:
    gate = Gate({"roof": Sensor(sensor_id="roof", name="Roof", kind="remote_id")}, accept_unknown_sensors=False)
    line = node_line(id=SERIAL, alt_takeoff_geo=12.0)
    for sensor in ("roof", "stranger"):
        gate.admit(decode([raw(line, sensor)]), T0)
    (health,) = gate.health(T0)
    assert health.unread == {"alt_takeoff_geo": 1}
    assert _intake(health)["unread"] == {"alt_takeoff_geo": 1}


def test_decode_tells_each_sensor_once(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\n".join([msgspec.json.encode(node_line(id=SERIAL, vertical_speed=-62.0))] * 30))
    answer = given.airspace("decode", file)
    assert [line.strip() for line in answer.err.splitlines() if "not read" in line] == [
        "not read of sensor unknown: vertical_speed (30 x)"
    ]
