"""aircraft.json: units, times, what is no aircraft of ours."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from airspace.model.detection import Detections, Flag, IdType, Source, Status, Transport, UaType
from airspace.model.message import Decoded, RawMessage, RejectReason
from receivers.formats import readsb

NOW_S = 1_700_000_000.5
HELICOPTER = {
    "hex": "484b20",
    "type": "adsb_icao",
    "flight": "LIFELN1 ",
    "alt_baro": 1200,
    "alt_geom": 1350,
    "gs": 120.5,
    "track": 271.3,
    "baro_rate": -640,
    "squawk": "0033",
    "emergency": "none",
    "category": "A7",
    "lat": 52.371,
    "lon": 4.895,
    "nic": 8,
    "rc": 186,
    "seen_pos": 1.5,
    "version": 2,
    "nac_p": 9,
    "gva": 2,
    "rssi": -18.4,
    "mlat": [],
}


def decode(*documents: Any, sensor: str | None = "roof", received_s: float = NOW_S + 9) -> Decoded:
    payloads = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in documents]
    return readsb.decode(
        [RawMessage(payload=one, received_s=received_s, sensor=sensor, place="here") for one in payloads]
    )


def row(now_s: float = NOW_S, **changes: Any) -> Detections:
    aircraft = {name: value for name, value in (HELICOPTER | changes).items() if value is not None}
    decoded = decode({"now": now_s, "messages": 5, "aircraft": [aircraft]})
    assert not decoded.rejects, decoded.rejects
    return decoded.detections


def test_a_helicopter() -> None:
    found = row()
    assert len(found) == 1
    assert (found.source[0], found.transport[0]) == (Source.ADSB, Transport.ADSB)
    assert (found.sensor[0], found.transmitter[0]) == ("roof", "484b20")
    assert (found.uas_id[0], found.uas_id_type[0], found.self_id[0]) == ("484b20", IdType.ICAO, "LIFELN1")
    assert (found.time_s[0], found.received_s[0]) == (NOW_S - 1.5, NOW_S - 1.5)
    assert (found.latitude_deg[0], found.longitude_deg[0]) == (52.371, 4.895)
    assert found.altitude_pressure_m[0] == pytest.approx(365.76)
    assert found.altitude_wgs84_m[0] == pytest.approx(411.48)
    assert found.speed_m_s[0] == pytest.approx(61.99, abs=0.01)
    assert found.track_deg[0] == 271.3
    assert found.vertical_speed_m_s[0] == pytest.approx(-3.2512)
    assert (found.horizontal_accuracy_m[0], found.vertical_accuracy_m[0]) == (30.0, 45.0)
    assert (found.ua_type[0], found.status[0], found.flags[0]) == (UaType.OTHER, Status.AIRBORNE, 0)
    assert math.isnan(found.rssi_dbm[0])  # dBFS is no dBm


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"alt_baro": "ground"}, "status", Status.GROUND),
        ({"alt_baro": "ground"}, "altitude_pressure_m", math.nan),
        ({"alt_baro": None}, "status", Status.UNKNOWN),
        ({"squawk": "7500"}, "status", Status.EMERGENCY),
        ({"squawk": "7600"}, "status", Status.EMERGENCY),
        ({"squawk": "7700", "alt_baro": "ground"}, "status", Status.EMERGENCY),
        ({"squawk": "7000"}, "status", Status.AIRBORNE),
        ({"emergency": "downed"}, "status", Status.EMERGENCY),
        ({"emergency": "lifeguard"}, "status", Status.AIRBORNE),
        ({"alt_baro": -50}, "altitude_pressure_m", -15.24),
        ({"alt_geom": None}, "altitude_wgs84_m", math.nan),
        ({"alt_geom": 900_000}, "altitude_wgs84_m", math.nan),
        ({"geom_rate": 320}, "vertical_speed_m_s", 1.6256),
        ({"track": 360}, "track_deg", 0.0),
        ({"track": 361}, "track_deg", math.nan),
        ({"gs": -1}, "speed_m_s", math.nan),
        ({"nac_p": 11}, "horizontal_accuracy_m", 3.0),
        ({"nac_p": 0}, "horizontal_accuracy_m", 186.0),
        ({"nac_p": None, "rc": None}, "horizontal_accuracy_m", math.nan),
        ({"nac_p": None, "rc": 0}, "horizontal_accuracy_m", math.nan),
        ({"category": "A3"}, "ua_type", UaType.AEROPLANE),
        ({"category": "B1"}, "ua_type", UaType.GLIDER),
        ({"category": "C3"}, "ua_type", UaType.GROUND_OBSTACLE),
        ({"category": "A0"}, "ua_type", UaType.UNKNOWN),
        ({"category": "B6"}, "ua_type", UaType.OTHER),
        ({"category": "B6"}, "uas_id_type", IdType.UNKNOWN),  # an unmanned aircraft has no crew to protect
        ({"hex": "~484B20"}, "uas_id", "~484b20"),
        ({"hex": "~484b20"}, "flags", Flag.ADDRESS_INVENTED),
        ({"hex": "ff12ab"}, "flags", Flag.ADDRESS_INVENTED),
        ({"hex": "000000"}, "flags", Flag.ADDRESS_INVENTED),
        ({"dbFlags": 4}, "flags", Flag.ADDRESS_INVENTED),
        ({"dbFlags": 1}, "flags", 0),
        ({"flight": "\u202eKLM1\x07"}, "self_id", "KLM1"),
        ({"flight": "        "}, "self_id", None),
        ({"lon": 0}, "longitude_deg", 0.0),  # the meridian is real
        ({"seen_pos": None}, "time_s", NOW_S),
    ],
    ids=str,
)
def test_a_value(changes: dict[str, Any], column: str, value: Any) -> None:
    found = getattr(row(**changes), column)[0]
    assert found == (pytest.approx(value, nan_ok=True) if isinstance(value, float) else value)


@pytest.mark.parametrize("changes", [{"lat": None}, {"lon": None}, {"seen_pos": 15.1}, {"seen_pos": -3}], ids=str)
def test_without_a_fresh_position_it_is_left_out(changes: dict[str, Any]) -> None:
    aircraft = {name: value for name, value in (HELICOPTER | changes).items() if value is not None}
    decoded = decode({"now": NOW_S, "aircraft": [aircraft]})
    assert (len(decoded.detections), decoded.rejects, decoded.ignored) == (0, (), 1)
    (beat,) = decoded.heartbeats
    assert (beat.sensor, beat.logged_s) == ("roof", NOW_S)


def test_a_sky_without_aircraft_says_that_the_receiver_lives() -> None:
    decoded = decode({"now": NOW_S, "aircraft": []})
    assert len(decoded.heartbeats) == 1
    assert not decode({"now": NOW_S, "aircraft": [HELICOPTER]}).heartbeats


def test_one_bad_aircraft_leaves_the_others() -> None:
    bad = [{"hex": "no", "lat": 1, "lon": 2}, {**HELICOPTER, "lat": "north"}, {**HELICOPTER, "lat": 95}, 7]
    decoded = decode({"now": NOW_S, "aircraft": [*bad, HELICOPTER]})
    assert len(decoded.detections) == 1
    assert [one.reason for one in decoded.rejects] == [
        RejectReason.VALUE_OUT_OF_RANGE,
        RejectReason.VALUE_OUT_OF_RANGE,
        RejectReason.WRONG_TYPE,
    ]
    assert decoded.ignored == 1  # without a position, as one that has none yet


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"lat": "52.5"}, "latitude_deg", 52.5),
        ({"gs": "fast"}, "speed_m_s", math.nan),
        ({"nac_p": 8.5}, "horizontal_accuracy_m", 186.0),
        ({"category": 7}, "ua_type", UaType.UNKNOWN),
        ({"alt_geom": {}}, "altitude_wgs84_m", math.nan),
        ({"squawk": 7700}, "status", Status.EMERGENCY),
    ],
)
def test_a_field_of_a_wrong_type_costs_itself(changes: dict[str, Any], column: str, value: Any) -> None:
    found = getattr(row(**changes), column)[0]
    assert found == (pytest.approx(value, nan_ok=True) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", RejectReason.NOT_JSON),
        (b'{"now":', RejectReason.NOT_JSON),
        (b"\xff{}", RejectReason.NOT_JSON),
        ({"aircraft": []}, RejectReason.WRONG_TYPE),
        ({"now": "today", "aircraft": []}, RejectReason.WRONG_TYPE),
        ({"now": NOW_S}, RejectReason.UNKNOWN_FORMAT),
        ({"now": NOW_S, "aircraft": [{}] * 4097}, RejectReason.TOO_LARGE),
        (b" " * (1 << 20) + b"{}", RejectReason.TOO_LARGE),
    ],
)
def test_refused(document: Any, reason: RejectReason) -> None:
    (refused,) = decode(document).rejects
    assert refused.reason is reason


def test_a_line_of_the_json_port_is_one_aircraft() -> None:
    found = decode({"now": NOW_S, **HELICOPTER}).detections
    assert found.uas_id.tolist() == ["484b20"]
    assert found.time_s[0] == NOW_S - 1.5


def test_a_position_has_one_content_id_however_often_it_is_fetched() -> None:
    first, again = row(), row(NOW_S + 2, seen_pos=3.5, rssi=-20, messages=99)
    moved, later = row(lat=52.372), row(NOW_S + 60)
    assert first.content_id[0] == again.content_id[0]
    assert len({first.content_id[0], moved.content_id[0], later.content_id[0]}) == 3


def test_a_receiver_whose_clock_was_never_set_has_the_arrival() -> None:
    found = row(12.0)
    assert math.isnan(found.time_s[0])
    assert found.received_s[0] == NOW_S + 9 - 1.5


def test_its_keys_are_known() -> None:
    assert readsb.is_readsb({"now", "aircraft", "messages"})
    assert readsb.is_readsb({"now", "hex"})
    assert not readsb.is_readsb({"aircraft", "protocol"})  # DroneScout
