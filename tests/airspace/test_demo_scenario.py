from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest

from airspace.demo import facts
from airspace.demo.scenario import (
    EMITTER,
    FINDERS,
    HELICOPTER,
    LENGTH_S,
    SENSORS,
    SILENT,
    drones,
    recording,
    scenario,
)
from airspace.demo.simulator import Drone, fix_at, received_dbm
from airspace.model.detection import Detections, EuCategory, EuClass, Flag, IdType, Source, Status
from airspace.model.geodesy import bearing_and_distance
from airspace.model.identity import is_operator_id, is_serial
from airspace.model.message import RawMessage
from airspace.model.sensor import Sensor
from airspace.simulation.radio import FADING_DB, Radio
from receivers.formats.detect import decode

START_S = 1_780_000_000.0
TYPES = {"BLE legacy", "BLE long range", "WiFi beacon"}


@dataclass(frozen=True)
class Report:
    at_s: float
    topic: str
    data: dict[str, object]

    @property
    def wire(self) -> bytes:
        return base64.b64decode(str(self.data["UASdata"]), validate=True)


@pytest.fixture(scope="module")
def story() -> list[Report]:
    """The reports of all sensors in DroneScout's form."""
    told = [(at, topic, msgspec.json.decode(payload)) for at, topic, payload in scenario(START_S)]
    return [Report(at, topic, document["data"]) for at, topic, document in told if "data" in document]


@pytest.fixture(scope="module")
def reports(story: list[Report]) -> list[Report]:
    return [each for each in story if "UASdata" in each.data]


def named(loop: int = 0) -> dict[str, Drone]:
    return {drone.serial[5:8]: drone for drone in drones(START_S, loop)}


def from_arena_m(drone: Drone, at_s: float) -> float:
    return bearing_and_distance(*facts.ARENA, *drone.state(at_s)[:2])[1]


def test_a_seed_is_the_same_evening_byte_for_byte() -> None:
    assert recording(START_S) == recording(START_S)
    assert recording(START_S) != recording(START_S, seed=1)


def test_the_order_is_that_of_time(story: list[Report]) -> None:
    times = [each.at_s for each in story]
    assert times == sorted(times)
    assert 0.0 <= times[0] < 1.0
    assert LENGTH_S - 1.0 < times[-1] < LENGTH_S


def test_the_recording_is_a_line_for_each_message(story: list[Report]) -> None:
    lines = [msgspec.json.decode(line) for line in recording(START_S).splitlines()]
    assert [line["data"] for line in lines if "data" in line] == [each.data for each in story]
    assert lines == [msgspec.json.decode(payload) for _, _, payload in scenario(START_S)]


def test_every_payload_is_well_formed(story: list[Report], reports: list[Report]) -> None:
    for each in story:
        assert each.topic == f"/sensor/{each.data['sensor ID']}/upload"
        assert each.data["timestamp"] == round((START_S + each.at_s) * 1000)
    for each in reports:
        assert each.data["type"] in TYPES
        assert -110 < int(str(each.data["RSSI"])) < -40
        single = each.data["type"] == "BLE legacy"
        assert len(each.wire) == (25 if single else 3 + 25 * each.wire[2])


def test_every_receiver_says_that_it_lives_every_five_seconds_but_one(story: list[Report]) -> None:
    beats = Counter(each.data["sensor ID"] for each in story if each.data.get("status") == "normal")
    assert beats == {sensor.sensor_id: 36 if sensor.sensor_id == SILENT[0] else 46 for sensor in SENSORS}


def test_the_silent_receiver_is_really_silent_for_fifty_seconds(story: list[Report]) -> None:
    times = [each.at_s for each in story if each.data["sensor ID"] == SILENT[0]]
    assert not [at_s for at_s in times if 170.0 <= at_s < 220.0]
    assert [at_s for at_s in times if at_s >= 220.0]


def test_serials_are_of_the_form_and_of_no_maker() -> None:
    for drone in drones(START_S):
        assert is_serial(drone.serial)
        assert drone.serial.startswith("9ZZZ")
        assert drone.operator_id is None or is_operator_id(drone.operator_id)


def test_the_hobby_drone_is_over_the_crowd_within_a_minute_and_lands_where_it_started() -> None:
    hobby = named()["HBY"]
    assert from_arena_m(hobby, 8.0) == pytest.approx(1200.0, abs=1.0)
    assert all(from_arena_m(hobby, at_s) < facts.BOWL_RADIUS_M for at_s in (57.0, 100.0, 150.0))
    assert hobby.state(60.0)[2] == 60.0
    assert hobby.state(200.0)[2] == 0.0
    assert from_arena_m(hobby, 205.0) == pytest.approx(1200.0, abs=1.0)
    assert (hobby.category, hobby.eu_class) == (EuCategory.OPEN, EuClass.C1)


