"""Old messages, replays and clocks: what is marked, and that nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from airspace.model.clocks import put_right
from airspace.model.detection import Detections, Flag, texts
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.sensor import Sensor
from receivers.gate import Gate
from receivers.gate.retained import marking_retained

NOW = 1_750_000_000.0
SENSORS = {name: Sensor(sensor_id=name, name=name, kind="remote_id") for name in ("mast", "roof")}
STALE, CLOCK = int(Flag.STALE), int(Flag.CLOCK_OF_SENSOR)
nan = float("nan")


def gate() -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=False)


def rows(names: Sequence[str], received_s: float, said_s: float | Sequence[float], **columns: Any) -> Decoded:
    n = len(names)
    given: dict[str, Any] = {
        "sensor": texts(["mast"] * n),
        "uas_id": texts(names),
        "received_s": np.full(n, received_s),
        "time_s": np.broadcast_to(np.asarray(said_s, dtype=np.float64), (n,)).copy(),
        "latitude_deg": np.full(n, 52.3),
        "longitude_deg": np.full(n, 4.9),
    }
    return Decoded(detections=Detections.build(n, **(given | columns)))


def flags(passing: Gate, decoded: Decoded, now_s: float) -> list[int]:
    admitted = passing.admit(decoded, now_s)
    assert admitted.detections.received_s.tolist() == decoded.detections.received_s.tolist()
    np.testing.assert_array_equal(admitted.detections.time_s, decoded.detections.time_s)
    marks: list[int] = admitted.detections.flags.tolist()
    return marks


@pytest.mark.parametrize(
    ("received_s", "said_s", "stale"),
    [
        (NOW, NOW, False),
        (NOW - 299, NOW - 299, False),  # a backlog after a short break is still part of the picture
        (NOW - 301, NOW - 301, True),
        (NOW - 301, nan, True),
        (NOW, nan, False),
        (NOW, NOW - 1800, False),  # a skew: tracking's to judge, and no news of the broker
        (NOW - 3600, NOW - 1, True),  # a drone whose clock is ahead makes no backlog new
        (NOW - 3600, NOW - 3600 + 1080, True),
    ],
)
def test_what_is_older_than_a_track_lives_is_marked(received_s: float, said_s: float, stale: bool) -> None:  # noqa: FBT001
    assert flags(gate(), rows(["a"], received_s, said_s), NOW) == [STALE * stale]


def known(passing: Gate, name: str = "a", seconds: int = 10) -> float:
    for second in range(seconds):
        assert flags(passing, rows([name], NOW + second, NOW + second - 0.5), NOW + second) == [0]
    return NOW + seconds


def test_the_past_of_an_identity_told_again_is_marked() -> None:
    passing = gate()
    later = known(passing) + 60
    assert flags(passing, rows(["a"], later, later - 0.5), later) == [0]
    assert flags(passing, rows(["a"], later + 1, NOW + 4.5), later + 1) == [STALE]
    assert flags(passing, rows(["a"], later + 2, later + 1.5), later + 2) == [0]


@pytest.mark.parametrize("again", [False, True])
def test_what_was_told_at_one_moment_is_told_again_whatever_comes_with_it(again: bool) -> None:  # noqa: FBT001
    passing = gate()
    later = known(passing) + 60
    passing.admit(rows(["a"], later, later - 0.5), later)
    names, said_s = ["a", "a"], [later + 0.5, NOW + 4.5]
    turned = slice(None, None, -1 if again else 1)
    marks = flags(passing, rows(names, later + 1, said_s[turned]), later + 1)
    assert marks == [0, STALE][turned]
    assert flags(passing, rows(["a"], later + 2, NOW + 4.5), later + 2) == [STALE]  # and again


@pytest.mark.parametrize("ghost_from", [0, 25])
@pytest.mark.parametrize("skew_s", [31.0, 40.0, 1200.0])
def test_a_ghost_with_the_right_time_outlaws_no_drone_whose_clock_is_late(skew_s: float, ghost_from: int) -> None:
    passing, seen = gate(), []
    for second in range(120):
        now_s = NOW + second
        place = {"latitude_deg": np.array([52.3 + second * 3e-5])}
        seen += flags(passing, rows(["a"], now_s, now_s - skew_s, **place), now_s)
        if second >= ghost_from and second % 8 == 0:
            passing.admit(rows(["a"], now_s + 0.5, now_s + 0.2, latitude_deg=np.array([52.3135])), now_s + 0.5)
    assert seen == [0] * 120


def test_a_time_that_stands_is_not_told_again() -> None:
    passing = gate()
    for second in range(100):
        assert flags(passing, rows(["a"], NOW + second, NOW - 0.5), NOW + second) == [0]
        passing.admit(rows(["a"], NOW + second, NOW + second, latitude_deg=np.array([52.3135])), NOW + second)


def test_the_past_told_from_elsewhere_is_left_to_tracking() -> None:
    passing = gate()
    later = known(passing) + 60
    passing.admit(rows(["a"], later, later - 0.5), later)
    elsewhere = rows(["a"], later, NOW + 3.0, latitude_deg=np.array([52.4]))
    assert flags(passing, elsewhere, later) == [0]


def test_a_late_delivery_of_another_receiver_is_no_replay() -> None:
    passing = gate()
    later = known(passing, seconds=60)
    late = rows(["a"], later - 45, later - 45.5, sensor=texts(["roof"]))
    assert flags(passing, late, later) == [0]


def test_a_drone_whose_clock_is_wrong_is_no_replay() -> None:
    passing = gate()
    for second in range(30):
        assert flags(passing, rows(["a"], NOW + second, NOW + second - 700), NOW + second) == [0]


def drones(now_s: float, ahead_s: float, skews: Sequence[float]) -> Decoded:
    """A receiver whose clock is ahead, and drones whose clocks are late."""
    names = [f"drone {number}" for number in range(len(skews))]
    return rows(names, now_s + ahead_s, [now_s - skew for skew in skews])


def run(ahead_s: float, skews: Sequence[float], seconds: int = 45) -> tuple[Gate, list[int]]:
    passing, last = gate(), [0]
    for second in range(seconds):
        last = flags(passing, drones(NOW + second, ahead_s, skews), NOW + second)
    return passing, last


def test_a_skew_that_all_drones_share_with_the_arrival_is_the_receivers() -> None:
    passing, last = run(600.0, [0.5, 1.0, 1.8])
    assert last == [CLOCK] * 3
    health = passing.health(NOW + 45)[0]
    assert health.clock_ahead_s == pytest.approx(600.0)
    assert health.skew_s == pytest.approx(601.0)


def test_one_drone_is_enough_as_receive_times_are_the_receivers_own() -> None:
    passing, last = run(600.0, [0.5])
    assert last == [CLOCK]
    assert passing.health(NOW + 45)[0].skew_s is None  # of one drone nobody knows whose skew it is


def test_ghosts_do_not_make_a_good_receiver_look_wrong() -> None:
    passing, last = run(0.0, [600.0] * 15)
    assert last == [0] * 15
    assert passing.health(NOW + 45)[0].clock_ahead_s is None


def test_a_ghost_among_drones_of_a_wrong_receiver_keeps_its_own_skew() -> None:
    passing = gate()
    for second in range(45):
        passed = passing.admit(drones(NOW + second, 600.0, [0.5, 1.0, 1.8, 700.0]), NOW + second).detections
    assert passed.flags.tolist() == [CLOCK] * 4
    heard_s, said_s = put_right(passed.received_s, passed.time_s, np.full(4, NOW + 44))
    assert (heard_s - said_s).tolist() == pytest.approx([0.5, 1.0, 1.8, 700.0])


def test_a_receiver_that_is_whole_hours_late_is_found_though_the_hour_hides_it() -> None:
    passing, seen = gate(), []
    for second in range(60):
        now_s = NOW + second
        late = rows(["a", "b", "c"], now_s - 3600, now_s - 3600.5)  # message times are folded to the receive time
        seen.append(flags(passing, late, now_s))
    assert seen[0] == [STALE] * 3  # until it is known, it looks like old messages
    assert seen[-1] == [CLOCK] * 3


@pytest.mark.parametrize(("lag_s", "pace"), [(2000, 20.0), (2000, 1.1), (3600, 1.7)])
def test_a_backlog_that_drains_is_no_wrong_clock(lag_s: float, pace: float) -> None:
    passing = gate()
    for second in range(90):
        heard_s = NOW - lag_s + pace * second
        stale = NOW + second - heard_s > 299.5
        assert flags(passing, rows(["a", "b", "c"], heard_s, heard_s - 0.5), NOW + second) == [STALE * stale] * 3


def test_a_receiver_that_is_set_right_is_trusted_again() -> None:
    passing, _ = run(600.0, [0.5, 1.0, 1.8])
    for second in range(45, 60):
        last = flags(passing, drones(NOW + second, 0.0, [0.5, 1.0, 1.8]), NOW + second)
    assert last == [0, 0, 0]
    assert passing.health(NOW + 60)[0].clock_ahead_s is None


def test_retained_messages_are_marked_and_their_sensor_need_not_live() -> None:
    def decode(messages: Sequence[RawMessage], /) -> Decoded:
        made = rows([message.payload.decode() for message in messages], NOW, NOW)
        beats = tuple(Heartbeat(sensor="mast", logged_s=NOW) for _ in messages)
        reject = Reject(reason=RejectReason.NOT_JSON, detail="x", place="y", received_s=NOW)
        return Decoded(detections=made.detections, heartbeats=beats, rejects=(reject,))

    messages = [
        RawMessage(payload=b"a", received_s=NOW),
        RawMessage(payload=b"b", received_s=NOW, retained=True),
        RawMessage(payload=b"c", received_s=NOW),
    ]
    decoded = marking_retained(decode)(messages)
    assert decoded.detections.uas_id.tolist() == ["a", "b", "c"]
    assert decoded.detections.flags.tolist() == [0, STALE, 0]
    assert (len(decoded.heartbeats), decoded.ignored, len(decoded.rejects)) == (2, 1, 3)
    live = messages[::2]
    assert marking_retained(decode)(live).detections.flags.tolist() == [0, 0]
