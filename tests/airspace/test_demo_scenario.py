from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass

import msgspec
import pytest

from airspace.demo import facts, simulator
from airspace.demo.scenario import LENGTH_S, SENSORS, SILENT, drones, recording, scenario
from airspace.demo.simulator import Drone, Radio, received_dbm
from airspace.model.detection import EuCategory, EuClass
from airspace.model.geodesy import bearing_and_distance
from airspace.model.identity import is_operator_id, is_serial

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
    return [Report(at, topic, msgspec.json.decode(payload)["data"]) for at, topic, payload in scenario(START_S)]


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
    lines = recording(START_S).splitlines()
    assert [msgspec.json.decode(line)["data"] for line in lines] == [each.data for each in story]


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


def test_the_hobby_drone_is_over_the_crowd_within_fifty_seconds_and_lands_where_it_started() -> None:
    hobby = named()["HBY"]
    assert from_arena_m(hobby, 5.0) == pytest.approx(1200.0, abs=1.0)
    assert all(from_arena_m(hobby, at_s) < facts.BOWL_RADIUS_M for at_s in (50.0, 100.0, 150.0))
    assert hobby.state(60.0)[2] == 60.0
    assert hobby.state(200.0)[2] == 0.0
    assert from_arena_m(hobby, 205.0) == pytest.approx(1200.0, abs=1.0)
    assert (hobby.category, hobby.eu_class) == (EuCategory.OPEN, EuClass.C1)


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
    assert far < Radio.BLE5.sensitivity_dbm - 4 * simulator.FADING_DB