def test_its_controller_is_on_before_it_takes_off(reports: list[Report]) -> None:
    """Five seconds of id and pilot's place, with the status of a drone on the ground."""
    hobby = named()["HBY"]
    heard = [each for each in reports if each.data["MAC address"] in hobby.macs.values()]
    rows = decode([RawMessage(payload=msgspec.json.encode({"data": each.data}), received_s=0.0) for each in heard])
    at_s = rows.detections.received_s - START_S
    before = rows.detections.take(at_s < 13.0)
    assert 8.0 < at_s.min() < 9.5
    assert set(before.status.tolist()) <= {Status.UNKNOWN, Status.GROUND}
    assert hobby.serial in set(before.uas_id.tolist())
    assert not np.isnan(before.operator_latitude_deg).all()
    flying = rows.detections.take((at_s > 15.0) & (rows.detections.status != Status.UNKNOWN))
    assert flying.status[0] == Status.AIRBORNE


def place_of(sensor: Sensor) -> facts.Place:
    assert sensor.latitude_deg is not None
    assert sensor.longitude_deg is not None
    return sensor.latitude_deg, sensor.longitude_deg


def others() -> Detections:
    """What is told beside Remote ID."""
    messages = [
        RawMessage(payload=payload, received_s=START_S + at_s, sensor=topic.split("/")[2])
        for at_s, topic, payload in scenario(START_S)
    ]
    decoded = decode(messages)
    assert not decoded.rejects
    return decoded.detections.take(decoded.detections.source != Source.REMOTE_ID)


def test_the_emitter_is_heard_by_one_finder_and_ten_seconds_later_by_both() -> None:
    rows = others()
    at_s = rows.received_s - START_S
    west, oost = (rows.sensor == name for name in ("df-west", "df-oost"))
    assert (at_s[west].min(), at_s[west].max()) == pytest.approx((115.5, 174.5))
    assert (at_s[oost].min(), at_s[oost].max()) == pytest.approx((125.5, 174.5))
    assert [int(np.count_nonzero(mine)) for mine in (west, oost)] == [60, 50]
    assert set(rows.transmitter[west | oost].tolist()) == {None}
    for sensor, mine in zip(FINDERS, (west, oost), strict=True):
        for row in np.flatnonzero(mine).tolist():
            place = fix_at(EMITTER, float(at_s[row]))[:2]
            true_deg, distance_m = bearing_and_distance(*place_of(sensor), *place)
            assert abs(rows.bearing_deg[row] - true_deg) < 4.0 * rows.bearing_accuracy_deg[row]
            assert distance_m < sensor.range_m


def test_the_finders_stand_four_kilometres_apart_and_their_bearings_cross_well() -> None:
    west, oost = map(place_of, FINDERS)
    assert bearing_and_distance(*west, *oost)[1] == pytest.approx(4000.0, abs=1.0)
    for at_s in (125.0, 150.0, 175.0):
        place = fix_at(EMITTER, at_s)[:2]
        crossing_deg = abs(bearing_and_distance(*west, *place)[0] - bearing_and_distance(*oost, *place)[0]) % 180.0
        assert 20.0 < crossing_deg < 160.0


def test_no_remote_id_stands_in_the_direction_of_the_emitter() -> None:
    """Within three standard deviations a drone would explain what the finder hears."""
    for sensor, from_s in zip(FINDERS, (115.0, 125.0), strict=True):
        here = place_of(sensor)
        for at_s in np.arange(from_s, 150.0):
            there_deg, _ = bearing_and_distance(*here, *fix_at(EMITTER, at_s)[:2])
            for drone in drones(START_S):
                if drone.path[0].at_s <= at_s:
                    drone_deg, _ = bearing_and_distance(*here, *drone.state(at_s)[:2])
                    assert abs((drone_deg - there_deg + 180.0) % 360.0 - 180.0) > 6.0


def test_a_trauma_helicopter_comes_in_low_and_is_told_two_minutes_before_it_is_there() -> None:
    rows = others()
    mine = rows.take(rows.source == Source.ADSB)
    assert set(zip(mine.uas_id.tolist(), mine.uas_id_type.tolist(), mine.sensor.tolist(), strict=True)) == {
        (HELICOPTER, IdType.ICAO, "adsb-1")
    }
    assert not np.any(mine.flags & int(Flag.ADDRESS_INVENTED))
    away_m = np.array(
        [
            bearing_and_distance(*place, *facts.HELIPAD)[1]
            for place in zip(mine.latitude_deg, mine.longitude_deg, strict=True)
        ]
    )
    at_s = mine.time_s - START_S
    assert 85.0 <= at_s[0] < 86.0
    assert at_s[away_m.argmin()] - at_s[0] > 120.0
    assert away_m.min() < 30.0
    assert np.all(np.diff(away_m) < 0.0)
    assert 40.0 < mine.speed_m_s.max() < 60.0
    assert mine.altitude_wgs84_m.max() - facts.GROUND_WGS84_M < 300.0
    assert np.all(np.abs(mine.track_deg - 90.0) < 3.0)


