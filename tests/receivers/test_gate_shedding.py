"""Under a flood: who passes, what is counted, and that memory stays bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import Detections, Flag, Source, texts
from airspace.model.message import Decoded, RejectReason
from airspace.model.sensor import Sensor
from receivers.gate import Gate
from receivers.gate.buckets import CELLS, NOWHERE, Buckets, cells_of
from receivers.gate.identities import CANDIDATE, STRANGER, Identities

NOW = 1_750_000_000.0
PLACE = (52.3144, 4.9419)
SENSORS = {
    "mast": Sensor(sensor_id="mast", name="mast", kind="remote_id"),
    "rf": Sensor(sensor_id="rf", name="rf", kind="direction_finder", latitude_deg=PLACE[0], longitude_deg=PLACE[1]),
}


def batch(names: Sequence[str], now_s: float, place: tuple[float, float] = PLACE, **columns: Any) -> Decoded:
    n = len(names)
    given: dict[str, Any] = {
        "sensor": texts(["mast"] * n),
        "uas_id": texts(names),
        "received_s": np.full(n, now_s),
        "latitude_deg": np.full(n, place[0]),
        "longitude_deg": np.full(n, place[1]),
    }
    return Decoded(detections=Detections.build(n, **(given | columns)))


def ghosts(n: int, turn: int = 0) -> list[str]:
    return [f"ghost {turn} {number}" for number in range(n)]


def gate(rate: float = 100.0, **more: float) -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=False, rows_per_second=rate, burst_s=1.0, **more)


def test_a_known_drone_passes_through_a_flood_of_strangers() -> None:
    passing = gate()
    for second in range(5):
        passing.admit(batch(["drone"], NOW + second), NOW + second)
    for turn in range(5, 15):
        admitted = passing.admit(batch([*ghosts(2000, turn), "drone"], NOW + turn), NOW + turn)
        assert "drone" in admitted.detections.uas_id.tolist()
        dropped = sum(reject.count for reject in admitted.rejects)
        assert len(admitted.detections) + dropped == 2001
        assert len(admitted.detections) <= 100


@pytest.mark.parametrize("late_s", [0.0, 6.0, 8.0, 14.0, 200.0])
@pytest.mark.parametrize("late_ghosts", [True, False])
@pytest.mark.parametrize("spread", [True, False])
def test_a_known_drone_on_a_slow_link_passes_through_a_flood(late_s: float, *, late_ghosts: bool, spread: bool) -> None:
    passing = Gate(SENSORS, accept_unknown_sensors=False, rows_per_second=100, burst_s=5)
    random = np.random.default_rng(1)
    for second in range(40):
        for lot in range(10):
            now_s = NOW + second + lot / 10
            names = [*(ghosts(60, second * 10 + lot) if second >= 10 else []), *(["drone"] if lot == 9 else [])]
            if not names:
                continue
            latitude_deg = PLACE[0] + (random.uniform(0, 1, len(names)) if spread else np.zeros(len(names)))
            heard_s = np.full(len(names), now_s - (late_s if late_ghosts else 0.0))
            if lot == 9:
                heard_s[-1], latitude_deg[-1] = now_s - late_s, PLACE[0] + second * 4e-5
            admitted = passing.admit(batch(names, now_s, received_s=heard_s, latitude_deg=latitude_deg), now_s)
            if lot == 9:
                assert admitted.detections.uas_id.tolist()[-1] == "drone"
                assert not admitted.detections.flags.tolist()[-1] & int(Flag.STALE)


def test_a_new_drone_is_heard_in_the_midst_of_a_flood_from_its_second_message_on() -> None:
    passing, heard = gate(), []
    for turn in range(6):
        admitted = passing.admit(batch([*ghosts(2000, turn), "drone"], NOW + turn), NOW + turn)
        heard.append("drone" in admitted.detections.uas_id.tolist())
    assert heard == [False, True, True, True, True, True]


def test_ghosts_that_fly_well_share_with_the_drone_among_them() -> None:
    passing = gate(rate=50.0, cell_rows_per_second=50.0)
    swarm = [*ghosts(400), "drone"]
    heard: Counter[str] = Counter()
    for turn in range(60):
        admitted = passing.admit(batch(swarm, NOW + turn), NOW + turn)
        if turn >= 10:
            heard.update(admitted.detections.uas_id.tolist())
    assert heard["drone"] >= 5  # of 50 seconds: 50 rows a second for 401
    assert max(heard.values()) <= heard["drone"] + 2


def test_one_identity_cannot_take_all_by_repeating_itself() -> None:
    passing = gate()
    for second in range(5):
        passing.admit(batch(["loud", "drone"], NOW + second), NOW + second)
    admitted = passing.admit(batch([*["loud"] * 500, "drone", *["other"] * 3], NOW + 6), NOW + 6)
    heard = Counter(admitted.detections.uas_id.tolist())
    assert heard["drone"] == 1
    assert heard["other"] == 3


def test_what_an_rf_sensor_confirms_goes_before_strangers() -> None:
    passing = gate(rate=100.0, cell_rows_per_second=1000.0)
    rf = batch(["x"], NOW, sensor=texts(["rf"]), source=np.array([Source.RF], dtype=np.int8))
    nowhere = {"latitude_deg": np.array([np.nan]), "longitude_deg": np.array([np.nan])}
    passing.admit(Decoded(detections=rf.detections.replace(uas_id=texts([None]), **nowhere)), NOW)
    far, near = batch(ghosts(500), NOW, (53.0, 6.0)), batch(["new"], NOW)
    mixed = Decoded(detections=Detections.concat([far.detections, near.detections]))
    assert "new" in passing.admit(mixed, NOW).detections.uas_id.tolist()
    later = NOW + 61  # the confirmation has worn off
    far, near = batch(ghosts(500, 1), later, (53.0, 6.0)), batch(["newer"], later)
    mixed = Decoded(detections=Detections.concat([far.detections, near.detections]))
    assert "newer" not in passing.admit(mixed, later).detections.uas_id.tolist()


def test_a_flood_in_one_place_leaves_room_elsewhere_and_is_counted_by_its_cause() -> None:
    passing = Gate(SENSORS, accept_unknown_sensors=False, rows_per_second=100, burst_s=2, cell_rows_per_second=20)
    passing.admit(batch(ghosts(200), NOW), NOW)  # both bursts are gone
    there, here = batch(ghosts(90, 1), NOW + 1), batch(["far"], NOW + 1, (53.0, 6.0))
    mixed = Decoded(detections=Detections.concat([there.detections, here.detections]))
    admitted = passing.admit(mixed, NOW + 1)
    assert "far" in admitted.detections.uas_id.tolist()
    assert {reject.reason: reject.count for reject in admitted.rejects} == {RejectReason.CELL_OVER_BUDGET: 70}
    assert passing.health(NOW + 1)[0].refused == {"cell_over_budget": 70}


def test_the_same_deliveries_pass_the_same_rows() -> None:
    def run() -> list[list[str]]:
        passing = gate()
        log = [batch([*ghosts(300, turn % 3), "drone"], NOW + turn) for turn in range(8)]
        return [passing.admit(one, NOW + turn).detections.uas_id.tolist() for turn, one in enumerate(log)]

    assert run() == run()


def test_rows_keep_their_order() -> None:
    admitted = gate().admit(batch(ghosts(1000), NOW, counter=np.arange(1000.0)), NOW)
    assert admitted.detections.counter.tolist() == sorted(admitted.detections.counter.tolist())


# identities


def meet(identities: Identities, key: str, second: float, north_m: float = 0.0) -> int:
    return identities.meet(key, PLACE[0] + north_m / 111_000, PLACE[1], NOW + second, NOW + second)


def test_an_identity_is_known_after_some_seconds_of_moving_as_an_aircraft_can() -> None:
    identities = Identities()
    assert [meet(identities, "a", second, 50 * second) for second in (0.0, 1.0, 2.9)] == [
        STRANGER,
        CANDIDATE,
        CANDIDATE,
    ]
    assert meet(identities, "a", 3.0, 150) >= 0
    assert len(identities) == 1


def test_one_that_jumps_about_never_is() -> None:
    identities = Identities()
    found = [meet(identities, "a", second, 5000.0 * (second % 2)) for second in range(60)]
    assert set(found) == {STRANGER}


def test_a_burst_of_a_moment_makes_nobody_known() -> None:
    identities = Identities()
    assert {meet(identities, "a", 0.001 * turn) for turn in range(1000)} == {STRANGER, CANDIDATE}


def test_memory_is_bounded_and_the_known_survive() -> None:
    identities = Identities(max_known=4, max_candidates=100)
    slots = [meet(identities, name, second) for second in (0.0, 3.0) for name in "abcd"]
    assert sorted(slots[4:]) == [0, 1, 2, 3]
    for number in range(10_000):
        meet(identities, f"ghost {number}", 4.0)
    assert identities.candidates <= 200
    assert len(identities) == 4
    assert meet(identities, "e", 4.0) == STRANGER
    assert meet(identities, "e", 8.0) == CANDIDATE  # no room
    identities.heard_s[identities.slots(["a"])] = NOW + 100
    identities.turn(NOW + 101)  # room is made between moments
    assert meet(identities, "e", 101.0) >= 0  # b, c and d were silent
    assert [slot >= 0 for slot in identities.slots(["a", "b", "e"]).tolist()] == [True, False, True]


# cells


def test_cells_repeat_only_far_away_and_know_no_place() -> None:
    latitude_deg = np.array([52.31, 52.34, 52.36, np.nan, 52.31, -52.31])
    longitude_deg = np.array([4.94, 4.94, 4.94, 4.94, np.inf, -179.99])
    cells = cells_of(latitude_deg, longitude_deg)
    assert cells[0] == cells[1] != cells[2]
    assert cells[3:5].tolist() == [NOWHERE, NOWHERE]
    assert bool(((cells >= NOWHERE) & (cells < CELLS)).all())
    north, east = np.meshgrid(np.arange(50.0, 53.1, 0.05) + 0.01, np.arange(4.0, 7.1, 0.05) + 0.01)
    assert len(np.unique(cells_of(north.ravel(), east.ravel()))) == north.size


def test_buckets_grow_with_time_and_never_past_the_burst() -> None:
    buckets = Buckets(2, rate_per_s=10.0, burst=20.0)
    buckets.fill(NOW)
    buckets.tokens -= 15
    buckets.fill(NOW - 50)
    assert buckets.tokens.tolist() == [5.0, 5.0]
    buckets.fill(NOW + 1)
    assert buckets.tokens.tolist() == [15.0, 15.0]
    buckets.fill(NOW + 100)
    assert buckets.tokens.tolist() == [20.0, 20.0]
