"""A queue of the past beside what is live: kept whole by its own seconds, and in nobody's way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import Detections, Flag, texts
from airspace.model.message import Decoded, RejectReason
from airspace.model.sensor import Sensor
from receivers.gate import Gate
from receivers.gate.buckets import MOST_SPANS, Spans

NOW = 1_750_000_000.0
SENSORS = {"mast": Sensor(sensor_id="mast", name="mast", kind="remote_id")}
STALE = int(Flag.STALE)


def rows(names: list[str], received_s: Any, **columns: Any) -> Detections:
    n = len(names)
    given: dict[str, Any] = {
        "sensor": texts(["mast"] * n),
        "uas_id": texts(names),
        "received_s": np.broadcast_to(np.asarray(received_s, dtype=np.float64), (n,)).copy(),
        "latitude_deg": np.full(n, 52.3),
        "longitude_deg": np.full(n, 4.9),
    }
    return Detections.build(n, **(given | columns))


def gate() -> Gate:
    return Gate(SENSORS, accept_unknown_sensors=False)


def admit(passing: Gate, detections: Detections, now_s: float) -> Decoded:
    return passing.admit(Decoded(detections=detections), now_s)


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("lot", [1000, 4096])
def test_a_nights_queue_is_kept_whole_however_fast_it_comes(lot: int, *, here: bool) -> None:
    passing, kept = gate(), Counter[int]()
    heard_s = np.linspace(NOW - 8 * 3600, NOW - 400, 50_001)
    for at, first in enumerate(range(0, 50_001, lot)):
        part = heard_s[first : first + lot]
        where = 52.3 if here else 52.0 + np.arange(len(part)) % 20 * 0.1
        names = [f"drone {one % 50}" for one in range(len(part))]
        old = rows(names, part, latitude_deg=np.broadcast_to(np.asarray(where, dtype=float), part.shape).copy())
        live = rows(["live"], NOW + at * 0.1)
        admitted = admit(passing, Detections.concat([old, live]), NOW + at * 0.1)
        assert not admitted.rejects
        assert admitted.detections.flags[-1] == 0  # what is live, too
        kept.update(admitted.detections.flags.tolist())
    assert kept[STALE] == 50_001


def test_a_short_break_moves_tracks_with_what_is_left_over_and_the_rest_is_kept_as_evidence() -> None:
    passing = gate()
    names = [f"drone {one % 300}" for one in range(60_000)]
    old = rows(names, np.linspace(NOW - 290, NOW - 6, 60_000))
    admitted = admit(passing, Detections.concat([old, rows(["live"], NOW)]), NOW)
    assert not admitted.rejects
    assert admitted.detections.flags[-1] == 0
    followed = int(np.count_nonzero(admitted.detections.flags == 0)) - 1
    assert followed == 5000  # half of the burst stays for what is new
    fresh = admit(
        passing,
        rows([f"new {one}" for one in range(4000)], NOW + 0.1, latitude_deg=np.linspace(40, 52, 4000)),
        NOW + 0.1,
    )
    assert not fresh.rejects


def test_no_second_of_the_past_holds_more_than_one_of_the_present() -> None:
    passing = gate()
    kept = 0
    for turn in range(20):
        admitted = admit(passing, rows([f"ghost {turn} {one}" for one in range(1000)], NOW - 4000.0), NOW + turn)
        kept += len(admitted.detections)
    assert kept == 10_000  # five seconds of it
    assert passing.refused == {RejectReason.OVER_BUDGET: 10_000}
    assert passing.health(NOW + 20)[0].refused == {"over_budget": 10_000}


def test_a_forged_past_takes_nothing_from_the_present() -> None:
    passing = gate()
    for turn in range(50):
        now_s = NOW + turn * 0.1
        forged = rows([f"ghost {turn} {one}" for one in range(1000)], now_s - np.linspace(6, 299, 1000))
        admitted = admit(passing, Detections.concat([forged, rows(["drone"], now_s)]), now_s)
        assert admitted.detections.uas_id[-1] == "drone"
        assert admitted.detections.flags[-1] == 0
        # what is late moves no more tracks than half a burst and what the budget brings
    assert passing._budget._of_sensor.tokens[1] >= 4999


@pytest.mark.parametrize("forged_first", [True, False])
@pytest.mark.parametrize("apart", [True, False])
def test_a_forged_past_takes_no_room_from_the_past_of_the_known(*, forged_first: bool, apart: bool) -> None:
    passing = gate()
    for second in range(5):
        admit(passing, rows(["drone"], NOW + second), NOW + second)
    now_s = NOW + 5
    forged, own = rows([f"ghost {one}" for one in range(20_000)], now_s - 400.0), rows(["drone"] * 50, now_s - 400.0)
    parts = [forged, own] if forged_first else [own, forged]
    kept: list[str] = []
    for lot in parts if apart else [Detections.concat(parts)]:
        kept += admit(passing, lot, now_s).detections.uas_id.tolist()
    assert Counter(name[:5] for name in kept) == {"drone": 50, "ghost": 10_000}


def test_a_flood_of_the_present_is_refused_and_told() -> None:
    passing = gate()
    names = [f"ghost {one}" for one in range(50_000)]
    admitted = admit(passing, rows(names, NOW, latitude_deg=np.linspace(40, 52, 50_000)), NOW)
    assert len(admitted.detections) == 10_000
    assert sum(reject.count for reject in admitted.rejects) == 40_000


def test_the_past_is_remembered_within_bounds() -> None:
    spans = Spans(5.0, 10.0)
    for lot in range(20):
        at_s = NOW + np.arange(10_000, dtype=np.float64) * 5.0 + lot * 50_000.0
        assert spans.take(np.ones(10_000, dtype=np.intp), at_s, np.zeros(10_000, dtype=np.bool_)).all()
    assert len(spans._held) <= MOST_SPANS


def test_the_same_rows_pass_in_any_lots() -> None:
    heard_s = np.random.default_rng(1).uniform(NOW - 900, NOW, 3000)
    names = [f"drone {one % 40}" for one in range(3000)]

    def run(lot: int) -> list[float]:
        passing = Gate(SENSORS, accept_unknown_sensors=False, rows_per_second=3.0, burst_s=5.0)
        kept: list[float] = []
        for first in range(0, 3000, lot):
            part = rows(names[first : first + lot], heard_s[first : first + lot])
            past = part.take(part.received_s < NOW - 300)
            kept += admit(passing, past, NOW).detections.received_s.tolist() if len(past) else []
        return kept

    assert run(1) == run(7) == run(3000)
