"""Feeds as strangers break them: numbers as text, half a zero, fillers, and words of any language in an id's place."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from airspace.model.detection import Flag, IdType
from airspace.model.placeholders import is_doubtful_id, is_placeholder
from receivers.formats import odid
from tests.cases.feeds import MAC, SERIAL, T0, basic_id, esp32, flat_drone, node_line, read, row, scout

_PLACE = {"latitude_deg": 52.3144, "longitude_deg": 4.9419}
_NOWHERE = {"latitude_deg": None, "longitude_deg": None}
_NO_PILOT = {"operator_latitude_deg": None, "operator_longitude_deg": None}
_PILOT = {"operator_latitude_deg": 52.31, "operator_longitude_deg": 4.95}


def _listed(**said: Any) -> list[dict[str, Any]]:
    where = {"latitude": 52.3144, "longitude": 4.9419, "op_status": "Airborne", "height_agl": "48 m"}
    return [{"Basic ID": {"id": SERIAL, "MAC": MAC, "RSSI": -49}}, {"Location/Vector Message": where | said}]


def _listed_operator(**said: Any) -> list[dict[str, Any]]:
    return [*_listed(), {"System Message": {"latitude": 52.31, "longitude": 4.95} | said}]


def _mesh(**said: Any) -> dict[str, Any]:
    return {
        "mac": MAC,
        "rssi": -70,
        "drone_lat": 52.3144,
        "drone_long": 4.9419,
        "drone_altitude": 100,
        "pilot_lat": 52.31,
        "pilot_long": 4.95,
        "basic_id": SERIAL,
    } | said


def _flat(**said: Any) -> dict[str, Any]:
    return flat_drone(**({"lat": 52.3144, "lon": 4.9419, "pilot_lat": 52.31, "pilot_lon": 4.95} | said))


def _aircraft(**said: Any) -> dict[str, Any]:
    one = {"hex": "484165", "lat": 52.3144, "lon": 4.9419, "alt_geom": 1100, "gs": 100, "seen_pos": 1.0}
    return {"now": T0, "messages": 10, "aircraft": [one | said]}


def _dronecot(**said: Any) -> dict[str, Any]:
    return {"UAType": 2, "BasicID": SERIAL, "IDType": 1, "Latitude": 52.3144, "Longitude": 4.9419} | said


def _own(**said: Any) -> dict[str, Any]:
    when = "2026-09-21T14:13:20.000Z"
    return {
        "time": when,
        "received": when,
        "source": "remote_id",
        "sensor": "roof",
        "transmitter": MAC,
        "uas_id": SERIAL,
        "uas_id_type": "serial",
        "flags": [],
        **_PLACE,
    } | said


def _location(lat_e7: int, lon_e7: int) -> bytes:
    place = struct.pack("<ii", lat_e7, lon_e7)
    heights = struct.pack("<HHH", 0x0834, 0x0852, 0x0834)
    return bytes([0x12, 0x20, 90, 20, 0]) + place + heights + bytes([0x4B, 0, 0, 0, 0, 0])


def _system(lat_e7: int, lon_e7: int) -> bytes:
    place = struct.pack("<ii", lat_e7, lon_e7)
    return bytes([0x42, 1]) + place + bytes([1, 0, 0]) + bytes(4) + b"\x12" + struct.pack("<H", 0x0834) + bytes(5)


_TEXTS: list[tuple[Any, dict[str, float]]] = [
    (_listed(height_agl="157 ft"), {"height_m": 47.854}),
    (_listed(geodetic_altitude="312 ft", speed="10 kt"), {"altitude_wgs84_m": 95.098, "speed_m_s": 5.144}),
    (_listed(geodetic_altitude="312feet"), {"altitude_wgs84_m": 95.098}),
    (_listed(speed="36 km/h", vert_speed="-590 ft/min"), {"speed_m_s": 10.0, "vertical_speed_m_s": -2.997}),
    (_listed(speed="22,5 mph", direction="271,5 deg"), {"speed_m_s": 10.058, "track_deg": 271.5}),
    (_listed(latitude="52,3144", longitude="4,9419", geodetic_altitude="95,5 m"), _PLACE | {"altitude_wgs84_m": 95.5}),
    (_listed(latitude="52.3144 N", longitude="4.9419 E"), _PLACE),
    (_listed(latitude="N 52.3144", longitude="4.9419° W"), {"latitude_deg": 52.3144, "longitude_deg": -4.9419}),
    (_listed(latitude="33,868 S", longitude="151.2093\u00b0 E"), {"latitude_deg": -33.868, "longitude_deg": 151.2093}),
    (_listed(latitude="52.3144\u00b0", longitude="\u22124.9419 deg"), {"longitude_deg": -4.9419}),
    (_listed(geodetic_altitude="1,234.5 m"), {"altitude_wgs84_m": 1234.5}),
    (_listed(geodetic_altitude="1.234,5 m"), {"altitude_wgs84_m": 1234.5}),
    (_flat(alt="312 ft", height="157 ft", speed="10 kn"), {"altitude_wgs84_m": 95.098, "height_m": 47.854}),
    (_flat(lat="52,3144", lon="4,9419", pilot_lat="52.31 N", pilot_lon="4.95 E"), _PLACE | _PILOT),
    (_mesh(drone_altitude="312 ft", drone_lat="52,3144"), _PLACE | {"altitude_wgs84_m": 95.098}),
    (_mesh(pilot_lat="52.31", pilot_long="4,95"), _PILOT),
    (node_line(id=SERIAL, alt="312 ft", speed="10 kt", lat="52,3144", lon="4,9419"), _PLACE | {"speed_m_s": 5.144}),
    (_dronecot(AltitudeGeo="312 ft", SpeedHorizontal="36 km/h"), {"altitude_wgs84_m": 95.098, "speed_m_s": 10.0}),
    (
        scout(location={"Latitude": "52,3144", "Longitude": "4.9419 E", "Height": "157 ft"}),
        _PLACE | {"height_m": 47.854},
    ),
    (esp32(location={"geodetic_altitude": "312 ft"}), {"altitude_wgs84_m": 95.098}),
    (esp32(system={"operator_lat": "52,31", "operator_lon": "4.95 E"}), _PILOT),
    (_aircraft(alt_baro="1000"), {"altitude_pressure_m": 304.8}),
    (_aircraft(alt_baro="1000 ft", gs="100 kt"), {"altitude_pressure_m": 304.8, "speed_m_s": 51.444}),
    (_aircraft(alt_baro="300 m", alt_geom="335,28 m"), {"altitude_pressure_m": 300.0, "altitude_wgs84_m": 335.28}),
    (_aircraft(lat="52,3144", lon="4.9419 E", gs="36 km/h"), _PLACE | {"speed_m_s": 10.0}),
]


@pytest.mark.parametrize(("payload", "columns"), _TEXTS)
def test_a_number_as_text_is_that_number(payload: Any, columns: dict[str, float]) -> None:
    found = row(payload)
    assert {name: found[name] for name in columns} == pytest.approx(columns, abs=0.001)
    assert "message_invalid" not in found["flags"]
    assert not [one.what for one in read(payload).unread if "no number" in one.what]


@pytest.mark.parametrize(
    ("payload", "column", "named"),
    [
        (_listed(geodetic_altitude="1,500 m"), "altitude_wgs84_m", "Location.geodetic_altitude"),  # or 1.5 m
        (_listed(speed="5 m"), "speed_m_s", "Location.speed"),
        (_listed(height_agl="157 kt"), "height_m", "Location.height_agl"),
        (_listed(latitude="52.3144 E"), "latitude_deg", "Location.latitude"),
        (_listed(latitude="-52.3144 S"), "latitude_deg", "Location.latitude"),  # north or south
        (_listed(latitude="N 52.3144 S"), "latitude_deg", "Location.latitude"),
        (_listed(direction="north-east"), "track_deg", "Location.direction"),
        (_listed(speed=[5]), "speed_m_s", "Location.speed"),
        (_listed(speed=True), "speed_m_s", "Location.speed"),
        (_listed_operator(latitude="52 18 51 N"), "operator_latitude_deg", "System.latitude"),
        (_flat(alt="ninety"), "altitude_wgs84_m", "alt"),
        (_flat(pilot_lat="here"), "operator_latitude_deg", "pilot_lat"),
        (_mesh(drone_altitude="100 apples"), "altitude_wgs84_m", "drone_altitude"),
        (_mesh(rssi="strong"), "rssi_dbm", "rssi"),
        (node_line(id=SERIAL, speed="fast"), "speed_m_s", "speed"),
        (_dronecot(Height="12 deg"), "height_m", "Location.Height"),
        (scout(system={"OperatorLatitude": "52.31 E", "OperatorLongitude": 4.9}), "operator_latitude_deg", None),
        (_aircraft(alt_baro="high"), "altitude_pressure_m", "alt_baro"),
        (_aircraft(gs="100 ft"), "speed_m_s", "gs"),
    ],
)
def test_a_text_that_is_no_number_of_its_field_is_told(payload: Any, column: str, named: str | None) -> None:
    found = row(payload)
    assert found[column] is None
    assert "message_invalid" in found["flags"]
    told = [one.what for one in read(payload).unread]
    assert any(what.endswith("no number") for what in told)
    assert named is None or f"{named}: no number" in told


@pytest.mark.parametrize("word", ["", "Unknown", "N/A", "null", "nan", "undefined", "onbekend", "--", None])
@pytest.mark.parametrize(
    "say",
    [
        lambda word: _listed(geodetic_altitude=word, speed=word),
        lambda word: _flat(alt=word),
        lambda word: _mesh(drone_altitude=word),
        lambda word: _dronecot(AltitudeGeo=word),
        lambda word: _aircraft(alt_baro=word),
    ],
)
def test_a_word_for_unknown_is_no_damage(say: Any, word: str | None) -> None:
    found = row(say(word))
    assert "message_invalid" not in found["flags"]
    assert not [one.what for one in read(say(word)).unread if "no number" in one.what]


@pytest.mark.parametrize(
    "payload",
    [
        _mesh(pilot_long=0),
        _mesh(pilot_lat=0.0),
        _mesh(pilot_lat="52.31", pilot_long="0.000000"),
        _flat(pilot_lon=0),
        _flat(pilot_lat=0),
        _flat(pilot_lon="0,0"),
        _flat(pilot_lat=0, pilot_lon=0, home_lat=52.3, home_lon=0),
        _listed_operator(latitude=0.0),
    ],
)
def test_half_a_zero_is_no_pilot(payload: Any) -> None:
    found = row(payload)
    assert {name: found[name] for name in _NO_PILOT} == _NO_PILOT
    assert found["latitude_deg"] == 52.3144


def test_on_the_meridian_a_feed_that_knows_no_unknown_zero_keeps_its_pilot() -> None:
    line = node_line(type="System", operator_lat=51.4779, operator_lon=0.0)
    assert row(line)["operator_longitude_deg"] == 0.0
    assert row(_system(514779000, 0))["operator_longitude_deg"] == 0.0


_NAMES = {
    "a list": lambda name: [{"Basic ID": {"id": name, "id_type": "Serial Number (ANSI/CTA-2063-A)", "MAC": MAC}}],
    "esp32": lambda name: esp32(name=name),
    "mqtt": lambda name: flat_drone(id=name, mac=MAC, lat=52.3, lon=4.9),
    "mesh-mapper": lambda name: _mesh(basic_id=name),
    "node": lambda name: node_line(id=name, lat=52.3, lon=4.9),
    "Dronetag": lambda name: scout(ids=[{"UAType": 2, "IDType": 1, "UASID": name}]),
    "dronecot": lambda name: _dronecot(BasicID=name),
    "Open Drone ID": lambda name: basic_id(1, name.encode()),
    "own lines": lambda name: _own(uas_id=name),
}


@pytest.mark.parametrize(
    "name",
    [
        *("drone-None", "drone-unknown", "DRONE-NONE", "drone-0000000000", "uav_null", "serial-unknown", "SN: n/a"),
        *("None None", "null0", "UAV-0", "UAS 000", "onbekend", "Onbekend 0", "geen", "geen serial", "leeg", "n.v.t."),
        *("Unbekannt", "kein Name", "ung\u00fcltig", "inconnu", "sans", "sans id", "n\u00e9ant", "aucun", "drone-geen"),
    ],
)
@pytest.mark.parametrize("say", _NAMES.values(), ids=_NAMES)
def test_a_word_with_a_prefix_or_of_another_language_is_no_id(say: Any, name: str) -> None:
    found = row(say(name))
    assert (found["uas_id"], found["alias_id"]) == (None, None)
    assert "id_placeholder" in found["flags"]


@pytest.mark.parametrize(
    "name",
    [
        *("Mavic 3", "DJI Mavic 3 Pro", "mini4pro", "DJI", "DJI Air 2S", "Matrice 300 RTK", "M300", "Phantom-4"),
        *("drone-Mavic 3", "EVO II Pro", "Anafi", "Drone 1", "UAV-12", "SN 123456789"),
    ],
)
def test_a_model_or_a_running_number_tells_no_two_apart(name: str) -> None:
    assert not is_placeholder(name)
    assert is_doubtful_id(int(IdType.SERIAL), name)


@pytest.mark.parametrize("name", ["Mavic 3", "DJI Mini 2"])
def test_a_model_in_a_session_id_tells_no_two_apart(name: str) -> None:
    assert is_doubtful_id(int(IdType.SESSION), name.encode().hex())


@pytest.mark.parametrize(
    "name",
    [
        *(SERIAL, "PH-ABC1", "FIN87astrdge12k8", "1ZZZB7K00100AB", "UAS-D3481", "NLD-OPEN-7X2", "G-UAVX", "M300X9Q71"),
        *("MINI7QX2RT", "drone-1581F7FV1ZZ0000AAAA1", "geenstra7", "SANSA-1042", "AIR8842193"),
    ],
)
def test_an_id_stays_one(name: str) -> None:
    assert not is_placeholder(name)
    assert not is_doubtful_id(int(IdType.SERIAL), name)


_FILLERS = [(90.0, 180.0), (-90.0, -180.0), (90.0, -180.0), (1e-7, 1e-7), (-1e-7, 1e-7)]
_SAY_OPERATOR = {
    "a list": lambda lat, lon: _listed_operator(latitude=lat, longitude=lon),
    "esp32": lambda lat, lon: esp32(system={"operator_lat": lat, "operator_lon": lon}),
    "mqtt": lambda lat, lon: _flat(pilot_lat=lat, pilot_lon=lon),
    "mesh-mapper": lambda lat, lon: _mesh(pilot_lat=lat, pilot_long=lon),
    "node": lambda lat, lon: node_line(type="System", operator_lat=lat, operator_lon=lon, lat=52.3, lon=4.9),
    "Dronetag": lambda lat, lon: scout(system={"OperatorLatitude": lat, "OperatorLongitude": lon}),
    "dronecot": lambda lat, lon: _dronecot(OperatorLatitude=lat, OperatorLongitude=lon),
    "own lines": lambda lat, lon: _own(operator_latitude_deg=lat, operator_longitude_deg=lon),
    "Open Drone ID": lambda lat, lon: _system(round(lat * 1e7), round(lon * 1e7)),
}
_SAY_DRONE = {
    "a list": lambda lat, lon: _listed(latitude=lat, longitude=lon),
    "mqtt": lambda lat, lon: _flat(lat=lat, lon=lon),
    "mesh-mapper": lambda lat, lon: _mesh(drone_lat=lat, drone_long=lon),
    "node": lambda lat, lon: node_line(id=SERIAL, lat=lat, lon=lon),
    "Dronetag": lambda lat, lon: scout(location={"Latitude": lat, "Longitude": lon}),
    "dronecot": lambda lat, lon: _dronecot(Latitude=lat, Longitude=lon),
    "own lines": lambda lat, lon: _own(latitude_deg=lat, longitude_deg=lon),
    "Open Drone ID": lambda lat, lon: _location(round(lat * 1e7), round(lon * 1e7)),
}


@pytest.mark.parametrize(("lat", "lon"), _FILLERS)
@pytest.mark.parametrize("say", _SAY_OPERATOR.values(), ids=_SAY_OPERATOR)
def test_an_operator_at_a_filler_is_unknown(say: Any, lat: float, lon: float) -> None:
    found = row(say(lat, lon))
    assert {name: found[name] for name in _NO_PILOT} == _NO_PILOT
    assert "position_invalid" in found["flags"]


@pytest.mark.parametrize(("lat", "lon"), _FILLERS)
@pytest.mark.parametrize("say", _SAY_DRONE.values(), ids=_SAY_DRONE)
def test_a_drone_at_a_filler_is_nowhere(say: Any, lat: float, lon: float) -> None:
    found = row(say(lat, lon))
    assert {name: found[name] for name in _NOWHERE} == _NOWHERE
    assert "position_invalid" in found["flags"]


@pytest.mark.parametrize(
    ("lat_e7", "lon_e7", "known"),
    [
        (900000000, 1800000000, False),
        (-900000000, 1800000000, False),
        (1, -1, False),
        (10, 10, False),
        (11, 0, True),
        (0, 49419000, True),
        (900000000, 1799999999, True),
    ],
)
def test_the_plain_and_the_batch_reading_know_the_same_fillers(lat_e7: int, lon_e7: int, *, known: bool) -> None:
    message = odid.decode_message(_location(lat_e7, lon_e7))
    assert isinstance(message, odid.Location)
    found = row(_location(lat_e7, lon_e7))
    assert (message.latitude_deg is not None) == (found["latitude_deg"] is not None) == known
    assert bool(message.flags & Flag.POSITION_INVALID) == ("position_invalid" in found["flags"]) == (not known)


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ({"operator_latitude_deg": 0.0, "operator_longitude_deg": 0.0}, _NO_PILOT),
        ({"operator_latitude_deg": -0.0, "operator_longitude_deg": 0}, _NO_PILOT),
        ({"latitude_deg": 0.0, "longitude_deg": 0.0}, _NOWHERE),
        ({"sensor_latitude_deg": 0, "sensor_longitude_deg": 0}, dict.fromkeys(("sensor_latitude_deg",))),
    ],
)
def test_zeros_in_own_lines_are_no_place(said: dict[str, float], unknown: dict[str, None]) -> None:
    found = row(_own(**said))
    assert {name: found[name] for name in unknown} == unknown
    assert found["uas_id"] == SERIAL


@pytest.mark.parametrize("word", ["ground", "GROUND", "Ground", " ground "])
@pytest.mark.parametrize("name", ["alt_baro", "altitude"])
def test_ground_in_any_case_is_ground(name: str, word: str) -> None:
    found = row(_aircraft(**{name: word}))
    assert (found["status"], found["altitude_pressure_m"]) == ("ground", None)
    assert "message_invalid" not in found["flags"]


def test_of_many_aircraft_some_are_looked_through() -> None:
    (one,) = _aircraft(nav_qnh=1013.2)["aircraft"]
    decoded = read({"now": T0, "aircraft": [one | {"hex": f"4841{number:02x}"} for number in range(100)]})
    assert len(decoded.detections) == 100
    assert [(told.what, told.count) for told in decoded.unread] == [("nav_qnh", 16 + 6)]
