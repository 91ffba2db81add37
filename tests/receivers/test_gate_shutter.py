"""The shutter: what is heard while it is closed is counted, and nothing of it is kept; and how sensors do."""

from __future__ import annotations

from datetime import UTC, datetime, time

import numpy as np
import pytest

from airspace.model.detection import Detections, texts
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, Reject, RejectReason
from airspace.model.sensor import Hours, Pause, Sensor
from receivers.gate import Gate


def at(text: str) -> float:
    """A time of the clock in Amsterdam, which is UTC+2 on this day in June and UTC+1 in January."""
    return datetime.fromisoformat(text).timestamp()


EVENING = Hours(days=frozenset({4, 5}), start=time(17, 0), end=time(1, 30))  # Friday and Saturday, over midnight
OPEN = at("2026-06-12T20:00+02:00")  # a Friday
CLOSED = at("2026-06-12T10:00+02:00")


def sensor(name: str, *, hours: tuple[Hours, ...] = (), pauses: tuple[Pause, ...] = ()) -> Sensor:
    return Sensor(sensor_id=name, name=name, kind="remote_id", hours=hours, pauses=pauses)


def gate(pauses: tuple[Pause, ...] = ()) -> Gate:
    sensors = {"mast": sensor("mast", hours=(EVENING,), pauses=pauses), "roof": sensor("roof")}
    return Gate(sensors, accept_unknown_sensors=False)


def rows(*heard: tuple[str, float]) -> Decoded:
    detections = Detections.build(
        len(heard),
        sensor=texts([name for name, _ in heard]),
        received_s=np.array([time_s for _, time_s in heard]),
        uas_id=texts(["canary"] * len(heard)),
        latitude_deg=np.full(len(heard), 52.3),
        longitude_deg=np.full(len(heard), 4.9),
    )
    return Decoded(detections=detections)


@pytest.mark.parametrize(
    ("moment", "listens"),
    [
        ("2026-06-12T16:59:59+02:00", False),
        ("2026-06-12T17:00:00+02:00", True),
        ("2026-06-13T01:29:59+02:00", True),  # Friday's
        ("2026-06-13T01:30:00+02:00", False),
        ("2026-06-14T01:00:00+02:00", True),  # Saturday's
        ("2026-06-14T18:00:00+02:00", False),  # a Sunday
        ("2026-06-15T01:00:00+02:00", False),
        ("2026-01-09T16:30:00+01:00", False),
        ("2026-01-09T17:30:00+01:00", True),
    ],
)
def test_hours_are_of_the_clock_at_the_place(moment: str, listens: bool) -> None:  # noqa: FBT001
    assert sensor("mast", hours=(EVENING,)).listens(at(moment)) is listens


def test_hours_of_another_place_and_of_one_day() -> None:
    hours = Hours(start=time(9), end=time(17), zone="Europe/Lisbon")
    noon = datetime(2026, 6, 12, 12, 0, tzinfo=UTC).timestamp()
    assert [hours.holds(noon + 3600 * shift) for shift in (-5, -4, 3, 4)] == [False, True, True, False]


def test_what_comes_outside_the_hours_is_counted_and_gone() -> None:
    admitted = gate().admit(rows(("mast", CLOSED), ("roof", CLOSED), ("mast", CLOSED)), CLOSED)
    assert admitted.detections.sensor.tolist() == ["roof"]
    (reject,) = admitted.rejects
    assert (reject.reason, reject.sensor, reject.count, reject.payload) == (RejectReason.SHUTTERED, "mast", 2, b"")
    assert "canary" not in repr(reject)
    assert "52.3" not in repr(reject)


def test_what_was_heard_outside_the_hours_does_not_pass_later() -> None:
    admitted = gate().admit(rows(("mast", CLOSED), ("mast", OPEN), ("roof", CLOSED)), OPEN)
    assert list(zip(admitted.detections.sensor, admitted.detections.received_s, strict=True)) == [
        ("mast", OPEN),
        ("roof", CLOSED),
    ]


def test_a_pause_closes_to_the_instant_and_ends_by_itself() -> None:
    pause = Pause(start_s=OPEN + 0.5, end_s=OPEN + 900.5, by="team 3")
    passing = gate((pause,))
    times = [OPEN + 0.4, OPEN + 0.5, OPEN + 900.4, OPEN + 900.5]
    assert [len(passing.admit(rows(("mast", one)), one).detections) for one in times] == [1, 0, 0, 1]
    later = OPEN + 1000
    admitted = passing.admit(rows(*(("mast", one) for one in times)), later)
    assert admitted.detections.received_s.tolist() == [times[0], times[3]]


def test_heartbeats_and_unreadable_messages_of_a_closed_sensor_leave_nothing_either() -> None:
    def reject(name: str | None) -> Reject:
        return Reject(
            reason=RejectReason.NOT_JSON, detail="canary", place="", received_s=CLOSED, sensor=name, payload=b"canary"
        )

    beats = tuple(Heartbeat(sensor=name, logged_s=CLOSED) for name in ("mast", "roof"))
    told = Decoded(heartbeats=beats, rejects=(reject("mast"), reject("roof"), reject(None)))
    admitted = gate().admit(told, CLOSED)
    assert [beat.sensor for beat in admitted.heartbeats] == ["roof"]
    kept = {(one.sensor, one.reason): one.payload for one in admitted.rejects}
    assert kept == {
        ("roof", RejectReason.NOT_JSON): b"canary",
        (None, RejectReason.NOT_JSON): b"",  # it may be from behind the closed shutter
        ("mast", RejectReason.SHUTTERED): b"",
    }
    assert sum(one.count for one in admitted.rejects if one.reason is RejectReason.SHUTTERED) == 2
    assert gate().admit(told, OPEN).rejects == told.rejects


def test_another_registry_counts_from_now_on() -> None:
    passing = gate()
    assert len(passing.admit(rows(("mast", OPEN)), OPEN).detections) == 1
    paused = sensor("mast", hours=(EVENING,), pauses=(Pause(start_s=OPEN, end_s=OPEN + 900, by="team 3"),))
    passing.know({"mast": paused})
    assert len(passing.admit(rows(("mast", OPEN + 1)), OPEN + 1).detections) == 0


def test_health_tells_rate_heartbeat_noise_and_what_was_refused() -> None:
    passing = gate()
    for second in range(300):
        passing.admit(rows(*[("roof", CLOSED + second)] * 4, ("mast", CLOSED + second)), CLOSED + second)
    beat = Heartbeat(sensor="roof", logged_s=CLOSED, noise_floor_dbm=-97.5)
    passing.admit(Decoded(heartbeats=(beat,)), CLOSED + 300)
    mast, roof = passing.health(CLOSED + 300)
    assert roof.rows_per_s == pytest.approx(4.0, rel=0.05)
    assert mast.rows_per_s == pytest.approx(1.0, rel=0.05)
    assert (roof.heard_s, roof.heartbeat_s, roof.noise_floor_dbm) == (CLOSED + 299, CLOSED + 300, -97.5)
    assert (roof.listens, mast.listens, mast.refused) == (True, False, {"shuttered": 300})
    assert passing.health(CLOSED + 900)[1].rows_per_s < 0.01
