"""What honest drones do that looks a little like a sign: none of it is remarked upon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from airspace.model.detection import Source, Status, UaType
from airspace.simulation.scenes import Scene, scene
from airspace.simulation.settings import Kind, Settings
from tests.airspace.rows import START_S, rows
from tests.tracking.sky import Air, Emitter, Sky, message

NAME = "9ZZZ1A"
SECONDS = 240


def log(speed_m_s: float = 0.0, *, noise_m: float = 0.0, seed: int = 1, **more: Any) -> list[dict[str, Any]]:
    """A drone on its way to and fro, turning in seconds, that says what it does."""
    rng = np.random.default_rng(seed)
    found = []
    for second in range(SECONDS):
        north_m, east_m = 60.0 * speed_m_s * np.sin(second / 60.0), 20.0 * np.cos(second / 20.0) * (speed_m_s > 0.0)
        claim = speed_m_s * np.cos(second / 60.0), -np.sin(second / 20.0) * (speed_m_s > 0.0)
        off_m = rng.normal(0.0, noise_m, 2) if noise_m else (0.0, 0.0)
        said = {"speed_m_s": round(float(np.hypot(*claim)) * 4.0) / 4.0, "counter": second % 256}
        said |= {"time_s": round(START_S + second - rng.uniform(0.3, 1.8), 1)}
        found.append(message(second, north_m + off_m[0], east_m + off_m[1], **said) | more)
    return found


def untouched(*found: dict[str, Any]) -> bool:
    return not Sky().hear(*found, tick_s=START_S + SECONDS).remarks(NAME)


@pytest.mark.parametrize("noise_m", [0.0, 3.0, 10.0])
@pytest.mark.parametrize("speed_m_s", [0.0, 2.0, 15.0])
def test_flying_and_hovering_with_position_noise_and_a_late_clock(speed_m_s: float, noise_m: float) -> None:
    assert untouched(*log(speed_m_s, noise_m=noise_m))


def test_fast_winged_drones() -> None:
    assert untouched(*log(45.0, noise_m=5.0, ua_type=UaType.AEROPLANE))


@pytest.mark.parametrize("kept", [0.8, 0.5, 0.2, 0.05])
def test_lossy_receivers(kept: float) -> None:
    rng = np.random.default_rng(2)
    for speed_m_s in (0.0, 12.0):
        assert untouched(*(row for row in log(speed_m_s, noise_m=5.0) if rng.random() < kept))


def test_each_message_nine_times() -> None:
    """A real Parrot: one counter value and one message time for a second."""
    repeats = [row | {"received_s": row["received_s"] + part / 9} for row in log(8.0) for part in range(9)]
    assert untouched(*repeats)


def test_several_transports_with_counters_of_their_own() -> None:
    streams = [row | {"counter": (row["counter"] * 5 + 7 * part) % 256} for row in log(8.0) for part in range(3)]
    assert untouched(*streams)


def test_reports_that_come_late_from_one_receiver() -> None:
    late = [row | {"logged_s": row["received_s"] + 4.0, "sensor": "late"} for row in log(12.0, noise_m=3.0)]
    both = sorted([*log(12.0, noise_m=3.0), *late], key=lambda row: row.get("logged_s", row["received_s"]))
    assert untouched(*both)


def test_on_the_ground_with_noise_then_a_flight() -> None:
    ground = [row | {"status": Status.GROUND} for row in log(0.0, noise_m=10.0)]
    flown = [row | {"received_s": row["received_s"] + SECONDS, "time_s": row["time_s"] + SECONDS} for row in log(10.0)]
    assert untouched(*ground, *flown)


def test_a_first_fix_that_settles() -> None:
    """After power-up the place slides by 120 m within some seconds, with the status still ground."""
    settles = [
        message(second, 120.0 * np.exp(-second / 5.0), speed_m_s=0.0, status=Status.GROUND) for second in range(60)
    ]
    assert untouched(*settles)


def test_counters_that_agree_by_chance() -> None:
    """Ten drones of one make that were switched on together count together."""
    together = [row | {"uas_id": f"9ZZZ1H{one}"} for row in log(6.0) for one in range(10)]
    sky = Sky()
    for second in range(SECONDS):
        now = together[second * 10 : second * 10 + 10]
        sky.hear(*now, tick_s=START_S + second + 1.0)
    assert set(sky.all_remarks) == {0}


def test_an_aircraft_with_a_crew_is_not_measured_by_what_drones_do() -> None:
    airliner = [
        message(second, 250.0 * second, speed_m_s=20.0, status=Status.GROUND, source=Source.ADSB)
        for second in range(60)
    ]
    assert untouched(*airliner)


def test_receivers_behind_houses_and_a_van_that_drives_by() -> None:
    """Shadows of 20 dB that change every few hundred metres, receivers that lose half, one of them moving."""
    rng = np.random.default_rng(7)
    houses_db = {name: 20.0 * (rng.random((40, 40)) < 0.3) for name in ("north", "south", "east", "van")}

    def houses(name: str, one: Emitter, north_m: float, east_m: float) -> float:
        return float(houses_db[name][int(north_m // 200) % 40, int(east_m // 200 + hash(one.height_m)) % 40])

    def route(turn: float, far_m: float) -> Any:
        return lambda second: (far_m * np.sin(second / 70.0 + turn), far_m * np.cos(second / 90.0 + turn))

    air = Air(
        receivers={"north": (1_500.0, 0.0), "south": (-1_200.0, 400.0), "east": (100.0, 1_900.0), "van": (0.0, 0.0)},
        moving={"van": lambda second: (-500.0 + 8.0 * second, -700.0)},
        emitters=[
            Emitter(uas_id=f"9ZZZ1H{one}", claims=route(one, 300.0 + 150.0 * one), height_m=20.0 + 10.0 * one)
            for one in range(6)
        ],
        shadow_db=houses,
        loss=0.5,
        fading_db=6.0,
    )
    assert set(air.play(SECONDS).all_remarks) == {0}


@pytest.fixture(scope="module")
def city() -> Scene:
    """An hour of honest flight by twenty drones, with losses, repeats, late reports and new addresses."""
    return scene(Settings(aircraft=20, receivers=5, length_s=180), seed=11)


def test_nobody_in_an_honest_city_is_remarked_upon(city: Scene) -> None:
    places = {one.sensor_id: (one.latitude_deg or 0.0, one.longitude_deg or 0.0) for one in city.sensors}
    sky, start = Sky(places), 0
    assert set(city.kind.tolist()) == {Kind.REAL}
    for batch in city.batches(4096):
        found = batch.detections
        sky.take(found, city.owner[start : start + len(found)].tolist(), tick_s=batch.tick_s)
        start += len(found)
    assert len(sky.all_remarks) == 20
    assert set(sky.all_remarks) == {0}


def test_nothing_is_found_where_nothing_is_heard() -> None:
    sky = Sky({"north": (52.3, 4.9)})
    for second in range(3):
        sky.take(rows(), tick_s=START_S + second)
    assert sky.all_remarks == []