def test_the_pilot_stands_south_east_of_the_bowl() -> None:
    operator = named()["HBY"].operator
    assert operator is not None
    bearing_deg, distance_m = bearing_and_distance(*facts.ARENA, *operator)
    assert bearing_deg == pytest.approx(135.0, abs=0.1)
    assert distance_m == pytest.approx(1200.0, abs=1.0)


def test_no_drone_flies_faster_than_a_drone() -> None:
    for drone in drones(START_S):
        for second in range(int(drone.path[0].at_s), int(drone.path[-1].at_s)):
            before, after = drone.state(second), drone.state(second + 1.0)
            assert bearing_and_distance(*before[:2], *after[:2])[1] < 27.0
            assert abs(after[2] - before[2]) < 6.0


def test_three_receivers_and_more_hear_the_hobby_drone_under_three_addresses(reports: list[Report]) -> None:
    addresses = set(named()["HBY"].macs.values())
    heard = [each for each in reports if each.data["MAC address"] in addresses and 60.0 < each.at_s < 120.0]
    assert len({each.data["MAC address"] for each in heard}) == 3
    assert len({each.data["sensor ID"] for each in heard}) >= 3
    assert {each.data["type"] for each in heard} == TYPES


def test_ijburg_is_flown_outside_the_control_zone_at_eighty_metres() -> None:
    drone = named()["JBR"]
    for at_s in range(90, 210, 5):
        state = drone.state(float(at_s))
        assert bearing_and_distance(*facts.CTR_CENTRE, *state[:2])[1] > facts.CTR_RADIUS_M + 1000.0
        assert state[2] == 80.0


def test_the_inspection_leaves_its_volume_by_150_m_and_comes_back() -> None:
    away_m = [bearing_and_distance(*facts.AMSTEL, *named()["NSP"].state(at_s)[:2])[1] for at_s in range(231)]
    assert max(away_m[:135]) < facts.INSPECTION_RADIUS_M
    assert max(away_m) == pytest.approx(facts.INSPECTION_RADIUS_M + 150.0, abs=0.5)
    assert max(away_m[165:]) < facts.INSPECTION_RADIUS_M


def test_the_broadcaster_stays_in_its_volume_and_out_of_the_bowl() -> None:
    drone = named()["TVX"]
    assert {drone.state(float(at_s)) for at_s in range(0, 231, 10)} == {(*facts.BROADCASTER, 50.0)}
    assert from_arena_m(drone, 0.0) > facts.BOWL_RADIUS_M + 50.0


def test_fifteen_ghosts_are_one_transmitter_one_loudness_and_one_time(reports: list[Report]) -> None:
    ghosts = [drone for drone in drones(START_S) if drone.serial[5:8] == "GHT"]
    (mac,) = {mac for drone in ghosts for mac in drone.macs.values()}
    heard = [each for each in reports if each.data["MAC address"] == mac]
    assert len({each.wire[5:25] for each in heard}) == len(ghosts) == 15
    assert {each.data["RSSI"] for each in heard} == {-71}
    assert len({each.wire[28 + 21 : 28 + 23] for each in heard}) == 1
    assert all(150.0 <= each.at_s < 176.0 for each in heard)
    assert all(from_arena_m(drone, at_s) < facts.BOWL_RADIUS_M for drone in ghosts for at_s in (150.0, 165.0, 175.0))


def test_each_loop_has_another_hobby_drone_and_the_same_broadcaster() -> None:
    first, second = named(0), named(1)
    assert first["HBY"].serial != second["HBY"].serial
    assert not set(first["HBY"].macs.values()) & set(second["HBY"].macs.values())
    assert first["TVX"] == second["TVX"]
    ghosts = [{drone.serial for drone in drones(START_S, loop)} for loop in (0, 1)]
    assert len(ghosts[0] & ghosts[1]) == 2


def test_what_is_near_is_louder() -> None:
    sensor = SENSORS[0]
    assert sensor.latitude_deg is not None
    levels = [received_dbm((sensor.latitude_deg + far, 4.945, 60.0), sensor) for far in (0.0, 0.005, 0.02, 0.05)]
    assert levels == sorted(levels, reverse=True)
    assert received_dbm((52.33, 4.945, 5.0), sensor) < received_dbm((52.33, 4.945, 60.0), sensor)


def test_nothing_is_heard_far_away_over_the_weakest_radio() -> None:
    far = received_dbm((52.6, 4.945, 60.0), SENSORS[0])
    assert far < Radio.BLE5.sensitivity_dbm - 4 * FADING_DB
