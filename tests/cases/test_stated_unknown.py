"""What a sender says it does not know stays unknown: no fall-back takes its place, and no zero is a measurement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as assume
from hypothesis import strategies as st

from tests.cases.feeds import MAC, SERIAL, T0, esp32, flat_drone, node_line, row, rows, scout

_PILOT = ("operator_latitude_deg", "operator_longitude_deg", "operator_altitude_wgs84_m")
_MOTION = ("altitude_wgs84_m", "altitude_pressure_m", "height_m", "speed_m_s", "vertical_speed_m_s", "track_deg")
_UNSET = dict.fromkeys(
    (
        *("latitude", "longitude", "speed", "vert_speed", "geodetic_altitude", "height_agl", "status", "direction"),
        *("alt_pressure", "height_type", "horiz_acc", "vert_acc", "baro_acc", "speed_acc", "timestamp"),
    ),
    0,
)
_NO_SYSTEM = {"operator_lat": 0.0, "operator_lon": 0.0, "operator_alt_geo": 0, "classification": 0, "timestamp": 0}
_LISTED_LOCATION = {"latitude": 52.3, "longitude": 4.9, "op_status": "Airborne"}
_DJI = [
    {"Basic ID": {"id_type": "Serial Number (ANSI/CTA-2063-A)", "id": SERIAL, "description": "DJI Mini 2 (O2)"}},
    {"Frequency Message": {"frequency": 2_459_500_000.0}},
]
_MESH = {"mac": MAC, "rssi": -60, "drone_lat": 0.0, "drone_long": 0.0, "drone_altitude": 0, "basic_id": ""}
_AIRCRAFT = {
    "icao": "484165",
    "callsign": "",
    "lat": 52.3,
    "lon": 4.9,
    "alt": 0.0,
    "speed": 0.0,
    "track": 0.0,
    "vertical_rate": None,
    "on_ground": False,
    "seen_by": "kit-1",
    "observed_at": T0,
}


@pytest.mark.parametrize(
    ("payload", "unknown"),
    [
        pytest.param(esp32(system=_NO_SYSTEM), _PILOT, id="esp32, operator 0, 0"),
        pytest.param(
            esp32(system=_NO_SYSTEM | {"operator_lat": None, "operator_lon": None}), _PILOT, id="esp32, operator null"
        ),
        pytest.param(
            [
                {"Location/Vector Message": _LISTED_LOCATION},
                {"System Message": {"latitude": 52.3, "longitude": 4.9, "operator_lat": 0, "operator_lon": 0}},
            ],
            _PILOT,
            id="list with both names",
        ),
        pytest.param([{"Location/Vector Message": _LISTED_LOCATION}], _PILOT, id="list without a System message"),
        pytest.param(
            [
                {"Location/Vector Message": _LISTED_LOCATION},
                {"System Message": {"latitude": 0.0, "longitude": 0.0, "geodetic_altitude": "Undefined"}},
            ],
            _PILOT,
            id="list, operator 0, 0",
        ),
        pytest.param(flat_drone(lat=52.3, lon=4.9), _PILOT, id="mqtt, pilot 0, 0"),
        pytest.param(
            _MESH | {"drone_lat": 52.3, "drone_long": 4.9, "pilot_lat": 0.0, "pilot_long": 0.0},
            _PILOT,
            id="mesh-mapper",
        ),
        pytest.param(
            node_line(type="System", operator_lat=None, operator_lon=None, lat=52.3, lon=4.9), _PILOT, id="node, null"
        ),
        pytest.param(
            scout(
                location={"Latitude": 52.3, "Longitude": 4.9},
                system={"OperatorLatitude": 0, "OperatorLongitude": 0, "OperatorAltitudeGeo": -1000},
            ),
            _PILOT,
            id="Dronetag, operator 0, 0",
        ),
        pytest.param(
            {"UAType": 2, "IDType": 1, "BasicID": SERIAL, "Latitude": 52.3, "Longitude": 4.9, "OperatorLatitude": 0.0}
            | {"OperatorLongitude": 0.0, "OperatorAltitudeGeo": -1000.0},
            _PILOT,
            id="dronecot, operator 0, 0",
        ),
        pytest.param(esp32(location=_UNSET, system=_NO_SYSTEM), _MOTION, id="esp32 that heard an id only"),
        pytest.param(
            esp32(location=_UNSET | {"latitude": 52.3, "longitude": 4.9, "geodetic_altitude": 40, "speed": 3}),
            ("altitude_pressure_m", "height_m", "vertical_speed_m_s", "status", "track_deg"),
            id="esp32 that heard a French beacon",
        ),
        pytest.param(
            {
                "Basic ID": {"id": SERIAL, "id_type": "Serial Number (ANSI/CTA-2063-A)"},
                "Location/Vector Message": {"latitude": 52.3, "longitude": 4.9, "speed": 0, "vert_speed": 0}
                | {"geodetic_altitude": 0, "height_agl": 0},
            },
            _MOTION,
            id="an early scanner",
        ),
        pytest.param(
            [
                *_DJI,
                {
                    "Location/Vector Message": dict.fromkeys(
                        ("latitude", "longitude", "geodetic_altitude", "height_agl", "speed", "vert_speed"), 0.0
                    )
                },
            ],
            ("latitude_deg", *_MOTION),
            id="DJI's receiver without a fix",
        ),
        pytest.param(flat_drone(lat=52.3, lon=4.9, timestamp=0), _MOTION, id="mqtt zeros"),
        pytest.param(_AIRCRAFT, ("speed_m_s", "track_deg", "status", "altitude_wgs84_m"), id="aircraft over mqtt"),
        pytest.param(_AIRCRAFT | {"lat": 0.0, "lon": 0.0}, ("latitude_deg",), id="aircraft without a place"),
        pytest.param(_MESH, ("latitude_deg", "altitude_wgs84_m", "uas_id"), id="mesh-mapper zeros"),
    ],
)
def test_no_fall_back_and_no_zero(payload: Any, unknown: tuple[str, ...]) -> None:
    found = row(payload)
    assert {name: found[name] for name in unknown} == dict.fromkeys(unknown)


@pytest.mark.parametrize(
    "payload",
    [
        esp32(location=_UNSET),
        flat_drone(timestamp="0", rid_timestamp="0"),
        flat_drone(timestamp=0.0),
        flat_drone(timestamp="0.0", rid_timestamp=0),
    ],
)
def test_an_unset_time_is_not_the_full_hour(payload: Any) -> None:
    found = row(payload)
    assert found["time"] == found["received"]


@pytest.mark.parametrize(
    ("payload", "zeros"),
    [
        pytest.param(esp32(location={"speed": 0, "height_agl": 0}), ("speed_m_s", "height_m"), id="esp32 that heard"),
        pytest.param(
            [
                {
                    "Location/Vector Message": _LISTED_LOCATION
                    | {"speed": "0.0 m/s", "height_agl": "0.0 m", "direction": 0}
                }
            ],
            ("speed_m_s", "height_m", "track_deg"),
            id="droneid-go",
        ),
        pytest.param(
            node_line(lat=52.3, lon=4.9, alt=0.0, speed=0.0, hdg=0.0),
            ("altitude_wgs84_m", "speed_m_s", "track_deg"),
            id="node",
        ),
        pytest.param(
            scout(location={"Height": 0, "SpeedHorizontal": 0, "SpeedVertical": 0, "AltitudeGeo": 0}),
            ("height_m", "speed_m_s", "vertical_speed_m_s", "altitude_wgs84_m"),
            id="Dronetag",
        ),
        pytest.param(
            {
                "now": T0,
                "hex": "484165",
                "lat": 52.3,
                "lon": 4.9,
                "seen_pos": 0,
                "alt_baro": 0,
                "gs": 0,
                "baro_rate": 0,
            },
            ("altitude_pressure_m", "speed_m_s", "vertical_speed_m_s"),
            id="readsb",
        ),
        pytest.param(
            b"MSG,3,1,1,484165,1,2026/09/21,14:13:20.000,2026/09/21,14:13:20.000,,0,0,0,52.3,4.9,0,,0,0,0,0",
            ("altitude_pressure_m", "speed_m_s", "track_deg", "vertical_speed_m_s"),
            id="SBS-1",
        ),
    ],
)
def test_a_true_zero_stays(payload: Any, zeros: tuple[str, ...]) -> None:
    found = row(payload)
    assert {name: found[name] for name in zeros} == dict.fromkeys(zeros, 0.0)


def test_what_data_json_says_is_not_valid_is_not_taken() -> None:
    aircraft = {"hex": "484165", "squawk": "0000", "flight": "", "lat": 0.0, "lon": 0.0, "validposition": 0}
    aircraft |= {"altitude": 0, "vert_rate": 0, "track": 0, "validtrack": 0, "speed": 0, "messages": 7, "seen": 3}
    placed = aircraft | {"hex": "484166", "lat": 52.3, "lon": 4.9, "validposition": 1, "altitude": 2000}
    (found,) = rows([aircraft, placed])
    assert (found["uas_id"], found["track_deg"], found["latitude_deg"]) == ("484166", None, 52.3)


@assume(
    st.floats(-89, 89).filter(lambda degrees: abs(degrees) > 0.001),
    st.floats(-179, 179).filter(lambda degrees: abs(degrees) > 0.001),
    st.sampled_from([0, 0.0, None, "0.000000", "Unknown"]),
)
def test_a_pilot_is_never_drawn_at_the_drone(latitude: float, longitude: float, unset: Any) -> None:
    place = {"latitude": latitude, "longitude": longitude}
    found = row(esp32(location=place, system=place | {"operator_lat": unset, "operator_lon": unset}))
    assert found["operator_latitude_deg"] is found["operator_longitude_deg"] is None
    assert found["latitude_deg"] == pytest.approx(latitude, abs=1e-6)
